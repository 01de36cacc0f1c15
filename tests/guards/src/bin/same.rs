//! The program that compares what a release build compiles where it is called with the kernels that all networks share: the
//! result of one sample, and of the same among several, on every instruction set. Each has to be the same, bit for bit.

use guards::{Heads, Small, Tiny};
use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::prelude::*;
use monograd::simd::{Level, force_level};

/// How many samples the shared kernels are given at once.
const SAMPLES: usize = 3;

fn main() {
    for level in [Level::Scalar, Level::Avx2, Level::Avx512] {
        if force_level(Some(level)).is_ok() {
            compare::<Tiny>(level);
            compare::<Small>(level);
            compare::<Heads>(level);
        }
    }
}

fn compare<N: Network<Scalar = f32>>(level: Level) {
    let value = |row: usize, sample: usize| ((row * 7 + sample * 13) % 101) as f32 / 50.0 - 1.0;
    let x = OMatrix::<f32, N::Input, Dyn>::from_fn_generic(N::Input::name(), Dyn(SAMPLES), value);
    let (net, mut work) = (N::seeded(1), N::workspace(SAMPLES));
    let together = bits(work.run(&net, &x).as_slice());
    for sample in 0..SAMPLES {
        let alone = bits(work.run(&net, &x.columns(sample, 1).into_owned()).as_slice());
        let expected = &together[sample * alone.len()..][..alone.len()];
        assert_eq!(alone, expected, "{level:?}, sample {sample} of a network of {} parameters", net.params().len());
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
