use monograd::prelude::*;

struct T;

impl T {
    const WIDTH: usize = 4;
}

network! {
    struct Net([4]) -> [4] {
        out: dense(T::WIDTH),
    }
}

fn main() {
    println!("{}", T::WIDTH);
}
