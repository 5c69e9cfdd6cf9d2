//! Jounce's own CSV: a row a sample, in the order of arrival.

use std::io::{self, Write};

use jounce::sample::{
    BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad,
};

use crate::{
    error::{Problem, TraceError},
    recording::{Format, Recording},
    table::{Fault, Row, Table, Width},
};

/// The header, and with it the names of the columns.
const COLUMNS: [&str; 9] = ["t_ns", "sensor", "v1", "v2", "v3", "v4", "v5", "v6", "v7"];

/// Where a row's values begin.
const FIRST_VALUE: usize = 2;

/// km/h in one m/s.
const KMH_PER_MPS: f64 = 3.6;

/// Whether the header is this format's.
pub(crate) fn recognise(table: &Table<'_>) -> Option<&'static str> {
    let starts_with = |a: &str, b: &str| {
        table.columns.first().is_some_and(|c| c == a) && table.columns.get(1).is_some_and(|c| c == b)
    };
    if starts_with(COLUMNS[0], COLUMNS[1]) {
        return Some("header `t_ns,sensor,…`");
    }
    let row = table.columns.first()?.parse::<i64>().is_ok() && Sensor::parse(table.columns.get(1)?).is_some();
    row.then_some("first row `<t_ns>,<sensor>,…` (no header)")
}

pub(crate) fn read(table: Table<'_>, why: &str) -> Result<Recording, TraceError> {
    let mut recording = Recording::new(table.name(), Format::Native, why);
    let has_header = table.columns.first().is_some_and(|c| c == COLUMNS[0]);
    let table = if has_header { table } else { table.without_header(&COLUMNS) };
    let separator = table.separator;
    let Recording { samples, damaged, .. } = &mut recording;
    table.for_each(Width::Free, damaged, |row| {
        if separator != b',' {
            // Fields cut at another separator would be read well by luck only: with decimal commas they shift.
            return Err(Fault { column: None, problem: Problem::Separator { separator: separator.into() } });
        }
        samples.push(sample(row)?);
        Ok(())
    })?;
    recording.finish()
}

fn sample(row: &Row<'_>) -> Result<Sample, Fault> {
    let t = row.nanoseconds(0)?;
    let sensor = Sensor::parse(&row.text(1))
        .ok_or_else(|| row.fault(1, "accel, gyro, mag, gnss, baro, hint, limit or consent"))?;
    check_count(row, sensor)?;
    let value = |i: usize| row.number(FIRST_VALUE + i);
    let triad = || Ok(Triad { t, x: value(0)?, y: value(1)?, z: value(2)? });
    Ok(match sensor {
        Sensor::Accel => Sample::Accel(triad()?),
        Sensor::Gyro => Sample::Gyro(triad()?),
        Sensor::Mag => Sample::Mag(triad()?),
        Sensor::Gnss => Sample::Gnss(fix(row)?),
        Sensor::Baro => Sample::Baro(BaroSample { t, pressure_hpa: value(0)? }),
        Sensor::Hint => Sample::Hint(HintSample { t, hint: hint(row)? }),
        Sensor::Limit => Sample::Limit(LimitSample { t, limit: limit(row)? }),
        Sensor::Consent => Sample::Consent(consent(row)?),
    })
}

/// Rows may be shorter than the header, but not longer than their sensor's values.
fn check_count(row: &Row<'_>, sensor: Sensor) -> Result<(), Fault> {
    let (fewest, most) = match sensor {
        Sensor::Accel | Sensor::Gyro | Sensor::Mag => (3, 3),
        Sensor::Gnss => (0, 7),
        Sensor::Baro | Sensor::Limit => (1, 1),
        Sensor::Hint | Sensor::Consent => (2, 2),
    };
    let found = row.used();
    if found > FIRST_VALUE + most {
        return Err(Fault::field_count(found, FIRST_VALUE + most, true));
    }
    if found < FIRST_VALUE + fewest {
        return Err(Fault::field_count(found, FIRST_VALUE + fewest, false));
    }
    Ok(())
}

fn fix(row: &Row<'_>) -> Result<GnssFix, Fault> {
    let value = |i: usize| {
        let column = FIRST_VALUE + i;
        if row.text(column).is_empty() { Ok(None) } else { row.number(column).map(Some) }
    };
    Ok(GnssFix {
        t: row.nanoseconds(0)?,
        lat_deg: value(0).map_err(Fault::without_text)?,
        lon_deg: value(1).map_err(Fault::without_text)?,
        alt_m: value(2)?,
        speed_mps: value(3)?,
        course_deg: value(4)?,
        hacc_m: value(5)?,
        sacc_mps: value(6)?,
    })
}

fn hint(row: &Row<'_>) -> Result<Hint, Fault> {
    let (name, value) = (row.text(FIRST_VALUE), row.text(FIRST_VALUE + 1));
    Hint::parse(&name, &value).ok_or_else(|| {
        let name_is_known = matches!(&*name, "screen" | "car" | "activity");
        row.fault(FIRST_VALUE + usize::from(name_is_known), "a hint known here")
    })
}

fn limit(row: &Row<'_>) -> Result<PostedLimit, Fault> {
    let text = row.text(FIRST_VALUE);
    if text.eq_ignore_ascii_case("none") {
        return Ok(PostedLimit::NoLimit);
    }
    if text.eq_ignore_ascii_case("unknown") {
        return Ok(PostedLimit::Unknown);
    }
    let kmh = row.number(FIRST_VALUE).ok().filter(|&kmh| kmh > 0.0);
    kmh.map(|kmh| PostedLimit::Limit(kmh / KMH_PER_MPS))
        .ok_or_else(|| row.fault(FIRST_VALUE, "km/h, `none` or `unknown`"))
}

fn consent(row: &Row<'_>) -> Result<ConsentSample, Fault> {
    let sensor = Sensor::parse(&row.text(FIRST_VALUE))
        .filter(|sensor| *sensor != Sensor::Consent)
        .ok_or_else(|| row.fault(FIRST_VALUE, "accel, gyro, mag, gnss, baro, hint or limit"))?;
    let allowed = match &*row.text(FIRST_VALUE + 1) {
        "0" => false,
        "1" => true,
        _ => return Err(row.fault(FIRST_VALUE + 1, "0 or 1")),
    };
    Ok(ConsentSample { t: row.nanoseconds(0)?, sensor, allowed })
}

/// Writes samples in the native CSV, in the order given.
///
/// Reading them back gives the same samples, bit for bit, with two exceptions: a value that is not finite (which reading
/// refuses), and a limit that is no whole number of km/h, which may come back with an error of the last bit.
pub fn write_native(samples: impl Iterator<Item = Sample>, mut w: impl Write) -> io::Result<()> {
    writeln!(w, "{}", COLUMNS.join(","))?;
    for sample in samples {
        write!(w, "{},{}", sample.t().ns(), sample.sensor().name())?;
        match sample {
            Sample::Accel(s) | Sample::Gyro(s) | Sample::Mag(s) => write!(w, ",{:?},{:?},{:?}", s.x, s.y, s.z)?,
            Sample::Gnss(fix) => write_fix(&fix, &mut w)?,
            Sample::Baro(s) => write!(w, ",{:?}", s.pressure_hpa)?,
            Sample::Hint(s) => {
                let (name, value) = s.hint.as_row();
                write!(w, ",{name},{value}")?;
            }
            Sample::Consent(s) => write!(w, ",{},{}", s.sensor.name(), u8::from(s.allowed))?,
            Sample::Limit(s) => match s.limit {
                PostedLimit::Limit(mps) => write!(w, ",{:?}", kmh_that_reads(mps))?,
                PostedLimit::NoLimit => write!(w, ",none")?,
                PostedLimit::Unknown => write!(w, ",unknown")?,
            },
        }
        writeln!(w)?;
    }
    w.flush()
}

fn write_fix(fix: &GnssFix, w: &mut impl Write) -> io::Result<()> {
    let values = fix.values();
    let used = values.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    for value in values.iter().take(used) {
        match value {
            Some(value) => write!(w, ",{value:?}")?,
            None => write!(w, ",")?,
        }
    }
    Ok(())
}

/// The km/h that is read as `mps`, where there is one: multiplying alone may miss it by the last bit.
fn kmh_that_reads(mps: f64) -> f64 {
    let kmh = mps * KMH_PER_MPS;
    let candidates = [kmh.round(), kmh, kmh.next_up(), kmh.next_down()];
    #[expect(clippy::float_cmp, reason = "bit for bit is the point")]
    candidates.into_iter().find(|kmh| kmh / KMH_PER_MPS == mps).unwrap_or(kmh)
}
