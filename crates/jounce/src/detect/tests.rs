use super::*;
use crate::config::{Config, Profile, Sensitivity};

#[test]
fn every_detector_is_asked_exactly_once() {
    let config = Config::default().validate().unwrap();
    let mut detectors = Detectors::new(&config);
    let mut prompt = 0;
    detectors.each_prompt(|_| prompt += 1);
    assert_eq!(prompt, 6);
}

#[test]
fn a_heavy_vehicle_that_is_watched_closely_has_the_lowest_threshold() {
    let fires_at = |profile, sensitivity, accel: f64| {
        let config = Config { profile, sensitivity, ..Config::default() }.validate().unwrap();
        let (mut detectors, mut out) = (Detectors::new(&config), Outbox::default());
        let drive = testing::DriveLine::new(20.0).steady(3.0).accelerate(accel, 2.0).steady(5.0);
        for m in drive.motions() {
            detectors.judge(&Observation::Motion(m), &mut out);
        }
        out.drain().any(|decision| matches!(decision, Decision::Event(_)))
    };
    for (profile, sensitivity, threshold) in [
        (Profile::Car, Sensitivity::Normal, 3.6),
        (Profile::Van, Sensitivity::Normal, 3.6 * 0.95),
        (Profile::Heavy, Sensitivity::Normal, 3.6 * 0.75),
        (Profile::Car, Sensitivity::High, 2.5),
        (Profile::Heavy, Sensitivity::High, 2.5 * 0.75),
    ] {
        assert!(fires_at(profile, sensitivity, -threshold - 0.05), "{profile:?} {sensitivity:?}");
        assert!(!fires_at(profile, sensitivity, -threshold + 0.05), "{profile:?} {sensitivity:?}");
    }
}
