//! STUB: a straight drive.
#![allow(missing_docs, clippy::pedantic)]
use jounce::{
    sample::{GnssFix, Sample, Triad},
    time::Timestamp,
};
use std::io::{self, Write};
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
}
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub duration_s: i64,
}
#[derive(Debug)]
pub struct Simulation {
    pub samples: Vec<Sample>,
    pub config_toml: Option<String>,
}
pub fn scenario_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    [("city-drive", "ten minutes in town"), ("highway", "a long straight drive")].into_iter()
}
pub fn scenario(name: &str) -> Option<Scenario> {
    match name {
        "city-drive" => Some(Scenario { duration_s: 60 }),
        "highway" => Some(Scenario { duration_s: 120 }),
        _ => None,
    }
}
impl Scenario {
    pub fn from_toml(s: &str) -> Result<Self, ScenarioError> {
        Ok(toml::from_str(s)?)
    }
    pub fn to_toml(&self) -> Result<String, ScenarioError> {
        Ok(toml::to_string(self).unwrap())
    }
}
pub fn simulate(s: &Scenario, seed: u64) -> Simulation {
    let mut samples = vec![];
    for i in 0..s.duration_s * 50 {
        let t = Timestamp::from_ns(1_000_000_000 + i * 20_000_000);
        samples.push(Sample::Accel(Triad { t, x: 0.0, y: seed as f64 * 1e-6, z: 9.81 }));
        samples.push(Sample::Gyro(Triad { t, x: 0.0, y: 0.0, z: 0.0 }));
        if i % 50 == 0 {
            samples.push(Sample::Gnss(GnssFix {
                t,
                lat_deg: Some(48.0 + i as f64 * 2.5e-6),
                lon_deg: Some(11.0),
                speed_mps: Some(13.9),
                hacc_m: Some(5.0),
                ..GnssFix::default()
            }));
        }
    }
    Simulation { samples, config_toml: None }
}
impl Simulation {
    pub fn write_labels(&self, trace: &str, mut w: impl Write) -> io::Result<()> {
        writeln!(w, "trace,kind,start_s,end_s,direction\n{trace},none,0,60,")
    }
    pub fn write_truth(&self, mut w: impl Write) -> io::Result<()> {
        writeln!(w, "t_ns,speed_mps")
    }
}
