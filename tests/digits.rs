//! The digits that the examples train on are what examples/data/README.md says.

use std::collections::HashSet;
use std::path::Path;

use nn_runtime::data::{Dataset, LabelledImages, TrainAndTest, idx_folder, mnist_folder};

fn digits() -> TrainAndTest {
    idx_folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data"), "digits-", 10).unwrap()
}

fn class_counts(images: &LabelledImages) -> [usize; 10] {
    let mut counts = [0; 10];
    images.labels().iter().for_each(|&label| counts[usize::from(label)] += 1);
    counts
}

#[test]
fn every_class_has_its_share() {
    let TrainAndTest { train, test } = digits();
    assert_eq!(class_counts(&train), [987, 1124, 993, 1022, 974, 904, 986, 1044, 975, 991]);
    assert_eq!(class_counts(&test), [196, 227, 206, 202, 196, 178, 192, 206, 195, 202]);
}

/// 0.1307 and 0.3081 are the mean and the standard deviation by which MNIST is usually standardised.
#[test]
fn pixels_are_those_of_mnist() {
    let TrainAndTest { train, test } = digits();
    for images in [train, test] {
        assert_eq!((images.height(), images.width()), (28, 28));
        let data = Dataset::<f64, 784, u32>::from_images(&images).unwrap();
        let pixels = data.inputs().as_slice();
        let mean = pixels.iter().sum::<f64>() / pixels.len() as f64;
        let variance = pixels.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / pixels.len() as f64;
        assert!((mean - 0.1307).abs() < 0.003, "{mean}");
        assert!((variance.sqrt() - 0.3081).abs() < 0.004, "{}", variance.sqrt());
    }
}

fn samples(images: &LabelledImages) -> impl Iterator<Item = (&[u8], u8)> {
    images.pixels().chunks(784).zip(images.labels().iter().copied())
}

#[test]
fn no_digit_occurs_twice() {
    let TrainAndTest { train, test } = digits();
    let all: HashSet<_> = samples(&train).chain(samples(&test)).collect();
    assert_eq!(all.len(), 12_000);
}

/// Runs where the environment variable `MNIST_DIR` names the folder of the four files of MNIST.
#[test]
fn every_digit_is_in_mnist() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else { return };
    let (mnist, digits) = (mnist_folder(folder).unwrap(), digits());
    assert_eq!((mnist.train.len(), mnist.test.len()), (60_000, 10_000));
    for (whole, part) in [(&mnist.train, &digits.train), (&mnist.test, &digits.test)] {
        let whole: HashSet<_> = samples(whole).collect();
        assert!(samples(part).all(|sample| whole.contains(&sample)));
    }
}
