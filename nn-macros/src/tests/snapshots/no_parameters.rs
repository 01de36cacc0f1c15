/// Input `[1, 28, 28]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `out` | `flatten` | `[784]` | 0 | 784 | 0 | 1 × 1 |
/// |  | `leaky_relu(slope = SLOPE)` | `[784]` | 0 | 784 | 0 | 1 × 1 |
/// | total | | | 0 | 1,568 | 0 | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
struct Flat<T = f32> {
    /// `flatten -> leaky_relu(slope = SLOPE)`: `[1, 28, 28]` → `[784]`.
    out: ::monograd::layers::Empty,
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for Flat<T> {
    const LEN: usize = ::monograd::exact_len::<T, Self>(&[]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl Flat<f32> {
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
impl<T: ::monograd::Real> Flat<T> {
    /// The outputs `[784]` for samples `[1, 28, 28]`: one sample is one column, row-major.
    ///
    /// The batch may be static, dynamic or a view of columns.
    ///
    /// # Panics
    /// If there are more columns than `work` was made for.
    #[inline]
    #[track_caller]
    fn forward<'work, B, S>(
        &self,
        input: &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<784>, B, S>,
        work: &'work mut ::monograd::Inference<Self>,
    ) -> ::monograd::nalgebra::MatrixView<'work, T, ::monograd::nalgebra::Const<784>, B>
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
impl<T> ::core::fmt::Debug for Flat<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("Flat").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(long_running_const_eval)]
impl<T> Flat<T> {
    #[doc(hidden)]
    const INFERENCE_PLAN: ::monograd::plan::Plan<0> = ::monograd::plan::Plan::new([]);
    #[doc(hidden)]
    const TRAINING_PLAN: ::monograd::plan::Plan<2> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: 784,
            first: 0,
            last: 3,
        },
        ::monograd::plan::Lifetime {
            len: 784,
            first: 1,
            last: 3,
        },
    ]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Network for Flat<T> {
    type Scalar = T;
    type Input = ::monograd::nalgebra::Const<784>;
    type Output = ::monograd::nalgebra::Const<784>;
    const NAME: &'static str = "Flat";
    const INPUT_SHAPE: &'static [usize] = &[1, 28, 28];
    const OUTPUT_SHAPE: &'static [usize] = &[784];
    const RECEPTIVE_FIELD: &'static [usize] = &[1, 1];
    const LAYERS: &'static [::monograd::LayerInfo] = &[
        ::monograd::LayerInfo {
            line: "out",
            layer: "flatten",
            kind: "flatten",
            output: &[784],
            params: 0,
            activations: 784,
            macs: 0,
            receptive_field: &[1, 1],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "out",
            layer: "leaky_relu(slope = SLOPE)",
            kind: "leaky_relu",
            output: &[784],
            params: 0,
            activations: 784,
            macs: 0,
            receptive_field: &[1, 1],
            inner: &[],
        },
    ];
    const TENSORS: &'static [::monograd::TensorEntry] = &[];
    const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[];
    const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
    const INFERENCE_BOUND: usize = Self::INFERENCE_PLAN.bound;
    const TRAINING_SIZE: ::core::option::Option<usize> = ::core::option::Option::Some(
        Self::TRAINING_PLAN.size,
    );
    const INPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "input",
            shape: &[1, 28, 28],
        },
    ];
    const OUTPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "output",
            shape: &[784],
        },
    ];
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
    ) {
        let samples = arena.samples();
        level
            .activate(::monograd::activations::Activate {
                activation: ::monograd::activations::Activation::from(::monograd::activations::LeakyRelu {
                    slope: const { ::monograd::claims::positive("slope", SLOPE) },
                }),
                x: input,
                y: output,
            });
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Trainable for Flat<T> {
    const OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[0];
    const D_OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[1];
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
        level
            .activate(::monograd::activations::Activate {
                activation: ::monograd::activations::Activation::from(::monograd::activations::LeakyRelu {
                    slope: const { ::monograd::claims::positive("slope", SLOPE) },
                }),
                x: input,
                y: to,
            });
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
        if d_input.is_some() {
            let [cached, d_to] = arena.views([plan[0], plan[1]]);
            level
                .activation_gradient(::monograd::activations::ActivationGradient {
                    activation: ::monograd::activations::Activation::from(::monograd::activations::LeakyRelu {
                        slope: const { ::monograd::claims::positive("slope", SLOPE) },
                    }),
                    cached: cached,
                    d: d_to,
                });
        }
        if let ::core::option::Option::Some(d_input) = d_input.as_deref_mut() {
            let [d_to] = arena.views([plan[1]]);
            d_input.copy_from_slice(d_to);
        }
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real, In: ::monograd::shapes::Shape> ::monograd::Module<T, In>
for Flat<T> {
    type Output = ::monograd::shapes::Vector<::monograd::typenum::U784>;
    ::monograd::module_of_network!(
        T, In, ::monograd::shapes::Vector < ::monograd::typenum::U784 >,
        ::monograd::shapes::Image < ::monograd::typenum::U1, ::monograd::typenum::U28,
        ::monograd::typenum::U28 >
    );
}
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::word::<::monograd::words::flatten>();
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::leaky_relu::cached(::monograd::activations::LeakyRelu {
        slope: const { ::monograd::claims::positive("slope", SLOPE) },
    }),
    ::monograd::activations::Cached::Output,
);
