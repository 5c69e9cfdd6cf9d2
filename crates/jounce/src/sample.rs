//! What goes into the engine. Every input is a sample, so every recording can be replayed.

use crate::{
    persist::{Axes, Layout, Persist, Tape, Timed},
    time::Timestamp,
};

/// Which sensor, or other source, a [`Sample`] came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Sensor {
    /// Accelerometer.
    Accel,
    /// Gyroscope.
    Gyro,
    /// Magnetometer.
    Mag,
    /// Satellite navigation.
    Gnss,
    /// Barometer.
    Baro,
    /// What the host knows: screen, car Bluetooth, activity.
    Hint,
    /// Posted speed limit.
    Limit,
    /// What the person allows.
    Consent,
}

impl Sensor {
    /// How many there are.
    pub const COUNT: usize = 8;

    /// All of them by their numbers, which never change: recordings and hosts know a sensor by them.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Accel, Self::Gyro, Self::Mag, Self::Gnss, Self::Baro, Self::Hint, Self::Limit, Self::Consent];

    /// Its number: the position in [`Sensor::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name used in the native trace CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accel => "accel",
            Self::Gyro => "gyro",
            Self::Mag => "mag",
            Self::Gnss => "gnss",
            Self::Baro => "baro",
            Self::Hint => "hint",
            Self::Limit => "limit",
            Self::Consent => "consent",
        }
    }

    /// The sensor of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sensor| sensor.name() == name)
    }
}

/// One sample. Vectors are in the *device* frame (x right, y to the top edge, z out of the screen).
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub enum Sample {
    /// Specific force, m/s²: about +9.81 on z at rest, face up.
    Accel(Triad),
    /// Angular rate, rad/s.
    Gyro(Triad),
    /// Magnetic field, µT.
    Mag(Triad),
    /// A GNSS fix.
    Gnss(GnssFix),
    /// Air pressure.
    Baro(BaroSample),
    /// Something the host knows.
    Hint(HintSample),
    /// The posted limit from here on.
    Limit(LimitSample),
    /// What the person allows from here on.
    Consent(ConsentSample),
}

impl Sample {
    /// When it was measured.
    pub const fn t(&self) -> Timestamp {
        match self {
            Self::Accel(s) | Self::Gyro(s) | Self::Mag(s) => s.t,
            Self::Gnss(s) => s.t,
            Self::Baro(s) => s.t,
            Self::Hint(s) => s.t,
            Self::Limit(s) => s.t,
            Self::Consent(s) => s.t,
        }
    }

    /// The same sample measured at `t`.
    #[must_use]
    pub const fn at(mut self, t: Timestamp) -> Self {
        match &mut self {
            Self::Accel(s) | Self::Gyro(s) | Self::Mag(s) => s.t = t,
            Self::Gnss(s) => s.t = t,
            Self::Baro(s) => s.t = t,
            Self::Hint(s) => s.t = t,
            Self::Limit(s) => s.t = t,
            Self::Consent(s) => s.t = t,
        }
        self
    }

    /// Where it came from.
    pub const fn sensor(&self) -> Sensor {
        match self {
            Self::Accel(_) => Sensor::Accel,
            Self::Gyro(_) => Sensor::Gyro,
            Self::Mag(_) => Sensor::Mag,
            Self::Gnss(_) => Sensor::Gnss,
            Self::Baro(_) => Sensor::Baro,
            Self::Hint(_) => Sensor::Hint,
            Self::Limit(_) => Sensor::Limit,
            Self::Consent(_) => Sensor::Consent,
        }
    }
}

impl Timed for Sample {
    fn t(&self) -> Timestamp {
        self.t()
    }

    fn at(self, t: Timestamp) -> Self {
        self.at(t)
    }
}

/// Three axes at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Triad {
    /// When it was measured.
    pub t: Timestamp,
    /// Right.
    pub x: f64,
    /// To the top edge.
    pub y: f64,
    /// Out of the screen.
    pub z: f64,
}

impl Persist for Triad {
    const LAYOUT: Layout = Axes::LAYOUT;

    fn blank() -> Self {
        Self { t: Timestamp::blank(), x: 0.0, y: 0.0, z: 0.0 }
    }

    fn run(&mut self, tape: &mut Tape<'_>) {
        Axes::run_as(&mut self.t, [&mut self.x, &mut self.y, &mut self.z], tape);
    }
}

/// A GNSS fix. What is not known is `None`; a negative speed, course or accuracy (iOS) is refused
/// as unknown by the engine, and so is an accuracy of exactly 0 (Android's "not known").
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
pub struct GnssFix {
    /// When it was measured.
    pub t: Timestamp,
    /// Latitude, degrees, WGS 84.
    pub lat_deg: Option<f64>,
    /// Longitude, degrees, WGS 84.
    pub lon_deg: Option<f64>,
    /// Altitude, m.
    pub alt_m: Option<f64>,
    /// Speed over ground, m/s.
    pub speed_mps: Option<f64>,
    /// Course over ground, degrees clockwise from true north.
    pub course_deg: Option<f64>,
    /// Horizontal accuracy (68 %), m.
    pub hacc_m: Option<f64>,
    /// Speed accuracy (68 %), m/s.
    pub sacc_mps: Option<f64>,
}

impl GnssFix {
    /// How many values a fix has besides its time.
    pub const VALUES: usize = 7;

    /// A fix of [`GnssFix::values`].
    pub const fn from_values(t: Timestamp, values: [Option<f64>; Self::VALUES]) -> Self {
        let [lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps] = values;
        Self { t, lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps }
    }

    /// Its values in the order in which every format has them.
    pub const fn values(&self) -> [Option<f64>; Self::VALUES] {
        [self.lat_deg, self.lon_deg, self.alt_m, self.speed_mps, self.course_deg, self.hacc_m, self.sacc_mps]
    }
}

/// Air pressure at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub struct BaroSample {
    /// When it was measured.
    pub t: Timestamp,
    /// Pressure, hPa.
    pub pressure_hpa: f64,
}

/// Something the host knows, from this moment on.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub struct HintSample {
    /// Since when.
    pub t: Timestamp,
    /// What.
    pub hint: Hint,
}

/// What a host may tell the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub enum Hint {
    /// The screen is on (`screen,on` / `screen,off`).
    Screen(bool),
    /// The phone is connected to a car's Bluetooth or audio (`car,on` / `car,off`).
    Car(bool),
    /// The platform's activity recognition (`activity,automotive` …).
    Activity(Activity),
}

/// What the platform's activity recognition says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub enum Activity {
    /// In a car or other road vehicle.
    Automotive,
    /// On a bicycle.
    Cycling,
    /// On foot.
    Walking,
    /// Running.
    Running,
    /// Not moving.
    Still,
    /// The platform does not know.
    Unknown,
}

impl Activity {
    /// All of them by their numbers, which never change: see [`Hint::code`].
    pub const ALL: [Self; 6] =
        [Self::Automotive, Self::Cycling, Self::Walking, Self::Running, Self::Still, Self::Unknown];

    /// The value of an `activity` hint.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automotive => "automotive",
            Self::Cycling => "cycling",
            Self::Walking => "walking",
            Self::Running => "running",
            Self::Still => "still",
            Self::Unknown => "unknown",
        }
    }
}

impl Hint {
    /// Number of the first activity.
    const FIRST_ACTIVITY: u8 = 16;

    /// Reads the name and value of a `hint` row; `None` when either is not known here.
    pub fn parse(name: &str, value: &str) -> Option<Self> {
        let switch = || match value {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        };
        match name {
            "screen" => switch().map(Self::Screen),
            "car" => switch().map(Self::Car),
            "activity" => Activity::ALL.into_iter().find(|it| it.name() == value).map(Self::Activity),
            _ => None,
        }
    }

    /// The name and value of a `hint` row.
    pub const fn as_row(self) -> (&'static str, &'static str) {
        const fn switch(on: bool) -> &'static str {
            if on { "on" } else { "off" }
        }
        match self {
            Self::Screen(on) => ("screen", switch(on)),
            Self::Car(on) => ("car", switch(on)),
            Self::Activity(activity) => ("activity", activity.name()),
        }
    }

    /// Its number, which never changes: 0, 1 screen off, on; 2, 3 car off, on; from 16 the activities.
    pub const fn code(self) -> u8 {
        match self {
            Self::Screen(on) => on as u8,
            Self::Car(on) => 2 + on as u8,
            Self::Activity(activity) => Self::FIRST_ACTIVITY + activity as u8,
        }
    }

    /// The hint of that number; `None` when it is not known here.
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 | 1 => Self::Screen(code == 1),
            2 | 3 => Self::Car(code == 3),
            _ => Self::Activity(*Activity::ALL.get(usize::from(code.checked_sub(Self::FIRST_ACTIVITY)?))?),
        })
    }
}

/// The posted limit from this moment on.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub struct LimitSample {
    /// Since when.
    pub t: Timestamp,
    /// What is posted.
    pub limit: PostedLimit,
}

/// What a `limit` row says.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
pub enum PostedLimit {
    /// At most this speed, m/s.
    Limit(f64),
    /// There is no limit here.
    NoLimit,
    /// Nobody knows, so nothing is judged.
    Unknown,
}

/// Whether one sensor may be used. It holds from the moment it is pushed, ahead of everything that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Persist)]
pub struct ConsentSample {
    /// When the person said so.
    pub t: Timestamp,
    /// Which sensor; consent itself cannot be refused.
    pub sensor: Sensor,
    /// Whether its samples may be used.
    pub allowed: bool,
}
