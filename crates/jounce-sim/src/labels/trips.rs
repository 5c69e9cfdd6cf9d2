//! Where trips start and end.

use jounce::event::EventKind;

use super::Label;
use crate::{math::KMH_PER_MPS, truth::Moment, vehicle::STANDING_MPS};

const MOVING_MPS: f64 = 8.0 / KMH_PER_MPS;
const START_HOLD_S: f64 = 10.0;
const END_HOLD_S: f64 = 300.0;
/// A pause in the data that splits a trip, s.
const GAP_S: f64 = 600.0;

/// Start labels reach from the last standstill to where ten seconds of driving were complete; end labels from the last
/// driving to where it is decided that it was.
pub(super) fn judge(track: &[Moment]) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut state = State::default();
    let recorded = track.iter().filter(|m| m.recording);
    for moment in recorded {
        state.step(moment, &mut labels);
    }
    state.finish(&mut labels);
    labels
}

/// Moments since the start, s.
#[derive(Debug, Default)]
struct State {
    last: Option<f64>,
    stood: f64,
    driving_since: Option<f64>,
    /// Last moment of driving, while a trip is on.
    drove: Option<f64>,
}

impl State {
    fn step(&mut self, m: &Moment, labels: &mut Vec<Label>) {
        if self.last.is_none_or(|last| m.t_s - last >= GAP_S) {
            self.finish(labels);
            (self.driving_since, self.stood) = (None, m.t_s);
        }
        self.last = Some(m.t_s);
        let drives = m.speed_mps >= MOVING_MPS;
        if m.speed_mps < STANDING_MPS {
            self.stood = m.t_s;
        }
        let since_s = *self.driving_since.get_or_insert(m.t_s);
        match self.drove {
            _ if !drives => self.driving_since = None,
            Some(_) => self.drove = Some(m.t_s),
            None if m.t_s - since_s >= START_HOLD_S => {
                labels.push(Label::new(EventKind::TripStart, self.stood, m.t_s));
                self.drove = Some(m.t_s);
            }
            None => {}
        }
        if self.drove.is_some_and(|drove_s| m.t_s - drove_s >= END_HOLD_S) {
            self.finish(labels);
        }
    }

    fn finish(&mut self, labels: &mut Vec<Label>) {
        if let (Some(drove_s), Some(last_s)) = (self.drove.take(), self.last) {
            labels.push(Label::new(EventKind::TripEnd, drove_s, last_s));
        }
    }
}
