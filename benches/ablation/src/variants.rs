//! Every way in which a network is computed.

use core::hint::black_box;
use std::time::Instant;

use monograd::prelude::*;
use nalgebra::{Const, DimName, Dyn, MatrixView};

use crate::chain::Chain;
use crate::graph::Graph;
use crate::products::{Columns, Direct, Gemm, General, Matched, MatrixMultiply, Products, Unfused};
use crate::program::{Allocating, Memory, Planned, Program};

/// What computes the layers with weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Monograd's kernels.
    Matched,
    /// These without Winograd's algorithms.
    Direct,
    /// And with activations in passes of their own.
    Unfused,
    /// And with windows copied into columns.
    Columns,
    /// The `gemm` crate.
    Gemm,
    /// The `matrixmultiply` crate.
    MatrixMultiply,
}

/// Which parts of Monograd a variant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// All: what the macro makes.
    Monograd,
    /// Those of these.
    Parts {
        /// Whether layers are dispatched when the program runs.
        dispatch: bool,
        /// Whether each layer allocates its output.
        allocation: bool,
        /// How products are computed.
        kernel: Kernel,
    },
}

/// A variant that is ready to be called.
pub struct Entry {
    /// Which.
    pub variant: Variant,
    /// What computes it.
    pub run: Box<dyn Run>,
}

/// A network that is ready to be called.
pub trait Run {
    /// Computes its outputs, which nobody but the optimiser is shown.
    fn call(&mut self, x: &[f32]);

    /// Its outputs.
    fn outputs(&mut self, x: &[f32]) -> Vec<f32>;

    /// Seconds a call, of `samples` times `calls` calls.
    fn seconds(&mut self, x: &[f32], samples: usize, calls: usize) -> Vec<f64> {
        let sample = |_| {
            let begin = Instant::now();
            for _ in 0..calls {
                self.call(black_box(x));
            }
            begin.elapsed().as_secs_f64() / calls as f64
        };
        (0..samples).map(sample).collect()
    }
}

/// The network as its users call it.
struct Declared<N: Network, B> {
    net: Box<N>,
    work: Inference<N>,
    batch: B,
}

/// The implementation of [`Run`] from what infers.
macro_rules! run {
    (|$this:ident, $x:ident| $infer:expr) => {
        #[inline]
        fn call(&mut self, $x: &[f32]) {
            let $this = self;
            black_box($infer);
        }

        fn outputs(&mut self, $x: &[f32]) -> Vec<f32> {
            let $this = self;
            $infer.iter().copied().collect()
        }
    };
}

impl<N: Network<Scalar = f32>> Run for Declared<N, Const<1>> {
    run!(|this, x| this.work.run(&this.net, &MatrixView::from_slice_generic(x, N::Input::name(), this.batch)));
}

impl<N: Network<Scalar = f32>> Run for Declared<N, Dyn> {
    run!(|this, x| this.work.run(&this.net, &MatrixView::from_slice_generic(x, N::Input::name(), this.batch)));
}

impl<N: Chain, M: Memory, P: Products> Run for Program<N, M, P> {
    run!(|this, x| this.infer(x));
}

impl<P: Products + 'static> Run for Graph<P> {
    run!(|this, x| this.infer(x).expect("layers that fit together, and a batch for which there is memory"));
}

/// Every variant of a network for calls of `samples` samples, Monograd first.
pub fn variants<N: Chain + 'static>(samples: usize) -> Vec<Entry> {
    let mut entries = vec![Entry { variant: Variant::Monograd, run: declared::<N>(samples) }];
    entries.extend(cube::<N, Matched>(samples, Kernel::Matched));
    entries.extend(cube::<N, General<Gemm>>(samples, Kernel::Gemm));
    entries.extend(cube::<N, General<MatrixMultiply>>(samples, Kernel::MatrixMultiply));
    entries.push(program::<N, Planned, Direct>(samples, Kernel::Direct, false));
    entries.push(program::<N, Planned, Unfused>(samples, Kernel::Unfused, false));
    entries.push(program::<N, Planned, Columns>(samples, Kernel::Columns, false));
    entries
}

/// With and without dispatch, with and without allocation.
fn cube<N: Chain + 'static, P: Products + 'static>(samples: usize, kernel: Kernel) -> [Entry; 4] {
    [
        program::<N, Planned, P>(samples, kernel, false),
        program::<N, Allocating, P>(samples, kernel, true),
        graph::<N, P>(samples, kernel, false),
        graph::<N, P>(samples, kernel, true),
    ]
}

/// Of one sample the compiler knows that it is one.
fn declared<N: Chain + 'static>(samples: usize) -> Box<dyn Run> {
    let (net, work) = (N::new(), N::workspace(samples));
    match samples {
        1 => Box::new(Declared { net, work, batch: Const::<1> }),
        _ => Box::new(Declared { net, work, batch: Dyn(samples) }),
    }
}

fn program<N, M, P>(samples: usize, kernel: Kernel, allocation: bool) -> Entry
where
    N: Chain + 'static,
    M: Memory + 'static,
    P: Products + 'static,
{
    let run = Box::new(Program::<N, M, P>::new(samples));
    Entry { variant: Variant::Parts { dispatch: false, allocation, kernel }, run }
}

fn graph<N: Chain, P: Products + 'static>(samples: usize, kernel: Kernel, allocation: bool) -> Entry {
    let run = Box::new(Graph::<P>::new::<N>(samples, allocation));
    Entry { variant: Variant::Parts { dispatch: true, allocation, kernel }, run }
}
