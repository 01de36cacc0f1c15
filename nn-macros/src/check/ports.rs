//! What goes in and what comes out.

use std::collections::HashSet;

use proc_macro2::Ident;

use super::{Input, Network, Output, advice, check_name};
use crate::dimension::dimension;
use crate::errors::{Errors, Mistake, nearest};
use crate::shape::{Kind, Shape};
use crate::syntax::{Port, plain};

/// The declared inputs and outputs.
pub fn declare(network: &mut Network, errors: &Errors) {
    let declaration = network.declaration;
    for port in declaration.inputs.iter().chain(&declaration.outputs) {
        if let Some(name) = &port.name {
            check_name(name, "a value", errors);
        }
    }
    for ports in [&declaration.inputs, &declaration.outputs] {
        check_different(ports, errors);
    }
    let input = |port: &Port| Input { name: port.name.clone(), shape: shape(port, errors) };
    network.inputs = declaration.inputs.iter().map(input).collect();
    let output = |port: &Port| Output {
        name: port.name.clone(),
        shape: shape(port, errors),
        value: None,
        in_training: port.in_training,
        span: port.span,
    };
    network.outputs = declaration.outputs.iter().map(output).collect();
    // What could be meant by a name that is given twice, the first is.
    let (mut inputs, mut outputs) = (HashSet::new(), HashSet::new());
    network.inputs.iter_mut().for_each(|input| keep_first(&mut input.name, &mut inputs));
    network.outputs.iter_mut().for_each(|output| keep_first(&mut output.name, &mut outputs));
}

fn keep_first(name: &mut Option<Ident>, seen: &mut HashSet<String>) {
    name.take_if(|name| !seen.insert(plain(name)));
}

fn check_different(ports: &[Port], errors: &Errors) {
    for (place, port) in ports.iter().enumerate() {
        let Some(name) = &port.name else { continue };
        let same = |other: &Port| other.name.as_ref().is_some_and(|other| plain(other) == plain(name));
        if ports[..place].iter().any(same) {
            errors.at(name.span(), format!("there is already a value `{name}`"));
        }
    }
}

/// A declared shape; `None` if it is wrong.
pub fn shape(port: &Port, errors: &Errors) -> Option<Shape> {
    let written = port.dimensions.as_ref()?;
    let mut dims = Vec::new();
    for tokens in written {
        match dimension(tokens) {
            Ok(dim) => dims.push(dim),
            Err(mistake) if tokens.is_empty() => errors.at(port.span, mistake),
            Err(mistake) => errors.at_tokens(tokens, mistake),
        }
    }
    let kind = kind(port, written.len())
        .map_err(|mistake| errors.at(port.kind.as_ref().map_or(port.span, Ident::span), mistake))
        .ok()?;
    if dims.len() < written.len() {
        return None;
    }
    let shape = Shape::new(kind, dims);
    if shape.is_none() {
        errors.at(port.span, "this shape has more values than fit in memory");
    }
    shape
}

/// What the axes of a declared shape mean.
fn kind(port: &Port, rank: usize) -> Result<Kind, Mistake> {
    const KINDS: [&str; 2] = ["sequence", "signal"];
    let word = port.kind.as_ref().map(plain);
    match (word.as_deref(), rank) {
        (None, 1) => Ok(Kind::Vector),
        (None, 3) => Ok(Kind::Image),
        (None, 4) => Ok(Kind::Volume),
        (Some("sequence"), 2) => Ok(Kind::Sequence),
        (Some("signal"), 2) => Ok(Kind::Signal),
        (None, 2) => Err(Mistake::new("a shape of two dimensions says which it is")
            .help("write `sequence [T, F]` for T steps of F features, or `signal [C, L]` for C channels of length L")),
        (None, _) => Err(Mistake::new(format!("a shape has 1 to 4 dimensions, found {rank}"))
            .note("`[F]` is a vector, `[C, H, W]` an image, `[C, D, H, W]` a volume")),
        (Some(word), _) if KINDS.contains(&word) => Err(format!("a {word} has two dimensions, found {rank}").into()),
        (Some(word), _) => {
            let mistake = Mistake::new(format!("there is no kind of shape `{word}`"));
            Err(match nearest(word, KINDS) {
                Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
                None => mistake.note("the kinds are sequence and signal"),
            })
        }
    }
}

/// Each output is a line of the declaration, and has the shape that was promised.
pub fn check_outputs(network: &mut Network, errors: &Errors) {
    for place in 0..network.outputs.len() {
        let Some(line) = output_line(network, place, errors) else { continue };
        network.outputs[place].value = network.lines[line].value;
        check_output(network, place, line, errors);
    }
    advice::check_outputs(network);
    if let (true, Some(output)) = (network.outputs.iter().all(|output| output.in_training), network.outputs.first()) {
        errors.at(output.span, "a network has an output beside those in training");
    }
}

fn check_output(network: &mut Network, place: usize, line: usize, errors: &Errors) {
    let output = &network.outputs[place];
    let (Some(value), Some(declared)) = (output.value, output.shape.clone()) else { return };
    let line = network.lines[line].line;
    if network.shape(value).kind == Kind::Open {
        network.assume_contract(value, &declared, output.span);
        return;
    }
    let found = network.shape(value);
    if found.differs(&declared) == Some(true) {
        let name = plain(&line.name);
        let last = line.chain.last().map_or(line.name.span(), |link| link.word.span());
        let mistake = Mistake::new(format!("the declared output is {declared}, but `{name}` gives {found}"));
        errors.at(last, mistake.note(network.trail(value)));
    }
}

/// The line of an output's name, or the last one.
fn output_line(network: &Network, place: usize, errors: &Errors) -> Option<usize> {
    let damaged = network.declaration.damaged;
    let Some(name) = &network.outputs[place].name else {
        // What could not be read may have been the last line.
        return network.lines.len().checked_sub(1).filter(|_| !damaged);
    };
    let line = network.values.get(&plain(name)).copied();
    if line.is_none() && !damaged {
        let lines: Vec<_> = network.lines.iter().map(|line| plain(&line.line.name)).collect();
        let note = format!("the lines are {}", lines.join(", "));
        errors.at(name.span(), Mistake::new(format!("the output `{name}` is not a line")).note(note));
    }
    line
}
