//! What there was about one moment, and how far it was from an event: "why not here".

use std::str::FromStr;

use jounce::{
    config::{CorneringConfig, HarshConfig, ValidConfig},
    event::EventKind,
    motion::Motion,
    time::Timestamp,
};
use serde::Serialize;

use super::run::Replayed;

/// This much on either side belongs to a moment, s: a manoeuvre, and what is seen of it a little late.
const AROUND_S: f64 = 5.0;
/// The motion comes in steps of this, s.
const STEP_S: f64 = 0.1;

/// What is to be explained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Explain {
    Everything,
    /// What was about this moment, s after the earliest sample.
    About(f64),
}

impl FromStr for Explain {
    type Err = String;

    /// `everything`, seconds, `m:ss` or `h:mm:ss`, the seconds with or without a fraction.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "everything" {
            return Ok(Self::Everything);
        }
        let expected = || "expected a time as in the TIME column, such as 0:01:23.5, or seconds".to_owned();
        let (whole, seconds) = text.rsplit_once(':').unwrap_or(("0", text));
        let seconds: f64 = seconds.parse().map_err(|_| expected())?;
        let mut minutes = 0.0;
        for part in whole.split(':') {
            minutes = minutes * 60.0 + f64::from(part.parse::<u32>().map_err(|_| expected())?);
        }
        let is_clock = text.contains(':');
        let in_range = seconds >= 0.0 && seconds.is_finite() && (!is_clock || seconds < 60.0);
        let moment_s = minutes * 60.0 + seconds;
        if in_range && text.matches(':').count() <= 2 { Ok(Self::About(moment_s)) } else { Err(expected()) }
    }
}

/// A stretch of time, and what the vehicle did in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct About {
    #[serde(rename = "about_ns")]
    pub(crate) moment: Timestamp,
    #[serde(rename = "from_ns")]
    pub(crate) from: Timestamp,
    #[serde(rename = "to_ns")]
    pub(crate) to: Timestamp,
    /// Moments of which the engine tells the motion.
    #[serde(skip)]
    pub(crate) moments: usize,
    /// Lowest and highest speed, m/s, and the largest standard deviation.
    pub(crate) speed_mps: Option<[f64; 2]>,
    pub(crate) speed_sigma_mps: Option<f64>,
    /// The speed was carried on without a fix for this long, s.
    pub(crate) estimated_s: f64,
    /// How well it was known how the phone sits, at worst, rad, and for how long it was not used, s.
    pub(crate) mount_sigma_rad: Option<f64>,
    pub(crate) unaligned_s: f64,
    /// The phone was being moved for this long, s.
    pub(crate) phone_moving_s: f64,
    /// Change of heading, rad, positive to the left.
    pub(crate) heading_rad: f64,
    /// Harsh kinds: how far each went.
    pub(crate) harsh: [Extreme; 3],
}

/// The most that there was of what a harsh kind is told from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Extreme {
    pub(crate) kind: EventKind,
    /// The largest acceleration that counts for it, m/s², without sign, and when; none where there was none.
    pub(crate) peak_mps2: Option<f64>,
    #[serde(rename = "peak_ns")]
    pub(crate) peak: Option<Timestamp>,
    /// The longest time beyond the threshold, s.
    pub(crate) held_s: f64,
    #[serde(flatten)]
    pub(crate) needs: Needs,
}

/// What a harsh kind needs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Needs {
    pub(crate) threshold_mps2: f64,
    /// Beyond the threshold for so long, s.
    pub(crate) needed_s: f64,
    /// Speed at its start, m/s.
    pub(crate) min_speed_mps: f64,
}

impl From<HarshConfig> for Needs {
    fn from(HarshConfig { threshold_mps2, hold_s, min_speed_mps, .. }: HarshConfig) -> Self {
        Self { threshold_mps2, needed_s: hold_s, min_speed_mps }
    }
}

impl From<CorneringConfig> for Needs {
    fn from(CorneringConfig { threshold_mps2, hold_s, min_speed_mps, .. }: CorneringConfig) -> Self {
        Self { threshold_mps2, needed_s: hold_s, min_speed_mps }
    }
}

impl About {
    /// What was about `moment_s` after the start; the replay must have kept its motion.
    pub(crate) fn new(replayed: &Replayed, moment_s: f64, config: &ValidConfig) -> Self {
        let moment = replayed.start.plus_s(moment_s);
        let (from, to) = (moment.plus_s(-AROUND_S), moment.plus_s(AROUND_S));
        let motion: Vec<&Motion> = replayed.motion.iter().filter(|m| (from..=to).contains(&m.t)).collect();
        let config = config.in_force();
        let speeds = || motion.iter().filter_map(|m| m.speed_mps);
        let largest = |of: fn(&Motion) -> Option<f64>| motion.iter().filter_map(|m| of(m)).reduce(f64::max);
        let lasts_s = |is: fn(&Motion) -> bool| steps_s(motion.iter().filter(|m| is(m)).count());
        Self {
            moment,
            from,
            to,
            moments: motion.len(),
            speed_mps: speeds().reduce(f64::min).zip(speeds().reduce(f64::max)).map(Into::into),
            speed_sigma_mps: largest(|m| m.speed_sigma_mps),
            estimated_s: lasts_s(|m| m.estimated),
            mount_sigma_rad: largest(|m| m.mount_sigma_rad),
            unaligned_s: lasts_s(|m| m.accelerometer && !m.inertial),
            phone_moving_s: lasts_s(|m| m.phone_moving),
            heading_rad: motion.iter().filter_map(|m| m.yaw_rate_radps).sum::<f64>() * STEP_S,
            harsh: [
                Extreme::of(
                    EventKind::HardBraking,
                    &motion,
                    |m| m.accel_forward_mps2.map(|a| -a),
                    config.braking.into(),
                ),
                Extreme::of(
                    EventKind::HarshAcceleration,
                    &motion,
                    |m| m.accel_forward_mps2,
                    config.acceleration.into(),
                ),
                Extreme::of(
                    EventKind::HarshCornering,
                    &motion,
                    |m| m.accel_left_mps2.map(f64::abs),
                    config.cornering.into(),
                ),
            ],
        }
    }

    /// Whether something from `start` to `end` belongs to it.
    pub(crate) fn touches(&self, start: Timestamp, end: Timestamp) -> bool {
        start <= self.to && end >= self.from
    }
}

impl Extreme {
    /// `of`: what counts for the kind, m/s², positive towards it.
    fn of(kind: EventKind, motion: &[&Motion], of: fn(&Motion) -> Option<f64>, needs: Needs) -> Self {
        let towards = motion.iter().filter_map(|m| Some((m.t, of(m)?))).filter(|(_, a)| *a > 0.0);
        let peak = towards.reduce(|a, b| if b.1 > a.1 { b } else { a });
        let is_beyond = |m: &&Motion| of(m).is_some_and(|a| a >= needs.threshold_mps2);
        let runs =
            motion.chunk_by(|a, b| is_beyond(a) == is_beyond(b)).filter(|run| run.first().is_some_and(is_beyond));
        let held_s = steps_s(runs.map(<[_]>::len).max().unwrap_or_default());
        Self { kind, peak_mps2: peak.map(|(_, a)| a), peak: peak.map(|(t, _)| t), held_s, needs }
    }
}

#[expect(clippy::cast_precision_loss, reason = "steps of ten seconds")]
fn steps_s(count: usize) -> f64 {
    count as f64 * STEP_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_it_is_written_in_the_table() {
        for (text, seconds) in [("83.5", 83.5), ("1:23.5", 83.5), ("0:01:23.5", 83.5), ("1:00:00", 3600.0), ("0", 0.0)]
        {
            assert_eq!(text.parse(), Ok(Explain::About(seconds)), "{text}");
        }
        for text in ["", "now", "1:60", "-3", "1:-3", "nan", "inf", "1:2:3:4", ":", "1.5:00"] {
            assert!(text.parse::<Explain>().is_err(), "{text}");
        }
    }
}
