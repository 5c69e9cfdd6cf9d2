//! Ordinary drives at random, for statistics.

use crate::{
    math::{KMH_PER_MPS, Noise},
    scenario::{Accelerometer, Gnss, Gyroscope, Magnetometer, Mount, Phone, Pose, Scenario, Start},
    script::{Curve, SpeedChange, Step, Surface, Turn},
};

/// Longest drive that can be asked for, s.
const LONGEST_S: f64 = 3.0 * 3600.0;
/// Stream of noise for the choices; the simulation's own streams are below.
const STREAM: u64 = 1000;

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
        step: Driving::new(options, noise).steps(),
        ..Scenario::default()
    }
}

fn random_mount(noise: &mut Noise) -> Mount {
    let angle = |noise: &mut Noise| noise.between(-180.0, 180.0);
    Mount { pose: Pose::Flat, roll_deg: angle(noise), pitch_deg: noise.between(-80.0, 80.0), yaw_deg: angle(noise) }
}

struct Driving<'a> {
    options: &'a RandomDrive,
    noise: Noise,
    speed_mps: f64,
    t_s: f64,
    steps: Vec<Step>,
}

impl<'a> Driving<'a> {
    fn new(options: &'a RandomDrive, noise: Noise) -> Self {
        Self { options, noise, speed_mps: 0.0, t_s: 0.0, steps: Vec::new() }
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

    fn cruise(&mut self, for_s: f64) {
        self.steps.push(Step::Cruise { for_s });
        self.t_s += for_s;
    }

    fn speed_to(&mut self, to_mps: f64) {
        const SOFTEST_MPS2: f64 = 0.9;
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
        let lateral = self.noise.between(GENTLEST_MPS2, self.options.largest_lateral_mps2.max(GENTLEST_MPS2));
        let size = self.noise.between(35.0, 110.0);
        let angle_deg = if self.noise.chance(0.5) { size } else { -size };
        let edge_s = self.noise.between(0.6, 1.2);
        self.steps.push(Step::Turn(Turn { angle_deg, curve: Curve::LateralMps2(lateral), edge_s }));
        self.t_s += size.to_radians() * self.speed_mps / lateral + edge_s;
    }
}
