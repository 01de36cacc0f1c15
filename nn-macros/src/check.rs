//! Syntax to a checked network: which layer each word is, what shape each value has, and whether the whole keeps its promise.

use core::fmt::Write;

use proc_macro2::Ident;

use crate::errors::{Errors, Mistake, nearest};
use crate::shape::{Dim, Kind, Shape};
use crate::syntax::{Declaration, Line, Link, Port, plain};
use crate::table::{self, Form, Layer, Row, Suits};

/// The kinds of advice, by the name under which `#[allow(…)]` on a declaration silences them.
pub const ADVICE: &[&str] = &["unused_value"];

/// A declaration whose words and shapes are known, as far as they are right.
pub struct Network<'a> {
    pub declaration: &'a Declaration,
    pub input: Option<Shape>,
    pub output: Option<Shape>,
    /// Every layer that could be checked, in order.
    pub nodes: Vec<Node<'a>>,
    /// The lines with a name of their own, in order.
    pub lines: Vec<CheckedLine<'a>>,
    /// The value of the output.
    pub result: Option<Source>,
}

/// A layer in its place.
pub struct Node<'a> {
    /// Which line it stands in.
    pub line: usize,
    pub link: &'a Link,
    pub row: &'static Row,
    pub layer: Layer,
    pub source: Source,
    pub input: Shape,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Input,
    Node(usize),
}

/// A line, and what it came to.
pub struct CheckedLine<'a> {
    pub line: &'a Line,
    pub nodes: Vec<usize>,
    /// Its value; `None` after a mistake.
    pub value: Option<Source>,
}

/// The rules, in order.
pub fn declaration<'a>(declaration: &'a Declaration, errors: &Errors) -> Network<'a> {
    let input = port_shape(&declaration.input, errors);
    let output = port_shape(&declaration.output, errors);
    let mut network = Network { declaration, input, output, nodes: Vec::new(), lines: Vec::new(), result: None };
    check_port_names(declaration, errors);
    check_lines(&mut network, errors);
    check_result(&mut network, errors);
    network
}

/// A declared shape; `None` if it is wrong.
fn port_shape(port: &Port, errors: &Errors) -> Option<Shape> {
    let mut dims = Vec::new();
    for tokens in port.dimensions.as_ref()? {
        match table::dimension(tokens) {
            Ok(dim) => dims.push(dim),
            Err(mistake) if tokens.is_empty() => errors.at(port.span, mistake),
            Err(mistake) => errors.at_tokens(tokens, mistake),
        }
    }
    if dims.len() < port.dimensions.as_ref()?.len() {
        return None;
    }
    match kind(port, dims.len()) {
        Err(mistake) => errors.at(port.kind.as_ref().map_or(port.span, Ident::span), mistake),
        Ok(_) if Dim::product(&dims).is_none() => errors.at(port.span, "this shape has more values than fit in memory"),
        Ok(kind) => return Some(Shape { kind, dims }),
    }
    None
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

fn check_port_names(declaration: &Declaration, errors: &Errors) {
    for port in [&declaration.input, &declaration.output] {
        if let Some(name) = &port.name {
            check_name(name, "a value", errors);
        }
    }
}

/// A name that a value may have; a keyword would not make a field.
fn check_name(name: &Ident, what: &str, errors: &Errors) -> bool {
    if name == "_" {
        errors.at(name.span(), format!("{what} needs a name; `_` is the value that arrives at a merge"));
        return false;
    }
    let good = syn::parse2::<Ident>(quote::quote!(#name)).is_ok();
    if !good {
        errors.at(name.span(), format!("`{name}` is a keyword of Rust, and cannot name {what}"));
    }
    good
}

fn check_lines<'a>(network: &mut Network<'a>, errors: &Errors) {
    let lines = &network.declaration.lines;
    if lines.is_empty() && !network.declaration.damaged {
        let name = &network.declaration.name;
        errors.at(name.span(), Mistake::new(format!("`{name}` has no lines")).help("write `out: dense(10),`"));
    }
    let mut arriving = network.input.as_ref().map(|_| Source::Input);
    for line in lines {
        if !check_line_name(network, line, errors) {
            arriving = None;
            continue;
        }
        network.lines.push(CheckedLine { line, nodes: Vec::new(), value: None });
        arriving = check_chain(network, line, arriving, errors);
        network.lines.last_mut().expect("the line was pushed").value = arriving;
    }
}

fn check_line_name(network: &Network, line: &Line, errors: &Errors) -> bool {
    let name = plain(&line.name);
    if !check_name(&line.name, "a line", errors) {
        return false;
    }
    let input = network.declaration.input.name.as_ref().map(plain);
    if name == "input" || input.as_ref() == Some(&name) {
        errors.at(line.name.span(), format!("`{name}` is the name of the network's input"));
        return false;
    }
    if network.lines.iter().any(|other| plain(&other.line.name) == name) {
        errors.at(line.name.span(), format!("there is already a line `{name}`"));
        return false;
    }
    true
}

/// Follows one chain; gives its value, `None` after a mistake.
fn check_chain<'a>(
    network: &mut Network<'a>,
    line: &'a Line,
    arriving: Option<Source>,
    errors: &Errors,
) -> Option<Source> {
    let mut value = arriving;
    // A layer whose shape does not depend on what arrives makes the line whole again, but not its parameters.
    let mut broken = line.chain.is_empty();
    for (place, link) in line.chain.iter().enumerate() {
        match named_value(network, link) {
            Some(named) if place == 0 => value = named,
            Some(_) => {
                let word = &link.word;
                errors.at(word.span(), format!("`{word}` is a value: it can only begin a chain"));
                broken = true;
            }
            None => match (check_link(network, link, value, place == 0, errors), value) {
                (Some(node), _) => value = Some(node),
                (None, _) => {
                    value = None;
                    broken = true;
                }
            },
        }
    }
    if broken { None } else { value }
}

/// The value that a bare word names: `Some(None)` if it names one whose shape is unknown after a mistake.
fn named_value(network: &Network, link: &Link) -> Option<Option<Source>> {
    if link.arguments.is_some() {
        return None;
    }
    let word = plain(&link.word);
    let input = network.declaration.input.name.as_ref().map(plain);
    if word == "input" || input.as_ref() == Some(&word) {
        return Some(network.input.as_ref().map(|_| Source::Input));
    }
    let (_, earlier) = network.lines.split_last()?;
    earlier.iter().find(|line| plain(&line.line.name) == word).map(|line| line.value)
}

/// One layer: its word, its arguments, its shape rule.
fn check_link<'a>(
    network: &mut Network<'a>,
    link: &'a Link,
    value: Option<Source>,
    head: bool,
    errors: &Errors,
) -> Option<Source> {
    let Some(row) = table::row(&plain(&link.word)) else {
        errors.at(link.word.span(), unknown_word(network, link, head));
        return None;
    };
    let Some(source) = value else {
        check_arguments_only(row, link, errors);
        return None;
    };
    let input = network.shape(source).clone();
    let call = table::call(row, link, &input, network.giver(source), errors)?;
    match (row.layer)(&call) {
        Ok(layer) => {
            let line = network.lines.len() - 1;
            network.nodes.push(Node { line, link, row, layer, source, input });
            let node = network.nodes.len() - 1;
            network.lines[line].nodes.push(node);
            Some(Source::Node(node))
        }
        Err(mistake) => {
            let trail = network.trail(source);
            errors.at(link.word.span(), mistake_with_trail(mistake, &trail));
            None
        }
    }
}

/// After a mistake the shape is unknown, but the arguments can still be wrong by themselves.
fn check_arguments_only(row: &'static Row, link: &Link, errors: &Errors) {
    let unknown = Shape::vector(Dim::Literal(1));
    table::call(row, link, &unknown, String::new(), errors);
}

fn mistake_with_trail(mistake: Mistake, trail: &str) -> Mistake {
    mistake.note(trail)
}

/// A word that is neither a value nor a layer.
fn unknown_word(network: &Network, link: &Link, head: bool) -> Mistake {
    let word = plain(&link.word);
    let bare = head && link.arguments.is_none();
    if word == "_" {
        return Mistake::new("`_` is the value that arrives at a merge, and here is none")
            .help("leave it out: a chain starts from the value of the line before");
    }
    let mut values = vec!["input".to_string()];
    values.extend(network.declaration.input.name.as_ref().map(plain));
    let (current, earlier) = network.lines.split_last().expect("the line was pushed");
    values.extend(earlier.iter().map(|line| plain(&line.line.name)));
    let later = network.declaration.lines.iter().any(|line| plain(&line.name) == word);
    if bare && later {
        let what = if plain(&current.line.name) == word { "uses itself" } else { "is used before it exists" };
        return Mistake::new(format!("`{word}` {what}")).note(format!("the values here are {}", values.join(", ")));
    }
    if word.starts_with(char::is_uppercase) {
        return table::unknown(&word, &values, bare).note("a layer word is lower case, such as `dense(128)`");
    }
    table::unknown(&word, &values, bare)
}

/// The output is a line of the declaration, and has the shape that was promised.
fn check_result(network: &mut Network, errors: &Errors) {
    let port = &network.declaration.output;
    let named = port.name.as_ref().map(plain);
    let line = match &named {
        Some(name) => network.lines.iter().find(|line| plain(&line.line.name) == *name),
        None => network.lines.last().filter(|last| network.is_last(last)),
    };
    let Some(line) = line else {
        if let (Some(name), false) = (&port.name, network.declaration.damaged) {
            let lines: Vec<_> = network.lines.iter().map(|line| plain(&line.line.name)).collect();
            let note = format!("the lines are {}", lines.join(", "));
            errors.at(name.span(), Mistake::new(format!("the output `{name}` is not a line")).note(note));
        }
        return;
    };
    network.result = line.value;
    let (Some(value), Some(declared)) = (line.value, &network.output) else { return };
    let found = network.shape(value);
    if found.differs(declared) == Some(true) {
        let name = plain(&line.line.name);
        let last = line.line.chain.last().map_or(line.line.name.span(), |link| link.word.span());
        let mistake = Mistake::new(format!("the declared output is {declared}, but `{name}` gives {found}"));
        errors.at(last, mistake_with_trail(mistake, &network.trail(value)));
    }
}

impl Network<'_> {
    /// The shape of a value.
    pub fn shape(&self, source: Source) -> &Shape {
        match source {
            Source::Input => self.input.as_ref().expect("a value comes from an input whose shape is known"),
            Source::Node(node) => &self.nodes[node].layer.output,
        }
    }

    fn is_last(&self, line: &CheckedLine) -> bool {
        self.declaration.lines.last().is_some_and(|last| core::ptr::eq(last, line.line))
    }

    /// Who gives a value, for a message that goes on with its shape.
    fn giver(&self, source: Source) -> String {
        match source {
            Source::Input => "the input is".into(),
            Source::Node(_) => format!("`{}` gives", self.label(source)),
        }
    }

    /// What a value is called: its line's name, or its layer within the line being checked.
    fn label(&self, source: Source) -> String {
        match source {
            Source::Input => self.declaration.input.name.as_ref().map_or("input".into(), plain),
            Source::Node(node) if self.is_within_line(node) => plain(&self.nodes[node].link.word),
            Source::Node(node) => plain(&self.lines[self.nodes[node].line].line.name),
        }
    }

    /// A layer of the line being checked, or one in the middle of its line.
    fn is_within_line(&self, node: usize) -> bool {
        let line = &self.lines[self.nodes[node].line];
        line.value.is_none() || line.nodes.last() != Some(&node)
    }

    /// The way from the input to a value: `input [784] → hidden [128] → out [10]`.
    fn trail(&self, end: Source) -> String {
        let mut stations = Vec::new();
        let mut source = end;
        loop {
            let middle = matches!(source, Source::Node(node) if self.is_within_line(node) && !self.is_current(node));
            if !middle {
                stations.push(source);
            }
            match source {
                Source::Input => break,
                Source::Node(node) => source = self.nodes[node].source,
            }
        }
        let mut trail = String::new();
        for (place, station) in stations.into_iter().rev().enumerate() {
            let arrow = if place > 0 { " → " } else { "" };
            write!(trail, "{arrow}{} {}", self.label(station), self.shape(station)).expect("writing to a string");
        }
        trail
    }

    /// A layer of the line being checked.
    fn is_current(&self, node: usize) -> bool {
        self.nodes[node].line + 1 == self.lines.len() && self.lines[self.nodes[node].line].value.is_none()
    }

    /// The layers that the output depends on, by node.
    pub fn live(&self) -> Vec<bool> {
        let mut live = vec![false; self.nodes.len()];
        let mut source = self.result;
        while let Some(Source::Node(node)) = source {
            live[node] = true;
            source = Some(self.nodes[node].source);
        }
        live
    }

    /// Lines whose value nothing uses, directly or through other lines.
    pub fn unused(&self) -> impl Iterator<Item = &Line> {
        let mut sources: Vec<_> = self.nodes.iter().map(|node| node.source).collect();
        sources.extend(self.result);
        self.lines
            .iter()
            .filter(move |line| match line.value {
                Some(value @ Source::Node(node)) => line.nodes.contains(&node) && !sources.contains(&value),
                _ => false,
            })
            .map(|line| line.line)
    }

    /// How much of the network's input one value depends on, by axis.
    pub fn receptive_field(&self, source: Source) -> Vec<Dim> {
        let input = self.input.as_ref().expect("a network with values has an input");
        let Source::Node(node) = source else { return vec![Dim::Literal(1); input.extent().len()] };
        let node = &self.nodes[node];
        match (&node.layer.form, node.input.kind) {
            (Form::Parameterised(_) | Form::Softmax, Kind::Vector) => input.extent().to_vec(),
            _ => self.receptive_field(node.source),
        }
    }

    /// The family of initialisers for a layer: that of the activation behind it, through views.
    pub fn suits(&self, node: usize) -> Suits {
        let follower = self.nodes.iter().position(|next| next.source == Source::Node(node));
        match follower.map(|next| (next, &self.nodes[next].layer.form)) {
            Some((view, Form::View)) => self.suits(view),
            Some((_, Form::Pointwise(activation))) => activation.suits,
            _ => Suits::Xavier,
        }
    }

    /// Whether gradients can train it: no live layer is without a useful derivative.
    pub fn trainable(&self) -> bool {
        let live = self.live();
        self.nodes.iter().zip(live).all(|(node, live)| match &node.layer.form {
            Form::Pointwise(activation) => activation.differentiable || !live,
            _ => true,
        })
    }
}
