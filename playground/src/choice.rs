//! Choosing from lists.

use clap::ValueEnum;

/// The name of a value on the command line and on the screen.
///
/// ```
/// use playground::choice::name;
/// use playground::data_set::DataSet;
///
/// assert_eq!(name(&DataSet::RegPlane), "reg-plane");
/// ```
#[must_use]
pub fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |possible| possible.get_name().to_string())
}

/// The direction in which a list is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the first value.
    Back,
    /// Towards the last value.
    Forward,
}

/// The neighbour of `current` in `list`; at an end of the list the end. A value that is not in the list has the first as its
/// neighbour.
///
/// ```
/// use playground::choice::{Direction, neighbour};
///
/// assert_eq!(neighbour(&[1, 3, 10], 3, Direction::Forward), 10);
/// assert_eq!(neighbour(&[1, 3, 10], 10, Direction::Forward), 10);
/// assert_eq!(neighbour(&[1, 3, 10], 3, Direction::Back), 1);
/// ```
///
/// # Panics
/// If the list is empty.
#[must_use]
pub fn neighbour<V: Copy + PartialEq>(list: &[V], current: V, direction: Direction) -> V {
    let last = list.len() - 1;
    match (list.iter().position(|&value| value == current), direction) {
        (None, _) => list[0],
        (Some(at), Direction::Back) => list[at.saturating_sub(1)],
        (Some(at), Direction::Forward) => list[last.min(at + 1)],
    }
}

/// The same for lists without an end: behind the last value comes the first.
///
/// ```
/// use playground::choice::{Direction, neighbour_around};
///
/// assert_eq!(neighbour_around(&['a', 'b', 'c'], 'c', Direction::Forward), 'a');
/// assert_eq!(neighbour_around(&['a', 'b', 'c'], 'a', Direction::Back), 'c');
/// ```
///
/// # Panics
/// If the list is empty.
#[must_use]
pub fn neighbour_around<V: Copy + PartialEq>(list: &[V], current: V, direction: Direction) -> V {
    let step = match direction {
        Direction::Back => list.len() - 1,
        Direction::Forward => 1,
    };
    list.iter().position(|&value| value == current).map_or(list[0], |at| list[(at + step) % list.len()])
}
