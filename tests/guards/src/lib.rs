//! The networks whose speed and size are guarded.
//!
//! Time never decides a test here, since it differs from machine to machine and from run to run. What does not differ is what
//! time comes from: the instructions of the loops that take it, how many of them a call runs, the memory that a network works
//! in, the size of a program, the packages that it is built from.
//!
//! The numbers that are expected lie in the `.txt` files of this package, after the name of the compiler that they are of. A
//! change that is meant to move them is accepted by
//!
//! ```text
//! UPDATE_GUARDS=1 cargo test -p guards
//! ```
//!
//! which writes them anew; read the difference before you commit it. The tools are `objdump`, `size` and `strip` of GNU binutils,
//! and valgrind; without them a guard says that it is skipped, or fails if `REQUIRE_GUARDS` is set, as `.ci/run` does.

pub mod assembly;
pub mod expected;
pub mod tools;

use monograd::prelude::*;

network! {
    /// Two layers of a few neurons, where calls cost more than arithmetic does.
    pub struct Tiny([2]) -> [1] {
        hidden1: dense(4) -> tanh,
        hidden2: dense(2) -> tanh,
        out: dense(1),
    }
}

network! {
    /// A controller.
    pub struct Small([8]) -> [4] {
        hidden1: dense(64) -> relu,
        hidden2: dense(64) -> relu,
        out: dense(4),
    }
}

network! {
    /// Layers whose weights have several columns in a vector, and some that have not.
    pub struct Heads([16]) -> [1] {
        eight: dense(8) -> tanh,
        seven: dense(7, bias = false) -> relu,
        four: dense(4) -> logistic,
        two: dense(2, bias = false),
        sixteen: dense(16) -> elu,
        out: dense(1),
    }
}

network! {
    /// Handwritten digits by two dense layers.
    pub struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}
