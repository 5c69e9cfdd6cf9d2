//! The engine: the only one that knows all rooms, and the way of a sample through them.
//!
//! [`Engine::push`] checks a sample, puts it in order, and lets everything whose order is settled go on: to the watch
//! for a moved phone and to the crash detector at once, to the fused lane up to `align.lookahead_s` later, when the fixes
//! around it are known: the receiver's delay and one interval. The motion leaves the smoother `motion.smooth_s` after
//! that. So a stream that keeps up is judged about 5 s behind its newest sample, and 6 s at most; one that is late, at
//! most `align.horizon_s` later than that.
//!
//! Memory: about 3.5 MiB with the default config, half of it room for `align.capacity` samples. All of it is
//! taken by [`Engine::new`]; later only what is reported allocates.

mod consent;
mod evidence;
mod lane;
mod needs;
mod queue;
mod rehearsal;
mod retrospect;
mod rooms;

use nalgebra::Vector3;

use crate::{
    align::{Align, Placed},
    config::ValidConfig,
    detect::{Decision, Detectors, Fix, Observation, Outbox, unaligned::Unaligned},
    event::{Detail, Event, EventKind, Reason, Sink},
    health::{Diagnostic, Health, PushOutcome, Refusal},
    ingest::{Ingest, gnss::FixGate},
    motion::Motion,
    mount::moved::{MARGIN_S, MoveWatch, Seen},
    persist::Persist,
    sample::{Sample, Sensor},
    time::Timestamp,
    track::{Track, TrackFix},
};
pub use consent::Consent;
pub use evidence::Evidence;
pub use needs::{Needs, Stage, Want};
pub use rehearsal::{FIRST_REHEARSAL, is_rehearsal};
#[doc(hidden)]
pub use rooms::FusedRooms;

use evidence::Archive;
use lane::{Closed, Lane};
use needs::Wake;
use queue::{Queue, Waiting};
use rehearsal::Rehearsal;

/// Nothing is carried across a longer silence of all sensors, s.
const PAUSE_S: f64 = 2.5;
/// Fixes come at least this often, and are compared with their neighbours, s.
const FIX_INTERVAL_S: f64 = 1.5;
/// A phone that is moved this long after the last drive is no longer in a vehicle, s.
const IN_VEHICLE_S: f64 = 120.0;
/// Driving, not walking, m/s.
const DRIVING_MPS: f64 = 3.0;
/// Samples a second that the delay line has room for: three sensors at 400 Hz.
const SAMPLES_HZ: f64 = 1200.0;
/// Fixes, limits and hints a second for which there is room: the fastest receivers give 25 Hz.
const WAITING_HZ: f64 = 25.0;
/// Room besides.
const SPARE: usize = 128;

/// Turns samples into events.
#[derive(Debug, Persist)]
pub struct Engine {
    config: ValidConfig,
    consent: Consent,
    ingest: Ingest,
    align: Align,
    gate: FixGate,
    track: Track,
    watch: MoveWatch,
    delay_line: Queue<Sample>,
    lane: Lane,
    /// Fixes, limits and hints that wait until the motion has come as far.
    waiting: Queue<Waiting>,
    detectors: Detectors,
    unaligned: Unaligned,
    outbox: Outbox,
    archive: Archive,
    rehearsal: Rehearsal,
    first_ordered: Option<Timestamp>,
    last_ordered: Option<Timestamp>,
    last_drive: Option<Timestamp>,
    last_fix_speed: Option<f64>,
    unit_was_wrong: bool,
    wake: Wake,
}

impl Engine {
    /// A fresh engine.
    pub fn new(config: ValidConfig) -> Self {
        let c = config.get();
        Self {
            ingest: Ingest::new(&c.ingest),
            align: Align::new(&c.align, c.ingest.future_s),
            gate: FixGate::new(&c.ingest),
            track: Track::new(),
            watch: MoveWatch::new(&c.handling),
            delay_line: Queue::with_room_for(room_for(c.align.lookahead_s, SAMPLES_HZ)),
            lane: Lane::new(c),
            waiting: Queue::with_room_for(room_for(c.align.lookahead_s + c.motion.smooth_s, WAITING_HZ)),
            detectors: Detectors::new(&config),
            unaligned: Unaligned::new(&config),
            outbox: Outbox::default(),
            archive: Archive::new(c.crash.evidence_s),
            rehearsal: Rehearsal::default(),
            first_ordered: None,
            last_ordered: None,
            last_drive: None,
            last_fix_speed: None,
            unit_was_wrong: false,
            wake: Wake::default(),
            consent: Consent::default(),
            config,
        }
    }

    /// Takes one sample; what is decided by it goes to `sink`. Refused samples are counted in [`Engine::health`].
    pub fn push(&mut self, sample: Sample, sink: &mut impl Sink) -> PushOutcome {
        let outcome = self.take(sample, sink);
        if let PushOutcome::Refused(refusal) = outcome {
            self.ingest.refused(sample.sensor(), refusal);
        }
        self.deliver(sink);
        self.go_on_rehearsing(false, sink);
        outcome
    }

    /// Ends the stream: decides everything that is still open. More may be pushed afterwards.
    pub fn flush(&mut self, sink: &mut impl Sink) {
        if let Some(lie) = self.align.take_suspect() {
            self.ingest.refused(lie.sensor(), Refusal::Future);
        }
        while let Some(sample) = self.align.pop_any() {
            self.ordered(&sample, sink);
        }
        if let Some(end) = self.last_ordered {
            self.run_out(end, sink);
            self.observe(&Observation::End(end));
            while let Some(kept) = self.lane.give_up() {
                self.unaligned.step(&kept.step, kept.speed_mps(), &mut self.outbox);
            }
            self.unaligned.finish(&mut self.outbox);
        }
        self.ingest.refresh_rates();
        self.deliver(sink);
        self.archive.finish();
        self.go_on_rehearsing(true, sink);
    }

    /// The settings it runs on.
    pub fn config(&self) -> &ValidConfig {
        &self.config
    }

    /// What is known about the quality of the input.
    pub fn health(&self) -> &Health {
        self.ingest.health()
    }

    fn take(&mut self, sample: Sample, sink: &mut impl Sink) -> PushOutcome {
        if let Sample::Consent(said) = &sample {
            self.take_consent(said);
            return PushOutcome::Accepted;
        }
        if !self.consent.allows(sample.sensor()) {
            return PushOutcome::Refused(Refusal::NoConsent);
        }
        if let Err(refusal) = self.ingest.check(&sample) {
            return PushOutcome::Refused(refusal);
        }
        match self.align.push(sample) {
            Placed::Waiting => {}
            Placed::Doubted(before) => {
                if let Some(lie) = before {
                    self.ingest.refused(lie.sensor(), Refusal::Future);
                }
                return PushOutcome::Accepted;
            }
            Placed::Refused(refusal) => return PushOutcome::Refused(refusal),
            Placed::ClockReset => {
                self.flush(sink);
                self.begin_anew();
                self.align.push(sample);
            }
        }
        self.wake.arrive(&sample, self.config.get().trip.start_mps());
        self.archive.push(&sample);
        self.detectors.crash.arrive(&sample, &mut self.outbox);
        while let Some(sample) = self.align.pop() {
            self.ordered(&sample, sink);
        }
        PushOutcome::Accepted
    }

    /// The clock was set back: nothing before can be compared with anything after.
    fn begin_anew(&mut self) {
        self.align.restart();
        self.track.clear();
        self.watch.restart();
        self.gate = FixGate::new(&self.config.get().ingest);
        self.lane = Lane::new(self.config.get());
        self.first_ordered = None;
        self.last_ordered = None;
        self.last_drive = None;
        self.wake.restart();
    }

    /// One sample in measured order.
    fn ordered(&mut self, sample: &Sample, sink: &mut impl Sink) {
        if let Err(refusal) = self.ingest.in_order(sample) {
            self.ingest.refused(sample.sensor(), refusal);
            return;
        }
        let t = sample.t();
        self.first_ordered.get_or_insert(t);
        if let Some(last) = self.last_ordered.replace(t)
            && t.s_since(last) > PAUSE_S
        {
            self.pause(last, t, sink);
        }
        self.detectors.crash.ordered(sample, &mut self.outbox);
        match sample {
            Sample::Gnss(fix) => match self.gate.admit(*fix) {
                Ok(admitted) => {
                    if admitted.speed_refused {
                        self.ingest.refused(Sensor::Gnss, Refusal::Implausible);
                    }
                    let sigma_mps = self.config.get().motion.speed_sigma_mps;
                    self.take_fix(TrackFix::new(&admitted.fix, sigma_mps));
                }
                Err(refusal) => self.ingest.refused_after_all(Sensor::Gnss, refusal),
            },
            Sample::Accel(s) => {
                let force = Vector3::new(s.x, s.y, s.z);
                let seen = self.watch.accel(t, force);
                self.follow_moves(seen);
                if let Some(up) = self.watch.up() {
                    self.detectors.rollover.ordered(t, &force, up);
                }
            }
            Sample::Gyro(s) => {
                let rate = Vector3::new(s.x, s.y, s.z) - self.lane.attitude.gyro_bias();
                let seen = self.watch.gyro(t, rate, self.last_fix_speed);
                self.follow_moves(seen);
            }
            Sample::Mag(_) | Sample::Baro(_) | Sample::Hint(_) | Sample::Limit(_) | Sample::Consent(_) => {}
        }
        if !matches!(sample, Sample::Gnss(_)) {
            self.make_room(sink);
            self.delay_line.push_back(*sample);
        }
        self.advance(t.plus_s(-self.lookahead_s()), sink);
        // At once, so that the quality told is that of this moment, however many samples were waiting behind it.
        self.deliver(sink);
    }

    /// How far behind the newest ordered sample the fused lane runs: the fixes around a moment come later than it by the
    /// receiver's delay and one interval.
    fn lookahead_s(&self) -> f64 {
        let longest_s = self.config.get().align.lookahead_s;
        self.lane.mount.known_gnss_delay_s().map_or(longest_s, |delay_s| longest_s.min(delay_s + FIX_INTERVAL_S))
    }

    fn take_fix(&mut self, fix: TrackFix) {
        let unit_is_wrong = self.gate.speed_unit().is_some();
        if unit_is_wrong != core::mem::replace(&mut self.unit_was_wrong, unit_is_wrong) {
            // The speeds until now were in another unit than those from now on.
            self.track.clear();
            self.lane.forget_speed();
        }
        if unit_is_wrong {
            self.ingest.health_mut().speed_unit = self.gate.speed_unit();
        }
        self.last_fix_speed = fix.speed_mps;
        if self.last_fix_speed.is_some_and(|speed| speed >= DRIVING_MPS) {
            self.last_drive = Some(fix.stamp);
        }
        self.track.push(fix);
        let t = fix.stamp.plus_s(-self.lane.mount.gnss_delay_s());
        self.wait(Waiting::Fix(Fix {
            t,
            position: fix.position,
            hacc_m: fix.hacc_m,
            speed_mps: fix.speed_mps,
            sacc_mps: Some(fix.speed_sigma_mps),
            course_rad: fix.course_rad,
        }));
    }

    fn follow_moves(&mut self, seen: Option<Seen>) {
        match seen {
            Some(Seen::Began { start, at, angle_rad, within_s }) => {
                self.lane.move_began(start.plus_s(-MARGIN_S));
                let in_vehicle = self.last_drive.is_some_and(|drive| at.s_since(drive) <= IN_VEHICLE_S);
                if in_vehicle || self.lane.is_aligned() {
                    let mut event = Event::new(EventKind::PhoneMoved, start, at);
                    event.peak = at;
                    event.position = self.track.latest(at).and_then(|fix| fix.position);
                    event.speed_before_mps = self.last_fix_speed;
                    event.detail = Detail::PhoneMoved { angle_rad };
                    event.reasons.push(Reason::Rotation { angle_rad, within_s });
                    self.outbox.report(event);
                }
            }
            Some(Seen::Settled { at }) => self.lane.move_ended(at.plus_s(MARGIN_S)),
            None => {}
        }
    }

    /// Brings the fused lane up to `until`.
    fn advance(&mut self, until: Timestamp, sink: &mut impl Sink) {
        if self.first_ordered.is_none_or(|first| until < first) {
            return; // the grid begins with the first sample
        }
        while let Some(sample) = self.delay_line.front().copied().filter(|sample| sample.t() <= until) {
            self.delay_line.pop_front();
            self.fuse(&sample);
            while let Some(closed) = self.lane.close(sample.t(), &self.track) {
                self.closed(&closed, sink);
            }
        }
        while let Some(closed) = self.lane.close(until, &self.track) {
            self.closed(&closed, sink);
        }
    }

    /// More than any phone gives: the oldest cannot wait any longer.
    fn make_room(&mut self, sink: &mut impl Sink) {
        let is_full = self.delay_line.is_full();
        if let Some(oldest) = self.delay_line.front().filter(|_| is_full) {
            self.advance(oldest.t(), sink);
        }
    }

    fn wait(&mut self, what: Waiting) {
        if self.waiting.is_full() {
            self.release_next();
        }
        self.waiting.push_back(what);
    }

    fn fuse(&mut self, sample: &Sample) {
        self.ingest.consumed(sample.sensor(), sample.t());
        if let Some(pause_s) = self.lane.sample(sample) {
            let to = sample.t();
            let health = self.ingest.health_mut();
            let is_longest = match health.inertial_gap {
                Some(Diagnostic::InertialGap { from, to }) => pause_s > to.s_since(from),
                _ => true,
            };
            if is_longest {
                health.inertial_gap = Some(Diagnostic::InertialGap { from: to.plus_s(-pause_s), to });
            }
        }
        match sample {
            Sample::Mag(_) => {
                if let Some(field_ut) = self.lane.attitude.magnetic_disturbance() {
                    self.ingest.health_mut().magnetic_disturbance = Some(Diagnostic::MagneticDisturbance { field_ut });
                }
            }
            Sample::Hint(_) | Sample::Limit(_) => self.wait(Waiting::Sample(*sample)),
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed, sink: &mut impl Sink) {
        if let Some(kept) = &closed.given_up {
            self.unaligned.step(&kept.step, kept.speed_mps(), &mut self.outbox);
        }
        if closed.aligned {
            self.unaligned.finish(&mut self.outbox);
            let (detectors, outbox) = (&mut self.detectors, &mut self.outbox);
            self.lane.judge_kept(&self.track, |seen| {
                detectors.judge(seen, outbox);
            });
        }
        if let Some(motion) = &closed.motion {
            // What was kept included this moment.
            self.moved_on(motion, !closed.aligned, sink);
        }
    }

    /// The motion has come to `motion.t`.
    fn moved_on(&mut self, motion: &Motion, judge: bool, sink: &mut impl Sink) {
        self.release(motion.t);
        let (detectors, outbox) = (&mut self.detectors, &mut self.outbox);
        let seen = Observation::Motion(motion);
        detectors.each_prompt(|detector| detector.observe(&seen, outbox));
        // Before alignment the motion is kept, not judged; without accelerometer there is nothing to align.
        if judge && (self.lane.is_aligned() || !motion.accelerometer) {
            detectors.judge(&seen, outbox);
        }
        sink.motion(motion);
    }

    /// Fixes, limits and hints up to `t` reach the detectors.
    fn release(&mut self, t: Timestamp) {
        while self.waiting.front().is_some_and(|next| next.t() <= t) {
            self.release_next();
        }
    }

    fn release_next(&mut self) {
        match self.waiting.pop_front() {
            Some(Waiting::Fix(fix)) => {
                self.ingest.consumed(Sensor::Gnss, fix.t);
                self.observe(&Observation::Fix(&fix));
            }
            Some(Waiting::Sample(Sample::Limit(limit))) => self.observe(&Observation::Limit(&limit)),
            Some(Waiting::Sample(Sample::Hint(hint))) => self.observe(&Observation::Hint(&hint)),
            Some(Waiting::Sample(_)) | None => {}
        }
    }

    fn observe(&mut self, seen: &Observation<'_>) {
        let (detectors, outbox) = (&mut self.detectors, &mut self.outbox);
        detectors.judge(seen, outbox);
        detectors.each_prompt(|detector| detector.observe(seen, outbox));
    }

    /// Everything up to `end` goes through, without waiting for what could still come.
    fn run_out(&mut self, end: Timestamp, sink: &mut impl Sink) {
        self.advance(end, sink);
        while let Some(closed) = self.lane.close_any(end, &self.track) {
            self.closed(&closed, sink);
        }
        while let Some(motion) = self.lane.finish(&self.track) {
            self.moved_on(&motion, true, sink);
        }
        self.release(end);
    }

    /// No sample of any sensor from `from` to `to`.
    fn pause(&mut self, from: Timestamp, to: Timestamp, sink: &mut impl Sink) {
        self.run_out(from, sink);
        self.lane.pause(from, to);
        self.watch.restart();
        self.observe(&Observation::Gap { from, to });
    }

    fn deliver(&mut self, sink: &mut impl Sink) {
        if self.outbox.is_empty() {
            return;
        }
        self.ingest.refresh_rates();
        let decided = self.align.newest().or(self.last_ordered);
        let accel_hz = self.ingest.rate_hz(Sensor::Accel);
        let config = self.config.get();
        for decision in self.outbox.drain() {
            match decision {
                Decision::Event(mut event) => {
                    event.decided = decided.unwrap_or(event.end);
                    event.position = event.position.and_then(|position| config.privacy.told(position));
                    event.quality.accel_hz = accel_hz;
                    event.quality.gyro_hz = self.ingest.rate_hz(Sensor::Gyro);
                    event.quality.gnss_hz = self.ingest.rate_hz(Sensor::Gnss);
                    event.quality.gaps = self.ingest.gaps();
                    event.quality.degraded_rate = accel_hz.is_some_and(|rate_hz| config.crash.degrades(rate_hz));
                    self.archive.note(&event);
                    sink.event(&event);
                }
                Decision::Dismissal(dismissal) => sink.dismissal(&dismissal),
            }
        }
    }
}

/// How many of so many a second fit into a span.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated ranges")]
fn room_for(span_s: f64, rate_hz: f64) -> usize {
    (span_s * rate_hz) as usize + SPARE
}
