/// Input `[2]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `out` | `dense(1, init = zeros)` | `[1]` | 3 | 1 | 2 | 2 |
/// |  | `step` | `[1]` | 0 | 1 | 0 | 2 |
/// | total | | | 3 | 2 | 2 | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
struct And<T = f32> {
    /// `dense(1, init = zeros) -> step`: `[2]` → `[1]`.
    out: ::monograd::layers::Dense<T, 2, 1>,
    #[doc(hidden)]
    _out_padding: [T; ::monograd::padding(3)],
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for And<T> {
    const LEN: usize = ::monograd::exact_len::<T, Self>(&[::monograd::aligned(3)]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl And<f32> {
    /// Parameters in all, without padding.
    const PARAMS: usize = <Self as ::monograd::Network>::PARAMS;
    /// Values that the layers give for a sample, in all.
    const ACTIVATIONS: usize = <Self as ::monograd::Network>::ACTIVATIONS;
    /// Multiply-accumulates a sample.
    const MACS: usize = <Self as ::monograd::Network>::MACS;
    /// Bytes of an inference workspace for one sample, its output included.
    const INFERENCE_BYTES: usize = <Self as ::monograd::Network>::INFERENCE_BYTES;
    /// Bytes of a training workspace: those it has in any case, and those for each sample.
    const TRAINING_BYTES: ::core::option::Option<(usize, usize)> = <Self as ::monograd::Network>::TRAINING_BYTES;
    /// How much of the input one value of the output depends on, by axis without the channels.
    const RECEPTIVE_FIELD: &'static [usize] = <Self as ::monograd::Network>::RECEPTIVE_FIELD;
    /// A network with initialised parameters, by seed 0. For `f64`: `Net::<f64>::new()`.
    #[must_use]
    #[inline]
    fn new() -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::new()
    }
    /// A network with initialised parameters: the same for the same seed, on every machine.
    #[must_use]
    #[inline]
    fn seeded(seed: u64) -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::seeded(seed)
    }
    /// A network of zeros: to load weights into, or to hold gradients.
    #[must_use]
    #[inline]
    fn zeroed() -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::zeroed()
    }
    /// A workspace for inference with up to `samples` samples a call.
    #[must_use]
    #[inline]
    fn workspace(samples: usize) -> ::monograd::Inference<Self> {
        ::monograd::Inference::new(samples)
    }
    /// The table of layers; it can be displayed.
    #[must_use]
    #[inline]
    fn summary() -> ::monograd::Summary {
        <Self as ::monograd::Network>::summary()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl<T: ::monograd::Real> And<T> {
    /// The outputs `[1]` for samples `[2]`: one sample is one column, row-major.
    ///
    /// The batch may be static, dynamic or a view of columns.
    ///
    /// # Panics
    /// If there are more columns than `work` was made for.
    #[inline]
    #[track_caller]
    fn forward<'work, B, S>(
        &self,
        input: &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<2>, B, S>,
        work: &'work mut ::monograd::Inference<Self>,
    ) -> ::monograd::nalgebra::MatrixView<'work, T, ::monograd::nalgebra::Const<1>, B>
    where
        B: ::monograd::nalgebra::Dim,
        S: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<2>, B>
            + ::monograd::nalgebra::IsContiguous,
    {
        work.run(self, input)
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T> ::core::fmt::Debug for And<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("And").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(long_running_const_eval)]
impl<T> And<T> {
    #[doc(hidden)]
    const INFERENCE_PLAN: ::monograd::plan::Plan<0> = ::monograd::plan::Plan::new([]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Network for And<T> {
    type Scalar = T;
    type Input = ::monograd::nalgebra::Const<2>;
    type Output = ::monograd::nalgebra::Const<1>;
    const NAME: &'static str = "And";
    const INPUT_SHAPE: &'static [usize] = &[2];
    const OUTPUT_SHAPE: &'static [usize] = &[1];
    const RECEPTIVE_FIELD: &'static [usize] = &[2];
    const LAYERS: &'static [::monograd::LayerInfo] = &[
        ::monograd::LayerInfo {
            line: "out",
            layer: "dense(1, init = zeros)",
            kind: "dense",
            output: &[1],
            params: 3,
            activations: 1,
            macs: 2,
            receptive_field: &[2],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "out",
            layer: "step",
            kind: "step",
            output: &[1],
            params: 0,
            activations: 1,
            macs: 0,
            receptive_field: &[2],
            inner: &[],
        },
    ];
    const TENSORS: &'static [::monograd::TensorEntry] = &[
        ::monograd::TensorEntry::Tensor {
            name: "out.weight",
            shape: &[1, 2],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(And < f32 >, out.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "out.bias",
            shape: &[1],
            order: &[0],
            offset: ::core::mem::offset_of!(And < f32 >, out.bias)
                / ::core::mem::size_of::<f32>(),
        },
    ];
    const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[];
    const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
    const INFERENCE_BOUND: usize = Self::INFERENCE_PLAN.bound;
    const TRAINING_SIZE: ::core::option::Option<usize> = ::core::option::Option::None;
    const INPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "input",
            shape: &[2],
        },
    ];
    const OUTPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "output",
            shape: &[1],
        },
    ];
    #[allow(unused_variables)]
    fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
        self.out.initialize(::monograd::initializers::Zeros, generator);
    }
    #[inline]
    #[allow(unused_variables)]
    fn infer<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
    ) {
        let samples = arena.samples();
        self.out
            .forward(
                level,
                input,
                output,
                ::monograd::activations::Activation::from(::monograd::activations::Step),
                scratch,
            );
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::units::ThresholdUnits for And<T> {
    #[inline]
    fn weight_and_bias(&mut self) -> (&mut [T], &mut [T]) {
        (self.out.weight.as_mut_slice(), self.out.bias.as_mut_slice())
    }
}
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 2, 1>,
>(&[2], &[1], 3, 1, 2);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::step::cached(::monograd::activations::Step),
    ::monograd::activations::Cached::Output,
);
