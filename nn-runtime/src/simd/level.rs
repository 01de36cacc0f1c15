//! Which instruction set is in force.

use std::sync::atomic::{AtomicU8, Ordering};

use thiserror::Error;

/// An instruction set, from the most widely available to the fastest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// One value at a time, on any processor.
    Scalar = 1,
    /// AVX2 and FMA: vectors of 256 bits.
    Avx2 = 2,
    /// AVX-512 F, DQ and VL, and with them AVX2 and FMA: vectors of 512 bits.
    Avx512 = 3,
}

/// The error of [`force_level`]: who lacks the instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnsupportedLevel {
    /// The program was built without it.
    #[error(
        "{wanted:?} is not compiled into this program: it takes an x86-64 target and the cargo feature `{feature}`; \
         the best of the compiled levels that this processor has is {best:?}"
    )]
    NotCompiled {
        /// The level that was asked for.
        wanted: Level,
        /// The cargo feature that it takes.
        feature: &'static str,
        /// The best level that could be asked for.
        best: Level,
    },
    /// The program has it, but this processor does not.
    #[error("this processor does not have {wanted:?}; the best of the compiled levels that it has is {best:?}")]
    Processor {
        /// The level that was asked for.
        wanted: Level,
        /// The best level that could be asked for.
        best: Level,
    },
}

impl Level {
    /// Every level, slowest first.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Avx2, Self::Avx512];

    /// The best of the compiled levels that this processor has.
    #[must_use]
    pub fn best() -> Self {
        let can_run = |level: &Self| level.is_compiled() && level.is_in_processor();
        Self::ALL.into_iter().take_while(can_run).last().unwrap_or(Self::Scalar)
    }

    /// Whether the level is compiled and this processor has it.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self <= Self::best()
    }

    /// Whether the level is part of this program: for the vector levels, whether the target is x86-64 and the cargo feature
    /// `avx2` or `avx512` is on, as both are by default.
    ///
    /// ```
    /// use nn_runtime::simd::Level;
    ///
    /// assert!(Level::Scalar.is_compiled());
    /// assert!(Level::Avx2.is_compiled() || !Level::Avx512.is_compiled());
    /// ```
    #[must_use]
    pub const fn is_compiled(self) -> bool {
        self.missing_feature().is_none()
    }

    /// The cargo feature that the level takes, if the program was built without.
    const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Avx2 if cfg!(not(all(target_arch = "x86_64", feature = "avx2"))) => Some("avx2"),
            Self::Avx512 if cfg!(not(all(target_arch = "x86_64", feature = "avx512"))) => Some("avx512"),
            _ => None,
        }
    }

    /// Whether the processor has the instructions.
    #[cfg(target_arch = "x86_64")]
    fn is_in_processor(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
        }
    }

    /// Whether the processor has the instructions.
    #[cfg(not(target_arch = "x86_64"))]
    fn is_in_processor(self) -> bool {
        self == Self::Scalar
    }
}

/// 0 until the level is read for the first time.
static IN_FORCE: AtomicU8 = AtomicU8::new(0);

/// The instruction set in force: [`Level::best`] unless [`force_level`] set another.
#[inline]
#[must_use]
pub fn level() -> Level {
    if !Level::Avx2.is_compiled() {
        // Nothing to choose, and no choice in the program.
        return Level::Scalar;
    }
    match IN_FORCE.load(Ordering::Relaxed) {
        1 => Level::Scalar,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => detect(),
    }
}

#[cold]
fn detect() -> Level {
    let best = Level::best();
    // A level that another thread has forced meanwhile stays.
    let _ = IN_FORCE.compare_exchange(0, best as u8, Ordering::Relaxed, Ordering::Relaxed);
    level()
}

/// Makes every later call of the process use `level`; `None` returns to [`Level::best`].
///
/// Results are bit-reproducible on one level (on [`Level::Scalar`] for one target: where the target has fused
/// multiply-adds, scalar code uses them), so a program that must give the same bits on different processors forces the
/// level that all of them have.
///
/// # Errors
/// If `level` is not compiled into the program, or this processor lacks it; nothing changes then.
pub fn force_level(level: Option<Level>) -> Result<(), UnsupportedLevel> {
    let best = Level::best();
    let wanted = level.unwrap_or(best);
    if let Some(feature) = wanted.missing_feature() {
        return Err(UnsupportedLevel::NotCompiled { wanted, feature, best });
    }
    if wanted > best {
        return Err(UnsupportedLevel::Processor { wanted, best });
    }
    IN_FORCE.store(wanted as u8, Ordering::Relaxed);
    Ok(())
}
