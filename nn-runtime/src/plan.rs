//! Where each value of a network lies in its workspace.

use crate::buffer::aligned;

/// A value that a pass computes: its size, and the steps between which it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Values per sample.
    pub len: usize,
    /// The step that writes it.
    pub first: usize,
    /// The last step that reads it.
    pub last: usize,
}

/// Where a value lies: in values per sample, so that it serves workspaces of any number of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Values per sample before it.
    pub offset: usize,
    /// Values per sample.
    pub len: usize,
}

impl Region {
    /// A region of nothing.
    pub const EMPTY: Self = Self { offset: 0, len: 0 };

    /// Its place in a workspace made for `capacity` samples, of which the pass has `samples`.
    #[inline]
    #[must_use]
    pub const fn range(self, capacity: usize, samples: usize) -> core::ops::Range<usize> {
        let start = self.offset * capacity;
        start..start + self.len * samples
    }
}

/// The places of the `N` values of a pass: those that are alive at the same step do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan<const N: usize> {
    /// A place for each value, in the order given.
    pub regions: [Region; N],
    /// Values per sample in all.
    pub size: usize,
    /// The most that is alive at one step: no plan could have a smaller [`size`](Self::size).
    pub bound: usize,
}

impl<const N: usize> Plan<N> {
    /// Places one value after the other, each where there is room while it is alive. Three orders are tried, until one gives
    /// the smallest plan that there is:
    ///
    /// - in the order of first use, by turns as low and as high as possible: a chain needs no more than two neighbours;
    /// - what is large for long first, each as low as possible; and again, a few times, with the value at the top, which had to
    ///   lie above the others, before all others;
    /// - in the order of first use, each as low as possible.
    ///
    /// The time grows with N² at worst. For 1500 values the compiler needs about a second, and up to five if none of the orders is
    /// perfect.
    #[must_use]
    pub const fn new(values: [Lifetime; N]) -> Self {
        let (births, deaths) = (sorted(&firsts(&values)), sorted(&lasts(&values)));
        let bound = most_alive(&values, &births, &deaths);
        let mut best = place(&values, &births, Some(&deaths), bound, true);
        if best.size > bound {
            best = smaller(best, mended(&values, sorted(&areas_down(&values)), bound));
        }
        if best.size > bound {
            best = smaller(best, place(&values, &births, Some(&deaths), bound, false));
        }
        best
    }
}

impl<const N: usize> Plan<N> {
    /// The plan of values of these lengths that are all alive all the time: one behind the other.
    #[must_use]
    pub const fn side_by_side(lens: [usize; N]) -> Self {
        let mut plan = Self { regions: [Region::EMPTY; N], size: 0, bound: 0 };
        let mut i = 0;
        while i < N {
            // What has no values lies where it can be within nothing else.
            let offset = if lens[i] > 0 { plan.size } else { 0 };
            plan.regions[i] = Region { offset, len: lens[i] };
            plan.size += aligned(lens[i]);
            i += 1;
        }
        plan.bound = plan.size;
        plan
    }
}

/// The smaller plan of two, the first if they are equal.
const fn smaller<const N: usize>(a: Plan<N>, b: Plan<N>) -> Plan<N> {
    if b.size < a.size { b } else { a }
}

/// The smallest plan of several: each in the order of the one before, but with the value at its top before all others.
const fn mended<const N: usize>(values: &[Lifetime; N], mut order: [usize; N], bound: usize) -> Plan<N> {
    const MOST: usize = 16;
    // A plan of many values takes the compiler long.
    const WORK: usize = 4096;
    let mut best = place(values, &order, None, bound, false);
    let (mut last, mut tries) = (best, 0);
    while best.size > bound && tries < MOST && tries * N < WORK {
        let highest = top(&last, &order);
        put_first(&mut order, highest);
        last = place(values, &order, None, bound, false);
        best = smaller(best, last);
        tries += 1;
    }
    best
}

/// The place in `order` of the first value that reaches the top of a plan.
const fn top<const N: usize>(plan: &Plan<N>, order: &[usize; N]) -> usize {
    let mut i = 0;
    while i + 1 < N {
        let Region { offset, len } = plan.regions[order[i]];
        if offset + aligned(len) == plan.size {
            break;
        }
        i += 1;
    }
    i
}

/// Moves the entry at `place` before all others.
const fn put_first<const N: usize>(order: &mut [usize; N], mut place: usize) {
    let first = order[place];
    while place > 0 {
        order[place] = order[place - 1];
        place -= 1;
    }
    order[0] = first;
}

/// Places the values in this order, each as low as possible, or if `alternate` every other one as high as possible below
/// `bound`. `deaths` is their order of last use if `order` is that of first use: what is dead is in nobody's way then.
const fn place<const N: usize>(
    values: &[Lifetime; N],
    order: &[usize; N],
    deaths: Option<&[usize; N]>,
    bound: usize,
    alternate: bool,
) -> Plan<N> {
    let mut plan = Plan { regions: [Region::EMPTY; N], size: 0, bound };
    let mut placed = Placed::<N>::new();
    let (mut i, mut dead, mut high) = (0, 0, false);
    while i < N {
        let (value, lifetime) = (order[i], values[order[i]]);
        let len = aligned(lifetime.len);
        if let Some(deaths) = deaths {
            dead = placed.bury(values, deaths, dead, lifetime.first);
        }
        // What has no values may lie anywhere.
        if len > 0 {
            let gap = if high { placed.highest(lifetime, len, bound) } else { None };
            let (offset, above) = match gap {
                Some(gap) => gap,
                None => placed.lowest(lifetime, len),
            };
            plan.regions[value] = Region { offset, len: lifetime.len };
            placed.insert(value, lifetime, offset, offset + len, above);
            if offset + len > plan.size {
                plan.size = offset + len;
            }
            high = alternate && !high;
        }
        i += 1;
    }
    plan
}

/// A value in the list of those that have a place. It is copied as a whole where it is read: the compiler, which runs this,
/// takes its time for each access to an array.
#[derive(Clone, Copy)]
struct Node {
    first: usize,
    last: usize,
    start: usize,
    end: usize,
    up: usize,
    down: usize,
}

/// The values that have a place, by their offsets: a list in both directions, in which `N` is none.
struct Placed<const N: usize> {
    nodes: [Node; N],
    lowest: usize,
    highest: usize,
}

impl<const N: usize> Placed<N> {
    const fn new() -> Self {
        Self { nodes: [Node { first: 0, last: 0, start: 0, end: 0, up: N, down: N }; N], lowest: N, highest: N }
    }

    /// The lowest offset at which `this`, of `len` values, overlaps none of those that are alive with it, and the value below
    /// which it stands in the list.
    ///
    /// The way goes up: a value in the way moves the offset for good, and the first one above ends the search.
    const fn lowest(&self, this: Lifetime, len: usize) -> (usize, usize) {
        let Lifetime { first, last, .. } = this;
        let (mut offset, mut end, mut above, mut other) = (0, len, self.lowest, self.lowest);
        while other < N {
            let node = self.nodes[other];
            if node.first <= last && first <= node.last {
                if node.start >= end {
                    break;
                }
                if node.end > offset {
                    offset = node.end;
                    end = offset + len;
                }
            }
            other = node.up;
            if node.start <= offset {
                above = other;
            }
        }
        (offset, above)
    }

    /// The highest such offset below `limit`, if there is one.
    ///
    /// The way goes down, to the end: a value that starts lower than another may end higher.
    const fn highest(&self, this: Lifetime, len: usize, mut limit: usize) -> Option<(usize, usize)> {
        let Lifetime { first, last, .. } = this;
        let (mut above, mut other) = (N, self.highest);
        while other < N && limit >= len {
            let node = self.nodes[other];
            let in_time = node.first <= last && first <= node.last;
            if in_time && node.end + len > limit && node.start < limit {
                limit = node.start;
            }
            if node.start + len > limit {
                above = other;
            }
            other = node.down;
        }
        if limit >= len { Some((limit - len, above)) } else { None }
    }

    /// Takes the values out that nobody reads from step `now` on; `dead` of them are out already.
    const fn bury(&mut self, values: &[Lifetime; N], deaths: &[usize; N], mut dead: usize, now: usize) -> usize {
        while dead < N && values[deaths[dead]].last < now {
            if values[deaths[dead]].len > 0 {
                let Node { up, down, .. } = self.nodes[deaths[dead]];
                self.link(down, up);
            }
            dead += 1;
        }
        dead
    }

    /// Makes two nodes neighbours, or one of them the end of the list.
    const fn link(&mut self, down: usize, up: usize) {
        if up == N {
            self.highest = down;
        } else {
            self.nodes[up].down = down;
        }
        if down == N {
            self.lowest = up;
        } else {
            self.nodes[down].up = up;
        }
    }

    const fn insert(
        &mut self,
        value: usize,
        Lifetime { first, last, .. }: Lifetime,
        start: usize,
        end: usize,
        up: usize,
    ) {
        let down = if up == N { self.highest } else { self.nodes[up].down };
        self.nodes[value] = Node { first, last, start, end, up, down };
        self.link(down, value);
        self.link(value, up);
    }
}

/// The largest sum of aligned lengths that are alive at one step. It is reached where some value comes to life.
const fn most_alive<const N: usize>(values: &[Lifetime; N], births: &[usize; N], deaths: &[usize; N]) -> usize {
    let (mut alive, mut most, mut dead, mut i) = (0, 0, 0, 0);
    while i < N {
        let born = values[births[i]];
        while dead < N && values[deaths[dead]].last < born.first {
            alive -= aligned(values[deaths[dead]].len);
            dead += 1;
        }
        alive += aligned(born.len);
        if alive > most {
            most = alive;
        }
        i += 1;
    }
    most
}

/// Keys by which the value that takes the most room for the most steps is the first.
const fn areas_down<const N: usize>(values: &[Lifetime; N]) -> [usize; N] {
    let mut keys = [0; N];
    let mut i = 0;
    while i < N {
        let Lifetime { len, first, last } = values[i];
        keys[i] = usize::MAX - len.saturating_mul(last + 1 - first);
        i += 1;
    }
    keys
}

const fn firsts<const N: usize>(values: &[Lifetime; N]) -> [usize; N] {
    let mut keys = [0; N];
    let mut i = 0;
    while i < N {
        keys[i] = values[i].first;
        i += 1;
    }
    keys
}

const fn lasts<const N: usize>(values: &[Lifetime; N]) -> [usize; N] {
    let mut keys = [0; N];
    let mut i = 0;
    while i < N {
        keys[i] = values[i].last;
        i += 1;
    }
    keys
}

/// The indices of the keys from the smallest to the largest, equal ones in their order: a merge sort from below.
const fn sorted<const N: usize>(keys: &[usize; N]) -> [usize; N] {
    let mut order = [0; N];
    let mut i = 0;
    while i < N {
        order[i] = i;
        i += 1;
    }
    let mut width = 1;
    while width < N {
        order = merged(keys, &order, width);
        width *= 2;
    }
    order
}

/// The same order with each two neighbouring runs of `width` merged.
const fn merged<const N: usize>(keys: &[usize; N], order: &[usize; N], width: usize) -> [usize; N] {
    let mut merged = [0; N];
    let (mut left, mut right, mut at) = (0, width, 0);
    while at < N {
        let start = at - at % (2 * width);
        if at == start {
            (left, right) = (start, start + width);
        }
        let left_is_over = left == start + width || left >= N;
        let right_is_over = right >= N || right == start + 2 * width;
        let from_left = right_is_over || (!left_is_over && keys[order[left]] <= keys[order[right]]);
        let from = if from_left { &mut left } else { &mut right };
        merged[at] = order[*from];
        *from += 1;
        at += 1;
    }
    merged
}

/// How many samples inference takes through the whole network at a time, for a network whose workspace takes `size` values
/// a sample and which has `params` parameters.
///
/// The activations of a chunk should stay in the first caches. Where the weights do not fit there either, more samples
/// share each reading of them, until the activations take as much room as the weights do.
#[must_use]
pub const fn chunk(size: usize, params: usize) -> usize {
    const MOST: usize = 96;
    const CACHE: usize = 1 << 15;
    const MEMORY: usize = 1 << 22;
    let budget = match params {
        ..CACHE => CACHE,
        CACHE..MEMORY => params,
        MEMORY.. => MEMORY,
    };
    let samples = match budget.checked_div(size) {
        Some(samples) => samples,
        None => MOST,
    };
    match samples {
        0 => 1,
        1..12 => samples,
        12..MOST => samples - samples % 12,
        _ => MOST,
    }
}

/// A workspace's memory while a pass runs: regions of one plan, for a number of samples.
pub struct Arena<'a, T> {
    values: &'a mut [T],
    capacity: usize,
    samples: usize,
}

impl<'a, T> Arena<'a, T> {
    /// The arena of `samples ≤ capacity` samples in memory that was made for `capacity`.
    #[inline]
    pub fn new(values: &'a mut [T], capacity: usize, samples: usize) -> Self {
        Self { values, capacity, samples }
    }

    /// How many samples the pass has.
    #[inline]
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The values at `regions`, a column a sample.
    ///
    /// # Panics
    /// If two regions overlap, which those of one plan do not while they are alive.
    #[inline]
    pub fn views<const N: usize>(&mut self, regions: [Region; N]) -> [&mut [T]; N] {
        let ranges = regions.map(|region| region.range(self.capacity, self.samples));
        self.values.get_disjoint_mut(ranges).expect("values that are alive together lie apart")
    }

    /// The region as an arena of its own, for a part of the network that has a plan of its own. As it is made for the samples
    /// of this pass, what lies in it is aligned as in any arena.
    #[inline]
    pub fn sub(&mut self, region: Region) -> Arena<'_, T> {
        let samples = self.samples;
        let [values] = self.views([region]);
        Arena::new(values, samples, samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn alive(len: usize, first: usize, last: usize) -> Lifetime {
        Lifetime { len, first, last }
    }

    #[test]
    fn a_chain_needs_its_two_largest_neighbours() {
        const PLAN: Plan<4> = Plan::new([alive(64, 0, 1), alive(32, 1, 2), alive(64, 2, 3), alive(16, 3, 4)]);
        assert_eq!(PLAN.size, 96);
        assert_eq!(PLAN.regions[0], Region { offset: 0, len: 64 });
        assert_eq!(PLAN.regions[2], Region { offset: 0, len: 64 });
    }

    /// Numbers below `n` that look random.
    fn random() -> impl FnMut(u64) -> usize {
        let mut state = 1_u64;
        move |n| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % n) as usize
        }
    }

    /// Values of random sizes, one in ten without any, and random lifetimes.
    fn random_values<const N: usize>(random: &mut impl FnMut(u64) -> usize) -> [Lifetime; N] {
        core::array::from_fn(|_| {
            let first = random(10);
            alive(if random(10) == 0 { 0 } else { 1 + random(200) }, first, first + random(6))
        })
    }

    #[test]
    fn the_bound_is_what_is_alive_at_the_worst_step() {
        let mut random = random();
        for _ in 0..200 {
            let values: [Lifetime; 12] = random_values(&mut random);
            let plan = Plan::new(values);
            let at = |step: usize| {
                let alive = values.iter().filter(|value| value.first <= step && step <= value.last);
                alive.map(|value| aligned(value.len)).sum::<usize>()
            };
            assert_eq!(plan.bound, (0..16).map(at).max().unwrap(), "{values:?}");
            assert!(plan.size >= plan.bound, "{values:?}");
        }
    }

    #[test]
    fn the_bound_of_a_chain_is_reached() {
        let mut random = random();
        for _ in 0..200 {
            let chain: [Lifetime; 20] = core::array::from_fn(|step| alive(1 + random(300), step, step + 1));
            let plan = Plan::new(chain);
            assert_eq!(plan.size, plan.bound, "{chain:?}");
        }
    }

    /// Values that come and go at random are placed with little more than must be.
    #[test]
    fn hardly_anything_is_wasted() {
        let mut random = random();
        let plans: [_; 100] = core::array::from_fn(|_| Plan::new(random_values::<40>(&mut random)));
        let sum = |value: fn(&Plan<40>) -> usize| plans.iter().map(value).sum::<usize>() as f64;
        let waste = sum(|plan| plan.size) / sum(|plan| plan.bound) - 1.0;
        assert!(waste < 0.015, "{waste}");
    }

    /// The values of the training of a deep chain: each forward value lives until its backward step.
    const fn deep<const N: usize>() -> [Lifetime; N] {
        let mut values = [alive(0, 0, 0); N];
        let mut i = 0;
        while i < N / 2 {
            values[i] = alive(16 * (1 + i * 7 % 64), i, N - i);
            values[N - 1 - i] = alive(16 * (1 + i * 7 % 64), N - 1 - i, N - i);
            i += 1;
        }
        values
    }

    /// The compiler gives up on what takes it too long, so that this compiles says something.
    #[test]
    fn a_network_of_more_than_a_thousand_values_is_planned_by_the_compiler() {
        const PLAN: Plan<1500> = Plan::new(deep());
        const { assert!(PLAN.size >= PLAN.bound && PLAN.size < PLAN.bound + PLAN.bound / 20) };
    }

    #[test]
    fn values_alive_together_never_overlap_and_start_aligned() {
        let mut random = random();
        for _ in 0..200 {
            let values: [Lifetime; 12] = random_values(&mut random);
            let plan = Plan::new(values);
            for i in 0..12 {
                assert_eq!(plan.regions[i].offset % crate::ALIGN, 0);
                assert!(plan.regions[i].offset + plan.regions[i].len <= plan.size);
                assert_eq!(plan.regions[i].len, values[i].len);
                for j in 0..i {
                    let together = values[i].first <= values[j].last && values[j].first <= values[i].last;
                    let (a, b) = (plan.regions[i], plan.regions[j]);
                    let overlap = a.offset < b.offset + b.len && b.offset < a.offset + a.len;
                    assert!(!(together && overlap), "{values:?} {plan:?}");
                }
            }
        }
    }

    #[test]
    fn values_side_by_side_start_aligned() {
        let plan = Plan::side_by_side([3, 0, 16, 17]);
        assert_eq!(plan.regions.map(|region| (region.offset, region.len)), [(0, 3), (0, 0), (16, 16), (32, 17)]);
        assert_eq!((plan.size, plan.bound), (64, 64));
    }

    #[test]
    fn a_region_is_an_arena_for_the_samples_of_the_pass() {
        let mut values: Vec<usize> = (0..64 * 5).collect();
        let mut arena = Arena::new(&mut values, 5, 3);
        let mut sub = arena.sub(Region { offset: 16, len: 48 });
        assert_eq!(sub.samples(), 3);
        let [a, b] = sub.views([Region { offset: 0, len: 2 }, Region { offset: 16, len: 32 }]);
        assert_eq!((a.len(), a[0], b.len(), b[0]), (6, 80, 96, 80 + 48));
        assert_eq!(arena.views([Region::EMPTY, Region { offset: 0, len: 64 }]).map(|view| view.len()), [0, 192]);
    }

    #[test]
    fn chunks_are_whole_tiles_within_the_cache() {
        assert_eq!(chunk(0, 0), 96);
        assert_eq!(chunk(128, 101_770), 96);
        assert_eq!(chunk(8192, 20_000_000), 96);
        assert_eq!(chunk(1000, 1000), 24);
        assert_eq!(chunk(1 << 23, 1000), 1);
    }
}
