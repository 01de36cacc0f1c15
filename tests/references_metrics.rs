//! Metrics against the numbers of scikit-learn in `tests/references`.

mod reference_numbers;

use monograd::metrics::{
    Average, ConfusionMatrix, PrecisionRecallF1, Residuals, RocCurve, ZeroDivision, accuracy, roc_auc_one_vs_rest,
    top_k_accuracy,
};
use monograd::nalgebra::DMatrix;
use reference_numbers::References;

/// How far from scikit-learn's number ours may be: the rounding of sums in another order.
const TOLERANCE: f64 = 1e-13;

struct Case {
    file: References,
    name: &'static str,
}

impl Case {
    fn new(name: &'static str) -> Self {
        Self { file: References::read("metrics"), name }
    }

    fn values(&self, key: &str) -> Vec<f64> {
        self.file.values(&format!("{}.{key}", self.name))
    }

    fn labels(&self, key: &str) -> Vec<u32> {
        self.file.classes(&format!("{}.{key}", self.name))
    }

    /// One column a sample.
    fn columns(&self, key: &str) -> DMatrix<f64> {
        let shape = self.file.shape(&format!("{}.{key}", self.name));
        DMatrix::from_vec(shape[1], shape[0], self.values(key))
    }

    /// NaN agrees with NaN, an infinity with itself.
    fn assert(&self, key: &str, found: &[f64]) {
        let expected = self.values(key);
        assert_eq!(found.len(), expected.len(), "{}.{key}", self.name);
        for (found, expected) in found.iter().zip(expected) {
            let close = (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0);
            let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
            assert!(close || same, "{}.{key}: found {found}, expected {expected}", self.name);
        }
    }
}

#[test]
fn classification() {
    for name in ["classes", "ties", "empty", "perfect"] {
        let case = Case::new(name);
        let (scores, labels) = (case.columns("scores"), case.labels("labels"));
        let mut confusion = ConfusionMatrix::new(scores.nrows());
        confusion.record_outputs(&scores, &labels);
        let classes = 0..scores.nrows();
        let counts = classes.clone().flat_map(|label| classes.clone().map(move |predicted| (label, predicted)));
        case.assert("confusion", &counts.map(|(l, p)| confusion.count(l, p) as f64).collect::<Vec<_>>());
        case.assert("accuracy", &[accuracy(&scores, &labels)]);
        let by_k: Vec<_> = (1..scores.nrows()).map(|k| top_k_accuracy(&scores, &labels, k)).collect();
        case.assert("top_k", &by_k);
        check_averages(&case, &confusion);
    }
}

/// Precision, recall and F₁ of each class, and their averages with every meaning of nothing divided by nothing.
fn check_averages(case: &Case, confusion: &ConfusionMatrix) {
    let measures = [ConfusionMatrix::precision, ConfusionMatrix::recall, ConfusionMatrix::f1];
    let each = measures.map(|of| (0..confusion.classes()).map(|class| of(confusion, class)).collect::<Vec<_>>());
    case.assert("each.skip", &each.concat());
    let averages = [("macro", Average::Macro), ("micro", Average::Micro), ("weighted", Average::Weighted)];
    let divisions = [("zero", ZeroDivision::Zero), ("one", ZeroDivision::One), ("skip", ZeroDivision::Skip)];
    for (average_name, average) in averages {
        for (division_name, division) in divisions {
            let PrecisionRecallF1 { precision, recall, f1 } = confusion.average(average, division);
            case.assert(&format!("{average_name}.{division_name}"), &[precision, recall, f1]);
        }
    }
}

#[test]
fn receiver_operating_characteristic() {
    for name in ["roc", "roc_ties", "roc_constant", "roc_perfect"] {
        let case = Case::new(name);
        let positive: Vec<bool> = case.labels("positive").iter().map(|&label| label == 1).collect();
        let roc = RocCurve::new(&case.values("scores"), &positive).unwrap();
        case.assert("thresholds", roc.thresholds());
        case.assert("true_positive_rate", &roc.true_positive_rate());
        case.assert("false_positive_rate", &roc.false_positive_rate());
        case.assert("auc", &[roc.auc()]);
    }
    for name in ["one_vs_rest", "one_vs_rest_ties"] {
        let case = Case::new(name);
        case.assert("auc", &[roc_auc_one_vs_rest(&case.columns("outputs"), &case.labels("labels")).unwrap()]);
    }
}

#[test]
fn regression() {
    for name in ["values", "constant", "perfect_values"] {
        let case = Case::new(name);
        let outputs = case.columns("outputs");
        let residuals = Residuals::of(&outputs, &case.values("targets"));
        let each = |of: fn(&Residuals, usize) -> f64| (0..3).map(|output| of(&residuals, output)).collect::<Vec<_>>();
        case.assert("mse", &[residuals.mean_squared_error()]);
        case.assert("mae", &[residuals.mean_absolute_error()]);
        case.assert("r2", &[residuals.r2()]);
        case.assert("mse.each", &each(Residuals::mean_squared_error_of));
        case.assert("mae.each", &each(Residuals::mean_absolute_error_of));
        case.assert("r2.each", &each(Residuals::r2_of));
    }
}
