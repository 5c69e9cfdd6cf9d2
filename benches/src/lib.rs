//! Benches of the engine and the readers; see `benches/`.
//!
//! `cargo bench -p jounce-benches` measures; with `-- --test` each bench runs once, to see that it still runs.
