//! What should be found in a recording: judged on the true motion by the event definitions, not on what the script meant.
//!
//! The thresholds stand here on their own, taken from the definitions and not from the engine's config, so that a slip
//! there shows.

mod driving;
mod impact;
mod phone;
mod places;
mod size;
mod span;
#[cfg(test)]
mod tests;
mod trips;

use jounce::{config::PlaceConfig, event::Side};
use jounce_score::Label;

use crate::{phone::PhoneState, truth::Moment};

pub use size::Manoeuvre;
pub(crate) use size::judge as sizes;

/// Nothing that should be found is nearer to a calm stretch than this, s.
const CALM_MARGIN_S: f64 = 5.0;
/// A calm stretch is at least this long, s.
const CALM_LEAST_S: f64 = 10.0;
/// In a calm stretch no acceleration, forward or to the side, exceeds this, m/s²: 0.26 g, well below any threshold.
const CALM_MPS2: f64 = 2.55;
/// … and no limit is exceeded by more than this, m/s (5 km/h).
const CALM_OVER_LIMIT_MPS: f64 = 1.4;

/// To the left when `lateral_mps2` is positive.
fn side(lateral_mps2: f64) -> Side {
    if lateral_mps2 > 0.0 { Side::Left } else { Side::Right }
}

/// Every label of a track, in order of time.
pub(crate) fn judge(track: &[Moment], origin_deg: (f64, f64), places: &[PlaceConfig]) -> Vec<Label> {
    let times: Vec<f64> = track.iter().map(|moment| moment.t_s).collect();
    let trips = trips::judge(track);
    let crashes = impact::crashes(track, &times, &trips);
    let driven = |index: usize| {
        let moment = &track[index];
        let hit = crashes.iter().any(|crash| impact::covers(crash, moment.t_s));
        (moment.recording && !hit).then_some(moment)
    };
    let mut labels = Vec::new();
    labels.extend(driving::braking(&times, &driven));
    labels.extend(driving::acceleration(&times, &driven));
    labels.extend(driving::cornering(&times, &driven));
    labels.extend(driving::swerves(&times, &driven));
    labels.extend(driving::speeding(&times, track));
    labels.extend(impact::rollovers(track, &times));
    labels.extend(phone::judge(track, &times));
    labels.extend(places::judge(track, origin_deg, places));
    labels.extend(crashes);
    labels.extend(trips);
    labels.extend(calm(track, &labels));
    labels.sort_by(|a, b| a.start_s.total_cmp(&b.start_s).then(a.kind.cmp(&b.kind)));
    labels
}

fn calm(track: &[Moment], labels: &[Label]) -> Vec<Label> {
    let is_calm = |moment: &Moment| {
        let near = |label: &Label| (label.start_s - CALM_MARGIN_S..=label.end_s + CALM_MARGIN_S).contains(&moment.t_s);
        let over_limit =
            driving::posted_mps(moment).is_some_and(|limit| moment.speed_mps > limit + CALM_OVER_LIMIT_MPS);
        moment.recording
            && moment.phone == PhoneState::Settled
            && libm::fabs(moment.accel.x) < CALM_MPS2
            && libm::fabs(moment.accel.y) < CALM_MPS2
            && !over_limit
            && !labels.iter().any(near)
    };
    let stretches =
        track.chunk_by(|a, b| is_calm(a) == is_calm(b)).filter(|stretch| stretch.first().is_some_and(is_calm));
    let ends = stretches.filter_map(|stretch| Some((stretch.first()?.t_s, stretch.last()?.t_s)));
    ends.filter(|(start, end)| end - start >= CALM_LEAST_S)
        .map(|(start_s, end_s)| Label::calm(start_s, end_s))
        .collect()
}
