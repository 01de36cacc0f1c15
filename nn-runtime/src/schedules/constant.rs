//! A learning rate that stays.

use super::Schedule;

/// The base learning rate throughout: `factor = 1`. For a warm-up and nothing behind it.
///
/// ```
/// use nn_runtime::schedules::{Constant, Schedule};
///
/// assert_eq!(Constant.factor(1000), 1.0);
/// assert_eq!([0, 1, 2].map(|step| Constant.warm_up(1).factor(step)), [0.5, 1.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Constant;

impl Schedule for Constant {
    fn factor(&self, _: usize) -> f64 {
        1.0
    }
}
