//! Tests of the macro, a topic a file.

mod advice;
mod chains;
mod convolution_arithmetic;
mod convolution_messages;
mod convolutions;
mod geometry;
mod long_networks;
mod messages;
mod mutations;
mod plans;
mod snapshots;
mod spans;
mod text;
mod units;
mod volume;

use proc_macro2::{TokenStream, TokenTree};

use crate::blocks::Instances;
use crate::check::{self, Model, Network};
use crate::errors::Errors;
use crate::{expand_network, parse};

/// The tokens of a declaration.
fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("{error} in {source}"))
}

/// The messages of every `compile_error!` in an expansion.
fn compile_errors(expansion: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut tokens = expansion.into_iter().peekable();
    let mut after_word = false;
    while let Some(token) = tokens.next() {
        let bang = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '!');
        if let (true, true, Some(TokenTree::Group(group))) = (after_word, bang, tokens.peek()) {
            messages.push(syn::parse2::<syn::LitStr>(group.stream()).expect("one message").value());
        }
        after_word = matches!(&token, TokenTree::Ident(word) if word == "compile_error");
    }
    messages
}

/// What is wrong with a declaration.
fn errors(source: &str) -> Vec<String> {
    compile_errors(expand_network(tokens(source)))
}

/// Looks at a network that is right, and its blocks.
fn modelled<R>(source: &str, look: impl FnOnce(&Model) -> R) -> R {
    let errors = Errors::new();
    let source = parse::source(tokens(source), &errors);
    let instances = Instances::new(&source, &errors);
    let model = check::model(&source.networks[0], &instances, &[&source.networks[0].name], &errors);
    assert_eq!(errors.into_result().map_err(compile_errors), Ok(()));
    look(&model)
}

/// Looks at a network that is right.
fn checked<R>(source: &str, look: impl FnOnce(&Network) -> R) -> R {
    modelled(source, |model| look(&model.network))
}

/// What is wrong with `struct Net(input) -> output { lines }`.
fn errors_in(input: &str, output: &str, lines: &str) -> Vec<String> {
    errors(&format!("struct Net({input}) -> {output} {{ {lines} }}"))
}
