//! The macro's work grows with the number of lines, not with its square, and needs no deep stack.

use super::tokens;
use crate::expand_network;

const LINES: usize = 2000;

/// On a small stack, so that a recursion over the lines would be seen.
fn expand_on_a_small_stack(source: String) -> String {
    let expand = move || expand_network(tokens(&source)).to_string();
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(expand);
    thread.expect("a thread starts").join().expect("the macro does not panic")
}

#[test]
fn two_thousand_lines() {
    let lines: String = (0..LINES).map(|line| format!("l{line}: dense(8) -> relu, ")).collect();
    let expansion = expand_on_a_small_stack(format!("struct Net([8]) -> [8] {{ {lines} }}"));
    assert!(!expansion.contains("compile_error"));
    assert_eq!(expansion.matches("self . l1999 . backward").count(), 1);
}

#[test]
fn two_thousand_layers_in_a_line() {
    let chain = vec!["dense(8) -> relu"; LINES].join(" -> ");
    let expansion = expand_on_a_small_stack(format!("struct Net([8]) -> [8] {{ out: {chain} }}"));
    assert!(!expansion.contains("compile_error"));
    assert_eq!(expansion.matches("self . out . dense_2000 . backward").count(), 1);
}

#[test]
fn a_mistake_at_the_end_of_two_thousand_lines_shows_a_short_trail() {
    let lines: String = (0..LINES).map(|line| format!("l{line}: dense(8) -> relu, ")).collect();
    let expansion = expand_on_a_small_stack(format!("struct Net([8]) -> [9] {{ {lines} }}"));
    assert!(expansion.contains("input [8] → … → l1992 [8] → l1993 [8]"), "{}", &expansion[..1000]);
}
