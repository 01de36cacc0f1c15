//! A declaration as it was written: the syntax tree.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::text::text;

/// `pub struct Name(input) -> output { lines }`.
pub struct Declaration {
    /// Attributes and doc comments for the struct.
    pub attributes: TokenStream,
    pub visibility: TokenStream,
    pub name: Ident,
    pub input: Port,
    pub output: Port,
    pub lines: Vec<Line>,
    /// Kinds of advice that an `#[allow(…)]` on the declaration turns off.
    pub allowed: Vec<String>,
    /// Something in it could not be read, which has been reported.
    pub damaged: bool,
}

/// An input or output: `[784]`, `image: [1, 28, 28]`, `sequence [20, 8]`.
pub struct Port {
    pub name: Option<Ident>,
    /// The word before the brackets.
    pub kind: Option<Ident>,
    /// What stands between the brackets; `None` if they could not be read.
    pub dimensions: Option<Vec<TokenStream>>,
    pub span: Span,
}

/// `name: chain`.
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

/// One element of a chain: a layer, or the value that the chain begins with.
pub struct Link {
    pub word: Ident,
    /// What stands between the parentheses; `None` if there are none.
    pub arguments: Option<Vec<Argument>>,
    pub tokens: TokenStream,
}

/// `128`, or `bias = false`.
pub struct Argument {
    pub name: Option<Ident>,
    pub value: TokenStream,
}

impl Argument {
    pub fn tokens(&self) -> TokenStream {
        let value = &self.value;
        match &self.name {
            Some(name) => quote::quote!(#name = #value),
            None => quote::quote!(#value),
        }
    }
}

impl Link {
    /// The layer as people write it: `dense(128, bias = false)`.
    pub fn text(&self) -> String {
        text(&self.tokens)
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
