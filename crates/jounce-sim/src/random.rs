//! Ordinary drives at random, for statistics.

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    math::{KMH_PER_MPS, Noise},
    scenario::{Accelerometer, Gnss, Gyroscope, Magnetometer, Mount, Phone, Pose, Scenario, Start},
    script::{Curve, SpeedChange, Step, Surface, Turn},
};

/// Longest drive that can be asked for, s.
const LONGEST_S: f64 = 3.0 * 3600.0;
/// Streams of noise for the choices; the simulation's own streams are below.
const STREAM: u64 = 1000;
/// What is done to the phone leaves the drive as it is.
const HANDLING_STREAM: u64 = 1001;

/// What an ordinary drive is like.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomDrive {
    /// About this long, s.
    pub duration_s: f64,
    /// How the phone sits; none: at random, any way round.
    pub mount: Option<Mount>,
    /// Noise and bias of the inertial sensors, as a multiple of a phone's.
    pub noise_level: f64,
    /// Delay of the receiver, s; none: 0 to 1.5 s at random.
    pub gnss_delay_s: Option<f64>,
    /// Rate of accelerometer and gyroscope, Hz.
    pub rate_hz: f64,
    /// Satellite fixes are recorded.
    pub gnss: bool,
    /// Compass is recorded.
    pub mag: bool,
    /// Hardest braking and accelerating, m/s².
    pub hardest_mps2: f64,
    /// Largest lateral acceleration, m/s².
    pub largest_lateral_mps2: f64,
    /// What is done to the phone, time and again; none: nobody touches it.
    pub handling: Option<Handling>,
}

/// What somebody does to a phone in a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Turned by 90° in its holder, between portrait and landscape.
    Turned,
    /// Taken into the hand, used, and put back as it was, within a few degrees.
    Used,
    /// Held at the ear for a call, and put back likewise.
    Called,
    /// Taken out and put in any other way.
    Remounted,
}

impl Handling {
    /// All that can be done.
    pub const ALL: [Self; 4] = [Self::Turned, Self::Used, Self::Called, Self::Remounted];
}

impl Default for RandomDrive {
    /// Ten minutes below any threshold at 50 Hz.
    fn default() -> Self {
        Self {
            duration_s: 600.0,
            mount: None,
            noise_level: 1.0,
            gnss_delay_s: None,
            rate_hz: 50.0,
            gnss: true,
            mag: false,
            hardest_mps2: 2.4,
            largest_lateral_mps2: 2.4,
            handling: None,
        }
    }
}

/// An ordinary drive with turns and stops. The same seed and options give the same scenario.
///
/// Options beyond what [`Scenario::validate`] allows make a scenario that does not pass it.
pub fn random_drive(seed: u64, options: &RandomDrive) -> Scenario {
    let mut noise = Noise::new(seed, STREAM);
    let mount = options.mount.unwrap_or_else(|| random_mount(&mut noise));
    let delay_s = options.gnss_delay_s.unwrap_or_else(|| noise.between(0.0, 1.5));
    let mut accel = Accelerometer::at(options.rate_hz);
    accel.noise *= options.noise_level;
    accel.bias *= options.noise_level;
    let mut gyro = Gyroscope::at(options.rate_hz);
    gyro.noise *= options.noise_level;
    gyro.bias *= options.noise_level;
    Scenario {
        name: format!("random-{seed}"),
        description: "an ordinary drive at random".to_owned(),
        start: Start { course_deg: noise.between(0.0, 360.0), ..Start::default() },
        phone: Phone { mount, ..Phone::default() },
        accel: Some(accel),
        gyro: Some(gyro),
        mag: options.mag.then(Magnetometer::default),
        gnss: options.gnss.then(|| Gnss { delay_s, ..Gnss::default() }),
        step: Driving::new(options, noise, Hands::new(seed, options, mount)).steps(),
        ..Scenario::default()
    }
}

fn random_mount(noise: &mut Noise) -> Mount {
    let angle = |noise: &mut Noise| noise.between(-180.0, 180.0);
    Mount { pose: Pose::Flat, roll_deg: angle(noise), pitch_deg: noise.between(-80.0, 80.0), yaw_deg: angle(noise) }
}

/// Somebody who cannot leave the phone alone.
struct Hands {
    what: Handling,
    noise: Noise,
    /// How the phone sits.
    mount: Mount,
    /// When it is touched next, s.
    next_s: f64,
}

impl Hands {
    /// Driving before the phone is touched, at first and each time after it was put down, s: time to be aligned in.
    const LEFT_ALONE_S: (f64, f64) = (50.0, 80.0);

    fn new(seed: u64, options: &RandomDrive, mount: Mount) -> Option<Self> {
        let mut noise = Noise::new(seed, HANDLING_STREAM);
        let next_s = noise.between(Self::LEFT_ALONE_S.0, Self::LEFT_ALONE_S.1);
        Some(Self { what: options.handling?, noise, mount, next_s })
    }

    /// What is done to the phone at `t_s`, if it is time.
    fn act(&mut self, t_s: f64) -> Option<Step> {
        if t_s < self.next_s {
            return None;
        }
        let (step, for_s) = match self.what {
            Handling::Turned => {
                let over_s = self.noise.between(0.6, 1.5);
                let to = self.turned_by_a_quarter();
                (Step::PhoneTurn { to, over_s }, over_s)
            }
            Handling::Used => self.handle((5.0, 30.0), false),
            Handling::Called => self.handle((15.0, 60.0), true),
            Handling::Remounted => {
                let for_s = self.noise.between(3.0, 5.0);
                self.mount = random_mount(&mut self.noise);
                (Step::PhoneHandle { for_s, at_ear: false, to: self.mount }, for_s)
            }
        };
        self.next_s = t_s + for_s + self.noise.between(Self::LEFT_ALONE_S.0, Self::LEFT_ALONE_S.1);
        Some(step)
    }

    fn handle(&mut self, (least_s, most_s): (f64, f64), at_ear: bool) -> (Step, f64) {
        /// How exactly it is put back, degrees about each axis.
        const PUT_BACK_DEG: f64 = 3.0;
        let for_s = self.noise.between(least_s, most_s);
        let off = self.noise.normal3() * PUT_BACK_DEG.to_radians();
        self.mount = Mount::sitting(&(UnitQuaternion::from_scaled_axis(off) * self.mount.vehicle_from_device()));
        (Step::PhoneHandle { for_s, at_ear, to: self.mount }, for_s)
    }

    /// About the normal of the screen, one way or the other.
    fn turned_by_a_quarter(&mut self) -> Mount {
        let side = if self.noise.chance(0.5) { 1.0 } else { -1.0 };
        let quarter = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), side * core::f64::consts::FRAC_PI_2);
        self.mount = Mount::sitting(&(self.mount.vehicle_from_device() * quarter));
        self.mount
    }
}

struct Driving<'a> {
    options: &'a RandomDrive,
    noise: Noise,
    hands: Option<Hands>,
    speed_mps: f64,
    t_s: f64,
    steps: Vec<Step>,
}

impl<'a> Driving<'a> {
    fn new(options: &'a RandomDrive, noise: Noise, hands: Option<Hands>) -> Self {
        Self { options, noise, hands, speed_mps: 0.0, t_s: 0.0, steps: Vec::new() }
    }

    fn steps(mut self) -> Vec<Step> {
        /// Time for the last stop, s.
        const CLOSING_S: f64 = 15.0;
        self.cruise(4.0);
        let duration_s = self.options.duration_s.clamp(0.0, LONGEST_S);
        while self.t_s < duration_s - CLOSING_S {
            self.stretch();
        }
        self.speed_to(0.0);
        self.cruise(5.0);
        self.steps
    }

    /// A stretch between two junctions.
    fn stretch(&mut self) {
        const CITY_MPS: (f64, f64) = (8.0, 22.0);
        const STOPS: f64 = 0.35;
        let cruising = self.noise.between(CITY_MPS.0, CITY_MPS.1);
        if self.noise.chance(0.3) {
            let class = if self.noise.chance(0.5) { Surface::Worn } else { Surface::Asphalt };
            self.steps.push(Step::Surface { class });
        }
        if self.noise.chance(0.3) {
            let percent = self.noise.between(-6.0, 6.0);
            self.steps.push(Step::Grade { percent, over_m: 80.0 });
        }
        self.speed_to(cruising);
        let for_s = self.noise.between(3.0, 20.0);
        self.cruise(for_s);
        if self.noise.chance(STOPS) {
            self.speed_to(0.0);
            let for_s = self.noise.between(3.0, 20.0);
            self.cruise(for_s);
        } else {
            let turning = self.noise.between(5.0, 9.0);
            self.speed_to(turning);
            self.turn();
        }
    }

    /// The phone is handled while the vehicle does what comes next.
    fn touch(&mut self) {
        let t_s = self.t_s;
        self.steps.extend(self.hands.as_mut().and_then(|hands| hands.act(t_s)));
    }

    fn cruise(&mut self, for_s: f64) {
        self.touch();
        self.steps.push(Step::Cruise { for_s });
        self.t_s += for_s;
    }

    fn speed_to(&mut self, to_mps: f64) {
        const SOFTEST_MPS2: f64 = 0.9;
        self.touch();
        let hardest = self.options.hardest_mps2.max(SOFTEST_MPS2);
        let at_mps2 = self.noise.between(SOFTEST_MPS2, hardest);
        let edge_s = self.noise.between(0.4, 1.0);
        let change = SpeedChange { to_kmh: to_mps * KMH_PER_MPS, at_mps2, edge_s, meanwhile: false };
        self.t_s += libm::fabs(to_mps - self.speed_mps) / at_mps2 + edge_s;
        let speeds_up = to_mps > self.speed_mps;
        self.steps.push(if speeds_up { Step::Accelerate(change) } else { Step::Brake(change) });
        self.speed_mps = to_mps;
    }

    fn turn(&mut self) {
        const GENTLEST_MPS2: f64 = 1.0;
        self.touch();
        let lateral = self.noise.between(GENTLEST_MPS2, self.options.largest_lateral_mps2.max(GENTLEST_MPS2));
        let size = self.noise.between(35.0, 110.0);
        let angle_deg = if self.noise.chance(0.5) { size } else { -size };
        let edge_s = self.noise.between(0.6, 1.2);
        self.steps.push(Step::Turn(Turn { angle_deg, curve: Curve::LateralMps2(lateral), edge_s }));
        self.t_s += size.to_radians() * self.speed_mps / lateral + edge_s;
    }
}
