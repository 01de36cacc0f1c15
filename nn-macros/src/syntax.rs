//! A declaration as it was written: the syntax tree.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::text::text;

/// All that stands in one `network! { … }`.
pub struct Source {
    pub networks: Vec<Declaration>,
    pub blocks: Vec<Block>,
}

/// `pub struct Name<const N: usize>(input) -> output { lines }`; or a block with its sizes filled in, which has neither
/// ports nor a visibility of its own.
pub struct Declaration {
    /// Attributes and doc comments for the struct.
    pub attributes: TokenStream,
    pub visibility: TokenStream,
    pub name: Ident,
    /// The names of its `const` parameters.
    pub generics: Vec<Ident>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    pub lines: Vec<Line>,
    /// Kinds of advice that an `#[allow(…)]` on the declaration turns off.
    pub allowed: Vec<String>,
    /// Something in it could not be read, which has been reported.
    pub damaged: bool,
}

/// An input or output: `[784]`, `image: [1, 28, 28]`, `sequence [20, 8]`, `aux: [10] in training`.
#[derive(Clone)]
pub struct Port {
    pub name: Option<Ident>,
    /// The word before the brackets.
    pub kind: Option<Ident>,
    /// What stands between the brackets; `None` if they could not be read.
    pub dimensions: Option<Vec<TokenStream>>,
    pub in_training: bool,
    pub span: Span,
}

/// `block name(parameter, parameter = 2) { lines }`.
pub struct Block {
    pub attributes: TokenStream,
    pub name: Ident,
    pub parameters: Vec<Parameter>,
    pub lines: Vec<Line>,
    pub allowed: Vec<String>,
    pub damaged: bool,
}

/// A size that a block takes, and what it is if it is not given.
pub struct Parameter {
    pub name: Ident,
    pub default: Option<TokenStream>,
}

/// `name: chain`.
#[derive(Clone)]
pub struct Line {
    /// Attributes and doc comments for the field.
    pub attributes: TokenStream,
    /// The field's visibility; the struct's if it is not given.
    pub visibility: Option<TokenStream>,
    pub name: Ident,
    /// Kinds of advice that an `#[allow(…)]` on the line turns off.
    pub allowed: Vec<String>,
    pub chain: Vec<Link>,
    /// All of the chain could be read.
    pub whole: bool,
}

/// One element of a chain: a layer, a block, a merge, or the value that the chain begins with.
#[derive(Clone)]
pub struct Link {
    /// The word; of a path the last one.
    pub word: Ident,
    /// A type from elsewhere: `Encoder`, `vision::Blur::<3>`.
    pub path: Option<TokenStream>,
    /// What stands between the parentheses; `None` if there are none.
    pub arguments: Option<Vec<Argument>>,
    /// What a type from elsewhere promises to give: `-> [64]`.
    pub contract: Option<Port>,
    pub tokens: TokenStream,
}

/// `128`, or `bias = false`; of a merge a branch.
#[derive(Clone)]
pub struct Argument {
    pub name: Option<Ident>,
    pub value: TokenStream,
    /// The value as a chain, where a chain can stand.
    pub branch: Option<Vec<Link>>,
}

impl Port {
    /// The shape as people write it: `sequence [20, 8]`.
    pub fn text(&self) -> String {
        let dimensions: Vec<_> = self.dimensions.iter().flatten().map(text).collect();
        let kind = self.kind.as_ref().map(|kind| format!("{kind} ")).unwrap_or_default();
        format!("{kind}[{}]", dimensions.join(", "))
    }
}

impl Link {
    /// The layer as people write it: `dense(128, bias = false)`.
    pub fn text(&self) -> String {
        text(&self.tokens)
    }

    /// Its arguments, if there are some.
    pub fn arguments(&self) -> &[Argument] {
        self.arguments.as_deref().unwrap_or_default()
    }
}

/// The name without `r#`.
pub fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether a field or a type may have this name: it is no keyword, and not `_`.
pub fn is_name(ident: &Ident) -> bool {
    syn::parse2::<Ident>(ident.to_token_stream()).is_ok()
}
