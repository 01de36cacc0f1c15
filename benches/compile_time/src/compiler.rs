//! Cargo, with a clock.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Program, tokens};

/// Set where this program stands in for the compiler.
const WRAPPER: &str = "COMPILE_TIME_EXPANDS";

/// Nothing in a program but what runs; and all that makes one small.
const PROFILES: &str = "
[profile.release]
strip = true

[profile.small]
inherits = \"release\"
opt-level = \"z\"
lto = \"fat\"
codegen-units = 1
panic = \"abort\"
";

/// What a build took.
#[derive(Clone, Copy)]
pub struct Time {
    /// On the clock.
    pub wall: Duration,
    /// Of all processors together: what other programs on the machine hardly change.
    pub processor: Duration,
}

/// Where programs are written and built.
pub struct Compiler {
    library: PathBuf,
    programs: PathBuf,
    target: PathBuf,
}

impl Compiler {
    /// Below the `target` of the package at `package`.
    pub fn new(package: &Path) -> Self {
        let target = package.join("target");
        Self { library: package.join("../.."), programs: target.join("programs"), target: target.join("builds") }
    }

    /// Removes all that was built.
    pub fn clean(&self) -> Result<(), String> {
        if !self.target.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&self.target).map_err(|error| format!("{}: {error}", self.target.display()))
    }

    /// Builds the library with a small program, for builds and for checks. Says what the first took.
    pub fn prepare(&self, program: &Program) -> Result<Time, String> {
        self.write(program)?;
        let time = self.run(program, &["build", "--release"])?;
        self.run(program, &["check"])?;
        Ok(time)
    }

    /// The shortest of several checks, each after a touch of the program's only file: macros and types, without machine code.
    pub fn check(&self, program: &Program, times: usize) -> Result<Time, String> {
        self.shortest(program, &["check"], times)
    }

    /// The shortest of several builds with a profile, `release` or `small`.
    pub fn build(&self, program: &Program, profile: &str, times: usize) -> Result<Time, String> {
        self.shortest(program, &["build", "--profile", profile], times)
    }

    /// How many bytes the file of a program has that was built with a profile.
    pub fn bytes(&self, program: &Program, profile: &str) -> Result<u64, String> {
        let file = self.target.join(profile).join(&program.name);
        file.metadata().map(|data| data.len()).map_err(|error| format!("{}: {error}", file.display()))
    }

    fn shortest(&self, program: &Program, arguments: &[&str], times: usize) -> Result<Time, String> {
        let builds: Result<Vec<_>, _> = (0..times)
            .map(|_| {
                self.write(program)?;
                self.run(program, arguments)
            })
            .collect();
        builds?.into_iter().min_by_key(|time| time.wall).ok_or_else(|| "nothing was built".into())
    }

    /// How many words and signs the program has once its macros are expanded, from a compiler that tells: `None` from others.
    pub fn volume(&self, program: &Program) -> Result<Option<usize>, String> {
        self.write(program)?;
        let this = env::current_exe().map_err(|error| error.to_string())?;
        let mut command = self.cargo(program, &["rustc", "--quiet", "--", "-Zunpretty=expanded"]);
        let command = command.env("RUSTC_WORKSPACE_WRAPPER", this).env(WRAPPER, "1").stderr(Stdio::null());
        let output = command.output().map_err(|error| error.to_string())?;
        Ok(output.status.success().then(|| tokens(&String::from_utf8_lossy(&output.stdout))))
    }

    /// The name and version of the compiler.
    pub fn version() -> Result<String, String> {
        let output = Command::new("rustc").arg("--version").output().map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().into())
    }

    /// Writes the crate of a program, anew even if nothing in it has changed.
    fn write(&self, program: &Program) -> Result<(), String> {
        let features = program
            .features
            .map_or_else(String::new, |names| format!(", default-features = false, features = {names:?}"));
        let manifest = format!(
            "[workspace]\n\n[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nmonograd = {{ path = '{}'{features} }}\n{PROFILES}",
            program.name,
            self.library.display()
        );
        let folder = self.folder(program);
        let write = || {
            fs::create_dir_all(folder.join("src"))?;
            fs::write(folder.join("Cargo.toml"), manifest)?;
            fs::write(folder.join("src/main.rs"), &program.source)
        };
        write().map_err(|error| format!("{}: {error}", folder.display()))
    }

    fn folder(&self, program: &Program) -> PathBuf {
        self.programs.join(&program.name)
    }

    fn cargo(&self, program: &Program, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(self.folder(program)).env("CARGO_TARGET_DIR", &self.target);
        // Nothing in a program changes from build to build, and an incremental one would find all as it was.
        command.env("CARGO_INCREMENTAL", "0");
        command
    }

    fn run(&self, program: &Program, arguments: &[&str]) -> Result<Time, String> {
        let mut command = self.cargo(program, arguments);
        let (begin, before) = (Instant::now(), processor_time());
        let output = command.output().map_err(|error| format!("cargo: {error}"))?;
        let time = Time { wall: begin.elapsed(), processor: processor_time().saturating_sub(before) };
        if output.status.success() {
            return Ok(time);
        }
        Err(format!("{} does not compile:\n{}", program.title, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Whether cargo calls this program in the compiler's place, for [`expand`].
pub fn is_wrapper() -> bool {
    env::var_os(WRAPPER).is_some()
}

/// The compiler, allowed to print what macros expand to, which a stable one only does on request.
pub fn expand() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let compiler = arguments.next().unwrap_or_default();
    let status = Command::new(compiler).args(arguments).env("RUSTC_BOOTSTRAP", "1").status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the processes that this one has waited for took of all processors.
fn processor_time() -> Duration {
    // SAFETY: a structure of integers, which `getrusage` fills.
    let usage = unsafe {
        let mut usage = core::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    [usage.ru_utime, usage.ru_stime].map(duration).iter().sum()
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_usec.unsigned_abs() as u32 * 1000)
}
