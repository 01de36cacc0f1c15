//! The activation functions.

use quote::quote;

use super::{Cached, Call, Form, Layer, OptionKind, OptionRow, Pointwise, Row, Suits};
use crate::errors::Mistake;
use crate::shape::{Dim, Kind};

const POSITIVE: OptionKind = OptionKind::Number { range: "a positive number", contains: |x| x > 0.0 };

const fn row(word: &'static str, options: &'static [OptionRow], layer: fn(&Call) -> Result<Layer, Mistake>) -> Row {
    Row { word, sizes: &[], options, example: word, layer }
}

fn pointwise(call: &Call, form: Pointwise) -> Layer {
    Layer { output: call.input.clone(), macs: Dim::Literal(0), form: Form::Pointwise(form) }
}

pub const LINEAR: Row = row("linear", &[], |call| {
    let (cached, suits) = (Cached::Output, Suits::Xavier);
    Ok(pointwise(call, Pointwise { value: quote!(Linear), cached, suits, differentiable: true }))
});

pub const STEP: Row = row("step", &[], |call| {
    let (cached, suits) = (Cached::Output, Suits::Xavier);
    Ok(pointwise(call, Pointwise { value: quote!(Step), cached, suits, differentiable: false }))
});

pub const LOGISTIC: Row = row("logistic", &[OptionRow { name: "k", kind: POSITIVE }], |call| {
    let k = call.number("k", 1.0);
    let (cached, suits) = (Cached::Output, Suits::Xavier);
    let value = quote!(Logistic { k: #k });
    Ok(pointwise(call, Pointwise { value, cached, suits, differentiable: true }))
});

pub const TANH: Row = row("tanh", &[], |call| {
    let (cached, suits) = (Cached::Output, Suits::Xavier);
    Ok(pointwise(call, Pointwise { value: quote!(Tanh), cached, suits, differentiable: true }))
});

pub const RELU: Row = row("relu", &[], |call| {
    let (cached, suits) = (Cached::Output, Suits::He);
    Ok(pointwise(call, Pointwise { value: quote!(Relu), cached, suits, differentiable: true }))
});

pub const LEAKY_RELU: Row = row("leaky_relu", &[OptionRow { name: "slope", kind: POSITIVE }], |call| {
    let slope = call.number("slope", 0.01);
    let (cached, suits) = (Cached::Output, Suits::He);
    let value = quote!(LeakyRelu { slope: #slope });
    Ok(pointwise(call, Pointwise { value, cached, suits, differentiable: true }))
});

pub const ELU: Row = row("elu", &[OptionRow { name: "alpha", kind: POSITIVE }], |call| {
    let alpha = call.number("alpha", 1.0);
    let (cached, suits) = (Cached::Output, Suits::He);
    let value = quote!(Elu { alpha: #alpha });
    Ok(pointwise(call, Pointwise { value, cached, suits, differentiable: true }))
});

const APPROXIMATE: OptionRow = OptionRow { name: "approximate", kind: OptionKind::Choice(&["none", "tanh"]) };

pub const GELU: Row = row("gelu", &[APPROXIMATE], |call| {
    let approximate = match call.choice("approximate").as_deref() {
        Some("tanh") => quote!(Tanh),
        _ => quote!(None),
    };
    let (cached, suits) = (Cached::Input, Suits::He);
    let value = quote!(Gelu { approximate: ::monograd::activations::Approximate::#approximate });
    Ok(pointwise(call, Pointwise { value, cached, suits, differentiable: true }))
});

pub const SILU: Row = row("silu", &[], |call| {
    let (cached, suits) = (Cached::Input, Suits::He);
    Ok(pointwise(call, Pointwise { value: quote!(Silu), cached, suits, differentiable: true }))
});

pub const SOFTPLUS: Row = row("softplus", &[OptionRow { name: "beta", kind: POSITIVE }], |call| {
    let beta = call.number("beta", 1.0);
    let (cached, suits) = (Cached::Output, Suits::He);
    let value = quote!(Softplus { beta: #beta });
    Ok(pointwise(call, Pointwise { value, cached, suits, differentiable: true }))
});

pub const SOFTMAX: Row = row("softmax", &[], |call| match call.input.kind {
    Kind::Vector | Kind::Sequence => {
        Ok(Layer { output: call.input.clone(), macs: Dim::Literal(0), form: Form::Softmax })
    }
    _ => Err(Mistake::new(format!("`softmax` needs a vector, but {} {}", call.giver, call.input))
        .help(format!("write `flatten -> {}`", call.text))),
});
