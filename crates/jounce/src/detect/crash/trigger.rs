//! Finds pulses in a lane's window, and says which of them may be a crash.

use super::{
    STANDARD_GRAVITY_MPS2, kmh,
    pulse::{Gauge, Pulse},
    report::too_long,
    window::{LONGEST_STEP_S, Window},
};
use crate::{
    config::CrashConfig,
    event::Reason,
    persist::Persist,
    sample::{Sensor, Triad},
    time::Timestamp,
};

/// A pulse still going on after this long is reported as it stands, s; also what the window can hold.
const LONGEST_OPEN_S: f64 = 1.0;

/// A pulse as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    /// Still going on; its figures can only grow.
    Rising(Pulse),
    /// Over.
    Closed(Pulse),
}

#[derive(Clone, Copy, Debug, Persist)]
struct Open {
    onset: Timestamp,
    last_high: Timestamp,
}

/// One lane: its window and the pulse under way.
#[derive(Clone, Debug, Persist)]
pub(super) struct Lane {
    window: Window,
    gauge: Gauge,
    open: Option<Open>,
}

impl Lane {
    pub(super) fn new() -> Self {
        Self { window: Window::new(), gauge: Gauge::new(), open: None }
    }

    pub(super) fn forget(&mut self, sensor: Sensor) {
        self.window.forget(sensor);
        if sensor == Sensor::Accel {
            (self.open, self.gauge) = (None, Gauge::new());
        }
    }

    pub(super) fn gyro(&mut self, triad: &Triad) {
        self.window.push_gyro(triad);
    }

    /// Takes an accelerometer sample. `rising`: also measure pulses that are still going on.
    pub(super) fn accel(&mut self, triad: &Triad, rising: bool, config: &CrashConfig) -> Option<Found> {
        let cut_off = self.is_cut_off(triad).then(|| self.close(config)).flatten();
        let found = self.take(triad, rising, config);
        cut_off.map(Found::Closed).or(found)
    }

    /// Samples are missing up to this one, which may push the pulse under way out of the window: it ends as it stands.
    fn is_cut_off(&self, next: &Triad) -> bool {
        let newest = self.open.and(self.window.accel.newest());
        newest.is_some_and(|newest| next.t.s_since(newest) > LONGEST_STEP_S)
    }

    fn take(&mut self, triad: &Triad, rising: bool, config: &CrashConfig) -> Option<Found> {
        let reading = self.window.push_accel(triad)?;
        let floor_mps2 = config.pulse_floor_g * STANDARD_GRAVITY_MPS2;
        let high = self.window.level(&reading, floor_mps2)? >= floor_mps2;
        let Some(open) = &mut self.open else {
            if high {
                self.open = Some(Open { onset: reading.t, last_high: reading.t });
            }
            return (high && rising).then(|| self.measure(config)).flatten().map(Found::Rising);
        };
        if high {
            if open.onset.s_since(reading.t) > config.pulse_quiet_s {
                return None; // a straggler of some earlier pulse: the ordered lane sees it in its place
            }
            let gap_s = reading.t.s_since(open.last_high);
            open.onset = open.onset.min(reading.t);
            if gap_s <= LONGEST_OPEN_S {
                open.last_high = open.last_high.max(reading.t);
            }
        }
        let quiet = !high && reading.t.s_since(open.last_high) >= config.pulse_quiet_s;
        if quiet || reading.t.s_since(open.onset) > LONGEST_OPEN_S {
            let found = self.close(config);
            self.open = high.then_some(Open { onset: reading.t, last_high: reading.t });
            return found.map(Found::Closed);
        }
        rising.then(|| self.measure(config)).flatten().map(Found::Rising)
    }

    /// Closes the pulse under way.
    pub(super) fn close(&mut self, config: &CrashConfig) -> Option<Pulse> {
        let pulse = self.measure(config);
        self.open = None;
        pulse
    }

    /// How far beyond the onset this lane has seen, s.
    pub(super) fn age_s(&self, pulse: &Pulse) -> f64 {
        self.window.accel.newest().map_or(0.0, |newest| newest.s_since(pulse.onset))
    }

    fn measure(&mut self, config: &CrashConfig) -> Option<Pulse> {
        let open = self.open?;
        self.gauge.measure(&self.window, open.onset, open.last_high, config)
    }
}

/// What a pulse may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Judgement {
    /// Nothing that anybody would ask about.
    Nothing,
    /// May be a crash.
    Candidate,
    /// Strong enough to be asked about, but none, for this reason.
    None(Reason),
}

/// Peak that makes a candidate of this pulse, g.
pub(super) fn peak_needed_g(pulse: &Pulse, config: &CrashConfig) -> f64 {
    let turning = pulse.rotation_radps >= config.rotation_degps.to_radians();
    if turning { config.peak_rotating_g } else { config.peak_g }
}

/// Whether the horizontal velocity changed enough, fast enough.
pub(super) fn changes_velocity(pulse: &Pulse, config: &CrashConfig) -> bool {
    pulse.delta_v_window_mps >= kmh(config.delta_v_kmh)
}

/// Judges a pulse that is over.
pub(super) fn judge(pulse: &Pulse, config: &CrashConfig) -> Judgement {
    let velocity = changes_velocity(pulse, config);
    if !velocity && pulse.peak_g() < peak_needed_g(pulse, config) {
        return Judgement::Nothing;
    }
    if pulse.run_s > config.longest_pulse_s {
        return Judgement::None(too_long(pulse, config));
    }
    if !velocity && pulse.vertical_share >= config.vertical_share {
        let fell = pulse.fell(config).then_some(Reason::FreeFall { duration_s: pulse.free_fall_s });
        return Judgement::None(fell.unwrap_or(Reason::Vertical { share: pulse.vertical_share }));
    }
    Judgement::Candidate
}

/// Whether a pulse that is still going on, `age_s` after its onset, is known well enough to be suspected.
pub(super) fn suspicious(pulse: &Pulse, age_s: f64, config: &CrashConfig) -> bool {
    let ripe = changes_velocity(pulse, config) || age_s >= config.suspect_by_s;
    ripe && judge(pulse, config) == Judgement::Candidate
}
