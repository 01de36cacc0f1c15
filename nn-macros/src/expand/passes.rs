//! The passes: initialise, infer, forward for training, backward.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::format_ident;

use super::fields::{Fields, parameters};
use crate::check::{Network, Source};
use crate::dimension::Dim;
use crate::plan::{
    BackwardStep, Contribution, Forward, Gradient, Operation, Order, Place, Plans, Slot, Step, Training,
};
use crate::shape::Shape;
use crate::table::{Cached, Form, Initial, Plain, Pointwise, Sizes, Suits};

/// As `quote::quote!`, with locals that an expression of the user's cannot see.
macro_rules! quote {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(Span::mixed_site()=> $($tokens)*)
    };
}

/// The plans as constants: lifetimes in, offsets out.
pub fn plan_constants(network: &Network, plans: &Plans) -> TokenStream {
    let name = &network.declaration.name;
    let inference = plan_constant("INFERENCE_PLAN", &plans.inference.slots);
    let training = plans.training.as_ref().map(|training| plan_constant("TRAINING_PLAN", &training.slots));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<T> #name<T> {
            #inference
            #training
        }
    }
}

fn plan_constant(name: &str, slots: &[Slot]) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let count = Literal::usize_unsuffixed(slots.len());
    let lifetimes = slots.iter().map(|Slot { len, first, last }| {
        let (first, last) = (Literal::usize_unsuffixed(*first), Literal::usize_unsuffixed(*last));
        quote!(::monograd::plan::Lifetime { len: #len, first: #first, last: #last })
    });
    quote! {
        #[doc(hidden)]
        const #name: ::monograd::plan::Plan<#count> = ::monograd::plan::Plan::new([#(#lifetimes),*]);
    }
}

/// `initialize`: each layer by its initialiser.
pub fn initialize(network: &Network, fields: &Fields) -> TokenStream {
    let suits = network.suits();
    let layers = fields.layers().map(|(path, node)| {
        let parameters = parameters(network, node).expect("a field has parameters");
        let initializer = match (&parameters.initializer, suits[node]) {
            (Initial::Fixed, _) => return quote!(self.#(#path).*.initialize();),
            (Initial::Given(initializer), _) => initializer.clone(),
            (Initial::Suited, Suits::He) => quote!(HeUniform::new()),
            (Initial::Suited, Suits::Xavier) => quote!(XavierUniform::new()),
        };
        quote!(self.#(#path).*.initialize(::monograd::initializers::#initializer, generator);)
    });
    let buffers = (0..network.nodes.len()).filter_map(|node| fields.buffers_path(node));
    let buffers = buffers.map(|path| quote!(self.#path.initialize();));
    quote! {
        #[allow(unused_variables)]
        fn initialize(&mut self, generator: &mut ::monograd::initializers::Generator) {
            #(#layers)*
            #(#buffers)*
        }
    }
}

/// `infer`: the steps from `x` to `y`.
pub fn infer(network: &Network, plans: &Plans, fields: &Fields) -> TokenStream {
    let forward = &plans.inference.forward;
    let regions = (!plans.inference.slots.is_empty()).then(|| regions("INFERENCE_PLAN"));
    let steps: TokenStream = match forward.steps[..] {
        [] => quote!(output.copy_from_slice(input);),
        _ => forward.steps.iter().map(|step| forward_step(network, fields, Pass::Inference, forward, step)).collect(),
    };
    let signature = infer_signature();
    quote! {
        #signature {
            #regions
            #steps
        }
    }
}

fn infer_signature() -> TokenStream {
    quote! {
        #[inline]
        #[allow(unused_variables)]
        fn infer<L: ::monograd::kernels::Kernels<T>>(
            &self,
            level: L,
            input: &[T],
            output: &mut [T],
            arena: &mut ::monograd::plan::Arena<'_, T>,
            scratch: &mut [T],
        )
    }
}

/// `let plan = &Self::TRAINING_PLAN.regions;`, for the views of a pass.
fn regions(plan: &str) -> TokenStream {
    let plan = format_ident!("{plan}");
    quote!(let plan = &Self::#plan.regions;)
}

/// `let [a, b] = arena.views([…]);`, or nothing for no names.
fn views(names: &[(&str, usize)]) -> TokenStream {
    if names.is_empty() {
        return TokenStream::new();
    }
    let slots = names.iter().map(|(_, slot)| Literal::usize_unsuffixed(*slot));
    let names = names.iter().map(|(name, _)| Ident::new(name, Span::mixed_site()));
    quote!(let [#(#names),*] = arena.views([#(plan[#slots]),*]);)
}

/// Where a step reads and where it writes.
fn ends(forward: &Forward, step: &Step) -> (Place, Place) {
    (forward.place(only(&step.from)), forward.place(step.to))
}

/// What a layer word reads, or gives to in the backward pass: there is one, as none merges.
fn only<V: Copy>(values: &[V]) -> V {
    let [value] = values else { unreachable!("each layer word reads one value") };
    *value
}

/// The views that hold a step's values, and the names by which its input and output go.
fn bind(from: Place, to: Place) -> (TokenStream, TokenStream, TokenStream) {
    let mut names = Vec::new();
    let in_place = from == to;
    let from = match from {
        Place::Input => quote!(input),
        Place::Output => quote!(output),
        Place::Slot(slot) => {
            if !in_place {
                names.push(("from", slot));
            }
            quote!(from)
        }
    };
    let to = match to {
        Place::Slot(slot) => {
            names.push(("to", slot));
            quote!(to)
        }
        Place::Input | Place::Output => quote!(output),
    };
    (views(&names), from, to)
}

/// Which of the two forward passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Inference,
    Training,
}

fn forward_step(network: &Network, fields: &Fields, pass: Pass, forward: &Forward, step: &Step) -> TokenStream {
    let (from, to) = ends(forward, step);
    let in_place = from == to;
    let (views, from, to) = bind(from, to);
    let copy = (!in_place).then(|| quote!(#to.copy_from_slice(#from);));
    let call = match step.operation {
        Operation::Layer { node, normalisation, activation } => {
            let activation = activation.map_or_else(linear, |node| activation_value(network, node));
            let ends = quote!(#from, #to, #activation, scratch);
            match normalisation {
                Some(normalisation) => normalised_layer(network, fields, node, normalisation, &ends),
                None => layer(network, fields, pass, node, &ends),
            }
        }
        Operation::Plain { node, .. } => {
            let value = plain_value(network, node);
            quote!(#value.forward(level, #from, #to);)
        }
        Operation::Noise { node } => {
            let value = noise(network, node, &to);
            quote!(#copy #value)
        }
        Operation::Activation { node, .. } => {
            let activation = activation_value(network, node);
            if in_place {
                quote!(level.activate_in_place(::monograd::activations::ActivateInPlace { activation: #activation, y: #to });)
            } else {
                quote!(level.activate(::monograd::activations::Activate { activation: #activation, x: #from, y: #to });)
            }
        }
        Operation::Softmax { node } => {
            let rows = rows(network, node);
            quote!(#copy level.softmax(::monograd::activations::SoftmaxColumns { y: #to, rows: #rows });)
        }
        Operation::Reorder { of, order } => reorder(network.shape(of), order, &from, &to),
    };
    quote!(#views #call)
}

/// The call of a layer with parameters.
fn layer(network: &Network, fields: &Fields, pass: Pass, node: usize, ends: &TokenStream) -> TokenStream {
    let field = fields.path(node);
    let settings = settings(network, node);
    match (fields.buffers_path(node), pass) {
        (None, _) => quote!(self.#field.forward(level, #settings #ends);),
        (Some(buffers), Pass::Inference) => quote!(self.#field.forward(level, #settings &self.#buffers, #ends);),
        (Some(buffers), Pass::Training) => {
            quote!(self.#field.forward_training(level, #settings &mut gradient.#buffers, #ends);)
        }
    }
}

/// The call of a convolution whose epilogue normalises.
fn normalised_layer(
    network: &Network,
    fields: &Fields,
    node: usize,
    normalisation: usize,
    ends: &TokenStream,
) -> TokenStream {
    let (field, norm) = (fields.path(node), fields.path(normalisation));
    let buffers = fields.buffers_path(normalisation).expect("a normalisation by running statistics has them");
    let (settings, norm_settings) = (settings(network, node), constant(network, normalisation));
    quote!(self.#field.forward_normalised(level, #settings (&self.#norm, &self.#buffers, #norm_settings), #ends);)
}

/// The constant by which the runtime knows a layer's sizes, and the comma behind it.
fn settings(network: &Network, node: usize) -> Option<TokenStream> {
    let constant = constant(network, node)?;
    Some(quote!(#constant,))
}

/// `&const { Convolution::new(…) }`.
fn constant(network: &Network, node: usize) -> Option<TokenStream> {
    match &parameters(network, node)?.sizes {
        Sizes::ByConstant(constant) | Sizes::Convolution { constant, .. } => {
            Some(quote!(&const { ::monograd::#constant }))
        }
        Sizes::ByType { .. } => None,
    }
}

/// `const { MaxPool2d::new(…) }`.
fn plain_value(network: &Network, node: usize) -> TokenStream {
    let Form::Plain(Plain { value, .. }) = &network.nodes[node].layer.form else {
        unreachable!("a layer without parameters comes from one")
    };
    quote!(const { ::monograd::layers::#value })
}

/// The noise of a layer on what lies at `values`: the same forward and back.
fn noise(network: &Network, node: usize, values: &TokenStream) -> TokenStream {
    let Form::Noise(value) = &network.nodes[node].layer.form else { unreachable!("noise comes from noise") };
    let site = Literal::usize_unsuffixed(node);
    quote!(const { ::monograd::layers::#value }.apply(level, noise, #site, #values);)
}

/// A transposition that brings values of that shape into this order.
fn reorder(shape: &Shape, order: Order, from: &TokenStream, to: &TokenStream) -> TokenStream {
    let channels = shape.channels().expect("what has two orders has channels").clone();
    let places = Dim::product(shape.extent()).expect("the shape has been checked");
    let (rows, columns) = match order {
        Order::ChannelsLast => (channels, places),
        Order::ChannelsFirst => (places, channels),
    };
    quote!(level.transpose(::monograd::kernels::Transpose { x: #from, y: #to, rows: #rows, columns: #columns });)
}

fn linear() -> TokenStream {
    quote!(::monograd::activations::Activation::Linear)
}

/// `Activation::from(Relu)`.
fn activation_value(network: &Network, node: usize) -> TokenStream {
    let Form::Pointwise(Pointwise { value, .. }) = &network.nodes[node].layer.form else {
        unreachable!("an activation comes from an activation")
    };
    quote!(::monograd::activations::Activation::from(::monograd::activations::#value))
}

/// The rows of the columns that a softmax runs over.
fn rows(network: &Network, node: usize) -> Dim {
    network.shape(Source::Node(node)).dims.last().expect("a shape has dimensions").clone()
}

/// `impl Trainable`.
pub fn trainable(network: &Network, training: &Training, fields: &Fields) -> TokenStream {
    let name = &network.declaration.name;
    let regions = regions("TRAINING_PLAN");
    let (output, d_output) = (Literal::usize_unsuffixed(training.output), Literal::usize_unsuffixed(training.d_output));
    let steps = &training.forward.steps;
    let forward: TokenStream = if steps.is_empty() {
        let views = views(&[("to", training.output)]);
        quote!(#views to.copy_from_slice(input);)
    } else {
        steps.iter().map(|step| forward_step(network, fields, Pass::Training, &training.forward, step)).collect()
    };
    let backward: TokenStream =
        training.backward.iter().map(|step| backward_step(network, fields, training, step)).collect();
    let hand_over = hand_over(training.d_input);
    let update_buffers = update_buffers(network, fields);
    let (forward_signature, backward_signature) = (forward_signature(), backward_signature());
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<T: ::monograd::Real> ::monograd::Trainable for #name<T> {
            const OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[#output];
            const D_OUTPUT: ::monograd::plan::Region = Self::TRAINING_PLAN.regions[#d_output];

            #forward_signature {
                #regions
                #forward
            }

            #backward_signature {
                #regions
                #backward
                #hand_over
            }

            #update_buffers
        }
    }
}

/// The gradient of the input of a network without parameters is the one that the steps worked on.
fn hand_over(d_input: Gradient) -> Option<TokenStream> {
    let Gradient::Slot(slot) = d_input else { return None };
    let views = views(&[("d_to", slot)]);
    Some(quote! {
        if let ::core::option::Option::Some(d_input) = d_input {
            #views
            d_input.copy_from_slice(d_to);
        }
    })
}

fn forward_signature() -> TokenStream {
    quote! {
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
        )
    }
}

fn backward_signature() -> TokenStream {
    quote! {
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
        )
    }
}

fn backward_step(network: &Network, fields: &Fields, training: &Training, step: &BackwardStep) -> TokenStream {
    let forward = &training.forward.steps[step.step];
    let (from, to) = ends(&training.forward, forward);
    let contribution = only(&step.d_from);
    assert!(!contribution.accumulate, "without merges each value has one user, whose gradient overwrites");
    let call = match forward.operation {
        Operation::Layer { node, activation, .. } => {
            let activation = activation.map(|node| {
                let call = activation_gradient(network, node);
                in_place_gradient(Some(to), step.d_to, &call)
            });
            let layer = layer_gradient(network, fields, node, from, step.d_to, contribution);
            quote!(#activation #layer)
        }
        Operation::Plain { node, reads_input } => {
            let value = plain_value(network, node);
            let x = if reads_input { quote!(from) } else { quote!(&[]) };
            let from = reads_input.then_some(from);
            given_gradient(from, step.d_to, contribution.gradient, &quote!(#value.backward(level, #x, d_to, d_from);))
        }
        Operation::Noise { node } => in_place_gradient(None, step.d_to, &noise(network, node, &quote!(d_to))),
        Operation::Activation { node, cached } => {
            let cached = match cached {
                Cached::Input => from,
                Cached::Output => to,
            };
            in_place_gradient(Some(cached), step.d_to, &activation_gradient(network, node))
        }
        Operation::Softmax { node } => {
            let rows = rows(network, node);
            let call = quote!(level.softmax_gradient(::monograd::activations::SoftmaxGradient { y: cached, d: d_to, rows: #rows }););
            in_place_gradient(Some(to), step.d_to, &call)
        }
        Operation::Reorder { of, order } => {
            let back = match order {
                Order::ChannelsFirst => Order::ChannelsLast,
                Order::ChannelsLast => Order::ChannelsFirst,
            };
            let call = reorder(network.shape(of), back, &quote!(d_to), &quote!(d_from));
            given_gradient(None, step.d_to, contribution.gradient, &call)
        }
    };
    // What writes to the caller's gradient of the input asks for it itself.
    let asks = step.d_to == Gradient::Input || contribution.gradient == Gradient::Input;
    if step.optional && !asks { quote!(if d_input.is_some() { #call }) } else { call }
}

fn activation_gradient(network: &Network, node: usize) -> TokenStream {
    let activation = activation_value(network, node);
    quote! {
        level.activation_gradient(::monograd::activations::ActivationGradient {
            activation: #activation,
            cached,
            d: d_to,
        });
    }
}

/// A call on `d_to`, which becomes the gradient of the input, and on `cached`, if it reads something.
fn in_place_gradient(cached: Option<Place>, d_to: Gradient, call: &TokenStream) -> TokenStream {
    let mut names = Vec::new();
    let input = bind_read("cached", cached, &mut names);
    match d_to {
        Gradient::Slot(slot) => {
            names.push(("d_to", slot));
            let views = views(&names);
            quote!(#views #input #call)
        }
        Gradient::Input => {
            let views = views(&names);
            quote! {
                if let ::core::option::Option::Some(d_to) = d_input.as_deref_mut() {
                    #views #input #call
                }
            }
        }
    }
}

/// A call that makes `d_from` of `d_to`, and of `from`, if it reads that.
fn given_gradient(from: Option<Place>, d_to: Gradient, d_from: Gradient, call: &TokenStream) -> TokenStream {
    let Gradient::Slot(d_to) = d_to else { unreachable!("what does not work in place has a gradient of its own") };
    let mut names = vec![("d_to", d_to)];
    let input = bind_read("from", from, &mut names);
    match d_from {
        Gradient::Slot(slot) => {
            names.push(("d_from", slot));
            let views = views(&names);
            quote!(#views #input #call)
        }
        Gradient::Input => {
            let views = views(&names);
            quote! {
                if let ::core::option::Option::Some(d_from) = d_input.as_deref_mut() {
                    #views #input #call
                }
            }
        }
    }
}

/// Makes what is read go by `name`: a view of its slot, or the caller's input.
fn bind_read(name: &'static str, place: Option<Place>, names: &mut Vec<(&'static str, usize)>) -> Option<TokenStream> {
    match place? {
        Place::Slot(slot) => {
            names.push((name, slot));
            None
        }
        Place::Input | Place::Output => {
            let name = Ident::new(name, Span::mixed_site());
            Some(quote!(let #name = input;))
        }
    }
}

/// The gradients of a layer's parameters and of its input.
fn layer_gradient(
    network: &Network,
    fields: &Fields,
    node: usize,
    from: Place,
    d_to: Gradient,
    Contribution { gradient: d_from, optional, .. }: Contribution,
) -> TokenStream {
    let Gradient::Slot(d_to) = d_to else { unreachable!("behind a layer with parameters gradients are kept") };
    let mut names = vec![("d_to", d_to)];
    let input = bind_read("from", Some(from), &mut names);
    let d_from = match d_from {
        Gradient::Slot(slot) => {
            names.push(("d_from", slot));
            if optional {
                quote!(d_input.is_some().then_some(d_from))
            } else {
                quote!(::core::option::Option::Some(d_from))
            }
        }
        Gradient::Input => quote!(d_input.as_deref_mut()),
    };
    let views = views(&names);
    let field = fields.path(node);
    let settings = settings(network, node);
    let buffers = fields.buffers_path(node).map(|path| quote!(&gradient.#path,));
    quote!(#views #input self.#field.backward(level, #settings #buffers from, d_to, #d_from, &mut gradient.#field, false, scratch);)
}

/// `fold_batch_norms`: each normalisation that inference runs in a convolution's epilogue.
pub fn fold(network: &Network, plans: &Plans, fields: &Fields) -> Option<TokenStream> {
    let folds: Vec<_> = plans
        .inference
        .forward
        .steps
        .iter()
        .filter_map(|step| {
            let Operation::Layer { node, normalisation: Some(normalisation), .. } = step.operation else { return None };
            let (convolution, norm) = (fields.path(node), fields.path(normalisation));
            let (buffers, settings) = (fields.buffers_path(normalisation)?, constant(network, normalisation));
            Some(quote!(self.#convolution.fold(&mut self.#norm, &mut self.#buffers, #settings);))
        })
        .collect();
    (!folds.is_empty()).then(|| {
        quote! {
            fn fold_batch_norms(&mut self) {
                #(#folds)*
            }
        }
    })
}

/// `update_buffers`: what the batch says of running statistics.
fn update_buffers(network: &Network, fields: &Fields) -> Option<TokenStream> {
    let live = network.live();
    let updates: Vec<_> = (0..network.nodes.len())
        .filter(|node| live[*node])
        .filter_map(|node| {
            let (path, settings) = (fields.buffers_path(node)?, constant(network, node));
            Some(quote!(self.#path.update(&batch.#path, #settings, samples);))
        })
        .collect();
    (!updates.is_empty()).then(|| {
        quote! {
            fn update_buffers(&mut self, batch: &Self, samples: usize) {
                #(#updates)*
            }
        }
    })
}

/// The items of `Network` for a declaration with mistakes.
pub fn stub_network() -> TokenStream {
    let infer = infer_signature();
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
    let name = &network.declaration.name;
    let (forward, backward) = (forward_signature(), backward_signature());
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<T: ::monograd::Real> ::monograd::Trainable for #name<T> {
            const OUTPUT: ::monograd::plan::Region = ::monograd::plan::Region { offset: 0, len: 0 };
            const D_OUTPUT: ::monograd::plan::Region = ::monograd::plan::Region { offset: 0, len: 0 };
            #forward {}
            #backward {}
        }
    }
}
