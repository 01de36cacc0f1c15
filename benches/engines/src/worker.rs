//! A process for each number of threads: engines read that number when they start, and cannot change it.
//!
//! Both ends of a pipe are here: each question is a line, and so is each answer.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, iter};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engines;
use crate::measure::{Outcome, Pace, measure};
use crate::workload::WORKLOADS;

/// The argument that makes this program a worker; the number of threads follows it.
pub const ARGUMENT: &str = "--worker";

/// What engines read to know how many threads to use.
const THREAD_VARIABLES: [&str; 5] =
    ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"];

/// A process that measures engines on so many threads.
pub struct Worker {
    /// How many threads each of its engines has.
    pub threads: usize,
    /// The engines, in the order of outcomes; the first is the one that the others are compared with.
    pub titles: Vec<String>,
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts it.
    pub fn start(threads: usize) -> Result<Self, String> {
        let worker = || {
            let variables = THREAD_VARIABLES.map(|variable| (variable, threads.to_string()));
            let mut command = Command::new(env::current_exe()?);
            command.args([ARGUMENT, &threads.to_string()]).envs(variables);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let pipes = child.stdin.take().zip(child.stdout.take());
            let (to, from) = pipes.ok_or_else(|| io::Error::other("a process without pipes"))?;
            let mut worker = Self { threads, titles: Vec::new(), child, to, from: BufReader::new(from) };
            worker.titles = answer(&mut worker.from)?;
            Ok(worker)
        };
        worker().map_err(|error: io::Error| format!("a worker for {threads} threads: {error}"))
    }

    /// Measures the workload with this index in all engines.
    pub fn measure(&mut self, workload: usize, pace: Pace) -> Result<Vec<Outcome>, String> {
        let outcomes = say(&mut self.to, &(workload, pace)).and_then(|()| answer(&mut self.from));
        outcomes.map_err(|error| format!("{} on {} threads: {error}", WORKLOADS[workload], self.threads))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It has nothing to save, and may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a worker does: it measures what it is asked for, until nobody asks.
pub fn serve(threads: usize) -> Result<(), String> {
    let mut engines = engines::all(threads);
    let titles: Vec<_> = engines.iter().map(|engine| engine.title()).collect();
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    say(&mut to, &titles).map_err(|error| error.to_string())?;
    let questions = iter::from_fn(|| answer::<(usize, Pace)>(&mut from).ok());
    for (workload, pace) in questions {
        let outcomes = measure(&WORKLOADS[workload], &mut engines, threads, pace);
        say(&mut to, &outcomes).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Writes a line.
pub fn say(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    writeln!(to, "{}", serde_json::to_string(value)?)?;
    to.flush()
}

/// Reads a line.
pub fn answer<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<T> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    Ok(serde_json::from_str(&line)?)
}
