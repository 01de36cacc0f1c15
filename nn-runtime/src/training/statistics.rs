//! The running statistics of a network, of a batch that was normalised in parts.

use core::ops::Range;

use crate::{Real, Trainable, resolve};

/// Where the means of a layer lie in a network, and where its variances.
pub(super) struct Statistics {
    means: Range<usize>,
    variances: Range<usize>,
}

/// Every layer's of a network.
pub(super) fn of<N: Trainable>() -> Vec<Statistics> {
    let tensors = resolve(N::BUFFER_TENSORS);
    let find = |name: &str| tensors.iter().find(|tensor| tensor.name == name).map(|tensor| tensor.offset);
    let layers = tensors.iter().filter_map(|tensor| {
        let layer = tensor.name.strip_suffix("running_mean")?;
        let variances = find(&format!("{layer}running_var"))?;
        let len = tensor.len();
        Some(Statistics { means: tensor.offset..tensor.offset + len, variances: variances..variances + len })
    });
    layers.collect()
}

impl Statistics {
    /// Makes the statistics in `whole`, which are of its first part, those of all its parts together. A part of n samples has the
    /// weight w = n / Σn, and
    ///
    /// ```text
    /// mean     = Σ w·meanₖ
    /// variance = Σ w·(varianceₖ + (meanₖ − mean)²)
    /// ```
    ///
    /// Source: Chan, Golub and `LeVeque`, “Updating formulae and a pairwise algorithm for computing sample variances” (1979).
    pub fn pool<'a, T: Real>(
        &self,
        whole: &mut [T],
        first: usize,
        others: &(impl Iterator<Item = (&'a [T], usize)> + Clone),
    ) {
        let all = first + others.clone().map(|(_, samples)| samples).sum::<usize>();
        let share = |samples: usize| samples as f64 / all as f64;
        for (mean_at, variance_at) in self.means.clone().zip(self.variances.clone()) {
            let own = (whole[mean_at].to_f64(), whole[variance_at].to_f64(), share(first));
            let others = others.clone().map(|(part, n)| (part[mean_at].to_f64(), part[variance_at].to_f64(), share(n)));
            let parts = core::iter::once(own).chain(others);
            let mean: f64 = parts.clone().map(|(mean, _, share)| share * mean).sum();
            let variance: f64 = parts.map(|(part, variance, share)| share * (variance + (part - mean).powi(2))).sum();
            (whole[mean_at], whole[variance_at]) = (T::nearest(mean), T::nearest(variance));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_statistics_of_the_whole() {
        let values = [1.0, 4.0, -2.0, 8.0, 0.5, 0.5, 3.0];
        let moments = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            [mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64]
        };
        let [mut whole, second, third] = [&values[..2], &values[2..3], &values[3..]].map(moments);
        let statistics = Statistics { means: 0..1, variances: 1..2 };
        statistics.pool(&mut whole, 2, &[(&second[..], 1), (&third[..], 4)].into_iter());
        for (found, expected) in whole.into_iter().zip(moments(&values)) {
            assert!((found - expected).abs() < 1e-14, "{found}, expected {expected}");
        }
    }
}
