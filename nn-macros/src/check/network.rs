//! What can be asked of a checked network.

use core::fmt::Write;
use std::collections::HashSet;

use proc_macro2::Ident;

use super::chains::Arriving;
use super::{CheckedLine, Network, Node, Source};
use crate::dimension::Dim;
use crate::receptive::Field;
use crate::shape::Shape;
use crate::syntax::{Line, Link, plain};
use crate::table::{Form, Initial, Parameters, Suits};

/// How many values a trail shows before it leaves out those in the middle.
const MOST_STATIONS: usize = 8;

/// Shapes and names.
impl Network<'_> {
    /// What the first line starts from.
    pub(super) fn start(&self) -> Arriving {
        match &self.inputs[..] {
            [input] => Arriving::of(input.shape.as_ref().map(|_| Source::Input(0))),
            _ => Arriving::Several,
        }
    }

    /// The shape of a value.
    pub fn shape(&self, source: Source) -> &Shape {
        match source {
            Source::Input(input) => {
                self.inputs[input].shape.as_ref().expect("a value comes from an input whose shape is known")
            }
            Source::Node(node) => &self.nodes[node].layer.output,
        }
    }

    /// What a block gives.
    pub fn output_shape(&self) -> Shape {
        self.outputs.first().and_then(|output| output.shape.clone()).expect("a checked block has an output")
    }

    /// What one of its values sees of the network's first input, by axis.
    pub(super) fn fields(&self, source: Source) -> Vec<Field> {
        match source {
            Source::Input(0) => vec![Field::of_input(); self.axes().len()],
            // Of another input: its axes are others.
            Source::Input(_) => vec![Field::Whole; self.axes().len()],
            Source::Node(node) => self.nodes[node].fields.clone(),
        }
    }

    /// The axes of the first input along which receptive fields are counted.
    pub(super) fn axes(&self) -> Vec<Dim> {
        let first = self.inputs.first().and_then(|input| input.shape.as_ref());
        first.map(|shape| shape.extent().to_vec()).unwrap_or_default()
    }

    /// What a value of a block's output sees of its input.
    pub(super) fn output_fields(&self) -> Vec<Field> {
        match self.outputs.first().and_then(|output| output.value) {
            Some(value) => self.fields(value),
            None => Vec::new(),
        }
    }

    /// How much of the network's input one value of its first output depends on, by axis.
    pub fn output_receptive_field(&self) -> Vec<Dim> {
        match self.outputs.first().and_then(|output| output.value) {
            Some(Source::Node(node)) => self.nodes[node].receptive_field.clone(),
            _ => vec![Dim::Literal(1); self.axes().len()],
        }
    }

    /// Whether a bare word names an input or an earlier line.
    pub(super) fn is_value(&self, link: &Link) -> bool {
        let word = plain(&link.word);
        let bare = link.arguments.is_none() && link.path.is_none();
        bare && (word == "input" || self.input_named(&word).is_some() || self.values.contains_key(&word))
    }

    /// The value of that name; `None` if its shape is unknown after a mistake.
    pub(super) fn value(&self, name: &Ident) -> Option<Source> {
        let name = plain(name);
        match self.values.get(&name) {
            Some(line) => self.lines[*line].value,
            None => {
                let input = self.input_named(&name).unwrap_or_default();
                self.inputs[input].shape.as_ref().map(|_| Source::Input(input))
            }
        }
    }

    /// The input of that name, which a single one has beside its own: `input`.
    pub(super) fn input_named(&self, word: &str) -> Option<usize> {
        let named = |input: &super::Input| input.name.as_ref().is_some_and(|name| plain(name) == word);
        let single = self.inputs.len() == 1 && word == "input";
        self.inputs.iter().position(named).or(single.then_some(0))
    }

    /// What the inputs are called.
    pub fn input_names(&self) -> Vec<String> {
        self.inputs.iter().map(|input| input.name.as_ref().map_or("input".into(), plain)).collect()
    }

    /// What a chain of the line being checked may begin with.
    pub(super) fn value_names(&self) -> Vec<String> {
        let lines = self.lines.iter().map(|line| plain(&line.line.name));
        self.input_names().into_iter().chain(lines.filter(|name| self.values.contains_key(name))).collect()
    }

    /// Who gives a value, for a message that goes on with its shape.
    pub(super) fn giver(&self, source: Source) -> String {
        match source {
            Source::Input(_) if self.inputs.len() == 1 => "the input is".into(),
            Source::Input(input) => format!("`{}` is", self.input_names()[input]),
            Source::Node(node) => format!("`{}` gives", self.label(node)),
        }
    }

    /// As [`giver`](Self::giver), for one of several branches.
    pub(super) fn called(&self, source: Source) -> String {
        match source {
            Source::Input(input) => format!("`{}` is", self.input_names()[input]),
            Source::Node(_) => self.giver(source),
        }
    }

    /// What a value is called.
    pub(super) fn called_alone(&self, source: Source) -> String {
        match source {
            Source::Input(input) => self.input_names()[input].clone(),
            Source::Node(node) => self.label(node),
        }
    }

    /// What the value of a layer is called: by its line if that ends with it, else by its own word.
    fn label(&self, node: usize) -> String {
        let line = &self.lines[self.nodes[node].line];
        if line.value == Some(Source::Node(node)) { plain(&line.line.name) } else { plain(&self.nodes[node].link.word) }
    }

    /// The way from the input to a value: `input [784] → hidden [128] → out [10]`. Finished lines are one station, the
    /// line being checked shows each of its layers. Of a layer that reads several values, the way to the first.
    pub(super) fn trail(&self, end: Source) -> String {
        let mut stations = Vec::new();
        let mut source = end;
        while let Source::Node(node) = source {
            let line = &self.lines[self.nodes[node].line];
            if line.value.is_none_or(|value| value == source) {
                stations.push(format!("{} {}", self.label(node), self.shape(source)));
            }
            source = self.nodes[node].sources[0];
        }
        let block = self.block.as_ref().filter(|_| !self.transparent).map(|block| format!("in `{block}`: "));
        let mut trail = format!("{}{} {}", block.unwrap_or_default(), self.called_alone(source), self.shape(source));
        let shown = stations.len().min(MOST_STATIONS);
        if shown < stations.len() {
            trail += " → …";
        }
        for station in stations[..shown].iter().rev() {
            write!(trail, " → {station}").expect("writing to a string");
        }
        trail
    }
}

/// What runs and what does not.
impl Network<'_> {
    /// Whether each output has its value, as it has unless there was a mistake.
    pub fn is_whole(&self) -> bool {
        self.outputs.iter().all(|output| output.value.is_some())
    }

    /// What inference gives, or training.
    pub fn results(&self, training: bool) -> Vec<Source> {
        let wanted = self.outputs.iter().filter(|output| training || !output.in_training);
        wanted.map(|output| output.value.expect("a network that is planned has its outputs")).collect()
    }

    /// The layers that the outputs of training depend on, or those of inference, by node.
    pub fn live(&self, training: bool) -> Vec<bool> {
        let mut live = vec![false; self.nodes.len()];
        let wanted = self.outputs.iter().filter(|output| training || !output.in_training);
        let mut waiting: Vec<_> = wanted.filter_map(|output| output.value).collect();
        while let Some(source) = waiting.pop() {
            let Source::Node(node) = source else { continue };
            if !core::mem::replace(&mut live[node], true) {
                waiting.extend(&self.nodes[node].sources);
            }
        }
        live
    }

    /// Lines that end with a layer whose value nothing uses.
    pub fn unused(&self) -> impl Iterator<Item = &Line> {
        let mut used: HashSet<_> = self.nodes.iter().flat_map(|node| node.sources.iter().copied()).collect();
        used.extend(self.outputs.iter().filter_map(|output| output.value));
        let unused = move |line: &&CheckedLine| {
            let last = line.nodes.last().map(|node| Source::Node(*node));
            last.is_some_and(|last| !used.contains(&last))
        };
        self.lines.iter().filter(unused).map(|line| line.line)
    }

    /// The inputs of several that nothing reads.
    pub fn unused_inputs(&self) -> impl Iterator<Item = &Ident> {
        let mut used: HashSet<_> = self.nodes.iter().flat_map(|node| node.sources.iter().copied()).collect();
        used.extend(self.outputs.iter().filter_map(|output| output.value));
        let inputs = self.inputs.iter().enumerate().filter(move |(input, _)| !used.contains(&Source::Input(*input)));
        inputs.filter(|_| self.inputs.len() > 1).filter_map(|(_, input)| input.name.as_ref())
    }

    /// The family of initialisers for each layer: that of the activation behind it, also behind a view, a pool, a merge or
    /// a normalisation. What is never computed has no say for what is.
    pub fn suits(&self) -> Vec<Suits> {
        let live = self.live(true);
        let mut suits = vec![Suits::Xavier; self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate().rev() {
            let suit = match &node.layer.form {
                Form::Pointwise(activation) => activation.suits,
                // A normalisation draws nothing: the activation behind it is that of the layer before it.
                Form::View
                | Form::Plain(_)
                | Form::Noise(_)
                | Form::Merge(_)
                | Form::Parameterised(Parameters { initializer: Initial::Fixed, .. }) => suits[place],
                Form::Parameterised(_) | Form::Softmax | Form::Block(_) | Form::Module(_) => continue,
            };
            for source in &node.sources {
                if let Source::Node(before) = source
                    && (live[place] || !live[*before])
                {
                    suits[*before] = suit;
                }
            }
        }
        suits
    }

    /// Whether gradients can train it: no live layer is without a useful derivative.
    pub fn trainable(&self) -> bool {
        let live = self.live(true);
        self.nodes.iter().zip(live).all(|(node, live)| match &node.layer.form {
            Form::Pointwise(activation) => activation.differentiable || !live,
            Form::Plain(layer) => layer.differentiable || !live,
            Form::Block(block) => block.trainable || !live,
            _ => true,
        })
    }

    /// Whether a layer of it has running statistics of its own.
    pub fn has_buffers(&self) -> bool {
        self.nodes.iter().any(Node::has_buffers)
    }
}

impl Node<'_> {
    /// Whether it is a field of the struct.
    pub fn is_field(&self) -> bool {
        matches!(self.layer.form, Form::Parameterised(_) | Form::Block(_) | Form::Module(_))
    }

    /// Whether it is a field of the struct of running statistics.
    pub fn has_buffers(&self) -> bool {
        match &self.layer.form {
            Form::Parameterised(parameters) => parameters.buffers.is_some(),
            Form::Block(block) => block.buffers.is_some(),
            _ => false,
        }
    }

    /// The parameters of a layer of the language that has some.
    pub fn parameters(&self) -> Option<&Parameters> {
        match &self.layer.form {
            Form::Parameterised(parameters) => Some(parameters),
            _ => None,
        }
    }
}
