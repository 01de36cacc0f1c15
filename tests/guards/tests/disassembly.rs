//! The loops that take the time, as the compiler made them: vectors as long as the level's, sums that stay in registers,
//! nothing between the multiply-adds that does not have to be there.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use guards::assembly::{Function, Instruction, functions};
use guards::tools::{has, is_x86_64_linux, release_programs, run};

/// What the innermost loops of some functions have to be: of those with these multiply-adds and broadcasts none has what is
/// [`forbidden`], and one is tight.
struct Hot {
    what: &'static str,
    /// Parts of the functions' names.
    level: &'static str,
    kernel: &'static str,
    /// The vectors that it works on.
    register: &'static str,
    /// How many multiply-adds it has at least.
    multiply_adds: usize,
    /// How many values it broadcasts, exactly: of a tile, its columns.
    broadcasts: usize,
    /// How many other instructions it has for each of them, at most.
    others: f64,
}

const AVX512: &str = "simd::avx512::enter::<f32";
const AVX2: &str = "simd::avx2::enter::<f32";

const HOT: [Hot; 13] = [
    Hot {
        what: "the dense tile on AVX-512: 4 vectors × 6 columns",
        level: AVX512,
        kernel: "kernels::blocked::",
        register: "zmm",
        multiply_adds: 24,
        broadcasts: 6,
        others: 0.8,
    },
    Hot {
        what: "the dense tile on AVX2: 2 vectors × 6 columns",
        level: AVX2,
        kernel: "kernels::blocked::",
        register: "ymm",
        multiply_adds: 12,
        broadcasts: 6,
        others: 1.4,
    },
    Hot {
        what: "the tile of a single column on AVX-512: 8 vectors",
        level: AVX512,
        kernel: "kernels::tile::Tile<f32, 8, 1, 1, true>",
        register: "zmm",
        multiply_adds: 8,
        broadcasts: 1,
        others: 0.8,
    },
    Hot {
        what: "matrix × vector on AVX-512: 4 columns at a time",
        level: AVX512,
        kernel: "kernels::product::Product<f32>",
        register: "zmm",
        multiply_adds: 8,
        broadcasts: 0,
        others: 0.9,
    },
    Hot {
        what: "matrix × vector on AVX2: 4 columns at a time",
        level: AVX2,
        kernel: "kernels::product::Product<f32>",
        register: "ymm",
        multiply_adds: 8,
        broadcasts: 0,
        others: 0.9,
    },
    Hot {
        what: "the gradient of a dense layer's input on AVX2",
        level: AVX2,
        kernel: "kernels::transposed_product::TransposedProduct<f32>",
        register: "ymm",
        multiply_adds: 8,
        broadcasts: 0,
        others: 0.7,
    },
    Hot {
        what: "the gradient of a dense layer's weight, of one sample, on AVX-512",
        level: AVX512,
        kernel: "kernels::outer_product::OuterProduct<f32>",
        register: "zmm",
        multiply_adds: 4,
        broadcasts: 0,
        others: 2.8,
    },
    Hot {
        what: "the convolution's tile, of the forward pass and both gradients, on AVX-512: 4 vectors × 6 columns",
        level: AVX512,
        kernel: "kernels::convolution::tile::Panel<f32, 4, false, false>",
        register: "zmm",
        multiply_adds: 24,
        broadcasts: 6,
        others: 0.6,
    },
    Hot {
        what: "the same on AVX2: 2 vectors × 6 columns",
        level: AVX2,
        kernel: "kernels::convolution::tile::Panel<f32, 2, false, false>",
        register: "ymm",
        multiply_adds: 12,
        broadcasts: 6,
        others: 1.0,
    },
    Hot {
        what: "the convolution by channel on AVX-512",
        level: AVX512,
        kernel: "kernels::convolution::tile::Panel<f32, 4, false, true>",
        register: "zmm",
        multiply_adds: 24,
        broadcasts: 0,
        others: 0.4,
    },
    Hot {
        what: "a step of Adam on AVX-512",
        level: AVX512,
        kernel: "optimizers::adam::AdamRule<f32>",
        register: "zmm",
        multiply_adds: 5,
        broadcasts: 0,
        others: 3.0,
    },
    Hot {
        what: "a step of Adam on AVX2",
        level: AVX2,
        kernel: "optimizers::adam::AdamRule<f32>",
        register: "ymm",
        multiply_adds: 5,
        broadcasts: 0,
        others: 3.0,
    },
    Hot {
        what: "a step of SGD on AVX-512",
        level: AVX512,
        kernel: "optimizers::sgd::DescentRule<f32>",
        register: "zmm",
        multiply_adds: 2,
        broadcasts: 0,
        others: 4.0,
    },
];

#[test]
fn hot_loops_are_what_they_should_be() {
    let guard = "disassembly of the hot loops";
    if !is_x86_64_linux(guard) || !has(guard, &["objdump"]) {
        return;
    }
    let built = release_programs(env!("CARGO_TARGET_TMPDIR"));
    let arguments = ["--disassemble", "--demangle", "--no-show-raw-insn", "-M", "intel"];
    let arguments = arguments.into_iter().map(OsStr::new).chain([built.program("workloads").as_os_str()]);
    let Some(listing) = run(guard, "objdump", arguments) else { return };
    let functions = functions(&String::from_utf8_lossy(&listing.stdout));
    let mistakes: Vec<String> = HOT.iter().filter_map(|hot| mistakes(hot, &functions)).collect();
    assert!(
        mistakes.is_empty(),
        "\n{}\nWhat is expected is said in tests/guards/tests/disassembly.rs: change it there if the loop is meant to be so.",
        mistakes.join("\n")
    );
}

/// What is wrong with the loops that have the multiply-adds, if anything is.
fn mistakes(hot: &Hot, functions: &[Function]) -> Option<String> {
    let Hot { what, level, kernel, register, multiply_adds, broadcasts, others } = *hot;
    let count = |body: &[Instruction]| body.iter().filter(|one| one.is_multiply_add(register)).count();
    let spread = |body: &[Instruction]| body.len() as f64 / count(body) as f64 - 1.0;
    let named = functions.iter().filter(|function| {
        let name = plain(&function.name);
        name.contains(level) && name.contains(kernel)
    });
    let is_hot = |body: &&[Instruction]| {
        count(body) >= multiply_adds && body.iter().filter(|one| one.is_broadcast()).count() == broadcasts
    };
    let loops: Vec<_> = named.flat_map(Function::innermost_loops).filter(is_hot).collect();
    let Some(tightest) = loops.iter().min_by(|a, b| spread(a).total_cmp(&spread(b))) else {
        return Some(format!(
            "{what}: expected a loop with {multiply_adds} multiply-adds of {register} and {broadcasts} broadcasts in \
             `{level}, … {kernel}`, found none"
        ));
    };
    let mut wrong: Vec<String> = loops.iter().flat_map(|body| forbidden(body)).collect();
    let found = spread(tightest);
    if found > others {
        wrong.push(format!("expected at most {others} other instructions for each multiply-add, found {found:.2}"));
    }
    (!wrong.is_empty())
        .then(|| format!("{what}: {}\n    the tightest is a loop of {}", wrong.join("; "), listing(tightest)))
}

/// What no such loop has.
fn forbidden(body: &[Instruction]) -> Vec<String> {
    let report = |what: &str, is: fn(&Instruction) -> bool| {
        let found: Vec<&str> = body.iter().filter(|&one| is(one)).map(|one| one.mnemonic.as_str()).collect();
        (!found.is_empty()).then(|| format!("it {what}: {}", found.join(", ")))
    };
    let kinds = [
        report("calls", Instruction::is_call),
        report("has arithmetic on single values", Instruction::is_scalar_arithmetic),
        report("moves vectors to the stack or from it", Instruction::spills),
    ];
    kinds.into_iter().flatten().collect()
}

/// Without the crates' hashes.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for (i, part) in name.split('[').enumerate() {
        plain.push_str(if i == 0 { part } else { part.split_once(']').map_or(part, |(_, rest)| rest) });
    }
    plain
}

/// The instructions of a loop, those that are alike together.
fn listing(body: &[Instruction]) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for one in body {
        *counts.entry(&one.mnemonic).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(mnemonic, count)| format!("{count} {mnemonic}")).collect();
    counts.join(", ")
}
