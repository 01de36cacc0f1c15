//! Written by `tests/random_declarations.rs`: see there.

#![allow(deprecated, reason = "advice on how to build networks that learn")]

use super::*;

const ONE: usize = 1;
const TWO: usize = 2;
const THREE: usize = 3;
const FOUR: usize = 4;
const FIVE: usize = 5;

network! {
    pub struct Drawn1(x: signal [3, 6]) -> (a: signal [3, 12], b: [4] in training) {
        a: concat(x -> tanh, x -> tanh, axis = 1) -> dropout(0.3),
        b: x -> dropout(0.3) -> part3() -> tanh,
    }

    block part1(channels, hidden = 2, width) {
        a: add(input -> logistic(k = 0.5), input -> logistic(k = 0.5), input -> logistic(k = 0.5)) -> conv1d(width, 1),
        b: add(_, silu -> instance_norm(eps = 0.1)) -> tanh,
        c: conv1d(4, 2),
    }

    block part2(channels = 4, hidden) {
        a: input -> conv1d(channels, 3),
        b: input -> conv1d(hidden, 2),
        c: add(_ -> logistic(k = 0.5), _ -> logistic(k = 0.5)),
        d: add(a -> flatten -> dense(1), c -> flatten -> dense(1)),
    }

    block part3() {
        a: input -> upsample(2),
        b: part1(4, width = 1) -> part2(hidden = 2),
        c: a -> batch_norm(eps = 0.1),
        d: concat(b -> dense(2), c -> global_avg_pool -> dense(2)),
    }
}

case! { drawn_1: Drawn1, [18] -> [Drawn1Outputs { a: 36, b: 4 }], differs }

network! {
    pub struct Drawn2([3]) -> [1] {
        a: input,
        b: flatten,
        c: logistic -> multiply(a, softmax -> multiply(_, _)),
        d: multiply(_ -> dense(9), _ -> part1()) -> dense(1),
    }

    block part1() {
        a: concat(input -> silu, input -> gelu, softplus -> layer_norm(eps = 0.1) -> dense(1)),
        b: gelu -> softmax,
        c: concat(_ -> group_norm(1, eps = 0.1, affine = false), gelu -> dense(2), axis = 0),
    }
}

case! { drawn_2: Drawn2, [3] -> [1], same }

network! {
    pub struct Drawn3(u: [4], v: [5]) -> [7] {
        a: v -> gelu,
        b: batch_norm(eps = 0.1) -> concat(a -> dense(3), _ -> logistic(k = 0.5) -> dense(3), gelu -> dense(1)),
        c: add(v -> dense(1), b -> logistic(k = 0.5) -> dense(1), _ -> dense(1)) -> multiply(b, multiply(_ -> concat(_ -> dense(2), _ -> tanh, v -> dense(2), axis = 0), tanh -> flatten -> dense(5)) -> dense(2) -> dense(7)),
        d: add(u -> dense(7), c),
    }
}

case! { drawn_3: Drawn3, [Drawn3Inputs { u: 4, v: 5 }] -> [7], differs }

network! {
    pub struct Drawn4([THREE, 3, 5]) -> (c: [THREE, 1, 1], b: [6, 1, 1]) {
        a: avg_pool2d(3) -> gelu,
        b: softplus -> part1(FOUR) -> gelu,
        c: a -> tanh,
    }

    block part1(channels) {
        a: input -> tanh -> conv2d(channels, 3, stride = 2, padding = 1),
        b: add(input, _ -> conv2d(3, 1), gelu -> conv2d(3, 1)),
        c: input -> adaptive_avg_pool2d([1, 1]),
        d: concat(b, c),
    }
}

case! { drawn_4: Drawn4, [45] -> [Drawn4Outputs { c: 3, b: 6 }], same }

network! {
    pub struct Drawn5([TWO]) -> (d: [ONE] in training, c: [THREE]) {
        a: dense(FOUR),
        b: a -> dense(FOUR) -> add(a -> tanh, input -> group_norm(2, eps = 0.1) -> dense(FOUR)),
        c: concat(dense(ONE), _ -> dense(TWO), concat(_ -> concat(a -> dense(ONE), _ -> dense(ONE), axis = 0) -> dense(THREE), b, axis = 0) -> dense(TWO)) -> dropout(0.3) -> dense(THREE),
        d: a -> add(dense(ONE) -> silu, _ -> part3(hidden = THREE) -> dense(ONE)),
    }

    block part1(channels) {
        a: input -> group_norm(1, eps = 0.1, affine = false) -> gelu,
        b: dense(channels),
    }

    block part2(channels) {
        a: dense(channels),
        b: input -> softplus -> dense(2),
        c: concat(a -> dense(2), b),
    }

    block part3(channels = 4, hidden) {
        a: input -> part1(2),
        b: part2(4) -> dense(channels),
        c: a -> concat(_, b -> dense(1), dense(hidden) -> dense(2)) -> tanh,
    }
}

case! { drawn_5: Drawn5, [2] -> [Drawn5Outputs { d: 1, c: 3 }], differs }

network! {
    pub struct Drawn6([5]) -> (b: [5], c: [3] in training) {
        a: add(_, _),
        b: linear -> gelu,
        c: a -> dense(3) -> part1(),
    }

    block part1() {
        a: input -> layer_norm(eps = 0.1),
    }
}

case! { drawn_6: Drawn6, [5] -> [Drawn6Outputs { b: 5, c: 3 }], same }

network! {
    pub struct Drawn7(u: signal [2, 3], v: sequence [2, 2]) -> (b: [3], a: sequence [2, 2]) {
        a: v -> dense(2) -> add(_ -> dense(2), v),
        b: add(u -> flatten -> dense(3), a -> global_avg_pool -> dense(3)),
    }
}

case! { drawn_7: Drawn7, [Drawn7Inputs { u: 6, v: 4 }] -> [Drawn7Outputs { b: 3, a: 4 }], same }

network! {
    pub struct Drawn8(u: [2], v: [4], w: sequence [2, 3]) -> [9] {
        a: u -> dense(3) -> tanh,
        b: concat(v -> dense(3), w -> global_avg_pool -> dense(3), a),
    }
}

case! { drawn_8: Drawn8, [Drawn8Inputs { u: 2, v: 4, w: 6 }] -> [9], same }

network! {
    pub struct Drawn9(signal [1, 5]) -> signal [3, 1] {
        a: input -> part3(),
        b: softplus -> conv_transpose1d(1, 2, padding = 1) -> concat(softplus -> conv1d(1, 2), softplus -> conv1d(1, 2), softplus -> conv1d(1, 2), axis = 0),
        c: gelu -> gelu,
    }

    block part1() {
        a: tanh,
    }

    block part2(channels) {
        a: conv1d(3, 3, padding = 1) -> conv1d(channels, 3, padding = 1),
        b: conv1d(4, 3),
        c: repeat(3, gelu) -> part1(),
    }

    block part3() {
        a: tanh,
        b: part2(2),
        c: tanh,
    }
}

case! { drawn_9: Drawn9, [5] -> [3], same }

network! {
    pub struct Drawn10(x: sequence [3, 2]) -> sequence [3, 8] {
        a: concat(_ -> repeat(3, concat(_ -> dense(1), _ -> dense(3) -> dense(1), _) -> dense(2)) -> dense(3), x, x) -> logistic,
        b: logistic(k = 0.5) -> flatten -> concat(x, x),
        c: repeat(2, add(repeat(3, silu -> gelu), repeat(2, logistic(k = 0.5) -> tanh) -> add(_ -> logistic(k = 0.5), _ -> dense(1) -> dense(4), _)) -> dense(4)),
        d: a,
        e: add(_ -> gelu, _) -> dense(4),
        f: concat(c, e),
    }
}

case! { drawn_10: Drawn10, [6] -> [24], same }

network! {
    pub struct Drawn11(u: signal [1, 3], v: [1, 4, 3], w: signal [3, 6]) -> (a: signal [1, 3], e: [1] in training) {
        a: u -> batch_norm(eps = 0.1),
        b: v -> logistic -> local_response_norm(3, alpha = 0.5) -> logistic,
        c: part1(2) -> dense(3) -> repeat(1, part2(3, 4, 1) -> concat(tanh -> dense(2), _ -> silu -> dense(2), concat(_ -> dense(3), _ -> dense(4) -> dense(2), _ -> dense(2))) -> dense(3)),
        d: group_norm(1, eps = 0.1, affine = false) -> dense(2) -> concat(v, v),
        e: add(w -> flatten -> dense(1), d -> global_avg_pool -> dense(1)),
    }

    block part1(channels) {
        a: input -> pad(1),
        b: global_avg_pool -> repeat(1, logistic(k = 0.5) -> repeat(3, dense(3) -> dense(channels) -> dense(1))),
        c: group_norm(1, eps = 0.1, affine = false),
    }

    block part2(channels, hidden, width) {
        a: repeat(1, gelu -> dense(channels)) -> softmax,
        b: a -> dense(hidden),
        c: add(tanh, dense(2) -> dense(1) -> dense(4), tanh) -> dense(width),
    }
}

case! { drawn_11: Drawn11, [Drawn11Inputs { u: 3, v: 12, w: 18 }] -> [Drawn11Outputs { a: 3, e: 1 }], differs }

network! {
    pub struct Drawn12([3]) -> [4] {
        a: gelu -> repeat(1, softplus) -> dense(4),
    }
}

case! { drawn_12: Drawn12, [3] -> [4], same }

network! {
    pub struct Drawn13([3]) -> [4] {
        a: input -> dense(1),
        b: concat(a, _ -> dense(2), silu -> dense(2), axis = 0) -> part2(),
    }

    block part1(channels) {
        a: input -> flatten -> silu,
        b: concat(_, _ -> logistic(k = 0.5) -> dense(3), input -> softplus, axis = 0) -> dense(3) -> Drawn12 -> [4],
        c: gelu -> dense(channels),
    }

    block part2() {
        a: input -> dense(1),
        b: part1(1) -> add(a -> dense(3) -> Drawn12 -> [4], add(_, batch_norm(eps = 0.1) -> gelu) -> dense(4)),
    }
}

case! { drawn_13: Drawn13, [3] -> [4], differs }

network! {
    pub struct Drawn14(sequence [3, 4]) -> [4] {
        a: input -> flatten -> dense(1),
        b: dense(3) -> Drawn12 -> [4],
        c: repeat(2, gelu -> add(dense(3) -> Drawn12 -> [4], _ -> concat(_ -> dense(1), _ -> linear -> dense(1), _ -> gelu) -> dense(4))) -> flatten,
    }
}

case! { drawn_14: Drawn14, [12] -> [4], same }

network! {
    pub struct Drawn15([1, 3, 4]) -> [1, 3, 4] {
        a: input -> repeat(1, concat(add(_, _ -> logistic(k = 0.5), _) -> multiply(_, _ -> max_pool2d(2, stride = 1, padding = 1) -> adaptive_avg_pool2d([3, 4]) -> conv2d(1, 3, padding = 1)) -> adaptive_avg_pool2d([4, 1]) -> conv2d(1, 3, padding = 1), conv2d(1, 2, padding = 1), axis = 2) -> concat(conv2d(2, 1), _) -> adaptive_avg_pool2d([3, 4]) -> conv2d(1, 1)),
    }
}

case! { drawn_15: Drawn15, [12] -> [12], same }

network! {
    pub struct Drawn16([3]) -> [4] {
        a: logistic -> dense(3),
        b: tanh -> dense(3) -> dense(4),
    }
}

case! { drawn_16: Drawn16, [3] -> [4], same }

network! {
    pub struct Drawn17([5]) -> [4] {
        a: part3(2) -> concat(_ -> repeat(1, repeat(3, dropout(0.3))), input -> part2() -> dense(1), _ -> dense(3)),
        b: softplus -> softmax,
        c: repeat(3, multiply(_ -> add(group_norm(1, eps = 0.1, affine = false) -> flatten, _, _ -> logistic), _)) -> logistic(k = 0.5),
        d: part1(),
    }

    block part1() {
        a: tanh,
        b: dense(3) -> Drawn12 -> [4],
    }

    block part2() {
        a: part1(),
        b: flatten,
    }

    block part3(channels) {
        a: repeat(2, dense(channels) -> dense(5)) -> part2(),
        b: repeat(2, dropout(0.3) -> batch_norm(eps = 0.1)),
        c: b -> flatten,
    }
}

case! { drawn_17: Drawn17, [5] -> [4], differs }

network! {
    pub struct Drawn18([TWO, 3, 3]) -> (e: [TWO, 5, 5], d: [TWO, 2, 2]) {
        a: tanh,
        b: batch_norm(eps = 0.1) -> silu -> conv_transpose2d(TWO, 3, groups = 2),
        c: logistic(k = 0.5),
        d: c -> conv2d(TWO, 2, stride = 2, groups = 2),
        e: b,
    }
}

case! { drawn_18: Drawn18, [18] -> [Drawn18Outputs { e: 50, d: 8 }], differs }

network! {
    pub struct Drawn19(u: [TWO], v: [ONE, 2, 5]) -> [TWO] {
        a: u -> add(concat(dense(THREE) -> Drawn12 -> [4] -> dense(TWO), _ -> part1(), axis = 0) -> part1() -> dense(TWO), gelu -> add(v -> flatten -> dense(ONE), part1() -> multiply(u -> dense(ONE), _ -> dense(ONE))) -> dense(TWO), _ -> silu) -> logistic -> layer_norm(eps = 0.1),
    }

    block part1() {
        a: logistic(k = 0.5),
        b: softmax,
        c: a -> flatten,
        d: add(b, c),
    }
}

case! { drawn_19: Drawn19, [Drawn19Inputs { u: 2, v: 10 }] -> [2], same }

network! {
    pub struct Drawn20(u: [2], v: sequence [3, 4]) -> (b: [4], a: [2]) {
        a: u -> part1() -> dense(2) -> dense(2),
        b: concat(v -> flatten -> dense(2), a),
    }

    block part1(channels = 2) {
        a: repeat(1, softmax) -> logistic,
        b: input -> add(_, dense(channels)) -> tanh,
        c: b -> tanh,
        d: add(a, c),
    }
}

case! { drawn_20: Drawn20, [Drawn20Inputs { u: 2, v: 12 }] -> [Drawn20Outputs { b: 4, a: 2 }], same }

network! {
    pub struct Drawn21(u: signal [1, 4], v: signal [1, 5], w: signal [2, 6]) -> (e: [4], d: signal [2, 6]) {
        a: w -> silu -> logistic(k = 0.5),
        b: repeat(1, logistic) -> logistic -> global_avg_pool -> dense(3) -> Drawn16 -> [4],
        c: v -> part4(1) -> repeat(3, multiply(_, logistic(k = 0.5) -> repeat(2, logistic(k = 0.5))) -> multiply(_, dropout(0.3) -> repeat(2, conv_transpose1d(2, 1) -> dropout(0.3) -> conv1d(1, 1)))) -> add(a, a),
        d: tanh,
        e: u -> global_avg_pool -> dense(3) -> Drawn16 -> [4],
    }

    block part1() {
        a: input -> gelu -> silu,
    }

    block part2() {
        a: conv1d(1, 2) -> silu,
        b: gelu,
        c: a -> part1(),
        d: add(b, c),
    }

    block part3() {
        a: input -> dropout(0.3) -> part1(),
        b: a -> conv_transpose1d(1, 1),
    }

    block part4(channels) {
        a: part2() -> conv1d(4, 1),
        b: concat(conv1d(channels, 3) -> tanh, conv1d(channels, 3) -> tanh, conv1d(channels, 3) -> tanh, axis = 0),
        c: concat(b -> gelu, b -> conv1d(1, 1), b -> gelu, axis = 0) -> part3(),
    }
}

case! { drawn_21: Drawn21, [Drawn21Inputs { u: 4, v: 5, w: 12 }] -> [Drawn21Outputs { e: 4, d: 12 }], differs }

network! {
    pub struct Drawn22(u: signal [3, 4], v: signal [2, 3], w: [2]) -> (d: [8], c: signal [3, 6]) {
        a: v -> flatten -> dense(3) -> Drawn16 -> [4],
        b: logistic(k = 0.5),
        c: u -> pad(1),
        d: concat(w -> dense(4), b),
    }
}

case! { drawn_22: Drawn22, [Drawn22Inputs { u: 12, v: 6, w: 2 }] -> [Drawn22Outputs { d: 8, c: 18 }], same }

network! {
    pub struct Drawn23([4]) -> [2] {
        a: dense(3) -> Drawn12 -> [4] -> part1(),
        b: multiply(_, input -> flatten) -> dense(2) -> softplus,
    }

    block part1() {
        a: multiply(_ -> logistic, _ -> gelu) -> layer_norm(eps = 0.1),
    }
}

case! { drawn_23: Drawn23, [4] -> [2], same }

network! {
    pub struct Drawn24(u: [5], v: [2, 2, 4], w: [3]) -> (c: [2] in training, b: [3]) {
        a: w -> dense(2) -> part1(1) -> dense(3) -> Drawn16 -> [4],
        b: a -> dense(3),
        c: concat(u -> dense(1), v -> global_avg_pool -> dense(1)),
    }

    block part1(channels) {
        a: concat(_ -> multiply(tanh -> dense(3), dense(channels) -> flatten -> dense(3)), _ -> dense(1), logistic(k = 0.5)) -> layer_norm(eps = 0.1),
        b: dense(1) -> silu,
        c: b -> concat(b, linear -> logistic -> dense(3)) -> linear,
    }
}

case! { drawn_24: Drawn24, [Drawn24Inputs { u: 5, v: 16, w: 3 }] -> [Drawn24Outputs { c: 2, b: 3 }], same }

network! {
    pub struct Drawn25(x: sequence [3, 3]) -> sequence [3, 3] {
        a: tanh -> multiply(_ -> batch_norm(eps = 0.1), x),
    }
}

case! { drawn_25: Drawn25, [9] -> [9], differs }

network! {
    pub struct Drawn26(signal [2, 3]) -> signal [1, 2] {
        a: conv1d(1, 3) -> part1(),
        b: a -> add(input, input, input) -> group_norm(1, eps = 0.1, affine = false) -> conv1d(2, 2),
        c: logistic -> logistic -> add(_ -> conv1d(1, 1), _ -> conv1d(1, 1)),
    }

    block part1() {
        a: input -> concat(input, input, input) -> flatten -> dense(3) -> Drawn12 -> [4],
        b: repeat(2, multiply(_, _)),
    }
}

case! { drawn_26: Drawn26, [6] -> [2], same }

network! {
    pub struct Drawn27(u: signal [1, 5], v: [2], w: [1, 2, 3]) -> [1] {
        a: u -> dropout(0.3) -> logistic(k = 0.5) -> concat(u -> logistic, silu -> conv1d(2, 1), tanh -> conv1d(2, 3, padding = 1)),
        b: add(v -> dense(1), w -> flatten -> dense(1), a -> flatten -> dense(1)),
    }
}

case! { drawn_27: Drawn27, [Drawn27Inputs { u: 5, v: 2, w: 6 }] -> [1], differs }

network! {
    pub struct Drawn28(x: signal [2, 4]) -> signal [2, 2] {
        a: tanh -> softplus -> conv1d(2, 3, groups = 2),
    }
}

case! { drawn_28: Drawn28, [8] -> [4], same }

network! {
    pub struct Drawn29(signal [1, 6]) -> signal [3, 5] {
        a: input -> repeat(1, tanh) -> concat(input, input) -> conv1d(3, 1),
        b: gelu -> max_pool1d(2, stride = 1) -> silu,
    }
}

case! { drawn_29: Drawn29, [6] -> [15], same }

network! {
    pub struct Drawn30(signal [1, 5]) -> [6] {
        a: input -> add(flatten -> dense(4) -> Drawn23 -> [2], dropout2d(0.3) -> multiply(input, input) -> flatten -> dense(2)) -> part2(),
        b: concat(dense(3) -> multiply(_ -> gelu, _ -> add(a -> logistic(k = 0.5), _ -> flatten, flatten -> group_norm(1, eps = 0.1, affine = false))), _ -> silu),
    }

    block part1() {
        a: dense(3),
        b: tanh,
    }

    block part2() {
        a: dropout(0.3),
        b: dense(2) -> part1(),
    }
}

case! { drawn_30: Drawn30, [5] -> [6], differs }

network! {
    pub struct Drawn31(u: [3, 2, 3], v: [2, 3, 4], w: [3]) -> [2] {
        a: v -> repeat(1, logistic(k = 0.5)),
        b: multiply(a, batch_norm(eps = 0.1)) -> add(u -> conv_transpose2d(1, 1) -> adaptive_avg_pool2d([3, 4]) -> conv2d(2, 3, padding = 1), _) -> global_avg_pool -> dense(3) -> Drawn16 -> [4],
        c: repeat(3, multiply(_, _)) -> dense(2),
        d: add(w -> dense(2), c),
    }
}

case! { drawn_31: Drawn31, [Drawn31Inputs { u: 18, v: 24, w: 3 }] -> [2], differs }

network! {
    pub struct Drawn32([FOUR]) -> [8] {
        a: dense(ONE) -> part1() -> add(_ -> flatten, input -> dense(FOUR) -> dense(ONE)),
        b: concat(input -> dense(THREE), input -> multiply(_ -> concat(_ -> logistic -> dense(ONE), input -> softmax), add(input, a -> dense(FOUR)) -> part1() -> dense(FIVE)) -> dense(THREE), gelu -> dense(TWO), axis = 0),
        c: logistic,
    }

    block part1() {
        a: dropout(0.3),
    }
}

case! { drawn_32: Drawn32, [4] -> [8], differs }

network! {
    pub struct Drawn33(u: [1, 2, 3], v: [2, 3, 5]) -> (b: [2, 3, 5], d: [2, 3, 6] in training) {
        a: v -> instance_norm(eps = 0.1),
        b: conv2d(2, 1),
        c: a -> concat(_ -> adaptive_avg_pool2d([3, 1]) -> conv2d(2, 3, padding = 1), add(v, a), axis = 2),
        d: add(u -> adaptive_avg_pool2d([3, 6]) -> conv2d(2, 3, padding = 1), c),
    }
}

case! { drawn_33: Drawn33, [Drawn33Inputs { u: 6, v: 30 }] -> [Drawn33Outputs { b: 30, d: 36 }], same }

network! {
    pub struct Drawn34(x: signal [ONE, 4]) -> (d: [6], c: signal [THREE, 9]) {
        a: multiply(_ -> part1(), instance_norm(eps = 0.1, affine = true) -> tanh -> flatten -> dense(FOUR)),
        b: add(tanh, softplus) -> dropout(0.3) -> logistic,
        c: x -> conv_transpose1d(THREE, 3, stride = 2),
        d: concat(b -> dense(THREE), c -> flatten -> dense(THREE)),
    }

    block part1() {
        a: conv1d(4, 2, stride = 2),
        b: multiply(_ -> dropout(0.3), _ -> dropout(0.3)) -> global_avg_pool -> dense(3) -> Drawn12 -> [4],
    }
}

case! { drawn_34: Drawn34, [4] -> [Drawn34Outputs { d: 6, c: 27 }], differs }

network! {
    pub struct Drawn35(u: sequence [2, 3], v: [3]) -> [16] {
        a: v -> layer_norm(eps = 0.1) -> part2(),
        b: concat(u -> global_avg_pool -> dense(8), a),
    }

    block part1(channels) {
        a: input -> repeat(2, logistic(k = 0.5) -> dense(channels) -> dense(3)),
        b: add(input, a -> logistic, _) -> repeat(3, flatten -> silu),
        c: input -> tanh -> add(tanh -> dense(2), softplus -> dense(2), _ -> silu -> dense(2)),
        d: add(b -> dense(2), c),
    }

    block part2() {
        a: softmax,
        b: repeat(2, logistic) -> part1(4),
        c: input -> Drawn16 -> [4],
        d: concat(b -> dense(4), c),
    }
}

case! { drawn_35: Drawn35, [Drawn35Inputs { u: 6, v: 3 }] -> [16], same }

network! {
    pub struct Drawn36(sequence [2, 2]) -> [2] {
        a: part1() -> repeat(2, repeat(3, gelu -> dense(2))) -> tanh,
        b: dense(2) -> dense(4),
        c: dense(3) -> add(input -> flatten -> dense(2), input -> global_avg_pool -> dense(4) -> Drawn23 -> [2], flatten -> dense(4) -> Drawn23 -> [2]),
        d: c -> softmax,
        e: flatten,
    }

    block part1() {
        a: linear,
    }
}

case! { drawn_36: Drawn36, [4] -> [2], same }

network! {
    pub struct Drawn37([4]) -> [1] {
        a: batch_norm(eps = 0.1),
        b: dense(3) -> multiply(add(add(a, _ -> gelu -> dense(4), flatten -> dense(3) -> dense(4)) -> part1(4), _ -> dense(1) -> dense(4), repeat(2, dense(3) -> flatten) -> logistic(k = 0.5) -> dense(4)) -> gelu, repeat(3, batch_norm(eps = 0.1) -> gelu) -> dense(4)),
        c: b -> silu -> dense(1) -> logistic,
        d: dense(1) -> add(tanh, input -> dense(1)) -> add(tanh, _ -> logistic),
        e: gelu,
    }

    block part1(channels) {
        a: flatten -> dense(channels),
        b: logistic(k = 0.5),
        c: batch_norm(eps = 0.1) -> gelu,
    }
}

case! { drawn_37: Drawn37, [4] -> [1], differs }

network! {
    pub struct Drawn38([4]) -> [8] {
        a: add(silu -> multiply(input, _), input -> layer_norm(eps = 0.1)),
        b: a -> concat(input, add(_, _ -> gelu, a) -> dense(4) -> dense(3), add(a -> add(gelu, input, layer_norm(eps = 0.1) -> batch_norm(eps = 0.1)), input -> dense(1) -> dense(4), _) -> dense(1), axis = 0),
        c: dropout(0.3) -> logistic -> repeat(2, multiply(_ -> dense(2), _ -> dropout(0.3) -> dense(2)) -> dense(1) -> dense(8)),
    }
}

case! { drawn_38: Drawn38, [4] -> [8], differs }

network! {
    pub struct Drawn39(signal [ONE, 5]) -> [FOUR] {
        a: part1() -> part2(),
        b: dense(FOUR) -> logistic -> layer_norm(eps = 0.1),
    }

    block part1() {
        a: input -> conv1d(4, 2, stride = 2),
    }

    block part2(channels = 4) {
        a: flatten -> dense(3) -> Drawn16 -> [4],
        b: a -> linear -> multiply(_, _ -> dense(channels)),
        c: gelu -> flatten,
    }
}

case! { drawn_39: Drawn39, [5] -> [4], same }

network! {
    pub struct Drawn40(signal [3, 6]) -> signal [1, 7] {
        a: concat(softplus, _ -> add(input -> logistic(k = 0.5), input, tanh) -> conv1d(1, 1), softplus) -> part3() -> logistic(k = 0.5),
    }

    block part2() {
        a: instance_norm(eps = 0.1, affine = true) -> logistic,
    }

    block part3() {
        a: conv1d(7, 1, groups = 7) -> conv1d(1, 2, padding = 1),
        b: a -> repeat(3, add(_ -> silu, softplus, layer_norm(eps = 0.1) -> dropout(0.3))) -> part2(),
    }
}

case! { drawn_40: Drawn40, [18] -> [7], differs }
