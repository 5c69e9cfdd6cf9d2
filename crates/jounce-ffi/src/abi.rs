//! Samples as they cross every border: one plain structure, or the same packed into bytes.

use jounce::{
    engine::{Evidence, Needs, Want},
    sample::{BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad},
    time::Timestamp,
};

use crate::session::Failure;

/// Version of the structures below.
pub const JOUNCE_ABI_VERSION: u16 = 1;

/// Which sensor a sample is of.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JounceSensor {
    /// Specific force, device frame, m/s²: x, y, z.
    Accel = 0,
    /// Angular rate, device frame, rad/s: x, y, z.
    Gyro = 1,
    /// Magnetic field, device frame, µT: x, y, z.
    Mag = 2,
    /// A fix: latitude, longitude (degrees), altitude (m), speed (m/s), course (degrees), horizontal accuracy (m), speed
    /// accuracy (m/s). NaN is unknown.
    Gnss = 3,
    /// Air pressure, hPa.
    Baro = 4,
    /// What the host knows, in `code`: 0, 1 screen off, on; 2, 3 car Bluetooth off, on; 16 automotive, 17 cycling,
    /// 18 walking, 19 running, 20 still, 21 unknown.
    Hint = 5,
    /// The posted limit, in `code`: 0 unknown, 1 none, 2 a limit, m/s.
    Limit = 6,
    /// What the person allows: `code` is a sensor, the value is not 0 when it may be used.
    Consent = 7,
}

/// How many values a sample has room for.
pub const JOUNCE_VALUES: usize = 7;

/// One sample.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JounceSample {
    /// `sizeof(JounceSample)`: also how far the next one is.
    pub size: u16,
    /// `JOUNCE_ABI_VERSION`.
    pub version: u16,
    /// A [`JounceSensor`].
    pub sensor: u16,
    /// Of hints, limits and consent: see [`JounceSensor`].
    pub code: u16,
    /// When it was measured, ns of one monotonic clock.
    pub t_ns: i64,
    /// See [`JounceSensor`]. What is not used is not looked at.
    pub values: [f64; JOUNCE_VALUES],
}

const SIZE: u16 = {
    #[expect(clippy::cast_possible_truncation, reason = "a hundred bytes")]
    let size = size_of::<JounceSample>() as u16;
    size
};

impl JounceSample {
    fn with_axes(sensor: JounceSensor, triad: &Triad) -> Self {
        let values = [triad.x, triad.y, triad.z, f64::NAN, f64::NAN, f64::NAN, f64::NAN];
        Self { size: SIZE, version: JOUNCE_ABI_VERSION, sensor: sensor as u16, code: 0, t_ns: triad.t.ns(), values }
    }
}

/// The samples about a crash, by time.
pub(crate) fn samples_about(evidence: &Evidence) -> Vec<JounceSample> {
    let accel = evidence.accel.iter().map(|triad| JounceSample::with_axes(JounceSensor::Accel, triad));
    let gyro = evidence.gyro.iter().map(|triad| JounceSample::with_axes(JounceSensor::Gyro, triad));
    let mut samples: Vec<_> = accel.chain(gyro).collect();
    samples.sort_by_key(|sample| (sample.t_ns, sample.sensor));
    samples
}

/// The same as they cross in bytes.
#[cfg(feature = "uniffi")]
pub(crate) fn packed_about(evidence: &Evidence) -> Vec<u8> {
    let mut packed = Vec::new();
    for sample in samples_about(evidence) {
        let head = [sample.size, sample.version, sample.sensor, sample.code];
        packed.extend(head.into_iter().flat_map(u16::to_le_bytes));
        packed.extend(sample.t_ns.to_le_bytes());
        packed.extend(sample.values.into_iter().flat_map(f64::to_le_bytes));
    }
    packed
}

pub(crate) fn sensor(number: u16) -> Result<Sensor, Failure> {
    Sensor::ALL.get(usize::from(number)).copied().ok_or(Failure::Argument("no such sensor"))
}

impl TryFrom<&JounceSample> for Sample {
    type Error = Failure;

    fn try_from(sample: &JounceSample) -> Result<Self, Failure> {
        let t = Timestamp::from_ns(sample.t_ns);
        let values = sample.values;
        let [first, second, third, ..] = values;
        let triad = Triad { t, x: first, y: second, z: third };
        Ok(match sensor(sample.sensor)? {
            Sensor::Accel => Self::Accel(triad),
            Sensor::Gyro => Self::Gyro(triad),
            Sensor::Mag => Self::Mag(triad),
            Sensor::Gnss => Self::Gnss(GnssFix::from_values(t, values.map(|value| (!value.is_nan()).then_some(value)))),
            Sensor::Baro => Self::Baro(BaroSample { t, pressure_hpa: first }),
            Sensor::Hint => Self::Hint(HintSample { t, hint: hint(sample.code)? }),
            Sensor::Limit => Self::Limit(LimitSample { t, limit: limit(sample.code, first)? }),
            Sensor::Consent => Self::Consent(consent(t, sample.code, first != 0.0)?),
        })
    }
}

fn hint(code: u16) -> Result<Hint, Failure> {
    u8::try_from(code).ok().and_then(Hint::from_code).ok_or(Failure::Argument("no such hint"))
}

fn limit(code: u16, mps: f64) -> Result<PostedLimit, Failure> {
    match code {
        0 => Ok(PostedLimit::Unknown),
        1 => Ok(PostedLimit::NoLimit),
        2 => Ok(PostedLimit::Limit(mps)),
        _ => Err(Failure::Argument("no such limit")),
    }
}

pub(crate) fn consent(t: Timestamp, code: u16, allowed: bool) -> Result<ConsentSample, Failure> {
    match sensor(code)? {
        Sensor::Consent => Err(Failure::Argument("consent itself cannot be refused")),
        sensor => Ok(ConsentSample { t, sensor, allowed }),
    }
}

/// How far the next structure is behind one that says this of itself.
pub(crate) fn stride(size: u16, version: u16) -> Result<usize, Failure> {
    let size = usize::from(size);
    if version == 0 || size < size_of::<JounceSample>() { Err(Failure::Version) } else { Ok(size) }
}

/// What is wanted of each sensor, by its number: samples a second; 0 none, −1 each change.
pub(crate) fn rates_hz(needs: &Needs) -> [f64; Sensor::COUNT] {
    Sensor::ALL.map(|sensor| match needs.of(sensor) {
        Want::Nothing => 0.0,
        Want::Changes => -1.0,
        Want::AtRate(hz) => hz,
    })
}

/// Samples packed as little-endian [`JounceSample`]s, one behind the other, each as long as it says.
#[cfg(feature = "uniffi")]
pub(crate) fn samples_of(packed: &[u8]) -> Result<Vec<Sample>, Failure> {
    let cut = Failure::Argument("packed samples that end within one");
    let mut samples = Vec::with_capacity(packed.len() / size_of::<JounceSample>());
    let mut rest = packed;
    while !rest.is_empty() {
        let (known, _) = rest.split_first_chunk::<{ size_of::<JounceSample>() }>().ok_or_else(|| cut.clone())?;
        let (sample, size) = unpacked(known)?;
        rest = rest.get(size..).ok_or_else(|| cut.clone())?;
        samples.push(Sample::try_from(&sample)?);
    }
    Ok(samples)
}

/// The part of one packed sample that is known, and how long all of it is.
#[cfg(feature = "uniffi")]
fn unpacked(bytes: &[u8; size_of::<JounceSample>()]) -> Result<(JounceSample, usize), Failure> {
    let [s0, s1, v0, v1, k0, k1, c0, c1, rest @ ..] = *bytes;
    let (size, version) = (u16::from_le_bytes([s0, s1]), u16::from_le_bytes([v0, v1]));
    let stride = stride(size, version)?;
    let (words, _) = rest.as_chunks::<8>();
    let mut words = words.iter().copied();
    let sample = JounceSample {
        size,
        version,
        sensor: u16::from_le_bytes([k0, k1]),
        code: u16::from_le_bytes([c0, c1]),
        t_ns: words.next().map(i64::from_le_bytes).unwrap_or_default(),
        values: std::array::from_fn(|_| words.next().map_or(f64::NAN, f64::from_le_bytes)),
    };
    Ok((sample, stride))
}
