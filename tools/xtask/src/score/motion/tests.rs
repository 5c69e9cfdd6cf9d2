//! A few seeds of what the command measures by the dozen, each with a bound. The bounds are half as much again as the
//! figure of today: they catch what gets worse, not what wobbles.

use jounce::event::EventKind;
use jounce_sim::{Handling, RandomDrive, scenario};
use rayon::prelude::*;

use super::{
    degraded::{Figures, Mode, measure, simulate},
    drives::options,
    handling::outcome,
    scenarios::road,
    simulated::Drive,
};
use crate::score::stats::mean;

/// Every other driver is a lively one.
const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// Means over the seeds, of those that know a value.
fn degraded(mode: Mode) -> Figures {
    let rate_hz = if let Mode::Slow(rate_hz) = mode { Some(rate_hz) } else { None };
    let of_seed = |seed| measure(&simulate(seed, rate_hz), mode).expect("the default config is valid");
    let drives: Vec<Figures> = SEEDS.into_par_iter().map(of_seed).collect();
    let mean = |figure: fn(&Figures) -> f64| mean(drives.iter().map(figure).filter(|value| !value.is_nan()));
    Figures {
        speed_rmse_mps: mean(|f| f.speed_rmse_mps),
        forward_rmse_mps2: mean(|f| f.forward_rmse_mps2),
        mount_yaw_deg: mean(|f| f.mount_yaw_deg),
        speed_known: mean(|f| f.speed_known),
        forward_known: mean(|f| f.forward_known),
        ..drives[0]
    }
}

#[track_caller]
fn assert_within(mode: Mode, speed_mps: f64, forward_mps2: f64, yaw_deg: f64) -> Figures {
    let figures = degraded(mode);
    assert!(figures.speed_rmse_mps < speed_mps, "{mode:?}: {figures:?}");
    assert!(figures.forward_rmse_mps2 < forward_mps2, "{mode:?}: {figures:?}");
    assert!(figures.mount_yaw_deg <= yaw_deg, "{mode:?}: {figures:?}");
    figures
}

#[test]
fn slow_sensors_are_nearly_as_good() {
    assert_within(Mode::SixAxes, 0.15, 0.06, 1.0);
    assert_within(Mode::Slow(25), 0.16, 0.07, 1.2);
    assert_within(Mode::Slow(10), 0.2, 0.1, 1.2);
}

/// Most of the error is the delay of the fixes, which nothing shows then.
#[test]
fn fixes_alone_give_speed_and_acceleration() {
    assert_within(Mode::GnssOnly, 1.1, 0.6, f64::INFINITY);
}

/// The course of the fixes tells the turns.
#[test]
fn a_phone_without_a_gyroscope_is_aligned_all_the_same() {
    assert_within(Mode::NoGyroscope, 0.2, 0.13, 3.0);
}

#[test]
fn without_fixes_turns_and_stops_still_tell_something() {
    let figures = assert_within(Mode::InertialOnly, 3.2, 0.3, f64::INFINITY);
    assert!(figures.speed_known > 0.36 && figures.forward_known > 0.25, "{figures:?}");
}

#[test]
fn no_compass_makes_anything_worse() {
    let drive = simulate(1, None);
    let of = |mode| {
        let Figures { speed_rmse_mps, forward_rmse_mps2, mount_yaw_deg, .. } = measure(&drive, mode).expect("valid");
        [speed_rmse_mps, forward_rmse_mps2, mount_yaw_deg]
    };
    let without = of(Mode::SixAxes);
    for mode in [Mode::Compass, Mode::HardIron, Mode::Magnet] {
        for (with, without) in of(mode).into_iter().zip(without) {
            assert!(with <= without * 1.01, "{mode:?}: {with} instead of {without}");
        }
    }
}

#[test]
fn roads_are_no_acceleration() {
    ["crest", "banked-curve", "roundabout", "long-braking", "hill"].into_par_iter().for_each(|name| {
        let drive = Drive::new(&scenario(name).expect("built in"), 1);
        let road = road(&drive, &drive.replay().expect("valid")).expect("a few events");
        assert!(road.rmse < 0.12 && road.largest_aligned < 0.4, "{name}: {road:?}");
        assert!(road.speed_rmse < 0.3 && road.extra < 0.5, "{name}: {road:?}");
    });
}

#[test]
fn every_handling_is_told_within_seconds() {
    Handling::ALL.into_par_iter().for_each(|way| {
        let options = RandomDrive { duration_s: 150.0, handling: Some(way), ..options(1) };
        let outcome = outcome(1, &options).expect("valid");
        assert!(!outcome.moves.is_empty(), "{way:?}: no {}", EventKind::PhoneMoved.name());
        assert!(outcome.moves.iter().all(|m| m.told_s < 2.3), "{way:?}: {outcome:?}");
        assert_eq!(outcome.imagined, 0, "{way:?}");
    });
}
