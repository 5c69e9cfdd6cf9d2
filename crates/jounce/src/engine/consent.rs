//! What the person allows to be used.
//!
//! Consent is an input like any other: a recorded sample, so that a replay refuses what was refused. It holds from the
//! moment it is pushed, whatever its time. A refused sample is counted, and nothing else of it is kept. When consent is
//! withdrawn, what the sensor gave before and was still waiting or kept raw is dropped as well; what had been worked out
//! of it while consent stood stays, until [`Engine::forget`].

use super::{Engine, Waiting};
use crate::{
    health::Refusal,
    ingest::gnss::FixGate,
    persist::Persist,
    sample::{ConsentSample, Sensor},
};

/// Which sensors may be used; all of them unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub struct Consent([bool; Sensor::COUNT]);

impl Default for Consent {
    fn default() -> Self {
        Self([true; Sensor::COUNT])
    }
}

impl Consent {
    /// Whether samples of this sensor are used. Consent itself is always heard.
    pub fn allows(&self, sensor: Sensor) -> bool {
        // `index` is below `COUNT` by construction.
        sensor == Sensor::Consent || self.0[sensor.index()]
    }
}

impl Engine {
    /// Which sensors may be used now.
    pub fn consent(&self) -> Consent {
        self.consent
    }

    /// Forgets everything that was ever pushed: trips, places, how the phone sits, the record of the input. What is
    /// undecided is not reported. Settings and consent stay. A recording should end here too, and a new one begin.
    pub fn forget(&mut self) {
        *self = Self { consent: self.consent, ..Self::new(self.config.clone()) };
    }

    pub(super) fn take_consent(&mut self, said: &ConsentSample) {
        self.ingest.heard(Sensor::Consent);
        self.consent.0[said.sensor.index()] = said.allowed;
        if !said.allowed {
            self.drop_raw(said.sensor);
        }
    }

    /// Drops what a sensor gave and nobody has used yet, and what is kept as it came.
    fn drop_raw(&mut self, sensor: Sensor) {
        for _ in 0..self.align.forget(sensor) {
            self.ingest.refused(sensor, Refusal::NoConsent);
        }
        self.ingest.forget(sensor);
        self.delay_line.retain(|sample| sample.sensor() != sensor);
        self.waiting.retain(|waiting| match waiting {
            Waiting::Fix(_) => sensor != Sensor::Gnss,
            Waiting::Sample(sample) => sample.sensor() != sensor,
        });
        self.detectors.forget(sensor);
        self.archive.forget(sensor);
        self.wake.forget(sensor);
        if sensor == Sensor::Gnss {
            self.gate = FixGate::new(&self.config.get().ingest);
            self.track.clear();
            self.last_fix_speed = None;
        }
    }
}
