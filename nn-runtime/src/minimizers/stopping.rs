//! When a minimisation ends.

/// The settings that all methods share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopping {
    pub(super) gradient_tolerance: f64,
    pub(super) change_tolerance: f64,
    pub(super) max_iterations: usize,
}

impl Default for Stopping {
    fn default() -> Self {
        Self { gradient_tolerance: 1e-5, change_tolerance: 0.0, max_iterations: 1000 }
    }
}

/// The methods that set them, for a type whose field `descent` has them.
macro_rules! stopping_settings {
    () => {
        /// How large the largest component of the gradient may be at a minimum: 10⁻⁵ unless it is set.
        ///
        /// # Panics
        /// If `tolerance` is negative or not finite.
        #[must_use]
        #[track_caller]
        pub fn gradient_tolerance(mut self, tolerance: f64) -> Self {
            self.descent.stopping.gradient_tolerance = $crate::settings::non_negative("gradient_tolerance", tolerance);
            self
        }

        /// Ends it when no parameter moves by more than this share of the largest one: 0 unless it is set, so that it ends
        /// when nothing moves at all.
        ///
        /// # Panics
        /// If `tolerance` is negative or not finite.
        #[must_use]
        #[track_caller]
        pub fn change_tolerance(mut self, tolerance: f64) -> Self {
            self.descent.stopping.change_tolerance = $crate::settings::non_negative("change_tolerance", tolerance);
            self
        }

        /// How many iterations are made at most: 1000 unless it is set.
        #[must_use]
        pub fn max_iterations(mut self, max_iterations: usize) -> Self {
            self.descent.stopping.max_iterations = max_iterations;
            self
        }
    };
}

pub(super) use stopping_settings;
