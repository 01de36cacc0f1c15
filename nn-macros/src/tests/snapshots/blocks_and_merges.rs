/// Inputs `left: [4]`, `right: [4]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `sum` | `dense(4)` | `[4]` | 20 | 4 | 16 | 4 |
/// |  | `tanh` | `[4]` | 0 | 4 | 0 | 4 |
/// |  | `add(left, right -> dense(4) -> tanh)` | `[4]` | 0 | 4 | 0 | 4 |
/// |  | `relu` | `[4]` | 0 | 4 | 0 | 4 |
/// | `aux` | `dense(2)` | `[2]` | 10 | 2 | 8 | 4 |
/// | `y` | `repeat(3, residual(4))` | `[4]` | 60 | 36 | 48 | 4 |
/// | total | | | 90 | 54 | 72 | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
struct Net<T = f32> {
    /// `add(left, right -> dense(4) -> tanh) -> relu`: `[4]` → `[4]`.
    sum: ::monograd::layers::Dense<T, 4, 4>,
    #[doc(hidden)]
    _sum_padding: [T; ::monograd::padding(20)],
    /// `dense(2)`: `[4]` → `[2]`.
    aux: ::monograd::layers::Dense<T, 4, 2>,
    #[doc(hidden)]
    _aux_padding: [T; ::monograd::padding(10)],
    /// `sum -> repeat(3, residual(4))`: `[4]` → `[4]`.
    y: [NetResidual<T>; 3],
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for Net<T> {
    const LEN: usize = ::monograd::exact_len::<
        T,
        Self,
    >(
        &[
            ::monograd::aligned(20),
            ::monograd::aligned(10),
            <[NetResidual<T>; 3] as ::monograd::Flat<T>>::LEN,
        ],
    );
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(dead_code)]
impl Net<f32> {
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
impl<T: ::monograd::Real> Net<T> {
    /// The outputs `[4]` for samples `[4], [4]`: one sample is one column, row-major.
    ///
    /// The batch may be static, dynamic or a view of columns.
    ///
    /// # Panics
    /// If there are more columns than `work` was made for.
    #[inline]
    #[track_caller]
    fn forward<'work, B, S0, S1>(
        &self,
        input: NetInputs<
            &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<4>, B, S0>,
            &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<4>, B, S1>,
        >,
        work: &'work mut ::monograd::Inference<Self>,
    ) -> ::monograd::nalgebra::MatrixView<'work, T, ::monograd::nalgebra::Const<4>, B>
    where
        B: ::monograd::nalgebra::Dim,
        S0: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<4>, B>
            + ::monograd::nalgebra::IsContiguous,
        S1: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<4>, B>
            + ::monograd::nalgebra::IsContiguous,
    {
        let columns = input.left.shape_generic().1;
        work.run_ports(self, &input);
        let work = &*work;
        ::monograd::nalgebra::MatrixView::from_slice_generic(
            work.port(0),
            <::monograd::nalgebra::Const<4> as ::monograd::nalgebra::DimName>::name(),
            columns,
        )
    }
    /// The outputs `[4]` for samples `[4], [4]`: one sample is one column, row-major.
    ///
    /// The batch may be static, dynamic or a view of columns.
    ///
    /// They are computed on the threads of `pool`, as many as `work` has room for; their bits do not depend on that.
    ///
    /// # Panics
    /// If there are more columns than `work` was made for.
    #[inline]
    #[track_caller]
    fn forward_in<'work, B, S0, S1>(
        &self,
        pool: &dyn ::monograd::Pool,
        input: NetInputs<
            &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<4>, B, S0>,
            &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<4>, B, S1>,
        >,
        work: &'work mut ::monograd::Inference<Self>,
    ) -> ::monograd::nalgebra::MatrixView<'work, T, ::monograd::nalgebra::Const<4>, B>
    where
        B: ::monograd::nalgebra::Dim,
        S0: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<4>, B>
            + ::monograd::nalgebra::IsContiguous,
        S1: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<4>, B>
            + ::monograd::nalgebra::IsContiguous,
        S0: ::core::marker::Sync,
        S1: ::core::marker::Sync,
    {
        let columns = input.left.shape_generic().1;
        work.run_ports_in(pool, self, &input);
        let work = &*work;
        ::monograd::nalgebra::MatrixView::from_slice_generic(
            work.port(0),
            <::monograd::nalgebra::Const<4> as ::monograd::nalgebra::DimName>::name(),
            columns,
        )
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
#[allow(long_running_const_eval)]
impl<T> Net<T> {
    #[doc(hidden)]
    const INFERENCE_PLAN: ::monograd::plan::Plan<2> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: 4,
            first: 0,
            last: 2,
        },
        ::monograd::plan::Lifetime {
            len: <[NetResidual<f32>; 3] as ::monograd::Block<f32>>::INFERENCE_SIZE,
            first: 2,
            last: 2,
        },
    ]);
    #[doc(hidden)]
    const TRAINING_PLAN: ::monograd::plan::Plan<12> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: 4,
            first: 0,
            last: 10,
        },
        ::monograd::plan::Lifetime {
            len: 4,
            first: 1,
            last: 9,
        },
        ::monograd::plan::Lifetime {
            len: 2,
            first: 2,
            last: 4,
        },
        ::monograd::plan::Lifetime {
            len: 4,
            first: 3,
            last: 4,
        },
        ::monograd::plan::Lifetime {
            len: 6,
            first: 4,
            last: 11,
        },
        ::monograd::plan::Lifetime {
            len: 6,
            first: 5,
            last: 6,
        },
        ::monograd::plan::Lifetime {
            len: 4,
            first: 6,
            last: 7,
        },
        ::monograd::plan::Lifetime {
            len: 2,
            first: 6,
            last: 8,
        },
        ::monograd::plan::Lifetime {
            len: 4,
            first: 7,
            last: 10,
        },
        ::monograd::plan::Lifetime {
            len: <[NetResidual<f32>; 3] as ::monograd::TrainableBlock<f32>>::TAPE,
            first: 3,
            last: 7,
        },
        ::monograd::plan::Lifetime {
            len: <[NetResidual<
                f32,
            >; 3] as ::monograd::TrainableBlock<f32>>::TRAINING_SIZE,
            first: 3,
            last: 3,
        },
        ::monograd::plan::Lifetime {
            len: <[NetResidual<
                f32,
            >; 3] as ::monograd::TrainableBlock<f32>>::TRAINING_SIZE,
            first: 7,
            last: 7,
        },
    ]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Network for Net<T> {
    type Scalar = T;
    type Input = ::monograd::nalgebra::Const<8>;
    type Output = ::monograd::nalgebra::Const<4>;
    const NAME: &'static str = "Net";
    const INPUT_SHAPE: &'static [usize] = &[8];
    const OUTPUT_SHAPE: &'static [usize] = &[4];
    const RECEPTIVE_FIELD: &'static [usize] = &[4];
    const LAYERS: &'static [::monograd::LayerInfo] = &[
        ::monograd::LayerInfo {
            line: "sum",
            layer: "dense(4)",
            kind: "dense",
            output: &[4],
            params: 20,
            activations: 4,
            macs: 16,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "sum",
            layer: "tanh",
            kind: "tanh",
            output: &[4],
            params: 0,
            activations: 4,
            macs: 0,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "sum",
            layer: "add(left, right -> dense(4) -> tanh)",
            kind: "add",
            output: &[4],
            params: 0,
            activations: 4,
            macs: 0,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "sum",
            layer: "relu",
            kind: "relu",
            output: &[4],
            params: 0,
            activations: 4,
            macs: 0,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "aux",
            layer: "dense(2)",
            kind: "dense",
            output: &[2],
            params: 10,
            activations: 2,
            macs: 8,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "y",
            layer: "repeat(3, residual(4))",
            kind: "repeat",
            output: &[4],
            params: 60,
            activations: 36,
            macs: 48,
            receptive_field: &[4],
            inner: <[NetResidual<f32>; 3] as ::monograd::Block<f32>>::LAYERS,
        },
    ];
    const TENSORS: &'static [::monograd::TensorEntry] = &[
        ::monograd::TensorEntry::Tensor {
            name: "sum.weight",
            shape: &[4, 4],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Net < f32 >, sum.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "sum.bias",
            shape: &[4],
            order: &[0],
            offset: ::core::mem::offset_of!(Net < f32 >, sum.bias)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "aux.weight",
            shape: &[2, 4],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(Net < f32 >, aux.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "aux.bias",
            shape: &[2],
            order: &[0],
            offset: ::core::mem::offset_of!(Net < f32 >, aux.bias)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Group {
            name: "y",
            offset: ::core::mem::offset_of!(Net < f32 >, y)
                / ::core::mem::size_of::<f32>(),
            copies: ::core::option::Option::None,
            entries: <[NetResidual<f32>; 3] as ::monograd::Block<f32>>::TENSORS,
        },
    ];
    const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[];
    const INFERENCE_SCRATCH: usize = ::monograd::kernels::largest_scratch(
        &[<[NetResidual<T>; 3] as ::monograd::Block<T>>::INFERENCE_SCRATCH],
    );
    const TRAINING_SCRATCH: usize = ::monograd::kernels::largest_scratch(
        &[<[NetResidual<T>; 3] as ::monograd::TrainableBlock<T>>::TRAINING_SCRATCH],
    );
    const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
    const INFERENCE_BOUND: usize = Self::INFERENCE_PLAN.bound;
    const TRAINING_SIZE: ::core::option::Option<usize> = ::core::option::Option::Some(
        Self::TRAINING_PLAN.size,
    );
    const INPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "left",
            shape: &[4],
        },
        ::monograd::Port {
            name: "right",
            shape: &[4],
        },
    ];
    const OUTPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "y",
            shape: &[4],
        },
    ];
    #[allow(unused_variables)]
    fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
        self.sum.initialize(::monograd::initializers::XavierUniform::new(), generator);
        self.aux.initialize(::monograd::initializers::XavierUniform::new(), generator);
        <[NetResidual<
            T,
        >; 3] as ::monograd::Block<T>>::initialize(&mut self.y, generator);
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
        let input_0 = &input[samples * (0)..samples * (0 + 4)];
        let input_1 = &input[samples * (4)..samples * (4 + 4)];
        let [to] = arena.views([plan[0]]);
        self.sum
            .forward(
                level,
                input_1,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Tanh),
                scratch,
            );
        let [to] = arena.views([plan[0]]);
        level
            .sum_in_place(::monograd::kernels::SumInPlace {
                x: input_0,
                y: to,
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Relu,
                ),
            });
        let [from, work] = arena.views([plan[0], plan[1]]);
        <[NetResidual<
            T,
        >; 3] as ::monograd::Block<
            T,
        >>::infer(
            &self.y,
            level,
            &[::monograd::layers::Empty; 3],
            from,
            output,
            &mut ::monograd::plan::Arena::new(work, samples, samples),
            scratch,
        );
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Trainable for Net<T> {
    const OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[4];
    const D_OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[5];
    const TRAINING_OUTPUTS: &'static [::monograd::Port] = &[
        ::monograd::Port {
            name: "y",
            shape: &[4],
        },
        ::monograd::Port {
            name: "aux",
            shape: &[2],
        },
    ];
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
        let input_0 = &input[samples * (0)..samples * (0 + 4)];
        let input_1 = &input[samples * (4)..samples * (4 + 4)];
        let [to] = arena.views([plan[0]]);
        self.sum
            .forward(
                level,
                input_1,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Tanh),
                scratch,
            );
        let [other, to] = arena.views([plan[0], plan[1]]);
        level
            .sum(::monograd::kernels::Sum {
                a: input_0,
                b: other,
                y: to,
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Relu,
                ),
            });
        let [from, to] = arena.views([plan[1], plan[2]]);
        self.aux
            .forward(
                level,
                from,
                to,
                ::monograd::activations::Activation::Linear,
                scratch,
            );
        let [from, to, kept, work] = arena.views([plan[1], plan[3], plan[9], plan[10]]);
        <[NetResidual<
            T,
        >; 3] as ::monograd::TrainableBlock<
            T,
        >>::forward_training(
            &self.y,
            level,
            from,
            to,
            &mut ::monograd::plan::Arena::new(kept, samples, samples),
            &mut ::monograd::plan::Arena::new(work, samples, samples),
            scratch,
            &mut gradient.y,
            &mut [::monograd::layers::Empty; 3],
            noise.within(5),
        );
        let [from, other, to] = arena.views([plan[3], plan[2], plan[4]]);
        to[samples * (0)..samples * (0 + 4)].copy_from_slice(from);
        to[samples * (4)..samples * (4 + 2)].copy_from_slice(other);
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
        let input_0 = &input[samples * (0)..samples * (0 + 4)];
        let input_1 = &input[samples * (4)..samples * (4 + 4)];
        let rest = d_input;
        let (mut d_input_0, rest) = match rest {
            ::core::option::Option::Some(rest) => {
                let (part, rest) = rest.split_at_mut(samples * (4));
                (::core::option::Option::Some(part), ::core::option::Option::Some(rest))
            }
            ::core::option::Option::None => {
                (::core::option::Option::None, ::core::option::Option::None)
            }
        };
        let (mut d_input_1, rest) = match rest {
            ::core::option::Option::Some(rest) => {
                let (part, rest) = rest.split_at_mut(samples * (4));
                (::core::option::Option::Some(part), ::core::option::Option::Some(rest))
            }
            ::core::option::Option::None => {
                (::core::option::Option::None, ::core::option::Option::None)
            }
        };
        let _: ::core::option::Option<&mut [T]> = rest;
        {
            let [d_to, d_from] = arena.views([plan[5], plan[6]]);
            d_from.copy_from_slice(&d_to[samples * (0)..samples * (0 + 4)]);
        }
        {
            let [d_to, d_from] = arena.views([plan[5], plan[7]]);
            d_from.copy_from_slice(&d_to[samples * (4)..samples * (4 + 2)]);
        }
        let [d_to, from, d_from, kept, work] = arena
            .views([plan[6], plan[1], plan[8], plan[9], plan[11]]);
        <[NetResidual<
            T,
        >; 3] as ::monograd::TrainableBlock<
            T,
        >>::backward(
            &self.y,
            level,
            from,
            &[],
            &mut ::monograd::plan::Arena::new(kept, samples, samples),
            &mut ::monograd::plan::Arena::new(work, samples, samples),
            scratch,
            &mut gradient.y,
            &[::monograd::layers::Empty; 3],
            noise.within(5),
            d_to,
            ::core::option::Option::Some(::monograd::layers::InputGradient {
                values: d_from,
                accumulate: false,
            }),
        );
        let [d_to, from, d_from] = arena.views([plan[7], plan[1], plan[8]]);
        self.aux
            .backward(
                level,
                from,
                d_to,
                ::core::option::Option::Some(::monograd::layers::InputGradient {
                    values: d_from,
                    accumulate: true,
                }),
                &mut gradient.aux,
                false,
                scratch,
            );
        let [cached, d_to] = arena.views([plan[1], plan[8]]);
        level
            .activation_gradient(::monograd::activations::ActivationGradient {
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Relu,
                ),
                cached: cached,
                d: d_to,
            });
        if let ::core::option::Option::Some(d_from) = d_input_0.as_deref_mut() {
            let [d_to] = arena.views([plan[8]]);
            d_from.copy_from_slice(d_to);
        }
        let [cached, d_to] = arena.views([plan[0], plan[8]]);
        level
            .activation_gradient(::monograd::activations::ActivationGradient {
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Tanh,
                ),
                cached: cached,
                d: d_to,
            });
        let [d_to] = arena.views([plan[8]]);
        self.sum
            .backward(
                level,
                input_1,
                d_to,
                d_input_1
                    .as_deref_mut()
                    .map(|values| ::monograd::layers::InputGradient {
                        values: values,
                        accumulate: false,
                    }),
                &mut gradient.sum,
                false,
                scratch,
            );
    }
}
/// What [`Net`] takes, by name: matrices of as many columns as there are samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NetInputs<A0, A1> {
    /// What belongs to `left`.
    left: A0,
    /// What belongs to `right`.
    right: A1,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<
    T: ::monograd::Real,
    B: ::monograd::nalgebra::Dim,
    S0,
    S1,
> ::monograd::Inputs<Net<T>>
for NetInputs<
    &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<4>, B, S0>,
    &::monograd::nalgebra::Matrix<T, ::monograd::nalgebra::Const<4>, B, S1>,
>
where
    S0: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<4>, B>
        + ::monograd::nalgebra::IsContiguous,
    S1: ::monograd::nalgebra::RawStorage<T, ::monograd::nalgebra::Const<4>, B>
        + ::monograd::nalgebra::IsContiguous,
{
    #[track_caller]
    fn samples(&self) -> usize {
        let samples = self.left.ncols();
        ::core::assert_eq!(
            self.right.ncols(), samples,
            "`{}` has {} columns, but `{}` has {}: each sample is a column of every input",
            "right", self.right.ncols(), "left", samples
        );
        samples
    }
    fn port(&self, index: usize) -> &[T] {
        match index {
            0 => self.left.as_slice(),
            1 => self.right.as_slice(),
            _ => &[],
        }
    }
}
/// What belongs to the outputs of [`Net`], by name: what `forward` gives, losses, targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NetOutputs<A0, A1> {
    /// What belongs to `y`.
    y: A0,
    /// What belongs to `aux`.
    aux: A1,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<
    'a,
    T: ::monograd::Real,
    A0,
    A1,
    U0,
    U1,
> ::monograd::Losses<Net<T>, NetOutputs<&'a [U0], &'a [U1]>> for NetOutputs<A0, A1>
where
    A0: ::monograd::losses::Loss<T, U0>,
    A1: ::monograd::losses::Loss<T, U1>,
{
    fn forward_backward<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        samples: usize,
        targets: NetOutputs<&'a [U0], &'a [U1]>,
        d_y: &mut [T],
    ) -> ::core::result::Result<T, ::monograd::losses::TargetError> {
        let mut sum = T::zero();
        let (part, y) = y.split_at(samples * (4));
        let (d_part, d_y) = d_y.split_at_mut(samples * (4));
        sum
            += ::monograd::losses::Loss::forward_backward(
                &self.y,
                level,
                part,
                targets.y,
                4,
                d_part,
            )?;
        let (part, y) = y.split_at(samples * (2));
        let (d_part, d_y) = d_y.split_at_mut(samples * (2));
        sum
            += ::monograd::losses::Loss::forward_backward(
                &self.aux,
                level,
                part,
                targets.aux,
                2,
                d_part,
            )?;
        let _ = (y, d_y);
        ::core::result::Result::Ok(sum)
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real, Target, A0, A1> ::monograd::losses::Loss<T, Target>
for NetOutputs<A0, A1>
where
    A0: ::monograd::losses::Loss<T, Target>,
    A1: ::monograd::losses::Loss<T, Target>,
{
    fn targets_per_sample(&self, _rows: usize) -> usize {
        ::monograd::losses::Loss::<T, Target>::targets_per_sample(&self.y, 4)
    }
    fn forward<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[Target],
        rows: usize,
    ) -> ::core::result::Result<T, ::monograd::losses::TargetError> {
        let samples = y.len() / rows;
        let mut sum = T::zero();
        let (part, y) = y.split_at(samples * (4));
        sum += ::monograd::losses::Loss::forward(&self.y, level, part, targets, 4)?;
        let _ = y;
        ::core::result::Result::Ok(sum)
    }
    fn forward_backward<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[Target],
        rows: usize,
        d_y: &mut [T],
    ) -> ::core::result::Result<T, ::monograd::losses::TargetError> {
        let samples = y.len() / rows;
        let mut sum = T::zero();
        let (part, y) = y.split_at(samples * (4));
        let (d_part, d_y) = d_y.split_at_mut(samples * (4));
        sum
            += ::monograd::losses::Loss::forward_backward(
                &self.y,
                level,
                part,
                targets,
                4,
                d_part,
            )?;
        let (part, y) = y.split_at(samples * (2));
        let (d_part, d_y) = d_y.split_at_mut(samples * (2));
        sum
            += ::monograd::losses::Loss::forward_backward(
                &self.aux,
                level,
                part,
                targets,
                2,
                d_part,
            )?;
        let _ = (y, d_y);
        ::core::result::Result::Ok(sum)
    }
}
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 4, 4>,
>(&[4], &[4], 20, 4, 16);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::tanh::cached(::monograd::activations::Tanh),
    ::monograd::activations::Cached::Output,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::word::<::monograd::words::add>();
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::relu::cached(::monograd::activations::Relu),
    ::monograd::activations::Cached::Output,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 4, 2>,
>(&[4], &[2], 10, 2, 8);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::word::<::monograd::words::repeat>();
/// `residual(4)`, for this input.
///
/// Input `[4]`.
///
/// | line | layer | output | parameters | activations | multiply-accumulates | receptive field |
/// |---|---|---|--:|--:|--:|--:|
/// | `inner` | `dense(4)` | `[4]` | 20 | 4 | 16 | 4 |
/// |  | `tanh` | `[4]` | 0 | 4 | 0 | 4 |
/// | `out` | `add(input, inner)` | `[4]` | 0 | 4 | 0 | 4 |
/// | total | | | 20 | 12 | 16 | |
#[allow(clippy::manual_midpoint)]
#[repr(C, align(64))]
struct NetResidual<T = f32> {
    /// `dense(4) -> tanh`: `[4]` → `[4]`.
    inner: ::monograd::layers::Dense<T, 4, 4>,
    #[doc(hidden)]
    _inner_padding: [T; ::monograd::padding(20)],
    /// `add(input, inner)`: `[4]` → `[4]`.
    out: ::monograd::layers::Empty,
    #[doc(hidden)]
    _scalar: ::core::marker::PhantomData<T>,
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(unsafe_code)]
unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for NetResidual<T> {
    const LEN: usize = ::monograd::exact_len::<T, Self>(&[::monograd::aligned(20)]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T> ::core::fmt::Debug for NetResidual<T> {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.debug_struct("NetResidual").finish_non_exhaustive()
    }
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
#[allow(long_running_const_eval)]
impl<T> NetResidual<T> {
    #[doc(hidden)]
    const INFERENCE_PLAN: ::monograd::plan::Plan<0> = ::monograd::plan::Plan::new([]);
    #[doc(hidden)]
    const TAPE_PLAN: ::monograd::plan::Plan<1> = ::monograd::plan::Plan::new([
        ::monograd::plan::Lifetime {
            len: 4,
            first: 0,
            last: 4,
        },
    ]);
    #[doc(hidden)]
    const TRAINING_PLAN: ::monograd::plan::Plan<0> = ::monograd::plan::Plan::new([]);
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::Block<T> for NetResidual<T> {
    type Buffers = ::monograd::layers::Empty;
    const INPUT: usize = 4;
    const OUTPUT: usize = 4;
    const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
    const INFERENCE_SCRATCH: usize = ::monograd::kernels::largest_scratch(&[]);
    const LAYERS: &'static [::monograd::LayerInfo] = &[
        ::monograd::LayerInfo {
            line: "inner",
            layer: "dense(4)",
            kind: "dense",
            output: &[4],
            params: 20,
            activations: 4,
            macs: 16,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "inner",
            layer: "tanh",
            kind: "tanh",
            output: &[4],
            params: 0,
            activations: 4,
            macs: 0,
            receptive_field: &[4],
            inner: &[],
        },
        ::monograd::LayerInfo {
            line: "out",
            layer: "add(input, inner)",
            kind: "add",
            output: &[4],
            params: 0,
            activations: 4,
            macs: 0,
            receptive_field: &[4],
            inner: &[],
        },
    ];
    const TENSORS: &'static [::monograd::TensorEntry] = &[
        ::monograd::TensorEntry::Tensor {
            name: "inner.weight",
            shape: &[4, 4],
            order: &[1, 0],
            offset: ::core::mem::offset_of!(NetResidual < f32 >, inner.weight)
                / ::core::mem::size_of::<f32>(),
        },
        ::monograd::TensorEntry::Tensor {
            name: "inner.bias",
            shape: &[4],
            order: &[0],
            offset: ::core::mem::offset_of!(NetResidual < f32 >, inner.bias)
                / ::core::mem::size_of::<f32>(),
        },
    ];
    const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[];
    #[allow(unused_variables)]
    fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
        self.inner.initialize(::monograd::initializers::XavierUniform::new(), generator);
    }
    #[allow(unused_variables)]
    fn initialize_buffers(buffers: &mut ::monograd::layers::Empty) {}
    #[inline]
    #[allow(unused_variables)]
    fn infer<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        buffers: &::monograd::layers::Empty,
        input: &[T],
        output: &mut [T],
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
    ) {
        let samples = arena.samples();
        self.inner
            .forward(
                level,
                input,
                output,
                ::monograd::activations::Activation::from(::monograd::activations::Tanh),
                scratch,
            );
        level
            .sum_in_place(::monograd::kernels::SumInPlace {
                x: input,
                y: output,
                activation: ::monograd::activations::Activation::Linear,
            });
    }
    #[allow(unused_variables)]
    fn fold_batch_norms(&mut self, buffers: &mut ::monograd::layers::Empty) {}
}
#[automatically_derived]
#[allow(clippy::all, clippy::pedantic)]
impl<T: ::monograd::Real> ::monograd::TrainableBlock<T> for NetResidual<T> {
    const TAPE: usize = Self::TAPE_PLAN.size;
    const TRAINING_SIZE: usize = Self::TRAINING_PLAN.size;
    const TRAINING_SCRATCH: usize = ::monograd::kernels::largest_scratch(&[]);
    #[inline]
    #[allow(unused_variables)]
    fn forward_training<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        tape: &mut ::monograd::plan::Arena<'_, T>,
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
        gradient: &mut Self,
        d_buffers: &mut ::monograd::layers::Empty,
        noise: ::monograd::layers::Noise,
    ) {
        let samples = arena.samples();
        let tape_plan = &Self::TAPE_PLAN.regions;
        let [to] = tape.views([tape_plan[0]]);
        self.inner
            .forward(
                level,
                input,
                to,
                ::monograd::activations::Activation::from(::monograd::activations::Tanh),
                scratch,
            );
        let [other] = tape.views([tape_plan[0]]);
        level
            .sum(::monograd::kernels::Sum {
                a: input,
                b: other,
                y: output,
                activation: ::monograd::activations::Activation::Linear,
            });
    }
    #[inline]
    #[allow(unused_variables, unused_mut)]
    fn backward<L: ::monograd::kernels::Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &[T],
        tape: &mut ::monograd::plan::Arena<'_, T>,
        arena: &mut ::monograd::plan::Arena<'_, T>,
        scratch: &mut [T],
        gradient: &mut Self,
        d_buffers: &::monograd::layers::Empty,
        noise: ::monograd::layers::Noise,
        d_output: &mut [T],
        d_input: ::core::option::Option<::monograd::layers::InputGradient<'_, T>>,
    ) {
        let samples = arena.samples();
        let tape_plan = &Self::TAPE_PLAN.regions;
        let (mut d_input, accumulate) = match d_input {
            ::core::option::Option::Some(gradient) => {
                (::core::option::Option::Some(gradient.values), gradient.accumulate)
            }
            ::core::option::Option::None => (::core::option::Option::None, false),
        };
        if let ::core::option::Option::Some(d_from) = d_input.as_deref_mut() {
            if accumulate {
                level
                    .sum_in_place(::monograd::kernels::SumInPlace {
                        x: d_output,
                        y: d_from,
                        activation: ::monograd::activations::Activation::Linear,
                    });
            } else {
                d_from.copy_from_slice(d_output);
            }
        }
        let [cached] = tape.views([tape_plan[0]]);
        level
            .activation_gradient(::monograd::activations::ActivationGradient {
                activation: ::monograd::activations::Activation::from(
                    ::monograd::activations::Tanh,
                ),
                cached: cached,
                d: d_output,
            });
        self.inner
            .backward(
                level,
                input,
                d_output,
                d_input
                    .as_deref_mut()
                    .map(|values| ::monograd::layers::InputGradient {
                        values: values,
                        accumulate: true,
                    }),
                &mut gradient.inner,
                false,
                scratch,
            );
    }
    #[allow(unused_variables)]
    fn update_buffers(
        buffers: &mut ::monograd::layers::Empty,
        batch: &::monograd::layers::Empty,
        samples: usize,
    ) {}
}
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::layer::<
    ::monograd::words::dense<f32, 4, 4>,
>(&[4], &[4], 20, 4, 16);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::activation(
    ::monograd::words::tanh::cached(::monograd::activations::Tanh),
    ::monograd::activations::Cached::Output,
);
#[allow(clippy::all, clippy::pedantic)]
const _: () = ::monograd::claims::word::<::monograd::words::add>();
