//! Mixed drives at random: ordinary driving, and manoeuvres of every kind, some well below the threshold and some well
//! above it.

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    math::{GRAVITY_MPS2, KMH_PER_MPS, Noise},
    random::{RandomDrive, random_drive},
    scenario::{Gnss, Mount, Scenario},
    script::{Curve, Jolt, Obstacle, Side, SpeedChange, Step, Swerve, Turn},
};

/// Stream of noise; those of [`random_drive`] and of the simulation are below.
const STREAM: u64 = 1010;
/// Slower than this nothing is begun, m/s.
const LEAST_MPS: f64 = 9.0;
/// At most so much happens in one steady stretch, and something in each.
const MOST_IN_A_ROW: f64 = 3.0;
/// The thresholds of the definitions, m/s².
const BRAKING_MPS2: f64 = 3.6;
const ACCELERATION_MPS2: f64 = 3.1;
const CORNERING_MPS2: f64 = 3.6;
const SWERVE_MPS2: f64 = 2.0;

/// A drive as [`random_drive`] makes it, with manoeuvres in its steady stretches: braking, accelerating, cornering,
/// swerves and lane changes, roundabouts, winding roads, motorway, bumps and holes, a phone used or held at the ear and put
/// back, or put back another way. Every other drive is
/// under an open sky, the others are between houses: noisy, wild and missing speeds, tunnels.
///
/// What is asked of the vehicle is 0.55 to 2 times a threshold, seldom near it; what it then did is judged on its
/// motion: [`crate::Simulation::manoeuvres`].
pub fn mixed_drive(seed: u64, options: &RandomDrive) -> Scenario {
    let mut scenario = random_drive(seed, options);
    let mut noise = Noise::new(seed, STREAM);
    let has_houses = noise.chance(0.5);
    if has_houses {
        scenario.gnss = scenario.gnss.map(|gnss| between_houses(&gnss, &mut noise));
    }
    // Half of the holders swing.
    scenario.phone.holder_hz = if noise.chance(0.5) { noise.between(12.0, 40.0) } else { 0.0 };
    let mut mixing = Mixing { noise, has_houses, mount: scenario.phone.mount, speed_mps: 0.0, steps: Vec::new() };
    for step in std::mem::take(&mut scenario.step) {
        mixing.follow(step);
    }
    scenario.step = mixing.steps;
    Scenario { name: format!("mixed-{seed}"), description: "a mixed drive at random".to_owned(), ..scenario }
}

/// What a receiver shows between houses: its speed is off by a quarter to half a metre a second, now and then wild or
/// missing, and some fixes come from the network.
fn between_houses(gnss: &Gnss, noise: &mut Noise) -> Gnss {
    Gnss {
        position_sigma_m: noise.between(6.0, 12.0),
        position_white_m: noise.between(0.5, 1.0),
        speed_sigma_mps: noise.between(0.25, 0.5),
        speedless: 0.02,
        spike: 0.003,
        coarse: 0.003,
        ..gnss.clone()
    }
}

struct Mixing {
    noise: Noise,
    has_houses: bool,
    mount: Mount,
    speed_mps: f64,
    steps: Vec<Step>,
}

impl Mixing {
    fn follow(&mut self, step: Step) {
        if let Step::Accelerate(change) | Step::Brake(change) = &step {
            self.speed_mps = change.to_kmh / KMH_PER_MPS;
        }
        let is_steady = matches!(step, Step::Cruise { .. }) && self.speed_mps >= LEAST_MPS;
        self.steps.push(step);
        if !is_steady {
            return;
        }
        let before_mps = self.speed_mps;
        let mut left = self.noise.between(0.0, MOST_IN_A_ROW);
        while left > 0.0 {
            self.something();
            self.gently_to(before_mps);
            self.cruise(2.0, 6.0);
            left -= 1.0;
        }
    }

    fn something(&mut self) {
        match self.noise.uniform() {
            x if x < 0.20 => self.brake(),
            x if x < 0.36 => self.accelerate(),
            x if x < 0.52 => self.corner(),
            x if x < 0.67 => self.swerve(),
            x if x < 0.76 => self.handle(),
            x if x < 0.82 => self.bump(),
            x if x < 0.87 => self.roundabout(),
            x if x < 0.90 => self.winding(),
            x if x < 0.92 => self.sit_differently(),
            x if x < 0.95 && self.has_houses => self.tunnel(),
            _ => self.motorway(),
        }
    }

    /// A multiple of a threshold: well below it, well above, or one time in five near it.
    fn size(&mut self, most: f64) -> f64 {
        let (least, most) = match self.noise.uniform() {
            x if x < 0.4 => (0.55, 0.82),
            x if x < 0.8 => (1.2, most),
            _ => (0.82, 1.2),
        };
        self.noise.between(least, most)
    }

    fn brake(&mut self) {
        let at_mps2 = BRAKING_MPS2 * self.size(2.0);
        let (hold_s, edge_s) = (self.noise.between(0.8, 2.5), self.noise.between(0.3, 0.6));
        // What would end at a standstill is as long as it can be.
        let to_mps = (self.speed_mps - at_mps2 * (hold_s + edge_s)).max(0.0);
        self.change(to_mps, at_mps2, edge_s);
        self.cruise(1.0, 4.0);
    }

    fn accelerate(&mut self) {
        let low = self.noise.between(3.0, 8.0);
        self.gently_to(low);
        self.cruise(2.0, 5.0);
        let at_mps2 = ACCELERATION_MPS2 * self.size(1.7);
        let (hold_s, edge_s) = (self.noise.between(0.8, 2.5), self.noise.between(0.3, 0.6));
        self.change(self.speed_mps + at_mps2 * (hold_s + edge_s), at_mps2, edge_s);
        self.cruise(1.0, 4.0);
    }

    fn corner(&mut self) {
        let speed = self.noise.between(8.0, 13.0);
        self.gently_to(speed);
        self.cruise(1.0, 3.0);
        let lateral = CORNERING_MPS2 * self.size(1.8);
        let angle_deg = self.either_side() * self.noise.between(55.0, 110.0);
        let edge_s = self.noise.between(0.5, 1.0);
        self.steps.push(Step::Turn(Turn { angle_deg, curve: Curve::LateralMps2(lateral), edge_s }));
        self.cruise(1.0, 4.0);
    }

    /// To the other lane, and perhaps back.
    fn swerve(&mut self) {
        let side = self.either_side();
        let back = self.noise.chance(0.4);
        for side in [side, -side].into_iter().take(if back { 2 } else { 1 }) {
            let lateral_mps2 = side * SWERVE_MPS2 * self.size(2.0);
            let over_s = self.noise.between(2.0, 3.6);
            self.steps.push(Step::Swerve(Swerve { lateral_mps2, over_s }));
            self.cruise(5.0, 9.0);
        }
    }

    /// The phone is taken, used or held at the ear, and put back within a few degrees; a screen may tell.
    fn handle(&mut self) {
        /// How exactly it is put back, degrees about each axis.
        const PUT_BACK_DEG: f64 = 3.0;
        let for_s = if self.noise.chance(0.3) { self.noise.between(2.2, 2.5) } else { self.noise.between(4.0, 40.0) };
        let at_ear = self.noise.chance(0.3);
        let off = self.noise.normal3() * PUT_BACK_DEG.to_radians();
        self.mount = Mount::sitting(&(UnitQuaternion::from_scaled_axis(off) * self.mount.vehicle_from_device()));
        let lights = !at_ear && self.noise.chance(0.5);
        let screen = |on: bool| Step::Hint { name: "screen".into(), value: if on { "on" } else { "off" }.into() };
        self.steps.extend(lights.then(|| screen(true)));
        self.steps.push(Step::PhoneHandle { for_s, at_ear, to: self.mount });
        self.steps.push(Step::Cruise { for_s: for_s + 1.0 });
        self.steps.extend(lights.then(|| screen(false)));
        // Time to be aligned in again.
        self.cruise(5.0, 20.0);
    }

    /// A speed bump, or a wheel in a hole of 1 to 4 g.
    fn bump(&mut self) {
        if self.noise.chance(0.5) {
            let length_m = self.noise.between(0.4, 4.0);
            self.gently_to(6.0);
            self.steps.push(Step::Obstacle(Obstacle { height_m: 0.07, length_m, side: Side::Both }));
        } else {
            let up = self.noise.between(1.0, 4.0) * GRAVITY_MPS2;
            let (back, aside) = (self.noise.between(0.0, 0.4), self.noise.between(-0.3, 0.3));
            let (hz, decay_s) = (self.noise.between(10.0, 25.0), self.noise.between(0.02, 0.05));
            self.steps.push(Step::Jolt(Jolt { peak_mps2: [-back * up, aside * up, up], hz, decay_s }));
        }
        self.cruise(2.0, 4.0);
    }

    fn roundabout(&mut self) {
        const TURNS_DEG: [f64; 4] = [-90.0, 0.0, 90.0, 180.0];
        self.gently_to(6.0);
        let radius_m = self.noise.between(11.0, 22.0);
        let angle_deg = TURNS_DEG.iter().rev().find(|_| self.noise.chance(0.4)).copied().unwrap_or(90.0);
        self.steps.push(Step::Roundabout { radius_m, angle_deg });
        self.cruise(1.0, 3.0);
    }

    /// Bends to and fro, on a bank or a slope: none is harsh, and together they are no swerve.
    fn winding(&mut self) {
        let deg = self.either_side() * self.noise.between(0.0, 4.0);
        self.steps.push(Step::Bank { deg, over_m: 30.0 });
        let percent = self.noise.between(-8.0, 8.0);
        self.steps.push(Step::Grade { percent, over_m: 60.0 });
        let mut side = self.either_side();
        for _ in 0..4 {
            let angle_deg = side * self.noise.between(30.0, 70.0);
            let lateral = self.noise.between(1.2, 2.6);
            self.steps.push(Step::Turn(Turn { angle_deg, curve: Curve::LateralMps2(lateral), edge_s: 1.0 }));
            self.cruise(0.5, 3.0);
            side = -side;
        }
        self.steps.push(Step::Bank { deg: 0.0, over_m: 30.0 });
        self.steps.push(Step::Grade { percent: 0.0, over_m: 60.0 });
    }

    /// The phone is turned in its holder by a quarter, or put somewhere else.
    fn sit_differently(&mut self) {
        let axis = if self.noise.chance(0.5) { Vector3::z_axis() } else { Vector3::x_axis() };
        let quarter = UnitQuaternion::from_axis_angle(&axis, self.either_side() * core::f64::consts::FRAC_PI_2);
        self.mount = Mount::sitting(&(self.mount.vehicle_from_device() * quarter));
        if self.noise.chance(0.5) {
            let over_s = self.noise.between(0.6, 1.5);
            self.steps.push(Step::PhoneTurn { to: self.mount, over_s });
        } else {
            self.steps.push(Step::PhoneHandle { for_s: 2.2, at_ear: false, to: self.mount });
        }
        self.cruise(5.0, 20.0);
    }

    fn tunnel(&mut self) {
        self.steps.push(Step::Tunnel { on: true });
        self.cruise(10.0, 40.0);
        self.steps.push(Step::Tunnel { on: false });
    }

    fn motorway(&mut self) {
        let speed = self.noise.between(25.0, 34.0);
        self.gently_to(speed);
        for _ in 0..3 {
            self.cruise(10.0, 25.0);
            self.swerve();
        }
        if self.noise.chance(0.5) {
            self.brake();
            self.gently_to(speed);
        }
        self.cruise(5.0, 20.0);
    }

    fn either_side(&mut self) -> f64 {
        if self.noise.chance(0.5) { 1.0 } else { -1.0 }
    }

    fn cruise(&mut self, least_s: f64, most_s: f64) {
        let for_s = self.noise.between(least_s, most_s);
        self.steps.push(Step::Cruise { for_s });
    }

    /// As nobody would notice.
    fn gently_to(&mut self, to_mps: f64) {
        let (at_mps2, edge_s) = (self.noise.between(0.9, 2.0), self.noise.between(0.5, 1.0));
        self.change(to_mps, at_mps2, edge_s);
    }

    fn change(&mut self, to_mps: f64, at_mps2: f64, edge_s: f64) {
        /// Nearer than this is there.
        const NEAR_MPS: f64 = 0.1;
        if libm::fabs(to_mps - self.speed_mps) < NEAR_MPS {
            return;
        }
        let change = SpeedChange { to_kmh: to_mps * KMH_PER_MPS, at_mps2, edge_s, meanwhile: false };
        self.steps.push(if to_mps > self.speed_mps { Step::Accelerate(change) } else { Step::Brake(change) });
        self.speed_mps = to_mps;
    }
}
