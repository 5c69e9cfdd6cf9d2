//! A simulated drive with its truth.

use jounce::{
    config::{Config, ConfigError},
    event::{Event, EventKind},
    sample::{Sample, Sensor},
};
use jounce_sim::{Label, Scenario, Simulation, TruthRow, simulate};
use nalgebra::{Quaternion, UnitQuaternion};

use super::honesty::Consistency;
use crate::score::{
    replay::{MountError, Replay, Row, Rows, STEP_S, seconds},
    stats::{Series, rmse},
};

/// Steps in a mean of acceleration: 0.5 s.
const STEPS: usize = 5;
/// The truth comes every 0.1 s.
const TRUTH_GAP_S: f64 = 0.15;
/// An event belongs to a label that it touches within this, s.
const MARGIN_S: f64 = 2.0;
/// The vehicle has started to drive, m/s.
const DRIVING_MPS: f64 = 1.0;
/// … or is not standing, m/s.
const MOVING_MPS: f64 = 0.1;
/// Kinds that are told from the motion.
const HARSH: [EventKind; 4] =
    [EventKind::HardBraking, EventKind::HarshAcceleration, EventKind::HarshCornering, EventKind::Swerve];

/// A label is clear beyond this multiple of its threshold …
const CLEARLY: f64 = 1.1;
/// … for this much longer than it must be held, s.
const CLEARLY_LONGER_S: f64 = 0.2;

/// What became of the harsh events of a drive.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Harsh {
    /// Labels.
    pub(super) due: usize,
    /// … without an event.
    pub(super) missed: usize,
    /// Labels well beyond their thresholds.
    pub(super) clear: usize,
    /// … without an event.
    pub(super) clear_missed: usize,
    /// Events without a label.
    pub(super) extra: usize,
}

/// What was true.
#[derive(Debug)]
pub(super) struct Truth {
    rows: Vec<TruthRow>,
    pub(super) speed: Series,
    accel_left: Series,
    pub(super) gnss_delay_s: Option<f64>,
    pub(super) labels: Vec<Label>,
}

/// A drive, simulated.
#[derive(Debug)]
pub(super) struct Drive {
    pub(super) samples: Vec<Sample>,
    pub(super) truth: Truth,
}

impl Drive {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self {
        let Simulation { samples, labels, truth: rows, .. } = simulate(scenario, seed);
        let series = |of: fn(&TruthRow) -> f64| Series::new(rows.iter().map(|row| (t_s(row), of(row))));
        let (speed, accel_left) = (series(|row| row.speed_mps), series(|row| row.accel_left_mps2));
        let gnss_delay_s = rows.first().and_then(|row| row.gnss_delay_s);
        Self { samples, truth: Truth { rows, speed, accel_left, gnss_delay_s, labels } }
    }

    pub(super) fn replay(&self) -> Result<Replay, ConfigError> {
        Replay::new(self.samples.iter().copied())
    }

    pub(super) fn replay_without_gnss(&self) -> Result<Replay, ConfigError> {
        self.replay_as(|sample| (sample.sensor() != Sensor::Gnss).then_some(sample))
    }

    /// As if each sample had been another one, or none.
    pub(super) fn replay_as(&self, change: impl Fn(Sample) -> Option<Sample>) -> Result<Replay, ConfigError> {
        Replay::new(self.samples.iter().copied().filter_map(change))
    }
}

impl Truth {
    pub(super) fn duration_s(&self) -> f64 {
        self.rows.last().map_or(0.0, t_s)
    }

    /// When the vehicle starts to drive, s.
    pub(super) fn drives_from_s(&self) -> f64 {
        self.rows.iter().find(|row| row.speed_mps > DRIVING_MPS).map_or(f64::INFINITY, t_s)
    }

    /// When the vehicle has turned into another direction `count` times, s.
    pub(super) fn turned_s(&self, count: usize) -> Option<f64> {
        /// More turns than the bends and the unrest of a lane, rad/s and rad (30°).
        const TURNING_RADPS: f64 = 0.08;
        const TURN_RAD: f64 = std::f64::consts::PI / 6.0;
        let side = |row: &TruthRow| (row.yaw_rate_radps.abs() > TURNING_RADPS).then_some(row.yaw_rate_radps > 0.0);
        let stretches = self.rows.chunk_by(|a, b| side(a) == side(b));
        let angle = |stretch: &[TruthRow]| stretch.iter().map(|row| row.yaw_rate_radps * STEP_S).sum::<f64>().abs();
        let mut turns = stretches.filter(|stretch| side(&stretch[0]).is_some() && angle(stretch) > TURN_RAD);
        turns.nth(count - 1)?.last().map(t_s)
    }

    /// Error of the mount at the last row not after `moment_s`; none while it is not known well enough.
    pub(super) fn mount_error(&self, replay: &Replay, moment_s: f64) -> Option<MountError> {
        let row = replay.at(moment_s)?;
        Some(row.mount?.error(&self.vehicle_from_device(row.t_s)?))
    }

    fn vehicle_from_device(&self, moment_s: f64) -> Option<UnitQuaternion<f64>> {
        let after = self.rows.partition_point(|row| t_s(row) < moment_s - STEP_S / 2.0);
        let row = self.rows.get(after).or(self.rows.last())?; // the last step may end after the truth
        let [w, x, y, z] = row.vehicle_from_device;
        Some(UnitQuaternion::from_quaternion(Quaternion::new(w, x, y, z)))
    }

    pub(super) fn speed_at(&self, moment_s: f64) -> Option<f64> {
        self.speed.at(moment_s, TRUTH_GAP_S)
    }

    fn speeds(&self, row: &Row) -> Option<(f64, f64)> {
        Some((row.motion.speed_mps?, self.speed_at(row.t_s)?))
    }

    pub(super) fn speed_rmse(&self, rows: Rows<'_>) -> f64 {
        rmse(&rows.pairs(|row| self.speeds(row)))
    }

    /// How the errors of the speed fit its sigma, while the vehicle moves: one that is known to stand has none.
    pub(super) fn speed_consistency(&self, rows: Rows<'_>) -> Consistency {
        let errors = rows.pairs(|row| {
            let (estimate, truth) = self.speeds(row).filter(|(_, truth)| *truth > MOVING_MPS)?;
            Some((estimate - truth, row.motion.speed_sigma_mps?))
        });
        Consistency::of(errors.into_iter().map(|(error, sigma)| error / sigma))
    }

    /// Means over 0.5 s of forward acceleration: estimate and truth.
    pub(super) fn forward(&self, rows: Rows<'_>) -> Vec<(f64, f64)> {
        rows.means(STEPS, |row| {
            let truth = (self.speed_at(row.t_s)? - self.speed_at(row.t_s - STEP_S)?) / STEP_S;
            Some((row.motion.accel_forward_mps2?, truth))
        })
    }

    /// Means over 0.5 s of acceleration to the left: estimate and truth.
    pub(super) fn left(&self, rows: Rows<'_>) -> Vec<(f64, f64)> {
        rows.means(STEPS, |row| {
            let truth = self.accel_left.at(row.t_s - STEP_S / 2.0, TRUTH_GAP_S)?;
            Some((row.motion.accel_left_mps2?, truth))
        })
    }

    /// Harsh events against the labels.
    pub(super) fn harsh(&self, replay: &Replay) -> Harsh {
        let harsh = |kind: EventKind| HARSH.contains(&kind);
        let events: Vec<_> = replay.events.iter().filter(|event| harsh(event.kind())).collect();
        let touch = |event: &Event, label: &Label| {
            label.kind == Some(event.kind())
                && seconds(event.start) <= label.end_s + MARGIN_S
                && seconds(event.end) >= label.start_s - MARGIN_S
        };
        let mut counted = Harsh {
            extra: events.iter().filter(|event| !self.labels.iter().any(|label| touch(event, label))).count(),
            ..Harsh::default()
        };
        for label in self.labels.iter().filter(|label| label.kind.is_some_and(harsh)) {
            let missed = usize::from(!events.iter().any(|event| touch(event, label)));
            counted.due += 1;
            counted.missed += missed;
            if self.is_clear(label) {
                counted.clear += 1;
                counted.clear_missed += missed;
            }
        }
        counted
    }

    /// Not a matter of a hair: well beyond the threshold for well longer than it must be held.
    fn is_clear(&self, label: &Label) -> bool {
        let Config { braking, acceleration, cornering, .. } = Config::default();
        let (threshold_mps2, hold_s) = match label.kind {
            Some(EventKind::HardBraking) => (braking.threshold_mps2, braking.hold_s),
            Some(EventKind::HarshAcceleration) => (acceleration.threshold_mps2, acceleration.hold_s),
            Some(EventKind::HarshCornering) => (cornering.threshold_mps2, cornering.hold_s),
            _ => return true,
        };
        let size = |row: &TruthRow| match label.kind {
            Some(EventKind::HarshCornering) => row.accel_left_mps2.abs(),
            _ => row.accel_forward_mps2.abs(),
        };
        let within = self.rows.iter().filter(|row| (label.start_s..=label.end_s).contains(&t_s(row)));
        let beyond = within.filter(|row| size(row) >= CLEARLY * threshold_mps2);
        beyond.map(|_| STEP_S).sum::<f64>() >= hold_s + CLEARLY_LONGER_S
    }

    /// What should be found of a kind, in order of time.
    pub(super) fn of_kind(&self, kind: EventKind) -> impl Iterator<Item = &Label> {
        self.labels.iter().filter(move |label| label.kind == Some(kind))
    }
}

#[expect(clippy::cast_precision_loss, reason = "drives are short")]
fn t_s(row: &TruthRow) -> f64 {
    row.t_ns as f64 / 1e9
}
