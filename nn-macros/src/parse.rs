//! Tokens to syntax, line by line: a line that cannot be read leaves the others readable.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;

use crate::check::ADVICE;
use crate::cursor::{Cursor, Part, split_commas, split_lines};
use crate::errors::{Errors, Mistake};
use crate::syntax::{Argument, Block, Declaration, Line, Link, Parameter, Port, Source, is_name, plain};
use crate::table;
use crate::text::text;

/// The words whose arguments are chains.
pub const MERGES: [&str; 4] = ["add", "multiply", "concat", "repeat"];

/// All that stands in one `network! { … }`.
pub fn source(tokens: TokenStream, errors: &Errors) -> Source {
    let mut cursor = Cursor::opened(tokens, Span::call_site());
    let mut source = Source { networks: Vec::new(), blocks: Vec::new() };
    if cursor.is_empty() {
        errors.at(Span::call_site(), Mistake::new("`network!` is empty").help(EXAMPLE));
    }
    while !cursor.is_empty() {
        let attributes = attributes(&mut cursor, errors);
        if cursor.at_block() {
            cursor.next();
            source.blocks.extend(block(&mut cursor, attributes, errors));
        } else if let Some(declaration) = declaration(&mut cursor, attributes, errors) {
            source.networks.push(declaration);
        } else {
            skip_to_next_declaration(&mut cursor);
        }
    }
    source
}

const EXAMPLE: &str = "write `pub struct Net([784]) -> [10] { hidden: dense(128) -> relu, out: dense(10), }`";

/// `attributes visibility struct Name(port) -> port { lines }`; `None` if not even the name can be found.
fn declaration(cursor: &mut Cursor, attributes: Attributes, errors: &Errors) -> Option<Declaration> {
    let Attributes { attributes, allowed } = attributes;
    let visibility = visibility(cursor, errors).unwrap_or_default();
    let name = struct_name(cursor, errors)?;
    let generics = generics(cursor, errors);
    let mut damaged = generics.is_none();
    let inputs = inputs(cursor, errors);
    let outputs = if inputs.is_some() || cursor.at_arrow() { outputs(cursor, errors) } else { None };
    damaged |= inputs.is_none() || outputs.is_none();
    let lines = body(cursor, &name, errors, &mut damaged);
    let unknown = |span| vec![Port { name: None, kind: None, dimensions: None, in_training: false, span }];
    let inputs = inputs.unwrap_or_else(|| unknown(name.span()));
    let outputs = outputs.unwrap_or_else(|| unknown(name.span()));
    let generics = generics.unwrap_or_default();
    Some(Declaration { attributes, visibility, name, generics, inputs, outputs, lines, allowed, damaged })
}

/// `{ lines }`.
fn body(cursor: &mut Cursor, name: &Ident, errors: &Errors, damaged: &mut bool) -> Vec<Line> {
    if let Some(body) = cursor.take_group(Delimiter::Brace) {
        return lines(&body, errors, damaged);
    }
    if !*damaged {
        errors.at(cursor.span(), format!("expected the lines of `{name}` in braces, found {}", cursor.found()));
    }
    *damaged = true;
    skip_to_next_declaration(cursor);
    Vec::new()
}

/// `name(parameters) { lines }`, behind the word `block`.
fn block(cursor: &mut Cursor, attributes: Attributes, errors: &Errors) -> Option<Block> {
    let Attributes { attributes, allowed } = attributes;
    let name = cursor.take_ident()?;
    let mut damaged = MERGES.iter().any(|merge| name == merge);
    if damaged {
        errors.at(name.span(), format!("`{name}` takes branches, and cannot name a block"));
    }
    let parameters = match cursor.take_group(Delimiter::Parenthesis) {
        Some(group) => split_commas(&group).into_iter().filter_map(|part| parameter(part, errors)).collect(),
        None => Vec::new(),
    };
    let lines = body(cursor, &name, errors, &mut damaged);
    Some(Block { attributes, name, parameters, lines, allowed, damaged })
}

/// `channels` or `stride = 2`.
fn parameter(part: Part, errors: &Errors) -> Option<Parameter> {
    let mut cursor = Cursor::new(part.tokens, part.end);
    let Some(name) = cursor.peek_ident().filter(|name| is_name(name)).cloned() else {
        errors.at(cursor.span(), format!("expected the name of a size, such as `channels`, found {}", cursor.found()));
        return None;
    };
    cursor.next();
    if cursor.is_empty() {
        return Some(Parameter { name, default: None });
    }
    let equals = cursor.take_punct('=');
    if equals && !cursor.is_empty() {
        return Some(Parameter { name, default: Some(cursor.rest()) });
    }
    let found = cursor.found();
    let mistake = Mistake::new(format!("expected `,` or a default after the size `{name}`, found {found}"));
    errors.at(cursor.span(), mistake.help(format!("write `{name}` or `{name} = 2`")));
    None
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

/// `<const N: usize, const M: usize>`; none if there are none, `None` if they cannot be read.
fn generics(cursor: &mut Cursor, errors: &Errors) -> Option<Vec<Ident>> {
    if !cursor.at_punct('<') {
        return Some(Vec::new());
    }
    let start = cursor.span();
    cursor.next();
    let mut names = Vec::new();
    let mut good = true;
    while !cursor.take_punct('>') {
        match const_parameter(cursor) {
            Some(name) => names.push(name),
            None if header_ends(cursor) => {
                good = false;
                break;
            }
            None => {
                good = false;
                cursor.next();
            }
        }
        cursor.take_punct(',');
    }
    if !good {
        let mistake = Mistake::new("a network's generic parameters are sizes: `<const HIDDEN: usize>`");
        errors.at(start, mistake.note("it is generic over its scalar by itself: `Net`, `Net<f64>`"));
    }
    good.then_some(names)
}

/// `const N: usize`.
fn const_parameter(cursor: &mut Cursor) -> Option<Ident> {
    if !cursor.take_word("const") {
        return None;
    }
    let name = cursor.peek_ident().filter(|name| is_name(name)).cloned()?;
    cursor.next();
    (cursor.take_punct(':') && cursor.take_word("usize")).then_some(name)
}

/// Behind the generic parameters.
fn header_ends(cursor: &Cursor) -> bool {
    let header = [Delimiter::Parenthesis, Delimiter::Brace];
    cursor.is_empty() || header.into_iter().any(|delimiter| cursor.peek_group(0, delimiter).is_some())
}

/// Past what cannot be read, to where a declaration may begin.
fn skip_to_next_declaration(cursor: &mut Cursor) {
    let begins = |cursor: &Cursor| {
        cursor.at_word("struct") || cursor.at_block() || cursor.visibility_len() > 0 || cursor.at_attribute()
    };
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

/// `([784])` or `(image: [1, 28, 28], pose: [6])`.
fn inputs(cursor: &mut Cursor, errors: &Errors) -> Option<Vec<Port>> {
    let Some(group) = cursor.take_group(Delimiter::Parenthesis) else {
        let found = cursor.found();
        let message = format!("expected the shape of the input in parentheses, such as `([784])`, found {found}");
        errors.at(cursor.span(), message);
        return None;
    };
    named_ports(&group, "input", errors)
}

/// `-> [10]` or `-> (digit: [10], aux: [10] in training)`.
fn outputs(cursor: &mut Cursor, errors: &Errors) -> Option<Vec<Port>> {
    if cursor.take_arrow().is_none() {
        let found = cursor.found();
        let message = format!("expected `->` and the shape of the output, such as `-> [10]`, found {found}");
        errors.at(cursor.span(), message);
        return None;
    }
    match cursor.take_group(Delimiter::Parenthesis) {
        Some(group) => named_ports(&group, "output", errors),
        None => Some(vec![port(cursor, None, errors)?]),
    }
}

/// How many inputs or outputs a network may have.
const MOST_PORTS: usize = 8;

/// What stands in the parentheses of inputs or outputs; several have names.
fn named_ports(group: &Group, what: &str, errors: &Errors) -> Option<Vec<Port>> {
    let parts = split_commas(group);
    if parts.is_empty() || parts.len() > MOST_PORTS {
        let found = if parts.is_empty() { "none".into() } else { parts.len().to_string() };
        errors.at(group.span(), format!("a network has 1 to {MOST_PORTS} {what}s, found {found}"));
        return None;
    }
    let count = parts.len();
    let ports: Vec<_> = parts.into_iter().map(|part| named_port(part, what, errors)).collect();
    let ports: Vec<_> = ports.into_iter().collect::<Option<_>>()?;
    if count > 1
        && let Some(unnamed) = ports.iter().find(|port| port.name.is_none())
    {
        let mistake = Mistake::new(format!("one of several {what}s needs a name"));
        errors.at(unnamed.span, mistake.help(format!("write `name: {}`", unnamed.text())));
    }
    Some(ports)
}

fn named_port(part: Part, what: &str, errors: &Errors) -> Option<Port> {
    let mut cursor = Cursor::new(part.tokens, part.end);
    let mut name = None;
    if cursor.at_name_and_colon() {
        name = cursor.take_ident();
        cursor.next();
    }
    let mut port = port(&mut cursor, name, errors)?;
    if what == "output" && cursor.at_word("in") {
        cursor.next();
        if !cursor.take_word("training") {
            errors.at(cursor.span(), format!("expected `training` after `in`, found {}", cursor.found()));
            return None;
        }
        port.in_training = true;
    }
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
    Some(Port { name, kind, dimensions: Some(dimensions), in_training: false, span: group.span() })
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
    let line = Line { attributes, visibility, name, allowed, chain: Vec::new(), whole: false };
    if !cursor.take_punct(':') {
        let name = &line.name;
        let mistake = Mistake::new(format!("expected `:` and layers after the line's name `{name}`"));
        errors.at(name.span(), mistake.help(format!("write `{name}: dense(128) -> relu,`")));
        return Some(line);
    }
    let place =
        ChainPlace { after: format!("{}:", plain(&line.name)), line: plain(&line.name), span: line.name.span() };
    let (chain, whole) = chain(&mut cursor, &place, errors);
    Some(Line { chain, whole, ..line })
}

/// Where a chain stands, for messages.
struct ChainPlace {
    /// What it follows.
    after: String,
    /// Its line, or the merge whose branch it is.
    line: String,
    span: Span,
}

/// `link -> link -> …`, as far as it could be read, and whether that is all of it.
fn chain(cursor: &mut Cursor, place: &ChainPlace, errors: &Errors) -> (Vec<Link>, bool) {
    let mut chain: Vec<Link> = Vec::new();
    let mut arrow = None;
    loop {
        let contract = cursor.at_shape() && chain.last().is_some_and(|link| link.path.is_some());
        if contract {
            let Some(contract) = port(cursor, None, errors) else { return (chain, false) };
            if let Some(link) = chain.last_mut() {
                link.contract = Some(contract);
            }
        } else if cursor.peek_ident().is_none() {
            expected_layer(cursor, place, arrow, errors);
            return (chain, false);
        } else {
            let Some(link) = link(cursor, errors) else { return (chain, false) };
            chain.push(link);
        }
        if cursor.is_empty() {
            return (chain, true);
        }
        arrow = cursor.take_arrow();
        if arrow.is_none() {
            let found = cursor.found();
            let message = format!("expected `->` or `,` in line `{}`, found {found}", place.line);
            errors.at(cursor.span(), message);
            return (chain, false);
        }
    }
}

/// Something else stands at the beginning of a chain or after `->`, or nothing.
fn expected_layer(cursor: &Cursor, place: &ChainPlace, arrow: Option<TokenStream>, errors: &Errors) {
    let after = if arrow.is_some() { "->" } else { &place.after };
    let message = format!("expected a layer after `{after}`");
    match (cursor.is_empty(), arrow) {
        (false, _) => errors.at(cursor.span(), format!("{message}, found {}", cursor.found())),
        (true, Some(arrow)) => errors.at_tokens(arrow, message),
        (true, None) => errors.at(place.span, message),
    }
}

/// `word`, `word(arguments)`, or the path of a type from elsewhere.
fn link(cursor: &mut Cursor, errors: &Errors) -> Option<Link> {
    // `ReLU` is no type, but a layer in another's spelling.
    let layer = cursor.peek_ident().is_some_and(|word| table::is_spelling(&plain(word)) && !cursor.at_path());
    if !layer && let Some((word, path)) = cursor.take_path() {
        let tokens = path.clone();
        if let Some(group) = cursor.take_group(Delimiter::Parenthesis) {
            let mistake = Mistake::new(format!("`{word}` is a type, and takes its arguments as generics"));
            let written: Vec<_> = split_commas(&group).iter().map(|part| text(&part.tokens)).collect();
            errors.at(word.span(), mistake.help(format!("write `{word}::<{}>`", written.join(", "))));
            return None;
        }
        return Some(Link { word, path: Some(path), arguments: None, contract: None, tokens });
    }
    let word = cursor.take_ident()?;
    if cursor.at_punct(':') || cursor.at_punct('<') {
        let mistake = Mistake::new(format!("`{word}` is a path: a layer is one word, such as `dense(128)`"));
        errors.at(word.span(), mistake.note("a type from elsewhere is in CamelCase: `Encoder`, `Blur::<3>`"));
        return None;
    }
    let mut tokens = word.to_token_stream();
    let group = cursor.take_group(Delimiter::Parenthesis);
    let arguments = match &group {
        Some(group) => Some(arguments(&word, group, errors)?),
        None => None,
    };
    tokens.extend(group.map(TokenTree::Group));
    Some(Link { word, path: None, arguments, contract: None, tokens })
}

/// `128, bias = false`; of a merge `input -> dense(10), body`.
fn arguments(word: &Ident, group: &Group, errors: &Errors) -> Option<Vec<Argument>> {
    let mut whole = true;
    let mut arguments: Vec<Argument> = Vec::new();
    for part in split_commas(group) {
        let mut cursor = Cursor::new(part.tokens, part.end);
        let mut name = None;
        if cursor.at_name_and_equals() {
            name = cursor.take_ident();
            cursor.next();
        }
        if cursor.is_empty() {
            whole = false;
            match name {
                Some(name) => errors.at(name.span(), format!("expected a value after `{name} =`")),
                None => errors.at(part.end, "expected an argument before this comma"),
            }
            continue;
        }
        let takes_chain = name.is_none() && MERGES.iter().any(|merge| word == merge);
        // `repeat(3, chain)`: the first is a number.
        let branch = takes_chain && (word != "repeat" || !arguments.is_empty());
        let (branch, good) = if branch { self::branch(word, cursor.clone(), errors) } else { (None, true) };
        whole &= good;
        arguments.push(Argument { name, value: cursor.rest(), branch });
    }
    whole.then_some(arguments)
}

/// A branch of a merge, and whether it could be read.
fn branch(word: &Ident, mut cursor: Cursor, errors: &Errors) -> (Option<Vec<Link>>, bool) {
    let place = ChainPlace { after: format!("{word}("), line: word.to_string(), span: word.span() };
    let (chain, whole) = chain(&mut cursor, &place, errors);
    (Some(chain), whole)
}
