//! The cross-entropy of a choice among classes.

use std::borrow::Cow;

use super::{Loss, TargetError, samples};
use crate::Real;
use crate::kernels::{Column, Kernels};
use crate::simd::{Kernel, Simd};

/// The cross-entropy of a softmax, from its logits, averaged over the batch: `−1/B Σ_b ln softmax(y[:,b])[class b]`.
///
/// The network ends without a [`Softmax`](crate::activations::Softmax): this loss contains it, and so neither overflows
/// nor takes the logarithm of zero. Targets are class indices (`u32`, one a sample) or distributions (`T`, a column a
/// sample, which sums to 1). With `p = softmax(y)`, `m = maxₒ y[o]`, and `ln p[o] = y[o] − m − ln Σₚ exp(y[p] − m)`, for
/// one sample:
///
/// ```text
/// distribution t:  L = −Σₒ t[o]·ln p[o]     ∂L/∂y[o] = p[o]·Σₚ t[p] − t[o]
/// class c:         t[o] = 1 for o = c, else 0:  L = −ln p[c],   ∂L/∂y[o] = p[o] − t[o]
/// ```
///
/// and `d_y[o,b] = ∂L/∂y[o] / B`. As PyTorch's `CrossEntropyLoss`; a probability of zero costs nothing, also for a logit
/// of −∞. A column of logits with NaN or +∞ makes the loss NaN.
///
/// ```
/// use nn_runtime::losses::{SoftmaxCrossEntropy, mean_loss, mean_loss_and_gradient};
///
/// // Two samples, two classes.
/// let logits = [0.0, 3.0_f64.ln(), 0.0, 0.0];
/// let mut d_y = [0.0; 4];
/// let loss = mean_loss_and_gradient(&SoftmaxCrossEntropy, &logits, &[1_u32, 0], 2, &mut d_y)?;
/// assert!((loss - ((4.0_f64 / 3.0).ln() + 2.0_f64.ln()) / 2.0).abs() < 1e-15);
/// for (d, expected) in d_y.into_iter().zip([0.125, -0.125, -0.25, 0.25]) {
///     assert!((d - expected).abs() < 1e-15);
/// }
///
/// let same = mean_loss(&SoftmaxCrossEntropy, &logits, &[0.0, 1.0, 1.0, 0.0], 2)?;
/// assert!((same - loss).abs() < 1e-15);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Bridle, “Probabilistic interpretation of feedforward classification network outputs”, 1990.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoftmaxCrossEntropy;

impl<T: Real> Loss<T, u32> for SoftmaxCrossEntropy {
    fn targets_per_sample(&self, _: usize) -> usize {
        1
    }

    fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[u32], rows: usize) -> Result<T, TargetError> {
        let samples = check_classes(y.len(), targets, rows)?;
        let kernel = ClassCrossEntropy { y, classes: targets, rows, smoothing: 0.0, d_y: None };
        let sum = level.class_cross_entropy(kernel);
        Ok(T::nearest(sum / samples as f64))
    }

    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[u32],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError> {
        let samples = check_classes(y.len(), targets, rows)?;
        let kernel = ClassCrossEntropy { y, classes: targets, rows, smoothing: 0.0, d_y: Some(d_y) };
        let sum = level.class_cross_entropy(kernel);
        Ok(T::nearest(sum / samples as f64))
    }
}

impl<T: Real> Loss<T, T> for SoftmaxCrossEntropy {
    fn targets_per_sample(&self, rows: usize) -> usize {
        rows
    }

    /// `ln(n·mean + 1)`, with the mean of n samples, whose softmax over C classes is `(n·mean + 1) / (n + C)`: the rule of
    /// succession (Laplace, 1814), by which a class that did not occur is improbable, and not impossible.
    fn output_for_mean(&self, mean: f64, samples: usize) -> f64 {
        (samples as f64 * mean + 1.0).ln()
    }

    /// The probabilities of the classes, `softmax(y)`.
    fn predictions<'a>(&self, y: &'a [T], rows: usize) -> Option<Cow<'a, [T]>> {
        Some(y.chunks(rows.max(1)).flat_map(softmax).collect())
    }

    fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[T], rows: usize) -> Result<T, TargetError> {
        let samples = samples(y.len(), rows, targets.len(), rows)?;
        let sum = level.distribution_cross_entropy(DistributionCrossEntropy { y, targets, rows, d_y: None });
        Ok(T::nearest(sum / samples as f64))
    }

    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[T],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError> {
        let samples = samples(y.len(), rows, targets.len(), rows)?;
        let sum = level.distribution_cross_entropy(DistributionCrossEntropy { y, targets, rows, d_y: Some(d_y) });
        Ok(T::nearest(sum / samples as f64))
    }
}

/// The softmax of a column, from the logits without their largest, so that nothing overflows.
fn softmax<T: Real>(column: &[T]) -> impl Iterator<Item = T> {
    let largest = column.iter().map(|logit| logit.to_f64()).fold(f64::NEG_INFINITY, f64::max);
    let power = move |logit: &T| (logit.to_f64() - largest).exp();
    let sum: f64 = column.iter().map(power).sum();
    column.iter().map(move |logit| T::nearest(power(logit) / sum))
}

/// The number of samples, once it is known that each has a class and that the classes exist.
pub(super) fn check_classes(outputs: usize, classes: &[u32], rows: usize) -> Result<usize, TargetError> {
    let samples = samples(outputs, rows, classes.len(), 1)?;
    match classes.iter().position(|&class| class as usize >= rows) {
        Some(sample) => Err(TargetError::Class { sample, class: classes[sample], classes: rows }),
        None => Ok(samples),
    }
}

/// `Σ_b −Σₒ q[o,b]·ln softmax(y[:,b])[o]`, where q is 1−ε at `classes[b]`, and ε/O everywhere besides; `d_y` is the gradient
/// of the mean.
pub struct ClassCrossEntropy<'a, T> {
    /// Logits, `O × B`.
    pub y: &'a [T],
    /// `B` indices below O.
    pub classes: &'a [u32],
    /// O.
    pub rows: usize,
    /// ε.
    pub smoothing: f64,
    /// `O × B`, overwritten; or none, if only the sum is wanted.
    pub d_y: Option<&'a mut [T]>,
}

/// `Σ_b Σₒ −t[o,b]·ln softmax(y[:,b])[o]`; `d_y` is the gradient of the mean.
pub struct DistributionCrossEntropy<'a, T> {
    /// Logits, `O × B`.
    pub y: &'a [T],
    /// t, `O × B`.
    pub targets: &'a [T],
    /// O.
    pub rows: usize,
    /// `O × B`, overwritten; or none, if only the sum is wanted.
    pub d_y: Option<&'a mut [T]>,
}

impl<T: Real> Kernel<T> for ClassCrossEntropy<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { y, classes, rows, smoothing, mut d_y } = self;
        assert_eq!(y.len(), rows * classes.len(), "one class for each column");
        assert!(d_y.as_ref().is_none_or(|d_y| d_y.len() == y.len()), "one gradient for each output");
        let mean = 1.0 / classes.len() as f64;
        let (weight, of_class) = (T::nearest(mean), T::nearest(mean * (1.0 - smoothing)));
        let (share, spread) = (T::nearest(smoothing), T::nearest(smoothing / rows as f64));
        let column = Column::new(simd, rows);
        let mut total = 0.0;
        for (b, (y, &class)) in y.chunks_exact(rows.max(1)).zip(classes).enumerate() {
            let mut d_y = d_y.as_deref_mut().map(|d_y| &mut d_y[b * rows..(b + 1) * rows]);
            let e = d_y.as_deref_mut().map(<[T]>::as_mut_ptr);
            // SAFETY: `y` and `e` are columns of `rows` values.
            let (largest, sum) = unsafe { column.softmax(y.as_ptr(), weight, e) };
            let mut distance = largest - y[class as usize];
            if smoothing > 0.0 {
                // SAFETY: as before.
                let distances = unsafe { smoothed(column, y.as_ptr(), largest, weight * spread, e) };
                distance = (T::one() - share) * distance + spread * distances;
            }
            if let Some(d_y) = d_y {
                d_y[class as usize] -= of_class;
            }
            total += (column.ln(sum) + distance).to_f64();
        }
        total
    }
}

/// `Σ (largest − y)`; `share` is subtracted from each value of `d_y`.
///
/// # Safety
/// Both pointers are of a column; that at `d_y` is writable.
#[inline(always)]
unsafe fn smoothed<T: Real, S: Simd<T>>(
    column: Column<T, S>,
    y: *const T,
    largest: T,
    share: T,
    d_y: Option<*mut T>,
) -> T {
    let Column { simd, full, tail, .. } = column;
    let (largest, share) = (simd.splat(largest), simd.splat(share));
    let mut sum = simd.splat(T::zero());
    // SAFETY: whole vectors and the tail lie in the columns.
    unsafe {
        for i in column.whole_vectors() {
            sum = simd.add(sum, simd.sub(largest, simd.load(y.add(i))));
            if let Some(d_y) = d_y {
                simd.store(d_y.add(i), simd.sub(simd.load(d_y.add(i)), share));
            }
        }
        let distance = simd.sub(largest, simd.load_partial(y.add(full), tail));
        sum = simd.add(sum, column.in_tail(distance, simd.splat(T::zero())));
        if let Some(d_y) = d_y {
            let smoothed = simd.sub(simd.load_partial(d_y.add(full), tail), share);
            simd.store_partial(d_y.add(full), smoothed, tail);
        }
    }
    simd.sum(sum)
}

impl<T: Real> Kernel<T> for DistributionCrossEntropy<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { y, targets, rows, d_y } = self;
        assert_eq!(y.len(), targets.len(), "one target for each output");
        assert!(y.is_empty() || (rows > 0 && y.len().is_multiple_of(rows)), "whole columns of {rows} values");
        assert!(d_y.as_ref().is_none_or(|d_y| d_y.len() == y.len()), "one gradient for each output");
        let d_y = d_y.map(<[T]>::as_mut_ptr);
        let samples = y.len().checked_div(rows).unwrap_or(0);
        let weight = T::nearest(1.0 / samples as f64);
        let column = Column::new(simd, rows);
        let mut total = 0.0;
        for b in 0..samples {
            let offset = b * rows;
            // SAFETY: the three matrices are made of `samples` columns of `rows` values, and this is one of them.
            total += unsafe {
                let d_y = d_y.map(|d_y| d_y.add(offset));
                distribution(column, y.as_ptr().add(offset), targets.as_ptr().add(offset), d_y, weight).to_f64()
            };
        }
        total
    }
}

/// The loss of one column; `d_y = weight·(softmax(y)·Σ t − t)`.
///
/// # Safety
/// All pointers are of a column; that at `d_y` is writable.
#[inline(always)]
unsafe fn distribution<T: Real, S: Simd<T>>(
    column: Column<T, S>,
    y: *const T,
    targets: *const T,
    d_y: Option<*mut T>,
    weight: T,
) -> T {
    // SAFETY: the caller's promise.
    unsafe {
        let largest = column.max(y);
        let sum = column.exp(y, largest, d_y);
        let (mass, distance) = mass_and_distance(column, y, targets, largest);
        if let Some(d_y) = d_y {
            subtract_targets(column, d_y, targets, weight * mass / sum, weight);
        }
        distance + mass * column.ln(sum)
    }
}

/// `Σ t` and `Σ t·(largest − y)`, in which `0·∞` is 0.
///
/// # Safety
/// Both pointers are of a column.
#[inline(always)]
unsafe fn mass_and_distance<T: Real, S: Simd<T>>(
    column: Column<T, S>,
    y: *const T,
    targets: *const T,
    largest: T,
) -> (T, T) {
    let Column { simd, full, tail, .. } = column;
    let (zero, largest) = (simd.splat(T::zero()), simd.splat(largest));
    let (mut mass, mut distance) = (zero, zero);
    // SAFETY: whole vectors and the tail lie in the columns.
    unsafe {
        for i in column.whole_vectors() {
            let t = simd.load(targets.add(i));
            mass = simd.add(mass, t);
            distance = simd.add(distance, weighted(simd, t, simd.sub(largest, simd.load(y.add(i)))));
        }
        // The lanes behind the tail have no mass.
        let t = simd.load_partial(targets.add(full), tail);
        let y = simd.load_partial(y.add(full), tail);
        mass = simd.add(mass, t);
        distance = simd.add(distance, weighted(simd, t, simd.sub(largest, y)));
    }
    (simd.sum(mass), simd.sum(distance))
}

/// `t·x`, and 0 where `t` is.
#[inline(always)]
fn weighted<T: Real, S: Simd<T>>(simd: S, t: S::Vector, x: S::Vector) -> S::Vector {
    let zero = simd.splat(T::zero());
    simd.select(simd.equal(t, zero), zero, simd.mul(t, x))
}

/// `d = scale·d − weight·targets`.
///
/// # Safety
/// Both pointers are of a column; that at `d` is writable.
#[inline(always)]
unsafe fn subtract_targets<T: Real, S: Simd<T>>(
    column: Column<T, S>,
    d: *mut T,
    targets: *const T,
    scale: T,
    weight: T,
) {
    let Column { simd, full, tail, .. } = column;
    let (scale, weight) = (simd.splat(scale), simd.splat(weight));
    // SAFETY: whole vectors and the tail lie in the columns.
    unsafe {
        for i in column.whole_vectors() {
            let target = simd.mul(weight, simd.load(targets.add(i)));
            simd.store(d.add(i), simd.sub(simd.mul(scale, simd.load(d.add(i))), target));
        }
        let target = simd.mul(weight, simd.load_partial(targets.add(full), tail));
        let scaled = simd.mul(scale, simd.load_partial(d.add(full), tail));
        simd.store_partial(d.add(full), simd.sub(scaled, target), tail);
    }
}
