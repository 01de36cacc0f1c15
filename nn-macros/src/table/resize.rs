//! `upsample`, `pad`, `crop`.

use quote::quote;

use super::spatial::{Places, axis_name, shape_of, three_sizes};
use super::{ANY, Call, Form, Layer, OptionKind, OptionRow, Plain, Row, SizeKind, SizeRow, too_large};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::{Apart, Reach};
use crate::shape::Kind;

const KINDS: &[Kind] = &[Kind::Image, Kind::Volume, Kind::Signal];

pub const UPSAMPLE: Row = Row {
    word: "upsample",
    sizes: &[SizeRow::new("how many times larger the axes become", SizeKind::Axes { least: 1 })],
    options: &[
        OptionRow::new("mode", OptionKind::Choice(&["nearest", "bilinear"])),
        OptionRow::new("align_corners", OptionKind::Flag),
    ],
    example: "upsample(2)",
    layer: upsample,
};

fn upsample(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(KINDS)?;
    let scales = call.size_axes(0, axes.len()).expect("the scale cannot be left out")?;
    let bilinear = call.choice("mode").is_some_and(|mode| mode == "bilinear");
    check_mode(call, bilinear)?;
    let given = axes.iter().zip(&scales).map(|(axis, scale)| axis.scaled(scale));
    let given = given.collect::<Option<Vec<_>>>().ok_or_else(too_large)?;
    let output = shape_of(call.input.kind, channels, given).ok_or_else(too_large)?;
    let mode = if bilinear {
        let align_corners = call.flag("align_corners", false);
        quote!(Bilinear { align_corners: #align_corners })
    } else {
        quote!(Nearest)
    };
    let (extent, scale) = (call.extent(), three_sizes(&scales, 1));
    let value = quote!(Upsample::new(#extent, #scale, ::monograd::layers::UpsampleMode::#mode));
    let windows = scales.iter().map(|scale| upsampled(scale, bilinear)).collect::<Option<_>>();
    let form = Form::Plain(Plain { value, reads_input: false, differentiable: true });
    Ok(Layer { reach: windows.map_or(Reach::Whole, Reach::Windows), ..Layer::new(output, form) })
}

/// A value lies on one of those before it, or between two.
fn upsampled(scale: &Dim, bilinear: bool) -> Option<Apart> {
    let neighbours = usize::from(bilinear && !scale.is(1));
    Apart::scaled(Dim::Literal(1), scale.clone(), Dim::Literal(neighbours))
}

fn check_mode(call: &Call, bilinear: bool) -> Result<(), Mistake> {
    if bilinear && call.input.kind != Kind::Image {
        let mistake = Mistake::new(format!("`mode = bilinear` needs an image, but {} {}", call.giver, call.input));
        return Err(mistake.help("leave it out: the nearest value is taken").about_shape());
    }
    match call.option_span("align_corners") {
        Some(span) if !bilinear => Err(Mistake::new("`align_corners` goes with `mode = bilinear`").at(span)),
        _ => Ok(()),
    }
}

const BEFORE: OptionRow = OptionRow::new("before", OptionKind::Axes { least: 0 });
const AFTER: OptionRow = OptionRow::new("after", OptionKind::Axes { least: 0 });

pub const PAD: Row = Row {
    word: "pad",
    sizes: &[SizeRow { what: "the padding on every side", kind: SizeKind::Axes { least: 0 }, optional: true }],
    options: &[BEFORE, AFTER, OptionRow::new("value", OptionKind::Number(ANY))],
    example: "pad(1)",
    layer: pad,
};

fn pad(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(KINDS)?;
    let [before, after] = sides(call, axes.len())?;
    let given = axes.iter().zip(&before).zip(&after).map(|((axis, before), after)| axis.plus(&both(before, after)?));
    let given = given.collect::<Option<Vec<_>>>().ok_or_else(too_large)?;
    let output = shape_of(call.input.kind, channels, given).ok_or_else(too_large)?;
    let (extent, before, after) = (call.extent(), three_sizes(&before, 0), three_sizes(&after, 0));
    let number = call.number("value", 0.0);
    let value = quote!(Pad::new(#extent, #before, #after, #number));
    Ok(Layer::new(output, Form::Plain(Plain { value, reads_input: false, differentiable: true })))
}

pub const CROP: Row = Row {
    word: "crop",
    sizes: &[SizeRow { what: "what is cut off on every side", kind: SizeKind::Axes { least: 0 }, optional: true }],
    options: &[BEFORE, AFTER],
    example: "crop(1)",
    layer: crop,
};

fn crop(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(KINDS)?;
    let [before, after] = sides(call, axes.len())?;
    let mut given = Vec::new();
    for (place, axis) in axes.iter().enumerate() {
        let cut = both(&before[place], &after[place]).ok_or_else(too_large)?;
        let left = axis.minus(&cut).filter(|left| !left.is(0));
        given.push(left.ok_or_else(|| nothing_left(call, axis, &cut, axis_name(axes.len(), place).0))?);
    }
    let output = shape_of(call.input.kind, channels, given).ok_or_else(too_large)?;
    let (extent, before, after) = (call.extent(), three_sizes(&before, 0), three_sizes(&after, 0));
    let value = quote!(Crop::new(#extent, #before, #after));
    Ok(Layer::new(output, Form::Plain(Plain { value, reads_input: false, differentiable: true })))
}

fn nothing_left(call: &Call, axis: &Dim, cut: &Dim, name: &str) -> Mistake {
    Mistake::new(format!("`{}` cuts {cut} off a {name} of {axis}: nothing is left", call.text)).about_shape()
}

/// The sum of both sides.
fn both(before: &Dim, after: &Dim) -> Option<Dim> {
    if before.same(after) { before.scaled(&Dim::Literal(2)) } else { before.plus(after) }
}

/// How much on each side of each axis: by the size on both, else by the options.
fn sides(call: &Call, axes: usize) -> Result<[Vec<Dim>; 2], Mistake> {
    let side = call.option_span("before").or(call.option_span("after"));
    match (call.size_axes(0, axes), side) {
        (Some(both), None) => both.map(|both| [both.clone(), both]),
        (None, Some(_)) => Ok([call.axes_or("before", axes, 0)?, call.axes_or("after", axes, 0)?]),
        (Some(_), Some(side)) => {
            let mistake = Mistake::new("a size is for both sides, `before` and `after` are for one");
            Err(mistake.help(format!("write `{}(before = 1, after = 2)`", call.word)).at(side))
        }
        (None, None) => {
            let mistake = Mistake::new(format!("`{}` needs to know how much", call.word));
            Err(mistake.help(format!("write `{0}(1)`, or `{0}(before = [0, 1], after = [1, 0])`", call.word)))
        }
    }
}
