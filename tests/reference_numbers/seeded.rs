//! The rule that fills networks too large to store, as `tests/references/README.md` states it.

use monograd::nalgebra::{DimName, Dyn, MatrixView};
use monograd::{Network, Real, TensorInfo};

use super::file_places;

/// Streams of numbers: parameter `k` has stream `k`, the others begin here.
pub const BUFFERS: usize = 1 << 16;
pub const INPUTS: usize = 1 << 17;
pub const OUTPUTS: usize = 3 << 16;
pub const SAMPLES: usize = 1 << 18;
pub const WEIGHTS: usize = 1 << 19;
pub const TARGETS: usize = 1 << 20;

/// `SplitMix64`.
pub fn bits(stream: usize, i: usize) -> u64 {
    let z = (((stream as u64) << 32) + i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// In `[−1, 1)`, a multiple of 2⁻²³.
pub fn unit(stream: usize, i: usize) -> f32 {
    (bits(stream, i) >> 40) as f32 / (1 << 23) as f32 - 1.0
}

/// What becomes of `unit` in this tensor, in f32 for both precisions.
fn rule(tensor: &TensorInfo, gain: f32) -> impl Fn(f32) -> f32 + use<> {
    let fan_in: usize = tensor.shape[1..].iter().product();
    let bound = (6.0 / fan_in as f64).sqrt() as f32 * gain;
    let (factor, offset) = match tensor.name.rsplit('.').next() {
        Some("weight") => (bound, 0.0),
        Some("gamma" | "running_var") => (0.5, 1.0),
        Some("bias" | "beta") => (1.0 / 16.0, 0.0),
        Some("running_mean") => (0.25, 0.0),
        _ => panic!("the rule has nothing for {}", tensor.name),
    };
    move |unit| offset + unit * factor
}

/// A network with parameters and running statistics by the rule, its weights times a power of two.
#[allow(clippy::unnecessary_box_returns, reason = "it has up to a hundred million values")]
pub fn filled<N: Network>(gain: f32) -> Box<N> {
    let mut net = N::zeroed();
    let parameters = N::tensors().len();
    for (k, tensor) in N::state().iter().enumerate() {
        let (stream, value) = (if k < parameters { k } else { BUFFERS + k - parameters }, rule(tensor, gain));
        for (place, i) in net.as_flat_mut()[tensor.offset..].iter_mut().zip(file_places(tensor)) {
            *place = N::Scalar::nearest(value(unit(stream, i)).into());
        }
    }
    net
}

/// So many values of a stream.
pub fn values<T: Real>(stream: usize, count: usize) -> Vec<T> {
    (0..count).map(|i| T::nearest(unit(stream, i).into())).collect()
}

/// So many samples by the rule.
pub fn inputs<N: Network>(samples: usize) -> Vec<N::Scalar> {
    values(INPUTS, samples * N::Input::DIM)
}

/// Samples as the columns of a matrix.
pub fn columns<N: Network>(values: &[N::Scalar]) -> MatrixView<'_, N::Scalar, N::Input, Dyn> {
    MatrixView::from_slice_generic(values, N::Input::name(), Dyn(values.len() / N::Input::DIM))
}
