//! Whether a trip was a drive at all, and if not, what it was.
//!
//! Only what is clear counts, since a drive that is revoked is worse than a walk that is not:
//!
//! - nobody drives faster than [`BEYOND_ROADS_MPS`]: a train, and beyond [`BEYOND_RAILS_MPS`] an aircraft;
//! - who takes steps, or pedals, for most of the way, and never outruns a cyclist, is on foot or on a bicycle;
//! - who never outruns a cyclist, is shaken as no car's springs let through, and wobbles or keeps rolling, is on a bicycle: its
//!   rider sways with the pedals, and steers all the time to balance (S. M. Cain, J. A. Ashton-Miller, N. C. Perkins, *On the
//!   skill of balancing while riding a bicycle*, PLOS ONE 11, 2016). A car as slow as that is in a jam, and stands every few
//!   metres;
//! - who runs between halts without ever turning as streets do, or speeding up or braking as drivers do, is on rails:
//!   passengers stand there, so trams and metros brake by about 1.2 m/s² in service, and trains by less.
//!
//! Who stops and stops, and is so gentle that people can stand meanwhile, may be in a bus. Some drivers are as gentle, and
//! only a map of bus stops would tell (L. Stenneth and others, *Transportation mode detection using mobile phones and GIS
//! information*, ACM GIS 2011): such a trip is not revoked, but says so.

use alloc::collections::VecDeque;

use crate::{
    config::Profile, detect::gait::Rhythm, event::TransportMode, grid::STEP_S, motion::Motion, persist::Persist,
    sample::Activity,
};

/// Cyclists and runners keep below, m/s (30 km/h, with the error of a fix).
const CYCLIST_MPS: f64 = 8.5;
/// Fixes err for this share of the time. A driver is faster for longer, and brakes harder for 3 s before each halt.
const ERRING_SHARE: f64 = 0.01;
/// Walkers keep below, m/s.
const WALKER_MPS: f64 = 2.8;
/// Steps are quicker than this, pedals slower, s.
const PEDAL_PERIOD_S: f64 = 0.65;
/// No car is driven faster than this for [`BEYOND_S`], m/s (270 km/h) …
const BEYOND_ROADS_MPS: f64 = 75.0;
/// … and no train faster than this (360 km/h).
const BEYOND_RAILS_MPS: f64 = 100.0;
const BEYOND_S: f64 = 60.0;
/// Signs of being on foot must be there for this share of the time under way.
const FOOT_SHARE: f64 = 0.5;
/// Slower than this a vehicle stands, m/s …
const STANDING_MPS: f64 = 0.5;
/// … for this long, s, at a halt.
const HALT_S: f64 = 5.0;
/// Halts are told after, and before, this speed, m/s.
const RUNNING_MPS: f64 = 8.0;
/// Rails: speeding up or braking is not harder than this, m/s² …
const RAIL_MPS2: f64 = 1.3;
/// … in the mean over this long, in steps …
const RAIL_STEPS: usize = 30;
/// Standing passengers bear this along the way, m/s² (0.11 to 0.15 g: J. L. Hoberock, *A survey of longitudinal acceleration
/// comfort studies in ground transportation vehicles*, Journal of Dynamic Systems 99, 1977): buses keep below it.
const BUS_MPS2: f64 = 1.5;
/// Buses halt so often, in the mean, m (stops in cities are 150 to 500 m apart: TCRP Report 165, 2013, chapter 6) …
const BUS_STOPS_M: f64 = 700.0;
/// … and are told after so many runs from or to a halt.
const BUS_RUNS: u32 = 12;
/// No vehicle corners harder than this, m/s²: what turns more is the phone.
const MAX_LATERAL_MPS2: f64 = 9.0;
/// A bend tighter than this radius, m …
const STREET_RADIUS_M: f64 = 60.0;
/// … through this angle is a street's, rad (45°).
const STREET_RAD: f64 = 0.785;
/// Rails are told after this long under way, s, and so many runs from or to a halt.
const RAIL_AFTER_S: f64 = 120.0;
const RAIL_RUNS: u32 = 2;
/// Trains are faster than this, trams and metros are not, m/s (80 km/h).
const TRAIN_MPS: f64 = 22.0;
/// A bicycle is told after this long, s …
const BICYCLE_AFTER_S: f64 = 180.0;
/// … by shaking what it carries up and down by this much or more, m/s² (mean amount of means over 0.1 s, which a speed bump
/// hardly changes; recorded cars below 30 km/h: 0.21 at most in three minutes, `docs/scoreboard.md`) …
const BICYCLE_SHAKE_MPS2: f64 = 0.3;
/// … and wobbling, rad/s² (mean amount by which the yaw rate changes within 0.1 s; recorded cars at any speed: 0.25 at most) …
const BICYCLE_WOBBLE_RADPS2: f64 = 0.6;
/// … or by shaking this much, m/s² …
const ROLLING_SHAKE_MPS2: f64 = 0.4;
/// … and rolling on for this long between halts, s, most of the way …
const ROLLS_ON_S: f64 = 60.0;
/// … or less of it the more it shakes, down to once at what cars do on bad roads, and then not for long, m/s².
const BAD_ROAD_SHAKE_MPS2: f64 = 0.65;
/// Under ground for this share of the way is a metro.
const METRO_SHARE: f64 = 0.5;

/// What was seen of a trip while it was under way.
#[derive(Clone, Debug, Default, Persist)]
pub(super) struct Evidence {
    fastest_mps: f64,
    /// Steps under way, and of these by the host's word on foot, with a rhythm, without a yaw rate, out of GNSS's sight.
    samples: u32,
    on_foot: u32,
    activity: Option<Activity>,
    rhythm: u32,
    period_s: f64,
    yaw_unknown: u32,
    unseen: u32,
    /// Steps faster than any cyclist, and time beyond what roads allow, s.
    outrun: u32,
    beyond_s: f64,
    recent_mps: VecDeque<f64>,
    /// Steps that speed up or brake harder than rails do, and harder than buses do.
    hard: u32,
    firm: u32,
    /// Sum of the amounts of the vertical acceleration, m/s².
    shake_mps2: f64,
    /// The last yaw rate while the phone stays in its place, by how much it has changed, back and forth, rad/s, and within how
    /// many steps.
    yaw_rate_radps: Option<f64>,
    wobble_radps: f64,
    in_place: u32,
    /// Steps since the last halt, and those of stretches that were long enough.
    rolling: u32,
    rolled_on: u32,
    /// Angle turned in the bend under way, rad.
    bend_rad: f64,
    turned_as_streets_do: bool,
    standing_s: f64,
    /// It has run since the last halt, or halted since the last run.
    runs: u32,
    is_running: bool,
}

impl Evidence {
    /// Another moment on the 10 Hz grid.
    pub(super) fn add(&mut self, m: &Motion, mps: f64, activity: Option<Activity>, rhythm: Option<Rhythm>) {
        self.follow_halts(mps);
        if mps < STANDING_MPS {
            self.stop_rolling();
            return;
        }
        self.rolling = self.rolling.saturating_add(1);
        if let Some(up) = m.accel_up_mps2 {
            self.shake_mps2 += up.abs();
        }
        self.samples = self.samples.saturating_add(1);
        self.fastest_mps = self.fastest_mps.max(mps);
        if let Some(activity) = activity {
            self.on_foot = self.on_foot.saturating_add(1);
            self.activity = Some(activity);
        }
        if let Some(rhythm) = rhythm {
            self.rhythm = self.rhythm.saturating_add(1);
            self.period_s += (rhythm.period_s - self.period_s) / f64::from(self.rhythm);
        }
        self.unseen = self.unseen.saturating_add(u32::from(m.estimated));
        self.outrun = self.outrun.saturating_add(u32::from(mps > CYCLIST_MPS));
        if mps > BEYOND_ROADS_MPS {
            self.beyond_s += STEP_S;
        }
        let yaw_rate = m.yaw_rate_radps.filter(|_| !m.phone_moving);
        if let Some((rate, before)) = yaw_rate.zip(self.yaw_rate_radps) {
            self.wobble_radps += (rate - before).abs();
            self.in_place = self.in_place.saturating_add(1);
        }
        self.yaw_rate_radps = yaw_rate;
        match m.yaw_rate_radps {
            Some(rate) if !m.phone_moving && rate.abs() * mps < MAX_LATERAL_MPS2 => self.follow_bend(rate, mps),
            Some(_) => self.bend_rad = 0.0,
            None => self.yaw_unknown = self.yaw_unknown.saturating_add(1),
        }
    }

    fn stop_rolling(&mut self) {
        if f64::from(self.rolling) * STEP_S >= ROLLS_ON_S {
            self.rolled_on = self.rolled_on.saturating_add(self.rolling);
        }
        self.rolling = 0;
    }

    fn follow_halts(&mut self, mps: f64) {
        if self.recent_mps.len() == RAIL_STEPS
            && let Some(before) = self.recent_mps.pop_front()
        {
            #[expect(clippy::cast_precision_loss, reason = "thirty")]
            let span_s = RAIL_STEPS as f64 * STEP_S;
            let mean_mps2 = (mps - before).abs() / span_s;
            // A halt that is told a moment early or late would be a jump.
            let rolls = before.min(mps) >= STANDING_MPS;
            self.hard = self.hard.saturating_add(u32::from(rolls && mean_mps2 > RAIL_MPS2));
            self.firm = self.firm.saturating_add(u32::from(rolls && mean_mps2 > BUS_MPS2));
        }
        self.recent_mps.push_back(mps);
        self.standing_s = if mps < STANDING_MPS { self.standing_s + STEP_S } else { 0.0 };
        let has_halted = self.is_running && self.standing_s >= HALT_S;
        let has_run = !self.is_running && mps >= RUNNING_MPS;
        if has_halted || has_run {
            self.is_running = has_run;
            self.runs = self.runs.saturating_add(1);
        }
    }

    fn follow_bend(&mut self, yaw_rate: f64, mps: f64) {
        let is_tight = yaw_rate.abs() * STREET_RADIUS_M > mps;
        if !is_tight || yaw_rate * self.bend_rad < 0.0 {
            self.bend_rad = 0.0;
        }
        if is_tight {
            self.bend_rad += yaw_rate * STEP_S;
        }
        self.turned_as_streets_do |= self.bend_rad.abs() >= STREET_RAD;
    }

    /// Highest speed, m/s.
    pub(super) fn fastest_mps(&self) -> f64 {
        self.fastest_mps
    }

    /// It drove the `way_m` as a bus does.
    pub(super) fn is_like_a_bus(&self, way_m: f64) -> bool {
        let halts = f64::from(self.runs / 2);
        self.runs >= BUS_RUNS && way_m <= BUS_STOPS_M * halts && self.share(self.firm) <= ERRING_SHARE
    }

    /// So many steps as a share of those under way.
    fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.samples.max(1))
    }

    /// As no car is that is as slow.
    fn is_shaken_like_a_bicycle(&self) -> bool {
        let shake_mps2 = self.shake_mps2 / f64::from(self.samples.max(1));
        let in_place_s = f64::from(self.in_place) * STEP_S;
        let wobbles = in_place_s >= BICYCLE_AFTER_S && self.wobble_radps >= BICYCLE_WOBBLE_RADPS2 * in_place_s;
        let like_a_car = (BAD_ROAD_SHAKE_MPS2 - shake_mps2) / (BAD_ROAD_SHAKE_MPS2 - ROLLING_SHAKE_MPS2);
        let rolls_on = self.rolled_on > 0 && self.share(self.rolled_on) >= FOOT_SHARE * like_a_car;
        shake_mps2 >= BICYCLE_SHAKE_MPS2 && wobbles || shake_mps2 >= ROLLING_SHAKE_MPS2 && rolls_on
    }

    /// What it was, if it was clearly no drive of a vehicle of this `profile`.
    pub(super) fn other_than_drive(&mut self, profile: Profile) -> Option<TransportMode> {
        self.stop_rolling();
        if self.beyond_s >= BEYOND_S {
            let is_train = self.fastest_mps <= BEYOND_RAILS_MPS;
            return Some(if is_train { TransportMode::Train } else { TransportMode::Aircraft });
        }
        let samples = f64::from(self.samples);
        let is_slow = self.share(self.outrun) <= ERRING_SHARE;
        if is_slow {
            if self.share(self.on_foot) > FOOT_SHARE {
                return Some(match self.activity {
                    Some(Activity::Running) => TransportMode::Running,
                    Some(Activity::Cycling) => TransportMode::Bicycle,
                    _ => TransportMode::Walking,
                });
            }
            if self.share(self.rhythm) > FOOT_SHARE {
                return Some(match self.fastest_mps {
                    ..=WALKER_MPS => TransportMode::Walking,
                    _ if self.period_s > PEDAL_PERIOD_S => TransportMode::Bicycle,
                    _ => TransportMode::Running,
                });
            }
            // A lorry shakes as much, and a motorcycle wobbles as well.
            let rides_softly = matches!(profile, Profile::Car | Profile::Van);
            if rides_softly && samples * STEP_S >= BICYCLE_AFTER_S && self.is_shaken_like_a_bicycle() {
                return Some(TransportMode::Bicycle);
            }
        }
        let is_on_rails = samples * STEP_S >= RAIL_AFTER_S
            && self.runs >= RAIL_RUNS
            && self.share(self.hard) <= ERRING_SHARE
            && !self.turned_as_streets_do
            && self.share(self.yaw_unknown) < 0.1;
        is_on_rails.then(|| {
            if self.fastest_mps > TRAIN_MPS {
                TransportMode::Train
            } else if self.share(self.unseen) >= METRO_SHARE {
                TransportMode::Metro
            } else {
                TransportMode::Tram
            }
        })
    }
}
