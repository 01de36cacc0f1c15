//! Receptive fields: how much of the network's input a value depends on, axis by axis.
//!
//! Values that lie up to `u` apart see values of the layer before that lie up to `⌊(u·times + plus) / over⌋ + more` apart: of a
//! convolution `u·stride + dilation·(size − 1)`, of its transpose `⌊(u + dilation·(size − 1)) / stride⌋`. A value sees what
//! zero becomes on the way to the input, and one more. Windows count as if they could stand anywhere, so it is the most
//! that a value sees.

use crate::dimension::Dim;

/// So many copies of a block are taken to see everything.
const MANY: usize = 10_000;

/// On which of the values that a layer takes one value that it gives depends.
pub enum Reach {
    /// On those in the same place.
    Place,
    /// On all.
    Whole,
    /// On a window along each axis.
    Windows(Vec<Apart>),
    /// On what a block's output sees of its input; `None` for a number of copies that only the compiler knows.
    Block { fields: Vec<Field>, copies: Option<usize> },
}

/// How far apart lies what is seen: `⌊(u·times + plus) / over⌋ + more`.
#[derive(Clone)]
pub struct Apart {
    times: Dim,
    plus: Dim,
    over: Dim,
    more: Dim,
}

impl Apart {
    /// Windows that reach from their first tap to one `reach` further, every `stride`.
    pub fn strided(stride: Dim, reach: Dim) -> Self {
        Self { times: stride, plus: reach, over: Dim::Literal(1), more: Dim::Literal(0) }
    }

    /// The reverse: each value is spread over what reaches from the first to one `reach` further, every `stride`.
    pub fn spread(stride: Dim, reach: Dim) -> Self {
        Self { times: Dim::Literal(1), plus: reach, over: stride, more: Dim::Literal(0) }
    }

    /// `over` values for each `times` of them, rounded up, and `more` beside.
    pub fn scaled(times: Dim, over: Dim, more: Dim) -> Option<Self> {
        let plus = over.minus(&Dim::Literal(1))?;
        Some(Self { times, plus, over, more })
    }

    fn of(&self, u: &Dim) -> Option<Dim> {
        let times = if u.is(0) { Dim::Literal(0) } else { u.times(&self.times)? };
        times.plus(&self.plus)?.over(&self.over)?.plus(&self.more)
    }

    /// One after the other, as one, if the first does not divide.
    fn then(&self, next: &Self) -> Option<Self> {
        if !self.over.is(1) {
            return None;
        }
        let plus = self.plus.plus(&self.more)?.times(&next.times)?.plus(&next.plus)?;
        Some(Self { times: self.times.times(&next.times)?, plus, ..next.clone() })
    }
}

/// What a value sees of the network's input along an axis.
#[derive(Clone)]
pub enum Field {
    Whole,
    /// By the layers on the way back to the input.
    Seen(Vec<Apart>),
}

impl Field {
    /// The input sees itself.
    pub fn of_input() -> Self {
        Self::Seen(Vec::new())
    }

    /// What a layer sees through values that each see this.
    fn through(&self, layer: &Apart) -> Self {
        let Self::Seen(way) = self else { return Self::Whole };
        let joined = way.first().and_then(|next| layer.then(next));
        let rest = &way[usize::from(joined.is_some())..];
        let first = joined.unwrap_or_else(|| layer.clone());
        Self::Seen(core::iter::once(first).chain(rest.iter().cloned()).collect())
    }

    /// What a value sees through a block of which each value sees `block` of what it takes.
    fn through_block(&self, block: &Self) -> Self {
        match block {
            Self::Whole => Self::Whole,
            Self::Seen(way) => way.iter().rev().fold(self.clone(), |field, layer| field.through(layer)),
        }
    }

    /// Of what several values see, by axis: the most, as far as that is known.
    pub fn largest(values: Vec<Vec<Self>>, axes: &[Dim]) -> Vec<Self> {
        let larger = |(axis, (a, b)): (&Dim, (Self, Self))| {
            let more = a.shown(axis).literal().zip(b.shown(axis).literal()).is_some_and(|(a, b)| b > a);
            if more || matches!(b, Self::Whole) { b } else { a }
        };
        let both = |a: Vec<Self>, b: Vec<Self>| axes.iter().zip(a.into_iter().zip(b)).map(larger).collect();
        values.into_iter().reduce(both).unwrap_or_default()
    }

    /// As a number of values of an axis that has so many.
    pub fn shown(&self, axis: &Dim) -> Dim {
        let size = match self {
            Self::Seen(way) => {
                let apart = way.iter().try_fold(Dim::Literal(0), |u, layer| layer.of(&u));
                apart.and_then(|apart| apart.offset(1))
            }
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
            Self::Block { fields, copies: Some(copies @ ..MANY) } if fields.len() == taken.len() => (0..*copies)
                .fold(taken.to_vec(), |taken, _| {
                    taken.iter().zip(fields).map(|(field, block)| field.through_block(block)).collect()
                }),
            Self::Whole | Self::Block { .. } => vec![Field::Whole; taken.len()],
            Self::Windows(windows) => taken.iter().zip(windows).map(|(field, layer)| field.through(layer)).collect(),
        }
    }
}
