//! Crashes and dropped phones.
//!
//! In: raw accelerometer and gyroscope samples (device frame, m/s², rad/s, 5–400 Hz, uneven), twice. The **fast lane**
//! sees them as they arrive, in any order, and suspects a crash within 0.2 s of its onset. The **ordered lane** sees
//! them again in time order, some seconds later, together with the fused motion; it alone measures what is confirmed
//! or revoked, under the same id, so that the last word does not depend on how the samples arrived.
//!
//! Out: `crash` (suspected, then confirmed or revoked), `phone_drop`, and a dismissal with a reason for every pulse
//! strong enough to be asked about.
//!
//! One logic serves both lanes: a [`trigger::Lane`] finds pulses, [`pulse`] measures them, [`speeds`] says what the
//! vehicle did before, [`aftermath`] what happened after, [`verdict`] weighs, [`report`] tells; a [`case::Case`] holds
//! it. Memory: two windows of 1.5 s, two speed histories of 256 entries, at most four open cases: about 250 kB, taken
//! at the start. Gravity must be known, so the first 2 s are blind.
//!
//! Raw samples about a crash are kept by `engine/evidence.rs`; how well all this works is shown by `docs/crash.md`.
//!
//! Not decided here: injuries, rollover, whose fault it was.

mod aftermath;
mod case;
mod pulse;
mod report;
mod speeds;
mod trigger;
mod verdict;
mod window;

#[cfg(test)]
mod tests;

use alloc::{vec, vec::Vec};

use nalgebra::Vector3;

use self::{
    case::{Case, Progress},
    pulse::Pulse,
    speeds::{Entry, Gate, Speeds},
    trigger::{Found, Judgement, Lane, judge, suspicious},
};
use super::{Detector, Observation, Outbox};
use crate::{
    config::CrashConfig,
    event::{Dismissal, Event, EventId, EventKind, Phase, Reason},
    motion::Motion,
    persist::Persist,
    sample::{GnssFix, Hint, Sample, Sensor},
    time::Timestamp,
};

/// Standard gravity, m/s².
const STANDARD_GRAVITY_MPS2: f64 = 9.80665;
/// Pulses of the two lanes this near to each other are the same one, s: the longest a pulse stays open.
const SAME_PULSE_S: f64 = 1.0;
/// A suspicion that the ordered lane has not met again this long after its onset is revoked, s: twice the above.
const UNMET_S: f64 = 2.0;
/// When one lane lags further than this, the other decides alone, s: twice the longest horizon.
const LONGEST_LAG_S: f64 = 10.0;
/// Most crashes undecided at once; more within twenty seconds are one accident.
const MOST_OPEN: usize = 4;
/// A phone that lands on something hard pushes no longer than this, s; most people who jump and land do.
const HARD_LANDING_S: f64 = 0.05;
/// Bounces of one fall end within this, s.
const ONE_DROP_S: f64 = 2.0;
/// What falls onto the road at 50 km/h slides for as long again, s (friction 0.6); that changes no velocity quickly.
const SLIDES_S: f64 = 4.5;

/// km/h in m/s.
const fn kmh(kmh: f64) -> f64 {
    kmh / 3.6
}

/// What the fast lane suspects and the ordered lane has not met yet.
#[derive(Clone, Debug, Persist)]
struct Suspect {
    event: Event,
    /// Why the ordered lane thinks otherwise.
    against: Option<Reason>,
}

/// The last fall of the phone.
#[derive(Clone, Copy, Debug, Persist)]
struct Landing {
    at: Timestamp,
    fell_s: f64,
    /// How the phone was carried before, m/s² and rad/s: since then it has tumbled.
    sway_mps2: f64,
    roll_radps: f64,
}

/// Finds crashes and dropped phones.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Crash {
    config: CrashConfig,
    fast: Lane,
    ordered: Lane,
    /// Speeds as they arrive, for the fast lane's gate.
    arrived: Speeds,
    /// Speeds in fused order, for every decision.
    fused: Speeds,
    suspects: Vec<Suspect>,
    /// End of the last pulse suspected.
    suspected_until: Option<Timestamp>,
    cases: Vec<Case>,
    /// End of the last impact of the last crash that was confirmed.
    confirmed_until: Option<Timestamp>,
    ordered_to: Option<Timestamp>,
    fused_to: Option<Timestamp>,
    last_drop: Option<Timestamp>,
    last_landing: Option<Landing>,
}

impl Crash {
    pub(crate) fn new(config: &CrashConfig) -> Self {
        Self {
            config: config.clone(),
            fast: Lane::new(),
            ordered: Lane::new(),
            arrived: Speeds::new(),
            fused: Speeds::new(),
            suspects: Vec::with_capacity(MOST_OPEN),
            suspected_until: None,
            cases: Vec::with_capacity(MOST_OPEN),
            confirmed_until: None,
            ordered_to: None,
            fused_to: None,
            last_drop: None,
            last_landing: None,
        }
    }

    /// Something is suspected and undecided.
    pub(crate) fn is_open(&self) -> bool {
        !self.suspects.is_empty() || !self.cases.is_empty()
    }

    /// Keeps nothing that this sensor gave.
    pub(crate) fn forget(&mut self, sensor: Sensor) {
        self.fast.forget(sensor);
        self.ordered.forget(sensor);
        self.arrived.forget(sensor);
        self.fused.forget(sensor);
    }

    /// Takes a sample as it arrives, in any order: the fast lane.
    pub(crate) fn arrive(&mut self, sample: &Sample, out: &mut Outbox) {
        match sample {
            Sample::Gyro(triad) => self.fast.gyro(triad),
            Sample::Gnss(fix) => self.arrived.note(entry_of_raw(fix), &self.config),
            Sample::Accel(triad) => {
                let found = self.fast.accel(triad, true, &self.config);
                let suspect = match found {
                    Some(Found::Rising(pulse)) => {
                        suspicious(&pulse, self.fast.age_s(&pulse), &self.config).then_some(pulse)
                    }
                    Some(Found::Closed(pulse)) => {
                        (judge(&pulse, &self.config) == Judgement::Candidate).then_some(pulse)
                    }
                    None => None,
                };
                if let Some(pulse) = suspect {
                    self.suspect(&pulse, out);
                }
            }
            _ => {}
        }
    }

    /// Takes the same samples again in strict time order: the ordered lane.
    pub(crate) fn ordered(&mut self, sample: &Sample, out: &mut Outbox) {
        match sample {
            Sample::Gyro(triad) => {
                self.ordered.gyro(triad);
                let rate_radps = Vector3::new(triad.x, triad.y, triad.z).norm();
                self.cases.iter_mut().for_each(|case| case.note(|after| after.note_gyro(triad.t, rate_radps)));
            }
            Sample::Accel(triad) => {
                let v = Vector3::new(triad.x, triad.y, triad.z);
                self.cases.iter_mut().for_each(|case| case.note(|after| after.note_accel(triad.t, v)));
                if let Some(Found::Closed(pulse)) = self.ordered.accel(triad, false, &self.config) {
                    self.settle(pulse, out);
                }
            }
            _ => return,
        }
        self.ordered_to = self.ordered_to.max(Some(sample.t()));
        self.revoke_unmet(out);
        self.advance(out);
    }

    /// Reports a suspicion, unless it belongs to the last one or no vehicle was moving.
    fn suspect(&mut self, pulse: &Pulse, out: &mut Outbox) {
        let seen_to = pulse.end.plus_s(self.config.pulse_quiet_s);
        if self.ordered_to.is_some_and(|ordered_to| ordered_to >= seen_to) {
            return; // the ordered lane has judged it already
        }
        let same = |until: Timestamp| libm::fabs(pulse.onset.s_since(until)) <= self.config.secondary_within_s;
        if self.suspected_until.is_some_and(same) {
            self.suspected_until = self.suspected_until.max(Some(pulse.end));
            return;
        }
        let before = self.arrived.before(pulse, &self.config);
        let gate = before.gate(&self.config);
        let mut event = report::suspected(pulse, &before, gate, &self.config);
        let shut = matches!(gate, Gate::Shut(_)) || event.confidence < self.config.suspect_confidence;
        if shut || self.suspects.len() == MOST_OPEN {
            return; // the ordered lane judges it again, knowing more
        }
        self.suspected_until = Some(pulse.end);
        event.id = out.report(event.clone());
        self.suspects.push(Suspect { event, against: None });
    }

    /// Takes a pulse of the ordered lane.
    fn settle(&mut self, mut pulse: Pulse, out: &mut Outbox) {
        self.follow_fall(&mut pulse);
        let lands = pulse.run_s <= HARD_LANDING_S.max(2.0 / pulse.rate_hz.max(1.0));
        let drops = pulse.fell(&self.config) && pulse.peak_g() >= self.config.peak_g && lands;
        if drops && self.last_drop.is_none_or(|last| pulse.onset.s_since(last) > ONE_DROP_S) {
            self.last_drop = Some(pulse.onset);
            out.report(report::phone_drop(&pulse, &self.config));
        }
        // However it landed, what came before was the throw.
        let ends_throw = pulse.was_thrown(&self.config) && self.cases.iter().any(|case| self.is_near(&pulse, case));
        let met = self
            .suspects
            .iter_mut()
            .find(|suspect| libm::fabs(suspect.event.start.s_since(pulse.onset)) <= SAME_PULSE_S);
        let part = |until: Timestamp| pulse.onset.s_since(until) <= self.config.secondary_within_s;
        let judgement = match judge(&pulse, &self.config) {
            _ if ends_throw => Judgement::Candidate,
            Judgement::Candidate if self.confirmed_until.is_some_and(part) => {
                self.confirmed_until = self.confirmed_until.max(Some(pulse.end));
                Judgement::None(Reason::PartOf { kind: EventKind::Crash })
            }
            judgement => judgement,
        };
        match (judgement, met) {
            (Judgement::Nothing, _) => {}
            (Judgement::None(reason), Some(suspect)) => suspect.against = Some(reason),
            (Judgement::None(reason), None) => dismiss(&pulse, reason, &self.config, out),
            (Judgement::Candidate, met) => {
                let id = met.map(|suspect| {
                    suspect.against = Some(Reason::PartOf { kind: EventKind::Crash });
                    suspect.event.id
                });
                if self.open(pulse, id, out) {
                    self.suspects.retain(|suspect| Some(suspect.event.id) != id);
                }
            }
        }
    }

    /// A phone that has fallen bounces and rolls: what strikes it soon after may be the same fall.
    fn follow_fall(&mut self, pulse: &mut Pulse) {
        let fell = pulse.fell(&self.config);
        let lasts_s = if trigger::changes_velocity(pulse, &self.config) { ONE_DROP_S } else { SLIDES_S };
        if let Some(first) = self.last_landing.filter(|first| pulse.onset.s_since(first.at) <= lasts_s) {
            (pulse.sway_before_mps2, pulse.roll_before_radps) = (first.sway_mps2, first.roll_radps);
            pulse.free_fall_s = if fell { pulse.free_fall_s } else { first.fell_s };
        }
        if fell {
            let (sway_mps2, roll_radps) = (pulse.sway_before_mps2, pulse.roll_before_radps);
            self.last_landing = Some(Landing { at: pulse.onset, fell_s: pulse.free_fall_s, sway_mps2, roll_radps });
        }
    }

    /// Near enough to be a further blow of the same crash.
    fn is_near(&self, pulse: &Pulse, case: &Case) -> bool {
        pulse.onset.s_since(case.end) <= self.config.secondary_within_s
    }

    /// Opens a case, or adds the pulse to the one it belongs to; says whether that goes by `id` now.
    fn open(&mut self, pulse: Pulse, id: Option<EventId>, out: &mut Outbox) -> bool {
        if let Some(index) = self.cases.iter().rposition(|case| self.is_near(&pulse, case)) {
            return self.cases[index].absorb(pulse, id, &self.fused, &self.config);
        }
        if self.cases.len() == MOST_OPEN {
            self.decide_first(Reason::PartOf { kind: EventKind::Crash }, out);
        }
        self.cases.push(Case::new(pulse, id, &self.fused));
        true
    }

    /// Up to when everything has been seen.
    fn settled_to(&self) -> Option<Timestamp> {
        let least = self.ordered_to.max(self.fused_to)?.plus_s(-LONGEST_LAG_S);
        // `None` sorts before every moment, so a lane that never spoke counts as lagging.
        self.ordered_to.min(self.fused_to).max(Some(least))
    }

    /// Takes every case as far as both lanes have come.
    fn advance(&mut self, out: &mut Outbox) {
        let Some(settled_to) = self.settled_to() else { return };
        let (fused, config, confirmed_until) = (&self.fused, &self.config, &mut self.confirmed_until);
        self.cases.retain_mut(|case| match case.advance(settled_to, fused, config, out) {
            Progress::Open => true,
            Progress::Closed => false,
            Progress::Confirmed => {
                *confirmed_until = Some(case.end);
                false
            }
        });
    }

    /// Decides the oldest case on what is known.
    fn decide_first(&mut self, why: Reason, out: &mut Outbox) {
        if self.cases.is_empty() {
            return;
        }
        let mut case = self.cases.remove(0);
        if case.decide(why, &self.fused, &self.config, out) == Progress::Confirmed {
            self.confirmed_until = Some(case.end);
        }
    }

    /// Revokes what the ordered lane has passed without meeting it again.
    fn revoke_unmet(&mut self, out: &mut Outbox) {
        let Some(ordered_to) = self.ordered_to else { return };
        self.suspects.retain_mut(|suspect| {
            let unmet = ordered_to.s_since(suspect.event.start) > UNMET_S;
            if unmet {
                revoke(suspect, out);
            }
            !unmet
        });
    }

    /// Nothing more will come: decides everything.
    fn end(&mut self, out: &mut Outbox) {
        if let Some(pulse) = self.ordered.close(&self.config) {
            self.settle(pulse, out);
        }
        while !self.cases.is_empty() {
            self.decide_first(Reason::EndOfInput, out);
        }
        self.suspects.drain(..).for_each(|mut suspect| revoke(&mut suspect, out));
    }

    fn note_fused(&mut self, entry: Entry, out: &mut Outbox) {
        self.fused.note(entry, &self.config);
        self.cases.iter_mut().for_each(|case| case.note(|after| after.note_speed(&entry)));
        self.fused_to = self.fused_to.max(Some(entry.t));
        self.advance(out);
    }
}

impl Detector for Crash {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        match seen {
            Observation::Motion(motion) => {
                let entry = entry_of_motion(motion);
                self.arrived.note(entry, &self.config);
                self.note_fused(entry, out);
            }
            Observation::Fix(fix) => self.note_fused(
                Entry {
                    t: fix.t,
                    speed_mps: fix.speed_mps,
                    is_fix: true,
                    sigma_mps: fix.sacc_mps,
                    estimated: false,
                    position: fix.position,
                    mount: None,
                },
                out,
            ),
            Observation::Hint(hint) => {
                if let Hint::Car(car) = hint.hint {
                    self.arrived.hint_car(car);
                    self.fused.hint_car(car);
                }
            }
            Observation::End(_) => self.end(out),
            Observation::Limit(_) | Observation::Gap { .. } => {}
        }
    }
}

fn entry_of_raw(fix: &GnssFix) -> Entry {
    Entry {
        t: fix.t,
        speed_mps: fix.speed_mps,
        is_fix: true,
        sigma_mps: fix.sacc_mps,
        estimated: false,
        position: None,
        mount: None,
    }
}

fn entry_of_motion(motion: &Motion) -> Entry {
    Entry {
        t: motion.t,
        speed_mps: motion.speed_mps,
        is_fix: false,
        sigma_mps: motion.speed_sigma_mps,
        estimated: motion.estimated,
        position: motion.position,
        mount: motion.vehicle_from_device.zip(motion.mount_sigma_rad),
    }
}

fn revoke(suspect: &mut Suspect, out: &mut Outbox) {
    let mut event = suspect.event.clone();
    event.phase = Phase::Revoked;
    event.confidence = 0.0;
    event.reasons.insert(0, suspect.against.unwrap_or(Reason::Undecided));
    out.report(event);
}

fn dismiss(pulse: &Pulse, reason: Reason, config: &CrashConfig, out: &mut Outbox) {
    let needed_g = trigger::peak_needed_g(pulse, config);
    let peak = Reason::Peak { peak_g: pulse.peak_g(), needed_g, duration_s: pulse.run_s };
    out.dismiss(Dismissal {
        kind: EventKind::Crash,
        start: pulse.onset,
        end: pulse.end,
        peak_mps2: Some(pulse.peak_mps2),
        reasons: vec![reason, peak],
    });
}
