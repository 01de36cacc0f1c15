//! The hot loops, compiled once for each instruction set and scalar.
//!
//! A kernel is a struct of its arguments ([`Kernel`]). The table at the end of this file makes each
//! one a method of [`Kernels`], which is implemented for every instruction set and scalar by concrete
//! functions of this crate: whatever optimisation level the calling crate has, the kernel has this one's. Its second
//! section has the kernels that AVX-512 takes from AVX2, since its own would be no faster. (In an optimised program, dense
//! layers of a few products are compiled where they are called.)
//!
//! Matrices are slices, column after column without gaps: `rows × columns` values. Letters:
//! B batch (columns of `x` and `y`), I inputs, O outputs.

mod average;
mod blocked;
mod channel_affine;
mod channel_gradient_sums;
mod channel_moments;
mod channel_rows;
mod column;
mod column_norm;
mod column_sum;
mod convolution;
mod copy_rows;
mod dot_products;
mod inset;
mod interpolation;
mod limit_norms;
mod matrix_vector;
mod maximum;
mod merge;
mod narrow;
mod noise;
mod outer_product;
mod packing;
mod product;
mod response_norm;
mod small_product;
#[cfg(test)]
mod tests;
mod tile;
mod transpose;
mod transposed_product;
mod vector;
mod windows;

pub use average::{Average, AverageGradient};
pub use channel_affine::{ChannelAffine, ChannelGradient, ChannelScale};
pub use channel_gradient_sums::ChannelGradientSums;
pub use channel_moments::ChannelMoments;
pub(crate) use column::{Column, MOST_LANES};
pub use column_norm::{ColumnNorm, ColumnNormGradient};
pub use column_sum::ColumnSum;
pub use convolution::{Correlation, Direction, Layout, WeightGradient};
pub use copy_rows::CopyRows;
pub(crate) use inset::Inset;
pub use interpolation::{Interpolate, InterpolateGradient, Interpolation};
pub use limit_norms::LimitNorms;
pub use maximum::{Maximum, MaximumGradient};
pub use merge::{Multiply, ProductGradient, ProductInPlace, Sum, SumInPlace};
pub use noise::{DropChannels, DropValues, NoiseKey};
pub use outer_product::OuterProduct;
pub use product::Product;
pub(crate) use response_norm::MOST_WINDOW;
pub use response_norm::{NormaliseResponse, Response, ResponseGradient};
pub(crate) use small_product::SmallProduct;
pub use transpose::Transpose;
pub use transposed_product::TransposedProduct;
pub use vector::{Axpy, Clamp, Dot, Lerp, Mix, PenaltyGradient, Scale};
pub use windows::{Divisor, Windows};

use crate::activations::{Activate, ActivateInPlace, ActivationGradient, SoftmaxColumns, SoftmaxGradient};
use crate::losses::{ClassCrossEntropy, DistributionCrossEntropy, ElementwiseCost, PlaceCrossEntropy};
use crate::optimizers::{
    AdaGradStep, AdadeltaStep, AdamStep, AmsGradStep, LionStep, MomentumStep, NAdamStep, RmsPropCenteredMomentumStep,
    RmsPropCenteredStep, RmsPropMomentumStep, RmsPropStep, RpropStep, SgdStep,
};
#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
use crate::simd::Avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
use crate::simd::Avx512;
use crate::simd::{Kernel, Scalar, Sealed, Simd};

/// How many values of scratch the products need for packed panels.
pub const SCRATCH: usize = 64 * 256;

/// The scratch of a network whose layers need these numbers of values: the largest, and no less than [`SCRATCH`].
#[must_use]
pub const fn largest_scratch(layers: &[usize]) -> usize {
    let mut largest = SCRATCH;
    let mut i = 0;
    while i < layers.len() {
        if layers[i] > largest {
            largest = layers[i];
        }
        i += 1;
    }
    largest
}

macro_rules! kernel_table {
    (
        each level { $($(#[$doc:meta])* $name:ident: $kernel:ident $(-> $output:ty)?;)* }
        avx512 as avx2 { $($(#[$shared_doc:meta])* $shared:ident: $shared_kernel:ident;)* }
    ) => {
        /// Every kernel, for scalar `T` on one instruction set.
        pub trait Kernels<T>: Sealed + Copy + Send + Sync + 'static {
            /// How many values a vector holds.
            const LANES: usize;

            /// Runs a kernel that is compiled where it is called: one whose sizes are known there, and so small that a call
            /// would take as long as the work.
            fn run<K: Kernel<T>>(self, kernel: K) -> K::Output;
            $($(#[$doc])* fn $name(self, kernel: $kernel<'_, T>) $(-> $output)?;)*
            $($(#[$shared_doc])* fn $shared(self, kernel: $shared_kernel<'_, T>);)*
        }

        kernel_table!(@impl Scalar, f32, [$($name: $kernel $(-> $output)?;)*] [$($shared: $shared_kernel;)*]);
        kernel_table!(@impl Scalar, f64, [$($name: $kernel $(-> $output)?;)*] [$($shared: $shared_kernel;)*]);
        #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
        kernel_table!(@impl Avx2, f32, [$($name: $kernel $(-> $output)?;)*] [$($shared: $shared_kernel;)*]);
        #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
        kernel_table!(@impl Avx2, f64, [$($name: $kernel $(-> $output)?;)*] [$($shared: $shared_kernel;)*]);
        #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
        kernel_table!(@impl Avx512, f32, [$($name: $kernel $(-> $output)?;)*] [$($shared: $shared_kernel;)*]);
        #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
        kernel_table!(@impl Avx512, f64, [$($name: $kernel $(-> $output)?;)*] [$($shared: $shared_kernel;)*]);
    };
    (
        @impl $level:ident, $t:ty,
        [$($name:ident: $kernel:ident $(-> $output:ty)?;)*] [$($shared:ident: $shared_kernel:ident;)*]
    ) => {
        impl Kernels<$t> for $level {
            const LANES: usize = <$level as Simd<$t>>::LANES;

            #[inline(always)]
            fn run<K: Kernel<$t>>(self, kernel: K) -> K::Output {
                Simd::<$t>::call(self, kernel)
            }
            $(fn $name(self, kernel: $kernel<'_, $t>) $(-> $output)? {
                Simd::<$t>::call(self, kernel)
            })*
            $(fn $shared(self, kernel: $shared_kernel<'_, $t>) {
                Simd::<$t>::call(self.for_shared_kernels(), kernel);
            })*
        }
    };
}

kernel_table! {
    each level {
        /// `y = f(W·x + b)`.
        product: Product;
        /// `d_x = Wᵀ·d_y`.
        transposed_product: TransposedProduct;
        /// `d_W = d_y·xᵀ`.
        outer_product: OuterProduct;
        /// `d_b = Σ_b d_y`.
        column_sum: ColumnSum;
        /// `y = f(scale ⊙ (W ∗ x + bias) + shift)`.
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
        /// `Σ c(y, target)` and its gradient.
        elementwise_cost: ElementwiseCost -> f64;
        /// `Σ −ln softmax(y)[class]`, column by column, and its gradient.
        class_cross_entropy: ClassCrossEntropy -> f64;
        /// `Σ −target·ln softmax(y)`, column by column, and its gradient.
        distribution_cross_entropy: DistributionCrossEntropy -> f64;
        /// `Σ −ln softmax(y)[class]`, place by place of images, and its gradient.
        place_cross_entropy: PlaceCrossEntropy -> f64;
        /// `θ ← θ − η·(g + λ·θ)`.
        sgd: SgdStep;
        /// The same along a velocity.
        sgd_momentum: MomentumStep;
        /// A step of Adam or `AdamW`.
        adam: AdamStep;
        /// A step of Lion.
        lion: LionStep;
        /// A step of Rprop.
        rprop: RpropStep;
        /// Row-major `rows × columns` to `columns × rows`, sample by sample.
        transpose: Transpose;
        /// `y = max x` over each window.
        maximum: Maximum;
        /// `d_x = Σ d_y` of the windows that an input is the maximum of.
        maximum_gradient: MaximumGradient;
        /// `y = Σ x / divisor` over each window.
        average: Average;
        /// `d_x = Σ d_y / divisor` of the windows that cover an input.
        average_gradient: AverageGradient;
        /// Mean and variance of each channel.
        channel_moments: ChannelMoments;
        /// `scale = gamma / √(variance + eps)`, channel by channel.
        channel_scale: ChannelScale;
        /// `y = (x − centre)·scale + shift`, channel by channel.
        channel_affine: ChannelAffine;
        /// `Σ d_y` and `Σ d_y·(x − centre)` of each channel.
        channel_gradient_sums: ChannelGradientSums;
        /// `d_x = slope·d_y + curve·(x − centre) + shift`, channel by channel.
        channel_gradient: ChannelGradient;
        /// Zeros among the values, by chance.
        drop_values: DropValues;
        /// `y = gamma ⊙ (x − mean)/√(variance + eps) + beta`, column by column.
        column_norm: ColumnNorm;
        /// Its gradient.
        column_norm_gradient: ColumnNormGradient;
        /// Weighted means of neighbours.
        interpolate: Interpolate;
        /// `d_x = Σ weight·d_y`.
        interpolate_gradient: InterpolateGradient;
        /// `y = f(a + b)`, value by value.
        sum: Sum;
        /// `y = f(y + x)`, value by value.
        sum_in_place: SumInPlace;
        /// `y = f(a · b)`, value by value.
        multiply: Multiply;
        /// `y = f(y · x)`, value by value.
        product_in_place: ProductInPlace;
        /// `d = d_y · other`, value by value, or added to what is there.
        product_gradient: ProductGradient;
        /// Parts of rows to where they belong, or added to what is there.
        copy_rows: CopyRows;
        /// `Σ a·b`.
        dot: Dot -> f64;
        /// `y ← y + a·x`.
        axpy: Axpy;
        /// `y ← a·y`.
        scale: Scale;
        /// `y ← min(max(y, −limit), limit)`.
        clamp: Clamp;
        /// `d ← d + l1·sign(w) + l2·w`.
        penalty_gradient: PenaltyGradient;
        /// `W[o,:] ← W[o,:]·min(1, limit/‖W[o,:]‖)`.
        limit_norms: LimitNorms;
    }
    // What waits for memory, for divisions or for roots is no faster with longer vectors.
    avx512 as avx2 {
        /// A step of `AMSGrad`.
        ams_grad: AmsGradStep;
        /// A step of `NAdam`.
        nadam: NAdamStep;
        /// A step of `AdaGrad`.
        ada_grad: AdaGradStep;
        /// A step of Adadelta.
        adadelta: AdadeltaStep;
        /// A step of `RMSProp`.
        rms_prop: RmsPropStep;
        /// The same along a velocity.
        rms_prop_momentum: RmsPropMomentumStep;
        /// A step of centered `RMSProp`.
        rms_prop_centered: RmsPropCenteredStep;
        /// The same along a velocity.
        rms_prop_centered_momentum: RmsPropCenteredMomentumStep;
        /// `d_x = y ⊙ (d_y − Σ y ⊙ d_y)`, column by column.
        softmax_gradient: SoftmaxGradient;
        /// Each value over a power of the energy of the channels around it.
        normalise_response: NormaliseResponse;
        /// Its gradient.
        response_gradient: ResponseGradient;
        /// Zeros in place of whole channels, by chance.
        drop_channels: DropChannels;
        /// `y ← y + a·(x − y)`.
        lerp: Lerp;
        /// `a ← λ·a + (1−λ)·b`, `b ← λ·b + (1−λ)·a`.
        mix: Mix;
    }
}
