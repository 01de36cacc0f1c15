//! Images changed at random each time that a network learns from them.

use crate::Real;
use crate::initializers::Generator;

/// Random changes to images `[C, H, W]` that leave their classes as they are, so that a network sees more images than there
/// are: shifts, flips, noise.
///
/// The changes are made in the order in which they are named, to each sample by itself and in place; the channels of an
/// image move together. A [`Trainer`](crate::Trainer::augment) makes them in its batches, anew each time that a sample is
/// drawn; what a network is evaluated or validated on stays as it is. Targets stay as they are too, so that masks go with noise
/// only.
///
/// ```
/// use nn_runtime::Generator;
/// use nn_runtime::data::Augment;
///
/// let augment = Augment::images([1, 2, 3]).flip_horizontal(0.5);
/// let mut images = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0].repeat(8);
/// augment.apply_to_columns(&mut images, &mut Generator::seed(0));
/// for image in images.chunks_exact(6) {
///     assert!(image == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] || image == [3.0, 2.0, 1.0, 6.0, 5.0, 4.0]);
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Augment {
    shape: [usize; 3],
    changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Shift { pixels: usize, fill: f64 },
    Flip { probability: f64 },
    Noise { deviation: f64 },
}

impl Augment {
    /// No change yet to images of the shape `[C, H, W]`, which lie as `PyTorch` has them: channel after channel, row after
    /// row.
    #[must_use]
    pub fn images(shape: [usize; 3]) -> Self {
        Self { shape, changes: Vec::new() }
    }

    /// Shifts an image by −`pixels` to `pixels` rows and as many columns, each number as likely as the others; what comes
    /// into view is 0. The same as padding an image on all sides and cutting a piece of its size out of that at random.
    ///
    /// # Panics
    /// If an image has no more than `pixels` rows or columns: nothing would be left of it.
    #[must_use]
    #[track_caller]
    pub fn shift(self, pixels: usize) -> Self {
        self.shift_filled(pixels, 0.0)
    }

    /// As [`shift`](Self::shift), but what comes into view is `fill`. The background of standardised images is not 0.
    ///
    /// # Panics
    /// As [`shift`](Self::shift), and if `fill` is not finite.
    #[must_use]
    #[track_caller]
    pub fn shift_filled(self, pixels: usize, fill: f64) -> Self {
        let [_, height, width] = self.shape;
        assert!(pixels < height.min(width), "a shift by {pixels} pixels leaves nothing of images of {height}×{width}");
        assert!(fill.is_finite(), "a shift cannot fill images with {fill}: every value must be finite");
        self.then(Change::Shift { pixels, fill })
    }

    /// Mirrors an image, left for right, with this probability.
    ///
    /// # Panics
    /// If `probability` is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn flip_horizontal(self, probability: f64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "{probability} is no probability: it must be between 0 and 1");
        self.then(Change::Flip { probability })
    }

    /// Adds to every value of an image a number of the normal distribution with mean 0 and this standard deviation.
    ///
    /// # Panics
    /// If `deviation` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn noise(self, deviation: f64) -> Self {
        assert!(deviation.is_finite() && deviation >= 0.0, "{deviation} is no standard deviation");
        self.then(Change::Noise { deviation })
    }

    fn then(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// The shape of the images, `[C, H, W]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// How many values an image has, C·H·W.
    #[must_use]
    pub fn features(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether a pixel can come to another place, where a mask does not follow it.
    pub(crate) fn moves_pixels(&self) -> bool {
        self.changes.iter().any(|change| !matches!(change, Change::Noise { .. }))
    }

    /// Changes images that lie one after another, as the columns of a batch do. Allocates nothing.
    ///
    /// # Panics
    /// If `columns` is not a whole number of images.
    pub fn apply_to_columns<T: Real>(&self, columns: &mut [T], generator: &mut Generator) {
        let features = self.features().max(1);
        assert!(columns.len().is_multiple_of(features), "{} values are not images of {:?}", columns.len(), self.shape);
        for image in columns.chunks_exact_mut(features) {
            for change in &self.changes {
                change.apply(image, self.shape, generator);
            }
        }
    }
}

impl Change {
    fn apply<T: Real>(self, image: &mut [T], [_, height, width]: [usize; 3], generator: &mut Generator) {
        match self {
            Self::Shift { pixels, fill } => {
                let [down, right] = [(); 2].map(|()| offset(pixels, generator));
                for plane in image.chunks_exact_mut(height * width) {
                    shift(plane, width, down, right, T::nearest(fill));
                }
            }
            Self::Flip { probability } => {
                if generator.uniform() < probability {
                    image.chunks_exact_mut(width).for_each(<[T]>::reverse);
                }
            }
            Self::Noise { deviation } => {
                for value in image {
                    *value += T::nearest(deviation * generator.normal());
                }
            }
        }
    }
}

/// A whole number from −`pixels` to `pixels`.
fn offset(pixels: usize, generator: &mut Generator) -> isize {
    let choices = 2 * pixels + 1;
    (generator.uniform() * choices as f64) as isize - pixels as isize
}

/// Shifts the rows of one channel by `down` and its columns by `right`, both shorter than the image.
///
/// All pixels move by the same distance in memory. Those that leave a row on one side come into its neighbour on the other,
/// exactly where that one has to be filled.
fn shift<T: Real>(plane: &mut [T], width: usize, down: isize, right: isize, fill: T) {
    let (len, distance) = (plane.len(), down * width as isize + right);
    let (rows, columns) = (down.unsigned_abs(), right.unsigned_abs());
    if distance >= 0 {
        plane.copy_within(..len.saturating_sub(distance as usize), (distance as usize).min(len));
    } else {
        plane.copy_within(distance.unsigned_abs().min(len).., 0);
    }
    let new_rows = if down > 0 { 0..rows * width } else { len - rows * width..len };
    plane[new_rows].fill(fill);
    let new_columns = if right > 0 { 0..columns } else { width - columns..width };
    for row in plane.chunks_exact_mut(width) {
        row[new_columns.clone()].fill(fill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pixel of every channel has a value of its own, none of them 0.
    fn image(shape: [usize; 3]) -> Vec<f64> {
        (1..=shape.iter().product()).map(|value: usize| value as f64).collect()
    }

    /// The shift as it is defined: pixel by pixel, out of another image.
    fn shifted(image: &[f64], [_, height, width]: [usize; 3], down: isize, right: isize, fill: f64) -> Vec<f64> {
        let pixel = |at: usize| {
            let (y, x) = (at / width % height, at % width);
            let (from_y, from_x) = (y as isize - down, x as isize - right);
            let inside = (0..height as isize).contains(&from_y) && (0..width as isize).contains(&from_x);
            if inside { image[at.wrapping_add_signed(-down * width as isize - right)] } else { fill }
        };
        (0..image.len()).map(pixel).collect()
    }

    #[test]
    fn shifts_by_every_distance_as_defined() {
        for [height, width] in [[1, 1], [1, 4], [5, 1], [3, 4], [4, 3]] {
            let image = image([1, height, width]);
            for down in 1 - height as isize..height as isize {
                for right in 1 - width as isize..width as isize {
                    let mut found = image.clone();
                    shift(&mut found, width, down, right, -7.0);
                    assert_eq!(found, shifted(&image, [1, height, width], down, right, -7.0), "{down} {right}");
                }
            }
        }
    }

    #[test]
    fn channels_shift_together_and_every_shift_is_equally_likely() {
        let shape = [2, 4, 5];
        let image = image(shape);
        let augment = Augment::images(shape).shift_filled(1, 0.5);
        let mut generator = Generator::seed(4);
        let mut counts = [[0; 3]; 3];
        for _ in 0..9000 {
            let mut found = image.clone();
            augment.apply_to_columns(&mut found, &mut generator);
            let shifts = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right)));
            let (down, right) = shifts
                .into_iter()
                .find(|&(down, right)| found == shifted(&image, shape, down, right, 0.5))
                .expect("one shift for both channels");
            counts[(down + 1) as usize][(right + 1) as usize] += 1;
        }
        // 1000 each, σ ≈ 30.
        assert!(counts.as_flattened().iter().all(|count| (880..1120).contains(count)), "{counts:?}");
    }

    #[test]
    fn flips_mirror_every_row_of_every_channel_as_often_as_asked() {
        let image = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let mirrored = [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0];
        let flips = |probability| {
            let mut images = image.repeat(2000);
            let augment = Augment::images([2, 2, 2]).flip_horizontal(probability);
            augment.apply_to_columns(&mut images, &mut Generator::seed(8));
            let flipped = images.chunks_exact(8).filter(|&found| found == mirrored).count();
            let same = images.chunks_exact(8).filter(|&found| found == image).count();
            assert_eq!(flipped + same, 2000);
            flipped
        };
        assert_eq!((flips(0.0), flips(1.0)), (0, 2000));
        assert!((440..560).contains(&flips(0.25)), "500, σ ≈ 19");
    }

    #[test]
    fn noise_is_normal_and_independent_from_value_to_value() {
        let mut images = vec![10.0_f64; 40_000];
        Augment::images([1, 2, 2]).noise(0.5).apply_to_columns(&mut images, &mut Generator::seed(2));
        let mean = |values: &dyn Fn(usize) -> f64| (0..39_999).map(values).sum::<f64>() / 39_999.0;
        let first = mean(&|k| images[k]);
        let square = mean(&|k| (images[k] - 10.0).powi(2));
        let neighbours = mean(&|k| (images[k] - 10.0) * (images[k + 1] - 10.0));
        assert!((first - 10.0).abs() < 0.01 && (square - 0.25).abs() < 0.01 && neighbours.abs() < 0.01);
    }

    #[test]
    fn changes_are_made_in_the_order_in_which_they_are_named() {
        let fills = |augment: Augment| {
            let mut images = vec![1.0_f32; 9 * 100];
            augment.apply_to_columns(&mut images, &mut Generator::seed(3));
            images.iter().filter(|&&value| value == 0.0).count()
        };
        let images = Augment::images([1, 3, 3]);
        assert!(fills(images.clone().noise(0.1).shift(1)) > 200);
        assert_eq!(fills(images.shift(1).noise(0.1)), 0);
    }

    #[test]
    fn the_seed_decides_and_samples_differ() {
        let changed = |seed| {
            let mut images = image([1, 4, 4]).repeat(20);
            let augment = Augment::images([1, 4, 4]).shift(2).flip_horizontal(0.5).noise(0.01);
            augment.apply_to_columns(&mut images, &mut Generator::seed(seed));
            images
        };
        assert_eq!(changed(1), changed(1));
        assert_ne!(changed(1), changed(2));
        assert_ne!(changed(1)[..16], changed(1)[16..32]);
    }

    #[test]
    fn no_change_draws_no_number() {
        let mut generator = Generator::seed(1);
        let mut image = image([1, 2, 2]);
        Augment::images([1, 2, 2]).apply_to_columns(&mut image, &mut generator);
        assert_eq!((image, generator.bits()), (vec![1.0, 2.0, 3.0, 4.0], Generator::seed(1).bits()));
    }

    #[test]
    #[should_panic(expected = "a shift by 3 pixels leaves nothing of images of 3×4")]
    fn a_shift_out_of_sight_is_refused() {
        let _ = Augment::images([1, 3, 4]).shift(3);
    }

    #[test]
    #[should_panic(expected = "a shift cannot fill images with NaN")]
    fn a_fill_is_finite() {
        let _ = Augment::images([1, 3, 4]).shift_filled(1, f64::NAN);
    }

    #[test]
    #[should_panic(expected = "1.5 is no probability: it must be between 0 and 1")]
    fn a_probability_is_at_most_one() {
        let _ = Augment::images([1, 3, 4]).flip_horizontal(1.5);
    }

    #[test]
    #[should_panic(expected = "-1 is no standard deviation")]
    fn a_deviation_is_not_negative() {
        let _ = Augment::images([1, 3, 4]).noise(-1.0);
    }

    #[test]
    #[should_panic(expected = "5 values are not images of [1, 2, 2]")]
    fn half_an_image_is_refused() {
        Augment::images([1, 2, 2]).apply_to_columns(&mut [0.0_f32; 5], &mut Generator::seed(0));
    }
}
