//! The graph that is planned: steps over values, in an order in which each step comes after those that it reads from.

use std::collections::HashMap;

use crate::check::{Network, Node, Source};
use crate::dimension::Dim;
use crate::shape::Shape;
use crate::table::{Cached, Form, Parameters};

/// A network as steps over values.
#[derive(Clone)]
pub struct Graph {
    pub values: Vec<Value>,
    pub steps: Vec<Step>,
    pub output: ValueId,
}

/// What a step gives, or the network's input. A view is the same value as what it looks at.
#[derive(Clone)]
pub struct Value {
    pub len: Dim,
    /// The step that gives it. The input has none, nor has a value that became part of a step.
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
        matches!(self, Self::Activation { .. } | Self::Softmax { .. } | Self::Noise { .. })
    }

    /// Whether the backward pass reads what the step took.
    pub fn reads_input(self) -> bool {
        match self {
            Self::Layer { .. } => true,
            Self::Plain { reads_input, .. } => reads_input,
            Self::Activation { cached, .. } => cached == Cached::Input,
            Self::Softmax { .. } | Self::Noise { .. } | Self::Reorder { .. } => false,
        }
    }

    /// Whether the backward pass reads what the step gave.
    pub fn reads_output(self) -> bool {
        match self {
            Self::Layer { activation, .. } => activation.is_some(),
            Self::Activation { cached, .. } => cached == Cached::Output,
            Self::Softmax { .. } => true,
            Self::Plain { .. } | Self::Noise { .. } | Self::Reorder { .. } => false,
        }
    }
}

impl Graph {
    /// The value that the caller gives.
    pub const INPUT: ValueId = ValueId(0);

    /// The live layers of a network; the noise of training among them, or not.
    pub fn new(network: &Network, training: bool) -> Self {
        let live = network.live();
        let mut builder = Builder::new(network);
        for (node, _) in network.nodes.iter().enumerate().filter(|(node, _)| live[*node]) {
            builder.add(node, training);
        }
        let result = network.result.expect("a network that is planned has a result");
        let output = builder.value(result, Order::ChannelsFirst);
        Self::of_steps(builder.lens, builder.steps, output)
    }

    /// The graph of these steps over values of these lengths, the input's first.
    pub fn of_steps(lens: Vec<Dim>, steps: Vec<Step>, output: ValueId) -> Self {
        let unused = |len| Value { len, producer: None, users: Vec::new() };
        let mut values: Vec<_> = lens.into_iter().map(unused).collect();
        for (index, step) in steps.iter().enumerate() {
            values[step.to.0].producer = Some(index);
            for from in &step.from {
                values[from.0].users.push(index);
            }
        }
        values[output.0].users.push(steps.len());
        Self { values, steps, output }
    }

    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0]
    }

    /// The graph in which an activation that `may` be is part of the layer before it, if nothing else reads what the layer
    /// gives.
    pub fn fused(&self, may: impl Fn(Cached) -> bool) -> Self {
        let mut steps: Vec<_> = self.steps.iter().cloned().map(Some).collect();
        for (index, step) in self.steps.iter().enumerate() {
            let Operation::Activation { node, cached } = step.operation else { continue };
            let before = self.value(step.from[0]);
            let (Some(layer), [_], true) = (before.producer, &before.users[..], may(cached)) else { continue };
            let Some(Step { operation: Operation::Layer { activation: activation @ None, .. }, to, .. }) =
                &mut steps[layer]
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
        Self::of_steps(lens, steps.into_iter().flatten().collect(), self.output)
    }

    /// What a step may overwrite with what it gives: the value that it reads, if it works in place and nothing reads it later.
    pub fn overwritable_by(&self, step: usize) -> Option<ValueId> {
        let Step { operation, from, .. } = &self.steps[step];
        let last_read = |value: &ValueId| self.value(*value).users.last() == Some(&step);
        from.first().copied().filter(|value| operation.works_in_place() && last_read(value))
    }

    /// The values that no parameters lie before: nobody but the caller may want their gradient.
    pub fn free_of_parameters(&self) -> Vec<bool> {
        let mut free = vec![true; self.values.len()];
        for step in &self.steps {
            let has_parameters = matches!(step.operation, Operation::Layer { .. });
            free[step.to.0] = !has_parameters && step.from.iter().all(|value| free[value.0]);
        }
        free
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
    lens: Vec<Dim>,
    steps: Vec<Step>,
    /// The value that a layer of the network gives, and its order.
    given: Vec<(ValueId, Order)>,
    /// Values in another order than the one in which they were given.
    reordered: HashMap<(ValueId, Order), ValueId>,
}

impl<'n> Builder<'n> {
    fn new(network: &'n Network) -> Self {
        let lens = vec![network.shape(Source::Input).len().clone()];
        let given = vec![(Graph::INPUT, Order::ChannelsFirst); network.nodes.len()];
        Self { network, lens, steps: Vec::new(), given, reordered: HashMap::new() }
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
            Source::Input => (Graph::INPUT, Order::ChannelsFirst),
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

/// In which order a layer takes a value of that shape, and gives it.
fn order(shape: &Shape) -> Order {
    if shape.channels().is_some() { Order::ChannelsLast } else { Order::ChannelsFirst }
}

/// In which order a view needs its value, if it is not the same in any: when the shape changes.
fn view_order(node: &Node) -> Option<Order> {
    (node.layer.output.kind != node.input.kind).then_some(Order::ChannelsFirst)
}

/// Whether both orders are the same in memory: with a single channel, or a single place.
fn has_one_order(shape: &Shape) -> bool {
    let single = |dim: &Dim| dim.literal() == Some(1);
    shape.channels().is_none_or(single) || shape.extent().iter().all(single)
}
