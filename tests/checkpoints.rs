//! A training that is stopped goes on as if it had not been; and a checkpoint that is not whole is refused.

use std::fs;
use std::path::{Path, PathBuf};

use monograd::Flat;
use monograd::data::Augment;
use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy};
use monograd::optimizers::{
    AdaGrad, Adadelta, Adam, AdamW, AmsGrad, Averaged, Lion, NAdam, ParameterGroups, RmsProp, Rprop, Sgd,
};
use monograd::prelude::*;
use monograd::schedules::{Constant, Cosine, Exponential, ReduceOnPlateau, Schedule};
use monograd::{CheckpointError, EarlyStopping, Epoch, Flow, History, Observer, Progress, StateVisitor, TrainError};

network! {
    /// All that has a state of its own: running statistics, dropout.
    struct Net([1, 4, 4]) -> [3] {
        conv: conv2d(4, 3, padding = 1, bias = false) -> batch_norm -> relu -> dropout(0.2) -> flatten,
        out: dense(3),
    }
}

network! {
    struct Other([16]) -> [3] {
        out: dense(3),
    }
}

type Data = Dataset<f32, 16, u32>;

/// More than early stopping leaves.
const EPOCHS: usize = 60;

fn data(samples: usize, seed: u64) -> Data {
    let mut generator = Generator::seed(seed);
    let classes: Vec<_> = (0..samples).map(|k| k as u32 % 3).collect();
    let rows: Vec<[f32; 16]> = classes
        .iter()
        .map(|&class| core::array::from_fn(|i| (generator.normal() + f64::from(class) * (i % 3) as f64 / 4.0) as f32))
        .collect();
    Data::from_labelled_rows(&rows, &classes, 3).unwrap()
}

/// A trainer of which every part has a state.
fn trainer<'a>() -> Trainer<'a, SoftmaxCrossEntropy, Adam> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
        .batch_size(8)
        .epochs(EPOCHS)
        .seed(3)
        .augment(Augment::images([1, 4, 4]).shift(1).noise(0.1))
        .mixup(0.3)
        .schedule(ReduceOnPlateau::new(0.5).patience(0).threshold(0.05).warm_up(2))
        .early_stopping(EarlyStopping::new(3))
}

struct StopAfter(usize);

impl Observer for StopAfter {
    fn epoch(&mut self, epoch: &Epoch) -> Flow {
        if epoch.number == self.0 { Flow::Break(()) } else { Flow::Continue(()) }
    }
}

/// What two trainings have in common, if they are the same: all bits of the network, and the history but for the seconds.
fn outcome(net: &Net, history: &History) -> (Vec<u32>, Vec<Epoch>, Option<usize>) {
    let epochs = history.epochs.iter().map(|epoch| Epoch { seconds: 0.0, ..*epoch }).collect();
    (net.as_flat().iter().map(|value| value.to_bits()).collect(), epochs, history.best)
}

#[test]
fn a_training_that_was_stopped_at_any_epoch_ends_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let (train, validation) = (data(45, 1), data(15, 2));

    let mut net = Net::seeded(5);
    let history = trainer().fit_and_validate(&mut *net, &train, &validation).unwrap();
    let expected = outcome(&net, &history);
    assert!((5..EPOCHS).contains(&history.epochs.len()), "{} epochs show little", history.epochs.len());

    for stop in 1..history.epochs.len() {
        let mut net = Net::seeded(5);
        let mut stopped = trainer().checkpoint(&path).observe(StopAfter(stop));
        stopped.fit_and_validate(&mut *net, &train, &validation).unwrap();
        // Another process: nothing is left but the file.
        let mut net = Net::seeded(99);
        let mut resumed = trainer().resume(&path).unwrap();
        let history = resumed.fit_and_validate(&mut *net, &train, &validation).unwrap();
        assert!(outcome(&net, &history) == expected, "stopped after epoch {stop}");
    }
}

#[test]
fn two_fits_are_one() {
    let train = data(45, 1);
    let trainer = |epochs| {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.05).momentum(0.9)).batch_size(8).epochs(epochs);
        trainer.mixup(1.0).schedule_by_batch(Cosine::new(40)).augment(Augment::images([1, 4, 4]).noise(0.2))
    };
    let (mut once, mut twice) = (Net::seeded(1), Net::seeded(1));
    trainer(6).fit(&mut *once, &train).unwrap();
    let mut continued = trainer(3);
    continued.fit(&mut *twice, &train).unwrap();
    assert_ne!(once.as_flat(), twice.as_flat());
    continued.fit(&mut *twice, &train).unwrap();
    assert_eq!(once.as_flat(), twice.as_flat());
}

#[test]
fn a_training_that_had_ended_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let train = data(45, 1);
    let mut net = Net::seeded(5);
    let history = trainer().checkpoint(&path).fit(&mut *net, &train).unwrap();
    let mut again = Net::seeded(6);
    let resumed = trainer().resume(&path).unwrap().fit(&mut *again, &train).unwrap();
    assert!(outcome(&net, &history) == outcome(&again, &resumed));
}

struct StopWithin(usize);

impl Observer for StopWithin {
    fn batch(&mut self, progress: &Progress) -> Flow {
        if progress.epoch == self.0 && progress.samples > 8 { Flow::Break(()) } else { Flow::Continue(()) }
    }
}

#[test]
fn a_training_that_was_stopped_within_an_epoch_goes_on_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let (train, validation) = (data(45, 1), data(15, 2));
    let mut net = Net::seeded(5);
    let history = trainer().fit_and_validate(&mut *net, &train, &validation).unwrap();
    let expected = outcome(&net, &history);

    let mut stopped = trainer().checkpoint(&path).observe(StopWithin(3));
    let part = stopped.fit_and_validate(&mut *Net::seeded(5), &train, &validation).unwrap();
    assert_eq!((part.epochs.len(), part.epochs[2].samples), (3, 16));
    let mut net = Net::zeroed();
    let history = trainer().resume(&path).unwrap().fit_and_validate(&mut *net, &train, &validation).unwrap();
    assert!(outcome(&net, &history) == expected);
}

/// Every optimiser, by itself and with others around it.
fn with_each_optimizer(mut check: impl FnMut(&str, &dyn Fn() -> Box<dyn Optimizer<f32>>)) {
    let groups = || {
        let groups = ParameterGroups::new::<Net>(Adam::new(0.01)).group("out", Adam::new(0.003)).unwrap();
        groups.freeze("conv.batch_norm").unwrap()
    };
    check("Sgd", &|| Box::new(Sgd::new(0.05).momentum(0.9).nesterov()));
    check("AdaGrad", &|| Box::new(AdaGrad::new(0.05)));
    check("RMSProp", &|| Box::new(RmsProp::new(0.01).momentum(0.5).centered()));
    check("Adadelta", &|| Box::new(Adadelta::new(1.0)));
    check("Adam", &|| Box::new(Adam::new(0.01)));
    check("AdamW", &|| Box::new(AdamW::new(0.01)));
    check("AMSGrad", &|| Box::new(AmsGrad::new(0.01)));
    check("NAdam", &|| Box::new(NAdam::new(0.01)));
    check("Lion", &|| Box::new(Lion::new(0.003)));
    check("Rprop", &|| Box::new(Rprop::new(0.001).backtracking()));
    check("an average", &|| Box::new(Averaged::new(Sgd::new(0.05)).from_step(3)));
    check("groups", &|| Box::new(groups()));
}

/// One of any kind, as a trainer takes one.
struct Any(Box<dyn Optimizer<f32>>);

impl Optimizer<f32> for Any {
    fn prepare(&mut self, len: usize) {
        self.0.prepare(len);
    }

    fn step(&mut self, params: &mut [f32], gradient: &[f32]) {
        self.0.step(params, gradient);
    }

    fn learning_rate(&self) -> f64 {
        self.0.learning_rate()
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.0.set_learning_rate(learning_rate);
    }

    fn report_loss(&mut self, loss: f64) {
        self.0.report_loss(loss);
    }

    fn frozen(&self) -> &[core::ops::Range<usize>] {
        self.0.frozen()
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<f32>) {
        self.0.visit_state(visitor);
    }
}

#[test]
fn every_optimiser_goes_on_from_a_file_as_if_it_had_not_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let train = data(24, 1);
    with_each_optimizer(|name, optimizer| {
        let trainer = |epochs| {
            let trainer = Trainer::new(SoftmaxCrossEntropy, Any(optimizer())).batch_size(8).epochs(epochs);
            trainer.schedule(Exponential::new(0.9))
        };
        let (mut whole, mut resumed) = (Net::seeded(1), Net::zeroed());
        trainer(4).fit(&mut *whole, &train).unwrap();
        trainer(2).checkpoint(&path).fit(&mut *Net::seeded(1), &train).unwrap();
        trainer(4).resume(&path).unwrap().fit(&mut *resumed, &train).unwrap();
        assert_eq!(whole.as_flat(), resumed.as_flat(), "{name}");
    });
}

#[test]
fn a_checkpoint_that_was_refused_is_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let train = data(24, 1);
    let trainer = |epochs| Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).batch_size(8).epochs(epochs);
    let (mut whole, mut resumed) = (Net::seeded(1), Net::zeroed());
    trainer(3).fit(&mut *whole, &train).unwrap();
    trainer(1).checkpoint(&path).fit(&mut *Net::seeded(1), &train).unwrap();

    let mut trainer = trainer(3).resume(&path).unwrap();
    let error = trainer.fit(&mut *Other::new(), &train).unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint(CheckpointError::Mismatch { .. })), "{error}");
    let error = trainer.fit(&mut *resumed, &data(25, 1)).unwrap_err().to_string();
    assert!(error.contains("of another training:\n  `samples` was 24, and is 25\n  `inputs` was "), "{error}");
    trainer = trainer.batch_size(4);
    let error = trainer.fit(&mut *resumed, &train).unwrap_err().to_string();
    assert!(error.ends_with("of another training:\n  `batch_size` was 8, and is 4"), "{error}");
    trainer.batch_size(8).fit(&mut *resumed, &train).unwrap();
    assert_eq!(whole.as_flat(), resumed.as_flat());
}

/// How a batch is divided is a part of the result, and on which threads is not.
#[test]
fn a_training_in_shards_goes_on_in_as_many_shards_on_any_pool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let train = data(45, 1);
    let pool = monograd::rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let trainer = |epochs| trainer().epochs(epochs);
    let (mut whole, mut resumed) = (Net::seeded(1), Net::zeroed());
    trainer(4).shards(3).fit(&mut *whole, &train).unwrap();
    trainer(2).shards(3).pool(&pool).checkpoint(&path).fit(&mut *Net::seeded(1), &train).unwrap();
    let error = trainer(4).resume(&path).unwrap().fit(&mut *resumed, &train).unwrap_err().to_string();
    assert!(error.ends_with("of another training:\n  `shards` was 3, and is 1"), "{error}");
    trainer(4).shards(3).resume(&path).unwrap().fit(&mut *resumed, &train).unwrap();
    assert_eq!(whole.as_flat(), resumed.as_flat());
}

/// A checkpoint of a plain training.
fn written(path: &Path) -> Vec<u8> {
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::<f32>::new(0.01)).epochs(1).checkpoint(path);
    trainer.fit(&mut *Net::seeded(1), &data(6, 1)).unwrap();
    fs::read(path).unwrap()
}

fn resumed(path: &PathBuf) -> Result<Trainer<'static, SoftmaxCrossEntropy, Adam>, CheckpointError> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).resume(path)
}

#[test]
fn a_checkpoint_cut_short_is_refused_wherever_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let whole = written(&path);
    for len in (0..200).chain((200..whole.len()).step_by(97)) {
        fs::write(&path, &whole[..len]).unwrap();
        let error = resumed(&path).unwrap_err();
        assert!(matches!(error, CheckpointError::Damaged { .. }), "{len} bytes of {}: {error}", whole.len());
        assert!(error.to_string().contains("not a checkpoint, or not a whole one"), "{error}");
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(matches!(resumed(&path), Err(CheckpointError::Damaged { .. })));
    fs::write(&path, &whole).unwrap();
    assert!(resumed(&path).is_ok());
}

#[test]
fn a_file_that_is_no_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights");
    let missing = resumed(&path).unwrap_err();
    assert!(matches!(missing, CheckpointError::Unreadable { .. }), "{missing}");
    let other = folder.path().join("training");
    written(&other);
    let error = Net::new().load(&other).unwrap_err().to_string();
    assert!(
        error.ends_with("a checkpoint, which holds more than weights: `Trainer::resume` goes on from it"),
        "{error}"
    );
    Net::new().save(&path).unwrap();
    let weights = resumed(&path).unwrap_err().to_string();
    assert!(weights.ends_with("it holds tensors, but no training; weights are loaded by `load`"), "{weights}");
}

#[test]
fn a_checkpoint_of_another_training_says_in_what_they_differ_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    written(&path);
    let mut net = Other::seeded(1);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.5).momentum(0.9)).resume(&path).unwrap();
    let error = trainer.fit(&mut *net, &data(6, 1)).unwrap_err();
    let TrainError::Checkpoint(CheckpointError::Mismatch { differences, .. }) = &error else { panic!("{error}") };
    for expected in [
        "`optimizer` was Adam, and is Sgd",
        "`network.out.weight` is F32 [3, 64], expected F32 [3, 16]",
        "`network.conv.conv2d.weight` [4, 1, 3, 3] is unexpected",
        "`optimizer.velocity` F32 [64] is missing",
        "`optimizer.mean_square` [272] is unexpected",
    ] {
        assert!(differences.iter().any(|difference| difference == expected), "{error}\n has not {expected}");
    }
    assert_eq!(net.params(), Other::seeded(1).params());
    assert_eq!(trainer.optimizer().learning_rate(), 0.5);
}

#[test]
fn what_a_schedule_remembers_has_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    written(&path);
    let mut trainer = resumed(&path).unwrap().schedule(ReduceOnPlateau::new(0.1));
    let error = trainer.fit(&mut *Net::new(), &data(6, 1)).unwrap_err().to_string();
    assert!(error.contains("`schedule.0` F64 [] is missing"), "{error}");
    // One without a memory does not matter.
    let mut trainer = resumed(&path).unwrap().schedule(Constant);
    trainer.fit(&mut *Net::new(), &data(6, 1)).unwrap();
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_the_training_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::<f32>::new(0.01)).checkpoint(folder.path());
    let error = trainer.fit(&mut *Net::new(), &data(6, 1)).unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint(CheckpointError::Unwritable { .. })), "{error}");
    assert!(error.to_string().contains("cannot be written, and is what it was"), "{error}");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn networks_in_f64_have_checkpoints_too() {
    network! {
        struct Line([1]) -> [1] {
            y: dense(1),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training");
    let rows: Vec<_> = (0..10).map(|k| [f64::from(k) / 10.0]).collect();
    let data = Dataset::<f64, 1, [f64; 1]>::from_rows(&rows, &rows).unwrap();
    let trainer = |epochs| Trainer::new(HalfSquaredError, Adam::<f64>::new(0.1)).batch_size(3).epochs(epochs);
    let (mut whole, mut first, mut second) = (Line::<f64>::new(), Line::<f64>::new(), Line::<f64>::new());
    trainer(5).fit(&mut *whole, &data).unwrap();
    trainer(2).checkpoint(&path).fit(&mut *first, &data).unwrap();
    trainer(5).resume(&path).unwrap().fit(&mut *second, &data).unwrap();
    assert_eq!(whole.params(), second.params());
}
