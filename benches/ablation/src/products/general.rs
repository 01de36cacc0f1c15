//! A library's general matrix product in place of our kernels.

use core::marker::PhantomData;

use monograd::activations::Activation;
use monograd::geometry::Convolution;
use monograd::kernels::Kernels;

use super::{Parameters, Products, activate, columns};

/// A product for matrices of any size.
pub trait Library {
    /// `y += a·b` of column-major matrices: `y` is `rows × columns`, `a` is `rows × depth`.
    fn add_product(a: &[f32], b: &[f32], y: &mut [f32], sizes: Sizes);
}

/// Of a product.
#[derive(Clone, Copy)]
pub struct Sizes {
    rows: usize,
    columns: usize,
    depth: usize,
}

/// The [`gemm`] crate.
pub struct Gemm;

/// The [`matrixmultiply`] crate.
pub struct MatrixMultiply;

/// Its product for every layer: the bias is written first, windows are copied into columns, an activation is a pass of its
/// own.
pub struct General<G>(PhantomData<G>);

impl Library for Gemm {
    fn add_product(a: &[f32], b: &[f32], y: &mut [f32], sizes: Sizes) {
        let Sizes { rows, columns, depth } = sizes;
        let (to_row, to_column) = (rows as isize, depth as isize);
        sizes.check(a, b, y);
        // SAFETY: the matrices lie in the slices, whose lengths were compared with the sizes.
        unsafe {
            gemm::gemm(
                rows,
                columns,
                depth,
                y.as_mut_ptr(),
                to_row,
                1,
                true,
                a.as_ptr(),
                to_row,
                1,
                b.as_ptr(),
                to_column,
                1,
                1.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
}

impl Library for MatrixMultiply {
    fn add_product(a: &[f32], b: &[f32], y: &mut [f32], sizes: Sizes) {
        let Sizes { rows, columns, depth } = sizes;
        let (to_row, to_column) = (rows as isize, depth as isize);
        sizes.check(a, b, y);
        // SAFETY: the matrices lie in the slices, whose lengths were compared with the sizes.
        unsafe {
            matrixmultiply::sgemm(
                rows,
                depth,
                columns,
                1.0,
                a.as_ptr(),
                1,
                to_row,
                b.as_ptr(),
                1,
                to_column,
                1.0,
                y.as_mut_ptr(),
                1,
                to_row,
            );
        }
    }
}

impl Sizes {
    /// # Panics
    /// If a matrix is not as large.
    fn check(self, a: &[f32], b: &[f32], y: &[f32]) {
        let lens = [self.rows * self.depth, self.depth * self.columns, self.rows * self.columns];
        assert_eq!([a.len(), b.len(), y.len()], lens, "matrices of the sizes of the product");
    }
}

/// `y = W·x + b`.
fn affine<G: Library>(Parameters { weight, bias }: Parameters, x: &[f32], y: &mut [f32]) {
    for column in y.chunks_exact_mut(bias.len()) {
        column.copy_from_slice(bias);
    }
    let (rows, columns) = (bias.len(), y.len() / bias.len());
    G::add_product(weight, x, y, Sizes { rows, columns, depth: weight.len() / rows });
}

impl<G: Library> Products for General<G> {
    #[inline(always)]
    fn dense<L: Kernels<f32>>(
        level: L,
        layer: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        _: &mut [f32],
    ) {
        affine::<G>(layer, x, y);
        activate(level, activation, y);
    }

    fn convolution<L: Kernels<f32>>(
        level: L,
        geometry: &Convolution,
        layer: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        columns::of_each_sample(geometry, x, y, scratch, |columns, y, _| affine::<G>(layer, columns, y));
        activate(level, activation, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<G: Library>() {
        let (weight, bias, x) = ([1.0, 2.0, 3.0, 4.0], [10.0, 20.0], [1.0, 1.0, 0.0, 2.0]);
        let mut y = [f32::NAN; 4];
        affine::<G>(Parameters { weight: &weight, bias: &bias }, &x, &mut y);
        assert_eq!(y, [14.0, 26.0, 16.0, 28.0]);
    }

    #[test]
    fn libraries_multiply_columns() {
        check::<Gemm>();
        check::<MatrixMultiply>();
    }
}
