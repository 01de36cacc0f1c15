::core::compile_error! {
    "there is no layer `rleu`\nhelp: did you mean `relu`?"
}
/// Input `[784]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `hidden` | `dense(128)` | `[128]` | 100,480 | 128 | 100,352 | 784 |
/// | total | | | 100,480 | 128 | 100,352 | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
pub struct Net<T = f32> {
    /// `dense(128) -> rleu`: `[784]` → `[128]`.
    pub hidden: ::monograd::layers::Dense<T, 784, 128>,
    #[doc(hidden)]
    _hidden_padding: [T; ::monograd::padding(100480)],
    /// `dense(5) -> dense(6)`.
    pub other: ::monograd::layers::Empty,
    /// `dense(10)`.
    pub out: ::monograd::layers::Empty,
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for Net<T> {
    const LEN: usize = ::monograd::exact_len::<T, Self>(&[::monograd::aligned(100480)]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl Net<f32> {
    /// Parameters in all, without padding.
    pub const PARAMS: usize = <Self as ::monograd::Network>::PARAMS;
    /// Values that the layers give for a sample, in all.
    pub const ACTIVATIONS: usize = <Self as ::monograd::Network>::ACTIVATIONS;
    /// Multiply-accumulates a sample.
    pub const MACS: usize = <Self as ::monograd::Network>::MACS;
    /// Bytes of an inference workspace for one sample, its output included.
    pub const INFERENCE_BYTES: usize = <Self as ::monograd::Network>::INFERENCE_BYTES;
    /// Bytes of a training workspace: those it has in any case, and those for each sample.
    pub const TRAINING_BYTES: ::core::option::Option<(usize, usize)> = <Self as ::monograd::Network>::TRAINING_BYTES;
    /// How much of the input one value of the output depends on, by axis without the channels.
    pub const RECEPTIVE_FIELD: &'static [usize] = <Self as ::monograd::Network>::RECEPTIVE_FIELD;
    /// A network with initialised parameters, by seed 0. For `f64`: `Net::<f64>::new()`.
    #[must_use]
    #[inline]
    pub fn new() -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::new()
    }
    /// A network with initialised parameters: the same for the same seed, on every machine.
    #[must_use]
    #[inline]
    pub fn seeded(seed: u64) -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::seeded(seed)
    }
    /// A network of zeros: to load weights into, or to hold gradients.
    #[must_use]
    #[inline]
    pub fn zeroed() -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::zeroed()
    }
    /// A workspace for inference with up to `samples` samples a call.
    #[must_use]
    #[inline]
    pub fn workspace(samples: usize) -> ::monograd::Inference<Self> {
        ::monograd::Inference::new(samples)
    }
    /// The table of layers; it can be displayed.
    #[must_use]
    #[inline]
    pub fn summary() -> ::monograd::Summary {
        <Self as ::monograd::Network>::summary()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl<T: ::monograd::Real> Net<T> {
    /// The outputs `[10]` for samples `[784]`: one sample is one column, row-major.
    ///
    /// The batch may be static, dynamic or a view of columns.
    ///
    /// # Panics
    /// If there are more columns than `work` was made for.
    #[inline]
    #[track_caller]
    pub fn forward<'work, B, S>(
        &self,
        input: &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<784>, B, S>,
        work: &'work mut ::monograd::Inference<Self>,
    ) -> ::monograd::nalgebra::MatrixView<'work, T, ::monograd::nalgebra::Const<10>, B>
    where
        B: ::monograd::nalgebra::Dim,
        S: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<784>, B>
            + ::monograd::nalgebra::IsContiguous,
    {
        work.run(self, input)
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T> ::core::fmt::Debug for Net<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("Net").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Network for Net<T> {
    type Scalar = T;
    type Input = ::monograd::nalgebra::Const<784>;
    type Output = ::monograd::nalgebra::Const<10>;
    const NAME: &'static str = "Net";
    const INPUT_SHAPE: &'static [usize] = &[784];
    const OUTPUT_SHAPE: &'static [usize] = &[10];
    const INPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "input",
            shape: &[784],
        },
    ];
    const OUTPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "output",
            shape: &[10],
        },
    ];
    const RECEPTIVE_FIELD: &'static [usize] = &[];
    const LAYERS: &'static [::monograd::LayerInfo] = &[];
    const TENSORS: &'static [::monograd::TensorEntry] = &[];
    const INFERENCE_SIZE: usize = 0;
    const TRAINING_SIZE: ::core::option::Option<usize> = ::core::option::Option::None;
    #[allow(unused_variables)]
    fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {}
    #[inline]
    #[allow(unused_variables)]
    fn infer<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
    ) {}
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Trainable for Net<T> {
    const OUTPUT: ::monograd::plan::Region = ::monograd::plan::Region {
        offset: 0,
        len: 0,
    };
    const D_OUTPUT: ::monograd::plan::Region = ::monograd::plan::Region {
        offset: 0,
        len: 0,
    };
    #[inline]
    #[allow(unused_variables)]
    fn forward_training<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
        gradient: &mut Self,
        noise: ::monograd::layers::Noise,
    ) {}
    #[inline]
    #[allow(unused_variables, unused_mut)]
    fn backward<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
        gradient: &mut Self,
        noise: ::monograd::layers::Noise,
        mut d_input: ::core::option::Option<&mut [T]>,
    ) {}
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real, In: ::monograd::shapes::Shape> ::monograd::Module<T, In>
for Net<T> {
    type Output = ::monograd::shapes::Vector<::monograd::typenum::U10>;
    ::monograd::module_of_network!(
        T, In, ::monograd::shapes::Vector < ::monograd::typenum::U10 >,
        ::monograd::shapes::Vector < ::monograd::typenum::U784 >
    );
}
