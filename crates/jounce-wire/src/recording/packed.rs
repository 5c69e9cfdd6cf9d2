//! Samples as bytes: version 1, for ever.
//!
//! A sample is a tag, the time since the sample before it in the frame (the first: since zero) in ns as a zigzag varint,
//! and its values. The tag's low four bits are the sensor's number (`Sensor::ALL`); bit 4 says that the values are in single precision, which is
//! only used where it loses nothing.
//!
//! | sensor | values |
//! |---|---|
//! | 0 accel, 1 gyro, 2 mag | x, y, z |
//! | 3 gnss | a byte whose bits say which of lat, lon, alt, speed, course, hacc, sacc follow, in double precision |
//! | 4 baro | pressure |
//! | 5 hint | a byte: `Hint::code` |
//! | 6 limit | a byte: 0 unknown, 1 none, 2 a limit, m/s in double precision behind it |
//! | 7 consent | a byte for the sensor, and one for what was said |

use std::mem;

use jounce::{
    sample::{BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad},
    time::Timestamp,
};

const SENSOR_BITS: u8 = 0x0F;
const SINGLE: u8 = 0x10;
/// Bits of a varint's byte that count.
const VARINT_BITS: u32 = 7;

/// Packs samples into a payload.
#[derive(Debug, Default)]
pub(super) struct Packer {
    bytes: Vec<u8>,
    before_ns: i64,
}

impl Packer {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The payload so far; the next begins anew.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.before_ns = 0;
        mem::take(&mut self.bytes)
    }

    pub(super) fn push(&mut self, sample: &Sample) {
        match sample {
            Sample::Accel(s) | Sample::Gyro(s) | Sample::Mag(s) => self.values(sample, &[s.x, s.y, s.z]),
            Sample::Baro(s) => self.values(sample, &[s.pressure_hpa]),
            Sample::Gnss(fix) => self.fix(sample, fix),
            Sample::Hint(s) => {
                self.start(sample, 0);
                self.bytes.push(s.hint.code());
            }
            Sample::Limit(s) => {
                self.start(sample, 0);
                match s.limit {
                    PostedLimit::Unknown => self.bytes.push(0),
                    PostedLimit::NoLimit => self.bytes.push(1),
                    PostedLimit::Limit(mps) => {
                        self.bytes.push(2);
                        self.bytes.extend(mps.to_le_bytes());
                    }
                }
            }
            Sample::Consent(s) => {
                self.start(sample, 0);
                self.bytes.extend([code(s.sensor), s.allowed.into()]);
            }
        }
    }

    fn start(&mut self, sample: &Sample, flags: u8) {
        self.bytes.push(code(sample.sensor()) | flags);
        let t_ns = sample.t().ns();
        let since = t_ns.wrapping_sub(mem::replace(&mut self.before_ns, t_ns));
        // Zigzag: the sign goes to the lowest bit.
        let mut left = (since.cast_unsigned() << 1) ^ (since >> 63).cast_unsigned();
        loop {
            let [low, ..] = left.to_le_bytes();
            left >>= VARINT_BITS;
            if left == 0 {
                self.bytes.push(low & 0x7F);
                return;
            }
            self.bytes.push(low | 0x80);
        }
    }

    fn values(&mut self, sample: &Sample, values: &[f64]) {
        #[expect(clippy::cast_possible_truncation, reason = "whether anything is lost is what is asked")]
        let single = |v: &f64| *v as f32;
        // A cast may change the payload of NaN.
        let is_exact = |v: &f64| !v.is_nan() && f64::from(single(v)).to_bits() == v.to_bits();
        if values.iter().all(is_exact) {
            self.start(sample, SINGLE);
            self.bytes.extend(values.iter().flat_map(|v| single(v).to_le_bytes()));
        } else {
            self.start(sample, 0);
            self.bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        }
    }

    fn fix(&mut self, sample: &Sample, fix: &GnssFix) {
        self.start(sample, 0);
        let values = fix.values();
        let known = values.iter().rev().fold(0, |bits, value| bits << 1 | u8::from(value.is_some()));
        self.bytes.push(known);
        self.bytes.extend(values.iter().flatten().flat_map(|v| v.to_le_bytes()));
    }
}

/// Reads all samples of a payload; none when it is not one of samples.
pub(super) fn unpack(payload: &[u8], samples: &mut Vec<Sample>) -> bool {
    let kept = samples.len();
    let mut rest = Rest(payload);
    let mut before_ns = 0_i64;
    while !rest.0.is_empty() {
        let Some(sample) = rest.sample(&mut before_ns) else {
            samples.truncate(kept);
            return false;
        };
        samples.push(sample);
    }
    true
}

#[expect(clippy::cast_possible_truncation, reason = "there are few sensors")]
const fn code(sensor: Sensor) -> u8 {
    sensor.index() as u8
}

/// What is left of a payload.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    fn double(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }

    fn value(&mut self, single: bool) -> Option<f64> {
        if single { self.take().map(|bytes| f32::from_le_bytes(bytes).into()) } else { self.double() }
    }

    fn varint(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..u64::BITS).step_by(VARINT_BITS as usize) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            // The tenth byte has room for one bit.
            if bits.leading_zeros() < shift {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
            }
        }
        None
    }

    fn sample(&mut self, before_ns: &mut i64) -> Option<Sample> {
        let tag = self.byte()?;
        let single = tag & SINGLE != 0;
        let sensor = *Sensor::ALL.get(usize::from(tag & SENSOR_BITS))?;
        let may_be_single = matches!(sensor, Sensor::Accel | Sensor::Gyro | Sensor::Mag | Sensor::Baro);
        if tag & !(SENSOR_BITS | SINGLE) != 0 || single && !may_be_single {
            return None;
        }
        *before_ns = before_ns.wrapping_add(self.varint()?);
        let t = Timestamp::from_ns(*before_ns);
        Some(match sensor {
            Sensor::Accel => Sample::Accel(self.triad(t, single)?),
            Sensor::Gyro => Sample::Gyro(self.triad(t, single)?),
            Sensor::Mag => Sample::Mag(self.triad(t, single)?),
            Sensor::Gnss => Sample::Gnss(self.fix(t)?),
            Sensor::Baro => Sample::Baro(BaroSample { t, pressure_hpa: self.value(single)? }),
            Sensor::Hint => Sample::Hint(HintSample { t, hint: Hint::from_code(self.byte()?)? }),
            Sensor::Limit => Sample::Limit(LimitSample { t, limit: self.limit()? }),
            Sensor::Consent => Sample::Consent(self.consent(t)?),
        })
    }

    fn triad(&mut self, t: Timestamp, single: bool) -> Option<Triad> {
        Some(Triad { t, x: self.value(single)?, y: self.value(single)?, z: self.value(single)? })
    }

    fn fix(&mut self, t: Timestamp) -> Option<GnssFix> {
        let known = self.byte()?;
        if known & 0x80 != 0 {
            return None;
        }
        let mut values = [None; GnssFix::VALUES];
        for (index, value) in values.iter_mut().enumerate() {
            if known >> index & 1 == 1 {
                *value = Some(self.double()?);
            }
        }
        Some(GnssFix::from_values(t, values))
    }

    fn limit(&mut self) -> Option<PostedLimit> {
        match self.byte()? {
            0 => Some(PostedLimit::Unknown),
            1 => Some(PostedLimit::NoLimit),
            2 => self.double().map(PostedLimit::Limit),
            _ => None,
        }
    }

    fn consent(&mut self, t: Timestamp) -> Option<ConsentSample> {
        let sensor = *Sensor::ALL.get(usize::from(self.byte()?))?;
        let allowed = match self.byte()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        Some(ConsentSample { t, sensor, allowed })
    }
}
