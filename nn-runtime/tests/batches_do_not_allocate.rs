//! After set-up, an epoch of batches takes no memory.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use nn_runtime::Generator;
use nn_runtime::data::{Augment, Dataset, ShuffledBatches};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`; the pointer came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The only test of this program, so that no other thread counts.
#[test]
fn an_epoch_of_batches_takes_no_memory() {
    let rows: Vec<_> = (0..1000).map(|k| [k as f32; 7]).collect();
    let targets: Vec<_> = (0..1000).map(|k| [k as f32; 3]).collect();
    let data = Dataset::<f32, 7, [f32; 3]>::from_rows(&rows, &targets).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let augment = Augment::images([1, 1, 7]).shift(0).flip_horizontal(0.5).noise(0.1);
    let mut generator = Generator::seed(1);
    let mut batches = ShuffledBatches::new(&data, 64);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let mut sum = 0.0;
    for _ in 0..3 {
        batches.shuffle(&mut rng);
        while let Some(batch) = batches.next_batch() {
            sum += batch.inputs[0] + batch.targets[0][0];
        }
        batches.shuffle(&mut rng);
        while let Some(batch) = batches.next_augmented(&augment, &mut generator) {
            sum += batch.inputs[0] + batch.targets[0][0];
        }
    }
    let gathering = ALLOCATIONS.load(Ordering::Relaxed) - before;
    let in_order: f32 = data.batches(64).map(|batch| batch.inputs[0]).sum();
    let viewing = ALLOCATIONS.load(Ordering::Relaxed) - before;
    assert!(before > 0 && sum > 0.0 && in_order > 0.0);
    assert_eq!((gathering, viewing), (0, 0));
}
