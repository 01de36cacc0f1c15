//! Learning before gradients: rules for a single layer of threshold units, one a file.
//!
//! | rule | finds |
//! |---|---|
//! | [`PerceptronRule`] | a plane between the two kinds of samples, if there is one |
//! | [`MinOver`] | the plane that is farthest from them, step by step towards the worst sample |
//! | [`AdaTron`] | the same plane, exponentially fast |
//!
//! A network that they train is a `dense(n) -> step`; see [`ThresholdUnits`](crate::units::ThresholdUnits). Its n units learn
//! independently of each other. What one layer cannot answer, such as the exclusive or, a rule reports by `converged` being
//! false, not by an error: it is what the rule has found out.

mod ada_tron;
mod answers;
mod min_over;
mod rosenblatt;
mod stability;

pub use ada_tron::AdaTron;
pub use answers::{Answers, PerceptronError};
pub use min_over::MinOver;
pub use rosenblatt::{PerceptronFit, PerceptronRule};
pub use stability::{StabilityFit, UnitStability};
