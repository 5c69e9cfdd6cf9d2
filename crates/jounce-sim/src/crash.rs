//! Impacts: pulses of acceleration, what they do to the vehicle, and the slide to rest.
//!
//! A pulse is a haversine (the usual model of a barrier pulse, SAE J850 and others; 49 CFR 563 expects 50 to 150 ms
//! for cars) whose integral is the wanted change of velocity exactly, with ringing of the structure on it.

use core::f64::consts::TAU;

use nalgebra::Vector3;

use crate::{
    math::{Butterworth, KMH_PER_MPS, blend, hump},
    script::{Crash, Pulse},
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

/// The shape of one impact over time.
#[derive(Clone, Debug)]
struct Shape {
    begin_s: f64,
    /// Acceleration, m/s², at `TABLE_HZ`, from `begin_s` − lead.
    table: Vec<f64>,
    lead_s: f64,
    duration_s: f64,
    peak_mps2: f64,
    /// Unit vector of the velocity change, forward and left.
    direction: (f64, f64),
}

impl Shape {
    fn new(begin_s: f64, pulse: &Pulse, cfc60: bool) -> Self {
        /// Room for the filter to ring out on both sides, s.
        const LEAD_S: f64 = 0.03;
        let delta_v = pulse.delta_v_kmh / KMH_PER_MPS;
        let peak_mps2 = 2.0 * delta_v / pulse.duration_s;
        let lead_s = if cfc60 { LEAD_S } else { 0.0 };
        let count = samples(pulse.duration_s + 2.0 * lead_s);
        let mut table: Vec<f64> = (0..count)
            .map(|i| {
                let t = f64::from(i) / TABLE_HZ - lead_s;
                let envelope = hump(t / pulse.duration_s);
                peak_mps2 * envelope * (1.0 + RINGING_SHARE * libm::sin(TAU * RINGING_HZ * t))
            })
            .collect();
        if cfc60 {
            cfc60_filter(&mut table);
        }
        let sum: f64 = table.iter().sum::<f64>() / TABLE_HZ;
        if libm::fabs(sum) > 0.0 {
            let scale = delta_v / sum;
            for accel in &mut table {
                *accel *= scale;
            }
        }
        // A force from 12 o'clock pushes backward, from 3 o'clock to the left.
        let angle = pulse.clock / 12.0 * TAU;
        let direction = (-libm::cos(angle), libm::sin(angle));
        Self { begin_s: begin_s - lead_s, table, lead_s, duration_s: pulse.duration_s, peak_mps2, direction }
    }

    fn end_s(&self) -> f64 {
        self.begin_s + self.duration_s + 2.0 * self.lead_s
    }

    /// Acceleration along `direction` at `t_s`, m/s².
    fn accel(&self, t_s: f64) -> f64 {
        let at = (t_s - self.begin_s) * TABLE_HZ;
        if at < 0.0 {
            return 0.0;
        }
        let below = libm::floor(at);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, saturates")]
        let index = below as usize;
        let value = |i: usize| self.table.get(i).copied().unwrap_or(0.0);
        value(index) + (value(index + 1) - value(index)) * (at - below)
    }

    fn shock_up(&self, t_s: f64) -> f64 {
        let t = t_s - self.begin_s - self.lead_s;
        SHOCK_SHARE * self.peak_mps2 * hump(t / self.duration_s) * libm::sin(TAU * SHOCK_HZ * t)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "durations are short and positive")]
fn samples(duration_s: f64) -> u32 {
    libm::ceil(duration_s * TABLE_HZ) as u32 + 1
}

/// SAE J211-1 channel class 60: a second-order Butterworth run forward and backward, so without delay.
///
/// Two passes meet at −3 dB where each has −1.5 dB, hence the factor on the design frequency.
pub(crate) fn cfc60_filter(values: &mut [f64]) {
    const TWO_PASSES: f64 = 1.2465;
    let c = Butterworth::new(CFC60_HZ * TWO_PASSES, 1.0 / TABLE_HZ);
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
    shapes: Vec<Shape>,
    heading_at_impact_rad: f64,
    roll_before_rad: f64,
    pulses_end_s: f64,
    over: bool,
}

impl Wreck {
    pub(crate) fn new(crash: &Crash, now: &Kinematics) -> Self {
        /// The first pulse begins a moment later, so that its filter has room.
        const LEAD_S: f64 = 0.03;
        let begin_s = now.t_s + LEAD_S;
        let mut shapes = vec![Shape::new(begin_s, &crash.pulse, crash.cfc60)];
        if let Some(second) = &crash.secondary {
            shapes.push(Shape::new(begin_s + second.after_s, &second.pulse, crash.cfc60));
        }
        let pulses_end_s = shapes.iter().fold(begin_s, |end, shape| end.max(shape.end_s()));
        Self {
            crash: *crash,
            begin_s,
            shapes,
            heading_at_impact_rad: now.heading_rad,
            roll_before_rad: now.road_roll_rad,
            pulses_end_s,
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
        for shape in &self.shapes {
            let accel = shape.accel(mid_s);
            let (forward, left) = (accel * shape.direction.0, accel * shape.direction.1);
            now.velocity += Vector3::new(forward * cos - left * sin, forward * sin + left * cos, 0.0) * dt_s;
            now.shock_up_mps2 += shape.shock_up(mid_s);
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
        cfc60_filter(&mut wave);
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
        for cfc60 in [false, true] {
            let pulse = Pulse { delta_v_kmh: 36.0, clock: 3.0, duration_s: 0.1 };
            let shape = Shape::new(1.0, &pulse, cfc60);
            let dt = 0.000_5;
            let change: f64 = (0..4000).map(|i| shape.accel((f64::from(i) + 0.5) * dt) * dt).sum();
            assert!((change - 10.0).abs() < 1e-3, "{change}");
            assert!(
                shape.direction.0.abs() < 1e-12 && (shape.direction.1 - 1.0).abs() < 1e-12,
                "from the right: to the left"
            );
        }
    }
}
