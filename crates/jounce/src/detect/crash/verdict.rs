//! Weighs the evidence: a sum of log-odds, and what follows from it.
//!
//! Each weight is the logarithm of how many times likelier the finding is after a crash than after anything else that
//! passes the trigger, reasoned from physics and not fitted to any recording. All of them are in this file. Findings
//! that say the same thing twice (the speed fell; the phone lies still) do not add up: the stronger counts.

use super::{
    aftermath::{Fall, Outlook, SLOT_S},
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
/// … and under it: of a crash worth a word (5 km/h) a phone measures more than half.
const DELTA_V_SHORT_SLOPE: f64 = 3.5;
/// Δv alone proves at most this, either way.
const DELTA_V_MOST: f64 = 4.0;
/// … or this, against, when the rate or the range hid part of it.
const DELTA_V_HIDDEN: f64 = -1.0;
/// … or nothing, for, when it is the phone's own: it fell, or the blow was too brief for a vehicle.
const DELTA_V_OWN: f64 = 0.0;
/// For each e-fold of the peak over the one needed: weak, since a dropped phone peaks higher than a crash.
const PEAK_SLOPE: f64 = 0.7;
const PEAK_MOST: f64 = 1.5;
/// All vertical, with little Δv: a pothole. Falls to none at half.
const VERTICAL: f64 = -3.0;
/// A falling phone explains the impact without any vehicle. Phones fly in crashes as well, but after the first blow;
/// that a car flies before it strikes anything happens in one crash in a hundred, and every other trigger is a drop.
const FREE_FALL: f64 = -4.0;
/// One drop in two onto something hard is this brief; of crashes, those seen through a phone that lay loose.
const BRIEF: f64 = -2.5;
/// Longer than any crash pulse: coaster, lift, hand.
const TOO_LONG: f64 = -5.0;
/// The speed fell as fast as only a blow makes it, and stayed low …
const SPEED_FELL: f64 = 3.0;
/// … or as after a driver's brake: half of all triggers in towns are followed by a stop.
const SPEED_FELL_SLOWLY: f64 = 0.5;
/// The speed did not change: nothing hit the vehicle.
const DROVE_ON: f64 = -4.5;
/// The phone came to rest at once, out of a moving vehicle, and nothing else tells of its speed.
const STILL: f64 = 2.5;
/// Without GNSS: shaken on as before.
const RESTLESS: f64 = -3.0;
/// The phone sits as before: whatever struck the vehicle did not move the phone, and no hand did either.
const SAME_SEAT: f64 = 1.5;
/// The phone lies otherwise than before: in a hand, or thrown.
const TURNED_STOPPED: f64 = -3.0;
/// … which a crash explains as well when the vehicle was moving …
const TURNED_MOVING: f64 = -0.5;
/// … and better than all else when no hand turned it and no fall led to the blow: one crash in four tears a phone from
/// its place, one pothole in ten.
const TORN: f64 = 1.0;
/// The phone was being turned in the second before, as a vehicle does not. Drivers hold it for 3.5 minutes in an hour
/// (Zendrive), and turn it for half of them: one crash in thirty; of what else throws a phone about, two in three.
const IN_HAND: f64 = -3.0;
/// For seconds before, the phone swayed and rolled as no vehicle makes it: a body on skis, on a bicycle, running. As
/// strong as a vehicle that drives on.
const NON_VEHICLE: f64 = -4.5;
/// Somebody walks: no sooner than seconds after a crash.
const WALKED: f64 = -3.0;

/// Drivers brake up to this, m/s² (95 % of ordinary stops stay below 4) …
const ORDINARY_STOP_MPS2: f64 = 4.0;
/// … and tyres on dry asphalt give this much beyond, m/s², in the mean of a whole stop.
const FULL_STOP_MPS2: f64 = 7.0;
/// A fix shows the fall this much later, on average, s: half an interval.
const FIX_LATE_S: f64 = 0.5;
/// What sways more than this, m/s² (a car on gravel about 1) …
pub(super) const BODY_SWAY_MPS2: f64 = 1.2;
/// … and rolls and pitches more than this, rad/s, is carried by a body (a car on gravel about 0.1).
pub(super) const BODY_ROLL_RADPS: f64 = 0.4;
/// A crash is confirmed no earlier than this after the impact, s: until then the speed may come back.
const CONFIRM_AFTER_S: f64 = 3.0;

/// Of a blow that the range cuts off: it pushes aside for as long as the structure of a vehicle does, 60 ms …
const HELD: f64 = 1.0;
/// … which fades to nothing at what wheels give, s: half an oscillation at 17 Hz.
const WHEEL_S: f64 = 0.03;
/// How long the speed must have stayed low, s: one more fix.
const FALL_HOLDS_S: f64 = 1.0;
/// How long stillness must have held, s: longer than the pauses of a hand, a stop at a kerb.
const STILL_HOLDS_S: f64 = 3.0;
/// … or this long when seconds have passed since the impact, s: two slots.
const RESTS_S: f64 = 1.0;
/// When shaking on speaks against, s: a wreck slides no longer (100 km/h at 4 m/s²: 7 s).
const RESTLESS_AFTER_S: f64 = 8.0;
/// Regular steps that make a walk.
const WALK_STEPS: u32 = 6;
/// Nobody walks faster, m/s.
const WALK_MPS: f64 = 3.0;
/// The same seat, rad: grade and a shifted cradle …
const SAME_SEAT_RAD: f64 = 0.17;
/// … and another one, rad.
const OTHER_SEAT_RAD: f64 = 0.52;
/// Hands turn a phone faster than a vehicle on its wheels rolls and pitches, rad/s (gravel about 0.1).
const HAND_TURN_RADPS: f64 = 1.0;

/// All that is known of one impact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) pulse: &'a Pulse,
    pub(super) gate: Gate,
    pub(super) before: &'a Before,
    /// What followed; `None` at the moment of the impact.
    pub(super) outlook: Option<Outlook>,
    /// How long it has been waited for, since the first impact, s.
    pub(super) waited_s: f64,
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
        let is_known = outlook.elapsed_s >= config.decide_within_s && !outlook.slows;
        outlook.speed_mps.filter(|speed| is_known && *speed > low_mps)
    }

    pub(super) fn walked(&self) -> bool {
        self.outlook.is_some_and(|outlook| {
            outlook.steps >= WALK_STEPS && outlook.speed_mps.is_none_or(|speed| speed <= WALK_MPS)
        })
    }

    /// The phone was carried by a body rather than by a vehicle.
    pub(super) fn non_vehicle(&self) -> bool {
        self.pulse.sway_before_mps2 >= BODY_SWAY_MPS2 && self.pulse.roll_before_radps >= BODY_ROLL_RADPS
    }

    /// The blow is vertical enough, and changes the velocity little enough, to speak for a bump.
    pub(super) fn is_bump(&self, config: &CrashConfig) -> bool {
        self.vertical(config) < 0.0
    }

    pub(super) fn in_hand(&self) -> bool {
        self.pulse.turning_before_radps >= HAND_TURN_RADPS
    }

    /// What moved the phone was the blow: as a gyroscope tells, no hand held it, and it did not fall before.
    fn torn(&self, config: &CrashConfig) -> bool {
        self.pulse.turning_before_radps > 0.0 && !self.in_hand() && !self.pulse.is_own(config)
    }

    pub(super) fn turned_rad(&self) -> Option<f64> {
        self.tilt_rad().filter(|tilt| *tilt >= OTHER_SEAT_RAD)
    }

    /// How the phone lies against before, rad; not while it slows down, which leans what it feels by up to 0.6 rad.
    fn tilt_rad(&self) -> Option<f64> {
        self.outlook.filter(|outlook| !outlook.slows)?.tilt_rad
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
        prior + self.of_pulse(config) + self.of_motion(config) + self.of_phone(config)
    }

    fn of_pulse(&self, config: &CrashConfig) -> f64 {
        let pulse = self.pulse;
        let hidden = pulse.clipped_g.is_some() || config.degrades(pulse.rate_hz);
        let least = if hidden { DELTA_V_HIDDEN } else { -DELTA_V_MOST };
        let most = if pulse.is_own(config) { DELTA_V_OWN } else { DELTA_V_MOST };
        let folds = libm::log(self.delta_v_ratio(config).max(1e-6));
        let slope = if folds < 0.0 { DELTA_V_SHORT_SLOPE } else { DELTA_V_SLOPE };
        let delta_v = (slope * folds).clamp(least, most);
        let over = pulse.peak_g() / peak_needed_g(pulse, config);
        let peak = (PEAK_SLOPE * libm::log(over.max(1e-6))).clamp(-PEAK_MOST, PEAK_MOST);
        let fall = if pulse.fell(config) { FREE_FALL } else { 0.0 };
        let brief = if pulse.is_brief() { BRIEF } else { 0.0 };
        let long = if pulse.run_s > config.longest_pulse_s { TOO_LONG } else { 0.0 };
        let aside = pulse.clipped_g.is_some() && pulse.vertical_share <= 0.5 && !pulse.is_own(config);
        let held = if aside { HELD * (pulse.run_s / WHEEL_S - 1.0).clamp(0.0, 1.0) } else { 0.0 };
        delta_v + peak + self.vertical(config) + fall + brief + long + held
    }

    fn delta_v_ratio(&self, config: &CrashConfig) -> f64 {
        self.pulse.delta_v_window_mps / kmh(config.delta_v_kmh)
    }

    fn vertical(&self, config: &CrashConfig) -> f64 {
        let little = self.delta_v_ratio(config) < 2.0;
        if little { VERTICAL * (2.0 * self.pulse.vertical_share - 1.0).max(0.0) } else { 0.0 }
    }

    /// Speed and shaking after the impact. That a body came to rest says nothing of a vehicle.
    fn of_motion(&self, config: &CrashConfig) -> f64 {
        let odds = self.outlook.map_or(0.0, |outlook| self.of_course(&outlook, config));
        if self.non_vehicle() { odds.min(0.0) } else { odds }
    }

    fn of_course(&self, outlook: &Outlook, config: &CrashConfig) -> f64 {
        let moved = !matches!(self.gate, Gate::Stopped);
        let still_s = self.still_s(config).filter(|_| moved);
        let still = still_s.map_or(0.0, |still_s| STILL * (still_s / STILL_HOLDS_S).clamp(0.0, 1.0));
        match (self.moving_mps(config), outlook.speed_mps, outlook.fall) {
            (_, None, _) if moved && outlook.restless && outlook.elapsed_s >= RESTLESS_AFTER_S => RESTLESS,
            // It stood, or nearly: that it stands now says nothing.
            (None, Some(_), _) if self.before.speed_mps.is_some() => 0.0,
            (None, ..) | (_, None, _) => still,
            (Some(before_mps), _, Some(fall)) => self.of_fall(before_mps, &fall, config),
            (Some(before_mps), Some(now_mps), None) if self.drove_on_mps(config).is_some() => {
                // In full when half of what should have fallen did not.
                let fallen = 1.0 - now_mps / before_mps;
                DROVE_ON * (2.0 * (1.0 - fallen / config.speed_fall)).clamp(0.0, 1.0)
            }
            _ => 0.0,
        }
    }

    /// How much the fall of the speed proves: the more, the less a driver's brake explains it.
    fn of_fall(&self, before_mps: f64, fall: &Fall, config: &CrashConfig) -> f64 {
        let mean_mps2 = config.speed_fall * before_mps / (fall.after_s - FIX_LATE_S).max(SLOT_S);
        let slowing_mps2 = self.before.slowing_mps2;
        // A stop that was under way goes on.
        let ordinary_mps2 = ORDINARY_STOP_MPS2.max(slowing_mps2);
        let full_mps2 = FULL_STOP_MPS2.max(slowing_mps2 + (FULL_STOP_MPS2 - ORDINARY_STOP_MPS2));
        let beyond = ((mean_mps2 - ordinary_mps2) / (full_mps2 - ordinary_mps2)).clamp(0.0, 1.0);
        SPEED_FELL_SLOWLY + (SPEED_FELL - SPEED_FELL_SLOWLY) * beyond
    }

    /// How the phone sat before and sits after.
    fn of_phone(&self, config: &CrashConfig) -> f64 {
        let stopped = matches!(self.gate, Gate::Stopped);
        let hand = if self.in_hand() { IN_HAND } else { 0.0 };
        let walked = if self.walked() { WALKED } else { 0.0 };
        let body = if self.non_vehicle() { NON_VEHICLE } else { 0.0 };
        let seat = match self.tilt_rad() {
            Some(tilt) if tilt >= OTHER_SEAT_RAD && stopped => TURNED_STOPPED,
            Some(tilt) if tilt >= OTHER_SEAT_RAD && self.torn(config) => TORN,
            Some(tilt) if tilt >= OTHER_SEAT_RAD => TURNED_MOVING,
            Some(tilt) if tilt <= SAME_SEAT_RAD && stopped => SAME_SEAT,
            _ => 0.0,
        };
        hand + walked + body + seat
    }

    /// The probability that confirms: with the time to wait, the odds asked for dwindle to even ones.
    fn confirms_from(&self, config: &CrashConfig) -> f64 {
        let wait_s = (config.give_up_s - config.decide_within_s).max(SLOT_S);
        let left = ((config.give_up_s - self.waited_s) / wait_s).clamp(0.0, 1.0);
        0.5 + (config.confirm_confidence - 0.5) * left
    }

    /// Decides what can be decided. `last`: nothing more will be known.
    pub(super) fn decide(&self, last: bool, config: &CrashConfig) -> Option<Verdict> {
        let probability = self.probability(config);
        let outlook = self.outlook.as_ref();
        let fell = outlook.and_then(|outlook| outlook.fall).is_some_and(|fall| fall.held_s >= FALL_HOLDS_S);
        let still = self.still_s(config).is_some_and(|still_s| still_s >= STILL_HOLDS_S);
        let elapsed_s = outlook.map_or(0.0, |outlook| outlook.elapsed_s);
        let carried = self.walked() || self.non_vehicle() || self.pulse.fell(config);
        let stood = matches!(self.gate, Gate::Stopped);
        let (ripe, confirms) = (elapsed_s >= config.decide_within_s, elapsed_s >= CONFIRM_AFTER_S);
        // A vehicle that was struck and skids has not fallen to a low speed yet, and without satellites rests last.
        let on_its_way = outlook.is_some_and(|outlook| outlook.slows || outlook.still_s >= RESTS_S);
        let told = fell || still || ripe && (stood || on_its_way);
        let settled = told || carried || self.drove_on_mps(config).is_some();
        let last = last || self.waited_s >= config.give_up_s;
        let crash = if last {
            probability >= 0.5
        } else if confirms && told && probability >= self.confirms_from(config) {
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
