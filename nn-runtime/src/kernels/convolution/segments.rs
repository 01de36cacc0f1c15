//! Which taps of a window reach the input, axis by axis.
//!
//! What lies in the padding is neither read nor multiplied: along each axis the places are grouped into segments whose
//! windows have the same taps inside of the input, and a region of an image is a segment of each axis.
//!
//! The transposed convolution asks from the other side: input `i` is read by output `o` through tap `t` where
//! `o·stride + t·dilation = i + before`. The inputs fall into classes modulo the stride; within a class the taps are every
//! `stride / gcd(stride, dilation)`-th, and from one input to the next the output moves on by one, so that it is again a
//! window, over the outputs and with a stride of one.

use crate::geometry::Axis;

/// From which side a convolution is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The results are the outputs, the sources the inputs.
    Forward,
    /// The results are the inputs, the sources the outputs.
    Backward,
}

/// Places with the same taps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The first place, along the result.
    pub first: usize,
    /// From one place to the next.
    pub step: usize,
    /// How many places there are.
    pub count: usize,
    /// The first tap.
    pub tap: usize,
    /// From one tap to the next; backwards it wraps around.
    pub tap_step: usize,
    /// How many taps there are; there may be none.
    pub taps: usize,
    /// What the first tap of the first place reads.
    pub source: usize,
    /// From one place to the next, in what is read.
    pub source_step: usize,
    /// From one tap to the next, in what is read.
    pub source_tap: usize,
}

/// The segments of an axis, which together are every place of the result, each once.
pub(super) fn segments(axis: Axis, direction: Direction) -> impl Iterator<Item = Segment> {
    let classes = match direction {
        Direction::Forward => 1,
        Direction::Backward => axis.stride.min(axis.input),
    };
    (0..classes).flat_map(move |class| Class::new(axis, direction, class))
}

/// Places whose windows have the same taps but for the ends: tap `m` of place `q` reads
/// `offset + q·source_step + m·source_tap`, if that is in `0..sources`. Iterates over its segments.
struct Class {
    first: usize,
    step: usize,
    count: usize,
    tap: usize,
    tap_step: usize,
    taps: usize,
    offset: isize,
    source_step: usize,
    source_tap: usize,
    sources: usize,
    /// The next place.
    next: usize,
}

impl Class {
    fn new(axis: Axis, direction: Direction, class: usize) -> Self {
        match direction {
            Direction::Forward => Self {
                first: 0,
                step: 1,
                count: axis.output,
                tap: 0,
                tap_step: 1,
                taps: axis.size,
                offset: -(axis.before as isize),
                source_step: axis.stride,
                source_tap: axis.dilation,
                sources: axis.input,
                next: 0,
            },
            Direction::Backward => Self::transposed(axis, class),
        }
    }

    fn transposed(axis: Axis, class: usize) -> Self {
        let every = axis.stride / gcd(axis.stride, axis.dilation);
        let padded = class + axis.before;
        // The taps that meet the class are `every` apart; they are taken from the last to the first, so that the sources
        // come in ascending order.
        let first = (0..every.min(axis.size))
            .find(|t| (padded + t * (axis.stride - 1) * axis.dilation).is_multiple_of(axis.stride));
        let taps = first.map_or(0, |first| (axis.size - first).div_ceil(every));
        let tap = first.map_or(0, |first| first + (taps - 1) * every);
        Self {
            first: class,
            step: axis.stride,
            count: (axis.input - class).div_ceil(axis.stride),
            tap,
            tap_step: every.wrapping_neg(),
            taps,
            offset: (padded as isize - (tap * axis.dilation) as isize).div_euclid(axis.stride as isize),
            source_step: 1,
            source_tap: axis.dilation * every / axis.stride,
            sources: axis.output,
            next: 0,
        }
    }

    /// The taps of place `q` that are inside: from the first to before the second.
    fn inside(&self, q: usize) -> (usize, usize) {
        let at = self.offset + (q * self.source_step) as isize;
        // The number of taps that read what is below a bound.
        let below = |bound: isize| ((bound - at).max(0) as usize).div_ceil(self.source_tap).min(self.taps);
        (below(0), below(self.sources as isize))
    }

    /// Behind the last place from `q` on that has the same taps as it.
    fn end(&self, q: usize) -> usize {
        let inside = self.inside(q);
        if self.taps == 0 {
            return self.count;
        }
        if inside == (0, self.taps) {
            let last = (self.taps - 1) * self.source_tap;
            let room = self.sources as isize - 1 - self.offset - last as isize;
            return (room as usize / self.source_step + 1).min(self.count);
        }
        (q + 1..self.count).find(|&q| self.inside(q) != inside).unwrap_or(self.count)
    }
}

impl Iterator for Class {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        let q = self.next;
        if q == self.count {
            return None;
        }
        let (from, to) = self.inside(q);
        self.next = self.end(q);
        let source = self.offset + (q * self.source_step + from * self.source_tap) as isize;
        Some(Segment {
            first: self.first + q * self.step,
            step: self.step,
            count: self.next - q,
            tap: self.tap.wrapping_add(from.wrapping_mul(self.tap_step)),
            tap_step: self.tap_step,
            taps: to - from,
            source: if to > from { source as usize } else { 0 },
            source_step: self.source_step,
            source_tap: self.source_tap,
        })
    }
}

const fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `(result, tap, source)` of an axis, by its definition.
    fn pairs(axis: Axis, direction: Direction) -> Vec<(usize, usize, usize)> {
        let mut pairs = Vec::new();
        for output in 0..axis.output {
            for tap in 0..axis.size {
                let input = (output * axis.stride + tap * axis.dilation).wrapping_sub(axis.before);
                if input < axis.input {
                    pairs.push(match direction {
                        Direction::Forward => (output, tap, input),
                        Direction::Backward => (input, tap, output),
                    });
                }
            }
        }
        pairs.sort_unstable();
        pairs
    }

    fn assert_covers(axis: Axis, direction: Direction) {
        let (mut found, mut places) = (Vec::new(), Vec::new());
        for s in segments(axis, direction) {
            assert!(s.count > 0, "{axis:?} {s:?}");
            for q in 0..s.count {
                let place = s.first + q * s.step;
                places.push(place);
                for m in 0..s.taps {
                    let tap = s.tap.wrapping_add(m.wrapping_mul(s.tap_step));
                    found.push((place, tap, s.source + q * s.source_step + m * s.source_tap));
                }
            }
        }
        found.sort_unstable();
        places.sort_unstable();
        assert_eq!(found, pairs(axis, direction), "{axis:?} {direction:?}");
        let results = if direction == Direction::Forward { axis.output } else { axis.input };
        assert_eq!(places, (0..results).collect::<Vec<_>>(), "{axis:?} {direction:?}");
    }

    #[test]
    fn segments_are_what_the_definition_says() {
        for (input, size, stride, dilation) in windows() {
            for before in 0..size * dilation {
                for after in 0..size * dilation {
                    if input + before + after > dilation * (size - 1) {
                        let axis = Axis::new(input, size, stride, dilation, before, after);
                        assert_covers(axis, Direction::Forward);
                        assert_covers(axis, Direction::Backward);
                    }
                }
            }
        }
    }

    fn windows() -> impl Iterator<Item = (usize, usize, usize, usize)> {
        let inputs = [1, 2, 3, 5, 8, 13];
        let sizes = (1..=5).flat_map(|size| (1..=4).map(move |stride| (size, stride)));
        sizes.flat_map(move |(size, stride)| {
            inputs.into_iter().flat_map(move |input| (1..=3).map(move |dilation| (input, size, stride, dilation)))
        })
    }

    /// Interiors are one segment each, however large.
    #[test]
    fn an_axis_has_few_segments() {
        let axis = Axis::new(1_000_000, 3, 1, 1, 1, 1);
        assert_eq!(segments(axis, Direction::Forward).count(), 3);
        assert_eq!(segments(axis, Direction::Backward).count(), 3);
        let valid = Axis::new(1_000_000, 3, 2, 1, 0, 0);
        assert_eq!(segments(valid, Direction::Forward).count(), 1);
    }
}
