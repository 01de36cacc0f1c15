//! Written by `tests/random_declarations.rs`: see there.

#![allow(deprecated, reason = "advice on how to build networks that learn")]

use super::*;

const ONE: usize = 1;
const TWO: usize = 2;
const THREE: usize = 3;
const FOUR: usize = 4;
const FIVE: usize = 5;

network! {
    pub struct Drawn1(x: signal [3, 6]) -> signal [3, 6] {
        a: logistic(k = 0.5) -> conv1d(4, 2, padding = 1),
        b: add(x, x),
    }
}

case! { drawn_1: Drawn1, [18] -> [18], same }

network! {
    pub struct Drawn2([3]) -> [4] {
        a: input,
        b: dense(1),
        c: tanh -> part1(),
        d: a -> dense(1) -> tanh -> concat(_, repeat(2, multiply(_, _) -> linear) -> gelu, axis = 0),
        e: concat(c -> dense(2), d),
    }

    block part1(channels = 1) {
        a: multiply(dense(3) -> dense(channels), input -> gelu) -> multiply(_, input),
        b: tanh -> softplus,
    }
}

case! { drawn_2: Drawn2, [3] -> [4], same }

network! {
    pub struct Drawn3(u: [3], v: [2]) -> (f: [2] in training, e: [2]) {
        a: v -> dense(2),
        b: part1(),
        c: flatten,
        d: dense(1) -> silu -> gelu,
        e: softplus -> dense(2) -> gelu,
        f: u -> add(a, _ -> dropout(0.3) -> dense(2), flatten -> add(_ -> dense(2), _ -> concat(_, _) -> dense(2), a)) -> gelu,
    }

    block part1() {
        a: concat(_, multiply(input, _) -> dense(1), axis = 0) -> softplus,
    }
}

case! { drawn_3: Drawn3, [Drawn3Inputs { u: 3, v: 2 }] -> [Drawn3Outputs { f: 2, e: 2 }], differs }

network! {
    pub struct Drawn4(u: [1, 4, 3], v: sequence [3, 2]) -> (b: [1, 4, 3] in training, a: sequence [3, 3]) {
        a: v -> concat(_, _ -> dense(1), axis = 1) -> softplus -> repeat(2, dense(3) -> tanh),
        b: u -> add(_ -> softplus, _ -> softplus) -> logistic(k = 0.5),
    }
}

case! { drawn_4: Drawn4, [Drawn4Inputs { u: 12, v: 6 }] -> [Drawn4Outputs { b: 12, a: 9 }], same }

network! {
    pub struct Drawn5(u: signal [3, 3], v: [2], w: sequence [3, 3]) -> (d: [1], c: [1]) {
        a: v -> dense(1),
        b: tanh -> flatten -> logistic(k = 0.5),
        c: tanh -> add(_, b -> dense(2) -> dense(1), w -> global_avg_pool -> dense(1)),
        d: add(u -> flatten -> dense(1), c),
    }
}

case! { drawn_5: Drawn5, [Drawn5Inputs { u: 9, v: 2, w: 9 }] -> [Drawn5Outputs { d: 1, c: 1 }], same }

network! {
    pub struct Drawn6([5]) -> [2] {
        a: concat(flatten, input -> linear -> dense(1), _ -> part1() -> dense(2), axis = 0),
        b: a -> dense(2) -> logistic -> repeat(1, dense(2)),
        c: gelu -> part4(1, 3) -> batch_norm(eps = 0.1),
    }

    block part1() {
        a: add(_ -> tanh, dense(2) -> layer_norm(eps = 0.1) -> dense(5), _),
    }

    block part2(channels) {
        a: dropout(0.3) -> dense(channels),
        b: dense(2) -> gelu,
        c: softplus -> tanh,
    }

    block part3() {
        a: input -> flatten,
        b: input -> softplus -> dense(2),
        c: concat(a -> dense(2), b),
    }

    block part4(channels, hidden) {
        a: multiply(input, input),
        b: a -> add(_, part2(2) -> add(dense(channels), _ -> gelu -> dense(1), input -> dense(1)) -> dense(2)) -> dense(hidden),
        c: input -> dense(channels) -> repeat(3, part3() -> dense(1)),
        d: concat(b -> dense(1), c),
    }
}

case! { drawn_6: Drawn6, [5] -> [2], differs }

network! {
    pub struct Drawn7(u: signal [2, 3], v: sequence [2, 2]) -> signal [4, 1] {
        a: v -> add(u -> part2(), u -> part2()) -> conv_transpose1d(4, 1, stride = 2),
    }

    block part1(channels = 3) {
        a: conv1d(2, 3, stride = 2, groups = 2) -> batch_norm(eps = 0.1),
        b: silu -> subsample(channels),
    }

    block part2() {
        a: part1() -> gelu,
    }
}

case! { drawn_7: Drawn7, [Drawn7Inputs { u: 6, v: 4 }] -> [4], differs }

network! {
    pub struct Drawn8([TWO, 4, 4]) -> (b: [TWO, 4, 4], c: [FOUR, 4, 4] in training) {
        a: input -> dropout(0.3) -> conv2d(FOUR, 1),
        b: input -> add(gelu, logistic(k = 0.5) -> add(_ -> conv2d(FOUR, 1), _ -> conv2d(FOUR, 3, padding = 1)) -> conv2d(TWO, 1)) -> tanh -> instance_norm(eps = 0.1, affine = true),
        c: concat(a -> conv2d(TWO, 3, padding = 1), b),
    }
}

case! { drawn_8: Drawn8, [32] -> [Drawn8Outputs { b: 32, c: 64 }], differs }

network! {
    pub struct Drawn9(signal [1, 5]) -> signal [3, 9] {
        a: input -> add(_, _, _),
        b: part3() -> repeat(2, gelu) -> conv_transpose1d(3, 2),
        c: softplus -> concat(_, b -> concat(input -> conv1d(4, 3), input -> conv1d(4, 3), input -> conv1d(4, 3), axis = 0) -> conv1d(3, 3, padding = 1), axis = 1),
    }

    block part1() {
        a: flatten -> softplus,
        b: dense(4) -> group_norm(1, eps = 0.1, affine = false),
    }

    block part2() {
        a: dense(4) -> repeat(2, dense(1) -> gelu -> dense(4)),
        b: input -> repeat(2, tanh) -> dense(2),
        c: b -> silu -> part1(),
        d: add(a, c),
    }

    block part3() {
        a: tanh,
        b: dropout(0.3),
    }
}

case! { drawn_9: Drawn9, [5] -> [27], differs }

network! {
    pub struct Drawn10([4]) -> (c: [2], a: [2]) {
        a: input -> part1(),
        b: input -> add(_ -> concat(_ -> softplus -> dense(2), _ -> part1(3) -> dense(2), _), _ -> dense(8), logistic -> repeat(3, logistic) -> dense(8)) -> concat(_ -> part1(), _ -> tanh -> dense(1), _ -> flatten) -> dense(2),
        c: b -> add(repeat(1, add(dense(4) -> dense(3) -> dense(2), dense(1) -> gelu -> dense(2), _)), b -> part2()),
    }

    block part1(channels = 2) {
        a: dense(channels),
    }

    block part2() {
        a: softplus,
        b: softmax -> repeat(3, softmax),
    }
}

case! { drawn_10: Drawn10, [4] -> [Drawn10Outputs { c: 2, a: 2 }], same }

network! {
    pub struct Drawn11(u: signal [1, 3], v: [1, 4, 3], w: signal [3, 6]) -> (d: signal [3, 6], c: [2, 2, 1]) {
        a: u -> conv1d(1, 1),
        b: add(w -> conv_transpose1d(1, 1), _ -> concat(w, w, w) -> conv1d(1, 1), w -> conv_transpose1d(1, 1)) -> conv1d(3, 2, stride = 2) -> repeat(2, part2(4) -> layer_norm(eps = 0.1)),
        c: v -> gelu -> conv_transpose2d(1, 1) -> conv2d(2, 3),
        d: a -> add(conv1d(3, 3, stride = 2) -> multiply(w -> local_response_norm(3, alpha = 0.5), w -> local_response_norm(3, alpha = 0.5)), conv1d(3, 3, stride = 2) -> multiply(w -> local_response_norm(3, alpha = 0.5), w -> local_response_norm(3, alpha = 0.5)), conv1d(3, 3, stride = 2) -> multiply(w -> local_response_norm(3, alpha = 0.5), w -> local_response_norm(3, alpha = 0.5))) -> tanh -> tanh,
    }

    block part1() {
        a: input -> conv1d(3, 1, groups = 3),
    }

    block part2(channels) {
        a: add(_, _, _) -> part1(),
    }
}

case! { drawn_11: Drawn11, [Drawn11Inputs { u: 3, v: 12, w: 18 }] -> [Drawn11Outputs { d: 18, c: 4 }], same }

network! {
    pub struct Drawn12([3]) -> [3] {
        a: input -> dense(3) -> repeat(3, dense(4) -> dense(3)),
        b: tanh,
    }
}

case! { drawn_12: Drawn12, [3] -> [3], same }

network! {
    pub struct Drawn13([3]) -> [6] {
        a: input -> dense(1),
        b: a -> concat(a, _ -> dense(2), gelu -> dense(3), axis = 0) -> concat(input -> logistic, _ -> dense(2), a),
    }
}

case! { drawn_13: Drawn13, [3] -> [6], same }

network! {
    pub struct Drawn14(u: signal [3, 5], v: [3], w: signal [1, 6]) -> (c: signal [1, 7], d: [3] in training) {
        a: u -> conv1d(1, 3, padding = 1),
        b: repeat(1, add(_, _)) -> gelu,
        c: softplus -> pad(1),
        d: add(v, w -> global_avg_pool -> dense(3)),
    }
}

case! { drawn_14: Drawn14, [Drawn14Inputs { u: 15, v: 3, w: 6 }] -> [Drawn14Outputs { c: 7, d: 3 }], same }

network! {
    pub struct Drawn15([1, 3, 4]) -> [3, 2, 3] {
        a: input -> concat(avg_pool2d(2, stride = 1) -> repeat(2, gelu), add(part1() -> multiply(input -> gelu, gelu -> adaptive_avg_pool2d([3, 4]) -> conv2d(1, 1)), _ -> concat(input -> conv2d(3, 3), input -> adaptive_avg_pool2d([1, 2]) -> conv2d(1, 1), axis = 0) -> adaptive_avg_pool2d([3, 4]) -> conv2d(1, 1), _) -> part2() -> adaptive_avg_pool2d([2, 3]) -> conv2d(1, 1), input -> part3(1) -> adaptive_avg_pool2d([2, 3]) -> conv2d(1, 1)),
    }

    block part1() {
        a: input -> upsample(2, mode = bilinear),
        b: logistic(k = 0.5),
    }

    block part2() {
        a: input -> logistic,
    }

    block part3(channels) {
        a: input -> gelu -> part1(),
        b: input -> repeat(2, subsample(1) -> adaptive_avg_pool2d([3, 4]) -> conv2d(1, 1)) -> conv2d(channels, 3),
        c: add(a -> adaptive_avg_pool2d([1, 2]) -> conv2d(1, 1), b),
    }
}

case! { drawn_15: Drawn15, [12] -> [18], same }

network! {
    pub struct Drawn16([3]) -> [5] {
        a: softmax -> gelu,
        b: dense(3) -> part3(),
    }

    block part1() {
        a: gelu -> flatten,
    }

    block part2() {
        a: tanh -> dense(3),
        b: tanh -> dense(3),
        c: gelu,
    }

    block part3(channels = 2) {
        a: input -> repeat(2, dense(4) -> dense(3)),
        b: silu,
        c: concat(dense(channels) -> part1(), flatten -> part2() -> dense(2), gelu -> repeat(2, tanh) -> dense(1)),
    }
}

case! { drawn_16: Drawn16, [3] -> [5], same }

network! {
    pub struct Drawn17([3]) -> [3] {
        a: input -> silu -> repeat(2, tanh),
        b: add(add(softplus, _), flatten -> dense(2) -> dense(3), part2() -> part2() -> dense(3)),
    }

    block part1(channels) {
        a: input -> batch_norm(eps = 0.1) -> flatten,
        b: softplus -> gelu,
        c: dense(channels),
    }

    block part2() {
        a: part1(1),
        b: tanh -> tanh,
        c: b -> add(_ -> dense(2) -> dense(1), _ -> logistic),
    }
}

case! { drawn_17: Drawn17, [3] -> [3], differs }

network! {
    pub struct Drawn18(sequence [2, 3]) -> sequence [2, 3] {
        a: dense(3),
        b: layer_norm(eps = 0.1),
        c: silu -> tanh,
    }
}

case! { drawn_18: Drawn18, [6] -> [6], same }

network! {
    pub struct Drawn19(u: [TWO], v: [ONE, 2, 5]) -> [9] {
        a: u -> part2() -> concat(flatten, add(add(group_norm(1, eps = 0.1, affine = false) -> flatten, dense(FOUR)), _ -> logistic(k = 0.5), u -> gelu -> dense(FOUR)) -> multiply(multiply(u, _ -> gelu -> dense(TWO)), v -> gelu -> flatten -> dense(TWO)), u -> dense(THREE), axis = 0) -> tanh,
    }

    block part1(channels) {
        a: dropout(0.3),
        b: dense(channels),
        c: a -> gelu,
        d: add(b, c),
    }

    block part2(channels = 1) {
        a: input -> dense(channels) -> dense(4),
        b: flatten -> part1(4),
    }
}

case! { drawn_19: Drawn19, [Drawn19Inputs { u: 2, v: 10 }] -> [9], differs }

network! {
    pub struct Drawn20(u: [2], v: sequence [3, 4]) -> (b: sequence [3, 4], a: [1] in training) {
        a: u -> softmax -> dense(1) -> repeat(3, dropout(0.3)),
        b: v -> logistic -> repeat(2, part2() -> dense(4)) -> repeat(2, batch_norm(eps = 0.1)),
    }

    block part1(channels = 1) {
        a: dense(channels),
        b: dense(3),
    }

    block part2() {
        a: part1(),
        b: logistic,
    }
}

case! { drawn_20: Drawn20, [Drawn20Inputs { u: 2, v: 12 }] -> [Drawn20Outputs { b: 12, a: 1 }], differs }

network! {
    pub struct Drawn21([4]) -> [4] {
        a: input -> softplus,
        b: tanh -> logistic(k = 0.5),
        c: flatten -> gelu,
        d: linear -> dense(1) -> add(add(input, dense(4)) -> batch_norm(eps = 0.1), layer_norm(eps = 0.1) -> layer_norm(eps = 0.1) -> dense(4), b),
    }
}

case! { drawn_21: Drawn21, [4] -> [4], differs }

network! {
    pub struct Drawn22(u: signal [3, 4], v: signal [2, 3], w: [2]) -> (c: signal [3, 3], d: [8]) {
        a: v -> multiply(part1() -> tanh, _ -> silu -> conv1d(3, 1)) -> gelu -> gelu,
        b: logistic -> logistic(k = 0.5),
        c: a -> repeat(2, conv1d(4, 3, padding = 1) -> repeat(3, gelu -> logistic(k = 0.5)) -> conv1d(3, 3, padding = 1)),
        d: concat(u -> global_avg_pool -> dense(2), w, b -> global_avg_pool -> dense(2), c -> flatten -> dense(2)),
    }

    block part1() {
        a: repeat(1, local_response_norm(3, alpha = 0.5)),
        b: softplus -> concat(gelu -> conv1d(1, 1), a),
    }
}

case! { drawn_22: Drawn22, [Drawn22Inputs { u: 12, v: 6, w: 2 }] -> [Drawn22Outputs { c: 9, d: 8 }], same }

network! {
    pub struct Drawn23(u: [3, 3, 4], v: [2]) -> (b: [8], a: [4]) {
        a: v -> dense(4),
        b: concat(u -> global_avg_pool -> dense(4), a),
    }
}

case! { drawn_23: Drawn23, [Drawn23Inputs { u: 36, v: 2 }] -> [Drawn23Outputs { b: 8, a: 4 }], same }

network! {
    pub struct Drawn24(u: [5], v: [2, 2, 4], w: [3]) -> [6] {
        a: w -> concat(v -> flatten -> dense(2), u -> dense(2), _ -> part1(4, 1)) -> dense(1) -> part2(4),
        b: dense(1) -> part3(),
    }

    block part1(channels, hidden) {
        a: dropout(0.3) -> linear,
        b: logistic(k = 0.5),
        c: a -> dense(channels) -> concat(b, softplus -> dense(hidden) -> dense(2), axis = 0),
    }

    block part2(channels) {
        a: concat(_, dense(channels) -> dense(1), add(_, _, gelu) -> logistic, axis = 0),
        b: a -> batch_norm(eps = 0.1) -> tanh,
        c: part1(4, 3) -> tanh,
    }

    block part3() {
        a: softplus -> concat(dense(1), input -> concat(dropout(0.3) -> tanh -> dense(2), dense(4) -> flatten, axis = 0) -> dense(3), dense(2), axis = 0),
    }
}

case! { drawn_24: Drawn24, [Drawn24Inputs { u: 5, v: 16, w: 3 }] -> [6], differs }

network! {
    pub struct Drawn25([3]) -> (b: [7] in training, c: [1]) {
        a: input -> part1(),
        b: a -> concat(_ -> softplus, _ -> dense(3), input -> concat(concat(logistic -> softmax, a, _, axis = 0) -> dense(1), input -> logistic, axis = 0) -> dense(2)) -> logistic,
        c: input -> part1() -> part2(1) -> dense(1),
    }

    block part1() {
        a: input -> logistic(k = 0.5) -> softmax,
        b: a -> dense(2),
    }

    block part2(channels) {
        a: concat(add(_ -> dense(channels) -> dense(2), tanh, _), input -> group_norm(2, eps = 0.1) -> dense(3), add(gelu, input, flatten)),
    }
}

case! { drawn_25: Drawn25, [3] -> [Drawn25Outputs { b: 7, c: 1 }], same }

network! {
    pub struct Drawn26(u: [4], v: sequence [3, 2], w: [5]) -> (b: [2], c: [5]) {
        a: u -> dense(2) -> softplus,
        b: flatten -> logistic,
        c: add(v -> flatten -> dense(5), w),
    }
}

case! { drawn_26: Drawn26, [Drawn26Inputs { u: 4, v: 6, w: 5 }] -> [Drawn26Outputs { b: 2, c: 5 }], same }

network! {
    pub struct Drawn27(x: [2]) -> (d: [2], e: [6]) {
        a: x -> concat(part2() -> dense(1), _, axis = 0),
        b: x -> dense(3) -> silu -> dense(2),
        c: batch_norm(eps = 0.1) -> silu,
        d: add(c, softmax -> flatten, a -> dense(2)) -> batch_norm(eps = 0.1) -> gelu,
        e: b -> part2() -> flatten,
    }

    block part1(channels) {
        a: tanh -> dense(channels),
        b: flatten -> dense(3),
        c: a -> gelu,
        d: concat(b, c),
    }

    block part2() {
        a: input -> add(input, _ -> logistic(k = 0.5), _) -> softplus,
        b: a -> flatten,
        c: b -> part1(3),
    }
}

case! { drawn_27: Drawn27, [2] -> [Drawn27Outputs { d: 2, e: 6 }], differs }

network! {
    pub struct Drawn28(sequence [2, TWO]) -> [10] {
        a: concat(input, silu -> dense(THREE)) -> flatten,
    }
}

case! { drawn_28: Drawn28, [4] -> [10], same }

network! {
    pub struct Drawn29([4]) -> [4] {
        a: part1() -> add(input, _ -> silu) -> multiply(input, input -> repeat(1, flatten -> tanh)),
    }

    block part1() {
        a: input -> tanh,
        b: concat(_, a -> group_norm(2, eps = 0.1) -> dense(1), a -> add(input, input -> dense(1) -> dense(4)) -> dense(3), axis = 0),
        c: add(concat(b -> flatten -> dense(3), input, axis = 0) -> add(input -> dense(7), _) -> dense(4), input -> tanh) -> silu,
    }
}

case! { drawn_29: Drawn29, [4] -> [4], same }

network! {
    pub struct Drawn30(u: [1, 4, 5], v: [4]) -> (d: [6, 5, 6], c: [1, 4, 5]) {
        a: u -> instance_norm(eps = 0.1) -> multiply(add(_, logistic(k = 0.5) -> conv2d(2, 3, padding = 1) -> conv2d(1, 3, padding = 1)), add(_, logistic(k = 0.5) -> conv2d(2, 3, padding = 1) -> conv2d(1, 3, padding = 1))) -> add(u, _),
        b: u -> silu -> conv2d(3, 1) -> conv2d(3, 2, padding = 1, groups = 3),
        c: u -> softplus -> softplus,
        d: concat(a -> adaptive_avg_pool2d([5, 6]) -> conv2d(3, 1), b),
    }
}

case! { drawn_30: Drawn30, [Drawn30Inputs { u: 20, v: 4 }] -> [Drawn30Outputs { d: 180, c: 20 }], same }

network! {
    pub struct Drawn31(signal [2, 3]) -> [1] {
        a: input -> silu -> conv1d(2, 3, groups = 2),
        b: input -> conv1d(2, 3, stride = 2, padding = 1) -> repeat(2, gelu),
        c: tanh -> max_pool1d(2),
        d: input -> conv1d(3, 1) -> add(_, _, _),
        e: global_avg_pool -> concat(input -> concat(d -> multiply(_, _), d -> multiply(_, _), axis = 0), input -> concat(d -> multiply(_, _), d -> multiply(_, _), axis = 0), axis = 0) -> conv1d(12, 1, groups = 12),
        f: add(c -> global_avg_pool -> dense(1), e -> flatten -> dense(1)),
    }

    block part1() {
        a: gelu,
        b: dropout(0.3) -> softplus,
        c: tanh -> softplus,
    }
}

case! { drawn_31: Drawn31, [6] -> [1], differs }

network! {
    pub struct Drawn32([FOUR]) -> (b: [ONE], c: [ONE]) {
        a: flatten -> gelu -> part1(),
        b: add(_ -> dense(ONE), a -> batch_norm(eps = 0.1) -> dense(ONE)) -> logistic,
        c: input -> part2() -> dense(ONE),
    }

    block part1() {
        a: logistic(k = 0.5),
    }

    block part2() {
        a: add(input -> silu, input, input -> batch_norm(eps = 0.1)),
        b: a -> flatten,
    }
}

case! { drawn_32: Drawn32, [4] -> [Drawn32Outputs { b: 1, c: 1 }], differs }

network! {
    pub struct Drawn33(u: [1, 2, 3], v: [2, 3, 5]) -> [3, 1, 1] {
        a: v -> silu,
        b: a -> conv2d(2, 1) -> logistic -> part2(1),
        c: multiply(u -> part3(3), a -> adaptive_avg_pool2d([1, 1]) -> conv2d(3, 3, padding = 1)) -> repeat(2, logistic) -> silu,
    }

    block part1() {
        a: input -> silu -> softplus,
    }

    block part2(channels) {
        a: input -> conv2d(channels, 1),
        b: repeat(2, silu -> part1()),
    }

    block part3(channels) {
        a: input -> conv2d(2, 2) -> conv2d(channels, 3, stride = 2, padding = 1),
    }
}

case! { drawn_33: Drawn33, [Drawn33Inputs { u: 6, v: 30 }] -> [3], same }

network! {
    pub struct Drawn34([3, 2, 3]) -> [9, 2, 3] {
        a: input -> part1() -> softplus -> logistic,
        b: a -> part1() -> add(a, a -> dropout(0.3), part2()) -> gelu,
        c: concat(gelu, _ -> conv2d(1, 1), _ -> conv2d(1, 1), axis = 0) -> tanh,
        d: concat(_ -> concat(input, input -> conv2d(1, 2) -> adaptive_avg_pool2d([2, 3]) -> conv2d(3, 1), axis = 0), b -> conv2d(3, 1, groups = 3)),
    }

    block part1() {
        a: input,
        b: conv_transpose2d(3, 3, padding = 1),
    }

    block part2() {
        a: silu -> repeat(2, logistic(k = 0.5)),
    }
}

case! { drawn_34: Drawn34, [18] -> [54], differs }

network! {
    pub struct Drawn35(x: [3]) -> [3] {
        a: x -> repeat(2, part1(2) -> multiply(_ -> flatten, _ -> add(_, _ -> linear))),
    }

    block part1(channels, hidden = 1) {
        a: repeat(1, dense(channels) -> dropout(0.3) -> dense(3)) -> multiply(_, dense(hidden) -> dense(3)),
    }
}

case! { drawn_35: Drawn35, [3] -> [3], differs }

network! {
    pub struct Drawn36(signal [ONE, 5]) -> signal [FOUR, 11] {
        a: tanh -> concat(_, _ -> add(input -> part1(), instance_norm(eps = 0.1), instance_norm(eps = 0.1)) -> conv1d(TWO, 1)),
        b: add(a, tanh) -> dropout(0.3) -> gelu,
        c: tanh -> conv_transpose1d(ONE, 1, stride = 2) -> add(conv_transpose1d(FOUR, 3), conv_transpose1d(FOUR, 3)),
    }

    block part1() {
        a: tanh,
    }
}

case! { drawn_36: Drawn36, [5] -> [44], differs }

network! {
    pub struct Drawn37([4]) -> [8] {
        a: part1(),
        b: a -> flatten,
        c: dense(4) -> batch_norm(eps = 0.1) -> flatten,
        d: tanh -> flatten -> concat(a -> part1() -> dense(3), input, axis = 0),
        e: d -> concat(c, logistic(k = 0.5) -> gelu -> dense(3), c -> gelu -> dense(1)) -> repeat(2, dense(2) -> logistic -> dense(8)) -> softmax,
    }

    block part1() {
        a: add(_, input) -> gelu,
    }
}

case! { drawn_37: Drawn37, [4] -> [8], differs }

network! {
    pub struct Drawn38(u: sequence [3, 2], v: [1, 2, 4]) -> [6, 1, 3] {
        a: v -> add(v, v) -> repeat(2, gelu -> add(instance_norm(eps = 0.1, affine = true) -> tanh -> conv2d(3, 1), multiply(_ -> conv2d(3, 1), _ -> conv2d(3, 3, padding = 1))) -> conv2d(1, 3, padding = 1)),
        b: batch_norm(eps = 0.1) -> conv_transpose2d(3, 2, padding = 1) -> concat(batch_norm(eps = 0.1), batch_norm(eps = 0.1)),
    }

    block part1() {
        a: silu,
        b: softplus -> dense(4),
        c: tanh -> dropout(0.3),
    }
}

case! { drawn_38: Drawn38, [Drawn38Inputs { u: 6, v: 8 }] -> [18], differs }

network! {
    pub struct Drawn39(signal [ONE, 5]) -> signal [FOUR, 3] {
        a: part2(TWO) -> tanh,
        b: conv_transpose1d(FOUR, 3),
    }

    block part1(channels) {
        a: gelu -> tanh,
        b: input -> add(a -> subsample(channels), a -> subsample(channels), conv1d(channels, 3) -> tanh) -> layer_norm(eps = 0.1),
    }

    block part2(channels) {
        a: input -> tanh -> gelu,
        b: linear -> add(_, _, input),
        c: part1(2) -> conv1d(channels, 3),
    }
}

case! { drawn_39: Drawn39, [5] -> [12], same }

network! {
    pub struct Drawn40(signal [3, 6]) -> signal [1, 4] {
        a: gelu -> conv1d(3, 2) -> conv1d(1, 2),
    }
}

case! { drawn_40: Drawn40, [18] -> [4], same }
