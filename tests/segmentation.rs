//! A class for each pixel: data sets of masks, their loss, their training and what is counted.

use monograd::TrainError;
use monograd::data::{Augment, DatasetError};
use monograd::losses::{PixelCrossEntropy, SoftmaxCrossEntropy, TargetError};
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::optimizers::Adam;
use monograd::prelude::*;

network! {
    /// Sees the neighbours of each pixel.
    struct Masks([1, 6, 8]) -> [2, 6, 8] {
        seen: conv2d(6, 3, padding = 1) -> relu,
        mask: conv2d(2, 1),
    }
}

const PIXELS: usize = 48;

type Images = Dataset<f32, PIXELS, [u32; PIXELS]>;

fn random(count: usize, seed: u64) -> OMatrix<f32, Const<PIXELS>, Dyn> {
    let mut generator = Generator::seed(seed);
    OMatrix::from_fn_generic(Const, Dyn(count), |_, _| generator.uniform() as f32 - 0.5)
}

/// Of class 1 is what is brighter than its left neighbour, or than 0 in the first column.
fn images(count: usize, seed: u64) -> Images {
    let images = random(count, seed);
    let left = |at: usize, sample: usize| if at.is_multiple_of(8) { 0.0 } else { images[(at - 1, sample)] };
    let brighter = |sample, at| u32::from(images[(at, sample)] > left(at, sample));
    let labels: Vec<_> =
        (0..count).flat_map(|sample| (0..PIXELS).map(move |at| (sample, at))).map(|(s, at)| brighter(s, at)).collect();
    Images::from_masks(images, &labels, 2).unwrap()
}

#[test]
fn a_network_learns_masks() {
    let (train, test) = (images(200, 1), images(50, 2));
    let loss = PixelCrossEntropy::new(2);
    let mut net = Masks::new();
    let mut trainer = Trainer::new(loss, Adam::new(1e-2)).batch_size(10).epochs(10);
    let history = trainer.fit_and_validate(&mut *net, &train, &test).unwrap();
    let evaluation = evaluate(&*net, &test, &loss).unwrap();
    let validation = history.last().unwrap().validation.unwrap();
    assert_eq!(evaluation.accuracy(), validation.accuracy, "the share of the pixels");
    let confusion = evaluation.confusion.unwrap();
    assert_eq!((confusion.classes(), confusion.total()), (2, 50 * PIXELS as u64));
    let overlap = confusion.intersection_over_union(1);
    assert!(overlap > 0.9, "{overlap}");
}

#[test]
fn masks_that_do_not_fit_are_errors() {
    let wrong = |labels: &[u32]| Images::from_masks(random(2, 3), labels, 2).unwrap_err();
    assert_eq!(wrong(&[0; 95]), DatasetError::Mask { samples: 2, places: PIXELS, labels: 95 });
    assert_eq!(wrong(&[0; 95]).to_string(), "2 samples of 48 places need 96 labels, found 95");
    assert_eq!(wrong(&[2; 96]), DatasetError::Label { sample: 0, label: 2, classes: 2 });

    let (data, mut net) = (images(2, 4), Masks::new());
    let three = Images::from_masks(random(2, 3), &[0; 96], 3).unwrap();
    let classes = evaluate(&*net, &three, &PixelCrossEntropy::new(2));
    assert_eq!(classes.unwrap_err(), TrainError::Classes { classes: 3, outputs: 2 });
    let count = TargetError::Count { samples: 2, per_sample: 1, found: 96 };
    assert_eq!(evaluate(&*net, &data, &SoftmaxCrossEntropy).unwrap_err(), TrainError::Target(count));
    let half = Dataset::<f32, PIXELS, [u32; 24]>::from_masks(random(2, 3), &[0; 48], 2).unwrap();
    let count = TargetError::Count { samples: 2, per_sample: 48, found: 48 };
    assert_eq!(evaluate(&*net, &half, &PixelCrossEntropy::new(2)).unwrap_err(), TrainError::Target(count));

    let changes = Augment::images([1, 6, 8]);
    let mut train = |changes| {
        let trainer = Trainer::new(PixelCrossEntropy::new(2), Adam::new(1e-2)).epochs(1);
        trainer.augment(changes).fit(&mut *net, &data).map(|_| ())
    };
    assert_eq!(train(changes.clone().noise(0.1)), Ok(()));
    assert_eq!(train(changes.clone().shift(1)), Err(TrainError::Masks));
    assert_eq!(train(changes.flip_horizontal(0.5)), Err(TrainError::Masks));
}
