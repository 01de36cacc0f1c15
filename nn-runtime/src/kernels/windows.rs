//! Where the windows of a pool stand: which inputs each one covers, with what lies outside cut off.

use crate::geometry::{Axis, Extent, Window};
use crate::simd::Simd;

/// The windows of a pool, and by what a mean over one of them divides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Windows {
    /// A window that slides.
    Sliding(Window, Divisor),
    /// Bins that cover the input evenly: output `o` has the inputs from `⌊o·input/output⌋` up to `⌈(o + 1)·input/output⌉`.
    Bins {
        /// D, H, W.
        input: [usize; 3],
        /// As many bins along each.
        output: [usize; 3],
    },
}

/// By what a sum over a window is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// How many taps lie in the input or its padding.
    Padded,
    /// How many taps lie in the input.
    Inside,
    /// Nothing.
    One,
}

impl Windows {
    /// The sizes of what the windows stand on.
    pub(crate) const fn input(&self, channels: usize) -> Extent {
        match self {
            Self::Sliding(window, _) => window.input(channels),
            Self::Bins { input, .. } => Extent { channels, axes: *input },
        }
    }

    /// The sizes of what they give.
    pub(crate) const fn output(&self, channels: usize) -> Extent {
        match self {
            Self::Sliding(window, _) => window.output(channels),
            Self::Bins { output, .. } => Extent { channels, axes: *output },
        }
    }

    /// Whether no input lies in two windows.
    pub(super) fn are_disjoint(&self) -> bool {
        match self {
            Self::Sliding(window, _) => window.axes.iter().all(|axis| axis.output == 1 || axis.stride >= axis.extent()),
            Self::Bins { input, output } => (0..3).all(|axis| input[axis].is_multiple_of(output[axis])),
        }
    }

    /// Whether every input lies in one window, and only there.
    pub(super) fn are_partition(&self) -> bool {
        let is_covered = |axis: &Axis| {
            let side_by_side = axis.output == 1 || axis.stride == axis.size;
            side_by_side && axis.dilation == 1 && axis.before == 0 && axis.output * axis.size == axis.input
        };
        match self {
            Self::Sliding(window, _) => window.axes.iter().all(is_covered),
            // Bins leave nothing out.
            Self::Bins { .. } => self.are_disjoint(),
        }
    }

    /// The window of output `o` along one axis.
    #[inline(always)]
    fn span(&self, axis: usize, o: usize) -> Span {
        match self {
            Self::Sliding(window, divisor) => sliding(&window.axes[axis], *divisor, o),
            Self::Bins { input, output } => {
                let (input, output) = (input[axis], output[axis]);
                let first = o * input / output;
                let taps = ((o + 1) * input).div_ceil(output) - first;
                Span { first, taps, step: 1, divisor: taps }
            }
        }
    }
}

/// A window along one axis.
#[derive(Clone, Copy)]
struct Span {
    /// The first input that it covers.
    first: usize,
    /// How many taps lie in the input.
    taps: usize,
    /// From one to the next.
    step: usize,
    /// The axis's share of the divisor.
    divisor: usize,
}

/// Positions count from the first of the padding, so that none is negative.
#[inline(always)]
fn sliding(axis: &Axis, divisor: Divisor, o: usize) -> Span {
    let Axis { input, size, stride, dilation, before, after, .. } = *axis;
    let (start, end) = (o * stride, before + input);
    let is_interior = start >= before && start + dilation * (size - 1) < end;
    // The number of taps before a position.
    let taps_up_to = |position: usize| position.saturating_sub(start).div_ceil(dilation).min(size);
    let (skipped, last) = if is_interior { (0, size) } else { (taps_up_to(before), taps_up_to(end)) };
    // A window that lies outside altogether has no first input, and no tap that would read it.
    let taps = last - skipped;
    let first = if taps > 0 { start + skipped * dilation - before } else { 0 };
    let divisor = match divisor {
        Divisor::One => 1,
        _ if is_interior => size,
        Divisor::Inside => taps,
        Divisor::Padded => taps_up_to(end + after),
    };
    Span { first, taps, step: dilation, divisor }
}

/// The taps of one window, as offsets of values.
#[derive(Clone, Copy)]
pub(super) struct Taps {
    /// Channel 0 of the first.
    pub first: usize,
    /// How many there are along D, H, W.
    pub counts: [usize; 3],
    /// From one to the next along D, H, W.
    pub steps: [usize; 3],
    /// By what a sum over them is divided.
    pub divisor: usize,
}

impl Taps {
    /// Where each row of taps begins.
    #[inline(always)]
    pub fn rows(self) -> Rows {
        Rows { taps: self, next: self.first, h: 0, d: 0 }
    }

    /// Where the taps of a row lie, from its beginning on.
    #[inline(always)]
    pub fn row(self) -> impl Iterator<Item = usize> {
        (0..self.counts[2]).map(move |w| w * self.steps[2])
    }
}

/// Where the rows of a window's taps begin, in order.
pub(super) struct Rows {
    taps: Taps,
    next: usize,
    h: usize,
    d: usize,
}

impl Iterator for Rows {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let [depth, height, _] = self.taps.counts;
        if self.h == height {
            (self.h, self.d) = (0, self.d + 1);
            self.next = self.taps.first + self.d * self.taps.steps[0];
        }
        if self.d >= depth || height == 0 {
            return None;
        }
        let row = self.next;
        self.next += self.taps.steps[1];
        self.h += 1;
        Some(row)
    }
}

/// What is done at each window.
pub(super) trait AtWindow<T> {
    /// `place` is where channel 0 of the window's output lies.
    ///
    /// # Safety
    /// The values that the implementor points at are those of the windows.
    unsafe fn at<S: Simd<T>>(&self, simd: S, taps: Taps, place: usize);
}

/// How many samples `x` and `y` hold.
///
/// # Panics
/// If they do not hold equally many whole ones.
pub(super) fn samples(windows: &Windows, channels: usize, x: usize, y: usize) -> usize {
    let (input, output) = (windows.input(channels).len(), windows.output(channels).len());
    let samples = x.checked_div(input).unwrap_or(0);
    assert_eq!(Some(x), samples.checked_mul(input), "the input is whole samples");
    assert_eq!(Some(y), samples.checked_mul(output), "the output is as many samples");
    samples
}

/// Runs `work` at every window of every sample.
///
/// # Safety
/// As [`AtWindow::at`].
#[inline(always)]
pub(super) unsafe fn each_window<T, S: Simd<T>>(
    simd: S,
    windows: &Windows,
    (samples, channels): (usize, usize),
    work: &impl AtWindow<T>,
) {
    let ([depth, height, width], output) = (windows.input(channels).axes, windows.output(channels).axes);
    let mut place = 0;
    for sample in 0..samples {
        for d in 0..output[0] {
            let span_d = windows.span(0, d);
            for h in 0..output[1] {
                let span_h = windows.span(1, h);
                let row = ((sample * depth + span_d.first) * height + span_h.first) * width;
                for w in 0..output[2] {
                    let span_w = windows.span(2, w);
                    let taps = Taps {
                        first: (row + span_w.first) * channels,
                        counts: [span_d.taps, span_h.taps, span_w.taps],
                        steps: [
                            span_d.step * height * width * channels,
                            span_h.step * width * channels,
                            span_w.step * channels,
                        ],
                        divisor: span_d.divisor * span_h.divisor * span_w.divisor,
                    };
                    // SAFETY: the caller's promise.
                    unsafe { work.at(simd, taps, place) };
                    place += channels;
                }
            }
        }
    }
}
