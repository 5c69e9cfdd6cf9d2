//! phyphox export: tables `"Time (s)","X (m/s^2)",…`, and `meta/time.csv` that says when it ran.
//!
//! phyphox translates the names in its headers, but neither the units in brackets nor the axes, so these are what
//! is gone by. It writes accelerations with the Android sign on iOS too. Its experiment time stands still in a pause.

use std::path::Path;

use jounce::{
    sample::{BaroSample, GnssFix, Sample, Triad},
    time::Timestamp,
};

use crate::{
    error::{Damaged, TraceError},
    folder::{self, Member},
    recording::{ClockOffset, Format, Recording, merge},
    table::{Fault, Row, Source, Table, Width},
    units::{self, AccelUnit},
};

/// What a column's unit says it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Accel,
    Gyro,
    GyroInDegrees,
    Mag,
    Pressure,
    Seconds,
    Other,
}

impl Quantity {
    fn of(unit: &str) -> Self {
        match unit {
            "m/s^2" | "m/s²" | "m/s2" => Self::Accel,
            "rad/s" => Self::Gyro,
            "°/s" => Self::GyroInDegrees,
            // Micro sign, Greek mu, and plain ASCII.
            "µT" | "μT" | "uT" => Self::Mag,
            "hPa" | "mbar" => Self::Pressure,
            "s" => Self::Seconds,
            _ => Self::Other,
        }
    }
}

/// A column's name in lower case, and the unit in its brackets.
fn split(column: &str) -> Option<(String, &str)> {
    let (name, unit) = column.strip_suffix(')')?.rsplit_once('(')?;
    Some((name.trim().to_lowercase(), unit.trim()))
}

#[derive(Debug)]
struct TriadColumns {
    quantity: Quantity,
    /// What stands before the axis: `acceleration`, `linear acceleration`, or nothing.
    label: String,
    columns: [usize; 3],
}

#[derive(Debug, Default)]
struct FixColumns {
    lat: Option<usize>,
    lon: Option<usize>,
    alt: Option<usize>,
    speed: Option<usize>,
    course: Option<usize>,
    hacc: Option<usize>,
}

/// What is in which column.
#[derive(Debug, Default)]
struct Layout {
    triads: Vec<TriadColumns>,
    fix: FixColumns,
    pressure: Option<usize>,
}

impl Layout {
    /// `None` when the header is not phyphox's, or holds nothing of use. Time is the first column.
    fn of(table: &Table<'_>) -> Option<Self> {
        let columns: Vec<_> = table.columns.iter().map(|c| split(c)).collect();
        let unit_of_first = columns.first()?.as_ref()?.1;
        if Quantity::of(unit_of_first) != Quantity::Seconds {
            return None;
        }
        let mut layout = Self::default();
        for (index, (name, unit)) in columns.iter().enumerate().filter_map(|(i, c)| Some((i, c.as_ref()?))) {
            match Quantity::of(unit) {
                Quantity::Seconds => {}
                Quantity::Pressure => _ = layout.pressure.get_or_insert(index),
                Quantity::Other => layout.fix.take(name, unit, index),
                quantity => {
                    let label = name.strip_suffix('x').map(str::trim_end);
                    let axis = |axis: &str| {
                        let wanted = format!("{} {axis}", label.unwrap_or_default());
                        columns.iter().position(|c| {
                            c.as_ref().is_some_and(|(n, u)| n == wanted.trim_start() && Quantity::of(u) == quantity)
                        })
                    };
                    if let (Some(label), Some(y), Some(z)) = (label, axis("y"), axis("z")) {
                        layout.triads.push(TriadColumns { quantity, label: label.to_owned(), columns: [index, y, z] });
                    }
                }
            }
        }
        let has_position = layout.fix.lat.is_some() && layout.fix.lon.is_some();
        let useful = !layout.triads.is_empty() || has_position || layout.pressure.is_some();
        useful.then_some(layout)
    }
}

impl FixColumns {
    fn take(&mut self, name: &str, unit: &str, index: usize) {
        let named = |stems: &[&str]| stems.iter().any(|stem| name.starts_with(stem));
        let slot = match unit {
            _ if named(&["horiz"]) => &mut self.hacc,
            "m/s" if named(&["veloc", "speed", "geschw"]) => &mut self.speed,
            "m" if named(&["height", "altitude", "höhe"]) => &mut self.alt,
            "m" | "m/s" => return,
            _ if named(&["lat", "breit"]) => &mut self.lat,
            _ if named(&["lon", "läng"]) => &mut self.lon,
            _ if named(&["direction", "bearing", "course", "richtung"]) => &mut self.course,
            _ => return,
        };
        slot.get_or_insert(index);
    }

    fn fix(&self, t: Timestamp, row: &Row<'_>) -> Result<Option<GnssFix>, Fault> {
        let fix = GnssFix {
            t,
            lat_deg: row.coordinate(self.lat)?,
            lon_deg: row.coordinate(self.lon)?,
            alt_m: row.known(self.alt)?,
            speed_mps: row.known_positive(self.speed)?,
            course_deg: row.known_positive(self.course)?,
            hacc_m: row.known_positive(self.hacc)?,
            sacc_mps: None,
        };
        Ok((fix != GnssFix { t, ..GnssFix::default() }).then_some(fix))
    }
}

pub(crate) fn recognise(table: &Table<'_>) -> Option<&'static str> {
    Layout::of(table).map(|_| "columns named with their unit in brackets, the first one in seconds")
}

/// When the experiment ran: `meta/time.csv`.
#[derive(Debug, Default)]
struct Runs {
    /// Experiment time of each start, and the time spent in pauses until then, ns.
    starts: Vec<(Timestamp, i64)>,
    /// UTC minus experiment time at the first start, ns.
    utc_offset_ns: Option<i64>,
}

impl Runs {
    fn read(source: &Source, damaged: &mut Damaged) -> Result<Self, TraceError> {
        let mut runs = Self::default();
        let Some(table) = Table::of(source) else { return Ok(runs) };
        let event = table.require("event")?;
        let experiment = table.require("experiment time")?;
        let system = table.require("system time")?;
        table.for_each(Width::Header, damaged, |row| {
            if row.text(event).eq_ignore_ascii_case("START") {
                let start = row.seconds(experiment)?;
                let offset_ns = row.seconds(system)?.ns_since(start);
                let first = *runs.utc_offset_ns.get_or_insert(offset_ns);
                // A system clock set back in a pause must not fold the recording over itself.
                let paused_before = runs.starts.last().map_or(0, |s| s.1);
                runs.starts.push((start, offset_ns.saturating_sub(first).max(paused_before)));
            }
            Ok(())
        })?;
        Ok(runs)
    }

    /// Recording time: experiment time plus the pauses before it.
    fn recording_time(&self, t: Timestamp) -> Timestamp {
        t.plus_ns(self.starts.iter().rev().find(|(start, _)| *start <= t).map_or(0, |(_, paused_ns)| *paused_ns))
    }
}

/// Accelerometer vectors, and what their table or column calls them.
#[derive(Debug)]
struct AccelCandidate {
    label: String,
    triads: Vec<Triad>,
}

impl AccelCandidate {
    fn is_specific_force(&self) -> bool {
        let named = |stems: &[&str]| stems.iter().any(|stem| self.label.contains(stem));
        // A few samples in free fall say nothing; then the name has to do.
        !named(&["linear", "ohne g", "without g", "gravity", "schwerkraft"])
            && units::accel_unit(&self.triads) != AccelUnit::Other
    }
}

#[derive(Debug, Default)]
struct Streams {
    accel: Vec<AccelCandidate>,
    others: Vec<Vec<Sample>>,
}

impl Streams {
    fn read(&mut self, table: &Table<'_>, member: &str, runs: &Runs, damaged: &mut Damaged) -> Result<(), TraceError> {
        let Some(layout) = Layout::of(table) else { return Ok(()) };
        let mut triads: Vec<Vec<Triad>> = layout.triads.iter().map(|_| Vec::new()).collect();
        let mut rest = Vec::new();
        table.for_each(Width::Header, damaged, |row| {
            let t = runs.recording_time(row.seconds(0)?);
            for (columns, triads) in layout.triads.iter().zip(&mut triads) {
                triads.extend(row.triad(t, columns.columns)?);
            }
            rest.extend(layout.fix.fix(t, row)?.map(Sample::Gnss));
            rest.extend(row.known(layout.pressure)?.map(|pressure_hpa| Sample::Baro(BaroSample { t, pressure_hpa })));
            Ok(())
        })?;
        for (columns, triads) in layout.triads.into_iter().zip(triads) {
            let samples = match columns.quantity {
                Quantity::Accel => {
                    let label = format!("{member} {}", columns.label).trim().to_owned();
                    self.accel.push(AccelCandidate { label, triads });
                    continue;
                }
                Quantity::Gyro => triads.into_iter().map(Sample::Gyro).collect(),
                Quantity::GyroInDegrees => {
                    triads.into_iter().map(|t| Sample::Gyro(units::scaled(t, 1.0_f64.to_radians()))).collect()
                }
                _ => triads.into_iter().map(Sample::Mag).collect(),
            };
            self.others.push(samples);
        }
        self.others.push(rest);
        Ok(())
    }

    /// The streams merged, with the one that is specific force.
    fn into_recording(mut self, mut recording: Recording, runs: &Runs) -> Result<Recording, TraceError> {
        let found: Vec<_> = self.accel.iter().map(|c| c.label.clone()).collect();
        if let Some(candidate) = self.accel.into_iter().find(AccelCandidate::is_specific_force) {
            let is_only = found.len() == 1;
            if !is_only {
                recording.note(format!("accel: {} taken, of {}", candidate.label, found.join(", ")));
            }
            self.others.insert(0, candidate.triads.into_iter().map(Sample::Accel).collect());
        } else if !found.is_empty() {
            return Err(TraceError::NoGravity { path: recording.name, found: found.join(", ") });
        }
        recording.samples = merge(self.others);
        recording.utc_offset_ns = runs.utc_offset_ns;
        if let Some(offset_ns) = runs.utc_offset_ns {
            let note = "UTC of the first START in meta/time.csv".to_owned();
            recording.clocks.push(ClockOffset { name: "system time".to_owned(), offset_ns, note });
        }
        if let Some((_, paused_ns)) = runs.starts.last().filter(|(_, paused_ns)| *paused_ns > 0) {
            recording.note(format!(
                "{} pauses, {} ms in all, put back into the time",
                runs.starts.len() - 1,
                paused_ns / 1_000_000
            ));
        }
        recording.finish()
    }
}

/// Reads a single table.
pub(crate) fn read_alone(table: &Table<'_>, why: &str) -> Result<Recording, TraceError> {
    let mut recording = Recording::new(table.name(), Format::Phyphox, why);
    let mut streams = Streams::default();
    let runs = Runs::default();
    streams.read(table, "", &runs, &mut recording.damaged)?;
    streams.into_recording(recording, &runs)
}

/// Reads a folder of tables.
pub(crate) fn read(path: &Path, members: &[Member]) -> Result<Recording, TraceError> {
    let members: Vec<_> = members.iter().filter(|m| m.format == Some(Format::Phyphox)).collect();
    let tables: Vec<_> = members.iter().map(|m| m.stem.as_str()).collect();
    let why = format!("tables whose columns are named with their unit in brackets: {}", tables.join(", "));
    let mut recording = Recording::new(&path.display().to_string(), Format::Phyphox, why);
    let meta = path.join("meta").join("time.csv");
    let runs =
        if meta.is_file() { Runs::read(&folder::load(&meta)?, &mut recording.damaged)? } else { Runs::default() };
    let mut streams = Streams::default();
    for member in members {
        let source = member.load()?;
        if let Some(table) = Table::of(&source) {
            streams.read(&table, &member.stem, &runs, &mut recording.damaged)?;
        }
    }
    streams.into_recording(recording, &runs)
}
