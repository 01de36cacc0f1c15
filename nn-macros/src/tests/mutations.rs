//! Mutated declarations: whatever the tokens, the macro does not panic, and what it gives is Rust.
//!
//! `MUTANTS=1000000 cargo test -p nn-macros mutants` looks longer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::{compile_errors, tokens};
use crate::expand_network;

const DECLARATIONS: &[&str] = &[
    "/// Digits.
    pub struct Digits([784]) -> [10] { hidden: dense(128) -> relu, out: dense(10), }",
    "struct Small([3]) -> (y: [2]) {
        /// A line.
        pub(crate) body: dense(HIDDEN) -> tanh -> dense({ HIDDEN / 2 }, bias = false) -> gelu -> elu(alpha = 0.5),
        y: dense(2, init = normal, std = 0.5) -> softmax,
    }",
    "#[allow(unused_value, dead_code)] struct Image(image: [1, 28, 28]) -> (digit: [10]) {
        flat: flatten, a: flat -> dense(16) -> gelu(approximate = tanh), b: input -> flatten, digit: a -> dense(10),
    }",
    "struct Steps(sequence [20, 8]) -> sequence [20, 4] { a: dense(4) -> silu -> softmax, }",
    "pub(in crate::tests) struct And([2]) -> [1] { out: dense(1, init = zeros) -> step, }",
    "struct Xor([2]) -> [1] {
        one: concat(threshold(1, inhibitory = [1]), threshold(-1, excitatory = [0])), out: threshold(THETA),
    }",
    "struct Alias([4]) -> [4] { out: input, }",
    "struct Volume([2, 3, 4, 5]) -> [120] { out: flatten -> leaky_relu(slope = 0.1) -> softplus(beta = 2), }",
    "struct A([N]) -> [M] { a: dense(size_of::<u64>()) -> logistic(k = K), b: dense(M), }
    struct B([1]) -> [1] { out: linear, }",
    "struct Small([3, 32, 32]) -> [10] {
        c1: conv2d(16, [3, 5], stride = [1, 2], padding = same, bias = false) -> batch_norm(eps = 1e-3) -> relu6,
        p: max_pool2d(2, ceil_mode = true) -> dropout2d(0.25), c2: conv2d(K, 3, groups = 4, padding = P, dilation = D),
        up: conv_transpose2d(8, 2, stride = 2, output_padding = 1) -> upsample(2, mode = bilinear) -> crop([1, 2]),
        out: layer_norm -> avg_pool2d(3, padding = half) -> global_avg_pool -> dropout(0.5) -> dense(10),
    }",
    "struct Sound(signal [2, N]) -> signal [4, M] {
        a: conv1d(4, K, stride = S, padding = full) -> group_norm(2) -> pad(before = 1, value = 0.5) -> max_pool1d(2),
        b: conv_transpose1d(4, K, dilation = 2) -> instance_norm(affine = true) -> local_response_norm(3, k = 2),
    }",
    "struct Film([3, 16, N, N]) -> [M] { a: conv3d(4, [3, 1, 1]) -> max_pool3d(2) -> global_max_pool -> dense(M), }",
    "struct Broken([3]) -> [2] { a: dense(0) -> rleu, b: dens(2, bias = 3), _: tanh a: dense(2) }",
    "struct Graph([3]) -> [2] { a: dense(2), out: add(a, _), } block residual(channels) { out: add(input, a), }",
];

/// What is put in the place of a token.
const POOL: &str = "struct pub block fn self Self super crate type _ r#type input T S x dense dense(0) dense(-1) \
    dense(1.5) dense(3u8) dense(99999999999999999999999) dense(18446744073709551615) dense(4294967296) relu softmax \
    flatten conv2d conv2d(4, 3) max_pool2d(9) pad(1) crop(9) subsample(9) batch_norm dropout(0.5) upsample(3) [3, 5] [] same half \
    stride padding groups before Dense 0 1 28 -1 1.5 1e999 0x10 1_000usize 1f64 \"text\" 'c' b\"bytes\" true false bias init std \
    = == => -> : :: , ; . .. # ! ? @ $ & * + / < > | ( ) [ ] { } [3] [0] [N] [1, 2] [[3]] ([3]) ((((((((1)))))))) \
    { } { 0 } { let n = 3; n } (N, M) if N { 1 } else { 2 } |x| x unsafe { 3 } [0; 3] #[doc] #[allow(unused_value)] \
    #[cfg(any())] #[derive(Clone)] #[=] #![a] pub(crate) pub(in) pub(self) 'a: 'static T::N <u8 as A>::N N::<3> \
    return break m!() m!{} async { } const { 3 } a.b a?.b a.await &a *a !a -a a as usize a..b a = b";

/// A stream of numbers, the same on every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

fn pool() -> Vec<TokenTree> {
    let mut pool: Vec<TokenTree> = tokens(POOL).into_iter().collect();
    let fragments = ["", "128", "2 + 3", "pub", "dense", "[3]", "dense(3) -> relu"];
    let hidden = |source: &str| Group::new(Delimiter::None, tokens(source)).into();
    pool.extend(fragments.map(hidden));
    pool
}

fn groups_in(tokens: &[TokenTree]) -> Vec<usize> {
    tokens.iter().enumerate().filter(|(_, token)| matches!(token, TokenTree::Group(_))).map(|(at, _)| at).collect()
}

/// One change, here or in a group.
fn mutate(tokens: TokenStream, pool: &[TokenTree], numbers: &mut Numbers) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    let groups = groups_in(&tokens);
    if !groups.is_empty() && numbers.below(4) > 0 {
        let at = groups[numbers.below(groups.len())];
        if let TokenTree::Group(group) = &tokens[at] {
            let mut changed = Group::new(group.delimiter(), mutate(group.stream(), pool, numbers));
            changed.set_span(group.span());
            tokens[at] = changed.into();
        }
        return tokens.into_iter().collect();
    }
    let new = pool[numbers.below(pool.len())].clone();
    if tokens.is_empty() {
        return new.into();
    }
    let (at, other) = (numbers.below(tokens.len()), numbers.below(tokens.len()));
    match numbers.below(7) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(other, tokens[at].clone()),
        2 => tokens.swap(at, other),
        3 => tokens[at] = new,
        4 => tokens.insert(at, new),
        5 => tokens[at] = Group::new(Delimiter::None, tokens[at].clone().into()).into(),
        _ => tokens.truncate(at),
    }
    tokens.into_iter().collect()
}

/// Whether the expansion is Rust, and holds errors exactly if it does not hold a whole network.
fn check(mutant: &TokenStream) -> Result<(), String> {
    let expansion = catch_unwind(AssertUnwindSafe(|| expand_network(mutant.clone()))).map_err(|_| "a panic")?;
    if let Err(error) = syn::parse2::<syn::File>(expansion.clone()) {
        return Err(format!("not Rust: {error}"));
    }
    if expansion.is_empty() {
        return Err("neither code nor an error".into());
    }
    let is_whole = || expansion.to_string().contains("INFERENCE_PLAN");
    if compile_errors(expansion.clone()).is_empty() && !is_whole() {
        Err("a stub without an error".into())
    } else {
        Ok(())
    }
}

#[test]
fn mutants_neither_panic_nor_break_the_rest_of_the_program() {
    let mutants = std::env::var("MUTANTS").map_or(10_000, |number| number.parse().expect("a number"));
    let pool = pool();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut failures = Vec::new();
    for number in 0..mutants {
        let mut mutant = tokens(DECLARATIONS[number % DECLARATIONS.len()]);
        for _ in 0..=numbers.below(3) {
            mutant = mutate(mutant, &pool, &mut numbers);
        }
        if let Err(why) = check(&mutant) {
            failures.push(format!("{why}\n    {mutant}"));
        }
    }
    assert!(failures.is_empty(), "{} of {mutants}:\n{}", failures.len(), failures[..failures.len().min(10)].join("\n"));
}

#[test]
fn deep_nesting_is_no_overflow() {
    let deep = format!("{}3{}", "(".repeat(120), ")".repeat(120));
    check(&tokens(&format!("struct Net([{deep}]) -> [3] {{ out: dense({deep}), }}"))).expect("it is a network");
}
