//! The data sets: points in the plane with a label each, after those of the original.

use std::f64::consts::{PI, TAU};

use clap::ValueEnum;
use monograd::Generator;

/// A point and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The first coordinate.
    pub x1: f64,
    /// The second coordinate.
    pub x2: f64,
    /// −1 or 1; for regression a number between them.
    pub label: f64,
}

/// What a network is to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The sign of the label. The network ends in `tanh`.
    Classification,
    /// The label itself. The network ends in a sum.
    Regression,
}

/// Where points are from, and their labels.
///
/// U(a, b) is a number of the uniform distribution on `[a, b)`, ν the noise, from 0 to 0.5. Where a label depends on a place, it is
/// that of the place moved by ν·U(−r, r) along each axis, and the point itself stays where it is: noise makes wrong labels near
/// the edges of the classes. Two sets move the points instead.
///
/// Source of all: the data sets of playground.tensorflow.org.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DataSet {
    /// Half of the points in a disc about 0, at radius U(0, 2.5), and half in a ring around it, at radius U(3.5, 5), all at angle
    /// U(0, 2π). The label is 1 within 2.5 of the middle; its place is moved by up to r = 5.
    #[default]
    Circle,
    /// Both coordinates U(−5, 5), and then 0.3 further from 0. The label is 1 where `x₁·x₂ ≥ 0`; its place is moved by up to r = 5.
    Xor,
    /// Half of the points, with label 1, are normal about (2, 2), and half, with label −1, about (−2, −2). The variance along each
    /// axis is `0.5 + 7·ν`.
    Gauss,
    /// Two arms of 1¾ turns out to radius 5: point i of n on an arm is at radius `5·i/n` and angle `3.5π·i/n`, to which the arm of
    /// label −1 adds π. Each coordinate is moved by ν·U(−1, 1).
    Spiral,
    /// For regression: `(x₁ + x₂)/10`, both coordinates U(−6, 6); its place is moved by up to r = 6.
    RegPlane,
    /// For regression: six cones of height ±1 and radius 2 at x₁ = −4, 0, 4 and x₂ = ±2.5, of alternating sign; its place is moved by
    /// up to r = 6.
    RegGauss,
}

/// What is drawn of the plane: both coordinates from −6 to 6.
pub const EXTENT: f64 = 6.0;

/// The cones of [`DataSet::RegGauss`]: their middle and their sign.
const CONES: [([f64; 2], f64); 6] = [
    ([-4.0, 2.5], 1.0),
    ([0.0, 2.5], -1.0),
    ([4.0, 2.5], 1.0),
    ([-4.0, -2.5], -1.0),
    ([0.0, -2.5], 1.0),
    ([4.0, -2.5], -1.0),
];

impl DataSet {
    /// What its labels are for.
    #[must_use]
    pub fn problem(self) -> Problem {
        match self {
            Self::Circle | Self::Xor | Self::Gauss | Self::Spiral => Problem::Classification,
            Self::RegPlane | Self::RegGauss => Problem::Regression,
        }
    }

    /// How many points it has: 500, and 1200 for regression.
    ///
    /// ```
    /// assert_eq!(playground::data_set::DataSet::Spiral.size(), 500);
    /// ```
    #[must_use]
    pub fn size(self) -> usize {
        match self.problem() {
            Problem::Classification => 500,
            Problem::Regression => 1200,
        }
    }

    /// Draws its points, for a noise from 0 to 0.5. Those of one class may follow each other.
    ///
    /// ```
    /// use monograd::Generator;
    /// use playground::data_set::DataSet;
    ///
    /// let points = DataSet::Circle.draw(0.0, &mut Generator::seed(1));
    /// let inside = points.iter().filter(|point| point.x1.hypot(point.x2) < 2.5);
    /// assert!(inside.clone().all(|point| point.label == 1.0));
    /// assert_eq!((inside.count(), points.len()), (250, 500));
    /// ```
    #[must_use]
    pub fn draw(self, noise: f64, generator: &mut Generator) -> Vec<Point> {
        let size = self.size();
        let one = |index| match self {
            Self::Circle => circle(index < size / 2, noise, generator),
            Self::Xor => xor(noise, generator),
            Self::Gauss => gauss(index < size / 2, noise, generator),
            Self::Spiral => spiral(index % (size / 2), size / 2, index < size / 2, noise, generator),
            Self::RegPlane => surface(|x1, x2| (x1 + x2) / 10.0, noise, generator),
            Self::RegGauss => surface(highest_cone, noise, generator),
        };
        (0..size).map(one).collect()
    }
}

fn uniform(low: f64, high: f64, generator: &mut Generator) -> f64 {
    low + (high - low) * generator.uniform()
}

/// `(x1, x2)` with the label of a place that is up to `reach` away from it along each axis.
fn labelled(x1: f64, x2: f64, reach: f64, label: impl Fn(f64, f64) -> f64, generator: &mut Generator) -> Point {
    let from1 = x1 + uniform(-reach, reach, generator);
    let from2 = x2 + uniform(-reach, reach, generator);
    Point { x1, x2, label: label(from1, from2) }
}

fn sign(positive: bool) -> f64 {
    if positive { 1.0 } else { -1.0 }
}

fn circle(inside: bool, noise: f64, generator: &mut Generator) -> Point {
    const RADIUS: f64 = 5.0;
    let (low, high) = if inside { (0.0, 0.5 * RADIUS) } else { (0.7 * RADIUS, RADIUS) };
    let radius = uniform(low, high, generator);
    let (sin, cos) = uniform(0.0, TAU, generator).sin_cos();
    let label = |x1: f64, x2: f64| sign(x1.hypot(x2) < 0.5 * RADIUS);
    labelled(radius * sin, radius * cos, noise * RADIUS, label, generator)
}

fn xor(noise: f64, generator: &mut Generator) -> Point {
    const REACH: f64 = 5.0;
    const GAP: f64 = 0.3;
    let mut coordinate = || {
        let x = uniform(-REACH, REACH, generator);
        x + GAP * sign(x > 0.0)
    };
    let (x1, x2) = (coordinate(), coordinate());
    labelled(x1, x2, noise * REACH, |x1, x2| sign(x1 * x2 >= 0.0), generator)
}

fn gauss(positive: bool, noise: f64, generator: &mut Generator) -> Point {
    let (label, deviation) = (sign(positive), (0.5 + 7.0 * noise).sqrt());
    let mut coordinate = || 2.0 * label + deviation * generator.normal();
    Point { x1: coordinate(), x2: coordinate(), label }
}

fn spiral(index: usize, of: usize, positive: bool, noise: f64, generator: &mut Generator) -> Point {
    let along = index as f64 / of as f64;
    let start = if positive { 0.0 } else { PI };
    let (sin, cos) = (1.75 * TAU * along + start).sin_cos();
    let mut moved = |x| x + noise * uniform(-1.0, 1.0, generator);
    Point { x1: moved(5.0 * along * sin), x2: moved(5.0 * along * cos), label: sign(positive) }
}

fn surface(height: impl Fn(f64, f64) -> f64, noise: f64, generator: &mut Generator) -> Point {
    let (x1, x2) = (uniform(-EXTENT, EXTENT, generator), uniform(-EXTENT, EXTENT, generator));
    labelled(x1, x2, noise * EXTENT, height, generator)
}

/// The height that is furthest from 0 of all cones.
fn highest_cone(x1: f64, x2: f64) -> f64 {
    let height = |&([c1, c2], sign): &([f64; 2], f64)| sign * (1.0 - (x1 - c1).hypot(x2 - c2) / 2.0).max(0.0);
    CONES.iter().map(height).fold(0.0, |highest, height| if height.abs() > highest.abs() { height } else { highest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(data: DataSet, noise: f64) -> Vec<Point> {
        data.draw(noise, &mut Generator::seed(3))
    }

    #[test]
    fn sizes_labels_and_seeds() {
        for &data in DataSet::value_variants() {
            for noise in [0.0, 0.25, 0.5] {
                let points = draw(data, noise);
                assert_eq!(points.len(), data.size());
                assert!(points == draw(data, noise), "{data:?} {noise}");
                // Without noise a spiral leaves nothing to chance.
                let is_fixed = data == DataSet::Spiral && noise == 0.0;
                assert_eq!(points == data.draw(noise, &mut Generator::seed(4)), is_fixed, "{data:?} {noise}");
                let fits = |point: &Point| match data.problem() {
                    Problem::Classification => point.label.abs() == 1.0,
                    Problem::Regression => point.label.abs() <= 1.2 * (1.0 + noise),
                };
                assert!(points.iter().all(fits), "{data:?} {noise}");
            }
        }
    }

    #[test]
    fn classes_are_balanced() {
        for data in [DataSet::Circle, DataSet::Xor, DataSet::Gauss, DataSet::Spiral] {
            let positive = draw(data, 0.0).iter().filter(|point| point.label > 0.0).count();
            // Of xor each point is of either class by chance: σ ≈ 11.
            let off = if data == DataSet::Xor { 45 } else { 0 };
            assert!(positive.abs_diff(250) <= off, "{data:?}: {positive}");
        }
    }

    #[test]
    fn points_lie_where_their_label_says() {
        for point in draw(DataSet::Circle, 0.0) {
            let radius = point.x1.hypot(point.x2);
            assert!(if point.label > 0.0 { radius < 2.5 } else { (3.5..5.0).contains(&radius) }, "{point:?}");
        }
        for point in draw(DataSet::Xor, 0.0) {
            assert!(point.x1 * point.x2 * point.label > 0.0, "{point:?}");
            assert!([point.x1, point.x2].iter().all(|x| (0.3..=5.3).contains(&x.abs())), "{point:?}");
        }
        for point in draw(DataSet::RegPlane, 0.0) {
            assert_eq!(point.label, (point.x1 + point.x2) / 10.0);
        }
        let heights = [(-4.0, 2.5, 1.0), (0.0, 2.5, -1.0), (0.0, -1.5, 0.5), (2.0, 0.0, 0.0), (4.0, -4.0, -0.25)];
        for (x1, x2, height) in heights {
            assert_eq!(highest_cone(x1, x2), height, "{x1} {x2}");
        }
    }

    /// By the moments of the normal distribution, over 250 points: σ of a mean is √(0.5/250) ≈ 0.045.
    #[test]
    fn gauss_has_its_means_and_variances() {
        for (noise, variance) in [(0.0, 0.5), (0.5, 4.0)] {
            for side in [-1.0, 1.0] {
                let points = draw(DataSet::Gauss, noise);
                let x1: Vec<_> = points.iter().filter(|point| point.label == side).map(|point| point.x1).collect();
                let mean = x1.iter().sum::<f64>() / 250.0;
                let found = x1.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 250.0;
                assert!((mean - 2.0 * side).abs() < 4.0 * (variance / 250.0_f64).sqrt(), "{mean}");
                assert!((found / variance - 1.0).abs() < 0.36, "{found}");
            }
        }
    }

    #[test]
    fn noise_of_a_spiral_moves_points_by_no_more_than_itself() {
        let (still, moved) = (draw(DataSet::Spiral, 0.0), draw(DataSet::Spiral, 0.3));
        let furthest = still.iter().zip(&moved).map(|(a, b)| (a.x1 - b.x1).abs().max((a.x2 - b.x2).abs()));
        let furthest = furthest.fold(0.0, f64::max);
        assert!(furthest <= 0.3 && furthest > 0.25, "{furthest}");
        assert_eq!((still[0].x1, still[0].x2, still[499].label), (0.0, 0.0, -1.0));
    }

    #[test]
    fn noise_of_labels_leaves_points_where_they_are() {
        let wrong = |noise| {
            let points = draw(DataSet::Circle, noise);
            let is_wrong = |point: &&Point| (point.x1.hypot(point.x2) < 2.5) != (point.label > 0.0);
            points.iter().filter(is_wrong).count()
        };
        assert!(wrong(0.0) == 0 && wrong(0.1) > 0 && wrong(0.5) > wrong(0.1));
        let furthest = draw(DataSet::Circle, 0.5).iter().map(|point| point.x1.hypot(point.x2)).fold(0.0, f64::max);
        assert!(furthest < 5.0);
    }
}
