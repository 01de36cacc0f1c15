//! How much code a declaration becomes.

use proc_macro2::{TokenStream, TokenTree};

use super::tokens;
use crate::expand_network;

/// The tokens of the expansion.
fn volume(source: &str) -> usize {
    let expansion = expand_network(tokens(source));
    assert!(!expansion.to_string().contains("compile_error"), "{source}");
    count(expansion)
}

fn count(tokens: TokenStream) -> usize {
    let of = |token| match token {
        TokenTree::Group(group) => 1 + count(group.stream()),
        _ => 1,
    };
    tokens.into_iter().map(of).sum()
}

/// A residual block, so many times.
fn copies(count: usize) -> usize {
    volume(&format!(
        "struct Net([3, 32, 32]) -> [10] {{
            stem: conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
            trunk: repeat({count}, residual(16)),
            head: global_avg_pool -> dense(10),
        }}
        block residual(channels) {{
            body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
                -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
            out: add(input, body) -> relu,
        }}"
    ))
}

/// Blocks of which no two have the same shape.
fn shapes(count: usize) -> usize {
    let lines: String = (0..count).map(|i| format!("l{i}: layer({}), ", 100 + i)).collect::<Vec<_>>().concat();
    volume(&format!(
        "struct Net([3, 32, 32]) -> [10] {{ {lines} head: global_avg_pool -> dense(10) }}
        block layer(channels) {{
            out: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
        }}"
    ))
}

/// A block as often as there are lines, always of one shape.
fn uses(count: usize) -> usize {
    let lines: String = (0..count).map(|i| format!("l{i}: layer(3), ")).collect::<Vec<_>>().concat();
    volume(&format!(
        "struct Net([3, 32, 32]) -> [10] {{ {lines} head: global_avg_pool -> dense(10) }}
        block layer(channels) {{
            out: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
        }}"
    ))
}

#[test]
fn a_thousand_copies_are_as_much_code_as_two() {
    assert_eq!(copies(1000), copies(2));
}

#[test]
fn code_grows_with_the_shapes() {
    let [few, more, many] = [8, 16, 32].map(shapes);
    assert_eq!(many - more, 2 * (more - few));
}

/// A use is a few calls; the code of the layers is there once.
#[test]
fn blocks_of_one_shape_share_their_code() {
    let (by_use, by_shape) = (uses(16) - uses(8), shapes(16) - shapes(8));
    assert!(2 * by_use < by_shape, "{by_use} for eight uses, {by_shape} for eight shapes");
}
