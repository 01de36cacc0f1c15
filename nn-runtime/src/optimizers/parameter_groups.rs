//! Optimisers by line: other rates for some parameters of a network, none for others.

use core::marker::PhantomData;
use core::ops::Range;

use thiserror::Error;

use super::{Optimizer, check_lengths};
use crate::{CallingThread, Network, Pool, Real, StateVisitor};

/// One optimiser for a network as a whole, and others for some of its lines; some lines may stay as they are.
///
/// Lines are named as in [`Network::tensors`]: a dotted path, of the whole name or of its beginning. `stage1.0` is
/// `stage1.0.body.conv2d.weight` and all else in that block, but not `stage1.01`. What no group takes is the default's.
///
/// - Of two lines of which one is within the other, the more specific one has its tensors, in whatever order they are given.
/// - A predicate ([`group_where`](Self::group_where)) may not take what another group has: that is an error.
/// - What is frozen stays so, whatever group has it, to the last bit. The gradient is computed all the same. Running
///   statistics, as of batch normalisation, are no parameters: they move with the batches of a training in any case.
///
/// ```
/// use nn_runtime::optimizers::{Optimizer, ParameterGroups, Sgd};
/// # use nn_runtime::{Flat, Generator, LayerInfo, Network, TensorEntry, kernels::Kernels, plan::Arena};
/// # #[repr(C)] struct Net([f64; 4]);
/// # unsafe impl Flat<f64> for Net { const LEN: usize = 4; }
/// # impl Network for Net {
/// #     type Scalar = f64;
/// #     type Input = nalgebra::Const<1>;
/// #     type Output = nalgebra::Const<1>;
/// #     const NAME: &'static str = "Net";
/// #     const INPUT_SHAPE: &'static [usize] = &[1];
/// #     const OUTPUT_SHAPE: &'static [usize] = &[1];
/// #     const LAYERS: &'static [LayerInfo] = &[];
/// #     const TENSORS: &'static [TensorEntry] = &[
/// #         TensorEntry::Tensor { name: "stem.weight", shape: &[1], order: &[0], offset: 0 },
/// #         TensorEntry::Tensor { name: "body.weight", shape: &[1], order: &[0], offset: 1 },
/// #         TensorEntry::Tensor { name: "body.bias", shape: &[1], order: &[0], offset: 2 },
/// #         TensorEntry::Tensor { name: "head.weight", shape: &[1], order: &[0], offset: 3 },
/// #     ];
/// #     const INFERENCE_SIZE: usize = 1;
/// #     const TRAINING_SIZE: Option<usize> = None;
/// #     const RECEPTIVE_FIELD: &'static [usize] = &[];
/// #     fn initialize(&mut self, _: &mut Generator) {}
/// #     fn infer<L: Kernels<f64>>(&self, _: L, _: &[f64], _: &mut [f64], _: &mut Arena<'_, f64>, _: &mut [f64]) {}
/// # }
/// // Lines `stem`, `body` and `head`, of which `body` has a bias.
/// let mut optimizer = ParameterGroups::new::<Net>(Sgd::new(0.5).weight_decay(1.0))
///     .group("head", Sgd::new(0.25))?
///     .group_where(|name| name.ends_with("bias"), Sgd::new(0.5))? // no weight decay
///     .freeze("stem")?;
/// let mut params = [1.0; 4];
/// optimizer.step(&mut params, &[1.0; 4]);
/// assert_eq!(params, [1.0, 0.0, 0.5, 0.75]);
///
/// optimizer.set_learning_rate(1.0); // of all groups in proportion
/// optimizer.step(&mut params, &[1.0; 4]);
/// assert_eq!(params, [1.0, -1.0, -0.5, 0.25]);
///
/// let error = optimizer.freeze("haed").unwrap_err();
/// assert_eq!(error.to_string(), "`Net` has no parameters named `haed`; there are `stem`, `body`, `head`");
/// # Ok::<(), nn_runtime::optimizers::GroupError>(())
/// ```
///
/// Each stretch of memory that belongs to one group has an optimiser of its own, a clone of the group's. Groups that all
/// have the settings of the default give, bit for bit, what one optimiser gives.
#[derive(Clone, Debug)]
pub struct ParameterGroups<P, T: Real = f32> {
    network: &'static str,
    /// The parameters, with padding.
    len: usize,
    tensors: Vec<Member>,
    /// The default first.
    groups: Vec<Group<P>>,
    /// The stretches of frozen tensors.
    frozen: Vec<Range<usize>>,
    /// Made by `prepare`.
    segments: Option<Vec<Segment<P>>>,
    scalar: PhantomData<T>,
}

/// A tensor, and whose it is.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    range: Range<usize>,
    group: usize,
    claim: Claim,
    frozen: bool,
}

/// Why a tensor is in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// No group took it.
    Default,
    /// By a path of so many bytes.
    Line(usize),
    Predicate,
}

#[derive(Clone, Debug)]
struct Group<P> {
    /// What its segments are clones of.
    optimizer: P,
    /// Its learning rate over that of the default.
    ratio: f64,
}

/// A stretch of parameters of one group.
#[derive(Clone, Debug)]
struct Segment<P> {
    /// That of its first tensor.
    name: String,
    range: Range<usize>,
    group: usize,
    optimizer: P,
}

/// Groups that a network cannot be divided into.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GroupError {
    /// No tensor has this name or path.
    #[error("`{network}` has no parameters named `{line}`; there are {}", quoted(known))]
    Unknown {
        /// The network.
        network: &'static str,
        /// The path that was asked for.
        line: String,
        /// The paths that exist, at the level where the search failed.
        known: Vec<String>,
    },
    /// A line has two groups.
    #[error("the line `{line}` is given to two groups")]
    Twice {
        /// Its path.
        line: String,
    },
    /// A predicate takes what another group has.
    #[error("`{tensor}` is taken by a predicate and by another group: let the predicate leave one of them out")]
    Overlap {
        /// The first such tensor.
        tensor: String,
    },
    /// A predicate takes nothing.
    #[error("the predicate takes none of the parameters of `{network}`; there are {}", quoted(known))]
    Nothing {
        /// The network.
        network: &'static str,
        /// The names of its tensors.
        known: Vec<String>,
    },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl<P: Optimizer<T> + Clone, T: Real> ParameterGroups<P, T> {
    /// `default` for all parameters of the network `N`, until groups are taken out.
    ///
    /// # Panics
    /// If the learning rate of `default` is 0, in units of which those of the others are scaled. To keep parameters as they
    /// are, [`freeze`](Self::freeze) them.
    #[must_use]
    #[track_caller]
    pub fn new<N: Network<Scalar = T>>(default: P) -> Self {
        assert!(default.learning_rate() > 0.0, "the learning rate of the default group must be above 0");
        let tensors = N::tensors().into_iter().map(|tensor| Member {
            range: tensor.offset..tensor.offset + tensor.len(),
            name: tensor.name,
            group: 0,
            claim: Claim::Default,
            frozen: false,
        });
        Self {
            network: N::NAME,
            len: N::LEN - N::BUFFERS_LEN,
            tensors: tensors.collect(),
            groups: vec![Group { optimizer: default, ratio: 1.0 }],
            frozen: Vec::new(),
            segments: None,
            scalar: PhantomData,
        }
    }

    /// Another optimiser for a line.
    ///
    /// # Errors
    /// If there is no such line, if it has a group already, or if a predicate took a part of it.
    ///
    /// # Panics
    /// If steps were made already.
    pub fn group(mut self, line: &str, optimizer: P) -> Result<Self, GroupError> {
        self.check_exists(line)?;
        let group = self.add(optimizer);
        for tensor in self.tensors.iter_mut().filter(|tensor| is_within(&tensor.name, line)) {
            match tensor.claim {
                Claim::Predicate => return Err(GroupError::Overlap { tensor: tensor.name.clone() }),
                Claim::Line(len) if len == line.len() => return Err(GroupError::Twice { line: line.to_owned() }),
                Claim::Line(len) if len > line.len() => {}
                Claim::Line(_) | Claim::Default => (tensor.group, tensor.claim) = (group, Claim::Line(line.len())),
            }
        }
        Ok(self)
    }

    /// Another optimiser for all tensors whose name is as `takes` wants it: `|name| name.ends_with("bias")`.
    ///
    /// # Errors
    /// If there are none, or one of them is in a group already.
    ///
    /// # Panics
    /// If steps were made already.
    pub fn group_where(mut self, takes: impl Fn(&str) -> bool, optimizer: P) -> Result<Self, GroupError> {
        let group = self.add(optimizer);
        let mut taken = self.tensors.iter_mut().filter(|tensor| takes(&tensor.name)).peekable();
        if taken.peek().is_none() {
            drop(taken);
            return Err(self.nothing());
        }
        for tensor in taken {
            if tensor.claim != Claim::Default {
                return Err(GroupError::Overlap { tensor: tensor.name.clone() });
            }
            (tensor.group, tensor.claim) = (group, Claim::Predicate);
        }
        Ok(self)
    }

    /// Keeps a line as it is.
    ///
    /// # Errors
    /// If there is no such line.
    ///
    /// # Panics
    /// If steps were made already.
    pub fn freeze(mut self, line: &str) -> Result<Self, GroupError> {
        self.check_exists(line)?;
        self.check_not_prepared();
        for tensor in self.tensors.iter_mut().filter(|tensor| is_within(&tensor.name, line)) {
            tensor.frozen = true;
        }
        self.frozen = frozen_stretches(&self.tensors);
        Ok(self)
    }

    /// Keeps all tensors as they are whose name is as `takes` wants it.
    ///
    /// # Errors
    /// If there are none.
    ///
    /// # Panics
    /// If steps were made already.
    pub fn freeze_where(mut self, takes: impl Fn(&str) -> bool) -> Result<Self, GroupError> {
        self.check_not_prepared();
        let mut any = false;
        for tensor in self.tensors.iter_mut().filter(|tensor| takes(&tensor.name)) {
            (tensor.frozen, any) = (true, true);
        }
        self.frozen = frozen_stretches(&self.tensors);
        if any { Ok(self) } else { Err(self.nothing()) }
    }

    /// The number of a new group.
    fn add(&mut self, optimizer: P) -> usize {
        self.check_not_prepared();
        let ratio = optimizer.learning_rate() / self.groups[0].optimizer.learning_rate();
        self.groups.push(Group { optimizer, ratio });
        self.groups.len() - 1
    }

    fn check_not_prepared(&self) {
        assert!(self.segments.is_none(), "groups are made before the first step");
    }

    fn check_exists(&self, line: &str) -> Result<(), GroupError> {
        if self.tensors.iter().any(|tensor| is_within(&tensor.name, line)) {
            return Ok(());
        }
        // The longest beginning of the path that exists says which names were possible.
        let mut parent = line;
        let known = loop {
            parent = parent.rsplit_once('.').map_or("", |(parent, _)| parent);
            let known = self.children(parent);
            if parent.is_empty() || !known.is_empty() {
                break known;
            }
        };
        Err(GroupError::Unknown { network: self.network, line: line.to_owned(), known })
    }

    /// The paths one step below `parent`, in the order of memory.
    fn children(&self, parent: &str) -> Vec<String> {
        let below = if parent.is_empty() { 0 } else { parent.len() + 1 };
        let inside = self.tensors.iter().filter(|tensor| parent.is_empty() || is_within(&tensor.name, parent));
        let mut children: Vec<_> = inside
            .filter_map(|tensor| {
                let word = tensor.name.get(below..)?.split('.').next()?;
                Some(tensor.name[..below + word.len()].to_owned())
            })
            .collect();
        children.dedup();
        children
    }

    fn nothing(&self) -> GroupError {
        let known = self.tensors.iter().map(|tensor| tensor.name.clone()).collect();
        GroupError::Nothing { network: self.network, known }
    }

    /// Neighbours of one group together, with the padding between them.
    fn make_segments(&self) -> Vec<Segment<P>> {
        let mut segments: Vec<Segment<P>> = Vec::new();
        let mut open = false;
        for tensor in self.tensors.iter().filter(|tensor| !tensor.range.is_empty()) {
            match segments.last_mut() {
                _ if tensor.frozen => {}
                Some(last) if open && last.group == tensor.group => last.range.end = tensor.range.end,
                _ => segments.push(Segment {
                    name: tensor.name.clone(),
                    range: tensor.range.clone(),
                    group: tensor.group,
                    optimizer: self.groups[tensor.group].optimizer.clone(),
                }),
            }
            open = !tensor.frozen;
        }
        segments
    }

    fn segments_mut(&mut self) -> impl Iterator<Item = &mut Segment<P>> {
        self.segments.iter_mut().flatten()
    }
}

/// Frozen neighbours together, with the padding between them.
fn frozen_stretches(tensors: &[Member]) -> Vec<Range<usize>> {
    let stretches = tensors.chunk_by(|a, b| a.frozen == b.frozen).filter(|stretch| stretch[0].frozen);
    let ranges = stretches.map(|stretch| stretch[0].range.start..stretch[stretch.len() - 1].range.end);
    ranges.filter(|range| !range.is_empty()).collect()
}

/// Whether `line` is the name, or its beginning up to a dot.
fn is_within(name: &str, line: &str) -> bool {
    name.strip_prefix(line).is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && !line.is_empty()))
}

impl<P: Optimizer<T> + Clone, T: Real> Optimizer<T> for ParameterGroups<P, T> {
    fn prepare(&mut self, len: usize) {
        let (network, expected) = (self.network, self.len);
        assert!(len == expected, "`{network}` has {expected} parameters with padding, but there are {len}");
        if self.segments.is_none() {
            let mut segments = self.make_segments();
            for Segment { range, optimizer, .. } in &mut segments {
                optimizer.prepare(range.len());
            }
            self.segments = Some(segments);
        }
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        for Segment { range, optimizer, .. } in self.segments_mut() {
            optimizer.step_in(pool, &mut params[range.clone()], &gradient[range.clone()]);
        }
    }

    /// That of the default.
    fn learning_rate(&self) -> f64 {
        self.groups[0].optimizer.learning_rate()
    }

    /// Sets that of the default, and those of the others in the proportions that they had at first.
    fn set_learning_rate(&mut self, learning_rate: f64) {
        for Group { optimizer, ratio } in &mut self.groups {
            optimizer.set_learning_rate(learning_rate * *ratio);
        }
        for Segment { group, optimizer, .. } in self.segments.iter_mut().flatten() {
            optimizer.set_learning_rate(learning_rate * self.groups[*group].ratio);
        }
    }

    /// To all groups.
    fn report_loss(&mut self, loss: f64) {
        match &mut self.segments {
            Some(segments) => segments.iter_mut().for_each(|segment| segment.optimizer.report_loss(loss)),
            // What takes the first step will be clones of these.
            None => self.groups.iter_mut().for_each(|group| group.optimizer.report_loss(loss)),
        }
    }

    fn network(&self) -> Option<&'static str> {
        Some(self.network)
    }

    fn frozen(&self) -> &[Range<usize>] {
        &self.frozen
    }

    fn reset(&mut self) {
        for segment in self.segments_mut() {
            segment.optimizer.reset();
        }
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        let before = self.learning_rate();
        let mut learning_rate = before;
        visitor.number("learning_rate", &mut learning_rate);
        // Set anew, the others' rates could come out one rounding apart: a visitor that only looks must change nothing.
        if learning_rate.to_bits() != before.to_bits() {
            self.set_learning_rate(learning_rate);
        }
        for Segment { name, optimizer, .. } in self.segments_mut() {
            visitor.group(name, &mut |visitor| optimizer.visit_state(visitor));
        }
    }
}
