//! Layers of a user's own.

use core::marker::PhantomData;

use super::Module;
use super::seam::Seam;
use crate::initializers::Generator;
use crate::kernels::Kernels;
use crate::layers::{InputGradient, Noise};
use crate::plan::{Arena, Plan};
use crate::shapes::{Order, Shape};
use crate::{Flat, LayerInfo, Real, TensorEntry};

/// A struct that may be a [`CustomLayer`], which a network is not.
///
/// [`plain_data!`](crate::plain_data) implements it. For a struct with an `unsafe impl Flat` by hand, one line does:
/// `impl<T> Handwritten for Scale<T> {}`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as a layer of one's own",
    note = "declare the struct in `monograd::plain_data! {{ … }}`",
    note = "with an `unsafe impl Flat` by hand, also write `impl<T> monograd::module::Handwritten for …`"
)]
pub trait Handwritten {}

/// A layer of a user's own, for a network's `scale: Scale::<3>`.
///
/// A layer is a struct of its parameters, which [`plain_data!`](crate::plain_data) declares. It says for the shapes that it takes
/// what it gives, and has a forward and a backward pass over whole batches: slices of `B` samples, one after the other without
/// gaps. Everything else, where the values lie and how long, when gradients are added, and in which order images are in the
/// network around it, is not its business.
///
/// **Shapes.** `In` is one of [`shapes`](crate::shapes), and [`Output`](Self::Output) follows from it. An implementation for
/// `Vector<F>` with any `F: Size` takes vectors of every size. A size of the output that has to be computed is one of `typenum`'s,
/// `Quot<H, U2>` for half the height, with the bounds that this asks for; see the second example.
///
/// **Order.** Signals, images and volumes lie as [`ORDER`](Self::ORDER) says, channels first unless it says otherwise. Inside of
/// a network they lie channels last, so that `ChannelsLast` saves two transpositions.
///
/// **Passes.** [`forward`](Self::forward) is for inference and for training; a layer that computes something which its backward
/// pass wants again asks for room for it by [`CACHE`](Self::CACHE). [`backward`](Self::backward) is given what the forward pass
/// took and gave, and the gradient at its output. It overwrites the gradients of the parameters and of the input; the memory
/// that it writes to holds anything before.
///
/// **Level.** `level` is the instruction set in force; its methods are the [`Kernels`] of this crate. Plain loops need not care.
///
/// # Example
///
/// A gain for each feature, `y = gain ⊙ x`, so that `d_x = gain ⊙ d_y` and `d_gain = Σ_b x ⊙ d_y`:
///
/// ```
/// use nn_runtime::kernels::Kernels;
/// use nn_runtime::shapes::{Size, Vector};
/// use nn_runtime::{CustomLayer, Generator, Real, plain_data};
/// use nalgebra::SVector;
///
/// plain_data! {
///     /// A gain for each of N features.
///     pub struct Scale<T, const N: usize> {
///         pub gain: SVector<T, N>,
///     }
/// }
///
/// impl<T: Real, F: Size, const N: usize> CustomLayer<T, Vector<F>> for Scale<T, N> {
///     type Output = Vector<F>;
///     const MACS: usize = {
///         assert!(F::SIZE == N, "`Scale` takes as many features as it has gains");
///         N
///     };
///
///     fn initialize(&mut self, _: &mut Generator) {
///         self.gain.fill(T::one());
///     }
///
///     fn forward<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], _cache: Option<&mut [T]>) {
///         for (x, y) in x.chunks(N).zip(y.chunks_mut(N)) {
///             for i in 0..N {
///                 y[i] = self.gain[i] * x[i];
///             }
///         }
///     }
///
///     fn backward<L: Kernels<T>>(
///         &self,
///         _: L,
///         x: &[T],
///         _y: &[T],
///         _cache: &[T],
///         d_y: &[T],
///         d_x: Option<&mut [T]>,
///         d: &mut Self,
///     ) {
///         d.gain.fill(T::zero());
///         for (x, d_y) in x.chunks(N).zip(d_y.chunks(N)) {
///             for i in 0..N {
///                 d.gain[i] += x[i] * d_y[i];
///             }
///         }
///         if let Some(d_x) = d_x {
///             for (d_x, d_y) in d_x.chunks_mut(N).zip(d_y.chunks(N)) {
///                 for i in 0..N {
///                     d_x[i] = self.gain[i] * d_y[i];
///                 }
///             }
///         }
///     }
/// }
///
/// # use nn_runtime::Flat;
/// # use nn_runtime::simd::Scalar;
/// # use nn_runtime::typenum::U2;
/// # let mut scale = Scale::<f32, 2>::zeroed_box();
/// # scale.gain = SVector::from([2.0, 3.0]);
/// # let mut y = [0.0; 4];
/// # CustomLayer::<f32, Vector<U2>>::forward(&*scale, Scalar, &[1.0, 2.0, 3.0, 4.0], &mut y, None);
/// # assert_eq!(y, [2.0, 6.0, 6.0, 12.0]);
/// ```
///
/// A layer whose output is computed: every second place of an image's rows and columns, half of its height and width.
///
/// ```
/// use core::ops::Div;
/// use nn_runtime::shapes::{Image, Shape, Size};
/// use nn_runtime::typenum::{Quot, U2, U3, U16, U32};
/// # use nn_runtime::kernels::Kernels;
/// use nn_runtime::{CustomLayer, Real, plain_data};
/// use core::marker::PhantomData;
///
/// plain_data! {
///     pub struct Halve<T> {
///         scalar: PhantomData<T>,
///     }
/// }
///
/// impl<T: Real, C: Size, H: Size, W: Size> CustomLayer<T, Image<C, H, W>> for Halve<T>
/// where
///     H: Div<U2, Output: Size>,
///     W: Div<U2, Output: Size>,
/// {
///     type Output = Image<C, Quot<H, U2>, Quot<W, U2>>;
///     // …
/// #   fn forward<L: Kernels<T>>(&self, _: L, _: &[T], _: &mut [T], _: Option<&mut [T]>) {}
/// #   fn backward<L: Kernels<T>>(&self, _: L, _: &[T], _: &[T], _: &[T], _: &[T], _: Option<&mut [T]>, _: &mut Self) {}
/// }
///
/// type Halved = <Halve<f32> as CustomLayer<f32, Image<U3, U32, U32>>>::Output;
/// assert_eq!(Halved::DIMS, [3, 16, 16]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `{In}`",
    label = "not a layer for this shape",
    note = "it would have to implement `CustomLayer<T, {In}>`"
)]
pub trait CustomLayer<T: Real, In: Shape>: Flat<T> + Handwritten {
    /// The shape that it gives.
    type Output: Shape;

    /// How signals, images and volumes lie in everything that it reads and writes.
    const ORDER: Order = Order::ChannelsFirst;
    /// Values a sample that the forward pass keeps for the backward pass, beside what it takes and gives.
    const CACHE: usize = 0;
    /// Multiply-accumulates a sample, for the table.
    const MACS: usize = 0;
    /// The tensors of its parameters, for files: one of all values, `parameters`, unless it says more.
    const TENSORS: &'static [TensorEntry] = Whole::<T, Self>::ENTRIES;

    /// Draws the parameters anew; zeros unless it says more.
    fn initialize(&mut self, generator: &mut Generator) {
        _ = generator;
        self.as_flat_mut().fill(T::zero());
    }

    /// `x` to `y`, and in training to `cache`.
    fn forward<L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T], cache: Option<&mut [T]>);

    /// From `d_y = ∂L/∂y` to `d_x = ∂L/∂x`, if it is wanted, and to `d = ∂L/∂parameters`. Both are overwritten.
    fn backward<L: Kernels<T>>(
        &self,
        level: L,
        x: &[T],
        y: &[T],
        cache: &[T],
        d_y: &[T],
        d_x: Option<&mut [T]>,
        d: &mut Self,
    );
}

/// The table of a struct whose fields nobody has described.
struct Whole<T, F>(PhantomData<(T, F)>);

impl<T: Real, F: Flat<T>> Whole<T, F> {
    const SHAPE: &'static [usize] = &[F::LEN];
    const ALL: &'static [TensorEntry] =
        &[TensorEntry::Tensor { name: "parameters", shape: Self::SHAPE, order: &[0], offset: 0 }];
    const ENTRIES: &'static [TensorEntry] = if F::LEN == 0 { &[] } else { Self::ALL };
}

/// The two ends of a layer, and where its values lie: input and output in its own order, and what it keeps.
struct Ends<T, In, C>(PhantomData<(T, In, C)>);

impl<T: Real, In: Shape, C: CustomLayer<T, In>> Ends<T, In, C> {
    const INPUT: Seam = Seam::of::<In>(C::ORDER);
    const OUTPUT: Seam = Seam::of::<C::Output>(C::ORDER);
    const WORK: Plan<2> = Plan::side_by_side([Self::INPUT.room(), Self::OUTPUT.room()]);
    const TAPE: Plan<3> = Plan::side_by_side([Self::INPUT.room(), Self::OUTPUT.room(), C::CACHE]);
    const GRADIENTS: Plan<3> = Seam::gradients(Self::INPUT, Self::OUTPUT);
}

impl<T: Real, In: Shape, C: CustomLayer<T, In>> Module<T, In> for C {
    type Output = C::Output;

    const PARAMS: usize = C::LEN;
    const ACTIVATIONS: usize = <C::Output as Shape>::LEN;
    const MACS: usize = <C as CustomLayer<T, In>>::MACS;
    const LAYERS: &'static [LayerInfo] = &[];
    const TENSORS: &'static [TensorEntry] = <C as CustomLayer<T, In>>::TENSORS;
    const BUFFER_TENSORS: &'static [TensorEntry] = &[];
    const BUFFERS_LEN: usize = 0;
    const INFERENCE_SIZE: usize = Ends::<T, In, C>::WORK.size;
    const INFERENCE_SCRATCH: usize = 0;
    const TAPE: usize = Ends::<T, In, C>::TAPE.size;
    const TRAINING_SIZE: usize = Ends::<T, In, C>::GRADIENTS.size;
    const TRAINING_SCRATCH: usize = 0;

    fn initialize(&mut self, generator: &mut Generator) {
        CustomLayer::initialize(self, generator);
    }

    fn infer<L: Kernels<T>>(&self, level: L, input: &[T], output: &mut [T], work: &mut Arena<'_, T>, _: &mut [T]) {
        let [x, y] = work.views(Ends::<T, In, C>::WORK.regions);
        let x = Ends::<T, In, C>::INPUT.inward(level, input, x);
        Ends::<T, In, C>::OUTPUT.outward(level, output, y, |y| self.forward(level, x, y, None));
    }

    fn forward_training<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        tape: &mut Arena<'_, T>,
        _: &mut Arena<'_, T>,
        _: &mut [T],
        _: &mut Self,
        _: Noise,
    ) {
        let [x, y, cache] = tape.views(Ends::<T, In, C>::TAPE.regions);
        let x = Ends::<T, In, C>::INPUT.inward(level, input, x);
        Ends::<T, In, C>::OUTPUT.outward(level, output, y, |y| self.forward(level, x, y, Some(cache)));
    }

    fn backward<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &[T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        _: &mut [T],
        d: &mut Self,
        _: Noise,
        d_output: &mut [T],
        d_input: Option<InputGradient<'_, T>>,
    ) {
        let [x, y, cache] = tape.views(Ends::<T, In, C>::TAPE.regions);
        let x = if x.is_empty() { input } else { x };
        let y = if y.is_empty() { output } else { y };
        let [d_y, d_x, sum] = work.views(Ends::<T, In, C>::GRADIENTS.regions);
        let d_y = Ends::<T, In, C>::OUTPUT.inward(level, d_output, d_y);
        Ends::<T, In, C>::INPUT.give(level, d_input, d_x, sum, |d_x| {
            CustomLayer::backward(self, level, x, y, cache, d_y, d_x, d);
        });
    }

    fn update_buffers(&mut self, _: &Self, _: usize) {}
}
