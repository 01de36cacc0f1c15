//! A progress bar for a [`Trainer`](nn_runtime::Trainer): the epoch, the loss and the samples per second.
//!
//! ```no_run
//! # use nn_runtime::{Trainer, losses::SoftmaxCrossEntropy, optimizers::Adam};
//! # use nn_progress::ProgressBar;
//! let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::<f32>::new(1e-3)).observe(ProgressBar::new());
//! ```
//!
//! A bar is drawn on standard error, and only if that is a terminal. To turn it off, leave it out, or observe with
//! [`ProgressBar::hidden`].

use std::time::{Duration, Instant};

use indicatif::{ProgressBar as Bar, ProgressDrawTarget, ProgressStyle};
use nn_runtime::{Epoch, Flow, Observer, Progress};

const TEMPLATE: &str = "{prefix} [{bar:32}] {pos}/{len} {msg}";

/// How often the figures beside the bar are written anew.
const REFRESH: Duration = Duration::from_millis(100);

/// A progress bar of the current epoch.
#[derive(Debug)]
pub struct ProgressBar {
    bar: Bar,
    epoch_start: Instant,
    refreshed: Instant,
}

impl ProgressBar {
    /// A bar on standard error; nothing if that is no terminal.
    #[must_use]
    pub fn new() -> Self {
        Self::on(ProgressDrawTarget::stderr())
    }

    /// No bar: for a program that lets its user turn it off.
    #[must_use]
    pub fn hidden() -> Self {
        Self::on(ProgressDrawTarget::hidden())
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = Bar::with_draw_target(Some(0), target).with_style(style);
        Self { bar, epoch_start: Instant::now(), refreshed: Instant::now() }
    }

    fn refresh(&mut self, progress: &Progress) {
        let rate = progress.samples as f64 / self.epoch_start.elapsed().as_secs_f64();
        self.bar.set_prefix(format!("epoch {}/{}", progress.epoch, progress.epochs));
        self.bar.set_length(progress.of as u64);
        self.bar.set_position(progress.samples as u64);
        self.bar.set_message(format!("loss {:.4}, {rate:.0} samples/s", progress.loss));
        self.refreshed = Instant::now();
    }
}

impl Default for ProgressBar {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for ProgressBar {
    fn batch(&mut self, progress: &Progress) -> Flow {
        if !self.bar.is_hidden() && (self.refreshed.elapsed() >= REFRESH || progress.samples == progress.of) {
            self.refresh(progress);
        }
        Flow::Continue(())
    }

    fn epoch(&mut self, _: &Epoch) -> Flow {
        self.bar.finish_and_clear();
        self.bar.reset();
        self.epoch_start = Instant::now();
        Flow::Continue(())
    }

    fn end(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_batches_and_starts_anew_with_each_epoch() {
        let mut bar = ProgressBar::hidden();
        let progress = Progress { epoch: 1, epochs: 2, samples: 30, of: 100, loss: 0.25 };
        bar.refresh(&progress);
        assert_eq!((bar.bar.position(), bar.bar.length()), (30, Some(100)));
        assert_eq!(bar.bar.prefix(), "epoch 1/2");
        assert!(bar.bar.message().starts_with("loss 0.2500, "));
        let epoch = Epoch {
            number: 1,
            epochs: 2,
            loss: 0.2,
            accuracy: None,
            validation: None,
            samples: 100,
            seconds: 1.0,
            learning_rate: 0.1,
        };
        assert_eq!(bar.epoch(&epoch), Flow::Continue(()));
        assert_eq!(bar.bar.position(), 0);
    }
}
