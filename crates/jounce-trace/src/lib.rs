//! STUB: native CSV only.
#![allow(missing_docs, clippy::pedantic)]
use std::{fmt, io::{self, Read, Write}, path::Path};
use jounce::{sample::{BaroSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad}, time::Timestamp};

#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    #[error("{path}: {line}:1: expected {expected}")]
    Bad { path: String, line: u64, expected: &'static str },
}
#[derive(Debug, Clone, Copy)]
pub enum Format { Native }
impl fmt::Display for Format { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str("native CSV") } }
#[derive(Debug, Clone)]
pub struct ClockOffset { pub name: String, pub offset_ns: i64, pub note: String }
#[derive(Debug, Clone)]
pub struct DamagedRow(String);
impl fmt::Display for DamagedRow { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) } }
#[derive(Debug, Clone, Default)]
pub struct Damaged { pub count: u64, pub rows: Vec<DamagedRow> }
#[derive(Debug, Clone)]
pub struct Recording { pub format: Format, pub recognised_by: String, pub samples: Vec<Sample>, pub utc_offset_ns: Option<i64>, pub clocks: Vec<ClockOffset>, pub damaged: Damaged, pub notes: Vec<String> }

pub fn open(path: &Path) -> Result<Recording, TraceError> {
    let file = std::fs::File::open(path).map_err(|source| TraceError::Io { path: path.display().to_string(), source })?;
    from_reader(&path.display().to_string(), file)
}
pub fn from_reader(name: &str, r: impl Read) -> Result<Recording, TraceError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).from_reader(r);
    let mut rec = Recording { format: Format::Native, recognised_by: "stub".into(), samples: vec![], utc_offset_ns: None, clocks: vec![], damaged: Damaged::default(), notes: vec![] };
    for (i, row) in reader.records().enumerate() {
        let row = row.map_err(|_| TraceError::Bad { path: name.into(), line: 1, expected: "csv" })?;
        let line = row.position().map_or(1, csv::Position::line);
        if i == 0 {
            if row.get(0) != Some("t_ns") { return Err(TraceError::Bad { path: name.into(), line, expected: "a header t_ns,sensor,v1,…" }); }
            continue;
        }
        match parse(&row) {
            Some(s) => rec.samples.push(s),
            None => { rec.damaged.count += 1; if rec.damaged.rows.len() < 5 { rec.damaged.rows.push(DamagedRow(format!("{name}:{line}: column 3: expected numbers"))); } }
        }
    }
    if rec.samples.is_empty() { return Err(TraceError::Bad { path: name.into(), line: 1, expected: "at least one sample" }); }
    Ok(rec)
}
fn parse(row: &csv::StringRecord) -> Option<Sample> {
    let t = Timestamp::from_ns(row.get(0)?.parse().ok()?);
    let n = |i: usize| -> Option<f64> { row.get(i + 1)?.parse::<f64>().ok().filter(|v| v.is_finite()) };
    let triad = || Some(Triad { t, x: n(1)?, y: n(2)?, z: n(3)? });
    Some(match row.get(1)? {
        "accel" => Sample::Accel(triad()?), "gyro" => Sample::Gyro(triad()?), "mag" => Sample::Mag(triad()?),
        "gnss" => Sample::Gnss(GnssFix { t, lat_deg: n(1), lon_deg: n(2), alt_m: n(3), speed_mps: n(4), course_deg: n(5), hacc_m: n(6), sacc_mps: n(7) }),
        "baro" => Sample::Baro(BaroSample { t, pressure_hpa: n(1)? }),
        "hint" => Sample::Hint(HintSample { t, hint: Hint::parse(row.get(2)?, row.get(3)?)? }),
        "limit" => Sample::Limit(LimitSample { t, limit: match row.get(2)? { "none" => PostedLimit::NoLimit, "unknown" => PostedLimit::Unknown, k => PostedLimit::Limit(k.parse::<f64>().ok()? / 3.6) } }),
        _ => return None,
    })
}
pub fn write_native(samples: impl Iterator<Item = Sample>, mut w: impl Write) -> io::Result<()> {
    writeln!(w, "t_ns,sensor,v1,v2,v3,v4,v5,v6,v7")?;
    let o = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
    for s in samples {
        let (t, k) = (s.t().ns(), s.sensor().name());
        match s {
            Sample::Accel(v) | Sample::Gyro(v) | Sample::Mag(v) => writeln!(w, "{t},{k},{},{},{}", v.x, v.y, v.z)?,
            Sample::Gnss(g) => writeln!(w, "{t},{k},{},{},{},{},{},{},{}", o(g.lat_deg), o(g.lon_deg), o(g.alt_m), o(g.speed_mps), o(g.course_deg), o(g.hacc_m), o(g.sacc_mps))?,
            _ => {}
        }
    }
    Ok(())
}
pub mod inspect {
    use super::{Recording, Sensor, fmt};
    #[derive(Debug, serde::Serialize)]
    pub struct Summary { pub recognised_by: String, pub samples: Vec<(String, usize)> }
    impl fmt::Display for Summary { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { writeln!(f, "format: {}", self.recognised_by)?; for (k, n) in &self.samples { writeln!(f, "{k}: {n}")?; } Ok(()) } }
    pub fn summarise(r: &Recording) -> Summary {
        Summary { recognised_by: r.recognised_by.clone(), samples: Sensor::ALL.iter().map(|k| (k.name().into(), r.samples.iter().filter(|s| s.sensor() == *k).count())).collect() }
    }
}
