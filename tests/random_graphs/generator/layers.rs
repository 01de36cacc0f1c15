//! Layers that may fit a value, and layers that bring one shape to another.

use super::numbers::Numbers;
use super::shapes::{Kind, Shape};
use super::syntax::{Layer, Parameters, Size};

/// A layer that may fit; `size` makes a size of the language of a number.
pub fn any(numbers: &mut Numbers, input: &Shape, size: &mut dyn FnMut(&mut Numbers, usize) -> Size) -> Layer {
    match numbers.below(10) {
        0..=3 => activation(numbers),
        4..=5 => same(numbers),
        6 => shrinking(numbers, input, size),
        _ => weighted(numbers, input, size),
    }
}

/// An activation that is smooth: some cache what they take, some what they give.
pub fn activation(numbers: &mut Numbers) -> Layer {
    const TEXTS: [&str; 8] = ["tanh", "tanh", "logistic", "softplus", "gelu", "gelu", "silu", "logistic(k = 0.5)"];
    let text = numbers.any(&TEXTS).to_owned();
    Layer::Same { text, parameters: Parameters::None, fits: |_| true }
}

/// A layer that is no activation and gives the shape that it takes. The variances of few values are small: a large epsilon
/// keeps the normalisations smooth.
fn same(numbers: &mut Numbers) -> Layer {
    type Row = (&'static str, Parameters, fn(&Shape) -> bool);
    const ROWS: [Row; 14] = [
        ("layer_norm(eps = 0.1)", Parameters::OfPlaces, |_| true),
        ("batch_norm(eps = 0.1)", Parameters::OfChannels, |_| true),
        ("batch_norm(eps = 0.1)", Parameters::OfChannels, |_| true),
        ("group_norm(2, eps = 0.1)", Parameters::OfChannels, |shape| {
            shape.kind != Kind::Sequence && shape.channels().is_multiple_of(2)
        }),
        ("group_norm(1, eps = 0.1, affine = false)", Parameters::None, |shape| shape.kind != Kind::Sequence),
        ("instance_norm(eps = 0.1)", Parameters::None, has_axes),
        ("instance_norm(eps = 0.1, affine = true)", Parameters::OfChannels, has_axes),
        ("local_response_norm(3, alpha = 0.5)", Parameters::None, has_axes),
        ("dropout(0.3)", Parameters::None, |_| true),
        ("dropout(0.3)", Parameters::None, |_| true),
        ("dropout2d(0.3)", Parameters::None, has_axes),
        ("softmax", Parameters::None, |shape| !has_axes(shape)),
        ("softmax", Parameters::None, |shape| !has_axes(shape)),
        ("linear", Parameters::None, |_| true),
    ];
    let (text, parameters, fits) = numbers.any(&ROWS);
    Layer::Same { text: text.to_owned(), parameters, fits }
}

fn has_axes(shape: &Shape) -> bool {
    !shape.axes().is_empty()
}

type MakeSize<'s> = &'s mut dyn FnMut(&mut Numbers, usize) -> Size;

/// A layer with weights.
fn weighted(numbers: &mut Numbers, input: &Shape, size: MakeSize) -> Layer {
    let outputs = 1 + numbers.below(4);
    let rank = input.axes().len();
    if rank == 0 {
        return Layer::Dense(size(numbers, outputs));
    }
    let kernel = 1 + numbers.below(3);
    let groups = if numbers.one_in(4) && input.channels() > 1 { input.channels() } else { 1 };
    let outputs = if groups > 1 { groups } else { outputs };
    let transposed = numbers.one_in(4);
    let stride = if numbers.one_in(4) { 2 } else { 1 };
    let padding = if numbers.one_in(3) { kernel / 2 } else { 0 };
    // The groups have to divide whatever a parameter says.
    let outputs = if groups > 1 { Size::Number(outputs) } else { size(numbers, outputs) };
    Layer::Convolution { rank, outputs, kernel, stride, padding, groups, transposed }
}

/// A layer without weights that gives another shape.
fn shrinking(numbers: &mut Numbers, input: &Shape, size: MakeSize) -> Layer {
    let rank = input.axes().len();
    let pool = |numbers: &mut Numbers, word| {
        let kernel = 2 + numbers.below(2);
        let (stride, padding) = (1 + numbers.below(kernel), if numbers.one_in(3) { 1 } else { 0 });
        Layer::Pool { word, rank, kernel, stride, padding }
    };
    if rank == 0 {
        return Layer::Flatten;
    }
    match numbers.below(11) {
        0 => Layer::Flatten,
        1 => Layer::Global(if numbers.one_in(3) { "global_max_pool" } else { "global_avg_pool" }),
        2 => Layer::Adaptive([1 + numbers.below(3), 1 + numbers.below(4)]),
        3 => Layer::Upsample { scale: 2, bilinear: numbers.one_in(2) },
        4 => Layer::Pad,
        5 => Layer::Crop,
        6 => {
            let outputs = input.channels() + numbers.below(3);
            Layer::Subsample(size(numbers, outputs))
        }
        7..=8 => pool(numbers, "avg_pool"),
        _ => pool(numbers, "max_pool"),
    }
}

/// The layers that bring one shape to another; `None` if the language has none.
pub fn between(numbers: &mut Numbers, from: &Shape, to: &Shape) -> Option<Vec<Layer>> {
    if from == to {
        return Some(Vec::new());
    }
    let outputs = Size::Number(to.channels());
    if to.kind == Kind::Vector {
        let mut layers = match from.kind {
            Kind::Vector => Vec::new(),
            _ if numbers.one_in(2) => vec![Layer::Flatten],
            _ => vec![Layer::Global("global_avg_pool")],
        };
        layers.push(Layer::Dense(outputs));
        return Some(layers);
    }
    if from.kind != to.kind {
        return None;
    }
    let mut layers = Vec::new();
    match to.kind {
        Kind::Sequence if from.dims[0] == to.dims[0] => layers.push(Layer::Dense(outputs)),
        Kind::Signal | Kind::Image if from.axes() == to.axes() || to.kind == Kind::Image => {
            if from.axes() != to.axes() {
                layers.push(Layer::Adaptive([to.dims[1], to.dims[2]]));
            }
            let kernel = numbers.any(&[1, 3]);
            let (rank, padding) = (to.axes().len(), kernel / 2);
            layers.push(Layer::Convolution { rank, outputs, kernel, stride: 1, padding, groups: 1, transposed: false });
        }
        _ => return None,
    }
    Some(layers)
}
