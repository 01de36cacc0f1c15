//! Warnings on stable Rust: the use of a deprecated item at the user's word.

use proc_macro2::TokenStream;
use quote::quote;

use crate::check::Network;
use crate::syntax::{Line, plain};

/// A warning for each line that nothing uses.
pub fn expand(network: &Network) -> TokenStream {
    let allows = |names: &[String]| names.iter().any(|name| name == "unused_value");
    let everywhere = allows(&network.declaration.allowed);
    network.unused().filter(|line| !everywhere && !allows(&line.allowed)).map(unused_value).collect()
}

fn unused_value(line: &Line) -> TokenStream {
    let name = &line.name;
    let note = format!(
        "no line uses the value of `{}`, and it is not the output: it is never computed; \
         `#[allow(unused_value)]` on the line or the network silences this",
        plain(name)
    );
    quote! {
        const _: () = {
            #[deprecated(note = #note)]
            const fn #name() {}
            #name()
        };
    }
}
