//! How long the compiler takes for networks of Monograd: programs that train a network and infer, each a crate that this
//! one writes and builds.
//!
//! `README.md` says what is measured and how.

mod compiler;
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

/// Measures the programs whose names contain one of `names`, or all; only a whole run is written down.
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
    let mut rows = Vec::new();
    for program in &programs {
        eprintln!("{}", program.title);
        let volume = compiler.volume(program)?;
        let check = compiler.check(program, BUILDS)?;
        let build = compiler.build(program, BUILDS)?;
        rows.push(Row { program, volume, check, build });
    }
    let table = report::table(&rows, whole.then_some(library), &Compiler::version()?);
    println!("{table}");
    if whole { report::write(&table) } else { Ok(()) }
}
