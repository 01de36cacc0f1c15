//! Large data sets: a data set of images takes the memory of its values once, also while it is made.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use nn_runtime::data::{Dataset, Idx, LabelledImages, Standardiser};

static BYTES: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Keeps account of the bytes in use, and of the most that there were.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came; `realloc` is the trait's own, made of these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let bytes = BYTES.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(bytes, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`; the pointer came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const IMAGES: usize = 2000;
/// A little for what does not grow with the images' pixels: labels, moments.
const LITTLE: usize = 64 * 1024;

/// An IDX file of zeros.
fn idx(shape: &[usize]) -> Idx {
    let axes = shape.iter().flat_map(|&axis| (axis as u32).to_be_bytes());
    let header = [0, 0, 8, shape.len() as u8].into_iter().chain(axes);
    let file: Vec<u8> = header.chain(vec![0; shape.iter().product()]).collect();
    Idx::from_bytes(&file).unwrap()
}

/// The most bytes that `work` had in use beyond those in use before it.
fn most<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = BYTES.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = work();
    (result, MOST.load(Ordering::Relaxed) - before)
}

/// The only test of this program, so that no other thread counts.
#[test]
fn a_data_set_takes_the_memory_of_its_values_once() {
    let images = LabelledImages::new(idx(&[IMAGES, 28, 28]), idx(&[IMAGES]), 10).unwrap();
    let (images, padding) = most(|| images.padded(2));
    assert!((IMAGES * 1024..IMAGES * 1024 + LITTLE).contains(&padding), "{padding}");
    let (mut data, making) = most(|| Dataset::<f32, 1024, u32>::from_images(&images).unwrap());
    assert!((IMAGES * 4096..IMAGES * 4096 + LITTLE).contains(&making), "{making}");
    let ((), standardising) = most(|| Standardiser::fit_channels(&data, [1, 32, 32]).unwrap().apply(&mut data));
    assert!((1..LITTLE).contains(&standardising), "{standardising}");
}
