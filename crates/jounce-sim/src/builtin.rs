//! The built-in scenarios: TOML files beside the source.

use crate::scenario::Scenario;

/// Name, one line about it, and its TOML.
type Entry = (&'static str, &'static str, &'static str);

macro_rules! entries {
    ($($name:literal: $about:literal,)*) => {
        &[$(($name, $about, include_str!(concat!("../scenarios/", $name, ".toml")))),*]
    };
}

const BUILT_IN: &[Entry] = entries! {
    "city-drive": "town: one hard brake, one harsh start, a harsh bend to each side, one speeding; phone askew",
    "calm-drive": "careful driving over slopes, bumps and a roundabout: nothing may fire",
    "odd-mount": "a phone upside down: braking, accelerating and a bend",
    "late-alignment": "the first hard brake comes before anything shows how the phone sits",
    "front-crash": "frontal crash at 58 km/h after braking",
    "rear-crash-stopped": "hit from behind while waiting at a light",
    "side-crash-rollover": "hit from the right, spun, hit again and rolled over",
    "phone-drop-moving": "the phone falls to the floor while driving on",
    "phone-turned": "the phone is turned by 90° in its holder, used in the hand, and driving goes on",
    "tunnel": "60 s without satellites, with braking and a bend",
    "hill": "12 % up, over a crest, 10 % down",
    "crest": "crests and a dip at 90 km/h: nothing may fire",
    "banked-curve": "long bends with 7 % of superelevation: nothing may fire",
    "roundabout": "roundabouts, 270° and more around: nothing may fire",
    "long-braking": "15 s of mild braking from 100 km/h, twice: nothing may fire",
    "bump-pothole": "speed bumps, a pothole, a kerb and gravel: nothing may fire",
    "places": "satellites only: two places reached and left",
    "long-trip-gap": "satellites only: a gap in the data splits one drive into two trips",
    "no-gnss": "inertial sensors only",
    "magnet-holder": "a magnetic holder and a wireless charger bend the compass",
    "batched": "samples arrive in bursts, twice, or not at all",
};

/// Name and one line about each built-in scenario.
pub fn scenario_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.iter().map(|&(name, about, _)| (name, about))
}

/// A built-in scenario.
pub fn scenario(name: &str) -> Option<Scenario> {
    let &(name, about, toml) = BUILT_IN.iter().find(|(built_in, ..)| *built_in == name)?;
    let scenario = Scenario::from_toml(toml).ok()?;
    Some(Scenario { name: name.to_owned(), description: about.to_owned(), ..scenario })
}
