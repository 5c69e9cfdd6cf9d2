//! Weighs the evidence: a sum of log-odds, and what follows from it.
//!
//! A first, honest version: each weight is the logarithm of how many times likelier the finding is after a crash than
//! after anything else that passes the trigger, reasoned from physics and not fitted to any recording. All of them are
//! in this file.

use super::{
    aftermath::Outlook,
    kmh,
    pulse::Pulse,
    speeds::{Before, Gate},
    trigger::peak_needed_g,
};
use crate::config::CrashConfig;

/// A moving vehicle and a trigger: less than one in two is a crash.
const PRIOR_MOVING: f64 = -0.5;
/// Standing: people load, slam doors and pick up phones.
const PRIOR_STOPPED: f64 = -1.0;
/// For each e-fold of Δv over the one needed: hands and bumps give the phone little horizontal velocity.
const DELTA_V_SLOPE: f64 = 2.0;
/// Δv alone proves at most this, either way.
const DELTA_V_MOST: f64 = 4.0;
/// … or this, against, when the rate or the range hid part of it.
const DELTA_V_HIDDEN: f64 = -1.0;
/// For each e-fold of the peak over the one needed: weak, since a dropped phone peaks higher than a crash.
const PEAK_SLOPE: f64 = 0.7;
const PEAK_MOST: f64 = 1.5;
/// All vertical, with little Δv: a pothole. Falls to none at half.
const VERTICAL: f64 = -3.0;
/// A falling phone explains the impact without any vehicle; but in a crash phones fly, and cars do as well.
const FREE_FALL: f64 = -2.5;
/// Longer than any crash pulse: coaster, lift, hand.
const TOO_LONG: f64 = -5.0;
/// The speed fell within the time that an impact takes, and stayed low: braking hard just then is rare.
const SPEED_FELL: f64 = 3.0;
/// It fell later: pulled over.
const SPEED_FELL_LATE: f64 = 1.5;
/// The speed did not change: nothing hit the vehicle.
const DROVE_ON: f64 = -4.5;
/// The phone came to rest at once, out of a moving vehicle.
const STILL: f64 = 2.5;
/// Without GNSS: shaken on as before.
const RESTLESS: f64 = -3.0;
/// The phone sits as before: whatever struck the vehicle did not move the phone, and no hand did either.
const SAME_SEAT: f64 = 1.5;
/// The phone lies otherwise than before: in a hand, or thrown.
const TURNED_STOPPED: f64 = -3.0;
/// … which a crash explains as well when the vehicle was moving.
const TURNED_MOVING: f64 = -0.5;
/// The phone was being turned in the second before, as a vehicle does not.
const IN_HAND: f64 = -2.0;
/// Somebody walks: no sooner than seconds after a crash.
const WALKED: f64 = -3.0;

/// How long the speed must have stayed low, s: one more fix.
const FALL_HOLDS_S: f64 = 1.0;
/// How long stillness must have held, s: longer than the pauses of a hand, a stop at a kerb.
const STILL_HOLDS_S: f64 = 3.0;
/// When shaking on speaks against, s.
const RESTLESS_AFTER_S: f64 = 10.0;
/// Regular steps that make a walk.
const WALK_STEPS: u32 = 6;
/// Nobody walks faster, m/s.
const WALK_MPS: f64 = 3.0;
/// The same seat, rad: grade and a shifted cradle …
const SAME_SEAT_RAD: f64 = 0.17;
/// … and another one, rad.
const OTHER_SEAT_RAD: f64 = 0.52;
/// Hands turn a phone faster than any vehicle turns on its wheels, rad/s (skids end near 1.5).
const HAND_TURN_RADPS: f64 = 2.0;

/// All that is known of one impact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) pulse: &'a Pulse,
    pub(super) gate: Gate,
    pub(super) before: &'a Before,
    /// What followed; `None` at the moment of the impact.
    pub(super) outlook: Option<Outlook>,
}

impl Evidence<'_> {
    /// Speed at the impact when the vehicle was moving, m/s.
    pub(super) fn moving_mps(&self, config: &CrashConfig) -> Option<f64> {
        self.before.speed_mps.filter(|speed| self.gate == Gate::Moving && *speed >= kmh(config.min_speed_kmh))
    }

    /// The speed after the impact, when it was known, and it was too high for one.
    pub(super) fn drove_on_mps(&self, config: &CrashConfig) -> Option<f64> {
        let (outlook, before_mps) = (self.outlook?, self.moving_mps(config)?);
        let low_mps = before_mps * (1.0 - config.speed_fall);
        outlook.speed_mps.filter(|speed| outlook.elapsed_s >= config.decide_within_s && *speed > low_mps)
    }

    pub(super) fn walked(&self) -> bool {
        self.outlook.is_some_and(|outlook| {
            outlook.steps >= WALK_STEPS && outlook.speed_mps.is_none_or(|speed| speed <= WALK_MPS)
        })
    }

    pub(super) fn in_hand(&self) -> bool {
        self.pulse.turning_before_radps >= HAND_TURN_RADPS
    }

    pub(super) fn turned_rad(&self) -> Option<f64> {
        self.outlook?.tilt_rad.filter(|tilt| *tilt >= OTHER_SEAT_RAD)
    }

    /// For how long the phone has been still, s, when that counts: not against a fix that says it moves.
    pub(super) fn still_s(&self, config: &CrashConfig) -> Option<f64> {
        let still_s = self.outlook?.still_s;
        (still_s > 0.0 && self.drove_on_mps(config).is_none()).then_some(still_s)
    }

    /// Probability that it was a crash.
    pub(super) fn probability(&self, config: &CrashConfig) -> f64 {
        1.0 / (1.0 + libm::exp(-self.log_odds(config)))
    }

    fn log_odds(&self, config: &CrashConfig) -> f64 {
        let prior = if matches!(self.gate, Gate::Stopped) { PRIOR_STOPPED } else { PRIOR_MOVING };
        prior + self.of_pulse(config) + self.of_motion(config) + self.of_phone()
    }

    fn of_pulse(&self, config: &CrashConfig) -> f64 {
        let pulse = self.pulse;
        let ratio = pulse.delta_v_window_mps / kmh(config.delta_v_kmh);
        let hidden = pulse.clipped_g.is_some() || pulse.rate_hz < config.full_rate_hz;
        let least = if hidden { DELTA_V_HIDDEN } else { -DELTA_V_MOST };
        let delta_v = (DELTA_V_SLOPE * libm::log(ratio.max(1e-6))).clamp(least, DELTA_V_MOST);
        let over = pulse.peak_g() / peak_needed_g(pulse, config);
        let peak = (PEAK_SLOPE * libm::log(over.max(1e-6))).clamp(-PEAK_MOST, PEAK_MOST);
        let vertical = if ratio < 2.0 { VERTICAL * (2.0 * pulse.vertical_share - 1.0).max(0.0) } else { 0.0 };
        let fall = if pulse.fell(config) { FREE_FALL } else { 0.0 };
        let long = if pulse.run_s > config.longest_pulse_s { TOO_LONG } else { 0.0 };
        delta_v + peak + vertical + fall + long
    }

    /// Speed and shaking after the impact.
    fn of_motion(&self, config: &CrashConfig) -> f64 {
        let Some(outlook) = self.outlook else { return 0.0 };
        let held = |since_s: f64, needed_s: f64| (since_s / needed_s).clamp(0.0, 1.0);
        let moved = !matches!(self.gate, Gate::Stopped);
        let stillness = |still_s| if moved { STILL * held(still_s, STILL_HOLDS_S) } else { 0.0 };
        let still = self.still_s(config).map_or(0.0, stillness);
        let speed = match (self.moving_mps(config), outlook.speed_mps, outlook.fall) {
            (_, None, _) if moved && outlook.restless && outlook.elapsed_s >= RESTLESS_AFTER_S => RESTLESS,
            (None, ..) | (_, None, _) => 0.0,
            (_, _, Some(fall)) if fall.after_s <= config.decide_within_s => SPEED_FELL,
            (_, _, Some(_)) => SPEED_FELL_LATE,
            (Some(before_mps), Some(now_mps), None) if outlook.elapsed_s >= config.decide_within_s => {
                // In full when half of what should have fallen did not.
                let fallen = 1.0 - now_mps / before_mps;
                DROVE_ON * (2.0 * (1.0 - fallen / config.speed_fall)).clamp(0.0, 1.0)
            }
            _ => 0.0,
        };
        speed + still
    }

    /// How the phone sat before and sits after.
    fn of_phone(&self) -> f64 {
        let stopped = matches!(self.gate, Gate::Stopped);
        let hand = if self.in_hand() { IN_HAND } else { 0.0 };
        let walked = if self.walked() { WALKED } else { 0.0 };
        let seat = match self.outlook.and_then(|outlook| outlook.tilt_rad) {
            Some(tilt) if tilt >= OTHER_SEAT_RAD && stopped => TURNED_STOPPED,
            Some(tilt) if tilt >= OTHER_SEAT_RAD => TURNED_MOVING,
            Some(tilt) if tilt <= SAME_SEAT_RAD && stopped => SAME_SEAT,
            _ => 0.0,
        };
        hand + walked + seat
    }

    /// Decides what can be decided. `last`: nothing more will be known.
    pub(super) fn decide(&self, last: bool, config: &CrashConfig) -> Option<Verdict> {
        let probability = self.probability(config);
        let outlook = self.outlook.as_ref();
        let fell = outlook.and_then(|outlook| outlook.fall).is_some_and(|fall| fall.held_s >= FALL_HOLDS_S);
        let still = self.still_s(config).is_some_and(|still_s| still_s >= STILL_HOLDS_S);
        let elapsed_s = outlook.map_or(0.0, |outlook| outlook.elapsed_s);
        let settled = fell || still || self.walked() || self.drove_on_mps(config).is_some();
        let last = last || elapsed_s >= config.give_up_s;
        // Until then more impacts of the same crash may come, and the speed may come back.
        let ripe = elapsed_s >= config.decide_within_s;
        let crash = if last {
            probability >= 0.5
        } else if ripe && (fell || still) && probability >= config.confirm_confidence {
            true
        } else if ripe && probability <= config.revoke_confidence {
            false
        } else {
            return None;
        };
        Some(Verdict { crash, probability, settled })
    }
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) crash: bool,
    pub(super) probability: f64,
    /// Speed, stillness or gait settled it; otherwise time ran out.
    pub(super) settled: bool,
}
