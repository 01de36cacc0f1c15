/// Input `[3]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `body` | `dense(HIDDEN)` | `[HIDDEN]` | `HIDDEN * 3 + HIDDEN` | `HIDDEN` | `3 * HIDDEN` | 3 |
/// |  | `gelu(approximate = tanh)` | `[HIDDEN]` | 0 | `HIDDEN` | 0 | 3 |
/// |  | `dense({ HIDDEN / 2 }, bias = false)` | `[HIDDEN / 2]` | `(HIDDEN / 2) * HIDDEN` | `HIDDEN / 2` | `HIDDEN * (HIDDEN / 2)` | 3 |
/// |  | `tanh` | `[HIDDEN / 2]` | 0 | `HIDDEN / 2` | 0 | 3 |
/// | `y` | `dense(CLASSES, init = normal, std = 0.5)` | `[CLASSES]` | `CLASSES * (HIDDEN / 2) + CLASSES` | `CLASSES` | `(HIDDEN / 2) * CLASSES` | 3 |
/// |  | `softmax` | `[CLASSES]` | 0 | `CLASSES` | 0 | 3 |
/// | total | | |  |  |  | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
pub(crate) struct Small<T = f32> {
    /// `dense(HIDDEN) -> gelu(approximate = tanh) -> dense({ HIDDEN / 2 }, bias = false) -> tanh`: `[3]` → `[HIDDEN / 2]`.
    pub(crate) body: SmallBody<T>,
    /// `dense(CLASSES, init = normal, std = 0.5) -> softmax`: `[HIDDEN / 2]` → `[CLASSES]`.
    pub(crate) y: ::monograd::layers::Dense<T, { HIDDEN / 2 }, { CLASSES }>,
    #[doc(hidden)]
    _y_padding: [T; ::monograd::padding(CLASSES * (HIDDEN / 2) + CLASSES)],
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for Small<T> {
    const LEN: usize = ::monograd::exact_len::<
        T,
        Self,
    >(
        &[
            <SmallBody<T> as ::monograd::Flat<T>>::LEN,
            ::monograd::aligned(CLASSES * (HIDDEN / 2) + CLASSES),
        ],
    );
}
/// The layers with parameters of a line of [`Small`].
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
pub(crate) struct SmallBody<T = f32> {
    /// `dense(HIDDEN)`: `[3]` → `[HIDDEN]`.
    pub(crate) dense: ::monograd::layers::Dense<T, 3, { HIDDEN }>,
    #[doc(hidden)]
    _dense_padding: [T; ::monograd::padding(HIDDEN * 3 + HIDDEN)],
    /// `dense({ HIDDEN / 2 }, bias = false)`: `[HIDDEN]` → `[HIDDEN / 2]`.
    pub(crate) dense_2: ::monograd::layers::Dense<T, { HIDDEN }, { HIDDEN / 2 }, 0>,
    #[doc(hidden)]
    _dense_2_padding: [T; ::monograd::padding((HIDDEN / 2) * HIDDEN)],
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for SmallBody<T> {
    const LEN: usize = ::monograd::exact_len::<
        T,
        Self,
    >(
        &[
            ::monograd::aligned(HIDDEN * 3 + HIDDEN),
            ::monograd::aligned((HIDDEN / 2) * HIDDEN),
        ],
    );
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl Small<f32> {
    /// Parameters in all, without padding.
    pub(crate) const PARAMS: usize = <Self as ::monograd::Network>::PARAMS;
    /// Values that the layers give for a sample, in all.
    pub(crate) const ACTIVATIONS: usize = <Self as ::monograd::Network>::ACTIVATIONS;
    /// Multiply-accumulates a sample.
    pub(crate) const MACS: usize = <Self as ::monograd::Network>::MACS;
    /// Bytes of an inference workspace for one sample, its output included.
    pub(crate) const INFERENCE_BYTES: usize = <Self as ::monograd::Network>::INFERENCE_BYTES;
    /// Bytes of a training workspace: those it has in any case, and those for each sample.
    pub(crate) const TRAINING_BYTES: ::core::option::Option<(usize, usize)> = <Self as ::monograd::Network>::TRAINING_BYTES;
    /// How much of the input one value of the output depends on, by axis without the channels.
    pub(crate) const RECEPTIVE_FIELD: &'static [usize] = <Self as ::monograd::Network>::RECEPTIVE_FIELD;
    /// A network with initialised parameters, by seed 0. For `f64`: `Net::<f64>::new()`.
    #[must_use]
    #[inline]
    pub(crate) fn new() -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::new()
    }
    /// A network with initialised parameters: the same for the same seed, on every machine.
    #[must_use]
    #[inline]
    pub(crate) fn seeded(seed: u64) -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::seeded(seed)
    }
    /// A network of zeros: to load weights into, or to hold gradients.
    #[must_use]
    #[inline]
    pub(crate) fn zeroed() -> ::std::boxed::Box<Self> {
        <Self as ::monograd::Network>::zeroed()
    }
    /// A workspace for inference with up to `samples` samples a call.
    #[must_use]
    #[inline]
    pub(crate) fn workspace(samples: usize) -> ::monograd::Inference<Self> {
        ::monograd::Inference::new(samples)
    }
    /// The table of layers; it can be displayed.
    #[must_use]
    #[inline]
    pub(crate) fn summary() -> ::monograd::Summary {
        <Self as ::monograd::Network>::summary()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl<T: ::monograd::Real> Small<T> {
    /// The outputs `[CLASSES]` for samples `[3]`: one sample is one column, row-major.
    ///
    /// The batch may be static, dynamic or a view of columns.
    ///
    /// # Panics
    /// If there are more columns than `work` was made for.
    #[inline]
    #[track_caller]
    pub(crate) fn forward<'work, B, S>(
        &self,
        input: &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<3>, B, S>,
        work: &'work mut ::monograd::Inference<Self>,
    ) -> ::monograd::nalgebra::MatrixView<
        'work,
        T,
        ::monograd::nalgebra::Const<{ CLASSES }>,
        B,
    >
    where
        B: ::monograd::nalgebra::Dim,
        S: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<3>, B>
            + ::monograd::nalgebra::IsContiguous,
    {
        work.run(self, input)
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T> ::core::fmt::Debug for Small<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("Small").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T> ::core::fmt::Debug for SmallBody<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("SmallBody").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(long_running_const_eval)]
impl<T> Small<T> {
    #[doc(hidden)]
    const INFERENCE_PLAN: ::monograd::plan::Plan<2> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: HIDDEN,
            first: 0,
            last: 1,
        },
        ::monograd::plan::Lifetime {
            len: HIDDEN / 2,
            first: 1,
            last: 2,
        },
    ]);
    #[doc(hidden)]
    const TRAINING_PLAN: ::monograd::plan::Plan<7> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: HIDDEN,
            first: 0,
            last: 9,
        },
        ::monograd::plan::Lifetime {
            len: HIDDEN,
            first: 1,
            last: 8,
        },
        ::monograd::plan::Lifetime {
            len: HIDDEN / 2,
            first: 2,
            last: 8,
        },
        ::monograd::plan::Lifetime {
            len: CLASSES,
            first: 3,
            last: 11,
        },
        ::monograd::plan::Lifetime {
            len: CLASSES,
            first: 5,
            last: 7,
        },
        ::monograd::plan::Lifetime {
            len: HIDDEN / 2,
            first: 7,
            last: 8,
        },
        ::monograd::plan::Lifetime {
            len: HIDDEN,
            first: 8,
            last: 10,
        },
    ]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Network for Small<T> {
    type Scalar = T;
    type Input = ::monograd::nalgebra::Const<3>;
    type Output = ::monograd::nalgebra::Const<{ CLASSES }>;
    const NAME: &'static str = "Small";
    const INPUT_SHAPE: &'static [usize] = &[3];
    const OUTPUT_SHAPE: &'static [usize] = &[CLASSES];
    const RECEPTIVE_FIELD: &'static [usize] = &[3];
    const LAYERS: &'static [::monograd::LayerInfo] = &[
        ::monograd::LayerInfo {
            line: "body",
            layer: "dense(HIDDEN)",
            kind: "dense",
            output: &[HIDDEN],
            params: HIDDEN * 3 + HIDDEN,
            activations: HIDDEN,
            macs: 3 * HIDDEN,
            receptive_field: &[3],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "body",
            layer: "gelu(approximate = tanh)",
            kind: "gelu",
            output: &[HIDDEN],
            params: 0,
            activations: HIDDEN,
            macs: 0,
            receptive_field: &[3],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "body",
            layer: "dense({ HIDDEN / 2 }, bias = false)",
            kind: "dense",
            output: &[HIDDEN / 2],
            params: (HIDDEN / 2) * HIDDEN,
            activations: HIDDEN / 2,
            macs: HIDDEN * (HIDDEN / 2),
            receptive_field: &[3],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "body",
            layer: "tanh",
            kind: "tanh",
            output: &[HIDDEN / 2],
            params: 0,
            activations: HIDDEN / 2,
            macs: 0,
            receptive_field: &[3],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "y",
            layer: "dense(CLASSES, init = normal, std = 0.5)",
            kind: "dense",
            output: &[CLASSES],
            params: CLASSES * (HIDDEN / 2) + CLASSES,
            activations: CLASSES,
            macs: (HIDDEN / 2) * CLASSES,
            receptive_field: &[3],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "y",
            layer: "softmax",
            kind: "softmax",
            output: &[CLASSES],
            params: 0,
            activations: CLASSES,
            macs: 0,
            receptive_field: &[3],
            inner: &[],
        },
    ];
    const TENSORS: &'static [::monograd::TensorEntry] = &[
        ::monograd::TensorEntry::Tensor {
            name: "body.dense.weight",
            shape: &[HIDDEN, 3],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Small < f32 >, body.dense.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "body.dense.bias",
            shape: &[HIDDEN],
            order: &[0],
            offset: ::core::mem::offset_of!(Small < f32 >, body.dense.bias)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "body.dense_2.weight",
            shape: &[HIDDEN / 2, HIDDEN],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Small < f32 >, body.dense_2.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "y.weight",
            shape: &[CLASSES, HIDDEN / 2],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Small < f32 >, y.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "y.bias",
            shape: &[CLASSES],
            order: &[0],
            offset: ::core::mem::offset_of!(Small < f32 >, y.bias)
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
            shape: &[3],
        },
    ];
    const OUTPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "y",
            shape: &[CLASSES],
        },
    ];
    #[allow(unused_variables)]
    fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
        self.body
            .dense
            .initialize(::monograd::initializers::HeUniform::new(), generator);
        self.body
            .dense_2
            .initialize(::monograd::initializers::XavierUniform::new(), generator);
        self.y
            .initialize(
                ::monograd::initializers::Normal {
                    mean: 0.0,
                    std: 0.5,
                },
                generator,
            );
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
        self.body
            .dense
            .forward(
                level,
                input,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Gelu {
                    approximate: ::monograd::activations::Approximate::Tanh,
                }),
                scratch,
            );
        let [from, to] = arena.views([plan[0], plan[1]]);
        self.body
            .dense_2
            .forward(
                level,
                from,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Tanh),
                scratch,
            );
        let [from] = arena.views([plan[1]]);
        self.y
            .forward(
                level,
                from,
                output,
                ::monograd::activations::Activation::Linear,
                scratch,
            );
        level
            .softmax(::monograd::activations::SoftmaxColumns {
                y: output,
                rows: CLASSES,
            });
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Trainable for Small<T> {
    const OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[3];
    const D_OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[4];
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
        self.body
            .dense
            .forward(
                level,
                input,
                to,
                ::monograd::activations::Activation::Linear,
                scratch,
            );
        let [from, to] = arena.views([plan[0], plan[1]]);
        level
            .activate(::monograd::activations::Activate {
                activation: ::monograd::activations::Activation::from(::monograd::activations::Gelu {
                    approximate: ::monograd::activations::Approximate::Tanh,
                }),
                x: from,
                y: to,
            });
        let [from, to] = arena.views([plan[1], plan[2]]);
        self.body
            .dense_2
            .forward(
                level,
                from,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Tanh),
                scratch,
            );
        let [from, to] = arena.views([plan[2], plan[3]]);
        self.y
            .forward(
                level,
                from,
                to,
                ::monograd::activations::Activation::Linear,
                scratch,
            );
        let [to] = arena.views([plan[3]]);
        level
            .softmax(::monograd::activations::SoftmaxColumns {
                y: to,
                rows: CLASSES,
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
        let [cached, d_to] = arena.views([plan[3], plan[4]]);
        level
            .softmax_gradient(::monograd::activations::SoftmaxGradient {
                y: cached,
                d: d_to,
                rows: CLASSES,
            });
        let [d_to, from, d_from] = arena.views([plan[4], plan[2], plan[5]]);
        self.y
            .backward(
                level,
                from,
                d_to,
                ::core::option::Option::Some(::monograd::layers::InputGradient {
                    values: d_from,
                    accumulate: false,
                }),
                &mut gradient.y,
                false,
                scratch,
            );
        let [cached, d_to] = arena.views([plan[2], plan[5]]);
        level
            .activation_gradient(::monograd::activations::ActivationGradient {
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Tanh,
                ),
                cached: cached,
                d: d_to,
            });
        let [d_to, from, d_from] = arena.views([plan[5], plan[1], plan[6]]);
        self.body
            .dense_2
            .backward(
                level,
                from,
                d_to,
                ::core::option::Option::Some(::monograd::layers::InputGradient {
                    values: d_from,
                    accumulate: false,
                }),
                &mut gradient.body.dense_2,
                false,
                scratch,
            );
        let [cached, d_to] = arena.views([plan[0], plan[6]]);
        level
            .activation_gradient(::monograd::activations::ActivationGradient {
                activation: ::monograd::activations::Activation::from(::monograd::activations::Gelu {
                    approximate: ::monograd::activations::Approximate::Tanh,
                }),
                cached: cached,
                d: d_to,
            });
        let [d_to] = arena.views([plan[6]]);
        self.body
            .dense
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
                &mut gradient.body.dense,
                false,
                scratch,
            );
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real, In: ::monograd::shapes::Shape> ::monograd::Module<T, In>
for Small<T> {
    type Output = ::monograd::shapes::Vector<
        ::monograd::shapes::Numeral<
            { (CLASSES) >> 20 & 15 },
            { (CLASSES) >> 16 & 15 },
            { (CLASSES) >> 12 & 15 },
            { (CLASSES) >> 8 & 15 },
            { (CLASSES) >> 4 & 15 },
            { (CLASSES) >> 0 & 15 },
        >,
    >;
    ::monograd::module_of_network!(
        T, In, ::monograd::shapes::Vector < ::monograd::shapes::Numeral < { (CLASSES) >>
        20 & 15 }, { (CLASSES) >> 16 & 15 }, { (CLASSES) >> 12 & 15 }, { (CLASSES) >> 8 &
        15 }, { (CLASSES) >> 4 & 15 }, { (CLASSES) >> 0 & 15 } > >,
        ::monograd::shapes::Vector < ::monograd::typenum::U3 >
    );
}
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::dimension(CLASSES);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::dimension(HIDDEN);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::dimension(HIDDEN / 2);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::dimension(CLASSES);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 3, { HIDDEN }>,
>(&[3], &[HIDDEN], HIDDEN * 3 + HIDDEN, HIDDEN, 3 * HIDDEN);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::gelu::cached(::monograd::activations::Gelu {
        approximate: ::monograd::activations::Approximate::Tanh,
    }),
    ::monograd::activations::Cached::Input,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, { HIDDEN }, { HIDDEN / 2 }, 0>,
>(&[HIDDEN], &[HIDDEN / 2], (HIDDEN / 2) * HIDDEN, HIDDEN / 2, HIDDEN * (HIDDEN / 2));
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::tanh::cached(::monograd::activations::Tanh),
    ::monograd::activations::Cached::Output,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, { HIDDEN / 2 }, { CLASSES }>,
>(
    &[HIDDEN / 2],
    &[CLASSES],
    CLASSES * (HIDDEN / 2) + CLASSES,
    CLASSES,
    (HIDDEN / 2) * CLASSES,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::word::<::monograd::words::softmax>();
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::contract("y", &[CLASSES], &[CLASSES]);
const _: () = {
    #[deprecated(
        note = "`softmax` at the output: `SoftmaxCrossEntropy` applies it itself, and applied twice it blurs the gradient; leave it out, and take the softmax of what `forward` gives where probabilities are wanted; `#[allow(softmax_output)]` on the line or the network silences this"
    )]
    const fn softmax() {}
    softmax()
};
