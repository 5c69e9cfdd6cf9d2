//! Sensor Logger (Kelvin Choi) export: a folder of tables `time,seconds_elapsed,z,y,x`, one a sensor.
//!
//! The tables look alike, so their names say which sensor they are of. `Accelerometer` is *without* gravity; Android
//! writes `TotalAcceleration` as well, iOS only `Gravity`, and the two are added here. iOS signs are opposite to
//! Android's unless "Standardise Units & Frames" is on. `time` is UTC, and so is the recording's clock.

use std::path::Path;

use jounce::sample::{Activity, BaroSample, GnssFix, Hint, HintSample, Sample, Triad};

use crate::{
    error::{Damaged, TraceError},
    folder::Member,
    recording::{Format, Recording, merge},
    table::{Fault, Row, Source, Table, Width},
    turns,
    units::{self, AccelUnit, STANDARD_GRAVITY_MPS2},
};

/// Gravity is interpolated between samples at most this far apart, s; a slower sensor misses a bend.
const MAX_GRAVITY_GAP_S: f64 = 0.1;

/// Whether the header is that of one of the tables.
pub(crate) fn recognise(table: &Table<'_>) -> Option<&'static str> {
    (table.columns.first()? == "time" && table.find("seconds_elapsed").is_some())
        .then_some("header `time,seconds_elapsed,…`")
}

/// Columns of a fix, in this app's folder and in its merged table.
#[derive(Debug)]
pub(crate) struct FixColumns {
    lat: usize,
    lon: usize,
    alt: Option<usize>,
    speed: Option<usize>,
    course: Option<usize>,
    hacc: Option<usize>,
    sacc: Option<usize>,
}

impl FixColumns {
    pub(crate) fn of(table: &Table<'_>) -> Option<Self> {
        Some(Self {
            lat: table.find("latitude")?,
            lon: table.find("longitude")?,
            alt: table.find("altitude"),
            speed: table.find("speed"),
            course: table.find("bearing"),
            hacc: table.find("horizontalAccuracy"),
            sacc: table.find("speedAccuracy"),
        })
    }

    /// The fix at `t`; `None` where the row has none.
    pub(crate) fn fix(&self, t: jounce::time::Timestamp, row: &Row<'_>) -> Result<Option<GnssFix>, Fault> {
        let fix = GnssFix {
            t,
            lat_deg: row.coordinate(Some(self.lat))?,
            lon_deg: row.coordinate(Some(self.lon))?,
            alt_m: row.known(self.alt)?,
            speed_mps: row.known_positive(self.speed)?,
            course_deg: row.known_positive(self.course)?,
            hacc_m: row.known_positive(self.hacc)?,
            sacc_mps: row.known_positive(self.sacc)?,
        };
        Ok((fix.lat_deg.is_some() || fix.speed_mps.is_some()).then_some(fix))
    }
}

/// Reads a single table, if its header says which sensor it is of.
pub(crate) fn read_alone(table: &Table<'_>, why: &str) -> Result<Recording, TraceError> {
    let mut recording = Recording::new(table.name(), Format::SensorLogger, why);
    let samples = if FixColumns::of(table).is_some() {
        fixes(table, &mut recording.damaged)?
    } else if table.find("pressure").is_some() {
        pressures(table, &mut recording.damaged)?
    } else {
        return Err(TraceError::LoneTable { path: table.name().to_owned(), format: Format::SensorLogger });
    };
    recording.samples = samples;
    finish(recording)
}

/// Reads a folder of tables.
pub(crate) fn read(path: &Path, members: &[Member]) -> Result<Recording, TraceError> {
    let tables: Vec<_> =
        members.iter().filter(|m| m.format == Some(Format::SensorLogger)).map(|m| m.stem.as_str()).collect();
    let why = format!("tables with a header `time,seconds_elapsed,…`: {}", tables.join(", "));
    let mut recording = Recording::new(&path.display().to_string(), Format::SensorLogger, why);
    let folder = Folder { members };
    let metadata = match folder.member("metadata") {
        Some(member) => Metadata::read(&member.load()?),
        None => Metadata::default(),
    };
    let accel = folder.specific_force(&mut recording)?;
    let calibrated = |name: &str, damaged: &mut Damaged| {
        folder.first_triads(&[name.to_owned(), format!("{name}uncalibrated")], damaged)
    };
    let gyro = calibrated("gyroscope", &mut recording.damaged)?;
    let mag = calibrated("magnetometer", &mut recording.damaged)?;
    let fixes = folder.rows(&["location", "locationgps"], &mut recording.damaged, fixes)?;
    let pressures = folder.rows(&["barometer"], &mut recording.damaged, pressures)?;
    let activities = folder.rows(&["activity"], &mut recording.damaged, activities)?;
    recording.samples = merge(vec![
        accel.triads.into_iter().map(Sample::Accel).collect(),
        gyro.into_iter().map(Sample::Gyro).collect(),
        mag.into_iter().map(Sample::Mag).collect(),
        fixes,
        pressures,
        activities,
    ]);
    apply_sign(&mut recording, metadata.ios_signs(accel.in_g));
    finish(recording)
}

pub(crate) fn finish(mut recording: Recording) -> Result<Recording, TraceError> {
    recording.utc_offset_ns = Some(0);
    recording.note("the recording's clock is UTC");
    recording.finish()
}

/// Turns specific force to the Android sign. Where nothing says whose sign it has, the turns of the drive do.
pub(crate) fn apply_sign(recording: &mut Recording, ios_signs: Option<bool>) {
    let by_turns = turns::check(&recording.samples).and_then(|check| Some((check.sign()? < 0.0, check)));
    let flip = match (ios_signs, by_turns) {
        (Some(ios), None) => ios,
        (Some(ios), Some((inverted, check))) => {
            if ios == inverted {
                recording.note(format!("accel: the sign agrees with {} turns of the GNSS course", check.turns));
            } else {
                recording.note(format!(
                    "accel: WARNING: the sign the metadata gives contradicts {} turns of the GNSS course (r = {:.2})",
                    check.turns, check.correlation
                ));
            }
            ios
        }
        (None, Some((inverted, check))) => {
            recording.note(format!(
                "accel: no metadata says whose sign it has: taken from {} turns of the GNSS course (r = {:.2})",
                check.turns, check.correlation
            ));
            inverted
        }
        (None, None) => {
            recording.note("accel: nothing says whose sign it has: taken as Android's");
            false
        }
    };
    if flip {
        for sample in &mut recording.samples {
            if let Sample::Accel(triad) = sample {
                *triad = units::scaled(*triad, -1.0);
            }
        }
        recording.note("accel: iOS sign, multiplied by −1");
    }
}

/// What `Metadata.csv` says.
#[derive(Debug, Default, PartialEq)]
struct Metadata {
    platform: Option<String>,
    standardised: Option<bool>,
}

impl Metadata {
    /// One row below its header. The device's name may hold anything, so here quotes are obeyed.
    fn read(source: &Source) -> Self {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source.bytes.as_slice());
        let header = reader.headers().cloned().unwrap_or_default();
        let row = reader.records().find_map(Result::ok).unwrap_or_default();
        let value = |name: &str| {
            let column = header.iter().position(|c| c.trim_start_matches('\u{feff}').trim() == name)?;
            row.get(column).map(|v| v.trim().to_lowercase()).filter(|v| !v.is_empty())
        };
        Self { platform: value("platform"), standardised: value("standardisation").map(|v| v == "true") }
    }

    /// Whether accelerations have the iOS sign; `None` when nothing says so. `in_g`: only iOS ever writes g.
    fn ios_signs(&self, in_g: bool) -> Option<bool> {
        if in_g {
            return Some(true);
        }
        let platform = self.platform.as_deref()?;
        Some(platform.contains("ios") && self.standardised != Some(true))
    }
}

#[derive(Debug, Default)]
struct SpecificForce {
    triads: Vec<Triad>,
    /// Whether it was written in g.
    in_g: bool,
}

#[derive(Clone, Copy, Debug)]
struct Folder<'m> {
    members: &'m [Member],
}

impl Folder<'_> {
    /// The table of a sensor, whatever the case of its name.
    fn member(&self, stem: &str) -> Option<&Member> {
        self.members.iter().find(|m| m.stem == stem)
    }

    /// Rows of the first table there is.
    fn rows(
        &self,
        stems: &[&str],
        damaged: &mut Damaged,
        read: impl Fn(&Table<'_>, &mut Damaged) -> Result<Vec<Sample>, TraceError>,
    ) -> Result<Vec<Sample>, TraceError> {
        let Some(member) = stems.iter().find_map(|stem| self.member(stem)) else { return Ok(Vec::new()) };
        let source = member.load()?;
        Table::of(&source).map_or(Ok(Vec::new()), |table| read(&table, damaged))
    }

    /// Vectors of the first table there is.
    fn first_triads(&self, stems: &[String], damaged: &mut Damaged) -> Result<Vec<Triad>, TraceError> {
        for stem in stems {
            let triads = self.triads(stem, damaged)?;
            if !triads.is_empty() {
                return Ok(triads);
            }
        }
        Ok(Vec::new())
    }

    fn triads(&self, stem: &str, damaged: &mut Damaged) -> Result<Vec<Triad>, TraceError> {
        let mut triads = Vec::new();
        let Some(member) = self.member(stem) else { return Ok(triads) };
        let source = member.load()?;
        let Some(table) = Table::of(&source) else { return Ok(triads) };
        let time = table.require("time")?;
        let axes = [table.require("x")?, table.require("y")?, table.require("z")?];
        table.for_each(Width::Header, damaged, |row| {
            triads.extend(row.triad(row.nanoseconds(time)?, axes)?);
            Ok(())
        })?;
        Ok(triads)
    }

    /// Specific force in m/s², in the platform's own sign, from the best table there is.
    fn specific_force(&self, recording: &mut Recording) -> Result<SpecificForce, TraceError> {
        let triads = self.triads("totalacceleration", &mut recording.damaged)?;
        if !triads.is_empty() {
            recording.note("accel: TotalAcceleration");
            return Ok(SpecificForce { triads, in_g: false });
        }
        let linear = self.triads("accelerometer", &mut recording.damaged)?;
        let gravity = self.triads("gravity", &mut recording.damaged)?;
        if !linear.is_empty() && !gravity.is_empty() {
            let (triads, unmatched) = sum(&linear, &gravity);
            recording.note(format!("accel: Accelerometer + Gravity ({unmatched} samples without gravity left out)"));
            return Ok(SpecificForce { triads, in_g: false });
        }
        let raw = self.triads("accelerometeruncalibrated", &mut recording.damaged)?;
        if !raw.is_empty() {
            let in_g = units::accel_unit(&raw) == AccelUnit::StandardGravity;
            let factor = if in_g { STANDARD_GRAVITY_MPS2 } else { 1.0 };
            let unit = if in_g { ", in g by its size" } else { "" };
            recording.note(format!("accel: AccelerometerUncalibrated{unit}"));
            return Ok(SpecificForce { triads: raw.into_iter().map(|t| units::scaled(t, factor)).collect(), in_g });
        }
        match units::accel_unit(&linear) {
            _ if linear.is_empty() => Ok(SpecificForce::default()),
            AccelUnit::MetresPerSecondSquared => {
                recording.note("accel: Accelerometer, with gravity by its size");
                Ok(SpecificForce { triads: linear, in_g: false })
            }
            _ => Err(TraceError::NoGravity {
                path: recording.name.clone(),
                found: "Accelerometer, but neither TotalAcceleration nor Gravity".to_owned(),
            }),
        }
    }
}

/// Acceleration plus gravity at its moments, and how many had no gravity near enough.
pub(crate) fn sum(linear: &[Triad], gravity: &[Triad]) -> (Vec<Triad>, usize) {
    let mut gravity = gravity.to_vec();
    gravity.sort_by_key(|g| g.t);
    let triads: Vec<_> = linear
        .iter()
        .filter_map(|a| {
            let g = interpolated(&gravity, a)?;
            Some(Triad { t: a.t, x: a.x + g[0], y: a.y + g[1], z: a.z + g[2] })
        })
        .collect();
    let unmatched = linear.len() - triads.len();
    (triads, unmatched)
}

fn interpolated(gravity: &[Triad], at: &Triad) -> Option<[f64; 3]> {
    let after = gravity.get(gravity.partition_point(|g| g.t < at.t))?;
    if after.t == at.t {
        return Some([after.x, after.y, after.z]);
    }
    let before = gravity.get(gravity.partition_point(|g| g.t < at.t).checked_sub(1)?)?;
    let gap_s = after.t.s_since(before.t);
    let part = at.t.s_since(before.t) / gap_s;
    let between = |from: f64, to: f64| from + (to - from) * part;
    (gap_s <= MAX_GRAVITY_GAP_S)
        .then(|| [between(before.x, after.x), between(before.y, after.y), between(before.z, after.z)])
}

fn fixes(table: &Table<'_>, damaged: &mut Damaged) -> Result<Vec<Sample>, TraceError> {
    let mut samples = Vec::new();
    let time = table.require("time")?;
    let columns = FixColumns::of(table)
        .ok_or_else(|| TraceError::MissingColumn { path: table.name().to_owned(), column: "latitude".to_owned() })?;
    table.for_each(Width::Header, damaged, |row| {
        samples.extend(columns.fix(row.nanoseconds(time)?, row)?.map(Sample::Gnss));
        Ok(())
    })?;
    Ok(samples)
}

fn pressures(table: &Table<'_>, damaged: &mut Damaged) -> Result<Vec<Sample>, TraceError> {
    let mut samples = Vec::new();
    let time = table.require("time")?;
    let pressure = table.require("pressure")?;
    table.for_each(Width::Header, damaged, |row| {
        let t = row.nanoseconds(time)?;
        samples.extend(row.known(Some(pressure))?.map(|pressure_hpa| Sample::Baro(BaroSample { t, pressure_hpa })));
        Ok(())
    })?;
    Ok(samples)
}

fn activities(table: &Table<'_>, damaged: &mut Damaged) -> Result<Vec<Sample>, TraceError> {
    let mut samples = Vec::new();
    let time = table.require("time")?;
    let name = table.require("activity")?;
    table.for_each(Width::Header, damaged, |row| {
        let hint = Hint::Activity(activity(&row.text(name)));
        samples.push(Sample::Hint(HintSample { t: row.nanoseconds(time)?, hint }));
        Ok(())
    })?;
    Ok(samples)
}

/// The platforms' words for what the phone's carrier does; what is not known here is unknown.
pub(crate) fn activity(word: &str) -> Activity {
    match word.to_ascii_lowercase().as_str() {
        "automotive" | "in_vehicle" => Activity::Automotive,
        "cycling" => Activity::Cycling,
        "walking" => Activity::Walking,
        "running" => Activity::Running,
        "stationary" | "still" => Activity::Still,
        _ => Activity::Unknown,
    }
}
