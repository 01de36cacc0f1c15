//! Samples in groups of one class each, for choices in which every class keeps its share.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use super::Target;
use crate::initializers::Generator;

/// The samples of each class, class after class; masks and values are one group. Random within a class.
pub(super) fn strata<Y: Target>(targets: &[Y], generator: &mut Generator) -> Vec<Vec<usize>> {
    let mut strata = BTreeMap::<usize, Vec<usize>>::new();
    for sample in shuffled(targets.len(), generator) {
        strata.entry(targets[sample].stratum()).or_default().push(sample);
    }
    strata.into_values().collect()
}

/// The numbers below `samples`, in a random order.
pub(super) fn shuffled(samples: usize, generator: &mut Generator) -> Vec<usize> {
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(generator);
    order
}

/// A random order of which every beginning has each class in proportion: sample j of the n of a class stands at
/// `(j + ½) / n` of the way, and of equals the smaller class first.
pub(crate) fn stratified_order<Y: Target>(targets: &[Y], generator: &mut Generator) -> Vec<usize> {
    let mut places = Vec::with_capacity(targets.len());
    for stratum in strata(targets, generator) {
        let len = stratum.len() as f64;
        places.extend(stratum.into_iter().enumerate().map(|(j, sample)| ((j as f64 + 0.5) / len, sample)));
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.into_iter().map(|(_, sample)| sample).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_beginning_has_each_class_in_proportion(
            labels in proptest::collection::vec(0_u32..4, 1..80),
            seed: u64,
        ) {
            let order = stratified_order(&labels, &mut Generator::seed(seed));
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert!(sorted.into_iter().eq(0..labels.len()));
            for class in 0..4 {
                let count = |samples: &[usize]| samples.iter().filter(|&&s| labels[s] == class).count() as f64;
                let all = count(&order);
                for end in 1..=order.len() {
                    let expected = all * end as f64 / labels.len() as f64;
                    // Half a sample of its own, and what the rounding of the other three shifts.
                    prop_assert!((count(&order[..end]) - expected).abs() <= 2.0);
                }
            }
        }
    }

    #[test]
    fn two_equal_classes_alternate() {
        let labels = [0, 0, 0, 1, 1, 1];
        let order = stratified_order(&labels, &mut Generator::seed(3));
        let classes: Vec<_> = order.into_iter().map(|sample| labels[sample]).collect();
        assert_eq!(classes, [0, 1, 0, 1, 0, 1]);
    }
}
