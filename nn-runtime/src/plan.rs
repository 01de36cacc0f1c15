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
}

impl<const N: usize> Plan<N> {
    /// Places the largest values first, each at the lowest offset that is free while it is alive.
    #[must_use]
    pub const fn new(values: [Lifetime; N]) -> Self {
        let mut regions = [Region { offset: 0, len: 0 }; N];
        let mut placed = [false; N];
        let mut size = 0;
        let mut count = 0;
        while count < N {
            let next = largest(&values, &placed);
            let offset = lowest_offset(&values, &regions, &placed, next);
            regions[next] = Region { offset, len: values[next].len };
            placed[next] = true;
            let end = offset + aligned(values[next].len);
            if end > size {
                size = end;
            }
            count += 1;
        }
        Self { regions, size }
    }
}

/// The largest value without a place.
const fn largest<const N: usize>(values: &[Lifetime; N], placed: &[bool; N]) -> usize {
    let mut best = N;
    let mut i = 0;
    while i < N {
        if !placed[i] && (best == N || values[i].len > values[best].len) {
            best = i;
        }
        i += 1;
    }
    best
}

/// The lowest offset at which value `this` overlaps none of the placed values that are alive with it.
const fn lowest_offset<const N: usize>(
    values: &[Lifetime; N],
    regions: &[Region; N],
    placed: &[bool; N],
    this: usize,
) -> usize {
    let mut offset = 0;
    let mut i = 0;
    while i < N {
        let end = regions[i].offset + aligned(regions[i].len);
        let alive_together = values[i].first <= values[this].last && values[this].first <= values[i].last;
        let overlaps = regions[i].offset < offset + aligned(values[this].len) && offset < end;
        if placed[i] && alive_together && overlaps {
            offset = end;
            i = 0;
        } else {
            i += 1;
        }
    }
    offset
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

    #[test]
    fn values_alive_together_never_overlap_and_start_aligned() {
        let mut state = 1_u64;
        let mut random = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % n) as usize
        };
        for _ in 0..200 {
            let values: [Lifetime; 12] = core::array::from_fn(|_| {
                let first = random(10);
                alive(1 + random(200), first, first + random(6))
            });
            let plan = Plan::new(values);
            for i in 0..12 {
                assert_eq!(plan.regions[i].offset % crate::ALIGN, 0);
                assert!(plan.regions[i].offset + plan.regions[i].len <= plan.size);
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
    fn chunks_are_whole_tiles_within_the_cache() {
        assert_eq!(chunk(0, 0), 96);
        assert_eq!(chunk(128, 101_770), 96);
        assert_eq!(chunk(8192, 20_000_000), 96);
        assert_eq!(chunk(1000, 1000), 24);
        assert_eq!(chunk(1 << 23, 1000), 1);
    }
}
