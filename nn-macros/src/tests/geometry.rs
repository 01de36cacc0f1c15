//! The table's arithmetic is the runtime's: of numbers, and of expressions with those numbers put in.

use nn_runtime::geometry::Axis;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};

use super::mutations::Numbers;
use super::{checked, errors_in};
use crate::dimension::dimension;

/// What a layer of a signal gives along its axis.
fn given(input: &str, layer: &str) -> String {
    checked(&format!("struct Net(signal [1, {input}]) -> signal [1, O] {{ out: {layer}, }}"), |network| {
        network.nodes[0].layer.output.dims[1].to_string()
    })
}

/// An expression with numbers in the place of its constants, as a number.
fn with_numbers(expression: &str, constants: &[(&str, usize)]) -> Option<usize> {
    let tokens: TokenStream = expression.parse().expect("an expression");
    dimension(&put_in(tokens, constants)).ok().map(|dim| dim.literal().expect("a number"))
}

fn put_in(tokens: TokenStream, constants: &[(&str, usize)]) -> TokenStream {
    let number = |token: TokenTree| match token {
        TokenTree::Group(group) => Group::new(group.delimiter(), put_in(group.stream(), constants)).into(),
        TokenTree::Ident(word) => {
            let (_, number) = constants.iter().find(|(name, _)| word == name).expect("a constant");
            Literal::usize_unsuffixed(*number).into()
        }
        token => token,
    };
    tokens.into_iter().map(number).collect()
}

/// A window on an axis, as a call and as the runtime has it.
struct Case {
    constants: Vec<(&'static str, usize)>,
    word: &'static str,
    expected: Option<Axis>,
}

fn case(numbers: &mut Numbers) -> Case {
    let word = ["conv1d", "max_pool1d", "ceil", "conv_transpose1d"][numbers.below(4)];
    let [n, k, s, d] = [40, 7, 4, 3].map(|most| 1 + numbers.below(most));
    // A pool is padded by at most half its window.
    let p = numbers.below(if word.starts_with("conv") { 5 } else { k / 2 + 1 });
    let a = if word == "conv_transpose1d" { numbers.below(s) } else { 0 };
    let (reach, whole) = (d * (k - 1), (n - 1) * s + d * (k - 1) + a + 1);
    let expected = match word {
        "conv_transpose1d" => (whole > 2 * p).then(|| Axis::transposed(n, k, s, d, p, p, a)),
        _ if reach + 1 > n + 2 * p => None,
        "ceil" => Some(Axis::ceil(n, k, s, d, p, p)),
        _ => Some(Axis::new(n, k, s, d, p, p)),
    };
    Case { constants: vec![("N", n), ("K", k), ("S", s), ("D", d), ("P", p), ("A", a)], word, expected }
}

impl Case {
    /// The call, with the name of a constant where `named` says so.
    fn layer(&self, named: impl Fn(&str) -> bool) -> (String, String) {
        let shown = |name: &str| {
            let (_, number) = self.constants.iter().find(|(constant, _)| *constant == name).expect("a constant");
            if named(name) { name.to_string() } else { number.to_string() }
        };
        let [n, k, s, d, p, a] = ["N", "K", "S", "D", "P", "A"].map(shown);
        let window = format!("{k}, stride = {s}, dilation = {d}, padding = {p}");
        let layer = match self.word {
            "conv_transpose1d" => format!("conv_transpose1d(1, {window}, output_padding = {a})"),
            "ceil" => format!("max_pool1d({window}, ceil_mode = true)"),
            "conv1d" => format!("conv1d(1, {window})"),
            word => format!("{word}({window})"),
        };
        (n, layer)
    }
}

#[test]
fn numbers() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut seen = [0; 2];
    for _ in 0..5_000 {
        let case = case(&mut numbers);
        let (n, layer) = case.layer(|_| false);
        seen[usize::from(case.expected.is_some())] += 1;
        match case.expected {
            Some(axis) if case.word == "conv_transpose1d" => assert_eq!(given(&n, &layer), axis.input.to_string()),
            Some(axis) => assert_eq!(given(&n, &layer), axis.output.to_string(), "{layer} of {n}"),
            None => {
                let lines = format!("out: {layer}");
                assert_eq!(errors_in(&format!("signal [1, {n}]"), "signal [1, O]", &lines).len(), 1, "{layer} of {n}");
            }
        }
    }
    assert!(seen[0] > 100 && seen[1] > 3_000, "{seen:?}");
}

#[test]
fn expressions() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for _ in 0..5_000 {
        let case = case(&mut numbers);
        let Some(axis) = case.expected else { continue };
        let which = numbers.below(64);
        let named = |name: &str| {
            ["N", "K", "S", "D", "P", "A"].iter().position(|n| *n == name).is_some_and(|at| which >> at & 1 == 1)
        };
        let (n, layer) = case.layer(named);
        let found = given(&n, &layer);
        let expected = if case.word == "conv_transpose1d" { axis.input } else { axis.output };
        if found.contains("Axis::ceil") {
            // The runtime itself.
            assert_eq!(case.word, "ceil");
            continue;
        }
        assert_eq!(
            with_numbers(&found, &case.constants),
            Some(expected),
            "{found} of {layer} of {n}, {:?}",
            case.constants
        );
    }
}
