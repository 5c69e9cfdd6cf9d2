//! What a recording holds, and how good it is.

use std::fmt;

use jounce::{
    sample::{GnssFix, Sample, Sensor, Triad},
    time::Timestamp,
};
use serde::Serialize;

use crate::{
    Recording,
    error::DamagedRow,
    recording::{ClockOffset, Format},
    turns::{self},
    units::{self, STANDARD_GRAVITY_MPS2},
};

pub use crate::turns::TurnCheck;

/// A pause longer than this is a gap, s; of a slower stream, longer than [`GAP_INTERVALS`] of its intervals.
const GAP_S: f64 = 1.0;

/// A slow stream's gap, in median intervals: one sample missing is a gap, jitter is none.
const GAP_INTERVALS: f64 = 1.75;

/// Ranges an accelerometer may be set to, g.
const RANGES_G: [f64; 4] = [2.0, 4.0, 8.0, 16.0];

/// An axis this near to a range's end, relative to it, stands at its end: the last step of a coarse converter.
const CLIP_TOLERANCE: f64 = 0.005;

/// What a recording holds. Everything but the samples themselves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The file or folder.
    pub name: String,
    /// Which format it is in.
    pub format: Format,
    /// By what the format was recognised.
    pub recognised_by: String,
    /// First and last moment of the recording's clock, ns; `None` without samples.
    pub span_ns: Option<(i64, i64)>,
    /// The first moment in UTC, ns since 1970, where it is known.
    pub start_utc_ns: Option<i64>,
    /// UTC minus the recording's clock, ns, where it is known.
    pub utc_offset_ns: Option<i64>,
    /// Other clocks.
    pub clocks: Vec<ClockOffset>,
    /// One entry a sensor that has samples.
    pub sensors: Vec<SensorSummary>,
    /// Median length of the accelerometer's vectors, m/s²; about 9.8 in every drive.
    pub accel_median_mps2: Option<f64>,
    /// Whether the accelerometer clips.
    pub clipping: Option<Clipping>,
    /// Whether the gyroscope and the GNSS course agree about left and right; `None` where too few turns tell.
    pub turn_check: Option<TurnCheck>,
    /// Fixes that leave something unknown.
    pub gnss_unknown: Option<GnssUnknown>,
    /// Rows skipped.
    pub damaged_rows: u64,
    /// The first of them, in words.
    pub damaged: Vec<String>,
    /// Conversions done, and what else is worth knowing.
    pub notes: Vec<String>,
}

/// One sensor's stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SensorSummary {
    /// Which sensor.
    pub sensor: Sensor,
    /// Samples.
    pub count: usize,
    /// From the earliest to the latest, s.
    pub span_s: f64,
    /// One over the median interval, Hz.
    pub rate_hz: Option<f64>,
    /// Shortest interval between different times, s.
    pub min_interval_s: Option<f64>,
    /// Longest interval, s.
    pub max_interval_s: Option<f64>,
    /// Pauses longer than 1 s, and longer than 1.75 median intervals.
    pub gaps: usize,
    /// Samples with the time of another one.
    pub duplicates: usize,
    /// Samples recorded after a later one of the same sensor.
    pub out_of_order: usize,
    /// How far a sample lies behind the newest one of any sensor recorded before it, at most, s.
    pub max_lateness_s: f64,
}

/// Samples at the end of the accelerometer's range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Clipping {
    /// The range, g.
    pub range_g: f64,
    /// Samples with an axis at its end.
    pub samples: usize,
}

/// Fixes that do not know something; negative values count as not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GnssUnknown {
    /// No position.
    pub position: usize,
    /// No speed.
    pub speed: usize,
    /// No course.
    pub course: usize,
    /// No horizontal accuracy.
    pub horizontal_accuracy: usize,
    /// No speed accuracy.
    pub speed_accuracy: usize,
}

/// Looks through the whole recording.
pub fn summarise(recording: &Recording) -> Summary {
    let samples = &recording.samples;
    let first_ns = samples.iter().map(|s| s.t().ns()).min();
    let last_ns = samples.iter().map(|s| s.t().ns()).max();
    let accel: Vec<Triad> =
        samples.iter().filter_map(|s| if let Sample::Accel(t) = s { Some(*t) } else { None }).collect();
    Summary {
        name: recording.name.clone(),
        format: recording.format,
        recognised_by: recording.recognised_by.clone(),
        span_ns: first_ns.zip(last_ns),
        start_utc_ns: first_ns.and_then(|t| recording.utc_ns(t)),
        utc_offset_ns: recording.utc_offset_ns,
        clocks: recording.clocks.clone(),
        sensors: Sensor::ALL.into_iter().filter_map(|sensor| sensor_summary(samples, sensor)).collect(),
        accel_median_mps2: units::median_magnitude(&accel),
        clipping: clipping(&accel),
        turn_check: turns::check(samples),
        gnss_unknown: gnss_unknown(samples),
        damaged_rows: recording.damaged.count,
        damaged: recording.damaged.rows.iter().map(DamagedRow::to_string).collect(),
        notes: recording.notes.clone(),
    }
}

fn sensor_summary(samples: &[Sample], sensor: Sensor) -> Option<SensorSummary> {
    let mut times = Vec::new();
    let mut newest_of_any = Timestamp::MIN;
    let mut newest = Timestamp::MIN;
    let mut out_of_order = 0;
    let mut max_lateness_s: f64 = 0.0;
    for sample in samples {
        let t = sample.t();
        if sample.sensor() == sensor {
            out_of_order += usize::from(t < newest);
            newest = newest.max(t);
            if t < newest_of_any {
                max_lateness_s = max_lateness_s.max(newest_of_any.s_since(t));
            }
            times.push(t);
        }
        newest_of_any = newest_of_any.max(t);
    }
    times.sort_unstable();
    let (first, last) = (*times.first()?, *times.last()?);
    let count = times.len();
    times.dedup();
    let intervals: Vec<f64> = times.windows(2).map(|w| if let [a, b] = w { b.s_since(*a) } else { 0.0 }).collect();
    let median = units::median(intervals.clone());
    let gap_s = median.map_or(GAP_S, |m| GAP_S.max(m * GAP_INTERVALS));
    let is_stream = !matches!(sensor, Sensor::Hint | Sensor::Limit | Sensor::Consent);
    Some(SensorSummary {
        sensor,
        count,
        span_s: last.s_since(first),
        rate_hz: median.filter(|_| is_stream).map(f64::recip),
        min_interval_s: intervals.iter().copied().reduce(f64::min),
        max_interval_s: intervals.iter().copied().reduce(f64::max),
        gaps: if is_stream { intervals.iter().filter(|&&i| i > gap_s).count() } else { 0 },
        duplicates: count - times.len(),
        out_of_order,
        max_lateness_s,
    })
}

/// The range whose end the strongest axis stands at, if any.
fn clipping(accel: &[Triad]) -> Option<Clipping> {
    let strongest = |t: &Triad| t.x.abs().max(t.y.abs()).max(t.z.abs()) / STANDARD_GRAVITY_MPS2;
    let peak_g = accel.iter().map(strongest).reduce(f64::max)?;
    let range_g = RANGES_G.into_iter().find(|range| (peak_g / range - 1.0).abs() <= CLIP_TOLERANCE)?;
    let at_end = |t: &&Triad| strongest(t) >= range_g * (1.0 - CLIP_TOLERANCE);
    Some(Clipping { range_g, samples: accel.iter().filter(at_end).count() })
}

fn gnss_unknown(samples: &[Sample]) -> Option<GnssUnknown> {
    let fixes: Vec<&GnssFix> =
        samples.iter().filter_map(|s| if let Sample::Gnss(fix) = s { Some(fix) } else { None }).collect();
    let unknown =
        |value: fn(&GnssFix) -> Option<f64>| fixes.iter().filter(|fix| value(fix).is_none_or(|v| v < 0.0)).count();
    (!fixes.is_empty()).then(|| GnssUnknown {
        position: fixes.iter().filter(|f| f.lat_deg.is_none() || f.lon_deg.is_none()).count(),
        speed: unknown(|f| f.speed_mps),
        course: unknown(|f| f.course_deg),
        horizontal_accuracy: unknown(|f| f.hacc_m),
        speed_accuracy: unknown(|f| f.sacc_mps),
    })
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(f, "format    {} ({})", self.format, self.recognised_by)?;
        if let Some((first, last)) = self.span_ns {
            let span_s = Timestamp::from_ns(last).s_since(Timestamp::from_ns(first));
            writeln!(f, "time      {first} to {last} ns, {span_s:.3} s")?;
        }
        if let Some(utc) = self.start_utc_ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns.into()).ok()) {
            writeln!(f, "start     {utc:.3} (UTC)")?;
        }
        for clock in &self.clocks {
            writeln!(f, "clock     {} = t_ns {:+} ns: {}", clock.name, clock.offset_ns, clock.note)?;
        }
        self.write_sensors(f)?;
        self.write_checks(f)?;
        for note in &self.notes {
            writeln!(f, "note      {note}")?;
        }
        if self.damaged_rows > 0 {
            writeln!(f, "damaged   {} rows skipped", self.damaged_rows)?;
        }
        for row in &self.damaged {
            writeln!(f, "          {row}")?;
        }
        Ok(())
    }
}

impl Summary {
    fn write_sensors(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sensors.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:<6} {:>9} {:>10} {:>9} {:>10} {:>10} {:>6} {:>6} {:>7} {:>10}",
            "sensor", "samples", "span s", "rate Hz", "min dt s", "max dt s", "gaps", "dupl.", "disord.", "latest s"
        )?;
        let number = |n: Option<f64>, digits: usize| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.digits$}"));
        for s in &self.sensors {
            writeln!(
                f,
                "{:<6} {:>9} {:>10.3} {:>9} {:>10} {:>10} {:>6} {:>6} {:>7} {:>10.3}",
                s.sensor.name(),
                s.count,
                s.span_s,
                number(s.rate_hz, 2),
                number(s.min_interval_s, 4),
                number(s.max_interval_s, 4),
                s.gaps,
                s.duplicates,
                s.out_of_order,
                s.max_lateness_s
            )?;
        }
        writeln!(f)
    }

    fn write_checks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(median) = self.accel_median_mps2 {
            writeln!(f, "unit      accel: median {median:.2} m/s² (gravity: 9.81)")?;
        }
        if let Some(clipping) = self.clipping {
            writeln!(f, "clipping  accel: {} samples at ±{} g", clipping.samples, clipping.range_g)?;
        }
        if let Some(check) = self.turn_check {
            let verdict = match check.sign() {
                Some(sign) if sign > 0.0 => "the sign of accel is right",
                Some(_) => "the sign of accel is WRONG",
                None => "undecided",
            };
            writeln!(
                f,
                "turns     gyro against GNSS course, {} turns: r = {:.2}, {verdict}",
                check.turns, check.correlation
            )?;
        }
        if let Some(unknown) = self.gnss_unknown {
            writeln!(
                f,
                "unknown   gnss: position {}, speed {}, course {}, accuracy {}, speed accuracy {}",
                unknown.position, unknown.speed, unknown.course, unknown.horizontal_accuracy, unknown.speed_accuracy
            )?;
        }
        Ok(())
    }
}
