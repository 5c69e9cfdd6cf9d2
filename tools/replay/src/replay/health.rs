//! What the engine says about its input, in words.

use super::report::clock;
use jounce::{
    health::{Diagnostic, Health, SensorHealth},
    sample::Sensor,
    time::Timestamp,
};

/// One line for every fault of the stream and for every sensor of which samples were refused or missing.
pub(super) fn warnings(health: &Health, start: Timestamp) -> impl Iterator<Item = String> + '_ {
    let sensors = Sensor::ALL.into_iter().filter_map(|sensor| sensor_warning(sensor, health.sensor(sensor)));
    health.diagnostics().map(move |diagnostic| describe(diagnostic, start)).chain(sensors)
}

fn sensor_warning(sensor: Sensor, health: &SensorHealth) -> Option<String> {
    let mut parts = Vec::new();
    let by_reason: Vec<String> = health.refusals().map(|(name, count)| format!("{count} {name}")).collect();
    if !by_reason.is_empty() {
        let total: u64 = health.refusals().map(|(_, count)| count).sum();
        parts.push(format!("{total} samples refused ({})", by_reason.join(", ")));
    }
    if health.gaps > 0 {
        let gaps = if health.gaps == 1 { "gap" } else { "gaps" };
        parts.push(format!("{} {gaps}, the longest {:.1} s", health.gaps, health.longest_gap_s));
    }
    if health.clipped > 0 {
        parts.push(format!("{} samples at the end of the sensor's range", health.clipped));
    }
    (!parts.is_empty()).then(|| format!("{}: {}", sensor.name(), parts.join("; ")))
}

/// A fault of the whole stream in words.
pub(super) fn describe(diagnostic: Diagnostic, start: Timestamp) -> String {
    match diagnostic {
        Diagnostic::AccelUnit { median_magnitude } => {
            format!("accel: rests at {median_magnitude:.2} where 9.81 m/s² is expected: wrong unit (1.0 means g)?")
        }
        Diagnostic::SpeedUnit { ratio } => format!(
            "gnss: the speed is {ratio:.2} times that of the positions: wrong unit \
             (1.94 means knots, 3.60 km/h, 2.24 mph)?"
        ),
        Diagnostic::MagneticDisturbance { field_ut } => {
            format!("mag: {field_ut:.0} µT is not Earth's field (25 to 65 µT): a holder, a charger, the car's iron")
        }
        Diagnostic::InertialGap { from, to } => {
            format!("no inertial samples for {:.1} s from {}", to.s_since(from), clock(from, start))
        }
        other => format!("{other:?}"),
    }
}

/// Lines that tell, sensor by sensor, how good the input was.
pub(super) fn table(health: &Health) -> Vec<String> {
    let heading = "sensor      taken  refused     Hz   gaps  longest s  clipped  trust".to_owned();
    let rows = health.seen().map(|(sensor, health)| {
        let refused: u64 = health.refusals().map(|(_, count)| count).sum();
        let rate = health.rate_hz.map_or_else(String::new, |rate| format!("{rate:.1}"));
        format!(
            "{:6} {:10} {refused:8} {rate:>6} {:6} {:10.1} {:8} {:6.2}",
            sensor.name(),
            health.accepted,
            health.gaps,
            health.longest_gap_s,
            health.clipped,
            health.trust
        )
    });
    std::iter::once(heading).chain(rows).collect()
}
