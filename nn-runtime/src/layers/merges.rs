//! What takes several values, or several layers: the pages of their words.

/// `y = a + b + …`: the sum of branches of one shape, value by value.
///
/// ```text
/// y[b,i]   = Σₖ xₖ[b,i]
/// d_xₖ     = d_y            for every branch
/// ```
///
/// In a declaration: `add(a, b, …)`. A branch is the name of a line or an input, `_` for the value that arrives, or a chain, which
/// starts from that value unless it begins with a name: `add(input, body)`, `add(_, dense(64) -> tanh)`. An activation behind it
/// is applied in the same pass. In the backward pass the gradient of the sum is that of its terms: one of them takes over its
/// memory, where nothing else reads the term.
///
/// Source: He et al., "Deep Residual Learning for Image Recognition", 2015.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Add;

/// `y = a · b`: the product of two branches of one shape, value by value.
///
/// ```text
/// y[b,i]  = a[b,i]·c[b,i]
/// d_a     = d_y·c,   d_c = d_y·a
/// ```
///
/// In a declaration: `multiply(a, b)`, with branches as [`Add`] has them. A gate is `multiply(_, dense(64) -> logistic)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Multiply;

/// Branches side by side along an axis: by default the channels of images, signals and volumes, and the features of vectors and
/// sequences.
///
/// In a declaration: `concat(a, b, …)`, with branches as [`Add`] has them, or `concat(a, b, axis = 1)` for another axis of the
/// declared order, `[C, H, W]` from 0 on. The other dimensions are the same in all branches. The gradient of each branch is its
/// part of the whole's.
///
/// Sources: Szegedy et al., "Going Deeper with Convolutions", 2014; Ronneberger et al., "U-Net", 2015; Huang et al., "Densely
/// Connected Convolutional Networks", 2016.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concat;

/// Copies of a chain one after the other, each with parameters of its own.
///
/// In a declaration: `repeat(3, basic(64))`, or any chain that gives the shape that it takes: `repeat(4, dense(64) -> relu)`. The
/// field is an array (`net.stage[0]`), the pass a loop, so that the compiler's work does not grow with the number of copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeat;
