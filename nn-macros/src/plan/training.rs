//! Forward and back.
//!
//! Time goes on behind the forward pass: the loss reads the output and writes its gradient at `steps.len()`, then the
//! backward passes of the steps run, the last step's first.

use super::{Forward, Graph, Place, Slot, Storage, ValueId};
use crate::table::Cached;

/// Forward and back: every value that the backward pass reads stays.
pub struct Training {
    pub forward: Forward,
    /// Backwards through the steps.
    pub backward: Vec<BackwardStep>,
    pub slots: Vec<Slot>,
    /// The slot of the network's output.
    pub output: usize,
    /// The slot of the gradient with respect to it.
    pub d_output: usize,
    /// The gradient of the input. It is the caller's, unless the whole backward pass works on the gradient of the output.
    pub d_input: Gradient,
}

/// One call of the backward pass: the gradient of what a step gave becomes that of what it took.
pub struct BackwardStep {
    pub step: usize,
    pub d_to: Gradient,
    /// No parameters lie before what the step gave, so that it runs only if the gradient of the input is wanted.
    pub optional: bool,
    /// For each value that the step took.
    pub d_from: Vec<Contribution>,
}

/// What a step gives to the gradient of a value that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    pub gradient: Gradient,
    /// Another user of the value gave before, so it is added; the first overwrites.
    pub accumulate: bool,
    /// No parameters lie before the value, so that its gradient is computed only if that of the input is wanted.
    pub optional: bool,
}

/// Where the gradient of a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// With the caller, if the gradient of the input is wanted at all: no parameters lie before it.
    Input,
    Slot(usize),
}

impl Training {
    pub fn new(graph: &Graph) -> Self {
        let graph = graph.fused(|cached| cached == Cached::Output);
        let storages = Storage::all(&graph, |value| graph.read_backward_by(value).is_some());
        let mut slots = value_slots(&graph, &storages);
        let Gradients { of, slots: gradient_slots } = Gradients::new(&graph, slots.len());
        // Without steps the output is a copy of the input, in the only slot.
        let output = storages.iter().position(|storage| storage.values.contains(&graph.output)).unwrap_or_default();
        let Gradient::Slot(d_output) = of[graph.output.0] else {
            unreachable!("the gradient of the output has a slot")
        };
        slots.extend(gradient_slots);
        let free = graph.free_of_parameters();
        let backward = (0..graph.steps.len()).rev().map(|step| backward_step(&graph, &of, &free, step)).collect();
        let places = storages.iter().enumerate().map(|(slot, storage)| (storage, Place::Slot(slot)));
        let forward = Forward::new(&graph, places);
        Self { forward, backward, slots, output, d_output, d_input: of[Graph::INPUT.0] }
    }
}

/// When the backward pass of a step runs; of the caller as the output's user: when the loss does.
fn backward_time(graph: &Graph, step: usize) -> usize {
    2 * graph.steps.len() - step
}

/// When the caller has read the output and the gradient of the input.
fn end(graph: &Graph) -> usize {
    2 * graph.steps.len() + 1
}

/// A slot for each storage; the output, also if it is the input, lives on for the caller.
fn value_slots(graph: &Graph, storages: &[Storage]) -> Vec<Slot> {
    if storages.is_empty() {
        return vec![Slot { len: graph.value(graph.output).len.clone(), first: 0, last: end(graph) }];
    }
    let last_read = |value| {
        let forward = graph.value(value).users.last().copied();
        let backward = graph.read_backward_by(value).map(|step| backward_time(graph, step));
        if value == graph.output { Some(end(graph)) } else { forward.max(backward) }
    };
    storages.iter().map(|storage| storage.slot(graph, last_read)).collect()
}

/// The gradient of each value, and the slots that they take.
///
/// An activation turns the gradient of what it gave into that of what it took in place, if nothing else gives to the
/// latter. Such gradients lie together. Those that reach back to the input are the caller's, unless that of the output is
/// among them: the loss writes it to the workspace.
struct Gradients {
    of: Vec<Gradient>,
    slots: Vec<Slot>,
}

impl Gradients {
    /// `before` slots are taken.
    fn new(graph: &Graph, before: usize) -> Self {
        let starts = starts(graph);
        let mut gradients = Self { of: vec![Gradient::Input; graph.values.len()], slots: Vec::new() };
        let mut taken: Vec<Option<usize>> = vec![None; graph.values.len()];
        let all_in_slots = starts[graph.output.0] == Graph::INPUT;
        let values = graph.steps.iter().rev().map(|step| step.to).chain([Graph::INPUT]);
        for value in values.filter(|value| all_in_slots || starts[value.0] != Graph::INPUT) {
            let start = starts[value.0];
            let slot = *taken[start.0].get_or_insert_with(|| {
                gradients.slots.push(gradient_slot(graph, value, start));
                gradients.slots.len() - 1
            });
            gradients.of[value.0] = Gradient::Slot(before + slot);
        }
        gradients
    }
}

/// For each value the first of those whose gradients lie together with its own.
fn starts(graph: &Graph) -> Vec<ValueId> {
    let mut starts: Vec<_> = (0..graph.values.len()).map(ValueId).collect();
    for step in &graph.steps {
        let [from] = step.from[..] else { continue };
        if step.operation.works_in_place() && graph.value(from).users.len() == 1 {
            starts[step.to.0] = starts[from.0];
        }
    }
    starts
}

/// The slot of gradients that lie together, from that of the last value, which is written first, to that of the first.
fn gradient_slot(graph: &Graph, last: ValueId, first: ValueId) -> Slot {
    let written_by = *graph.value(last).users.last().expect("what is planned is used");
    let read = graph.value(first).producer.map_or(end(graph), |step| backward_time(graph, step));
    Slot { len: graph.value(first).len.clone(), first: backward_time(graph, written_by), last: read }
}

fn backward_step(graph: &Graph, gradients: &[Gradient], free: &[bool], step: usize) -> BackwardStep {
    let taken = &graph.steps[step].from;
    let contribution = |(place, value): (usize, &ValueId)| {
        let later = graph.value(*value).users.last().is_some_and(|user| *user > step);
        let accumulate = later || taken[..place].contains(value);
        Contribution { gradient: gradients[value.0], accumulate, optional: free[value.0] }
    };
    let d_from = taken.iter().enumerate().map(contribution).collect();
    let to = graph.steps[step].to.0;
    BackwardStep { step, d_to: gradients[to], optional: free[to], d_from }
}
