//! Warnings on stable Rust: the use of a deprecated item at the user's word.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::check::Network;
use crate::syntax::{Block, Line, plain};

/// A warning for each line that nothing uses, and what the layers have to say.
pub fn expand(network: &Network) -> TokenStream {
    let allows = |names: &[String], name: &str| names.iter().any(|allowed| allowed == name);
    let silent = |line: &Line, name: &str| {
        allows(&network.declaration.allowed, name) || allows(&line.allowed, name) || allows(&network.allowed, name)
    };
    let unused = network.unused().filter(|line| !silent(line, "unused_value")).map(unused_value);
    let advised = network.nodes.iter().filter_map(|node| {
        let advice = node.layer.advice.as_ref()?;
        let line = network.lines[node.line].line;
        (!silent(line, advice.name)).then(|| warning(&node.link.word, &advice.text))
    });
    let silent_inputs = allows(&network.declaration.allowed, "unused_value");
    let inputs = network.unused_inputs().filter(|_| !silent_inputs).map(unused_input);
    unused.chain(advised).chain(inputs).collect()
}

fn unused_input(name: &Ident) -> TokenStream {
    let note =
        format!("nothing reads the input `{}`; `#[allow(unused_value)]` on the network silences this", plain(name));
    warning(name, &note)
}

/// A warning for a block that no network uses.
pub fn unused_block(block: &Block) -> TokenStream {
    if block.allowed.iter().any(|allowed| allowed == "unused_block") {
        return TokenStream::new();
    }
    let note = format!(
        "no network here uses the block `{}`: its shapes are not checked; `#[allow(unused_block)]` on it silences this",
        plain(&block.name)
    );
    warning(&block.name, &note)
}

fn unused_value(line: &Line) -> TokenStream {
    let note = format!(
        "no line uses the value of `{}`, and it is not the output: it is never computed; \
         `#[allow(unused_value)]` on the line or the network silences this",
        plain(&line.name)
    );
    warning(&line.name, &note)
}

/// A warning at a word.
fn warning(word: &Ident, note: &str) -> TokenStream {
    quote! {
        const _: () = {
            #[deprecated(note = #note)]
            const fn #word() {}
            #word()
        };
    }
}
