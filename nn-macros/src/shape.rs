//! Shapes, as far as the macro knows them.

use core::fmt;

use proc_macro2::TokenStream;
use quote::quote;

use crate::dimension::Dim;

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
    /// What a type from elsewhere gives: the compiler knows it.
    Open,
}

/// The shape of a value.
#[derive(Clone, Debug)]
pub struct Shape {
    pub kind: Kind,
    pub dims: Vec<Dim>,
    len: Dim,
    /// Of an open shape, the type that the compiler knows it by.
    marker: Option<TokenStream>,
}

impl Shape {
    /// `None` if it has more values than fit in memory.
    pub fn new(kind: Kind, dims: Vec<Dim>) -> Option<Self> {
        let len = Dim::product(&dims).filter(Dim::fits_memory)?;
        Some(Self { kind, dims, len, marker: None })
    }

    /// All values of a shape as a vector.
    pub fn vector(len: Dim) -> Self {
        Self { kind: Kind::Vector, dims: vec![len.clone()], len, marker: None }
    }

    /// What the compiler knows by the name of this type.
    pub fn open(marker: TokenStream) -> Self {
        let len = Dim::atom(quote!(<#marker as ::monograd::shapes::Shape>::LEN));
        Self { kind: Kind::Open, dims: Vec::new(), len, marker: Some(marker) }
    }

    /// The type of an open shape.
    pub fn marker(&self) -> &TokenStream {
        self.marker.as_ref().expect("an open shape has a type")
    }

    /// How many values there are.
    pub fn len(&self) -> &Dim {
        &self.len
    }

    /// The axes whose values a receptive field counts: all but the channels.
    pub fn extent(&self) -> &[Dim] {
        match self.kind {
            Kind::Vector | Kind::Open => &self.dims,
            Kind::Sequence => &self.dims[..1],
            Kind::Signal | Kind::Image | Kind::Volume => &self.dims[1..],
        }
    }

    /// The number of channels of an image, a volume or a signal.
    pub fn channels(&self) -> Option<&Dim> {
        match self.kind {
            Kind::Vector | Kind::Sequence | Kind::Open => None,
            Kind::Signal | Kind::Image | Kind::Volume => self.dims.first(),
        }
    }

    /// Whether two shapes are certainly different; `None` if only the compiler can tell.
    pub fn differs(&self, other: &Self) -> Option<bool> {
        if self.kind == Kind::Open || other.kind == Kind::Open {
            return None;
        }
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
            Kind::Open => return f.write_str("[?]"),
            Kind::Sequence => f.write_str("sequence ")?,
            Kind::Signal => f.write_str("signal ")?,
            _ => {}
        }
        let dims: Vec<_> = self.dims.iter().map(ToString::to_string).collect();
        write!(f, "[{}]", dims.join(", "))
    }
}
