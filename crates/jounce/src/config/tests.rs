use alloc::{string::ToString, vec};

use super::*;

fn error_of(change: impl FnOnce(&mut Config)) -> ConfigError {
    let mut config = Config::default();
    change(&mut config);
    config.validate().expect_err("must be refused")
}

fn circle(name: &str) -> PlaceConfig {
    PlaceConfig { name: name.into(), lat: Some(48.2), lon: Some(11.6), radius_m: Some(100.0), polygon: None }
}

#[test]
fn the_defaults_are_valid() {
    Config::default().validate().expect("the defaults are valid");
}

#[test]
fn an_error_names_field_value_and_range() {
    let error = error_of(|c| c.speeding.hold_s = -1.0);
    assert_eq!(error.to_string(), "speeding.hold_s = -1: expected 0 to 600");
    let error = error_of(|c| c.acceleration.threshold_mps2 = 0.0);
    assert_eq!(error.to_string(), "acceleration.threshold_mps2 = 0: expected 0.5 to 20");
    let error = error_of(|c| c.trip.end_after_s = 0.0);
    assert_eq!(error.to_string(), "trip.end_after_s = 0: expected more than 0, at most 86400");
    let error = error_of(|c| c.place_rules.confirm_fixes = 0);
    assert_eq!(error.to_string(), "place_rules.confirm_fixes = 0: expected 1 to 100");
}

#[test]
fn what_is_not_finite_is_refused() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(error_of(|c| c.align.horizon_s = value), ConfigError::OutOfRange { .. }), "{value}");
        assert!(matches!(error_of(|c| c.braking.bands_mps2[2] = value), ConfigError::OutOfRange { .. }), "{value}");
    }
}

#[test]
fn bands_must_ascend() {
    let error = error_of(|c| c.crash.bands_kmh = [25.0, 8.0]);
    assert_eq!(error, ConfigError::NotAscending { field: "crash.bands_kmh".into() });
    assert!(matches!(error_of(|c| c.cornering.bands_mps2 = [3.0; 4]), ConfigError::NotAscending { .. }));
}

#[test]
fn a_limit_is_given_in_one_unit() {
    let error = error_of(|c| {
        c.speeding.fixed_limit_kmh = Some(50.0);
        c.speeding.fixed_limit_mph = Some(30.0);
    });
    assert_eq!(error.to_string(), "speeding.fixed_limit_kmh and speeding.fixed_limit_mph exclude each other: give one");
    let error = error_of(|c| {
        c.speeding.tolerance_kmh = Some(0.0);
        c.speeding.tolerance_mph = Some(0.0);
    });
    assert!(matches!(error, ConfigError::Conflict { .. }));
}

#[test]
fn a_tolerance_may_be_zero() {
    let mut config = Config::default();
    config.speeding.fixed_limit_mph = Some(30.0);
    config.speeding.tolerance_mph = Some(0.0);
    config.validate().expect("a driver may be held to the limit itself");
}

#[test]
fn places_are_circles_or_polygons() {
    let polygon = PlaceConfig {
        name: "lot".into(),
        polygon: Some(vec![[0.0, 179.9], [0.1, -179.9], [-0.1, -179.9]]),
        ..PlaceConfig::default()
    };
    let valid = Config { place: vec![circle("yard"), polygon.clone()], ..Config::default() };
    valid.validate().expect("one of each");

    let refused: [(PlaceConfig, &str); 7] = [
        (PlaceConfig { name: " ".into(), ..circle("") }, "expected a name"),
        (PlaceConfig { lat: None, ..circle("a") }, "expected either lat, lon and radius_m, or polygon"),
        (PlaceConfig { radius_m: Some(1.0), ..polygon.clone() }, "expected either lat, lon and radius_m, or polygon"),
        (PlaceConfig { polygon: Some(vec![[0.0; 2]; 2]), ..polygon }, "a polygon needs at least three corners"),
        (PlaceConfig { lat: Some(91.0), ..circle("a") }, "place.lat = 91: expected -90 to 90"),
        (PlaceConfig { lon: Some(f64::NAN), ..circle("a") }, "place.lon = NaN: expected -180 to 180"),
        (
            PlaceConfig { radius_m: Some(0.0), ..circle("a") },
            "place.radius_m = 0: expected more than 0, at most 1000000",
        ),
    ];
    for (place, expected) in refused {
        let error = error_of(|c| c.place.push(place)).to_string();
        assert!(error.ends_with(expected), "{error} does not say: {expected}");
    }
}

#[test]
fn places_have_names_of_their_own() {
    let error = error_of(|c| c.place = vec![circle("yard"), circle("gate"), circle("yard")]);
    assert_eq!(error.to_string(), "place \"yard\": another place has the same name");
}

#[cfg(feature = "serde")]
mod text {
    use alloc::string::String;

    use super::*;

    /// The documented text with its commented-out examples switched on.
    fn with_examples() -> String {
        let is_key = |key: &str| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let is_code = |text: &str| text.starts_with("[[") || text.split_once(" = ").is_some_and(|(key, _)| is_key(key));
        let uncomment = |line: &'static str| line.strip_prefix("# ").filter(|text| is_code(text)).unwrap_or(line);
        DEFAULT_TOML.lines().map(uncomment).flat_map(|line| [line, "\n"]).collect()
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let documented: Config = toml::from_str(DEFAULT_TOML).expect("the documented defaults are TOML");
        assert_eq!(documented, Config::default());
    }

    /// A field that is missing in the text would still parse, by its default: so every key is looked for.
    #[test]
    fn every_field_is_documented() {
        let everything = Config {
            speeding: SpeedingConfig {
                fixed_limit_kmh: Some(1.0),
                fixed_limit_mph: Some(1.0),
                tolerance_kmh: Some(1.0),
                tolerance_mph: Some(1.0),
                ..SpeedingConfig::default()
            },
            place: vec![PlaceConfig { polygon: Some(vec![]), ..circle("a") }],
            ..Config::default()
        };
        let keys = toml::Table::try_from(&everything).expect("a config is a table");
        let documented: toml::Table = toml::from_str(&with_examples()).expect("the examples are TOML");
        for (room, fields) in &keys {
            let text = documented.get(room).unwrap_or_else(|| panic!("{room} is not documented"));
            let (fields, texts) = match (fields, text) {
                (toml::Value::Table(fields), text) => (fields, vec![text]),
                (toml::Value::Array(places), toml::Value::Array(texts)) => {
                    (places[0].as_table().expect("a place is a table"), texts.iter().collect())
                }
                _ => continue,
            };
            for field in fields.keys() {
                assert!(texts.iter().any(|text| text.get(field).is_some()), "{room}.{field} is not documented");
            }
        }
    }

    #[test]
    fn the_examples_are_known_keys() {
        let examples: Config = toml::from_str(&with_examples()).expect("no example has an unknown key");
        assert_eq!(examples.place.len(), 2);
    }

    #[test]
    fn a_table_given_in_part_keeps_the_other_defaults_of_its_room() {
        let config: Config = toml::from_str("[acceleration]\nhold_s = 1.0\n[braking]\nhold_s = 2.0\n").expect("TOML");
        assert_eq!(config.acceleration, HarshConfig { hold_s: 1.0, ..HarshConfig::acceleration() });
        assert_eq!(config.braking, HarshConfig { hold_s: 2.0, ..HarshConfig::braking() });
    }

    #[test]
    fn an_unknown_key_is_named() {
        for text in
            ["[speeding]\nlimit = 50\n", "[acceleration]\nlimit = 50\n", "[[place]]\nlimit = 1\n", "limit = 1\n"]
        {
            let error = toml::from_str::<Config>(text).expect_err("unknown").to_string();
            assert!(error.contains("`limit`"), "{error}");
        }
    }
}
