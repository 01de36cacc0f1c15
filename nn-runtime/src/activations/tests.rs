//! Every activation on every level and scalar: values against plain formulas and PyTorch's numbers, derivatives against
//! differences, special values, odd lengths, slices off their alignment, dirty memory.

use core::fmt::Debug;

use super::*;

const LENGTHS: [usize; 10] = [0, 1, 2, 3, 7, 10, 17, 63, 65, 1000];

/// Runs `$body` with `$level` each instruction set of this processor.
macro_rules! at_every_level {
    ($level:ident => $body:expr) => {{
        let $level = $crate::simd::Scalar;
        $body;
        #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
        if $crate::simd::Level::Avx2.is_supported() {
            // SAFETY: the processor has it.
            let $level = unsafe { $crate::simd::Avx2::new_unchecked() };
            $body;
        }
        #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
        if $crate::simd::Level::Avx512.is_supported() {
            // SAFETY: the processor has it.
            let $level = unsafe { $crate::simd::Avx512::new_unchecked() };
            $body;
        }
    }};
}

pub(crate) use at_every_level;

/// Every activation, with usual and unusual parameters.
fn all() -> Vec<Activation> {
    let mut all = vec![Activation::Linear, Step.into(), Tanh.into(), Relu.into(), Relu6.into(), Silu.into()];
    all.extend([1.0, 2.5, -0.5].map(|k| Activation::from(Logistic { k })));
    all.extend([0.01, 0.2, 0.0, 1.5, -0.3].map(|slope| Activation::from(LeakyRelu { slope })));
    all.extend([1.0, 1.5, 0.0, -0.7].map(|alpha| Activation::from(Elu { alpha })));
    all.extend([Approximate::None, Approximate::Tanh].map(|approximate| Activation::from(Gelu { approximate })));
    all.extend([1.0, 0.5, 3.0, -2.0].map(|beta| Activation::from(Softplus { beta })));
    all
}

/// `1 + erf(x/√2)` halved, by a series of positive terms.
fn normal_distribution(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= x * x / f64::from(2 * n + 1);
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / (2.0 * core::f64::consts::PI).sqrt()
}

/// The textbook formula.
fn formula(f: Activation, x: f64) -> f64 {
    match f {
        Activation::Linear => x,
        Activation::Step(_) => f64::from(u8::from(x >= 0.0)),
        Activation::Logistic(Logistic { k }) => 1.0 / (1.0 + (-k * x).exp()),
        Activation::Tanh(_) => x.tanh(),
        Activation::Relu(_) => x.max(0.0),
        Activation::Relu6(_) => x.clamp(0.0, 6.0),
        Activation::LeakyRelu(LeakyRelu { slope }) => x * if x > 0.0 { 1.0 } else { slope },
        Activation::Elu(Elu { alpha }) => {
            if x > 0.0 {
                x
            } else {
                alpha * x.exp_m1()
            }
        }
        Activation::Gelu(Gelu { approximate: Approximate::None }) => x * normal_distribution(x),
        Activation::Gelu(Gelu { approximate: Approximate::Tanh }) => {
            let u = (2.0 / core::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            0.5 * x * (1.0 + u.tanh())
        }
        Activation::Silu(_) => x / (1.0 + (-x).exp()),
        Activation::Softplus(Softplus { beta }) => (beta * x).exp().ln_1p() / beta,
    }
}

/// Values of which none lies on a bend, from about −6 to 6, that `f32` holds too.
fn inputs(len: usize) -> Vec<f64> {
    (0..len).map(|i| f64::from(((i * 37 + 11) % 97) as f32 * 0.126 - 6.02)).collect()
}

pub(crate) fn vector<T: Real>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&x| T::nearest(x)).collect()
}

/// `values` one place behind the start of an allocation, with a mark on either side.
pub(crate) fn between_marks<T: Real>(values: &[f64]) -> Vec<T> {
    let marked: Vec<_> = [777.0].into_iter().chain(values.iter().copied()).chain([777.0; 20]).collect();
    vector(&marked)
}

pub(crate) fn assert_marks<T: Real>(marked: &[T], len: usize, what: impl Debug) {
    let mark = T::nearest(777.0);
    assert!(marked[0] == mark && marked[1 + len..].iter().all(|&x| x == mark), "{what:?}: wrote outside");
}

/// `f(x)` by the kernel.
fn forward<T: Real, L: Kernels<T>>(level: L, activation: Activation, x: &[T]) -> Vec<T> {
    let mut y = vector(&vec![f64::NAN; x.len()]);
    level.activate(Activate { activation, x, y: &mut y });
    y
}

/// `f′(x)` by the kernel, through whatever is cached.
fn derivative<T: Real, L: Kernels<T>>(level: L, activation: Activation, x: &[T]) -> Vec<T> {
    let cached = match activation.cached() {
        Cached::Input => x.to_vec(),
        Cached::Output => forward(level, activation, x),
    };
    let mut d = vec![T::one(); x.len()];
    level.activation_gradient(ActivationGradient { activation, cached: &cached, d: &mut d });
    d
}

#[test]
fn values_follow_the_formulas_at_every_length_and_place() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (activation, len) in all().into_iter().flat_map(|f| LENGTHS.map(|len| (f, len))) {
            let what = (activation, len, level);
            let x = inputs(len);
            let mut apart = between_marks::<T>(&vec![f64::NAN; len]);
            let mut in_place = between_marks::<T>(&x);
            let from = in_place.clone();
            level.activate(Activate { activation, x: &from[1..=len], y: &mut apart[1..=len] });
            level.activate_in_place(ActivateInPlace { activation, y: &mut in_place[1..=len] });
            assert_eq!(apart, in_place, "{what:?}");
            assert_marks(&apart, len, what);
            for (&y, &x) in apart[1..].iter().zip(&x) {
                let expected = formula(activation, x);
                let error = (y.to_f64() - expected).abs();
                let tolerance = 16.0 * T::default_epsilon().to_f64() * (expected.abs() + x.abs() * 0.25);
                assert!(error <= tolerance, "{what:?} at {x}: {y} for {expected}");
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn derivatives_are_the_limits_of_differences() {
    const H: f64 = 1e-3;
    at_every_level!(level => for f in all() {
        let x = inputs(193);
        let at = |offset: f64| forward(level, f, &x.iter().map(|x| x + offset).collect::<Vec<_>>());
        let (near, far) = ((at(H), at(-H)), (at(2.0 * H), at(-2.0 * H)));
        for (i, d) in derivative(level, f, &x).into_iter().enumerate() {
            let expected = (8.0 * (near.0[i] - near.1[i]) - (far.0[i] - far.1[i])) / (12.0 * H);
            let error = (d - expected).abs();
            assert!(error < 1e-9 * expected.abs().max(0.1), "{f:?} at {}: {d} for {expected}, {level:?}", x[i]);
        }
    });
}

#[test]
fn gradients_are_multiplied_at_every_length_and_place() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (activation, len) in all().into_iter().flat_map(|f| LENGTHS.map(|len| (f, len))) {
            let what = (activation, len, level);
            let cached = between_marks::<T>(&inputs(len + 1));
            let cached = &cached[2..2 + len];
            let before: Vec<f64> = (0..len).map(|i| f64::from(i as f32) - 3.5).collect();
            let mut d = between_marks::<T>(&before);
            level.activation_gradient(ActivationGradient { activation, cached, d: &mut d[1..=len] });
            assert_marks(&d, len, what);
            for (i, before) in before.into_iter().enumerate() {
                let mut one = [T::one()];
                level.activation_gradient(ActivationGradient { activation, cached: &cached[i..=i], d: &mut one });
                assert_eq!(d[1 + i], T::nearest(before) * one[0], "{what:?}, value {i}");
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

fn finite<T: Real>(x: T) -> bool {
    x.to_f64().is_finite()
}

pub(crate) fn is_nan<T: Real>(x: T) -> bool {
    x.to_f64().is_nan()
}

/// Limits at −∞, 0 and ∞.
fn limits(f: Activation) -> [f64; 3] {
    const INF: f64 = f64::INFINITY;
    match f {
        Activation::Linear => [-INF, 0.0, INF],
        Activation::Step(_) => [0.0, 1.0, 1.0],
        Activation::Logistic(Logistic { k }) if k < 0.0 => [1.0, 0.5, 0.0],
        Activation::Logistic(_) => [0.0, 0.5, 1.0],
        Activation::Tanh(_) => [-1.0, 0.0, 1.0],
        Activation::Relu6(_) => [0.0, 0.0, 6.0],
        Activation::LeakyRelu(LeakyRelu { slope }) => [-INF * slope, 0.0, INF],
        Activation::Elu(Elu { alpha }) => [-alpha, 0.0, INF],
        Activation::Softplus(Softplus { beta }) if beta < 0.0 => [-INF, 2.0_f64.ln() / beta, 0.0],
        Activation::Softplus(Softplus { beta }) => [0.0, 2.0_f64.ln() / beta, INF],
        Activation::Relu(_) | Activation::Gelu(_) | Activation::Silu(_) => [0.0, 0.0, INF],
    }
}

#[test]
fn special_values_give_limits_and_nan_stays() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        let x: Vec<T> = vector(&[f64::NEG_INFINITY, 0.0, f64::INFINITY, -0.0, -1e30, 1e30, f64::NAN, 1.0]);
        for f in all() {
            let (y, d) = (forward(level, f, &x), derivative(level, f, &x));
            let [low, zero, high] = limits(f);
            for (i, expected) in [low, zero, high, zero].into_iter().enumerate() {
                let expected = T::nearest(expected);
                let same = (y[i] - expected).abs() <= T::default_epsilon() || y[i] == expected;
                assert!(same || (is_nan(y[i]) && is_nan(expected)), "{f:?} at {}: {}, {level:?}", x[i], y[i]);
            }
            assert!(finite(y[4]) && finite(y[5]), "{f:?}: {y:?}, {level:?}");
            assert!(is_nan(y[6]) && finite(y[7]), "{f:?} of NaN: {y:?}, {level:?}");
            assert!(finite(d[1]) && d[3..6].iter().copied().all(finite), "{f:?}′: {d:?}, {level:?}");
            if !low.is_nan() {
                let slopes = [d[0].to_f64(), d[2].to_f64()];
                assert!(slopes.iter().all(|d| d.is_finite() && d.abs() <= 1.5), "{f:?}′: {d:?}, {level:?}");
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

/// Arguments of [`TORCH`].
const TORCH_X: [f64; 8] = [-6.5, -2.0, -0.75, -0.03125, 0.0, 0.375, 1.25, 4.5];

type Row = (Activation, [f64; 8], [f64; 8]);

/// Values and derivatives from PyTorch 2.15 in f64.
#[rustfmt::skip]
#[allow(clippy::unreadable_literal, clippy::excessive_precision)]
fn torch() -> [Row; 11] {
    [
        (Logistic { k: 1.0 }.into(),
            [0.0015011822567369917, 0.11920292202211755, 0.320821300824607, 0.4921881357207956, 0.5, 0.5926665999540697, 0.7772998611746911, 0.9890130573694068],
            [0.0014989287085690496, 0.1049935854035065, 0.21789499376181404, 0.24993897477648333, 0.25, 0.24141290125295242, 0.17310478699249707, 0.010866229722225243]),
        (Logistic { k: 2.5 }.into(),
            [8.764247451323235e-08, 0.0066928509242848554, 0.13296424019782926, 0.48047867804790706, 0.5, 0.7185943925708561, 0.9579122720843811, 0.9999869928715335],
            [2.1910616708007254e-07, 0.016620141676975387, 0.28821187756610805, 0.6240472949731067, 0.625, 0.5055412288414461, 0.10079087768629927, 3.2517398202833934e-05]),
        (Tanh.into(),
            [-0.9999954793514042, -0.9640275800758169, -0.6351489523872873, -0.031239831446031256, 0.0, 0.35835739835078595, 0.8482836399575129, 0.9997532108480275],
            [9.041276755328353e-06, 0.07065082485316443, 0.5965858082813315, 0.9990240729312235, 1.0, 0.8715799750472562, 0.28041486618043265, 0.000493517399059499]),
        (Relu.into(),
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.375, 1.25, 4.5],
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]),
        (Relu6.into(),
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.375, 1.25, 4.5],
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]),
        (LeakyRelu { slope: 0.2 }.into(),
            [-1.3, -0.4, -0.15000000000000002, -0.00625, 0.0, 0.375, 1.25, 4.5],
            [0.2, 0.2, 0.2, 0.2, 0.2, 1.0, 1.0, 1.0]),
        (Elu { alpha: 1.5 }.into(),
            [-1.4977448412105336, -1.296997075145081, -0.791450170888478, -0.046150148285483875, 0.0, 0.375, 1.25, 4.5],
            [0.0022551587894663588, 0.20300292485491905, 0.708549829111522, 1.4538498517145162, 1.5, 1.0, 1.0, 1.0]),
        (Gelu { approximate: Approximate::None }.into(),
            [-2.610399119085116e-10, -0.04550026389635842, -0.16997051428265111, -0.015235471330175715, 0.0, 0.2423136625022714, 1.117937782916431, 4.4999847104709385],
            [-1.6950518131483905e-09, -0.08523180107819692, 0.0007742782607648158, 0.4750742221932489, 0.5, 0.7856154268738871, 1.1226615830694222, 1.0000685291618563]),
        (Gelu { approximate: Approximate::Tanh }.into(),
            [-6.27831120425526e-13, -0.04540230591222494, -0.17003944483437966, -0.015235471643814886, 0.0, 0.24230776689151162, 1.1177142029697147, 4.499994863262588],
            [-6.583528748372494e-12, -0.0860992566236183, 0.001061743862585618, 0.4750742623254794, 0.5, 0.7855556920479995, 1.1224926322496487, 1.0000293222704426]),
        (Silu.into(),
            [-0.009757684668790446, -0.2384058440442351, -0.24061597561845527, -0.015380879241274863, 0.0, 0.22224997498277613, 0.9716248264683639, 4.450558758162331],
            [-0.008241854348961832, -0.09078424878489547, 0.1574000555032465, 0.4843775427590305, 0.5, 0.6831964379239268, 0.9936808449153124, 1.0379110911194203]),
        (Softplus { beta: 0.5 }.into(),
            [0.07608274337556625, 0.6265233750364457, 1.04624652827968, 1.370730395655269, 1.3862943611198906, 1.5825705791111895, 2.107401356553037, 4.700413117833494],
            [0.037326887344129464, 0.2689414213699951, 0.4073334000459302, 0.4960938294709195, 0.5, 0.546738151984614, 0.6513548646660542, 0.9046505351008906]),
    ]
}

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    at_every_level!(level => for (f, values, derivatives) in torch() {
        let (y, d) = (forward(level, f, &TORCH_X), derivative(level, f, &TORCH_X));
        for i in 0..TORCH_X.len() {
            assert!((y[i] - values[i]).abs() < 2e-15, "{f:?}({}) = {} for {}, {level:?}", TORCH_X[i], y[i], values[i]);
            assert!((d[i] - derivatives[i]).abs() < 2e-15, "{f:?}′({}) = {} for {}", TORCH_X[i], d[i], derivatives[i]);
        }
    });
}

#[test]
fn what_is_cached_depends_on_whether_the_output_tells_the_derivative() {
    const CACHED: Cached = Activation::LeakyRelu(LeakyRelu { slope: 0.2 }).cached();
    assert_eq!(CACHED, Cached::Output);
    assert_eq!(Activation::from(LeakyRelu { slope: -0.2 }).cached(), Cached::Input);
    assert_eq!(Activation::from(Elu { alpha: -1.0 }).cached(), Cached::Input);
    assert_eq!(Activation::from(Silu).cached(), Cached::Input);
    assert_eq!(Activation::default(), Linear.into());
}

/// The softmax of a column, by its formula.
fn softmax_formula(x: &[f64]) -> Vec<f64> {
    let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
    x.iter().map(|x| (x - largest).exp() / sum).collect()
}

#[test]
fn softmax_and_its_gradient_follow_the_formulas() {
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for (rows, columns) in LENGTHS.into_iter().flat_map(|rows| [0, 1, 2, 5].map(|columns| (rows, columns))) {
            let what = (rows, columns, level);
            let len = rows * columns;
            let (x, d_y) = (inputs(len), inputs(len + 3).split_off(3));
            let (mut y, mut d) = (between_marks::<T>(&x), between_marks::<T>(&d_y));
            level.softmax(SoftmaxColumns { y: &mut y[1..=len], rows });
            level.softmax_gradient(SoftmaxGradient { y: &y[1..=len], d: &mut d[1..=len], rows });
            assert_marks(&y, len, what);
            assert_marks(&d, len, what);
            let tolerance = 32.0 * T::default_epsilon().to_f64();
            for column in 0..columns {
                let range = column * rows..(column + 1) * rows;
                let probabilities = softmax_formula(&x[range.clone()]);
                let mean: f64 = probabilities.iter().zip(&d_y[range.clone()]).map(|(p, d)| p * d).sum();
                for (p, i) in probabilities.into_iter().zip(range) {
                    let gradient = p * (d_y[i] - mean);
                    assert!((y[1 + i].to_f64() - p).abs() <= tolerance * p, "{what:?}: {} for {p}", y[1 + i]);
                    let error = (d[1 + i].to_f64() - gradient).abs();
                    assert!(error <= tolerance * p * 6.0, "{what:?}: {} for {gradient}", d[1 + i]);
                }
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
fn the_gradient_of_softmax_is_the_limit_of_differences() {
    const H: f64 = 1e-5;
    at_every_level!(level => for rows in [1, 2, 3, 10, 17] {
        let (x, d_y) = (inputs(rows), inputs(rows + 5).split_off(5));
        let weighted = |o: usize, step: f64| {
            let mut y = x.clone();
            y[o] += step;
            level.softmax(SoftmaxColumns { y: &mut y, rows });
            y.iter().zip(&d_y).map(|(y, d)| y * d).sum::<f64>()
        };
        let (mut y, mut d) = (x.clone(), d_y.clone());
        level.softmax(SoftmaxColumns { y: &mut y, rows });
        level.softmax_gradient(SoftmaxGradient { y: &y, d: &mut d, rows });
        for (o, d) in d.into_iter().enumerate() {
            let expected = (weighted(o, H) - weighted(o, -H)) / (2.0 * H);
            assert!((d - expected).abs() < 1e-8, "{rows}: {d} for {expected}, {level:?}");
        }
    });
}

#[test]
#[allow(clippy::unreadable_literal)]
fn softmax_is_that_of_pytorch() {
    at_every_level!(level => {
        let mut y = [1.0_f64, -2.0, 0.5, 3.0, 3.0, -1.0];
        let mut d = [0.3_f64, -1.0, 2.0, 1.0, 0.25, -0.5];
        level.softmax(SoftmaxColumns { y: &mut y, rows: 3 });
        level.softmax_gradient(SoftmaxGradient { y: &y, d: &mut d, rows: 3 });
        let values = [0.6037488961486258, 0.030058887569574023, 0.3661922162818002, 0.4954626425778431, 0.4954626425778431,
            0.009074714844313747];
        let gradients = [-0.352257422562743, -0.056614418220665055, 0.40887184078340794, 0.19085669593877075,
            -0.1807402859946116, -0.010116409944159155];
        for i in 0..6 {
            assert!((y[i] - values[i]).abs() < 1e-15 && (d[i] - gradients[i]).abs() < 1e-15, "{level:?}");
        }
    });
}

#[test]
fn softmax_of_infinite_and_undefined_scores() {
    const INF: f64 = f64::INFINITY;
    fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
        for rows in [2, 7, 17, 65] {
            let column = |first: f64, rest: f64| {
                let mut y: Vec<T> = vector(&vec![rest; rows]);
                y[rows / 2] = T::nearest(first);
                level.softmax(SoftmaxColumns { y: &mut y, rows });
                y
            };
            let one_hot = column(-1e30, -INF);
            assert!(one_hot.iter().enumerate().all(|(o, &y)| y == if o == rows / 2 { T::one() } else { T::zero() }));
            let masked = column(-INF, 88.0);
            assert!(masked[rows / 2] == T::zero() && masked[0] > T::zero(), "{level:?}");
            for undefined in [column(f64::NAN, 1e30), column(f64::NAN, -INF), column(INF, 0.0), column(-INF, -INF)] {
                assert!(undefined.into_iter().all(is_nan), "{rows}, {level:?}");
            }
        }
    }
    at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
}

#[test]
#[should_panic(expected = "whole columns of 3 values")]
fn softmax_wants_whole_columns() {
    Softmax.apply(&mut [0.0; 7], 3);
}
