//! A small image within a large one: rows of it are copied, and nothing is computed.

use crate::geometry::Extent;

/// Where a small image lies within a large one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inset {
    /// The small image.
    pub small: Extent,
    /// Places before it along D, H, W.
    pub before: [usize; 3],
    /// Places behind it.
    pub after: [usize; 3],
}

impl Inset {
    /// The large image.
    pub const fn large(&self) -> Extent {
        let Extent { channels, axes: [d, h, w] } = self.small;
        let (before, after) = (self.before, self.after);
        let axes = [before[0] + d + after[0], before[1] + h + after[1], before[2] + w + after[2]];
        Extent { channels, axes }
    }

    /// Where the rows of so many small images begin: there, and in the large ones.
    fn rows(&self, samples: usize) -> impl Iterator<Item = (usize, usize)> {
        let Self { small: Extent { channels, axes: [depth, height, width] }, before, .. } = *self;
        let [_, large_height, large_width] = self.large().axes;
        let sample = self.large().len();
        (0..samples * depth * height).map(move |row| {
            let (b, d, h) = (row / (depth * height), row / height % depth, row % height);
            let place = ((before[0] + d) * large_height + before[1] + h) * large_width + before[2];
            (row * width * channels, b * sample + place * channels)
        })
    }

    /// How many samples there are.
    ///
    /// # Panics
    /// If the images are not equally many.
    fn samples(&self, small: usize, large: usize) -> usize {
        let samples = small.checked_div(self.small.len()).unwrap_or(0);
        assert_eq!(small, samples * self.small.len(), "the small images are whole");
        assert_eq!(large, samples * self.large().len(), "the large images are as many");
        samples
    }

    /// The small images with `value` around them.
    pub fn embed<T: Copy>(&self, small: &[T], large: &mut [T], value: T) {
        let samples = self.samples(small.len(), large.len());
        let len = self.small.axes[2] * self.small.channels;
        large.fill(value);
        for (from, to) in self.rows(samples) {
            large[to..to + len].copy_from_slice(&small[from..from + len]);
        }
    }

    /// The small images out of the large ones.
    pub fn extract<T: Copy>(&self, large: &[T], small: &mut [T]) {
        let samples = self.samples(small.len(), large.len());
        let len = self.small.axes[2] * self.small.channels;
        for (to, from) in self.rows(samples) {
            small[to..to + len].copy_from_slice(&large[from..from + len]);
        }
    }
}
