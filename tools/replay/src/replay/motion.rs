//! The vehicle's motion as CSV.

use std::io::Write;

use jounce::motion::Motion;

use super::run::Replayed;

const HEADER: &str = "t_ns,utc_ns,speed_mps,speed_sigma_mps,estimated,accel_forward_mps2,accel_left_mps2,\
                      accel_up_mps2,yaw_rate_radps,mount_sigma_rad,vqw,vqx,vqy,vqz,gnss_delay_s";

/// Writes the header and a row for each moment; what is not known is left empty.
pub(super) fn write(out: &mut impl Write, replayed: &Replayed) -> anyhow::Result<()> {
    writeln!(out, "{HEADER}")?;
    replayed.motion.iter().try_for_each(|motion| row(out, motion, replayed.utc_offset_ns))?;
    Ok(())
}

fn row(out: &mut impl Write, motion: &Motion, utc_offset_ns: Option<i64>) -> std::io::Result<()> {
    write!(out, "{},", motion.t.ns())?;
    if let Some(offset) = utc_offset_ns {
        write!(out, "{}", motion.t.plus_ns(offset).ns())?;
    }
    number(out, motion.speed_mps)?;
    number(out, motion.speed_sigma_mps)?;
    write!(out, ",{}", u8::from(motion.estimated))?;
    let q = motion.vehicle_from_device;
    for value in [
        motion.accel_forward_mps2,
        motion.accel_left_mps2,
        motion.accel_up_mps2,
        motion.yaw_rate_radps,
        motion.mount_sigma_rad,
        q.map(|q| q.w),
        q.map(|q| q.i),
        q.map(|q| q.j),
        q.map(|q| q.k),
        motion.gnss_delay_s,
    ] {
        number(out, value)?;
    }
    writeln!(out)
}

/// A comma, then the shortest text that reads back as the same value.
fn number(out: &mut impl Write, value: Option<f64>) -> std::io::Result<()> {
    match value {
        Some(value) => write!(out, ",{value:?}"),
        None => write!(out, ","),
    }
}

#[cfg(test)]
mod tests {
    use jounce::time::Timestamp;

    use super::*;

    fn written(motion: &Motion, utc_offset_ns: Option<i64>) -> String {
        let mut out = Vec::new();
        row(&mut out, motion, utc_offset_ns).expect("a vector takes everything");
        String::from_utf8(out).expect("text")
    }

    const UNKNOWN: Motion = Motion::unknown(Timestamp::from_ns(5));

    #[test]
    fn a_row_has_as_many_columns_as_the_header() {
        let row = written(&UNKNOWN, None);
        assert_eq!(row, "5,,,,0,,,,,,,,,,\n");
        assert_eq!(row.matches(',').count(), HEADER.matches(',').count());
    }

    #[test]
    fn values_read_back_as_the_same_bits() {
        let known = Motion {
            speed_mps: Some(0.1 + 0.2),
            estimated: true,
            vehicle_from_device: Some(nalgebra::UnitQuaternion::identity()),
            gnss_delay_s: Some(1e-7),
            ..UNKNOWN
        };
        assert_eq!(written(&known, Some(-7)), "5,-2,0.30000000000000004,,1,,,,,,1.0,0.0,0.0,0.0,1e-7\n");
    }
}
