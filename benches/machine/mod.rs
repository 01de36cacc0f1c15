//! The walls of the machine, measured: how many multiply-adds a core does, and how fast it reads memory.
//!
//! A measured time means little on a shared machine; its ratio to a wall measured in the same run means much.

use std::hint::black_box;
use std::time::Instant;

#[cfg(target_arch = "x86_64")]
use monograd::simd::{Avx2, Avx512};
use monograd::simd::{Kernel, Level, Scalar, Simd};
use monograd::{Buffer, Real};

/// Runs a kernel on `level`.
///
/// # Panics
/// If the processor lacks it.
pub fn call<T, K>(level: Level, kernel: K) -> K::Output
where
    T: Real,
    K: Kernel<T>,
    Every: Simds<T>,
{
    assert!(level.is_supported());
    Every::call(level, kernel)
}

/// Every instruction set.
pub struct Every;

/// Implemented for the scalars that every instruction set has vectors of.
pub trait Simds<T> {
    /// Runs a kernel on a level that the processor has.
    fn call<K: Kernel<T>>(level: Level, kernel: K) -> K::Output;
}

macro_rules! impl_simds {
    ($($t:ty)*) => { $(impl Simds<$t> for Every {
        fn call<K: Kernel<$t>>(level: Level, kernel: K) -> K::Output {
            match level {
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the processor has the level.
                Level::Avx2 => Simd::<$t>::call(unsafe { Avx2::new_unchecked() }, kernel),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: as above.
                Level::Avx512 => Simd::<$t>::call(unsafe { Avx512::new_unchecked() }, kernel),
                _ => Simd::<$t>::call(Scalar, kernel),
            }
        }
    })* };
}
impl_simds!(f32 f64);

/// The median of `samples` timings of `repeats` calls, in seconds a call.
pub fn seconds(samples: usize, repeats: usize, mut f: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..samples)
        .map(|_| {
            let begin = Instant::now();
            for _ in 0..repeats {
                f();
            }
            begin.elapsed().as_secs_f64() / repeats as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[samples / 2]
}

/// Multiply-adds of registers with registers, in flop/s (two for each lane): the best of several trials.
pub fn fma_peak<T: Real>(level: Level) -> f64
where
    Every: Simds<T>,
{
    const ROUNDS: usize = 20_000;
    let flops = call::<T, _>(level, MultiplyAdds::<T> { rounds: 1, x: T::one() });
    let trial =
        || seconds(5, 1, || _ = black_box(call(level, MultiplyAdds { rounds: ROUNDS, x: black_box(T::one()) })));
    let best = (0..10).map(|_| trial()).fold(f64::INFINITY, f64::min);
    flops as f64 * ROUNDS as f64 / best
}

/// Independent chains of multiply-adds; gives how many flops a round has.
struct MultiplyAdds<T> {
    rounds: usize,
    x: T,
}

impl<T: Real> Kernel<T> for MultiplyAdds<T> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> usize {
        const CHAINS: usize = 12;
        let factor = simd.splat(self.x);
        let mut sums = [simd.splat(T::zero()); CHAINS];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = simd.mul_add(*sum, factor, factor);
            }
        }
        for sum in sums {
            black_box(simd.sum(sum));
        }
        2 * CHAINS * S::LANES
    }
}

/// Reads `bytes` of memory again and again with vector loads, in bytes a second: the best of several trials.
pub fn read_bandwidth(level: Level, bytes: usize) -> f64 {
    let mut memory = Buffer::<f32>::zeroed(bytes / size_of::<f32>());
    // Pages that nobody has written are all the same page.
    memory.fill(1.0);
    let repeats = (1 << 24) / bytes + 1;
    let trial = || seconds(5, repeats, || _ = black_box(call(level, Read { memory: black_box(&memory) })));
    let best = (0..10).map(|_| trial()).fold(f64::INFINITY, f64::min);
    bytes as f64 / best
}

/// Adds up memory in two streams of four chains each: a single stream does not reach the bandwidth of distant memory.
struct Read<'a> {
    memory: &'a [f32],
}

impl Kernel<f32> for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd<f32>>(self, simd: S) -> f32 {
        const CHAINS: usize = 4;
        let mut sums = [[simd.splat(0.0); CHAINS]; 2];
        let line = CHAINS * S::LANES;
        let (left, right) = self.memory.split_at(self.memory.len() / 2);
        for (left, right) in left.chunks_exact(line).zip(right.chunks_exact(line)) {
            for (sums, line) in sums.iter_mut().zip([left, right]) {
                for (sum, part) in sums.iter_mut().zip(line.chunks_exact(S::LANES)) {
                    // SAFETY: the part has LANES values.
                    *sum = simd.add(*sum, unsafe { simd.load(part.as_ptr()) });
                }
            }
        }
        sums.into_iter().flatten().map(|sum| simd.sum(sum)).sum()
    }
}
