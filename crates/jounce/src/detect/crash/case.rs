//! One crash between suspicion and the last word.

use super::{
    aftermath::{Aftermath, Prior},
    dismiss,
    pulse::Pulse,
    report,
    speeds::{Before, Gate, Speeds},
    trigger,
    verdict::Evidence,
};
use crate::{
    config::CrashConfig,
    detect::Outbox,
    event::{EventId, Phase, Reason},
    persist::Persist,
    time::Timestamp,
};

/// A crash to be confirmed or revoked.
#[derive(Clone, Debug, Persist)]
pub(super) struct Case {
    /// Once it has been suspected.
    id: Option<EventId>,
    /// The blow that counts.
    pulse: Pulse,
    /// End of the first impact: nobody waits longer because of further ones.
    since: Timestamp,
    /// End of the last impact.
    pub(super) end: Timestamp,
    pub(super) secondary_impacts: u32,
    /// What was before; `None` until everything up to the onset has been seen.
    gate: Option<(Gate, Before)>,
    aftermath: Aftermath,
    next_slot: usize,
}

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Open,
    /// Revoked, or dismissed.
    Closed,
    Confirmed,
}

impl Case {
    pub(super) fn new(pulse: Pulse, id: Option<EventId>, fused: &Speeds) -> Self {
        Self {
            id,
            since: pulse.end,
            end: pulse.end,
            pulse,
            secondary_impacts: 0,
            gate: None,
            aftermath: aftermath_of(&pulse, fused),
            next_slot: 0,
        }
    }

    /// Adds a further impact. It becomes the one that counts when the first may well have been none of the vehicle's.
    /// Says whether the case goes by `id` from now on.
    pub(super) fn absorb(&mut self, later: Pulse, id: Option<EventId>, fused: &Speeds, config: &CrashConfig) -> bool {
        let weak = |pulse: &Pulse| pulse.fell(config) || pulse.is_brief() || !trigger::changes_velocity(pulse, config);
        self.secondary_impacts = self.secondary_impacts.saturating_add(1);
        self.end = self.end.max(later.end);
        self.id = self.id.or(id);
        // The hand that throws a phone gives it a blow as well.
        if later.was_thrown(config) || weak(&self.pulse) && !weak(&later) {
            self.pulse = later;
            self.gate = None;
            self.next_slot = 0;
            self.aftermath = aftermath_of(&later, fused);
        }
        self.id == id
    }

    pub(super) fn note(&mut self, note: impl FnOnce(&mut Aftermath)) {
        note(&mut self.aftermath);
    }

    /// Goes as far as both lanes have come.
    pub(super) fn advance(
        &mut self,
        settled_to: Timestamp,
        fused: &Speeds,
        config: &CrashConfig,
        out: &mut Outbox,
    ) -> Progress {
        if settled_to < self.pulse.onset {
            return Progress::Open;
        }
        if !self.passes(fused, config, out) {
            return Progress::Closed;
        }
        while self.aftermath.slot_end(self.next_slot) <= settled_to {
            match self.conclude(None, config, out) {
                Progress::Open => self.next_slot += 1,
                done => return done,
            }
        }
        Progress::Open
    }

    /// Decides it now, on what is known; `why` says why now.
    pub(super) fn decide(&mut self, why: Reason, fused: &Speeds, config: &CrashConfig, out: &mut Outbox) -> Progress {
        if self.passes(fused, config, out) { self.conclude(Some(why), config, out) } else { Progress::Closed }
    }

    /// Looks at the speed before the impact, once. `false`: there was no vehicle, or nothing worth suspecting.
    fn passes(&mut self, fused: &Speeds, config: &CrashConfig, out: &mut Outbox) -> bool {
        if self.gate.is_some() {
            return true;
        }
        let before = fused.before(&self.pulse, config);
        let gate = before.gate(config);
        self.gate = Some((gate, before));
        let mut event = report::suspected(&self.pulse, &before, gate, config);
        let against = match gate {
            Gate::Shut(reason) => Some(reason),
            _ if event.confidence < config.suspect_confidence && self.id.is_none() => {
                let evidence = Evidence { pulse: &self.pulse, gate, before: &before, outlook: None, waited_s: 0.0 };
                Some(report::against(&evidence, config).first().copied().unwrap_or(Reason::Undecided))
            }
            _ => None,
        };
        match (against, self.id) {
            (None, None) => self.id = Some(out.report(event)),
            (None, Some(_)) => {}
            (Some(reason), None) => dismiss(&self.pulse, reason, config, out),
            (Some(reason), Some(id)) => {
                event.id = id;
                event.phase = Phase::Revoked;
                event.confidence = 0.0;
                event.reasons.retain(|other| *other != reason);
                event.reasons.insert(0, reason);
                out.report(event);
            }
        }
        against.is_none()
    }

    /// Confirms or revokes, when it can be told. `last`: why it must be told now.
    fn conclude(&mut self, last: Option<Reason>, config: &CrashConfig, out: &mut Outbox) -> Progress {
        let Some(evidence) = self.evidence(config) else { return Progress::Open };
        let Some(verdict) = evidence.decide(last.is_some(), config) else { return Progress::Open };
        let mut event = report::decided(self, &evidence, &verdict, config);
        event.reasons.extend(last);
        event.id = self.id.unwrap_or(event.id);
        out.report(event);
        if verdict.crash { Progress::Confirmed } else { Progress::Closed }
    }

    /// What is known up to the end of the next slot; `None` before the gate.
    fn evidence(&self, config: &CrashConfig) -> Option<Evidence<'_>> {
        let (gate, before) = self.gate.as_ref()?;
        let waited_s = self.aftermath.slot_end(self.next_slot).s_since(self.since);
        let mut evidence = Evidence { pulse: &self.pulse, gate: *gate, before, outlook: None, waited_s };
        let prior = Prior {
            speed_mps: evidence.moving_mps(config),
            shake_mps2: self.pulse.shake_before_mps2,
            gravity: self.pulse.gravity,
        };
        evidence.outlook = Some(self.aftermath.outlook(self.next_slot, &prior, config));
        Some(evidence)
    }
}

/// What has followed a pulse so far.
fn aftermath_of(pulse: &Pulse, fused: &Speeds) -> Aftermath {
    let mut aftermath = Aftermath::new(pulse.end);
    fused.between(pulse.end, Timestamp::MAX).for_each(|entry| aftermath.note_speed(entry));
    aftermath
}
