//! Tokens to syntax, line by line: a line that cannot be read leaves the others readable.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;

use crate::check::ADVICE;
use crate::cursor::{Cursor, split_commas, split_lines};
use crate::errors::{Errors, Mistake};
use crate::syntax::{Argument, Declaration, Line, Link, Port, is_name, plain};

/// Every declaration of one `network! { … }`.
pub fn declarations(tokens: TokenStream, errors: &Errors) -> Vec<Declaration> {
    let mut cursor = Cursor::opened(tokens, Span::call_site());
    let mut declarations = Vec::new();
    if cursor.is_empty() {
        errors.at(Span::call_site(), Mistake::new("`network!` is empty").help(EXAMPLE));
    }
    while !cursor.is_empty() {
        match declaration(&mut cursor, errors) {
            Some(declaration) => declarations.push(declaration),
            None => skip_to_next_declaration(&mut cursor),
        }
    }
    declarations
}

const EXAMPLE: &str = "write `pub struct Net([784]) -> [10] { hidden: dense(128) -> relu, out: dense(10), }`";

/// `attributes visibility struct Name(port) -> port { lines }`; `None` if not even the name can be found.
fn declaration(cursor: &mut Cursor, errors: &Errors) -> Option<Declaration> {
    let Attributes { attributes, allowed } = attributes(cursor, errors);
    let visibility = visibility(cursor, errors).unwrap_or_default();
    let name = struct_name(cursor, errors)?;
    let mut damaged = generics(cursor, errors);
    let input = input(cursor, errors);
    let output = if input.is_some() || cursor.at_arrow() { output(cursor, errors) } else { None };
    damaged |= input.is_none() || output.is_none();
    let lines = match cursor.take_group(Delimiter::Brace) {
        Some(body) => lines(&body, errors, &mut damaged),
        None => {
            if input.is_some() && output.is_some() {
                let mistake = format!("expected the lines of `{name}` in braces, found {}", cursor.found());
                errors.at(cursor.span(), mistake);
            }
            damaged = true;
            skip_to_next_declaration(cursor);
            Vec::new()
        }
    };
    let unknown = |span| Port { name: None, kind: None, dimensions: None, span };
    let input = input.unwrap_or_else(|| unknown(name.span()));
    let output = output.unwrap_or_else(|| unknown(name.span()));
    Some(Declaration { attributes, visibility, name, input, output, lines, allowed, damaged })
}

/// `struct Name`.
fn struct_name(cursor: &mut Cursor, errors: &Errors) -> Option<Ident> {
    if !cursor.take_word("struct") {
        let mistake = Mistake::new(format!("expected `struct`, found {}", cursor.found()));
        errors.at(cursor.span(), mistake.note("`network!` holds networks, one after the other").help(EXAMPLE));
        return None;
    }
    let found = cursor.found();
    let name = cursor.peek_ident().filter(|name| is_name(name)).cloned();
    if name.is_none() {
        errors.at(cursor.span(), format!("expected the network's name after `struct`, found {found}"));
    } else {
        cursor.next();
    }
    name
}

/// Generic parameters, which a network does not have: whether there are any.
fn generics(cursor: &mut Cursor, errors: &Errors) -> bool {
    let there = cursor.at_punct('<');
    if there {
        let mistake = Mistake::new("a network has no generic parameters");
        errors.at(cursor.span(), mistake.note("it is generic over its scalar by itself: `Net`, `Net<f64>`"));
    }
    let over = |cursor: &Cursor| {
        let header = [Delimiter::Parenthesis, Delimiter::Brace];
        cursor.is_empty() || header.into_iter().any(|delimiter| cursor.peek_group(0, delimiter).is_some())
    };
    while there && !over(cursor) {
        cursor.next();
    }
    there
}

/// Past what cannot be read, to where a declaration may begin.
fn skip_to_next_declaration(cursor: &mut Cursor) {
    let begins = |cursor: &Cursor| cursor.at_word("struct") || cursor.visibility_len() > 0 || cursor.at_attribute();
    while !cursor.is_empty() && !begins(cursor) {
        cursor.next();
    }
}

/// `#[…]` and doc comments.
#[derive(Default)]
struct Attributes {
    attributes: TokenStream,
    /// Kinds of advice that they turn off.
    allowed: Vec<String>,
}

/// What cannot stand on a network or a line, and why.
const REFUSED: &[(&str, &str)] = &[
    ("cfg", "write it before `network!`"),
    ("cfg_attr", "write it before `network!`"),
    ("derive", "a network implements `Debug` by itself, and is copied in place by `copy_from`"),
    ("repr", "the layout of a network is fixed"),
];

fn attributes(cursor: &mut Cursor, errors: &Errors) -> Attributes {
    let mut all = Attributes::default();
    while cursor.at_attribute() {
        let tokens: TokenStream = [cursor.next(), cursor.next()].into_iter().flatten().collect();
        match syn::Attribute::parse_outer.parse2(tokens.clone()) {
            Ok(parsed) => parsed.iter().for_each(|attribute| all.add(attribute, errors)),
            Err(_) => errors.at_tokens(tokens, "this is not an attribute"),
        }
    }
    all
}

impl Attributes {
    fn add(&mut self, attribute: &syn::Attribute, errors: &Errors) {
        if let Some((word, why)) = REFUSED.iter().find(|(word, _)| attribute.path().is_ident(word)) {
            errors.at_tokens(attribute, Mistake::new(format!("`{word}` cannot stand here")).note(why));
            return;
        }
        let names = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("allow") => lint_names(&list.tokens),
            _ => Vec::new(),
        };
        let (ours, others): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| name.get_ident().is_some_and(|name| ADVICE.iter().any(|a| name == a)));
        if ours.is_empty() {
            attribute.to_tokens(&mut self.attributes);
        } else if !others.is_empty() {
            self.attributes.extend(quote!(#[allow(#(#others),*)]));
        }
        self.allowed.extend(ours.iter().filter_map(syn::Path::get_ident).map(plain));
    }
}

/// The names in `allow(…)`.
fn lint_names(tokens: &TokenStream) -> Vec<syn::Path> {
    let names = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
    names.parse2(tokens.clone()).map(|names| names.into_iter().collect()).unwrap_or_default()
}

/// `pub`, `pub(crate)`.
fn visibility(cursor: &mut Cursor, errors: &Errors) -> Option<TokenStream> {
    let len = cursor.visibility_len();
    let tokens: TokenStream = (0..len).filter_map(|_| cursor.next()).collect();
    if len > 0 && syn::parse2::<syn::Visibility>(tokens.clone()).is_err() {
        errors.at_tokens(tokens, "expected a visibility, such as `pub` or `pub(crate)`");
        return None;
    }
    (len > 0).then_some(tokens)
}

/// `([784])` or `(image: [1, 28, 28])`.
fn input(cursor: &mut Cursor, errors: &Errors) -> Option<Port> {
    let Some(group) = cursor.take_group(Delimiter::Parenthesis) else {
        let found = cursor.found();
        let message = format!("expected the shape of the input in parentheses, such as `([784])`, found {found}");
        errors.at(cursor.span(), message);
        return None;
    };
    named_port(&group, "input", errors)
}

/// `-> [10]` or `-> (digit: [10])`.
fn output(cursor: &mut Cursor, errors: &Errors) -> Option<Port> {
    if cursor.take_arrow().is_none() {
        let found = cursor.found();
        let message = format!("expected `->` and the shape of the output, such as `-> [10]`, found {found}");
        errors.at(cursor.span(), message);
        return None;
    }
    match cursor.take_group(Delimiter::Parenthesis) {
        Some(group) => named_port(&group, "output", errors),
        None => port(cursor, None, errors),
    }
}

/// What stands in the parentheses of an input or output.
fn named_port(group: &Group, what: &str, errors: &Errors) -> Option<Port> {
    let parts = split_commas(group);
    let [part] = &parts[..] else {
        let found = if parts.is_empty() { "none".into() } else { parts.len().to_string() };
        errors.at(group.span(), format!("a network has one {what}, found {found}"));
        return None;
    };
    let mut cursor = Cursor::new(part.tokens.clone(), part.end);
    let mut name = None;
    if cursor.at_name_and_colon() {
        name = cursor.take_ident();
        cursor.next();
    }
    let port = port(&mut cursor, name, errors)?;
    if cursor.is_empty() {
        return Some(port);
    }
    errors.at(cursor.span(), format!("expected nothing after the shape, found {}", cursor.found()));
    None
}

/// `[784]`, or `sequence [20, 8]`.
fn port(cursor: &mut Cursor, name: Option<Ident>, errors: &Errors) -> Option<Port> {
    let kind = if cursor.peek_group(1, Delimiter::Bracket).is_some() { cursor.take_ident() } else { None };
    let Some(group) = cursor.take_group(Delimiter::Bracket) else {
        errors.at(cursor.span(), format!("expected a shape in brackets, such as `[784]`, found {}", cursor.found()));
        return None;
    };
    let dimensions = split_commas(&group).into_iter().map(|part| part.tokens).collect();
    Some(Port { name, kind, dimensions: Some(dimensions), span: group.span() })
}

/// The lines between the braces. A line ends at its comma, or where the next one begins.
fn lines(body: &Group, errors: &Errors, damaged: &mut bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for part in split_lines(body) {
        let mut rest = Cursor::new(part.tokens, part.end);
        if rest.is_empty() {
            errors.at(part.end, "expected a line before this comma: one comma after each line");
            *damaged = true;
        }
        while !rest.is_empty() {
            let tokens = rest.take_line();
            let line = line(Cursor::new(tokens, rest.span()), errors);
            let whole = line.as_ref().is_some_and(|line| line.whole);
            let missing_comma = !rest.is_empty();
            if missing_comma && whole {
                let (span, name) = rest.peek_name();
                errors.at(span, format!("expected `,` before {name}: one comma after each line"));
            }
            *damaged |= missing_comma || !whole;
            lines.extend(line);
        }
    }
    lines
}

/// One line; `None` if it does not even have a name.
fn line(mut cursor: Cursor, errors: &Errors) -> Option<Line> {
    let Attributes { attributes, allowed } = attributes(&mut cursor, errors);
    let visibility = visibility(&mut cursor, errors);
    let Some(name) = cursor.take_ident() else {
        let found = cursor.found();
        errors.at(cursor.span(), format!("expected a line, such as `hidden: dense(128) -> relu`, found {found}"));
        return None;
    };
    let mut line = Line { attributes, visibility, name, allowed, chain: Vec::new(), whole: false };
    if !cursor.take_punct(':') {
        let name = &line.name;
        let mistake = Mistake::new(format!("expected `:` and layers after the line's name `{name}`"));
        errors.at(name.span(), mistake.help(format!("write `{name}: dense(128) -> relu,`")));
        return Some(line);
    }
    line.whole = chain(&mut cursor, &mut line, errors);
    Some(line)
}

/// `link -> link -> …`; whether all of it could be read.
fn chain(cursor: &mut Cursor, line: &mut Line, errors: &Errors) -> bool {
    let mut arrow = None;
    loop {
        if cursor.peek_ident().is_none() {
            expected_layer(cursor, line, arrow, errors);
            return false;
        }
        let Some(link) = link(cursor, errors) else { return false };
        line.chain.push(link);
        if cursor.is_empty() {
            return true;
        }
        arrow = cursor.take_arrow();
        if arrow.is_none() {
            let found = cursor.found();
            let message = format!("expected `->` or `,` in line `{}`, found {found}", plain(&line.name));
            errors.at(cursor.span(), message);
            return false;
        }
    }
}

/// Something else stands at the beginning of a chain or after `->`, or nothing.
fn expected_layer(cursor: &Cursor, line: &Line, arrow: Option<TokenStream>, errors: &Errors) {
    let after = if arrow.is_some() { "->".into() } else { format!("{}:", plain(&line.name)) };
    let message = format!("expected a layer after `{after}`");
    match (cursor.is_empty(), arrow) {
        (false, _) => errors.at(cursor.span(), format!("{message}, found {}", cursor.found())),
        (true, Some(arrow)) => errors.at_tokens(arrow, message),
        (true, None) => errors.at(line.name.span(), message),
    }
}

/// `word` or `word(arguments)`.
fn link(cursor: &mut Cursor, errors: &Errors) -> Option<Link> {
    let word = cursor.take_ident()?;
    if cursor.at_punct(':') || cursor.at_punct('<') {
        errors.at(word.span(), format!("`{word}` is a path: a layer is one word, such as `dense(128)`"));
        return None;
    }
    let mut tokens = word.to_token_stream();
    let group = cursor.take_group(Delimiter::Parenthesis);
    let arguments = match &group {
        Some(group) => Some(arguments(group, errors)?),
        None => None,
    };
    tokens.extend(group.map(TokenTree::Group));
    Some(Link { word, arguments, tokens })
}

/// `128, bias = false`.
fn arguments(group: &Group, errors: &Errors) -> Option<Vec<Argument>> {
    let mut whole = true;
    let mut arguments = Vec::new();
    for part in split_commas(group) {
        let mut cursor = Cursor::new(part.tokens, part.end);
        let mut name = None;
        if cursor.at_name_and_equals() {
            name = cursor.take_ident();
            cursor.next();
        }
        if !cursor.is_empty() {
            arguments.push(Argument { name, value: cursor.rest() });
            continue;
        }
        whole = false;
        match name {
            Some(name) => errors.at(name.span(), format!("expected a value after `{name} =`")),
            None => errors.at(part.end, "expected an argument before this comma"),
        }
    }
    whole.then_some(arguments)
}
