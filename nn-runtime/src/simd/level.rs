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
    /// AVX-512 F, DQ and VL: vectors of 512 bits.
    Avx512 = 3,
}

/// The error of [`force_level`]: this processor lacks the instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this processor does not have {wanted:?}; the best it has is {best:?}")]
pub struct UnsupportedLevel {
    /// The level that was asked for.
    pub wanted: Level,
    /// The best level of this processor.
    pub best: Level,
}

impl Level {
    /// Every level, slowest first.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Avx2, Self::Avx512];

    /// The best level of this processor.
    #[must_use]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            match (avx2, avx512) {
                (true, true) => return Self::Avx512,
                (true, false) => return Self::Avx2,
                _ => {}
            }
        }
        Self::Scalar
    }

    /// Whether this processor has the level.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self <= Self::best()
    }
}

/// 0 until the level is read for the first time.
static IN_FORCE: AtomicU8 = AtomicU8::new(0);

/// The instruction set in force: the best of this processor unless [`force_level`] set another.
#[inline]
#[must_use]
pub fn level() -> Level {
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

/// Makes every later call of the process use `level`; `None` returns to the best of this processor.
///
/// Results are bit-reproducible on one level (on [`Level::Scalar`] for one target: where the target has fused
/// multiply-adds, scalar code uses them), so a program that must give the same bits on different processors forces the
/// level that all of them have.
///
/// # Errors
/// If this processor lacks `level`; nothing changes then.
pub fn force_level(level: Option<Level>) -> Result<(), UnsupportedLevel> {
    let best = Level::best();
    let wanted = level.unwrap_or(best);
    if wanted > best {
        return Err(UnsupportedLevel { wanted, best });
    }
    IN_FORCE.store(wanted as u8, Ordering::Relaxed);
    Ok(())
}
