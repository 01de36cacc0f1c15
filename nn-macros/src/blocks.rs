//! Blocks with their sizes filled in: each becomes a declaration of its own, once for all uses that give the same sizes.
//!
//! A `repeat` of anything but a single block is a block without a name, whose only line is the chain.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::dimension::{Dim, whole};
use crate::errors::{Errors, Mistake, nearest};
use crate::syntax::{Argument, Block, Declaration, Line, Link, Source, plain};
use crate::text::text;

/// Every block of a `network!`, for each choice of its sizes.
pub struct Instances<'s> {
    blocks: &'s [Block],
    pub list: Vec<Instance>,
    by_text: HashMap<String, usize>,
}

/// A block with its sizes filled in.
pub struct Instance {
    pub declaration: Declaration,
    /// Which block; `None` of a repeated chain.
    pub block: Option<usize>,
    /// The use that it stands for: `basic(16)`.
    pub text: String,
}

impl<'s> Instances<'s> {
    /// All that the networks use, and that those use in turn.
    pub fn new(source: &'s Source, errors: &Errors) -> Self {
        check_names(&source.blocks, errors);
        let mut instances = Self { blocks: &source.blocks, list: Vec::new(), by_text: HashMap::new() };
        let mut search = Search { errors, path: Vec::new(), failed: HashSet::new(), quiet: Errors::ignored() };
        for network in &source.networks {
            instances.lines(&network.lines, &mut search);
        }
        instances
    }

    /// The blocks that no network uses.
    pub fn unused(&self) -> impl Iterator<Item = &Block> {
        let used: HashSet<_> = self.list.iter().filter_map(|instance| instance.block).collect();
        self.blocks.iter().enumerate().filter(move |(index, _)| !used.contains(index)).map(|(_, block)| block)
    }

    /// Whether a link is the use of a block.
    pub fn is_block(&self, link: &Link) -> bool {
        self.block(link).is_some()
    }

    /// The names of all blocks.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.blocks.iter().map(|block| plain(&block.name))
    }

    /// What a block is filled in to; `None` after a mistake.
    pub fn of(&self, link: &Link) -> Option<usize> {
        let block = self.block(link)?;
        let sizes = self.sizes(block, link, &Errors::ignored()).ok()?;
        self.by_text.get(&use_text(&self.blocks[block], &sizes)).copied()
    }

    /// What is repeated: a single block, or a chain.
    pub fn repeated(&self, chain: &[Link]) -> Option<usize> {
        match chain {
            [link] if self.is_block(link) => self.of(link),
            _ => self.by_text.get(&chain_text(chain)).copied(),
        }
    }

    fn block(&self, link: &Link) -> Option<usize> {
        let named = link.path.is_none() && link.arguments.is_some();
        let word = plain(&link.word);
        self.blocks.iter().position(|block| named && plain(&block.name) == word)
    }

    fn lines(&mut self, lines: &[Line], search: &mut Search) {
        for line in lines {
            self.chain(&line.chain, search);
        }
    }

    fn chain(&mut self, chain: &[Link], search: &mut Search) {
        for link in chain {
            if let Some(block) = self.block(link) {
                self.fill(block, link, search);
                continue;
            }
            for branch in link.arguments().iter().filter_map(|argument| argument.branch.as_ref()) {
                self.chain(branch, search);
                if link.word == "repeat" {
                    self.repeat(branch, search);
                }
            }
        }
    }

    /// A block with the sizes of a use.
    fn fill(&mut self, block: usize, link: &Link, search: &mut Search) {
        let definition = &self.blocks[block];
        if search.path.contains(&block) {
            let first = search.path.iter().position(|above| *above == block).unwrap_or_default();
            let way = search.path[first..].iter().chain([&block]).map(|block| plain(&self.blocks[*block].name));
            let way: Vec<_> = way.collect();
            let mistake = Mistake::new(format!("the block `{}` uses itself", definition.name));
            search.errors().at(link.word.span(), mistake.note(way.join(" → ")));
            search.fail();
            return;
        }
        let Ok(sizes) = self.sizes(block, link, search.errors()) else { return search.fail() };
        let text = use_text(definition, &sizes);
        if self.by_text.contains_key(&text) {
            return;
        }
        let declaration = filled(definition, &sizes);
        search.path.push(block);
        self.lines(&declaration.lines, search);
        search.path.pop();
        self.by_text.insert(text.clone(), self.list.len());
        self.list.push(Instance { declaration, block: Some(block), text });
    }

    fn repeat(&mut self, chain: &[Link], search: &Search) {
        let single = matches!(chain, [link] if self.is_block(link));
        let text = chain_text(chain);
        let Some(first) = chain.first().filter(|_| !single && !self.by_text.contains_key(&text)) else { return };
        let name = first.word.clone();
        let line = Line {
            attributes: TokenStream::new(),
            visibility: None,
            name: Ident::new("chain", name.span()),
            allowed: Vec::new(),
            chain: chain.to_vec(),
            whole: true,
        };
        let damaged = search.path.iter().any(|block| self.blocks[*block].damaged);
        let declaration = Declaration { lines: vec![line], damaged, ..unnamed(name) };
        self.by_text.insert(text.clone(), self.list.len());
        self.list.push(Instance { declaration, block: None, text });
    }

    /// The sizes of a use, in the order of the block's parameters.
    fn sizes(&self, block: usize, link: &Link, errors: &Errors) -> Result<Vec<Dim>, ()> {
        let definition = &self.blocks[block];
        let mut given: Vec<Option<Dim>> = vec![None; definition.parameters.len()];
        let mut good = true;
        for (place, argument) in link.arguments().iter().enumerate() {
            match parameter(definition, &given, place, argument) {
                Ok((place, size)) => given[place] = Some(size),
                Err(mistake) => {
                    good = false;
                    errors.at_tokens(&argument.value, mistake);
                }
            }
        }
        let mut sizes: Vec<Dim> = Vec::new();
        for (parameter, size) in definition.parameters.iter().zip(given) {
            // A default may be computed from the sizes before it.
            let default = || {
                let before = definition.parameters.iter().map(|parameter| plain(&parameter.name)).zip(&sizes).collect();
                let default = filled_tokens(parameter.default.as_ref()?, &before, Delimiter::Parenthesis);
                Some(size_of(definition, &parameter.name, &default))
            };
            match size.map(Ok).or_else(default) {
                Some(Ok(size)) => sizes.push(size),
                Some(Err(mistake)) => {
                    good = false;
                    errors.at(parameter.name.span(), mistake);
                }
                None if good => {
                    good = false;
                    let mistake = Mistake::new(format!("the block `{}` needs `{}`", definition.name, parameter.name));
                    errors.at(link.word.span(), mistake.help(format!("it is written `{}`", signature(definition))));
                }
                None => {}
            }
        }
        if good { Ok(sizes) } else { Err(()) }
    }
}

/// The way through blocks that use blocks.
struct Search<'e> {
    errors: &'e Errors,
    /// The blocks that are being filled in, outermost first.
    path: Vec<usize>,
    /// Blocks with a mistake that has been reported: with other sizes they would have it again.
    failed: HashSet<usize>,
    quiet: Errors,
}

impl Search<'_> {
    fn errors(&self) -> &Errors {
        if self.path.last().is_some_and(|block| self.failed.contains(block)) { &self.quiet } else { self.errors }
    }

    fn fail(&mut self) {
        self.failed.extend(self.path.last());
    }
}

fn check_names(blocks: &[Block], errors: &Errors) {
    let mut names = HashSet::new();
    for block in blocks {
        if !names.insert(plain(&block.name)) {
            errors.at(block.name.span(), format!("there is already a block `{}`", block.name));
        }
        let mut sizes = HashSet::new();
        for parameter in &block.parameters {
            if !sizes.insert(plain(&parameter.name)) {
                errors.at(parameter.name.span(), format!("`{}` is already a size of this block", parameter.name));
            }
        }
    }
}

/// Which parameter an argument is for, and its size.
fn parameter(block: &Block, given: &[Option<Dim>], place: usize, argument: &Argument) -> Result<(usize, Dim), Mistake> {
    let written = || format!("it is written `{}`", signature(block));
    let place = match &argument.name {
        None if place >= block.parameters.len() => {
            let (count, found) = (block.parameters.len(), text(&argument.value));
            let sizes = if count == 1 { "1 size".into() } else { format!("{count} sizes") };
            let message = format!("the block `{}` takes {sizes}; `{found}` is one too many", block.name);
            return Err(Mistake::new(message).help(written()));
        }
        None => place,
        Some(name) => {
            let names: Vec<_> = block.parameters.iter().map(|parameter| plain(&parameter.name)).collect();
            let word = plain(name);
            names.iter().position(|name| *name == word).ok_or_else(|| {
                let mistake = Mistake::new(format!("the block `{}` has no size `{word}`", block.name)).at(name.span());
                match nearest(&word, names.iter().map(String::as_str)) {
                    Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
                    None => mistake.help(written()),
                }
            })?
        }
    };
    let name = &block.parameters[place].name;
    if given[place].is_some() {
        return Err(Mistake::new(format!("`{name}` is given twice")));
    }
    Ok((place, size_of(block, name, &argument.value)?))
}

fn size_of(block: &Block, name: &Ident, value: &TokenStream) -> Result<Dim, Mistake> {
    whole(value, &format!("`{name}` of the block `{}`", block.name), 0)
}

/// `down(channels, stride = 2)`.
fn signature(block: &Block) -> String {
    let parameters = block.parameters.iter().map(|parameter| match &parameter.default {
        Some(default) => format!("{} = {}", parameter.name, text(default)),
        None => parameter.name.to_string(),
    });
    format!("{}({})", block.name, parameters.collect::<Vec<_>>().join(", "))
}

/// `basic(16)`: what tells one instance from another, and what messages call it.
fn use_text(block: &Block, sizes: &[Dim]) -> String {
    let sizes: Vec<_> = sizes.iter().map(ToString::to_string).collect();
    format!("{}({})", plain(&block.name), sizes.join(", "))
}

/// `dense(16) -> relu`.
pub fn chain_text(chain: &[Link]) -> String {
    chain.iter().map(Link::text).collect::<Vec<_>>().join(" -> ")
}

/// A declaration of lines alone.
fn unnamed(name: Ident) -> Declaration {
    Declaration {
        attributes: TokenStream::new(),
        visibility: TokenStream::new(),
        name,
        generics: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        lines: Vec::new(),
        allowed: Vec::new(),
        damaged: false,
    }
}

fn filled(block: &Block, sizes: &[Dim]) -> Declaration {
    let sizes: HashMap<_, _> =
        block.parameters.iter().zip(sizes).map(|(parameter, size)| (plain(&parameter.name), size)).collect();
    let line = |line: &Line| Line { chain: filled_chain(&line.chain, &sizes), ..line.clone() };
    Declaration {
        attributes: block.attributes.clone(),
        lines: block.lines.iter().map(line).collect(),
        allowed: block.allowed.clone(),
        damaged: block.damaged,
        ..unnamed(block.name.clone())
    }
}

type Sizes<'s> = HashMap<String, &'s Dim>;

fn filled_chain(chain: &[Link], sizes: &Sizes) -> Vec<Link> {
    chain.iter().map(|link| filled_link(link, sizes)).collect()
}

fn filled_link(link: &Link, sizes: &Sizes) -> Link {
    let argument = |argument: &Argument| {
        let branch = argument.branch.as_ref().map(|branch| filled_chain(branch, sizes));
        let value = match &branch {
            Some(branch) => joined(branch),
            None => filled_tokens(&argument.value, sizes, Delimiter::Parenthesis),
        };
        Argument { name: argument.name.clone(), value, branch }
    };
    let arguments = link.arguments.as_ref().map(|arguments| arguments.iter().map(argument).collect::<Vec<_>>());
    let path = link.path.as_ref().map(|path| filled_tokens(path, sizes, Delimiter::Brace));
    let mut contract = link.contract.clone();
    for dimension in contract.iter_mut().flat_map(|contract| &mut contract.dimensions).flatten() {
        *dimension = filled_tokens(dimension, sizes, Delimiter::Parenthesis);
    }
    let tokens = match (&path, &arguments) {
        (Some(path), _) => path.clone(),
        (None, Some(arguments)) => call_tokens(link, arguments),
        (None, None) => link.tokens.clone(),
    };
    Link { word: link.word.clone(), path, arguments, contract, tokens }
}

/// `word(arguments)`.
fn call_tokens(link: &Link, arguments: &[Argument]) -> TokenStream {
    let mut inside = TokenStream::new();
    for (place, argument) in arguments.iter().enumerate() {
        if place > 0 {
            inside.extend([TokenTree::from(Punct::new(',', Spacing::Alone))]);
        }
        if let Some(name) = &argument.name {
            inside.extend([TokenTree::from(name.clone()), Punct::new('=', Spacing::Alone).into()]);
        }
        inside.extend(argument.value.clone());
    }
    let mut tokens = link.word.to_token_stream();
    tokens.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, inside))]);
    tokens
}

/// `link -> link`.
fn joined(chain: &[Link]) -> TokenStream {
    let mut tokens = TokenStream::new();
    for (place, link) in chain.iter().enumerate() {
        if place > 0 {
            tokens.extend([Punct::new('-', Spacing::Joint), Punct::new('>', Spacing::Alone)].map(TokenTree::from));
        }
        tokens.extend(link.tokens.clone());
    }
    tokens
}

/// The sizes in the places of their names; a field or a part of a path is none.
fn filled_tokens(tokens: &TokenStream, sizes: &Sizes, delimiter: Delimiter) -> TokenStream {
    let is =
        |token: Option<&TokenTree>, c: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let filled = |(place, token): (usize, &TokenTree)| match token {
        TokenTree::Group(group) => {
            let mut filled = Group::new(group.delimiter(), filled_tokens(&group.stream(), sizes, delimiter));
            filled.set_span(group.span());
            TokenTree::from(filled)
        }
        TokenTree::Ident(name) => {
            let before = place.checked_sub(1).and_then(|before| tokens.get(before));
            let path = |at: usize| is(tokens.get(at), ':') && is(tokens.get(at + 1), ':');
            let part = is(before, '.') || place.checked_sub(2).is_some_and(path);
            let head = path(place + 1) && !is(tokens.get(place + 3), '<');
            match sizes.get(&plain(name)).filter(|_| !part && !head) {
                Some(size) => size_token(size, name.span(), delimiter),
                None => token.clone(),
            }
        }
        _ => token.clone(),
    };
    tokens.iter().enumerate().map(filled).collect()
}

/// A number as it is, an expression in parentheses or braces, at the place of the name that it stands for.
fn size_token(size: &Dim, span: Span, delimiter: Delimiter) -> TokenTree {
    let tokens = size.to_token_stream();
    let mut inside = tokens.clone().into_iter();
    let mut token = match (inside.next(), inside.next()) {
        (Some(token), None) => token,
        _ => Group::new(delimiter, tokens).into(),
    };
    if size.literal().is_some() {
        token.set_span(span);
    }
    token
}
