//! Optimisers on declared networks: each learns, groups by line have their own rates, frozen lines stay as they are.

use monograd::losses::{MeanSquaredError, SoftmaxCrossEntropy};
use monograd::nalgebra::SMatrix;
use monograd::optimizers::{
    AdaGrad, Adadelta, Adam, AdamW, AmsGrad, Averaged, GroupError, Lion, NAdam, ParameterGroups, RmsProp, Rprop, Sgd,
};
use monograd::prelude::*;
use monograd::{Flat, StateVisitor};

network! {
    /// What a single layer cannot compute.
    struct Xor([2]) -> [1] {
        hidden: dense(8) -> tanh,
        out: dense(1),
    }
}

network! {
    /// Lines of all kinds: with several layers, repeated, without parameters, with running statistics.
    struct Lines([1, 6, 6]) -> [3] {
        stem: conv2d(3, 3, padding = 1, bias = false) -> batch_norm -> relu,
        pool: max_pool2d(2),
        stage: repeat(11, body(3)),
        stage1: conv2d(2, 1),
        head: flatten -> dense(5) -> relu -> dense(3),
    }

    block body(channels) {
        conv: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
    }
}

const XOR: ([[f32; 2]; 4], [f32; 4]) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]);

/// The parameters of `Lines`, with padding.
const PARAMS: usize = <Lines as Flat<f32>>::LEN - <Lines as Network>::BUFFERS_LEN;

/// The loss of `Xor` after so many full batches, with a learning rate that falls to 0 in a straight line.
fn learn(mut optimizer: Box<dyn Optimizer<f32>>, steps: usize) -> f32 {
    let x = SMatrix::<f32, 2, 4>::from_fn(|row, column| XOR.0[column][row]);
    let mut net = Xor::seeded(1);
    let mut training = Training::<Xor>::new(4);
    let (mut loss, first) = (f32::NAN, optimizer.learning_rate());
    for step in 0..steps {
        optimizer.set_learning_rate(first * (1.0 - step as f64 / steps as f64));
        loss = training.backprop(&mut net, &x, &MeanSquaredError, &XOR.1).unwrap();
        optimizer.step(net.params_mut(), training.gradient().params());
    }
    loss
}

#[test]
fn each_optimiser_trains_a_small_network() {
    let cases: Vec<(&str, Box<dyn Optimizer<f32>>)> = vec![
        ("sgd", Box::new(Sgd::new(0.3))),
        ("sgd_nesterov", Box::new(Sgd::new(0.1).momentum(0.9).nesterov())),
        ("adagrad", Box::new(AdaGrad::new(0.3))),
        ("adadelta", Box::new(Adadelta::new(5.0))),
        ("adam", Box::new(Adam::new(0.02))),
        ("adamw", Box::new(AdamW::new(0.02))),
        ("amsgrad", Box::new(AmsGrad::new(0.02))),
        ("nadam", Box::new(NAdam::new(0.02))),
        ("rmsprop", Box::new(RmsProp::new(0.003))),
        ("rmsprop_centered_momentum", Box::new(RmsProp::new(0.001).centered().momentum(0.9))),
        ("lion", Box::new(Lion::new(0.003))),
        ("rprop", Box::new(Rprop::new(0.01))),
        ("rprop_plus", Box::new(Rprop::new(0.01).backtracking())),
        ("averaged", Box::new(Averaged::new(Adam::new(0.02)))),
        ("groups", Box::new(ParameterGroups::new::<Xor>(Adam::new(0.02)).group("out", Adam::new(0.01)).unwrap())),
    ];
    for (name, optimizer) in cases {
        let loss = learn(optimizer, 1000);
        println!("{name}: {loss:.1e}");
        assert!(loss < 1e-3, "{name} ends with a loss of {loss}");
    }
}

/// `Lines` after a few steps on a batch.
fn train(optimizer: &mut impl Optimizer<f32>) -> Box<Lines> {
    let x = SMatrix::<f32, 36, 8>::from_fn(|row, column| ((row * 7 + column * 5) % 11) as f32 * 0.2 - 1.0);
    let mut net = Lines::seeded(2);
    let mut training = Training::<Lines>::new(8);
    for _ in 0..5 {
        training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[0, 1, 2, 0, 1, 2, 0, 1]).unwrap();
        optimizer.step(net.params_mut(), training.gradient().params());
    }
    net
}

/// Which tensors are not what they were at first.
fn changed(net: &Lines) -> Vec<String> {
    let first = Lines::seeded(2);
    let (before, after) = (first.params(), net.params());
    let changed = Lines::<f32>::tensors().into_iter().filter(|tensor| {
        let range = tensor.offset..tensor.offset + tensor.len();
        before[range.clone()] != after[range]
    });
    changed.map(|tensor| tensor.name).collect()
}

fn names(keep: impl Fn(&str) -> bool) -> Vec<String> {
    Lines::<f32>::tensors().into_iter().map(|tensor| tensor.name).filter(|name| keep(name)).collect()
}

#[test]
fn groups_with_equal_settings_are_one_optimiser_bit_for_bit() {
    let adam = || Adam::new(0.01).weight_decay(0.1);
    let groups = ParameterGroups::new::<Lines>(adam());
    let groups = groups.group("stage.3", adam()).unwrap().group_where(|name| name.starts_with("head"), adam()).unwrap();
    let mut groups = groups.group("stem.batch_norm.beta", adam()).unwrap();
    let mut one = adam();
    groups.set_learning_rate(0.003);
    one.set_learning_rate(0.003);
    let (expected, found) = (train(&mut one), train(&mut groups));
    assert_eq!(changed(&expected), names(|_| true), "a tensor is not trained at all");
    assert!(expected.as_flat() == found.as_flat());
}

#[test]
fn a_frozen_line_stays_as_it_is_whatever_its_group() {
    let groups = ParameterGroups::new::<Lines>(Adam::new(0.01)).freeze("stem").unwrap();
    let groups = groups.group("stem.conv2d", Adam::new(0.1)).unwrap();
    let mut groups = groups.freeze_where(|name| name.ends_with("gamma")).unwrap().freeze("stage.1").unwrap();
    let net = train(&mut groups);
    let trained = |name: &str| !name.starts_with("stem.") && !name.ends_with("gamma") && !name.starts_with("stage.1.");
    assert_eq!(changed(&net), names(trained));
    assert!(names(trained).iter().any(|name| name.starts_with("stage.10.")), "`stage.1` is not `stage.10`");
    let padding = padding_of(net.params());
    assert!(!padding.is_empty() && padding.iter().all(|value| value.to_bits() == 0));
}

/// The values that belong to no tensor.
fn padding_of(params: &[f32]) -> Vec<f32> {
    let tensors = Lines::<f32>::tensors();
    let free = |i: &usize| !tensors.iter().any(|tensor| (tensor.offset..tensor.offset + tensor.len()).contains(i));
    (0..params.len()).filter(free).map(|i| params[i]).collect()
}

/// With gradients of 1, a step of gradient descent shows the rate of each tensor.
fn rates(mut groups: ParameterGroups<Sgd>) -> Vec<(String, f32)> {
    let mut params = vec![0.0; PARAMS];
    groups.step(&mut params, &vec![1.0; PARAMS]);
    Lines::<f32>::tensors().into_iter().map(|tensor| (tensor.name, -params[tensor.offset])).collect()
}

fn assert_rates(groups: ParameterGroups<Sgd>, expected: impl Fn(&str) -> f32) {
    for (name, rate) in rates(groups) {
        assert_eq!(rate, expected(&name), "{name}");
    }
}

#[test]
fn the_more_specific_of_two_lines_has_its_tensors() {
    let expected = |name: &str| match name {
        _ if name.starts_with("stage.10.") => 0.25,
        _ if name.starts_with("stage.") => 0.5,
        "head.dense.bias" => 0.125,
        _ => 1.0,
    };
    let new = || ParameterGroups::new::<Lines>(Sgd::new(1.0));
    let lines = [("stage.10", 0.25), ("head.dense.bias", 0.125), ("stage", 0.5)];
    for order in [[0, 1, 2], [2, 1, 0]] {
        let groups = order.iter().try_fold(new(), |groups, &i| groups.group(lines[i].0, Sgd::new(lines[i].1)));
        assert_rates(groups.unwrap(), expected);
    }
}

#[test]
fn rates_keep_their_proportions() {
    let mut groups = ParameterGroups::new::<Lines>(Sgd::new(0.5)).group("head", Sgd::new(2.0)).unwrap();
    assert_eq!(groups.learning_rate(), 0.5);
    for rate in [0.1, 0.0, 0.25] {
        groups.set_learning_rate(rate);
        assert_eq!(groups.learning_rate(), rate);
    }
    assert_rates(groups.clone(), |name| if name.starts_with("head") { 1.0 } else { 0.25 });
    // Also once the groups are at work.
    groups.prepare(PARAMS);
    groups.set_learning_rate(0.125);
    assert_rates(groups, |name| if name.starts_with("head") { 0.5 } else { 0.125 });
}

#[test]
fn lines_that_do_not_exist_are_errors_that_list_those_that_do() {
    let groups = || ParameterGroups::new::<Lines>(Sgd::new(1.0));
    let message = |line: &str| groups().group(line, Sgd::new(1.0)).unwrap_err().to_string();
    let known = "there are `stem`, `stage`, `stage1`, `head`";
    // `pool` has no parameters.
    for line in ["haed", "", "stag", "pool", "head2.dense"] {
        assert_eq!(message(line), format!("`Lines` has no parameters named `{line}`; {known}"));
        assert!(groups().freeze(line).is_err());
    }
    let inside =
        "`Lines` has no parameters named `head.dense.wieght`; there are `head.dense.weight`, `head.dense.bias`";
    assert_eq!(message("head.dense.wieght"), inside);
    let block = "`Lines` has no parameters named `stage.0.body.conv`; there are `stage.0.conv`";
    assert_eq!(message("stage.0.body.conv"), block);
    let none = groups().freeze_where(|name| name.ends_with("scale")).unwrap_err();
    assert!(matches!(&none, GroupError::Nothing { known, .. } if *known == names(|_| true)), "{none}");
    assert!(groups().group_where(|_| false, Sgd::new(1.0)).is_err());
}

#[test]
fn a_tensor_has_one_group() {
    let groups = || ParameterGroups::new::<Lines>(Sgd::new(1.0)).group("head", Sgd::new(2.0)).unwrap();
    let twice = groups().group("head", Sgd::new(3.0)).unwrap_err();
    assert_eq!(twice, GroupError::Twice { line: "head".into() });
    let bias = |name: &str| name.ends_with("bias");
    let overlap = groups().group_where(bias, Sgd::new(3.0)).unwrap_err();
    assert_eq!(overlap, GroupError::Overlap { tensor: "head.dense.bias".into() });
    let others = groups().group_where(|name| bias(name) && !name.starts_with("head"), Sgd::new(3.0)).unwrap();
    let overlap = others.group("stage1", Sgd::new(4.0)).unwrap_err();
    assert_eq!(overlap, GroupError::Overlap { tensor: "stage1.bias".into() });
}

#[test]
#[should_panic(expected = "parameters with padding, but there are 7")]
fn parameters_of_another_network_are_refused() {
    ParameterGroups::new::<Lines>(Sgd::new(1.0)).prepare(7);
}

#[test]
#[should_panic(expected = "groups are made before the first step")]
fn groups_are_not_changed_in_training() {
    let mut groups = ParameterGroups::new::<Lines>(Sgd::new(1.0));
    groups.prepare(PARAMS);
    let _ = groups.freeze("head");
}

#[test]
#[should_panic(expected = "the learning rate of the default group must be above 0")]
fn a_default_without_a_rate_is_no_unit_for_the_others() {
    let _ = ParameterGroups::new::<Lines>(Sgd::new(0.0));
}

/// Collects the numbers, or gives them back.
struct Tape {
    bits: Vec<u64>,
    replay: Option<usize>,
}

impl Tape {
    fn next(&mut self, now: u64) -> u64 {
        let Some(at) = &mut self.replay else {
            self.bits.push(now);
            return now;
        };
        *at += 1;
        self.bits[*at - 1]
    }
}

impl StateVisitor<f32> for Tape {
    fn values(&mut self, _: &str, values: &mut [f32]) {
        for value in values {
            *value = f32::from_bits(self.next(value.to_bits().into()) as u32);
        }
    }

    fn number(&mut self, _: &str, number: &mut f64) {
        *number = f64::from_bits(self.next(number.to_bits()));
    }

    fn count(&mut self, _: &str, count: &mut u64) {
        *count = self.next(*count);
    }

    fn group(&mut self, _: &str, visit: &mut dyn FnMut(&mut dyn StateVisitor<f32>)) {
        visit(self);
    }
}

/// 1/49, the proportion of these rates, is no number of the machine: set by it, the second would come out one rounding apart.
#[test]
fn a_look_at_the_state_changes_no_rate() {
    let (default, head) = (0.765_625, 0.015_625);
    let mut groups = ParameterGroups::new::<Lines>(Sgd::<f32>::new(default)).group("head", Sgd::new(head)).unwrap();
    groups.prepare(PARAMS);
    let mut tape = Tape { bits: Vec::new(), replay: None };
    groups.visit_state(&mut tape);
    let found: Vec<_> = tape.bits.iter().map(|bits| f64::from_bits(*bits)).filter(|rate| *rate > 1e-3).collect();
    assert_eq!(found, [default, default, head]);
}

/// The parameters after some steps, with or without losses that are reported.
fn told(optimizer: &mut impl Optimizer<f32>, losses: bool) -> Vec<f32> {
    let mut params = vec![0.0; PARAMS];
    for step in 0..30_u8 {
        if losses {
            optimizer.report_loss([3.0, 2.0, 1.0, 4.0, 2.0][usize::from(step) % 5]);
        }
        let sign = |i: usize| if (usize::from(step) * 7 + i).is_multiple_of(3) { -1.0 } else { 1.0 };
        let gradient: Vec<_> = (0..PARAMS).map(sign).collect();
        optimizer.step(&mut params, &gradient);
    }
    params
}

#[test]
fn reported_losses_reach_the_optimisers_of_all_groups() {
    let rprop = || Rprop::new(0.1).backtracking();
    let groups = ParameterGroups::new::<Lines>(rprop()).group("head", rprop()).unwrap();
    let expected = told(&mut rprop(), true);
    let found = told(&mut Averaged::new(groups), true);
    assert_ne!(told(&mut rprop(), false), expected, "the losses do not matter");
    // Padding is no group's.
    for tensor in Lines::<f32>::tensors() {
        let range = tensor.offset..tensor.offset + tensor.len();
        assert_eq!(found[range.clone()], expected[range], "{}", tensor.name);
    }
}

#[test]
fn frozen_ranges_are_those_of_the_frozen_lines() {
    let new = || ParameterGroups::new::<Lines>(Adam::new(0.01));
    assert!(new().frozen().is_empty() && Adam::<f32>::new(0.1).frozen().is_empty());
    let groups = new().freeze("stem").unwrap().freeze("stage.10").unwrap().freeze("stage1").unwrap();
    let groups = groups.freeze_where(|name| name == "stage.0.conv.conv2d.weight").unwrap();
    let tensors = Lines::<f32>::tensors();
    let start = |name: &str| tensors.iter().find(|tensor| tensor.name.starts_with(name)).unwrap().offset;
    let end = |name: &str| {
        let tensor = tensors.iter().rfind(|tensor| tensor.name.starts_with(name)).unwrap();
        tensor.offset + tensor.len()
    };
    // Neighbours are one range.
    let expected = [start("stem.")..end("stage.0.conv.conv2d."), start("stage.10.")..end("stage1.")];
    assert_eq!(groups.frozen(), expected);
    assert_eq!(Averaged::new(groups.clone()).frozen(), expected);

    let mut groups = groups;
    let mut params = vec![0.0; PARAMS];
    groups.step(&mut params, &vec![1.0; PARAMS]);
    assert!(expected.into_iter().flatten().all(|i| params[i] == 0.0));
}

#[test]
fn the_state_of_all_groups_goes_on_bit_for_bit() {
    let new = || {
        let groups = ParameterGroups::new::<Lines>(Adam::new(0.02)).group("head", Adam::new(0.01)).unwrap();
        Averaged::new(groups.freeze("stage.2").unwrap())
    };
    let mut whole = new();
    train(&mut whole);
    whole.set_learning_rate(0.005);
    let mut tape = Tape { bits: Vec::new(), replay: None };
    whole.visit_state(&mut tape);

    let mut resumed = new();
    resumed.prepare(PARAMS);
    tape.replay = Some(0);
    resumed.visit_state(&mut tape);
    assert_eq!(tape.replay, Some(tape.bits.len()));
    assert_eq!(resumed.learning_rate(), 0.005);
    assert!(train(&mut whole).as_flat() == train(&mut resumed).as_flat());
    assert_eq!(whole.average(), resumed.average());

    let (mut average, mut reset) = (Lines::zeroed(), new());
    resumed.copy_average_to(average.params_mut()).unwrap();
    assert!(average.params() == resumed.average().unwrap());
    resumed.set_learning_rate(0.02);
    resumed.reset();
    assert!(train(&mut resumed).as_flat() == train(&mut reset).as_flat());
}
