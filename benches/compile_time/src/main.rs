//! How long the compiler takes for networks of Monograd, and how large the programs are: each trains a network and infers, and
//! is a crate that this one writes and builds.
//!
//! `README.md` says what is measured and how.

mod compiler;
mod layers;
mod levels;
mod picture;
mod program;
mod report;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use compiler::Compiler;
use program::Program;
use report::Row;

/// How often each program is built, of which the shortest time counts.
const BUILDS: usize = 3;

fn main() -> ExitCode {
    if compiler::is_wrapper() {
        return compiler::expand();
    }
    match measure(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the programs whose names contain one of `names`, or everything; only that is written down.
fn measure(names: &[String]) -> Result<(), String> {
    let is_named = |program: &Program| {
        let title = program.title.to_lowercase();
        names.is_empty() || names.iter().any(|name| title.contains(&name.to_lowercase()))
    };
    let programs: Vec<_> = program::all()?.into_iter().filter(is_named).collect();
    let Some(first) = programs.first() else {
        return Err(format!("no network is called {}", names.join(" or ")));
    };
    let compiler = Compiler::new(Path::new(env!("CARGO_MANIFEST_DIR")));
    let whole = names.is_empty();
    if whole {
        compiler.clean()?;
    }
    eprintln!("the library");
    let library = compiler.prepare(first)?;
    let rows = programs.iter().map(|program| row(&compiler, program)).collect::<Result<Vec<_>, _>>()?;
    let table = report::table(&rows, whole.then_some(library), &Compiler::version()?);
    println!("{table}");
    if whole { measure_growth(&compiler, &table) } else { Ok(()) }
}

fn row<'p>(compiler: &Compiler, program: &'p Program) -> Result<Row<'p>, String> {
    eprintln!("{}", program.title);
    let volume = compiler.volume(program)?;
    let check = compiler.check(program, BUILDS)?;
    let build = compiler.build(program, "release", BUILDS)?;
    Ok(Row { program, volume, check, build, bytes: compiler.bytes(program, "release")? })
}

/// Measures programs against layers and instruction sets, and writes all results.
fn measure_growth(compiler: &Compiler, table: &str) -> Result<(), String> {
    let curves: Result<Vec<_>, _> = layers::KINDS.iter().map(|kind| layers::measure(compiler, kind, BUILDS)).collect();
    let curves = curves?;
    let growth = report::growth(&curves);
    let levels = report::levels(&levels::measure(compiler)?);
    println!("{growth}\n{levels}");
    report::write("compile-time.svg", &picture::svg("release build", &curves, &picture::TIME))?;
    report::write("size.svg", &picture::svg("program, stripped", &curves, &picture::SIZE))?;
    report::write_results(table, &growth, &levels)
}
