//! Wall-clock texts, and one clock against another.

use jiff::{Timestamp as Utc, civil::DateTime, tz::TimeZone};

use crate::units::quantile;

/// A moment on a wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WallTime {
    /// With its zone: UTC, ns since 1970.
    Utc(i64),
    /// Without a zone: as if it were UTC, ns since 1970.
    Local(i64),
}

/// Reads `2018-04-08 10:31:37.097`, with `T` for the blank, and with a zone (`Z`, `-0500`, `-05:00`) or without.
pub(crate) fn parse(text: &str) -> Option<WallTime> {
    let ns = |utc: Utc| i64::try_from(utc.as_nanosecond()).ok();
    let text = text.trim();
    let zoned = ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%z"];
    if let Ok(utc) = text.parse::<Utc>() {
        return ns(utc).map(WallTime::Utc);
    }
    if let Some(utc) = zoned.iter().find_map(|format| Utc::strptime(format, text).ok()) {
        return ns(utc).map(WallTime::Utc);
    }
    let local = text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?;
    ns(local.timestamp()).map(WallTime::Local)
}

/// How far one clock is ahead of another, told from pairs of readings taken at nearly the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offset {
    /// Ahead by, ns.
    pub(crate) ns: i64,
    /// What the middle four fifths of the pairs differ by, ns.
    pub(crate) spread_ns: i64,
}

/// The offset of a clock read *after* the other one, from the differences of their readings, ns.
///
/// Reading late only ever adds to a difference, so the truth is near the lowest of them; the first decile rather than the
/// lowest one, since a clock may have been set, and a stamp may be rounded.
pub(crate) fn offset(differences_ns: &[i64]) -> Option<Offset> {
    let low = *differences_ns.first()?;
    // Small numbers keep their nanoseconds in a float; differences of two epochs do not.
    #[expect(clippy::cast_precision_loss, reason = "readings of one recording differ by little")]
    let relative: Vec<f64> = differences_ns.iter().map(|d| d.saturating_sub(low) as f64).collect();
    let decile = |part| quantile(relative.clone(), part, 10);
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers, and the cast saturates")]
    let (first, ninth) = (decile(1)? as i64, decile(9)? as i64);
    Some(Offset { ns: low.saturating_add(first), spread_ns: ninth.saturating_sub(first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_times_are_read_with_and_without_a_zone() {
        let ns = 1_523_201_497_097_000_000;
        for text in ["2018-04-08 10:31:37.097 -0500", "2018-04-08 10:31:37.097-0500", "2018-04-08T15:31:37.097Z"] {
            assert_eq!(parse(text), Some(WallTime::Utc(ns)), "{text}");
        }
        assert_eq!(parse("2018-04-08 15:31:37.097"), Some(WallTime::Local(ns)));
        for text in ["", "10:31", "2018-13-08 10:31:37", "now"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_offset_is_near_the_lowest_difference_whatever_comes_late() {
        // Mostly 1–3 ms late, one in five by up to half a second, and one reading of a clock not yet set.
        let differences: Vec<i64> = (0..100)
            .map(|i| 5_000_000_000 + if i % 5 == 0 { i * 5_000_000 } else { 1_000_000 * (1 + i % 3) })
            .collect();
        let offset = offset(&[differences.as_slice(), &[-7_000_000_000_000]].concat()).expect("readings");
        assert!((5_001_000_000..=5_002_000_000).contains(&offset.ns), "{offset:?}");
        assert!(offset.spread_ns > 100_000_000);
    }

    #[test]
    fn no_difference_is_too_large() {
        for differences in [&[i64::MIN, i64::MAX][..], &[i64::MAX, i64::MIN], &[i64::MAX; 3]] {
            assert!(offset(differences).is_some());
        }
        assert_eq!(offset(&[]), None);
    }
}
