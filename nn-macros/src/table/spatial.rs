//! Layers over places: which shapes have them, and what to say to the others.

use proc_macro2::TokenStream;
use quote::quote;

use super::Call;
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::shape::{Kind, Shape};

/// The kinds of shape that a word has a layer of its own for, by the number of its axes.
pub const RANKS: [Kind; 3] = [Kind::Signal, Kind::Image, Kind::Volume];

/// What arrives, taken apart.
pub struct Places<'a> {
    pub channels: &'a Dim,
    pub axes: &'a [Dim],
}

impl Call<'_> {
    /// The channels and the axes of what arrives, if it is one of these kinds.
    pub fn places(&self, kinds: &[Kind]) -> Result<Places<'_>, Mistake> {
        let Shape { kind, dims, .. } = self.input;
        if !kinds.contains(kind) {
            return Err(self.needs(kinds));
        }
        Ok(match kind {
            Kind::Sequence => Places { channels: &dims[1], axes: &dims[..1] },
            _ => Places { channels: &dims[0], axes: &dims[1..] },
        })
    }

    /// What arrives is of another kind.
    fn needs(&self, kinds: &[Kind]) -> Mistake {
        let nouns: Vec<_> = kinds.iter().map(|kind| noun(*kind)).collect();
        let (last, first) = nouns.split_last().expect("a layer takes something");
        let needs = if first.is_empty() { (*last).into() } else { format!("{} or {last}", first.join(", ")) };
        let mistake = Mistake::new(format!("`{}` needs {needs}, but {} {}", self.word, self.giver, self.input));
        let mistake = match self.input.kind {
            kind if self.sibling(kind).is_some() => {
                let sibling = self.sibling(kind).expect("it was asked for");
                mistake.help(format!("write `{}` for {}", self.text.replacen(self.word, &sibling, 1), noun(kind)))
            }
            Kind::Vector => mistake
                .note("a vector has no places, only features")
                .help(format!("declare the input as {}, and `flatten` it later", declared(kinds[0]))),
            Kind::Sequence => mistake.help("declare the input as `signal [C, L]`, C channels of length L"),
            Kind::Signal | Kind::Image | Kind::Volume | Kind::Open => mistake,
        };
        mistake.about_shape()
    }

    /// The word for the same layer over another kind of shape.
    fn sibling(&self, kind: Kind) -> Option<String> {
        let axes = RANKS.iter().position(|rank| *rank == kind)? + 1;
        let stem = self.word.strip_suffix("1d").or(self.word.strip_suffix("2d")).or(self.word.strip_suffix("3d"))?;
        super::row(&format!("{stem}{axes}d")).map(|row| row.word.into())
    }

    /// How the table writes the sizes of what arrives.
    pub fn extent(&self) -> TokenStream {
        extent(self.input)
    }
}

/// A kind of shape in a sentence.
pub fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Vector | Kind::Open => "a vector",
        Kind::Sequence => "a sequence",
        Kind::Signal => "a signal",
        Kind::Image => "an image",
        Kind::Volume => "a volume",
    }
}

/// How a shape of a kind is declared.
fn declared(kind: Kind) -> &'static str {
    match kind {
        Kind::Vector | Kind::Open => "a vector `[F]`",
        Kind::Sequence => "a sequence `sequence [T, F]`",
        Kind::Signal => "a signal `signal [C, L]`",
        Kind::Image => "an image `[C, H, W]`",
        Kind::Volume => "a volume `[C, D, H, W]`",
    }
}

/// The name of an axis, and of what lies along it, for messages: of the last `axes` ones.
pub fn axis_name(axes: usize, place: usize) -> (&'static str, &'static str) {
    match (axes, axes - place) {
        (1, _) => ("length", "values"),
        (_, 1) => ("width", "columns"),
        (_, 2) => ("height", "rows"),
        _ => ("depth", "slices"),
    }
}

/// Three axes, those that are not there filled in before the others.
pub fn three<T>(axes: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>, missing: impl Fn() -> T) -> Vec<T> {
    let axes = axes.into_iter();
    (axes.len()..3).map(|_| missing()).chain(axes).collect()
}

/// Three sizes as an array.
pub fn three_sizes(axes: &[Dim], missing: usize) -> TokenStream {
    let axes = three(axes.iter().cloned(), || Dim::Literal(missing));
    quote!([#(#axes),*])
}

/// A shape as the runtime has it: a vector is a single place, the steps of a sequence are places.
pub fn extent(shape: &Shape) -> TokenStream {
    let dims = &shape.dims;
    let (channels, axes) = match shape.kind {
        Kind::Sequence => (&dims[1], &dims[..1]),
        _ => (&dims[0], &dims[1..]),
    };
    let axes = three_sizes(axes, 1);
    quote!(::monograd::geometry::Extent { channels: #channels, axes: #axes })
}

/// The same kind of shape with other sizes; `None` if it has more values than fit in memory.
pub fn shape_of(kind: Kind, channels: &Dim, axes: impl IntoIterator<Item = Dim>) -> Option<Shape> {
    Shape::new(kind, core::iter::once(channels.clone()).chain(axes).collect())
}
