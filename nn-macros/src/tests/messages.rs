//! What the macro says, word for word: each rule of parse, check and the layer table.

use super::{errors, errors_in};

/// The messages for `struct Net([784]) -> [10] { lines }`.
fn lines(lines: &str) -> Vec<String> {
    errors_in("[784]", "[10]", lines)
}

const EXAMPLE: &str = "\nhelp: write `pub struct Net([784]) -> [10] { hidden: dense(128) -> relu, out: dense(10), }`";

#[test]
fn declarations() {
    let note = "\nnote: `network!` holds networks, one after the other";
    assert_eq!(errors(""), [format!("`network!` is empty{EXAMPLE}")]);
    assert_eq!(errors("fn net() {}"), [format!("expected `struct`, found `fn`{note}{EXAMPLE}")]);
    assert_eq!(errors("/// A network."), [format!("expected `struct`, found nothing{note}{EXAMPLE}")]);
    assert_eq!(errors("struct ([3])"), ["expected the network's name after `struct`, found `(…)`"]);
    assert_eq!(errors("struct fn([3])"), ["expected the network's name after `struct`, found `fn`"]);
    let generics = "a network's generic parameters are sizes: `<const HIDDEN: usize>`\n\
        note: it is generic over its scalar by itself: `Net`, `Net<f64>`";
    assert_eq!(errors("struct Net<T>([3]) -> [3] { out: tanh }"), [generics]);
    let size = |name: &str| errors(&format!("struct Net<const {name}: usize>([{name}]) -> [{name}] {{ out: tanh }}"));
    for taken in ["T", "A0", "S0", "U12"] {
        assert_eq!(size(taken), [format!("`{taken}` is a type within a network; another name serves a size better")]);
    }
    for free in ["A", "B", "L", "S", "U", "In", "Target", "SIZE"] {
        assert_eq!(size(free), [""; 0], "{free}");
    }
    assert_eq!(errors("#[=] struct Net([3]) -> [3] { out: tanh }"), ["this is not an attribute"]);
    let visibility = "expected a visibility, such as `pub` or `pub(crate)`";
    assert_eq!(errors("pub(in) struct Net([3]) -> [3] { out: tanh }"), [visibility]);
    let refused = "`repr` cannot stand here\nnote: the layout of a network is fixed";
    assert_eq!(errors("#[repr(C)] struct Net([3]) -> [3] { out: tanh }"), [refused]);
    assert_eq!(errors("struct Net([3]) -> [3] {}"), ["`Net` has no lines\nhelp: write `out: dense(10),`"]);
}

#[test]
fn a_declaration_after_a_mistake_is_still_read() {
    let found = errors("fn b() {} struct A([3]) -> [3]; pub struct B([3]) -> [4] { out: tanh }");
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[1], "expected the lines of `A` in braces, found `;`");
    assert!(found[2].starts_with("the declared output is [4], but `out` gives [3]"));
}

#[test]
fn ports() {
    let input = "expected the shape of the input in parentheses, such as `([784])`, found";
    assert_eq!(errors("struct Net -> [3] { out: tanh }"), [format!("{input} `->`")]);
    assert_eq!(errors("struct Net { out: tanh }"), [format!("{input} `{{…}}`")]);
    let output = "expected `->` and the shape of the output, such as `-> [10]`, found";
    assert_eq!(errors("struct Net([3]) { out: tanh }"), [format!("{output} `{{…}}`")]);
    let brackets = "expected a shape in brackets, such as `[784]`, found";
    assert_eq!(errors_in("784", "[3]", "out: tanh"), [format!("{brackets} `784`")]);
    assert_eq!(errors_in("[3]", "3", "out: tanh"), [format!("{brackets} `3`")]);
    assert_eq!(errors_in("", "[3]", "out: tanh"), ["a network has 1 to 8 inputs, found none"]);
    let several = "the output `b` is not a line\nnote: the lines are a";
    assert_eq!(errors_in("[3]", "(a: [3], b: [3])", "a: tanh"), [several]);
    let unnamed = "one of several outputs needs a name\nhelp: write `name: [3]`";
    assert_eq!(errors_in("[3]", "(a: [3], [3])", "a: tanh"), [unnamed]);
    let training = "expected `training` after `in`, found `inference`";
    assert_eq!(errors_in("[3]", "(a: [3], b: [3] in inference)", "a: tanh, b: relu"), [training]);
    let only = "a network has an output beside those in training";
    assert_eq!(errors_in("[3]", "(a: [3] in training)", "a: tanh"), [only]);
    assert_eq!(errors_in("[3] [4]", "[3]", "out: tanh"), ["expected nothing after the shape, found `[…]`"]);
    let keyword = "`fn` is a keyword of Rust, and cannot name a value\nhelp: write `r#fn`";
    assert_eq!(errors_in("fn: [3]", "[3]", "out: tanh"), [keyword]);
    let missing = "the output `digit` is not a line\nnote: the lines are a, b";
    assert_eq!(errors_in("[3]", "(digit: [3])", "a: tanh, b: relu"), [missing]);
}

#[test]
fn shapes() {
    let rank = |found: usize| {
        let note = "`[F]` is a vector, `[C, H, W]` an image, `[C, D, H, W]` a volume";
        format!("a shape has 1 to 4 dimensions, found {found}\nnote: {note}")
    };
    let out = |shape: &str| errors_in(shape, "[3]", "out: dense(3)");
    assert_eq!(out("[]"), [rank(0)]);
    assert_eq!(out("[1, 2, 3, 4, 5]"), [rank(5)]);
    let kinds = "a shape of two dimensions says which it is\nhelp: write `sequence [T, F]` for T steps of F features, \
        or `signal [C, L]` for C channels of length L";
    assert_eq!(out("[20, 8]"), [kinds]);
    assert_eq!(out("sequence [20]"), ["a sequence has two dimensions, found 1"]);
    assert_eq!(out("sequenze [20, 8]"), ["there is no kind of shape `sequenze`\nhelp: did you mean `sequence`?"]);
    assert_eq!(out("image [20, 8]"), ["there is no kind of shape `image`\nnote: the kinds are sequence and signal"]);
    assert_eq!(out("[10_000_000, 1_000_000, 1]"), ["this shape has more values than fit in memory"]);
    let dimension = "a dimension is a whole number from 1 or a const expression, found";
    assert_eq!(out("[0]"), [format!("{dimension} `0`")]);
    assert_eq!(out("[-3]"), [format!("{dimension} `-3`")]);
    assert_eq!(out("[1.5]"), [format!("{dimension} `1.5`")]);
    assert_eq!(out("[3u8]"), [format!("{dimension} `3u8`")]);
    assert_eq!(out("[99999999999999999999]"), [format!("{dimension} `99999999999999999999`")]);
    let generated = "the type `T` is another one within the network\n\
        help: give the expression a name outside: `const WIDTH: usize = …;`";
    assert_eq!(out("[T::N]"), [generated]);
    assert_eq!(out("[size_of::<T>()]"), [generated]);
    assert!(out("[T]").is_empty());
}

#[test]
fn line_syntax() {
    assert_eq!(lines("hidden: , out: dense(10)"), ["expected a layer after `hidden:`"]);
    assert_eq!(lines("hidden: 3, out: dense(10)"), ["expected a layer after `hidden:`, found `3`"]);
    assert_eq!(lines("hidden: dense(3) -> out: dense(10)"), ["expected a layer after `->`"]);
    assert_eq!(lines("hidden: dense(3) -> -> tanh, out: dense(10)"), ["expected a layer after `->`, found `->`"]);
    let colon = "expected `:` and layers after the line's name `hidden`\nhelp: write `hidden: dense(128) -> relu,`";
    assert_eq!(lines("hidden out: dense(10)"), [colon]);
    assert_eq!(lines("hidden, out: dense(10)"), [colon]);
    let comma = "expected `,` before `out`: one comma after each line";
    assert_eq!(lines("hidden: dense(3) /// Scores. \n pub out: dense(10)"), [comma]);
    assert_eq!(
        lines("hidden: tanh,, out: dense(10)"),
        ["expected a line before this comma: one comma after each line"]
    );
    assert_eq!(lines("hidden: tanh relu, out: dense(10)"), ["expected `->` or `,` in line `hidden`, found `relu`"]);
    let line = "expected a line, such as `hidden: dense(128) -> relu`, found `3`";
    assert_eq!(lines("3, out: dense(10)"), [line]);
    let path = "`nn` is a path: a layer is one word, such as `dense(128)`\n\
        note: a type from elsewhere is in CamelCase: `Encoder`, `Blur::<3>`";
    assert_eq!(lines("out: nn::blur"), [path]);
    let generics = "`Blur` is a type, and takes its arguments as generics\nhelp: write `Blur::<3>`";
    assert_eq!(lines("out: Blur(3)"), [generics]);
    assert_eq!(lines("out: dense(10, bias = )"), ["expected a value after `bias =`"]);
    assert_eq!(lines("out: dense(, 10)"), ["expected an argument before this comma"]);
}

#[test]
fn line_names() {
    assert_eq!(lines("a: tanh, a: rleu, out: dense(10)").len(), 2);
    assert_eq!(lines("a: tanh, r#a: relu, out: dense(10)"), ["there is already a line `a`"]);
    assert_eq!(lines("input: tanh, out: dense(10)"), ["`input` is the name of the network's input"]);
    assert_eq!(errors_in("x: [3]", "[3]", "x: tanh"), ["`x` is the name of the network's input"]);
    assert_eq!(lines("self: dense(10)"), ["`self` is a keyword of Rust, and cannot name a line"]);
    assert_eq!(lines("_: dense(10)"), ["a line needs a name; `_` is the value that arrives at a merge"]);
}

#[test]
fn values() {
    let merge = "`_` is the value that arrives at a merge, and here is none\n\
        help: leave it out: a chain starts from the value of the line before";
    assert_eq!(lines("a: _ -> dense(10)"), [merge]);
    let middle = "`a` is a value, and can only begin a chain\nhelp: begin a line with it: `name: a -> …`";
    assert_eq!(lines("a: tanh, b: relu -> a"), [middle]);
    let later = "`c` is used before it exists\nnote: the values here are input, a";
    assert_eq!(lines("a: tanh, b: c, c: dense(10)"), [later]);
    let itself = "`b` uses itself\nnote: the values here are input, a";
    assert_eq!(lines("a: tanh, b: b -> dense(10)"), [itself]);
    assert_eq!(lines("hidden: tanh, out: hiden"), ["there is no layer or value `hiden`\nhelp: did you mean `hidden`?"]);
}

#[test]
fn words() {
    let all = "dense, conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d, max_pool1d, \
        max_pool2d, max_pool3d, avg_pool1d, avg_pool2d, avg_pool3d, adaptive_avg_pool2d, global_avg_pool, \
        global_max_pool, upsample, pad, crop, subsample, batch_norm, layer_norm, group_norm, instance_norm, \
        local_response_norm, dropout, dropout2d, flatten, linear, step, threshold, logistic, tanh, relu, relu6, leaky_relu, \
        elu, gelu, silu, softplus, softmax, add, multiply, concat, repeat";
    assert_eq!(lines("out: dens(10)"), ["there is no layer `dens`\nhelp: did you mean `dense`?"]);
    assert_eq!(lines("out: Dense(10)"), ["there is no layer `Dense`\nhelp: did you mean `dense`?"]);
    assert_eq!(lines("out: tanh -> LeakyReLU"), ["there is no layer `LeakyReLU`\nhelp: did you mean `leaky_relu`?"]);
    assert_eq!(lines("out: tanh -> sigmoid"), ["there is no layer `sigmoid`\nhelp: it is called `logistic` here"]);
    for word in ["lstm(5)", "block(2)"] {
        let name = word.split('(').next().unwrap_or_default();
        assert_eq!(lines(&format!("out: {word}")), [format!("there is no layer `{name}`\nnote: the layers are {all}")]);
    }
}

#[test]
fn sizes() {
    assert_eq!(lines("out: dense"), ["`dense` needs the number of outputs\nhelp: write `dense(128)`"]);
    let many = "`dense` takes one size, the number of outputs; `5` is one too many\nhelp: write `dense(128)`";
    assert_eq!(lines("out: dense(10, 5)"), [many]);
    assert_eq!(lines("out: dense(10) -> relu(3)"), ["`relu` takes no sizes; `3` is one too many\nhelp: write `relu`"]);
    let first = "sizes come first: `10` stands behind the option `bias`\nhelp: write `dense(128)`";
    assert!(lines("out: dense(bias = true, 10)").contains(&first.to_string()));
    assert!(lines("out: dense(area::<3, 4>()) -> dense(10)").is_empty());
    assert_eq!(lines("a: dense(9_999_999_999), out: dense(10)"), ["this layer has more values than fit in memory"]);
}

#[test]
fn options() {
    assert_eq!(lines("out: dense(10, bais = true)"), ["`dense` has no option `bais`\nhelp: did you mean `bias`?"]);
    let names = "`dense` has no option `dropout`\nnote: its options are bias, init, std";
    assert_eq!(lines("out: dense(10, dropout = 1)"), [names]);
    assert_eq!(lines("out: dense(10) -> relu(k = 1)"), ["`relu` has no option `k`\nnote: `relu` has no options"]);
    assert_eq!(lines("out: dense(10, bias = true, bias = true)"), ["`bias` is given twice"]);
    assert_eq!(lines("out: dense(10, bias = 1)"), ["`bias` is `true` or `false`, found `1`"]);
    assert_eq!(lines("out: dense(10) -> gelu(approximate = x)"), ["`approximate` is `none` or `tanh`, found `x`"]);
    let init =
        "`init` is `zeros`, `normal`, `xavier_uniform`, `xavier_normal`, `he_uniform` or `he_normal`, found `he`";
    assert_eq!(lines("out: dense(10, init = he)"), [init]);
    assert_eq!(lines("out: dense(10, std = 1)"), ["`std` goes with `init = normal`"]);
    let not_with = "`std` goes with `init = normal`, not with `init = zeros`";
    assert_eq!(lines("out: dense(10, init = zeros, std = 1)"), [not_with]);
    for value in ["0", "-1", "1e999", "1f32", "\"1\"", "crate"] {
        let message = format!("`k` is a positive number, found `{value}`");
        assert_eq!(lines(&format!("out: dense(10) -> logistic(k = {value})")), [message]);
    }
}

#[test]
fn contracts() {
    let output = "the declared output is [10], but `out` gives [12]\n\
        note: input [784] → hidden [128] → out [12]";
    assert_eq!(lines("hidden: dense(128) -> relu, out: tanh -> dense(12)"), [output]);
    let vector = "`dense` needs a vector, but `tanh` gives [16, 5, 5]\n\
        note: image [16, 5, 5] → s4 [16, 5, 5] → tanh [16, 5, 5]\n\
        help: write `flatten -> dense(120)` (400 values)";
    assert_eq!(errors_in("image: [16, 5, 5]", "[120]", "s4: relu -> elu, c5: tanh -> dense(120)"), [vector]);
    let line = "`softmax` needs a vector, but `s4` gives [16, N, 5]\n\
        note: input [16, N, 5] → s4 [16, N, 5]\n\
        help: write `flatten -> softmax`";
    assert_eq!(errors_in("[16, N, 5]", "[120]", "s4: relu, c5: softmax"), [line]);
    let input = "`dense` needs a vector, but the input is [1, 28, 28]\n\
        note: input [1, 28, 28]\n\
        help: write `flatten -> dense(10)` (784 values)";
    assert_eq!(errors_in("[1, 28, 28]", "[10]", "out: dense(10)"), [input]);
}

#[test]
fn all_mistakes_are_reported_and_none_twice() {
    let found = errors(
        "struct A([0]) -> [3] { a: dens(3), b: dense(1.5) -> relu, c: dense(3, bias = 2) } struct B([3]) -> [4] { out: tanh }",
    );
    assert_eq!(found.len(), 5, "{found:#?}");
}

#[test]
fn what_others_call_linear_has_weights() {
    let expected = "`linear` takes no sizes; `128` is one too many\nnote: `linear` is the identity\n\
        help: write `dense(128)` for a layer with weights";
    assert_eq!(errors_in("[4]", "[4]", "out: linear(128)"), [expected]);
}

#[test]
fn blocks_do_not_use_themselves() {
    let source = "struct Net([8]) -> [8] { out: outer(8) } block outer(n) { out: dense(n) -> relu -> inner(n) }
        block inner(n) { out: repeat(2, dense(n) -> relu -> outer(n)) }";
    assert_eq!(errors(source), ["the block `outer` uses itself\nnote: outer → inner → outer"]);
    let source = "struct Net([8]) -> [8] { out: again(8) } block again(n) { out: again(n) }";
    assert_eq!(errors(source), ["the block `again` uses itself\nnote: again → again"]);
}
