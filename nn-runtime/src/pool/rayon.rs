//! The threads of `rayon`.

use rayon::{ThreadPool, join};

use super::Pool;

/// Work is divided by [`rayon::join`], which allocates nothing. A thread that is none of the pool's hands the work over, and sleeps
/// until it is done: that costs some microseconds, and every 63rd time a block of `rayon`'s queue. Within
/// [`ThreadPool::install`] it costs neither.
///
/// ```
/// use nn_runtime::Pool;
/// use nn_runtime::rayon::ThreadPoolBuilder;
///
/// let pool = ThreadPoolBuilder::new().num_threads(2).build()?;
/// assert_eq!(Pool::threads(&pool), 2);
/// # Ok::<(), nn_runtime::rayon::ThreadPoolBuildError>(())
/// ```
impl Pool for ThreadPool {
    fn threads(&self) -> usize {
        self.current_num_threads()
    }

    fn run(&self, calls: usize, work: &(dyn Fn() + Sync)) {
        self.install(|| call(calls, work));
    }

    fn enter(&self, work: &mut (dyn FnMut() + Send)) {
        self.install(work);
    }
}

/// So many calls, half of which another thread may take over, and of these half, and so on.
fn call(calls: usize, work: &(dyn Fn() + Sync)) {
    if calls <= 1 {
        work();
        return;
    }
    let half = calls / 2;
    join(|| call(calls - half, work), || call(half, work));
}
