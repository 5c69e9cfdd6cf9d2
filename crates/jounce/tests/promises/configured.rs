//! Every value that the config allows can be driven with.

use jounce::{
    config::{Config, ConfigError},
    event::EventKind,
};
use jounce_sim::Scenario;
use toml::{Table, Value};

use crate::common::{Drive, built_in};

/// A field, as the rooms and the names within them.
type Field = Vec<String>;

/// Every number of the config, but the severity bands, which must grow from each to the next, and the limits in mph,
/// which exclude those in km/h.
fn numbers(table: &Table, above: &Field, found: &mut Vec<Field>) {
    for (name, value) in table {
        let field = [above.as_slice(), std::slice::from_ref(name)].concat();
        match value {
            Value::Table(inner) => numbers(inner, &field, found),
            Value::Integer(_) | Value::Float(_) => found.push(field),
            _ => {}
        }
    }
}

/// The config with one field set, and with places and limits so that every detector runs.
fn with(field: &[String], value: f64) -> Result<Config, toml::de::Error> {
    let mut table = defaults();
    let mut at = table.get_mut(&field[0]);
    for name in &field[1..] {
        at = at.and_then(|inner| inner.get_mut(name));
    }
    let at = at.expect("the field is there");
    #[expect(clippy::cast_possible_truncation, reason = "a float-to-int cast saturates")]
    let value = if at.is_integer() { Value::Integer(value.ceil() as i64) } else { Value::Float(value) };
    *at = value;
    table.try_into()
}

fn defaults() -> Table {
    let extra = "[speeding]\nfixed_limit_kmh = 50.0\ntolerance_kmh = 5.0\n\
                 [[place]]\nname = \"here\"\nlat = 52.0\nlon = 13.5\nradius_m = 100.0\n";
    let config: Config = toml::from_str(extra).expect("it is valid");
    Table::try_from(config).expect("a config is TOML")
}

/// The ends of a field's range, as the error for a value outside tells them.
fn ends(field: &[String]) -> [f64; 2] {
    let refused = with(field, 4e9).expect("any number parses").validate();
    let Err(ConfigError::OutOfRange { expected, .. }) = refused else { panic!("{field:?} has no end: {refused:?}") };
    let text = expected.to_string();
    let number = |text: &str| text.parse::<f64>().expect("a number");
    if let Some((min, max)) = text.strip_prefix("more than ").and_then(|rest| rest.split_once(", at most ")) {
        return [number(min).next_up(), number(max)];
    }
    let (min, max) = text.split_once(" to ").expect("two ends");
    [number(min), number(max)]
}

/// A drive with hard braking, at a modest rate.
fn short_drive() -> Drive {
    let mut scenario: Scenario = built_in("odd-mount");
    for timing in [scenario.accel.as_mut().map(|it| &mut it.timing), scenario.gyro.as_mut().map(|it| &mut it.timing)] {
        timing.expect("it is recorded").rate_hz = 20.0;
    }
    scenario.step.truncate(12);
    Drive::of(&scenario)
}

#[test]
fn every_value_at_the_end_of_its_range_can_be_driven_with() {
    let drive = short_drive();
    assert!(drive.replay().events.iter().any(|event| event.kind() == EventKind::HardBraking));
    let mut fields = Vec::new();
    numbers(&defaults(), &Field::new(), &mut fields);
    fields.retain(|field| field[0] != "place");
    assert!(fields.len() > 100, "{fields:?}");
    for field in fields {
        for value in ends(&field) {
            let config = with(&field, value).expect("it parses");
            let config = config.validate().unwrap_or_else(|error| panic!("{field:?} = {value}: {error}"));
            let record = Drive { config, ..drive.clone() }.replay();
            let text = format!("{:?}{:?}{:?}", record.events, record.dismissals, record.motions);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{field:?} = {value}");
        }
    }
}
