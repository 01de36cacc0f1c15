//! The programs that are compiled.

use std::fs;
use std::path::Path;

/// A program with one network, which it trains for a step and then asks.
pub struct Program {
    /// The name of its crate.
    pub name: String,
    /// What the table calls it.
    pub title: String,
    /// How many words and signs its network is declared in.
    pub declared: usize,
    /// The features that it asks the library for; none for the default ones.
    pub features: Option<&'static [&'static str]>,
    /// Its `main.rs`.
    pub source: String,
}

/// The ready networks that are measured, and the files of `src/networks` that declare them.
const READY: [(&str, &str, &str); 6] = [
    ("ResNet20", "cifar_resnet", "ResNet-20"),
    ("ResNet110", "cifar_resnet", "ResNet-110"),
    ("ResNet1202", "cifar_resnet", "ResNet-1202"),
    ("ResNet18", "resnet", "ResNet-18"),
    ("ResNet50", "resnet", "ResNet-50"),
    ("DenseNet121", "densenet", "DenseNet-121"),
];
/// How many copies of a block the networks of growing depth have.
const COPIES: [usize; 4] = [1, 10, 100, 1000];

/// The table's programs: the smallest network first, in which all that is not the network's shows.
pub fn all() -> Result<Vec<Program>, String> {
    let mut programs = vec![dense()];
    for (network, file, title) in READY {
        programs.push(ready(network, file, title)?);
    }
    programs.extend(COPIES.map(copies));
    Ok(programs)
}

fn dense() -> Program {
    let declaration = "
    struct Net([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
";
    Program::new("dense", "784-128-10", "Net", declaration)
}

/// A network of the library, declared anew: what is in the library is compiled already.
fn ready(network: &str, file: &str, title: &str) -> Result<Program, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../src/networks/{file}.rs"));
    let source = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let items = items(&source);
    let is_struct = |item: &&str| item.contains(&format!("pub struct {network}("));
    let declared =
        items.iter().copied().find(is_struct).ok_or_else(|| format!("no {network} in {}", path.display()))?;
    let blocks: String = used_blocks(&items, declared).concat();
    Ok(Program::new(&network.to_lowercase(), title, network, &format!("\n{declared}{blocks}")))
}

/// The networks and blocks of a file: what stands in `network!`, four spaces in.
fn items(source: &str) -> Vec<&str> {
    let starts = |line: &str| line.starts_with("    pub struct ") || line.starts_with("    block ");
    let mut items = Vec::new();
    let (mut at, mut start) = (0, None);
    for line in source.split_inclusive('\n') {
        if starts(line) {
            start = Some(at);
        }
        at += line.len();
        if line.trim_end() == "    }" {
            items.extend(start.take().map(|start| &source[start..at]));
        }
    }
    items
}

/// The blocks that an item calls, and those that they call.
fn used_blocks<'s>(items: &[&'s str], of: &str) -> Vec<&'s str> {
    let calls = |text: &str, block: &str| {
        let name = block.trim_start().trim_start_matches("block ").split('(').next().unwrap_or_default();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
    };
    let blocks = items.iter().copied().filter(|item| item.starts_with("    block "));
    let direct: Vec<_> = blocks.clone().filter(|block| calls(of, block)).collect();
    blocks.filter(|block| calls(of, block) || direct.iter().any(|other| calls(other, block))).collect()
}

/// So many copies of a residual block.
fn copies(count: usize) -> Program {
    let declaration = format!(
        "
    struct Net([3, 32, 32]) -> [10] {{
        stem: conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
        trunk: repeat({count}, residual(16)),
        head: global_avg_pool -> dense(10),
    }}

    block residual(channels) {{
        body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input, body) -> relu,
    }}
"
    );
    Program::new(&format!("copies{count}"), &format!("a residual block × {count}"), "Net", &declaration)
}

impl Program {
    /// A program that trains and asks a network, of which `declaration` is what stands in `network!`.
    pub fn new(name: &str, title: &str, network: &str, declaration: &str) -> Self {
        let source = format!(
            "use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{{Dyn, OMatrix}};
use monograd::optimizers::Sgd;
use monograd::prelude::*;

network! {{{declaration}}}

fn main() {{
    let mut net = {network}::new();
    let x = OMatrix::<f32, <{network} as Network>::Input, Dyn>::from_element(1, 0.5);
    let mut training = Training::<{network}>::new(1);
    let loss = training.backprop(&mut *net, &x, &SoftmaxCrossEntropy, &[0]).unwrap();
    Sgd::new(0.1).step(net.params_mut(), training.gradient().params());
    println!(\"{{loss}} {{}}\", net.forward(&x, &mut {network}::workspace(1))[0]);
}}
"
        );
        Self { name: name.into(), title: title.into(), declared: tokens(declaration), features: None, source }
    }
}

/// Words, and signs between them.
pub fn tokens(source: &str) -> usize {
    let (mut count, mut in_word) = (0, false);
    for character in source.chars() {
        let belongs = character.is_alphanumeric() || character == '_';
        count += usize::from(!(character.is_whitespace() || belongs && in_word));
        in_word = belongs;
    }
    count
}
