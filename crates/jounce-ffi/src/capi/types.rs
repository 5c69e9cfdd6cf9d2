//! What comes out: plain structures and numbers that never change their meaning.

use jounce::{
    engine::{Needs, Stage},
    event::{Detail, Event, EventKind, LimitSource, Phase, Severity, Side},
};

use crate::{
    abi::{JOUNCE_ABI_VERSION, rates_hz},
    session::Failure,
};

/// How a call ended. A number once given is never given again.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JounceStatus {
    /// Done.
    Ok = 0,
    /// A null pointer, or a value that cannot be meant.
    InvalidArgument = 1,
    /// No such session: never opened, or freed.
    InvalidSession = 2,
    /// A panic was contained in this session: reset or restore it.
    Faulted = 3,
    /// A panic was contained just now: the session is faulted.
    Internal = 4,
    /// The settings are not valid.
    InvalidConfig = 5,
    /// The snapshot is damaged, foreign, of another version, or of other settings.
    InvalidSnapshot = 6,
    /// The buffer is too small; the length needed was written.
    BufferTooSmall = 7,
    /// A structure of a size or version that is not known here.
    UnknownVersion = 8,
    /// The operating system refuses a file or a thread.
    System = 9,
}

impl From<&Failure> for JounceStatus {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Argument(_) => Self::InvalidArgument,
            Failure::Session => Self::InvalidSession,
            Failure::Faulted => Self::Faulted,
            Failure::Internal => Self::Internal,
            Failure::Syntax(_) | Failure::Config(_) => Self::InvalidConfig,
            Failure::Snapshot(_) => Self::InvalidSnapshot,
            Failure::Buffer { .. } => Self::BufferTooSmall,
            Failure::Version => Self::UnknownVersion,
            Failure::System(_) => Self::System,
        }
    }
}

/// One event. A number that is not known is NaN, or −1. Its reasons and its quality are in its JSON line.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JounceEvent {
    /// `sizeof(JounceEvent)`.
    pub size: u32,
    /// `JOUNCE_ABI_VERSION`.
    pub version: u32,
    /// 0 trip start, 1 trip end, 2 hard braking, 3 harsh acceleration, 4 harsh cornering, 5 swerve, 6 speeding, 7 crash,
    /// 8 rollover, 9 phone drop, 10 phone handling, 11 phone moved, 12 place reached, 13 place left.
    pub kind: i32,
    /// Which of its kind, from 1: with the kind, its id.
    pub ordinal: u32,
    /// 0 final, 1 suspected, 2 confirmed, 3 revoked.
    pub phase: i32,
    /// 0 minor to 4 extreme.
    pub severity: i32,
    /// 0 left, 1 right.
    pub direction: i32,
    /// Where a blow came from, as on a clock face.
    pub direction_clock: i32,
    /// Of a crash: 1 when its figures are lower bounds.
    pub clipped: i32,
    /// Of a crash.
    pub secondary_impacts: i32,
    /// Of speeding: 0 recorded, 1 fixed, 2 absolute.
    pub limit_source: i32,
    /// Zero.
    pub reserved: i32,
    /// When it began, ns.
    pub start_ns: i64,
    /// When it was at its height, ns.
    pub peak_ns: i64,
    /// When it ended, ns.
    pub end_ns: i64,
    /// Newest sample when it was decided, ns.
    pub decided_ns: i64,
    /// 0 to 1.
    pub confidence: f64,
    /// Where it began, degrees.
    pub lat_deg: f64,
    /// Where it began, degrees.
    pub lon_deg: f64,
    /// m/s.
    pub speed_before_mps: f64,
    /// m/s.
    pub speed_after_mps: f64,
    /// Standard deviation of the speeds, m/s.
    pub speed_sigma_mps: f64,
    /// With its sign: braking is negative, left is positive.
    pub peak_mps2: f64,
    /// With its sign.
    pub mean_mps2: f64,
    /// Of a trip, and of speeding, m.
    pub distance_m: f64,
    /// Of a trip, and of a crash's pulse, s.
    pub duration_s: f64,
    /// Of speeding, m/s.
    pub limit_mps: f64,
    /// Of speeding, m/s.
    pub mean_speed_mps: f64,
    /// Of speeding, m/s.
    pub max_speed_mps: f64,
    /// Of a crash, m/s.
    pub delta_v_mps: f64,
    /// Of a crash, g.
    pub peak_g: f64,
    /// Of a moved phone, rad.
    pub angle_rad: f64,
}

/// The size of a structure, as it is written in it.
const fn size_of_it<T>() -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred bytes")]
    let size = size_of::<T>() as u32;
    size
}

/// What is not known.
const NONE: i32 = -1;

impl From<&Event> for JounceEvent {
    fn from(event: &Event) -> Self {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let mut to = Self {
            size: size_of_it::<Self>(),
            version: JOUNCE_ABI_VERSION.into(),
            kind: kind(event.kind()),
            ordinal: event.id.ordinal,
            phase: match event.phase {
                Phase::Final => 0,
                Phase::Suspected => 1,
                Phase::Confirmed => 2,
                Phase::Revoked => 3,
            },
            severity: event.severity.map_or(NONE, severity),
            direction: event.direction.map_or(NONE, |side| i32::from(side == Side::Right)),
            direction_clock: NONE,
            clipped: NONE,
            secondary_impacts: NONE,
            limit_source: NONE,
            reserved: 0,
            start_ns: event.start.ns(),
            peak_ns: event.peak.ns(),
            end_ns: event.end.ns(),
            decided_ns: event.decided.ns(),
            confidence: event.confidence,
            lat_deg: number(event.position.map(|it| it.lat_deg)),
            lon_deg: number(event.position.map(|it| it.lon_deg)),
            speed_before_mps: number(event.speed_before_mps),
            speed_after_mps: number(event.speed_after_mps),
            speed_sigma_mps: number(event.speed_sigma_mps),
            peak_mps2: number(event.peak_mps2),
            mean_mps2: number(event.mean_mps2),
            distance_m: f64::NAN,
            duration_s: f64::NAN,
            limit_mps: f64::NAN,
            mean_speed_mps: f64::NAN,
            max_speed_mps: f64::NAN,
            delta_v_mps: f64::NAN,
            peak_g: f64::NAN,
            angle_rad: f64::NAN,
        };
        to.take_detail(&event.detail);
        to
    }
}

impl JounceEvent {
    fn take_detail(&mut self, detail: &Detail) {
        match *detail {
            Detail::None | Detail::Place { .. } => {}
            Detail::Trip { distance_m, duration_s, mean_speed_mps, max_speed_mps, .. } => {
                (self.distance_m, self.duration_s) = (distance_m, duration_s);
                (self.mean_speed_mps, self.max_speed_mps) = (mean_speed_mps, max_speed_mps);
            }
            Detail::PhoneMoved { angle_rad } => self.angle_rad = angle_rad,
            Detail::Speeding { limit_mps, limit_source, mean_speed_mps, max_speed_mps, distance_m } => {
                (self.limit_mps, self.distance_m) = (limit_mps, distance_m);
                (self.mean_speed_mps, self.max_speed_mps) = (mean_speed_mps, max_speed_mps);
                self.limit_source = match limit_source {
                    LimitSource::Recorded => 0,
                    LimitSource::Fixed => 1,
                    LimitSource::Absolute => 2,
                };
            }
            Detail::Crash { delta_v_mps, peak_g, duration_s, direction_clock, clipped, secondary_impacts } => {
                (self.delta_v_mps, self.peak_g, self.duration_s) = (delta_v_mps, peak_g, duration_s);
                self.direction_clock = direction_clock.map_or(NONE, i32::from);
                self.clipped = clipped.into();
                self.secondary_impacts = i32::try_from(secondary_impacts).unwrap_or(i32::MAX);
            }
        }
    }
}

fn kind(kind: EventKind) -> i32 {
    match kind {
        EventKind::TripStart => 0,
        EventKind::TripEnd => 1,
        EventKind::HardBraking => 2,
        EventKind::HarshAcceleration => 3,
        EventKind::HarshCornering => 4,
        EventKind::Swerve => 5,
        EventKind::Speeding => 6,
        EventKind::Crash => 7,
        EventKind::Rollover => 8,
        EventKind::PhoneDrop => 9,
        EventKind::PhoneHandling => 10,
        EventKind::PhoneMoved => 11,
        EventKind::PlaceArrive => 12,
        EventKind::PlaceLeave => 13,
    }
}

fn severity(severity: Severity) -> i32 {
    match severity {
        Severity::Minor => 0,
        Severity::Moderate => 1,
        Severity::Hard => 2,
        Severity::Severe => 3,
        Severity::Extreme => 4,
    }
}

/// How many sensors [`JounceNeeds`] tells of.
pub const JOUNCE_SENSORS: usize = 8;

/// Which sensors are wanted now.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JounceNeeds {
    /// `sizeof(JounceNeeds)`.
    pub size: u32,
    /// 0 idle, 1 watching, 2 driving.
    pub stage: i32,
    /// By `JounceSensor`: samples a second wanted; 0 none, it may be switched off; −1 each change.
    pub rate_hz: [f64; JOUNCE_SENSORS],
}

impl From<Needs> for JounceNeeds {
    fn from(needs: Needs) -> Self {
        Self {
            size: size_of_it::<Self>(),
            stage: match needs.stage {
                Stage::Idle => 0,
                Stage::Watching => 1,
                Stage::Driving => 2,
            },
            rate_hz: rates_hz(&needs),
        }
    }
}
