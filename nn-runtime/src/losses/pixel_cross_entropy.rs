//! The cross-entropy of a choice among classes at each place of an image.

use super::{Loss, TargetError, samples};
use crate::Real;
use crate::kernels::{Column, Kernels, MOST_LANES};
use crate::simd::{Elementary, Kernel, Simd};

/// How many vectors of costs are added up in `T` before their sum goes to `f64`.
const STRETCH: usize = 16;

/// The cross-entropy of a softmax over the channels of each pixel, from its logits, averaged over the pixels of all samples:
/// `−1/(B·P) Σ_b Σ_p ln softmax(y[:,p,b])[class p,b]`. What a network that segments images learns by.
///
/// The outputs of a sample are an image `[C, H, W]`, as of `conv2d(C, 1)`: a logit for each of the C classes in each of
/// the P = H·W places. So are those of a signal `[C, L]` and a volume `[C, D, H, W]`: only the number of places counts. The
/// targets are P class indices a sample, in the order of the image's rows. The network ends without an activation.
///
/// With `m = max_c y[c]`, `s = Σ_c exp(y[c] − m)` and `p[c] = exp(y[c] − m)/s`, for one place of class `t`:
///
/// ```text
/// L = ln s + m − y[t]     ∂L/∂y[c] = p[c] − (1 for c = t, else 0)
/// ```
///
/// and `d_y[c,p,b] = ∂L/∂y[c] / (B·P)`. As PyTorch's `CrossEntropyLoss` of outputs `[B, C, H, W]`. A place with a logit that
/// is NaN or +∞ makes the loss NaN.
///
/// ```
/// use nn_runtime::losses::{PixelCrossEntropy, mean_loss_and_gradient};
///
/// // One sample of two classes in a row of two pixels: the scores of class 0, then those of class 1.
/// let logits = [0.0, 0.0, 0.0, 3.0_f64.ln()];
/// let mut d_y = [0.0; 4];
/// let loss = mean_loss_and_gradient(&PixelCrossEntropy::new(2), &logits, &[0_u32, 1], 4, &mut d_y)?;
/// assert!((loss - (2.0_f64.ln() + (4.0_f64 / 3.0).ln()) / 2.0).abs() < 1e-15);
/// for (d, expected) in d_y.into_iter().zip([-0.25, 0.125, 0.25, -0.125]) {
///     assert!((d - expected).abs() < 1e-15);
/// }
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Long, Shelhamer and Darrell, “Fully convolutional networks for semantic segmentation” (2015).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelCrossEntropy {
    /// C, the channels of the network's output.
    pub classes: usize,
}

impl PixelCrossEntropy {
    /// Of outputs with a channel for each of so many classes.
    #[must_use]
    pub const fn new(classes: usize) -> Self {
        Self { classes }
    }

    /// The mean, and its gradient if there is room for it.
    fn mean<T: Real, L: Kernels<T>>(
        self,
        level: L,
        y: &[T],
        targets: &[u32],
        rows: usize,
        d_y: Option<&mut [T]>,
    ) -> Result<T, TargetError> {
        let places = self.check(y.len(), targets, rows)?;
        let kernel = PlaceCrossEntropy { y, targets, classes: self.classes, places, d_y };
        Ok(T::nearest(level.place_cross_entropy(kernel) / targets.len() as f64))
    }

    /// The number of places of a sample, once it is known that each has a class and that the classes exist.
    fn check(self, outputs: usize, targets: &[u32], rows: usize) -> Result<usize, TargetError> {
        let classes = self.classes;
        if classes == 0 || !rows.is_multiple_of(classes) {
            return Err(TargetError::Channels { outputs: rows, classes });
        }
        let places = rows / classes;
        samples(outputs, rows, targets.len(), places)?;
        match targets.iter().position(|&class| class as usize >= classes) {
            Some(at) => {
                let (sample, place) = (at / places, at % places);
                Err(TargetError::PixelClass { sample, place, class: targets[at], classes })
            }
            None => Ok(places),
        }
    }
}

impl<T: Real> Loss<T, u32> for PixelCrossEntropy {
    fn targets_per_sample(&self, rows: usize) -> usize {
        rows.checked_div(self.classes).unwrap_or(0)
    }

    fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[u32], rows: usize) -> Result<T, TargetError> {
        self.mean(level, y, targets, rows, None)
    }

    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[u32],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError> {
        self.mean(level, y, targets, rows, Some(d_y))
    }
}

/// `Σ_b Σ_p −ln softmax(y[:,p,b])[targets[p,b]]`; `d_y` is the gradient of the mean.
pub struct PlaceCrossEntropy<'a, T> {
    /// Logits, `P × C × B`: the places of a class follow each other.
    pub y: &'a [T],
    /// `P × B` indices below C.
    pub targets: &'a [u32],
    /// C.
    pub classes: usize,
    /// P.
    pub places: usize,
    /// As large as `y`, overwritten; or none, if only the sum is wanted.
    pub d_y: Option<&'a mut [T]>,
}

impl<T: Real> Kernel<T> for PlaceCrossEntropy<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { y, targets, classes, places, d_y } = self;
        assert!(classes > 0, "a place is of a class");
        assert_eq!(y.len(), targets.len() * classes, "a logit for each class of each place");
        assert!(targets.is_empty() || (places > 0 && targets.len().is_multiple_of(places)), "whole images");
        let d_y = d_y.map(|d_y| {
            assert_eq!(y.len(), d_y.len(), "one gradient for each output");
            d_y.as_mut_ptr()
        });
        let weight = simd.splat(T::nearest(1.0 / targets.len() as f64));
        let column = Column::new(simd, places);
        let image = Image { simd, classes, places, weight };
        let (zero, mut total) = (simd.splat(T::zero()), 0.0);
        for (sample, targets) in targets.chunks_exact(places.max(1)).enumerate() {
            let start = sample * classes * places;
            let mut sum = zero;
            // SAFETY: the images are made of `classes` planes of `places` values, in which whole vectors and the tail lie.
            unsafe {
                let (y, d_y) = (y.as_ptr().add(start), d_y.map(|d_y| d_y.add(start)));
                for i in column.whole_vectors() {
                    let d_y = d_y.map(|d_y| d_y.add(i));
                    sum = simd.add(sum, image.costs(y.add(i), &targets[i..], d_y, S::LANES));
                    if (i / S::LANES) % STRETCH == STRETCH - 1 {
                        total += simd.sum(sum).to_f64();
                        sum = zero;
                    }
                }
                let (full, tail) = (column.full, column.tail);
                if tail > 0 {
                    let d_y = d_y.map(|d_y| d_y.add(full));
                    let costs = image.costs(y.add(full), &targets[full..], d_y, tail);
                    sum = simd.add(sum, column.in_tail(costs, zero));
                }
            }
            total += simd.sum(sum).to_f64();
        }
        total
    }
}

/// What all vectors of places have in common.
struct Image<T, S: Simd<T>> {
    simd: S,
    classes: usize,
    /// How far the planes of two classes are apart.
    places: usize,
    weight: S::Vector,
}

impl<T: Real, S: Simd<T>> Image<T, S> {
    /// The costs of the next `count ≤ LANES` places; `d_y = weight·∂cost/∂y`.
    ///
    /// # Safety
    /// There are `count` values more at `y`, and as many to be written at `d_y`, in the plane of each class.
    #[inline(always)]
    unsafe fn costs(&self, y: *const T, targets: &[u32], d_y: Option<*mut T>, count: usize) -> S::Vector {
        let Self { simd, classes, places, weight } = *self;
        let (zero, targets) = (simd.splat(T::zero()), self.vector_of(targets));
        // SAFETY: the caller's promise.
        unsafe {
            let mut largest = self.load(y, count);
            for class in 1..classes {
                largest = simd.max(largest, self.load(y.add(class * places), count));
            }
            let (mut sum, mut distance) = (zero, zero);
            for class in 0..classes {
                let shifted = simd.sub(self.load(y.add(class * places), count), largest);
                let term = <T as Elementary>::exp(simd, shifted);
                sum = simd.add(sum, term);
                let hit = simd.equal(targets, simd.splat(T::nearest(class as f64)));
                distance = simd.select(hit, shifted, distance);
                if let Some(d_y) = d_y {
                    self.store(d_y.add(class * places), term, count);
                }
            }
            if let Some(d_y) = d_y {
                let scale = simd.div(weight, sum);
                for class in 0..classes {
                    let d_y = d_y.add(class * places);
                    let hit = simd.equal(targets, simd.splat(T::nearest(class as f64)));
                    let scaled = simd.mul(scale, self.load(d_y, count));
                    self.store(d_y, simd.sub(scaled, simd.select(hit, weight, zero)), count);
                }
            }
            simd.sub(<T as Elementary>::ln(simd, sum), distance)
        }
    }

    /// `count` values, of a whole vector by one instruction.
    ///
    /// # Safety
    /// As for [`load_partial`](Simd::load_partial).
    #[inline(always)]
    unsafe fn load(&self, from: *const T, count: usize) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe { if count == S::LANES { self.simd.load(from) } else { self.simd.load_partial(from, count) } }
    }

    /// The same to memory.
    ///
    /// # Safety
    /// As for [`store_partial`](Simd::store_partial).
    #[inline(always)]
    unsafe fn store(&self, to: *mut T, v: S::Vector, count: usize) {
        // SAFETY: the caller's promise.
        unsafe { if count == S::LANES { self.simd.store(to, v) } else { self.simd.store_partial(to, v, count) } }
    }

    /// Class indices as numbers, which `f32` has up to 2²⁴ exactly, as many as fit.
    #[inline(always)]
    fn vector_of(&self, targets: &[u32]) -> S::Vector {
        let mut lanes = [T::zero(); MOST_LANES];
        for (lane, &class) in lanes.iter_mut().zip(targets) {
            *lane = T::nearest(f64::from(class));
        }
        // SAFETY: the array is at least as long as a vector.
        unsafe { self.simd.load(lanes.as_ptr()) }
    }
}
