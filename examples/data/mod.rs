//! The digits that the examples learn from.

use std::error::Error;

use monograd::data::{Idx, LabelledImages, TrainAndTest, mnist_folder};

/// The full set if `MNIST_DIR` names its folder, else the embedded part of it.
pub fn digits() -> Result<TrainAndTest, Box<dyn Error>> {
    if let Some(folder) = std::env::var_os("MNIST_DIR") {
        return Ok(mnist_folder(folder)?);
    }
    let embedded = |images: &[u8], labels: &[u8]| -> Result<_, Box<dyn Error>> {
        Ok(LabelledImages::new(Idx::from_bytes(images)?, Idx::from_bytes(labels)?, 10)?)
    };
    Ok(TrainAndTest {
        train: embedded(
            include_bytes!("digits-train-images-idx3-ubyte.gz"),
            include_bytes!("digits-train-labels-idx1-ubyte.gz"),
        )?,
        test: embedded(
            include_bytes!("digits-test-images-idx3-ubyte.gz"),
            include_bytes!("digits-test-labels-idx1-ubyte.gz"),
        )?,
    })
}
