use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        first: ,
        second
        third: dense(128) ->
        fourth: dense(64) relu,
        fifth: 3,
        sixth: dense(3) -> , 
        dense(32),
        out: dense(10),
    }
}

fn main() {}
