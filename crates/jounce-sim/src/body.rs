//! The body on the trajectory: suspension, road, engine. What the phone's place in the car really feels.
//!
//! Pitch and roll answer to acceleration as a spring and damper does. Each wheel has a quarter-car model (sprung mass
//! near 1.2 Hz, wheel near 10 Hz) on a road whose roughness follows ISO 8608. Above that, tyre and structure-borne
//! vibration near 25 Hz grows with speed, and the engine hums at its firing frequency.

use core::f64::consts::{PI, TAU};

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    math::{GRAVITY_MPS2, Noise, Resonator, hump, resonator_drive},
    scenario::Vehicle,
    script::{Jolt, Obstacle, Side, Surface},
    vehicle::Kinematics,
};

/// Wheelbase and track of a compact car, m.
const WHEELBASE_M: f64 = 2.65;
const TRACK_M: f64 = 1.55;
/// Acceleration beyond which the suspension sits on its stops, m/s².
const SUSPENSION_STOP_MPS2: f64 = 15.0;

/// Motion of the body's frame, with all that shakes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyMotion {
    /// Earth (east, north, up) from body.
    pub(crate) earth_from_body: UnitQuaternion<f64>,
    /// Angular rate, body frame, rad/s.
    pub(crate) rate: Vector3<f64>,
    /// Its rate of change, rad/s².
    pub(crate) rate_change: Vector3<f64>,
    /// Specific force at the reference point, body frame, m/s².
    pub(crate) specific_force: Vector3<f64>,
    /// Vertical acceleration that road and impacts add to the trajectory's, m/s².
    pub(crate) heave_mps2: f64,
}

impl BodyMotion {
    /// Specific force at `arm` from the reference point, body frame, m/s².
    pub(crate) fn specific_force_at(&self, arm: &Vector3<f64>) -> Vector3<f64> {
        self.specific_force + self.rate_change.cross(arm) + self.rate.cross(&self.rate.cross(arm))
    }
}

/// The sprung body.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    vehicle: Vehicle,
    pitch: Resonator,
    roll: Resonator,
    road: Road,
    rumble: Rumble,
    swing: Option<Swing>,
    noise: Noise,
    /// Angles and rates one step ago.
    before: Option<(Vector3<f64>, Vector3<f64>)>,
}

impl Body {
    pub(crate) fn new(vehicle: &Vehicle, noise: Noise) -> Self {
        Self {
            vehicle: vehicle.clone(),
            pitch: Resonator::default(),
            roll: Resonator::default(),
            road: Road::new(vehicle.surface),
            rumble: Rumble::default(),
            swing: None,
            noise,
            before: None,
        }
    }

    pub(crate) fn set_surface(&mut self, surface: Surface) {
        self.road.surface = surface;
    }

    pub(crate) fn put_obstacle(&mut self, obstacle: Obstacle, front_axle_m: f64) {
        self.road.obstacles.push((front_axle_m, obstacle));
    }

    pub(crate) fn slam_door(&mut self, t_s: f64) {
        self.jolt(DOOR_SLAM, t_s);
    }

    pub(crate) fn jolt(&mut self, jolt: Jolt, t_s: f64) {
        self.swing = Some(Swing { jolt, begin_s: t_s });
    }

    pub(crate) fn advance(&mut self, now: &Kinematics, dt_s: f64) -> BodyMotion {
        let accel = now.accel_vehicle();
        let v = &self.vehicle;
        let stop = |a: f64| a.clamp(-SUSPENSION_STOP_MPS2, SUSPENSION_STOP_MPS2);
        // Braking dives: nose down is positive about y. A bend to the left lifts the left side: positive about x.
        self.pitch.step(-v.pitch_gain * stop(accel.x), v.body_hz, v.body_damping, dt_s);
        self.roll.step(v.roll_gain * stop(accel.y), v.body_hz, v.body_damping, dt_s);
        let road = self.road.step(now, v.road_scale, dt_s, &mut self.noise);
        let (shake, shake_rate) = self.rumble.step(now, v.vibration_scale, dt_s, &mut self.noise);

        let angles = Vector3::new(
            now.road_roll_rad + self.roll.value + road.roll_rad,
            now.road_pitch_rad + self.pitch.value + road.pitch_rad,
            now.heading_rad,
        );
        let (rate, rate_change) = self.rates(angles, dt_s);
        let earth_from_body = UnitQuaternion::from_euler_angles(angles.x, angles.y, angles.z);
        let heave_mps2 = road.heave_mps2 + now.shock_up_mps2;
        let specific_force = earth_from_body.inverse() * (now.accel + Vector3::z() * (GRAVITY_MPS2 + heave_mps2));
        BodyMotion {
            earth_from_body,
            rate: rate + shake_rate,
            rate_change,
            specific_force: specific_force
                + shake
                + self.swing.map_or_else(Vector3::zeros, |swing| swing.force(now.t_s)),
            heave_mps2,
        }
    }

    /// Body rates from the change of the angles (roll, pitch, heading about x, y, z).
    fn rates(&mut self, angles: Vector3<f64>, dt_s: f64) -> (Vector3<f64>, Vector3<f64>) {
        let (angles_before, rate_before) = self.before.unwrap_or((angles, Vector3::zeros()));
        let change = (angles - angles_before) / dt_s;
        let middle = (angles + angles_before) * 0.5;
        let (sin_roll, cos_roll) = libm::sincos(middle.x);
        let (sin_pitch, cos_pitch) = libm::sincos(middle.y);
        let rate = Vector3::new(
            change.x - change.z * sin_pitch,
            change.y * cos_roll + change.z * cos_pitch * sin_roll,
            -change.y * sin_roll + change.z * cos_pitch * cos_roll,
        );
        let rate_change = if self.before.is_some() { (rate - rate_before) / dt_s } else { Vector3::zeros() };
        self.before = Some((angles, rate));
        (rate, rate_change)
    }
}

/// What four wheels make of the road.
#[derive(Clone, Debug)]
struct Road {
    surface: Surface,
    wheels: [Wheel; 4],
    obstacles: Vec<(f64, Obstacle)>,
}

/// Height, pitch and roll that the road gives the body.
#[derive(Clone, Copy, Debug, Default)]
struct RoadMotion {
    heave_mps2: f64,
    pitch_rad: f64,
    roll_rad: f64,
}

/// One quarter-car: road, wheel and body heights, m, and rates, m/s.
#[derive(Clone, Copy, Debug, Default)]
struct Wheel {
    road_m: f64,
    hub_m: f64,
    hub_mps: f64,
    body_m: f64,
    body_mps: f64,
    body_mps2: f64,
}

impl Wheel {
    fn step(&mut self, ground_m: f64, dt_s: f64) {
        /// Body on its spring: 1.2 Hz, 30 % damping; wheel on its tyre: 10 Hz; a tenth of the body's mass.
        const BODY_HZ: f64 = 1.2;
        const DAMPING: f64 = 0.3;
        const TYRE_HZ: f64 = 9.8;
        const MASS_RATIO: f64 = 10.0;
        let omega = TAU * BODY_HZ;
        let tyre = TAU * TYRE_HZ;
        let strut = omega * omega * (self.hub_m - self.body_m) + 2.0 * DAMPING * omega * (self.hub_mps - self.body_mps);
        self.body_mps2 = strut;
        self.body_mps += strut * dt_s;
        self.hub_mps += (tyre * tyre * (ground_m - self.hub_m) - MASS_RATIO * strut) * dt_s;
        self.body_m += self.body_mps * dt_s;
        self.hub_m += self.hub_mps * dt_s;
    }
}

impl Road {
    fn new(surface: Surface) -> Self {
        Self { surface, wheels: [Wheel::default(); 4], obstacles: Vec::new() }
    }

    fn step(&mut self, now: &Kinematics, scale: f64, dt_s: f64, noise: &mut Noise) -> RoadMotion {
        /// Reference spatial frequency of ISO 8608, and the wavelength beyond which the road counts as flat.
        const REFERENCE_PER_M: f64 = 0.1;
        const LONGEST_WAVE_M: f64 = 100.0;
        let speed = now.speed_mps();
        if scale <= 0.0 {
            return RoadMotion::default();
        }
        // Vertical speed of a wheel: white, with density (2π n₀)² G(n₀) v; half of it the same on both sides.
        let density = self.surface.roughness_m3() * speed;
        let sigma = scale * TAU * REFERENCE_PER_M * libm::sqrt(density / (2.0 * dt_s));
        let keep = libm::exp(-TAU * speed * dt_s / LONGEST_WAVE_M);
        for axle in 0..2_u8 {
            let common = noise.normal();
            for (side, wheel) in self.wheels.iter_mut().skip(2 * usize::from(axle)).take(2).enumerate() {
                let own = core::f64::consts::FRAC_1_SQRT_2 * (common + noise.normal());
                wheel.road_m = keep * wheel.road_m + sigma * own * dt_s;
                let at_m = now.distance_m - f64::from(axle) * WHEELBASE_M;
                let bump = obstacle_height(&self.obstacles, at_m, if side == 0 { Side::Left } else { Side::Right });
                wheel.step(wheel.road_m + bump, dt_s);
            }
        }
        self.obstacles.retain(|(from_m, o)| now.distance_m < from_m + o.length_m + WHEELBASE_M);
        let [fl, fr, rl, rr] = &self.wheels;
        RoadMotion {
            heave_mps2: 0.25 * (fl.body_mps2 + fr.body_mps2 + rl.body_mps2 + rr.body_mps2),
            pitch_rad: 0.5 * (rl.body_m + rr.body_m - fl.body_m - fr.body_m) / WHEELBASE_M,
            roll_rad: 0.5 * (fl.body_m + rl.body_m - fr.body_m - rr.body_m) / TRACK_M,
        }
    }
}

fn obstacle_height(obstacles: &[(f64, Obstacle)], at_m: f64, side: Side) -> f64 {
    obstacles
        .iter()
        .filter(|(_, o)| o.side == Side::Both || o.side == side)
        .map(|(from_m, o)| o.height_m * hump((at_m - from_m) / o.length_m))
        .sum()
}

/// Vibration above the suspension: structure and engine.
#[derive(Clone, Debug, Default)]
struct Rumble {
    force: [Resonator; 3],
    turn: [Resonator; 3],
    crank_rad: f64,
}

impl Rumble {
    /// Additional specific force and angular rate, body frame.
    fn step(&mut self, now: &Kinematics, scale: f64, dt_s: f64, noise: &mut Noise) -> (Vector3<f64>, Vector3<f64>) {
        /// Dashboard and body panels: 20 to 35 Hz.
        const PANEL_HZ: [f64; 3] = [22.0, 27.0, 31.0];
        const PANEL_DAMPING: f64 = 0.2;
        /// Standard deviation at 20 m/s: m/s² and rad/s. With the road's share a phone then shows 0.2 to 0.5 m/s².
        const FORCE_AT_20_MPS: f64 = 0.18;
        const TURN_AT_20_MPS: f64 = 0.004;
        /// Engine at idle, and with load, m/s².
        const IDLE_MPS2: f64 = 0.05;
        const FIRING: [f64; 3] = [0.5, 0.3, 1.0];
        if scale <= 0.0 {
            return (Vector3::zeros(), Vector3::zeros());
        }
        let speed = now.speed_mps();
        let rolling = scale * speed / 20.0;
        let mut force = Vector3::zeros();
        let mut turn = Vector3::zeros();
        for (axis, &hz) in PANEL_HZ.iter().enumerate() {
            let drive = resonator_drive(hz, PANEL_DAMPING, dt_s);
            self.force[axis].step(drive * noise.normal(), hz, PANEL_DAMPING, dt_s);
            self.turn[axis].step(drive * noise.normal(), hz, PANEL_DAMPING, dt_s);
            force[axis] = rolling * FORCE_AT_20_MPS * self.force[axis].value;
            turn[axis] = rolling * TURN_AT_20_MPS * self.turn[axis].value;
        }
        if now.engine_on {
            let rev_hz = engine_rpm(speed) / 60.0;
            self.crank_rad = (self.crank_rad + TAU * rev_hz * dt_s) % (2.0 * TAU);
            // A four-cylinder fires twice a turn; a little of the half and of the fourth order comes with it.
            let hum = libm::sin(2.0 * self.crank_rad)
                + 0.3 * libm::sin(4.0 * self.crank_rad)
                + 0.15 * libm::sin(0.5 * self.crank_rad);
            force += Vector3::from(FIRING) * (scale * IDLE_MPS2 * hum);
        }
        (force, turn)
    }
}

/// Engine speed: idle, then gear by gear between 1400 and 2400 rpm.
fn engine_rpm(speed_mps: f64) -> f64 {
    const IDLE_RPM: f64 = 800.0;
    /// Upper end of each gear, m/s, and its revolutions there.
    const SHIFT_MPS: [f64; 5] = [5.0, 9.0, 14.0, 20.0, 70.0];
    const SHIFT_RPM: [f64; 5] = [2400.0, 2400.0, 2400.0, 2400.0, 5400.0];
    let gear = SHIFT_MPS.iter().zip(SHIFT_RPM).find(|(top, _)| speed_mps <= **top);
    gear.map_or(IDLE_RPM, |(top, rpm)| (rpm * speed_mps / top).max(IDLE_RPM))
}

/// Body panels after a slammed door.
const DOOR_SLAM: Jolt = Jolt { peak_mps2: [1.2, 4.0, 2.0], hz: 18.0, decay_s: 0.08 };

/// The body after a blow.
#[derive(Clone, Copy, Debug)]
struct Swing {
    jolt: Jolt,
    begin_s: f64,
}

impl Swing {
    fn force(&self, t_s: f64) -> Vector3<f64> {
        let since = (t_s - self.begin_s).max(0.0);
        let swing = libm::exp(-since / self.jolt.decay_s) * libm::sin(2.0 * PI * self.jolt.hz * since);
        Vector3::from(self.jolt.peak_mps2) * swing
    }
}
