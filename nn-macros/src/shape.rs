//! Dimensions and shapes, as far as the macro knows them.

use core::fmt;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::syntax::text;

/// A size: a number, or an expression that only the compiler can evaluate.
#[derive(Clone, Debug)]
pub enum Dim {
    Literal(usize),
    Expression(TokenStream),
}

impl Dim {
    pub fn literal(&self) -> Option<usize> {
        match self {
            Self::Literal(n) => Some(*n),
            Self::Expression(_) => None,
        }
    }

    /// `None` if the product of two numbers does not fit a `usize`.
    pub fn times(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_mul(*b)?),
            (Self::Literal(1), dim) | (dim, Self::Literal(1)) => dim.clone(),
            (a, b) => Self::Expression(quote!(#a * #b)),
        })
    }

    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => Self::Literal(a.checked_add(*b)?),
            (Self::Literal(0), dim) | (dim, Self::Literal(0)) => dim.clone(),
            (a, b) => Self::Expression(quote!((#a + #b))),
        })
    }

    pub fn product<'a>(dims: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        dims.into_iter().try_fold(Self::Literal(1), |product, dim| product.times(dim))
    }

    /// As a generic argument: `128`, `{ HIDDEN }`.
    pub fn generic(&self) -> TokenStream {
        match self {
            Self::Literal(_) => quote!(#self),
            Self::Expression(expression) => quote!({ #expression }),
        }
    }
}

impl ToTokens for Dim {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(n) => Literal::usize_unsuffixed(*n).to_tokens(tokens),
            Self::Expression(expression) => expression.to_tokens(tokens),
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(n) => n.fmt(f),
            Self::Expression(expression) => f.write_str(&text(expression)),
        }
    }
}

/// What the axes of a value mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[F]`.
    Vector,
    /// `sequence [T, F]`.
    Sequence,
    /// `signal [C, L]`.
    Signal,
    /// `[C, H, W]`.
    Image,
    /// `[C, D, H, W]`.
    Volume,
}

/// The shape of a value.
#[derive(Clone, Debug)]
pub struct Shape {
    pub kind: Kind,
    pub dims: Vec<Dim>,
}

impl Shape {
    pub fn vector(features: Dim) -> Self {
        Self { kind: Kind::Vector, dims: vec![features] }
    }

    /// How many values there are. Declared shapes are checked to fit a `usize`.
    pub fn len(&self) -> Dim {
        Dim::product(&self.dims).expect("the size was checked where the shape arose")
    }

    /// The axes whose values a receptive field counts: all but the channels.
    pub fn extent(&self) -> &[Dim] {
        match self.kind {
            Kind::Vector => &self.dims,
            Kind::Sequence => &self.dims[..1],
            Kind::Signal | Kind::Image | Kind::Volume => &self.dims[1..],
        }
    }

    /// Whether two shapes are certainly different; `None` if only the compiler can tell.
    pub fn differs(&self, other: &Self) -> Option<bool> {
        if self.kind != other.kind || self.dims.len() != other.dims.len() {
            return Some(true);
        }
        let mut certain = true;
        for (a, b) in self.dims.iter().zip(&other.dims) {
            match (a.literal(), b.literal()) {
                (Some(a), Some(b)) if a != b => return Some(true),
                (Some(_), Some(_)) => {}
                _ => certain = false,
            }
        }
        certain.then_some(false)
    }

    /// As an array expression.
    pub fn tokens(&self) -> TokenStream {
        let dims = &self.dims;
        quote!([#(#dims),*])
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Sequence => f.write_str("sequence ")?,
            Kind::Signal => f.write_str("signal ")?,
            _ => {}
        }
        let dims: Vec<_> = self.dims.iter().map(ToString::to_string).collect();
        write!(f, "[{}]", dims.join(", "))
    }
}
