//! The order of work: which layers run as one step, where each value lies, how long it lives.
//!
//! A pass is a list of steps over values. Views cost nothing, so they are no steps; an activation behind a layer with
//! parameters runs in that layer's epilogue; an activation that may overwrite its input does. What is left of the values
//! becomes slots of the workspace, with lifetimes from which the runtime computes offsets.

use crate::check::{Network, Source};
use crate::dimension::Dim;
use crate::table::{Cached, Form, Pointwise};

/// The passes of a network.
pub struct Plans {
    pub inference: Inference,
    /// `None` if gradients cannot train it.
    pub training: Option<Training>,
}

/// Forward only: the last value goes straight to the output.
pub struct Inference {
    pub steps: Vec<Step>,
    pub slots: Vec<Slot>,
}

/// Forward and back: every value that the backward pass reads stays.
pub struct Training {
    pub steps: Vec<Step>,
    /// Backwards through the steps.
    pub backward: Vec<BackwardStep>,
    pub slots: Vec<Slot>,
    /// The slot of the network's output.
    pub output: usize,
    /// The slot of the gradient with respect to it.
    pub d_output: usize,
}

/// One call of the forward pass.
#[derive(Clone, Copy)]
pub struct Step {
    pub operation: Operation,
    pub from: Place,
    pub to: Place,
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
    },
    Softmax {
        node: usize,
    },
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's input.
    Input,
    /// The caller's output.
    Output,
    Slot(usize),
}

/// One call of the backward pass: the gradient of a step's output becomes that of its input.
pub struct BackwardStep {
    pub step: usize,
    pub d_to: Gradient,
    pub d_from: Gradient,
}

/// Where the gradient of a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// With the caller, if the gradient of the input is wanted at all: no parameters lie before it.
    Input,
    Slot(usize),
}

/// A value of the workspace, or the gradient of one.
#[derive(Debug)]
pub struct Slot {
    pub len: Dim,
    pub first: usize,
    pub last: usize,
}

impl Plans {
    pub fn new(network: &Network) -> Self {
        Self { inference: Inference::new(network), training: network.trainable().then(|| Training::new(network)) }
    }
}

/// The steps of the live layers, activations fused where `fuse` allows.
fn operations(network: &Network, fuse: impl Fn(&Pointwise) -> bool) -> Vec<Operation> {
    let live = network.live();
    let mut operations = Vec::new();
    for (node, checked) in network.nodes.iter().enumerate().filter(|(node, _)| live[*node]) {
        match (&checked.layer.form, operations.last_mut()) {
            (Form::View, _) => {}
            (Form::Parameterised(_), _) => operations.push(Operation::Layer { node, activation: None }),
            (Form::Pointwise(f), Some(Operation::Layer { activation: activation @ None, .. })) if fuse(f) => {
                *activation = Some(node);
            }
            (Form::Pointwise(_), _) => operations.push(Operation::Activation { node }),
            (Form::Softmax, _) => operations.push(Operation::Softmax { node }),
        }
    }
    operations
}

impl Operation {
    /// The node whose shape the step gives.
    pub fn node(self) -> usize {
        match self {
            Self::Layer { node, .. } | Self::Activation { node } | Self::Softmax { node } => node,
        }
    }

    fn is_layer(self) -> bool {
        matches!(self, Self::Layer { .. })
    }

    fn len(self, network: &Network) -> Dim {
        network.shape(Source::Node(self.node())).len().clone()
    }

    /// Whether the backward pass reads what the step took.
    fn reads_input(self, network: &Network) -> bool {
        match self {
            Self::Layer { .. } => true,
            Self::Activation { node } => pointwise(network, node).cached == Cached::Input,
            Self::Softmax { .. } => false,
        }
    }

    /// Whether the backward pass reads what the step gave.
    fn reads_output(self, network: &Network) -> bool {
        match self {
            Self::Layer { activation, .. } => activation.is_some(),
            Self::Activation { node } => pointwise(network, node).cached == Cached::Output,
            Self::Softmax { .. } => true,
        }
    }
}

/// The activation of a node that is one.
pub fn pointwise<'a>(network: &'a Network, node: usize) -> &'a Pointwise {
    match &network.nodes[node].layer.form {
        Form::Pointwise(pointwise) => pointwise,
        _ => unreachable!("an activation step comes from an activation"),
    }
}

/// For each step the number of its group: steps that work on the same memory.
fn groups(operations: &[Operation], in_place: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut groups = Vec::new();
    for step in 0..operations.len() {
        let group = match groups.last() {
            None => 0,
            Some(last) if in_place(step) => *last,
            Some(last) => last + 1,
        };
        groups.push(group);
    }
    groups
}

/// The steps with their places, given the place of each group.
fn placed(operations: &[Operation], groups: &[usize], place: impl Fn(usize) -> Place) -> Vec<Step> {
    let from = |step: usize| if step == 0 { Place::Input } else { place(groups[step - 1]) };
    operations
        .iter()
        .enumerate()
        .map(|(step, operation)| Step { operation: *operation, from: from(step), to: place(groups[step]) })
        .collect()
}

impl Inference {
    fn new(network: &Network) -> Self {
        let operations = operations(network, |_| true);
        let groups = groups(&operations, |step| !operations[step].is_layer());
        let last = groups.last().copied();
        let place = |group| if Some(group) == last { Place::Output } else { Place::Slot(group) };
        let mut slots = Vec::new();
        for group in 0..last.unwrap_or_default() {
            let members = members(&groups, group);
            let len = operations[members.start].len(network);
            slots.push(Slot { len, first: members.start, last: members.end });
        }
        Self { steps: placed(&operations, &groups, place), slots }
    }
}

/// The steps of a group.
fn members(groups: &[usize], group: usize) -> core::ops::Range<usize> {
    let start = groups.partition_point(|g| *g < group);
    let end = groups.partition_point(|g| *g <= group);
    start..end
}

impl Training {
    fn new(network: &Network) -> Self {
        let operations = operations(network, |f| f.cached == Cached::Output);
        let groups = groups(&operations, |step| {
            let overwrites = !operations[step].is_layer() && !operations[step].reads_input(network);
            overwrites && !operations[step - 1].reads_output(network)
        });
        let mut slots = activation_slots(network, &operations, &groups);
        let output = slots.len() - 1;
        let gradients = gradient_slots(network, &operations, &mut slots);
        let Some(Gradient::Slot(d_output)) = gradients.last().copied() else {
            unreachable!("the gradient of the output has a slot")
        };
        let d_from = |step: usize| if step == 0 { Gradient::Input } else { gradients[step - 1] };
        let backward = (0..operations.len())
            .rev()
            .map(|step| BackwardStep { step, d_to: gradients[step], d_from: d_from(step) })
            .collect();
        let backward = if operations.iter().any(|operation| operation.is_layer()) {
            backward
        } else {
            only_activations(backward, d_output)
        };
        Self { steps: placed(&operations, &groups, Place::Slot), backward, slots, output, d_output }
    }
}

/// Without parameters the whole backward pass works on the gradient of the output.
fn only_activations(backward: Vec<BackwardStep>, d_output: usize) -> Vec<BackwardStep> {
    let slot = Gradient::Slot(d_output);
    backward.into_iter().map(|step| BackwardStep { d_to: slot, d_from: slot, ..step }).collect()
}

/// When the backward pass of a step runs: the loss is at `steps`, the last step first.
fn backward_time(steps: usize, step: usize) -> usize {
    2 * steps - step
}

/// A slot for each group; the last one, which is the output, lives on for the caller.
fn activation_slots(network: &Network, operations: &[Operation], groups: &[usize]) -> Vec<Slot> {
    let steps = operations.len();
    let end = 2 * steps + 1;
    let Some(last) = groups.last() else {
        let len = network.shape(Source::Input).len().clone();
        return vec![Slot { len, first: 0, last: end }];
    };
    let slot = |group: usize| {
        let members = members(groups, group);
        let written = members.clone().filter(|step| operations[*step].reads_output(network));
        let read = (members.end < steps && operations[members.end].reads_input(network)).then_some(members.end);
        let backward = written.chain(read).map(|step| backward_time(steps, step)).max();
        let last_read = if group == *last { end } else { backward.unwrap_or_default().max(members.end) };
        Slot { len: operations[members.start].len(network), first: members.start, last: last_read }
    };
    (0..=*last).map(slot).collect()
}

/// Adds a slot for the gradients between each two layers with parameters, and after the last one. Gives the place of the
/// gradient of each step's output; one more for a network without steps.
fn gradient_slots(network: &Network, operations: &[Operation], slots: &mut Vec<Slot>) -> Vec<Gradient> {
    let steps = operations.len();
    let mut gradients = vec![Gradient::Input; steps];
    let mut first = steps;
    let mut members = Vec::new();
    for (step, operation) in operations.iter().enumerate().rev() {
        members.push(step);
        if operation.is_layer() {
            for member in members.drain(..) {
                gradients[member] = Gradient::Slot(slots.len());
            }
            let last = backward_time(steps, step);
            slots.push(Slot { len: operation.len(network), first, last });
            first = last;
        }
    }
    if first == steps {
        let result = network.result.expect("a network that is planned has a result");
        let slot = Gradient::Slot(slots.len());
        slots.push(Slot { len: network.shape(result).len().clone(), first, last: 2 * steps + 1 });
        gradients = vec![slot; steps.max(1)];
    }
    gradients
}
