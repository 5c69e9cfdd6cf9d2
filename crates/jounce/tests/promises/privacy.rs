//! Events tell where they happened as exactly as the settings say, and all else as ever.

use jounce::{config::Config, event::Event};

use crate::common::{Drive, Record, drive};

const DRIVE: &str = "city-drive";

/// What the drive gives under other settings of privacy.
fn told(change: impl FnOnce(&mut Config)) -> Record {
    let drive = drive(DRIVE);
    let mut config = drive.config.get().clone();
    change(&mut config);
    Drive { config: config.validate().expect("it is valid"), ..(*drive).clone() }.replay()
}

fn without_positions(record: &Record) -> Vec<Event> {
    record.events.iter().map(|event| Event { position: None, ..event.clone() }).collect()
}

#[test]
fn a_position_keeps_the_decimals_that_are_asked_for() {
    let exact = drive(DRIVE).replay();
    let coarse = told(|config| config.privacy.position_decimals = Some(2));
    assert_eq!(without_positions(&coarse), without_positions(&exact));
    let mut positions = 0;
    for (coarse, exact) in coarse.events.iter().zip(&exact.events) {
        let Some((coarse, exact)) = coarse.position.zip(exact.position) else {
            assert_eq!(coarse.position, exact.position);
            continue;
        };
        positions += 1;
        for (coarse, exact) in [(coarse.lat_deg, exact.lat_deg), (coarse.lon_deg, exact.lon_deg)] {
            assert_eq!(coarse.to_string(), format!("{exact:.2}").parse::<f64>().expect("a number").to_string());
            assert!(coarse.to_bits() != exact.to_bits(), "the drive has more decimals than that");
        }
    }
    assert!(positions > 3, "{positions}");
}

#[test]
fn no_position_is_told_when_none_is_to_be() {
    let silent = told(|config| {
        config.privacy.positions = false;
        config.privacy.position_decimals = Some(7);
    });
    assert_eq!(silent.events, without_positions(&drive(DRIVE).replay()));
    assert_eq!(silent.motions, drive(DRIVE).replay().motions);
}
