//! Tokens as people write them.

use super::tokens;
use crate::text::text;

#[test]
fn spaces_stand_where_people_put_them() {
    for written in [
        "dense(128)",
        "dense(10, bias = false, init = he_normal)",
        "dense({ HIDDEN / 2 })",
        "dense({ 2 * (A + B) }, std = -0.5)",
        "leaky_relu(slope = -1e-3)",
        "dense(size_of::<u64>())",
        "dense(Size::<3, { N + 1 }>::VALUE)",
        "dense(<Net as Network>::PARAMS)",
        "dense(SIZES[0].max(3) - 1)",
        "dense(::core::primitive::u8::MAX as usize)",
        "dense(if N > 3 && !WIDE { 4 } else { -5 })",
        "dense(match N { 0 => 1, n => n })",
        "dense({ let n = N << 2; n })",
        "dense(m!(3))",
        "dense(a..b)",
        "dense(*&N)",
        "gelu(approximate = tanh)",
        "dense({})",
        "dense(N >= 3)",
        "dense(A | B)",
        "[1, 28, 28]",
    ] {
        assert_eq!(text(&tokens(written)), written);
    }
}

#[test]
fn fragments_of_a_surrounding_macro_are_open() {
    let fragment = proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens("2 + 3"));
    assert_eq!(text(&quote::quote!(dense(#fragment))), "dense(2 + 3)");
}
