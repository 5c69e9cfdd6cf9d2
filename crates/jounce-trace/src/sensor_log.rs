//! `SensorLog` (iOS): one wide table, a row a tick, every sensor's newest value held in it.
//!
//! Three clocks stand in a row. Inertial samples are stamped in seconds since the phone was started: that is the
//! recording's clock. Fixes are stamped in UTC. `loggingTime` is the wall clock when the row was written, often without
//! its zone; it is what ties the other two together. Accelerations are in g with the iOS sign.

use jounce::{
    sample::{Activity, BaroSample, GnssFix, Hint, HintSample, Sample, Triad},
    time::Timestamp,
};

use crate::{
    clock::{self, Offset, WallTime},
    error::TraceError,
    recording::{ClockOffset, Format, Recording},
    sensor_logger::activity,
    table::{Fault, Row, Table, Width},
    turns,
    units::{self, AccelUnit, STANDARD_GRAVITY_MPS2},
};

/// Zones differ from UTC by multiples of a quarter of an hour.
const QUARTER_HOUR_NS: i64 = 15 * 60 * 1_000_000_000;

/// hPa in one kPa.
const HPA_PER_KPA: f64 = 10.0;

/// Field strengths, µT, that may be Earth's in a car. A phone's raw magnetometer shows thousands.
const PLAUSIBLE_FIELD_UT: std::ops::RangeInclusive<f64> = 10.0..=200.0;

/// A wall clock that differs by more against the inertial one was set meanwhile, ns.
const NOTEWORTHY_SPREAD_NS: i64 = 50_000_000;

/// Whether the header is this app's.
pub(crate) fn recognise(table: &Table<'_>) -> Option<&'static str> {
    let has = |stem: &str| table.columns.iter().any(|c| c.starts_with(stem));
    (has("loggingTime(") || has("locationTimestamp_since1970("))
        .then(|| has("accelerometerTimestamp_sinceReboot(") || has("motionTimestamp_sinceReboot("))
        .filter(|&inertial| inertial)
        .map(|_| "columns loggingTime or locationTimestamp_since1970, and …Timestamp_sinceReboot")
}

/// Three axes and their clock.
#[derive(Clone, Copy, Debug)]
struct TriadColumns {
    time: usize,
    axes: [usize; 3],
}

impl TriadColumns {
    fn of(table: &Table<'_>, time: &str, prefix: &str, suffix: &str) -> Option<Self> {
        Some(Self { time: table.find(time)?, axes: table.axes(prefix, suffix)? })
    }

    fn triad(&self, row: &Row<'_>) -> Result<Option<Triad>, Fault> {
        row.triad(row.seconds(self.time)?, self.axes)
    }
}

/// Where what stands.
#[derive(Debug)]
struct Columns {
    logged: Option<usize>,
    accel: TriadColumns,
    /// Gravity, where `accel` is without it.
    gravity: Option<[usize; 3]>,
    gyro: Option<TriadColumns>,
    mag: Option<TriadColumns>,
    fix_time: Option<usize>,
    fix: [Option<usize>; 7],
    pressure: Option<(usize, usize)>,
    activity: Option<usize>,
}

impl Columns {
    fn of(table: &Table<'_>) -> Result<Self, TraceError> {
        const MOTION: &str = "motionTimestamp_sinceReboot(s)";
        let raw = TriadColumns::of(table, "accelerometerTimestamp_sinceReboot(s)", "accelerometerAcceleration", "(G)");
        let motion = TriadColumns::of(table, MOTION, "motionUserAcceleration", "(G)");
        let gravity = if raw.is_some() { None } else { table.axes("motionGravity", "(G)") };
        let accel = raw.or(motion.filter(|_| gravity.is_some())).ok_or_else(|| TraceError::MissingColumn {
            path: table.name().to_owned(),
            column: "accelerometerAccelerationX(G)".to_owned(),
        })?;
        let gyro = TriadColumns::of(table, "gyroTimestamp_sinceReboot(s)", "gyroRotation", "(rad/s)")
            .or_else(|| TriadColumns::of(table, MOTION, "motionRotationRate", "(rad/s)"));
        let fix = ["Latitude(WGS84)", "Longitude(WGS84)", "Altitude(m)", "Speed(m/s)", "Course(°)"]
            .into_iter()
            .chain(["HorizontalAccuracy(m)", "SpeedAccuracy(m/s)"])
            .map(|name| table.find(&format!("location{name}")));
        let mut fix_columns = [None; 7];
        fix_columns.iter_mut().zip(fix).for_each(|(slot, column)| *slot = column);
        let pressure = table.find("altimeterTimestamp_sinceReboot(s)").zip(table.find("altimeterPressure(kPa)"));
        Ok(Self {
            logged: table.find("loggingTime(txt)"),
            accel,
            gravity,
            gyro,
            mag: None,
            fix_time: table.find("locationTimestamp_since1970(s)"),
            fix: fix_columns,
            pressure,
            activity: table.find("activity(txt)"),
        })
    }

    fn fix(&self, t: Timestamp, row: &Row<'_>) -> Result<GnssFix, Fault> {
        let [lat, lon, alt, speed, course, hacc, sacc] = self.fix;
        Ok(GnssFix {
            t,
            lat_deg: row.coordinate(lat)?,
            lon_deg: row.coordinate(lon)?,
            alt_m: row.known(alt)?,
            speed_mps: row.known_positive(speed)?,
            course_deg: row.known_positive(course)?,
            hacc_m: row.known_positive(hacc)?,
            sacc_mps: row.known_positive(sacc)?,
        })
    }
}

pub(crate) fn read(table: &Table<'_>, why: &str) -> Result<Recording, TraceError> {
    let mut recording = Recording::new(table.name(), Format::SensorLog, why);
    let mut columns = Columns::of(table)?;
    columns.mag = magnetometer(table, &mut recording)?;
    let utc = utc_offset(table, &columns, &mut recording)?;
    let mut rows = Rows { columns: &columns, utc_offset_ns: utc, held: Held::default(), samples: Vec::new() };
    table.for_each(Width::Header, &mut recording.damaged, |row| rows.take(row))?;
    recording.samples = rows.samples;
    recording.utc_offset_ns = utc;
    convert_accel(&mut recording);
    recording.finish()
}

/// The newest sample of each sensor, to tell a new one from one that is held.
#[derive(Debug, Default)]
struct Held {
    accel: Option<Timestamp>,
    gyro: Option<Timestamp>,
    mag: Option<Timestamp>,
    fix: Option<Timestamp>,
    baro: Option<Timestamp>,
    activity: Option<Activity>,
}

struct Rows<'c> {
    columns: &'c Columns,
    utc_offset_ns: Option<i64>,
    held: Held,
    samples: Vec<Sample>,
}

impl Rows<'_> {
    /// Takes what is new in a row. Everything is read before anything is kept: a damaged row leaves nothing behind.
    fn take(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let columns = self.columns;
        let mut accel = columns.accel.triad(row)?;
        if let (Some(a), Some(gravity)) = (&mut accel, columns.gravity) {
            let gravity = row.triad(a.t, gravity)?.ok_or_else(|| row.fault(gravity[0], "a number"))?;
            *a = Triad { t: a.t, x: a.x + gravity.x, y: a.y + gravity.y, z: a.z + gravity.z };
        }
        let triad = |columns: Option<TriadColumns>| columns.map_or(Ok(None), |c| c.triad(row));
        let gyro = triad(columns.gyro)?;
        let mag = triad(columns.mag)?;
        let fix = match (columns.fix_time, self.utc_offset_ns) {
            (Some(time), Some(offset_ns)) if row.known_positive(Some(time))?.is_some() => {
                Some(columns.fix(row.seconds(time)?.plus_ns(offset_ns.saturating_neg()), row)?)
            }
            _ => None,
        };
        let baro = match columns.pressure {
            Some((time, kpa)) => row.known_positive(Some(kpa))?.map(|kpa| Ok((row.seconds(time)?, kpa))).transpose()?,
            None => None,
        };
        let now = row.seconds(columns.accel.time)?;
        let doing = columns.activity.map(|c| row.text(c)).filter(|text| !text.is_empty()).map(|text| activity(&text));

        let held = &mut self.held;
        self.samples.extend(accel.filter(|s| is_new(&mut held.accel, s.t)).map(Sample::Accel));
        self.samples.extend(gyro.filter(|s| is_new(&mut held.gyro, s.t)).map(Sample::Gyro));
        self.samples.extend(mag.filter(|s| is_new(&mut held.mag, s.t)).map(Sample::Mag));
        self.samples.extend(fix.filter(|s| is_new(&mut held.fix, s.t)).map(Sample::Gnss));
        let baro = baro.filter(|(t, _)| is_new(&mut held.baro, *t));
        self.samples.extend(baro.map(|(t, kpa)| Sample::Baro(BaroSample { t, pressure_hpa: kpa * HPA_PER_KPA })));
        // The app holds an activity that may be minutes old; what counts is since when the row knows it.
        if let Some(doing) = doing.filter(|&doing| held.activity.replace(doing) != Some(doing)) {
            self.samples.push(Sample::Hint(HintSample { t: now, hint: Hint::Activity(doing) }));
        }
        Ok(())
    }
}

fn is_new(held: &mut Option<Timestamp>, t: Timestamp) -> bool {
    held.replace(t) != Some(t)
}

/// From g with the iOS sign to m/s² with the Android sign, both checked against the data.
fn convert_accel(recording: &mut Recording) {
    let triads: Vec<_> =
        recording.samples.iter().filter_map(|s| if let Sample::Accel(t) = s { Some(*t) } else { None }).collect();
    let median = units::median_magnitude(&triads).unwrap_or(0.0);
    let verdict = match units::accel_unit(&triads) {
        AccelUnit::StandardGravity => "as it should be",
        AccelUnit::Unclear => "too few samples to check",
        _ => "WARNING: it should be 1",
    };
    for sample in &mut recording.samples {
        if let Sample::Accel(triad) = sample {
            *triad = units::scaled(*triad, -STANDARD_GRAVITY_MPS2);
        }
    }
    recording.note(format!(
        "accel: g by its header, median magnitude {median:.3} ({verdict}); iOS sign; multiplied by −{STANDARD_GRAVITY_MPS2}"
    ));
    if let Some((sign, check)) = turns::check(&recording.samples).and_then(|check| Some((check.sign()?, check))) {
        let verdict = if sign > 0.0 { "agrees with" } else { "WARNING: contradicts" };
        recording.note(format!(
            "accel: the sign {verdict} {} turns of the GNSS course (r = {:.2})",
            check.turns, check.correlation
        ));
    }
}

/// The calibrated field where the phone gives one, else the first one that can be Earth's.
fn magnetometer(table: &Table<'_>, recording: &mut Recording) -> Result<Option<TriadColumns>, TraceError> {
    let heading_clock = "accelerometerTimestamp_sinceReboot(s)";
    let candidates = [
        ("motionTimestamp_sinceReboot(s)", "motionMagneticField"),
        ("magnetometerTimestamp_sinceReboot(s)", "magnetometer"),
        (heading_clock, "locationHeading"),
    ];
    let mut refused = Vec::new();
    for (time, prefix) in candidates {
        let Some(columns) = TriadColumns::of(table, time, prefix, "(µT)") else { continue };
        let mut triads = Vec::new();
        // Damaged rows are counted when the rows are read for good.
        table.for_each(Width::Header, &mut crate::Damaged::default(), |row| {
            triads.extend(columns.triad(row)?);
            Ok(())
        })?;
        let median = units::median_magnitude(&triads).unwrap_or(0.0);
        if PLAUSIBLE_FIELD_UT.contains(&median) {
            recording.note(format!("mag: {prefix}, median {median:.0} µT"));
            return Ok(Some(columns));
        }
        refused.push(format!("{prefix} {median:.0} µT"));
    }
    if !refused.is_empty() {
        recording.note(format!("mag: left out, not Earth's field: {}", refused.join(", ")));
    }
    Ok(None)
}

/// UTC minus inertial time, ns.
fn utc_offset(table: &Table<'_>, columns: &Columns, recording: &mut Recording) -> Result<Option<i64>, TraceError> {
    let mut logged_minus_inertial = Vec::new();
    let mut logged_minus_fix = Vec::new();
    let mut inertial_minus_fix = Vec::new();
    let mut has_zone = false;
    table.for_each(Width::Header, &mut crate::Damaged::default(), |row| {
        let inertial = row.seconds(columns.accel.time)?;
        let logged = columns.logged.and_then(|c| clock::parse(&row.text(c)));
        let fix = row.known_positive(columns.fix_time)?.map(jounce::time::ns_from_s);
        has_zone |= matches!(logged, Some(WallTime::Utc(_)));
        let logged = logged.map(|(WallTime::Utc(ns) | WallTime::Local(ns))| ns);
        logged_minus_inertial.extend(logged.map(|l| l.saturating_sub(inertial.ns())));
        logged_minus_fix.extend(logged.zip(fix).map(|(l, f)| l.saturating_sub(f)));
        inertial_minus_fix.extend(fix.map(|f| inertial.ns().saturating_sub(f)));
        Ok(())
    })?;
    let Some(logged) = clock::offset(&logged_minus_inertial) else {
        return Ok(offset_by_fixes(&inertial_minus_fix, recording));
    };
    let zone_ns = match clock::offset(&logged_minus_fix) {
        _ if has_zone => 0,
        // A fix is logged a second or so after its time: far less than half a quarter of an hour.
        Some(late) => {
            let quarters = late.ns.saturating_add(QUARTER_HOUR_NS / 2).div_euclid(QUARTER_HOUR_NS);
            quarters.saturating_mul(QUARTER_HOUR_NS)
        }
        None => {
            recording.note("UTC is not known: loggingTime has no zone, and there is no fix to tell it from");
            return Ok(None);
        }
    };
    let utc_ns = logged.ns.saturating_sub(zone_ns);
    report_clocks(recording, logged, zone_ns, has_zone);
    Ok(Some(utc_ns))
}

fn report_clocks(recording: &mut Recording, logged: Offset, zone_ns: i64, has_zone: bool) {
    let spread = format!("to {} ms (first to ninth decile)", logged.spread_ns / 1_000_000);
    if logged.spread_ns > NOTEWORTHY_SPREAD_NS {
        recording.note(format!("loggingTime holds to the inertial clock only {spread}: was the phone's clock set?"));
    }
    let zone_min = zone_ns / 60_000_000_000;
    let zone =
        if has_zone { "its zone is written".to_owned() } else { format!("zone UTC{zone_min:+} min by the fixes") };
    let note = format!("first decile over the rows, {spread}; {zone}");
    recording.clocks.push(ClockOffset { name: "loggingTime".to_owned(), offset_ns: logged.ns, note });
    let note = "loggingTime less its zone; the fixes are mapped by it".to_owned();
    let offset_ns = logged.ns.saturating_sub(zone_ns);
    recording.clocks.push(ClockOffset { name: "UTC (locationTimestamp)".to_owned(), offset_ns, note });
}

/// Without a logging time the least late fix has to do.
fn offset_by_fixes(inertial_minus_fix: &[i64], recording: &mut Recording) -> Option<i64> {
    let offset_ns = clock::offset(inertial_minus_fix)?.ns.saturating_neg();
    let note = "no loggingTime: by the fixes that come soonest, so UTC may be some tenths of a second early".to_owned();
    recording.clocks.push(ClockOffset { name: "UTC (locationTimestamp)".to_owned(), offset_ns, note });
    Some(offset_ns)
}
