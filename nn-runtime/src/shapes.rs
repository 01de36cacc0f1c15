//! Shapes as types: what a layer from elsewhere takes and gives.
//!
//! A shape is a marker over the sizes of its axes: [`Image<C, H, W>`](Image). A size is a numeral of [`typenum`], with which types
//! can count, or [`Const`], with which they cannot, but which takes any constant.
//!
//! ```
//! use nn_runtime::shapes::{Image, Kind, Shape};
//! use nn_runtime::typenum::{U3, U32};
//!
//! type Picture = Image<U3, U32, U32>;
//! assert_eq!((Picture::KIND, Picture::DIMS, Picture::LEN), (Kind::Image, &[3, 32, 32][..], 3072));
//! ```

use core::marker::PhantomData;

use nalgebra::Const;
use typenum::{Bit, UInt, UTerm, Unsigned};

/// The size of an axis, as a type: a numeral of `typenum`, or nalgebra's [`Const`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a size",
    note = "sizes are `Const<32>` and the numerals of `monograd::typenum`, such as `U32`"
)]
pub trait Size {
    /// The size.
    const SIZE: usize;
}

impl Size for UTerm {
    const SIZE: usize = 0;
}

impl<U: Unsigned, B: Bit> Size for UInt<U, B> {
    const SIZE: usize = <Self as Unsigned>::USIZE;
}

impl<const N: usize> Size for Const<N> {
    const SIZE: usize = N;
}

/// What the axes of a shape are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[F]`: features.
    Vector,
    /// `sequence [T, F]`: a vector for each step.
    Sequence,
    /// `signal [C, L]`: channels along one axis.
    Signal,
    /// `[C, H, W]`: channels along two axes.
    Image,
    /// `[C, D, H, W]`: channels along three axes.
    Volume,
}

/// A shape as a type: [`Vector`], [`Sequence`], [`Signal`], [`Image`] or [`Volume`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a shape",
    note = "shapes are `Vector`, `Sequence`, `Signal`, `Image` and `Volume` of `monograd::shapes`, over sizes"
)]
pub trait Shape {
    /// What its axes are.
    const KIND: Kind;
    /// The sizes of its axes.
    const DIMS: &'static [usize];
    /// How many values it has.
    const LEN: usize;
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident<$($axis:ident),+>;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name<$($axis),+>(PhantomData<($($axis,)+)>);

        impl<$($axis: Size),+> Shape for $name<$($axis),+> {
            const KIND: Kind = Kind::$name;
            const DIMS: &'static [usize] = &[$($axis::SIZE),+];
            const LEN: usize = 1 $(* $axis::SIZE)+;
        }
    )+};
}

shapes! {
    /// `[F]`.
    Vector<F>;
    /// `sequence [T, F]`: the features of a step are neighbours.
    Sequence<T, F>;
    /// `signal [C, L]`.
    Signal<C, L>;
    /// `[C, H, W]`.
    Image<C, H, W>;
    /// `[C, D, H, W]`.
    Volume<C, D, H, W>;
}

/// In which order the values of signals, images and volumes lie. For other shapes there is only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `[C, H, W]`, as in PyTorch and at the ends of a network: the places of a channel are neighbours.
    ChannelsFirst,
    /// `[H, W, C]`, as inside of a network: the channels of a place are neighbours.
    ChannelsLast,
}

/// Channels and places of a shape: one place if it has no channels apart.
#[must_use]
pub const fn channels_and_places<S: Shape>() -> [usize; 2] {
    match S::KIND {
        Kind::Vector | Kind::Sequence => [S::LEN, 1],
        Kind::Signal | Kind::Image | Kind::Volume if S::LEN == 0 => [0, 0],
        Kind::Signal | Kind::Image | Kind::Volume => [S::DIMS[0], S::LEN / S::DIMS[0]],
    }
}

#[cfg(test)]
mod tests {
    use typenum::{U0, U1, U2, U3, U5, U10, U784};

    use super::*;

    #[test]
    fn numerals_and_constants_are_sizes() {
        assert_eq!([U0::SIZE, U1::SIZE, U10::SIZE, U784::SIZE, Const::<784>::SIZE], [0, 1, 10, 784, 784]);
    }

    #[test]
    fn shapes_know_their_axes() {
        const fn of<S: Shape>() -> (Kind, &'static [usize], usize, [usize; 2]) {
            (S::KIND, S::DIMS, S::LEN, channels_and_places::<S>())
        }
        assert_eq!(of::<Vector<U10>>(), (Kind::Vector, &[10][..], 10, [10, 1]));
        assert_eq!(of::<Sequence<U5, U3>>(), (Kind::Sequence, &[5, 3][..], 15, [15, 1]));
        assert_eq!(of::<Signal<U3, Const<7>>>(), (Kind::Signal, &[3, 7][..], 21, [3, 7]));
        assert_eq!(of::<Image<U2, U3, U5>>(), (Kind::Image, &[2, 3, 5][..], 30, [2, 15]));
        assert_eq!(of::<Volume<U2, U3, U1, U5>>(), (Kind::Volume, &[2, 3, 1, 5][..], 30, [2, 15]));
        assert_eq!(of::<Image<U0, U3, U5>>(), (Kind::Image, &[0, 3, 5][..], 0, [0, 0]));
    }
}
