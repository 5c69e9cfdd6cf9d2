//! The engine's settings: read from a file, overridden by flags, printed with their documentation.

use std::{ffi::OsStr, fs, ops::Range, path::Path};

use anyhow::{Context, anyhow};
use jounce::config::{Config, ConfigError, DEFAULT_TOML, ValidConfig};
use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table};

use crate::cli::SettingsArgs;

/// Reads the settings of the file (the defaults when there is none) and lets the flags override them.
pub(crate) fn load(args: &SettingsArgs) -> anyhow::Result<ValidConfig> {
    let file = args.config.as_deref();
    let text = match file {
        Some(file) => fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?,
        None => String::new(),
    };
    let mut config = match file {
        Some(file) => parse(file, &text)?,
        None => Config::default(),
    };
    config.profile = args.profile.map_or(config.profile, Into::into);
    config.sensitivity = args.sensitivity.map_or(config.sensitivity, Into::into);
    config.validate().map_err(|error| {
        let file = file.unwrap_or(Path::new("settings")).display();
        match place_of(&error, &text) {
            Some(place) => anyhow!("{file}: {}: {error}", line_and_column(&text, place)),
            None => anyhow!("{file}: {error}"),
        }
    })
}

fn parse(file: &Path, text: &str) -> anyhow::Result<Config> {
    if file.extension() == Some(OsStr::new("json")) {
        return serde_json::from_str(text).map_err(|error| anyhow!("{}: {error}", file.display()));
    }
    toml::from_str(text).map_err(|error| {
        let place = error.span().unwrap_or_default();
        anyhow!("{}: {}: {}", file.display(), line_and_column(text, place), error.message())
    })
}

/// Where the offending field stands in a TOML text.
fn place_of(error: &ConfigError, text: &str) -> Option<Range<usize>> {
    let field = match error {
        ConfigError::OutOfRange { field, .. } | ConfigError::NotAscending { field } => field.as_str(),
        ConfigError::Conflict { second, .. } => second,
        _ => return None,
    };
    let document = Document::parse(text).ok()?;
    let (room, field) = field.split_once('.')?;
    document.get(room)?.get(field)?.span()
}

/// Line and column, both from 1, of the start of a byte range.
fn line_and_column(text: &str, place: Range<usize>) -> String {
    let before = text.get(..place.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

/// The documented defaults with the values of `config` in their places, comments and all.
pub(crate) fn print(config: &Config) -> anyhow::Result<String> {
    let default = toml_edit::ser::to_document(&Config::default())?;
    let effective = toml_edit::ser::to_document(config)?;
    let mut document: DocumentMut = switched_on(&effective).parse()?;
    for (room, item) in effective.iter() {
        if let Some(places) = item.as_array() {
            append_places(&mut document, room, places);
            continue;
        }
        let Some(fields) = item.as_table_like() else {
            overwrite(&mut document[room], item, default.get(room));
            continue;
        };
        for (field, value) in fields.iter() {
            overwrite(&mut document[room][field], value, default.get(room).and_then(|room| room.get(field)));
        }
    }
    Ok(document.to_string())
}

/// The documented defaults, with the commented-out fields that `effective` gives a value made real ones.
fn switched_on(effective: &DocumentMut) -> String {
    let mut room = "";
    let mut text = String::with_capacity(DEFAULT_TOML.len());
    for line in DEFAULT_TOML.lines() {
        if let Some(name) = line.strip_prefix('[') {
            room = name.trim_end_matches(']');
        }
        let has_value = |field: &str| effective.get(room).is_some_and(|room| room.get(field).is_some());
        let example = line.strip_prefix("# ").filter(|text| text.split_once(" = ").is_some_and(|(f, _)| has_value(f)));
        text.push_str(example.unwrap_or(line));
        text.push('\n');
    }
    text
}

/// Puts `new` in the place of `old`, unless it is the default, which stays as it is written.
fn overwrite(old: &mut Item, new: &Item, default: Option<&Item>) {
    let same = |default: &Item| default.to_string() == new.to_string();
    if default.is_some_and(same) {
        return;
    }
    let Some(value) = new.as_value() else { return };
    let decor = old.as_value().map(|old| old.decor().clone());
    let mut value = value.clone();
    if let Some(decor) = decor {
        *value.decor_mut() = decor;
    }
    *old = Item::Value(value);
}

/// Writes places as `[[place]]` tables behind the comments at the end of the document.
fn append_places(document: &mut DocumentMut, room: &str, places: &toml_edit::Array) {
    let mut tables: ArrayOfTables =
        places.iter().filter_map(|place| place.as_inline_table()).map(|place| place.clone().into_table()).collect();
    let comments = document.trailing().as_str().unwrap_or_default().to_owned();
    let Some(first) = tables.get_mut(0) else { return };
    first.decor_mut().set_prefix(comments + "\n");
    tables.iter_mut().skip(1).for_each(|table: &mut Table| table.decor_mut().set_prefix("\n"));
    document.set_trailing("");
    document.insert(room, Item::ArrayOfTables(tables));
}

#[cfg(test)]
mod tests {
    use jounce::config::{PlaceConfig, Profile, SpeedingConfig};

    use super::*;

    #[test]
    fn the_defaults_print_as_they_are_documented() {
        assert_eq!(print(&Config::default()).expect("prints"), DEFAULT_TOML);
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_settings() {
        let yard = PlaceConfig {
            name: "yard".into(),
            lat: Some(1.5),
            lon: Some(2.0),
            radius_m: Some(80.0),
            ..PlaceConfig::default()
        };
        let lot = PlaceConfig {
            name: "lot".into(),
            polygon: Some(vec![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]),
            ..PlaceConfig::default()
        };
        let mut config = Config {
            profile: Profile::Van,
            speeding: SpeedingConfig {
                fixed_limit_mph: Some(30.0),
                tolerance_kmh: Some(0.0),
                ..SpeedingConfig::default()
            },
            place: vec![yard, lot],
            ..Config::default()
        };
        config.acceleration.hold_s = 0.9;
        config.align.capacity = 1024;
        let printed = print(&config).expect("prints");
        assert_eq!(toml::from_str::<Config>(&printed).expect("reads back"), config);
        // The comments survive, and an optional field takes the place of its example.
        let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(comments(&printed), comments(DEFAULT_TOML) - 2);
        assert!(printed.contains("# fixed_limit_kmh = 50.0\nfixed_limit_mph = 30.0\n"), "{printed}");
    }

    #[test]
    fn places_are_counted_from_one() {
        assert_eq!(line_and_column("ab\ncd", 4..5), "line 2, column 2");
        assert_eq!(line_and_column("", 0..0), "line 1, column 1");
        assert_eq!(line_and_column("µ = 1", 2..3), "line 1, column 2");
    }
}
