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
use typenum::{B0, B1, Bit, UInt, UTerm, Unsigned};

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

/// A number that the compiler computes, as a numeral of `typenum`: by its six hexadecimal digits, the highest first.
///
/// `Numeral<0, 0, 0, 3, 1, 0>` is `U784`. Const generics cannot become types on stable Rust but for a few values; each digit is
/// one of sixteen.
pub type Numeral<const A: usize, const B: usize, const C: usize, const D: usize, const E: usize, const F: usize> =
    Pushed<Pushed<Pushed<Pushed<Pushed<Pushed<UTerm, A>, B>, C>, D>, E>, F>;

type Pushed<N, const DIGIT: usize> = <N as PushDigit<DIGIT>>::Output;

/// A numeral with a hexadecimal digit behind it.
pub trait PushDigit<const DIGIT: usize> {
    /// Sixteen times the number, plus the digit.
    type Output;
}

/// A numeral with a bit behind it.
pub trait PushBit<Bit> {
    /// Twice the number, plus the bit.
    type Output;
}

impl PushBit<B0> for UTerm {
    type Output = Self;
}

impl PushBit<B1> for UTerm {
    type Output = UInt<Self, B1>;
}

impl<U, Last, Next> PushBit<Next> for UInt<U, Last> {
    type Output = UInt<Self, Next>;
}

macro_rules! digits {
    ($($digit:literal $a:ident $b:ident $c:ident $d:ident;)+) => {$(
        impl<N, A, B, C, D> PushDigit<$digit> for N
        where
            N: PushBit<$a, Output = A>,
            A: PushBit<$b, Output = B>,
            B: PushBit<$c, Output = C>,
            C: PushBit<$d, Output = D>,
        {
            type Output = D;
        }
    )+};
}

digits! {
    0 B0 B0 B0 B0;
    1 B0 B0 B0 B1;
    2 B0 B0 B1 B0;
    3 B0 B0 B1 B1;
    4 B0 B1 B0 B0;
    5 B0 B1 B0 B1;
    6 B0 B1 B1 B0;
    7 B0 B1 B1 B1;
    8 B1 B0 B0 B0;
    9 B1 B0 B0 B1;
    10 B1 B0 B1 B0;
    11 B1 B0 B1 B1;
    12 B1 B1 B0 B0;
    13 B1 B1 B0 B1;
    14 B1 B1 B1 B0;
    15 B1 B1 B1 B1;
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
    fn numbers_become_numerals() {
        const SIDE: usize = 28;
        let of_zero: [(); Numeral::<0, 0, 0, 0, 0, 0>::USIZE] = [];
        assert_eq!(of_zero.len(), 0);
        assert_eq!(<Numeral<0, 0, 0, 3, 1, 0> as core::ops::Add<U1>>::Output::USIZE, 785);
        assert_eq!(<Numeral<0, 0, 0, 0, { SIDE >> 4 & 15 }, { SIDE & 15 }> as core::ops::Div<U2>>::Output::USIZE, 14);
        assert_eq!(Numeral::<15, 14, 13, 12, 11, 10>::USIZE, 0x00fe_dcba);
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
