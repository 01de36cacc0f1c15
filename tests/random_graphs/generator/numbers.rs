//! Numbers that depend on a seed alone.

pub struct Numbers(u64);

impl Numbers {
    /// Another stream for each seed and each number.
    pub fn seeded(seed: u64, number: usize) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ (number as u64).wrapping_mul(0xaef1_7502_108e_f2d9))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub fn any<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}
