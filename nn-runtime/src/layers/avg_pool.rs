//! Average pooling.

use crate::Real;
use crate::geometry::{Extent, Window};
use crate::kernels::{Average, AverageGradient, Divisor, Kernels, Windows};

/// `avg_pool2d(size)`: the mean of each window, channel by channel, `y[c,o] = 1/n(o) · Σ x[c,i]` over the inputs `i` of
/// window `o`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; `[C, L]` for `avg_pool1d`, `[C, D, H, W]` for `avg_pool3d` |
/// | output | `[C, ⌊(H + 2·padding − size)/stride⌋ + 1, …]`, rounded up with `ceil_mode` |
///
/// No parameters. `n(o)` counts the taps in the input and in its padding, which is zero; with `count_padding = false` only
/// those in the input. What a last window of `ceil_mode` has beyond the padding is never counted.
///
/// In `network!`: `avg_pool2d(2)`, `avg_pool2d(3, stride = 2, padding = 1, ceil_mode = false, count_padding = true)`,
/// `avg_pool2d([2, 3])`. Without `stride` the windows stand side by side.
///
/// The gradient, with `L` the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[c,o]   = 1/n(o) · Σ x[c,i] over the inputs i of window o
/// d_x[c,i] = Σ d_y[c,o]/n(o) over the windows o that cover input i     [C,H′,W′] → [C,H,W]
/// ```
///
/// Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::{Axis, Window};
/// use nn_runtime::layers::AvgPool1d;
/// use nn_runtime::simd::Scalar;
///
/// const WINDOW: Window = Window { axes: [Axis::NONE, Axis::NONE, Axis::new(4, 2, 2, 1, 1, 1)] };
/// let mut y = [0.0; 3];
/// AvgPool1d::new(WINDOW, 1, true).forward(Scalar, &[1.0, 2.0, 4.0, 8.0], &mut y);
/// assert_eq!(y, [0.5, 3.0, 4.0]);
/// AvgPool1d::new(WINDOW, 1, false).forward(Scalar, &[1.0, 2.0, 4.0, 8.0], &mut y);
/// assert_eq!(y, [1.0, 3.0, 8.0]);
/// ```
///
/// Source: LeCun et al., “Gradient-based learning applied to document recognition” (1998), whose subsampling it is without
/// its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AvgPool<const AXES: usize> {
    windows: Windows,
    channels: usize,
}

/// `avg_pool1d`: see [`AvgPool`].
pub type AvgPool1d = AvgPool<1>;
/// `avg_pool2d`: see [`AvgPool`].
pub type AvgPool2d = AvgPool<2>;
/// `avg_pool3d`: see [`AvgPool`].
pub type AvgPool3d = AvgPool<3>;

impl<const AXES: usize> AvgPool<AXES> {
    /// The pool of a window that slides over so many channels; whether padding counts in the mean.
    #[must_use]
    pub const fn new(window: Window, channels: usize, count_padding: bool) -> Self {
        let divisor = if count_padding { Divisor::Padded } else { Divisor::Inside };
        Self { windows: Windows::Sliding(window.of_pool(), divisor), channels }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.windows.input(self.channels)
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.windows.output(self.channels)
    }

    /// `y = Σ x / n` over each window.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        level.average(Average { x, y, channels: self.channels, windows: &self.windows });
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, _: &[T], d_y: &[T], d_x: &mut [T]) {
        level.average_gradient(AverageGradient { d_y, d_x, channels: self.channels, windows: &self.windows });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Axis;
    use crate::layers::tests::{check_plain, offset, plain, taps};

    plain!(AvgPool<1>, AvgPool<2>, AvgPool<3>);

    /// By the definition, on an input with its padding around it.
    fn naive<const AXES: usize>(pool: AvgPool<AXES>, count_padding: bool, x: &[f64]) -> Vec<f64> {
        let Windows::Sliding(window, _) = pool.windows else { unreachable!("a pool slides") };
        let (input, output) = (pool.input(), pool.output());
        let (mut y, mut counts) = (vec![0.0; output.len()], vec![0.0; output.len()]);
        for (o, k) in taps(&window) {
            for c in 0..pool.channels {
                let y_at = ((o[0] * output.axes[1] + o[1]) * output.axes[2] + o[2]) * output.channels + c;
                let at: Option<Vec<_>> = (0..3).map(|a| offset(&window.axes[a], o[a], k[a])).collect();
                let is_padded = (0..3).all(|a| {
                    let axis = &window.axes[a];
                    o[a] * axis.stride + k[a] * axis.dilation < axis.before + axis.input + axis.after
                });
                counts[y_at] += f64::from(u8::from(if count_padding { is_padded } else { at.is_some() }));
                if let Some(i) = at {
                    y[y_at] += x[((i[0] * input.axes[1] + i[1]) * input.axes[2] + i[2]) * input.channels + c];
                }
            }
        }
        y.iter().zip(counts).map(|(y, count)| y / count).collect()
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        const NONE: Axis = Axis::NONE;
        for (channels, count_padding) in [(1, true), (3, false), (6, true), (20, true)] {
            let pool = |axes| AvgPool::<2>::new(Window { axes }, channels, count_padding);
            for pool in [
                pool([NONE, Axis::new(4, 2, 2, 1, 0, 0), Axis::new(6, 2, 2, 1, 0, 0)]),
                pool([NONE, Axis::new(5, 3, 2, 1, 1, 1), Axis::new(6, 3, 2, 1, 1, 1)]),
                pool([NONE, Axis::new(5, 3, 1, 1, 0, 1), Axis::new(4, 2, 1, 1, 1, 0)]),
                pool([NONE, Axis::ceil(6, 3, 2, 1, 1, 1), Axis::ceil(5, 2, 2, 1, 0, 0)]),
                pool([NONE, Axis::ceil(6, 3, 4, 1, 0, 0), Axis::new(4, 2, 2, 1, 0, 0)]),
                pool([NONE, Axis::new(7, 2, 3, 1, 0, 0), Axis::new(5, 1, 2, 1, 0, 0)]),
            ] {
                check_plain(pool, |x| naive(pool, count_padding, x));
            }
        }
        // Four vectors abreast, one, and a part of one.
        let wide = AvgPool1d::new(Window { axes: [NONE, NONE, Axis::new(5, 2, 2, 1, 1, 0)] }, 83, true);
        check_plain(wide, |x| naive(wide, true, x));
        let line = AvgPool1d::new(Window { axes: [NONE, NONE, Axis::ceil(11, 4, 3, 1, 2, 1)] }, 5, true);
        check_plain(line, |x| naive(line, true, x));
        let side = |n| Axis::new(n, 3, 2, 1, 1, 1);
        let cube = AvgPool3d::new(Window { axes: [side(3), side(5), side(4)] }, 2, false);
        check_plain(cube, |x| naive(cube, false, x));
    }
}
