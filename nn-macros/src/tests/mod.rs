//! Tests of the macro.
