//! The user's words keep their places: that is what hover, go-to-definition and error messages go by.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::tokens;
use crate::expand_network;

/// Every word of the expansion that stands at a place of the source, with what stands before it.
fn words(expansion: TokenStream, before: &str, found: &mut Vec<(Ident, String)>) {
    let mut text = before.to_string();
    for token in expansion {
        match token {
            TokenTree::Group(group) => words(group.stream(), &text, found),
            TokenTree::Ident(word) => {
                found.push((word.clone(), text.clone()));
                text = word.to_string();
            }
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            TokenTree::Literal(_) => text.clear(),
        }
    }
}

/// What stands before the words that are `word` in the source.
fn places(source: &str, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    words(expand_network(tokens(source)), "", &mut found);
    let here = |ident: &Ident| *ident == word && ident.span().source_text().as_deref() == Some(word);
    found.into_iter().filter(|(ident, _)| here(ident)).map(|(_, before)| before).collect()
}

const SOURCE: &str = "pub struct Net([WIDTH]) -> [10] { hidden: dense(128) -> relu, out: dense(10), }";

#[test]
fn layer_words_are_documented_items() {
    assert_eq!(places(SOURCE, "dense"), ["words::", "words::"]);
    assert_eq!(places(SOURCE, "relu"), ["words::"]);
}

#[test]
fn lines_are_fields_and_names_types() {
    assert_eq!(places(SOURCE, "hidden")[0], "pub");
    assert!(places(SOURCE, "hidden").iter().all(|before| before == "pub" || before.ends_with(['.', ','])));
    assert_eq!(places(SOURCE, "Net")[0], "struct");
}

#[test]
fn expressions_are_where_they_were_written() {
    assert!(places(SOURCE, "WIDTH").len() > 3);
}

#[test]
fn errors_stand_at_the_user_s_word() {
    let source = "struct Net([784]) -> [10] { hidden: dense(128) -> rleu, out: dense(10, bias = 3), }";
    let errors: Vec<_> = expand_network(tokens(source))
        .into_iter()
        .filter(|token| token.to_string() == "compile_error")
        .map(|token| token.span().source_text().unwrap_or_default())
        .collect();
    assert_eq!(errors, ["rleu", "bias"]);
}
