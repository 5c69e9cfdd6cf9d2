//! Rules that others publish, on the same samples: a peak and a speed.
//!
//! They are read in their favour: the peak is taken without gravity, at every sample, and the speed is the highest of
//! the fixes in the five seconds before.

use std::collections::VecDeque;

use jounce::sample::Sample;
use nalgebra::Vector3;

use crate::score::replay::seconds;

const G: f64 = jounce_sim::GRAVITY_MPS2;

/// A peak and a speed that together mean a crash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    peak_g: f64,
    speed_mps: f64,
}

/// Tracelet's rule, and the one before it; `WreckWatch` (White et al. 2011).
pub(super) const PEERS: [Rule; 3] = [
    Rule { name: "2 g, 25 km/h", peak_g: 2.0, speed_mps: 25.0 / 3.6 },
    Rule { name: "3 g, 25 km/h", peak_g: 3.0, speed_mps: 25.0 / 3.6 },
    Rule { name: "4 g, 15 mph", peak_g: 4.0, speed_mps: 6.7 },
];

/// Speeds older than this do not count, s.
const SPEED_KEEPS_S: f64 = 5.0;
/// Gravity is a mean over this time, s, of what is near it.
const GRAVITY_TAU_S: f64 = 2.0;

/// The three rules at work.
#[derive(Debug, Default)]
pub(super) struct Peers {
    gravity: Option<(f64, Vector3<f64>)>,
    speeds: VecDeque<(f64, f64)>,
    fired: [Option<f64>; PEERS.len()],
}

impl Peers {
    pub(super) fn push(&mut self, sample: &Sample) {
        match sample {
            Sample::Gnss(fix) => self.speeds.extend(fix.speed_mps.map(|speed| (seconds(fix.t), speed))),
            Sample::Accel(triad) => self.accel(seconds(triad.t), Vector3::new(triad.x, triad.y, triad.z)),
            _ => {}
        }
    }

    fn accel(&mut self, t_s: f64, force: Vector3<f64>) {
        let (before_s, gravity) = self.gravity.unwrap_or((t_s, force));
        let accel_g = (force - gravity).norm() / G;
        let share = ((t_s - before_s) / GRAVITY_TAU_S).clamp(0.0, 1.0);
        let step = if accel_g < 1.0 { share } else { 0.0 };
        self.gravity = Some((t_s, gravity + (force - gravity) * step));
        while self.speeds.front().is_some_and(|(at_s, _)| t_s - at_s > SPEED_KEEPS_S) {
            self.speeds.pop_front();
        }
        let fastest = self.speeds.iter().map(|(_, speed)| *speed).fold(0.0, f64::max);
        for (rule, fired) in PEERS.iter().zip(&mut self.fired) {
            if accel_g >= rule.peak_g && fastest >= rule.speed_mps {
                fired.get_or_insert(t_s);
            }
        }
    }

    pub(super) fn fired(&self) -> [Option<f64>; PEERS.len()] {
        self.fired
    }
}
