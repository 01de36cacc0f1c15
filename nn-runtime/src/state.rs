//! What steps change, shown part by part: how checkpoints save and load it.

use crate::Real;

/// Reads or writes the state of something that training changes, part by part: an optimiser, a schedule.
///
/// What has a state shows it in one method, always in the same order, and so is saved and loaded by the same lines:
///
/// ```
/// use nn_runtime::StateVisitor;
///
/// struct Momentum {
///     velocity: Vec<f32>,
///     steps: u64,
/// }
///
/// impl Momentum {
///     fn visit_state(&mut self, visitor: &mut dyn StateVisitor<f32>) {
///         visitor.values("velocity", &mut self.velocity);
///         visitor.count("steps", &mut self.steps);
///     }
/// }
/// ```
pub trait StateVisitor<T: Real> {
    /// Values, as many as there are now: memory is made before a state is loaded.
    fn values(&mut self, name: &str, values: &mut [T]);

    /// A number, to the last bit.
    fn number(&mut self, name: &str, number: &mut f64);

    /// A count.
    fn count(&mut self, name: &str, count: &mut u64);

    /// The state of a part, whose names begin with `name` and a dot.
    fn group(&mut self, name: &str, visit: &mut dyn FnMut(&mut dyn StateVisitor<T>));
}
