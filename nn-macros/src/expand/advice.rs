//! Warnings on stable Rust: the use of a deprecated item at the user's word.

use proc_macro2::TokenStream;
use quote::quote;

use crate::check::Network;
use crate::syntax::plain;

/// A warning for each line that nothing uses.
pub fn expand(network: &Network) -> TokenStream {
    if network.declaration.allowed.iter().any(|name| name == "unused_value") {
        return TokenStream::new();
    }
    network
        .unused()
        .map(|line| {
            let name = &line.name;
            let note = format!(
                "no line uses the value of `{}`, so its parameters are never trained; \
                 `#[allow(unused_value)]` on the declaration silences this",
                plain(name)
            );
            quote! {
                const _: () = {
                    #[deprecated(note = #note)]
                    const fn #name() {}
                    #name()
                };
            }
        })
        .collect()
}
