//! Tract, from the network in ONNX.

use std::hint::black_box;

use tract_linalg::multithread::{Executor, set_default_executor};
use tract_onnx::prelude::*;

use super::{Engine, Run, does_not_train, pinned, seconds};
use crate::onnx;
use crate::workload::{Task, Workload};

/// Tract.
pub struct Tract;

impl Tract {
    /// With an executor of so many threads.
    pub fn new(threads: usize) -> Self {
        if threads > 1 {
            set_default_executor(Executor::multithread(threads));
        }
        Self
    }
}

impl Engine for Tract {
    fn title(&self) -> String {
        format!("tract {}", pinned("tract-onnx"))
    }

    fn prepare(&mut self, workload: &Workload) -> Result<Box<dyn Run>, String> {
        if workload.task != Task::Forward {
            return does_not_train();
        }
        Forward::new(workload).map(|run| Box::new(run) as Box<dyn Run>).map_err(|error| error.to_string())
    }
}

struct Forward {
    state: TypedSimpleState,
    x: TValue,
}

impl Forward {
    /// The plan of the optimised network, and a state that every call uses again.
    fn new(workload: &Workload) -> TractResult<Self> {
        let parsed = onnx().parse(&onnx::model(workload), None)?;
        let plan = parsed.model.into_optimized()?.into_runnable()?;
        let shape = [&[workload.samples], workload.network.input].concat();
        let x = Tensor::from_shape(&shape, &workload.inputs())?.into_tvalue();
        Ok(Self { state: plan.spawn()?, x })
    }

    fn call(&mut self) -> TVec<TValue> {
        self.state.run(tvec!(black_box(self.x.clone()))).expect("a tensor that fits")
    }
}

impl Run for Forward {
    fn check(&mut self) -> Vec<f32> {
        let y = self.call();
        y[0].to_plain_array_view::<f32>().expect("a tensor of f32").iter().copied().collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.call()))
    }
}
