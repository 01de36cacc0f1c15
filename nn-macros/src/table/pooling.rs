//! `max_pool*`, `avg_pool*`, `adaptive_avg_pool2d`, `global_avg_pool`, `global_max_pool`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::conv::reach;
use super::spatial::{Places, RANKS, shape_of};
use super::windows::{
    Axis, CEIL_MODE, DILATION, PADDING, Rounding, STRIDE, Window, axes_tokens, skipped_input, windows,
};
use super::{Call, Form, Layer, OptionKind, OptionRow, Plain, Row, SizeKind, SizeRow, too_large};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::{Apart, Reach};
use crate::shape::{Kind, Shape};

pub const MAX_POOL1D: Row = max_row("max_pool1d", "max_pool1d(2)", |call| pool(call, 1));
pub const MAX_POOL2D: Row = max_row("max_pool2d", "max_pool2d(2)", |call| pool(call, 2));
pub const MAX_POOL3D: Row = max_row("max_pool3d", "max_pool3d(2)", |call| pool(call, 3));
pub const AVG_POOL1D: Row = avg_row("avg_pool1d", "avg_pool1d(2)", |call| pool(call, 1));
pub const AVG_POOL2D: Row = avg_row("avg_pool2d", "avg_pool2d(2)", |call| pool(call, 2));
pub const AVG_POOL3D: Row = avg_row("avg_pool3d", "avg_pool3d(2)", |call| pool(call, 3));

const SIZE: SizeRow = SizeRow::new("the size of the window", SizeKind::Axes { least: 1 });
const COUNT_PADDING: OptionRow = OptionRow::new("count_padding", OptionKind::Flag);

const fn max_row(word: &'static str, example: &'static str, layer: fn(&Call) -> Result<Layer, Mistake>) -> Row {
    Row { word, sizes: &[SIZE], options: &[STRIDE, PADDING, DILATION, CEIL_MODE], example, layer }
}

const fn avg_row(word: &'static str, example: &'static str, layer: fn(&Call) -> Result<Layer, Mistake>) -> Row {
    Row { word, sizes: &[SIZE], options: &[STRIDE, PADDING, CEIL_MODE, COUNT_PADDING], example, layer }
}

/// A window over each channel by itself.
fn pool(call: &Call, rank: usize) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(&[RANKS[rank - 1]])?;
    let sizes = call.size_axes(0, rank).expect("a window cannot be left out")?;
    let strides = call.axes("stride", rank).transpose()?.unwrap_or_else(|| sizes.clone());
    let axes = windows(call, &sizes, &strides)?.into_iter().zip(axes).enumerate();
    let axes = axes.map(|(place, (window, axis))| {
        check_padding(call, &window)?;
        let rounding = if call.flag("ceil_mode", false) { Rounding::Ceil } else { Rounding::Floor };
        Axis::new(call, window, rounding, axis, [rank, place])
    });
    let axes: Vec<_> = axes.collect::<Result<_, _>>()?;
    let given = axes.iter().map(|axis| axis.given.clone());
    let output = shape_of(call.input.kind, channels, given).ok_or_else(too_large)?;

    let takes_maximum = call.word.starts_with("max");
    let name = Ident::new(&format!("{}Pool{rank}d", if takes_maximum { "Max" } else { "Avg" }), Span::call_site());
    let tokens = axes_tokens(&axes);
    let window = quote!(::monograd::geometry::Window { axes: #tokens });
    let counted = call.flag("count_padding", true);
    let counts_padding = (!takes_maximum).then(|| quote!(, #counted));
    let value = quote!(#name::new(#window, #channels #counts_padding));
    let (reach, advice) = (reach(&axes), skipped_input(call, &axes));
    Ok(Layer { reach, advice, ..plain(output, value, takes_maximum) })
}

/// A window that may lie in the padding alone has no values.
fn check_padding(call: &Call, window: &Window) -> Result<(), Mistake> {
    let extent = window.extent().and_then(|extent| extent.literal());
    let (Some(extent), Some(before), Some(after)) = (extent, window.before.literal(), window.after.literal()) else {
        // The runtime's constructor has the same rule.
        return Ok(());
    };
    let padding = before.max(after);
    if padding <= extent / 2 {
        return Ok(());
    }
    Err(Mistake::new(format!("the padding of `{}` is at most half the window's {extent}, found {padding}", call.word))
        .note("a window in the padding alone would have no values")
        .help(format!("write `padding = {}`, or put `pad` before it", extent / 2))
        .at(call.option_span("padding").expect("none is given without it")))
}

fn plain(output: Shape, value: TokenStream, reads_input: bool) -> Layer {
    Layer::new(output, Form::Plain(Plain { value, reads_input, differentiable: true }))
}

pub const ADAPTIVE_AVG_POOL2D: Row = Row {
    word: "adaptive_avg_pool2d",
    sizes: &[SizeRow::new("the height and the width that it gives", SizeKind::Axes { least: 1 })],
    options: &[],
    example: "adaptive_avg_pool2d([6, 6])",
    layer: adaptive,
};

/// Windows of the sizes that give so many outputs.
fn adaptive(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(&[Kind::Image])?;
    let given = call.size_axes(0, 2).expect("the sizes cannot be left out")?;
    let output = shape_of(Kind::Image, channels, given.iter().cloned()).ok_or_else(too_large)?;
    let windows = axes.iter().zip(&given).map(|(taken, given)| adaptive_apart(taken, given)).collect::<Option<_>>();
    let extent = call.extent();
    let value = quote!(AdaptiveAvgPool2d::new(#extent, [#(#given),*]));
    Ok(Layer { reach: windows.map_or(Reach::Whole, Reach::Windows), ..plain(output, value, false) })
}

/// Output o reads the inputs from `⌊o·taken/given⌋` to below `⌈(o + 1)·taken/given⌉`: the most that one reads. Of an
/// expression it is not known.
fn adaptive_apart(taken: &Dim, given: &Dim) -> Option<Apart> {
    const MOST_TRIED: usize = 1 << 16;
    let (inputs, outputs) = (taken.literal()?, given.literal()?);
    if outputs > MOST_TRIED || inputs > MOST_TRIED {
        return None;
    }
    let reads = |output: usize| ((output + 1) * inputs).div_ceil(outputs) - output * inputs / outputs;
    let span = (0..outputs).map(reads).max()?;
    Apart::scaled(taken.clone(), given.clone(), Dim::Literal(span - 1))
}

pub const GLOBAL_AVG_POOL: Row = global_row("global_avg_pool", |call| global(call, &quote!(GlobalAvgPool), false));
pub const GLOBAL_MAX_POOL: Row = global_row("global_max_pool", |call| global(call, &quote!(GlobalMaxPool), true));

const fn global_row(word: &'static str, layer: fn(&Call) -> Result<Layer, Mistake>) -> Row {
    Row { word, sizes: &[], options: &[], example: word, layer }
}

/// All places of a channel become one value; of a sequence, all steps of a feature.
fn global(call: &Call, name: &TokenStream, reads_input: bool) -> Result<Layer, Mistake> {
    let Places { channels, .. } = call.places(&[Kind::Image, Kind::Volume, Kind::Signal, Kind::Sequence])?;
    let extent = call.extent();
    let value = quote!(#name::new(#extent));
    Ok(Layer { reach: Reach::Whole, ..plain(Shape::vector(channels.clone()), value, reads_input) })
}
