//! What is counted while the speed is above a threshold.

use super::{AGREEMENT_SHARE, AGREEMENT_SIGMAS, limits::Limit};
use crate::{
    event::{Position, Reason},
    motion::Motion,
    persist::Persist,
    time::Timestamp,
};

/// Samples of the 10 Hz grid through which a speed must hold to count as the highest: one second.
const SUSTAINED_SAMPLES: usize = 10;
/// Uncertainty assumed where the motion states none, m/s.
const ASSUMED_SIGMA_MPS: f64 = 1.0;
/// Samples further apart than this are not joined, s.
const LONGEST_STEP_S: f64 = 1.0;

/// The least speed of the last second, so that a spike makes no maximum.
#[derive(Debug, Default, Persist)]
pub(super) struct Sustained {
    recent: [f64; SUSTAINED_SAMPLES],
    count: usize,
}

impl Sustained {
    /// The next sample of the grid; one that is not known begins anew.
    pub(super) fn push(&mut self, speed_mps: Option<f64>) {
        let Some(mps) = speed_mps else {
            self.count = 0;
            return;
        };
        self.recent.rotate_left(1);
        self.recent[SUSTAINED_SAMPLES - 1] = mps;
        self.count = (self.count + 1).min(SUSTAINED_SAMPLES);
    }

    /// The speed that held for the last second; none before there is one.
    pub(super) fn mps(&self) -> Option<f64> {
        (self.count == SUSTAINED_SAMPLES).then(|| self.recent.iter().copied().fold(f64::INFINITY, f64::min))
    }
}

/// Figures of a stretch.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) struct Totals {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) position: Option<Position>,
    pub(super) first_mps: f64,
    pub(super) last_mps: f64,
    /// Highest speed held for a second, m/s.
    pub(super) max_mps: f64,
    pub(super) max_at: Timestamp,
    pub(super) distance_m: f64,
    /// Part of it rests on an estimated speed.
    pub(super) estimated: bool,
    moving_s: f64,
    sigmas: Mean,
    above: Mean,
    /// Fused and displacement speed, where both are known.
    fused: Mean,
    displacement: Mean,
}

#[derive(Clone, Copy, Debug, Default, Persist)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn get(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

impl Totals {
    pub(super) fn mean_mps(&self) -> f64 {
        if self.moving_s > 0.0 { self.distance_m / self.moving_s } else { self.first_mps }
    }

    pub(super) fn mean_sigma_mps(&self) -> f64 {
        self.sigmas.get().unwrap_or(ASSUMED_SIGMA_MPS)
    }

    /// By how much the speed was above the threshold while it was, m/s.
    pub(super) fn mean_excess_mps(&self, threshold_mps: f64) -> f64 {
        self.above.get().unwrap_or(0.0) - threshold_mps
    }

    pub(super) fn has_displacement(&self) -> bool {
        self.displacement.count > 0.0
    }

    /// What the positions say against the speed, if they do.
    pub(super) fn contradiction(&self) -> Option<Reason> {
        let (reported_mps, displacement_mps) = (self.fused.get()?, self.displacement.get()?);
        let allowed = (AGREEMENT_SIGMAS * self.mean_sigma_mps()).max(AGREEMENT_SHARE * reported_mps);
        ((reported_mps - displacement_mps).abs() > allowed)
            .then_some(Reason::PositionsDisagree { reported_mps, displacement_mps })
    }
}

/// Counts from the first moment above the threshold, and keeps the figures as of the last that belongs to it.
#[derive(Debug, Persist)]
pub(super) struct Tally {
    pub(super) limit: Limit,
    /// The speed has reached the threshold since it was last below the band.
    pub(super) entered: bool,
    pub(super) marked: Totals,
    running: Totals,
    /// Time and speed of the sample before.
    last: Option<(Timestamp, f64)>,
}

impl Tally {
    /// Begins at `motion`, whose speed has reached the threshold.
    pub(super) fn new(limit: Limit, motion: &Motion) -> Self {
        let mps = motion.speed_mps.unwrap_or(limit.threshold_mps);
        let fresh = Totals {
            start: motion.t,
            end: motion.t,
            position: motion.position,
            first_mps: mps,
            last_mps: mps,
            max_mps: mps.min(limit.threshold_mps),
            max_at: motion.t,
            distance_m: 0.0,
            estimated: false,
            moving_s: 0.0,
            sigmas: Mean::default(),
            above: Mean::default(),
            fused: Mean::default(),
            displacement: Mean::default(),
        };
        Self { limit, entered: true, marked: fresh, running: fresh, last: None }
    }

    /// Adds a sample whose value is 0 at the threshold and −1 at the end of the band below it.
    pub(super) fn add(&mut self, motion: &Motion, sustained_mps: Option<f64>, value: Option<f64>) {
        self.entered &= value.is_some_and(|value| value >= -1.0);
        let Some(mps) = motion.speed_mps else { return self.interrupt() };
        if let Some((before, last_mps)) = self.last {
            let dt_s = motion.t.s_since(before);
            if dt_s <= LONGEST_STEP_S {
                self.running.distance_m += 0.5 * (mps + last_mps) * dt_s;
                self.running.moving_s += dt_s;
            }
        }
        self.last = Some((motion.t, mps));
        if self.entered {
            self.mark(motion, mps, sustained_mps);
        }
    }

    fn mark(&mut self, motion: &Motion, mps: f64, sustained_mps: Option<f64>) {
        let totals = &mut self.running;
        (totals.end, totals.last_mps) = (motion.t, mps);
        totals.estimated |= motion.estimated;
        totals.sigmas.add(motion.speed_sigma_mps.unwrap_or(ASSUMED_SIGMA_MPS));
        if mps >= self.limit.threshold_mps {
            totals.above.add(mps);
        }
        if let Some(displacement_mps) = motion.displacement_speed_mps {
            totals.fused.add(mps);
            totals.displacement.add(displacement_mps);
        }
        if let Some(held_mps) = sustained_mps.filter(|held_mps| *held_mps > totals.max_mps) {
            (totals.max_mps, totals.max_at) = (held_mps, motion.t);
        }
        self.marked = *totals;
    }

    /// Nothing is joined across a moment without a speed.
    pub(super) fn interrupt(&mut self) {
        self.entered = false;
        self.last = None;
    }
}
