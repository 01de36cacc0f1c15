//! Types from elsewhere: other networks, and layers of a user's own. The compiler knows their shapes, the macro does not.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::{Network, Source, ports};
use crate::dimension::Dim;
use crate::errors::{Errors, Mistake};
use crate::receptive::Reach;
use crate::shape::{Kind, Shape};
use crate::syntax::{Link, plain};
use crate::table::{self, Form, Layer, ModuleUse};

/// The use of a type from elsewhere.
pub fn check<'a>(network: &mut Network<'a>, link: &'a Link, source: Source, errors: &Errors) -> Option<Source> {
    let path = link.path.clone().expect("a type from elsewhere has a path");
    let input = marker(network.shape(source), &network.generics);
    let mut claims = Vec::new();
    for dim in network.shape(source).dims.iter().filter(|dim| dim.literal().is_none()) {
        claims.push((link.word.span(), quote!(numeral(#dim))));
    }
    network.assumptions.extend(claims);
    let module = ModuleUse { path, input };
    let constant = |name: &str| {
        let name = Ident::new(name, Span::call_site());
        let module = module.qualified(&quote!(f32));
        Dim::atom(quote!(#module::#name))
    };
    let macs = constant("MACS");
    let output = match &link.contract {
        Some(contract) => ports::shape(contract, errors)?,
        None => {
            let module = module.qualified(&quote!(f32));
            Shape::open(quote!(#module::Output))
        }
    };
    if link.contract.is_some() {
        let (word, dims) = (plain(&link.word), output.tokens());
        let kind = kind_tokens(output.kind);
        let found = module.qualified(&quote!(f32));
        let found = quote!(<#found::Output as ::monograd::shapes::Shape>);
        network
            .assumptions
            .push((link.word.span(), quote!(promised(#word, (#found::KIND, #found::DIMS), (#kind, &#dims)))));
    }
    let layer = Layer { macs, reach: Reach::Whole, ..Layer::new(output, Form::Module(module)) };
    Some(network.add_node(link, snake_case(&plain(&link.word)), layer, vec![source]))
}

/// What must be known before the compiler can say it.
pub fn needs_contract(what: &str) -> Mistake {
    Mistake::new(format!("`{what}` needs a shape that is known here, but this one only the compiler knows")).help(
        "say what the layer before gives, and the compiler verifies it: `encoder: Encoder -> [64]`, if it gives [64]",
    )
}

impl ModuleUse {
    /// The type, for a scalar: `Blur<T, 3>`.
    pub fn ty(&self, scalar: &TokenStream) -> TokenStream {
        let tokens: Vec<_> = self.path.clone().into_iter().collect();
        let open = tokens.iter().position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '<'));
        let Some(open) = open else {
            let path = &self.path;
            return quote!(#path<#scalar>);
        };
        // `::<` is `<` in a type.
        let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
        let end = if open >= 2 && colon(&tokens[open - 1]) { open - 2 } else { open };
        let (name, arguments) = (&tokens[..end], &tokens[open + 1..]);
        quote!(#(#name)* <#scalar, #(#arguments)*)
    }

    /// `<Blur<T, 3> as Module<T, In>>`.
    pub fn qualified(&self, scalar: &TokenStream) -> TokenStream {
        let (ty, input) = (self.ty(scalar), &self.input);
        quote!(<#ty as ::monograd::Module<#scalar, #input>>)
    }
}

/// A shape as a type, in a declaration with these parameters.
pub fn marker(shape: &Shape, generics: &[Ident]) -> TokenStream {
    let sizes = shape.dims.iter().map(|dim| size(dim, generics));
    match shape.kind {
        Kind::Vector => quote!(::monograd::shapes::Vector<#(#sizes),*>),
        Kind::Sequence => quote!(::monograd::shapes::Sequence<#(#sizes),*>),
        Kind::Signal => quote!(::monograd::shapes::Signal<#(#sizes),*>),
        Kind::Image => quote!(::monograd::shapes::Image<#(#sizes),*>),
        Kind::Volume => quote!(::monograd::shapes::Volume<#(#sizes),*>),
        Kind::Open => shape.marker().clone(),
    }
}

/// A number as a numeral of `typenum`, with which types can compute; an expression digit by digit. What depends on a parameter is
/// a constant that types cannot compute with.
fn size(dim: &Dim, generics: &[Ident]) -> TokenStream {
    match dim.literal() {
        Some(n) if n <= 1024 => {
            let name = format_ident!("U{n}");
            quote!(::monograd::typenum::#name)
        }
        Some(n) => numeral(n),
        None if dim.mentions(generics) => {
            let dim = dim.parameter(generics).map_or_else(|| dim.generic(), |name| quote!(#name));
            quote!(::monograd::nalgebra::Const<#dim>)
        }
        None => {
            let digits = (0..6_u8).rev().map(|digit| Literal::u8_unsuffixed(4 * digit));
            quote!(::monograd::shapes::Numeral<#({ (#dim) >> #digits & 15 }),*>)
        }
    }
}

/// Bit by bit, the last one outermost.
fn numeral(n: usize) -> TokenStream {
    if n == 0 {
        return quote!(::monograd::typenum::UTerm);
    }
    let (rest, bit) = (numeral(n / 2), format_ident!("B{}", n % 2));
    quote!(::monograd::typenum::UInt<#rest, ::monograd::typenum::#bit>)
}

pub fn kind_tokens(kind: Kind) -> TokenStream {
    let name = match kind {
        Kind::Vector | Kind::Open => quote!(Vector),
        Kind::Sequence => quote!(Sequence),
        Kind::Signal => quote!(Signal),
        Kind::Image => quote!(Image),
        Kind::Volume => quote!(Volume),
    };
    quote!(::monograd::shapes::Kind::#name)
}

/// `BlurPool` to `blur_pool`.
fn snake_case(word: &str) -> String {
    let mut snake = String::new();
    let mut before_small = false;
    for letter in word.chars() {
        if letter.is_uppercase() && before_small {
            snake.push('_');
        }
        before_small = letter.is_lowercase() || letter.is_numeric();
        snake.extend(letter.to_lowercase());
    }
    snake
}

impl Network<'_> {
    /// A layer takes a value of this kind only: so it has to be what the compiler finds.
    pub fn assume(&mut self, source: Source, kind: table::Assumed, link: &Link) {
        let table::Assumed::Kind(kind) = kind else { return };
        let shape = self.shape(source);
        let found = shape.marker().clone();
        let found = quote!(<#found as ::monograd::shapes::Shape>);
        let rank = match kind {
            Kind::Vector | Kind::Open => 1,
            Kind::Sequence | Kind::Signal => 2,
            Kind::Image => 3,
            Kind::Volume => 4,
        };
        let dims = (0..rank).map(|axis| {
            let axis = Literal::usize_unsuffixed(axis);
            Dim::atom(quote!(#found::DIMS[#axis]))
        });
        let assumed = Shape::new(kind, dims.collect()).expect("expressions have no certain size");
        let (word, wanted, giver) = (plain(&link.word), table::noun(kind), self.called_alone(source));
        let kind = kind_tokens(kind);
        let claim = quote!(kind(#word, #wanted, #kind, #giver, #found::KIND, #found::DIMS));
        self.assumptions.push((link.word.span(), claim));
        self.refine(source, assumed);
    }

    /// The declared output is what the compiler finds.
    pub fn assume_contract(&mut self, source: Source, declared: &Shape, span: Span) {
        let found = self.shape(source).marker().clone();
        let found = quote!(<#found as ::monograd::shapes::Shape>);
        let (giver, kind, dims) = (self.called_alone(source), kind_tokens(declared.kind), declared.tokens());
        self.assumptions.push((span, quote!(promised(#giver, (#found::KIND, #found::DIMS), (#kind, &#dims)))));
        self.refine(source, declared.clone());
    }

    /// The value has this shape from here on.
    fn refine(&mut self, source: Source, shape: Shape) {
        if let Source::Node(node) = source {
            self.nodes[node].layer.output = shape;
        }
    }
}
