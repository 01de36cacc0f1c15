use monograd::prelude::*;

network! {

}

fn main() {}
