//! Benches of the engine and the readers; see `benches/`.
