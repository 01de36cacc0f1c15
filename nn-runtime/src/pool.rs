//! Threads that the program owns, and what is done on them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

#[cfg(feature = "rayon")]
mod rayon;

/// Threads that a program has started, to be worked on by [`Inference::run_in`](crate::Inference::run_in),
/// [`Training::backprop_in`](crate::Training::backprop_in) and [`Trainer::pool`](crate::Trainer::pool).
///
/// Nothing in this crate starts a thread. Without a pool everything is computed on the calling thread, which is a pool of one:
/// [`CallingThread`]. With the cargo feature `rayon` a `rayon::ThreadPool` is a pool. No result depends on the pool, not in its
/// last bit.
///
/// Any executor can be one. The threads of [`std::thread::scope`], started for each call, which takes tens of microseconds:
///
/// ```
/// use nn_runtime::Pool;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// struct Scoped(usize);
///
/// impl Pool for Scoped {
///     fn threads(&self) -> usize {
///         self.0
///     }
///
///     fn run(&self, calls: usize, work: &(dyn Fn() + Sync)) {
///         std::thread::scope(|scope| {
///             for _ in 1..calls {
///                 scope.spawn(work);
///             }
///             work();
///         });
///     }
/// }
///
/// let calls = AtomicUsize::new(0);
/// Scoped(3).run(3, &|| _ = calls.fetch_add(1, Ordering::Relaxed));
/// assert_eq!(calls.into_inner(), 3);
/// ```
pub trait Pool: Sync {
    /// How many threads may work at the same time, at least 1.
    fn threads(&self) -> usize;

    /// Calls `work` at least once and up to `calls` times, at the same time where it can, and returns when all calls have
    /// returned. Each call takes pieces of the whole until none is left: one that begins late finds nothing to do.
    ///
    /// # Panics
    /// If a call does, once the others have returned.
    fn run(&self, calls: usize, work: &(dyn Fn() + Sync));

    /// Calls `work` once, where the calls of [`run`](Self::run) that it makes cost least: on one of the pool's threads, if these
    /// are reached faster from there.
    fn enter(&self, work: &mut (dyn FnMut() + Send)) {
        work();
    }
}

/// The thread that calls, and no other.
///
/// ```
/// use nn_runtime::{CallingThread, Pool};
///
/// let caller = std::thread::current().id();
/// assert_eq!(CallingThread.threads(), 1);
/// CallingThread.run(1, &|| assert_eq!(std::thread::current().id(), caller));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallingThread;

impl Pool for CallingThread {
    fn threads(&self) -> usize {
        1
    }

    fn run(&self, _: usize, work: &(dyn Fn() + Sync)) {
        work();
    }
}

/// How many threads of `pool` a pass over so many values in memory is worth. One or none if the pass takes no longer than to wake
/// another.
pub(crate) fn threads_for(pool: &dyn Pool, values: usize) -> usize {
    const LEAST: usize = 1 << 15;
    pool.threads().min(values / LEAST)
}

/// Does `work` with each item, on up to `threads` threads of `pool`: whichever has nothing to do takes the next.
///
/// # Panics
/// If the work does; items that no thread has taken by then may be left out.
pub(crate) fn share<I>(pool: &dyn Pool, threads: usize, mut items: I, work: impl Fn(I::Item) + Sync)
where
    I: Iterator + Send,
{
    if threads <= 1 {
        items.for_each(work);
        return;
    }
    let (taken, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let queue = Mutex::new(&mut items);
    pool.run(threads, &|| {
        while let Some(item) = take(&queue) {
            taken.fetch_add(1, Ordering::Relaxed);
            work(item);
            done.fetch_add(1, Ordering::Relaxed);
        }
    });
    let is_done = items.next().is_none() && taken.into_inner() == done.into_inner();
    assert!(is_done, "the pool returned before the work was done, or kept a panic to itself");
}

/// The next item of those that several threads take from.
pub(crate) fn take<I: Iterator>(queue: &Mutex<I>) -> Option<I::Item> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread for each call.
    pub(super) struct Scoped(usize);

    impl Pool for Scoped {
        fn threads(&self) -> usize {
            self.0
        }

        fn run(&self, calls: usize, work: &(dyn Fn() + Sync)) {
            std::thread::scope(|scope| (0..calls).for_each(|_| _ = scope.spawn(work)));
        }
    }

    #[test]
    fn each_item_is_worked_on_once() {
        for threads in [1, 2, 3, 8] {
            for items in [0, 1, 2, 7, 100] {
                let mut counts = vec![0; items];
                share(&Scoped(threads), threads, counts.iter_mut(), |count| *count += 1);
                assert!(counts.iter().all(|count| *count == 1), "{threads} threads: {counts:?}");
            }
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_others_finish() {
        let done = AtomicUsize::new(0);
        let outcome = std::panic::catch_unwind(|| {
            share(&Scoped(3), 3, 0..50, |item| {
                assert_ne!(item, 7, "seven");
                done.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert!(outcome.is_err());
        assert_eq!(done.into_inner(), 49);
    }

    #[test]
    #[should_panic(expected = "the pool returned before the work was done")]
    fn a_pool_that_does_nothing_is_found_out() {
        struct Idle;

        impl Pool for Idle {
            fn threads(&self) -> usize {
                2
            }

            fn run(&self, _: usize, _: &(dyn Fn() + Sync)) {}
        }

        share(&Idle, 2, 0..3, |_| {});
    }

    #[test]
    #[should_panic(expected = "or kept a panic to itself")]
    fn a_pool_that_swallows_panics_is_found_out() {
        struct Deaf;

        impl Pool for Deaf {
            fn threads(&self) -> usize {
                2
            }

            fn run(&self, calls: usize, work: &(dyn Fn() + Sync)) {
                for _ in 0..calls {
                    _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                }
            }
        }

        share(&Deaf, 2, 0..3, |item| assert_ne!(item, 1, "one"));
    }
}
