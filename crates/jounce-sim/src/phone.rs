//! Where the phone is within the vehicle, and what it feels there: mounted, in a hand, falling, lying.

use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    body::BodyMotion,
    math::{GRAVITY_MPS2, Noise, Resonator, blend, hump, resonator_drive},
    scenario::{Mount, Phone},
    script::{Carried, Step},
};

/// Taking a phone out of its holder, and putting it back, s.
const REACH_S: f64 = 1.1;
/// The hand holds the phone this far from its holder: backward, sideways, up, m.
const HAND_M: [f64; 3] = [-0.35, 0.05, 0.1];
/// An impact of a phone on a carpeted floor, s. Real drops of a phone show 17 to 24 g at 200 Hz.
const IMPACT_S: f64 = 0.018;
/// Part of the speed that the floor gives back.
const REBOUND: f64 = 0.15;
/// Tumbling while it falls, rad/s.
const TUMBLE_RADPS: f64 = 2.5;
/// The phone comes to lie this long after the impact, s.
const ROLL_OUT_S: f64 = 0.4;

/// What the phone feels, without any error of its sensors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhoneMotion {
    /// Vehicle from device, without the vehicle's own vibration.
    pub(crate) vehicle_from_device: UnitQuaternion<f64>,
    /// Specific force, device frame, m/s².
    pub(crate) specific_force_device: Vector3<f64>,
    /// Angular rate, device frame, rad/s.
    pub(crate) rate_device: Vector3<f64>,
    /// Somebody moves it, or it falls.
    pub(crate) state: PhoneState,
}

/// Who holds the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhoneState {
    /// It sits still in the vehicle.
    Settled,
    /// It is being turned in its holder.
    Turned,
    /// It is in a hand.
    InHand,
    /// It falls, or comes to rest after a fall.
    Falling,
}

/// Something that happens to the phone.
#[derive(Clone, Copy, Debug)]
enum Action {
    Turn { begin_s: f64, over_s: f64 },
    Handle { begin_s: f64, for_s: f64, held: UnitQuaternion<f64> },
    Drop { begin_s: f64, fall_s: f64, axis: Vector3<f64> },
    Carry { begin_s: f64, for_s: f64 },
}

/// The phone within the vehicle.
#[derive(Clone, Debug)]
pub(crate) struct PhonePose {
    spec: Phone,
    from: UnitQuaternion<f64>,
    to: UnitQuaternion<f64>,
    action: Option<Action>,
    /// Where [`Action::Carry`] takes it.
    course: Course,
    tremor: Tremor,
    holder: [Resonator; 3],
    holder_settled: bool,
    /// Orientation, place and speed within the vehicle one step ago.
    before: Option<(UnitQuaternion<f64>, Vector3<f64>, Vector3<f64>)>,
}

/// Small movements of a hand.
#[derive(Clone, Debug)]
struct Tremor {
    turn: [Resonator; 3],
    shift: [Resonator; 3],
    noise: Noise,
}

impl PhonePose {
    pub(crate) fn new(spec: &Phone, noise: Noise) -> Self {
        let mount = spec.mount.vehicle_from_device();
        Self {
            spec: spec.clone(),
            from: mount,
            to: mount,
            action: None,
            course: Course::default(),
            tremor: Tremor { turn: Default::default(), shift: Default::default(), noise },
            holder: Default::default(),
            holder_settled: false,
            before: None,
        }
    }

    /// Something is going on with the phone.
    pub(crate) const fn is_busy(&self) -> bool {
        self.action.is_some()
    }

    /// Begins a step, as far as it is about the phone.
    pub(crate) fn begin(&mut self, step: &Step, t_s: f64) {
        let settle = |this: &mut Self, to: &Mount, action| {
            this.from = this.to;
            this.to = to.vehicle_from_device();
            this.action = Some(action);
        };
        match step {
            Step::PhoneTurn { to, over_s } => settle(self, to, Action::Turn { begin_s: t_s, over_s: *over_s }),
            Step::PhoneHandle { for_s, at_ear, to } => {
                let held = if *at_ear { at_ear_pose() } else { before_face_pose() };
                settle(self, to, Action::Handle { begin_s: t_s, for_s: for_s.max(2.0 * REACH_S), held });
            }
            Step::PhoneDrop { height_m, to } => {
                let fall_s = libm::sqrt(2.0 * height_m / GRAVITY_MPS2);
                let axis = self.tremor.noise.normal3().try_normalize(1e-6).unwrap_or_else(Vector3::x);
                settle(self, to, Action::Drop { begin_s: t_s, fall_s, axis });
            }
            Step::PhoneCarried(carried) => {
                self.course = Course::new(carried, &self.to);
                let for_s = self.course.length_s();
                settle(self, &carried.to, Action::Carry { begin_s: t_s, for_s });
            }
            _ => {}
        }
    }

    pub(crate) fn advance(&mut self, t_s: f64, body: &BodyMotion, dt_s: f64) -> PhoneMotion {
        if self.action.is_some_and(|action| t_s >= action.end_s()) {
            self.action = None;
            self.from = self.to;
        }
        let arm = Vector3::from(self.spec.lever_arm_m);
        let (pose, shift, state) = self.place(t_s, dt_s);
        let (pose_before, shift_before, speed_before) = self.before.unwrap_or((pose, shift, Vector3::zeros()));
        let speed = (shift - shift_before) / dt_s;
        let turning = (pose_before.inverse() * pose).scaled_axis() / dt_s;
        self.before = Some((pose, shift, speed));

        let felt = body.specific_force_at(&(arm + shift));
        let felt = self.hold(felt, state, dt_s);
        let moved = (speed - speed_before) / dt_s + body.rate.cross(&speed) * 2.0;
        let mut force = pose.inverse() * (felt + moved);
        if let Some(Action::Drop { begin_s, fall_s, .. }) = self.action {
            let up_device = pose.inverse() * (body.earth_from_body.inverse() * Vector3::z());
            force = falling(force, &up_device, t_s - begin_s, fall_s);
        }
        if let Some(Action::Carry { begin_s, .. }) = self.action {
            let up = body.earth_from_body.inverse() * Vector3::z();
            let vehicle = pose.inverse() * (felt - up * GRAVITY_MPS2);
            force = self.course.force(t_s - begin_s, force, vehicle);
        }
        PhoneMotion {
            vehicle_from_device: pose,
            specific_force_device: force,
            rate_device: pose.inverse() * body.rate + turning,
            state,
        }
    }

    /// Orientation and displacement within the vehicle.
    fn place(&mut self, t_s: f64, dt_s: f64) -> (UnitQuaternion<f64>, Vector3<f64>, PhoneState) {
        let still = Vector3::zeros();
        match self.action {
            None => (self.to, still, PhoneState::Settled),
            Some(Action::Turn { begin_s, over_s }) => {
                (between(&self.from, &self.to, blend((t_s - begin_s) / over_s)), still, PhoneState::Turned)
            }
            Some(Action::Handle { begin_s, for_s, held }) => {
                let taken = blend((t_s - begin_s) / REACH_S);
                let back = blend((t_s - (begin_s + for_s - REACH_S)) / REACH_S);
                let pose = between(&between(&self.from, &held, taken), &self.to, back);
                let grip = taken * (1.0 - back);
                let (turn, shift) = self.tremor.step(dt_s);
                let pose = pose * UnitQuaternion::from_scaled_axis(turn * grip);
                (pose, (Vector3::from(HAND_M) + shift) * grip, PhoneState::InHand)
            }
            Some(Action::Drop { begin_s, fall_s, axis }) => {
                let since = t_s - begin_s;
                let angle = TUMBLE_RADPS * since.min(fall_s);
                let tumbled = self.from * UnitQuaternion::from_scaled_axis(axis * angle);
                (between(&tumbled, &self.to, blend((since - fall_s) / ROLL_OUT_S)), still, PhoneState::Falling)
            }
            Some(Action::Carry { begin_s, for_s }) => {
                let turned = || between(&self.from, &self.to, blend((t_s - begin_s) / for_s));
                (self.course.pose(t_s - begin_s).unwrap_or_else(turned), still, PhoneState::InHand)
            }
        }
    }

    /// A springy holder: the phone follows what its foot feels, and swings.
    fn hold(&mut self, felt: Vector3<f64>, state: PhoneState, dt_s: f64) -> Vector3<f64> {
        if self.spec.holder_hz <= 0.0 || state != PhoneState::Settled {
            self.holder_settled = false;
            return felt;
        }
        if !self.holder_settled {
            self.holder = <[f64; 3]>::from(felt).map(|value| Resonator { value, rate: 0.0 });
            self.holder_settled = true;
        }
        let (hz, damping) = (self.spec.holder_hz, self.spec.holder_damping);
        for (axis, value) in self.holder.iter_mut().zip(felt.iter()) {
            axis.step(*value, hz, damping, dt_s);
        }
        Vector3::from(self.holder.each_ref().map(|axis| axis.value))
    }
}

/// What a phone out of its holder feels, and how it turns.
#[derive(Clone, Debug, Default)]
struct Course {
    rate_hz: f64,
    force: Vec<[f64; 3]>,
    /// Vehicle from device; empty when its turning was not measured.
    poses: Vec<UnitQuaternion<f64>>,
    flies_from_s: f64,
}

impl Course {
    fn new(carried: &Carried, from: &UnitQuaternion<f64>) -> Self {
        let dt_s = 1.0 / carried.rate_hz;
        let turn = |pose: &mut UnitQuaternion<f64>, rate: &[f64; 3]| {
            let before = *pose;
            *pose *= UnitQuaternion::from_scaled_axis(Vector3::from(*rate) * dt_s);
            Some(before)
        };
        let poses = carried.rate_radps.iter().scan(*from, turn).collect();
        let flies_from_s = carried.flies_from_s.unwrap_or(f64::INFINITY);
        Self { rate_hz: carried.rate_hz, force: carried.force_mps2.clone(), poses, flies_from_s }
    }

    #[expect(clippy::cast_precision_loss, reason = "minutes at most")]
    fn length_s(&self) -> f64 {
        self.force.len() as f64 / self.rate_hz
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, saturates")]
    fn at(&self, since_s: f64) -> (usize, f64) {
        let at = (since_s * self.rate_hz).max(0.0);
        (at as usize, at - libm::floor(at))
    }

    fn pose(&self, since_s: f64) -> Option<UnitQuaternion<f64>> {
        let (index, part) = self.at(since_s);
        let last = self.poses.last()?;
        let pose = |index: usize| self.poses.get(index).unwrap_or(last);
        Some(between(pose(index), pose(index + 1), part))
    }

    /// Specific force, device frame: `held` at both ends, and what `vehicle` adds in between.
    fn force(&self, since_s: f64, held: Vector3<f64>, vehicle: Vector3<f64>) -> Vector3<f64> {
        /// Time to let go, and to grip again, s.
        const EDGE_S: f64 = 0.03;
        let (index, part) = self.at(since_s);
        let Some(last) = self.force.last() else { return held };
        let value = |index: usize| Vector3::from(*self.force.get(index).unwrap_or(last));
        let own = value(index) + (value(index + 1) - value(index)) * part;
        // What touches nothing does not feel the vehicle.
        let touch = (own.norm() / (0.5 * GRAVITY_MPS2)).min(1.0);
        let moved = if since_s >= self.flies_from_s { own } else { own + vehicle * touch };
        let out = blend(since_s / EDGE_S) * blend((self.length_s() - since_s) / EDGE_S);
        held + (moved - held) * out
    }
}

/// Weightless while it falls, then the impact, then lying. The first and the last blend over a few ms.
fn falling(resting: Vector3<f64>, up_device: &Vector3<f64>, since_s: f64, fall_s: f64) -> Vector3<f64> {
    const RELEASE_S: f64 = 0.02;
    let weight = (1.0 - blend(since_s / RELEASE_S)) + blend((since_s - fall_s) / IMPACT_S);
    let stop_mps = GRAVITY_MPS2 * fall_s * (1.0 + REBOUND);
    let peak = 2.0 * stop_mps / IMPACT_S;
    resting * weight + up_device * (peak * hump((since_s - fall_s) / IMPACT_S))
}

impl Action {
    fn end_s(&self) -> f64 {
        match *self {
            Self::Turn { begin_s, over_s } => begin_s + over_s,
            Self::Handle { begin_s, for_s, .. } | Self::Carry { begin_s, for_s } => begin_s + for_s,
            Self::Drop { begin_s, fall_s, .. } => begin_s + fall_s + ROLL_OUT_S.max(IMPACT_S),
        }
    }
}

impl Tremor {
    /// Slow wandering of the hand: rotation, rad, and displacement, m.
    fn step(&mut self, dt_s: f64) -> (Vector3<f64>, Vector3<f64>) {
        /// Hands wander at about 1 Hz by 0.12 rad and 1 cm, which makes 0.8 rad/s and 0.4 m/s².
        const HZ: f64 = 1.0;
        const DAMPING: f64 = 0.5;
        const TURN_RAD: f64 = 0.12;
        const SHIFT_M: f64 = 0.01;
        let drive = resonator_drive(HZ, DAMPING, dt_s);
        for axis in self.turn.iter_mut().chain(&mut self.shift) {
            axis.step(drive * self.noise.normal(), HZ, DAMPING, dt_s);
        }
        let value = |axes: &[Resonator; 3]| Vector3::from(axes.each_ref().map(|axis| axis.value));
        (value(&self.turn) * TURN_RAD, value(&self.shift) * SHIFT_M)
    }
}

/// On the way from `from` to `to`, always the short way round.
fn between(from: &UnitQuaternion<f64>, to: &UnitQuaternion<f64>, part: f64) -> UnitQuaternion<f64> {
    let turn = (from.inverse() * to).scaled_axis();
    from * UnitQuaternion::from_scaled_axis(turn * part)
}

/// Held low before the driver, screen up and to the rear.
fn before_face_pose() -> UnitQuaternion<f64> {
    let mount = Mount { pitch_deg: -35.0, yaw_deg: -20.0, ..Mount::default() };
    mount.vehicle_from_device()
}

/// At the left ear: top edge up and a little forward, screen to the right.
fn at_ear_pose() -> UnitQuaternion<f64> {
    let mount = Mount { pose: crate::scenario::Pose::Portrait, yaw_deg: 80.0, pitch_deg: 20.0, ..Mount::default() };
    mount.vehicle_from_device()
}
