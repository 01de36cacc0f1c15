//! The pass that only goes forward.

use super::{Forward, Graph, Len, Operation, Place, Room, Slot, Storage, ValueId};

/// Forward only: the last value goes straight to the output.
pub struct Inference {
    pub forward: Forward,
    pub slots: Vec<Slot>,
    /// The slot of the room that a block works in, by step.
    pub work: Vec<Option<usize>>,
    /// What the caller gets.
    pub output: ValueId,
}

impl Inference {
    pub fn new(graph: &Graph) -> Self {
        let graph = graph.fused(|_| true);
        let storages = Storage::all(&graph, |_| false);
        let (output, inner): (Vec<_>, Vec<_>) =
            storages.into_iter().partition(|storage| storage.values.contains(&graph.output));
        let last_read = |value| graph.value(value).users.last().copied();
        let mut slots: Vec<_> = inner.iter().map(|storage| storage.slot(&graph, last_read)).collect();
        let inner = inner.iter().enumerate().map(|(slot, storage)| (storage, Place::Slot(slot)));
        let forward = Forward::new(&graph, inner.chain(output.iter().map(|storage| (storage, Place::Output))));
        let work = (0..graph.steps.len()).map(|step| {
            let Operation::Block { node, .. } = graph.steps[step].operation else { return None };
            slots.push(Slot { len: Len::Room { node, room: Room::Inference }, first: step, last: step });
            Some(slots.len() - 1)
        });
        let work = work.collect();
        Self { forward, slots, work, output: graph.output }
    }
}
