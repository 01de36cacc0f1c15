//! What generated code has the compiler verify: that the macro's shapes are the runtime's, and that dimensions which only
//! the compiler knows keep the rules. Every function here runs at compile time, in a constant spanned at the user's words.

use crate::Flat;
use crate::activations::Cached;
use crate::geometry::Extent;
use crate::layers::Layer;

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
}
