//! Structs of parameters without `unsafe`.

/// Declares a struct that is nothing but values of its first parameter, so that it can be a [`CustomLayer`](crate::CustomLayer).
///
/// Fields are anything that is [`Flat`](crate::Flat): values, matrices of `nalgebra` with static sizes, arrays of those, other
/// structs declared so, and [`PhantomData`](core::marker::PhantomData) for a parameter that no field has. That there are no gaps
/// between them is checked by the compiler. The first parameter is the scalar; the others are constants or types, without
/// bounds.
///
/// ```
/// use nalgebra::{SMatrix, SVector};
/// use nn_runtime::{Flat, plain_data};
///
/// plain_data! {
///     /// Two tables.
///     #[derive(Debug)]
///     pub struct Tables<T, const I: usize, const O: usize> {
///         pub weight: SMatrix<T, O, I>,
///         bias: SVector<T, O>,
///     }
/// }
///
/// let mut tables = Tables::<f32, 3, 2>::zeroed_box();
/// tables.weight[(1, 0)] = 5.0;
/// tables.bias[1] = 7.0;
/// assert_eq!(tables.as_flat(), [0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0]);
/// ```
///
/// A field that is not plain data is an error:
///
/// ```compile_fail
/// nn_runtime::plain_data! {
///     struct Growing<T> {
///         values: Vec<T>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! plain_data {
    (@generics $head:tt $T:ident [$($params:tt)*] [$($args:tt)*], const $name:ident: $ty:ident $($rest:tt)*) => {
        $crate::plain_data!(@generics $head $T [$($params)*, const $name: $ty] [$($args)*, $name] $($rest)*);
    };
    (@generics $head:tt $T:ident [$($params:tt)*] [$($args:tt)*], $name:ident $($rest:tt)*) => {
        $crate::plain_data!(@generics $head $T [$($params)*, $name] [$($args)*, $name] $($rest)*);
    };
    (@generics $head:tt $T:ident $params:tt $args:tt, > $($rest:tt)*) => {
        $crate::plain_data!(@generics $head $T $params $args > $($rest)*);
    };
    (
        @generics [$(#[$attribute:meta])* $visibility:vis struct $name:ident] $T:ident [$($params:tt)*] [$($args:tt)*] > {
            $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident: $ty:ty),* $(,)?
        }
    ) => {
        #[repr(C)]
        $(#[$attribute])*
        $visibility struct $name<$T $($params)*> {
            $($(#[$field_attribute])* $field_visibility $field: $ty,)*
        }

        // SAFETY: `repr(C)` over fields that are values of the scalar; `exact_len` verifies that there are no gaps.
        unsafe impl<$T: $crate::Real $($params)*> $crate::Flat<$T> for $name<$T $($args)*> {
            const LEN: usize = $crate::exact_len::<$T, Self>(&[$(<$ty as $crate::Flat<$T>>::LEN),*]);
        }

        impl<$T $($params)*> $crate::module::Handwritten for $name<$T $($args)*> {}
    };
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident<$T:ident $($rest:tt)*) => {
        $crate::plain_data!(@generics [$(#[$attribute])* $visibility struct $name] $T [] [] $($rest)*);
    };
}
