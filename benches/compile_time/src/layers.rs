//! Networks of more and more layers.

use crate::compiler::{Compiler, Time};
use crate::program::Program;

/// How many layers they have.
const LAYERS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// A kind of layer, and what is declared of it.
pub struct Kind {
    /// What the table calls the layers.
    pub title: &'static str,
    name: &'static str,
    input: &'static str,
    /// The neurons or channels of the first layer: if all are different, of those after it one more each.
    width: usize,
    layer: fn(&str) -> String,
    head: &'static str,
}

/// The kinds that are measured.
pub const KINDS: [Kind; 2] = [
    Kind {
        title: "dense layers",
        name: "dense",
        input: "64",
        width: 64,
        layer: |width| format!("dense({width}) -> relu"),
        head: "dense(10)",
    },
    Kind {
        title: "convolutions",
        name: "conv",
        input: "16, 32, 32",
        width: 16,
        layer: |width| format!("conv2d({width}, 3, padding = 1, bias = false) -> batch_norm -> relu"),
        head: "global_avg_pool -> dense(10)",
    },
];

/// How many layers are declared.
#[derive(Clone, Copy)]
pub enum Way {
    /// One by one, all of one shape.
    Alike,
    /// One by one, no two of the same shape.
    Different,
    /// By `repeat`.
    Repeated,
}

/// The ways that are measured, and what tables and pictures call them.
pub const WAYS: [(Way, &str); 3] =
    [(Way::Alike, "one by one, alike"), (Way::Different, "one by one, all different"), (Way::Repeated, "by repeat")];

/// The program of so many layers.
fn program(kind: &Kind, way: Way, layers: usize) -> Program {
    let Kind { input, width, layer, head, .. } = kind;
    let line = |i: usize, width: usize| format!("        layer{i}: {},\n", layer(&width.to_string()));
    let (short, trunk) = match way {
        Way::Alike => ("alike", (0..layers).map(|i| line(i, *width)).collect()),
        Way::Different => ("different", (0..layers).map(|i| line(i, width + i)).collect()),
        Way::Repeated => ("repeated", format!("        trunk: repeat({layers}, layer({width})),\n")),
    };
    let block = match way {
        Way::Repeated => format!("\n    block layer(width) {{\n        out: {},\n    }}\n", layer("width")),
        _ => String::new(),
    };
    let declaration = format!("\n    struct Net([{input}]) -> [10] {{\n{trunk}        head: {head},\n    }}\n{block}");
    let name = format!("{}-{short}{layers}", kind.name);
    Program::new(&name, &format!("{layers} {}, {short}", kind.title), "Net", &declaration)
}

/// What a program of so many layers takes.
#[derive(Clone, Copy)]
pub struct Point {
    pub layers: usize,
    pub time: Time,
    pub bytes: u64,
}

/// What the programs of a kind take, the points of each way.
pub struct Curves {
    pub kind: &'static Kind,
    pub ways: [Vec<Point>; WAYS.len()],
}

/// Builds all networks of a kind, each so many times.
pub fn measure(compiler: &Compiler, kind: &'static Kind, times: usize) -> Result<Curves, String> {
    let mut ways = [const { Vec::new() }; WAYS.len()];
    for (points, (way, _)) in ways.iter_mut().zip(WAYS) {
        for layers in LAYERS {
            let program = program(kind, way, layers);
            eprintln!("{}", program.title);
            let time = compiler.build(&program, "release", times)?;
            points.push(Point { layers, time, bytes: compiler.bytes(&program, "release")? });
        }
    }
    Ok(Curves { kind, ways })
}
