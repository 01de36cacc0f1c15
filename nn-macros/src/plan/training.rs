//! Forward and back.
//!
//! Time goes on behind the forward pass: the loss reads the output and writes its gradient at `steps.len()`, then the
//! backward passes of the steps run, the last step's first.

use super::{Forward, Graph, Len, Operation, Place, Reads, Room, Slot, Storage, ValueId};
use crate::table::Cached;

/// Forward and back: every value that the backward pass reads stays.
pub struct Training {
    pub forward: Forward,
    /// Backwards through the steps.
    pub backward: Vec<BackwardStep>,
    pub slots: Vec<Slot>,
    /// What blocks ask for, by step.
    pub rooms: Vec<Option<Rooms>>,
    /// What the caller gets.
    pub given: ValueId,
    /// Where the output lies: a network's in a slot, that of a block with the caller.
    pub output: Place,
    /// The gradient with respect to it.
    pub d_output: Gradient,
    /// The gradient of each input. It is the caller's, unless the whole backward pass works on the gradient of the output.
    pub d_inputs: Vec<Gradient>,
    /// The inputs that nothing reads: their gradient is zero.
    pub unread: Vec<usize>,
}

/// The slots of what a block asks for.
#[derive(Clone, Copy, Debug)]
pub struct Rooms {
    pub tape: usize,
    /// To work in going forward.
    pub forward: usize,
    /// To work in going back.
    pub backward: usize,
}

/// One call of the backward pass: the gradient of what a step gave becomes that of what it took.
pub struct BackwardStep {
    pub step: usize,
    pub d_to: Gradient,
    /// No parameters lie before what the step gave, so that it runs only if the gradient of an input is wanted.
    pub optional: bool,
    /// For each value that the step took.
    pub d_from: Vec<Contribution>,
    /// The slot in which a step that cannot add computes what is then added.
    pub temporary: Option<usize>,
}

/// What a step gives to the gradient of a value that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    pub gradient: Gradient,
    /// Another user of the value gave before, so it is added; the first overwrites.
    pub accumulate: bool,
    /// No parameters lie before the value, so that its gradient is computed only if that of an input is wanted.
    pub optional: bool,
}

/// Where the gradient of a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// With the caller, if the gradient of this input is wanted at all: no parameters lie before it.
    Input(usize),
    /// With the caller, who gives it to the backward pass of a block.
    Output,
    Slot(usize),
}

impl Training {
    /// `lent`: the output and its gradient lie with the caller.
    pub fn new(graph: &Graph, lent: bool) -> Self {
        let graph = graph.fused(|cached| cached == Cached::Output);
        let storages = Storage::all(&graph, |value| graph.read_backward_by(value).is_some());
        let (output, inner): (Vec<_>, Vec<_>) =
            storages.into_iter().partition(|storage| lent && storage.values.contains(&graph.output));
        let mut slots = value_slots(&graph, &inner, lent);
        let gradients = gradients(&graph, lent, &mut slots);
        let free = graph.free_of_parameters();
        let rooms = (0..graph.steps.len()).map(|step| rooms(&graph, step, &mut slots)).collect();
        let steps = (0..graph.steps.len()).rev();
        let backward: Vec<_> =
            steps.map(|step| backward_step(&graph, &gradients, &free, step, &mut slots, lent)).collect();
        let places = inner.iter().enumerate().map(|(slot, storage)| (storage, Place::Slot(slot)));
        let forward = Forward::new(&graph, places.chain(output.iter().map(|storage| (storage, Place::Output))));
        let output = match forward.place(graph.output) {
            // The output is a copy of an input, in a slot of its own.
            Place::Input(_) if !lent => Place::Slot(0),
            Place::Input(_) => Place::Output,
            place => place,
        };
        let d_inputs = (0..graph.inputs).map(|input| gradients[input]).collect();
        let unread = (0..graph.inputs).filter(|input| graph.values[*input].users.is_empty()).collect();
        let d_output = if lent { Gradient::Output } else { gradients[graph.output.0] };
        Self { forward, backward, slots, rooms, given: graph.output, output, d_output, d_inputs, unread }
    }

    /// Which of the caller's values the backward pass of a block reads.
    pub fn reads(&self) -> Reads {
        let read = |wanted: fn(Place) -> bool| {
            self.forward.steps.iter().any(|step| {
                let input =
                    step.operation.reads_input() && step.from.iter().any(|from| wanted(self.forward.place(*from)));
                input || step.operation.reads_output() && wanted(self.forward.place(step.to))
            })
        };
        Reads { input: read(|place| matches!(place, Place::Input(_))), output: read(|place| place == Place::Output) }
    }

    /// Whether a slot is alive when the forward pass is over, so that a block has to keep it.
    pub fn keeps(&self, slot: usize) -> bool {
        let (slot, end) = (&self.slots[slot], self.forward.steps.len());
        slot.first < end && slot.last >= end
    }
}

/// When the backward pass of a step runs; of the caller as the output's user: when the loss does.
fn backward_time(graph: &Graph, step: usize) -> usize {
    2 * graph.steps.len() - step
}

/// When the caller has read the output and the gradients of the inputs.
fn end(graph: &Graph) -> usize {
    2 * graph.steps.len() + 1
}

/// A slot for each storage; the output of a network, also if it is an input, lives on for the caller.
fn value_slots(graph: &Graph, storages: &[Storage], lent: bool) -> Vec<Slot> {
    if graph.is_input(graph.output) && !lent {
        let len = Len::Values(graph.value(graph.output).len.clone());
        return vec![Slot { len, first: 0, last: end(graph) }];
    }
    let last_read = |value| {
        let forward = graph.value(value).users.last().copied();
        let backward = graph.read_backward_by(value).map(|step| backward_time(graph, step));
        if value == graph.output { Some(end(graph)) } else { forward.max(backward) }
    };
    storages.iter().map(|storage| storage.slot(graph, last_read)).collect()
}

/// The slots of what a block asks for.
fn rooms(graph: &Graph, step: usize, slots: &mut Vec<Slot>) -> Option<Rooms> {
    let Operation::Block { node, .. } = graph.steps[step].operation else { return None };
    let (forward, backward) = (step, backward_time(graph, step));
    let mut slot = |room, first, last| {
        slots.push(Slot { len: Len::Room { node, room }, first, last });
        slots.len() - 1
    };
    Some(Rooms {
        tape: slot(Room::Tape, forward, backward),
        forward: slot(Room::Training, forward, forward),
        backward: slot(Room::Training, backward, backward),
    })
}

/// The gradient of each value, and the slots that they take behind those that are there.
///
/// An activation turns the gradient of what it gave into that of what it took in place, if nothing else gives to the
/// latter; the gradient of a sum is that of one of its terms. Such gradients lie together. Those that reach back to an input
/// are the caller's, unless that of the output is among them: the loss writes it to the workspace.
fn gradients(graph: &Graph, lent: bool, slots: &mut Vec<Slot>) -> Vec<Gradient> {
    let starts = starts(graph, lent);
    let output = starts[graph.output.0];
    let mut of: Vec<_> = (0..graph.values.len()).map(Gradient::Input).collect();
    let mut taken: Vec<Option<Gradient>> = vec![None; graph.values.len()];
    if lent {
        taken[output.0] = Some(Gradient::Output);
    }
    let inputs = (0..graph.inputs).map(ValueId);
    for value in graph.steps.iter().rev().map(|step| step.to).chain(inputs) {
        let start = starts[value.0];
        if graph.is_input(start) && (lent || start != output) {
            of[value.0] = Gradient::Input(start.0);
            continue;
        }
        of[value.0] = *taken[start.0].get_or_insert_with(|| {
            slots.push(gradient_slot(graph, value, start));
            Gradient::Slot(slots.len() - 1)
        });
    }
    of
}

/// For each value the first of those whose gradients lie together with its own.
fn starts(graph: &Graph, lent: bool) -> Vec<ValueId> {
    let mut starts: Vec<_> = (0..graph.values.len()).map(ValueId).collect();
    for step in graph.steps.iter().filter(|step| step.operation.works_in_place()) {
        let alone = |value: &&ValueId| graph.value(**value).users.len() == 1;
        // The gradient of an input may not be wanted, but that of a sum is, for its other terms; what a block gives to that of
        // its input may be added to what is there.
        let free = |value: &&ValueId| (step.from.len() == 1 && !lent) || !graph.is_input(starts[value.0]);
        if let Some(value) = step.from.iter().filter(alone).find(free) {
            starts[step.to.0] = starts[value.0];
        }
    }
    starts
}

/// The slot of gradients that lie together, from that of the last value, which is written first, to that of the first.
fn gradient_slot(graph: &Graph, last: ValueId, first: ValueId) -> Slot {
    let written_by = *graph.value(last).users.last().expect("what is planned is used");
    let read = graph.value(first).producer.map_or(end(graph), |step| backward_time(graph, step));
    let len = Len::Values(graph.value(first).len.clone());
    Slot { len, first: backward_time(graph, written_by), last: read }
}

fn backward_step(
    graph: &Graph,
    gradients: &[Gradient],
    free: &[bool],
    step: usize,
    slots: &mut Vec<Slot>,
    lent: bool,
) -> BackwardStep {
    let taken = &graph.steps[step].from;
    let contribution = |(place, value): (usize, &ValueId)| {
        let later = graph.value(*value).users.last().is_some_and(|user| *user > step);
        let accumulate = later || taken[..place].contains(value);
        Contribution { gradient: gradients[value.0], accumulate, optional: free[value.0] }
    };
    let d_from: Vec<_> = taken.iter().enumerate().map(contribution).collect();
    let to = graph.steps[step].to.0;
    let adds = d_from.iter().any(|given| given.accumulate || lent && matches!(given.gradient, Gradient::Input(_)));
    let temporary = (adds && graph.steps[step].operation.overwrites_gradient()).then(|| {
        let (time, len) = (backward_time(graph, step), Len::Values(graph.value(taken[0]).len.clone()));
        slots.push(Slot { len, first: time, last: time });
        slots.len() - 1
    });
    BackwardStep { step, d_to: gradients[to], optional: free[to], d_from, temporary }
}
