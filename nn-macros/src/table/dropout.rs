//! `dropout`, `dropout2d`.

use quote::quote;

use super::{Call, Form, Layer, PROBABILITY, Row, SizeKind, SizeRow};
use crate::errors::Mistake;
use crate::shape::Kind;

const P: SizeRow = SizeRow::new("the probability to drop a value", SizeKind::Number { name: "p", range: PROBABILITY });

pub const DROPOUT: Row = Row { word: "dropout", sizes: &[P], options: &[], example: "dropout(0.5)", layer: dropout };

#[allow(clippy::unnecessary_wraps, reason = "the table's rows have one signature")]
fn dropout(call: &Call) -> Result<Layer, Mistake> {
    let p = call.size_number(0);
    Ok(Layer::of_same_shape(call, Form::Noise(quote!(Dropout::new(#p)))))
}

pub const DROPOUT2D: Row =
    Row { word: "dropout2d", sizes: &[P], options: &[], example: "dropout2d(0.5)", layer: dropout2d };

/// Whole channels.
fn dropout2d(call: &Call) -> Result<Layer, Mistake> {
    call.places(&[Kind::Image, Kind::Volume, Kind::Signal])?;
    let (p, extent) = (call.size_number(0), call.extent());
    Ok(Layer::of_same_shape(call, Form::Noise(quote!(Dropout2d::new(#p, #extent)))))
}
