//! Parameters that all start from one value.

use super::{Fans, Generator, Initializer};
use crate::Real;

/// Every value is 0: for biases. A weight of zeros learns nothing, since all its units stay alike.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Zeros;

impl Initializer for Zeros {
    fn fill<T: Real>(&self, values: &mut [T], _: Fans, _: &mut Generator) {
        values.fill(T::zero());
    }
}

/// Every value is the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// What it is.
    pub value: f64,
}

impl Initializer for Constant {
    fn fill<T: Real>(&self, values: &mut [T], _: Fans, _: &mut Generator) {
        values.fill(T::nearest(self.value));
    }
}
