//! The steps of a forward pass.

use proc_macro2::TokenStream;

use super::bind::Binding;
use super::calls::{
    self, Rows, activation_value, batch_buffers, block_function, buffers, constant, epilogue, field, is_module, linear,
    noise, plain_value, reorder, rows, settings,
};
use super::{Part, Pass, quote};
use crate::check::Source;
use crate::dimension::Dim;
use crate::plan::{Forward, Operation, Place, Rooms, Step};

/// The names of what a step reads and of what it gives.
struct Ends {
    from: Vec<TokenStream>,
    to: TokenStream,
    /// Which of what it reads lies where it writes.
    in_place: Option<usize>,
}

/// The steps of a pass.
pub fn steps(part: &Part, pass: Pass, forward: &Forward) -> TokenStream {
    (0..forward.steps.len()).map(|step| self::step(part, pass, forward, step)).collect()
}

fn step(part: &Part, pass: Pass, forward: &Forward, index: usize) -> TokenStream {
    let step = &forward.steps[index];
    let mut binding = Binding::new(part.areas(pass), part.network.inputs.len());
    let ends = ends(&mut binding, forward, step);
    let call = match step.operation {
        Operation::Layer { node, normalisation, activation } => {
            let (from, to, activation) = (&ends.from[0], &ends.to, epilogue(part.network, activation));
            let ends = quote!(#from, #to, #activation, scratch);
            match normalisation {
                Some(normalisation) => normalised_layer(part, node, normalisation, &ends),
                None => layer(part, pass, node, &ends),
            }
        }
        Operation::Block { node, .. } => block(part, pass, &mut binding, index, node, &ends),
        Operation::Combine { product, activation, .. } => combine(part, product, activation, &ends),
        Operation::Concat { node } => concat(part, node, &ends),
        Operation::Collect => collect(part, pass, &ends),
        _ => single(part, step.operation, &ends),
    };
    let views = binding.views();
    quote!(#views #call)
}

fn ends(binding: &mut Binding, forward: &Forward, step: &Step) -> Ends {
    let to = forward.place(step.to);
    let places: Vec<Place> = step.from.iter().map(|value| forward.place(*value)).collect();
    let in_place = places.iter().position(|place| *place == to);
    let names = ["from", "other", "third"];
    let from = places.iter().enumerate().map(|(index, place)| {
        if *place == to {
            return binding.value("to", to);
        }
        match names.get(index) {
            Some(name) => binding.value(name, *place),
            None => binding.value(&format!("from_{index}"), *place),
        }
    });
    let from = from.collect();
    Ends { from, to: binding.value("to", to), in_place }
}

/// What reads a single value and has no parameters.
fn single(part: &Part, operation: Operation, ends: &Ends) -> TokenStream {
    let (network, from, to) = (part.network, &ends.from[0], &ends.to);
    let copy = ends.in_place.is_none().then(|| quote!(#to.copy_from_slice(#from);));
    match operation {
        Operation::Plain { node, .. } => {
            let value = plain_value(network, node);
            quote!(#value.forward(level, #from, #to);)
        }
        Operation::Noise { node } => {
            let value = noise(network, node, to);
            quote!(#copy #value)
        }
        Operation::Activation { node, .. } => {
            let activation = activation_value(network, node);
            if ends.in_place.is_some() {
                quote!(level.activate_in_place(::monograd::activations::ActivateInPlace { activation: #activation, y: #to });)
            } else {
                quote!(level.activate(::monograd::activations::Activate { activation: #activation, x: #from, y: #to });)
            }
        }
        Operation::Softmax { node } => {
            let rows = rows(network, node);
            quote!(#copy level.softmax(::monograd::activations::SoftmaxColumns { y: #to, rows: #rows });)
        }
        Operation::Reorder { of, order } => reorder(network.shape(of), order, from, to),
        _ => unreachable!("the other operations have parameters or several values"),
    }
}

/// The call of a layer with parameters.
fn layer(part: &Part, pass: Pass, node: usize, ends: &TokenStream) -> TokenStream {
    let (field, settings) = (field(part, node), settings(part.network, node));
    match (buffers(part, node), batch_buffers(part, node), pass) {
        (Some(buffers), _, Pass::Inference) => quote!(#field.forward(level, #settings &#buffers, #ends);),
        (_, Some(batch), Pass::Training) => quote!(#field.forward_training(level, #settings &mut #batch, #ends);),
        _ => quote!(#field.forward(level, #settings #ends);),
    }
}

/// The call of a convolution whose epilogue normalises.
fn normalised_layer(part: &Part, node: usize, normalisation: usize, ends: &TokenStream) -> TokenStream {
    let (layer, norm) = (field(part, node), field(part, normalisation));
    let buffers = buffers(part, normalisation).expect("a normalisation by running statistics has them");
    let (settings, norm_settings) = (settings(part.network, node), constant(part.network, normalisation));
    quote!(#layer.forward_normalised(level, #settings (&#norm, &#buffers, #norm_settings), #ends);)
}

/// The call of a block, or of a type from elsewhere.
fn block(part: &Part, pass: Pass, binding: &mut Binding, step: usize, node: usize, ends: &Ends) -> TokenStream {
    let (field, from, to) = (field(part, node), &ends.from[0], &ends.to);
    let module = is_module(part.network, node);
    if pass == Pass::Inference {
        let work = part.plans.inference.work[step].expect("a block has room to work in");
        let work = arena(&binding.slot("work", work));
        let buffers = (!module).then(|| match buffers(part, node) {
            Some(buffers) => quote!(&#buffers,),
            None => part.no_buffers(node),
        });
        let function = block_function(part, node, "infer", false);
        return quote!(#function(&#field, level, #buffers #from, #to, #work, scratch););
    }
    let Rooms { tape, forward, .. } = part.rooms(step);
    let (tape, work) = (arena(&binding.slot("kept", tape)), arena(&binding.slot("work", forward)));
    let batch = if module {
        let path = part.fields.path(node);
        quote!(&mut gradient.#path)
    } else {
        let path = part.fields.path(node);
        let batch = batch_buffers(part, node).map_or_else(|| part.no_batch_buffers(node), |batch| quote!(&mut #batch));
        quote!(&mut gradient.#path, #batch)
    };
    let (function, noise) = (block_function(part, node, "forward_training", true), calls::noise_within(node));
    quote!(#function(&#field, level, #from, #to, #tape, #work, scratch, #batch, #noise);)
}

/// A view as the whole arena of a block.
pub fn arena(view: &TokenStream) -> TokenStream {
    quote!(&mut ::monograd::plan::Arena::new(#view, samples, samples))
}

/// A sum or a product, two at a time; the activation is in the epilogue of the last.
fn combine(part: &Part, product: bool, activation: Option<usize>, ends: &Ends) -> TokenStream {
    let Ends { from, to, in_place } = ends;
    let call = |operands: TokenStream, last: bool, place: bool| {
        let activation = if last { epilogue(part.network, activation) } else { linear() };
        let operands = quote!({ #operands, y: #to, activation: #activation });
        match (product, place) {
            (false, false) => quote!(level.sum(::monograd::kernels::Sum #operands);),
            (false, true) => quote!(level.sum_in_place(::monograd::kernels::SumInPlace #operands);),
            (true, false) => quote!(level.multiply(::monograd::kernels::Multiply #operands);),
            (true, true) => quote!(level.product_in_place(::monograd::kernels::ProductInPlace #operands);),
        }
    };
    let others: Vec<_> = (0..from.len()).filter(|index| Some(*index) != *in_place).map(|index| &from[index]).collect();
    let (first, rest) = match (in_place, &others[..]) {
        (None, [a, b, rest @ ..]) => (Some(call(quote!(a: #a, b: #b), rest.is_empty(), false)), rest),
        (_, rest) => (None, rest),
    };
    let last = rest.len().wrapping_sub(1);
    let rest = rest.iter().enumerate().map(|(index, x)| call(quote!(x: #x), index == last, true));
    quote!(#first #(#rest)*)
}

/// The branches side by side.
fn concat(part: &Part, node: usize, ends: &Ends) -> TokenStream {
    let Rows { count, widths, total } = Rows::new(part.network, node);
    let to = &ends.to;
    let copies = ends.from.iter().zip(widths).map(|(from, (width, before))| {
        quote! {
            level.copy_rows(::monograd::kernels::CopyRows {
                x: #from,
                x_stride: #width,
                y: #to.get_mut(#before..).unwrap_or_default(),
                y_stride: #total,
                width: #width,
                rows: samples * #count,
                accumulate: false,
            });
        }
    });
    copies.collect()
}

/// The outputs one behind the other.
fn collect(part: &Part, pass: Pass, ends: &Ends) -> TokenStream {
    let results = part.network.results(pass == Pass::Training);
    let lens = results.iter().map(|source: &Source| -> Dim { part.network.shape(*source).len().clone() });
    let to = &ends.to;
    let copies = ends.from.iter().zip(calls::stretches(lens)).map(
        |(from, (len, before))| quote!(#to[samples * (#before)..samples * (#before + #len)].copy_from_slice(#from);),
    );
    copies.collect()
}
