//! How inputs are standardised before a network is trained.

use crate::Real;
use crate::data::{Dataset, DatasetError, Standardiser, Target};

/// How inputs are standardised: fitted to what is trained on, and applied to that and to what it is judged by, so that nothing of
/// the latter flows into training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// Not at all.
    #[default]
    None,
    /// Each feature: [`Standardiser::fit`].
    Features,
    /// Each channel of images `[C, H, W]`: [`Standardiser::fit_channels`].
    Channels([usize; 3]),
}

impl Scaling {
    /// Fits to `train`, and applies to it and to `held_out`.
    ///
    /// ```
    /// use nn_runtime::data::Dataset;
    /// use nn_runtime::validation::Scaling;
    ///
    /// let data = |rows: &[[f32; 1]]| Dataset::<f32, 1, u32>::from_labelled_rows(rows, &vec![0; rows.len()], 1);
    /// let (mut train, mut held_out) = (data(&[[1.0], [3.0]])?, data(&[[100.0]])?);
    /// Scaling::Features.apply(&mut train, &mut held_out)?;
    /// assert_eq!((train.inputs().as_slice(), held_out.inputs().as_slice()), (&[-1.0, 1.0][..], &[98.0][..]));
    /// # Ok::<(), nn_runtime::data::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// If there is nothing to fit to, or samples are no images of the shape.
    pub fn apply<T: Real, const I: usize, Y: Target>(
        self,
        train: &mut Dataset<T, I, Y>,
        held_out: &mut Dataset<T, I, Y>,
    ) -> Result<(), DatasetError> {
        let standardiser = match self {
            Self::None => return Ok(()),
            Self::Features => Standardiser::fit(train)?,
            Self::Channels(shape) => Standardiser::fit_channels(train, shape)?,
        };
        standardiser.apply(train);
        standardiser.apply(held_out);
        Ok(())
    }
}
