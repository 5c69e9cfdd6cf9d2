//! The figures of one impact, measured over the raw window.

use alloc::vec::Vec;

use nalgebra::Vector3;

use super::{
    STANDARD_GRAVITY_MPS2, kmh,
    window::{CAPACITY, Felt, LONGEST_STEP_S, Window, horizontal},
};
use crate::{config::CrashConfig, persist::Persist, time::Timestamp};

/// The skirts of a pulse lie below the level that opens it, s on each side: 16 % of a 180 ms haversine's Δv.
const SKIRT_S: f64 = 0.04;
/// A pulse lasts as long as the acceleration exceeds this share of its peak …
const RUN_SHARE: f64 = 0.25;
/// … over the braking before it, when that is at least this hard, m/s² (Zendrive: 7 mph/s); less may be the foot of a
/// slow load, and more than tyres give is the load itself …
const HARD_BRAKING_MPS2: f64 = 3.1;
/// … with dips no longer than this bridged, s (the ringing of a car's floor is faster than 30 Hz).
const RUN_DIP_S: f64 = 0.03;
/// Blows of a bare phone end within this, s (on carpet 18 ms; the briefest of a car at 8 km/h push for twice as long).
const BRIEF_S: f64 = 0.025;
/// A blow that pushes longer than this is no phone's own, though it fell, s: its bounces add up, but a car that lands
/// is pushed for more than 0.1 s.
const OWN_PUSH_S: f64 = 0.08;
/// … nor one that takes no more velocity than the fall and a hand gave, m/s (in a car nobody throws harder): a seat
/// gives way for as long as a car does.
const HAND_THROW_MPS: f64 = 3.0;
/// A phone that a crash throws flies no longer within a cabin, s: 0.7 m at the least Δv. Hands throw further.
const CABIN_FLIGHT_S: f64 = 0.35;
/// What came before is judged over this long, s.
const BEFORE_S: f64 = 1.0;
/// … ending this much before the onset, so that the blow's own foot is not counted, s.
const BEFORE_CLEAR_S: f64 = 0.1;
/// Free fall must end at most this long before the peak to have led to it, s.
const FALL_TO_PEAK_S: f64 = 0.25;
/// What spins while it falls feels this much, g (10 rad/s at 5 cm): a fall that has begun goes on.
const SPIN_G: f64 = 0.5;
/// Longest free fall looked for, s.
const FALL_REACH_S: f64 = 1.3;

/// One impact as the accelerometer saw it. Device frame, gravity removed.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub(super) struct Pulse {
    /// First moment above the opening level.
    pub(super) onset: Timestamp,
    pub(super) peak_at: Timestamp,
    /// Last moment above the opening level.
    pub(super) end: Timestamp,
    /// Last moment that surely lies before the blow: the onset less its foot and one sample.
    pub(super) clear_before: Timestamp,
    pub(super) peak_mps2: f64,
    /// Change of horizontal velocity over the whole pulse, device frame, m/s.
    pub(super) delta_v: Vector3<f64>,
    /// Largest change of horizontal velocity within `delta_v_window_s`, m/s.
    pub(super) delta_v_window_mps: f64,
    /// Longest time above `RUN_SHARE` of the peak in one direction, s.
    pub(super) run_s: f64,
    /// Time above the opening level in all, s.
    pub(super) push_s: f64,
    /// Vertical share of the acceleration's energy, 0–1.
    pub(super) vertical_share: f64,
    /// Free fall that led to it, s; 0 when there was none.
    pub(super) free_fall_s: f64,
    /// Fastest rotation within the pulse, rad/s.
    pub(super) rotation_radps: f64,
    /// Root mean square rolling and pitching in the second before, rad/s.
    pub(super) turning_before_radps: f64,
    /// Mean horizontal acceleration in the second before, m/s²: braking.
    pub(super) braking_before_mps2: f64,
    /// Root mean square shaking in the second before, m/s².
    pub(super) shake_before_mps2: f64,
    /// Root mean square swaying in the seconds before, m/s² …
    pub(super) sway_before_mps2: f64,
    /// … and rolling and pitching, rad/s.
    pub(super) roll_before_radps: f64,
    /// Range at which the sensor clipped, g.
    pub(super) clipped_g: Option<f64>,
    /// Achieved rate, Hz.
    pub(super) rate_hz: f64,
    /// Gravity before it, device frame, m/s².
    pub(super) gravity: Vector3<f64>,
}

impl Pulse {
    pub(super) fn delta_v_mps(&self) -> f64 {
        self.delta_v.norm()
    }

    pub(super) fn peak_g(&self) -> f64 {
        self.peak_mps2 / STANDARD_GRAVITY_MPS2
    }

    pub(super) fn fell(&self, config: &CrashConfig) -> bool {
        self.free_fall_s >= config.free_fall_s
    }

    /// Too short for the structure of a vehicle, which needs a way to yield: the phone itself hit something. Not told at
    /// rates that have less than two samples in that time.
    pub(super) fn is_brief(&self) -> bool {
        self.rate_hz * BRIEF_S >= 2.0 && self.push_s <= BRIEF_S + 1.0 / self.rate_hz
    }

    /// The phone's own blow, not its vehicle's.
    pub(super) fn is_own(&self, config: &CrashConfig) -> bool {
        let interval_s = 1.0 / self.rate_hz.max(1.0);
        let lands_mps = STANDARD_GRAVITY_MPS2 * self.free_fall_s + HAND_THROW_MPS;
        let lands = self.push_s <= OWN_PUSH_S + interval_s || self.delta_v_window_mps <= lands_mps;
        self.is_brief() || self.fell(config) && lands
    }

    /// It ended a flight that began in a hand: no cabin is long enough for it.
    pub(super) fn was_thrown(&self, config: &CrashConfig) -> bool {
        self.free_fall_s > CABIN_FLIGHT_S && self.is_own(config)
    }
}

/// One step of the running integral of the horizontal acceleration.
#[derive(Clone, Copy, Debug)]
struct Knot {
    t: Timestamp,
    accel: Vector3<f64>,
    velocity: Vector3<f64>,
}

/// Measures pulses; holds the room it needs, filled anew for every measurement.
#[derive(Clone, Debug, Persist)]
pub(super) struct Gauge {
    #[persist(skip)]
    knots: Vec<Knot>,
    #[persist(skip)]
    felt: Vec<Felt>,
}

impl Gauge {
    pub(super) fn new() -> Self {
        Self { knots: Vec::with_capacity(CAPACITY), felt: Vec::with_capacity(CAPACITY) }
    }

    /// Measures the pulse that was above the opening level in `onset..=end`; `None` while gravity is unknown.
    pub(super) fn measure(
        &mut self,
        window: &Window,
        onset: Timestamp,
        end: Timestamp,
        config: &CrashConfig,
    ) -> Option<Pulse> {
        let gravity = window.gravity()?;
        let up = gravity.normalize();
        let turned = window.steady(onset, &mut self.felt);
        self.integrate(onset, end, up);
        let felt = self.felt.as_slice();
        let peak = between(felt, onset, end).iter().max_by(|a, b| a.accel.norm().total_cmp(&b.accel.norm()))?;
        let peak_mps2 = peak.accel.norm();
        let free_fall = free_fall(window, onset, config).or_else(|| self.flight(window, peak.t, config));
        // A tumbling phone may have crossed the opening level while still falling.
        let onset = free_fall.map_or(onset, |(_, until)| until.max(onset));
        let blow = between(felt, onset, end);
        let clipped_g = clipping(window, onset, end);
        let before = Before::of(felt, onset, up);
        let run_level = run_level(peak_mps2, before.braking_mps2, clipped_g.is_some(), config);
        let (sway_before_mps2, roll_before_radps) = window.carriage();
        let main = main_direction(blow);
        let bridged_s = RUN_DIP_S.max(one_step(window));
        Some(Pulse {
            onset,
            peak_at: peak.t,
            end,
            clear_before: onset.plus_s(-SKIRT_S - one_step(window)),
            peak_mps2,
            delta_v: turned.inverse() * self.whole(),
            delta_v_window_mps: self.within(config.delta_v_window_s, Timestamp::MAX),
            run_s: longest_run(felt, onset, end, bridged_s, |accel| accel.dot(&main) >= run_level),
            push_s: push_s(window, blow, config),
            vertical_share: vertical_share(blow, up),
            free_fall_s: free_fall.map_or(0.0, |(length_s, _)| length_s),
            rotation_radps: window
                .gyro
                .between(onset.plus_s(-SKIRT_S), end.plus_s(SKIRT_S))
                .fold(0.0, |most, reading| reading.v.norm().max(most)),
            turning_before_radps: before.turning_radps,
            braking_before_mps2: before.braking_mps2,
            shake_before_mps2: before.shake_mps2,
            sway_before_mps2,
            roll_before_radps,
            clipped_g,
            rate_hz: window.accel.rate_hz().unwrap_or(0.0),
            gravity,
        })
    }

    /// A free fall in the midst of a pulse, unless the phone flies because its vehicle was struck.
    fn flight(&self, window: &Window, peak: Timestamp, config: &CrashConfig) -> Option<(f64, Timestamp)> {
        free_fall(window, peak, config).filter(|(length_s, until)| {
            let struck_mps = self.within(config.delta_v_window_s, until.plus_s(-length_s));
            struck_mps < kmh(config.delta_v_kmh) || *length_s > CABIN_FLIGHT_S
        })
    }

    /// Integrates from one sample before the skirt to one after it, by trapezoids, across no pause.
    fn integrate(&mut self, onset: Timestamp, end: Timestamp, up: Vector3<f64>) {
        self.knots.clear();
        let first = self.felt.partition_point(|felt| felt.t < onset.plus_s(-SKIRT_S)).saturating_sub(1);
        let until = end.plus_s(SKIRT_S);
        for felt in self.felt.iter().skip(first) {
            let now = horizontal(felt.accel, up);
            let velocity = self.knots.last().map_or_else(Vector3::zeros, |last| {
                let dt_s = felt.t.s_since(last.t);
                let gain = if dt_s > LONGEST_STEP_S { Vector3::zeros() } else { (last.accel + now) * (0.5 * dt_s) };
                last.velocity + gain
            });
            self.knots.push(Knot { t: felt.t, accel: now, velocity });
            if felt.t > until {
                break;
            }
        }
    }

    /// The largest departure from the velocity before: later restitution of the structure does not make it smaller.
    fn whole(&self) -> Vector3<f64> {
        let far = self.knots.iter().max_by(|a, b| a.velocity.norm().total_cmp(&b.velocity.norm()));
        far.map_or_else(Vector3::zeros, |knot| knot.velocity)
    }

    /// The largest change within `window_s` up to `until`, of the acceleration taken as straight lines between the
    /// samples: the same definition at any rate.
    fn within(&self, window_s: f64, until: Timestamp) -> f64 {
        let (mut most, mut from) = (0.0_f64, 0);
        for knot in self.knots.iter().take_while(|knot| knot.t <= until) {
            let start = knot.t.plus_s(-window_s);
            while self.knots.get(from + 1).is_some_and(|next| next.t <= start) {
                from += 1;
            }
            most = most.max((knot.velocity - self.velocity_at(start, from)).norm());
        }
        most
    }

    /// The velocity at `t`, where `from` is the last knot at or before it.
    fn velocity_at(&self, t: Timestamp, from: usize) -> Vector3<f64> {
        let (Some(a), Some(b)) = (self.knots.get(from), self.knots.get(from + 1)) else { return Vector3::zeros() };
        let (part_s, step_s) = (t.s_since(a.t), b.t.s_since(a.t));
        if part_s <= 0.0 || step_s > LONGEST_STEP_S {
            return a.velocity;
        }
        a.velocity + a.accel * part_s + (b.accel - a.accel) * (0.5 * part_s * part_s / step_s)
    }
}

/// What was felt in `from..=to`.
fn between(felt: &[Felt], from: Timestamp, to: Timestamp) -> &[Felt] {
    let end = felt.partition_point(|felt| felt.t <= to);
    let start = felt.partition_point(|felt| felt.t < from).min(end);
    felt.get(start..end).unwrap_or_default()
}

/// Which way the blow pushes, a unit vector: what rings in a holder pushes both ways.
fn main_direction(blow: &[Felt]) -> Vector3<f64> {
    let sum: Vector3<f64> = blow.iter().map(|felt| felt.accel).sum();
    sum.try_normalize(f64::EPSILON).unwrap_or_else(Vector3::zeros)
}

/// Time above the opening level, s: each sample stands for one interval.
fn push_s(window: &Window, blow: &[Felt], config: &CrashConfig) -> f64 {
    let floor_mps2 = config.pulse_floor_g * STANDARD_GRAVITY_MPS2;
    let interval_s = window.accel.rate_hz().map_or(0.0, |rate_hz| 1.0 / rate_hz);
    blow.iter().filter(|felt| felt.accel.norm() >= floor_mps2).map(|_| interval_s).sum()
}

fn vertical_share(blow: &[Felt], up: Vector3<f64>) -> f64 {
    let (vertical, all) = blow.iter().fold((0.0, 0.0), |(vertical, all), felt| {
        let along = felt.accel.dot(&up);
        (vertical + along * along, all + felt.accel.norm_squared())
    });
    if all > 0.0 { vertical / all } else { 0.0 }
}

/// The level above which a pulse lasts, m/s². Drivers brake before they hit, and after, which is no part of the blow:
/// the share is taken of what exceeds it, and, of a clipped peak, is no less than what opens a pulse.
fn run_level(peak_mps2: f64, before_mps2: f64, clipped: bool, config: &CrashConfig) -> f64 {
    let floor_mps2 = config.pulse_floor_g * STANDARD_GRAVITY_MPS2;
    let braking_mps2 = if (HARD_BRAKING_MPS2..=floor_mps2).contains(&before_mps2) { before_mps2 } else { 0.0 };
    let level_mps2 = braking_mps2 + RUN_SHARE * (peak_mps2 - braking_mps2).max(0.0);
    if clipped { level_mps2.max(floor_mps2) } else { level_mps2 }
}

/// Longest stretch in which `high` holds and that overlaps `onset..=end`; it may reach beyond on both sides.
fn longest_run(
    felt: &[Felt],
    onset: Timestamp,
    end: Timestamp,
    bridged_s: f64,
    high: impl Fn(Vector3<f64>) -> bool,
) -> f64 {
    let (mut longest, mut run): (f64, Option<(Timestamp, Timestamp)>) = (0.0, None);
    for felt in felt.iter().filter(|felt| high(felt.accel)) {
        let since = match run {
            Some((since, last)) if felt.t.s_since(last) <= bridged_s => since,
            _ => felt.t,
        };
        run = Some((since, felt.t));
        if felt.t >= onset && since <= end {
            longest = longest.max(felt.t.s_since(since));
        }
    }
    longest
}

/// A little more than one sample interval, s.
fn one_step(window: &Window) -> f64 {
    window.accel.rate_hz().map_or(0.0, |rate_hz| (1.5 / rate_hz).min(LONGEST_STEP_S))
}

/// The free fall that led to the peak: its length, s, and when it ended.
fn free_fall(window: &Window, peak: Timestamp, config: &CrashConfig) -> Option<(f64, Timestamp)> {
    let weightless = config.free_fall_g * STANDARD_GRAVITY_MPS2;
    let spinning = weightless.max(SPIN_G * STANDARD_GRAVITY_MPS2);
    let (mut best, mut run): (Option<(f64, Timestamp)>, Option<Timestamp>) = (None, None);
    for reading in window.accel.between(peak.plus_s(-FALL_REACH_S), peak) {
        let limit = if run.is_some() { spinning } else { weightless };
        if reading.v.norm() >= limit {
            run = None;
            continue;
        }
        let since = *run.get_or_insert(reading.t);
        let length_s = reading.t.s_since(since);
        let leads = peak.s_since(reading.t) <= FALL_TO_PEAK_S;
        if leads && length_s > 0.0 && best.is_none_or(|(longest_s, _)| length_s >= longest_s) {
            best = Some((length_s, reading.t));
        }
    }
    best.filter(|(length_s, _)| *length_s >= config.free_fall_s)
}

/// Ranges of phone accelerometers, g.
const RANGES_G: [f64; 4] = [2.0, 4.0, 8.0, 16.0];
/// Two samples on one axis this close to each other, relative, at their largest: the sensor repeats its end stop.
/// Noise sets the samples of a true peak further apart.
const REPEATS_WITHIN: f64 = 1e-4;
/// … when the end stop is this close to a range (scale calibration moves it).
const NEAR_RANGE: f64 = 0.03;
/// A single sample this close to a range counts by itself.
const AT_RANGE: f64 = 5e-4;

/// The range at which some axis clipped, g.
fn clipping(window: &Window, onset: Timestamp, end: Timestamp) -> Option<f64> {
    (0..3).find_map(|axis| {
        let values = || window.accel.between(onset, end).filter_map(move |reading| reading.v.get(axis));
        let largest = values().fold(0.0_f64, |most, value| most.max(libm::fabs(*value)));
        let repeats = values().filter(|value| libm::fabs(**value) >= largest * (1.0 - REPEATS_WITHIN)).count();
        let tolerance = if repeats >= 2 { NEAR_RANGE } else { AT_RANGE };
        let off = |range_g: f64| libm::fabs(largest / (range_g * STANDARD_GRAVITY_MPS2) - 1.0);
        RANGES_G.into_iter().find(|range_g| off(*range_g) <= tolerance)
    })
}

/// What the second before the onset was like.
struct Before {
    turning_radps: f64,
    braking_mps2: f64,
    shake_mps2: f64,
}

impl Before {
    #[expect(clippy::cast_precision_loss, reason = "a count of samples in a second")]
    fn of(felt: &[Felt], onset: Timestamp, up: Vector3<f64>) -> Self {
        let before = between(felt, onset.plus_s(-BEFORE_S - BEFORE_CLEAR_S), onset.plus_s(-BEFORE_CLEAR_S));
        let count = (before.len() as f64).max(1.0);
        let mean = before.iter().map(|felt| felt.accel).sum::<Vector3<f64>>() / count;
        let mean_square = |of: &dyn Fn(&Felt) -> f64| before.iter().map(of).sum::<f64>() / count;
        Self {
            turning_radps: libm::sqrt(mean_square(&|felt| felt.roll_radps * felt.roll_radps)),
            braking_mps2: horizontal(mean, up).norm(),
            shake_mps2: libm::sqrt(mean_square(&|felt| (felt.accel - mean).norm_squared())),
        }
    }
}
