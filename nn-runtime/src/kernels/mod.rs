//! The hot loops, compiled once for each instruction set and scalar.
//!
//! A kernel is a struct of its arguments ([`Kernel`](crate::simd::Kernel)). The table at the end of this file makes each
//! one a method of [`Kernels`], which is implemented for every instruction set and scalar by concrete
//! functions of this crate: whatever optimisation level the calling crate has, the kernel has this one's.
//!
//! Matrices are slices, column after column without gaps: `rows × columns` values. Letters:
//! B batch (columns of `x` and `y`), I inputs, O outputs.

mod blocked;
mod column;
mod column_sum;
mod convolution;
mod dot_products;
mod matrix_vector;
mod outer_product;
mod packing;
mod product;
#[cfg(test)]
mod tests;
mod tile;
mod transposed_product;

pub(crate) use column::Column;
pub use column_sum::ColumnSum;
pub use convolution::{Correlation, Direction, Layout, WeightGradient};
pub use outer_product::OuterProduct;
pub use product::Product;
pub use transposed_product::TransposedProduct;

use crate::activations::{Activate, ActivateInPlace, ActivationGradient, SoftmaxColumns, SoftmaxGradient};
use crate::losses::{ClassCrossEntropy, DistributionCrossEntropy, ElementwiseCost};
use crate::optimizers::{AdamStep, MomentumStep, SgdStep};
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{Scalar, Sealed, Simd};

/// How many values of scratch the products need for packed panels.
pub const SCRATCH: usize = 64 * 256;

macro_rules! kernel_table {
    ($($(#[$doc:meta])* $name:ident: $kernel:ident $(-> $output:ty)?;)*) => {
        /// Every kernel, for scalar `T` on one instruction set.
        pub trait Kernels<T>: Sealed + Copy + Send + Sync + 'static {
            $($(#[$doc])* fn $name(self, kernel: $kernel<'_, T>) $(-> $output)?;)*
        }

        kernel_table!(@impl Scalar, f32, $($name: $kernel $(-> $output)?;)*);
        kernel_table!(@impl Scalar, f64, $($name: $kernel $(-> $output)?;)*);
        #[cfg(target_arch = "x86_64")]
        kernel_table!(@impl Avx2, f32, $($name: $kernel $(-> $output)?;)*);
        #[cfg(target_arch = "x86_64")]
        kernel_table!(@impl Avx2, f64, $($name: $kernel $(-> $output)?;)*);
        #[cfg(target_arch = "x86_64")]
        kernel_table!(@impl Avx512, f32, $($name: $kernel $(-> $output)?;)*);
        #[cfg(target_arch = "x86_64")]
        kernel_table!(@impl Avx512, f64, $($name: $kernel $(-> $output)?;)*);
    };
    (@impl $level:ident, $t:ty, $($name:ident: $kernel:ident $(-> $output:ty)?;)*) => {
        impl Kernels<$t> for $level {
            $(fn $name(self, kernel: $kernel<'_, $t>) $(-> $output)? {
                Simd::<$t>::call(self, kernel)
            })*
        }
    };
}

kernel_table! {
    /// `y = f(W·x + b)`.
    product: Product;
    /// `d_x = Wᵀ·d_y`.
    transposed_product: TransposedProduct;
    /// `d_W = d_y·xᵀ`.
    outer_product: OuterProduct;
    /// `d_b = Σ_b d_y`.
    column_sum: ColumnSum;
    /// `y = f(scale ⊙ (W ∗ x) + shift)`.
    correlation: Correlation;
    /// `d_W` of a convolution.
    weight_gradient: WeightGradient;
    /// `y = f(x)`, value by value.
    activate: Activate;
    /// `y = f(y)`, value by value.
    activate_in_place: ActivateInPlace;
    /// `d = d ⊙ f′`.
    activation_gradient: ActivationGradient;
    /// `y = softmax(x)`, column by column.
    softmax: SoftmaxColumns;
    /// `d_x = y ⊙ (d_y − Σ y ⊙ d_y)`, column by column.
    softmax_gradient: SoftmaxGradient;
    /// `Σ c(y, target)` and its gradient.
    elementwise_cost: ElementwiseCost -> f64;
    /// `Σ −ln softmax(y)[class]`, column by column, and its gradient.
    class_cross_entropy: ClassCrossEntropy -> f64;
    /// `Σ −target·ln softmax(y)`, column by column, and its gradient.
    distribution_cross_entropy: DistributionCrossEntropy -> f64;
    /// `θ ← θ − η·(g + λ·θ)`.
    sgd: SgdStep;
    /// The same along a velocity.
    sgd_momentum: MomentumStep;
    /// A step of Adam or `AdamW`.
    adam: AdamStep;
}
