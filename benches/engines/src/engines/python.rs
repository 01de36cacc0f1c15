//! `PyTorch` and ONNX Runtime, by way of one process of Python: `engines.py`, which answers each line with a line.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde_json::{Value, json};

use super::{Engine, Run};
use crate::workload::{CHECKED_STEPS, EPS, LEARNING_RATE, Layer, Loss, Optimizer, Task, Workload};

/// The Python packages, and what people call them.
const ENGINES: [(&str, &str); 2] = [("torch", "PyTorch"), ("onnxruntime", "ONNX Runtime")];

/// Both engines, installed or not.
pub fn engines() -> Vec<Box<dyn Engine>> {
    let process = Process::start().ok().map(|process| Rc::new(RefCell::new(process)));
    let versions = process.as_ref().and_then(|process| process.borrow_mut().ask(&json!({ "op": "versions" })).ok());
    let engine = |(package, name)| {
        let version = versions.as_ref().and_then(|versions| versions[package].as_str().map(str::to_owned));
        Box::new(Python { package, name, version, process: process.clone() }) as Box<dyn Engine>
    };
    ENGINES.into_iter().map(engine).collect()
}

/// The process: it inherits the thread variables of this one.
struct Process {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Process {
    fn start() -> io::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/engines.py");
        let mut command = Command::new("python3");
        let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| io::Error::other("a process without pipes"))?;
        Ok(Self { child, to, from: BufReader::new(from) })
    }

    fn ask(&mut self, question: &Value) -> io::Result<Value> {
        writeln!(self.to, "{question}")?;
        let mut answer = String::new();
        self.from.read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing to save, and may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Python {
    package: &'static str,
    name: &'static str,
    version: Option<String>,
    process: Option<Rc<RefCell<Process>>>,
}

impl Engine for Python {
    fn title(&self) -> String {
        let version = self.version.as_deref().unwrap_or("(not installed)");
        format!("{} {version}", self.name)
    }

    fn prepare(&mut self, workload: &Workload) -> Option<Box<dyn Run>> {
        self.version.as_ref()?;
        let process = self.process.clone()?;
        let answer = process.borrow_mut().ask(&self.question(workload)).expect("engines.py answers");
        let check = numbers(&answer["check"])?.into_iter().map(|value| value as f32).collect();
        Some(Box::new(Remote { package: self.package, check, process }))
    }
}

impl Python {
    fn question(&self, workload: &Workload) -> Value {
        let (loss, optimizer) = match workload.task {
            Task::Forward => (Value::Null, Value::Null),
            Task::Train(loss, optimizer) => (loss_name(loss).into(), optimizer_name(optimizer).into()),
        };
        let network = workload.network;
        let rules = network.weighted().into_iter().flat_map(|layer| layer.tensors);
        let tensors = rules.map(|rule| json!([rule.shape, rule.scale, rule.shift]));
        json!({
            "op": "prepare",
            "engine": self.package,
            "input": network.input,
            "layers": chain(network.layers),
            "output": network.output(),
            "tensors": tensors.collect::<Vec<_>>(),
            "samples": workload.samples,
            "loss": loss,
            "optimizer": optimizer,
            "learning_rate": LEARNING_RATE,
            "steps": CHECKED_STEPS,
        })
    }
}

fn layer(layer: &Layer) -> Value {
    match *layer {
        Layer::Dense(outputs) => json!(["Dense", outputs]),
        Layer::Conv2d { outputs, size, stride, padding, bias } => {
            json!(["Conv2d", outputs, size, stride, padding, bias])
        }
        Layer::ConvTranspose2d { outputs, size } => json!(["ConvTranspose2d", outputs, size]),
        Layer::BatchNorm => json!(["BatchNorm", EPS]),
        Layer::MaxPool { size, stride, padding } => json!(["MaxPool", size, stride, padding]),
        Layer::AvgPool { size, stride } => json!(["AvgPool", size, stride]),
        Layer::GlobalAvgPool => json!(["GlobalAvgPool"]),
        Layer::Subsample(zeros) => json!(["Subsample", zeros]),
        Layer::Flatten => json!(["Flatten"]),
        Layer::Relu => json!(["Relu"]),
        Layer::Tanh => json!(["Tanh"]),
        Layer::Add(branches) => json!(["Add", branches.iter().map(|layers| chain(layers)).collect::<Vec<_>>()]),
        Layer::Concat(branches) => json!(["Concat", branches.iter().map(|layers| chain(layers)).collect::<Vec<_>>()]),
    }
}

fn chain(layers: &[Layer]) -> Value {
    layers.iter().map(layer).collect()
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

fn loss_name(loss: Loss) -> &'static str {
    match loss {
        Loss::SquaredError => "mse_loss",
        Loss::CrossEntropy => "cross_entropy",
    }
}

fn optimizer_name(optimizer: Optimizer) -> &'static str {
    match optimizer {
        Optimizer::Sgd => "SGD",
        Optimizer::Adam => "Adam",
    }
}

/// A workload over there.
struct Remote {
    package: &'static str,
    check: Vec<f32>,
    process: Rc<RefCell<Process>>,
}

impl Run for Remote {
    fn check(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.check)
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        let question = json!({ "op": "seconds", "engine": self.package, "samples": samples, "calls": calls });
        let answer = self.process.borrow_mut().ask(&question).expect("engines.py answers");
        numbers(&answer["seconds"]).expect("engines.py gives the seconds")
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // A process that is gone holds nothing.
        let _ = self.process.borrow_mut().ask(&json!({ "op": "drop", "engine": self.package }));
    }
}
