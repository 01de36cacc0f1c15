//! The activation functions.

use proc_macro2::TokenStream;
use quote::quote;

use super::Cached::{Input, Output};
use super::Suits::{He, Xavier};
use super::{Cached, Call, Form, Layer, OptionKind, OptionRow, POSITIVE, Pointwise, Row, Suits};
use crate::errors::Mistake;
use crate::receptive::Reach;
use crate::shape::Kind;

/// The words of functions of each value, whatever the shape.
pub const WORDS: [&str; 11] =
    ["linear", "step", "logistic", "tanh", "relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "softplus"];

/// An option that is a positive number.
const fn positive(name: &'static str) -> OptionRow {
    OptionRow { name, kind: OptionKind::Number(POSITIVE) }
}

const fn row(word: &'static str, options: &'static [OptionRow], layer: fn(&Call) -> Result<Layer, Mistake>) -> Row {
    Row { word, sizes: &[], options, example: word, layer }
}

/// The same function of each value, differentiable.
fn pointwise(call: &Call, value: TokenStream, cached: Cached, suits: Suits) -> Layer {
    let form = Form::Pointwise(Pointwise { value, cached, suits, differentiable: true });
    Layer::of_same_shape(call, form)
}

/// Nothing is to be done for `f(x) = x`.
pub const LINEAR: Row = row("linear", &[], |call| Ok(Layer::of_same_shape(call, Form::View)));

pub const STEP: Row = row("step", &[], |call| {
    let form = Pointwise { value: quote!(Step), cached: Output, suits: Xavier, differentiable: false };
    Ok(Layer::of_same_shape(call, Form::Pointwise(form)))
});

pub const LOGISTIC: Row = row("logistic", &[positive("k")], |call| {
    let k = call.number("k", 1.0);
    Ok(pointwise(call, quote!(Logistic { k: #k }), Output, Xavier))
});

pub const TANH: Row = row("tanh", &[], |call| Ok(pointwise(call, quote!(Tanh), Output, Xavier)));

pub const RELU: Row = row("relu", &[], |call| Ok(pointwise(call, quote!(Relu), Output, He)));

pub const RELU6: Row = row("relu6", &[], |call| Ok(pointwise(call, quote!(Relu6), Output, He)));

pub const LEAKY_RELU: Row = row("leaky_relu", &[positive("slope")], |call| {
    let slope = call.number("slope", 0.01);
    Ok(pointwise(call, quote!(LeakyRelu { slope: #slope }), Output, He))
});

pub const ELU: Row = row("elu", &[positive("alpha")], |call| {
    let alpha = call.number("alpha", 1.0);
    Ok(pointwise(call, quote!(Elu { alpha: #alpha }), Output, He))
});

const APPROXIMATE: OptionRow = OptionRow { name: "approximate", kind: OptionKind::Choice(&["none", "tanh"]) };

pub const GELU: Row = row("gelu", &[APPROXIMATE], |call| {
    let by_tanh = call.choice("approximate").is_some_and(|word| word == "tanh");
    let approximate = if by_tanh { quote!(Tanh) } else { quote!(None) };
    let value = quote!(Gelu { approximate: ::monograd::activations::Approximate::#approximate });
    Ok(pointwise(call, value, Input, He))
});

pub const SILU: Row = row("silu", &[], |call| Ok(pointwise(call, quote!(Silu), Input, He)));

pub const SOFTPLUS: Row = row("softplus", &[positive("beta")], |call| {
    let beta = call.number("beta", 1.0);
    Ok(pointwise(call, quote!(Softplus { beta: #beta }), Output, He))
});

pub const SOFTMAX: Row = row("softmax", &[], |call| {
    let reach = match call.input.kind {
        Kind::Vector => Reach::Whole,
        Kind::Sequence => Reach::Place,
        _ => return Err(call.needs_a_vector()),
    };
    Ok(Layer { reach, ..Layer::of_same_shape(call, Form::Softmax) })
});
