//! On the way without a car, or as slowly as that: walking, running, cycling, in a bus or a train, sitting, with a phone in a
//! pocket, a bag or on a table, and a car that is never faster than a bicycle.

use core::f64::consts::{PI, TAU};

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    math::{GRAVITY_MPS2, KMH_PER_MPS, Noise, blend},
    random::{RandomDrive, random_drive},
    scenario::{Gnss, Mount, Phone, Scenario, Start, Vehicle},
    script::{Carried, Curve, Obstacle, Side, SpeedChange, Step, Surface, Turn},
};

/// Stream of noise; the simulation's own are below.
const STREAM: u64 = 1020;
/// Rate of what a body does, Hz: its fastest part is a heel's strike.
const RATE_HZ: f64 = 200.0;

/// How somebody is on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On foot, with stops at kerbs: 4 to 6 km/h, 1.6 to 2.1 steps a second.
    Walking,
    /// 9 to 13 km/h, 2.5 to 3 steps a second.
    Running,
    /// By bicycle: 13 to 28 km/h, pedalling at 55 to 95 a minute, coasting, stopping at lights.
    Cycling,
    /// By bus in a town: a stop every 100 to 600 m, soft enough to stand, bends as tight as streets'.
    Bus,
    /// By rail: up to 160 km/h, soft and long accelerations, wide curves, the phone in a pocket or in use.
    Train,
    /// At a table, indoors: the phone is taken up now and then, and its fixes are poor.
    Sitting,
    /// By car, where nobody is faster than 28 km/h: zones with speed bumps, farm tracks, car parks and jams, on anything from
    /// new asphalt to gravel.
    SlowCar,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Walking, Self::Running, Self::Cycling, Self::Bus, Self::Train, Self::Sitting, Self::SlowCar];

    /// A road vehicle: what is recorded is a drive.
    pub const fn is_driven(self) -> bool {
        matches!(self, Self::Bus | Self::SlowCar)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Walking => "walking",
            Self::Running => "running",
            Self::Cycling => "cycling",
            Self::Bus => "bus",
            Self::Train => "train",
            Self::Sitting => "sitting",
            Self::SlowCar => "slow-car",
        }
    }
}

/// Somebody on the way for about so long, s. The same seed gives the same scenario.
///
/// Amplitudes are those of phones in trouser pockets and bags: 2 to 4 m/s² at the steps (Susi et al. 2013), a thigh that
/// swings by 20° on foot and 25° on a bicycle. One cyclist in three has it on the handlebar, which shakes by several m/s² (J.
/// Parkin, E. Sainte Cluque, *The impact of vibration on comfort and bodily stress while cycling*, UTSG 2014).
pub fn on_the_way(way: Way, for_s: f64, seed: u64) -> Scenario {
    let mut noise = Noise::new(seed, STREAM);
    // Sensors, mount and course as on any other recording.
    let other = random_drive(seed, &RandomDrive { duration_s: 60.0, ..RandomDrive::default() });
    let mount = other.phone.mount;
    let steps = match way {
        Way::Walking => moving(&mut noise, for_s, mount, &Gait::walking),
        Way::Running => moving(&mut noise, for_s, mount, &Gait::running),
        Way::Bus => by_bus(&mut noise, for_s, mount),
        Way::Train => by_rail(&mut noise, for_s, mount),
        Way::Cycling => moving(&mut noise, for_s, mount, &Gait::cycling),
        Way::Sitting => sitting(&mut noise, for_s, mount),
        Way::SlowCar => slowly(&mut noise, for_s, mount),
    };
    let gnss = other.gnss.map(|gnss| match way {
        Way::Sitting => Gnss { position_sigma_m: 15.0, speed_sigma_mps: 0.4, spike: 0.003, coarse: 0.02, ..gnss },
        Way::Walking | Way::Running | Way::Cycling | Way::Bus | Way::Train | Way::SlowCar => {
            Gnss { position_sigma_m: 5.0, speed_sigma_mps: 0.3, ..gnss }
        }
    });
    Scenario {
        name: format!("{}-{seed}", way.name()),
        description: "on the way without a car".to_owned(),
        start: Start { course_deg: noise.between(0.0, 360.0), ..Start::default() },
        vehicle: match way {
            // Rails are smoother than roads, and a carriage hardly leans.
            Way::Train => Vehicle { road_scale: 0.2, vibration_scale: 0.3, wander_mps2: 0.02, ..Vehicle::rigid() },
            Way::Bus | Way::SlowCar => other.vehicle,
            _ => Vehicle::rigid(),
        },
        phone: Phone { lever_arm_m: [0.0; 3], ..other.phone },
        gnss,
        step: steps,
        ..other
    }
}

/// How a body moves a phone, while it moves.
struct Gait {
    speed_mps: (f64, f64),
    accel_mps2: (f64, f64),
    /// Steps, or half turns of the pedals, a second.
    hz: f64,
    /// Up, forward and to the side at a step, m/s².
    bounce_mps2: [f64; 3],
    /// The thigh's swing, and the body's sway, rad.
    swing_rad: f64,
    sway_rad: f64,
    /// Road under the wheels, m/s².
    shake_mps2: f64,
}

impl Gait {
    fn walking(noise: &mut Noise) -> Self {
        Self {
            speed_mps: (1.1, 1.7),
            accel_mps2: (0.5, 1.0),
            hz: noise.between(1.6, 2.1),
            bounce_mps2: [noise.between(2.0, 4.0), noise.between(0.8, 1.6), noise.between(0.4, 1.0)],
            swing_rad: noise.between(0.02, 0.35),
            sway_rad: noise.between(0.03, 0.1),
            shake_mps2: 0.5,
        }
    }

    fn running(noise: &mut Noise) -> Self {
        Self {
            speed_mps: (2.5, 3.6),
            accel_mps2: (0.8, 1.5),
            hz: noise.between(2.5, 3.0),
            bounce_mps2: [noise.between(7.0, 12.0), noise.between(2.0, 4.0), noise.between(1.0, 2.5)],
            swing_rad: noise.between(0.02, 0.4),
            sway_rad: noise.between(0.05, 0.15),
            shake_mps2: 1.0,
        }
    }

    fn cycling(noise: &mut Noise) -> Self {
        let on_body = Self {
            speed_mps: (13.0 / KMH_PER_MPS, 28.0 / KMH_PER_MPS),
            accel_mps2: (0.4, 1.2),
            hz: noise.between(1.8, 3.2),
            bounce_mps2: [noise.between(0.3, 0.8), noise.between(0.2, 0.5), noise.between(0.3, 0.8)],
            swing_rad: noise.between(0.0, 0.42),
            sway_rad: noise.between(0.03, 0.09),
            shake_mps2: noise.between(0.8, 2.5),
        };
        if noise.chance(0.67) {
            return on_body;
        }
        // On the handlebar only the bicycle itself sways, and nothing damps the road.
        Self {
            bounce_mps2: on_body.bounce_mps2.map(|bounce| 0.3 * bounce),
            swing_rad: 0.0,
            sway_rad: noise.between(0.005, 0.025),
            shake_mps2: noise.between(1.5, 5.0),
            ..on_body
        }
    }

    /// `for_s` of it.
    fn carry(&self, noise: &mut Noise, from: &Mount, for_s: f64) -> Carried {
        let base = from.vehicle_from_device();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, positive")]
        let count = (for_s * RATE_HZ) as u32;
        let (mut phase, mut shake) = (0.0, Vector3::zeros());
        let mut pose = base;
        let (mut force_mps2, mut rate_radps) = (Vec::new(), Vec::new());
        for step in 0..count {
            let t_s = f64::from(step) / RATE_HZ;
            let moves = blend(t_s) * blend(for_s - t_s);
            // A tempo that wanders, and every step a little different.
            phase += TAU * self.hz / RATE_HZ * (1.0 + 0.05 * noise.normal());
            shake = shake * 0.7 + noise.normal3() * (self.shake_mps2 * 0.7);
            let [up, forward, aside] = self.bounce_mps2;
            let accel = moves
                * Vector3::new(
                    forward * libm::sin(phase + 0.6),
                    aside * libm::sin(0.5 * phase),
                    up * (libm::sin(phase) + 0.35 * libm::sin(2.0 * phase + 0.9)),
                );
            let turned = moves
                * Vector3::new(
                    self.sway_rad * libm::sin(0.5 * phase),
                    self.swing_rad * libm::sin(0.5 * phase + PI / 3.0),
                    self.sway_rad * libm::sin(0.5 * phase + 1.0),
                );
            force_mps2.push((pose.inverse() * (accel + shake * moves + Vector3::z() * GRAVITY_MPS2)).into());
            let next = UnitQuaternion::from_scaled_axis(turned) * base;
            rate_radps.push(((pose.inverse() * next).scaled_axis() * RATE_HZ).into());
            pose = next;
        }
        Carried { rate_hz: RATE_HZ, force_mps2, rate_radps, flies_from_s: None, to: Mount::sitting(&pose) }
    }
}

/// Stretches on the way, each carried as one, with stops between them.
fn moving(noise: &mut Noise, for_s: f64, mount: Mount, gait: &dyn Fn(&mut Noise) -> Gait) -> Vec<Step> {
    let gait = gait(noise);
    let mut mount = mount;
    let mut steps = vec![Step::Cruise { for_s: noise.between(5.0, 30.0) }];
    let mut t_s = 0.0;
    while t_s < for_s {
        let stretch_s = noise.between(40.0, 240.0);
        let speed = noise.between(gait.speed_mps.0, gait.speed_mps.1);
        let at_mps2 = noise.between(gait.accel_mps2.0, gait.accel_mps2.1);
        let change = |to_mps: f64| SpeedChange { to_kmh: to_mps * KMH_PER_MPS, at_mps2, edge_s: 0.5, meanwhile: false };
        let carried = gait.carry(noise, &mount, stretch_s);
        mount = carried.to;
        steps.push(Step::PhoneCarried(carried));
        steps.push(Step::Accelerate(change(speed)));
        steps.push(Step::Cruise { for_s: 0.5 * stretch_s });
        let angle_deg = noise.between(-100.0, 100.0);
        steps.push(Step::Turn(Turn { angle_deg, curve: Curve::LateralMps2(0.8), edge_s: 0.5 }));
        // Until the phone is put to rest as well.
        let arriving_s = (0.5 * stretch_s - 2.0 * speed / at_mps2 - 10.0).max(1.0);
        steps.push(Step::Cruise { for_s: arriving_s });
        steps.push(Step::Brake(change(0.0)));
        let stop_s = noise.between(5.0, 40.0);
        steps.push(Step::Cruise { for_s: stop_s });
        t_s += stretch_s + stop_s;
    }
    steps
}

/// Service braking and starting of 0.7 to 1.3 m/s², since passengers stand.
fn by_bus(noise: &mut Noise, for_s: f64, mount: Mount) -> Vec<Step> {
    /// At a corner, m/s.
    const CORNER_MPS: f64 = 5.0;
    let mut steps = Vec::new();
    let mut t_s = 0.0;
    while t_s < for_s {
        let (speed, at_mps2) = (noise.between(8.5, 14.0), noise.between(0.7, 1.3));
        let change = |to_mps: f64| SpeedChange { to_kmh: to_mps * KMH_PER_MPS, at_mps2, edge_s: 1.0, meanwhile: false };
        let (stop_s, used_s, on_s) = (noise.between(10.0, 35.0), noise.between(5.0, 40.0), noise.between(5.0, 30.0));
        steps.push(Step::Cruise { for_s: stop_s });
        if noise.chance(0.2) {
            steps.push(Step::PhoneHandle { for_s: used_s, at_ear: false, to: mount });
        }
        steps.push(Step::Accelerate(change(speed)));
        steps.push(Step::Cruise { for_s: on_s });
        if noise.chance(0.4) {
            let angle_deg = if noise.chance(0.5) { 90.0 } else { -90.0 };
            let curve = Curve::LateralMps2(noise.between(0.8, 1.5));
            steps.push(Step::Brake(change(CORNER_MPS)));
            steps.push(Step::Turn(Turn { angle_deg, curve, edge_s: 1.0 }));
            steps.push(Step::Accelerate(change(speed)));
            steps.push(Step::Cruise { for_s: on_s });
        }
        steps.push(Step::Brake(change(0.0)));
        t_s += stop_s + on_s + 2.0 * speed / at_mps2;
    }
    steps.push(Step::Cruise { for_s: 10.0 });
    steps
}

/// One road surface all the way; halts and bumps anything from never to often, as on a track, in a zone or in a jam.
fn slowly(noise: &mut Noise, for_s: f64, mount: Mount) -> Vec<Step> {
    /// At a corner, km/h.
    const CORNER_KMH: f64 = 9.0;
    let class = match noise.uniform() {
        x if x < 0.25 => Surface::Smooth,
        x if x < 0.5 => Surface::Asphalt,
        x if x < 0.75 => Surface::Worn,
        _ => Surface::Gravel,
    };
    let (halts, bumps, longest_s) = (noise.uniform(), noise.between(0.0, 0.6), noise.between(15.0, 90.0));
    let mut steps = vec![Step::Surface { class }];
    let mut t_s = 0.0;
    while t_s < for_s {
        let (speed_kmh, at_mps2) = (noise.between(12.0, 28.0), noise.between(0.6, 2.0));
        let change = |to_kmh: f64| SpeedChange { to_kmh, at_mps2, edge_s: 0.8, meanwhile: false };
        let (on_s, stop_s) = (noise.between(5.0, longest_s), noise.between(3.0, 40.0));
        if noise.chance(0.1) {
            steps.push(Step::PhoneHandle { for_s: noise.between(5.0, 40.0), at_ear: false, to: mount });
        }
        steps.push(Step::Accelerate(change(speed_kmh)));
        if noise.chance(bumps) {
            let length_m = noise.between(0.5, 3.5);
            steps.push(Step::Obstacle(Obstacle { height_m: 0.07, length_m, side: Side::Both }));
        }
        steps.push(Step::Cruise { for_s: on_s });
        steps.push(Step::Brake(change(CORNER_KMH)));
        let curve = Curve::LateralMps2(noise.between(0.8, 2.0));
        steps.push(Step::Turn(Turn { angle_deg: noise.between(-100.0, 100.0), curve, edge_s: 0.8 }));
        t_s += on_s;
        if noise.chance(halts) {
            steps.push(Step::Brake(change(0.0)));
            steps.push(Step::Cruise { for_s: stop_s });
            t_s += stop_s;
        }
    }
    steps.push(Step::Brake(SpeedChange { to_kmh: 0.0, at_mps2: 1.0, edge_s: 0.8, meanwhile: false }));
    steps.push(Step::Cruise { for_s: 10.0 });
    steps
}

fn by_rail(noise: &mut Noise, for_s: f64, mount: Mount) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut t_s = 0.0;
    while t_s < for_s {
        let (speed, rises) = (noise.between(18.0, 44.0), noise.between(0.4, 1.0));
        let change = |to_mps: f64, at_mps2: f64| SpeedChange {
            to_kmh: to_mps * KMH_PER_MPS,
            at_mps2,
            edge_s: 3.0,
            meanwhile: false,
        };
        let (stop_s, used_s, on_s) = (noise.between(20.0, 60.0), noise.between(5.0, 60.0), noise.between(40.0, 180.0));
        steps.push(Step::Cruise { for_s: stop_s });
        steps.push(Step::Accelerate(change(speed, rises)));
        if noise.chance(0.5) {
            steps.push(Step::PhoneHandle { for_s: used_s, at_ear: false, to: mount });
        }
        steps.push(Step::Cruise { for_s: on_s });
        let curve = Curve::RadiusM(noise.between(900.0, 3000.0));
        steps.push(Step::Turn(Turn { angle_deg: noise.between(-25.0, 25.0), curve, edge_s: 4.0 }));
        steps.push(Step::Cruise { for_s: used_s });
        steps.push(Step::Brake(change(0.0, noise.between(0.5, 1.0))));
        t_s += stop_s + on_s + used_s + 2.0 * speed / rises;
    }
    steps
}

fn sitting(noise: &mut Noise, for_s: f64, mount: Mount) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut t_s = 0.0;
    while t_s < for_s {
        let still_s = noise.between(60.0, 400.0);
        steps.push(Step::Park { for_s: still_s });
        let held_s = noise.between(5.0, 60.0);
        steps.push(Step::PhoneHandle { for_s: held_s, at_ear: noise.chance(0.2), to: mount });
        steps.push(Step::Park { for_s: held_s + 2.0 });
        t_s += still_s + held_s;
    }
    steps
}
