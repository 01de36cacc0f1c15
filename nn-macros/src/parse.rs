//! Tokens to syntax, line by line: a line that cannot be read leaves the others readable.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::errors::{Errors, Mistake};
use crate::syntax::{Argument, Declaration, Line, Link, Port, plain, text};

/// Every declaration of one `network! { … }`.
pub fn declarations(tokens: TokenStream, errors: &Errors) -> Vec<Declaration> {
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let mut declarations = Vec::new();
    if cursor.is_empty() {
        errors.at(Span::call_site(), Mistake::new("`network!` is empty").help(EXAMPLE));
    }
    while !cursor.is_empty() {
        match declaration(&mut cursor, errors) {
            Some(declaration) => declarations.push(declaration),
            None => break,
        }
    }
    declarations
}

const EXAMPLE: &str = "write `pub struct Net([784]) -> [10] { hidden: dense(128) -> relu, out: dense(10), }`";

/// `attributes visibility struct Name(port) -> port { lines }`; `None` if not even the name can be found.
fn declaration(cursor: &mut Cursor, errors: &Errors) -> Option<Declaration> {
    let (attributes, allowed) = attributes(cursor);
    let visibility = visibility(cursor).unwrap_or_default();
    if !cursor.take_word("struct") {
        let found = cursor.found();
        let mistake = Mistake::new(format!("expected `struct`, found {found}")).help(EXAMPLE);
        errors.at(cursor.span(), mistake);
        return None;
    }
    let Some(name) = cursor.take_ident() else {
        errors.at(cursor.span(), format!("expected the network's name after `struct`, found {}", cursor.found()));
        return None;
    };
    let mut damaged = false;
    if cursor.at_punct('<') {
        errors.at(cursor.span(), "a network has no generic parameters: its scalar type is added by itself");
        damaged = true;
        while !cursor.is_empty() && cursor.peek_group(Delimiter::Parenthesis).is_none() {
            cursor.next();
        }
    }
    let input = input(cursor, errors);
    let output = output(cursor, errors);
    damaged |= input.is_none() || output.is_none();
    let lines = match cursor.take_group(Delimiter::Brace) {
        Some(body) => lines(&body, errors, &mut damaged),
        None => {
            errors.at(cursor.span(), format!("expected the lines of `{name}` in braces, found {}", cursor.found()));
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

fn skip_to_next_declaration(cursor: &mut Cursor) {
    while !cursor.is_empty() && cursor.take_group(Delimiter::Brace).is_none() {
        cursor.next();
    }
}

/// `#[…]` and doc comments, and the advice that they allow.
fn attributes(cursor: &mut Cursor) -> (TokenStream, Vec<String>) {
    let (mut attributes, mut allowed) = (TokenStream::new(), Vec::new());
    while cursor.at_punct('#') && cursor.peek_group_at(1, Delimiter::Bracket).is_some() {
        let (pound, group) = (cursor.next(), cursor.next());
        let advice = group.as_ref().map(allowed_advice).unwrap_or_default();
        if advice.is_empty() {
            attributes.extend([pound, group].into_iter().flatten());
        }
        allowed.extend(advice);
    }
    (attributes, allowed)
}

/// The names in `[allow(unused_value)]` that are ours.
fn allowed_advice(group: &TokenTree) -> Vec<String> {
    let TokenTree::Group(group) = group else { return Vec::new() };
    let mut cursor = Cursor::new(group.stream(), group.span());
    if !cursor.take_word("allow") {
        return Vec::new();
    }
    let names = cursor.take_group(Delimiter::Parenthesis).map(|names| names.stream().to_string()).unwrap_or_default();
    names.split(',').map(str::trim).filter(|name| crate::check::ADVICE.contains(name)).map(String::from).collect()
}

/// `pub`, `pub(crate)`.
fn visibility(cursor: &mut Cursor) -> Option<TokenStream> {
    if !cursor.at_word("pub") {
        return None;
    }
    let mut visibility: TokenStream = cursor.next().into_iter().collect();
    if cursor.peek_group(Delimiter::Parenthesis).is_some_and(|group| is_restriction(&group.stream())) {
        visibility.extend(cursor.next());
    }
    Some(visibility)
}

/// What may stand in `pub(…)`.
fn is_restriction(tokens: &TokenStream) -> bool {
    match tokens.clone().into_iter().next() {
        Some(TokenTree::Ident(word)) => ["crate", "self", "super", "in"].iter().any(|known| word == known),
        _ => false,
    }
}

/// `([784])` or `(image: [1, 28, 28])`.
fn input(cursor: &mut Cursor, errors: &Errors) -> Option<Port> {
    const EXPECTED: &str = "expected the shape of the input in parentheses, such as `([784])`";
    let Some(group) = cursor.take_group(Delimiter::Parenthesis) else {
        errors.at(cursor.span(), format!("{EXPECTED}, found {}", cursor.found()));
        return None;
    };
    named_port(&group, "input", errors)
}

/// `-> [10]` or `-> (digit: [10])`.
fn output(cursor: &mut Cursor, errors: &Errors) -> Option<Port> {
    if !cursor.take_arrow() {
        let found = cursor.found();
        errors
            .at(cursor.span(), format!("expected `->` and the shape of the output, such as `-> [10]`, found {found}"));
        return None;
    }
    match cursor.take_group(Delimiter::Parenthesis) {
        Some(group) => named_port(&group, "output", errors),
        None => port(cursor, None, errors),
    }
}

/// What stands in the parentheses of an input or output.
fn named_port(group: &Group, what: &str, errors: &Errors) -> Option<Port> {
    let parts = split_commas(group.stream());
    if parts.len() != 1 {
        let found = parts.len();
        errors.at_tokens(group, format!("a network has one {what}, found {found}"));
        return None;
    }
    let mut cursor = Cursor::new(group.stream(), group.span_close());
    let mut name = None;
    if cursor.peek_ident().is_some() && cursor.at_colon(1) {
        name = cursor.take_ident();
        cursor.next();
    }
    let port = port(&mut cursor, name, errors)?;
    cursor.take_punct(',');
    if cursor.is_empty() {
        return Some(port);
    }
    errors.at(cursor.span(), format!("unexpected {} after the shape", cursor.found()));
    None
}

/// `[784]`, or `sequence [20, 8]`.
fn port(cursor: &mut Cursor, name: Option<Ident>, errors: &Errors) -> Option<Port> {
    let kind = if cursor.peek_group_at(1, Delimiter::Bracket).is_some() { cursor.take_ident() } else { None };
    let Some(group) = cursor.take_group(Delimiter::Bracket) else {
        errors.at(cursor.span(), format!("expected a shape in brackets, such as `[784]`, found {}", cursor.found()));
        return None;
    };
    Some(Port { name, kind, dimensions: Some(split_commas(group.stream())), span: group.span() })
}

/// The lines between the braces. A line ends at its comma, or where the next one begins.
fn lines(body: &Group, errors: &Errors, damaged: &mut bool) -> Vec<Line> {
    let mut lines = Vec::new();
    for part in split_commas(body.stream()) {
        let mut rest = Cursor::new(part, body.span_close());
        while !rest.is_empty() {
            let (tokens, missing_comma) = rest.take_line();
            if missing_comma {
                errors.at(rest.span(), "expected `,` before this line: one comma after each line");
                *damaged = true;
            }
            match line(Cursor::new(tokens, rest.span()), errors) {
                (Some(line), whole) => {
                    lines.push(line);
                    *damaged |= !whole;
                }
                (None, _) => *damaged = true,
            }
        }
    }
    lines
}

/// One line, and whether all of it could be read.
fn line(mut cursor: Cursor, errors: &Errors) -> (Option<Line>, bool) {
    let (attributes, _) = attributes(&mut cursor);
    let visibility = visibility(&mut cursor);
    let Some(name) = cursor.take_ident() else {
        let found = cursor.found();
        errors.at(cursor.span(), format!("expected a line, such as `hidden: dense(128) -> relu`, found {found}"));
        return (None, false);
    };
    let mut line = Line { attributes, visibility, name, chain: Vec::new() };
    if !cursor.take_punct(':') {
        let name = &line.name;
        let found = cursor.found();
        errors.at(cursor.span_or(name.span()), format!("expected `:` after the line's name `{name}`, found {found}"));
        return (Some(line), false);
    }
    let whole = chain(&mut cursor, &mut line, errors);
    (Some(line), whole)
}

/// `link -> link -> …`; whether all of it could be read.
fn chain(cursor: &mut Cursor, line: &mut Line, errors: &Errors) -> bool {
    loop {
        let Some(link) = link(cursor, line, errors) else { return false };
        line.chain.push(link);
        if cursor.is_empty() {
            return true;
        }
        if !cursor.take_arrow() {
            let found = cursor.found();
            errors.at(cursor.span(), format!("expected `->` or `,` in line `{}`, found {found}", plain(&line.name)));
            return false;
        }
    }
}

/// `word` or `word(arguments)`.
fn link(cursor: &mut Cursor, line: &Line, errors: &Errors) -> Option<Link> {
    let Some(word) = cursor.take_ident() else {
        let name = plain(&line.name);
        let place = if line.chain.is_empty() { format!("`{name}:`") } else { "`->`".into() };
        let span = cursor.span_or(line.chain.last().map_or(line.name.span(), |link| link.word.span()));
        errors.at(span, format!("expected a layer after {place}, found {}", cursor.found()));
        return None;
    };
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
    for part in split_commas(group.stream()) {
        let mut cursor = Cursor::new(part, group.span_close());
        let span = cursor.span();
        let named = cursor.peek_ident().is_some() && cursor.at_equals(1);
        let name = if named { cursor.take_ident() } else { None };
        if named {
            cursor.next();
        }
        let value = cursor.rest();
        match (&name, value.is_empty()) {
            (Some(name), true) => errors.at(name.span(), format!("expected a value after `{name} =`")),
            (None, true) => errors.at(span, "expected an argument between the commas"),
            _ => {
                arguments.push(Argument { name, value });
                continue;
            }
        }
        whole = false;
    }
    whole.then_some(arguments)
}

/// The parts between commas; a comma at the end adds none.
fn split_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            _ => parts.last_mut().expect("there is always a part").extend([token]),
        }
    }
    if parts.last().is_some_and(TokenStream::is_empty) {
        parts.pop();
    }
    parts
}

/// A place in a list of tokens.
struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    end: Span,
}

impl Cursor {
    fn new(tokens: TokenStream, end: Span) -> Self {
        Self { tokens: tokens.into_iter().collect(), at: 0, end }
    }

    fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn peek(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.at + ahead)
    }

    fn next(&mut self) -> Option<TokenTree> {
        let token = self.peek(0).cloned();
        self.at += 1;
        token
    }

    fn rest(&mut self) -> TokenStream {
        let rest = self.tokens.get(self.at..).unwrap_or_default().iter().cloned().collect();
        self.at = self.tokens.len();
        rest
    }

    /// Where the next token is, or where the tokens end.
    fn span(&self) -> Span {
        self.span_or(self.end)
    }

    fn span_or(&self, end: Span) -> Span {
        self.peek(0).map_or(end, TokenTree::span)
    }

    /// The next token, for a message.
    fn found(&self) -> String {
        match self.peek(0) {
            None => "nothing".into(),
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Parenthesis => "`(…)`".into(),
                Delimiter::Brace => "`{…}`".into(),
                Delimiter::Bracket => "`[…]`".into(),
                Delimiter::None => format!("`{}`", text(group)),
            },
            Some(token) => format!("`{token}`"),
        }
    }

    fn peek_ident(&self) -> Option<&Ident> {
        match self.peek(0) {
            Some(TokenTree::Ident(ident)) => Some(ident),
            _ => None,
        }
    }

    fn take_ident(&mut self) -> Option<Ident> {
        let ident = self.peek_ident().cloned()?;
        self.at += 1;
        Some(ident)
    }

    fn at_word(&self, word: &str) -> bool {
        self.peek_ident().is_some_and(|ident| ident == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.at_word(word);
        self.at += usize::from(there);
        there
    }

    fn punct(&self, ahead: usize) -> Option<(char, Spacing)> {
        match self.peek(ahead) {
            Some(TokenTree::Punct(punct)) => Some((punct.as_char(), punct.spacing())),
            _ => None,
        }
    }

    fn at_punct(&self, c: char) -> bool {
        self.punct(0).is_some_and(|(found, _)| found == c)
    }

    fn take_punct(&mut self, c: char) -> bool {
        let there = self.at_punct(c);
        self.at += usize::from(there);
        there
    }

    /// A `:` that is not half of `::`.
    fn at_colon(&self, ahead: usize) -> bool {
        self.punct(ahead) == Some((':', Spacing::Alone))
            && self.punct(ahead.wrapping_sub(1)) != Some((':', Spacing::Joint))
    }

    /// An `=` that is not the beginning of `==` or `=>`.
    fn at_equals(&self, ahead: usize) -> bool {
        self.punct(ahead).is_some_and(|(c, _)| c == '=')
            && !self.punct(ahead + 1).is_some_and(|(c, _)| self.joint(ahead) && (c == '=' || c == '>'))
    }

    fn joint(&self, ahead: usize) -> bool {
        self.punct(ahead).is_some_and(|(_, spacing)| spacing == Spacing::Joint)
    }

    /// `->`.
    fn take_arrow(&mut self) -> bool {
        let there = self.at_punct('-') && self.joint(0) && self.punct(1).is_some_and(|(c, _)| c == '>');
        self.at += if there { 2 } else { 0 };
        there
    }

    fn peek_group(&self, delimiter: Delimiter) -> Option<&Group> {
        self.peek_group_at(0, delimiter)
    }

    fn peek_group_at(&self, ahead: usize, delimiter: Delimiter) -> Option<&Group> {
        match self.peek(ahead) {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
            _ => None,
        }
    }

    fn take_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        let group = self.peek_group(delimiter).cloned()?;
        self.at += 1;
        Some(group)
    }

    /// The tokens of the line that begins here, and whether another one begins right behind it, without a comma.
    fn take_line(&mut self) -> (TokenStream, bool) {
        let start = self.at;
        let begins_line = |cursor: &Self| {
            cursor.peek_ident().is_some() && cursor.at_colon(1) && cursor.at > start + cursor.name_offset(start)
        };
        while !self.is_empty() && !begins_line(self) {
            self.at += 1;
        }
        let missing_comma = !self.is_empty();
        let mut end = self.at;
        while missing_comma && end > start && self.leads_a_line(end - 1) {
            end -= 1;
        }
        self.at = end;
        (self.tokens[start..end].iter().cloned().collect(), missing_comma)
    }

    /// How many tokens before the line's own name: its attributes and visibility.
    fn name_offset(&self, start: usize) -> usize {
        self.tokens[start..].iter().take_while(|token| is_lead(token)).count()
    }

    fn leads_a_line(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(is_lead)
    }
}

/// A token of an attribute or a visibility, which belongs to the line that follows.
fn is_lead(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '#',
        TokenTree::Ident(ident) => ident == "pub",
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Bracket => true,
            Delimiter::Parenthesis => is_restriction(&group.stream()),
            _ => false,
        },
        TokenTree::Literal(_) => false,
    }
}
