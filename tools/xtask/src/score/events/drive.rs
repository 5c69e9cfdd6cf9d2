//! A mixed drive and what must, may and must not be found in it.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::Context;
use jounce::{event::EventKind, sample::Sample, time::Timestamp};
use jounce_score::{Label, driving_hours, write_labels};
use jounce_sim::{
    Manoeuvre, RandomDrive, Simulation, mixed_drive,
    scenario::{Mount, Scenario},
    simulate,
};

/// From this multiple of a threshold on an event must fire …
pub(super) const MUST: f64 = 1.15;
/// … and below this one none may.
pub(super) const MUST_NOT: f64 = 0.85;
/// What a drive without its manoeuvres lasts, s; with them about three times as long.
const ORDINARY_S: f64 = 300.0;
/// A receiver whose speed is no further off than this sees all of the sky, m/s.
const OPEN_SKY_MPS: f64 = 0.2;
/// About how long a drive is, h.
pub(super) const HOURS: f64 = 0.25;

/// A slow receiver smooths its speeds with this time constant, s, as a phone's does that lags its car by more than a second …
pub(super) const SLOW_S: f64 = 0.8;
/// … and with the delay is this late at most, s.
const LATEST_S: f64 = 2.0;

#[derive(Debug)]
pub(super) struct Drive {
    pub(super) name: String,
    pub(super) samples: Vec<Sample>,
    pub(super) zero: Timestamp,
    /// Its receiver sees all of the sky.
    pub(super) open_sky: bool,
    pub(super) hours: f64,
    pub(super) manoeuvres: Vec<Manoeuvre>,
    /// Starts and ends of trips.
    trips: Vec<Label>,
}

/// What is recorded of a drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    All,
    Fixes,
    Inertial,
}

fn scenario(seed: u64, rate_hz: f64) -> Scenario {
    let options =
        RandomDrive { duration_s: ORDINARY_S, mount: Some(Mount::random(seed)), rate_hz, ..RandomDrive::default() };
    mixed_drive(seed, &options)
}

impl Drive {
    /// In any mount, at `rate_hz`; the same seed gives the same drive at every rate.
    pub(super) fn new(seed: u64, rate_hz: f64) -> Self {
        Self::of(&scenario(seed, rate_hz), seed)
    }

    /// The same with a receiver that smooths its speeds as slow ones do.
    pub(super) fn with_slow_fixes(seed: u64, rate_hz: f64) -> Self {
        let mut scenario = scenario(seed, rate_hz);
        if let Some(gnss) = &mut scenario.gnss {
            gnss.delay_s = gnss.delay_s.min(LATEST_S - SLOW_S);
            gnss.smoothing_s = SLOW_S;
        }
        Self::of(&scenario, seed)
    }

    fn of(scenario: &Scenario, seed: u64) -> Self {
        let open_sky = scenario.gnss.as_ref().is_none_or(|gnss| gnss.speed_sigma_mps <= OPEN_SKY_MPS);
        let Simulation { samples, labels, manoeuvres, start, .. } = simulate(scenario, seed);
        let is_trip = |label: &Label| matches!(label.kind, Some(EventKind::TripStart | EventKind::TripEnd));
        Self {
            name: scenario.name.clone(),
            hours: driving_hours(&samples),
            zero: start,
            open_sky,
            samples,
            manoeuvres,
            trips: labels.into_iter().filter(is_trip).collect(),
        }
    }

    /// What must be found.
    pub(super) fn required(&self) -> Vec<Label> {
        let large = self.labels(|multiple| multiple >= MUST);
        large.into_iter().chain(self.trips()).collect()
    }

    /// What may be found or not.
    pub(super) fn optional(&self) -> Vec<Label> {
        self.labels(|multiple| (MUST_NOT..MUST).contains(&multiple))
    }

    /// Manoeuvres by their multiple of the threshold.
    pub(super) fn labels(&self, is_meant: impl Fn(f64) -> bool) -> Vec<Label> {
        self.manoeuvres.iter().filter(|m| is_meant(m.multiple)).map(|m| m.label).collect()
    }

    /// Starts and ends of trips.
    pub(super) fn trips(&self) -> impl Iterator<Item = Label> {
        self.trips.iter().copied()
    }

    /// Writes the drive as a trace into `folder`, and beside it what must be found.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let file = |name: &str| -> anyhow::Result<_> {
            let path = folder.join(name);
            Ok(BufWriter::new(File::create(&path).with_context(|| path.display().to_string())?))
        };
        let trace = format!("{}.csv", self.name);
        jounce_trace::write_native(self.samples.iter().copied(), file(&trace)?)?;
        let begin_s = self.samples.iter().map(Sample::t).min().map_or(0.0, |first| first.s_since(self.zero));
        let shifted = |l: Label| Label { start_s: l.start_s - begin_s, end_s: l.end_s - begin_s, ..l };
        let labels: Vec<Label> = self.required().into_iter().map(shifted).collect();
        Ok(write_labels(&labels, &trace, file(&format!("{}.labels.csv", self.name))?)?)
    }

    pub(super) fn kept(&self, kept: Kept) -> Vec<Sample> {
        let is_kept = |sample: &&Sample| match sample {
            Sample::Accel(_) | Sample::Gyro(_) | Sample::Mag(_) => kept != Kept::Fixes,
            Sample::Gnss(_) => kept != Kept::Inertial,
            _ => true,
        };
        self.samples.iter().filter(is_kept).copied().collect()
    }

    #[cfg(test)]
    pub(super) fn for_test(zero: Timestamp, manoeuvres: Vec<Manoeuvre>) -> Self {
        let (name, samples, trips) = ("test".to_owned(), Vec::new(), Vec::new());
        Self { name, samples, zero, open_sky: true, hours: 1.0, manoeuvres, trips }
    }
}
