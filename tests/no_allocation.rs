//! After set-up nothing allocates: not inference, not training, not the optimisers, not the losses, not the batches.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};

use monograd::data::{Augment, Dataset, ShuffledBatches};
use monograd::initializers::Generator;
use monograd::losses::{
    AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Huber, Loss, MeanSquaredError,
    SoftmaxCrossEntropy, mean_loss, mean_loss_and_gradient,
};
use monograd::minimizers::{BarzilaiBorwein, Bfgs, ConjugateGradient, GradientDescent, LBfgs, Minimizer};
use monograd::nalgebra::{Const, DimName, Dyn, OMatrix, SMatrix};
use monograd::optimizers::{
    AdaGrad, Adadelta, Adam, AdamW, AmsGrad, Averaged, Lion, NAdam, Optimizer, ParameterGroups, RmsProp, Rprop, Sgd,
};
use monograd::prelude::*;
use monograd::rayon::{ThreadPool, ThreadPoolBuilder};
use monograd::regularizers::Penalty;
use monograd::schedules::{OneCycle, Schedule};
use monograd::simd::{Level, force_level};
use monograd::{EarlyStopping, Epoch, Flow, Observer};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

thread_local! {
    /// The calls of this thread to the allocator.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    CALLS.set(CALLS.get() + 1);
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `realloc`; the pointer came from `System`.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller keeps the contract of `dealloc`; the pointer came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `work` and asserts that this thread's memory stayed as it was; what the work gives is dropped after.
fn assert_no_allocation<R>(what: &str, work: impl FnOnce() -> R) {
    let before = CALLS.get();
    let result = work();
    let calls = CALLS.get() - before;
    drop(result);
    assert_eq!(calls, 0, "{what} called the allocator");
}

network! {
    /// Every kind of layer, off every vector's length.
    struct Net([7]) -> [3] {
        first: tanh -> dense(33) -> gelu -> softplus,
        second: flatten -> dense(64, bias = false) -> relu -> dense(19) -> silu -> softmax,
        out: dense(3),
    }
}

network! {
    /// Wide enough for the products to pack panels.
    struct Wide([300]) -> [3] {
        hidden: dense(300) -> elu,
        out: dense(3),
    }
}

network! {
    /// The convolutional family, with all that training keeps.
    struct Images([2, 12, 12]) -> [3] {
        first: conv2d(16, 3, padding = 1) -> relu -> conv2d(16, 3, padding = 1) -> relu,
        stem: conv2d(7, 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(2),
        body: conv2d(14, 3, stride = 2, padding = 1, groups = 7) -> group_norm(2) -> silu -> dropout2d(0.2),
        up: conv_transpose2d(5, 2, stride = 2) -> local_response_norm(3) -> upsample(2, mode = bilinear) -> pad(1),
        down: crop(1) -> subsample(7, stride = 1) -> avg_pool2d(2)
            -> instance_norm(affine = true) -> relu6 -> adaptive_avg_pool2d(2),
        out: flatten -> layer_norm -> dropout(0.5) -> dense(3),
    }
}

/// Runs `check` on every instruction set of this processor; what other tests run on meanwhile is no matter.
fn on_every_level(check: impl Fn()) {
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        force_level(Some(level)).unwrap();
        check();
    }
    force_level(None).unwrap();
}

#[test]
fn allocations_are_counted() {
    let before = CALLS.get();
    drop(std::hint::black_box(vec![1_u8; 100]));
    assert_eq!(CALLS.get() - before, 2);
}

#[test]
#[should_panic(expected = "a vector called the allocator")]
fn an_allocation_fails() {
    assert_no_allocation("a vector", || std::hint::black_box(vec![1_u8; 100]));
}

#[test]
fn inference() {
    let net = Net::new();
    let fixed = SMatrix::<f32, 7, 5>::from_fn(|r, c| (r + c) as f32);
    let dynamic = OMatrix::<f32, Const<7>, Dyn>::from_fn(200, |r, c| (r as f32 - c as f32).sin());
    let mut work = Net::workspace(200);
    on_every_level(|| {
        let mut work = Net::workspace(200);
        assert_no_allocation("one sample", || net.forward(&fixed.column(0), &mut work)[0]);
        assert_no_allocation("a static batch", || net.forward(&fixed, &mut work)[0]);
        assert_no_allocation("a dynamic batch", || net.forward(&dynamic, &mut work)[0]);
        assert_no_allocation("a view", || net.forward(&dynamic.columns(3, 100), &mut work)[0]);
    });
    // The value given out is a view, too.
    assert_no_allocation("a view of the outputs", || net.forward(&fixed, &mut work).column(2)[1]);
}

/// Every optimiser, and what goes around them.
fn optimizers<N: Network<Scalar = f32>>() -> Vec<Box<dyn Optimizer<f32>>> {
    let groups = ParameterGroups::new::<N>(Adam::new(0.01)).group_where(|name| name.ends_with("bias"), Adam::new(0.02));
    let groups = groups.unwrap().freeze_where(|name| name == "out.weight").unwrap();
    vec![
        Box::new(Sgd::new(0.01)),
        Box::new(Sgd::new(0.01).momentum(0.9)),
        Box::new(Sgd::new(0.01).momentum(0.9).nesterov().weight_decay(0.01)),
        Box::new(AdaGrad::new(0.01)),
        Box::new(Adadelta::new(1.0)),
        Box::new(Adam::new(0.01)),
        Box::new(AdamW::new(0.01)),
        Box::new(AmsGrad::new(0.01)),
        Box::new(NAdam::new(0.01)),
        Box::new(RmsProp::new(0.01)),
        Box::new(RmsProp::new(0.01).centered().momentum(0.9)),
        Box::new(Lion::new(0.001)),
        Box::new(Rprop::new(0.001)),
        Box::new(Rprop::new(0.001).backtracking()),
        Box::new(Averaged::new(Sgd::new(0.01))),
        Box::new(Averaged::new(groups.clone()).decay(0.9)),
        Box::new(groups),
    ]
}

/// Forward, loss, backward and a step of every optimiser.
fn check_training<N, Target>(loss: &impl Loss<f32, Target>, target: impl Fn(usize) -> Target)
where
    N: Trainable<Scalar = f32>,
{
    let mut net = N::new();
    let samples = 40;
    let mut training = Training::<N>::with_input_gradient(samples);
    let mut generator = Generator::seed(1);
    let value = |_, _| generator.uniform() as f32;
    let x = OMatrix::<f32, N::Input, Dyn>::from_fn_generic(N::Input::name(), Dyn(samples), value);
    let targets: Vec<_> = (0..samples * loss.targets_per_sample(N::Output::DIM)).map(target).collect();
    let mut optimizers = optimizers::<N>();
    for optimizer in &mut optimizers {
        optimizer.prepare(net.params().len());
    }
    for _ in 0..2 {
        assert_no_allocation("a backward pass", || training.backprop(&mut net, &x, loss, &targets).unwrap());
        for optimizer in &mut optimizers {
            assert_no_allocation("an optimiser", || {
                optimizer.report_loss(1.0);
                optimizer.step(net.params_mut(), training.gradient().params());
                optimizer.set_learning_rate(0.02);
            });
        }
        assert_no_allocation("the results", || (training.output()[0], training.input_gradient().unwrap()[0]));
    }
}

#[test]
fn training() {
    on_every_level(|| {
        check_training::<Net, u32>(&SoftmaxCrossEntropy, |k| k as u32 % 3);
        check_training::<Net, f32>(&MeanSquaredError, |k| k as f32);
        check_training::<Wide, f32>(&HalfSquaredError, |k| k as f32);
    });
}

#[test]
fn losses() {
    fn check<Target>(loss: &impl Loss<f32, Target>, targets: &[Target]) {
        let (y, mut d_y) = ([0.5; 12], [0.0; 12]);
        assert_no_allocation("a loss", || mean_loss(loss, &y, targets, 4).unwrap());
        assert_no_allocation("a gradient", || mean_loss_and_gradient(loss, &y, targets, 4, &mut d_y).unwrap());
    }
    on_every_level(|| {
        check(&HalfSquaredError, &[0.3; 12]);
        check(&MeanSquaredError, &[0.3; 12]);
        check(&AbsoluteError, &[0.3; 12]);
        check(&Huber::default(), &[0.3; 12]);
        check(&BinaryCrossEntropyWithLogits, &[1.0; 12]);
        check(&Hinge, &[-1.0; 12]);
        check(&SoftmaxCrossEntropy, &[0.25; 12]);
        check(&SoftmaxCrossEntropy, &[0_u32, 3, 1]);
    });
}

/// Targets that do not fit are an error, which is a value.
#[test]
fn an_error() {
    let mut net = Net::new();
    let mut training = Training::<Net>::new(1);
    let x = SMatrix::<f32, 7, 1>::zeros();
    assert_no_allocation("an error", || training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[7_u32]).unwrap_err());
}

/// A method that is prepared, and minimises.
#[test]
fn full_batch_methods() {
    let mut methods: [Box<dyn Minimizer<f64>>; 5] = [
        Box::new(GradientDescent::backtracking()),
        Box::new(BarzilaiBorwein::new()),
        Box::new(ConjugateGradient::new()),
        Box::new(LBfgs::new()),
        Box::new(Bfgs::new()),
    ];
    let mut bowl = |x: &[f64], gradient: &mut [f64]| {
        gradient.iter_mut().zip(x).enumerate().for_each(|(k, (g, x))| *g = (k + 1) as f64 * x.sinh());
        x.iter().enumerate().map(|(k, x)| (k + 1) as f64 * x.cosh()).sum()
    };
    for method in &mut methods {
        let mut x = [1.0; 20];
        method.prepare(20);
        assert_no_allocation("a minimisation", || {
            assert!(method.minimize(&mut x, &mut bowl).iterations > 2);
        });
    }
}

/// An epoch as a program writes it.
#[test]
fn an_epoch_of_shuffled_batches() {
    let rows: Vec<_> = (0..50).map(|k| [k as f32 / 50.0; 7]).collect();
    let labels: Vec<_> = (0..50).map(|k| k % 3).collect();
    let data = Dataset::<f32, 7, u32>::from_labelled_rows(&rows, &labels, 3).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut batches = ShuffledBatches::new(&data, 16);
    let mut net = Net::new();
    let mut training = Training::<Net>::new(16);
    let mut optimizer = Adam::new(0.01);
    optimizer.prepare(net.params().len());
    assert_no_allocation("an epoch", || {
        batches.shuffle(&mut rng);
        while let Some(batch) = batches.next_batch() {
            training.backprop(&mut net, &batch.inputs, &SoftmaxCrossEntropy, batch.targets).unwrap();
            optimizer.step(net.params_mut(), training.gradient().params());
        }
    });
}

/// Inference and training of the convolutional family, the running statistics of its normalisations included.
#[test]
fn images() {
    let x = OMatrix::<f32, Const<288>, Dyn>::from_fn(9, |pixel, sample| ((pixel + 3 * sample) as f32).sin());
    let classes = [0_u32, 1, 2, 0, 1, 2, 0, 1, 2];
    let mut net = Images::new();
    on_every_level(|| {
        let mut work = Images::workspace(9);
        assert_no_allocation("inference", || net.forward(&x, &mut work)[0]);
    });
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        force_level(Some(level)).unwrap();
        let mut training = Training::<Images>::with_input_gradient(9);
        assert_no_allocation("a step", || training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &classes).unwrap());
    }
    force_level(None).unwrap();
}

/// Notes the calls to the allocator at the end of each epoch.
struct Calls<'a>(&'a RefCell<Vec<usize>>);

impl Observer for Calls<'_> {
    fn epoch(&mut self, _: &Epoch) -> Flow {
        self.0.borrow_mut().push(CALLS.get());
        Flow::Continue(())
    }
}

#[test]
fn an_epoch_of_a_trainer_allocates_nothing_whatever_it_does() {
    let mut generator = Generator::seed(1);
    let rows: Vec<[f32; 288]> = (0..40).map(|_| core::array::from_fn(|_| generator.normal() as f32)).collect();
    let labels: Vec<_> = (0..40).map(|k| k % 3).collect();
    let data = Dataset::<f32, 288, u32>::from_labelled_rows(&rows, &labels, 3).unwrap();
    let calls = RefCell::new(Vec::with_capacity(4));
    let mut net = Images::new();
    Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3))
        .batch_size(7)
        .epochs(4)
        .augment(Augment::images([2, 12, 12]).shift(1).flip_horizontal(0.5).noise(0.1))
        .mixup(0.4)
        .penalty(Penalty::l1(1e-3).and_l2(1e-3))
        .clip_value(1.0)
        .clip_norm(1.0)
        .max_norm(2.0)
        .schedule_by_batch(OneCycle::new(24).warm_up(2))
        .early_stopping(EarlyStopping::new(10))
        .observe(Calls(&calls))
        .fit(&mut *net, &data)
        .unwrap();
    let calls = calls.into_inner();
    assert!(calls.len() == 4 && calls.windows(2).all(|pair| pair[0] == pair[1]), "{calls:?}");
}

/// The calls of the threads of a pool to the allocator.
fn calls_of(pool: &ThreadPool) -> usize {
    pool.broadcast(|_| CALLS.get()).into_iter().sum()
}

/// On the threads of a pool nothing allocates, as long as the calling thread is one of them.
#[test]
fn threads() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let x = OMatrix::<f32, Const<288>, Dyn>::from_fn(40, |pixel, sample| ((pixel + 3 * sample) as f32).sin());
    let classes: Vec<_> = (0..40).map(|k| k % 3).collect();
    let mut net = Images::new();
    let (mut work, mut training) = (Images::workspace(40).threads(2), Training::<Images>::new(40).shards(4));
    let mut step = || {
        let y = net.forward_in(&pool, &x, &mut work)[0];
        (y, training.backprop_in(&pool, &mut net, &x, &SoftmaxCrossEntropy, &classes).unwrap())
    };
    // A pool hands each thread its question for the calls, and notes their answers.
    let asked = calls_of(&pool);
    let asking = calls_of(&pool) - asked;
    // A thread allocates when it first looks for work, which may be late.
    let quiet = (0..20).any(|_| {
        let before = calls_of(&pool);
        let own = pool.install(|| {
            let before = CALLS.get();
            (0..50).for_each(|_| _ = step());
            CALLS.get() - before
        });
        own == 0 && calls_of(&pool) - before == asking
    });
    assert!(quiet, "threads of a pool called the allocator again and again");
}

/// The queue by which work comes to `rayon`'s threads from outside is a list of blocks of 63 places.
#[test]
fn threads_from_outside_allocate_a_block_now_and_then() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let x = OMatrix::<f32, Const<7>, Dyn>::from_fn(64, |r, c| (r as f32 - c as f32).sin());
    let (net, mut work) = (Net::new(), Net::workspace(64).threads(2));
    net.forward_in(&pool, &x, &mut work);
    let before = CALLS.get();
    for _ in 0..630 {
        net.forward_in(&pool, &x, &mut work);
    }
    let calls = CALLS.get() - before;
    assert!(calls <= 20, "{calls} calls to the allocator in 630 of `forward_in`");
}

#[test]
fn shards_on_one_thread() {
    let x = OMatrix::<f32, Const<288>, Dyn>::from_fn(9, |pixel, sample| ((pixel + 3 * sample) as f32).sin());
    let mut net = Images::new();
    let mut training = Training::<Images>::with_input_gradient(9).shards(4);
    assert_no_allocation("a step", || training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[1_u32; 9]).unwrap());
}
