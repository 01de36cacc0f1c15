//! `conv_transpose1d`, `conv_transpose2d`, `conv_transpose3d`.

use super::conv::{GROUPS, KERNEL, OUTPUTS, WINOGRAD, constant, groups, kernel, macs, parameters, reach, tensors};
use super::dense::{BIAS, INIT, STD};
use super::spatial::{Places, RANKS, shape_of};
use super::windows::{Axis, DILATION, PADDING, Rounding, STRIDE, Window, windows};
use super::{Call, Form, Layer, OptionKind, OptionRow, Row, Tensor, too_large};
use crate::dimension::Dim;
use crate::errors::Mistake;

pub const CONV_TRANSPOSE1D: Row =
    row("conv_transpose1d", "conv_transpose1d(16, 2, stride = 2)", OPTIONS, |call| layer(call, 1));
pub const CONV_TRANSPOSE2D: Row =
    row("conv_transpose2d", "conv_transpose2d(16, 2, stride = 2)", OPTIONS_OF_IMAGES, |call| layer(call, 2));
pub const CONV_TRANSPOSE3D: Row =
    row("conv_transpose3d", "conv_transpose3d(16, 2, stride = 2)", OPTIONS_OF_IMAGES, |call| layer(call, 3));

const OUTPUT_PADDING: OptionRow = OptionRow::new("output_padding", OptionKind::Axes { least: 0 });

const OPTIONS: &[OptionRow] = &[STRIDE, PADDING, OUTPUT_PADDING, DILATION, GROUPS, BIAS, INIT, STD];
/// A volume whose kernel is flat is images.
const OPTIONS_OF_IMAGES: &[OptionRow] = &[STRIDE, PADDING, OUTPUT_PADDING, DILATION, GROUPS, BIAS, INIT, STD, WINOGRAD];

const fn row(
    word: &'static str,
    example: &'static str,
    options: &'static [OptionRow],
    layer: fn(&Call) -> Result<Layer, Mistake>,
) -> Row {
    Row { word, sizes: &[OUTPUTS, KERNEL], options, example, layer }
}

/// The weights of a file are `[I, O, K…]`; memory has `[K…, I, O]`, by the number of axes.
const ORDERS: [&[usize]; 3] = [&[2, 0, 1], &[2, 3, 0, 1], &[2, 3, 4, 0, 1]];
const NAMES: [&str; 3] = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"];

/// It has the geometry of the convolution whose transpose it is, which takes what this one gives.
fn layer(call: &Call, rank: usize) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(&[RANKS[rank - 1]])?;
    let (outputs, sizes) = (call.size(0), kernel(call, rank)?);
    let windows = windows(call, &sizes, &call.axes_or("stride", rank, 1)?)?;
    let more = call.axes_or("output_padding", rank, 0)?;
    let axes = windows.into_iter().zip(axes).zip(more).enumerate();
    let axes = axes.map(|(place, ((window, axis), more))| {
        check_output_padding(call, &window, &more)?;
        Axis::new(call, window, Rounding::Transposed(more), axis, [rank, place])
    });
    let axes: Vec<_> = axes.collect::<Result<_, _>>()?;
    let given = axes.iter().map(|axis| axis.given.clone());
    let output = shape_of(call.input.kind, &outputs, given).ok_or_else(too_large)?;

    let groups = groups(call, channels, &outputs)?;
    let outputs_of_group = outputs.over(&groups).ok_or_else(too_large)?;
    let weight = [vec![channels.clone(), outputs_of_group.clone()], sizes.clone()].concat();
    let weight = Tensor { name: "weight", shape: weight, order: ORDERS[rank - 1] };
    let biases = if call.flag("bias", true) { outputs.clone() } else { Dim::Literal(0) };
    let generics = [vec![channels.clone(), outputs_of_group], sizes, vec![biases]].concat();
    let macs = macs(&weight, axes.iter().map(|axis| &axis.taken))?;
    let constant = constant(call, &axes, &outputs, channels, &groups);
    let parameters = parameters(call, NAMES[rank - 1], generics, constant, tensors(call, weight, outputs))?;
    Ok(Layer { macs, reach: reach(&axes), ..Layer::new(output, Form::Parameterised(parameters)) })
}

/// It chooses among the sizes that a convolution gives the same size of: there are as many as the stride.
fn check_output_padding(call: &Call, window: &Window, more: &Dim) -> Result<(), Mistake> {
    let (Some(number), Some(stride), Some(dilation)) =
        (more.literal(), window.stride.literal(), window.dilation.literal())
    else {
        return Ok(());
    };
    if number < stride.max(dilation) || number == 0 {
        return Ok(());
    }
    let than = if dilation > 1 {
        format!("the stride of {stride} or the dilation of {dilation}")
    } else {
        format!("the stride of {stride}")
    };
    Err(Mistake::new(format!("`output_padding` is smaller than {than}, found `{number}`"))
        .note("it chooses among the sizes that a convolution with this stride makes the same")
        .at(call.option_span("output_padding").expect("it is not zero")))
}
