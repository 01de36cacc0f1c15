//! Plans: where values lie, how long they live, and that nothing is read after it was overwritten.

use super::mutations::Numbers;
use super::{checked, tokens};
use crate::blocks::Instances;
use crate::check::{self, Network, Source};
use crate::dimension::Dim;
use crate::errors::Errors;
use crate::parse;
use crate::plan::{
    BackwardStep, Contribution, Forward, Gradient, Graph, Inference, Operation, Order, Place, Plans, Reads, Slot, Step,
    Training, ValueId,
};
use crate::table::Cached;

/// Hands the plans of `struct Net([4]) -> [4] { out: chain }` to `look`.
fn with_plans<R>(chain: &str, look: impl Fn(&Network, &Plans) -> R) -> R {
    checked(&format!("struct Net([4]) -> [4] {{ out: {chain} }}"), |network| look(network, &Plans::new(network, &[])))
}

fn lifetimes(slots: &[Slot]) -> Vec<(usize, usize)> {
    slots.iter().map(|slot| (slot.first, slot.last)).collect()
}

fn places(forward: &Forward) -> Vec<(Place, Place)> {
    forward.steps.iter().map(|step| (forward.place(step.from[0]), forward.place(step.to))).collect()
}

#[test]
fn inference_runs_activations_in_the_epilogue_or_in_place() {
    with_plans("dense(4) -> relu -> tanh -> softmax -> dense(4) -> gelu", |_, plans| {
        let Inference { forward, slots, .. } = &plans.inference;
        let (slot, fused) = (Place::Slot(0), Operation::Layer { node: 4, normalisation: None, activation: Some(5) });
        assert_eq!(places(forward), [(Place::Input(0), slot), (slot, slot), (slot, slot), (slot, Place::Output)]);
        assert_eq!(forward.steps[3].operation, fused);
        assert_eq!(lifetimes(slots), [(0, 3)]);
    });
}

#[test]
fn training_keeps_what_the_backward_pass_reads() {
    with_plans("dense(4) -> gelu -> dense(4) -> softmax", |_, plans| {
        let Training { forward, slots, output, d_output, .. } = plans.training.as_ref().expect("it can be trained");
        let slot = Place::Slot;
        let expected = [(Place::Input(0), slot(0)), (slot(0), slot(1)), (slot(1), slot(2)), (slot(2), slot(2))];
        assert_eq!(places(forward), expected);
        // The gelu's input, the dense layer's input, the output; the gradients of the second layer and the first.
        assert_eq!(lifetimes(slots), [(0, 7), (1, 6), (2, 9), (4, 6), (6, 8)]);
        assert_eq!((*output, *d_output), (slot(2), Gradient::Slot(3)));
    });
}

#[test]
fn views_are_no_steps() {
    with_plans("linear -> dense(4) -> linear -> flatten -> relu", |_, plans| {
        assert_eq!(plans.inference.forward.steps.len(), 1);
        assert_eq!(places(&plans.inference.forward), [(Place::Input(0), Place::Output)]);
    });
    with_plans("flatten", |_, plans| {
        assert!(plans.inference.forward.steps.is_empty() && plans.inference.slots.is_empty());
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
    /// What the caller's output and the caller's gradient of the input hold.
    output: Option<String>,
    d_input: Option<String>,
    d_output: Option<String>,
}

impl<'a> Memory<'a> {
    fn new(slots: &'a [Slot]) -> Self {
        Self { slots, contents: vec![None; slots.len()], output: None, d_input: None, d_output: None }
    }

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

    fn read(&self, slot: usize, value: &str, time: usize) {
        assert_eq!(self.contents[slot].as_deref(), Some(value));
        assert!(time <= self.slots[slot].last, "{value} is read from a dead slot");
    }

    fn write_value(&mut self, place: Place, value: ValueId, time: usize) {
        let name = format!("y{}", value.0);
        match place {
            Place::Slot(slot) => self.write(slot, name, time),
            Place::Output => self.output = Some(name),
            Place::Input(_) => panic!("the caller's input is overwritten by {name}"),
        }
    }

    fn read_value(&self, place: Place, value: ValueId, time: usize) {
        let name = format!("y{}", value.0);
        match place {
            Place::Slot(slot) => self.read(slot, &name, time),
            Place::Output => assert_eq!(self.output.as_deref(), Some(name.as_str())),
            Place::Input(input) => assert_eq!(value, ValueId(input)),
        }
    }

    fn write_gradient(&mut self, gradient: Gradient, value: String, time: usize) {
        match gradient {
            Gradient::Slot(slot) => self.write(slot, value, time),
            Gradient::Input(_) => self.d_input = Some(value),
            Gradient::Output => self.d_output = Some(value),
        }
    }

    fn read_gradient(&self, gradient: Gradient, value: &str, time: usize) {
        match gradient {
            Gradient::Slot(slot) => self.read(slot, value, time),
            Gradient::Input(_) => assert_eq!(self.d_input.as_deref(), Some(value)),
            Gradient::Output => assert_eq!(self.d_output.as_deref(), Some(value)),
        }
    }
}

/// The users of a value that give to its gradient from step `from` on, last first; the caller is one of the output.
fn users(steps: &[Step], output: ValueId, value: ValueId, from: usize) -> Vec<usize> {
    let caller = (value == output).then_some(steps.len());
    let times = |step: usize| steps[step].from.iter().filter(move |taken| **taken == value).map(move |_| step);
    caller.into_iter().chain((from..steps.len()).rev().flat_map(times)).collect()
}

/// The name of a gradient to which these users have given.
fn gradient(value: ValueId, users: &[usize]) -> String {
    format!("d{} of {users:?}", value.0)
}

/// Runs forward, and checks that each step finds what it reads.
fn run_forward(memory: &mut Memory, forward: &Forward) {
    for (time, step) in forward.steps.iter().enumerate() {
        for value in &step.from {
            memory.read_value(forward.place(*value), *value, time);
        }
        memory.write_value(forward.place(step.to), step.to, time);
    }
}

fn run_inference(inference: &Inference, output: ValueId) {
    let mut memory = Memory::new(&inference.slots);
    run_forward(&mut memory, &inference.forward);
    memory.read_value(inference.forward.place(output), output, inference.forward.steps.len());
}

/// Runs forward, loss and backward with names for values, and checks that each step finds what it reads, and that each
/// gradient is complete before it is read.
fn run_training(training: &Training, result: ValueId) {
    let Training { forward, backward, slots, output, d_output, d_inputs, .. } = training;
    let steps = &forward.steps;
    if steps.is_empty() {
        return;
    }
    let mut memory = Memory::new(slots);
    run_forward(&mut memory, forward);
    assert_eq!(forward.place(result), *output);
    memory.read_value(*output, result, steps.len());
    memory.write_gradient(*d_output, gradient(result, &[steps.len()]), steps.len());
    assert_eq!(backward.len(), steps.len());
    for (place, step) in backward.iter().enumerate() {
        run_backward_step(&mut memory, training, result, step, steps.len() + 1 + place);
    }
    let end = 2 * steps.len() + 1;
    memory.read_value(*output, result, end);
    if training.unread.is_empty() {
        memory.read_gradient(d_inputs[0], &gradient(INPUT, &users(steps, result, INPUT, 0)), end);
    }
}

fn run_backward_step(memory: &mut Memory, training: &Training, result: ValueId, step: &BackwardStep, time: usize) {
    let Training { forward, .. } = training;
    let Step { operation, from, to } = &forward.steps[step.step];
    if operation.reads_output() {
        memory.read_value(forward.place(*to), *to, time);
    }
    for value in from.iter().filter(|_| operation.reads_input()) {
        memory.read_value(forward.place(*value), *value, time);
    }
    memory.read_gradient(step.d_to, &gradient(*to, &users(&forward.steps, result, *to, 0)), time);
    assert_eq!(from.len(), step.d_from.len());
    // What takes the place of the gradient that is read is written last.
    let mut operands: Vec<_> = (0..from.len()).collect();
    operands.sort_by_key(|operand| step.d_from[*operand].gradient == step.d_to);
    assert!(step.d_from.iter().filter(|given| given.gradient == step.d_to).count() <= 1);
    for operand in operands {
        let (value, contribution) = (from[operand], step.d_from[operand]);
        let mut given = users(&forward.steps, result, value, step.step + 1);
        given.extend(from[..operand].iter().filter(|taken| **taken == value).map(|_| step.step));
        assert_eq!(contribution.accumulate, !given.is_empty());
        if contribution.accumulate {
            memory.read_gradient(contribution.gradient, &gradient(value, &given), time);
            assert_eq!(step.temporary.is_some(), operation.overwrites_gradient());
        }
        given.push(step.step);
        if contribution.gradient == step.d_to {
            let alone = users(&forward.steps, result, value, 0).len() == 1;
            assert!(alone && operation.works_in_place());
        }
        memory.write_gradient(contribution.gradient, gradient(value, &given), time);
    }
}

/// Runs the plans of a graph.
fn run(graph: &Graph) {
    run_inference(&Inference::new(graph), graph.output);
    run_training(&Training::new(graph, false), graph.output);
    run_training(&Training::new(graph, true), graph.output);
}

#[test]
fn every_chain_finds_what_it_reads() {
    const WORDS: [&str; 5] = ["dense(4)", "relu", "gelu", "softmax", "flatten"];
    for length in 1..=5_u32 {
        for code in 0..WORDS.len().pow(length) {
            let chain: Vec<_> = (0..length).map(|place| WORDS[code / WORDS.len().pow(place) % WORDS.len()]).collect();
            with_plans(&chain.join(" -> "), |network, plans| {
                let output = Graph::new(network, true, &[]).output;
                run_inference(&plans.inference, output);
                run_training(plans.training.as_ref().expect("it can be trained"), output);
            });
        }
    }
}

const LAYER: Operation = Operation::Layer { node: 0, normalisation: None, activation: None };
const RELU: Operation = Operation::Activation { node: 0, cached: Cached::Output };
const GELU: Operation = Operation::Activation { node: 0, cached: Cached::Input };
const SOFTMAX: Operation = Operation::Softmax { node: 0 };
const MAXIMUM: Operation = Operation::Plain { node: 0, reads_input: true };
const MEAN: Operation = Operation::Plain { node: 0, reads_input: false };
const NOISE: Operation = Operation::Noise { node: 0 };
const REORDER: Operation = Operation::Reorder { of: Source::Input(0), order: Order::ChannelsLast };

const SUM: Operation = Operation::Combine { node: 0, product: false, activation: None };
const PRODUCT: Operation = Operation::Combine { node: 0, product: true, activation: None };
const CONCAT: Operation = Operation::Concat { node: 0 };
const BLOCK: Operation = Operation::Block { node: 0, reads: Reads { input: true, output: true } };
const INPUT: ValueId = ValueId(0);

/// The graph of these steps, of which each gives the value of its number from 1; the last gives the output.
fn graph(steps: &[(Operation, &[usize])]) -> Graph {
    let step = |(place, (operation, from)): (usize, &(Operation, &[usize]))| Step {
        operation: *operation,
        from: from.iter().copied().map(ValueId).collect(),
        to: ValueId(place + 1),
    };
    let lens = vec![Dim::Literal(4); steps.len() + 1];
    Graph::of_steps(lens, steps.iter().enumerate().map(step).collect(), ValueId(steps.len()), 1)
}

fn contribution(slot: usize, accumulate: bool) -> Contribution {
    Contribution { gradient: Gradient::Slot(slot), accumulate, optional: false }
}

#[test]
fn a_value_with_two_users_is_neither_fused_nor_overwritten() {
    // y1 = dense(x), y2 = relu(y1), y3 = bilinear(y1, y2)
    let graph = graph(&[(LAYER, &[0]), (RELU, &[1]), (LAYER, &[1, 2])]);
    run(&graph);
    let Inference { forward, slots, .. } = Inference::new(&graph);
    assert_eq!(forward.steps.iter().map(|step| step.operation).collect::<Vec<_>>(), [LAYER, RELU, LAYER]);
    assert_eq!(
        places(&forward),
        [(Place::Input(0), Place::Slot(0)), (Place::Slot(0), Place::Slot(1)), (Place::Slot(0), Place::Output)]
    );
    assert_eq!(lifetimes(&slots), [(0, 2), (1, 2)]);
}

#[test]
fn the_last_of_two_users_works_in_place() {
    // y1 = dense(x), y2 = dense(y1), y3 = softmax(y1), y4 = bilinear(y2, y3)
    let graph = graph(&[(LAYER, &[0]), (LAYER, &[1]), (SOFTMAX, &[1]), (LAYER, &[2, 3])]);
    run(&graph);
    let forward = Inference::new(&graph).forward;
    assert_eq!(forward.place(ValueId(3)), forward.place(ValueId(1)));
    // The gradient of the dense layer's weights reads its input.
    let forward = Training::new(&graph, false).forward;
    assert_ne!(forward.place(ValueId(3)), forward.place(ValueId(1)));
}

#[test]
fn terms_are_added_in_one_order() {
    // y1 = relu(x), y2 = dense(y1), y3 = y1 + y1 + y2: the only value that nothing else reads is the third term.
    let graph = graph(&[(RELU, &[0]), (LAYER, &[1]), (SUM, &[1, 1, 2])]);
    run(&graph);
    assert_eq!(graph.overwritable_by(2).next(), None);
    let graph = self::graph(&[(RELU, &[0]), (LAYER, &[1]), (SUM, &[1, 2, 0])]);
    run(&graph);
    assert_eq!(graph.overwritable_by(2).collect::<Vec<_>>(), [ValueId(1), ValueId(2)]);
}

#[test]
fn the_gradients_of_two_users_are_added() {
    // y1 = dense(x), y2 = dense(y1), y3 = softmax(y1), y4 = bilinear(y2, y3)
    let graph = graph(&[(LAYER, &[0]), (LAYER, &[1]), (SOFTMAX, &[1]), (LAYER, &[2, 3])]);
    let Training { backward, slots, .. } = Training::new(&graph, false);
    let d_from: Vec<_> = backward.iter().map(|step| step.d_from.clone()).collect();
    let (d_y1, d_y2, d_y3) = (7, 6, 5);
    assert_eq!(d_from[0], [contribution(d_y2, false), contribution(d_y3, false)]);
    assert_eq!((&d_from[1][..], &d_from[2][..]), (&[contribution(d_y1, false)][..], &[contribution(d_y1, true)][..]));
    assert_eq!(d_from[3], [Contribution { gradient: Gradient::Input(0), accumulate: false, optional: true }]);
    assert_eq!(lifetimes(&slots[4..]), [(4, 5), (5, 6), (5, 7), (6, 8)]);
}

#[test]
fn a_value_that_is_read_twice_by_a_step_has_two_gradients_added() {
    let graph = graph(&[(LAYER, &[0]), (LAYER, &[1, 1])]);
    run(&graph);
    let backward = Training::new(&graph, false).backward;
    assert_eq!(backward[0].d_from, [contribution(3, false), contribution(3, true)]);
}

#[test]
fn a_layer_of_two_values_keeps_both_alive() {
    let errors = Errors::new();
    let source = "struct Net([4]) -> [4] {
        a: dense(4) -> flatten, dead: input -> dense(4) -> relu, b: input -> dense(4) -> tanh, out: a -> dense(4),
    }";
    let source = parse::source(tokens(source), &errors);
    let instances = Instances::new(&source, &errors);
    let mut network = check::model(&source.networks[0], &instances, &[&source.networks[0].name], &errors).network;
    assert_eq!(errors.into_tokens().to_string(), "");
    let nodes = |network: &Network| {
        Graph::new(network, true, &[]).steps.iter().map(|step| node(step.operation)).collect::<Vec<_>>()
    };
    let unused = |network: &Network| network.unused().map(|line| line.name.to_string()).collect::<Vec<_>>();
    assert_eq!((nodes(&network), unused(&network)), (vec![0, 6], vec!["dead".into(), "b".into()]));
    network.nodes[6].sources.push(Source::Node(5));
    assert_eq!((nodes(&network), unused(&network)), (vec![0, 4, 5, 6], vec!["dead".into()]));
    let graph = Graph::new(&network, true, &[]);
    run(&graph);
    assert_eq!(graph.steps[3].from, [graph.steps[0].to, graph.steps[2].to]);
    let users: Vec<_> = graph.values.iter().map(|value| &value.users[..]).collect();
    assert_eq!(users, [&[0, 1][..], &[3], &[2], &[3], &[4]]);
    let fused = Inference::new(&graph).forward.steps;
    assert_eq!(fused[1].operation, Operation::Layer { node: 4, normalisation: None, activation: Some(5) });
}

/// The layer that a step comes from.
fn node(operation: Operation) -> usize {
    match operation {
        Operation::Layer { node, .. }
        | Operation::Plain { node, .. }
        | Operation::Noise { node }
        | Operation::Activation { node, .. }
        | Operation::Softmax { node }
        | Operation::Combine { node, .. }
        | Operation::Concat { node }
        | Operation::Block { node, .. } => node,
        Operation::Reorder { .. } | Operation::Collect => panic!("this comes from no layer"),
    }
}

/// A graph of up to eight steps of one or two values; the last reads all that nothing else does.
fn any_graph(numbers: &mut Numbers) -> Graph {
    let mut steps: Vec<(Operation, Vec<usize>)> = Vec::new();
    for _ in 0..numbers.below(8) {
        let (one, other) = (numbers.below(steps.len() + 1), numbers.below(steps.len() + 1));
        // Half of the steps go on from the step before them, as those of a chain do.
        let one = if numbers.below(2) == 0 { steps.len() } else { one };
        steps.push(match numbers.below(14) {
            0 => (LAYER, vec![one]),
            1 => (LAYER, vec![one, other]),
            2 => (RELU, vec![one]),
            3 => (GELU, vec![one]),
            4 => (MAXIMUM, vec![one]),
            5 => (MEAN, vec![one]),
            6 => (NOISE, vec![one]),
            7 => (REORDER, vec![one]),
            8 => (SUM, vec![one, other]),
            9 => (PRODUCT, vec![one, other]),
            10 => (CONCAT, vec![one, other, one]),
            11 => (BLOCK, vec![one]),
            12 => (SUM, vec![one, other, numbers.below(steps.len() + 1)]),
            _ => (SOFTMAX, vec![one]),
        });
    }
    let unread = (0..=steps.len()).filter(|value| !steps.iter().any(|(_, from)| from.contains(value)));
    let unread: Vec<_> = unread.collect();
    let last = if unread.len() == 1 { [LAYER, RELU, GELU, SOFTMAX][numbers.below(4)] } else { LAYER };
    steps.push((last, unread));
    graph(&steps.iter().map(|(operation, from)| (*operation, &from[..])).collect::<Vec<_>>())
}

#[test]
fn every_graph_finds_what_it_reads() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for _ in 0..20_000 {
        run(&any_graph(&mut numbers));
    }
}
