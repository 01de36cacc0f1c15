//! Networks that grow in one way.

use monograd::networks::LeNet5;
use monograd::prelude::*;

use crate::measure::{Measured, Series};

/// Four layers of the same width.
macro_rules! wide {
    ($($name:ident: $width:tt,)*) => { $(network! {
        struct $name([$width]) -> [$width] {
            first: dense($width) -> relu,
            second: dense($width) -> relu,
            third: dense($width) -> relu,
            out: dense($width),
        }
    })* };
}

/// So many layers of 64, each declared.
macro_rules! deep {
    ($($name:ident: $($line:ident)*,)*) => { $(network! {
        struct $name([64]) -> [64] {
            $($line: dense(64) -> relu,)*
        }
    })* };
}

/// The same as copies.
macro_rules! repeated {
    ($($name:ident: $copies:tt,)*) => { $(network! {
        struct $name([64]) -> [64] {
            trunk: repeat($copies, dense(64) -> relu),
        }
    })* };
}

wide! { Wide16: 16, Wide32: 32, Wide64: 64, Wide128: 128, Wide256: 256, Wide512: 512, Wide1024: 1024, Wide2048: 2048, }

deep! {
    Deep2: a b,
    Deep4: a b c d,
    Deep8: a b c d e f g h,
    Deep16: a b c d e f g h i j k l m n o p,
    Deep32: a b c d e f g h i j k l m n o p a2 b2 c2 d2 e2 f2 g2 h2 i2 j2 k2 l2 m2 n2 o2 p2,
    Deep64: a b c d e f g h i j k l m n o p a2 b2 c2 d2 e2 f2 g2 h2 i2 j2 k2 l2 m2 n2 o2 p2
        a3 b3 c3 d3 e3 f3 g3 h3 i3 j3 k3 l3 m3 n3 o3 p3 a4 b4 c4 d4 e4 f4 g4 h4 i4 j4 k4 l4 m4 n4 o4 p4,
}

repeated! { Repeat2: 2, Repeat4: 4, Repeat8: 8, Repeat16: 16, Repeat32: 32, Repeat64: 64, Repeat1024: 1024, }

network! {
    struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

/// The networks of a list, each with its size.
macro_rules! sizes {
    ($samples:expr, $($size:literal: $name:ident),*) => { vec![$(($size, Measured::of::<$name> as _, $samples)),*] };
}

/// Every series.
pub fn series() -> Vec<Series> {
    let wide = |samples| {
        sizes!(samples, 16: Wide16, 32: Wide32, 64: Wide64, 128: Wide128, 256: Wide256, 512: Wide512,
        1024: Wide1024, 2048: Wide2048)
    };
    let deep = sizes!(1, 2: Deep2, 4: Deep4, 8: Deep8, 16: Deep16, 32: Deep32, 64: Deep64);
    let repeated =
        sizes!(1, 2: Repeat2, 4: Repeat4, 8: Repeat8, 16: Repeat16, 32: Repeat32, 64: Repeat64, 1024: Repeat1024);
    let batch = |measure: fn(usize) -> Measured| (0..=10).map(|power| (1 << power, measure, 1 << power)).collect();
    vec![
        Series::new("width", "Width of four dense layers, 1 sample", wide(1)),
        Series::new("width-batch", "Width of four dense layers, 64 samples", wide(64)),
        Series::new("depth", "Depth: dense layers of 64, each declared, 1 sample", deep),
        Series::new("repeat", "Depth: copies of a dense layer of 64 by repeat, 1 sample", repeated),
        Series::new("batch", "Batch: samples a call, 784-128-10", batch(Measured::of::<Digits>)),
        Series::new("batch-lenet", "Batch: samples a call, LeNet-5", batch(Measured::of::<LeNet5>)),
    ]
}
