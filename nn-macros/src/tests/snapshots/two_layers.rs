/// Handwritten digits.
///
/// Input `[784]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `hidden` | `dense(128)` | `[128]` | 100,480 | 128 | 100,352 | 784 |
/// |  | `relu` | `[128]` | 0 | 128 | 0 | 784 |
/// | `out` | `dense(10)` | `[10]` | 1,290 | 10 | 1,280 | 784 |
/// | total | | | 101,770 | 266 | 101,632 | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
pub struct Digits<T = f32> {
    /// `dense(128) -> relu`: `[784]` → `[128]`.
    pub hidden: ::monograd::layers::Dense<T, 784, 128>,
    #[doc(hidden)]
    _hidden_padding: [T; ::monograd::padding(100480)],
    /// One score a digit.
    ///
    /// `dense(10)`: `[128]` → `[10]`.
    pub out: ::monograd::layers::Dense<T, 128, 10>,
    #[doc(hidden)]
    _out_padding: [T; ::monograd::padding(1290)],
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for Digits<T> {
    const LEN: usize = ::monograd::exact_len::<
        T,
        Self,
    >(&[::monograd::aligned(100480), ::monograd::aligned(1290)]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl Digits<f32> {
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
impl<T: ::monograd::Real> Digits<T> {
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
impl<T> ::core::fmt::Debug for Digits<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("Digits").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(long_running_const_eval)]
impl<T> Digits<T> {
    #[doc(hidden)]
    const INFERENCE_PLAN: ::monograd::plan::Plan<1> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: 128,
            first: 0,
            last: 1,
        },
    ]);
    #[doc(hidden)]
    const TRAINING_PLAN: ::monograd::plan::Plan<4> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: 128,
            first: 0,
            last: 4,
        },
        ::monograd::plan::Lifetime {
            len: 10,
            first: 1,
            last: 5,
        },
        ::monograd::plan::Lifetime {
            len: 10,
            first: 2,
            last: 3,
        },
        ::monograd::plan::Lifetime {
            len: 128,
            first: 3,
            last: 4,
        },
    ]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Network for Digits<T> {
    type Scalar = T;
    type Input = ::monograd::nalgebra::Const<784>;
    type Output = ::monograd::nalgebra::Const<10>;
    const NAME: &'static str = "Digits";
    const INPUT_SHAPE: &'static [usize] = &[784];
    const OUTPUT_SHAPE: &'static [usize] = &[10];
    const RECEPTIVE_FIELD: &'static [usize] = &[784];
    const LAYERS: &'static [::monograd::LayerInfo] = &[
        ::monograd::LayerInfo {
            line: "hidden",
            layer: "dense(128)",
            kind: "dense",
            output: &[128],
            params: 100480,
            activations: 128,
            macs: 100352,
            receptive_field: &[784],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "hidden",
            layer: "relu",
            kind: "relu",
            output: &[128],
            params: 0,
            activations: 128,
            macs: 0,
            receptive_field: &[784],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "out",
            layer: "dense(10)",
            kind: "dense",
            output: &[10],
            params: 1290,
            activations: 10,
            macs: 1280,
            receptive_field: &[784],
            inner: &[],
        },
    ];
    const TENSORS: &'static [::monograd::TensorEntry] = &[
        ::monograd::TensorEntry::Tensor {
            name: "hidden.weight",
            shape: &[128, 784],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Digits < f32 >, hidden.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "hidden.bias",
            shape: &[128],
            order: &[0],
            offset: ::core::mem::offset_of!(Digits < f32 >, hidden.bias)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "out.weight",
            shape: &[10, 128],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Digits < f32 >, out.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "out.bias",
            shape: &[10],
            order: &[0],
            offset: ::core::mem::offset_of!(Digits < f32 >, out.bias)
                / ::core::mem::size_of::<f32>(),
        },
    ];
    const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[];
    const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
    const INFERENCE_BOUND: usize = Self::INFERENCE_PLAN.bound;
    const TRAINING_SIZE: ::core::option::Option<usize> = ::core::option::Option::Some(
        Self::TRAINING_PLAN.size,
    );
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
    #[allow(unused_variables)]
    fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
        self.hidden.initialize(::monograd::initializers::HeUniform::new(), generator);
        self.out.initialize(::monograd::initializers::XavierUniform::new(), generator);
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
        let plan = &Self::INFERENCE_PLAN.regions;
        let [to] = arena.views([plan[0]]);
        self.hidden
            .forward(
                level,
                input,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Relu),
                scratch,
            );
        let [from] = arena.views([plan[0]]);
        self.out
            .forward(
                level,
                from,
                output,
                ::monograd::activations::Activation::Linear,
                scratch,
            );
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Trainable for Digits<T> {
    const OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[1];
    const D_OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[2];
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
    ) {
        let samples = arena.samples();
        let plan = &Self::TRAINING_PLAN.regions;
        let [to] = arena.views([plan[0]]);
        self.hidden
            .forward(
                level,
                input,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Relu),
                scratch,
            );
        let [from, to] = arena.views([plan[0], plan[1]]);
        self.out
            .forward(
                level,
                from,
                to,
                ::monograd::activations::Activation::Linear,
                scratch,
            );
    }
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
    ) {
        let samples = arena.samples();
        let plan = &Self::TRAINING_PLAN.regions;
        let [d_to, from, d_from] = arena.views([plan[2], plan[0], plan[3]]);
        self.out
            .backward(
                level,
                from,
                d_to,
                ::core::option::Option::Some(::monograd::layers::InputGradient {
                    values: d_from,
                    accumulate: false,
                }),
                &mut gradient.out,
                false,
                scratch,
            );
        let [cached, d_to] = arena.views([plan[0], plan[3]]);
        level
            .activation_gradient(::monograd::activations::ActivationGradient {
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Relu,
                ),
                cached: cached,
                d: d_to,
            });
        let [d_to] = arena.views([plan[3]]);
        self.hidden
            .backward(
                level,
                input,
                d_to,
                d_input
                    .as_deref_mut()
                    .map(|values| ::monograd::layers::InputGradient {
                        values: values,
                        accumulate: false,
                    }),
                &mut gradient.hidden,
                false,
                scratch,
            );
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real, In: ::monograd::shapes::Shape> ::monograd::Module<T, In>
for Digits<T> {
    type Output = ::monograd::shapes::Vector<::monograd::typenum::U10>;
    ::monograd::module_of_network!(
        T, In, ::monograd::shapes::Vector < ::monograd::typenum::U10 >,
        ::monograd::shapes::Vector < ::monograd::typenum::U784 >
    );
}
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 784, 128>,
>(&[784], &[128], 100480, 128, 100352);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::relu::cached(::monograd::activations::Relu),
    ::monograd::activations::Cached::Output,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 128, 10>,
>(&[128], &[10], 1290, 10, 1280);
