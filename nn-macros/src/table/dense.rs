//! `dense`.

use proc_macro2::{Ident, Span};
use quote::quote;

use super::{
    Call, Form, Initial, Layer, OptionKind, OptionRow, POSITIVE, Parameters, Row, SizeKind, SizeRow, Sizes, Tensor,
    too_large,
};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::Reach;
use crate::shape::{Kind, Shape};

pub const ROW: Row = Row {
    word: "dense",
    sizes: &[SizeRow::new("the number of outputs", SizeKind::Dimension)],
    options: &[BIAS, INIT, STD],
    example: "dense(128)",
    layer,
};

pub const BIAS: OptionRow = OptionRow::new("bias", OptionKind::Flag);
pub const INIT: OptionRow = OptionRow::new(
    "init",
    OptionKind::Choice(&["zeros", "normal", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal"]),
);
pub const STD: OptionRow = OptionRow::new("std", OptionKind::Number(POSITIVE));

fn layer(call: &Call) -> Result<Layer, Mistake> {
    let outputs = call.size(0);
    let (inputs, steps) = match (call.input.kind, &call.input.dims[..]) {
        (Kind::Vector, [features]) => (features.clone(), Dim::Literal(1)),
        (Kind::Sequence, [steps, features]) => (features.clone(), steps.clone()),
        _ => return Err(call.needs_a_vector()),
    };
    let size = inputs.times(&outputs).filter(Dim::fits_memory).ok_or_else(too_large)?;
    let macs = size.times(&steps).ok_or_else(too_large)?;
    let (output, reach) = match call.input.kind {
        Kind::Sequence => {
            (Shape::new(Kind::Sequence, vec![steps, outputs.clone()]).ok_or_else(too_large)?, Reach::Place)
        }
        _ => (Shape::vector(outputs.clone()), Reach::Whole),
    };

    let mut tensors = vec![Tensor { name: "weight", shape: vec![outputs.clone(), inputs.clone()], order: &[1, 0] }];
    let mut generics = vec![inputs.clone(), outputs.clone()];
    if call.flag("bias", true) {
        tensors.push(Tensor { name: "bias", shape: vec![outputs.clone()], order: &[0] });
    } else {
        generics.push(Dim::Literal(0));
    }
    let initializer = initializer(call)?;
    let sizes = Sizes::ByType { applied_to: vec![inputs], gives: vec![outputs] };
    let parameters = Parameters { name: "Dense", generics, sizes, tensors, buffers: None, initializer };
    Ok(Layer { macs, reach, ..Layer::new(output, Form::Parameterised(parameters)) })
}

/// The initialiser that `init` and `std` ask for.
pub fn initializer(call: &Call) -> Result<Initial, Mistake> {
    let init = call.choice("init");
    if init.as_deref() == Some("normal") {
        let std = call.number("std", 0.01);
        return Ok(Initial::Given(quote!(Normal { mean: 0.0, std: #std })));
    }
    if let Some(std) = call.option_span("std") {
        let not_with = init.map(|word| format!(", not with `init = {word}`")).unwrap_or_default();
        return Err(Mistake::new(format!("`std` goes with `init = normal`{not_with}")).at(std));
    }
    let Some(word) = init else { return Ok(Initial::Suited) };
    if word == "zeros" {
        return Ok(Initial::Given(quote!(Zeros)));
    }
    let name: String = word.split('_').map(capitalised).collect();
    let name = Ident::new(&name, Span::call_site());
    Ok(Initial::Given(quote!(#name::new())))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
