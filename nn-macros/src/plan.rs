//! The order of work: which layers run as one step, where each value lies, how long it lives.
//!
//! A network, and each of its blocks, becomes a `Graph`: steps over values, each value with the step that gives it and those that read it. Views
//! cost nothing, so they are no steps; an activation that alone reads what a layer with parameters gives runs in that
//! layer's epilogue; an activation that may overwrite its input does. What is left of the values becomes slots of the
//! workspace, with lifetimes from which the runtime computes offsets.

mod graph;
mod inference;
mod training;

pub use graph::{Graph, Operation, Order, Step, ValueId};
pub use inference::Inference;
pub use training::{BackwardStep, Contribution, Gradient, Rooms, Training};

use crate::check::{Model, Network};
use crate::dimension::Dim;

/// The passes of a network, or of a block.
pub struct Plans {
    pub inference: Inference,
    /// `None` if gradients cannot train it.
    pub training: Option<Training>,
}

/// Which values of the caller the backward pass of a block reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    pub input: bool,
    pub output: bool,
}

/// The steps of a forward pass, and where their values lie.
pub struct Forward {
    pub steps: Vec<Step>,
    places: Vec<Place>,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An input of the caller's.
    Input(usize),
    /// The caller's output.
    Output,
    Slot(usize),
}

/// A value of the workspace, or the gradient of one.
#[derive(Debug)]
pub struct Slot {
    pub len: Len,
    pub first: usize,
    pub last: usize,
}

/// How many values a slot has for each sample.
#[derive(Clone, Debug)]
pub enum Len {
    Values(Dim),
    /// What the block of this node asks for.
    Room {
        node: usize,
        room: Room,
    },
}

/// What a block asks for beside its input and output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// To work in, in inference.
    Inference,
    /// To keep from the forward to the backward pass.
    Tape,
    /// To work in, in either pass of training.
    Training,
}

/// The plans of the network, and of each block.
pub fn all(model: &Model) -> (Plans, Vec<Plans>) {
    let mut blocks: Vec<Plans> = Vec::new();
    let mut reads = Vec::new();
    for block in &model.blocks {
        let plans = Plans::new(block, &reads);
        reads.push(plans.training.as_ref().map_or(Reads { input: false, output: false }, Training::reads));
        blocks.push(plans);
    }
    (Plans::new(&model.network, &reads), blocks)
}

impl Plans {
    /// `reads` tells of each block before this one what its backward pass reads.
    pub fn new(network: &Network, reads: &[Reads]) -> Self {
        let inference = Inference::new(&Graph::new(network, false, reads).normalised(network));
        let lent = network.block.is_some();
        let training = network.trainable().then(|| Training::new(&Graph::new(network, true, reads), lent));
        Self { inference, training }
    }
}

impl Forward {
    fn new<'a>(graph: &Graph, storages: impl Iterator<Item = (&'a Storage, Place)>) -> Self {
        let mut places: Vec<_> = (0..graph.values.len()).map(Place::Input).collect();
        for (storage, place) in storages {
            for value in &storage.values {
                places[value.0] = place;
            }
        }
        Self { steps: graph.steps.clone(), places }
    }

    /// Where a value lies that a step reads or gives.
    pub fn place(&self, value: ValueId) -> Place {
        self.places[value.0]
    }
}

/// Memory that holds values one after the other, each written over the one before.
struct Storage {
    values: Vec<ValueId>,
}

impl Storage {
    /// The storages of all values but the input, in the order in which they are first written. A value that is `kept` is
    /// not overwritten, nor is the input, which is the caller's and lies in none of them.
    fn all(graph: &Graph, kept: impl Fn(ValueId) -> bool) -> Vec<Self> {
        let mut storages: Vec<Self> = Vec::new();
        let mut holds = vec![None; graph.values.len()];
        for (index, step) in graph.steps.iter().enumerate() {
            let mut overwritten = graph.overwritable_by(index).filter(|value| !kept(*value));
            let storage = overwritten.find_map(|value| holds[value.0]).unwrap_or(storages.len());
            holds[step.to.0] = Some(storage);
            match storages.get_mut(storage) {
                Some(storage) => storage.values.push(step.to),
                None => storages.push(Self { values: vec![step.to] }),
            }
        }
        storages
    }

    /// Its slot; `last_read` tells the time of the last reading of a value.
    fn slot(&self, graph: &Graph, last_read: impl Fn(ValueId) -> Option<usize>) -> Slot {
        let value = graph.value(self.values[0]);
        let first = value.producer.expect("a storage is first written by a step");
        let last = self.values.iter().filter_map(|value| last_read(*value)).max().expect("what is planned is used");
        Slot { len: Len::Values(value.len.clone()), first, last }
    }
}
