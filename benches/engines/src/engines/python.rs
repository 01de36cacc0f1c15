//! The engines of Python, each in a process of its own: `python/serve.py`, which answers each line with a line.

use std::cell::RefCell;
use std::io::{self, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde_json::{Value, json};

use super::{Engine, Run, does_not_train};
use crate::exchange::Exchange;
use crate::worker::{answer, say};
use crate::workload::{CHECKED_STEPS, EPS, LEARNING_RATE, Layer, Loss, Optimizer, Task, Workload};

/// The modules in `python/`, what people call the engines, and whether they train.
const ENGINES: [(&str, &str, bool); 5] = [
    ("pytorch", "PyTorch", true),
    ("torch_compile", "torch.compile", true),
    ("onnx_runtime", "ONNX Runtime", false),
    ("open_vino", "OpenVINO", false),
    ("jax_xla", "JAX", true),
];

/// All of them, installed or not.
pub fn engines(threads: usize) -> Vec<Box<dyn Engine>> {
    let exchange = Rc::new(RefCell::new(Exchange::default()));
    let engine = |(module, name, trains)| {
        let (process, version) = match Process::start(module, threads) {
            Ok((process, version)) => (Some(process), Ok(version)),
            Err(reason) => (None, Err(reason)),
        };
        let process = Rc::new(RefCell::new(process));
        Box::new(Python { module, name, trains, threads, version, process, exchange: exchange.clone() }) as Box<_>
    };
    ENGINES.into_iter().map(engine).collect()
}

/// An engine's process: it inherits the thread variables of this one.
struct Process {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Process {
    /// It says which version of the engine it has, or why it has none.
    fn start(module: &str, threads: usize) -> Result<(Self, String), String> {
        let mut process = Self::spawn(module, threads).map_err(|error| format!("python3 does not start: {error}"))?;
        let answer = process.listen()?;
        let version = answer["version"].as_str().ok_or("did not say its version")?.to_owned();
        Ok((process, version))
    }

    fn spawn(module: &str, threads: usize) -> io::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/serve.py");
        let mut command = Command::new("python3");
        command.args(["-B", script, module, &threads.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| io::Error::other("a process without pipes"))?;
        Ok(Self { child, to, from: BufReader::new(from) })
    }

    fn ask(&mut self, question: &Value) -> Result<Value, String> {
        say(&mut self.to, question).map_err(|_| "its process ended".to_owned())?;
        self.listen()
    }

    fn listen(&mut self) -> Result<Value, String> {
        let answer: Value = answer(&mut self.from).map_err(|_| "its process ended".to_owned())?;
        match answer["error"].as_str() {
            Some(error) if error.starts_with("ModuleNotFoundError") => Err("not installed".to_owned()),
            Some(error) => Err(format!("does not work: {error}")),
            None => Ok(answer),
        }
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
    module: &'static str,
    name: &'static str,
    trains: bool,
    threads: usize,
    /// Or why there is none.
    version: Result<String, String>,
    /// None after a failure, until the next workload.
    process: Rc<RefCell<Option<Process>>>,
    exchange: Rc<RefCell<Exchange>>,
}

impl Engine for Python {
    fn title(&self) -> String {
        match &self.version {
            Ok(version) => format!("{} {version}", self.name),
            Err(reason) => format!("{} ({reason})", self.name),
        }
    }

    fn prepare(&mut self, workload: &Workload) -> Result<Box<dyn Run>, String> {
        self.version.clone()?;
        if workload.task != Task::Forward && !self.trains {
            return does_not_train();
        }
        let question = self.question(workload).map_err(|error| format!("could not be given the network: {error}"))?;
        if self.process.borrow().is_none() {
            *self.process.borrow_mut() = Some(Process::start(self.module, self.threads)?.0);
        }
        let answer = ask(&self.process, &question)?;
        let check = numbers(&answer["check"]).into_iter().map(|value| value as f32).collect();
        Ok(Box::new(Remote { check, process: self.process.clone() }))
    }
}

impl Python {
    fn question(&self, workload: &Workload) -> io::Result<Value> {
        let (loss, optimizer) = match workload.task {
            Task::Forward => (Value::Null, Value::Null),
            Task::Train(loss, optimizer) => (loss_name(loss).into(), optimizer_name(optimizer).into()),
        };
        let network = workload.network;
        let rules = network.weighted().into_iter().flat_map(|layer| layer.tensors);
        let mut exchange = self.exchange.borrow_mut();
        let files = exchange.files(workload)?;
        Ok(json!({
            "op": "prepare",
            "input": network.input,
            "layers": chain(network.layers),
            "output": network.output(),
            "tensors": rules.map(|rule| rule.shape).collect::<Vec<_>>(),
            "data": files.data(),
            "onnx": files.onnx(),
            "samples": workload.samples,
            "loss": loss,
            "optimizer": optimizer,
            "learning_rate": LEARNING_RATE,
            "steps": CHECKED_STEPS,
        }))
    }
}

/// A process that fails once is not asked again.
fn ask(process: &RefCell<Option<Process>>, question: &Value) -> Result<Value, String> {
    let mut process = process.borrow_mut();
    let answer = process.as_mut().ok_or("its process ended")?.ask(question);
    if answer.is_err() {
        *process = None;
    }
    answer
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

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn loss_name(loss: Loss) -> &'static str {
    match loss {
        Loss::SquaredError => "mse_loss",
        Loss::CrossEntropy | Loss::PixelCrossEntropy => "cross_entropy",
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
    check: Vec<f32>,
    process: Rc<RefCell<Option<Process>>>,
}

impl Run for Remote {
    fn check(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.check)
    }

    /// None of a process that ended.
    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        let question = json!({ "op": "seconds", "samples": samples, "calls": calls });
        ask(&self.process, &question).map_or_else(|_| Vec::new(), |answer| numbers(&answer["seconds"]))
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // A process that is gone holds nothing.
        let _ = ask(&self.process, &json!({ "op": "drop" }));
    }
}
