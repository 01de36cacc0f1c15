//! The graph that is planned: steps over values, in an order in which each step comes after those that it reads from.

use std::collections::HashMap;

use crate::check::{Network, Node, Source};
use crate::dimension::Dim;
use crate::shape::{Kind, Shape};
use crate::table::{Cached, Form, Merge, Parameters};

use super::Reads;

/// A network as steps over values.
#[derive(Clone)]
pub struct Graph {
    pub values: Vec<Value>,
    pub steps: Vec<Step>,
    pub output: ValueId,
    /// The first so many values are the caller's.
    pub inputs: usize,
}

/// What a step gives, or an input of the network. A view is the same value as what it looks at.
#[derive(Clone)]
pub struct Value {
    pub len: Dim,
    /// The step that gives it. An input has none, nor has a value that became part of a step.
    pub producer: Option<usize>,
    /// The steps that read it, ascending, a step once for each time that it reads it. The caller reads the output behind
    /// the last step, as step number `steps.len()`.
    pub users: Vec<usize>,
}

/// The place of a value in [`Graph::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueId(pub usize);

/// One call of the forward pass.
#[derive(Clone, Debug)]
pub struct Step {
    pub operation: Operation,
    pub from: Vec<ValueId>,
    pub to: ValueId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A layer with parameters, and what runs in its epilogue: a normalisation by running statistics, an activation.
    Layer {
        node: usize,
        normalisation: Option<usize>,
        activation: Option<usize>,
    },
    /// A layer without parameters.
    Plain {
        node: usize,
        reads_input: bool,
    },
    /// What training alone does.
    Noise {
        node: usize,
    },
    Activation {
        node: usize,
        cached: Cached,
    },
    Softmax {
        node: usize,
    },
    /// The same values, brought into this order of their channels.
    Reorder {
        of: Source,
        order: Order,
    },
    /// The sum of values, or the product of two, and an activation in its epilogue.
    Combine {
        node: usize,
        product: bool,
        activation: Option<usize>,
    },
    /// Values one behind the other along an axis.
    Concat {
        node: usize,
    },
    /// A block, or a type from elsewhere: what its backward pass reads.
    Block {
        node: usize,
        reads: Reads,
    },
    /// The outputs of a network, one behind the other.
    Collect,
}

/// Where the channels of an image stand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// `[C, H, W]`: the order of the network's input and output and of flattened vectors. A vector or a sequence, which has
    /// one order only, has this one.
    ChannelsFirst,
    /// `[H, W, C]`: the order in which layers work.
    ChannelsLast,
}

impl Operation {
    /// A layer with parameters, and nothing in its epilogue.
    pub fn layer(node: usize) -> Self {
        Self::Layer { node, normalisation: None, activation: None }
    }

    /// Whether each value that it gives, and each gradient that it gives back, depends on one value, or on one column of them
    /// that is read before it is written: so that it can work in place.
    pub fn works_in_place(self) -> bool {
        matches!(
            self,
            Self::Activation { .. } | Self::Softmax { .. } | Self::Noise { .. } | Self::Combine { product: false, .. }
        )
    }

    /// Whether what it gives may lie where one of its inputs did.
    fn may_overwrite(self) -> bool {
        self.works_in_place() || matches!(self, Self::Combine { .. })
    }

    /// Whether the backward pass reads what the step took.
    pub fn reads_input(self) -> bool {
        match self {
            Self::Layer { .. } => true,
            Self::Plain { reads_input, .. } => reads_input,
            Self::Activation { cached, .. } => cached == Cached::Input,
            Self::Combine { product, .. } => product,
            Self::Block { reads, .. } => reads.input,
            Self::Softmax { .. } | Self::Noise { .. } | Self::Reorder { .. } | Self::Concat { .. } | Self::Collect => {
                false
            }
        }
    }

    /// Whether the backward pass reads what the step gave.
    pub fn reads_output(self) -> bool {
        match self {
            Self::Layer { activation, .. } | Self::Combine { activation, .. } => activation.is_some(),
            Self::Block { reads, .. } => reads.output,
            Self::Activation { cached, .. } => cached == Cached::Output,
            Self::Softmax { .. } => true,
            Self::Plain { .. } | Self::Noise { .. } | Self::Reorder { .. } | Self::Concat { .. } | Self::Collect => {
                false
            }
        }
    }

    /// Whether the backward pass can only write the gradient of what the step took, not add to it.
    pub fn overwrites_gradient(self) -> bool {
        matches!(self, Self::Plain { .. } | Self::Reorder { .. })
    }
}

impl Graph {
    /// The live layers of a network; the noise of training among them, or not. `reads` tells of each block what its backward
    /// pass does.
    pub fn new(network: &Network, training: bool, reads: &[Reads]) -> Self {
        let live = network.live(training);
        let mut builder = Builder::new(network, reads);
        for (node, _) in network.nodes.iter().enumerate().filter(|(node, _)| live[*node]) {
            builder.add(node, training);
        }
        let output = builder.outputs(&network.results(training));
        Self::of_steps(builder.lens, builder.steps, output, network.inputs.len())
    }

    /// The graph of these steps over values of these lengths, those of the inputs first.
    pub fn of_steps(lens: Vec<Dim>, steps: Vec<Step>, output: ValueId, inputs: usize) -> Self {
        let unused = |len| Value { len, producer: None, users: Vec::new() };
        let mut values: Vec<_> = lens.into_iter().map(unused).collect();
        for (index, step) in steps.iter().enumerate() {
            values[step.to.0].producer = Some(index);
            for from in &step.from {
                values[from.0].users.push(index);
            }
        }
        values[output.0].users.push(steps.len());
        Self { values, steps, output, inputs }
    }

    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0]
    }

    /// The graph in which an activation that `may` be is part of the layer or merge before it, if nothing else reads what
    /// that gives.
    pub fn fused(&self, may: impl Fn(Cached) -> bool) -> Self {
        let mut steps: Vec<_> = self.steps.iter().cloned().map(Some).collect();
        for (index, step) in self.steps.iter().enumerate() {
            let Operation::Activation { node, cached } = step.operation else { continue };
            let before = self.value(step.from[0]);
            let (Some(layer), [_], true) = (before.producer, &before.users[..], may(cached)) else { continue };
            let Some(Step { operation, to, .. }) = &mut steps[layer] else { continue };
            let (Operation::Layer { activation: activation @ None, .. }
            | Operation::Combine { activation: activation @ None, .. }) = operation
            else {
                continue;
            };
            *activation = Some(node);
            *to = step.to;
            steps[index] = None;
        }
        self.with_steps(steps)
    }

    /// The graph, not yet [fused](Self::fused), in which a normalisation by running statistics is part of the convolution
    /// before it, if nothing else reads what that gives.
    pub fn normalised(&self, network: &Network) -> Self {
        let parameters = |node: usize| match &network.nodes[node].layer.form {
            Form::Parameterised(parameters) => Some(parameters),
            _ => None,
        };
        let mut steps: Vec<_> = self.steps.iter().cloned().map(Some).collect();
        for (index, step) in self.steps.iter().enumerate() {
            let Operation::Layer { node, .. } = step.operation else { continue };
            let before = self.value(step.from[0]);
            let (Some(layer), [_]) = (before.producer, &before.users[..]) else { continue };
            let Operation::Layer { node: convolution, .. } = self.steps[layer].operation else { continue };
            let normalises = parameters(node).is_some_and(|parameters| parameters.buffers.is_some());
            if normalises && parameters(convolution).is_some_and(Parameters::takes_normalisation) {
                let operation = Operation::Layer { node: convolution, normalisation: Some(node), activation: None };
                steps[layer] = Some(Step { operation, from: self.steps[layer].from.clone(), to: step.to });
                steps[index] = None;
            }
        }
        self.with_steps(steps)
    }

    /// The same values with the steps that are left.
    fn with_steps(&self, steps: Vec<Option<Step>>) -> Self {
        let lens = self.values.iter().map(|value| value.len.clone()).collect();
        Self::of_steps(lens, steps.into_iter().flatten().collect(), self.output, self.inputs)
    }

    /// What a step may overwrite with what it gives: a value that it reads once, if it works in place and nothing reads it later.
    ///
    /// Of a sum that is one of the first two terms, whose order does not change what they give: inference, which may overwrite
    /// more than training, then rounds as training does.
    pub fn overwritable_by(&self, step: usize) -> impl Iterator<Item = ValueId> {
        let Step { operation, from, .. } = &self.steps[step];
        let once = move |value: &ValueId| from.iter().filter(|other| *other == value).count() == 1;
        let last_read = move |value: &ValueId| self.value(*value).users.last() == Some(&step);
        let may = operation.may_overwrite();
        from.iter().copied().take(2).filter(move |value| may && once(value) && last_read(value))
    }

    /// The values that no parameters lie before: nobody but the caller may want their gradient.
    pub fn free_of_parameters(&self) -> Vec<bool> {
        let mut free = vec![true; self.values.len()];
        for step in &self.steps {
            let has_parameters = matches!(step.operation, Operation::Layer { .. } | Operation::Block { .. });
            free[step.to.0] = !has_parameters && step.from.iter().all(|value| free[value.0]);
        }
        free
    }

    /// Whether a value is the caller's.
    pub fn is_input(&self, value: ValueId) -> bool {
        value.0 < self.inputs
    }

    /// Of the steps whose backward pass reads a value, the first, whose backward pass runs last.
    pub fn read_backward_by(&self, value: ValueId) -> Option<usize> {
        let Value { producer, users, .. } = self.value(value);
        let giver = producer.filter(|step| self.steps[*step].operation.reads_output());
        let reads = |step: &usize| self.steps.get(*step).is_some_and(|step| step.operation.reads_input());
        giver.or_else(|| users.iter().copied().find(reads))
    }
}

/// A graph that grows by a layer at a time.
struct Builder<'n> {
    network: &'n Network<'n>,
    reads: &'n [Reads],
    lens: Vec<Dim>,
    steps: Vec<Step>,
    /// The value that a layer of the network gives, and its order.
    given: Vec<(ValueId, Order)>,
    /// Values in another order than the one in which they were given.
    reordered: HashMap<(ValueId, Order), ValueId>,
}

impl<'n> Builder<'n> {
    fn new(network: &'n Network, reads: &'n [Reads]) -> Self {
        let input = |input| network.shape(Source::Input(input)).len().clone();
        let lens = (0..network.inputs.len()).map(input).collect();
        let given = vec![(ValueId(0), Order::ChannelsFirst); network.nodes.len()];
        Self { network, reads, lens, steps: Vec::new(), given, reordered: HashMap::new() }
    }

    fn add(&mut self, node: usize, training: bool) {
        let checked = &self.network.nodes[node];
        let operation = match &checked.layer.form {
            Form::View => return self.look(node, view_order(checked)),
            Form::Noise(_) if !training => return self.look(node, None),
            Form::Noise(_) => Operation::Noise { node },
            Form::Parameterised(_) => Operation::layer(node),
            Form::Plain(plain) => Operation::Plain { node, reads_input: plain.reads_input },
            Form::Pointwise(pointwise) => Operation::Activation { node, cached: pointwise.cached },
            Form::Softmax => Operation::Softmax { node },
            Form::Merge(Merge::Concat { .. }) => Operation::Concat { node },
            Form::Merge(merge) => Operation::Combine { node, product: *merge == Merge::Multiply, activation: None },
            Form::Block(block) => Operation::Block { node, reads: self.reads[block.index] },
            Form::Module(_) => Operation::Block { node, reads: Reads { input: true, output: true } },
        };
        let from = match operation {
            Operation::Activation { .. } => checked.sources.iter().map(|source| self.as_given(*source).0).collect(),
            _ => {
                let in_order = |source: &Source| self.value(*source, order(self.network.shape(*source)));
                checked.sources.iter().map(in_order).collect()
            }
        };
        let shape = self.network.shape(Source::Node(node));
        let order = match operation {
            Operation::Activation { .. } => self.as_given(checked.sources[0]).1,
            _ => order(shape),
        };
        self.given[node] = (self.step(operation, from, shape.len().clone()), order);
    }

    /// What the caller gets, in the caller's order; a block gives what it computes as it is.
    fn outputs(&mut self, results: &[Source]) -> ValueId {
        let block = self.network.block.is_some();
        let mut output = |source: &Source| {
            let order = if block { order(self.network.shape(*source)) } else { Order::ChannelsFirst };
            self.value(*source, order)
        };
        let values: Vec<_> = results.iter().map(&mut output).collect();
        if let [single] = values[..] {
            return single;
        }
        let lens = results.iter().map(|source| self.network.shape(*source).len());
        let len = lens.cloned().reduce(|sum, len| sum.plus(&len).expect("each output was checked to fit memory"));
        self.step(Operation::Collect, values, len.expect("a network has an output"))
    }

    /// The layer gives what it takes, in this order, or in whatever order it has.
    fn look(&mut self, node: usize, order: Option<Order>) {
        let source = self.network.nodes[node].sources[0];
        self.given[node] = match order {
            Some(order) => (self.value(source, order), order),
            None => self.as_given(source),
        };
    }

    fn step(&mut self, operation: Operation, from: Vec<ValueId>, len: Dim) -> ValueId {
        let to = ValueId(self.lens.len());
        self.lens.push(len);
        self.steps.push(Step { operation, from, to });
        to
    }

    fn as_given(&self, source: Source) -> (ValueId, Order) {
        match source {
            Source::Input(input) if self.network.block.is_some() => (ValueId(input), order(self.network.shape(source))),
            Source::Input(input) => (ValueId(input), Order::ChannelsFirst),
            Source::Node(node) => self.given[node],
        }
    }

    /// A value in this order.
    fn value(&mut self, source: Source, order: Order) -> ValueId {
        let (value, given) = self.as_given(source);
        let shape = self.network.shape(source);
        if given == order || has_one_order(shape) {
            return value;
        }
        if let Some(reordered) = self.reordered.get(&(value, order)) {
            return *reordered;
        }
        let reordered = self.step(Operation::Reorder { of: source, order }, vec![value], shape.len().clone());
        self.reordered.insert((value, order), reordered);
        reordered
    }
}

/// In which order a layer takes a value of that shape, and gives it. What only the compiler knows may have channels.
fn order(shape: &Shape) -> Order {
    if shape.channels().is_some() || shape.kind == Kind::Open { Order::ChannelsLast } else { Order::ChannelsFirst }
}

/// In which order a view needs its value, if it is not the same in any: when the shape changes.
fn view_order(node: &Node) -> Option<Order> {
    (node.layer.output.kind != node.input.kind).then_some(Order::ChannelsFirst)
}

/// Whether both orders are the same in memory: with a single channel, or a single place.
fn has_one_order(shape: &Shape) -> bool {
    if shape.kind == Kind::Open {
        return false;
    }
    let single = |dim: &Dim| dim.literal() == Some(1);
    shape.channels().is_none_or(single) || shape.extent().iter().all(single)
}
