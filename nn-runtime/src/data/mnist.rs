//! Images with labels, and the folder of four IDX files in which MNIST and its relatives are served.

use std::path::{Path, PathBuf};

use super::idx::{Idx, IdxError};

/// Grey images of one size, each with its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledImages {
    images: Images,
    labels: Vec<u8>,
    classes: usize,
}

/// The parts of an array `[count, height, width]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Images {
    count: usize,
    height: usize,
    width: usize,
    pixels: Vec<u8>,
}

impl LabelledImages {
    /// Joins an array `[count, height, width]` of images with an array `[count]` of labels `0..classes`.
    ///
    /// # Errors
    /// If an array has other axes, the counts differ or a label is no class.
    pub fn new(images: Idx, labels: Idx, classes: usize) -> Result<Self, IdxError> {
        Self::join(into_images(images)?, into_labels(labels)?, classes)
    }

    /// Reads images and labels from two IDX files, each plain or gzip.
    ///
    /// # Errors
    /// As [`Idx::read`] and [`new`](Self::new); the error names the file.
    pub fn read(images: impl AsRef<Path>, labels: impl AsRef<Path>, classes: usize) -> Result<Self, IdxError> {
        let (images, labels) = (images.as_ref(), labels.as_ref());
        let (image_array, label_array) = (Idx::read(images)?, Idx::read(labels)?);
        let image_array = into_images(image_array).map_err(|error| error.in_file(images))?;
        into_labels(label_array)
            .and_then(|label_array| Self::join(image_array, label_array, classes))
            .map_err(|error| error.in_file(labels))
    }

    fn join(images: Images, labels: Vec<u8>, classes: usize) -> Result<Self, IdxError> {
        if images.count != labels.len() {
            return Err(IdxError::Counts { images: images.count, labels: labels.len() });
        }
        if let Some(index) = labels.iter().position(|&label| usize::from(label) >= classes) {
            return Err(IdxError::Label { index, label: labels[index], classes });
        }
        Ok(Self { images, labels, classes })
    }

    /// The same images with `margin` black pixels more on each of their four sides: MNIST's 28×28 become the 32×32 that LeNet-5
    /// takes by `padded(2)`.
    #[must_use]
    pub fn padded(&self, margin: usize) -> Self {
        let Images { count, height, width, ref pixels } = self.images;
        let [tall, wide] = [height, width].map(|size| size + 2 * margin);
        let mut padded = vec![0; count * tall * wide];
        if height * width > 0 {
            for (image, source) in padded.chunks_exact_mut(tall * wide).zip(pixels.chunks_exact(height * width)) {
                let rows = image[margin * wide..].chunks_exact_mut(wide).zip(source.chunks_exact(width));
                rows.for_each(|(row, source)| row[margin..][..width].copy_from_slice(source));
            }
        }
        let images = Images { count, height: tall, width: wide, pixels: padded };
        Self { images, labels: self.labels.clone(), classes: self.classes }
    }

    /// How many images there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The height of each image in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.images.height
    }

    /// The width of each image in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.images.width
    }

    /// How many classes the labels are of.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Every pixel, 0 to 255: image after image, row after row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.images.pixels
    }

    /// The class of each image.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }
}

/// A training set and a test set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainAndTest {
    /// What a network learns from.
    pub train: LabelledImages,
    /// What it is judged by.
    pub test: LabelledImages,
}

/// Reads MNIST, or Fashion-MNIST, from the folder of its four files: `train-images-idx3-ubyte`,
/// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain or with `.gz`, with a
/// dot (`train-images.idx3-ubyte`) or a hyphen, and `test` for `t10k` if need be. There are ten classes.
///
/// # Errors
/// If a file is not there, is damaged, or does not fit its partner; the error names it.
pub fn mnist_folder(folder: impl AsRef<Path>) -> Result<TrainAndTest, IdxError> {
    idx_folder(folder, "", 10)
}

/// Reads four files as [`mnist_folder`] does, whose names begin with `prefix` and whose labels are `0..classes`:
/// `idx_folder(folder, "emnist-letters-", 27)`.
///
/// # Errors
/// If a file is not there, is damaged, or does not fit its partner; the error names it.
pub fn idx_folder(folder: impl AsRef<Path>, prefix: &str, classes: usize) -> Result<TrainAndTest, IdxError> {
    let read = |parts: &[&str]| {
        let images = find(folder.as_ref(), prefix, parts, "images", 3)?;
        let labels = find(folder.as_ref(), prefix, parts, "labels", 1)?;
        LabelledImages::read(images, labels, classes)
    };
    Ok(TrainAndTest { train: read(&["train"])?, test: read(&["t10k", "test"])? })
}

/// The first of the usual names of a file that is there.
fn find(folder: &Path, prefix: &str, parts: &[&str], content: &str, rank: u8) -> Result<PathBuf, IdxError> {
    let mut names = Vec::new();
    for part in parts {
        for separator in ['-', '.'] {
            let name = format!("{prefix}{part}-{content}{separator}idx{rank}-ubyte");
            names.extend([name.clone(), format!("{name}.gz")]);
        }
    }
    let path = names.iter().map(|name| folder.join(name)).find(|path| path.exists());
    path.ok_or_else(|| IdxError::NotInFolder {
        folder: folder.to_owned(),
        name: names.remove(0),
        others: names.join(", "),
    })
}

fn into_images(idx: Idx) -> Result<Images, IdxError> {
    let (shape, pixels) = idx.into_parts();
    match shape[..] {
        [count, height, width] => Ok(Images { count, height, width, pixels }),
        _ => Err(IdxError::NotImages { shape }),
    }
}

fn into_labels(idx: Idx) -> Result<Vec<u8>, IdxError> {
    let (shape, labels) = idx.into_parts();
    if shape.len() == 1 { Ok(labels) } else { Err(IdxError::NotLabels { shape }) }
}

#[cfg(test)]
mod tests {
    use super::super::idx::tests::encode;
    use super::*;

    fn idx(shape: &[u32], data: &[u8]) -> Idx {
        Idx::from_bytes(&encode(shape, data)).unwrap()
    }

    fn message(images: Idx, labels: Idx) -> String {
        LabelledImages::new(images, labels, 10).unwrap_err().to_string()
    }

    #[test]
    fn joins_images_and_labels() {
        let images = LabelledImages::new(idx(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]), idx(&[2], &[9, 0]), 10).unwrap();
        assert_eq!((images.len(), images.height(), images.width(), images.classes()), (2, 1, 3, 10));
        assert_eq!((images.pixels(), images.labels()), (&[1, 2, 3, 4, 5, 6][..], &[9, 0][..]));
    }

    #[test]
    fn padding_puts_a_black_margin_around_each_image() {
        let images = LabelledImages::new(idx(&[2, 1, 2], &[1, 2, 3, 4]), idx(&[2], &[9, 0]), 10).unwrap();
        let padded = images.padded(1);
        assert_eq!((padded.len(), padded.height(), padded.width(), padded.classes()), (2, 3, 4, 10));
        let first = [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0];
        let second = [0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0];
        assert_eq!((padded.pixels(), padded.labels()), (&[first, second].concat()[..], &[9, 0][..]));
        assert_eq!(images.padded(0), images);
    }

    #[test]
    fn images_without_pixels_are_black_when_padded() {
        let images = LabelledImages::new(idx(&[2, 0, 3], &[]), idx(&[2], &[1, 1]), 10).unwrap();
        assert_eq!(images.padded(1).pixels(), [0; 20]);
        assert_eq!(images.padded(0), images);
    }

    #[test]
    fn errors_of_pairs() {
        let images = || idx(&[2, 1, 1], &[1, 2]);
        let labels = || idx(&[2], &[3, 4]);
        assert_eq!(message(labels(), labels()), "expected images [count, height, width], found an array of shape [2]");
        assert_eq!(message(images(), images()), "expected labels [count], found an array of shape [2, 1, 1]");
        assert_eq!(message(images(), idx(&[3], &[0; 3])), "2 images but 3 labels");
        assert_eq!(message(idx(&[4, 0, 28], &[]), labels()), "4 images but 2 labels");
        assert_eq!(
            message(images(), idx(&[2], &[9, 10])),
            "image 1 has label 10, which is out of range for 10 classes"
        );
    }

    /// Four files of one image each; the first pixel says which set it is.
    fn write_folder(names: [&str; 4]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let contents =
            [encode(&[1, 1, 1], &[1]), encode(&[1], &[5]), encode(&[2, 1, 1], &[2, 3]), encode(&[2], &[6, 7])];
        for (name, content) in names.iter().zip(contents) {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn reads_folders_under_every_usual_name() {
        let usual = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];
        let dotted = ["train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz"];
        for [images, labels] in [usual, dotted] {
            for test in ["t10k", "test"] {
                let [test_images, test_labels] = [images, labels].map(|name| name.replace("train", test));
                let folder = write_folder([images, labels, &test_images, &test_labels]);
                let sets = mnist_folder(folder.path()).unwrap();
                assert_eq!((sets.train.pixels(), sets.train.labels()), (&[1][..], &[5][..]));
                assert_eq!((sets.test.pixels(), sets.test.labels()), (&[2, 3][..], &[6, 7][..]));
            }
        }
    }

    #[test]
    fn errors_of_folders_name_the_file() {
        let usual = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"];
        let folder = write_folder([usual[0], usual[1], usual[2], "elsewhere"]);
        assert_eq!(
            mnist_folder(folder.path()).unwrap_err().to_string(),
            format!(
                "`{}` has no file `t10k-labels-idx1-ubyte`, nor under its other names (t10k-labels-idx1-ubyte.gz, \
                 t10k-labels.idx1-ubyte, t10k-labels.idx1-ubyte.gz, test-labels-idx1-ubyte, \
                 test-labels-idx1-ubyte.gz, test-labels.idx1-ubyte, test-labels.idx1-ubyte.gz)",
                folder.path().display()
            )
        );
        let labels = folder.path().join(usual[1]);
        std::fs::write(&labels, encode(&[2], &[1, 1])).unwrap();
        assert_eq!(
            mnist_folder(folder.path()).unwrap_err().to_string(),
            format!("`{}`: 1 images but 2 labels", labels.display())
        );
        let images = folder.path().join(usual[0]);
        std::fs::copy(&labels, &images).unwrap();
        assert_eq!(
            mnist_folder(folder.path()).unwrap_err().to_string(),
            format!("`{}`: expected images [count, height, width], found an array of shape [2]", images.display())
        );
    }
}
