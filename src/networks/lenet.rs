//! `LeNet`-5.

use crate::network;

network! {
    /// `LeNet`-5: handwritten digits of 28 × 28 pixels, in a border of 2.
    ///
    /// Here every layer has all its biases, and C3 is connected to all maps of S2: 16·(6·5·5 + 1) = 2,416 parameters. (Courses
    /// that count 2,496 count a bias for each pair of maps, (5·5 + 1)·6·16.) In the paper C3 leaves out
    /// connections by a table, 1,516 are left, and the pooling layers have two parameters a map; the output is a layer of
    /// radial basis functions, here it is a linear one.
    ///
    /// Source: `LeCun`, Bottou, Bengio and Haffner, “Gradient-based learning applied to document recognition” (1998).
    pub struct LeNet5([1, 32, 32]) -> [10] {
        c1: conv2d(6, 5) -> tanh,
        s2: avg_pool2d(2),
        c3: conv2d(16, 5) -> tanh,
        s4: avg_pool2d(2) -> flatten,
        c5: dense(120) -> tanh,
        f6: dense(84) -> tanh,
        out: dense(10),
    }
}

const _: () = assert!(LeNet5::PARAMS == 61_706);
