//! Collecting errors, so that a declaration shows all of its mistakes at once.

use core::cell::RefCell;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// What is wrong, why, and what to write instead: a message, then notes, then help, whatever the order they were added in.
pub struct Mistake {
    message: String,
    notes: String,
    help: String,
    span: Option<Span>,
    /// What arrives has the wrong shape: the way that it came is worth a note.
    pub about_shape: bool,
}

impl Mistake {
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, notes: String::new(), help: String::new(), span: None, about_shape: false }
    }

    pub fn note(mut self, note: impl AsRef<str>) -> Self {
        self.notes += "\nnote: ";
        self.notes += note.as_ref();
        self
    }

    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help += "\nhelp: ";
        self.help += help.as_ref();
        self
    }

    /// It is about the word here, rather than all of what is being read.
    pub fn at(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
    }

    /// It is about the shape that arrives.
    pub fn about_shape(self) -> Self {
        Self { about_shape: true, ..self }
    }

    fn into_text(self) -> String {
        self.message + &self.notes + &self.help
    }
}

impl<S: Into<String>> From<S> for Mistake {
    fn from(message: S) -> Self {
        Self::new(message)
    }
}

/// The errors so far. Dropping it without looking is a bug, and panics, unless they are [ignored](Self::ignored).
pub struct Errors {
    list: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    pub fn new() -> Self {
        Self { list: RefCell::new(Some(Vec::new())) }
    }

    /// A collection that nobody looks at.
    pub fn ignored() -> Self {
        let errors = Self::new();
        errors.list.replace(None);
        errors
    }

    /// Whether there are some.
    pub fn any(&self) -> bool {
        self.list.borrow().as_ref().is_some_and(|list| !list.is_empty())
    }

    /// Hands all of them over to another collection.
    pub fn move_to(self, other: &Self) {
        let list = self.list.take().unwrap_or_default();
        for error in list {
            other.push(error);
        }
    }

    /// A mistake at one word.
    pub fn at(&self, span: Span, mistake: impl Into<Mistake>) {
        let mistake = mistake.into();
        self.push(syn::Error::new(mistake.span.unwrap_or(span), mistake.into_text()));
    }

    /// A mistake at several tokens.
    pub fn at_tokens(&self, tokens: impl ToTokens, mistake: impl Into<Mistake>) {
        let mistake = mistake.into();
        match mistake.span {
            Some(span) => self.at(span, mistake),
            None => self.push(syn::Error::new_spanned(tokens, mistake.into_text())),
        }
    }

    fn push(&self, error: syn::Error) {
        if let Some(list) = self.list.borrow_mut().as_mut() {
            list.push(error);
        }
    }

    /// Nothing, or every error as a `compile_error!` at its place.
    pub fn into_result(self) -> Result<(), TokenStream> {
        let list = self.list.take().expect("errors are looked at once");
        if list.is_empty() { Ok(()) } else { Err(list.iter().map(syn::Error::to_compile_error).collect()) }
    }

    pub fn into_tokens(self) -> TokenStream {
        self.into_result().err().unwrap_or_default()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(self.list.get_mut().is_none() || std::thread::panicking(), "errors were collected, but not looked at");
    }
}

/// The candidate that is nearest to `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, nearest) =
        candidates.into_iter().map(|candidate| (edit_distance(word, candidate), candidate)).min_by_key(|(d, _)| *d)?;
    (distance <= 1 + word.chars().count() / 4).then_some(nearest)
}

/// Levenshtein distance, a swap of neighbours counted as one (optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typos_and_ignores_the_rest() {
        let words = ["dense", "relu", "flatten", "leaky_relu"];
        assert_eq!(nearest("dens", words), Some("dense"));
        assert_eq!(nearest("rleu", words), Some("relu"));
        assert_eq!(nearest("leakyrelu", words), Some("leaky_relu"));
        assert_eq!(nearest("transformer", words), None);
    }

    #[test]
    #[should_panic(expected = "not looked at")]
    fn errors_must_be_looked_at() {
        drop(Errors::new());
    }
}
