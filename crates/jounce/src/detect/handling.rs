//! Phone handling: a phone that is turned about in a moving vehicle, for longer than it takes to put it right.
//!
//! Decides: whether the moves that no vehicle makes, as the mount room finds them, add up to long enough while the vehicle
//! was under way. Moves close together are one use of the phone. The host's word on the screen makes it more or less
//! likely that somebody used it; whose hand it was nobody can tell.

use super::{Detector, Observation, Outbox};
use crate::{
    config::HandlingConfig,
    event::{Dismissal, Event, EventKind, Position, Reason},
    grid::STEP_S,
    motion::Motion,
    mount::moved::MARGIN_S,
    persist::Persist,
    sample::Hint,
    time::Timestamp,
};

/// Confidence when the screen was on, when nobody knows, and when it was off: at the ear, but also in a bag that slides about.
const SCREEN_ON: f64 = 0.97;
const SCREEN_UNKNOWN: f64 = 0.93;
const SCREEN_OFF: f64 = 0.85;

/// Share of it left when the speed was carried on from before.
const UNKNOWN: f64 = 0.95;
/// Without GNSS the speed is lost once the phone is moved: what it was before holds for this long, s.
const HELD_S: f64 = 20.0;

/// Adds up moves.
#[derive(Clone, Debug, Persist)]
pub(crate) struct Handling {
    config: HandlingConfig,
    screen: Option<bool>,
    using: Option<Use>,
    was_moving: bool,
    /// The last known speed.
    speed: Option<(Timestamp, f64)>,
}

/// Moves that are close together.
#[derive(Clone, Copy, Debug, Persist)]
struct Use {
    start: Timestamp,
    end: Timestamp,
    position: Option<Position>,
    speed_before_mps: Option<f64>,
    speed_after_mps: Option<f64>,
    speed_sigma_mps: Option<f64>,
    fastest_mps: Option<f64>,
    /// Time that it was turned, and of this while under way, s.
    turned_s: f64,
    held_s: f64,
    /// At some time nobody knew the speed.
    speed_unknown: bool,
    /// What was said of the screen: on at any time counts.
    screen: Option<bool>,
}

impl Handling {
    pub(crate) fn new(config: &HandlingConfig) -> Self {
        Self { config: config.clone(), screen: None, using: None, was_moving: false, speed: None }
    }

    /// The host's hints may no longer be used.
    pub(crate) fn forget_hints(&mut self) {
        self.screen = None;
        if let Some(using) = &mut self.using {
            using.screen = None;
        }
    }

    fn motion(&mut self, m: &Motion, out: &mut Outbox) {
        if let Some(mps) = m.speed_mps {
            self.speed = Some((m.t, mps));
        }
        let was_moving = core::mem::replace(&mut self.was_moving, m.phone_moving);
        let begins = m.phone_moving && !was_moving;
        if !m.phone_moving {
            if self.using.is_some_and(|using| m.t.s_since(using.end) >= self.config.merge_gap_s) {
                self.finish(out);
            }
            return;
        }
        let using = self.using.get_or_insert(Use {
            start: m.t,
            end: m.t,
            position: m.position,
            speed_before_mps: m.speed_mps,
            speed_after_mps: None,
            speed_sigma_mps: m.speed_sigma_mps,
            fastest_mps: None,
            turned_s: 0.0,
            held_s: 0.0,
            speed_unknown: false,
            screen: None,
        });
        using.end = m.t;
        using.speed_after_mps = m.speed_mps;
        // A move is told with a margin on either side, of which half is its own.
        let turned_s = if begins { STEP_S - MARGIN_S } else { STEP_S };
        using.turned_s += turned_s;
        using.speed_unknown |= m.speed_mps.is_none();
        if let Some((_, mps)) = self.speed.filter(|(t, _)| m.t.s_since(*t) <= HELD_S) {
            using.fastest_mps = Some(using.fastest_mps.map_or(mps, |fastest| fastest.max(mps)));
            if mps >= self.config.min_speed_mps {
                using.held_s += turned_s;
            }
        }
        using.screen = using.screen.max(self.screen);
    }

    fn finish(&mut self, out: &mut Outbox) {
        let Some(using) = self.using.take() else { return };
        let (held_s, needed_s) = (using.held_s, self.config.hold_s);
        let handled = Reason::Handled { held_s, needed_s };
        if held_s < needed_s {
            let (turned, needed_mps) = (using.turned_s >= needed_s, self.config.min_speed_mps);
            let against = match using.fastest_mps {
                Some(speed_mps) if turned && speed_mps < needed_mps => Reason::TooSlow { speed_mps, needed_mps },
                None if turned => Reason::SpeedUnknown,
                // Fast enough, but not for long enough.
                _ => handled,
            };
            out.dismiss(Dismissal {
                kind: EventKind::PhoneHandling,
                start: using.start,
                end: using.end,
                peak_mps2: None,
                reasons: [against].into(),
            });
            return;
        }
        let mut event = Event::new(EventKind::PhoneHandling, using.start, using.end);
        event.position = using.position;
        event.speed_before_mps = using.speed_before_mps;
        event.speed_after_mps = using.speed_after_mps;
        event.speed_sigma_mps = using.speed_sigma_mps;
        event.quality.speed_sigma_mps = using.speed_sigma_mps;
        event.reasons.push(handled);
        event.reasons.extend(using.screen.map(|on| Reason::Screen { on }));
        event.confidence = match using.screen {
            Some(true) => SCREEN_ON,
            None => SCREEN_UNKNOWN,
            Some(false) => SCREEN_OFF,
        };
        if using.speed_unknown {
            event.reasons.push(Reason::SpeedUnknown);
            event.confidence *= UNKNOWN;
        }
        out.report(event);
    }
}

impl Detector for Handling {
    fn observe(&mut self, seen: &Observation<'_>, out: &mut Outbox) {
        match seen {
            Observation::Motion(m) => self.motion(m, out),
            Observation::Hint(said) => {
                if let Hint::Screen(on) = said.hint {
                    self.screen = Some(on);
                }
            }
            Observation::Gap { .. } | Observation::End(_) => self.finish(out),
            Observation::Fix(_) | Observation::Limit(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
