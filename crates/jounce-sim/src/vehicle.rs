//! The one trajectory: speed, heading, slope and position, from which everything else follows.
//!
//! Earth frame: local east, north, up. Speed is horizontal. Acceleration is the difference of two velocities, so that
//! its integral is the change of velocity exactly.

use nalgebra::{Rotation3, Vector3};

use crate::{
    crash::Wreck,
    math::{KMH_PER_MPS, Noise, Resonator, blend, resonator_drive},
    scenario::Scenario,
    script::{Curve, SpeedChange, Step, Swerve, Turn},
};

/// Slower than this the vehicle stands, m/s.
pub(crate) const STANDING_MPS: f64 = 0.05;
/// Below this the unrest of the driver fades out, m/s.
const UNREST_FROM_MPS: f64 = 5.0;
/// Pace of steering and pedal unrest, Hz.
const UNREST_HZ: f64 = 0.25;

/// Where the vehicle is and how it moves, at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinematics {
    /// Since the start, s.
    pub(crate) t_s: f64,
    /// East, north, up of the start, m.
    pub(crate) position: Vector3<f64>,
    /// East, north, up, m/s.
    pub(crate) velocity: Vector3<f64>,
    /// East, north, up, m/s²; mean over the last step.
    pub(crate) accel: Vector3<f64>,
    /// Where the vehicle points, counter-clockwise from east, rad; not wrapped.
    pub(crate) heading_rad: f64,
    /// Its rate, rad/s.
    pub(crate) yaw_rate_radps: f64,
    /// Pitch about y by the road, rad; negative uphill.
    pub(crate) road_pitch_rad: f64,
    /// Roll about x by the road or by rolling over, rad.
    pub(crate) road_roll_rad: f64,
    /// Way driven, m.
    pub(crate) distance_m: f64,
    /// Vertical shaking of an impact, m/s².
    pub(crate) shock_up_mps2: f64,
    /// The engine runs.
    pub(crate) engine_on: bool,
}

impl Kinematics {
    /// Horizontal speed, m/s.
    pub(crate) fn speed_mps(&self) -> f64 {
        libm::hypot(self.velocity.x, self.velocity.y)
    }

    /// Acceleration forward, left, up: levelled, turned by the heading only, m/s².
    pub(crate) fn accel_vehicle(&self) -> Vector3<f64> {
        Rotation3::from_axis_angle(&Vector3::z_axis(), -self.heading_rad) * self.accel
    }
}

/// A change of speed under way.
#[derive(Clone, Copy, Debug)]
struct Ramp {
    start_s: f64,
    from_mps: f64,
    to_mps: f64,
    plateau_mps2: f64,
    edge_s: f64,
    hold_s: f64,
}

impl Ramp {
    fn new(start_s: f64, from_mps: f64, change: &SpeedChange) -> Self {
        let to_mps = change.to_kmh / KMH_PER_MPS;
        let delta = libm::fabs(to_mps - from_mps);
        let edge_s = change.edge_s;
        // Each edge gives half of what the plateau gives in its time.
        let plateau_mps2 = change.at_mps2.min(delta / edge_s);
        let hold_s = if plateau_mps2 > 0.0 { (delta / plateau_mps2 - edge_s).max(0.0) } else { 0.0 };
        Self { start_s, from_mps, to_mps, plateau_mps2, edge_s, hold_s }
    }

    fn end_s(&self) -> f64 {
        self.start_s + if self.plateau_mps2 > 0.0 { 2.0 * self.edge_s + self.hold_s } else { 0.0 }
    }

    fn speed_mps(&self, t_s: f64) -> f64 {
        if t_s >= self.end_s() {
            return self.to_mps;
        }
        // Integral of a raised-cosine edge over its first `x` of 1: x/2 − sin(πx)/(2π).
        let edge = |x: f64| {
            let x = x.clamp(0.0, 1.0);
            0.5 * (x - libm::sin(core::f64::consts::PI * x) / core::f64::consts::PI)
        };
        let t = t_s - self.start_s;
        let (e, h) = (self.edge_s, self.hold_s);
        let rise = edge(t / e) * e;
        let hold = (t - e).clamp(0.0, h);
        let fall = (0.5 - edge(1.0 - (t - e - h) / e)) * e;
        let gained = self.plateau_mps2 * (rise + hold + if t > e + h { fall } else { 0.0 });
        self.from_mps + libm::copysign(gained, self.to_mps - self.from_mps)
    }
}

/// Curvature along the way, 1/m, positive to the left.
#[derive(Clone, Copy, Debug)]
enum Bend {
    Turn { from_m: f64, curvature: f64, edge_m: f64, length_m: f64 },
    Doublet { from_m: f64, curvature: f64, length_m: f64 },
}

impl Bend {
    fn turn(from_m: f64, speed_mps: f64, turn: &Turn) -> Self {
        let angle = turn.angle_deg.to_radians();
        let tightest = match turn.curve {
            Curve::RadiusM(radius) => 1.0 / radius,
            Curve::LateralMps2(lateral) => lateral / (speed_mps * speed_mps),
        };
        let edge_m = turn.edge_s * speed_mps;
        let curvature = tightest.min(libm::fabs(angle) / edge_m);
        let length_m = if curvature > 0.0 { libm::fabs(angle) / curvature + edge_m } else { 0.0 };
        Self::Turn { from_m, curvature: libm::copysign(curvature, angle), edge_m, length_m }
    }

    fn doublet(from_m: f64, speed_mps: f64, swerve: &Swerve) -> Self {
        let curvature = swerve.lateral_mps2 / (speed_mps * speed_mps);
        Self::Doublet { from_m, curvature, length_m: swerve.over_s * speed_mps }
    }

    fn end_m(&self) -> f64 {
        match *self {
            Self::Turn { from_m, length_m, .. } | Self::Doublet { from_m, length_m, .. } => from_m + length_m,
        }
    }

    fn curvature(&self, at_m: f64) -> f64 {
        match *self {
            Self::Turn { from_m, curvature, edge_m, length_m } => {
                let s = at_m - from_m;
                // A bend by no angle has no length, and no curvature.
                curvature * blend(s / edge_m) * blend((length_m - s) / edge_m)
            }
            Self::Doublet { from_m, curvature, length_m } => {
                let part = ((at_m - from_m) / length_m).clamp(0.0, 1.0);
                curvature * libm::sin(core::f64::consts::TAU * part)
            }
        }
    }
}

/// A quantity that eases from one value to another along the way.
#[derive(Clone, Copy, Debug, Default)]
struct Ease {
    from: f64,
    to: f64,
    begin_m: f64,
    over_m: f64,
}

impl Ease {
    fn value(&self, at_m: f64) -> f64 {
        if self.over_m <= 0.0 {
            return self.to;
        }
        self.from + (self.to - self.from) * blend((at_m - self.begin_m) / self.over_m)
    }

    fn towards(&self, to: f64, at_m: f64, over_m: f64) -> Self {
        Self { from: self.value(at_m), to, begin_m: at_m, over_m }
    }
}

/// When the next step may begin.
#[derive(Clone, Copy, Debug)]
enum Until {
    Time(f64),
    Distance(f64),
    RampEnd,
    Rest,
}

/// Drives: turns steps into motion.
#[derive(Clone, Debug)]
pub(crate) struct Driver {
    now: Kinematics,
    until: Until,
    /// Way and speed as scripted, without unrest.
    scripted_mps: f64,
    ramp: Option<Ramp>,
    bends: Vec<Bend>,
    grade: Ease,
    bank: Ease,
    wreck: Option<Wreck>,
    unrest: Unrest,
}

/// Small movements of wheel and pedal that no driver can help.
#[derive(Clone, Debug)]
struct Unrest {
    sigma_mps2: f64,
    steering: Resonator,
    pedal: Resonator,
    noise: Noise,
}

impl Driver {
    pub(crate) fn new(scenario: &Scenario, noise: Noise) -> Self {
        let heading_rad = (90.0 - scenario.start.course_deg).to_radians();
        let speed = scenario.start.speed_kmh / KMH_PER_MPS;
        Self {
            now: Kinematics {
                t_s: 0.0,
                position: Vector3::new(0.0, 0.0, scenario.start.alt_m),
                velocity: Vector3::new(libm::cos(heading_rad), libm::sin(heading_rad), 0.0) * speed,
                accel: Vector3::zeros(),
                heading_rad,
                yaw_rate_radps: 0.0,
                road_pitch_rad: 0.0,
                road_roll_rad: 0.0,
                distance_m: 0.0,
                shock_up_mps2: 0.0,
                engine_on: true,
            },
            until: Until::Time(0.0),
            scripted_mps: speed,
            ramp: None,
            bends: Vec::new(),
            grade: Ease::default(),
            bank: Ease::default(),
            wreck: None,
            unrest: Unrest {
                sigma_mps2: scenario.vehicle.wander_mps2,
                steering: Resonator::default(),
                pedal: Resonator::default(),
                noise,
            },
        }
    }

    pub(crate) fn now(&self) -> &Kinematics {
        &self.now
    }

    /// Whether the step before is over, so that `next` may begin.
    pub(crate) fn is_ready_for(&self, next: &Step) -> bool {
        if self.ramp.is_some() && matches!(next, Step::Accelerate(_) | Step::Brake(_)) {
            return false;
        }
        self.is_done()
    }

    /// Whether the last step is over.
    pub(crate) fn is_done(&self) -> bool {
        match self.until {
            Until::Time(t_s) => self.now.t_s >= t_s,
            Until::Distance(m) => self.now.distance_m >= m || (self.ramp.is_none() && self.scripted_mps < STANDING_MPS),
            Until::RampEnd => self.ramp.is_none(),
            Until::Rest => self.wreck.as_ref().is_none_or(Wreck::is_over),
        }
    }

    /// Begins a step, as far as it is about the vehicle's motion.
    pub(crate) fn begin(&mut self, step: &Step) {
        let (t_s, at_m) = (self.now.t_s, self.now.distance_m);
        self.now.engine_on = match step {
            Step::Park { .. } => false,
            Step::Accelerate(_) => true,
            _ => self.now.engine_on,
        };
        match step {
            Step::Park { for_s } | Step::Cruise { for_s } => self.until = Until::Time(t_s + for_s),
            Step::Accelerate(change) | Step::Brake(change) => {
                self.ramp = Some(Ramp::new(t_s, self.scripted_mps, change));
                self.until = if change.meanwhile { Until::Time(t_s) } else { Until::RampEnd };
            }
            Step::Turn(turn) => self.bend(&[Bend::turn(at_m, self.bend_speed_mps(), turn)]),
            Step::Swerve(swerve) => self.bend(&[Bend::doublet(at_m, self.bend_speed_mps(), swerve)]),
            Step::Roundabout { radius_m, angle_deg } => self.roundabout(*radius_m, *angle_deg),
            Step::Grade { percent, over_m } => self.grade = self.grade.towards(percent / 100.0, at_m, *over_m),
            Step::Bank { deg, over_m } => self.bank = self.bank.towards(deg.to_radians(), at_m, *over_m),
            Step::Crash(crash) => {
                self.wreck = Some(Wreck::new(crash, &self.now));
                self.until = Until::Rest;
            }
            Step::CrashMeasured(measured) => {
                self.wreck = Some(Wreck::measured(measured, &self.now));
                self.until = Until::Rest;
            }
            _ => {}
        }
    }

    /// Speed for which a bend is laid out, m/s: never so slow that its edges vanish.
    fn bend_speed_mps(&self) -> f64 {
        self.scripted_mps.max(1.0)
    }

    fn bend(&mut self, bends: &[Bend]) {
        self.bends = bends.to_vec();
        let end_m = bends.last().map_or(self.now.distance_m, Bend::end_m);
        self.until = Until::Distance(end_m);
    }

    /// Right-hand traffic: a bend to the right, around to the left, and out to the right again.
    fn roundabout(&mut self, radius_m: f64, angle_deg: f64) {
        /// Deflection at the entry and at the exit, degrees.
        const DEFLECTION_DEG: f64 = 40.0;
        let mut from_m = self.now.distance_m;
        let mut bends = Vec::new();
        for angle_deg in [-DEFLECTION_DEG, angle_deg + 2.0 * DEFLECTION_DEG, -DEFLECTION_DEG] {
            let turn = Turn { angle_deg, curve: Curve::RadiusM(radius_m), edge_s: 0.8 };
            let bend = Bend::turn(from_m, self.bend_speed_mps(), &turn);
            from_m = bend.end_m();
            bends.push(bend);
        }
        self.bend(&bends);
    }

    /// Moves on by `dt_s`.
    pub(crate) fn advance(&mut self, dt_s: f64) {
        let t_s = self.now.t_s + dt_s;
        let before = self.now.velocity;
        if let Some(wreck) = &mut self.wreck {
            wreck.advance(&mut self.now, t_s, dt_s);
            self.scripted_mps = self.now.speed_mps();
            if wreck.is_over() {
                self.scripted_mps = 0.0;
                self.bank = Ease { to: self.now.road_roll_rad, ..Ease::default() };
                self.wreck = None;
                self.ramp = None;
                self.bends.clear();
            }
        } else {
            self.drive(t_s, dt_s);
        }
        let now = &mut self.now;
        now.accel = (now.velocity - before) / dt_s;
        now.position += (now.velocity + before) * (0.5 * dt_s);
        now.distance_m += 0.5 * (libm::hypot(before.x, before.y) + now.speed_mps()) * dt_s;
        now.t_s = t_s;
    }

    fn drive(&mut self, t_s: f64, dt_s: f64) {
        if let Some(ramp) = self.ramp {
            self.scripted_mps = ramp.speed_mps(t_s);
            if t_s >= ramp.end_s() {
                self.ramp = None;
            }
        }
        let (push_mps, unrest_curvature) = self.unrest.step(self.scripted_mps, dt_s);
        let speed = (self.scripted_mps + push_mps).max(0.0);
        let now = &mut self.now;
        let at_m = now.distance_m + 0.5 * (now.speed_mps() + speed) * dt_s;
        let bend = self.bends.iter().find(|bend| at_m <= bend.end_m());
        let curvature = bend.map_or(0.0, |bend| bend.curvature(at_m)) + unrest_curvature;
        now.yaw_rate_radps = curvature * 0.5 * (now.speed_mps() + speed);
        now.heading_rad += now.yaw_rate_radps * dt_s;
        let slope = self.grade.value(at_m);
        now.road_pitch_rad = -libm::atan(slope);
        now.road_roll_rad = self.bank.value(at_m);
        let (sin, cos) = libm::sincos(now.heading_rad);
        now.velocity = Vector3::new(cos, sin, slope) * speed;
    }
}

impl Unrest {
    /// What it adds to the speed, m/s, and to the curvature, 1/m.
    fn step(&mut self, speed_mps: f64, dt_s: f64) -> (f64, f64) {
        const DAMPING: f64 = 0.7;
        if self.sigma_mps2 <= 0.0 || speed_mps < STANDING_MPS {
            return (0.0, 0.0);
        }
        let drive = resonator_drive(UNREST_HZ, DAMPING, dt_s);
        let fade = blend(speed_mps / UNREST_FROM_MPS);
        self.steering.step(drive * self.noise.normal(), UNREST_HZ, DAMPING, dt_s);
        self.pedal.step(drive * self.noise.normal(), UNREST_HZ, DAMPING, dt_s);
        // The speed swings with an acceleration of the wanted size: its rate has ω times its own deviation.
        let speed_sigma = self.sigma_mps2 / (core::f64::consts::TAU * UNREST_HZ);
        let lateral = self.sigma_mps2 * self.steering.value;
        let slowest = speed_mps.max(UNREST_FROM_MPS);
        (fade * speed_sigma * self.pedal.value, fade * lateral / (slowest * slowest))
    }
}
