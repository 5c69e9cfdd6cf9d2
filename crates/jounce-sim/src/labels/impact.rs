//! Crashes and rollovers.

use jounce::event::EventKind;

use super::{
    Label,
    span::{Rule, spans},
};
use crate::{
    math::{GRAVITY_MPS2, KMH_PER_MPS},
    truth::{MOMENT_NS, Moment},
    vehicle::STANDING_MPS,
};

const DELTA_V_MPS: f64 = 7.0 / KMH_PER_MPS;
/// 120 ms, in moments of 10 ms.
const DELTA_V_MOMENTS: usize = 12;
const _: () = assert!(12 * MOMENT_NS == 120_000_000);
const PEAK_MPS2: f64 = 2.0 * GRAVITY_MPS2;
const PEAK_ROTATING_MPS2: f64 = 1.4 * GRAVITY_MPS2;
const ROTATION_RADPS: f64 = 100.0 / 180.0 * core::f64::consts::PI;
const LONGEST_PULSE_S: f64 = 0.3;
const GATE_MPS: f64 = 8.0 / KMH_PER_MPS;
const GATE_WINDOW_S: f64 = 5.0;
/// Impacts closer together than this are one crash, s.
const SECONDARY_WITHIN_S: f64 = 5.0;
/// No tyre brakes harder, so what is above belongs to an impact, m/s².
const PULSE_FOOT_MPS2: f64 = 1.1 * GRAVITY_MPS2;
/// What a crash does to the motion, the slide to rest included, is no braking or cornering of its own, s.
const AFTERMATH_S: f64 = 8.0;
const ROLLOVER_RAD: f64 = core::f64::consts::FRAC_PI_3;
const ROLLOVER_HOLD_S: f64 = 1.0;

pub(super) fn crashes(track: &[Moment], times: &[f64], trips: &[Label]) -> Vec<Label> {
    let horizontal = |i: usize| libm::hypot(track[i].accel.x, track[i].accel.y);
    let rule = Rule { enter: PULSE_FOOT_MPS2, leave: PULSE_FOOT_MPS2, hold_s: 0.0, merge_gap_s: 0.0 };
    let mut labels: Vec<Label> = Vec::new();
    for span in spans(times, &rule, |i| track[i].recording.then(|| horizontal(i))) {
        let pulse = &track[span.first..=span.last];
        let peak = (span.first..=span.last).map(horizontal).fold(0.0, f64::max);
        let rotates = pulse.iter().any(|m| libm::fabs(m.yaw_rate_radps) >= ROTATION_RADPS);
        let is_short = times[span.last] - times[span.first] <= LONGEST_PULSE_S;
        let is_sharp = is_short && peak >= if rotates { PEAK_ROTATING_MPS2 } else { PEAK_MPS2 };
        let (start_s, end_s) = (times[span.first], times[span.last]);
        match labels.last_mut() {
            Some(before) if start_s - before.end_s < SECONDARY_WITHIN_S => before.end_s = end_s,
            _ if (is_sharp || changes_speed(pulse)) && passes_gate(track, start_s, trips) => {
                labels.push(Label::new(EventKind::Crash, start_s, end_s));
            }
            _ => {}
        }
    }
    labels
}

/// Whether the motion at `t_s` belongs to the crash.
pub(super) fn covers(crash: &Label, t_s: f64) -> bool {
    /// The pulse rises a little before it counts, s.
    const RISE_S: f64 = 0.05;
    (crash.start_s - RISE_S..=crash.end_s + AFTERMATH_S).contains(&t_s)
}

fn changes_speed(pulse: &[Moment]) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "small and exact")]
    let dt_s = MOMENT_NS as f64 / 1e9;
    pulse.windows(DELTA_V_MOMENTS.min(pulse.len())).any(|window| {
        let sum = |axis: usize| window.iter().map(|m| m.accel[axis]).sum::<f64>() * dt_s;
        libm::hypot(sum(0), sum(1)) >= DELTA_V_MPS
    })
}

/// Fast in the seconds before, or stopped within a trip.
fn passes_gate(track: &[Moment], start_s: f64, trips: &[Label]) -> bool {
    let was_fast =
        track.iter().filter(|m| (start_s - GATE_WINDOW_S..start_s).contains(&m.t_s)).any(|m| m.speed_mps >= GATE_MPS);
    let is_over = |kind: EventKind| trips.iter().filter(|l| l.kind == Some(kind) && l.end_s <= start_s).count();
    was_fast || is_over(EventKind::TripStart) > is_over(EventKind::TripEnd)
}

pub(super) fn rollovers(track: &[Moment], times: &[f64]) -> Vec<Label> {
    let mut upright_rad = 0.0;
    let rolled: Vec<f64> = track
        .iter()
        .map(|m| {
            if libm::fabs(m.roll_rad - upright_rad) < ROLLOVER_RAD / 4.0 && m.speed_mps > STANDING_MPS {
                upright_rad = m.roll_rad.clamp(-ROLLOVER_RAD / 2.0, ROLLOVER_RAD / 2.0);
            }
            libm::fabs(m.roll_rad - upright_rad)
        })
        .collect();
    let rule = Rule { enter: ROLLOVER_RAD, leave: ROLLOVER_RAD, hold_s: ROLLOVER_HOLD_S, merge_gap_s: 0.0 };
    let found = spans(times, &rule, |i| track[i].recording.then(|| rolled[i]));
    found.into_iter().map(|s| Label::new(EventKind::Rollover, times[s.first], times[s.last])).collect()
}
