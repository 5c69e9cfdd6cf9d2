//! The detectors that need to know the vehicle's axes, with the motion of the last half minute before them.

use super::{Detector, Observation, Outbox, cornering::Cornering, harsh::Harsh, recent::Recent, swerve::Swerve};
use crate::{config::ValidConfig, persist::Persist};

// What events are worth was counted on simulated drives (`score-events --from 900000`), where what is said most surely is
// always true, and set a little lower, since the world holds more than a simulator. `docs/scoreboard.md` counts others.

/// Confidence when everything speaks for it.
pub(super) const CONFIRMED: f64 = 0.97;
/// Share of it left for each that is missing: a fix that confirms it, a known speed, anything felt.
pub(super) const UNCONFIRMED: f64 = 0.95;

/// Judges by looking back: `recent` is the motion of the last half minute, with the moment that is seen.
pub(crate) trait Judge {
    /// Takes one observation; what it decides goes to `out`.
    fn observe(&mut self, seen: &Observation<'_>, recent: &Recent, out: &mut Outbox);
}

/// Braking, acceleration, cornering and swerves.
#[derive(Debug, Persist)]
pub(crate) struct Judges {
    recent: Recent,
    braking: Harsh,
    acceleration: Harsh,
    cornering: Cornering,
    swerve: Swerve,
}

impl Judges {
    pub(crate) fn new(config: &ValidConfig) -> Self {
        let (c, tuning) = (config.get(), config.tuning());
        Self {
            recent: Recent::new(),
            braking: Harsh::braking(tuning.harsh(&c.braking)),
            acceleration: Harsh::acceleration(tuning.harsh(&c.acceleration)),
            cornering: Cornering::new(tuning.cornering(&c.cornering), c.profile),
            swerve: Swerve::new(tuning.swerve(&c.swerve), c.profile),
        }
    }
}

impl Detector for Judges {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        if let Observation::Motion(m) = seen {
            self.recent.push(m);
        }
        let judges: [&mut dyn Judge; 4] =
            [&mut self.braking, &mut self.acceleration, &mut self.cornering, &mut self.swerve];
        for judge in judges {
            judge.observe(seen, &self.recent, out);
        }
        // Nothing is looked back to across a gap.
        if matches!(seen, Observation::Gap { .. } | Observation::End(_)) {
            self.recent.clear();
        }
    }
}
