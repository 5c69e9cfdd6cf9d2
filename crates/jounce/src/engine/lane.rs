//! The fused lane: attitude → mount → motion, at a moment for which the fixes around it are known.

use alloc::collections::VecDeque;

use nalgebra::Vector3;

use super::retrospect::{Delay, Kept, Retrospect};
use crate::{
    attitude::{Aid, Attitude, STANDARD_GRAVITY},
    config::{Config, MotionConfig},
    detect::Observation,
    grid::{Grid, STEP_NS, STEP_S, Step},
    motion::{
        Motion,
        filter::{Filter, Input, Smoothed, SpeedFix},
        standing::Standing,
    },
    mount::{Alignment, Mount},
    persist::Persist,
    sample::{Sample, Sensor, Triad},
    time::Timestamp,
    track::Track,
};

/// Horizontal acceleration that speed and yaw rate leave unexplained, m/s²: noise of fixes, suspension, crosswise gusts.
const UNEXPLAINED_MPS2: f64 = 0.3;
/// The same while the vehicle stands, m/s²: idling engine, people moving.
const STANDING_MPS2: f64 = 0.05;
/// The same without GNSS, while nothing is felt along the way, m/s².
const UNFELT_MPS2: f64 = 0.6;
/// Acceleration of ordinary driving, where it is not known, m/s² (root mean square in towns).
const TYPICAL_MPS2: f64 = 1.0;
/// Ordinary speed, where it is not known, m/s.
const UNKNOWN_MPS: f64 = 12.0;
/// What is left of the accelerometer's bias once gravity has been found, m/s².
const ACCEL_BIAS_MPS2: f64 = 0.05;
/// GNSS speeds that fall into one step, at most (25 Hz receivers).
pub(super) const FIXES_A_STEP: usize = 4;
/// Moves of the phone within the fused lane's delay, at most.
const MOST_MOVES: usize = 8;

/// A stretch in which the phone was moved within the vehicle.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) struct Move {
    pub(super) from: Timestamp,
    /// None until it has settled.
    pub(super) to: Option<Timestamp>,
}

/// Attitude, mount and motion.
#[derive(Debug, Persist)]
pub(super) struct Lane {
    config: MotionConfig,
    pub(super) attitude: Attitude,
    pub(super) mount: Mount,
    grid: Grid,
    filter: Filter,
    standing: Standing,
    retrospect: Retrospect,
    moves: VecDeque<Move>,
    was_moving: bool,
    fused_stamp: Option<Timestamp>,
    last_inertial: [Option<Timestamp>; 2],
    gap_s: f64,
}

/// What one closed step gave.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// Motion that is final now.
    pub(super) motion: Option<Motion>,
    /// The mount has just become known: judge what was kept.
    pub(super) aligned: bool,
    /// A step that nobody can judge any more.
    pub(super) given_up: Option<Kept>,
}

impl Lane {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            config: config.motion.clone(),
            attitude: Attitude::new(&config.attitude),
            mount: Mount::new(&config.mount),
            grid: Grid::new(config.ingest.gap_s),
            filter: Filter::new(&config.motion),
            standing: Standing::default(),
            retrospect: Retrospect::new(config.mount.retrospect_s),
            moves: VecDeque::with_capacity(MOST_MOVES),
            was_moving: false,
            fused_stamp: None,
            last_inertial: [None; 2],
            gap_s: config.ingest.gap_s,
        }
    }

    /// Takes one sample at its true time. Returns the length of a pause of its sensor that it ends, s.
    pub(super) fn sample(&mut self, sample: &Sample) -> Option<f64> {
        match sample {
            Sample::Gyro(s) => {
                let pause = self.pause_of(Sensor::Gyro, s.t);
                self.attitude.gyro(s.t, vector(s));
                self.grid.rate(s.t, self.attitude.rate_device());
                pause
            }
            Sample::Accel(s) => {
                let pause = self.pause_of(Sensor::Accel, s.t);
                self.attitude.accel(s.t, vector(s));
                let up = self.attitude.up_device();
                self.grid.accel(s.t, vector(s) - up * STANDARD_GRAVITY, up);
                pause
            }
            Sample::Mag(s) => {
                self.attitude.mag(s.t, vector(s));
                None
            }
            Sample::Gnss(_) | Sample::Baro(_) | Sample::Hint(_) | Sample::Limit(_) | Sample::Consent(_) => None,
        }
    }

    fn pause_of(&mut self, sensor: Sensor, t: Timestamp) -> Option<f64> {
        let last = self.last_inertial[usize::from(sensor == Sensor::Gyro)].replace(t)?;
        let pause_s = t.s_since(last);
        if pause_s <= self.gap_s {
            return None;
        }
        self.attitude.restart();
        Some(pause_s)
    }

    /// The phone is being moved from `from` on.
    pub(super) fn move_began(&mut self, from: Timestamp) {
        if self.moves.len() >= MOST_MOVES {
            self.moves.pop_front();
        }
        self.moves.push_back(Move { from, to: None });
    }

    /// The phone lies still from `to` on.
    pub(super) fn move_ended(&mut self, to: Timestamp) {
        if let Some(last) = self.moves.back_mut() {
            last.to = Some(to);
        }
    }

    /// The next step that is complete now that all samples up to `now` have been given.
    pub(super) fn close(&mut self, now: Timestamp, track: &Track) -> Option<Closed> {
        let step = self.grid.close(now)?;
        Some(self.step(step, track))
    }

    /// The next step up to `end`, complete or not.
    pub(super) fn close_any(&mut self, end: Timestamp, track: &Track) -> Option<Closed> {
        let step = self.grid.close_any(end)?;
        Some(self.step(step, track))
    }

    /// The rest of the smoothing window, oldest first.
    pub(super) fn finish(&mut self, track: &Track) -> Option<Motion> {
        let smoothed = self.filter.finish()?;
        Some(self.motion(&smoothed, track))
    }

    /// The GNSS speeds until now were wrong.
    pub(super) fn forget_speed(&mut self) {
        self.filter.forget_speed();
        self.retrospect.clear();
    }

    /// No sample of any sensor from `from` to `to`.
    pub(super) fn pause(&mut self, from: Timestamp, to: Timestamp) {
        self.grid.skip_to(to);
        self.filter.pause(to.s_since(from));
        self.standing = Standing::default();
        self.attitude.restart();
        self.last_inertial = [None; 2];
    }

    /// Motion kept since before the mount was known, and the pauses in it, judged by what is known now.
    pub(super) fn judge_kept(&mut self, track: &Track, mut each: impl FnMut(&Observation<'_>)) {
        let Some(alignment) = self.mount.settled() else { return };
        let delay = self.delay();
        let mut filter = Filter::new(&self.config);
        let mut before: Option<Timestamp> = None;
        let lane = &*self;
        let newest = self.retrospect.newest();
        self.retrospect.replay(delay, |kept, fixes| {
            let to = kept.step.t.plus_ns(-STEP_NS);
            if let Some(from) = before.replace(kept.step.t).filter(|from| *from < to) {
                while let Some(smoothed) = filter.finish() {
                    each(&Observation::Motion(&lane.motion(&smoothed, track)));
                }
                filter.pause(to.s_since(from));
                each(&Observation::Gap { from, to });
            }
            let input = Input { felt: kept.step.accel.map(|a| felt(&alignment, a)), ..kept.input };
            if let Some(smoothed) = filter.step(input, fixes) {
                let mut motion = lane.motion(&smoothed, track);
                // The smoother's own lag is not counted.
                let kept_s = newest.map_or(0.0, |newest| newest.s_since(motion.t)) - lane.config.smooth_s;
                motion.kept_s = (kept_s >= STEP_S).then_some(kept_s);
                each(&Observation::Motion(&motion));
            }
        });
        self.filter = filter;
        self.retrospect.clear();
    }

    /// Steps that were kept and never judged, oldest first.
    pub(super) fn give_up(&mut self) -> Option<Kept> {
        self.retrospect.pop()
    }

    /// The mount is known well enough, and what was kept until then has been judged.
    pub(super) fn is_aligned(&self) -> bool {
        self.retrospect.is_off()
    }

    fn step(&mut self, step: Step, track: &Track) -> Closed {
        let moving = self.is_phone_moving(step.t);
        if self.was_moving && !moving {
            self.mount.restart();
        }
        self.was_moving = moving;
        if !moving {
            self.mount.step(&step, track);
        }
        let delay = self.delay();
        let stamp = step.t.plus_s(delay.s);
        self.compare_course(stamp, track);

        let alignment = if moving { None } else { self.mount.settled() };
        let yaw_rate = match step.rate {
            Some(rate) => Some(rate.dot(&alignment.map_or(step.up, |a| up_of(&a)))),
            None => track.turn_rate_at(stamp),
        };
        let speed = track.speed_at(stamp).zip(track.latest(stamp).map(|fix| fix.speed_sigma_mps));
        let felt_sigma = self.felt_sigma();
        let standing = self.standing.step(&step, felt_sigma, speed, self.filter.speed());
        let input = Input {
            t: step.t,
            felt: alignment.zip(step.accel).map(|(alignment, a)| felt(&alignment, a)),
            up_mps2: step.accel.map(|a| a.dot(&step.up)),
            felt_sigma,
            yaw_rate,
            standing,
            phone_moving: moving,
            accelerometer: step.accel.is_some(),
        };
        let mut kept = Kept { step, input, fixes: [None; FIXES_A_STEP] };
        self.gather_fixes(stamp, track, &mut kept);

        let mut closed = Closed::default();
        if alignment.is_some() {
            // The first aligned step is judged with all that was kept.
            closed.aligned = !self.retrospect.is_off();
        }
        if step.accel.is_some() && (closed.aligned || alignment.is_none() && !moving) {
            closed.given_up = self.retrospect.keep(&kept);
        } else if moving {
            closed.given_up = self.retrospect.pop();
        }
        let mut fixes = [SpeedFix::default(); FIXES_A_STEP];
        let fixes = kept.speed_fixes(delay, step.t, &mut fixes);
        closed.motion = self.filter.step(input, fixes).map(|smoothed| self.motion(&smoothed, track));
        self.aid(&input, alignment.as_ref(), track);
        closed
    }

    fn delay(&self) -> Delay {
        let sigma_s = libm::hypot(self.mount.gnss_delay_sigma_s(), self.config.timing_sigma_s);
        Delay { s: self.mount.gnss_delay_s(), sigma_s }
    }

    /// What the felt acceleration is off by, m/s²: tilt times gravity, and the sensor's own bias.
    fn felt_sigma(&self) -> f64 {
        let tilt = self.attitude.tilt_sigma().map(|sigma| sigma * STANDARD_GRAVITY);
        let tilt = tilt.unwrap_or(self.config.correction_sigma_mps2);
        libm::sqrt(tilt * tilt + ACCEL_BIAS_MPS2 * ACCEL_BIAS_MPS2)
    }

    fn is_phone_moving(&mut self, t: Timestamp) -> bool {
        while self.moves.front().is_some_and(|m| m.to.is_some_and(|to| to < t)) {
            self.moves.pop_front();
        }
        self.moves.front().is_some_and(|m| m.from <= t)
    }

    /// Each fix is fused once, whatever the delay does.
    fn gather_fixes(&mut self, stamp: Timestamp, track: &Track, kept: &mut Kept) {
        let after = self.fused_stamp.unwrap_or(stamp.plus_ns(-STEP_NS));
        let mut free = kept.fixes.iter_mut();
        for fix in track.between(after, stamp) {
            self.fused_stamp = Some(fix.stamp);
            if let (Some(speed_mps), Some(slot)) = (fix.speed_mps, free.next()) {
                *slot = Some((fix.stamp, speed_mps, fix.speed_sigma_mps));
            }
        }
    }

    /// The course over the last second shows what the gyroscope is off by about the vertical.
    fn compare_course(&mut self, stamp: Timestamp, track: &Track) {
        let after = self.fused_stamp.unwrap_or(stamp.plus_ns(-STEP_NS));
        if let Some(newest) = track.between(after, stamp).last()
            && let Some(before) = track.latest(newest.stamp.plus_s(-0.9))
            && let Some((gyro, course, sigma)) = self.mount.course_rates(before, newest)
        {
            self.attitude.course_rate(gyro, course, sigma);
        }
    }

    /// Tells the attitude what of the next step's specific force is the vehicle's doing.
    fn aid(&mut self, input: &Input, alignment: Option<&Alignment>, track: &Track) {
        let (yaw_rate, standing) = (input.yaw_rate, input.standing);
        let ahead = input.t.plus_ns(STEP_NS / 2).plus_s(self.mount.gnss_delay_s());
        let by_gnss = track.speed_at(ahead).zip(track.accel_at(ahead));
        let by_filter = self.filter.speed().map(|(speed, _)| speed);
        let speed = by_gnss.map(|(speed, _)| speed).or(by_filter);
        let accel = by_gnss.map(|(_, accel)| accel);
        let aid = match (speed, alignment) {
            _ if standing => Aid::Vehicle { explained: Vector3::zeros(), doubt_mps2: STANDING_MPS2, standing: true },
            (_, Some(alignment)) => {
                let left = speed.zip(yaw_rate).map(|(speed, rate)| speed * rate);
                let vehicle = Vector3::new(accel.unwrap_or(0.0), left.unwrap_or(0.0), 0.0);
                // An unsure speed makes an unsure lateral acceleration.
                let speed_sigma =
                    if accel.is_some() { 0.0 } else { self.filter.speed().map_or(UNKNOWN_MPS, |(_, s)| s) };
                let across = speed_sigma * yaw_rate.unwrap_or(0.0);
                Aid::Vehicle {
                    explained: alignment.vehicle_from_device.inverse_transform_vector(&vehicle),
                    doubt_mps2: if accel.is_some() {
                        UNEXPLAINED_MPS2
                    } else {
                        // What is felt along the way is braking rather than tilt, the more the larger it is.
                        let felt = input.felt.map_or(TYPICAL_MPS2, |felt| felt[0]);
                        libm::sqrt(felt * felt + UNFELT_MPS2 * UNFELT_MPS2 + across * across)
                    },
                    standing: false,
                }
            }
            // At best the size of the acceleration is known, but not where the phone feels it.
            (_, None) => {
                let size = speed.zip(accel).map_or(TYPICAL_MPS2, |(speed, accel)| {
                    let left = speed * yaw_rate.unwrap_or(0.0);
                    libm::sqrt(accel * accel + left * left + UNEXPLAINED_MPS2 * UNEXPLAINED_MPS2)
                });
                Aid::Vehicle { explained: Vector3::zeros(), doubt_mps2: size, standing: false }
            }
        };
        self.attitude.set_aid(aid);
    }

    fn motion(&self, smoothed: &Smoothed, track: &Track) -> Motion {
        let input = &smoothed.input;
        let stamp = input.t.plus_s(self.mount.gnss_delay_s());
        let displacement = track.displacement_at(stamp);
        let alignment = self.mount.alignment();
        // What the delay is off by is off for all fixes alike: no number of them averages it out.
        let timing_mps = self.mount.gnss_delay_sigma_s() * libm::sqrt(smoothed.forward_square);
        Motion {
            t: input.t,
            speed_mps: smoothed.speed.map(|(speed, _)| speed),
            speed_sigma_mps: smoothed.speed.map(|(_, sigma)| libm::hypot(sigma, timing_mps)),
            estimated: smoothed.estimated,
            accel_forward_mps2: smoothed.forward_mps2.filter(|_| !input.phone_moving),
            accel_left_mps2: smoothed.left_mps2.filter(|_| !input.phone_moving),
            accel_up_mps2: input.up_mps2,
            yaw_rate_radps: input.yaw_rate,
            mount_sigma_rad: alignment.map(|a| a.sigma_rad),
            vehicle_from_device: alignment.map(|a| a.vehicle_from_device),
            gnss_delay_s: self.mount.known_gnss_delay_s(),
            position: track.position_at(stamp),
            gnss_speed_mps: track.speed_at(stamp),
            displacement_speed_mps: displacement.map(|(mps, _)| mps),
            displacement_sigma_mps: displacement.map(|(_, sigma_mps)| sigma_mps),
            inertial: input.felt.is_some(),
            accelerometer: input.accelerometer,
            kept_s: None,
            phone_moving: input.phone_moving,
        }
    }
}

/// Acceleration along the vehicle's axes: forward, left.
fn felt(alignment: &Alignment, accel: Vector3<f64>) -> [f64; 2] {
    let v = alignment.vehicle_from_device * accel;
    [v.x, v.y]
}

fn up_of(alignment: &Alignment) -> Vector3<f64> {
    alignment.vehicle_from_device.inverse_transform_vector(&Vector3::z())
}

fn vector(s: &Triad) -> Vector3<f64> {
    Vector3::new(s.x, s.y, s.z)
}
