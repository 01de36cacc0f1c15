//! Batches in a random order, gathered into buffers that are made once.

use nalgebra::{Const, Dyn, MatrixView};
use rand::Rng;
use rand::seq::SliceRandom;

use super::{Augment, Batch, Dataset, Target};
use crate::initializers::Generator;
use crate::{Buffer, Real};

/// The batches of an epoch, in a new random order each time; the last batch holds what remains.
///
/// Each batch is copied together into one buffer, so that its columns are contiguous and the data set itself stays as
/// it is. Nothing is allocated after [`new`](Self::new).
///
/// ```
/// use nn_runtime::data::{Dataset, ShuffledBatches};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// let data = Dataset::<f32, 1, u32>::from_labelled_rows(&[[0.0], [1.0], [2.0]], &[0, 1, 2], 3)?;
/// let mut rng = ChaCha8Rng::seed_from_u64(1);
/// let mut batches = ShuffledBatches::new(&data, 2);
/// for _epoch in 0..2 {
///     batches.shuffle(&mut rng);
///     let mut seen = 0;
///     while let Some(batch) = batches.next_batch() {
///         assert_eq!(batch.inputs[0], batch.targets[0] as f32);
///         seen += batch.targets.len();
///     }
///     assert_eq!(seen, 3);
/// }
/// # Ok::<(), nn_runtime::data::DatasetError>(())
/// ```
pub struct ShuffledBatches<'a, T: Real, const I: usize, Y: Target> {
    data: &'a Dataset<T, I, Y>,
    order: Vec<usize>,
    /// How much of the order has been given out.
    done: usize,
    inputs: Buffer<T>,
    targets: Vec<Y>,
}

impl<'a, T: Real, const I: usize, Y: Target> ShuffledBatches<'a, T, I, Y> {
    /// Buffers for batches of `size` samples of `data`; the first epoch is in the order of `data` unless it is
    /// shuffled.
    ///
    /// # Panics
    /// If `size` is 0.
    #[must_use]
    pub fn new(data: &'a Dataset<T, I, Y>, size: usize) -> Self {
        assert!(size > 0, "a batch holds at least one sample");
        let size = size.min(data.len());
        Self {
            data,
            order: (0..data.len()).collect(),
            done: 0,
            inputs: Buffer::zeroed(I * size),
            targets: data.targets()[..size].to_vec(),
        }
    }

    /// How many samples an epoch has.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.order.len()
    }

    /// A number that is another one for other inputs, or the same in another order: their bits, multiplied and added up.
    pub(crate) fn fingerprint(&self) -> u64 {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let inputs = self.data.inputs().as_slice();
        inputs.iter().fold(0, |sum, x| (sum ^ Real::to_f64(*x).to_bits()).wrapping_mul(FACTOR).rotate_left(29))
    }

    /// Begins a new epoch in a new order, which follows from the random numbers alone and not from the order before.
    pub fn shuffle(&mut self, rng: &mut (impl Rng + ?Sized)) {
        self.order.iter_mut().enumerate().for_each(|(place, sample)| *sample = place);
        self.order.shuffle(rng);
        self.done = 0;
    }

    /// The next batch of this epoch, or `None` at its end.
    pub fn next_batch(&mut self) -> Option<Batch<'_, T, I, Y>> {
        self.next_changed(|_| ())
    }

    /// As [`next_batch`](Self::next_batch), with random changes to the batch's images; the data set stays as it is.
    ///
    /// # Panics
    /// If a sample has not as many values as an image of `augment`.
    pub fn next_augmented(&mut self, augment: &Augment, generator: &mut Generator) -> Option<Batch<'_, T, I, Y>> {
        assert_eq!(augment.features(), I, "samples of {I} values are not images of {:?}", augment.shape());
        self.next_changed(|inputs| augment.apply_to_columns(inputs, generator))
    }

    /// As [`next_batch`](Self::next_batch), with `change` made to the batch's inputs, column after column.
    pub(crate) fn next_changed(&mut self, change: impl FnOnce(&mut [T])) -> Option<Batch<'_, T, I, Y>> {
        let len = self.targets.len().min(self.order.len() - self.done);
        if len == 0 {
            return None;
        }
        let (inputs, targets) = (&mut self.inputs[..I * len], &mut self.targets[..len]);
        self.data.gather(&self.order[self.done..][..len], inputs, targets);
        change(inputs);
        self.done += len;
        Some(Batch { inputs: MatrixView::from_slice_generic(inputs, Const, Dyn(len)), targets })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn numbered(len: usize) -> Dataset<f64, 2, [f64; 1]> {
        let rows: Vec<_> = (0..len).map(|k| [k as f64, 0.5]).collect();
        let targets: Vec<_> = (0..len).map(|k| [-(k as f64)]).collect();
        Dataset::from_rows(&rows, &targets).unwrap()
    }

    /// The first features of an epoch, batch by batch.
    fn epoch(batches: &mut ShuffledBatches<f64, 2, [f64; 1]>) -> Vec<Vec<f64>> {
        let mut epoch = Vec::new();
        while let Some(batch) = batches.next_batch() {
            assert_eq!(batch.inputs.ncols(), batch.targets.len());
            for (input, target) in batch.inputs.column_iter().zip(batch.targets) {
                assert_eq!((input[1], target[0]), (0.5, -input[0]));
            }
            epoch.push(batch.inputs.row(0).iter().copied().collect());
        }
        epoch
    }

    #[test]
    fn an_epoch_has_every_sample_once_in_a_new_order() {
        let data = numbered(11);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut batches = ShuffledBatches::new(&data, 4);
        let mut orders = vec![epoch(&mut batches).concat()];
        assert!(orders[0].is_sorted());
        for _ in 0..3 {
            batches.shuffle(&mut rng);
            let epoch = epoch(&mut batches);
            assert_eq!(epoch.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 3]);
            let order = epoch.concat();
            assert!(!orders.contains(&order));
            let mut sorted = order.clone();
            sorted.sort_by(f64::total_cmp);
            assert_eq!(sorted, orders[0]);
            orders.push(order);
        }
    }

    #[test]
    fn the_order_depends_on_the_seed_alone() {
        let data = numbered(5);
        let mut batches = ShuffledBatches::new(&data, 10);
        batches.shuffle(&mut ChaCha8Rng::seed_from_u64(5));
        assert_eq!(epoch(&mut batches), [[0., 1., 3., 2., 4.]]);
    }

    #[test]
    fn the_order_does_not_depend_on_the_one_before() {
        let data = numbered(9);
        let (mut used, mut fresh) = (ShuffledBatches::new(&data, 4), ShuffledBatches::new(&data, 4));
        used.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
        used.shuffle(&mut ChaCha8Rng::seed_from_u64(2));
        fresh.shuffle(&mut ChaCha8Rng::seed_from_u64(2));
        assert_eq!(epoch(&mut used), epoch(&mut fresh));
    }

    #[test]
    fn an_epoch_can_be_cut_short() {
        let data = numbered(6);
        let mut batches = ShuffledBatches::new(&data, 4);
        batches.next_batch();
        batches.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(epoch(&mut batches).concat().len(), 6);
    }

    #[test]
    fn augmentation_changes_the_batch_and_not_the_data() {
        let data = numbered(6);
        let augment = Augment::images([1, 1, 2]).flip_horizontal(1.0);
        let mut generator = Generator::seed(0);
        let mut batches = ShuffledBatches::new(&data, 4);
        for _ in 0..2 {
            batches.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
            let mut seen = 0;
            while let Some(batch) = batches.next_augmented(&augment, &mut generator) {
                for (input, target) in batch.inputs.column_iter().zip(batch.targets) {
                    assert_eq!((input[0], -input[1]), (0.5, target[0]));
                    seen += 1;
                }
            }
            assert_eq!(seen, 6);
        }
        assert_eq!(data, numbered(6));
    }

    #[test]
    #[should_panic(expected = "samples of 2 values are not images of [2, 1, 2]")]
    fn images_of_another_size_are_refused() {
        let augment = Augment::images([2, 1, 2]).flip_horizontal(1.0);
        ShuffledBatches::new(&numbered(2), 1).next_augmented(&augment, &mut Generator::seed(0));
    }

    #[test]
    fn an_empty_data_set_has_no_batch() {
        assert!(ShuffledBatches::new(&numbered(0), 4).next_batch().is_none());
    }

    #[test]
    #[should_panic(expected = "a batch holds at least one sample")]
    fn a_batch_of_nothing_is_refused() {
        let _ = ShuffledBatches::new(&numbered(1), 0);
    }
}
