//! Lines, chains, merges and blocks over the values that there are.

use std::rc::Rc;

use super::layers;
use super::numbers::Numbers;
use super::shapes::{Scope, Shape};
use super::syntax::{Block, Chain, Earlier, Head, Layer, Link, Parameter, Size};

/// Values are small.
const MOST_VALUES: usize = 90;
/// How deep merges, blocks and repeats stand in each other.
const DEEPEST: usize = 3;
const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const SIZES: [&str; 4] = ["channels", "hidden", "width", "more"];

/// A network, or a block of one, as far as it is drawn.
pub struct Drawer<'n> {
    pub numbers: &'n mut Numbers,
    values: Vec<(String, Shape)>,
    /// Which of them have been read.
    read: Vec<bool>,
    inputs: usize,
    lines: Vec<(String, Chain)>,
    blocks: Vec<Block>,
    /// Of a block its parameters, and their sizes in the use for which it is drawn.
    parameters: Option<Vec<(Parameter, usize)>>,
    depth: usize,
    symbolic: bool,
    earlier: &'n [Rc<Earlier>],
}

impl<'n> Drawer<'n> {
    /// Of `earlier` some are its layers.
    pub fn new(
        numbers: &'n mut Numbers,
        inputs: &[(String, Shape)],
        earlier: &'n [Rc<Earlier>],
        symbolic: bool,
    ) -> Self {
        Self {
            numbers,
            values: inputs.to_vec(),
            read: vec![false; inputs.len()],
            inputs: inputs.len(),
            lines: Vec::new(),
            blocks: Vec::new(),
            parameters: None,
            depth: 0,
            symbolic,
            earlier,
        }
    }

    pub fn finished(self) -> (Vec<(String, Chain)>, Vec<Block>) {
        (self.lines, self.blocks)
    }

    /// The values that nothing has read.
    pub fn unread(&self) -> Vec<String> {
        let unread = self.values.iter().zip(&self.read).filter(|(_, read)| !**read);
        unread.map(|((name, _), _)| name.clone()).collect()
    }

    pub fn is_line(&self, name: &str) -> bool {
        self.lines.iter().any(|(line, _)| line == name)
    }

    pub fn last(&self) -> String {
        self.values.last().expect("there is an input").0.clone()
    }

    pub fn shape(&self, name: &str) -> Shape {
        let (_, shape) = self.values.iter().find(|(value, _)| value == name).expect("it has been drawn");
        shape.clone()
    }

    pub fn lines(&mut self, count: usize) {
        for _ in 0..count {
            self.line();
        }
    }

    fn line(&mut self) {
        let several = self.lines.is_empty() && self.inputs > 1;
        let head = if several || self.numbers.one_in(3) { self.any_value() } else { Head::Arriving };
        // A line may be another name for a value.
        let alias = head != Head::Arriving && self.numbers.one_in(8);
        let arriving = (!several).then(|| self.values.last().expect("there is an input").1.clone());
        let least = usize::from(!alias);
        let (chain, shape) = self.chain(head, arriving.as_ref(), least, false);
        self.push(chain, shape);
    }

    fn push(&mut self, chain: Chain, shape: Shape) {
        if chain.head == Head::Arriving {
            *self.read.last_mut().expect("there is an input") = true;
        }
        let name = NAMES[self.lines.len()].to_owned();
        self.values.push((name.clone(), shape));
        self.read.push(false);
        self.lines.push((name, chain));
    }

    fn any_value(&mut self) -> Head {
        let place = self.numbers.below(self.values.len());
        Head::Value(self.values[place].0.clone())
    }

    /// A chain of some links, at `least` so many. In a copy of `repeat` nothing has a name.
    fn chain(&mut self, head: Head, arriving: Option<&Shape>, least: usize, transparent: bool) -> (Chain, Shape) {
        let mut shape = match &head {
            Head::Value(name) => self.read_value(name),
            Head::Arriving | Head::Blank => arriving.expect("something arrives").clone(),
        };
        let mut links = Vec::new();
        let count = least + if self.depth > 0 { self.numbers.below(2) } else { self.numbers.below(3) };
        while links.len() < count {
            if self.numbers.one_in(12)
                && let Some((layers, given)) = self.earlier_network(&shape)
            {
                links.extend(layers.into_iter().map(Link::Layer));
                shape = given;
                continue;
            }
            let (link, given) = self.link(&shape, transparent);
            links.push(link);
            shape = given;
        }
        (Chain { head, links }, shape)
    }

    /// A network that was drawn before, and what brings a value there.
    fn earlier_network(&mut self, shape: &Shape) -> Option<(Vec<Layer>, Shape)> {
        if self.earlier.is_empty() {
            return None;
        }
        let earlier = self.numbers.any(self.earlier);
        let mut layers = layers::between(self.numbers, shape, &earlier.input)?;
        let given = earlier.output.clone();
        layers.push(Layer::Network(earlier));
        Some((layers, given))
    }

    fn read_value(&mut self, name: &str) -> Shape {
        let place = self.values.iter().position(|(value, _)| value == name).expect("it has been drawn");
        self.read[place] = true;
        self.values[place].1.clone()
    }

    /// What a link gives, if it fits.
    fn shape_of(&self, link: &Link, input: &Shape) -> Option<Shape> {
        let sizes = self.parameters.iter().flatten();
        let sizes: Vec<_> = sizes.map(|(parameter, size)| (parameter.name.clone(), *size)).collect();
        let scope = Scope { values: &self.values, sizes: &sizes, blocks: &self.blocks };
        scope.link(link, input).map(|(shape, _)| shape)
    }

    /// One that fits.
    fn link(&mut self, input: &Shape, transparent: bool) -> (Link, Shape) {
        loop {
            let (blocks, parameters) = (self.blocks.len(), self.parameters.as_ref().map(Vec::len));
            let read = self.read.clone();
            let link = self.any_link(input, transparent);
            if let Some(link) = link
                && let Some(shape) = self.shape_of(&link, input).filter(|shape| shape.len() <= MOST_VALUES)
            {
                return (link, shape);
            }
            self.blocks.truncate(blocks);
            self.read = read;
            if let (Some(parameters), Some(len)) = (&mut self.parameters, parameters) {
                parameters.truncate(len);
            }
        }
    }

    fn any_link(&mut self, input: &Shape, transparent: bool) -> Option<Link> {
        let deep = self.depth >= DEEPEST;
        match self.numbers.below(20) {
            0..=4 if !deep => self.deeper(|drawer| drawer.merge(input, transparent)),
            5..=6 if !deep => self.deeper(|drawer| drawer.block(input)),
            7..=8 if !deep && !self.symbolic => self.deeper(|drawer| drawer.repeat(input)),
            _ => {
                let mut size = size(&mut self.parameters);
                Some(Link::Layer(layers::any(self.numbers, input, &mut size)))
            }
        }
    }

    fn deeper<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let drawn = draw(self);
        self.depth -= 1;
        drawn
    }

    /// Two or three branches, all but the first brought to its shape.
    fn merge(&mut self, input: &Shape, transparent: bool) -> Option<Link> {
        let word = self.numbers.any(&["add", "add", "multiply", "concat", "concat"]);
        let count = if word == "multiply" { 2 } else { 2 + self.numbers.below(2) };
        let (first, shape) = self.branch(input, transparent);
        let mut axis = None;
        if word == "concat" && self.numbers.one_in(2) {
            axis = Some(self.numbers.below(shape.dims.len()));
        }
        let mut branches = vec![first];
        while branches.len() < count {
            let (mut branch, from) = self.branch(input, transparent);
            let to = if word == "concat" { self.other_size(&shape, axis) } else { shape.clone() };
            match layers::between(self.numbers, &from, &to) {
                Some(layers) => branch.links.extend(layers.into_iter().map(Link::Layer)),
                // The same layers with parameters of their own.
                None => branch = branches[0].clone(),
            }
            if branch.head == Head::Arriving && branch.links.is_empty() {
                branch.head = Head::Blank;
            }
            branches.push(branch);
        }
        if self.numbers.one_in(3) {
            branches.rotate_left(1);
        }
        Some(Link::Merge { word, branches, axis })
    }

    /// The shape with another size along the axis of a concatenation.
    fn other_size(&mut self, shape: &Shape, axis: Option<usize>) -> Shape {
        let mut other = shape.clone();
        let channels = usize::from(shape.kind == super::Kind::Sequence);
        other.dims[axis.unwrap_or(channels)] = 1 + self.numbers.below(3);
        other
    }

    fn branch(&mut self, input: &Shape, transparent: bool) -> (Chain, Shape) {
        let head = match self.numbers.below(3) {
            0 => Head::Arriving,
            1 if !transparent => self.any_value(),
            _ => Head::Blank,
        };
        let least = usize::from(head == Head::Arriving);
        self.chain(head, Some(input), least, transparent)
    }

    /// A use of a block: of one that is there, with other sizes, or of a new one.
    fn block(&mut self, input: &Shape) -> Option<Link> {
        if !self.blocks.is_empty() && self.numbers.one_in(2) {
            let block = self.numbers.below(self.blocks.len());
            let parameters: Vec<_> = self.blocks[block].parameters.iter().map(|parameter| parameter.default).collect();
            let mut size = size(&mut self.parameters);
            let sizes = parameters.into_iter().map(|default| match default {
                Some(default) if self.numbers.one_in(2) => Size::Number(default),
                _ => {
                    let number = 1 + self.numbers.below(4);
                    size(self.numbers, number)
                }
            });
            let sizes = sizes.collect();
            return Some(Link::Block { block, sizes });
        }
        if self.blocks.len() >= 3 {
            return None;
        }
        Some(self.new_block(input))
    }

    fn new_block(&mut self, input: &Shape) -> Link {
        let inside = [("input".to_owned(), input.clone())];
        let mut drawer = Drawer::new(self.numbers, &inside, self.earlier, self.symbolic);
        drawer.blocks = core::mem::take(&mut self.blocks);
        drawer.parameters = Some(Vec::new());
        drawer.depth = self.depth;
        let count = 1 + drawer.numbers.below(3);
        drawer.lines(count);
        let unread = drawer.unread();
        if unread.len() > 1 {
            drawer.bring_together(&unread);
        }
        let Drawer { lines, mut blocks, parameters, .. } = drawer;
        let (parameters, sizes): (Vec<_>, Vec<_>) = parameters.into_iter().flatten().unzip();
        let name = format!("part{}", blocks.len() + 1);
        blocks.push(Block { name, parameters, lines });
        self.blocks = blocks;
        Link::Block { block: self.blocks.len() - 1, sizes: sizes.into_iter().map(Size::Number).collect() }
    }

    /// Copies of a chain that ends with the shape that arrives.
    fn repeat(&mut self, input: &Shape) -> Option<Link> {
        let (mut chain, given) = self.chain(Head::Arriving, Some(input), 1, true);
        let layers = layers::between(self.numbers, &given, input)?;
        chain.links.extend(layers.into_iter().map(Link::Layer));
        let copies = self.numbers.any(&[1, 2, 2, 3]);
        Some(Link::Repeat { copies, chain })
    }

    /// A line that adds these values, or puts them side by side, as vectors if they have nothing in common.
    pub fn bring_together(&mut self, names: &[String]) -> String {
        let last = self.shape(&names[names.len() - 1]);
        let mut to = last.clone();
        let shapes: Vec<_> = names.iter().map(|name| self.shape(name)).collect();
        if !shapes.iter().all(|shape| layers::between(self.numbers, shape, &last).is_some()) {
            to = Shape::vector(1 + self.numbers.below(3));
        }
        let branches = names.iter().map(|name| {
            let from = self.read_value(name);
            let layers = layers::between(self.numbers, &from, &to).expect("it can be brought there");
            Chain { head: Head::Value(name.clone()), links: layers.into_iter().map(Link::Layer).collect() }
        });
        let branches: Vec<_> = branches.collect();
        if branches.len() == 1 {
            let (chain, shape) = self.chain(Head::Value(names[0].clone()), None, 1, false);
            self.push(chain, shape);
            return self.last();
        }
        let word = self.numbers.any(&["add", "concat"]);
        let merge = Link::Merge { word, branches, axis: None };
        let shape = self.shape_of(&merge, &last).expect("the branches have one shape");
        self.push(Chain { head: Head::Arriving, links: vec![merge] }, shape);
        self.last()
    }
}

/// Sizes of a layer in a block are often its parameters.
fn size(parameters: &mut Option<Vec<(Parameter, usize)>>) -> impl FnMut(&mut Numbers, usize) -> Size + '_ {
    move |numbers, number| {
        let Some(parameters) = parameters.as_mut().filter(|_| numbers.one_in(2)) else { return Size::Number(number) };
        if let Some((parameter, _)) = parameters.iter().find(|(_, size)| *size == number) {
            return Size::Parameter(parameter.name.clone());
        }
        if parameters.len() == SIZES.len() {
            return Size::Number(number);
        }
        let default = numbers.one_in(3).then_some(number);
        let name = SIZES[parameters.len()].to_owned();
        parameters.push((Parameter { name: name.clone(), default }, number));
        Size::Parameter(name)
    }
}
