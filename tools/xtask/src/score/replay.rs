//! The engine on a recording, and its motion held against the truth.

use jounce::{
    config::{Config, ConfigError},
    engine::Engine,
    event::{Event, Sink},
    motion::Motion,
    sample::Sample,
    time::Timestamp,
};
use nalgebra::UnitQuaternion;

/// The motion's step, s.
pub(crate) const STEP_S: f64 = 0.1;

/// What the engine made of a recording.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    pub(crate) rows: Vec<Row>,
    pub(crate) events: Vec<Event>,
    /// Time of the newest sample pushed.
    now: Timestamp,
    max_sigma_rad: f64,
}

/// The motion at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Its moment, s on the recording's clock.
    pub(crate) t_s: f64,
    /// The newest sample that had been pushed when it came, s.
    pub(crate) decided_s: f64,
    pub(crate) motion: Motion,
    /// The mount, where it is known well enough for events.
    pub(crate) mount: Option<Mount>,
}

/// How the phone sits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mount {
    pub(crate) vehicle_from_device: UnitQuaternion<f64>,
    pub(crate) sigma_rad: f64,
}

/// By how much a mount is wrong, rad.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MountError {
    /// About the axis that makes it smallest.
    pub(crate) angle: f64,
    /// About the vertical, signed.
    pub(crate) yaw: f64,
    /// What the engine says of its yaw.
    pub(crate) yaw_sigma: f64,
}

impl Mount {
    pub(crate) fn error(&self, truth: &UnitQuaternion<f64>) -> MountError {
        let off = self.vehicle_from_device * truth.inverse();
        let half = off.k.atan2(off.w);
        let yaw = (2.0 * half + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI;
        MountError { angle: off.angle(), yaw, yaw_sigma: self.sigma_rad }
    }
}

impl Replay {
    /// Runs the engine as it comes over the samples.
    pub(crate) fn new(samples: impl IntoIterator<Item = Sample>) -> Result<Self, ConfigError> {
        let config = Config::default();
        let mut replay = Self { max_sigma_rad: config.mount.max_sigma_rad, ..Self::default() };
        let mut engine = Engine::new(config.validate()?);
        for sample in samples {
            replay.now = replay.now.max(sample.t());
            engine.push(sample, &mut replay);
        }
        engine.flush(&mut replay);
        Ok(replay)
    }

    /// When it was first known, after `from_s`, how the phone sits, s: time of the newest sample at that moment.
    pub(crate) fn aligned_s(&self, from_s: f64) -> Option<f64> {
        let mut rows = self.rows.iter().filter(|row| row.t_s >= from_s);
        rows.find(|row| row.mount.is_some() && !row.motion.phone_moving).map(|row| row.decided_s)
    }

    /// The last row not after `t_s`.
    pub(crate) fn at(&self, t_s: f64) -> Option<&Row> {
        let after = self.rows.partition_point(|row| row.t_s <= t_s);
        self.rows.get(after.checked_sub(1)?)
    }

    /// Every row.
    pub(crate) fn all(&self) -> Rows<'_> {
        Rows(&self.rows)
    }

    /// The rows from a moment on.
    pub(crate) fn from(&self, t_s: f64) -> Rows<'_> {
        let first = self.rows.partition_point(|row| row.t_s < t_s);
        Rows(self.rows.get(first..).unwrap_or_default())
    }

    /// The rows from alignment on.
    pub(crate) fn aligned(&self) -> Rows<'_> {
        let first = self.rows.iter().position(|row| row.mount.is_some());
        Rows(first.and_then(|first| self.rows.get(first..)).unwrap_or_default())
    }
}

/// Rows of motion, to be held against the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a>(&'a [Row]);

impl Rows<'_> {
    /// One by one.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.0.iter()
    }

    /// Means of estimate and truth over each `steps` steps in a row of which both are known.
    pub(crate) fn means(&self, steps: usize, of: impl Fn(&Row) -> Option<(f64, f64)>) -> Vec<(f64, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let share = 1.0 / steps as f64;
        let of_window = |window: &[Row]| {
            let is_whole = window.windows(2).all(|pair| pair[1].t_s - pair[0].t_s < 1.5 * STEP_S);
            let sum = |sum: (f64, f64), pair: (f64, f64)| (sum.0 + pair.0 * share, sum.1 + pair.1 * share);
            is_whole.then(|| window.iter().map(&of).try_fold((0.0, 0.0), |so_far, pair| Some(sum(so_far, pair?))))?
        };
        self.0.windows(steps).filter_map(of_window).collect()
    }

    /// Estimate and truth of every row of which both are known.
    pub(crate) fn pairs(&self, of: impl Fn(&Row) -> Option<(f64, f64)>) -> Vec<(f64, f64)> {
        self.0.iter().filter_map(of).collect()
    }
}

impl Sink for Replay {
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn motion(&mut self, motion: &Motion) {
        let mount = motion.vehicle_from_device.zip(motion.mount_sigma_rad);
        self.rows.push(Row {
            t_s: seconds(motion.t),
            decided_s: seconds(self.now),
            motion: *motion,
            mount: mount
                .filter(|(_, sigma_rad)| *sigma_rad <= self.max_sigma_rad)
                .map(|(vehicle_from_device, sigma_rad)| Mount { vehicle_from_device, sigma_rad }),
        });
    }
}

/// Seconds since the clock's zero.
pub(crate) fn seconds(t: Timestamp) -> f64 {
    t.s_since(Timestamp::from_ns(0))
}
