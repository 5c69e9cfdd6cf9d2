//! A phone in a vehicle, and an engine's way of feeding the detector.

use std::vec::Vec;

use nalgebra::{UnitQuaternion, Vector3};

use super::super::{Crash, STANDARD_GRAVITY_MPS2};
use crate::{
    config::CrashConfig,
    detect::{Decision, Detector, Fix, Observation, Outbox},
    event::{Dismissal, Event, EventKind, Phase},
    motion::Motion,
    sample::{GnssFix, Sample, Triad},
    time::Timestamp,
};

/// How far the ordered lane and the fused motion are behind the newest sample, s.
const ORDERED_LAG_S: f64 = 4.0;
const FUSED_LAG_S: f64 = 5.0;

pub(super) use crate::testing::{Noise, at};

/// Area of a haversine of unit duration and unit Δv at `x` of its length: its height.
pub(super) fn haversine(x: f64) -> f64 {
    if (0.0..1.0).contains(&x) { 1.0 - libm::cos(2.0 * core::f64::consts::PI * x) } else { 0.0 }
}

/// What happens to a phone.
pub(super) struct Drive<'a> {
    pub(super) rate_hz: f64,
    pub(super) range_g: f64,
    pub(super) device_from_vehicle: UnitQuaternion<f64>,
    pub(super) length_s: f64,
    /// True speed, m/s.
    pub(super) speed: &'a dyn Fn(f64) -> f64,
    /// Acceleration of the phone without gravity, vehicle frame, m/s²; `None` in free fall.
    pub(super) accel: &'a dyn Fn(f64) -> Option<Vector3<f64>>,
    /// Rotation of the phone, device frame, rad/s.
    pub(super) turn: &'a dyn Fn(f64) -> Vector3<f64>,
    /// Fixes until then, s, once a second at this offset.
    pub(super) gnss_until_s: f64,
    pub(super) gnss_offset_s: f64,
}

pub(super) fn no_turn(_: f64) -> Vector3<f64> {
    Vector3::zeros()
}

pub(super) const G: f64 = STANDARD_GRAVITY_MPS2;

impl Drive<'_> {
    /// Everything the phone's sensors report, by time.
    pub(super) fn samples(&self) -> Vec<Sample> {
        let mut noise = Noise(11);
        let mut samples = Vec::new();
        for step in 0_u32.. {
            let t_s = f64::from(step) / self.rate_hz;
            if t_s >= self.length_s {
                break;
            }
            // Engine and road shake a moving car; a standing one is quiet.
            let shake = if (self.speed)(t_s) > 0.5 { 0.25 } else { 0.03 };
            let rough = Vector3::new(noise.bell(), noise.bell(), noise.bell()) * shake;
            let force = (self.accel)(t_s).map_or_else(Vector3::zeros, |accel| accel + Vector3::new(0.0, 0.0, G));
            let end = self.range_g * G;
            let device = (self.device_from_vehicle * (force + rough)).map(|v| v.clamp(-end, end));
            samples.push(Sample::Accel(triad(at(t_s), device)));
            samples.push(Sample::Gyro(triad(at(t_s + 0.001), (self.turn)(t_s) + rough * 0.02)));
        }
        let mut t_s = self.gnss_offset_s;
        while t_s < self.gnss_until_s.min(self.length_s) {
            samples.push(Sample::Gnss(fix_at(t_s, (self.speed)(t_s))));
            t_s += 1.0;
        }
        samples.sort_by_key(Sample::t);
        samples
    }
}

fn triad(t: Timestamp, v: Vector3<f64>) -> Triad {
    Triad { t, x: v.x, y: v.y, z: v.z }
}

pub(super) fn fix_at(t_s: f64, speed_mps: f64) -> GnssFix {
    GnssFix { t: at(t_s), speed_mps: Some(speed_mps), sacc_mps: Some(0.3), ..GnssFix::default() }
}

/// An event, and the newest sample's time when it came.
pub(super) type Said = (Timestamp, Event);

/// What came out.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) events: Vec<Said>,
    pub(super) dismissals: Vec<Dismissal>,
}

impl Outcome {
    pub(super) fn crashes(&self, phase: Phase) -> Vec<&Said> {
        self.of(EventKind::Crash).filter(|(_, event)| event.phase == phase).collect()
    }

    pub(super) fn of(&self, kind: EventKind) -> impl Iterator<Item = &Said> {
        self.events.iter().filter(move |(_, event)| event.kind() == kind)
    }

    /// Whether the one crash was suspected, then confirmed, under one id, and nothing else came.
    pub(super) fn one_crash(&self) -> Option<(&Said, &Said)> {
        match self.events.iter().filter(|(_, event)| event.kind() == EventKind::Crash).collect::<Vec<_>>()[..] {
            [suspected, confirmed]
                if suspected.1.phase == Phase::Suspected
                    && confirmed.1.phase == Phase::Confirmed
                    && suspected.1.id == confirmed.1.id =>
            {
                Some((suspected, confirmed))
            }
            _ => None,
        }
    }
}

enum Fused {
    Motion(Motion),
    Fix(Fix),
}

impl Fused {
    fn t(&self) -> Timestamp {
        match self {
            Self::Motion(motion) => motion.t,
            Self::Fix(fix) => fix.t,
        }
    }
}

/// Motion on a 10 Hz grid, its speed a straight line between the fixes: a fix after an impact draws it down before.
fn fused(sorted: &[Sample], vehicle_from_device: Option<UnitQuaternion<f64>>) -> Vec<Fused> {
    let fixes: Vec<(Timestamp, f64)> = sorted
        .iter()
        .filter_map(|sample| match sample {
            Sample::Gnss(fix) => Some((fix.t, fix.speed_mps?)),
            _ => None,
        })
        .collect();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let mut all: Vec<Fused> = fixes.iter().map(|&(t, speed_mps)| Fused::Fix(fix_of(t, speed_mps))).collect();
    let mut t = first.t();
    while t <= last.t() {
        let after = fixes.partition_point(|&(fix_t, _)| fix_t <= t);
        let before = after.checked_sub(1).and_then(|index| fixes.get(index));
        let speed_mps = match (before, fixes.get(after)) {
            (Some(&(t0, v0)), Some(&(t1, v1))) => Some(v0 + (v1 - v0) * t.s_since(t0) / t1.s_since(t0)),
            (Some(&(_, v0)), None) => Some(v0),
            _ => None,
        };
        let estimated = before.is_some_and(|&(t0, _)| t.s_since(t0) > 3.0);
        all.push(Fused::Motion(motion(t, speed_mps, estimated, vehicle_from_device)));
        t = t.plus_s(0.1);
    }
    all.sort_by_key(Fused::t);
    all
}

fn fix_of(t: Timestamp, speed_mps: f64) -> Fix {
    Fix { t, position: None, hacc_m: None, speed_mps: Some(speed_mps), sacc_mps: Some(0.3), course_rad: None }
}

fn motion(
    t: Timestamp,
    speed_mps: Option<f64>,
    estimated: bool,
    vehicle_from_device: Option<UnitQuaternion<f64>>,
) -> Motion {
    Motion {
        speed_mps,
        speed_sigma_mps: Some(0.3),
        estimated,
        mount_sigma_rad: vehicle_from_device.map(|_| 0.05),
        vehicle_from_device,
        inertial: true,
        accelerometer: true,
        ..Motion::unknown(t)
    }
}

/// Feeds samples in the order in which they arrive, as the engine does: raw at once, ordered and fused later.
pub(super) fn run(arrivals: &[Sample], mount: Option<UnitQuaternion<f64>>) -> Outcome {
    let mut sorted = arrivals.to_vec();
    sorted.sort_by_key(|sample| (sample.t(), sample.sensor()));
    let fused = fused(&sorted, mount);
    let (mut crash, mut outbox, mut outcome) =
        (Crash::new(&CrashConfig::default()), Outbox::default(), Outcome::default());
    let (mut next, mut next_fused, mut newest) = (0, 0, Timestamp::MIN);
    let mut collect = |outbox: &mut Outbox, newest| {
        for decision in outbox.drain() {
            match decision {
                Decision::Event(event) => outcome.events.push((newest, event)),
                Decision::Dismissal(dismissal) => outcome.dismissals.push(dismissal),
            }
        }
    };
    for (index, sample) in arrivals.iter().enumerate() {
        newest = newest.max(sample.t());
        crash.arrive(sample, &mut outbox);
        let last = index + 1 == arrivals.len();
        let (ordered_to, fused_to) = if last {
            (Timestamp::MAX, Timestamp::MAX)
        } else {
            (newest.plus_s(-ORDERED_LAG_S), newest.plus_s(-FUSED_LAG_S))
        };
        while let Some(sample) = sorted.get(next).filter(|sample| sample.t() <= ordered_to) {
            crash.ordered(sample, &mut outbox);
            next += 1;
        }
        while let Some(seen) = fused.get(next_fused).filter(|seen| seen.t() <= fused_to) {
            match seen {
                Fused::Motion(motion) => crash.observe(&Observation::Motion(motion), &mut outbox),
                Fused::Fix(fix) => crash.observe(&Observation::Fix(fix), &mut outbox),
            }
            next_fused += 1;
        }
        collect(&mut outbox, newest);
    }
    crash.observe(&Observation::End(newest), &mut outbox);
    collect(&mut outbox, newest);
    outcome
}
