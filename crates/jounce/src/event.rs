//! What comes out of the engine: events, and candidates that did not become events, each with typed reasons.

#[cfg(feature = "serde")]
mod json;
mod reason;
mod text;

pub use reason::Reason;

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::{persist::Persist, time::Timestamp};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum EventKind {
    /// A drive began.
    TripStart,
    /// A drive ended.
    TripEnd,
    /// Braking harder than the threshold.
    HardBraking,
    /// Accelerating harder than the threshold.
    HarshAcceleration,
    /// Turning harder than the threshold.
    HarshCornering,
    /// One side, then the other, without turning.
    Swerve,
    /// Faster than the posted limit, or than the absolute one.
    Speeding,
    /// An impact that changed the vehicle's velocity.
    Crash,
    /// The vehicle turned over.
    Rollover,
    /// The phone fell.
    PhoneDrop,
    /// The phone was in somebody's hand while driving.
    PhoneHandling,
    /// The phone sits differently in the vehicle from here on.
    PhoneMoved,
    /// A place was reached.
    PlaceArrive,
    /// A place was left.
    PlaceLeave,
}

impl EventKind {
    /// How many there are.
    pub const COUNT: usize = 14;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::TripStart,
        Self::TripEnd,
        Self::HardBraking,
        Self::HarshAcceleration,
        Self::HarshCornering,
        Self::Swerve,
        Self::Speeding,
        Self::Crash,
        Self::Rollover,
        Self::PhoneDrop,
        Self::PhoneHandling,
        Self::PhoneMoved,
        Self::PlaceArrive,
        Self::PlaceLeave,
    ];

    /// The name used in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TripStart => "trip_start",
            Self::TripEnd => "trip_end",
            Self::HardBraking => "hard_braking",
            Self::HarshAcceleration => "harsh_acceleration",
            Self::HarshCornering => "harsh_cornering",
            Self::Swerve => "swerve",
            Self::Speeding => "speeding",
            Self::Crash => "crash",
            Self::Rollover => "rollover",
            Self::PhoneDrop => "phone_drop",
            Self::PhoneHandling => "phone_handling",
            Self::PhoneMoved => "phone_moved",
            Self::PlaceArrive => "place_arrive",
            Self::PlaceLeave => "place_leave",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names one event within a recording: its kind and which of that kind it is, from 1.
///
/// Written `hard_braking-3`. A crash keeps its id from `suspected` to `confirmed` or `revoked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
pub struct EventId {
    /// What happened.
    pub kind: EventKind,
    /// Which of its kind, from 1.
    pub ordinal: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind, self.ordinal)
    }
}

/// How far an event's life has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Phase {
    /// Decided; nothing more follows under this id, except `Revoked` for a trip that proves to be no drive.
    #[default]
    Final,
    /// Reported at once, to be confirmed or revoked under the same id.
    Suspected,
    /// It did happen.
    Confirmed,
    /// It did not happen after all.
    Revoked,
}

impl Phase {
    /// The name used in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Suspected => "suspected",
            Self::Confirmed => "confirmed",
            Self::Revoked => "revoked",
        }
    }
}

/// How bad it was. The bands are config fields of each detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Severity {
    /// Below the threshold that most products use.
    Minor,
    /// Noticeable.
    Moderate,
    /// Hard.
    Hard,
    /// Severe.
    Severe,
    /// At the limit of what tyres can do.
    Extreme,
}

impl Severity {
    /// The name used in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Moderate => "moderate",
            Self::Hard => "hard",
            Self::Severe => "severe",
            Self::Extreme => "extreme",
        }
    }
}

/// Left or right, as the driver sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Side {
    /// To the left.
    Left,
    /// To the right.
    Right,
}

impl Side {
    /// The name used in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// Of accelerations to this side.
    pub(crate) const fn sign(self) -> f64 {
        match self {
            Self::Left => 1.0,
            Self::Right => -1.0,
        }
    }
}

/// Where the limit of a speeding event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum LimitSource {
    /// A recorded limit row.
    Recorded,
    /// The configured fixed limit.
    Fixed,
    /// The configured absolute speed.
    Absolute,
}

impl LimitSource {
    /// The name used in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Fixed => "fixed",
            Self::Absolute => "absolute",
        }
    }
}

/// The quality of the data under which an event was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Quality {
    /// Achieved accelerometer rate, Hz.
    pub accel_hz: Option<f64>,
    /// Achieved gyroscope rate, Hz.
    pub gyro_hz: Option<f64>,
    /// Achieved GNSS rate, Hz.
    pub gnss_hz: Option<f64>,
    /// Gaps so far, all sensors.
    pub gaps: u32,
    /// Standard deviation of the mount's yaw, rad.
    pub mount_sigma_rad: Option<f64>,
    /// Standard deviation of the speed, m/s.
    pub speed_sigma_mps: Option<f64>,
    /// The speed is carried on without GNSS.
    pub estimated: bool,
    /// The accelerometer is slower than an impact asks for.
    pub degraded_rate: bool,
}

/// A place on Earth.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub struct Position {
    /// Latitude, degrees, WGS 84.
    pub lat_deg: f64,
    /// Longitude, degrees, WGS 84.
    pub lon_deg: f64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Persist)]
pub struct Event {
    /// Names it.
    pub id: EventId,
    /// How far its life has come.
    pub phase: Phase,
    /// When it began.
    pub start: Timestamp,
    /// When it was at its height.
    pub peak: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// Newest sample pushed when this was decided.
    pub decided: Timestamp,
    /// How bad.
    pub severity: Option<Severity>,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Where it began.
    pub position: Option<Position>,
    /// Speed at its start, m/s.
    pub speed_before_mps: Option<f64>,
    /// Speed at its end, m/s.
    pub speed_after_mps: Option<f64>,
    /// Standard deviation of the speeds, m/s.
    pub speed_sigma_mps: Option<f64>,
    /// Peak acceleration, m/s², with its sign (braking is negative, left is positive).
    pub peak_mps2: Option<f64>,
    /// Mean acceleration, m/s², with its sign.
    pub mean_mps2: Option<f64>,
    /// Which way.
    pub direction: Option<Side>,
    /// What only this kind of event has.
    pub detail: Detail,
    /// Why it fired.
    pub reasons: Vec<Reason>,
    /// Under which quality of data.
    pub quality: Quality,
}

impl Event {
    /// A `Final` event of `kind` over `start..=end` that says nothing more yet.
    ///
    /// The engine fills in `id`'s ordinal, `decided` and `quality` when it reports the event.
    pub fn new(kind: EventKind, start: Timestamp, end: Timestamp) -> Self {
        Self {
            id: EventId { kind, ordinal: 0 },
            phase: Phase::Final,
            start,
            peak: start,
            end,
            decided: end,
            severity: None,
            confidence: 1.0,
            position: None,
            speed_before_mps: None,
            speed_after_mps: None,
            speed_sigma_mps: None,
            peak_mps2: None,
            mean_mps2: None,
            direction: None,
            detail: Detail::None,
            reasons: Vec::new(),
            quality: Quality::default(),
        }
    }

    /// What happened.
    pub const fn kind(&self) -> EventKind {
        self.id.kind
    }
}

/// What happened on a trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TripCounts {
    /// Events of hard braking.
    pub hard_braking: u32,
    /// Events of harsh acceleration.
    pub harsh_acceleration: u32,
    /// Events of harsh cornering.
    pub harsh_cornering: u32,
    /// Swerves.
    pub swerve: u32,
    /// Events of speeding.
    pub speeding: u32,
    /// Events of phone handling.
    pub phone_handling: u32,
    /// Time over a limit, s.
    pub over_limit_s: f64,
    /// Time with the phone in use, s.
    pub handling_s: f64,
}

impl TripCounts {
    /// Points of one braking or swerve, of one acceleration or bend, of a minute over a limit, and of one with the phone.
    const POINTS: [f64; 4] = [3.0, 2.0, 1.0, 3.0];
    /// Added to the way, so that one braking does not ruin a trip around the corner, km.
    const EASE_KM: f64 = 10.0;

    /// 100 for a trip on which nothing happened, less with every event, and the less the longer the way: with d km and
    /// p points, 100 · (10 + d) / (10 + d + p). A braking or a swerve is 3 points, an acceleration or a bend 2, a minute
    /// over a limit 1, a minute with the phone 3. It compares trips of one driver; it says nothing about the odds of an
    /// accident, for which such weights would have to be learnt from claims.
    pub fn score(&self, distance_m: f64) -> f64 {
        let [hard, harsh, over, phone] = Self::POINTS;
        let points = hard * f64::from(self.hard_braking.saturating_add(self.swerve))
            + harsh * f64::from(self.harsh_acceleration.saturating_add(self.harsh_cornering))
            + (over * self.over_limit_s + phone * self.handling_s) / 60.0;
        let way = Self::EASE_KM + distance_m.max(0.0) / 1e3;
        100.0 * way / (way + points)
    }

    /// Counts `event`, when it is one of these.
    pub(crate) fn add(&mut self, event: &Event) {
        let duration_s = event.end.s_since(event.start).max(0.0);
        let count = match event.kind() {
            EventKind::HardBraking => &mut self.hard_braking,
            EventKind::HarshAcceleration => &mut self.harsh_acceleration,
            EventKind::HarshCornering => &mut self.harsh_cornering,
            EventKind::Swerve => &mut self.swerve,
            EventKind::Speeding => {
                self.over_limit_s += duration_s;
                &mut self.speeding
            }
            EventKind::PhoneHandling => {
                self.handling_s += duration_s;
                &mut self.phone_handling
            }
            _ => return,
        };
        *count = count.saturating_add(1);
    }
}

/// How somebody travelled who did not drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TransportMode {
    /// On foot.
    Walking,
    /// On foot, running.
    Running,
    /// By bicycle.
    Bicycle,
    /// By bus.
    Bus,
    /// By tram.
    Tram,
    /// By metro: on rails, mostly out of GNSS's sight.
    Metro,
    /// By train.
    Train,
    /// By air.
    Aircraft,
}

impl TransportMode {
    /// Its name, as in the JSON of events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Walking => "walking",
            Self::Running => "running",
            Self::Bicycle => "bicycle",
            Self::Bus => "bus",
            Self::Tram => "tram",
            Self::Metro => "metro",
            Self::Train => "train",
            Self::Aircraft => "aircraft",
        }
    }
}

/// What only one kind of event has.
#[derive(Clone, Debug, Default, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(untagged))]
pub enum Detail {
    /// Nothing more to say.
    #[default]
    None,
    /// Of a trip's end.
    Trip {
        /// Way driven, m.
        distance_m: f64,
        /// Time from start to end, s.
        duration_s: f64,
        /// Way over time, halts included, m/s.
        mean_speed_mps: f64,
        /// Highest speed, m/s.
        max_speed_mps: f64,
        /// What happened on the way.
        counts: TripCounts,
        /// See [`TripCounts::score`].
        score: f64,
    },
    /// Of a speeding event.
    Speeding {
        /// Limit without tolerance, m/s.
        limit_mps: f64,
        /// Where the limit came from.
        limit_source: LimitSource,
        /// Mean speed, m/s.
        mean_speed_mps: f64,
        /// Highest speed, m/s.
        max_speed_mps: f64,
        /// Way driven too fast, m.
        distance_m: f64,
    },
    /// Of a crash.
    Crash {
        /// Change of horizontal velocity, m/s; a lower bound when `clipped`.
        delta_v_mps: f64,
        /// Peak specific force without gravity, g; a lower bound when `clipped`.
        peak_g: f64,
        /// Length of the pulse, s.
        duration_s: f64,
        /// Where the blow came from, as on a clock face: 12 front, 3 right; unknown before alignment.
        direction_clock: Option<u8>,
        /// The sensor's range ended before the peak.
        clipped: bool,
        /// Impacts that followed within the same crash.
        secondary_impacts: u32,
    },
    /// Of a place.
    Place {
        /// Its configured name.
        place: String,
    },
    /// Of a turned phone.
    PhoneMoved {
        /// Angle between the old and the new gravity direction, rad.
        angle_rad: f64,
    },
}

/// Version of the JSON contract; fields are only added.
pub const SCHEMA: u32 = 1;

/// A candidate that did not become an event.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Dismissal {
    /// What it might have been.
    pub kind: EventKind,
    /// When it began.
    #[cfg_attr(feature = "serde", serde(rename = "start_ns"))]
    pub start: Timestamp,
    /// When it ended.
    #[cfg_attr(feature = "serde", serde(rename = "end_ns"))]
    pub end: Timestamp,
    /// Peak acceleration, m/s², where it has one.
    pub peak_mps2: Option<f64>,
    /// Why it is none: the first speaks against it, others may tell more.
    pub reasons: Vec<Reason>,
}

/// Takes what the engine has to say. Every method but [`Sink::event`] may be left out.
pub trait Sink {
    /// An event was decided.
    fn event(&mut self, event: &Event);

    /// A candidate was dismissed.
    fn dismissal(&mut self, dismissal: &Dismissal) {
        let _ = dismissal;
    }

    /// The vehicle's motion on a 10 Hz grid, in time order, as far behind the newest sample as the horizon is.
    fn motion(&mut self, motion: &crate::motion::Motion) {
        let _ = motion;
    }
}

impl Sink for Vec<Event> {
    fn event(&mut self, event: &Event) {
        self.push(event.clone());
    }
}
