//! `batch_norm`, `layer_norm`, `group_norm`, `instance_norm`, `local_response_norm`.

use proc_macro2::TokenStream;
use quote::quote;

use super::spatial::Places;
use super::{
    Buffers, Call, FRACTION, Form, Initial, Layer, OptionKind, OptionRow, POSITIVE, Parameters, Plain, Row, SizeKind,
    SizeRow, Sizes, Tensor, too_large,
};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::Reach;
use crate::shape::Kind;

const ALL: &[Kind] = &[Kind::Vector, Kind::Sequence, Kind::Signal, Kind::Image, Kind::Volume];
const OVER_PLACES: &[Kind] = &[Kind::Image, Kind::Volume, Kind::Signal];

const EPS: OptionRow = OptionRow::new("eps", OptionKind::Number(POSITIVE));
const AFFINE: OptionRow = OptionRow::new("affine", OptionKind::Flag);

pub const BATCH_NORM: Row = Row {
    word: "batch_norm",
    sizes: &[],
    options: &[EPS, OptionRow::new("momentum", OptionKind::Number(FRACTION))],
    example: "batch_norm",
    layer: batch_norm,
};

/// By the mean and the variance that each channel, or feature, has in a batch; in inference by running ones.
fn batch_norm(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, .. } = call.places(ALL)?;
    let (extent, eps, momentum) = (call.extent(), eps(call), call.number("momentum", 0.1));
    let constant = quote!(layers::BatchNormSettings::new(#extent, #eps, #momentum));
    let tensor = |name| Tensor { name, shape: vec![channels.clone()], order: &[0] };
    let tensors = vec![tensor("running_mean"), tensor("running_var")];
    let buffers = Buffers { name: "RunningStatistics", generics: vec![channels.clone()], tensors };
    let parameters = parameters("BatchNorm", vec![channels.clone()], constant, by_channel(channels));
    layer(call, Parameters { buffers: Some(buffers), ..parameters }, Reach::Place)
}

pub const LAYER_NORM: Row =
    Row { word: "layer_norm", sizes: &[], options: &[EPS], example: "layer_norm", layer: layer_norm };

/// By the mean and the variance of all values of a sample; of a sequence, of each step.
fn layer_norm(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(ALL)?;
    let (extent, eps) = (call.extent(), eps(call));
    let constant = quote!(layers::NormSettings::layer(#extent, #eps));
    let (shape, order): (_, &[usize]) = match call.input.kind {
        Kind::Vector | Kind::Sequence | Kind::Open => (vec![channels.clone()], &[0]),
        Kind::Signal => (call.input.dims.clone(), &[1, 0]),
        Kind::Image => (call.input.dims.clone(), &[1, 2, 0]),
        Kind::Volume => (call.input.dims.clone(), &[1, 2, 3, 0]),
    };
    let (places, reach) = match call.input.kind {
        Kind::Sequence => (Dim::Literal(1), Reach::Place),
        _ => (Dim::product(axes).ok_or_else(too_large)?, Reach::Whole),
    };
    let tensors = ["gamma", "beta"].map(|name| Tensor { name, shape: shape.clone(), order });
    let parameters = parameters("LayerNorm", vec![places, channels.clone()], constant, tensors.into());
    layer(call, parameters, reach)
}

pub const GROUP_NORM: Row = Row {
    word: "group_norm",
    sizes: &[SizeRow::new("the number of groups", SizeKind::Dimension)],
    options: &[EPS, AFFINE],
    example: "group_norm(8)",
    layer: group_norm,
};

/// By the mean and the variance of each group of channels.
fn group_norm(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, .. } = call.places(&[Kind::Image, Kind::Volume, Kind::Signal, Kind::Vector])?;
    let groups = call.size(0);
    if let (Some(channels), Some(groups)) = (channels.literal(), groups.literal())
        && channels % groups > 0
    {
        let what = if call.input.kind == Kind::Vector { "features" } else { "channels" };
        let mistake = Mistake::new(format!("{groups} groups do not divide the {channels} {what} of `group_norm`"));
        return Err(mistake.about_shape());
    }
    let (extent, eps) = (call.extent(), eps(call));
    let constant = quote!(layers::NormSettings::group(#extent, #groups, #eps));
    let affine = call.flag("affine", true);
    let mut generics = vec![channels.clone()];
    if !affine {
        generics.push(Dim::Literal(0));
    }
    let tensors = if affine { by_channel(channels) } else { Vec::new() };
    layer(call, parameters("GroupNorm", generics, constant, tensors), Reach::Whole)
}

pub const INSTANCE_NORM: Row =
    Row { word: "instance_norm", sizes: &[], options: &[EPS, AFFINE], example: "instance_norm", layer: instance_norm };

/// By the mean and the variance of each channel of a sample; without gamma and beta, as in `PyTorch`.
fn instance_norm(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, .. } = call.places(OVER_PLACES)?;
    let (extent, eps) = (call.extent(), eps(call));
    let constant = quote!(layers::NormSettings::instance(#extent, #eps));
    let affine = call.flag("affine", false);
    let tensors = if affine { by_channel(channels) } else { Vec::new() };
    let affine = if affine { channels.clone() } else { Dim::Literal(0) };
    layer(call, parameters("InstanceNorm", vec![channels.clone(), affine], constant, tensors), Reach::Whole)
}

fn eps(call: &Call) -> TokenStream {
    call.number("eps", 1e-5)
}

/// A scale and a shift for each channel.
fn by_channel(channels: &Dim) -> Vec<Tensor> {
    ["gamma", "beta"].map(|name| Tensor { name, shape: vec![channels.clone()], order: &[0] }).into()
}

fn parameters(name: &'static str, generics: Vec<Dim>, constant: TokenStream, tensors: Vec<Tensor>) -> Parameters {
    let sizes = Sizes::ByConstant(constant);
    Parameters { name, generics, sizes, tensors, buffers: None, initializer: Initial::Fixed }
}

#[allow(clippy::unnecessary_wraps, reason = "it ends functions that can fail")]
fn layer(call: &Call, parameters: Parameters, reach: Reach) -> Result<Layer, Mistake> {
    Ok(Layer { reach, ..Layer::of_same_shape(call, Form::Parameterised(parameters)) })
}

pub const LOCAL_RESPONSE_NORM: Row = Row {
    word: "local_response_norm",
    sizes: &[SizeRow::new("the number of neighbouring channels", SizeKind::Dimension)],
    options: &[
        OptionRow::new("alpha", OptionKind::Number(POSITIVE)),
        OptionRow::new("beta", OptionKind::Number(POSITIVE)),
        OptionRow::new("k", OptionKind::Number(POSITIVE)),
    ],
    example: "local_response_norm(5)",
    layer: local_response_norm,
};

/// By the squares of the neighbouring channels in the same place.
fn local_response_norm(call: &Call) -> Result<Layer, Mistake> {
    call.places(OVER_PLACES)?;
    let (extent, size) = (call.extent(), call.size(0));
    let (alpha, beta, k) = (call.number("alpha", 1e-4), call.number("beta", 0.75), call.number("k", 1.0));
    let value = quote!(LocalResponseNorm::new(#extent, #size, #alpha, #beta, #k));
    Ok(Layer::of_same_shape(call, Form::Plain(Plain { value, reads_input: true, differentiable: true })))
}
