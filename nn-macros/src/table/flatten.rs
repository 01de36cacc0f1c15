//! `flatten`.

use super::{Call, Form, Layer, Row};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::shape::Shape;

pub const ROW: Row = Row { word: "flatten", sizes: &[], options: &[], example: "flatten", layer };

fn layer(call: &Call) -> Result<Layer, Mistake> {
    Ok(Layer { output: Shape::vector(call.input.len().clone()), macs: Dim::Literal(0), form: Form::View })
}
