//! Random declarations, the same for a seed: what stands in `declarations.rs`.

mod chains;
mod layers;
mod numbers;
mod shapes;
mod syntax;

use core::fmt::Write;
use std::rc::Rc;

use chains::Drawer;
use numbers::Numbers;
use shapes::{Kind, Scope, Shape};
use syntax::{Earlier, Network, Output};

/// Central differences take time for each parameter and each value of the input.
const MOST_PARAMETERS: usize = 220;
const MOST_INPUTS: usize = 45;

/// So many networks as a module of a test.
pub fn declarations(seed: u64, count: usize) -> String {
    let mut text = String::from(
        "//! Written by `tests/random_declarations.rs`: see there.\n\n#![allow(deprecated, reason = \"advice on how to build \
         networks that learn\")]\n\nuse super::*;\n\nconst ONE: usize = 1;\nconst TWO: usize = 2;\nconst THREE: usize = \
         3;\nconst FOUR: usize = 4;\nconst FIVE: usize = 5;\n",
    );
    let mut earlier = Vec::new();
    for number in 1..=count {
        let network = network(&mut Numbers::seeded(seed, number), &earlier, format!("Drawn{number}"));
        earlier.extend(as_layer(&network));
        writeln!(text, "\n{}\n{}", network.text(), network.case().trim_end()).expect("a string");
    }
    text
}

/// The first that is small enough.
fn network(numbers: &mut Numbers, earlier: &[Rc<Earlier>], name: String) -> Network {
    loop {
        let mut network = draw(numbers, earlier);
        let inputs: usize = network.inputs.iter().map(|(_, shape)| shape.len()).sum();
        if inputs <= MOST_INPUTS && (1..=MOST_PARAMETERS).contains(&parameters(&network)) {
            network.name = name;
            return network;
        }
    }
}

/// A small network of one input and one output can be a layer of those that are drawn after it. One with running statistics
/// can in few places.
fn as_layer(network: &Network) -> Option<Rc<Earlier>> {
    const MOST_PARAMETERS: usize = 60;
    let ([(_, input)], [output]) = (&network.inputs[..], &network.outputs[..]) else { return None };
    let parameters = parameters(network);
    (parameters <= MOST_PARAMETERS && !network.has_batch_norm()).then(|| {
        Rc::new(Earlier {
            name: network.name.clone(),
            input: input.clone(),
            output: output.shape.clone(),
            parameters,
            has_dropout: network.has_dropout(),
        })
    })
}

fn parameters(network: &Network) -> usize {
    let mut values = network.inputs.clone();
    let mut sum = 0;
    for (place, (name, chain)) in network.lines.iter().enumerate() {
        let scope = Scope { values: &values, sizes: &[], blocks: &network.blocks };
        let arriving = if place > 0 || network.inputs.len() == 1 { values.last() } else { None };
        let (shape, params) = scope.chain(chain, arriving.map(|(_, shape)| shape)).expect("what is drawn fits");
        sum += params;
        values.push((name.clone(), shape));
    }
    sum
}

fn draw(numbers: &mut Numbers, earlier: &[Rc<Earlier>]) -> Network {
    let names: &[&str] = match numbers.below(6) {
        0 => &["u", "v"],
        1 => &["u", "v", "w"],
        2 => &["x"],
        _ => &["input"],
    };
    let inputs: Vec<_> = names.iter().map(|name| ((*name).to_owned(), any_shape(numbers))).collect();
    let symbolic = numbers.one_in(6);
    let mut drawer = Drawer::new(numbers, &inputs, earlier, symbolic);
    let lines = 1 + drawer.numbers.below(5);
    drawer.lines(lines);
    let outputs = outputs(&mut drawer);
    let (lines, blocks) = drawer.finished();
    Network { name: "Net".to_owned(), inputs, outputs, lines, blocks, symbolic }
}

fn any_shape(numbers: &mut Numbers) -> Shape {
    let mut between = |least: usize, most: usize| least + numbers.below(most + 1 - least);
    match between(0, 8) {
        0..=2 => Shape::vector(between(2, 5)),
        3 => Shape { kind: Kind::Sequence, dims: vec![between(2, 3), between(2, 4)] },
        4..=5 => Shape { kind: Kind::Signal, dims: vec![between(1, 3), between(3, 7)] },
        _ => Shape { kind: Kind::Image, dims: vec![between(1, 3), between(2, 4), between(3, 5)] },
    }
}

/// Some of the values that nothing has read are outputs; the others are brought together in a last line, which is one too.
fn outputs(drawer: &mut Drawer) -> Vec<Output> {
    let mut chosen = Vec::new();
    let unread = drawer.unread();
    let mut rest = Vec::new();
    for name in unread {
        let is_line = drawer.is_line(&name);
        if is_line && chosen.len() < 2 && drawer.numbers.one_in(3) { chosen.push(name) } else { rest.push(name) }
    }
    let last = drawer.last();
    let alone = rest.len() == 1 && drawer.is_line(&rest[0]);
    match &rest[..] {
        [] => {}
        [name] if alone => chosen.push(name.clone()),
        _ => chosen.push(drawer.bring_together(&rest)),
    }
    if drawer.numbers.one_in(4) && drawer.is_line(&last) && !chosen.contains(&last) {
        chosen.push(last);
    }
    let always = drawer.numbers.below(chosen.len());
    let mut outputs: Vec<_> = chosen
        .into_iter()
        .enumerate()
        .map(|(place, name)| Output {
            shape: drawer.shape(&name),
            in_training: place != always && drawer.numbers.one_in(3),
            name,
        })
        .collect();
    if drawer.numbers.one_in(2) {
        outputs.reverse();
    }
    outputs
}
