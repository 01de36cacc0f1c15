//! `d_W += d_y·xᵀ`: the gradient of a product with respect to its weight.

use super::SCRATCH;
use super::blocked::{Blocked, blocked};
use super::packing::Packing;
use super::product::shape;
use super::tile::{Operands, Start};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// `d_weight[o,i] += Σ_b d_y[o,b]·x[i,b]`.
///
/// # Panics
/// If the lengths of the slices do not fit one another.
pub struct OuterProduct<'a, T> {
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`.
    pub x: &'a [T],
    /// `O × I`, column-major; added to.
    pub d_weight: &'a mut [T],
    /// O.
    pub outputs: usize,
    /// Room for packed panels: [`SCRATCH`] values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for OuterProduct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { d_y, x, d_weight, outputs, scratch } = self;
        if d_y.is_empty() || d_weight.is_empty() {
            return;
        }
        let (inputs, batch) = shape(x.len(), d_y.len(), outputs, d_weight.len());
        assert!(scratch.len() >= SCRATCH, "the scratch is too short");
        if batch == 1 {
            simd.call(RankOne { d_y, x, d_weight });
            return;
        }
        let operands = Operands {
            a: d_y.as_ptr(),
            a_step: outputs,
            b: x.as_ptr(),
            b_step: inputs,
            b_column: 1,
            depth: batch,
            start: Start::Output,
            c: d_weight.as_mut_ptr(),
            c_column: outputs,
            last: 0,
            rectify: false,
        };
        let packing = if outputs * size_of::<T>() >= 1024 && inputs >= 48 { Packing::Copied } else { Packing::None };
        let scratch = scratch.as_mut_ptr();
        // SAFETY: the lengths of all slices have been checked.
        unsafe { blocked(simd, &mut Blocked { operands, rows: outputs, columns: inputs, packing, scratch }) };
    }
}

/// `d_W += d_y·xᵀ` of two vectors: each column gets a multiple of `d_y`.
struct RankOne<'a, T> {
    d_y: &'a [T],
    x: &'a [T],
    d_weight: &'a mut [T],
}

impl<T: Real> Kernel<T> for RankOne<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let rows = self.d_y.len();
        let full = rows / S::LANES * S::LANES;
        for (column, &x) in self.d_weight.chunks_exact_mut(rows).zip(self.x) {
            let right = simd.splat(x);
            let (d_y, column) = (self.d_y.as_ptr(), column.as_mut_ptr());
            // SAFETY: `rows` values in `d_y` and in the column.
            unsafe {
                for r in (0..full).step_by(S::LANES) {
                    let sum = simd.mul_add(simd.load(d_y.add(r)), right, simd.load(column.add(r)));
                    simd.store(column.add(r), sum);
                }
                if full < rows {
                    let last = rows - full;
                    let left = simd.load_partial(d_y.add(full), last);
                    let sum = simd.mul_add(left, right, simd.load_partial(column.add(full), last));
                    simd.store_partial(column.add(full), sum, last);
                }
            }
        }
    }
}
