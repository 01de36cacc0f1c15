//! The `network!` macro of [`monograd`](https://docs.rs/monograd). Depend on `monograd`, which re-exports it.
//!
//! The way of a declaration: `parse` reads the tokens line by line, `check` follows the shapes through the layer
//! `table`, `plan` turns the lines into a graph with lifetimes, `expand` writes the code. Each works on ordinary
//! tokens, so that everything here is unit-tested; the macro itself is the shim at the end of this file.

mod blocks;
mod check;
mod cursor;
mod dimension;
mod errors;
mod expand;
mod parse;
mod plan;
mod receptive;
mod shape;
mod syntax;
mod table;
mod text;

use blocks::Instances;
use errors::Errors;
use proc_macro2::TokenStream;

/// Declares a neural network; see the [guide](https://docs.rs/monograd) for the language.
#[proc_macro]
pub fn network(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand_network(tokens.into()).into()
}

/// `parse → check → plan → expand`, or all errors at once and stubs that keep the rest of the program checkable.
fn expand_network(tokens: TokenStream) -> TokenStream {
    let mut code = TokenStream::new();
    let errors = Errors::new();
    let source = parse::source(tokens, &errors);
    let instances = Instances::new(&source, &errors);
    let readable = !errors.any();
    let mut right = readable;
    code.extend(errors.into_tokens());
    let names: Vec<_> = source.networks.iter().map(|network| &network.name).collect();
    for declaration in &source.networks {
        let errors = Errors::new();
        let model = check::model(declaration, &instances, &names, &errors);
        code.extend(match errors.into_result() {
            Ok(()) if readable && !declaration.damaged && model.network.is_whole() => expand::model(&model),
            Ok(()) => expand::stub(&model),
            Err(messages) => {
                right = false;
                let stub = expand::stub(&model);
                quote::quote!(#messages #stub)
            }
        });
    }
    if right {
        code.extend(instances.unused().map(expand::unused_block));
    }
    code
}

#[cfg(test)]
mod tests;
