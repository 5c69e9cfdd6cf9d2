//! Benches of the engine and the readers; see `benches/`.
//!
//! `cargo bench -p jounce-benches` measures; with `-- --test` each bench runs once, to see that it still runs.

use jounce::sample::Sample;
use jounce_sim::{
    scenario,
    scenario::{Accelerometer, Gyroscope, Magnetometer, Scenario, Timing},
    simulate,
};

/// Three minutes in town, from standstill to standstill.
const DRIVE: &str = "city-drive";
/// Drives that make up ten minutes.
const ROUNDS: usize = 4;
const SEED: u64 = 1;

/// What a phone records in somewhat more than ten minutes of town traffic; empty if the simulator had no such drive.
pub fn ten_minutes() -> Vec<Sample> {
    drive().map(|scenario| simulate(&scenario, SEED).samples).unwrap_or_default()
}

/// The same with gyroscope, accelerometer and compass at 100 Hz.
pub fn ten_minutes_at_100_hz() -> Vec<Sample> {
    let Some(mut scenario) = drive() else { return Vec::new() };
    let timing = Timing { rate_hz: 100.0, ..Timing::default() };
    scenario.accel = Some(Accelerometer { timing: timing.clone(), ..Accelerometer::default() });
    scenario.gyro = Some(Gyroscope { timing: timing.clone(), ..Gyroscope::default() });
    scenario.mag = Some(Magnetometer { timing, ..Magnetometer::default() });
    simulate(&scenario, SEED).samples
}

fn drive() -> Option<Scenario> {
    let mut scenario = scenario(DRIVE)?;
    let round = scenario.step.clone();
    scenario.step = std::iter::repeat_n(round, ROUNDS).flatten().collect();
    Some(scenario)
}
