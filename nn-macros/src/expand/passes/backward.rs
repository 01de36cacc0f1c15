//! The steps of a backward pass.

use proc_macro2::TokenStream;

use super::bind::{Binding, input_name};
use super::calls::{
    self, Rows, activation_value, batch_buffers, block_function, field, is_module, linear, noise, plain_value, reorder,
    rows, settings,
};
use super::forward::arena;
use super::{Part, Pass, quote};
use crate::plan::{BackwardStep, Contribution, Gradient, Operation, Order, Place, Rooms, Step, Training};
use crate::table::Cached;

/// A step on its way back.
struct Back<'p, 'a> {
    part: &'p Part<'p, 'a>,
    training: &'p Training,
    step: &'p BackwardStep,
    forward: &'p Step,
}

/// The steps, the last one first.
pub fn steps(part: &Part, training: &Training) -> TokenStream {
    let step = |step| {
        let back = Back { part, training, step, forward: &training.forward.steps[step.step] };
        back.tokens()
    };
    training.backward.iter().map(step).collect()
}

impl<'p> Back<'p, '_> {
    fn binding(&self) -> Binding<'p> {
        Binding::new(self.part.areas(Pass::Training), self.part.network.inputs.len())
    }

    fn place(&self, operand: usize) -> Place {
        self.training.forward.place(self.forward.from[operand])
    }

    fn tokens(&self) -> TokenStream {
        let call = match self.forward.operation {
            Operation::Layer { node, activation, .. } => {
                let (activation, layer) = (self.epilogue(activation), self.layer(node));
                quote!(#activation #layer)
            }
            Operation::Block { node, .. } => self.block(node),
            Operation::Plain { node, reads_input } => {
                let value = plain_value(self.part.network, node);
                self.overwriting(reads_input, |x, d_to, d_from| quote!(#value.backward(level, #x, #d_to, #d_from);))
            }
            Operation::Reorder { of, order } => {
                let back = match order {
                    Order::ChannelsFirst => Order::ChannelsLast,
                    Order::ChannelsLast => Order::ChannelsFirst,
                };
                let shape = self.part.network.shape(of);
                self.overwriting(false, |_, d_to, d_from| reorder(shape, back, d_to, d_from))
            }
            Operation::Noise { node } => self.in_place(None, |d, _| noise(self.part.network, node, d)),
            Operation::Activation { node, cached } => {
                let cached = match cached {
                    Cached::Input => self.place(0),
                    Cached::Output => self.training.forward.place(self.forward.to),
                };
                self.in_place(Some(cached), |d, cached| self.activation_gradient(node, d, cached))
            }
            Operation::Softmax { node } => {
                let (rows, to) = (rows(self.part.network, node), self.training.forward.place(self.forward.to));
                self.in_place(Some(to), |d, cached| {
                    quote!(level.softmax_gradient(::monograd::activations::SoftmaxGradient { y: #cached, d: #d, rows: #rows });)
                })
            }
            Operation::Combine { product, activation, .. } => {
                let activation = self.epilogue(activation);
                let terms = if product { self.factors() } else { self.hand_on(|_| None) };
                quote!(#activation #terms)
            }
            Operation::Concat { node } => self.split(node),
            Operation::Collect => {
                let results = self.part.network.results(true);
                let lens = results.iter().map(|source| self.part.network.shape(*source).len().clone());
                let stretches = calls::stretches(lens);
                self.hand_on(|operand| {
                    let (len, before) = &stretches[operand];
                    Some(quote!([samples * (#before)..samples * (#before + #len)]))
                })
            }
        };
        // What writes to the caller's gradient of an input asks for it itself.
        let to_input = |gradient| matches!(gradient, Gradient::Input(_));
        let epilogue = matches!(self.forward.operation, Operation::Combine { activation: Some(_), .. });
        let asks =
            !epilogue && (to_input(self.step.d_to) || self.step.d_from.iter().all(|given| to_input(given.gradient)));
        let wanted = self.part.wants_input_gradient();
        if self.step.optional && !asks { quote!(if #wanted { #call }) } else { call }
    }

    /// The gradient through an activation that was part of the step.
    fn epilogue(&self, activation: Option<usize>) -> Option<TokenStream> {
        let node = activation?;
        let mut binding = self.binding();
        let cached = binding.value("cached", self.training.forward.place(self.forward.to));
        Some(self.on_gradient(binding, |d| self.activation_gradient(node, d, &cached)))
    }

    fn activation_gradient(&self, node: usize, d: &TokenStream, cached: &TokenStream) -> TokenStream {
        let activation = activation_value(self.part.network, node);
        quote! {
            level.activation_gradient(::monograd::activations::ActivationGradient {
                activation: #activation,
                cached: #cached,
                d: #d,
            });
        }
    }

    /// A call on the gradient of what the step gave.
    fn on_gradient(&self, mut binding: Binding, call: impl FnOnce(&TokenStream) -> TokenStream) -> TokenStream {
        match binding.gradient("d_to", self.step.d_to) {
            Some(d_to) => {
                let (call, views) = (call(&d_to), binding.views());
                quote!(#views #call)
            }
            None => {
                let Gradient::Input(input) = self.step.d_to else { unreachable!("others have a name") };
                let (call, views) = (call(&quote!(d_to)), binding.views());
                self.if_wanted(input, &quote!(d_to), &quote!(#views #call))
            }
        }
    }

    /// What runs with the caller's gradient of an input, if that is wanted.
    fn if_wanted(&self, input: usize, name: &TokenStream, call: &TokenStream) -> TokenStream {
        let d_input = input_name("d_input", input, self.part.network.inputs.len());
        quote! {
            if let ::core::option::Option::Some(#name) = #d_input.as_deref_mut() {
                #call
            }
        }
    }

    /// What turns the gradient of what the step gave into that of what it took in its place; and hands it on, if that lies
    /// elsewhere.
    fn in_place(
        &self,
        cached: Option<Place>,
        call: impl FnOnce(&TokenStream, &TokenStream) -> TokenStream,
    ) -> TokenStream {
        let mut binding = self.binding();
        let cached = cached.map_or_else(TokenStream::new, |place| binding.value("cached", place));
        let call = self.on_gradient(binding, |d| call(d, &cached));
        let hand_on = self.hand_on(|_| None);
        quote!(#call #hand_on)
    }

    /// Gives the gradient of what the step gave, or a part of it, to each value that it took.
    fn hand_on(&self, part: impl Fn(usize) -> Option<TokenStream>) -> TokenStream {
        let given = self.step.d_from.iter().enumerate().filter(|(_, given)| given.gradient != self.step.d_to);
        let given = given.map(|(operand, given)| {
            let mut binding = self.binding();
            let d_to = binding.gradient("d_to", self.step.d_to).expect("it does not lie with an input");
            let part = part(operand);
            let reference = part.as_ref().map(|_| quote!(&));
            self.to_gradient(binding, *given, |d_from| self.add(given, &quote!(#reference #d_to #part), d_from))
        });
        given.collect()
    }

    /// `d_from = d`, or `d_from += d`.
    fn add(&self, given: &Contribution, d: &TokenStream, d_from: &TokenStream) -> TokenStream {
        let linear = linear();
        let add =
            quote!(level.sum_in_place(::monograd::kernels::SumInPlace { x: #d, y: #d_from, activation: #linear }););
        let copy = quote!(#d_from.copy_from_slice(#d););
        match self.accumulates(given) {
            Accumulates::No => copy,
            Accumulates::Yes => add,
            Accumulates::IfAsked => quote!(if accumulate { #add } else { #copy }),
        }
    }

    fn accumulates(&self, given: &Contribution) -> Accumulates {
        match given {
            Contribution { accumulate: true, .. } => Accumulates::Yes,
            Contribution { gradient: Gradient::Input(_), .. } if self.part.is_block() => Accumulates::IfAsked,
            _ => Accumulates::No,
        }
    }

    /// A call that writes the gradient of a value that the step took, if that is wanted.
    fn to_gradient(
        &self,
        mut binding: Binding,
        given: Contribution,
        call: impl FnOnce(&TokenStream) -> TokenStream,
    ) -> TokenStream {
        let wanted = self.part.wants_input_gradient();
        match binding.gradient("d_from", given.gradient) {
            Some(d_from) => {
                let (call, views) = (call(&d_from), binding.views());
                let tokens = quote!({ #views #call });
                if given.optional { quote!(if #wanted #tokens) } else { tokens }
            }
            None => {
                let Gradient::Input(input) = given.gradient else { unreachable!("others have a name") };
                let (call, views) = (call(&quote!(d_from)), binding.views());
                self.if_wanted(input, &quote!(d_from), &quote!(#views #call))
            }
        }
    }

    /// A step that can only overwrite the gradient of what it took: if others gave to that before, it is computed apart.
    fn overwriting(
        &self,
        reads_input: bool,
        call: impl FnOnce(&TokenStream, &TokenStream, &TokenStream) -> TokenStream,
    ) -> TokenStream {
        let given = &self.step.d_from[0];
        let mut binding = self.binding();
        let d_to =
            binding.gradient("d_to", self.step.d_to).expect("what does not work in place has a gradient of its own");
        let x = if reads_input { binding.value("from", self.place(0)) } else { quote!(&[]) };
        let apart = self.step.temporary.map(|temporary| binding.slot("apart", temporary));
        self.to_gradient(binding, *given, |d_from| match (&apart, self.accumulates(given)) {
            (Some(apart), Accumulates::Yes | Accumulates::IfAsked) => {
                let (call, add) = (call(&x, &d_to, apart), self.add(given, apart, d_from));
                quote!(#call #add)
            }
            _ => call(&x, &d_to, d_from),
        })
    }

    /// The gradients of a layer's parameters and of its input.
    fn layer(&self, node: usize) -> TokenStream {
        let mut binding = self.binding();
        let d_to = binding.gradient("d_to", self.step.d_to).expect("behind a layer with parameters gradients are kept");
        let from = binding.value("from", self.place(0));
        let d_from = self.input_gradient(&mut binding);
        let views = binding.views();
        let (field, settings) = (field(self.part, node), settings(self.part.network, node));
        let path = self.part.fields.path(node);
        let buffers = batch_buffers(self.part, node).map(|path| quote!(&#path,));
        quote!(#views #field.backward(level, #settings #buffers #from, #d_to, #d_from, &mut gradient.#path, false, scratch);)
    }

    /// The backward pass of a block, or of a type from elsewhere.
    fn block(&self, node: usize) -> TokenStream {
        let mut binding = self.binding();
        let d_to = binding.gradient("d_to", self.step.d_to).expect("behind a block gradients are kept");
        let (from, to) = self.read_by_block(&mut binding);
        let d_from = self.input_gradient(&mut binding);
        let Rooms { tape, backward, .. } = self.part.rooms(self.step.step);
        let (tape, work) = (arena(&binding.slot("kept", tape)), arena(&binding.slot("work", backward)));
        let views = binding.views();
        let (field, path) = (field(self.part, node), self.part.fields.path(node));
        let batch = (!is_module(self.part.network, node)).then(|| match batch_buffers(self.part, node) {
            Some(batch) => quote!(&#batch,),
            None => self.part.no_buffers(node),
        });
        let (function, noise) = (block_function(self.part, node, "backward", true), calls::noise_within(node));
        quote! {
            #views
            #function(&#field, level, #from, #to, #tape, #work, scratch, &mut gradient.#path, #batch #noise, #d_to, #d_from);
        }
    }

    /// The input and the output of a block, as far as its backward pass reads them.
    fn read_by_block(&self, binding: &mut Binding) -> (TokenStream, TokenStream) {
        let Operation::Block { reads, .. } = self.forward.operation else { unreachable!("a block comes from one") };
        let from = if reads.input { binding.value("from", self.place(0)) } else { quote!(&[]) };
        let to = self.training.forward.place(self.forward.to);
        let to = if reads.output { binding.value("to", to) } else { quote!(&[]) };
        (from, to)
    }

    /// `Some(InputGradient { … })`, or nothing if it is not wanted.
    fn input_gradient(&self, binding: &mut Binding) -> TokenStream {
        let given = &self.step.d_from[0];
        let accumulate = self.accumulates(given).tokens();
        let make = |values: TokenStream| quote!(::monograd::layers::InputGradient { values: #values, accumulate: #accumulate });
        match (binding.gradient("d_from", given.gradient), given.gradient) {
            (Some(d_from), _) => {
                let gradient = make(d_from);
                if given.optional {
                    let wanted = self.part.wants_input_gradient();
                    quote!(if #wanted { ::core::option::Option::Some(#gradient) } else { ::core::option::Option::None })
                } else {
                    quote!(::core::option::Option::Some(#gradient))
                }
            }
            (None, Gradient::Input(input)) => {
                let d_input = input_name("d_input", input, self.part.network.inputs.len());
                let gradient = make(quote!(values));
                quote!(#d_input.as_deref_mut().map(|values| #gradient))
            }
            (None, _) => unreachable!("others have a name"),
        }
    }

    /// The gradients of two factors.
    fn factors(&self) -> TokenStream {
        let factors = self.step.d_from.iter().enumerate().map(|(operand, given)| {
            let mut binding = self.binding();
            let d_to = binding.gradient("d_to", self.step.d_to).expect("a product has a gradient of its own");
            let other = binding.value("other", self.place(1 - operand));
            let accumulate = self.accumulates(given).tokens();
            self.to_gradient(binding, *given, |d_from| {
                quote! {
                    level.product_gradient(::monograd::kernels::ProductGradient {
                        d_y: #d_to,
                        other: #other,
                        d: #d_from,
                        accumulate: #accumulate,
                    });
                }
            })
        });
        factors.collect()
    }

    /// The gradients of what was put side by side.
    fn split(&self, node: usize) -> TokenStream {
        let Rows { count, widths, total } = Rows::new(self.part.network, node);
        let given = self.step.d_from.iter().zip(widths).map(|(given, (width, before))| {
            let mut binding = self.binding();
            let d_to = binding.gradient("d_to", self.step.d_to).expect("a concatenation has a gradient of its own");
            let accumulate = self.accumulates(given).tokens();
            self.to_gradient(binding, *given, |d_from| {
                quote! {
                    level.copy_rows(::monograd::kernels::CopyRows {
                        x: #d_to.get(#before..).unwrap_or_default(),
                        x_stride: #total,
                        y: #d_from,
                        y_stride: #width,
                        width: #width,
                        rows: samples * #count,
                        accumulate: #accumulate,
                    });
                }
            })
        });
        given.collect()
    }
}

/// Whether a gradient is added to what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accumulates {
    No,
    Yes,
    /// To the gradient of a block's input, if the caller asks for it.
    IfAsked,
}

impl Accumulates {
    /// As an expression.
    fn tokens(self) -> TokenStream {
        match self {
            Self::No => quote!(false),
            Self::Yes => quote!(true),
            Self::IfAsked => quote!(accumulate),
        }
    }
}
