//! Tokens as people write them, on one line: for messages and tables.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// `{ HIDDEN / 2 }`, `-1`, `Size::of::<Image>(28)`.
pub fn text(tokens: &impl ToTokens) -> String {
    let mut printer = Printer::default();
    printer.tokens(tokens.to_token_stream());
    printer.text
}

#[derive(Default)]
struct Printer {
    text: String,
    before: Before,
    /// How many `<` of generic arguments are open.
    generics: usize,
}

/// What was printed last, as far as the next space depends on it.
#[derive(Clone, Copy, Default, PartialEq)]
enum Before {
    /// Nothing, or what no space follows: `.`, `::`, a sign.
    #[default]
    Tight,
    /// A value or its end: a word, a number, a group.
    Operand,
    /// A word after which an operand is still to come: `if`, `as`.
    Keyword,
    /// An operator, or punctuation that a space follows.
    Operator,
    /// The first half of an operator.
    Joint,
}

impl Printer {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    let keyword = matches!(word.as_str(), "as" | "else" | "if" | "in" | "let" | "match" | "return");
                    self.word(&word, if keyword { Before::Keyword } else { Before::Operand });
                }
                TokenTree::Literal(literal) => self.word(&literal.to_string(), Before::Operand),
                TokenTree::Group(group) => self.group(&group),
                TokenTree::Punct(punct) => {
                    let next = match tokens.peek() {
                        Some(TokenTree::Punct(next)) if punct.spacing() == Spacing::Joint => Some(next.as_char()),
                        _ => None,
                    };
                    self.punct(&punct, next);
                }
            }
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    fn word(&mut self, word: &str, after: Before) {
        if self.before != Before::Tight {
            self.space();
        }
        self.text.push_str(word);
        self.before = after;
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::None => return self.tokens(group.stream()),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace if group.stream().is_empty() => ("{", "}"),
            Delimiter::Brace => ("{ ", " }"),
        };
        let follows_operand = self.before == Before::Operand && group.delimiter() != Delimiter::Brace;
        if !follows_operand && self.before != Before::Tight {
            self.space();
        }
        self.text.push_str(open);
        self.before = Before::Tight;
        let generics = core::mem::take(&mut self.generics);
        self.tokens(group.stream());
        self.generics = generics;
        self.text.push_str(close);
        self.before = Before::Operand;
    }

    /// One character of punctuation; `next` is the one that it forms an operator with.
    fn punct(&mut self, punct: &Punct, next: Option<char>) {
        let c = punct.as_char();
        let operand_before = self.before == Before::Operand;
        let (space, after) = match c {
            _ if self.before == Before::Joint => return self.second(c, next),
            ':' if next == Some(':') => (self.before == Before::Operator, Before::Joint),
            ',' | ';' | ':' => (false, Before::Operator),
            '.' | '?' => (false, if c == '.' { Before::Tight } else { Before::Operand }),
            '\'' | '#' | '$' => (self.before != Before::Tight, Before::Tight),
            '<' if !operand_before || self.generics > 0 => {
                self.generics += 1;
                (self.before == Before::Operator, Before::Tight)
            }
            '>' if self.generics > 0 => {
                self.generics -= 1;
                (false, Before::Operand)
            }
            '!' if operand_before && next.is_none() => (false, Before::Operand),
            '-' | '*' | '&' | '!' if !operand_before => (self.before != Before::Tight, Before::Tight),
            _ => (self.before != Before::Tight, if next.is_some() { Before::Joint } else { Before::Operator }),
        };
        if space {
            self.space();
        }
        self.text.push(c);
        self.before = after;
    }

    /// The rest of an operator.
    fn second(&mut self, c: char, next: Option<char>) {
        let path = c == ':' && self.text.ends_with(':');
        self.text.push(c);
        self.before = match next {
            _ if path => Before::Tight,
            Some(_) if c != '>' => Before::Joint,
            _ => Before::Operator,
        };
    }
}
