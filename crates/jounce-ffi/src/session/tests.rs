use jounce::{event::EventKind, time::Timestamp};

use super::*;

#[test]
fn a_host_that_does_not_pull_loses_the_oldest_events_and_is_told() {
    let mut session = Session::new(settings("").expect("the defaults"));
    for t in (0..).map(Timestamp::from_ns).take(MOST_EVENTS + 3) {
        session.events.event(&Event::new(EventKind::PhoneMoved, t, t));
    }
    assert_eq!(session.next_event().map(|event| event.start.ns()), Some(3));
    assert!(session.health_json().ends_with("\"events_dropped\":3}"), "{}", session.health_json());
}

#[test]
fn settings_are_json() {
    assert_eq!(settings(" \n").expect("the defaults"), settings("{}").expect("the defaults"));
    let error = |text| settings(text).expect_err("it is refused").to_string();
    let fast = error("{\"trip\": {\"start_kmh\": \"fast\"}}");
    assert_eq!(fast, "settings: invalid type: string \"fast\", expected f64 at line 1 column 29");
    assert!(error("{\"trip\": {}, \"trip\": {}}").starts_with("settings: duplicate field `trip`"));
    assert!(error("{\"no_such_room\": 1}").starts_with("settings: unknown field `no_such_room`"));
    assert!(error("{").starts_with("settings: EOF while parsing"));
}

#[cfg(not(feature = "toml"))]
#[test]
fn toml_is_refused_where_it_is_not_built_in() {
    assert!(matches!(settings("profile = \"van\""), Err(Failure::Syntax(_))));
}

#[cfg(feature = "toml")]
#[test]
fn settings_are_toml_or_json() {
    let toml = settings("profile = \"van\"\n[trip]\nstart_kmh = 9").expect("TOML");
    let json = settings(" {\"profile\": \"van\", \"trip\": {\"start_kmh\": 9}}").expect("JSON");
    assert_eq!(toml, json);
    assert!(matches!(settings("profile = "), Err(Failure::Syntax(_))));
    assert!(matches!(settings("[trip]\nstart_kmh = 0"), Err(Failure::Config(_))));
}
