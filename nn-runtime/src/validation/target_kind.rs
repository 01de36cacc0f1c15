//! What targets are: classes or values.

use core::fmt;

use crate::data::Target;

/// What the targets of a data set are. `Display` writes it as in “3 classes”.
///
/// ```
/// use nn_runtime::validation::TargetKind;
///
/// assert_eq!(TargetKind::Classes(3).to_string(), "3 classes");
/// assert_eq!(TargetKind::Values(2).to_string(), "2 values");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// Labels or masks of so many classes.
    Classes(usize),
    /// So many values a sample.
    Values(usize),
}

impl TargetKind {
    /// That of targets of a type; none of a type that has neither.
    pub(super) fn of<Y: Target>(domain: Y::Domain) -> Option<Self> {
        Y::classes(domain).map(Self::Classes).or(Y::VALUES.map(Self::Values))
    }

    /// Whether an answer for these targets is one for `others` too: fewer classes, or as many values.
    pub(super) fn covers(self, others: Self) -> bool {
        match (self, others) {
            (Self::Classes(own), Self::Classes(others)) => own >= others,
            (Self::Values(own), Self::Values(others)) => own == others,
            _ => false,
        }
    }
}

impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Classes(classes) => write!(f, "{classes} classes"),
            Self::Values(values) => write!(f, "{values} values"),
        }
    }
}
