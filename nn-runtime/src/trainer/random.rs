//! What a training draws its random numbers from.

use crate::{Generator, Real, StateVisitor};

/// The generators of a seed. Each has a stream of its own, so that none of them changes the others.
#[derive(Clone)]
pub(super) struct Random {
    /// For the order of the samples.
    pub order: Generator,
    /// For the seed of each epoch's dropout.
    pub noise: Generator,
    /// For the augmentation.
    pub changes: Generator,
    /// For mixup.
    pub mixing: Generator,
}

impl Random {
    pub fn seed(seed: u64) -> Self {
        let [order, noise, changes, mixing] = [seed, !seed, seed ^ 1 << 63, !seed ^ 1 << 63].map(Generator::seed);
        Self { order, noise, changes, mixing }
    }

    pub fn visit_state<T: Real>(&mut self, visitor: &mut dyn StateVisitor<T>) {
        let Self { order, noise, changes, mixing } = self;
        let generators = [("order", order), ("noise", noise), ("changes", changes), ("mixing", mixing)];
        for (name, generator) in generators {
            visitor.group(name, &mut |visitor| generator.visit_state(visitor));
        }
    }
}
