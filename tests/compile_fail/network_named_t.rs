//! The scalar type is called `T`.

monograd::network! {
    struct T([3]) -> [1] {
        out: dense(1),
    }
}

fn main() {}
