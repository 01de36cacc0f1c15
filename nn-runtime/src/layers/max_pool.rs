//! Maximum pooling.

use crate::Real;
use crate::geometry::{Extent, Window};
use crate::kernels::{Divisor, Kernels, Maximum, MaximumGradient, Windows};

/// `max_pool2d(size)`: the largest value of each window, channel by channel, `y[c,o] = max x[c,i]` over the inputs `i` of
/// window `o`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; `[C, L]` for `max_pool1d`, `[C, D, H, W]` for `max_pool3d` |
/// | output | `[C, ⌊(H + 2·padding − dilation·(size − 1) − 1)/stride⌋ + 1, …]`, rounded up with `ceil_mode` |
///
/// No parameters. Padding counts as nothing, not as zero. NaN in a window is NaN in its output.
///
/// In `network!`: `max_pool2d(2)`, `max_pool2d(3, stride = 2, padding = 1, dilation = 1, ceil_mode = false)`,
/// `max_pool2d([2, 3])`. Without `stride` the windows stand side by side.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y` and `m(o)` the place of the maximum of window `o`, the first of equals:
///
/// ```text
/// y[c,o]   = x[c,m(o)]
/// d_x[c,i] = Σ d_y[c,o] over the windows o with m(o) = i     [C,H′,W′] → [C,H,W]
/// ```
///
/// Cached: `x`, in which the maximum is found again. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::{Axis, Window};
/// use nn_runtime::layers::MaxPool2d;
/// use nn_runtime::simd::Scalar;
///
/// const POOL: MaxPool2d = {
///     let side = Axis::new(4, 2, 2, 1, 0, 0);
///     MaxPool2d::new(Window { axes: [Axis::NONE, side, side] }, 1)
/// };
/// let x = [1.0, 2.0, 0.0, 0.0, 4.0, 3.0, 0.0, -1.0, 0.0, 0.0, 5.0, 5.0, 0.0, 9.0, 5.0, 5.0];
/// let mut y = [0.0; 4];
/// POOL.forward(Scalar, &x, &mut y);
/// assert_eq!(y, [4.0, 0.0, 9.0, 5.0]);
///
/// let mut d_x = [0.0; 16];
/// POOL.backward(Scalar, &x, &[1.0, 2.0, 3.0, 4.0], &mut d_x);
/// assert_eq!(d_x, [0.0, 0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 3.0, 0.0, 0.0]);
/// ```
///
/// Source: Ranzato, Huang, Boureau and LeCun, “Unsupervised learning of invariant feature hierarchies with applications to
/// object recognition” (2007); the arithmetic of the sizes: Dumoulin and Visin (2016).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxPool<const AXES: usize> {
    windows: Windows,
    channels: usize,
}

/// `max_pool1d`: see [`MaxPool`].
pub type MaxPool1d = MaxPool<1>;
/// `max_pool2d`: see [`MaxPool`].
pub type MaxPool2d = MaxPool<2>;
/// `max_pool3d`: see [`MaxPool`].
pub type MaxPool3d = MaxPool<3>;

impl<const AXES: usize> MaxPool<AXES> {
    /// The pool of a window that slides over so many channels.
    #[must_use]
    pub const fn new(window: Window, channels: usize) -> Self {
        Self { windows: Windows::Sliding(window.of_pool(), Divisor::One), channels }
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

    /// `y = max x` over each window.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        level.maximum(Maximum { x, y, channels: self.channels, windows: &self.windows });
    }

    /// Writes `d_x`.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], d_y: &[T], d_x: &mut [T]) {
        level.maximum_gradient(MaximumGradient { x, d_y, d_x, channels: self.channels, windows: &self.windows });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Axis;
    use crate::layers::tests::{check_plain, offset, plain, taps};

    plain!(MaxPool<1>, MaxPool<2>, MaxPool<3>);

    /// By the definition, with the taps of padding left out.
    fn naive<const AXES: usize>(pool: MaxPool<AXES>, x: &[f64]) -> Vec<f64> {
        let Windows::Sliding(window, _) = pool.windows else { unreachable!("a pool slides") };
        let (input, output) = (pool.input(), pool.output());
        let mut y = vec![f64::NEG_INFINITY; output.len()];
        for ([d, h, w], [kd, kh, kw]) in taps(&window) {
            for c in 0..pool.channels {
                let places = [d, h, w].into_iter().zip([kd, kh, kw]).enumerate();
                let at: Option<Vec<_>> = places.map(|(a, (o, k))| offset(&window.axes[a], o, k)).collect();
                if let Some(i) = at {
                    let x = x[((i[0] * input.axes[1] + i[1]) * input.axes[2] + i[2]) * input.channels + c];
                    let y = &mut y[((d * output.axes[1] + h) * output.axes[2] + w) * output.channels + c];
                    *y = y.max(x);
                }
            }
        }
        y
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        const NONE: Axis = Axis::NONE;
        for channels in [1, 3, 6, 20] {
            let pool = |axes| MaxPool::<2>::new(Window { axes }, channels);
            for pool in [
                pool([NONE, Axis::new(4, 2, 2, 1, 0, 0), Axis::new(6, 2, 2, 1, 0, 0)]),
                pool([NONE, Axis::new(5, 3, 2, 1, 1, 1), Axis::new(6, 3, 2, 1, 1, 1)]),
                pool([NONE, Axis::new(5, 3, 1, 1, 0, 1), Axis::new(4, 2, 1, 1, 1, 0)]),
                pool([NONE, Axis::new(6, 2, 1, 3, 1, 1), Axis::new(7, 3, 2, 2, 1, 0)]),
                pool([NONE, Axis::ceil(6, 3, 2, 1, 0, 0), Axis::ceil(5, 2, 2, 1, 0, 0)]),
                pool([NONE, Axis::ceil(6, 3, 4, 1, 0, 0), Axis::new(4, 2, 2, 1, 0, 0)]),
                pool([NONE, Axis::new(7, 2, 3, 1, 0, 0), Axis::new(5, 1, 2, 1, 0, 0)]),
            ] {
                check_plain(pool, |x| naive(pool, x));
            }
        }
        // Four vectors abreast, one, and a part of one.
        let wide = MaxPool1d::new(Window { axes: [NONE, NONE, Axis::new(5, 2, 2, 1, 1, 0)] }, 83);
        check_plain(wide, |x| naive(wide, x));
        let line = MaxPool1d::new(Window { axes: [NONE, NONE, Axis::ceil(11, 4, 3, 1, 2, 1)] }, 5);
        check_plain(line, |x| naive(line, x));
        let side = |n| Axis::new(n, 3, 2, 1, 1, 1);
        let cube = MaxPool3d::new(Window { axes: [side(3), side(5), side(4)] }, 2);
        check_plain(cube, |x| naive(cube, x));
    }

    #[test]
    fn the_first_of_equals_wins_and_nan_spreads() {
        use crate::activations::tests::at_every_level;
        const LINE: MaxPool1d =
            MaxPool1d::new(Window { axes: [Axis::NONE, Axis::NONE, Axis::new(4, 3, 1, 1, 1, 1)] }, 1);
        fn check<T: Real, L: Kernels<T>>(level: L) {
            let run = |x: [f64; 4]| {
                let x = x.map(T::nearest);
                let (mut y, mut d_x) = ([T::one(); 4], [T::one(); 4]);
                LINE.forward(level, &x, &mut y);
                LINE.backward(level, &x, &[1.0, 2.0, 4.0, 8.0].map(T::nearest), &mut d_x);
                (y.map(Real::to_f64), d_x.map(Real::to_f64))
            };
            assert_eq!(run([1.0; 4]), ([1.0; 4], [3.0, 4.0, 8.0, 0.0]));
            assert_eq!(run([f64::NEG_INFINITY; 4]), ([f64::NEG_INFINITY; 4], [3.0, 4.0, 8.0, 0.0]));
            assert_eq!(run([-0.0, 0.0, -3.0, -2.0]).1, [3.0, 4.0, 0.0, 8.0]);
            let (y, d_x) = run([f64::NAN, 5.0, f64::NAN, f64::INFINITY]);
            assert!(y.into_iter().all(f64::is_nan), "{y:?}");
            // Of several the last, as in PyTorch.
            assert_eq!(d_x, [1.0, 0.0, 14.0, 0.0]);
            let (y, d_x) = run([1.0, 5.0, 2.0, f64::NAN]);
            assert!(y[..2] == [5.0, 5.0] && y[2..].iter().all(|y| y.is_nan()), "{y:?}");
            assert_eq!(d_x, [0.0, 3.0, 0.0, 12.0]);
        }
        at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
    }

    #[test]
    #[should_panic(expected = "a window of this pool has no tap inside of the image")]
    fn no_window_stands_around_the_image() {
        _ = MaxPool1d::new(Window { axes: [Axis::NONE, Axis::NONE, Axis::new(1, 2, 1, 3, 2, 2)] }, 2);
    }

    #[test]
    #[should_panic(expected = "the padding of a pool is at most half its window's 3, found 2")]
    fn no_padding_is_larger_than_half_the_window() {
        _ = MaxPool1d::new(Window { axes: [Axis::NONE, Axis::NONE, Axis::new(4, 3, 1, 1, 2, 2)] }, 2);
    }
}
