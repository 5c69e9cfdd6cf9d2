//! What the inertial sensors said about each crash, as it came.
//!
//! The last seconds are kept in two rings. When a crash is suspected, what they hold from `crash.evidence_s` before it is
//! set aside, and added to until as long after it; the host then takes it by [`Engine::take_evidence`]. It holds no
//! place and no fix. Consent withdrawn from a sensor takes its samples out of all of it, and so out of snapshots.
//!
//! Memory: room for 4400 samples a sensor is taken at the start, 280 kB in all; only a crash allocates, 1 MB at most.

use alloc::{collections::VecDeque, vec::Vec};

use super::Engine;
use crate::{
    event::{Event, EventId, EventKind},
    persist::{Persist, Timed, by_time},
    sample::{Sample, Sensor, Triad},
    time::Timestamp,
};

/// A crash that only the ordered lane suspects comes so much later, s: the horizon.
const LATE_S: f64 = 6.0;
/// Room is for samples at this rate, Hz; what is faster is kept for less long before.
const ROOM_HZ: f64 = 400.0;
/// Most of what is set aside at once: the oldest gives way.
const MOST: usize = 4;
/// Further blows of the same crash stretch it to this at most, s.
const LONGEST_S: f64 = 30.0;

/// Samples of the inertial sensors about one crash, at the rate and in the order in which they came.
#[derive(Clone, Debug, PartialEq, Persist)]
pub struct Evidence {
    /// Of which crash.
    pub id: EventId,
    /// Specific force, device frame, m/s².
    #[persist(with = by_time)]
    pub accel: Vec<Triad>,
    /// Angular rate, device frame, rad/s.
    #[persist(with = by_time)]
    pub gyro: Vec<Triad>,
    from: Timestamp,
    to: Timestamp,
}

impl Evidence {
    /// All of it, by time.
    pub fn samples(&self) -> Vec<Sample> {
        let accel = self.accel.iter().copied().map(Sample::Accel);
        let mut samples: Vec<Sample> = accel.chain(self.gyro.iter().copied().map(Sample::Gyro)).collect();
        samples.sort_by_key(|sample| (sample.t(), sample.sensor()));
        samples
    }

    fn push(&mut self, sample: &Sample) {
        match sample {
            Sample::Accel(triad) if self.spans(triad) => self.accel.push(*triad),
            Sample::Gyro(triad) if self.spans(triad) => self.gyro.push(*triad),
            _ => {}
        }
    }

    fn spans(&self, triad: &Triad) -> bool {
        (self.from..=self.to).contains(&triad.t)
    }
}

impl Timed for Triad {
    fn t(&self) -> Timestamp {
        self.t
    }

    fn at(self, t: Timestamp) -> Self {
        Self { t, ..self }
    }
}

/// The rings, and what is set aside.
#[derive(Debug, Persist)]
pub(super) struct Archive {
    /// Kept before and after a crash, s; 0: nothing.
    keep_s: f64,
    most: usize,
    /// Left out of snapshots, which they would double: a crash just after a restore has less from before it.
    #[persist(skip)]
    accel: VecDeque<Triad>,
    #[persist(skip)]
    gyro: VecDeque<Triad>,
    newest: Option<Timestamp>,
    open: Vec<Evidence>,
    done: VecDeque<Evidence>,
}

impl Archive {
    pub(super) fn new(keep_s: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a validated range")]
        let most = if keep_s > 0.0 { ((keep_s + LATE_S) * ROOM_HZ) as usize } else { 0 };
        let ring = || VecDeque::with_capacity(most);
        Self { keep_s, most, accel: ring(), gyro: ring(), newest: None, open: Vec::new(), done: VecDeque::new() }
    }

    /// Takes a sample as it comes.
    pub(super) fn push(&mut self, sample: &Sample) {
        let (ring, triad) = match sample {
            Sample::Accel(triad) => (&mut self.accel, triad),
            Sample::Gyro(triad) => (&mut self.gyro, triad),
            _ => return,
        };
        if self.most == 0 {
            return;
        }
        let oldest = triad.t.plus_s(-self.keep_s - LATE_S);
        while ring.len() >= self.most || ring.front().is_some_and(|first| first.t < oldest) {
            ring.pop_front();
        }
        ring.push_back(*triad);
        self.newest = self.newest.max(Some(triad.t));
        self.open.iter_mut().for_each(|open| open.push(sample));
        // Samples that are late may still belong to it.
        let settled = self.newest.map(|newest| newest.plus_s(-LATE_S));
        self.close(|evidence| Some(evidence.to) < settled);
    }

    /// A crash was reported.
    pub(super) fn note(&mut self, event: &Event) {
        if event.kind() != EventKind::Crash || self.most == 0 {
            return;
        }
        let to = event.end.plus_s(self.keep_s);
        if let Some(open) = self.open.iter_mut().find(|open| open.id == event.id) {
            let before = open.to;
            open.to = open.to.max(to).min(open.from.plus_s(LONGEST_S));
            let missed = |triad: &&Triad| triad.t > before;
            self.accel.iter().filter(missed).for_each(|triad| open.push(&Sample::Accel(*triad)));
            self.gyro.iter().filter(missed).for_each(|triad| open.push(&Sample::Gyro(*triad)));
            return;
        }
        if self.done.iter().any(|done| done.id == event.id) {
            return;
        }
        let from = event.start.plus_s(-self.keep_s);
        let mut evidence = Evidence { id: event.id, accel: Vec::new(), gyro: Vec::new(), from, to };
        self.accel.iter().for_each(|triad| evidence.push(&Sample::Accel(*triad)));
        self.gyro.iter().for_each(|triad| evidence.push(&Sample::Gyro(*triad)));
        self.open.push(evidence);
        if self.open.len() > MOST {
            let oldest = self.open.first().map(|open| open.id);
            self.close(|evidence| Some(evidence.id) == oldest);
        }
    }

    /// Nothing more will come.
    pub(super) fn finish(&mut self) {
        self.close(|_| true);
    }

    fn close(&mut self, is_over: impl Fn(&Evidence) -> bool) {
        for evidence in self.open.extract_if(.., |evidence| is_over(evidence)) {
            if self.done.len() == MOST {
                self.done.pop_front();
            }
            self.done.push_back(evidence);
        }
    }

    /// Keeps nothing that this sensor gave.
    pub(super) fn forget(&mut self, sensor: Sensor) {
        let all = self.open.iter_mut().chain(&mut self.done);
        match sensor {
            Sensor::Accel => {
                self.accel.clear();
                all.for_each(|evidence| evidence.accel = Vec::new());
            }
            Sensor::Gyro => {
                self.gyro.clear();
                all.for_each(|evidence| evidence.gyro = Vec::new());
            }
            _ => {}
        }
    }
}

impl Engine {
    /// The raw samples about a crash, the oldest first, once they are complete: `crash.evidence_s` after it, or when the
    /// stream has ended. Revoked crashes have theirs as well. Up to four wait here; what is not taken gives way.
    pub fn take_evidence(&mut self) -> Option<Evidence> {
        self.archive.done.pop_front()
    }

    /// What [`Engine::take_evidence`] would take; it stays.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.archive.done.front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    fn triad(t_s: f64) -> Triad {
        Triad { t: at(t_s), x: t_s, y: 0.0, z: 9.8 }
    }

    fn crash(at_s: f64) -> Event {
        let mut event = Event::new(EventKind::Crash, at(at_s), at(at_s + 0.1));
        event.id.ordinal = 1;
        event
    }

    fn feed(archive: &mut Archive, seconds: core::ops::Range<u32>) {
        for step in seconds.start * 100..seconds.end * 100 {
            let t_s = f64::from(step) / 100.0;
            archive.push(&Sample::Accel(triad(t_s)));
            archive.push(&Sample::Gyro(triad(t_s + 0.001)));
        }
    }

    #[test]
    fn five_seconds_before_and_after_are_kept_at_the_rate_they_came() {
        let mut archive = Archive::new(5.0);
        feed(&mut archive, 0..30);
        archive.note(&crash(29.9));
        feed(&mut archive, 30..50);
        let evidence = archive.done.pop_front().expect("complete");
        let (first, last) = (evidence.accel.first().expect("some").t, evidence.accel.last().expect("some").t);
        assert!((first.s_since(at(24.9)).abs() < 0.02) && (last.s_since(at(35.0)).abs() < 0.02));
        assert!((1008..=1012).contains(&evidence.accel.len()), "{}", evidence.accel.len());
        assert!(evidence.samples().windows(2).all(|pair| pair[0].t() <= pair[1].t()));
    }

    #[test]
    fn what_may_not_be_kept_is_not_kept() {
        let mut archive = Archive::new(5.0);
        feed(&mut archive, 0..30);
        archive.note(&crash(29.9));
        archive.forget(Sensor::Gyro);
        archive.finish();
        let evidence = archive.done.front().expect("complete");
        assert!(evidence.gyro.is_empty() && !evidence.accel.is_empty() && archive.gyro.is_empty());
        archive.forget(Sensor::Accel);
        assert!(archive.done.front().expect("complete").accel.is_empty());
        let mut nothing = Archive::new(0.0);
        feed(&mut nothing, 0..10);
        nothing.note(&crash(9.0));
        nothing.finish();
        assert!(nothing.accel.is_empty() && nothing.done.is_empty());
    }

    #[test]
    fn neither_rings_nor_evidence_grow_without_end() {
        let mut archive = Archive::new(5.0);
        let room = archive.accel.capacity();
        feed(&mut archive, 0..60);
        assert_eq!(archive.accel.capacity(), room);
        for ordinal in 1..20 {
            let mut event = crash(59.0);
            event.id.ordinal = ordinal;
            archive.note(&event);
        }
        archive.finish();
        assert!(archive.open.is_empty() && archive.done.len() == MOST);
    }
}
