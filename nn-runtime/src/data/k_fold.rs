//! Folds: every sample is held out once.

use super::strata::{shuffled, strata};
use super::{Dataset, SplitError, Target};
use crate::Real;
use crate::initializers::Generator;

/// One choice of what is trained on and what is held out: numbers of samples, each in exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// What to train on, in a random order.
    pub train: Vec<usize>,
    /// What to judge by, in a random order.
    pub held_out: Vec<usize>,
}

impl Fold {
    /// Copies of the two parts of `data`: to train on, and held out.
    ///
    /// # Panics
    /// If the fold is of a larger data set.
    #[must_use]
    pub fn datasets<T: Real, const I: usize, Y: Target>(
        &self,
        data: &Dataset<T, I, Y>,
    ) -> (Dataset<T, I, Y>, Dataset<T, I, Y>) {
        (data.select(&self.train), data.select(&self.held_out))
    }
}

/// Divides samples into k folds at random, sizes within one of each other; each fold is held out once, and trained on by the
/// others (Stone, “Cross-validatory choice and assessment of statistical predictions”, 1974). The seed is 0 unless said
/// otherwise.
///
/// ```
/// use nn_runtime::data::KFold;
///
/// let folds = KFold::new(3).seed(7).folds(10)?;
/// let sizes: Vec<_> = folds.iter().map(|fold| (fold.train.len(), fold.held_out.len())).collect();
/// assert_eq!(sizes, [(6, 4), (7, 3), (7, 3)]);
/// # Ok::<(), nn_runtime::data::SplitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KFold {
    folds: usize,
    seed: u64,
}

impl KFold {
    /// This many folds.
    #[must_use]
    pub fn new(folds: usize) -> Self {
        Self { folds, seed: 0 }
    }

    /// The seed of the choice.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The folds of so many samples.
    ///
    /// # Errors
    /// If there are fewer than 2 folds, or fewer samples than folds.
    pub fn folds(self, samples: usize) -> Result<Vec<Fold>, SplitError> {
        let mut generator = Generator::seed(self.seed);
        let order = shuffled(samples, &mut generator);
        deal(&order, self.folds, &mut generator)
    }
}

/// As [`KFold`], and every fold has its share of every class, to within one sample (Kohavi, “A study of cross-validation and
/// bootstrap for accuracy estimation and model selection”, 1995). For masks and values, which have no class, it is the same as
/// [`KFold`].
///
/// A class of fewer samples than folds is missing from some of them.
///
/// ```
/// use nn_runtime::data::{Dataset, StratifiedKFold};
///
/// let rows: Vec<[f32; 1]> = (0..9).map(|k| [k as f32]).collect();
/// let data = Dataset::<f32, 1, u32>::from_labelled_rows(&rows, &[0, 0, 0, 0, 0, 0, 1, 1, 1], 2)?;
/// for fold in StratifiedKFold::new(3).folds(&data)? {
///     let (train, held_out) = fold.datasets(&data);
///     let rare = |part: &Dataset<f32, 1, u32>| part.targets().iter().filter(|&&label| label == 1).count();
///     assert_eq!((train.len(), rare(&train), held_out.len(), rare(&held_out)), (6, 2, 3, 1));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StratifiedKFold {
    folds: usize,
    seed: u64,
}

impl StratifiedKFold {
    /// This many folds.
    #[must_use]
    pub fn new(folds: usize) -> Self {
        Self { folds, seed: 0 }
    }

    /// The seed of the choice.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The folds of a data set.
    ///
    /// # Errors
    /// If there are fewer than 2 folds, or fewer samples than folds.
    pub fn folds<T: Real, const I: usize, Y: Target>(self, data: &Dataset<T, I, Y>) -> Result<Vec<Fold>, SplitError> {
        let mut generator = Generator::seed(self.seed);
        let order = strata(data.targets(), &mut generator).concat();
        deal(&order, self.folds, &mut generator)
    }
}

/// Deals the samples to the folds one by one, as cards: a run of samples of one class, and all of them, come to each fold in
/// numbers that differ by one at most.
fn deal(order: &[usize], folds: usize, generator: &mut Generator) -> Result<Vec<Fold>, SplitError> {
    if folds < 2 {
        return Err(SplitError::Folds { folds });
    }
    if order.len() < folds {
        return Err(SplitError::TooFewSamples { folds, samples: order.len() });
    }
    let mut fold_of = vec![0; order.len()];
    order.iter().enumerate().for_each(|(turn, &sample)| fold_of[sample] = turn % folds);
    let order = shuffled(order.len(), generator);
    let fold = |fold| {
        let (held_out, train) = order.iter().partition(|&&sample| fold_of[sample] == fold);
        Fold { train, held_out }
    };
    Ok((0..folds).map(fold).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labelled(labels: &[u32]) -> Dataset<f32, 1, u32> {
        Dataset::from_labelled_rows(&vec![[0.0]; labels.len()], labels, 4).unwrap()
    }

    /// Whether every sample is held out once, and trained on in all other folds.
    fn is_partition(folds: &[Fold], samples: usize) -> bool {
        let sorted = |mut samples: Vec<usize>| {
            samples.sort_unstable();
            samples
        };
        let all: Vec<_> = (0..samples).collect();
        sorted(folds.iter().flat_map(|fold| fold.held_out.clone()).collect()) == all
            && folds.iter().all(|fold| sorted([&fold.train[..], &fold.held_out].concat()) == all)
    }

    proptest! {
        #[test]
        fn every_sample_is_held_out_once(samples in 10_usize..120, k in 2_usize..10, seed: u64) {
            let folds = KFold::new(k).seed(seed).folds(samples).unwrap();
            prop_assert_eq!(folds.len(), k);
            prop_assert!(is_partition(&folds, samples));
            for fold in &folds {
                prop_assert!((samples / k..=samples.div_ceil(k)).contains(&fold.held_out.len()));
            }
            prop_assert_eq!(folds, KFold::new(k).seed(seed).folds(samples).unwrap());
        }

        #[test]
        fn every_fold_has_its_share_of_every_class(
            labels in proptest::collection::vec(0_u32..4, 10..120),
            k in 2_usize..10,
            seed: u64,
        ) {
            let data = labelled(&labels);
            let folds = StratifiedKFold::new(k).seed(seed).folds(&data).unwrap();
            prop_assert!(is_partition(&folds, labels.len()));
            for fold in &folds {
                prop_assert!((labels.len() / k..=labels.len().div_ceil(k)).contains(&fold.held_out.len()));
                for class in 0..4 {
                    let all = labels.iter().filter(|&&label| label == class).count();
                    let here = fold.held_out.iter().filter(|&&sample| labels[sample] == class).count();
                    prop_assert!((all / k..=all.div_ceil(k)).contains(&here));
                }
            }
            prop_assert_eq!(folds, StratifiedKFold::new(k).seed(seed).folds(&data).unwrap());
        }
    }

    #[test]
    fn another_seed_gives_other_folds() {
        let of = |seed| KFold::new(4).seed(seed).folds(40).unwrap();
        assert_ne!(of(0), of(1));
        let of = |seed| StratifiedKFold::new(4).seed(seed).folds(&labelled(&[1; 40])).unwrap();
        assert_ne!(of(0), of(1));
    }

    #[test]
    fn values_have_no_strata() {
        let rows: Vec<_> = (0..7).map(|k| [k as f64]).collect();
        let values = Dataset::<f64, 1, [f64; 1]>::from_rows(&rows, &rows).unwrap();
        assert_eq!(StratifiedKFold::new(3).seed(5).folds(&values), KFold::new(3).seed(5).folds(7));
    }

    #[test]
    fn samples_that_are_held_out_are_not_trained_on() {
        let data = labelled(&[0, 1, 2, 3, 0, 1, 2, 3]);
        let fold = &StratifiedKFold::new(2).folds(&data).unwrap()[0];
        let (train, held_out) = fold.datasets(&data);
        let mut classes = train.targets().to_vec();
        classes.sort_unstable();
        assert_eq!((classes, held_out.len()), (vec![0, 1, 2, 3], 4));
    }

    #[test]
    fn errors() {
        let message = |k: usize, samples| KFold::new(k).folds(samples).unwrap_err().to_string();
        assert_eq!(message(1, 10), "1 folds, expected at least 2: one to hold out and one to train on");
        assert_eq!(message(5, 4), "4 samples cannot be held out in 5 folds, expected at least one for each");
        assert!(StratifiedKFold::new(0).folds(&labelled(&[0, 1])).is_err());
    }
}
