//! Optimisers, one a file: what turns a gradient into better parameters.
//!
//! Each runs over a network's flat parameter slice; its moments are buffers of the same length. What differs between
//! them is a [`Rule`], the formula for one parameter, on vectors; [`Update`] is the loop around it that all share. A new
//! optimiser is a file with a rule, a line here, and a line in the table of [`Kernels`].
//!
//! Padding between layers, whose value and gradient are zero, stays exactly zero under every optimiser here. A gradient
//! that is no number makes its parameter none, so that it shows.
//!
//! | optimiser | values for each parameter | what it is for |
//! |---|---|---|
//! | [`Sgd`] | 0, with momentum 1 | the plain method, and the two momenta |
//! | [`AdaGrad`] | 1 | sparse features: each parameter has its own falling rate |
//! | [`RmsProp`] | 1, centered and with momentum 3 | `AdaGrad` that forgets |
//! | [`Adadelta`] | 2 | the same, without a rate to choose |
//! | [`Adam`], [`AdamW`], [`NAdam`] | 2 | what is tried first |
//! | [`AmsGrad`] | 3 | Adam whose rates never grow again |
//! | [`Lion`] | 1 | as Adam, with half of the memory |
//! | [`Rprop`] | 2 | full batches: the sign of the gradient alone |
//!
//! [`Averaged`] and [`ParameterGroups`] go around any of them; [`clip_by_norm`] and [`clip_by_value`] come before the step.

#[macro_use]
mod moments;

mod adadelta;
mod adagrad;
mod adam;
mod adamw;
mod amsgrad;
mod averaged;
mod clipping;
mod implicit_sgd;
mod lion;
mod nadam;
mod parameter_groups;
mod rmsprop;
mod rprop;
mod sgd;

pub use adadelta::{Adadelta, AdadeltaRule, AdadeltaStep};
pub use adagrad::{AdaGrad, AdaGradRule, AdaGradStep};
pub use adam::{Adam, AdamRule, AdamStep};
pub use adamw::AdamW;
pub use amsgrad::{AmsGrad, AmsGradRule, AmsGradStep};
pub use averaged::{Averaged, NothingAveraged};
pub use clipping::{clip_by_norm, clip_by_value};
pub use implicit_sgd::ImplicitSgd;
pub use lion::{Lion, LionRule, LionStep};
pub use nadam::{NAdam, NAdamRule, NAdamStep};
pub use parameter_groups::{GroupError, ParameterGroups};
pub use rmsprop::{
    RmsProp, RmsPropCenteredMomentumStep, RmsPropCenteredStep, RmsPropMomentumStep, RmsPropRule, RmsPropStep,
};
pub use rprop::{Rprop, RpropRule, RpropStep};
pub use sgd::{DescentRule, MomentumRule, MomentumStep, Sgd, SgdStep};

use core::ops::Range;

use crate::kernels::Kernels;
use crate::pool::{share, threads_for};
use crate::simd::{Dispatch, Kernel, Simd};
use crate::{Buffer, Pool, Real, StateVisitor};

/// A method that moves parameters against their gradient.
pub trait Optimizer<T: Real> {
    /// Makes room for the moments of `len` parameters; a no-op when already made. Called by [`step`](Self::step) if it
    /// was not, so that a program calls it only to have all allocation behind it.
    ///
    /// # Panics
    /// If there are moments of another number of parameters.
    fn prepare(&mut self, len: usize);

    /// One update of `params` by `gradient`.
    ///
    /// # Panics
    /// If `gradient` is not as long as `params`, or if there are moments of another number of parameters.
    fn step(&mut self, params: &mut [T], gradient: &[T]);

    /// The same update, by the same bits, on the threads of `pool`, if there are parameters enough. Unless it is implemented, as it is
    /// by the optimisers here, on the calling thread.
    ///
    /// # Panics
    /// As [`step`](Self::step).
    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        _ = pool;
        self.step(params, gradient);
    }

    /// How far a step goes.
    fn learning_rate(&self) -> f64;

    /// Changes how far the steps from now on go; the moments stay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[track_caller]
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// Takes note of the loss at the parameters that the next [`step`](Self::step) starts from, as
    /// [`Rprop`] with [`backtracking`](Rprop::backtracking) does; most optimisers do not. A [`Trainer`](crate::Trainer) tells
    /// that of each batch before its step.
    fn report_loss(&mut self, loss: f64) {
        _ = loss;
    }

    /// The name of the network that this was made for, if it was made for one.
    fn network(&self) -> Option<&'static str> {
        None
    }

    /// The ranges of parameters that no step changes, ascending and apart from each other; none unless some are frozen, as by
    /// [`ParameterGroups::freeze`], and then with the padding between frozen neighbours. What clips gradients or limits weights
    /// leaves them out.
    fn frozen(&self) -> &[Range<usize>] {
        &[]
    }

    /// Forgets what earlier steps left, moments and counts, as for another training. The settings stay, the learning rate
    /// too.
    fn reset(&mut self);

    /// Shows all that steps and [`set_learning_rate`](Self::set_learning_rate) change. The buffers are as long as
    /// [`prepare`](Self::prepare) made them.
    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>);
}

/// The formula of an optimiser for one parameter with `MOMENTS` moments, in each lane of a vector.
pub trait Rule<T: Real, const MOMENTS: usize>: Copy + Send + Sync {
    /// The new parameter and its new moments.
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        moments: [S::Vector; MOMENTS],
    ) -> (S::Vector, [S::Vector; MOMENTS]);

    /// Runs `update` through its entry in the table of kernels.
    fn run_on<L: Kernels<T>>(level: L, update: Update<'_, T, Self, MOMENTS>);
}

/// A rule, applied to every parameter: the one loop of all optimisers.
///
/// It is bound by memory: each array is read once and, but for the gradient, written once.
pub struct Update<'a, T, R, const MOMENTS: usize> {
    /// Any number of values; updated.
    pub params: &'a mut [T],
    /// As many.
    pub gradient: &'a [T],
    /// As many each; updated.
    pub moments: [&'a mut [T]; MOMENTS],
    /// What becomes of each.
    pub rule: R,
}

impl<T: Real, R: Rule<T, MOMENTS>, const MOMENTS: usize> Kernel<T> for Update<'_, T, R, MOMENTS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        let len = self.params.len();
        assert_eq!(self.gradient.len(), len, "the gradient has another length than the parameters");
        for moment in &self.moments {
            assert_eq!(moment.len(), len, "a moment has another length than the parameters");
        }
        let whole = len / S::LANES;
        for i in 0..whole {
            // SAFETY: vector i of `whole` lies within all arrays, which are `len` long.
            unsafe { self.lanes::<S, true>(simd, i * S::LANES, S::LANES) }
        }
        // SAFETY: so do the values behind them.
        unsafe { self.lanes::<S, false>(simd, whole * S::LANES, len % S::LANES) }
    }
}

impl<T: Real, R: Rule<T, MOMENTS>, const MOMENTS: usize> Update<'_, T, R, MOMENTS> {
    /// Updates `count` values from `at` on: a vector if `WHOLE`, else fewer.
    ///
    /// # Safety
    /// All arrays hold at least `at + count` values, and `count` is `LANES` if `WHOLE`, else at most that.
    #[inline(always)]
    unsafe fn lanes<S: Simd<T>, const WHOLE: bool>(&mut self, simd: S, at: usize, count: usize) {
        let mut moments = [simd.splat(T::zero()); MOMENTS];
        // SAFETY: the caller's promise, for every array.
        unsafe {
            for (vector, moment) in moments.iter_mut().zip(&self.moments) {
                *vector = load::<T, S, WHOLE>(simd, moment.as_ptr().add(at), count);
            }
            let param = load::<T, S, WHOLE>(simd, self.params.as_ptr().add(at), count);
            let gradient = load::<T, S, WHOLE>(simd, self.gradient.as_ptr().add(at), count);
            let (param, moments) = self.rule.apply(simd, param, gradient, moments);
            store::<T, S, WHOLE>(simd, self.params.as_mut_ptr().add(at), param, count);
            for (vector, moment) in moments.into_iter().zip(&mut self.moments) {
                store::<T, S, WHOLE>(simd, moment.as_mut_ptr().add(at), vector, count);
            }
        }
    }
}

impl<T: Real, R: Rule<T, MOMENTS>, const MOMENTS: usize> Dispatch<T> for Update<'_, T, R, MOMENTS> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        R::run_on(level, self);
    }
}

impl<T: Real, R: Rule<T, MOMENTS>, const MOMENTS: usize> Update<'_, T, R, MOMENTS> {
    /// Updates stretch by stretch on the threads of a pool, unless these would have little to do.
    pub(crate) fn run_in(self, pool: &dyn Pool) {
        let threads = threads_for(pool, self.params.len());
        if threads > 1 {
            T::dispatch(Divided { update: self, pool, threads });
        } else {
            T::dispatch(self);
        }
    }
}

/// How many parameters a thread takes at a time.
const STRETCH: usize = 1 << 13;

/// An update on several threads.
struct Divided<'a, T, R, const MOMENTS: usize> {
    update: Update<'a, T, R, MOMENTS>,
    pool: &'a dyn Pool,
    threads: usize,
}

impl<T: Real, R: Rule<T, MOMENTS>, const MOMENTS: usize> Dispatch<T> for Divided<'_, T, R, MOMENTS> {
    type Output = ();

    fn at<L: Kernels<T>>(self, level: L) {
        share(self.pool, self.threads, Stretches(self.update), |stretch| R::run_on(level, stretch));
    }
}

/// An update in parts.
struct Stretches<'a, T, R, const MOMENTS: usize>(Update<'a, T, R, MOMENTS>);

impl<'a, T: Real, R: Rule<T, MOMENTS>, const MOMENTS: usize> Iterator for Stretches<'a, T, R, MOMENTS> {
    type Item = Update<'a, T, R, MOMENTS>;

    fn next(&mut self) -> Option<Self::Item> {
        let Update { params, gradient, moments, rule } = &mut self.0;
        let len = STRETCH.min(params.len());
        if len == 0 {
            return None;
        }
        Some(Update {
            params: params.split_off_mut(..len)?,
            gradient: gradient.split_off(..len)?,
            moments: moments.each_mut().map(|moment| moment.split_off_mut(..len).unwrap_or_default()),
            rule: *rule,
        })
    }
}

/// # Safety
/// `count` values at `from` are readable, `LANES` if `WHOLE`.
#[inline(always)]
unsafe fn load<T, S: Simd<T>, const WHOLE: bool>(simd: S, from: *const T, count: usize) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe { if WHOLE { simd.load(from) } else { simd.load_partial(from, count) } }
}

/// # Safety
/// `count` values at `to` are writable, `LANES` if `WHOLE`.
#[inline(always)]
unsafe fn store<T, S: Simd<T>, const WHOLE: bool>(simd: S, to: *mut T, v: S::Vector, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { if WHOLE { simd.store(to, v) } else { simd.store_partial(to, v, count) } }
}

/// Makes `moment` as long as the parameters, unless it is.
fn make_room<T: Real>(moment: &mut Buffer<T>, len: usize) {
    if moment.is_empty() {
        *moment = Buffer::zeroed(len);
    }
    let made = moment.len();
    assert!(made == len, "this optimiser has the moments of {made} parameters, but was given {len} parameters");
}

fn check_lengths<T>(params: &[T], gradient: &[T]) {
    let (params, gradient) = (params.len(), gradient.len());
    assert!(params == gradient, "there are {params} parameters, but the gradient has {gradient} values");
}

/// `eps`, which has to stay above zero as a `T`: with a zero, a parameter whose gradients were all zero would become 0/0.
#[track_caller]
fn positive_as<T: Real>(name: &str, eps: f64) -> f64 {
    let rounded = Real::to_f64(T::nearest(eps));
    assert!(
        rounded.is_finite() && rounded > 0.0,
        "{name} must be finite and above 0 as a {:?}, found {eps:?}",
        T::DTYPE
    );
    eps
}

/// −1, 0 or 1; what is no number stays so.
#[inline(always)]
fn sign<T: Real, S: Simd<T>>(simd: S, x: S::Vector) -> S::Vector {
    let zero = simd.splat(T::zero());
    let unit = simd.copysign(simd.splat(T::one()), x);
    let sign = simd.select(simd.equal(x, zero), zero, unit);
    simd.select(simd.equal(x, x), sign, x)
}
