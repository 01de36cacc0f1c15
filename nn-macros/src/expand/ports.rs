//! Inputs and outputs: their tables, the structs of several, and the network as a layer of another.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{docs, types};
use crate::check::{Network, Output, module_marker};
use crate::dimension::Dim;
use crate::shape::Shape;
use crate::syntax::plain;

/// Whether the caller gives or gets several values, by their names.
pub fn has_names(network: &Network) -> bool {
    all_named(network) && (network.inputs.len() > 1 || inferred(network).len() > 1)
}

/// Whether each of several values has a name, as it has unless there was a mistake.
fn all_named(network: &Network) -> bool {
    let inputs = network.inputs.len() == 1 || network.inputs.iter().all(|input| input.name.is_some());
    inputs && (network.outputs.len() == 1 || network.outputs.iter().all(|output| output.name.is_some()))
}

/// The outputs of inference.
fn inferred<'n>(network: &'n Network) -> Vec<&'n Output> {
    network.outputs.iter().filter(|output| !output.in_training).collect()
}

/// `INPUTS` and `OUTPUTS`.
pub fn constants(network: &Network) -> TokenStream {
    let inputs = network.inputs.iter().map(|input| port(input.name.as_ref(), "input", input.shape.as_ref()));
    let outputs = inferred(network).into_iter().map(output_port);
    quote! {
        const INPUTS: &'static [::monograd::Port] = &[#(#inputs),*];
        const OUTPUTS: &'static [::monograd::Port] = &[#(#outputs),*];
    }
}

/// `TRAINING_OUTPUTS`, if they are others.
pub fn training_constants(network: &Network) -> Option<TokenStream> {
    let outputs = network.outputs.iter().map(output_port);
    let differ = network.outputs.iter().any(|output| output.in_training);
    differ.then(|| quote!(const TRAINING_OUTPUTS: &'static [::monograd::Port] = &[#(#outputs),*];))
}

fn output_port(output: &Output) -> TokenStream {
    port(output.name.as_ref(), "output", output.shape.as_ref())
}

fn port(name: Option<&Ident>, default: &str, shape: Option<&Shape>) -> TokenStream {
    let name = name.map_or(default.into(), plain);
    let shape = dims(shape);
    quote!(::monograd::Port { name: #name, shape: #shape })
}

/// `&[784]`.
fn dims(shape: Option<&Shape>) -> TokenStream {
    let dims = shape.map(|shape| shape.dims.clone()).unwrap_or_default();
    quote!(&[#(#dims),*])
}

/// `INPUT_SHAPE` and `OUTPUT_SHAPE`: of several values their number.
pub fn shapes(network: &Network) -> [TokenStream; 2] {
    let shape = |shapes: Vec<Option<&Shape>>| match shapes[..] {
        [single] => dims(single),
        _ => {
            let sum = total(shapes.iter().copied());
            quote!(&[#sum])
        }
    };
    [
        shape(network.inputs.iter().map(|input| input.shape.as_ref()).collect()),
        shape(inferred(network).into_iter().map(|output| output.shape.as_ref()).collect()),
    ]
}

fn total<'s>(shapes: impl Iterator<Item = Option<&'s Shape>>) -> Dim {
    let lens = shapes.map(|shape| shape.map_or(Dim::Literal(1), |shape| shape.len().clone()));
    lens.reduce(|sum, len| sum.plus(&len).unwrap_or(sum)).unwrap_or(Dim::Literal(1))
}

/// The structs of names, with what they implement, and the network as a layer.
pub fn expand(network: &Network, trainable: bool) -> TokenStream {
    if !all_named(network) {
        return TokenStream::new();
    }
    let inputs = (network.inputs.len() > 1).then(|| inputs_struct(network));
    let outputs = (network.outputs.len() > 1).then(|| outputs_struct(network, trainable));
    let module = trainable.then(|| module(network));
    quote!(#inputs #outputs #module)
}

/// A struct with a field of any type for each name.
fn names_struct(network: &Network, name: &Ident, names: &[Ident], doc: &str) -> TokenStream {
    let visibility = &network.visibility;
    let types = type_names("A", names.len());
    let docs = names.iter().map(|name| format!(" What belongs to `{}`.", plain(name)));
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #visibility struct #name<#(#types),*> {
            #(#[doc = #docs] #visibility #names: #types,)*
        }
    }
}

/// `A0, A1, …`.
fn type_names(prefix: &str, count: usize) -> Vec<Ident> {
    (0..count).map(|place| format_ident!("{prefix}{place}")).collect()
}

fn input_names(network: &Network) -> Vec<Ident> {
    network.inputs.iter().filter_map(|input| input.name.clone()).collect()
}

fn output_names(network: &Network) -> Vec<Ident> {
    network.outputs.iter().filter_map(|output| output.name.clone()).collect()
}

/// `Const<784>`.
fn rows(network: &Network, shape: Option<&Shape>) -> TokenStream {
    super::columns(network, core::iter::once(shape))
}

fn inputs_struct(network: &Network) -> TokenStream {
    let (struct_name, names) = (format_ident!("{}Inputs", network.name), input_names(network));
    let doc =
        format!(" What [`{}`] takes, by name: matrices of as many columns as there are samples.", plain(&network.name));
    let definition = names_struct(network, &struct_name, &names, &doc);
    let storages = type_names("S", names.len());
    let matrices = matrices(network, &storages);
    let bounds = storage_bounds(network, &storages);
    let batch = types::free(network, "B");
    let (sizes, net) = (types::sizes(network), types::of(network, &types::scalar()));
    let first = &names[0];
    let others = &names[1..];
    let places = (0..names.len()).map(Literal::usize_unsuffixed);
    let first_text = plain(first);
    let other_texts = others.iter().map(plain);
    quote! {
        #definition

        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real, #batch: ::monograd::nalgebra::Dim, #(#storages),*> ::monograd::Inputs<#net>
            for #struct_name<#(#matrices),*>
        where #bounds
        {
            #[track_caller]
            fn samples(&self) -> usize {
                let samples = self.#first.ncols();
                #(::core::assert_eq!(
                    self.#others.ncols(), samples,
                    "`{}` has {} columns, but `{}` has {}: each sample is a column of every input",
                    #other_texts, self.#others.ncols(), #first_text, samples
                );)*
                samples
            }

            fn port(&self, index: usize) -> &[T] {
                match index {
                    #(#places => self.#names.as_slice(),)*
                    _ => &[],
                }
            }
        }
    }
}

/// `&Matrix<T, Const<784>, B, S0>` for each input.
fn matrices(network: &Network, storages: &[Ident]) -> Vec<TokenStream> {
    let (inputs, batch) = (network.inputs.iter().zip(storages), types::free(network, "B"));
    let matrix = |(input, storage): (&crate::check::Input, &Ident)| {
        let rows = rows(network, input.shape.as_ref());
        quote!(&::monograd::nalgebra::Matrix<T, #rows, #batch, #storage>)
    };
    inputs.map(matrix).collect()
}

fn storage_bounds(network: &Network, storages: &[Ident]) -> TokenStream {
    let (inputs, batch) = (network.inputs.iter().zip(storages), types::free(network, "B"));
    let bound = |(input, storage): (&crate::check::Input, &Ident)| {
        let rows = rows(network, input.shape.as_ref());
        quote!(#storage: ::monograd::nalgebra::RawStorage<T, #rows, #batch> + ::monograd::nalgebra::IsContiguous,)
    };
    inputs.map(bound).collect()
}

/// `forward` and `forward_in` of a network with several inputs or outputs.
pub fn forward(network: &Network) -> TokenStream {
    let (sizes, net) = (types::sizes(network), types::of(network, &types::scalar()));
    let methods = [false, true].map(|on_threads| forward_method(network, on_threads));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(dead_code)]
        impl<#sizes T: ::monograd::Real> #net {
            #(#methods)*
        }
    }
}

fn forward_method(network: &Network, on_threads: bool) -> TokenStream {
    let batch = types::free(network, "B");
    let storages = type_names("S", network.inputs.len());
    let matrices = matrices(network, &storages);
    let bounds = storage_bounds(network, &storages);
    let (taken, columns) = if network.inputs.len() > 1 {
        let (inputs, first) = (format_ident!("{}Inputs", network.name), &input_names(network)[0]);
        (quote!(#inputs<#(#matrices),*>), quote!(input.#first.shape_generic().1))
    } else {
        (quote!(#(#matrices)*), quote!(input.shape_generic().1))
    };
    let reference = (network.inputs.len() > 1).then(|| quote!(&));
    let (given, result) = results(network);
    let (visibility, doc) = (&network.visibility, docs::forward(network, on_threads));
    let name = format_ident!("{}", if on_threads { "forward_in" } else { "forward" });
    let pool = on_threads.then(|| quote!(pool: &dyn ::monograd::Pool,));
    let shared = on_threads.then(|| quote!(#(#storages: ::core::marker::Sync,)*));
    let call = if on_threads {
        quote!(run_ports_in(pool, self, #reference input))
    } else {
        quote!(run_ports(self, #reference input))
    };
    quote! {
        #doc
        #[inline]
        #[track_caller]
        #visibility fn #name<'work, #batch, #(#storages),*>(
            &self,
            #pool
            input: #taken,
            work: &'work mut ::monograd::Inference<Self>,
        ) -> #given
        where
            #batch: ::monograd::nalgebra::Dim,
            #bounds
            #shared
        {
            let columns = #columns;
            work.#call;
            let work = &*work;
            #result
        }
    }
}

/// What `forward` gives: a view, or the struct of views by name, of which those in training are nothing.
fn results(network: &Network) -> (TokenStream, TokenStream) {
    let batch = types::free(network, "B");
    let view = |output: &Output| {
        let rows = rows(network, output.shape.as_ref());
        quote!(::monograd::nalgebra::MatrixView<'work, T, #rows, #batch>)
    };
    let value = |place: usize, output: &Output| {
        let (rows, place) = (rows(network, output.shape.as_ref()), Literal::usize_unsuffixed(place));
        let rows = quote!(<#rows as ::monograd::nalgebra::DimName>::name());
        quote!(::monograd::nalgebra::MatrixView::from_slice_generic(work.port(#place), #rows, columns))
    };
    if let [single] = inferred(network)[..] {
        return (view(single), value(0, single));
    }
    let (name, names) = (format_ident!("{}Outputs", network.name), output_names(network));
    let mut place = 0;
    let (mut types, mut values) = (Vec::new(), Vec::new());
    for output in &network.outputs {
        if output.in_training {
            types.push(quote!(()));
            values.push(quote!(()));
        } else {
            types.push(view(output));
            values.push(value(place, output));
            place += 1;
        }
    }
    (quote!(#name<#(#types),*>), quote!(#name { #(#names: #values),* }))
}

fn outputs_struct(network: &Network, trainable: bool) -> TokenStream {
    let (struct_name, names) = (format_ident!("{}Outputs", network.name), output_names(network));
    let doc = format!(
        " What belongs to the outputs of [`{}`], by name: what `forward` gives, losses, targets.",
        plain(&network.name)
    );
    let definition = names_struct(network, &struct_name, &names, &doc);
    let losses = trainable.then(|| losses(network, &struct_name, &names));
    quote!(#definition #losses)
}

/// A loss for each output, and their sum: with targets for each, or with the same for all.
fn losses(network: &Network, struct_name: &Ident, names: &[Ident]) -> TokenStream {
    let (sizes, net) = (types::sizes(network), types::of(network, &types::scalar()));
    let (losses, targets) = (type_names("A", names.len()), type_names("U", names.len()));
    let lens: Vec<_> = network.outputs.iter().map(|output| total(core::iter::once(output.shape.as_ref()))).collect();
    let (by_name, same) = (split_losses(names, &lens, true), split_losses(names, &lens, false));
    let evaluation = evaluation(network);
    let level = types::free(network, "L");
    let (first_name, first_len) = (&names[0], &lens[0]);
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<'a, #sizes T: ::monograd::Real, #(#losses,)* #(#targets),*>
            ::monograd::Losses<#net, #struct_name<#(&'a [#targets]),*>> for #struct_name<#(#losses),*>
        where #(#losses: ::monograd::losses::Loss<T, #targets>,)*
        {
            fn forward_backward<#level: ::monograd::kernels::Kernels<T>>(
                &self,
                level: #level,
                y: &[T],
                samples: usize,
                targets: #struct_name<#(&'a [#targets]),*>,
                d_y: &mut [T],
            ) -> ::core::result::Result<T, ::monograd::losses::TargetError> {
                #by_name
            }
        }

        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<T: ::monograd::Real, Target, #(#losses),*> ::monograd::losses::Loss<T, Target> for #struct_name<#(#losses),*>
        where #(#losses: ::monograd::losses::Loss<T, Target>,)*
        {
            fn targets_per_sample(&self, _rows: usize) -> usize {
                ::monograd::losses::Loss::<T, Target>::targets_per_sample(&self.#first_name, #first_len)
            }

            #evaluation

            fn forward_backward<L: ::monograd::kernels::Kernels<T>>(
                &self,
                level: L,
                y: &[T],
                targets: &[Target],
                rows: usize,
                d_y: &mut [T],
            ) -> ::core::result::Result<T, ::monograd::losses::TargetError> {
                let samples = y.len() / rows;
                #same
            }
        }
    }
}

/// The sum of the losses of outputs that lie one behind the other.
fn split_losses(names: &[Ident], lens: &[Dim], targets_by_name: bool) -> TokenStream {
    let parts = names.iter().zip(lens).map(|(name, len)| {
        let targets = if targets_by_name { quote!(targets.#name) } else { quote!(targets) };
        quote! {
            let (part, y) = y.split_at(samples * (#len));
            let (d_part, d_y) = d_y.split_at_mut(samples * (#len));
            sum += ::monograd::losses::Loss::forward_backward(&self.#name, level, part, #targets, #len, d_part)?;
        }
    });
    quote! {
        let mut sum = T::zero();
        #(#parts)*
        let _ = (y, d_y);
        ::core::result::Result::Ok(sum)
    }
}

/// `Loss::forward`, which measures the outputs that inference has.
fn evaluation(network: &Network) -> TokenStream {
    let outputs = inferred(network);
    let parts = outputs.iter().filter_map(|output| {
        let (name, len) = (output.name.as_ref()?, total(core::iter::once(output.shape.as_ref())));
        Some(quote! {
            let (part, y) = y.split_at(samples * (#len));
            sum += ::monograd::losses::Loss::forward(&self.#name, level, part, targets, #len)?;
        })
    });
    let body = quote! {
        let samples = y.len() / rows;
        let mut sum = T::zero();
        #(#parts)*
        let _ = y;
        ::core::result::Result::Ok(sum)
    };
    quote! {
        fn forward<L: ::monograd::kernels::Kernels<T>>(
            &self,
            level: L,
            y: &[T],
            targets: &[Target],
            rows: usize,
        ) -> ::core::result::Result<T, ::monograd::losses::TargetError> {
            #body
        }
    }
}

/// The network as a layer of another, if it has one input and one output.
fn module(network: &Network) -> Option<TokenStream> {
    let ([input], [output]) = (&network.inputs[..], &network.outputs[..]) else { return None };
    let (input, output) = (input.shape.as_ref()?, output.shape.as_ref()?);
    let (sizes, net) = (types::sizes(network), types::of(network, &types::scalar()));
    let [input, output] = [input, output].map(|shape| module_marker(shape, &network.generics));
    let given = types::free(network, "In");
    Some(quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real, #given: ::monograd::shapes::Shape> ::monograd::Module<T, #given> for #net {
            type Output = #output;
            ::monograd::module_of_network!(T, #given, #output, #input);
        }
    })
}
