//! `subsample`.

use quote::quote;

use super::spatial::{Places, shape_of, three_sizes};
use super::{Call, Form, Layer, OptionKind, OptionRow, Plain, Row, SizeKind, SizeRow, too_large};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::{Apart, Reach};
use crate::shape::Kind;

pub const ROW: Row = Row {
    word: "subsample",
    sizes: &[SizeRow::new("how many channels it gives", SizeKind::Dimension)],
    options: &[OptionRow::new("stride", OptionKind::Axes { least: 1 })],
    example: "subsample(32, stride = 2)",
    layer,
};

fn layer(call: &Call) -> Result<Layer, Mistake> {
    let Places { channels, axes } = call.places(&[Kind::Image, Kind::Volume, Kind::Signal])?;
    let (gives, strides) = (call.size(0), call.axes_or("stride", axes.len(), 2)?);
    if let (Some(gives), Some(arrive)) = (gives.literal(), channels.literal())
        && gives < arrive
    {
        let mistake = Mistake::new(format!("`{}` gives {gives} channels, but {arrive} arrive", call.text));
        return Err(mistake.help(format!("it adds channels of zeros: write at least {arrive}")).about_shape());
    }
    let given = axes.iter().zip(&strides).map(|(axis, stride)| axis.over_up(stride));
    let given = given.collect::<Option<Vec<_>>>().ok_or_else(too_large)?;
    let output = shape_of(call.input.kind, &gives, given).ok_or_else(too_large)?;
    let (extent, stride) = (call.extent(), three_sizes(&strides, 1));
    let value = quote!(Subsample::new(#extent, #gives, #stride));
    let windows = strides.into_iter().map(|stride| Apart::strided(stride, Dim::Literal(0))).collect();
    let form = Form::Plain(Plain { value, reads_input: false, differentiable: true });
    Ok(Layer { reach: Reach::Windows(windows), ..Layer::new(output, form) })
}
