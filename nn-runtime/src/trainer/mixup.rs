//! Samples mixed in pairs.

use std::sync::{Mutex, PoisonError};

use crate::kernels::{Axpy, Kernels, Mix, Scale};
use crate::losses::{Loss, TargetError};
use crate::ports::Losses;
use crate::simd::Dispatch;
use crate::{Buffer, Real, Trainable};

/// Mixes each column of a batch with the one that is as far from the other end: `x_b ← λ·x_b + (1−λ)·x_(B−1−b)`.
pub(super) fn mix_columns<T: Real>(columns: &mut [T], rows: usize, kept: f64) {
    let rows = rows.max(1);
    let samples = columns.len() / rows;
    let (first, second) = columns.split_at_mut(samples.div_ceil(2) * rows);
    // An odd one in the middle would be mixed with itself.
    for (a, b) in first.chunks_exact_mut(rows).zip(second.chunks_exact_mut(rows).rev()) {
        T::dispatch(Mix { kept: T::nearest(kept), a, b });
    }
}

impl<T: Real> Dispatch<T> for Mix<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.mix(self);
    }
}

/// The loss of mixed samples: `λ·L(y, t) + (1−λ)·L(y, t′)`, with the targets of both that were mixed.
pub(super) struct Mixed<'a, O, T> {
    pub loss: &'a O,
    /// λ.
    pub kept: f64,
    /// Room for the gradient of the second part.
    pub d_y: &'a Mutex<Buffer<T>>,
}

impl<N: Trainable, Target, O: Loss<N::Scalar, Target>> Losses<N, [&[Target]; 2]> for Mixed<'_, O, N::Scalar> {
    fn forward_backward<L: Kernels<N::Scalar>>(
        &self,
        level: L,
        y: &[N::Scalar],
        _: usize,
        [own, partners]: [&[Target]; 2],
        d_y: &mut [N::Scalar],
    ) -> Result<N::Scalar, TargetError> {
        let mut second = self.d_y.lock().unwrap_or_else(PoisonError::into_inner);
        let second = &mut second[..d_y.len()];
        let rows = N::OUTPUT.len;
        let [kept, taken] = [self.kept, 1.0 - self.kept].map(N::Scalar::nearest);
        let of_own = self.loss.forward_backward(level, y, own, rows, d_y)?;
        let of_partners = self.loss.forward_backward(level, y, partners, rows, second)?;
        level.scale(Scale { a: kept, y: d_y });
        level.axpy(Axpy { a: taken, x: second, y: d_y });
        Ok(kept * of_own + taken * of_partners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_mixed_from_both_ends() {
        let mut columns = [0.0_f32, 10.0, 1.0, 11.0, 2.0, 12.0];
        mix_columns(&mut columns, 2, 0.75);
        assert_eq!(columns, [0.5, 10.5, 1.0, 11.0, 1.5, 11.5]);
        let mut even = [0.0_f64, 4.0, 8.0, 12.0];
        mix_columns(&mut even, 1, 1.0);
        assert_eq!(even, [0.0, 4.0, 8.0, 12.0]);
        mix_columns(&mut even, 1, 0.0);
        assert_eq!(even, [12.0, 8.0, 4.0, 0.0]);
    }
}
