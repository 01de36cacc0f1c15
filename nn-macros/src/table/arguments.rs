//! The arguments of a layer, read by its row.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use super::{OptionKind, Range, Row, SizeKind};
use crate::cursor::{Cursor, Part, split_commas};
use crate::dimension::{Dim, dimension, refuse_generated_types, whole};
use crate::errors::{Errors, Mistake, nearest};
use crate::shape::Shape;
use crate::syntax::{Argument, Link, is_name, plain};
use crate::text::text;

/// What whole numbers are below, so that an `f64` holds each of them: 2⁵³.
const MOST_INTEGER: f64 = 9_007_199_254_740_992.0;

/// A use of a layer: its arguments, read and checked, and the shape that arrives.
pub struct Call<'a> {
    pub word: &'static str,
    /// The layer as it was written.
    pub text: String,
    sizes: Vec<Value>,
    options: Vec<GivenOption>,
    pub input: &'a Shape,
    /// Who gives that shape, for messages: `` `s4` gives `` or `the input is`.
    pub giver: String,
}

struct GivenOption {
    name: Ident,
    value: Value,
}

/// What an argument gives.
enum Value {
    Dim(Dim),
    Axes(Axes),
    /// An `f64` expression.
    Number(TokenStream),
    /// An `i64` expression.
    Integer(TokenStream),
    /// One of the words that its row lists, as it was written.
    Word(TokenStream),
    Indexes(Vec<Index>),
}

/// A place among what arrives, counted from 0.
#[derive(Clone)]
pub struct Index {
    pub place: Dim,
    pub span: Span,
}

/// A size for every axis, or one for each: `3`, `[3, 5]`.
pub struct Axes {
    dims: Vec<Dim>,
    /// In brackets.
    listed: bool,
    tokens: TokenStream,
}

impl Axes {
    /// As many sizes as there are axes.
    fn each(&self, axes: usize) -> Result<Vec<Dim>, Mistake> {
        match (&self.dims[..], self.listed) {
            ([one], false) => Ok(vec![one.clone(); axes]),
            (listed, _) if listed.len() == axes => Ok(listed.to_vec()),
            (listed, _) => {
                let (found, wants) = (counted(listed.len(), "size"), counted(axes, "axis"));
                let names = &["length", "height, width", "depth, height, width"][axes.clamp(1, 3) - 1];
                Err(Mistake::new(format!("`{}` has {found} for {wants}", text(&self.tokens)))
                    .help(format!("write `[{names}]`, or one number for every axis"))
                    .at(self.span()))
            }
        }
    }

    fn span(&self) -> Span {
        first_span(&self.tokens)
    }
}

/// `1 axis`, `2 axes`.
fn counted(n: usize, what: &str) -> String {
    match (n, what) {
        (1, _) => format!("1 {what}"),
        (_, "axis") => format!("{n} axes"),
        _ => format!("{n} {what}s"),
    }
}

fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

impl Call<'_> {
    fn option(&self, name: &str) -> Option<&GivenOption> {
        self.options.iter().find(|option| plain(&option.name) == name)
    }

    /// Where an option is named, if it is given.
    pub fn option_span(&self, name: &str) -> Option<Span> {
        self.option(name).map(|option| option.name.span())
    }

    /// A dimension by its place.
    pub fn size(&self, place: usize) -> Dim {
        match &self.sizes[place] {
            Value::Dim(dim) => dim.clone(),
            _ => unreachable!("the row says that this size is a dimension"),
        }
    }

    /// Sizes by their place, one for each axis; `None` if they are left out.
    pub fn size_axes(&self, place: usize, axes: usize) -> Option<Result<Vec<Dim>, Mistake>> {
        match self.sizes.get(place)? {
            Value::Axes(sizes) => Some(sizes.each(axes)),
            _ => unreachable!("the row says that this size has axes"),
        }
    }

    /// A number by its place, as an `f64` expression.
    pub fn size_number(&self, place: usize) -> TokenStream {
        match &self.sizes[place] {
            Value::Number(number) => number.clone(),
            _ => unreachable!("the row says that this size is a number"),
        }
    }

    /// A whole number of either sign by its place, as an `i64` expression.
    pub fn size_integer(&self, place: usize) -> TokenStream {
        match &self.sizes[place] {
            Value::Integer(integer) => integer.clone(),
            _ => unreachable!("the row says that this size is an integer"),
        }
    }

    /// A list of places; `None` if it is not given.
    pub fn indexes(&self, name: &str) -> Option<&[Index]> {
        match self.option(name) {
            Some(GivenOption { value: Value::Indexes(list), .. }) => Some(list),
            _ => None,
        }
    }

    /// The value of a flag.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.choice(name).map_or(default, |value| value == "true")
    }

    /// The value of a number, as an `f64` expression.
    pub fn number(&self, name: &str, default: f64) -> TokenStream {
        match self.option(name) {
            Some(GivenOption { value: Value::Number(number), .. }) => number.clone(),
            _ => Literal::f64_unsuffixed(default).into_token_stream(),
        }
    }

    /// The chosen word.
    pub fn choice(&self, name: &str) -> Option<String> {
        match self.option(name) {
            Some(GivenOption { value: Value::Word(word), .. }) => Some(text(word)),
            _ => None,
        }
    }

    /// A dimension.
    pub fn count(&self, name: &str, default: usize) -> Dim {
        match self.option(name) {
            Some(GivenOption { value: Value::Dim(dim), .. }) => dim.clone(),
            _ => Dim::Literal(default),
        }
    }

    /// A size for each axis; `None` if it is not given, or as a word.
    pub fn axes(&self, name: &str, axes: usize) -> Option<Result<Vec<Dim>, Mistake>> {
        match self.option(name) {
            Some(GivenOption { value: Value::Axes(sizes), .. }) => Some(sizes.each(axes)),
            _ => None,
        }
    }

    /// A size for each axis, the same everywhere if it is not given.
    pub fn axes_or(&self, name: &str, axes: usize, default: usize) -> Result<Vec<Dim>, Mistake> {
        self.axes(name, axes).unwrap_or_else(|| Ok(vec![Dim::Literal(default); axes]))
    }

    /// What arrives is no vector.
    pub fn needs_a_vector(&self) -> Mistake {
        let values = self.input.len().literal().map(|n| format!(" ({n} values)")).unwrap_or_default();
        Mistake::new(format!("`{}` needs a vector, but {} {}", self.word, self.giver, self.input))
            .help(format!("write `flatten -> {}`{values}", self.text))
            .about_shape()
    }
}

/// Reads the arguments of a layer by its row; `None` if something is wrong with them, which is reported.
pub fn call<'a>(row: &Row, link: &Link, input: &'a Shape, giver: String, errors: &Errors) -> Option<Call<'a>> {
    let mut call = Call { word: row.word, text: link.text(), sizes: Vec::new(), options: Vec::new(), input, giver };
    let mut good = true;
    let no_arguments = Vec::new();
    for argument in link.arguments.as_ref().unwrap_or(&no_arguments) {
        let read = match &argument.name {
            None => size(row, argument, &mut call),
            Some(name) => option(row, name, argument, &mut call),
        };
        if let Err(mistake) = read {
            errors.at_tokens(&argument.value, mistake);
            good = false;
        }
    }
    if good && call.sizes.len() < row.needed_sizes() {
        let missing = row.sizes[call.sizes.len()].what;
        let mistake = Mistake::new(format!("`{}` needs {missing}", row.word)).help(format!("write `{}`", row.example));
        errors.at(link.word.span(), mistake);
        good = false;
    }
    good.then_some(call)
}

/// A size by its place.
fn size(row: &Row, argument: &Argument, call: &mut Call) -> Result<(), Mistake> {
    if let Some(option) = call.options.first() {
        let (found, option) = (text(&argument.value), &option.name);
        return Err(Mistake::new(format!("sizes come first: `{found}` stands behind the option `{option}`"))
            .help(format!("write `{}`", row.example)));
    }
    let Some(size) = row.sizes.get(call.sizes.len()) else { return Err(one_size_too_many(row, argument)) };
    call.sizes.push(match &size.kind {
        SizeKind::Dimension => Value::Dim(dimension(&argument.value)?),
        SizeKind::Axes { least } => Value::Axes(axes("a size", &argument.value, *least)?),
        SizeKind::Number { name, range } => Value::Number(number(name, &argument.value, range)?),
        SizeKind::Integer { name } => Value::Integer(integer(name, &argument.value)?),
    });
    Ok(())
}

fn one_size_too_many(row: &Row, argument: &Argument) -> Mistake {
    let names: Vec<_> = row.sizes.iter().map(|size| size.what).collect();
    let takes = match &names[..] {
        [] => "no sizes".into(),
        [one] => format!("one size, {one}"),
        several => format!("{} sizes: {}", several.len(), several.join(", ")),
    };
    let found = text(&argument.value);
    let instead = match (row.sizes, row.options.first()) {
        ([], Some(option)) => format!("{}({} = {found})", row.word, option.name),
        _ => row.example.into(),
    };
    let mistake = Mistake::new(format!("`{}` takes {takes}; `{found}` is one too many", row.word));
    if row.word == "linear" {
        // What other libraries call so has weights.
        return mistake
            .note("`linear` is the identity")
            .help(format!("write `dense({found})` for a layer with weights"));
    }
    match row.sizes.last().map(|size| &size.kind) {
        Some(SizeKind::Axes { .. }) => {
            mistake.help(format!("write `{}`; a size for each axis is `[3, 5]`", row.example))
        }
        _ => mistake.help(format!("write `{instead}`")),
    }
}

/// An option by its name.
fn option(row: &Row, name: &Ident, argument: &Argument, call: &mut Call) -> Result<(), Mistake> {
    let word = plain(name);
    let Some(option) = row.options.iter().find(|option| option.name == word) else {
        return Err(unknown_option(row, &word).at(name.span()));
    };
    if call.option(option.name).is_some() {
        return Err(Mistake::new(format!("`{word}` is given twice")).at(name.span()));
    }
    let what = format!("`{word}`");
    let value = match &option.kind {
        OptionKind::Flag => Value::Word(choice(&word, &argument.value, &["true", "false"])?),
        OptionKind::Choice(words) => Value::Word(choice(&word, &argument.value, words)?),
        OptionKind::Number(range) => Value::Number(number(&word, &argument.value, range)?),
        OptionKind::Count => Value::Dim(whole(&argument.value, &what, 1)?),
        OptionKind::Indexes => Value::Indexes(indexes(&word, &argument.value)?),
        OptionKind::Axes { least } => Value::Axes(axes(&what, &argument.value, *least)?),
        OptionKind::AxesOr { least, words } => axes_or_word(&what, &argument.value, *least, words)?,
    };
    call.options.push(GivenOption { name: name.clone(), value });
    Ok(())
}

fn unknown_option(row: &Row, word: &str) -> Mistake {
    let names = row.options.iter().map(|option| option.name);
    let mistake = Mistake::new(format!("`{}` has no option `{word}`", row.word));
    match nearest(word, names.clone()) {
        Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
        None if row.options.is_empty() => mistake.note(format!("`{}` has no options", row.word)),
        None => mistake.note(format!("its options are {}", names.collect::<Vec<_>>().join(", "))),
    }
}

/// One of `words`.
fn choice(option: &str, value: &TokenStream, words: &[&str]) -> Result<TokenStream, Mistake> {
    let found = text(value);
    if words.contains(&found.as_str()) {
        return Ok(value.clone());
    }
    Err(format!("`{option}` is {}, found `{found}`", alternatives(words)).into())
}

/// `` `a`, `b` or `c` ``.
pub fn alternatives(words: &[&str]) -> String {
    let listed: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    let (last, first) = listed.split_last().expect("there are choices");
    if first.is_empty() { last.clone() } else { format!("{} or {last}", first.join(", ")) }
}

/// `3`, or `[3, 5]`.
fn axes(what: &str, value: &TokenStream, least: usize) -> Result<Axes, Mistake> {
    let tokens = value.clone();
    let Some(list) = bracketed(value) else {
        return Ok(Axes { dims: vec![whole(value, what, least)?], listed: false, tokens });
    };
    let dims = listed(&list, what, least)?;
    if dims.is_empty() {
        return Err(format!("{what} is a whole number, or one for each axis, found `[]`").into());
    }
    Ok(Axes { dims: dims.into_iter().map(|(dim, _)| dim).collect(), listed: true, tokens })
}

/// The whole numbers of a list, and where they stand.
fn listed(list: &Group, what: &str, least: usize) -> Result<Vec<(Dim, Span)>, Mistake> {
    let item = |part: &Part| {
        let span = if part.tokens.is_empty() { part.end } else { first_span(&part.tokens) };
        whole(&part.tokens, what, least).map(|dim| (dim, span)).map_err(|mistake| mistake.at(span))
    };
    split_commas(list).iter().map(item).collect()
}

/// `[0, 2]`.
fn indexes(option: &str, value: &TokenStream) -> Result<Vec<Index>, Mistake> {
    let found = text(value);
    let wrong = || Mistake::new(format!("`{option}` is a list of input indexes, counted from 0, found `{found}`"));
    let Some(list) = bracketed(value) else {
        return Err(wrong().help(format!("write `{option} = [{found}]`")));
    };
    let list = listed(&list, &format!("an index of `{option}`"), 0)?;
    if list.is_empty() {
        return Err(wrong().help(format!("leave `{option}` out, or write `{option} = [0]`")));
    }
    Ok(list.into_iter().map(|(place, span)| Index { place, span }).collect())
}

/// The list that the tokens are.
fn bracketed(value: &TokenStream) -> Option<Group> {
    let mut cursor = Cursor::opened(value.clone(), Span::call_site());
    cursor.take_group(Delimiter::Bracket).filter(|_| cursor.is_empty())
}

/// `3`, `[3, 5]`, or one of `words`.
fn axes_or_word(what: &str, value: &TokenStream, least: usize, words: &[&str]) -> Result<Value, Mistake> {
    let found = text(value);
    if words.contains(&found.as_str()) {
        return Ok(Value::Word(value.clone()));
    }
    // A constant is written in capitals: another word is meant to be one of these.
    let is_word = !found.is_empty() && found.chars().all(|letter| letter.is_ascii_lowercase());
    if !is_word {
        return axes(what, value, least).map(Value::Axes);
    }
    let mistake = Mistake::new(format!("{what} is a whole number, `[1, 2]`, {}, found `{found}`", alternatives(words)));
    Err(match nearest(&found, words.iter().copied()) {
        Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
        None => mistake,
    })
}

/// A number literal, or a const expression of type `f64`.
fn number(option: &str, value: &TokenStream, range: &Range) -> Result<TokenStream, Mistake> {
    refuse_generated_types(value)?;
    let wrong = || Mistake::new(format!("`{option}` is {}, found `{}`", range.says, text(value)));
    if let Some(number) = literal_number(value) {
        let number = number.map_err(|()| wrong())?;
        if !(range.contains)(number) {
            return Err(wrong());
        }
        let literal = Literal::f64_unsuffixed(number.abs());
        return Ok(if number.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) });
    }
    match syn::parse2::<syn::Expr>(value.clone()) {
        Ok(syn::Expr::Lit(_)) | Err(_) => Err(wrong()),
        Ok(syn::Expr::Path(path)) if path.path.get_ident().is_some_and(|word| !is_name(word)) => Err(wrong()),
        Ok(_) => {
            let span = first_span(value);
            Ok(match range.claim {
                Some(claim) => {
                    let claim = Ident::new(claim, span);
                    quote_spanned!(span=> const { ::monograd::claims::#claim(#option, #value) })
                }
                None => quote_spanned!(span=> const { #value }),
            })
        }
    }
}

/// A whole number of either sign, or a const expression of type `i64`.
fn integer(name: &str, value: &TokenStream) -> Result<TokenStream, Mistake> {
    refuse_generated_types(value)?;
    let wrong = || {
        let found = text(value);
        Mistake::new(format!("`{name}` is a whole number or an `i64` const expression, found `{found}`"))
    };
    if let Some(number) = literal_number(value) {
        let whole = number.ok().filter(|number| number.fract() == 0.0 && number.abs() < MOST_INTEGER);
        let whole = whole.ok_or_else(wrong)?;
        let literal = Literal::u64_unsuffixed(whole.abs() as u64);
        return Ok(if whole < 0.0 { quote!(-#literal) } else { quote!(#literal) });
    }
    match syn::parse2::<syn::Expr>(value.clone()).map(without_braces) {
        Ok(syn::Expr::Lit(_)) | Err(_) => Err(wrong()),
        Ok(syn::Expr::Path(path)) if path.path.get_ident().is_some_and(|word| !is_name(word)) => Err(wrong()),
        Ok(expression) => Ok(expression.into_token_stream()),
    }
}

/// `{ N + 1 }` is `N + 1` where an expression stands anyway.
fn without_braces(expression: syn::Expr) -> syn::Expr {
    match expression {
        syn::Expr::Block(block) if block.label.is_none() && block.block.stmts.len() == 1 => {
            match &block.block.stmts[0] {
                syn::Stmt::Expr(inner, None) => inner.clone(),
                _ => syn::Expr::Block(block),
            }
        }
        other => other,
    }
}

/// `1`, `0.5`, `-2.5`: `None` if it is no number literal, an error if it is one that an `f64` cannot be.
fn literal_number(value: &TokenStream) -> Option<Result<f64, ()>> {
    let tokens: Vec<_> = value.clone().into_iter().collect();
    let (literal, sign) = match &tokens[..] {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => return literal_number(&group.stream()),
        [TokenTree::Literal(literal)] => (literal, 1.0),
        [TokenTree::Punct(minus), TokenTree::Literal(literal)] if minus.as_char() == '-' => (literal, -1.0),
        _ => return None,
    };
    let magnitude = match syn::Lit::new(literal.clone()) {
        syn::Lit::Int(int) if int.suffix().is_empty() => int.base10_parse::<f64>(),
        syn::Lit::Float(float) if matches!(float.suffix(), "" | "f64") => float.base10_parse::<f64>(),
        _ => return Some(Err(())),
    };
    Some(magnitude.ok().filter(|number| number.is_finite()).map(|number| sign * number).ok_or(()))
}
