//! Plans: where values lie, how long they live, and that nothing is read after it was overwritten.

use super::tokens;
use crate::check::{self, Network};
use crate::errors::Errors;
use crate::parse;
use crate::plan::{Gradient, Inference, Operation, Place, Plans, Slot, Step, Training, pointwise};
use crate::table::Cached;

/// Hands the plans of `struct Net([4]) -> [4] { out: chain }` to `look`.
fn with_plans<R>(chain: &str, look: impl Fn(&Network, &Plans) -> R) -> R {
    let errors = Errors::new();
    let source = format!("struct Net([4]) -> [4] {{ out: {chain} }}");
    let declarations = parse::declarations(tokens(&source), &errors);
    let network = check::declaration(&declarations[0], &errors);
    assert_eq!(errors.into_tokens().to_string(), "");
    look(&network, &Plans::new(&network))
}

fn lifetimes(slots: &[Slot]) -> Vec<(usize, usize)> {
    slots.iter().map(|slot| (slot.first, slot.last)).collect()
}

fn places(steps: &[Step]) -> Vec<(Place, Place)> {
    steps.iter().map(|step| (step.from, step.to)).collect()
}

#[test]
fn inference_runs_activations_in_the_epilogue_or_in_place() {
    with_plans("dense(4) -> relu -> tanh -> softmax -> dense(4) -> gelu", |_, plans| {
        let Inference { steps, slots } = &plans.inference;
        let (slot, fused) = (Place::Slot(0), Operation::Layer { node: 4, activation: Some(5) });
        assert_eq!(places(steps), [(Place::Input, slot), (slot, slot), (slot, slot), (slot, Place::Output)]);
        assert_eq!(steps[3].operation, fused);
        assert_eq!(lifetimes(slots), [(0, 3)]);
    });
}

#[test]
fn training_keeps_what_the_backward_pass_reads() {
    with_plans("dense(4) -> gelu -> dense(4) -> softmax", |_, plans| {
        let Training { steps, slots, output, d_output, .. } = plans.training.as_ref().expect("it can be trained");
        let slot = Place::Slot;
        let expected = [(Place::Input, slot(0)), (slot(0), slot(1)), (slot(1), slot(2)), (slot(2), slot(2))];
        assert_eq!(places(steps), expected);
        // The gelu's input, the dense layer's input, the output; the gradients of the second layer and the first.
        assert_eq!(lifetimes(slots), [(0, 7), (1, 6), (2, 9), (4, 6), (6, 8)]);
        assert_eq!((*output, *d_output), (2, 3));
    });
}

#[test]
fn views_are_no_steps() {
    with_plans("linear -> dense(4) -> linear -> flatten -> relu", |_, plans| {
        assert_eq!(plans.inference.steps.len(), 1);
        assert_eq!(places(&plans.inference.steps), [(Place::Input, Place::Output)]);
    });
    with_plans("flatten", |_, plans| {
        assert!(plans.inference.steps.is_empty() && plans.inference.slots.is_empty());
        let training = plans.training.as_ref().expect("it can be trained");
        assert_eq!(lifetimes(&training.slots), [(0, 1), (0, 1)]);
    });
}

#[test]
fn a_step_cannot_be_trained() {
    with_plans("dense(4) -> step", |_, plans| assert!(plans.training.is_none()));
}

/// The memory of a pass in which every slot that is dead may be overwritten by any that is written.
struct Memory<'a> {
    slots: &'a [Slot],
    /// What each slot holds.
    contents: Vec<Option<String>>,
}

impl Memory<'_> {
    fn write(&mut self, slot: usize, value: String, time: usize) {
        let alive = |slot: &Slot| slot.first <= time && time <= slot.last;
        assert!(alive(&self.slots[slot]), "{value} is written to a dead slot");
        for (other, content) in self.contents.iter_mut().enumerate() {
            if !alive(&self.slots[other]) {
                *content = None;
            }
        }
        self.contents[slot] = Some(value);
    }

    fn read(&self, slot: usize, value: &str) {
        assert_eq!(self.contents[slot].as_deref(), Some(value));
    }
}

/// Runs forward, loss and backward with names for values, and checks that each step finds what it reads.
fn run(network: &Network, training: &Training) {
    let Training { steps, backward, slots, output, d_output } = training;
    let mut memory = Memory { slots, contents: vec![None; slots.len()] };
    for (time, step) in steps.iter().enumerate() {
        if let Place::Slot(from) = step.from {
            memory.read(from, &format!("y{}", time - 1));
        }
        let Place::Slot(to) = step.to else { panic!("training keeps every value") };
        memory.write(to, format!("y{time}"), time);
    }
    if steps.is_empty() {
        return;
    }
    memory.read(*output, &format!("y{}", steps.len() - 1));
    memory.write(*d_output, format!("d{}", steps.len() - 1), steps.len());
    for (place, step) in backward.iter().enumerate() {
        let time = steps.len() + 1 + place;
        let Step { operation, from, to } = steps[step.step];
        let (reads_from, reads_to) = match operation {
            Operation::Layer { activation, .. } => (true, activation.is_some()),
            Operation::Activation { node } => {
                let cached = pointwise(network, node).cached;
                (cached == Cached::Input, cached == Cached::Output)
            }
            Operation::Softmax { .. } => (false, true),
        };
        if let (true, Place::Slot(to)) = (reads_to, to) {
            memory.read(to, &format!("y{}", step.step));
        }
        if let (true, Place::Slot(from)) = (reads_from, from) {
            memory.read(from, &format!("y{}", step.step - 1));
        }
        if let Gradient::Slot(d_to) = step.d_to {
            memory.read(d_to, &format!("d{}", step.step));
        }
        if let (Gradient::Slot(d_from), true) = (step.d_from, step.step > 0) {
            let in_place = matches!(operation, Operation::Layer { .. }) == (step.d_from != step.d_to);
            let only_activations = !steps.iter().any(|step| matches!(step.operation, Operation::Layer { .. }));
            assert!(in_place || only_activations);
            memory.write(d_from, format!("d{}", step.step - 1), time);
        }
    }
    memory.read(*output, &format!("y{}", steps.len() - 1));
}

#[test]
fn every_chain_finds_what_it_reads() {
    const WORDS: [&str; 5] = ["dense(4)", "relu", "gelu", "softmax", "flatten"];
    for length in 1..=5_u32 {
        for code in 0..WORDS.len().pow(length) {
            let chain: Vec<_> = (0..length).map(|place| WORDS[code / WORDS.len().pow(place) % WORDS.len()]).collect();
            with_plans(&chain.join(" -> "), |network, plans| {
                run(network, plans.training.as_ref().expect("it can be trained"));
            });
        }
    }
}
