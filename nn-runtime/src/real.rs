//! The two scalar types that networks compute with.

use nalgebra::RealField;

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
use crate::simd::Avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
use crate::simd::Avx512;
#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
use crate::simd::run_at;
use crate::simd::{Dispatch, Level, Scalar, level};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A scalar that networks compute with: `f32` (the default) or `f64` (for science and gradient checks).
pub trait Real: RealField + bytemuck::Pod + crate::simd::Elementary + sealed::Sealed {
    /// The type's name in a `safetensors` file: `F32` or `F64`.
    const DTYPE: safetensors::Dtype;

    /// The nearest value of this type to `x`.
    fn nearest(x: f64) -> Self;

    /// The value as an `f64`, exactly.
    fn to_f64(self) -> f64;

    /// Runs `task` on the instruction set in force: the one place where a call chooses its kernels.
    fn dispatch<D: Dispatch<Self>>(task: D) -> D::Output;
}

macro_rules! impl_real {
    ($t:ty, $dtype:ident) => {
        impl Real for $t {
            const DTYPE: safetensors::Dtype = safetensors::Dtype::$dtype;

            #[inline]
            fn nearest(x: f64) -> Self {
                x as Self
            }

            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline]
            fn dispatch<D: Dispatch<Self>>(task: D) -> D::Output {
                #[allow(clippy::match_same_arms, clippy::match_wildcard_for_single_variants)]
                match level() {
                    Level::Scalar => task.at(Scalar),
                    #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
                    // SAFETY: `level` names an instruction set only if this processor has it.
                    Level::Avx2 => run_at(task, unsafe { Avx2::new_unchecked() }),
                    #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
                    // SAFETY: as above.
                    Level::Avx512 => run_at(task, unsafe { Avx512::new_unchecked() }),
                    #[cfg(not(all(target_arch = "x86_64", feature = "avx512")))]
                    // What is not compiled is not in force.
                    _ => task.at(Scalar),
                }
            }
        }
    };
}

impl_real!(f32, F32);
impl_real!(f64, F64);
