//! What takes several values, or several layers: `add`, `multiply`, `concat`, blocks and `repeat`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::chains::{self, Arriving};
use super::{Context, Network, Source, modules};
use crate::dimension::{Dim, whole};
use crate::errors::{Errors, Mistake};
use crate::receptive::Reach;
use crate::shape::{Kind, Shape};
use crate::syntax::{Argument, Link, plain};
use crate::table::{Assumed, BlockUse, Form, Layer, Merge, too_large};

/// `add`, `multiply`, `concat` or `repeat`.
pub fn check<'a>(
    context: &mut Context<'a>,
    network: &mut Network<'a>,
    link: &'a Link,
    arriving: Arriving,
    errors: &Errors,
) -> Option<Source> {
    if link.word == "repeat" {
        return repeat(context, network, link, arriving, errors);
    }
    let branches: Vec<_> = link.arguments().iter().filter_map(|argument| argument.branch.as_deref()).collect();
    let values: Vec<_> =
        branches.iter().map(|branch| chains::check(context, network, branch, arriving, true, errors)).collect();
    let axis = option_axis(link, errors)?;
    let sources: Vec<_> = values.into_iter().collect::<Option<_>>()?;
    let merged = count(link, sources.len()).and_then(|()| merge(network, link, &sources, axis));
    match merged {
        Ok(layer) => Some(network.add_node(link, plain(&link.word), layer, sources)),
        Err(mistake) => {
            let trails = sources.iter().map(|source| network.trail(*source));
            let mistake = if mistake.about_shape { trails.fold(mistake, Mistake::note) } else { mistake };
            errors.at(link.word.span(), mistake);
            None
        }
    }
}

/// How many branches there may be.
fn count(link: &Link, branches: usize) -> Result<(), Mistake> {
    let word = &link.word;
    let example = format!("write `{word}(input, body)`, with chains or names of values");
    if branches < 2 {
        let found = if branches == 0 { "none".into() } else { branches.to_string() };
        return Err(Mistake::new(format!("`{word}` merges two branches or more, found {found}")).help(example));
    }
    if branches > 2 && word == "multiply" {
        return Err(Mistake::new(format!("`multiply` takes two branches, found {branches}"))
            .help("write one `multiply` in the other"));
    }
    Ok(())
}

/// `axis = 1`, given to `concat`; `None` after a mistake.
#[allow(clippy::option_option, reason = "a mistake and an option that is not given are different")]
fn option_axis(link: &Link, errors: &Errors) -> Option<Option<usize>> {
    let mut axis = None;
    for Argument { name, value, .. } in link.arguments() {
        let Some(name) = name else { continue };
        if name != "axis" || link.word != "concat" {
            let mistake = Mistake::new(format!("`{}` has no option `{name}`", link.word));
            let options = if link.word == "concat" { "its option is axis" } else { "it has no options" };
            errors.at(name.span(), mistake.note(options));
            return None;
        }
        match whole(value, "`axis`", 0) {
            Ok(Dim::Literal(number)) => axis = Some(number),
            Ok(_) => {
                errors.at_tokens(value, "`axis` is a number");
                return None;
            }
            Err(mistake) => {
                errors.at_tokens(value, mistake);
                return None;
            }
        }
    }
    Some(axis)
}

fn merge(network: &mut Network, link: &Link, sources: &[Source], axis: Option<usize>) -> Result<Layer, Mistake> {
    assume_one_kind(network, link, sources)?;
    let first = network.shape(sources[0]).clone();
    if link.word == "concat" {
        return concat(network, link, sources, axis);
    }
    for source in &sources[1..] {
        agree(network, link, sources[0], *source, None)?;
    }
    let form = if link.word == "add" { Merge::Add } else { Merge::Multiply };
    Ok(Layer { reach: Reach::Place, ..Layer::new(first, Form::Merge(form)) })
}

/// What a branch from elsewhere gives is of the kind that the other branches are.
fn assume_one_kind(network: &mut Network, link: &Link, sources: &[Source]) -> Result<(), Mistake> {
    let kinds = sources.iter().map(|source| network.shape(*source).kind);
    let known = { kinds }.find(|kind| *kind != Kind::Open);
    let known = known.ok_or_else(|| modules::needs_contract(&plain(&link.word)))?;
    for source in sources {
        if network.shape(*source).kind == Kind::Open {
            network.assume(*source, Assumed::Kind(known), link);
        }
    }
    Ok(())
}

/// Branches have one shape, but for the axis along which they are joined.
fn agree(network: &mut Network, link: &Link, a: Source, b: Source, but: Option<usize>) -> Result<(), Mistake> {
    let (first, other) = (network.shape(a).clone(), network.shape(b).clone());
    let different = |(place, (a, b)): (usize, (&Dim, &Dim))| {
        let both = a.literal().zip(b.literal());
        but != Some(place) && both.is_some_and(|(a, b)| a != b)
    };
    let same_kind = first.kind == other.kind && first.dims.len() == other.dims.len();
    let pairs = || first.dims.iter().zip(&other.dims);
    if !same_kind || pairs().enumerate().any(different) {
        let [a, b] = [a, b].map(|source| network.called(source));
        let but = but.map(|axis| format!(" but for axis {axis}")).unwrap_or_default();
        let word = &link.word;
        let message = format!("`{word}` needs branches of one shape{but}, but {a} {first} and {b} {other}");
        return Err(Mistake::new(message).about_shape());
    }
    let open = |(place, (a, b)): &(usize, (&Dim, &Dim))| but != Some(*place) && !a.same(b);
    let open: Vec<_> = pairs().enumerate().filter(open).map(|(_, pair)| pair).collect();
    if !open.is_empty() {
        let (left, right): (Vec<_>, Vec<_>) = open.into_iter().unzip();
        let (word, [a, b]) = (plain(&link.word), [a, b].map(|source| network.called_alone(source)));
        let call: TokenStream = quote!(shapes_agree(#word, [#a, #b], &[#(#left),*], &[#(#right),*]));
        network.assumptions.push((link.word.span(), call));
    }
    Ok(())
}

fn concat(network: &mut Network, link: &Link, sources: &[Source], axis: Option<usize>) -> Result<Layer, Mistake> {
    let first = network.shape(sources[0]).clone();
    let rank = first.dims.len();
    // Channels or features: the first axis, of a sequence the last.
    let axis = axis.unwrap_or(usize::from(first.kind == Kind::Sequence));
    if axis >= rank {
        return Err(Mistake::new(format!("`axis` is {axis}, but {first} has the axes 0 to {}", rank - 1)));
    }
    for source in &sources[1..] {
        agree(network, link, sources[0], *source, Some(axis))?;
    }
    let sizes = sources.iter().map(|source| &network.shape(*source).dims[axis]);
    let sum = sizes.skip(1).try_fold(first.dims[axis].clone(), |sum, size| sum.plus(size));
    let mut dims = first.dims.clone();
    dims[axis] = sum.ok_or_else(too_large)?;
    let output = Shape::new(first.kind, dims).ok_or_else(too_large)?;
    let places = axis > 0 && !(first.kind == Kind::Sequence && axis == 1);
    let reach = if places { Reach::Whole } else { Reach::Place };
    Ok(Layer { reach, ..Layer::new(output, Form::Merge(Merge::Concat { axis })) })
}

/// One use of a block.
pub fn block<'a>(
    context: &mut Context<'a>,
    network: &mut Network<'a>,
    link: &'a Link,
    source: Source,
    errors: &Errors,
) -> Option<Source> {
    let instance = context.instances.of(link)?;
    let input = network.shape(source).clone();
    let block = context.block(instance, &input, link.word.span(), errors)?;
    let layer = block_layer(context, block, None).map_err(|mistake| errors.at(link.word.span(), mistake)).ok()?;
    Some(network.add_node(link, plain(&link.word), layer, vec![source]))
}

/// `repeat(3, chain)`.
fn repeat<'a>(
    context: &mut Context<'a>,
    network: &mut Network<'a>,
    link: &'a Link,
    arriving: Arriving,
    errors: &Errors,
) -> Option<Source> {
    let (copies, chain) = match link.arguments() {
        [Argument { name: None, value, .. }, Argument { name: None, branch: Some(chain), .. }] => (value, chain),
        arguments => {
            let message = format!("`repeat` takes a number and a chain, found {} arguments", arguments.len());
            errors.at(link.word.span(), Mistake::new(message).help("write `repeat(3, basic(16))`"));
            return None;
        }
    };
    let copies = whole(copies, "the number of copies", 1).map_err(|mistake| errors.at_tokens(copies, mistake)).ok();
    let source = chains::start(network, link, arriving, errors)?;
    let instance = context.instances.repeated(chain)?;
    let input = network.shape(source).clone();
    let block = context.block(instance, &input, link.word.span(), errors)?;
    let output = context.blocks[block].output_shape();
    if output.differs(&input) != Some(false) && output.to_string() != input.to_string() {
        let text = &context.instances.list[instance].text;
        let mistake = Mistake::new(format!(
            "`repeat` needs a chain that gives the shape it takes, but `{text}` takes {input} and gives {output}"
        ));
        let help = "write the copy that changes the shape by itself, before the others";
        errors.at(link.word.span(), mistake.help(help).note(network.trail(source)));
        return None;
    }
    let layer = block_layer(context, block, Some(copies?));
    let layer = layer.map_err(|mistake| errors.at(link.word.span(), mistake)).ok()?;
    Some(network.add_node(link, "repeat".into(), layer, vec![source]))
}

/// A checked block as a layer; with a number, so many copies of it, one after the other.
fn block_layer(context: &Context, index: usize, copies: Option<Dim>) -> Result<Layer, Mistake> {
    let block = &context.blocks[index];
    let times = copies.clone().unwrap_or(Dim::Literal(1));
    let sum = |part: fn(&super::Node) -> Dim| {
        let counts = block.nodes.iter().map(part);
        let sum = counts.reduce(|sum, count| sum.plus(&count).unwrap_or(sum)).unwrap_or(Dim::Literal(0));
        sum.times(&times).ok_or_else(too_large)
    };
    let macs = sum(|node| node.layer.macs.clone())?;
    let params = sum(|node| node.layer.params())?;
    let activations = sum(|node| node.layer.activations())?;
    let fields = block.output_fields();
    let reach = Reach::Block { fields, copies: times.literal() };
    let name: Ident = block.name.clone();
    let form = BlockUse {
        index,
        name,
        copies,
        params,
        activations,
        buffers: block.has_buffers().then(|| block.buffers_name.clone()),
        trainable: block.trainable(),
    };
    Ok(Layer { macs, reach, ..Layer::new(block.output_shape(), Form::Block(form)) })
}
