//! Impacts: pulses of acceleration, what they do to the vehicle, and the slide to rest.
//!
//! A pulse is a haversine (the usual model of a barrier pulse, SAE J850 and others; 49 CFR 563 expects 50 to 150 ms
//! for cars) whose integral is the wanted change of velocity exactly, with ringing of the structure on it.

use core::f64::consts::TAU;

use nalgebra::Vector3;

use crate::{
    math::{Butterworth, KMH_PER_MPS, blend, hump},
    script::{Crash, Measured, Pulse, Shape},
    vehicle::Kinematics,
};

/// Ringing of the structure, Hz, and its size as a share of the pulse's peak. Crash tests show 40 to 100 Hz in floor
/// and sill channels.
const RINGING_HZ: f64 = 60.0;
const RINGING_SHARE: f64 = 0.25;
/// Vertical shaking as a share of the pulse's peak, and its frequency, Hz.
const SHOCK_SHARE: f64 = 0.3;
const SHOCK_HZ: f64 = 45.0;
/// Time over which an impact's yaw rate dies by friction, s.
const YAW_DECAY_S: f64 = 0.45;
/// Friction fades below this speed, m/s, so that the rest is reached without a step.
const FRICTION_FADE_MPS: f64 = 0.3;
/// Slower than this (m/s, rad/s) it rests.
const AT_REST: f64 = 2e-3;
/// Rate at which a pulse is tabulated for filtering, Hz (the channel rate of SAE J211: 10 times the highest class used).
const TABLE_HZ: f64 = 10_000.0;
/// −3 dB frequency of channel class 60, Hz (SAE J211-1: 5/3 of the class).
const CFC60_HZ: f64 = 100.0;
/// The first pulse begins a moment later, so that its filter has room, s.
const LEAD_S: f64 = 0.03;

/// One impact over time.
#[derive(Clone, Debug)]
struct Impact {
    /// When the table begins, s.
    begin_s: f64,
    /// When the blow itself begins, s: what is before has room for the filter.
    onset_s: f64,
    duration_s: f64,
    rate_hz: f64,
    /// Acceleration forward and left, m/s².
    table: Vec<[f64; 2]>,
    peak_mps2: f64,
}

impl Impact {
    fn new(onset_s: f64, pulse: &Pulse, cfc60: bool) -> Self {
        /// Room for the filter to ring out on both sides, s.
        const LEAD_S: f64 = 0.03;
        let delta_v = pulse.delta_v_kmh / KMH_PER_MPS;
        let lead_s = if cfc60 { LEAD_S } else { 0.0 };
        let count = samples(pulse.duration_s + 2.0 * lead_s);
        let mut table: Vec<f64> = (0..count)
            .map(|i| {
                let t = f64::from(i) / TABLE_HZ - lead_s;
                let envelope = pulse.shape.height(t / pulse.duration_s);
                envelope * (1.0 + RINGING_SHARE * libm::sin(TAU * RINGING_HZ * t))
            })
            .collect();
        if cfc60 {
            filter_cfc60(&mut table, TABLE_HZ);
        }
        let sum: f64 = table.iter().sum::<f64>() / TABLE_HZ;
        let scale = if libm::fabs(sum) > 0.0 { delta_v / sum } else { 0.0 };
        // A force from 12 o'clock pushes backward, from 3 o'clock to the left.
        let (sin, cos) = libm::sincos(pulse.clock / 12.0 * TAU);
        Self {
            begin_s: onset_s - lead_s,
            onset_s,
            duration_s: pulse.duration_s,
            rate_hz: TABLE_HZ,
            table: table.iter().map(|accel| [-cos * accel * scale, sin * accel * scale]).collect(),
            peak_mps2: pulse.shape.peak() * libm::fabs(delta_v) / pulse.duration_s,
        }
    }

    fn measured(onset_s: f64, measured: &Measured) -> Self {
        let count = measured.forward_mps2.len().min(measured.left_mps2.len());
        let table: Vec<[f64; 2]> =
            measured.forward_mps2.iter().zip(&measured.left_mps2).map(|(&forward, &left)| [forward, left]).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few seconds at most")]
        let duration_s = count as f64 / measured.rate_hz;
        let peak_mps2 = table.iter().fold(0.0, |most: f64, [forward, left]| most.max(libm::hypot(*forward, *left)));
        Self { begin_s: onset_s, onset_s, duration_s, rate_hz: measured.rate_hz, table, peak_mps2 }
    }

    fn end_s(&self) -> f64 {
        self.onset_s + self.duration_s + (self.onset_s - self.begin_s)
    }

    /// Acceleration forward and left at `t_s`, m/s².
    fn accel(&self, t_s: f64) -> (f64, f64) {
        let at = (t_s - self.begin_s) * self.rate_hz;
        if at < 0.0 {
            return (0.0, 0.0);
        }
        let below = libm::floor(at);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, saturates")]
        let index = below as usize;
        let value = |i: usize, axis: usize| self.table.get(i).map_or(0.0, |accel| accel[axis]);
        let between = |axis: usize| value(index, axis) + (value(index + 1, axis) - value(index, axis)) * (at - below);
        (between(0), between(1))
    }

    fn shock_up(&self, t_s: f64) -> f64 {
        let t = t_s - self.onset_s;
        SHOCK_SHARE * self.peak_mps2 * hump(t / self.duration_s) * libm::sin(TAU * SHOCK_HZ * t)
    }
}

impl Shape {
    /// Corners of the pulses that are straight between them: part of the length, and height.
    ///
    /// A full-width rigid barrier lets the front end yield, then the engine stop the rest; an offset deformable one is
    /// soft until the structure behind it is met. Both after the sill channels of public NHTSA and Euro NCAP tests.
    const BARRIER: [(f64, f64); 6] = [(0.0, 0.0), (0.15, 0.7), (0.3, 0.55), (0.5, 1.0), (0.75, 0.6), (1.0, 0.0)];
    const OFFSET: [(f64, f64); 5] = [(0.0, 0.0), (0.2, 0.3), (0.45, 0.35), (0.7, 1.0), (1.0, 0.0)];

    /// Height at `x` of the length, of any scale.
    fn height(self, x: f64) -> f64 {
        let corners: &[(f64, f64)] = match self {
            Self::Haversine => return hump(x),
            Self::HalfSine => {
                return if (0.0..=1.0).contains(&x) { libm::sin(core::f64::consts::PI * x) } else { 0.0 };
            }
            Self::Barrier => &Self::BARRIER,
            Self::Offset => &Self::OFFSET,
        };
        let side = corners.windows(2).find(|side| (side[0].0..=side[1].0).contains(&x));
        side.map_or(0.0, |side| {
            let [(x0, y0), (x1, y1)] = [side[0], side[1]];
            y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        })
    }

    /// Peak of a pulse of unit length and unit change of velocity.
    fn peak(self) -> f64 {
        let area = |corners: &[(f64, f64)]| {
            corners.windows(2).map(|side| 0.5 * (side[0].1 + side[1].1) * (side[1].0 - side[0].0)).sum::<f64>()
        };
        match self {
            Self::Haversine => 2.0,
            Self::HalfSine => core::f64::consts::FRAC_PI_2,
            Self::Barrier => 1.0 / area(&Self::BARRIER),
            Self::Offset => 1.0 / area(&Self::OFFSET),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "durations are short and positive")]
fn samples(duration_s: f64) -> u32 {
    libm::ceil(duration_s * TABLE_HZ) as u32 + 1
}

/// SAE J211-1 channel class 60, of samples at `rate_hz`: a second-order Butterworth run forward and backward, so
/// without delay. It is what crash tests show the velocity of a structure with.
///
/// Two passes meet at −3 dB where each has −1.5 dB, hence the factor on the design frequency.
pub fn filter_cfc60(values: &mut [f64], rate_hz: f64) {
    const TWO_PASSES: f64 = 1.2465;
    let c = Butterworth::new(CFC60_HZ * TWO_PASSES, 1.0 / rate_hz);
    for _ in 0..2 {
        let [mut x1, mut x2, mut y1, mut y2] = [0.0; 4];
        for x in values.iter_mut() {
            let y = c.b0 * (*x + 2.0 * x1 + x2) - c.a1 * y1 - c.a2 * y2;
            (x1, x2, y1, y2) = (*x, x1, y, y1);
            *x = y;
        }
        values.reverse();
    }
}

/// A vehicle that has been hit, until it rests.
#[derive(Clone, Debug)]
pub(crate) struct Wreck {
    crash: Crash,
    begin_s: f64,
    impacts: Vec<Impact>,
    heading_at_impact_rad: f64,
    roll_before_rad: f64,
    pulses_end_s: f64,
    over: bool,
}

impl Wreck {
    pub(crate) fn new(crash: &Crash, now: &Kinematics) -> Self {
        let begin_s = now.t_s + LEAD_S;
        let mut impacts = vec![Impact::new(begin_s, &crash.pulse, crash.cfc60)];
        if let Some(second) = &crash.secondary {
            impacts.push(Impact::new(begin_s + second.after_s, &second.pulse, crash.cfc60));
        }
        Self::of(*crash, impacts, now)
    }

    /// Hit as it was measured elsewhere.
    pub(crate) fn measured(measured: &Measured, now: &Kinematics) -> Self {
        let impact = Impact::measured(now.t_s + LEAD_S, measured);
        let pulse = Pulse { delta_v_kmh: 0.0, clock: 0.0, duration_s: impact.duration_s, shape: Shape::default() };
        let Measured { yaw_degps, slide_mps2, .. } = *measured;
        let crash = Crash { yaw_degps, slide_mps2, ..Crash::of(pulse) };
        Self::of(crash, vec![impact], now)
    }

    fn of(crash: Crash, impacts: Vec<Impact>, now: &Kinematics) -> Self {
        let begin_s = now.t_s + LEAD_S;
        Self {
            crash,
            begin_s,
            pulses_end_s: impacts.iter().fold(begin_s, |end, impact| end.max(impact.end_s())),
            impacts,
            heading_at_impact_rad: now.heading_rad,
            roll_before_rad: now.road_roll_rad,
            over: false,
        }
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn advance(&mut self, now: &mut Kinematics, t_s: f64, dt_s: f64) {
        let mid_s = t_s - 0.5 * dt_s;
        self.hit(now, mid_s, dt_s);
        let pulse_over_s = self.begin_s + self.crash.pulse.duration_s;
        if mid_s > pulse_over_s {
            now.engine_on = false;
            self.rub(now, dt_s);
        }
        now.heading_rad += now.yaw_rate_radps * dt_s;
        let rolled = blend((t_s - pulse_over_s) / self.crash.roll_over_s);
        now.road_roll_rad = self.roll_before_rad + self.crash.roll_deg.to_radians() * rolled;
        let rolling = self.crash.roll_deg != 0.0 && rolled < 1.0;
        if t_s > self.pulses_end_s && !rolling && now.speed_mps() < AT_REST && now.yaw_rate_radps.abs() < AT_REST {
            now.velocity = Vector3::zeros();
            now.yaw_rate_radps = 0.0;
            now.shock_up_mps2 = 0.0;
            self.over = true;
        }
    }

    fn hit(&self, now: &mut Kinematics, mid_s: f64, dt_s: f64) {
        let (sin, cos) = libm::sincos(self.heading_at_impact_rad);
        now.shock_up_mps2 = 0.0;
        for impact in &self.impacts {
            let (forward, left) = impact.accel(mid_s);
            now.velocity += Vector3::new(forward * cos - left * sin, forward * sin + left * cos, 0.0) * dt_s;
            now.shock_up_mps2 += impact.shock_up(mid_s);
        }
        // The yaw rate grows as the pulse pushes.
        let part = hump((mid_s - self.begin_s) / self.crash.pulse.duration_s);
        let yaw_accel = self.crash.yaw_degps.to_radians() * 2.0 * part / self.crash.pulse.duration_s;
        now.yaw_rate_radps += yaw_accel * dt_s;
    }

    /// Friction on the ground.
    fn rub(&self, now: &mut Kinematics, dt_s: f64) {
        let speed = now.speed_mps();
        let slowing = self.crash.slide_mps2 * libm::tanh(speed / FRICTION_FADE_MPS);
        let keep = if speed > 0.0 { (1.0 - slowing * dt_s / speed).max(0.0) } else { 0.0 };
        now.velocity *= keep;
        now.yaw_rate_radps *= libm::exp(-dt_s / YAW_DECAY_S);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(hz: f64) -> f64 {
        let count = 8000;
        let mut wave: Vec<f64> = (0..count).map(|i| libm::sin(TAU * hz * f64::from(i) / TABLE_HZ)).collect();
        filter_cfc60(&mut wave, TABLE_HZ);
        wave[2000..6000].iter().copied().fold(0.0, f64::max)
    }

    #[test]
    fn channel_class_60_is_3_db_down_at_100_hz_and_steep_above() {
        assert!((gain(100.0) - 0.708).abs() < 0.01, "{}", gain(100.0));
        assert!(gain(20.0) > 0.99);
        assert!(gain(400.0) < 0.02);
    }

    #[test]
    fn a_pulse_changes_the_velocity_by_exactly_what_it_says() {
        for shape in [Shape::Haversine, Shape::HalfSine, Shape::Barrier, Shape::Offset] {
            for cfc60 in [false, true] {
                let pulse = Pulse { delta_v_kmh: 36.0, clock: 3.0, duration_s: 0.1, shape };
                let impact = Impact::new(1.0, &pulse, cfc60);
                let dt = 0.000_5;
                let change = |pick: fn((f64, f64)) -> f64| -> f64 {
                    (0..4000).map(|i| pick(impact.accel((f64::from(i) + 0.5) * dt)) * dt).sum()
                };
                let left = change(|accel| accel.1);
                assert!((left - 10.0).abs() < 1e-3, "{shape:?}: {left}");
                assert!(change(|accel| accel.0).abs() < 1e-9, "from the right: to the left");
            }
        }
    }

    #[test]
    fn what_was_measured_is_felt_as_it_was_measured() {
        let measured = Measured {
            rate_hz: 1000.0,
            forward_mps2: vec![-100.0; 50],
            left_mps2: vec![20.0; 50],
            yaw_degps: 0.0,
            slide_mps2: 4.0,
        };
        let impact = Impact::measured(2.0, &measured);
        assert_eq!(impact.accel(2.025), (-100.0, 20.0));
        assert_eq!(impact.accel(1.9), (0.0, 0.0));
        assert_eq!(impact.accel(2.1), (0.0, 0.0));
    }
}
