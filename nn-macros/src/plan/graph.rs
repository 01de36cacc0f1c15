//! The graph that is planned: steps over values, in an order in which each step comes after those that it reads from.

use crate::check::{Network, Source};
use crate::dimension::Dim;
use crate::table::{Cached, Form};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// A layer with parameters, and the activation in its epilogue.
    Layer {
        node: usize,
        activation: Option<usize>,
    },
    Activation {
        node: usize,
        cached: Cached,
    },
    Softmax {
        node: usize,
    },
}

impl Operation {
    pub fn is_layer(self) -> bool {
        matches!(self, Self::Layer { .. })
    }

    /// Whether the backward pass reads what the step took.
    pub fn reads_input(self) -> bool {
        match self {
            Self::Layer { .. } => true,
            Self::Activation { cached, .. } => cached == Cached::Input,
            Self::Softmax { .. } => false,
        }
    }

    /// Whether the backward pass reads what the step gave.
    pub fn reads_output(self) -> bool {
        match self {
            Self::Layer { activation, .. } => activation.is_some(),
            Self::Activation { cached, .. } => cached == Cached::Output,
            Self::Softmax { .. } => true,
        }
    }
}

impl Graph {
    /// The value that the caller gives.
    pub const INPUT: ValueId = ValueId(0);

    /// The live layers of a network.
    pub fn new(network: &Network) -> Self {
        let live = network.live();
        let mut lens = vec![network.shape(Source::Input).len().clone()];
        let mut steps = Vec::new();
        let mut given = vec![Self::INPUT; network.nodes.len()];
        let value = |given: &[ValueId], source| match source {
            Source::Input => Self::INPUT,
            Source::Node(node) => given[node],
        };
        for (node, checked) in network.nodes.iter().enumerate().filter(|(node, _)| live[*node]) {
            let from: Vec<_> = checked.sources.iter().map(|source| value(&given, *source)).collect();
            let operation = match &checked.layer.form {
                Form::View => {
                    given[node] = from[0];
                    continue;
                }
                Form::Parameterised(_) => Operation::Layer { node, activation: None },
                Form::Pointwise(pointwise) => Operation::Activation { node, cached: pointwise.cached },
                Form::Softmax => Operation::Softmax { node },
                Form::Plain(_) | Form::Noise(_) => unreachable!("no row of the table makes one yet"),
            };
            given[node] = ValueId(lens.len());
            lens.push(network.shape(Source::Node(node)).len().clone());
            steps.push(Step { operation, from, to: given[node] });
        }
        let result = network.result.expect("a network that is planned has a result");
        Self::of_steps(lens, steps, value(&given, result))
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
        let lens = self.values.iter().map(|value| value.len.clone()).collect();
        Self::of_steps(lens, steps.into_iter().flatten().collect(), self.output)
    }

    /// What a step may overwrite with what it gives: the value that an activation reads, if nothing reads it later.
    pub fn overwritable_by(&self, step: usize) -> Option<ValueId> {
        let Step { operation, from, .. } = &self.steps[step];
        let last_read = |value: &ValueId| self.value(*value).users.last() == Some(&step);
        from.first().copied().filter(|value| !operation.is_layer() && last_read(value))
    }

    /// Of the steps whose backward pass reads a value, the first, whose backward pass runs last.
    pub fn read_backward_by(&self, value: ValueId) -> Option<usize> {
        let Value { producer, users, .. } = self.value(value);
        let giver = producer.filter(|step| self.steps[*step].operation.reads_output());
        let reads = |step: &usize| self.steps.get(*step).is_some_and(|step| step.operation.reads_input());
        giver.or_else(|| users.iter().copied().find(reads))
    }
}
