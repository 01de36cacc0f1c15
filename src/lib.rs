//! monograd
