//! `flatten`.

use super::{Call, Form, Layer, Row};
use crate::errors::Mistake;
use crate::shape::Shape;

pub const ROW: Row = Row { word: "flatten", sizes: &[], options: &[], example: "flatten", layer };

#[allow(clippy::unnecessary_wraps, reason = "the table's rows have one signature")]
fn layer(call: &Call) -> Result<Layer, Mistake> {
    Ok(Layer::new(Shape::vector(call.input.len().clone()), Form::View))
}
