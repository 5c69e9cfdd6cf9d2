//! Physically consistent drives, phones and crashes with ground truth.
//!
//! A [`Scenario`] is data (TOML): a vehicle, a phone, sensors, and a list of [`script::Step`]s. [`simulate`] turns it
//! and a seed into samples, in the order in which a host would get them, into labels, and into the truth.
//!
//! One trajectory makes everything. The script gives speed and curvature with smooth edges; position, heading,
//! acceleration and yaw rate follow by integration or difference. The body pitches and rolls on its springs, wheels
//! run over an ISO 8608 road, the engine hums. The phone feels the specific force and rate of its own place. Sensors
//! filter, bend, clip and delay that. Nothing here knows how the engine estimates.
//!
//! ```
//! let scenario = jounce_sim::scenario("no-gnss").ok_or("unknown scenario")?;
//! let simulation = jounce_sim::simulate(&scenario, 1);
//! assert!(!simulation.samples.is_empty() && !simulation.labels.is_empty());
//! # Ok::<(), &'static str>(())
//! ```
//!
//! Determinism: all noise comes from `ChaCha` streams of the seed, all transcendental functions from `libm`, and every
//! step has a fixed length.

mod body;
mod builtin;
pub mod carried;
mod crash;
mod gnss;
mod labels;
mod math;
mod mixed;
pub mod on_the_way;
mod phone;
mod random;
pub mod scenario;
pub mod script;
mod sensors;
mod simulate;
mod truth;
mod validate;
mod vehicle;

pub use builtin::{scenario, scenario_names};
pub use crash::filter_cfc60;
pub use jounce_score::Label;
pub use labels::Manoeuvre;
pub use math::GRAVITY_MPS2;
pub use mixed::mixed_drive;
pub use random::{Handling, RandomDrive, random_drive};
pub use scenario::{Scenario, ScenarioError};
pub use simulate::{Simulation, simulate};
pub use truth::TruthRow;
