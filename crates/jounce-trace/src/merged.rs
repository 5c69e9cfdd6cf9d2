//! Sensor Logger tables merged into one: an ISO time, `acc_x…`, `gyro_x…`, and the columns of `Location`.
//!
//! Merging is done by users' scripts, so what `acc` means differs: its size says whether gravity is in it.

use jounce::{
    sample::{BaroSample, Sample, Triad},
    time::Timestamp,
};

use crate::{
    clock::{self, WallTime},
    error::TraceError,
    recording::{Format, Recording},
    sensor_logger::{self, FixColumns},
    table::{Fault, Row, Table, Width},
    units::{self, AccelUnit},
};

/// Whether the header is that of a merged table.
pub(crate) fn recognise(table: &Table<'_>) -> Option<&'static str> {
    let inertial = ["acc_", "grav_", "gyro_"].iter().any(|prefix| table.axes(prefix, "").is_some());
    let known = inertial || FixColumns::of(table).is_some_and(|_| table.find("speed").is_some());
    let first = table.columns.first()?;
    (first == "time" && table.find("seconds_elapsed").is_none() && known)
        .then_some("header `time` with `acc_x…`, `gyro_x…` or the columns of Sensor Logger's Location")
}

/// One row's acceleration, with the place in the stream where it belongs.
struct Accel {
    /// Index of the sample that came before it.
    after: usize,
    linear_or_total: Triad,
    gravity: Option<Triad>,
}

pub(crate) fn read(table: &Table<'_>, why: &str) -> Result<Recording, TraceError> {
    let mut recording = Recording::new(table.name(), Format::SensorLoggerMerged, why);
    let time = table.require("time")?;
    let [acc, grav, gyro, mag] = ["acc_", "grav_", "gyro_", "mag_"].map(|prefix| table.axes(prefix, ""));
    let fix = FixColumns::of(table);
    let pressure = table.find("pressure");
    let mut accel = Vec::new();
    let mut others = Vec::new();
    table.for_each(Width::Header, &mut recording.damaged, |row| {
        let t = moment(row, time)?;
        let triad = |columns: Option<[usize; 3]>| columns.map_or(Ok(None), |c| row.triad(t, c));
        // Everything is read before anything is kept: a damaged row leaves nothing behind.
        let (linear_or_total, gravity, gyro, mag) = (triad(acc)?, triad(grav)?, triad(gyro)?, triad(mag)?);
        let fix = fix.as_ref().map_or(Ok(None), |columns| columns.fix(t, row))?;
        let pressure = row.known_positive(pressure)?;
        accel.extend(linear_or_total.map(|linear_or_total| Accel { after: others.len(), linear_or_total, gravity }));
        others.extend(gyro.map(Sample::Gyro));
        others.extend(mag.map(Sample::Mag));
        others.extend(fix.map(Sample::Gnss));
        others.extend(pressure.map(|pressure_hpa| Sample::Baro(BaroSample { t, pressure_hpa })));
        Ok(())
    })?;
    let triads = specific_force(&accel, &mut recording)?;
    let mut accel = accel.iter().zip(triads).peekable();
    for (index, other) in others.iter().enumerate() {
        while let Some((_, triad)) = accel.next_if(|(a, _)| a.after <= index) {
            recording.samples.extend(triad.map(Sample::Accel));
        }
        recording.samples.push(*other);
    }
    recording.samples.extend(accel.filter_map(|(_, triad)| triad.map(Sample::Accel)));
    if recording.samples.iter().any(|s| matches!(s, Sample::Accel(_))) {
        sensor_logger::apply_sign(&mut recording, None);
    }
    sensor_logger::finish(recording)
}

fn moment(row: &Row<'_>, column: usize) -> Result<Timestamp, Fault> {
    match clock::parse(&row.text(column)) {
        Some(WallTime::Utc(ns) | WallTime::Local(ns)) => Ok(Timestamp::from_ns(ns)),
        None => row.nanoseconds(column).map_err(|_| row.fault(column, "a date and time, or nanoseconds since 1970")),
    }
}

/// Specific force of every row, or `None` where it cannot be known.
fn specific_force(accel: &[Accel], recording: &mut Recording) -> Result<Vec<Option<Triad>>, TraceError> {
    let measured: Vec<Triad> = accel.iter().map(|a| a.linear_or_total).collect();
    match units::accel_unit(&measured) {
        AccelUnit::MetresPerSecondSquared | AccelUnit::StandardGravity => {
            recording.note("accel: acc_x, acc_y, acc_z, with gravity by their size");
            Ok(measured.into_iter().map(Some).collect())
        }
        _ if accel.iter().any(|a| a.gravity.is_some()) => {
            recording.note("accel: acc + grav");
            let sum = |a: &Accel| {
                let (a, g) = (a.linear_or_total, a.gravity?);
                Some(Triad { t: a.t, x: a.x + g.x, y: a.y + g.y, z: a.z + g.z })
            };
            Ok(accel.iter().map(sum).collect())
        }
        AccelUnit::Unclear => Ok(measured.into_iter().map(Some).collect()),
        AccelUnit::Other => Err(TraceError::NoGravity {
            path: recording.name.clone(),
            found: "acc_x, acc_y, acc_z, but no grav_x, grav_y, grav_z".to_owned(),
        }),
    }
}
