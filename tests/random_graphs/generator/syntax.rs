//! What is drawn, and how it is written.

use core::fmt::Write;
use std::rc::Rc;

use super::shapes::{Kind, Shape};

/// A network with its blocks.
pub struct Network {
    pub name: String,
    pub inputs: Vec<(String, Shape)>,
    pub outputs: Vec<Output>,
    pub lines: Vec<(String, Chain)>,
    pub blocks: Vec<Block>,
    /// Sizes of features and channels are written as constants, which the macro cannot compute with.
    pub symbolic: bool,
}

pub struct Output {
    pub name: String,
    pub shape: Shape,
    pub in_training: bool,
}

pub struct Block {
    pub name: String,
    pub parameters: Vec<Parameter>,
    pub lines: Vec<(String, Chain)>,
}

pub struct Parameter {
    pub name: String,
    pub default: Option<usize>,
}

#[derive(Clone)]
pub struct Chain {
    pub head: Head,
    pub links: Vec<Link>,
}

/// What a chain begins with.
#[derive(Clone, PartialEq, Eq)]
pub enum Head {
    /// What arrives, which is not written.
    Arriving,
    /// `_`.
    Blank,
    Value(String),
}

#[derive(Clone)]
pub enum Link {
    Layer(Layer),
    Merge { word: &'static str, branches: Vec<Chain>, axis: Option<usize> },
    Block { block: usize, sizes: Vec<Size> },
    Repeat { copies: usize, chain: Chain },
}

#[derive(Clone)]
pub enum Size {
    Number(usize),
    /// Of the block in which it stands.
    Parameter(String),
}

#[derive(Clone)]
pub enum Layer {
    Dense(Size),
    Convolution {
        rank: usize,
        outputs: Size,
        kernel: usize,
        stride: usize,
        padding: usize,
        groups: usize,
        transposed: bool,
    },
    Pool {
        word: &'static str,
        rank: usize,
        kernel: usize,
        stride: usize,
        padding: usize,
    },
    /// A layer that gives the shape that it takes.
    Same {
        text: String,
        parameters: Parameters,
        fits: fn(&Shape) -> bool,
    },
    Flatten,
    Global(&'static str),
    Adaptive([usize; 2]),
    Upsample {
        scale: usize,
        bilinear: bool,
    },
    Pad,
    Crop,
    Subsample(Size),
    /// A network that was drawn before.
    Network(Rc<Earlier>),
}

/// A network of one input and one output, as a layer of others.
pub struct Earlier {
    pub name: String,
    pub input: Shape,
    pub output: Shape,
    pub parameters: usize,
    pub has_dropout: bool,
}

/// What a normalisation scales and shifts.
#[derive(Clone, Copy)]
pub enum Parameters {
    None,
    OfChannels,
    OfPlaces,
}

impl Network {
    pub fn has_dropout(&self) -> bool {
        self.has("dropout", |earlier| earlier.has_dropout)
    }

    pub fn has_batch_norm(&self) -> bool {
        self.has("batch_norm", |_| false)
    }

    fn has(&self, word: &str, in_earlier: fn(&Earlier) -> bool) -> bool {
        let mut has = false;
        let lines = self.used_blocks().flat_map(|block| &block.lines).chain(&self.lines);
        visit(lines, &mut |link| {
            has |= match link {
                Link::Layer(Layer::Same { text, .. }) => text.starts_with(word),
                Link::Layer(Layer::Network(earlier)) => in_earlier(earlier),
                _ => false,
            };
        });
        has
    }

    /// The declaration.
    pub fn text(&self) -> String {
        let writer = Writer { blocks: &self.blocks, symbolic: self.symbolic };
        let mut text =
            format!("network! {{\n    pub struct {}({}) -> {} {{\n", self.name, self.inputs(), self.outputs());
        writer.lines(&mut text, &self.lines);
        for block in self.used_blocks() {
            let parameters = block.parameters.iter().map(|parameter| match parameter.default {
                Some(default) => format!("{} = {default}", parameter.name),
                None => parameter.name.clone(),
            });
            let parameters: Vec<_> = parameters.collect();
            writeln!(text, "\n    block {}({}) {{", block.name, parameters.join(", ")).expect("a string");
            Writer { symbolic: false, ..writer }.lines(&mut text, &block.lines);
        }
        text + "}\n"
    }

    /// Of those that were drawn, some are in chains that were drawn again.
    fn used_blocks(&self) -> impl Iterator<Item = &Block> {
        let mut used = vec![false; self.blocks.len()];
        mark_used(&self.lines, &mut used);
        // A block uses those before it.
        for (place, block) in self.blocks.iter().enumerate().rev() {
            if used[place] {
                mark_used(&block.lines, &mut used);
            }
        }
        self.blocks.iter().zip(used).filter(|(_, used)| *used).map(|(block, _)| block)
    }

    /// What the test has to know: `case! { drawn_1: Drawn1, [4] -> [2], same }`.
    pub fn case(&self) -> String {
        let inputs: Vec<_> = self.inputs.iter().map(|(name, shape)| (name, shape.len())).collect();
        let outputs: Vec<_> = self.outputs.iter().map(|output| (&output.name, output.shape.len())).collect();
        let ports = |ports: &[(&String, usize)], suffix: &str| match ports {
            [(_, len)] => format!("[{len}]"),
            _ => {
                let ports: Vec<_> = ports.iter().map(|(name, len)| format!("{name}: {len}")).collect();
                format!("[{}{suffix} {{ {} }}]", self.name, ports.join(", "))
            }
        };
        let test = self.name.replace("Drawn", "drawn_");
        let (inputs, outputs) = (ports(&inputs, "Inputs"), ports(&outputs, "Outputs"));
        let same = if self.has_dropout() || self.has_batch_norm() { "differs" } else { "same" };
        format!("case! {{ {test}: {}, {inputs} -> {outputs}, {same} }}\n", self.name)
    }

    fn inputs(&self) -> String {
        let input = |(name, shape): &(String, Shape)| match &name[..] {
            "input" => self.shape(shape),
            name => format!("{name}: {}", self.shape(shape)),
        };
        self.inputs.iter().map(input).collect::<Vec<_>>().join(", ")
    }

    fn outputs(&self) -> String {
        let last = self.lines.last().map(|(name, _)| name);
        match &self.outputs[..] {
            [output] if Some(&output.name) == last => self.shape(&output.shape),
            outputs => {
                let output = |output: &Output| {
                    let in_training = if output.in_training { " in training" } else { "" };
                    format!("{}: {}{in_training}", output.name, self.shape(&output.shape))
                };
                format!("({})", outputs.iter().map(output).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn shape(&self, shape: &Shape) -> String {
        self::shape(shape, self.symbolic)
    }
}

fn shape(shape: &Shape, symbolic: bool) -> String {
    let number = |(place, dim): (usize, &usize)| {
        let channels = place == usize::from(shape.kind == Kind::Sequence);
        constant(*dim, symbolic && channels)
    };
    let dims: Vec<_> = shape.dims.iter().enumerate().map(number).collect();
    let kind = match shape.kind {
        Kind::Sequence => "sequence ",
        Kind::Signal => "signal ",
        Kind::Vector | Kind::Image => "",
    };
    format!("{kind}[{}]", dims.join(", "))
}

fn mark_used(lines: &[(String, Chain)], used: &mut [bool]) {
    visit(lines, &mut |link| {
        if let Link::Block { block, .. } = link {
            used[*block] = true;
        }
    });
}

/// Every link of these lines, also those of branches and of what is repeated.
fn visit<'l>(lines: impl IntoIterator<Item = &'l (String, Chain)>, visitor: &mut dyn FnMut(&Link)) {
    lines.into_iter().for_each(|(_, chain)| visit_chain(chain, visitor));
}

fn visit_chain(chain: &Chain, visitor: &mut dyn FnMut(&Link)) {
    for link in &chain.links {
        visitor(link);
        match link {
            Link::Layer(_) | Link::Block { .. } => {}
            Link::Merge { branches, .. } => branches.iter().for_each(|branch| visit_chain(branch, visitor)),
            Link::Repeat { chain, .. } => visit_chain(chain, visitor),
        }
    }
}

/// A number, or the constant of that value.
fn constant(number: usize, symbolic: bool) -> String {
    const CONSTANTS: [&str; 5] = ["ONE", "TWO", "THREE", "FOUR", "FIVE"];
    match CONSTANTS.get(number.wrapping_sub(1)).filter(|_| symbolic) {
        Some(name) => (*name).to_owned(),
        None => number.to_string(),
    }
}

#[derive(Clone, Copy)]
struct Writer<'n> {
    blocks: &'n [Block],
    symbolic: bool,
}

impl Writer<'_> {
    fn lines(&self, text: &mut String, lines: &[(String, Chain)]) {
        for (name, chain) in lines {
            writeln!(text, "        {name}: {},", self.chain(chain)).expect("a string");
        }
        text.push_str("    }\n");
    }

    fn chain(&self, chain: &Chain) -> String {
        let head = match &chain.head {
            Head::Arriving => None,
            Head::Blank => Some("_".to_owned()),
            Head::Value(name) => Some(name.clone()),
        };
        let links = chain.links.iter().map(|link| self.link(link));
        head.into_iter().chain(links).collect::<Vec<_>>().join(" -> ")
    }

    fn link(&self, link: &Link) -> String {
        match link {
            Link::Layer(layer) => self.layer(layer),
            Link::Merge { word, branches, axis } => {
                let branches = branches.iter().map(|branch| self.chain(branch));
                let axis = axis.map(|axis| format!("axis = {axis}"));
                format!("{word}({})", branches.chain(axis).collect::<Vec<_>>().join(", "))
            }
            Link::Block { block, sizes } => self.block(&self.blocks[*block], sizes),
            Link::Repeat { copies, chain } => format!("repeat({copies}, {})", self.chain(chain)),
        }
    }

    /// What is the default is left out; behind that sizes have names.
    fn block(&self, block: &Block, sizes: &[Size]) -> String {
        let mut arguments = Vec::new();
        let mut named = false;
        for (Parameter { name, default }, size) in block.parameters.iter().zip(sizes) {
            if matches!((default, size), (Some(default), Size::Number(number)) if default == number) {
                named = true;
                continue;
            }
            let size = self.size(size);
            arguments.push(if named { format!("{name} = {size}") } else { size });
        }
        format!("{}({})", block.name, arguments.join(", "))
    }

    fn size(&self, size: &Size) -> String {
        match size {
            Size::Number(number) => constant(*number, self.symbolic),
            Size::Parameter(name) => name.clone(),
        }
    }

    fn layer(&self, layer: &Layer) -> String {
        let option = |name: &str, value: usize, default: usize| {
            if value == default { String::new() } else { format!(", {name} = {value}") }
        };
        match layer {
            Layer::Dense(outputs) => format!("dense({})", self.size(outputs)),
            Layer::Convolution { rank, outputs, kernel, stride, padding, groups, transposed } => {
                let word = if *transposed { "conv_transpose" } else { "conv" };
                let (stride, padding) = (option("stride", *stride, 1), option("padding", *padding, 0));
                let (outputs, groups) = (self.size(outputs), option("groups", *groups, 1));
                format!("{word}{rank}d({outputs}, {kernel}{stride}{padding}{groups})")
            }
            Layer::Pool { word, rank, kernel, stride, padding } => {
                let (stride, padding) = (option("stride", *stride, *kernel), option("padding", *padding, 0));
                format!("{word}{rank}d({kernel}{stride}{padding})")
            }
            Layer::Same { text, .. } => text.clone(),
            Layer::Flatten => "flatten".to_owned(),
            Layer::Global(word) => (*word).to_owned(),
            Layer::Adaptive(sizes) => format!("adaptive_avg_pool2d({sizes:?})"),
            Layer::Upsample { scale, bilinear } => {
                format!("upsample({scale}{})", if *bilinear { ", mode = bilinear" } else { "" })
            }
            Layer::Pad => "pad(1)".to_owned(),
            Layer::Crop => "crop(1)".to_owned(),
            Layer::Subsample(outputs) => format!("subsample({})", self.size(outputs)),
            Layer::Network(earlier) => format!("{} -> {}", earlier.name, shape(&earlier.output, false)),
        }
    }
}
