//! `jounce attitude`: rows of inertial samples in, rows of quaternions out.

use std::{
    fs::File,
    io::{self, Read, Write},
};

use anyhow::{Context, anyhow, bail};
use csv::StringRecord;
use jounce::{
    attitude::Attitude,
    config::AttitudeConfig,
    time::{Timestamp, ns_from_s},
};
use nalgebra::{UnitQuaternion, Vector3};

use crate::{
    cli::AttitudeArgs,
    output::Output,
    source::{SHOWN, Source, damaged_rows, warn},
};

/// The columns in the order in which they stand when no header names them.
const COLUMNS: [&str; 10] = ["t_s", "gx", "gy", "gz", "ax", "ay", "az", "mx", "my", "mz"];
/// The magnetometer's columns may be missing.
const REQUIRED: usize = 7;

pub(crate) fn run(args: &AttitudeArgs) -> anyhow::Result<()> {
    let source = Source::new(&args.input);
    let name = source.name();
    match source {
        Source::Stdin => stream(&name, io::stdin().lock(), args.six_axis),
        Source::Path(path) => {
            let file = File::open(path).with_context(|| format!("{name}: cannot be read"))?;
            stream(&name, file, args.six_axis)
        }
    }
}

fn stream(name: &str, input: impl Read, six_axis: bool) -> anyhow::Result<()> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(input);
    let mut row = StringRecord::new();
    if !read(name, &mut reader, &mut row)? {
        bail!("{name}: line 1, column 1: expected rows {}", COLUMNS.join(","));
    }
    let layout = Layout::of(name, &row)?;
    let six_axis = six_axis || !layout.has_mag();

    let mut out = Output::open(None)?;
    let mut filter = Attitude::new(&AttitudeConfig::default());
    let mut damaged = Damaged::default();
    let mut more = if layout.has_header { read(name, &mut reader, &mut row)? } else { true };
    while more {
        // A damaged row still has its row of output, so that both files stay in step.
        match layout.parse(&row) {
            Ok(sample) => sample.feed(&mut filter),
            Err(problem) => damaged.note(name, &row, &problem),
        }
        let q = if six_axis { filter.level_from_device() } else { filter.earth_from_device() };
        write_row(&mut out, &q)?;
        more = read(name, &mut reader, &mut row)?;
    }
    warn(damaged.lines(name));
    out.finish()
}

fn read(name: &str, reader: &mut csv::Reader<impl Read>, row: &mut StringRecord) -> anyhow::Result<bool> {
    reader.read_record(row).map_err(|error| match error.position() {
        Some(position) => anyhow!("{name}: line {}: expected UTF-8 text in comma-separated columns", position.line()),
        None => anyhow::Error::from(error).context(format!("{name}: cannot be read")),
    })
}

fn write_row(out: &mut impl Write, q: &UnitQuaternion<f64>) -> io::Result<()> {
    writeln!(out, "{},{},{},{}", q.w, q.i, q.j, q.k)
}

/// Which field of a row holds which column.
struct Layout {
    fields: [Option<usize>; COLUMNS.len()],
    has_header: bool,
}

impl Layout {
    /// From the first row: a header when its first field is no number.
    fn of(name: &str, first: &StringRecord) -> anyhow::Result<Self> {
        let has_header = first.get(0).is_none_or(|field| field.parse::<f64>().is_err());
        let mut fields = [None; COLUMNS.len()];
        for (i, (field, column)) in fields.iter_mut().zip(COLUMNS).enumerate() {
            *field = if has_header {
                first.iter().position(|name| name == column)
            } else {
                Some(i).filter(|i| *i < first.len())
            };
            if field.is_none() && i < REQUIRED {
                bail!("{name}: line 1: expected a column {column}");
            }
        }
        Ok(Self { fields, has_header })
    }

    fn has_mag(&self) -> bool {
        self.fields.iter().skip(REQUIRED).all(Option::is_some)
    }

    /// The row's sample, or what is wrong with the row.
    fn parse(&self, row: &StringRecord) -> Result<ImuRow, Damage> {
        let mut values = [None; COLUMNS.len()];
        for (value, field) in values.iter_mut().zip(self.fields) {
            let Some(field) = field else { continue };
            let text = row.get(field).unwrap_or_default();
            *value = match text.parse::<f64>() {
                Ok(number) => Some(number).filter(|number| number.is_finite()),
                Err(_) if text.is_empty() => None,
                Err(_) => return Err(Damage { field, expected: "a number" }),
            };
        }
        let [t_s, gx, gy, gz, ax, ay, az, mx, my, mz] = values;
        let t_s = t_s.ok_or(Damage { field: self.fields[0].unwrap_or(0), expected: "a time in seconds" })?;
        let vector = |x: Option<f64>, y: Option<f64>, z: Option<f64>| Some(Vector3::new(x?, y?, z?));
        Ok(ImuRow {
            t: Timestamp::from_ns(ns_from_s(t_s)),
            gyro: vector(gx, gy, gz),
            accel: vector(ax, ay, az),
            mag: vector(mx, my, mz),
        })
    }
}

/// One row; a sensor of which a value is unknown is left out.
struct ImuRow {
    t: Timestamp,
    gyro: Option<Vector3<f64>>,
    accel: Option<Vector3<f64>>,
    mag: Option<Vector3<f64>>,
}

impl ImuRow {
    fn feed(&self, filter: &mut Attitude) {
        if let Some(gyro) = self.gyro {
            filter.gyro(self.t, gyro);
        }
        if let Some(accel) = self.accel {
            filter.accel(self.t, accel);
        }
        if let Some(mag) = self.mag {
            filter.mag(self.t, mag);
        }
    }
}

struct Damage {
    field: usize,
    expected: &'static str,
}

#[derive(Default)]
struct Damaged {
    count: u64,
    first: Vec<String>,
}

impl Damaged {
    fn note(&mut self, name: &str, row: &StringRecord, damage: &Damage) {
        self.count += 1;
        if self.first.len() < SHOWN {
            let line = row.position().map_or(0, csv::Position::line);
            self.first.push(format!(
                "  {name}: line {line}, column {}: expected {}",
                damage.field + 1,
                damage.expected
            ));
        }
    }

    fn lines(self, name: &str) -> Vec<String> {
        if self.count == 0 {
            return Vec::new();
        }
        let head = format!("{name}: the orientation before is repeated for {}, first", damaged_rows(self.count));
        std::iter::once(head).chain(self.first).collect()
    }
}
