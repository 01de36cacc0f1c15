use monograd::prelude::*;

network! {
    struct Unit([2]) -> [1] {
        out: dense(2) -> threshold(1),
    }
}

fn main() {
    let _ = Training::<Unit>::new(4);
}
