//! Receptive fields: how much of the network's input a value depends on, axis by axis.
//!
//! Neighbouring values of a layer see windows of the input that are `jump` apart. A layer whose window reaches over `span`
//! of them widens what is seen by `(span − 1)·jump`; its own values are `stride` times as far apart. Upsampling has a stride
//! of less than 1, so both are fractions.

use crate::dimension::Dim;

/// On which of the values that a layer takes one value that it gives depends.
pub enum Reach {
    /// On those in the same place.
    Place,
    /// On all.
    Whole,
    /// On a window along each axis.
    Windows(Vec<Slide>),
}

/// A window along an axis.
pub struct Slide {
    /// How many values it reaches over.
    pub span: Dim,
    /// From one to the next.
    pub stride: Ratio,
}

/// What a value sees of the network's input along an axis.
#[derive(Clone)]
pub enum Field {
    Whole,
    Window { size: Ratio, jump: Ratio },
}

impl Field {
    /// The input sees itself.
    pub fn of_input() -> Self {
        Self::Window { size: Ratio::one(), jump: Ratio::one() }
    }

    /// What a window over values sees that each see this.
    fn through(&self, slide: &Slide) -> Self {
        let Self::Window { size, jump } = self else { return Self::Whole };
        let widened = || {
            let more = slide.span.minus(&Dim::Literal(1))?;
            size.plus(&jump.times(&Ratio::new(more, Dim::Literal(1))?)?)
        };
        match (widened(), jump.times(&slide.stride)) {
            (Some(size), Some(jump)) => Self::Window { size, jump },
            _ => Self::Whole,
        }
    }

    /// As a number of values of an axis that has so many.
    pub fn shown(&self, axis: &Dim) -> Dim {
        let size = match self {
            Self::Window { size, .. } => size.ceil(),
            Self::Whole => None,
        };
        match (size, axis.literal()) {
            (Some(Dim::Literal(size)), Some(axis)) => Dim::Literal(size.min(axis)),
            (Some(size), _) => size,
            (None, _) => axis.clone(),
        }
    }
}

impl Reach {
    /// What a value of the layer sees, by what those see that it takes.
    pub fn fields(&self, taken: &[Field]) -> Vec<Field> {
        match self {
            Self::Place => taken.to_vec(),
            Self::Whole => vec![Field::Whole; taken.len()],
            Self::Windows(slides) => taken.iter().zip(slides).map(|(field, slide)| field.through(slide)).collect(),
        }
    }
}

/// A fraction, in lowest terms as far as it is numbers.
#[derive(Clone)]
pub struct Ratio {
    over: Dim,
    under: Dim,
}

impl Ratio {
    pub fn one() -> Self {
        Self { over: Dim::Literal(1), under: Dim::Literal(1) }
    }

    /// `None` if it would be divided by zero.
    pub fn new(over: Dim, under: Dim) -> Option<Self> {
        Some(match (&over, &under) {
            (_, Dim::Literal(0)) => return None,
            (Dim::Literal(a), Dim::Literal(b)) => {
                let divisor = greatest_common_divisor(*a, *b);
                Self { over: Dim::Literal(a / divisor), under: Dim::Literal(b / divisor) }
            }
            (a, b) if a.same(b) => Self::one(),
            _ => Self { over, under },
        })
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        if self.under.same(&other.under) {
            return Self::new(self.over.plus(&other.over)?, self.under.clone());
        }
        let (a, b) = (self.over.times(&other.under)?, other.over.times(&self.under)?);
        Self::new(a.plus(&b)?, self.under.times(&other.under)?)
    }

    fn times(&self, other: &Self) -> Option<Self> {
        // What stands above and below is left out before numbers grow.
        let one = Self::new(self.over.clone(), other.under.clone())?;
        let other = Self::new(other.over.clone(), self.under.clone())?;
        Self::new(one.over.times(&other.over)?, one.under.times(&other.under)?)
    }

    fn ceil(&self) -> Option<Dim> {
        self.over.over_up(&self.under)
    }
}

pub fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
