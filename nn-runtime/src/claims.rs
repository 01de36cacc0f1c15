//! What generated code has the compiler verify: that the macro's shapes are the runtime's, and that dimensions which only
//! the compiler knows keep the rules. Every function here runs at compile time, in a constant spanned at the user's words.

use crate::activations::Cached;
use crate::geometry::Extent;
use crate::layers::Layer;
use crate::module::Module;
use crate::shapes::Kind;
use crate::shapes::Shape;
use crate::{Flat, Real};

/// A message built at compile time.
pub(crate) struct Message {
    text: [u8; 256],
    len: usize,
}

impl Message {
    pub(crate) const fn new() -> Self {
        Self { text: [0; 256], len: 0 }
    }

    /// Appends `text`, as far as there is room.
    pub(crate) const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() && self.len < self.text.len() {
            self.text[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    pub(crate) const fn number(self, n: usize) -> Self {
        let message = if n >= 10 { self.number(n / 10) } else { self };
        let digit = [b'0' + (n % 10) as u8];
        match core::str::from_utf8(&digit) {
            Ok(digit) => message.text(digit),
            Err(_) => message,
        }
    }

    /// `[16, 5, 5]`.
    pub(crate) const fn shape(self, dims: &[usize]) -> Self {
        let mut message = self.text("[");
        let mut i = 0;
        while i < dims.len() {
            if i > 0 {
                message = message.text(", ");
            }
            message = message.number(dims[i]);
            i += 1;
        }
        message.text("]")
    }

    /// The same with the word that a declaration has in front of it: `sequence [5, 3]`.
    const fn kind_and_shape(self, kind: Kind, dims: &[usize]) -> Self {
        let word = match kind {
            Kind::Sequence => "sequence ",
            Kind::Signal => "signal ",
            Kind::Vector | Kind::Image | Kind::Volume => "",
        };
        self.text(word).shape(dims)
    }

    pub(crate) const fn panic(&self) -> ! {
        match core::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("a shape is wrong"),
        }
    }
}

const fn same(a: &[usize], b: &[usize]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    a.len() == b.len() && i == a.len()
}

/// The macro's account of a layer is the runtime's: the shapes and the number of parameters of one application, and the
/// multiply-accumulates of as many applications as give all `values` of its line (a sequence has one for every step).
///
/// # Panics
/// If it is not: at compile time.
pub const fn layer<L: Layer>(input: &[usize], output: &[usize], params: usize, values: usize, macs: usize) {
    if !same(L::INPUT, input) {
        Message::new().text("the layer takes ").shape(L::INPUT).text(", but gets ").shape(input).panic();
    }
    if !same(L::OUTPUT, output) {
        Message::new().text("the layer gives ").shape(L::OUTPUT).text(", not ").shape(output).panic();
    }
    if L::PARAMS != params {
        Message::new().text("the layer has ").number(L::PARAMS).text(" parameters, not ").number(params).panic();
    }
    let mut outputs = 1;
    let mut i = 0;
    while i < L::OUTPUT.len() {
        outputs *= L::OUTPUT[i];
        i += 1;
    }
    let expected = values / outputs * L::MACS;
    if expected != macs {
        Message::new().text("the layer takes ").number(expected).text(" MACs, not ").number(macs).panic();
    }
}

/// The macro's account of what a layer takes and gives is the runtime's.
///
/// # Panics
/// If it is not: at compile time.
pub const fn extents(found: [Extent; 2], planned: [Extent; 2]) {
    let mut i = 0;
    while i < 2 {
        let what = if i == 0 { "takes " } else { "gives " };
        let (found, planned) = (sizes(found[i]), sizes(planned[i]));
        if !same(&found, &planned) {
            let message = Message::new().text("the layer ").text(what).shape(&found);
            message.text(", not ").shape(&planned).panic();
        }
        i += 1;
    }
}

/// Channels, depth, height, width.
const fn sizes(extent: Extent) -> [usize; 4] {
    let [depth, height, width] = extent.axes;
    [extent.channels, depth, height, width]
}

/// The macro's number of multiply-accumulates is the runtime's.
///
/// # Panics
/// If it is not: at compile time.
pub const fn macs(found: usize, planned: usize) {
    if found != planned {
        Message::new().text("the layer takes ").number(found).text(" MACs, not ").number(planned).panic();
    }
}

/// The macro's number of parameters is that of the runtime's type.
///
/// # Panics
/// If it is not: at compile time.
pub const fn parameters<L: Flat<f32>>(params: usize) {
    if L::LEN != params {
        Message::new().text("the layer has ").number(L::LEN).text(" parameters, not ").number(params).panic();
    }
}

/// The macro's account of an activation is the runtime's: what its backward pass reads.
///
/// # Panics
/// If it is not: at compile time.
pub const fn activation(runtime: Cached, planned: Cached) {
    assert!(runtime as u8 == planned as u8, "the backward pass of this activation reads something else");
}

/// A layer word names a documented item.
pub const fn word<Word>() {}

/// A dimension is at least 1.
///
/// # Panics
/// If it is 0: at compile time.
pub const fn dimension(n: usize) {
    assert!(n > 0, "a dimension must be at least 1, found 0");
}

/// The value of an option, which must be positive.
///
/// # Panics
/// If it is not: at compile time.
#[must_use]
pub const fn positive(option: &str, value: f64) -> f64 {
    if !(value > 0.0 && value.is_finite()) {
        Message::new().text("`").text(option).text("` is a positive number, and this is not").panic();
    }
    value
}

/// The last line gives the shape that the declaration promises.
///
/// # Panics
/// If it does not: at compile time.
pub const fn contract(line: &str, found: &[usize], declared: &[usize]) {
    if !same(found, declared) {
        let message = Message::new().text("the declared output is ").shape(declared).text(", but `").text(line);
        message.text("` gives ").shape(found).panic();
    }
}

/// A layer gets the kind of shape that it needs: `wanted` in words, `a vector`. `giver` is the line that gives another.
///
/// # Panics
/// If it does not: at compile time.
pub const fn kind(layer: &str, wanted: &str, wanted_kind: Kind, giver: &str, found: Kind, dims: &[usize]) {
    if wanted_kind as u8 == found as u8 {
        return;
    }
    let message = Message::new().text("`").text(layer).text("` needs ").text(wanted).text(", but `").text(giver);
    let message = message.text("` gives ").kind_and_shape(found, dims);
    let help = if matches!(wanted_kind, Kind::Vector) { ": write `flatten` before it" } else { "" };
    message.text(help).panic();
}

/// The branches of a merge have one shape: `what` is the layer's word, `names` the lines of both.
///
/// # Panics
/// If they have not: at compile time.
pub const fn shapes_agree(what: &str, names: [&str; 2], a: &[usize], b: &[usize]) {
    if !same(a, b) {
        let message = Message::new().text("`").text(what).text("` needs branches of one shape, but `").text(names[0]);
        let message = message.text("` gives ").shape(a).text(" and `").text(names[1]).text("` gives ").shape(b);
        message.panic();
    }
}

/// A size has a numeral of six hexadecimal digits.
///
/// # Panics
/// If it is larger: at compile time.
pub const fn numeral(size: usize) {
    assert!(size < 1 << 24, "a size of what a layer from elsewhere takes must be below 2^24");
}

/// A layer from elsewhere gives what the declaration promises: `giver` is its name, or the line that ends with it.
///
/// # Panics
/// If it does not: at compile time.
pub const fn promised(giver: &str, found: (Kind, &[usize]), declared: (Kind, &[usize])) {
    if found.0 as u8 != declared.0 as u8 || !same(found.1, declared.1) {
        let message = Message::new().text("`").text(giver).text("` gives ").kind_and_shape(found.0, found.1);
        message.text(", not ").kind_and_shape(declared.0, declared.1).text(" as declared").panic();
    }
}

/// Running statistics lie at the end of a network, where the optimiser does not look: so one layer from elsewhere can have some,
/// the last one, and none in a block.
///
/// # Panics
/// If another has: at compile time.
pub const fn no_buffers(layer: &str, buffers: usize, in_block: bool) {
    if buffers > 0 {
        let message = Message::new().text("the layer `").text(layer).text("` has running statistics, which ");
        let rule =
            if in_block { "no layer from elsewhere in a block can" } else { "only the last layer from elsewhere can" };
        message.text(rule).panic();
    }
}

/// The type is a layer that takes this shape.
pub const fn module<T: Real, In: Shape, Layer: Module<T, In>>() {}

/// A network as a layer gets what it takes.
///
/// # Panics
/// If it does not: at compile time.
pub const fn taken(layer: &str, wanted: (Kind, &[usize]), found: (Kind, &[usize])) {
    if wanted.0 as u8 != found.0 as u8 || !same(wanted.1, found.1) {
        let message =
            Message::new().text("the layer `").text(layer).text("` takes ").kind_and_shape(wanted.0, wanted.1);
        message.text(", but gets ").kind_and_shape(found.0, found.1).panic();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the declared output is [10], but `out` gives [128, 5]")]
    fn a_broken_contract_shows_both_shapes() {
        contract("out", &[128, 5], &[10]);
    }

    #[test]
    #[should_panic(expected = "the layer has 12 parameters, not 3000")]
    fn a_wrong_count_shows_both_numbers() {
        layer::<crate::layers::Dense<f32, 3, 3>>(&[3], &[3], 3000, 3, 9);
    }

    #[test]
    #[should_panic(expected = "the layer takes 30 MACs, not 15")]
    fn a_wrong_cost_shows_both_numbers() {
        layer::<crate::layers::Dense<f32, 3, 5>>(&[3], &[5], 20, 10, 15);
    }

    #[test]
    fn what_fits_is_not_mentioned() {
        kind("dense", "a vector", Kind::Vector, "encoder", Kind::Vector, &[5]);
        shapes_agree("add", ["left", "right"], &[16, 8, 8], &[16, 8, 8]);
        taken("Encoder", (Kind::Image, &[1, 2, 2]), (Kind::Image, &[1, 2, 2]));
    }

    #[test]
    #[should_panic(expected = "`dense` needs a vector, but `encoder` gives [16, 5, 5]: write `flatten` before it")]
    fn an_image_for_a_vector_shows_its_shape() {
        kind("dense", "a vector", Kind::Vector, "encoder", Kind::Image, &[16, 5, 5]);
    }

    #[test]
    #[should_panic(expected = "`conv1d` needs a signal, but `steps` gives sequence [5, 3]")]
    fn a_sequence_is_called_one() {
        kind("conv1d", "a signal", Kind::Signal, "steps", Kind::Sequence, &[5, 3]);
    }

    #[test]
    #[should_panic(
        expected = "`add` needs branches of one shape, but `left` gives [16, 8, 8] and `right` gives [32, 8, 8]"
    )]
    fn branches_that_differ_show_both_shapes() {
        shapes_agree("add", ["left", "right"], &[16, 8, 8], &[32, 8, 8]);
    }

    #[test]
    #[should_panic(expected = "the layer `Encoder` takes [784], but gets [100]")]
    fn another_input_than_a_network_takes_shows_both() {
        taken("Encoder", (Kind::Vector, &[784]), (Kind::Vector, &[100]));
    }
}
