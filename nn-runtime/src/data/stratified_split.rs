//! Parts of a data set in which every class keeps its share.

use super::strata::strata;
use super::{Dataset, SplitError, Target};
use crate::Real;
use crate::initializers::Generator;

/// How far a sum of shares may be from 1 by rounding.
const ROUNDING: f64 = 1e-9;

impl<T: Real, const I: usize, Y: Target> Dataset<T, I, Y> {
    /// Random parts with these shares of the samples, such as training, validation and test set, in each of which every class
    /// keeps its share. Masks and values are divided without strata. What the shares leave of 1 is in no part.
    ///
    /// Of the `n` samples of a class, part `p` has `⌊share_p·n⌋` or `⌈share_p·n⌉`: what rounding down leaves goes to the
    /// largest remainders (Hamilton's method), to which what a part lacks of the classes before is added, so that the parts
    /// as a whole keep their shares too. The same seed gives the same parts, each in a random order.
    ///
    /// ```
    /// use nn_runtime::data::Dataset;
    ///
    /// let rows: Vec<[f32; 1]> = (0..20).map(|k| [k as f32]).collect();
    /// let labels: Vec<u32> = (0..20).map(|k| u32::from(k >= 15)).collect();
    /// let data = Dataset::<f32, 1, u32>::from_labelled_rows(&rows, &labels, 2)?;
    ///
    /// let [train, validation, test] = data.stratified_split([0.6, 0.2, 0.2], 7)?;
    /// assert_eq!([train.len(), validation.len(), test.len()], [12, 4, 4]);
    /// let rare = |part: &Dataset<f32, 1, u32>| part.targets().iter().filter(|&&label| label == 1).count();
    /// assert_eq!([rare(&train), rare(&validation), rare(&test)], [3, 1, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a share is not above 0, the shares sum to more than 1, or a part has no sample.
    pub fn stratified_split<const N: usize>(&self, shares: [f64; N], seed: u64) -> Result<[Self; N], SplitError> {
        let rest = rest(&shares)?;
        let mut generator = Generator::seed(seed);
        let mut parts = vec![Vec::new(); N + 1];
        let all: Vec<f64> = shares.into_iter().chain([rest]).collect();
        let mut lacking = vec![0.0; N + 1];
        for stratum in strata(self.targets(), &mut generator) {
            let mut samples = stratum.iter().copied();
            for (part, count) in parts.iter_mut().zip(counts(stratum.len(), &all, &mut lacking)) {
                part.extend(samples.by_ref().take(count));
            }
        }
        if let Some(part) = parts[..N].iter().position(Vec::is_empty) {
            return Err(SplitError::EmptyPart { part, share: shares[part], samples: self.len() });
        }
        Ok(core::array::from_fn(|part| {
            let mut data = self.select(&parts[part]);
            data.shuffle(&mut generator);
            data
        }))
    }
}

/// What the shares leave of 1.
fn rest(shares: &[f64]) -> Result<f64, SplitError> {
    if let Some(part) = shares.iter().position(|share| !(*share > 0.0 && share.is_finite())) {
        return Err(SplitError::Share { part, share: shares[part] });
    }
    let sum: f64 = shares.iter().sum();
    if sum > 1.0 + ROUNDING {
        return Err(SplitError::Sum { sum });
    }
    Ok(if sum > 1.0 - ROUNDING { 0.0 } else { 1.0 - sum })
}

/// How many of `len` samples each share has, by largest remainders; `lacking` is what each part has got too little of the strata
/// before, and is kept up.
fn counts(len: usize, shares: &[f64], lacking: &mut [f64]) -> Vec<usize> {
    let quotas: Vec<f64> = shares.iter().map(|share| share * len as f64).collect();
    // A quota that is whole but for the rounding of its share is whole.
    let whole = |quota: &f64| (quota + ROUNDING * len as f64).floor() as usize;
    let mut counts: Vec<usize> = quotas.iter().map(whole).collect();
    let left = len.saturating_sub(counts.iter().sum());
    let remainder = |part: usize| quotas[part] - counts[part] as f64;
    let mut order: Vec<usize> = (0..shares.len()).filter(|&part| remainder(part) > 0.0).collect();
    order.sort_by(|&a, &b| (remainder(b) + lacking[b]).total_cmp(&(remainder(a) + lacking[a])));
    order.into_iter().take(left).for_each(|part| counts[part] += 1);
    for ((lacking, quota), &count) in lacking.iter_mut().zip(&quotas).zip(&counts) {
        *lacking += quota - count as f64;
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labelled(labels: &[u32]) -> Dataset<f32, 1, u32> {
        let rows: Vec<_> = (0..labels.len()).map(|k| [k as f32]).collect();
        Dataset::from_labelled_rows(&rows, labels, 5).unwrap()
    }

    /// Which samples a part has: the only feature of a sample is its number.
    fn numbers<Y: Target>(data: &Dataset<f32, 1, Y>) -> Vec<usize> {
        data.inputs().iter().map(|&number| number as usize).collect()
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_and_classes_keep_their_shares(
            labels in proptest::collection::vec(0_u32..5, 60..200),
            weights in proptest::array::uniform3(0.3_f64..1.0),
            kept in 0.5_f64..=1.0,
            seed: u64,
        ) {
            let sum: f64 = weights.iter().sum();
            let shares = weights.map(|weight| kept * weight / sum);
            let data = labelled(&labels);
            let parts = data.stratified_split(shares, seed).unwrap();
            let mut seen = vec![false; labels.len()];
            for (part, share) in parts.iter().zip(shares) {
                for (&number, &label) in numbers(part).iter().zip(part.targets()) {
                    prop_assert!(!seen[number]);
                    prop_assert_eq!(labels[number], label);
                    seen[number] = true;
                }
                for class in 0..5 {
                    let count = |labels: &[u32]| labels.iter().filter(|&&label| label == class).count() as f64;
                    prop_assert!((count(part.targets()) - share * count(&labels)).abs() < 1.0);
                }
            }
            prop_assert_eq!(&parts, &data.stratified_split(shares, seed).unwrap());
        }

        #[test]
        fn shares_of_one_leave_no_sample_out(labels in proptest::collection::vec(0_u32..5, 30..200), seed: u64) {
            let parts = labelled(&labels).stratified_split([0.6, 0.2, 0.2], seed).unwrap();
            prop_assert_eq!(parts.iter().map(Dataset::len).sum::<usize>(), labels.len());
        }
    }

    #[test]
    fn values_and_masks_are_one_stratum() {
        let rows: Vec<_> = (0..10).map(|k| [k as f32]).collect();
        let values = Dataset::<f32, 1, [f32; 1]>::from_rows(&rows, &rows).unwrap();
        let [train, test] = values.stratified_split([0.7, 0.3], 1).unwrap();
        assert_eq!((train.len(), test.len()), (7, 3));
        let masks = Dataset::<f32, 1, [u32; 1]>::from_masks(values.inputs().clone(), &[0; 10], 2).unwrap();
        let [train, test] = masks.stratified_split([0.7, 0.2], 1).unwrap();
        assert_eq!((train.len(), test.len()), (7, 2));
    }

    /// Ten classes of three samples each: alone, every class would give its odd one to the same part.
    #[test]
    fn odd_samples_of_many_classes_are_spread_over_the_parts() {
        let rows: Vec<_> = (0..30).map(|k| [k as f32]).collect();
        let labels: Vec<u32> = (0..30).map(|k| k / 3).collect();
        let data = Dataset::<f32, 1, u32>::from_labelled_rows(&rows, &labels, 10).unwrap();
        let [first, second] = data.stratified_split([0.5, 0.5], 0).unwrap();
        assert_eq!((first.len(), second.len()), (15, 15));
    }

    #[test]
    fn another_seed_gives_other_parts() {
        let data = labelled(&[0; 40]);
        let part = |seed| numbers(&data.stratified_split([0.5], seed).unwrap()[0]);
        assert_ne!(part(0), part(1));
        assert!(!part(0).is_sorted());
    }

    #[test]
    fn errors() {
        let message = |shares: [f64; 2]| labelled(&[0; 10]).stratified_split(shares, 0).unwrap_err().to_string();
        assert_eq!(message([0.5, 0.0]), "part 1 has the share 0, expected a number above 0 and at most 1");
        assert_eq!(message([f64::NAN, 0.1]), "part 0 has the share NaN, expected a number above 0 and at most 1");
        assert_eq!(message([0.75, 0.5]), "the shares sum to 1.25, expected at most 1");
        assert_eq!(
            message([0.9, 0.01]),
            "part 1, of the share 0.01, has none of the 10 samples: a larger share or more data is needed"
        );
        assert!(labelled(&[]).stratified_split([1.0], 0).is_err());
    }
}
