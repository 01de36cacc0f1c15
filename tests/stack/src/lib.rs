//! Networks run in small threads, without optimisation.
