//! Chains: what each word is, and what it makes of the value that arrives.

use super::{Context, Network, Source, merges, modules};
use crate::dimension::Dim;
use crate::errors::{Errors, Mistake};
use crate::parse::MERGES;
use crate::shape::{Kind, Shape};
use crate::syntax::{Link, plain};
use crate::table::{self, Row};

/// What a chain may start from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Arriving {
    Value(Source),
    /// Several inputs arrive: a chain begins with one of them.
    Several,
    /// After a mistake.
    Unknown,
}

impl Arriving {
    pub fn of(value: Option<Source>) -> Self {
        value.map_or(Self::Unknown, Self::Value)
    }

    pub fn value(self) -> Option<Source> {
        if let Self::Value(source) = self { Some(source) } else { None }
    }
}

/// Follows one chain, of a line or a branch; gives its value, `None` after a mistake.
pub fn check<'a>(
    context: &mut Context<'a>,
    network: &mut Network<'a>,
    chain: &'a [Link],
    arriving: Arriving,
    branch: bool,
    errors: &Errors,
) -> Option<Source> {
    let mut value = arriving;
    for (place, link) in chain.iter().enumerate() {
        // Behind an arrow stands a layer, also where a line has the same name.
        let is_layer = place > 0 && table::row(&plain(&link.word)).is_some();
        value = if place == 0 && branch && link.word == "_" && link.arguments.is_none() {
            if value == Arriving::Several {
                errors.at(link.word.span(), no_single_input(network, "_"));
            }
            Arriving::of(value.value())
        } else if is_layer || !network.is_value(link) {
            Arriving::of(check_link(context, network, link, value, place == 0, errors))
        } else if place == 0 {
            Arriving::of(named(network, link, errors))
        } else {
            let word = &link.word;
            let mistake = Mistake::new(format!("`{word}` is a value, and can only begin a chain"));
            errors.at(word.span(), mistake.help(format!("begin a line with it: `name: {word} -> …`")));
            Arriving::Unknown
        };
    }
    value.value()
}

/// The value of a name.
fn named(network: &Network, link: &Link, errors: &Errors) -> Option<Source> {
    if link.word == "input" && network.inputs.len() > 1 && network.input_named("input").is_none() {
        errors.at(link.word.span(), no_single_input(network, "input"));
        return None;
    }
    if link.word == "input" && network.transparent {
        let mistake = Mistake::new("a copy of `repeat` sees nothing but what arrives at it");
        errors.at(link.word.span(), mistake.help("write `_` for that in a merge, or declare a block"));
        return None;
    }
    network.value(&link.word)
}

fn no_single_input(network: &Network, word: &str) -> Mistake {
    let names = network.input_names().join(", ");
    Mistake::new(format!("`{word}` is no value here: there are several inputs")).note(format!("they are {names}"))
}

/// One layer: its word, its arguments, its shape rule.
fn check_link<'a>(
    context: &mut Context<'a>,
    network: &mut Network<'a>,
    link: &'a Link,
    arriving: Arriving,
    head: bool,
    errors: &Errors,
) -> Option<Source> {
    let word = plain(&link.word);
    if context.instances.is_block(link) {
        let source = start(network, link, arriving, errors)?;
        return merges::block(context, network, link, source, errors);
    }
    if link.path.is_some() {
        let source = start(network, link, arriving, errors)?;
        return modules::check(network, link, source, errors);
    }
    if MERGES.contains(&word.as_str()) {
        return merges::check(context, network, link, arriving, errors);
    }
    let Some(row) = table::row(&word) else {
        errors.at(link.word.span(), unknown_word(context, network, link, head));
        return None;
    };
    let Some(source) = start(network, link, arriving, errors) else {
        check_arguments_only(row, link, errors);
        return None;
    };
    check_layer(network, link, row, source, errors)
}

/// The value that a layer starts from; an error if there are several.
pub fn start(network: &Network, link: &Link, arriving: Arriving, errors: &Errors) -> Option<Source> {
    if arriving == Arriving::Several {
        let (word, names) = (link.text(), network.input_names());
        let first = names.first().cloned().unwrap_or_default();
        let mistake = Mistake::new(format!("`{word}` has no value to start from: there are several inputs"));
        let mistake = mistake.note(format!("they are {}", names.join(", ")));
        errors.at(link.word.span(), mistake.help(format!("begin with one of them: `{first} -> {word}`")));
    }
    arriving.value()
}

/// A layer of the table.
fn check_layer<'a>(
    network: &mut Network<'a>,
    link: &'a Link,
    row: &'static Row,
    source: Source,
    errors: &Errors,
) -> Option<Source> {
    if network.shape(source).kind == Kind::Open {
        match table::assumed(row) {
            Some(assumed) => network.assume(source, assumed, link),
            None => {
                errors.at(link.word.span(), modules::needs_contract(row.word));
                return None;
            }
        }
    }
    let input = network.shape(source).clone();
    let call = table::call(row, link, &input, network.giver(source), errors)?;
    match (row.layer)(&call) {
        Ok(layer) => Some(network.add_node(link, row.word.into(), layer, vec![source])),
        Err(mistake) => {
            let trail = mistake.about_shape.then(|| network.trail(source));
            errors.at(link.word.span(), trail.into_iter().fold(mistake, Mistake::note));
            None
        }
    }
}

/// After a mistake the shape is unknown, but the arguments can still be wrong by themselves.
fn check_arguments_only(row: &'static Row, link: &Link, errors: &Errors) {
    let unknown = Shape::vector(Dim::Literal(1));
    table::call(row, link, &unknown, String::new(), errors);
}

/// A word that is neither a value nor a layer.
fn unknown_word(context: &Context, network: &Network, link: &Link, head: bool) -> Mistake {
    let word = plain(&link.word);
    if word == "_" {
        return Mistake::new("`_` is the value that arrives at a merge, and here is none")
            .help("leave it out: a chain starts from the value of the line before");
    }
    if context.instances.names().any(|block| block == word) {
        return Mistake::new(format!("`{word}` is a block, and is used as `{word}(…)`"));
    }
    let could_be_value = head && link.arguments.is_none();
    let mut names = if could_be_value { network.value_names() } else { Vec::new() };
    let is_line = network.declaration.lines.iter().any(|line| plain(&line.name) == word);
    if could_be_value && is_line {
        let itself = network.lines.last().is_some_and(|line| plain(&line.line.name) == word);
        let what = if itself { "uses itself" } else { "is used before it exists" };
        return Mistake::new(format!("`{word}` {what}")).note(format!("the values here are {}", names.join(", ")));
    }
    let others: Vec<_> = context.instances.names().chain(MERGES.map(String::from)).collect();
    let is_value = !names.is_empty();
    names.extend(others.into_iter().filter(|_| link.arguments.is_some()));
    let mistake = table::unknown(&word, &names, is_value);
    if network.transparent && context.declaration.lines.iter().any(|line| plain(&line.name) == word) {
        return mistake
            .note(format!("`{word}` is a line outside of `repeat`, which sees nothing but what arrives at it"));
    }
    mistake
}
