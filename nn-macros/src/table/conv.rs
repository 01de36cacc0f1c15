//! `conv1d`, `conv2d`, `conv3d`.

use proc_macro2::TokenStream;
use quote::quote;

use super::dense::{BIAS, INIT, STD, initializer};
use super::spatial::{Places, RANKS, shape_of};
use super::windows::{Axis, DILATION, PADDING, Rounding, STRIDE, axes_tokens, skipped_input, windows};
use super::{Call, Form, Layer, OptionKind, OptionRow, Parameters, Row, SizeKind, SizeRow, Sizes, Tensor, too_large};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::Reach;

pub const CONV1D: Row = row("conv1d", "conv1d(16, 3)", OPTIONS, |call| layer(call, 1));
pub const CONV2D: Row = row("conv2d", "conv2d(16, 3)", OPTIONS_OF_IMAGES, |call| layer(call, 2));
pub const CONV3D: Row = row("conv3d", "conv3d(16, 3)", OPTIONS_OF_IMAGES, |call| layer(call, 3));

pub const OUTPUTS: SizeRow = SizeRow::new("the number of output channels", SizeKind::Dimension);
pub const KERNEL: SizeRow = SizeRow::new("the size of the kernel", SizeKind::Axes { least: 1 });
pub const GROUPS: OptionRow = OptionRow::new("groups", OptionKind::Count);

/// Whether an algorithm with fewer multiplications may take the place of the definition.
pub const WINOGRAD: OptionRow = OptionRow::new("winograd", OptionKind::Flag);

const OPTIONS: &[OptionRow] = &[STRIDE, PADDING, DILATION, GROUPS, BIAS, INIT, STD];
/// A volume whose kernel is flat is images.
const OPTIONS_OF_IMAGES: &[OptionRow] = &[STRIDE, PADDING, DILATION, GROUPS, BIAS, INIT, STD, WINOGRAD];

const fn row(
    word: &'static str,
    example: &'static str,
    options: &'static [OptionRow],
    layer: fn(&Call) -> Result<Layer, Mistake>,
) -> Row {
    Row { word, sizes: &[OUTPUTS, KERNEL], options, example, layer }
}

/// The weights of a file are `[O, I, K…]`; memory has `[K…, I, O]`, by the number of axes.
const ORDERS: [&[usize]; 3] = [&[2, 1, 0], &[2, 3, 1, 0], &[2, 3, 4, 1, 0]];
const NAMES: [&str; 3] = ["Conv1d", "Conv2d", "Conv3d"];

fn layer(call: &Call, rank: usize) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(&[RANKS[rank - 1]])?;
    let (outputs, sizes) = (call.size(0), kernel(call, rank)?);
    let windows = windows(call, &sizes, &call.axes_or("stride", rank, 1)?)?;
    let axes = windows.into_iter().zip(axes).enumerate();
    let axes = axes.map(|(place, (window, axis))| Axis::new(call, window, Rounding::Floor, axis, [rank, place]));
    let axes: Vec<_> = axes.collect::<Result<_, _>>()?;
    let given = axes.iter().map(|axis| axis.given.clone());
    let output = shape_of(call.input.kind, &outputs, given).ok_or_else(too_large)?;

    let groups = groups(call, channels, &outputs)?;
    let inputs = channels.over(&groups).ok_or_else(too_large)?;
    let weight = [vec![outputs.clone(), inputs.clone()], sizes.clone()].concat();
    let weight = Tensor { name: "weight", shape: weight, order: ORDERS[rank - 1] };
    let mut generics = [vec![inputs, outputs.clone()], sizes].concat();
    if !call.flag("bias", true) {
        generics.push(Dim::Literal(0));
    }
    let macs = macs(&weight, axes.iter().map(|axis| &axis.given))?;
    let constant = constant(call, &axes, channels, &outputs, &groups);
    let parameters = parameters(call, NAMES[rank - 1], generics, constant, tensors(call, weight, outputs))?;
    let (reach, advice) = (reach(&axes), skipped_input(call, &axes));
    Ok(Layer { macs, reach, advice, ..Layer::new(output, Form::Parameterised(parameters)) })
}

/// The size of the kernel along each axis.
pub fn kernel(call: &Call, rank: usize) -> Result<Vec<Dim>, Mistake> {
    call.size_axes(1, rank).expect("a kernel cannot be left out")
}

/// The tensors, with the bias if there is one.
pub fn tensors(call: &Call, weight: Tensor, outputs: Dim) -> Vec<Tensor> {
    let bias = Tensor { name: "bias", shape: vec![outputs], order: &[0] };
    if call.flag("bias", true) { vec![weight, bias] } else { vec![weight] }
}

/// The runtime's `Convolution`.
pub fn constant(call: &Call, axes: &[Axis], inputs: &Dim, outputs: &Dim, groups: &Dim) -> TokenStream {
    let axes = axes_tokens(axes);
    let direct = if call.flag(WINOGRAD.name, true) { None } else { Some(quote!(.direct())) };
    quote!(geometry::Convolution::new(#axes, #inputs, #outputs, #groups) #direct)
}

pub fn parameters(
    call: &Call,
    name: &'static str,
    generics: Vec<Dim>,
    constant: TokenStream,
    tensors: Vec<Tensor>,
) -> Result<Parameters, Mistake> {
    let initializer = initializer(call)?;
    let sizes = Sizes::Convolution { constant, transposed: call.word.starts_with("conv_transpose") };
    Ok(Parameters { name, generics, sizes, tensors, buffers: None, initializer })
}

pub fn reach(axes: &[Axis]) -> Reach {
    axes.iter().map(Axis::apart).collect::<Option<_>>().map_or(Reach::Whole, Reach::Windows)
}

/// Each weight once for each of these places.
pub fn macs<'a>(weight: &Tensor, places: impl Iterator<Item = &'a Dim>) -> Result<Dim, Mistake> {
    let weights = Dim::product(&weight.shape).filter(Dim::fits_memory).ok_or_else(too_large)?;
    let places = Dim::product(places).ok_or_else(too_large)?;
    weights.times(&places).ok_or_else(too_large)
}

/// The number of groups, which divides the channels on both sides.
pub fn groups(call: &Call, inputs: &Dim, outputs: &Dim) -> Result<Dim, Mistake> {
    let groups = call.count("groups", 1);
    let Some(number) = groups.literal() else { return Ok(groups) };
    let divides = |channels: &Dim| channels.literal().is_none_or(|channels| channels % number == 0);
    let (channels, side) = match (divides(inputs), divides(outputs)) {
        (true, true) => return Ok(groups),
        (false, _) => (inputs, "input"),
        (true, false) => (outputs, "output"),
    };
    let mistake =
        Mistake::new(format!("{number} groups do not divide the {channels} {side} channels of `{}`", call.word));
    let mistake = match (inputs.literal(), outputs.literal()) {
        (Some(inputs), Some(outputs)) => mistake.help(format!("`groups` can be {}", divisors(inputs, outputs))),
        _ => mistake,
    };
    let mistake = mistake.at(call.option_span("groups").expect("one group divides all"));
    Err(if side == "input" { mistake.about_shape() } else { mistake })
}

/// What divides both numbers, in words; of many the least and the largest.
fn divisors(a: usize, b: usize) -> String {
    const MOST_TRIED: usize = 1 << 16;
    const MOST_SHOWN: usize = 6;
    let common = greatest_common_divisor(a, b);
    let small = (1..common.min(MOST_TRIED)).filter(|divisor| common.is_multiple_of(*divisor));
    let mut shown: Vec<_> = small.take(MOST_SHOWN).map(|divisor| divisor.to_string()).collect();
    shown.push(common.to_string());
    match shown.split_last() {
        Some((last, [])) => format!("only {last}"),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => unreachable!("1 divides every number"),
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
