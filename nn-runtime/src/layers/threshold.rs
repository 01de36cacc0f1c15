//! The McCulloch–Pitts unit.

use crate::Real;
use crate::claims::Message;
use crate::geometry::Extent;
use crate::kernels::Kernels;

/// `threshold(theta)`: a McCulloch–Pitts unit, 1 if enough of its inputs are active, and no inhibitory one is.
///
/// ```text
/// y = 1 if Σ_{e ∈ excitatory} a(x[e]) ≥ theta and a(x[i]) = 0 for each i ∈ inhibitory, else 0
/// a(x) = 1 if x ≥ ½, else 0
/// ```
///
/// | | shape |
/// |---|---|
/// | input | `[I]` |
/// | output | `[1]` |
///
/// No parameters: what a unit computes is written, not learned. Inhibition is absolute: a single active inhibitory input
/// gives 0, whatever the others are.
///
/// In `network!`:
///
/// - `threshold(2)`: all inputs are excitatory. AND of two inputs; OR is `threshold(1)`, a majority of three `threshold(2)`.
/// - `threshold(1, inhibitory = [1])`: these inputs, counted from 0, are inhibitory, and all others excitatory. x₁ ∧ ¬x₂.
/// - `threshold(2, excitatory = [0, 2], inhibitory = [1])`: what is in neither list does not matter.
///
/// `theta` is a whole number or an `i64` const expression. At most 0 is reached without an active input, so that
/// `threshold(0, inhibitory = [0])` is NOT. Units side by side are `concat(threshold(…), threshold(…))`, and units behind units
/// compute what one cannot, such as the exclusive or.
///
/// Inputs are meant to be 0 or 1, as units give them. Any other number counts as the nearer of both, so that a bit that
/// rounding has touched stays the bit that it was; ½ counts as 1, and NaN, which is not at least ½, as 0. A unit is
/// therefore constant around almost every input: no gradient passes, and a network with one is trained neither by
/// gradients nor, as there is no weight, by a perceptron rule.
///
/// ```
/// use nn_runtime::layers::Threshold;
/// use nn_runtime::simd::Scalar;
///
/// // x₁ ∧ ¬x₂ of (0, 0), (0, 1), (1, 0), (1, 1).
/// const UNIT: Threshold = Threshold::new(2, 1).inhibitory(&[1]);
/// let mut y = [9.0; 4];
/// UNIT.forward(Scalar, &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &mut y);
/// assert_eq!(y, [0.0, 0.0, 1.0, 0.0]);
/// ```
///
/// Source: McCulloch and Pitts, “A logical calculus of the ideas immanent in nervous activity” (1943).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    inputs: usize,
    theta: i64,
    /// `None` for all that are not inhibitory.
    excitatory: Option<&'static [usize]>,
    inhibitory: &'static [usize],
}

impl Threshold {
    /// A unit of so many inputs, all of them excitatory.
    #[must_use]
    pub const fn new(inputs: usize, theta: i64) -> Self {
        Self { inputs, theta, excitatory: None, inhibitory: &[] }
    }

    /// Counts these inputs alone.
    ///
    /// # Panics
    /// If one of them is no input, is listed twice or is inhibitory too: at compile time.
    #[must_use]
    pub const fn excitatory(self, excitatory: &'static [usize]) -> Self {
        check(excitatory, self.inputs);
        check_apart(excitatory, self.inhibitory);
        Self { excitatory: Some(excitatory), ..self }
    }

    /// Gives 0 wherever one of these inputs is active.
    ///
    /// # Panics
    /// If one of them is no input, is listed twice or is excitatory too: at compile time.
    #[must_use]
    pub const fn inhibitory(self, inhibitory: &'static [usize]) -> Self {
        check(inhibitory, self.inputs);
        if let Some(excitatory) = self.excitatory {
            check_apart(excitatory, inhibitory);
        }
        Self { inhibitory, ..self }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        Extent { channels: self.inputs, axes: [1; 3] }
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        Extent { channels: 1, axes: [1; 3] }
    }

    /// One value for each column of `x`.
    ///
    /// # Panics
    /// If `y` has not a value for each column of `x`.
    pub fn forward<T: Real, L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T]) {
        assert_eq!(x.len(), y.len() * self.inputs, "one output for each sample");
        for (x, y) in x.chunks_exact(self.inputs).zip(y) {
            *y = if self.fires(x) { T::one() } else { T::zero() };
        }
    }

    /// Whether the unit is active for this sample.
    fn fires<T: Real>(&self, x: &[T]) -> bool {
        let half = T::nearest(0.5);
        let active = |input: &T| *input >= half;
        if self.inhibitory.iter().any(|&i| active(&x[i])) {
            return false;
        }
        // None of the inhibitory inputs is active here, so that counting all counts the others.
        let count = match self.excitatory {
            Some(places) => places.iter().filter(|&&i| active(&x[i])).count(),
            None => x.iter().filter(|input| active(input)).count(),
        };
        count as i64 >= self.theta
    }
}

/// Each index is one of the inputs, and stands once.
const fn check(list: &[usize], inputs: usize) {
    let mut at = 0;
    while at < list.len() {
        if list[at] >= inputs {
            let message = Message::new().text("there is no input ").number(list[at]).text(" among ").number(inputs);
            message.panic();
        }
        if contains(list.split_at(at).0, list[at]) {
            Message::new().text("the input ").number(list[at]).text(" is listed twice").panic();
        }
        at += 1;
    }
}

const fn check_apart(excitatory: &[usize], inhibitory: &[usize]) {
    let mut at = 0;
    while at < inhibitory.len() {
        if contains(excitatory, inhibitory[at]) {
            let message = Message::new().text("the input ").number(inhibitory[at]);
            message.text(" is both excitatory and inhibitory").panic();
        }
        at += 1;
    }
}

const fn contains(list: &[usize], wanted: usize) -> bool {
    let mut at = 0;
    while at < list.len() && list[at] != wanted {
        at += 1;
    }
    at < list.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Scalar;

    /// The truth table over all inputs, counted up in binary with the first input as the highest bit.
    fn table(unit: Threshold) -> Vec<u8> {
        let n = unit.inputs;
        let bits = (0..1_usize << n).flat_map(|row| (0..n).rev().map(move |bit| f32::from((row >> bit & 1) as u8)));
        let mut y = vec![f32::NAN; 1 << n];
        unit.forward(Scalar, &bits.collect::<Vec<_>>(), &mut y);
        y.into_iter().map(|y| y as u8).collect()
    }

    #[test]
    fn counts_what_excites_and_is_silenced_by_what_inhibits() {
        let unit = |theta| Threshold::new(2, theta);
        assert_eq!(table(unit(2)), [0, 0, 0, 1], "and");
        assert_eq!(table(unit(1)), [0, 1, 1, 1], "or");
        assert_eq!(table(unit(0).inhibitory(&[0, 1])), [1, 0, 0, 0], "nor");
        assert_eq!(table(unit(1).inhibitory(&[1])), [0, 0, 1, 0], "the first without the second");
        assert_eq!(table(unit(-1)), [1; 4]);
        assert_eq!(table(unit(3)), [0; 4]);
        assert_eq!(table(Threshold::new(1, 0).inhibitory(&[0])), [1, 0], "not");
        assert_eq!(table(Threshold::new(3, 2)), [0, 0, 0, 1, 0, 1, 1, 1], "majority");
        let in_one_list = Threshold::new(3, 1).excitatory(&[0]);
        assert_eq!(table(in_one_list), [0, 0, 0, 0, 1, 1, 1, 1]);
        assert_eq!(table(in_one_list.inhibitory(&[2])), [0, 0, 0, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn other_numbers_count_as_the_nearer_of_zero_and_one() {
        let x = [0.5, 0.499, -7.0, 1e30, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let mut y = [9.0; 7];
        Threshold::new(1, 1).forward(Scalar, &x, &mut y);
        assert_eq!(y, [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    #[should_panic(expected = "there is no input 2 among 2")]
    fn an_index_is_an_input() {
        let _ = Threshold::new(2, 1).excitatory(&[0, 2]);
    }

    #[test]
    #[should_panic(expected = "the input 1 is listed twice")]
    fn an_index_stands_once() {
        let _ = Threshold::new(2, 1).inhibitory(&[1, 1]);
    }

    #[test]
    #[should_panic(expected = "the input 1 is both excitatory and inhibitory")]
    fn an_input_is_of_one_kind() {
        let _ = Threshold::new(2, 1).excitatory(&[1]).inhibitory(&[1]);
    }

    #[test]
    #[should_panic(expected = "one output for each sample")]
    fn samples_are_whole() {
        Threshold::new(2, 1).forward(Scalar, &[1.0; 3], &mut [0.0]);
    }
}
