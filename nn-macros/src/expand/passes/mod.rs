//! The passes: initialise, infer, forward for training, backward.

mod backward;
mod bind;
mod calls;
mod forward;

use proc_macro2::{Ident, Literal, Span, TokenStream};

use self::bind::{Areas, Binding, input_name};
use super::fields::Fields;
use super::types;
use crate::check::Network;
use crate::plan::{Forward, Gradient, Operation, Place, Plans, Rooms, Slot, Training, ValueId};
use crate::table::{Form, Initial, Suits};

/// As `quote::quote!`, with locals that an expression of the user's cannot see.
macro_rules! quote {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
use quote;

/// A network or a block, with all that its code is made from.
pub struct Part<'p, 'a> {
    pub network: &'p Network<'a>,
    pub plans: &'p Plans,
    pub fields: &'p Fields<'a>,
    /// Of a block, for each slot of training whether it is kept, and its number among those of its area.
    areas: Vec<(bool, usize)>,
}

/// Which of the two forward passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Inference,
    Training,
}

impl<'p, 'a> Part<'p, 'a> {
    pub fn new(network: &'p Network<'a>, plans: &'p Plans, fields: &'p Fields<'a>) -> Self {
        let mut counts = [0, 0];
        let area = |training: &Training, slot: usize, counts: &mut [usize; 2]| {
            let kept = training.keeps(slot);
            counts[usize::from(kept)] += 1;
            (kept, counts[usize::from(kept)] - 1)
        };
        let training = plans.training.as_ref().filter(|_| network.block.is_some());
        let areas = training.map(|training| {
            (0..training.slots.len()).map(|slot| area(training, slot, &mut counts)).collect::<Vec<_>>()
        });
        Self { network, plans, fields, areas: areas.unwrap_or_default() }
    }

    fn is_block(&self) -> bool {
        self.network.block.is_some()
    }

    fn areas(&self, pass: Pass) -> Areas<'_> {
        if self.is_block() && pass == Pass::Training { Areas::Two(&self.areas) } else { Areas::One }
    }

    fn rooms(&self, step: usize) -> Rooms {
        let training = self.plans.training.as_ref().expect("training is what rooms are for");
        training.rooms[step].expect("a block has room to work in")
    }

    /// Whether the caller wants the gradients of the inputs.
    fn wants_input_gradient(&self) -> TokenStream {
        let d_input = input_name("d_input", 0, self.network.inputs.len());
        quote!(#d_input.is_some())
    }

    /// What stands for the running statistics of a block that has none, and the comma behind it.
    fn no_buffers(&self, node: usize) -> TokenStream {
        let empty = self.empty(node);
        quote!(&#empty,)
    }

    fn no_batch_buffers(&self, node: usize) -> TokenStream {
        let empty = self.empty(node);
        quote!(&mut #empty)
    }

    fn empty(&self, node: usize) -> TokenStream {
        let Form::Block(block) = &self.network.nodes[node].layer.form else { unreachable!("a block comes from one") };
        match &block.copies {
            Some(copies) => quote!([::monograd::layers::Empty; #copies]),
            None => quote!(::monograd::layers::Empty),
        }
    }

    /// The type of a block's running statistics.
    fn buffers_type(&self) -> TokenStream {
        match &self.fields.buffers {
            Some(buffers) => types::named(self.network, &buffers.name, &types::scalar()),
            None => quote!(::monograd::layers::Empty),
        }
    }
}

/// The plans as constants: lifetimes in, offsets out.
pub fn plan_constants(part: &Part) -> TokenStream {
    let network = part.network;
    let slots = |slots: &[Slot]| slots.iter().map(|slot| lifetime(network, slot)).collect::<Vec<_>>();
    let inference = plan_constant("INFERENCE_PLAN", &slots(&part.plans.inference.slots));
    let training = part.plans.training.as_ref().map(|training| {
        let all = slots(&training.slots);
        if !part.is_block() {
            return plan_constant("TRAINING_PLAN", &all);
        }
        let of = |kept: bool| {
            let here = part.areas.iter().zip(&all).filter(move |((slot, _), _)| *slot == kept);
            here.map(|(_, lifetime)| lifetime.clone()).collect::<Vec<_>>()
        };
        let (tape, work) = (plan_constant("TAPE_PLAN", &of(true)), plan_constant("TRAINING_PLAN", &of(false)));
        quote!(#tape #work)
    });
    let (sizes, ty) = (types::sizes(network), types::of(network, &types::scalar()));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(long_running_const_eval)]
        impl<#sizes T> #ty {
            #inference
            #training
        }
    }
}

fn lifetime(network: &Network, Slot { len, first, last }: &Slot) -> TokenStream {
    let (first, last) = (Literal::usize_unsuffixed(*first), Literal::usize_unsuffixed(*last));
    let len = types::len(network, len);
    quote!(::monograd::plan::Lifetime { len: #len, first: #first, last: #last })
}

fn plan_constant(name: &str, lifetimes: &[TokenStream]) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let count = Literal::usize_unsuffixed(lifetimes.len());
    quote! {
        #[doc(hidden)]
        const #name: ::monograd::plan::Plan<#count> = ::monograd::plan::Plan::new([#(#lifetimes),*]);
    }
}

/// `initialize`: each layer by its initialiser; of a block its running statistics apart.
pub fn initialize(part: &Part) -> TokenStream {
    let suits = part.network.suits();
    let layers = part.fields.layers().map(|(path, node)| {
        let field = quote!(self.#(#path).*);
        let Some(parameters) = part.network.nodes[node].parameters() else {
            let function = calls::block_function(part, node, "initialize", false);
            return quote!(#function(&mut #field, generator););
        };
        let initializer = match (&parameters.initializer, suits[node]) {
            (Initial::Fixed, _) => return quote!(#field.initialize();),
            (Initial::Given(initializer), _) => initializer.clone(),
            (Initial::Suited, Suits::He) => quote!(HeUniform::new()),
            (Initial::Suited, Suits::Xavier) => quote!(XavierUniform::new()),
        };
        quote!(#field.initialize(::monograd::initializers::#initializer, generator);)
    });
    let buffers = part.fields.buffered_layers().filter_map(|(_, node)| {
        let buffers = calls::buffers(part, node)?;
        Some(match part.network.nodes[node].layer.form {
            Form::Block(_) => {
                let function = calls::block_function(part, node, "initialize_buffers", false);
                quote!(#function(&mut #buffers);)
            }
            _ => quote!(#buffers.initialize();),
        })
    });
    let (of_buffers, of_block) = if part.is_block() {
        let ty = part.buffers_type();
        let function = quote! {
            #[allow(unused_variables)]
            fn initialize_buffers(buffers: &mut #ty) {
                #(#buffers)*
            }
        };
        (TokenStream::new(), function)
    } else {
        (quote!(#(#buffers)*), TokenStream::new())
    };
    let claims = claims(part);
    quote! {
        #[allow(unused_variables)]
        fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
            #claims
            #(#layers)*
            #of_buffers
        }
        #of_block
    }
}

/// `infer`: the steps from `input` to `output`.
pub fn infer(part: &Part) -> TokenStream {
    let forward = &part.plans.inference.forward;
    let prologue = prologue(part, !part.plans.inference.slots.is_empty(), false, "INFERENCE_PLAN");
    let steps = if forward.steps.is_empty() {
        let input = alias(part, &part.plans.inference.forward, part.plans.inference.output);
        quote!(output.copy_from_slice(#input);)
    } else {
        forward::steps(part, Pass::Inference, forward)
    };
    let signature = infer_signature(part.network, part.is_block().then(|| part.buffers_type()));
    quote! {
        #signature {
            #prologue
            #steps
        }
    }
}

/// The input that the output is, without a step.
fn alias(part: &Part, forward: &Forward, output: ValueId) -> TokenStream {
    let Place::Input(input) = forward.place(output) else { unreachable!("what no step gives is an input") };
    input_name("input", input, part.network.inputs.len())
}

/// What the steps of a pass refer to.
fn prologue(part: &Part, plan: bool, tape: bool, name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let plan = plan.then(|| quote!(let plan = &Self::#name.regions;));
    let tape = tape.then(|| quote!(let tape_plan = &Self::TAPE_PLAN.regions;));
    let inputs = split_inputs(part);
    let claims = claims(part);
    quote! {
        #claims
        let samples = arena.samples();
        #plan
        #tape
        #inputs
    }
}

/// In a generic declaration the claims are verified for each choice of its sizes: where that is used.
fn claims(part: &Part) -> Option<TokenStream> {
    (!part.network.generics.is_empty()).then(|| quote!(let () = Self::CLAIMS;))
}

/// Several inputs lie one behind the other.
fn split_inputs(part: &Part) -> Option<TokenStream> {
    let inputs = &part.network.inputs;
    let lens = inputs.iter().map(|input| input.shape.as_ref().expect("what is planned has a shape").len().clone());
    let parts = calls::stretches(lens).into_iter().enumerate().map(|(input, (len, before))| {
        let name = input_name("input", input, inputs.len());
        quote!(let #name = &input[samples * (#before)..samples * (#before + #len)];)
    });
    (inputs.len() > 1).then(|| parts.collect())
}

/// So do their gradients.
fn split_input_gradients(part: &Part) -> Option<TokenStream> {
    let inputs = &part.network.inputs;
    if inputs.len() == 1 {
        return None;
    }
    let parts = inputs.iter().enumerate().map(|(input, port)| {
        let len = port.shape.as_ref().expect("what is planned has a shape").len();
        let name = input_name("d_input", input, inputs.len());
        quote! {
            let (mut #name, rest) = match rest {
                ::core::option::Option::Some(rest) => {
                    let (part, rest) = rest.split_at_mut(samples * (#len));
                    (::core::option::Option::Some(part), ::core::option::Option::Some(rest))
                }
                ::core::option::Option::None => (::core::option::Option::None, ::core::option::Option::None),
            };
        }
    });
    Some(quote!(let rest = d_input; #(#parts)* let _: ::core::option::Option<&mut [T]> = rest;))
}

fn infer_signature(network: &Network, buffers: Option<TokenStream>) -> TokenStream {
    let level = types::free(network, "L");
    let buffers = buffers.map(|ty| quote!(buffers: &#ty,));
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn infer<#level: ::monograd::kernels::Kernels<T>>(
            &self,
            level: #level,
            #buffers
            input: &[T],
            output: &mut [T],
            arena: &mut ::monograd::plan::Arena<'_, T>,
            scratch: &mut [T],
        )
    }
}

/// `impl Trainable`, or `TrainableBlock`.
pub fn trainable(part: &Part, training: &Training, constants: &TokenStream) -> TokenStream {
    let (sizes, ty) = (types::sizes(part.network), types::of(part.network, &types::scalar()));
    let has = |kept: bool| part.areas.iter().any(|(slot, _)| *slot == kept);
    let (plan, tape) = if part.is_block() { (has(false), has(true)) } else { (true, false) };
    let prologue = prologue(part, plan, tape, "TRAINING_PLAN");
    let forward = forward_training(part, training);
    let d_inputs = split_input_gradients(part);
    let unread = unread(part, training);
    let backward = backward::steps(part, training);
    let hand_over = hand_over(part, training);
    let update_buffers = update_buffers(part);
    let (forward_signature, backward_signature) = if part.is_block() {
        let buffers = part.buffers_type();
        (block_forward_signature(part.network, &buffers), block_backward_signature(part.network, &buffers))
    } else {
        (forward_signature(part.network), backward_signature(part.network))
    };
    let name = if part.is_block() { quote!(TrainableBlock<T>) } else { quote!(Trainable) };
    let block = part.is_block().then(|| quote! {
        let (mut d_input, accumulate) = match d_input {
            ::core::option::Option::Some(gradient) => (::core::option::Option::Some(gradient.values), gradient.accumulate),
            ::core::option::Option::None => (::core::option::Option::None, false),
        };
    });
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real> ::monograd::#name for #ty {
            #constants

            #forward_signature {
                #prologue
                #forward
            }

            #backward_signature {
                #prologue
                #block
                #d_inputs
                #unread
                #backward
                #hand_over
            }

            #update_buffers
        }
    }
}

/// Where a network leaves its output and finds the gradient.
pub fn output_regions(training: &Training) -> TokenStream {
    let (Place::Slot(output), Gradient::Slot(d_output)) = (training.output, training.d_output) else {
        unreachable!("a network keeps its output itself")
    };
    let (output, d_output) = (Literal::usize_unsuffixed(output), Literal::usize_unsuffixed(d_output));
    quote! {
        const OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[#output];
        const D_OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[#d_output];
    }
}

fn forward_training(part: &Part, training: &Training) -> TokenStream {
    if !training.forward.steps.is_empty() {
        return forward::steps(part, Pass::Training, &training.forward);
    }
    let mut binding = Binding::new(part.areas(Pass::Training), part.network.inputs.len());
    let to = binding.value("to", training.output);
    let (views, input) = (binding.views(), alias(part, &training.forward, training.given));
    quote!(#views #to.copy_from_slice(#input);)
}

/// Nothing depends on an input that nothing reads.
fn unread(part: &Part, training: &Training) -> TokenStream {
    let zeros = training.unread.iter().map(|input| {
        let name = input_name("d_input", *input, part.network.inputs.len());
        let zero = quote!(d_input.fill(T::zero()););
        let zero = if part.is_block() { quote!(if !accumulate { #zero }) } else { zero };
        quote!(if let ::core::option::Option::Some(d_input) = #name.as_deref_mut() { #zero })
    });
    zeros.collect()
}

/// The gradient of an input that lies where the steps worked goes to the caller at the end.
fn hand_over(part: &Part, training: &Training) -> TokenStream {
    let inputs = training.d_inputs.iter().enumerate();
    let inputs = inputs.filter(|(_, gradient)| matches!(gradient, Gradient::Slot(_)));
    let mut given: TokenStream = inputs
        .map(|(input, gradient)| {
            let mut binding = Binding::new(part.areas(Pass::Training), part.network.inputs.len());
            let d_to = binding.gradient("d_to", *gradient).expect("a slot has a name");
            let (views, name) = (binding.views(), input_name("d_input", input, part.network.inputs.len()));
            quote! {
                if let ::core::option::Option::Some(d_input) = #name.as_deref_mut() {
                    #views
                    d_input.copy_from_slice(#d_to);
                }
            }
        })
        .collect();
    // A block without steps gives what it takes.
    if part.is_block() && training.forward.steps.is_empty() {
        let linear = calls::linear();
        given = quote! {
            if let ::core::option::Option::Some(d_input) = d_input.as_deref_mut() {
                if accumulate {
                    level.sum_in_place(::monograd::kernels::SumInPlace { x: d_output, y: d_input, activation: #linear });
                } else {
                    d_input.copy_from_slice(d_output);
                }
            }
        };
    }
    given
}

fn forward_signature(network: &Network) -> TokenStream {
    let level = types::free(network, "L");
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn forward_training<#level: ::monograd::kernels::Kernels<T>>(
            &self,
            level: #level,
            input: &[T],
            arena: &mut ::monograd::plan::Arena<'_, T>,
            scratch: &mut [T],
            gradient: &mut Self,
            noise: ::monograd::layers::Noise,
        )
    }
}

fn block_forward_signature(network: &Network, buffers: &TokenStream) -> TokenStream {
    let level = types::free(network, "L");
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn forward_training<#level: ::monograd::kernels::Kernels<T>>(
            &self,
            level: #level,
            input: &[T],
            output: &mut [T],
            tape: &mut ::monograd::plan::Arena<'_, T>,
            arena: &mut ::monograd::plan::Arena<'_, T>,
            scratch: &mut [T],
            gradient: &mut Self,
            d_buffers: &mut #buffers,
            noise: ::monograd::layers::Noise,
        )
    }
}

fn backward_signature(network: &Network) -> TokenStream {
    let level = types::free(network, "L");
    quote! {
        #[inline]
        #[allow(unused_variables, unused_mut)]
        fn backward<#level: ::monograd::kernels::Kernels<T>>(
            &self,
            level: #level,
            input: &[T],
            arena: &mut ::monograd::plan::Arena<'_, T>,
            scratch: &mut [T],
            gradient: &mut Self,
            noise: ::monograd::layers::Noise,
            mut d_input: ::core::option::Option<&mut [T]>,
        )
    }
}

fn block_backward_signature(network: &Network, buffers: &TokenStream) -> TokenStream {
    let level = types::free(network, "L");
    quote! {
        #[inline]
        #[allow(unused_variables, unused_mut)]
        fn backward<#level: ::monograd::kernels::Kernels<T>>(
            &self,
            level: #level,
            input: &[T],
            output: &[T],
            tape: &mut ::monograd::plan::Arena<'_, T>,
            arena: &mut ::monograd::plan::Arena<'_, T>,
            scratch: &mut [T],
            gradient: &mut Self,
            d_buffers: &#buffers,
            noise: ::monograd::layers::Noise,
            d_output: &mut [T],
            d_input: ::core::option::Option<::monograd::layers::InputGradient<'_, T>>,
        )
    }
}

/// `fold_batch_norms`: each normalisation that inference runs in a convolution's epilogue.
pub fn fold(part: &Part) -> TokenStream {
    let mut folds: Vec<_> = part
        .plans
        .inference
        .forward
        .steps
        .iter()
        .filter_map(|step| {
            let Operation::Layer { node, normalisation: Some(normalisation), .. } = step.operation else { return None };
            let (convolution, norm) = (calls::field(part, node), calls::field(part, normalisation));
            let buffers = calls::buffers(part, normalisation)?;
            let settings = calls::constant(part.network, normalisation);
            Some(quote!(#convolution.fold(&mut #norm, &mut #buffers, #settings);))
        })
        .collect();
    folds.extend(part.fields.buffered_layers().filter_map(|(_, node)| {
        let Form::Block(_) = part.network.nodes[node].layer.form else { return None };
        let (field, buffers) = (calls::field(part, node), calls::buffers(part, node)?);
        let function = calls::block_function(part, node, "fold_batch_norms", false);
        Some(quote!(#function(&mut #field, &mut #buffers);))
    }));
    let buffers = part.is_block().then(|| {
        let ty = part.buffers_type();
        quote!(, buffers: &mut #ty)
    });
    if folds.is_empty() && !part.is_block() {
        return TokenStream::new();
    }
    quote! {
        #[allow(unused_variables)]
        fn fold_batch_norms(&mut self #buffers) {
            #(#folds)*
        }
    }
}

/// `update_buffers`: what the batch says of running statistics.
fn update_buffers(part: &Part) -> TokenStream {
    let live = part.network.live(true);
    let nodes = (0..part.network.nodes.len()).filter(|node| live[*node]);
    let updates: Vec<_> = nodes.filter_map(|node| update(part, node)).collect();
    if part.is_block() {
        let ty = part.buffers_type();
        return quote! {
            #[allow(unused_variables)]
            fn update_buffers(buffers: &mut #ty, batch: &#ty, samples: usize) {
                #(#updates)*
            }
        };
    }
    if updates.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn update_buffers(&mut self, batch: &Self, samples: usize) {
            #(#updates)*
        }
    }
}

/// The running statistics of a layer, of a block, or of a type from elsewhere, which has them itself.
fn update(part: &Part, node: usize) -> Option<TokenStream> {
    if calls::is_module(part.network, node) {
        let path = part.fields.path(node);
        let function = calls::block_function(part, node, "update_buffers", true);
        let in_block = part.is_block();
        return (!in_block).then(|| quote!(#function(&mut self.#path, &batch.#path, samples);));
    }
    let path = part.fields.buffers_path(node)?;
    let (own, batch) = match (&part.fields.buffers, part.is_block()) {
        (Some(buffers), false) => {
            let field = &buffers.field;
            (quote!(self.#field.#path), quote!(batch.#field.#path))
        }
        _ => (quote!(buffers.#path), quote!(batch.#path)),
    };
    Some(match part.network.nodes[node].layer.form {
        Form::Block(_) => {
            let function = calls::block_function(part, node, "update_buffers", true);
            quote!(#function(&mut #own, &#batch, samples);)
        }
        _ => {
            let settings = calls::constant(part.network, node);
            quote!(#own.update(&#batch, #settings, samples);)
        }
    })
}

/// The items of `Network` for a declaration with mistakes.
pub fn stub_network(network: &Network) -> TokenStream {
    let infer = infer_signature(network, None);
    quote! {
        const RECEPTIVE_FIELD: &'static [usize] = &[];
        const LAYERS: &'static [::monograd::LayerInfo] = &[];
        const TENSORS: &'static [::monograd::TensorEntry] = &[];
        const INFERENCE_SIZE: usize = 0;
        const TRAINING_SIZE: ::core::option::Option<usize> = ::core::option::Option::None;
        #[allow(unused_variables)]
        fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {}
        #infer {}
    }
}

/// `Trainable` for a declaration with mistakes.
pub fn stub_trainable(network: &Network) -> TokenStream {
    let (sizes, ty) = (types::sizes(network), types::of(network, &types::scalar()));
    let (forward, backward) = (forward_signature(network), backward_signature(network));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real> ::monograd::Trainable for #ty {
            const OUTPUT: ::monograd::plan::Region = ::monograd::plan::Region { offset: 0, len: 0 };
            const D_OUTPUT: ::monograd::plan::Region = ::monograd::plan::Region { offset: 0, len: 0 };
            #forward {}
            #backward {}
        }
    }
}
