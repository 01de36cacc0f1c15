//! One value for each channel.

use super::avg_pool::AvgPool;
use super::max_pool::MaxPool;
use crate::Real;
use crate::geometry::{Axis, Extent, Window};
use crate::kernels::Kernels;

/// A window as large as the image.
const fn whole(input: Extent) -> Window {
    let [depth, height, width] = input.axes;
    Window { axes: [whole_axis(depth), whole_axis(height), whole_axis(width)] }
}

const fn whole_axis(input: usize) -> Axis {
    Axis::new(input, input, 1, 1, 0, 0)
}

/// `global_avg_pool`: the mean of each channel, `y[c] = 1/n · Σᵢ x[c,i]` over all n places.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, a signal `[C, L]` or a volume `[C, D, H, W]` |
/// | output | `[C]` |
///
/// No parameters. In `network!`: `global_avg_pool -> dense(10)`.
///
/// The gradient, with `L` the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[c]     = 1/n · Σᵢ x[c,i]
/// d_x[c,i] = d_y[c]/n            [C] → [C,H,W]
/// ```
///
/// Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::GlobalAvgPool;
/// use nn_runtime::simd::Scalar;
///
/// // Channels last: two channels side by side.
/// const POOL: GlobalAvgPool = GlobalAvgPool::new(Extent { channels: 2, axes: [1, 1, 2] });
/// let mut y = [0.0; 2];
/// POOL.forward(Scalar, &[1.0, 10.0, 3.0, 20.0], &mut y);
/// assert_eq!(y, [2.0, 15.0]);
/// ```
///
/// Source: Lin, Chen and Yan, “Network in network” (2013).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlobalAvgPool(AvgPool<3>);

/// `global_max_pool`: the largest value of each channel, `y[c] = maxᵢ x[c,i]`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, a signal `[C, L]` or a volume `[C, D, H, W]` |
/// | output | `[C]` |
///
/// No parameters. NaN in a channel is NaN in its output. In `network!`: `global_max_pool -> dense(10)`.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y` and `m(c)` the place of the maximum, the first of equals:
///
/// ```text
/// y[c]     = x[c,m(c)]
/// d_x[c,i] = d_y[c] for i = m(c), else 0     [C] → [C,H,W]
/// ```
///
/// Cached: `x`, in which the maximum is found again. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::GlobalMaxPool;
/// use nn_runtime::simd::Scalar;
///
/// const POOL: GlobalMaxPool = GlobalMaxPool::new(Extent { channels: 2, axes: [1, 1, 2] });
/// let mut y = [0.0; 2];
/// POOL.forward(Scalar, &[1.0, 10.0, 3.0, -20.0], &mut y);
/// assert_eq!(y, [3.0, 10.0]);
/// ```
///
/// Source: Oquab et al., “Is object localization for free?” (2015).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlobalMaxPool(MaxPool<3>);

impl GlobalAvgPool {
    /// The pool of all places of `input`.
    #[must_use]
    pub const fn new(input: Extent) -> Self {
        Self(AvgPool::new(whole(input), input.channels, false))
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.0.input()
    }

    /// The sizes of what it gives: a vector.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.0.output()
    }

    /// `y = Σ x / n`.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        self.0.forward(level, x, y);
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], d_y: &[T], d_x: &mut [T]) {
        self.0.backward(level, x, d_y, d_x);
    }
}

impl GlobalMaxPool {
    /// The pool of all places of `input`.
    #[must_use]
    pub const fn new(input: Extent) -> Self {
        Self(MaxPool::new(whole(input), input.channels))
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.0.input()
    }

    /// The sizes of what it gives: a vector.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.0.output()
    }

    /// `y = max x`.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        self.0.forward(level, x, y);
    }

    /// Writes `d_x`.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], d_y: &[T], d_x: &mut [T]) {
        self.0.backward(level, x, d_y, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};
    use crate::simd::Scalar;

    plain!(GlobalAvgPool, GlobalMaxPool);

    #[test]
    fn follow_their_definitions_and_their_gradients() {
        for (channels, axes) in [(1, [1, 3, 4]), (6, [1, 1, 9]), (16, [2, 3, 2]), (85, [1, 2, 3])] {
            let input = Extent { channels, axes };
            let fold = |x: &[f64], start: f64, f: fn(f64, f64) -> f64| {
                let of_channel = |c: usize| x[c..].iter().step_by(channels).copied().fold(start, f);
                (0..channels).map(of_channel).collect::<Vec<_>>()
            };
            let mean = |x: &[f64]| fold(x, 0.0, |a, b| a + b).iter().map(|sum| sum / input.places() as f64).collect();
            check_plain(GlobalAvgPool::new(input), mean);
            check_plain(GlobalMaxPool::new(input), |x| fold(x, f64::NEG_INFINITY, f64::max));
        }
    }

    #[test]
    fn the_mean_of_a_large_image_keeps_its_digits() {
        let pool = GlobalAvgPool::new(Extent { channels: 1, axes: [1, 512, 512] });
        let mut y = [0.0_f32];
        pool.forward(Scalar, &vec![0.1_f32; 512 * 512], &mut y);
        assert!((y[0] - 0.1).abs() < 1e-6, "{}", y[0]);
    }
}
