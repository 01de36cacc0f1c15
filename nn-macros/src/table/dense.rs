//! `dense`.

use proc_macro2::{Ident, Span};
use quote::quote;

use super::{Call, Form, Layer, OptionKind, OptionRow, Parameters, Row, Tensor};
use crate::errors::Mistake;
use crate::shape::{Dim, Kind, Shape};

pub const ROW: Row = Row {
    word: "dense",
    sizes: &["the number of outputs"],
    options: &[
        OptionRow { name: "bias", kind: OptionKind::Flag },
        OptionRow {
            name: "init",
            kind: OptionKind::Choice(&[
                "zeros",
                "normal",
                "xavier_uniform",
                "xavier_normal",
                "he_uniform",
                "he_normal",
            ]),
        },
        OptionRow { name: "std", kind: OptionKind::Number { range: "a positive number", contains: |std| std > 0.0 } },
    ],
    example: "dense(128)",
    layer,
};

fn layer(call: &Call) -> Result<Layer, Mistake> {
    let outputs = call.sizes[0].clone();
    let (inputs, steps) = match (call.input.kind, &call.input.dims[..]) {
        (Kind::Vector, [features]) => (features.clone(), Dim::Literal(1)),
        (Kind::Sequence, [steps, features]) => (features.clone(), steps.clone()),
        _ => return Err(needs_a_vector(call)),
    };
    let too_large = || Mistake::new("this layer has more parameters than an address can reach");
    let size = inputs.times(&outputs).ok_or_else(too_large)?;
    let macs = size.times(&steps).ok_or_else(too_large)?;
    size.plus(&outputs).filter(|size| size.literal().is_none_or(|n| n < 1 << 40)).ok_or_else(too_large)?;

    let bias = call.flag("bias", true);
    let mut tensors = vec![Tensor { name: "weight", shape: vec![outputs.clone(), inputs.clone()], order: &[1, 0] }];
    let mut generics = vec![inputs.clone(), outputs.clone()];
    if bias {
        tensors.push(Tensor { name: "bias", shape: vec![outputs.clone()], order: &[0] });
    } else {
        generics.push(Dim::Literal(0));
    }
    let output = match call.input.kind {
        Kind::Sequence => Shape { kind: Kind::Sequence, dims: vec![steps, outputs.clone()] },
        _ => Shape::vector(outputs.clone()),
    };
    let initializer = initializer(call)?;
    let (applied_to, gives) = (vec![inputs], vec![outputs]);
    let parameters = Parameters { name: "Dense", generics, applied_to, gives, tensors, initializer };
    Ok(Layer { output, macs, form: Form::Parameterised(parameters) })
}

fn needs_a_vector(call: &Call) -> Mistake {
    let layer = &call.text;
    let values = call.input.len().literal().map(|n| format!(" ({n} values)")).unwrap_or_default();
    Mistake::new(format!("`dense` needs a vector, but {} {}", call.giver, call.input))
        .help(format!("write `flatten -> {layer}`{values}"))
}

/// The initialiser that `init` and `std` ask for.
fn initializer(call: &Call) -> Result<Option<proc_macro2::TokenStream>, Mistake> {
    let Some(word) = call.choice("init") else {
        return match call.option("std") {
            Some(_) => Err(Mistake::new("`std` goes with `init = normal`")),
            None => Ok(None),
        };
    };
    if word == "normal" {
        let std = call.number("std", 0.01);
        return Ok(Some(quote!(Normal { mean: 0.0, std: #std })));
    }
    if call.option("std").is_some() {
        return Err(format!("`std` goes with `init = normal`, not with `init = {word}`").into());
    }
    if word == "zeros" {
        return Ok(Some(quote!(Zeros)));
    }
    let name: String = word.split('_').map(capitalised).collect();
    let name = Ident::new(&name, Span::call_site());
    Ok(Some(quote!(#name::new())))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
