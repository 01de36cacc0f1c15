//! The program: see the library, and `--help`.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use playground::app::App;
use playground::color::Palette;
use playground::options::Options;
use playground::{headless, terminal};

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    if let Some(headless) = options.headless() {
        let figures = headless::run(options.settings(), &headless)?;
        return Ok(writeln!(std::io::stdout(), "{figures}")?);
    }
    let mut app = App::new(options.settings());
    app.palette = Palette::of(std::env::var("COLORTERM").ok().as_deref());
    Ok(terminal::run(&mut app)?)
}
