//! The driver behaviour data set: accelerometer, gyroscope and magnetic field already turned into an earth frame.
//!
//! Its tables look alike (`timestamp,uptimeNanos,x,y,z`), so their names say what they hold. z is up and y magnetic
//! north, so a vehicle's axes turn with its heading. The yaw rate turns them back: what comes out is a *levelled* body
//! frame that points where the vehicle pointed at the start. Such a frame turns about the vertical and no other axis: the
//! horizontal rates are those of a phone whose tilt has been taken out of everything else, and are left out as well.

use std::path::Path;

use jounce::{
    sample::{Sample, Triad},
    time::Timestamp,
};

use crate::{
    clock::{self, WallTime},
    error::{Damaged, TraceError},
    folder::{self, Member},
    recording::{ClockOffset, Format, Recording, merge},
    table::{Table, Width},
};

const COLUMNS: [&str; 5] = ["timestamp", "uptimeNanos", "x", "y", "z"];

/// The yaw rate is not integrated across a longer pause, s.
const MAX_GAP_S: f64 = 1.0;

/// Whether the header is that of one of the tables.
pub(crate) fn recognise(table: &Table<'_>) -> Option<&'static str> {
    (table.columns == COLUMNS).then_some("header `timestamp,uptimeNanos,x,y,z`")
}

/// Reads a folder of tables.
pub(crate) fn read(path: &Path, members: &[Member]) -> Result<Recording, TraceError> {
    let tables: Vec<_> =
        members.iter().filter(|m| m.format == Some(Format::DriverBehaviour)).map(|m| m.stem.as_str()).collect();
    let why = format!("tables with a header `timestamp,uptimeNanos,x,y,z`: {}", tables.join(", "));
    let mut recording = Recording::new(&path.display().to_string(), Format::DriverBehaviour, why);
    let mut triads = |stem: &str| match members.iter().find(|m| m.stem.starts_with(stem)) {
        Some(member) => triads(member, &mut recording.damaged),
        None => Ok(Vec::new()),
    };
    let accel = triads("acelerometro")?;
    let gyro = triads("giroscopio")?;
    let mag = triads("campomagnetico")?;
    let heading = Heading::integrate(&gyro);
    let turned_back = |triads: Vec<Triad>, sample: fn(Triad) -> Sample| {
        triads.into_iter().map(|t| sample(heading.turn_back(t))).collect::<Vec<_>>()
    };
    let level = |s: Triad| Sample::Gyro(Triad { x: 0.0, y: 0.0, ..s });
    recording.samples = merge(vec![
        turned_back(accel, Sample::Accel),
        gyro.into_iter().map(level).collect(),
        turned_back(mag, Sample::Mag),
    ]);
    recording.note(
        "earth frame, turned back by the integrated yaw rate into a levelled body frame; it drifts with the gyroscope",
    );
    read_start(path, &mut recording)?;
    recording.finish()
}

fn triads(member: &Member, damaged: &mut Damaged) -> Result<Vec<Triad>, TraceError> {
    let mut triads = Vec::new();
    let source = member.load()?;
    let Some(table) = Table::of(&source) else { return Ok(triads) };
    let time = table.require("uptimeNanos")?;
    let axes = [table.require("x")?, table.require("y")?, table.require("z")?];
    table.for_each(Width::Header, damaged, |row| {
        triads.extend(row.triad(row.nanoseconds(time)?, axes)?);
        Ok(())
    })?;
    Ok(triads)
}

/// Heading since the first gyroscope sample, counter-clockwise, rad.
#[derive(Debug, Default)]
struct Heading {
    knots: Vec<(Timestamp, f64)>,
}

impl Heading {
    /// Integrates the rate about z, which is up.
    fn integrate(gyro: &[Triad]) -> Self {
        let mut gyro = gyro.to_vec();
        gyro.sort_by_key(|s| s.t);
        let mut heading = 0.0;
        let mut knots = Vec::with_capacity(gyro.len());
        let mut before: Option<Triad> = None;
        for s in gyro {
            if let Some(before) = before {
                let dt_s = s.t.s_since(before.t);
                if dt_s <= MAX_GAP_S {
                    heading += 0.5 * (before.z + s.z) * dt_s;
                }
            }
            knots.push((s.t, heading));
            before = Some(s);
        }
        Self { knots }
    }

    /// The heading at `t`: between samples interpolated, before and after them held.
    fn at(&self, t: Timestamp) -> f64 {
        let next = self.knots.partition_point(|k| k.0 < t);
        let after = self.knots.get(next).or(self.knots.last());
        let before = next.checked_sub(1).and_then(|i| self.knots.get(i)).or(after);
        let (Some(before), Some(after)) = (before, after) else { return 0.0 };
        let gap_s = after.0.s_since(before.0);
        if gap_s > 0.0 { before.1 + (after.1 - before.1) * t.s_since(before.0) / gap_s } else { after.1 }
    }

    fn turn_back(&self, earth: Triad) -> Triad {
        let (sin, cos) = libm::sincos(self.at(earth.t));
        Triad { t: earth.t, x: cos * earth.x + sin * earth.y, y: cos * earth.y - sin * earth.x, z: earth.z }
    }
}

/// What is used of `viagem.json`.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trip {
    start: String,
    first_collection_uptime_nanos: i64,
}

/// UTC, where `viagem.json` is there and says it.
fn read_start(path: &Path, recording: &mut Recording) -> Result<(), TraceError> {
    let path = path.join("viagem.json");
    if !path.is_file() {
        recording.note("UTC is not known: no viagem.json");
        return Ok(());
    }
    let source = folder::load(&path)?;
    let trip = serde_json::from_slice::<Trip>(&source.bytes).ok();
    // The data set's labels count from here.
    recording.begin = trip.as_ref().map(|trip| Timestamp::from_ns(trip.first_collection_uptime_nanos));
    let start = trip.and_then(|trip| match clock::parse(&trip.start)? {
        WallTime::Utc(ns) => ns.checked_sub(trip.first_collection_uptime_nanos),
        WallTime::Local(_) => None,
    });
    let Some(offset_ns) = start else {
        recording.note("UTC is not known: viagem.json has no start with its zone and uptime");
        return Ok(());
    };
    recording.utc_offset_ns = Some(offset_ns);
    let note = "start in viagem.json, at the uptime of the first collection".to_owned();
    recording.clocks.push(ClockOffset { name: "UTC".to_owned(), offset_ns, note });
    Ok(())
}
