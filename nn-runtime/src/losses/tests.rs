//! Every loss on every level and scalar: values and gradients against plain formulas, differences and PyTorch's numbers,
//! odd shapes, slices off their alignment, dirty memory, special values, wrong targets.

use core::fmt::Debug;

use super::*;
use crate::activations::tests::{assert_marks, at_every_level, between_marks, is_nan, vector};
use crate::simd::Scalar;

const ROWS: [usize; 9] = [1, 2, 3, 7, 10, 17, 63, 65, 1000];
const SAMPLES: [usize; 4] = [1, 2, 3, 17];

/// Values from −4 to 4 that look random and that `f32` holds too.
fn values(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f64 / f64::from(1 << 21) - 4.0
    };
    (0..len).map(|_| next()).collect()
}

/// Targets that every loss takes: ±1 for the hinge, 0 to 1 for the binary cross-entropy, any for the rest.
fn targets_for(loss: ElementwiseLoss, len: usize) -> Vec<f64> {
    let any = values(len, 77);
    match loss {
        ElementwiseLoss::Hinge(_) => any.into_iter().map(f64::signum).collect(),
        ElementwiseLoss::BinaryCrossEntropyWithLogits(_) => any.into_iter().map(|t| (t / 4.0).abs()).collect(),
        _ => any,
    }
}

/// The textbook formula of one term, and what the sum is divided by.
fn formula(loss: ElementwiseLoss, y: f64, t: f64) -> (f64, bool) {
    let e = y - t;
    match loss {
        ElementwiseLoss::HalfSquaredError(_) => (0.5 * e * e, true),
        ElementwiseLoss::MeanSquaredError(_) => (e * e, false),
        ElementwiseLoss::AbsoluteError(_) => (e.abs(), false),
        ElementwiseLoss::Huber(Huber { delta }) if e.abs() <= delta => (0.5 * e * e, false),
        ElementwiseLoss::Huber(Huber { delta }) => (delta * (e.abs() - 0.5 * delta), false),
        ElementwiseLoss::BinaryCrossEntropyWithLogits(_) => {
            let p = 1.0 / (1.0 + (-y).exp());
            (-t * p.ln() - (1.0 - t) * (1.0 - p).ln(), false)
        }
        ElementwiseLoss::Hinge(_) => ((1.0 - t * y).max(0.0), false),
    }
}

fn elementwise() -> Vec<ElementwiseLoss> {
    vec![
        HalfSquaredError.into(),
        MeanSquaredError.into(),
        AbsoluteError.into(),
        Huber::default().into(),
        Huber { delta: 2.5 }.into(),
        BinaryCrossEntropyWithLogits.into(),
        Hinge.into(),
    ]
}

/// Calls `$body` with `$loss` the loss itself.
macro_rules! unwrapped {
    ($from:expr, $loss:ident => $body:expr) => {
        match $from {
            ElementwiseLoss::HalfSquaredError($loss) => $body,
            ElementwiseLoss::MeanSquaredError($loss) => $body,
            ElementwiseLoss::AbsoluteError($loss) => $body,
            ElementwiseLoss::Huber($loss) => $body,
            ElementwiseLoss::BinaryCrossEntropyWithLogits($loss) => $body,
            ElementwiseLoss::Hinge($loss) => $body,
        }
    };
}

/// The value, and the gradient in memory that was dirty, off its alignment, and is not written outside.
fn evaluate<T: Real, Target: Copy, L: Kernels<T> + Debug>(
    level: L,
    loss: &(impl Loss<T, Target> + Debug),
    y: &[f64],
    targets: &[Target],
    rows: usize,
) -> (T, Vec<T>) {
    let what = (loss, rows, y.len(), level);
    let marked = between_marks::<T>(y);
    let y = &marked[1..=y.len()];
    let mut d_y = between_marks::<T>(&vec![f64::NAN; y.len()]);
    let value = loss.forward_backward(level, y, targets, rows, &mut d_y[1..=y.len()]).unwrap();
    assert_marks(&d_y, y.len(), what);
    let alone = loss.forward(level, y, targets, rows).unwrap();
    assert!(alone == value || (is_nan(alone) && is_nan(value)), "{what:?}: {alone} without gradient, {value} with");
    (value, d_y[1..=y.len()].to_vec())
}

/// Central differences of a loss in `f64`, for outputs that lie away from its bends.
fn assert_gradient<Target: Copy, L: Kernels<f64> + Debug>(
    level: L,
    loss: &(impl Loss<f64, Target> + Debug),
    y: &[f64],
    targets: &[Target],
    rows: usize,
) {
    const H: f64 = 1e-5;
    let (value, d_y) = evaluate(level, loss, y, targets, rows);
    // The rounding of the value, over the step.
    let tolerance = 1e-9 * value.max(1.0);
    for i in (0..y.len()).step_by(1 + y.len() / 50) {
        let at = |step: f64| {
            let mut y = y.to_vec();
            y[i] += step;
            loss.forward(level, &y, targets, rows).unwrap()
        };
        let expected = (at(H) - at(-H)) / (2.0 * H);
        assert!((d_y[i] - expected).abs() < tolerance, "{loss:?}, {rows} rows: {} for {expected}, {level:?}", d_y[i]);
    }
}

#[test]
fn elementwise_values_follow_the_formulas() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (wrapped, rows, samples) in shapes() {
            let len = rows * samples;
            let (y, targets) = (values(len, 5), targets_for(wrapped, len));
            let terms = y.iter().zip(&targets).map(|(&y, &t)| formula(wrapped, y, t));
            let (sum, per_sample) = terms.fold((0.0, false), |(sum, _), (term, per_sample)| (sum + term, per_sample));
            let expected = sum / if per_sample { samples } else { len } as f64;
            let (value, _) =
                unwrapped!(wrapped, loss => evaluate::<T, T, L>(level, &loss, &y, &vector(&targets), rows));
            let error = (value.to_f64() - expected).abs();
            // Each term is rounded, and the sum in `f64`, here and there.
            let tolerance = 16.0 * T::default_epsilon().to_f64() + len as f64 * f64::EPSILON;
            assert!(
                error <= tolerance * expected.max(0.1),
                "{wrapped:?}, {rows}×{samples}: {value} for {expected}, {level:?}"
            );
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

fn shapes() -> impl Iterator<Item = (ElementwiseLoss, usize, usize)> {
    let losses = elementwise().into_iter();
    losses.flat_map(|loss| ROWS.into_iter().flat_map(move |rows| SAMPLES.map(|samples| (loss, rows, samples))))
}

#[test]
fn elementwise_gradients_are_the_limits_of_differences() {
    at_every_level!(level => for (wrapped, rows, samples) in shapes().filter(|(_, rows, _)| *rows < 100) {
        let (y, targets) = (values(rows * samples, 6), targets_for(wrapped, rows * samples));
        unwrapped!(wrapped, loss => assert_gradient(level, &loss, &y, &targets, rows));
    });
}

/// In `f32` too, and in places far from the one that differences reach.
#[test]
fn gradients_in_f32_are_those_in_f64() {
    at_every_level!(level => for (wrapped, rows, samples) in shapes() {
        let (y, targets) = (values(rows * samples, 8), targets_for(wrapped, rows * samples));
        unwrapped!(wrapped, loss => {
            let (_, exact) = evaluate::<f64, f64, _>(level, &loss, &y, &targets, rows);
            let (_, single) = evaluate::<f32, f32, _>(level, &loss, &y, &vector(&targets), rows);
            let largest = exact.iter().fold(0.0, |a: f64, d| a.max(d.abs()));
            for (d, e) in single.into_iter().zip(exact) {
                assert!((f64::from(d) - e).abs() <= 1e-6 * largest, "{loss:?}: {d} for {e}, {level:?}");
            }
        });
    });
}

/// Random distributions, one a column.
fn distributions(rows: usize, samples: usize) -> Vec<f64> {
    let mut t: Vec<f64> = values(rows * samples, 9).into_iter().map(f64::exp).collect();
    for column in t.chunks_exact_mut(rows) {
        let sum: f64 = column.iter().sum();
        for t in column {
            *t /= sum;
        }
    }
    t
}

fn classes(rows: usize, samples: usize) -> Vec<u32> {
    (0..samples).map(|b| ((b * 7 + rows / 2) % rows) as u32).collect()
}

/// `−Σ t·ln softmax(y)` of a column.
fn cross_entropy_formula(y: &[f64], t: &[f64]) -> f64 {
    let sum: f64 = y.iter().map(|y| y.exp()).sum();
    -y.iter().zip(t).map(|(y, t)| t * (y.exp() / sum).ln()).sum::<f64>()
}

#[test]
fn cross_entropies_follow_the_formulas() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (rows, samples) in ROWS.into_iter().flat_map(|rows| SAMPLES.map(|samples| (rows, samples))) {
            let (y, classes, soft) = (values(rows * samples, 3), classes(rows, samples), distributions(rows, samples));
            let mut one_hot = vec![0.0; y.len()];
            for (b, &class) in classes.iter().enumerate() {
                one_hot[b * rows + class as usize] = 1.0;
            }
            let mean = |t: &[f64]| {
                let columns = y.chunks_exact(rows).zip(t.chunks_exact(rows));
                columns.map(|(y, t)| cross_entropy_formula(y, t)).sum::<f64>() / samples as f64
            };
            let by_class = evaluate::<T, u32, L>(level, &SoftmaxCrossEntropy, &y, &classes, rows);
            let by_one_hot = evaluate::<T, T, L>(level, &SoftmaxCrossEntropy, &y, &vector(&one_hot), rows);
            let by_distribution = evaluate::<T, T, L>(level, &SoftmaxCrossEntropy, &y, &vector(&soft), rows);
            let tolerance = 16.0 * T::default_epsilon().to_f64();
            for ((value, d_y), t) in [(by_class, &one_hot), (by_one_hot, &one_hot), (by_distribution, &soft)] {
                let expected = mean(t);
                let error = (value.to_f64() - expected).abs();
                assert!(error <= tolerance * expected.max(1.0), "{rows}×{samples}: {value} for {expected}, {level:?}");
                for (i, d) in d_y.into_iter().enumerate() {
                    let column = &y[i / rows * rows..][..rows];
                    let p = y[i].exp() / column.iter().map(|y| y.exp()).sum::<f64>();
                    let expected = (p - t[i]) / samples as f64;
                    assert!((d.to_f64() - expected).abs() <= tolerance, "{rows}×{samples}: {d} for {expected}");
                }
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn gradients_of_cross_entropies_are_the_limits_of_differences() {
    at_every_level!(level => for (rows, samples) in ROWS[..8].iter().flat_map(|&rows| SAMPLES.map(|b| (rows, b))) {
        let y = values(rows * samples, 4);
        assert_gradient(level, &SoftmaxCrossEntropy, &y, &classes(rows, samples), rows);
        assert_gradient(level, &SoftmaxCrossEntropy, &y, &distributions(rows, samples), rows);
        // Weights that do not sum to one are differentiated as they are.
        let unnormalised: Vec<f64> = values(rows * samples, 12).into_iter().map(f64::abs).collect();
        assert_gradient(level, &SoftmaxCrossEntropy, &y, &unnormalised, rows);
    });
}

/// The cross-entropy of the smoothed targets, as if they had been given.
#[test]
fn label_smoothing_is_the_cross_entropy_of_smoothed_targets() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (rows, samples) in ROWS.into_iter().flat_map(|rows| SAMPLES.map(|samples| (rows, samples))) {
            let (y, classes, smoothing) = (values(rows * samples, 14), classes(rows, samples), 0.15);
            let mut targets = vec![smoothing / rows as f64; y.len()];
            for (b, &class) in classes.iter().enumerate() {
                targets[b * rows + class as usize] += 1.0 - smoothing;
            }
            let loss = LabelSmoothing::new(smoothing);
            let (value, d_y) = evaluate::<T, u32, L>(level, &loss, &y, &classes, rows);
            let (expected, d_expected) = evaluate::<f64, f64, _>(Scalar, &SoftmaxCrossEntropy, &y, &targets, rows);
            // The other sums up the targets, one by one.
            let tolerance = 16.0 * T::default_epsilon().to_f64() + rows as f64 * f64::EPSILON;
            assert!((value.to_f64() - expected).abs() <= tolerance * expected.max(1.0), "{rows}×{samples}, {level:?}");
            for (d, expected) in d_y.into_iter().zip(d_expected) {
                assert!((d.to_f64() - expected).abs() <= tolerance, "{rows}×{samples}: {d} for {expected}, {level:?}");
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn gradients_of_label_smoothing_are_the_limits_of_differences() {
    at_every_level!(level => for (rows, samples) in ROWS[..8].iter().flat_map(|&rows| SAMPLES.map(|b| (rows, b))) {
        let y = values(rows * samples, 15);
        assert_gradient(level, &LabelSmoothing::new(0.2), &y, &classes(rows, samples), rows);
    });
}

#[test]
fn labels_that_are_not_smoothed_cost_the_cross_entropy_bit_for_bit() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for rows in ROWS {
            let (y, classes) = (values(rows * 17, 16), classes(rows, 17));
            let smoothed = evaluate::<T, u32, L>(level, &LabelSmoothing::new(0.0), &y, &classes, rows);
            assert_eq!(smoothed, evaluate(level, &SoftmaxCrossEntropy, &y, &classes, rows), "{rows}, {level:?}");
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn extreme_logits_with_smoothed_labels_neither_overflow_nor_lose_the_loss() {
    const INF: f64 = f64::INFINITY;
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        let ce = |y: &[f64]| {
            let (value, d_y) = evaluate::<T, u32, L>(level, &LabelSmoothing::new(0.5), y, &[0], y.len());
            (value.to_f64(), d_y.into_iter().map(Real::to_f64).collect::<Vec<_>>())
        };
        assert_eq!(ce(&[1000.0, -1000.0]), (500.0, vec![0.25, -0.25]));
        assert_eq!(ce(&[-1000.0, 1000.0]), (1500.0, vec![-0.75, 0.75]));
        assert_eq!(ce(&[3.0, -INF]), (INF, vec![0.25, -0.25]));
        assert!(ce(&[f64::NAN, 1.0]).0.is_nan() && ce(&[INF, 1.0]).0.is_nan());
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
#[should_panic(expected = "smoothing must be at least 0 and below 1, found 1.0")]
fn labels_are_not_smoothed_away() {
    let _ = LabelSmoothing::new(1.0);
}

/// Some classes for the places of samples.
fn masks(classes: usize, places: usize) -> Vec<u32> {
    values(places, 21).into_iter().map(|x| (x * 1000.0).abs() as u32 % classes as u32).collect()
}

/// `−ln softmax` of each place by itself, whose column of logits is taken out of the planes.
#[test]
fn pixel_cross_entropies_follow_the_formula_place_by_place() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (classes, places, samples) in IMAGES {
            let (y, targets) = (values(classes * places * samples, 8), masks(classes, places * samples));
            let loss = PixelCrossEntropy::new(classes);
            let (value, d_y) = evaluate::<T, u32, L>(level, &loss, &y, &targets, classes * places);
            let tolerance = 16.0 * T::default_epsilon().to_f64();
            let (mut sum, count) = (0.0, targets.len() as f64);
            for (at, &target) in targets.iter().enumerate() {
                let start = at / places * classes * places + at % places;
                let total: f64 = (0..classes).map(|class| y[start + class * places].exp()).sum();
                for class in 0..classes {
                    let p = y[start + class * places].exp() / total;
                    let hit = class == target as usize;
                    sum -= if hit { p.ln() } else { 0.0 };
                    let expected = (p - f64::from(u8::from(hit))) / count;
                    let found = d_y[start + class * places].to_f64();
                    assert!((found - expected).abs() <= tolerance / count, "{classes}×{places}×{samples}, {level:?}");
                }
            }
            let error = (value.to_f64() - sum / count).abs();
            assert!(error <= tolerance * (sum / count).max(1.0), "{classes}×{places}×{samples}: {value}, {level:?}");
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

/// Classes, places, samples.
const IMAGES: [(usize, usize, usize); 8] =
    [(1, 5, 2), (2, 1, 3), (2, 7, 1), (2, 16, 2), (3, 35, 2), (4, 64, 3), (21, 17, 2), (2, 1000, 2)];

#[test]
fn gradients_of_pixel_cross_entropies_are_the_limits_of_differences() {
    at_every_level!(level => for (classes, places, samples) in IMAGES {
        let y = values(classes * places * samples, 9);
        let targets = masks(classes, places * samples);
        assert_gradient(level, &PixelCrossEntropy::new(classes), &y, &targets, classes * places);
    });
}

/// Of an image of one place it is the same question.
#[test]
fn a_pixel_is_a_sample() {
    at_every_level!(level => {
        let (y, targets) = (values(5 * 9, 3), classes(5, 9));
        let (pixels, d_pixels) = evaluate::<f64, _, _>(level, &PixelCrossEntropy::new(5), &y, &targets, 5);
        let (samples, d_samples) = evaluate::<f64, _, _>(level, &SoftmaxCrossEntropy, &y, &targets, 5);
        assert!((pixels - samples).abs() < 1e-15, "{level:?}");
        assert!(d_pixels.iter().zip(&d_samples).all(|(a, b)| (a - b).abs() < 1e-16), "{level:?}");
    });
}

#[test]
fn extreme_logits_of_pixels_neither_overflow_nor_lose_the_loss() {
    const INF: f64 = f64::INFINITY;
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        // Two classes in two places, of which the second costs nothing.
        let ce = |y: [f64; 2], class: u32| {
            let y = [y[0], 1e4, y[1], -1e4];
            let (value, d_y) = evaluate::<T, u32, L>(level, &PixelCrossEntropy::new(2), &y, &[class, 0], 4);
            assert_eq!((d_y[1], d_y[3]), (T::zero(), T::zero()));
            (value.to_f64(), [d_y[0].to_f64(), d_y[2].to_f64()])
        };
        assert_eq!(ce([1000.0, -1000.0], 1), (1000.0, [0.5, -0.5]));
        assert_eq!(ce([1000.0, -1000.0], 0), (0.0, [0.0; 2]));
        assert_eq!(ce([3.0, -INF], 0), (0.0, [0.0; 2]));
        assert_eq!(ce([3.0, -INF], 1), (INF, [0.5, -0.5]));
        assert!(ce([f64::NAN, 1.0], 1).0.is_nan() && ce([1.0, f64::NAN], 1).0.is_nan() && ce([INF, 1.0], 1).0.is_nan());
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn masks_that_do_not_fit_are_errors_that_say_why() {
    let mut d_y = [9.0_f32; 12];
    let y = [0.0_f32; 12];
    let loss = PixelCrossEntropy::new(2);
    let count = mean_loss_and_gradient(&loss, &y, &[0_u32; 5], 6, &mut d_y).unwrap_err();
    assert_eq!(count, TargetError::Count { samples: 2, per_sample: 3, found: 5 });
    let class = mean_loss_and_gradient(&loss, &y, &[0, 1, 0, 0, 2, 0], 6, &mut d_y).unwrap_err();
    assert_eq!(class, TargetError::PixelClass { sample: 1, place: 1, class: 2, classes: 2 });
    assert_eq!(class.to_string(), "pixel 1 of sample 1 has the target class 2, but there are 2, from 0 on");
    for classes in [0, 5] {
        let channels = mean_loss_and_gradient(&PixelCrossEntropy::new(classes), &y, &[0_u32; 6], 6, &mut d_y);
        assert_eq!(channels, Err(TargetError::Channels { outputs: 6, classes }));
    }
    assert_eq!(mean_loss::<f32, u32>(&loss, &[], &[], 6), Err(TargetError::EmptyBatch));
    assert_eq!(mean_loss::<f32, u32>(&loss, &[], &[], 0), Err(TargetError::EmptyBatch));
    assert_eq!(d_y, [9.0; 12], "a gradient was written in spite of the error");
}

#[test]
fn extreme_logits_neither_overflow_nor_lose_the_loss() {
    const INF: f64 = f64::INFINITY;
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        let ce = |y: &[f64], class: u32| {
            let (value, d_y) = evaluate::<T, u32, L>(level, &SoftmaxCrossEntropy, y, &[class], y.len());
            let mut one_hot = vec![0.0; y.len()];
            one_hot[class as usize] = 1.0;
            let same = evaluate::<T, T, L>(level, &SoftmaxCrossEntropy, y, &vector(&one_hot), y.len());
            assert!(value == same.0 || (is_nan(value) && is_nan(same.0)), "{value} by class, {} by one-hot", same.0);
            (value.to_f64(), d_y.into_iter().map(Real::to_f64).collect::<Vec<_>>())
        };
        assert_eq!(ce(&[1000.0, -1000.0, 0.0], 1), (2000.0, vec![1.0, -1.0, 0.0]));
        assert_eq!(ce(&[1000.0, -1000.0, 0.0], 0), (0.0, vec![0.0; 3]));
        assert_eq!(ce(&[3.0, -INF], 0), (0.0, vec![0.0; 2]));
        assert_eq!(ce(&[3.0, -INF], 1), (INF, vec![1.0, -1.0]));
        assert!(ce(&[f64::NAN, 1.0], 1).0.is_nan() && ce(&[INF, 1.0], 1).0.is_nan());

        let bce = |y: f64, t: f64| {
            let (value, d_y) = evaluate::<T, T, L>(level, &BinaryCrossEntropyWithLogits, &[y], &vector(&[t]), 1);
            (value.to_f64(), d_y[0].to_f64())
        };
        assert_eq!((bce(1e4, 1.0), bce(-1e4, 0.0)), ((0.0, 0.0), (0.0, 0.0)));
        assert_eq!((bce(1e4, 0.0), bce(-1e4, 1.0)), ((1e4, 1.0), (1e4, -1.0)));
        assert_eq!((bce(INF, 1.0), bce(-INF, 0.0)), ((0.0, 0.0), (0.0, 0.0)));
        assert_eq!((bce(INF, 0.0), bce(-INF, 1.0)), ((INF, 1.0), (INF, -1.0)));
        for wrapped in elementwise() {
            let (value, _) = unwrapped!(wrapped, loss => evaluate::<T, T, L>(
                level, &loss, &[0.5, f64::NAN, 0.0], &vector(&[1.0; 3]), 3));
            assert!(is_nan(value), "{wrapped:?} of NaN is {value}, {level:?}");
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn a_sum_in_f32_has_no_error_that_grows_with_the_batch() {
    let y = vec![0.1_f32; 3_000_000];
    let targets = vec![0.0; y.len()];
    at_every_level!(level => {
        let mean = MeanSquaredError.forward(level, &y, &targets, 1).unwrap();
        assert!((mean - 0.01).abs() < 1e-8, "{mean}, {level:?}");
    });
}

/// Outputs of two samples of three values, with targets for each loss.
const Y: [f64; 6] = [0.5, -1.25, 2.0, 0.125, -3.0, 1.5];
const T: [f64; 6] = [0.25, 1.0, 2.0, -0.5, -2.5, 0.0];
const PROBABILITIES: [f64; 6] = [1.0, 0.0, 0.25, 0.75, 0.0, 1.0];
const SIGNS: [f64; 6] = [1.0, -1.0, 1.0, -1.0, -1.0, 1.0];
const SOFT: [f64; 6] = [0.2, 0.5, 0.3, 0.0, 0.25, 0.75];

/// Values and gradients from PyTorch 2.15 in f64.
#[test]
#[rustfmt::skip]
#[allow(clippy::unreadable_literal, clippy::excessive_precision)]
fn values_and_gradients_are_those_of_pytorch() {
    fn check<Target: Copy, L: Kernels<f64> + Debug>(
        level: L, loss: &(impl Loss<f64, Target> + Debug), targets: &[Target], value: f64, gradient: [f64; 6],
    ) {
        let (found, d_y) = evaluate(level, loss, &Y, targets, 3);
        assert!((found - value).abs() < 1e-15, "{loss:?}: {found} for {value}, {level:?}");
        for (d, expected) in d_y.into_iter().zip(gradient) {
            assert!((d - expected).abs() < 1e-15, "{loss:?}: {d} for {expected}, {level:?}");
        }
    }
    at_every_level!(level => {
        check(level, &HalfSquaredError, &T, 2.00390625, [0.125, -1.125, 0.0, 0.3125, -0.25, 0.75]);
        check(level, &MeanSquaredError, &T, 1.3359375,
            [0.08333333333333333, -0.75, 0.0, 0.20833333333333331, -0.16666666666666666, 0.5]);
        check(level, &AbsoluteError, &T, 0.8541666666666666, [0.16666666666666666, -0.16666666666666666, 0.0,
            0.16666666666666666, -0.16666666666666666, 0.16666666666666666]);
        check(level, &Huber { delta: 0.75 }, &T, 0.43359375,
            [0.041666666666666664, -0.125, 0.0, 0.10416666666666666, -0.08333333333333333, 0.125]);
        check(level, &BinaryCrossEntropyWithLogits, &PROBABILITIES, 0.5444639569070192, [-0.0629234447996909,
            0.03711668980421814, 0.10513284632964705, -0.036465104437707285, 0.00790431219626113, -0.030404253967726058]);
        check(level, &Hinge, &SIGNS, 0.2708333333333333, [-0.16666666666666666, 0.0, 0.0, 0.16666666666666666, 0.0, 0.0]);
        check(level, &SoftmaxCrossEntropy, &[2_u32, 0], 0.9209313036924511, [0.08841009105372215, 0.015363370163218216,
            -0.10377346121694037, -0.3999802692386182, 0.004394560271493913, 0.3955857089671243]);
        check(level, &SoftmaxCrossEntropy, &SOFT, 1.7584313036924513, [-0.011589908946277858, -0.2346366298367818,
            0.24622653878305964, 0.10001973076138179, -0.12060543972850608, 0.020585708967124305]);
    });
}

#[test]
fn a_weight_multiplies_value_and_gradient() {
    fn check<T: Real, Target: Copy, L: Kernels<T> + Debug>(
        level: L,
        loss: impl Loss<T, Target> + Copy + Debug,
        targets: &[Target],
    ) {
        let y: Vec<T> = vector(&Y);
        for weight in [0.25, 0.0, -3.0] {
            let weighted = Weighted::new(weight, loss);
            assert_eq!(weighted.targets_per_sample(3), loss.targets_per_sample(3));
            let (value, d_y) = evaluate(level, &loss, &Y, targets, 3);
            let (found, d_found) = evaluate(level, &weighted, &Y, targets, 3);
            let weight = T::nearest(weight);
            assert_eq!((found, weighted.forward(level, &y, targets, 3)), (weight * value, Ok(found)), "{level:?}");
            assert!(d_found.iter().zip(&d_y).all(|(&found, &d)| found == weight * d), "{level:?}");
        }
    }
    at_every_level!(level => {
        check::<f32, u32, _>(level, SoftmaxCrossEntropy, &[2, 0]);
        check::<f64, f64, _>(level, MeanSquaredError, &T);
    });
    let mut d_y = [9.0_f32; 6];
    let wrong = mean_loss_and_gradient(&Weighted::new(0.5, SoftmaxCrossEntropy), &[0.0; 6], &[2_u32, 3], 3, &mut d_y);
    assert_eq!(wrong, Err(TargetError::Class { sample: 1, class: 3, classes: 3 }));
    assert_eq!(d_y, [9.0; 6], "a gradient was written in spite of the error");
}

#[test]
fn targets_that_do_not_fit_are_errors_that_say_why() {
    let mut d_y = [9.0_f32; 6];
    let y = [0.0_f32; 6];
    let count = mean_loss_and_gradient(&HalfSquaredError, &y, &[0.0; 5], 3, &mut d_y).unwrap_err();
    assert_eq!(count, TargetError::Count { samples: 2, per_sample: 3, found: 5 });
    assert_eq!(count.to_string(), "2 samples with 3 targets each need 6 targets, found 5");
    let count = mean_loss(&SoftmaxCrossEntropy, &y, &[0_u32; 6], 3).unwrap_err();
    assert_eq!(count, TargetError::Count { samples: 2, per_sample: 1, found: 6 });
    let class = mean_loss_and_gradient(&SoftmaxCrossEntropy, &y, &[2_u32, 3], 3, &mut d_y).unwrap_err();
    assert_eq!(class, TargetError::Class { sample: 1, class: 3, classes: 3 });
    assert_eq!(mean_loss_and_gradient(&LabelSmoothing::new(0.1), &y, &[2_u32, 3], 3, &mut d_y), Err(class));
    assert_eq!(
        class.to_string(),
        "sample 1 has the target class 3, but the network has 3 outputs, for classes from 0 on"
    );
    let value = mean_loss(&Hinge, &y, &[1.0, -1.0, 1.0, 0.0, 1.0, 1.0], 3).unwrap_err();
    assert_eq!(value, TargetError::Value { index: 3, value: 0.0, takes: "−1 and 1" });
    for wrong in [-0.5, 1.5, f32::NAN] {
        let error = mean_loss(&BinaryCrossEntropyWithLogits, &[0.0; 2], &[1.0, wrong], 1).unwrap_err();
        assert!(matches!(error, TargetError::Value { index: 1, .. }), "{error}");
    }
    assert_eq!(d_y, [9.0; 6], "a gradient was written in spite of the error");
}

#[test]
fn an_empty_batch_is_an_error() {
    assert_eq!(mean_loss::<f32, f32>(&MeanSquaredError, &[], &[], 3), Err(TargetError::EmptyBatch));
    assert_eq!(mean_loss::<f32, u32>(&SoftmaxCrossEntropy, &[], &[], 3), Err(TargetError::EmptyBatch));
    assert_eq!(mean_loss::<f32, f32>(&SoftmaxCrossEntropy, &[], &[], 0), Err(TargetError::EmptyBatch));
}

#[test]
#[should_panic(expected = "7 outputs are not whole columns of 3")]
fn outputs_are_whole_columns() {
    let _ = mean_loss(&MeanSquaredError, &[0.0; 7], &[0.0; 7], 3);
}
