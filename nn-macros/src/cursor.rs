//! A place in a list of tokens.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};

use crate::syntax::is_name;
use crate::text::text;

/// Tokens, and how far they were read.
#[derive(Clone)]
pub struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    end: Span,
}

/// The tokens before a comma or the end.
pub struct Part {
    pub tokens: TokenStream,
    /// The comma, or the end.
    pub end: Span,
}

impl Cursor {
    /// `end` is where messages point that miss something behind the last token.
    pub fn new(tokens: TokenStream, end: Span) -> Self {
        Self { tokens: tokens.into_iter().collect(), at: 0, end }
    }

    /// The same with fragments of a surrounding `macro_rules!`, such as `$vis`, opened.
    pub fn opened(tokens: TokenStream, end: Span) -> Self {
        let mut opened = Vec::new();
        open(tokens, &mut opened);
        Self { tokens: opened, at: 0, end }
    }

    pub fn is_empty(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn peek(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.at + ahead)
    }

    pub fn next(&mut self) -> Option<TokenTree> {
        let token = self.peek(0).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    pub fn rest(&mut self) -> TokenStream {
        let rest = self.tokens[self.at..].iter().cloned().collect();
        self.at = self.tokens.len();
        rest
    }

    /// Where the next token is, or where the tokens end.
    pub fn span(&self) -> Span {
        self.peek(0).map_or(self.end, TokenTree::span)
    }

    /// The next token, for a message.
    pub fn found(&self) -> String {
        match self.peek(0) {
            None => "nothing".into(),
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Parenthesis => "`(…)`".into(),
                Delimiter::Brace => "`{…}`".into(),
                Delimiter::Bracket => "`[…]`".into(),
                Delimiter::None => format!("`{}`", text(group)),
            },
            Some(_) if self.at_arrow() => "`->`".into(),
            Some(token) => format!("`{token}`"),
        }
    }

    pub fn peek_ident(&self) -> Option<&Ident> {
        match self.peek(0) {
            Some(TokenTree::Ident(ident)) => Some(ident),
            _ => None,
        }
    }

    pub fn take_ident(&mut self) -> Option<Ident> {
        let ident = self.peek_ident().cloned()?;
        self.at += 1;
        Some(ident)
    }

    pub fn at_word(&self, word: &str) -> bool {
        self.peek_ident().is_some_and(|ident| ident == word)
    }

    pub fn take_word(&mut self, word: &str) -> bool {
        let there = self.at_word(word);
        self.at += usize::from(there);
        there
    }

    /// `block name`: a block begins.
    pub fn at_block(&self) -> bool {
        self.at_word("block") && matches!(self.peek(1), Some(TokenTree::Ident(name)) if is_name(name))
    }

    /// `[64]`, or `sequence [20, 8]`.
    pub fn at_shape(&self) -> bool {
        let named = self.peek_ident().is_some() && self.peek_group(1, Delimiter::Bracket).is_some();
        named || self.peek_group(0, Delimiter::Bracket).is_some()
    }

    /// A word and `::`.
    pub fn at_path(&self) -> bool {
        self.is_joint(1, ':', ':')
    }

    /// The path of a type, and its last word: `Encoder`, `vision::Blur::<3>`. A single word is one in `CamelCase`.
    pub fn take_path(&mut self) -> Option<(Ident, TokenStream)> {
        let start = self.at;
        let rooted = self.is_joint(0, ':', ':');
        if rooted {
            self.at += 2;
        }
        let mut last = self.take_ident();
        while last.is_some() && self.is_joint(0, ':', ':') && matches!(self.peek(2), Some(TokenTree::Ident(_))) {
            self.at += 2;
            last = self.take_ident();
        }
        let Some(word) = last.filter(is_camel_case) else {
            self.at = start;
            return None;
        };
        self.skip_generics();
        Some((word, self.tokens[start..self.at].iter().cloned().collect()))
    }

    /// Past `::<…>` or `<…>`.
    fn skip_generics(&mut self) {
        let turbofish = self.is_joint(0, ':', ':') && self.is_punct(2, '<');
        if !turbofish && !self.at_punct('<') {
            return;
        }
        self.at += if turbofish { 2 } else { 0 };
        let mut open = 0_usize;
        while let Some(token) = self.next() {
            let TokenTree::Punct(punct) = token else { continue };
            match punct.as_char() {
                '<' => open += 1,
                '>' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
    }

    fn is_punct(&self, ahead: usize, c: char) -> bool {
        matches!(self.peek(ahead), Some(TokenTree::Punct(punct)) if punct.as_char() == c)
    }

    pub fn at_punct(&self, c: char) -> bool {
        self.is_punct(0, c)
    }

    pub fn take_punct(&mut self, c: char) -> bool {
        let there = self.at_punct(c);
        self.at += usize::from(there);
        there
    }

    /// `first`, and whether `second` follows it without a space.
    fn is_joint(&self, ahead: usize, first: char, second: char) -> bool {
        match self.peek(ahead) {
            Some(TokenTree::Punct(punct)) => {
                punct.as_char() == first && punct.spacing() == Spacing::Joint && self.is_punct(ahead + 1, second)
            }
            _ => false,
        }
    }

    /// A word and a `:` that is not half of `::`.
    pub fn at_name_and_colon(&self) -> bool {
        self.peek_ident().is_some() && self.is_punct(1, ':') && !self.is_joint(1, ':', ':')
    }

    /// A word and an `=` that is not the beginning of `==` or `=>`.
    pub fn at_name_and_equals(&self) -> bool {
        let longer = self.is_joint(1, '=', '=') || self.is_joint(1, '=', '>');
        self.peek_ident().is_some() && self.is_punct(1, '=') && !longer
    }

    pub fn at_arrow(&self) -> bool {
        self.is_joint(0, '-', '>')
    }

    /// `->`.
    pub fn take_arrow(&mut self) -> Option<TokenStream> {
        self.at_arrow().then(|| {
            self.at += 2;
            self.tokens[self.at - 2..self.at].iter().cloned().collect()
        })
    }

    pub fn peek_group(&self, ahead: usize, delimiter: Delimiter) -> Option<&Group> {
        match self.peek(ahead) {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
            _ => None,
        }
    }

    pub fn take_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        let group = self.peek_group(0, delimiter).cloned()?;
        self.at += 1;
        Some(group)
    }

    /// `#[…]`.
    pub fn at_attribute(&self) -> bool {
        self.at_punct('#') && self.peek_group(1, Delimiter::Bracket).is_some()
    }

    /// How many tokens `pub`, `pub(crate)` is; 0 if there is none.
    pub fn visibility_len(&self) -> usize {
        let restricted = self.peek_group(1, Delimiter::Parenthesis).is_some_and(is_restriction);
        if self.at_word("pub") { 1 + usize::from(restricted) } else { 0 }
    }

    /// The tokens of the line that begins here: up to where the next one begins, which should have a comma before it.
    pub fn take_line(&mut self) -> TokenStream {
        let start = self.at;
        self.skip_to_name();
        self.next();
        while !self.is_empty() && !self.begins_line() {
            self.at += 1;
        }
        self.tokens[start..self.at].iter().cloned().collect()
    }

    /// Attributes, visibility, a name and a colon.
    fn begins_line(&mut self) -> bool {
        let start = self.at;
        self.skip_to_name();
        let begins = self.at_name_and_colon();
        self.at = start;
        begins
    }

    /// The name of the line that begins here, for a message: its span and its text.
    pub fn peek_name(&mut self) -> (Span, String) {
        let start = self.at;
        self.skip_to_name();
        let name = (self.span(), self.found());
        self.at = start;
        name
    }

    /// Past attributes and visibility.
    fn skip_to_name(&mut self) {
        while self.at_attribute() {
            self.at += 2;
        }
        self.at += self.visibility_len();
    }
}

/// Whether a word is a type's: it begins with a capital and has a small letter, as `Encoder` and unlike `HIDDEN`.
fn is_camel_case(word: &Ident) -> bool {
    let word = word.to_string();
    word.starts_with(char::is_uppercase) && (word.len() == 1 || word.contains(char::is_lowercase))
}

/// What may stand in `pub(…)`.
fn is_restriction(group: &Group) -> bool {
    match group.stream().into_iter().next() {
        Some(TokenTree::Ident(word)) => ["crate", "self", "super", "in"].iter().any(|known| word == known),
        _ => false,
    }
}

fn open(tokens: TokenStream, opened: &mut Vec<TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => open(group.stream(), opened),
            token => opened.push(token),
        }
    }
}

/// The parts between commas, except those in generic arguments; a comma at the end adds none.
pub fn split_commas(group: &Group) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = TokenStream::new();
    let mut generics = 0_usize;
    let mut before = ',';
    for token in group.stream() {
        let c = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => '_',
        };
        match c {
            '<' if generics > 0 || matches!(before, ':' | ',' | '=') => generics += 1,
            '>' if !matches!(before, '-' | '=') => generics = generics.saturating_sub(1),
            _ => {}
        }
        before = c;
        if c == ',' && generics == 0 {
            parts.push(Part { tokens: core::mem::take(&mut part), end: token.span() });
        } else {
            part.extend([token]);
        }
    }
    if !part.is_empty() {
        parts.push(Part { tokens: part, end: group.span_close() });
    }
    parts
}

/// The lines between commas.
pub fn split_lines(body: &Group) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = TokenStream::new();
    for token in Cursor::opened(body.stream(), body.span_close()).tokens {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            parts.push(Part { tokens: core::mem::take(&mut part), end: token.span() });
        } else {
            part.extend([token]);
        }
    }
    if !part.is_empty() {
        parts.push(Part { tokens: part, end: body.span_close() });
    }
    parts
}
