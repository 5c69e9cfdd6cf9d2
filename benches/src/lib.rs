//! Benches of the engine and the readers; see `benches/`.
//!
//! `cargo bench -p jounce-benches` measures; with `-- --test` each bench runs once, to see that it still runs.

use jounce::sample::Sample;
use jounce_sim::{scenario, simulate};

/// Three minutes in town, from standstill to standstill.
const DRIVE: &str = "city-drive";
/// Drives that make up ten minutes.
const ROUNDS: usize = 4;
const SEED: u64 = 1;

/// What a phone records in somewhat more than ten minutes of town traffic; empty if the simulator had no such drive.
pub fn ten_minutes() -> Vec<Sample> {
    let Some(mut scenario) = scenario(DRIVE) else { return Vec::new() };
    let round = scenario.step.clone();
    scenario.step = std::iter::repeat_n(round, ROUNDS).flatten().collect();
    simulate(&scenario, SEED).samples
}
