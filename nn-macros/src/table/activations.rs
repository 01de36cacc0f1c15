//! The activation functions.

use proc_macro2::TokenStream;
use quote::quote;

use super::Cached::{Input, Output};
use super::Suits::{He, Xavier};
use super::{Cached, Call, Form, Layer, OptionKind, OptionRow, Pointwise, Row, Suits};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::shape::Kind;

const POSITIVE: OptionKind = OptionKind::Number { range: "a positive number", contains: |x| x > 0.0 };

const fn row(word: &'static str, options: &'static [OptionRow], layer: fn(&Call) -> Result<Layer, Mistake>) -> Row {
    Row { word, sizes: &[], options, example: word, layer }
}

/// The same function of each value, differentiable.
fn pointwise(call: &Call, value: TokenStream, cached: Cached, suits: Suits) -> Layer {
    let form = Form::Pointwise(Pointwise { value, cached, suits, differentiable: true });
    Layer { output: call.input.clone(), macs: Dim::Literal(0), form }
}

/// Nothing is to be done for `f(x) = x`.
pub const LINEAR: Row =
    row("linear", &[], |call| Ok(Layer { output: call.input.clone(), macs: Dim::Literal(0), form: Form::View }));

pub const STEP: Row = row("step", &[], |call| {
    let form = Pointwise { value: quote!(Step), cached: Output, suits: Xavier, differentiable: false };
    Ok(Layer { output: call.input.clone(), macs: Dim::Literal(0), form: Form::Pointwise(form) })
});

pub const LOGISTIC: Row = row("logistic", &[OptionRow { name: "k", kind: POSITIVE }], |call| {
    let k = call.number("k", 1.0);
    Ok(pointwise(call, quote!(Logistic { k: #k }), Output, Xavier))
});

pub const TANH: Row = row("tanh", &[], |call| Ok(pointwise(call, quote!(Tanh), Output, Xavier)));

pub const RELU: Row = row("relu", &[], |call| Ok(pointwise(call, quote!(Relu), Output, He)));

pub const LEAKY_RELU: Row = row("leaky_relu", &[OptionRow { name: "slope", kind: POSITIVE }], |call| {
    let slope = call.number("slope", 0.01);
    Ok(pointwise(call, quote!(LeakyRelu { slope: #slope }), Output, He))
});

pub const ELU: Row = row("elu", &[OptionRow { name: "alpha", kind: POSITIVE }], |call| {
    let alpha = call.number("alpha", 1.0);
    Ok(pointwise(call, quote!(Elu { alpha: #alpha }), Output, He))
});

const APPROXIMATE: OptionRow = OptionRow { name: "approximate", kind: OptionKind::Choice(&["none", "tanh"]) };

pub const GELU: Row = row("gelu", &[APPROXIMATE], |call| {
    let approximate = match call.choice("approximate").as_deref() {
        Some("tanh") => quote!(Tanh),
        _ => quote!(None),
    };
    let value = quote!(Gelu { approximate: ::monograd::activations::Approximate::#approximate });
    Ok(pointwise(call, value, Input, He))
});

pub const SILU: Row = row("silu", &[], |call| Ok(pointwise(call, quote!(Silu), Input, He)));

pub const SOFTPLUS: Row = row("softplus", &[OptionRow { name: "beta", kind: POSITIVE }], |call| {
    let beta = call.number("beta", 1.0);
    Ok(pointwise(call, quote!(Softplus { beta: #beta }), Output, He))
});

pub const SOFTMAX: Row = row("softmax", &[], |call| match call.input.kind {
    Kind::Vector | Kind::Sequence => {
        Ok(Layer { output: call.input.clone(), macs: Dim::Literal(0), form: Form::Softmax })
    }
    _ => Err(call.needs_a_vector("softmax")),
});
