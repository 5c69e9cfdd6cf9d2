//! Phones that are no part of a vehicle: dropped, thrown, carried by people who run, jump, ski or fall.
//!
//! Each is worked out from the phone's acceleration in a level frame (x forward, y left, z up) and its rotation, so that
//! specific force and angular rate belong together. Sizes come from published measurements where they exist: ground
//! reaction of runners 2 to 3 times body weight at 2.5 to 3 steps a second, of landings 3 to 6 times in about 0.1 s;
//! real drops of a phone show 17 to 24 g at 200 Hz.

use core::f64::consts::{PI, TAU};

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    math::{GRAVITY_MPS2, Noise, blend, hump},
    scenario::{Mount, Pose},
    script::Carried,
};

/// Rate of what is worked out here, Hz: a bare phone's impact lasts 3 ms.
const RATE_HZ: f64 = 2000.0;
/// Stream of noise; the simulation's own are below.
const STREAM: u64 = 2000;

/// A change of velocity in a short time: a haversine.
#[derive(Clone, Copy, Debug)]
struct Blow {
    at_s: f64,
    for_s: f64,
    delta_v: Vector3<f64>,
}

/// What happens to the phone.
struct Story {
    noise: Noise,
    blows: Vec<Blow>,
    /// From and to, s: nothing touches it.
    flights: Vec<(f64, f64)>,
    /// Steady acceleration between two moments, with smooth ends: from, to, s, and m/s².
    pushes: Vec<(f64, f64, Vector3<f64>)>,
    /// Rotation between two moments, with smooth ends: from, to, s, and rad/s in the device frame.
    turns: Vec<(f64, f64, Vector3<f64>)>,
    /// Unrest of a hand, a body or a slide, while anything touches the phone: from and until, s, its size, m/s² and rad/s.
    unrest: (f64, f64, f64, f64),
}

impl Story {
    fn new(seed: u64) -> Self {
        Self {
            noise: Noise::new(seed, STREAM),
            blows: Vec::new(),
            flights: Vec::new(),
            pushes: Vec::new(),
            turns: Vec::new(),
            unrest: (0.0, 0.0, 0.0, 0.0),
        }
    }

    fn blow(&mut self, at_s: f64, for_s: f64, delta_v: Vector3<f64>) {
        self.blows.push(Blow { at_s, for_s, delta_v });
    }

    fn accel(&self, t_s: f64) -> Vector3<f64> {
        let blows: Vector3<f64> = self
            .blows
            .iter()
            .map(|blow| blow.delta_v * (2.0 / blow.for_s * hump((t_s - blow.at_s) / blow.for_s)))
            .sum();
        let pushes: Vector3<f64> =
            self.pushes.iter().map(|(from_s, to_s, push)| push * between(t_s, *from_s, *to_s)).sum();
        blows + pushes - Vector3::z() * (GRAVITY_MPS2 * self.flies(t_s))
    }

    /// 1 while nothing touches it, 0 while anything does.
    fn flies(&self, t_s: f64) -> f64 {
        /// What touches it ends within this, s.
        const EDGE_S: f64 = 0.008;
        self.flights.iter().map(|(from_s, to_s)| within(t_s, *from_s, *to_s, EDGE_S)).sum()
    }

    fn turn(&self, t_s: f64) -> Vector3<f64> {
        self.turns.iter().map(|(from_s, to_s, turn)| turn * between(t_s, *from_s, *to_s)).sum()
    }

    /// Some direction, of unit length.
    fn axis(&mut self) -> Vector3<f64> {
        self.noise.normal3().try_normalize(1e-6).unwrap_or_else(Vector3::x)
    }

    /// Works it out for `length_s`, of a phone that lies as `from` says.
    fn tell(mut self, from: &Mount, length_s: f64, flies_from_s: Option<f64>) -> Carried {
        let mut pose = from.vehicle_from_device();
        let (mut force_mps2, mut rate_radps) = (Vec::new(), Vec::new());
        let (mut shake, mut wander) = (Vector3::zeros(), Vector3::zeros());
        let keep = libm::exp(-1.0 / (0.08 * RATE_HZ));
        let fresh = libm::sqrt(1.0 - keep * keep);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, positive")]
        let count = (length_s * RATE_HZ) as u32;
        for step in 0..count {
            let t_s = f64::from(step) / RATE_HZ;
            shake = shake * keep + self.noise.normal3() * fresh;
            wander = wander * keep + self.noise.normal3() * fresh;
            let (from_s, until_s, shake_mps2, turn_radps) = self.unrest;
            let unrest = within(t_s, from_s, until_s, 0.1) * (1.0 - self.flies(t_s));
            let accel = self.accel(t_s) + shake * (shake_mps2 * unrest);
            let turn = self.turn(t_s) + wander * (turn_radps * unrest);
            force_mps2.push((pose.inverse() * (accel + Vector3::z() * GRAVITY_MPS2)).into());
            rate_radps.push(turn.into());
            pose *= UnitQuaternion::from_scaled_axis(turn / RATE_HZ);
        }
        Carried { rate_hz: RATE_HZ, force_mps2, rate_radps, flies_from_s, to: Mount::of(&pose) }
    }
}

/// 1 from `from_s` to `to_s`, with smooth ends within.
fn between(t_s: f64, from_s: f64, to_s: f64) -> f64 {
    within(t_s, from_s, to_s, 0.25 * (to_s - from_s))
}

fn within(t_s: f64, from_s: f64, to_s: f64, edge_s: f64) -> f64 {
    blend((t_s - from_s) / edge_s) * blend((to_s - t_s) / edge_s)
}

/// Falls from `height_m`, tumbling, onto something as hard as an impact of `impact_s` (3 ms stone, 15 ms carpet), and
/// bounces.
pub fn dropped(from: &Mount, height_m: f64, impact_s: f64, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    let begin_s = 0.2;
    let land_s = fall(&mut story, begin_s, height_m, impact_s, Vector3::zeros());
    story.tell(from, land_s + 1.5, None)
}

/// A fall and its bounces; says when it is over.
fn fall(story: &mut Story, begin_s: f64, height_m: f64, impact_s: f64, sideways_mps: Vector3<f64>) -> f64 {
    /// Bounces end when they are lower than a millimetre or so.
    const LEAST_MPS: f64 = 0.25;
    let (mut speed, mut at_s, mut drift) = (libm::sqrt(2.0 * GRAVITY_MPS2 * height_m), begin_s, sideways_mps);
    let mut flight_s = speed / GRAVITY_MPS2;
    for _ in 0..6 {
        let tumble = story.axis() * story.noise.between(2.0, 9.0);
        story.flights.push((at_s, at_s + flight_s));
        story.turns.push((at_s, at_s + flight_s + impact_s, tumble));
        at_s += flight_s;
        let rebound = speed * story.noise.between(0.15, 0.4);
        // Sliding friction takes from what it drifts, and a tumbling edge throws it aside.
        let rub = drift * story.noise.between(0.1, 0.3);
        let aside = story.axis().component_mul(&Vector3::new(1.0, 1.0, 0.0)) * (0.2 * speed);
        story.blow(at_s, impact_s, Vector3::z() * (speed + rebound) - rub + aside);
        drift -= rub;
        at_s += impact_s;
        speed = rebound;
        flight_s = 2.0 * speed / GRAVITY_MPS2;
        if speed < LEAST_MPS {
            break;
        }
    }
    at_s
}

/// Taken into the hand and thrown onto a seat.
pub fn thrown_on_seat(from: &Mount, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    story.unrest = (0.0, 1.0, 1.0, 0.6);
    let swing = story.axis() * 3.0;
    story.turns.push((0.1, 0.8, swing));
    let (throw, flight_s) = (story.noise.between(1.0, 2.5), story.noise.between(0.2, 0.45));
    let side = Vector3::new(story.noise.between(-1.0, 1.0), story.noise.between(-1.0, 1.0), 0.6).normalize();
    story.blow(0.85, 0.25, side * throw);
    story.flights.push((1.1, 1.1 + flight_s));
    let tumble = story.axis() * story.noise.between(1.0, 6.0);
    story.turns.push((1.1, 1.1 + flight_s + 0.05, tumble));
    let (cushion_s, down) = (story.noise.between(0.03, 0.08), side.z * throw - GRAVITY_MPS2 * flight_s);
    let landing = -(side * throw).component_mul(&Vector3::new(1.0, 1.0, 0.0)) - Vector3::z() * down;
    story.blow(1.1 + flight_s, cushion_s, landing * 1.15);
    story.tell(from, 3.0 + flight_s, None)
}

/// Carried by somebody who runs, or walks (`hz` steps a second, `peak_g` beyond gravity at each).
pub fn on_foot(from: &Mount, for_s: f64, hz: f64, peak_g: f64, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    story.unrest = (0.0, for_s - 0.3, 1.0, 0.5);
    let step_s = 1.0 / hz;
    let contact_s = (0.6 * step_s).min(0.3);
    let mut at_s = 0.3;
    let mut side = 1.0;
    while at_s + step_s < for_s - 0.5 {
        let push = peak_g * GRAVITY_MPS2 * contact_s * 0.5 * story.noise.between(0.85, 1.15);
        // What a step lifts, the rest of the stride lets fall.
        story.blow(at_s, contact_s, Vector3::new(0.15 * push, 0.1 * push * side, push));
        story.pushes.push((at_s, at_s + step_s, Vector3::new(0.0, 0.0, -push / (0.75 * step_s))));
        let sway = Vector3::new(0.4, 0.0, 1.2) * side;
        story.turns.push((at_s, at_s + step_s, sway));
        at_s += step_s;
        side = -side;
    }
    story.tell(from, for_s, None)
}

/// Carried by somebody who jumps on the spot, `count` times.
pub fn jumping(from: &Mount, count: u32, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    let mut at_s = 0.5;
    story.unrest = (0.0, 0.5 + f64::from(count) * 1.6, 0.8, 0.4);
    for _ in 0..count {
        let (flight_s, landing_s) = (story.noise.between(0.3, 0.5), story.noise.between(0.08, 0.14));
        let speed = 0.5 * GRAVITY_MPS2 * flight_s;
        story.blow(at_s, 0.35, Vector3::z() * speed);
        story.flights.push((at_s + 0.35, at_s + 0.35 + flight_s));
        story.blow(at_s + 0.35 + flight_s, landing_s, Vector3::z() * speed);
        at_s += 1.6;
    }
    story.tell(from, at_s + 1.0, None)
}

/// In the pocket of somebody on skis: turns, then a fall with tumbling, then lying still.
pub fn ski_fall(from: &Mount, before_s: f64, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    body_turns(&mut story, before_s, 1.3, 4.0);
    story.unrest = (0.0, before_s + 2.5, 3.0, 0.8);
    tumble(&mut story, before_s, 2.5, 3.0);
    story.tell(from, before_s + 12.0, None)
}

/// In the trouser pocket of somebody who pedals, then falls from the bicycle, then lies still for a while.
pub fn cycling_fall(from: &Mount, before_s: f64, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    body_turns(&mut story, before_s, 0.4, 2.0);
    // The thigh swings by 25° at 75 to 90 turns a minute.
    let cadence = story.noise.between(1.2, 1.5);
    let mut at_s = 0.2;
    while at_s + 1.0 / cadence < before_s {
        let half_s = 0.5 / cadence;
        for (from_s, sign) in [(at_s, 1.0), (at_s + half_s, -1.0)] {
            story.turns.push((from_s, from_s + half_s, Vector3::x() * (sign * 3.0)));
        }
        at_s += 1.0 / cadence;
    }
    story.unrest = (0.0, before_s + 1.2, 2.0, 0.4);
    tumble(&mut story, before_s, 1.0, 2.0);
    story.tell(from, before_s + 12.0, None)
}

/// Left and right in turns of about 1.5 s, that lean the body by up to 1 rad.
fn body_turns(story: &mut Story, until_s: f64, turn_radps: f64, side_mps2: f64) {
    let (mut at_s, mut side) = (0.2, 1.0);
    while at_s < until_s - 1.0 {
        let for_s = story.noise.between(1.0, 1.8).min(until_s - at_s);
        let part = story.noise.between(0.6, 1.0) * side;
        story.turns.push((at_s, at_s + for_s, Vector3::new(0.5, 0.3, 1.0) * (turn_radps * part)));
        story.pushes.push((at_s, at_s + for_s, Vector3::new(0.0, side_mps2 * part, 0.0)));
        at_s += for_s;
        side = -side;
    }
}

/// Body against ground, again and again: blows of 60 to 150 ms (a body is soft), and rolling over.
fn tumble(story: &mut Story, begin_s: f64, for_s: f64, hardest_mps: f64) {
    let mut at_s = begin_s;
    while at_s < begin_s + for_s {
        let (blow_s, size) = (story.noise.between(0.06, 0.15), story.noise.between(0.4, 1.0) * hardest_mps);
        let against = Vector3::new(-0.8, story.noise.between(-0.5, 0.5), story.noise.between(0.3, 1.0)).normalize();
        story.blow(at_s, blow_s, against * size);
        let gap_s = story.noise.between(0.25, 0.6);
        let roll = story.axis() * story.noise.between(2.0, 7.0);
        story.turns.push((at_s, at_s + blow_s + gap_s, roll));
        at_s += blow_s + gap_s;
    }
}

/// Left on the roof of a car at `speed_mps`: slides off, falls to the road, bounces and slides to rest. The phone's own
/// speed falls within `speed_mps` / 6 s of the landing.
pub fn off_the_roof(from: &Mount, speed_mps: f64, seed: u64) -> Carried {
    /// Height of a roof, m, and friction of a phone on asphalt, m/s².
    const ROOF_M: f64 = 1.45;
    const FRICTION_MPS2: f64 = 6.0;
    let mut story = Story::new(seed);
    let rest_s = fall(&mut story, 0.3, ROOF_M, 0.003, Vector3::x() * speed_mps);
    let slide_s = 0.6 * speed_mps / FRICTION_MPS2;
    story.pushes.push((rest_s, rest_s + slide_s, -Vector3::x() * FRICTION_MPS2));
    let spin = story.noise.between(2.0, 8.0);
    story.turns.push((rest_s, rest_s + slide_s, Vector3::z() * spin));
    story.unrest = (rest_s, rest_s + slide_s, 6.0, 0.5);
    story.tell(from, rest_s + slide_s + 8.0, Some(0.0))
}

/// A roller coaster: loads of `peak_g` for half a second to three seconds, from below and from the sides, airtime in
/// between.
pub fn coaster(from: &Mount, for_s: f64, peak_g: f64, seed: u64) -> Carried {
    let mut story = Story::new(seed);
    story.unrest = (0.0, for_s - 1.0, 1.5, 0.2);
    let mut at_s = 1.0;
    while at_s < for_s - 4.0 {
        let load_s = story.noise.between(0.5, 3.0);
        let size = (story.noise.between(3.0, peak_g) - 1.0) * GRAVITY_MPS2;
        let lean = story.noise.between(-0.7, 0.7);
        let (sin, cos) = libm::sincos(lean);
        story.pushes.push((at_s, at_s + load_s, Vector3::new(0.2 * sin, sin, cos) * size));
        let turn = story.noise.between(0.3, 1.5);
        story.turns.push((at_s, at_s + load_s, Vector3::new(turn * sin, turn, 0.5 * turn)));
        let air_s = story.noise.between(0.3, 1.2);
        story.pushes.push((at_s + load_s, at_s + load_s + air_s, Vector3::new(0.0, 0.0, -0.9 * GRAVITY_MPS2)));
        let back = -turn * load_s / air_s.max(1.0);
        story.turns.push((at_s + load_s, at_s + load_s + air_s.max(1.0), Vector3::new(back * sin, back, 0.5 * back)));
        at_s += load_s + air_s + story.noise.between(0.2, 1.5);
    }
    story.tell(from, for_s, None)
}

/// Torn from its holder `after_s` from now, in the midst of a crash: free flight, then the dashboard, then the floor.
/// `leaves_mps`: speed against the vehicle at which it leaves, forward and left.
pub fn torn_off(from: &Mount, after_s: f64, leaves_mps: [f64; 2], seed: u64) -> Carried {
    /// Way to the dashboard or a window, m; drop to the floor, m.
    const WAY_M: f64 = 0.5;
    const FLOOR_M: f64 = 0.45;
    let mut story = Story::new(seed);
    let leaves = Vector3::new(leaves_mps[0], leaves_mps[1], 0.0);
    let hits_s = after_s + (WAY_M / leaves.norm().max(1.0)).min(0.35);
    let spin = story.axis() * story.noise.between(3.0, 12.0);
    story.flights.push((after_s, hits_s));
    story.turns.push((after_s, hits_s, spin));
    story.blow(hits_s, 0.005, -leaves * 1.2);
    let end_s = fall(&mut story, hits_s + 0.005, FLOOR_M, 0.012, leaves * -0.2);
    story.tell(from, end_s + 1.0, Some(after_s))
}

impl Mount {
    /// The mount that turns a phone in this way.
    pub fn of(vehicle_from_device: &UnitQuaternion<f64>) -> Self {
        let flat = Self { pose: Pose::Flat, ..Self::default() }.vehicle_from_device();
        let (roll, pitch, yaw) = (vehicle_from_device * flat.inverse()).euler_angles();
        Self { pose: Pose::Flat, roll_deg: roll.to_degrees(), pitch_deg: pitch.to_degrees(), yaw_deg: yaw.to_degrees() }
    }

    /// Any way round, all alike.
    pub fn random(seed: u64) -> Self {
        let mut noise = Noise::new(seed, STREAM + 1);
        let turn = UnitQuaternion::from_scaled_axis(Vector3::z() * noise.between(-PI, PI));
        let (height, around) = (noise.between(-1.0, 1.0), noise.between(0.0, TAU));
        let (sin, cos) = libm::sincos(around);
        let ring = libm::sqrt(1.0 - height * height);
        let up = Vector3::new(ring * cos, ring * sin, height);
        let tilt = UnitQuaternion::rotation_between(&Vector3::z(), &up).unwrap_or_default();
        Self::of(&(turn * tilt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_found_again_from_its_rotation() {
        for seed in 0..50 {
            let mount = Mount::random(seed);
            let again = Mount::of(&mount.vehicle_from_device());
            assert!(again.vehicle_from_device().angle_to(&mount.vehicle_from_device()) < 1e-9, "{mount:?}");
        }
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a second, positive")]
    fn what_falls_is_weightless_then_struck_then_lies() {
        let fallen = dropped(&Mount::default(), 0.8, 0.005, 3);
        let force = |t_s: f64| Vector3::from(fallen.force_mps2[(t_s * RATE_HZ) as usize]).norm();
        let fall_s = libm::sqrt(2.0 * 0.8 / GRAVITY_MPS2);
        assert!(force(0.2 + 0.5 * fall_s) < 0.1);
        let hardest = fallen.force_mps2.iter().map(|force| Vector3::from(*force).norm()).fold(0.0, f64::max);
        assert!(hardest > 100.0 * GRAVITY_MPS2, "{hardest}");
        let last = Vector3::from(*fallen.force_mps2.last().expect("some"));
        assert!((last.norm() - GRAVITY_MPS2).abs() < 1e-6);
        let lies = fallen.to.vehicle_from_device().inverse() * Vector3::z() * GRAVITY_MPS2;
        assert!((lies - last).norm() < 1e-6);
    }

    #[test]
    fn everything_told_is_finite_and_ends_at_rest() {
        let mount = Mount::random(4);
        let all = [
            thrown_on_seat(&mount, 1),
            on_foot(&mount, 8.0, 2.7, 2.0, 1),
            jumping(&mount, 3, 1),
            ski_fall(&mount, 8.0, 1),
            cycling_fall(&mount, 8.0, 1),
            off_the_roof(&mount, 14.0, 1),
            coaster(&mount, 20.0, 6.0, 1),
            torn_off(&mount, 0.08, [6.0, 1.0], 1),
        ];
        for carried in all {
            assert!(carried.force_mps2.iter().chain(&carried.rate_radps).flatten().all(|value| value.is_finite()));
            let last = Vector3::from(*carried.force_mps2.last().expect("some"));
            assert!((last.norm() - GRAVITY_MPS2).abs() < 0.5, "{last}");
        }
    }
}
