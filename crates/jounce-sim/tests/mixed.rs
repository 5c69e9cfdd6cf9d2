//! Mixed drives and ways without a car: what they hold, and that they are what they say.

use jounce::{
    event::EventKind::{HardBraking, HarshAcceleration, HarshCornering, PhoneHandling, Swerve},
    sample::Sample,
};
use jounce_sim::{
    RandomDrive, mixed_drive,
    on_the_way::{Way, on_the_way},
    simulate,
};

#[test]
fn mixed_drives_hold_every_kind_below_and_above_its_threshold() {
    // What is asked of the vehicle hardly depends on the seed; what it does is judged without inertial sensors as well.
    let mut all = Vec::new();
    for seed in 0..4 {
        let mut scenario = mixed_drive(seed, &RandomDrive { duration_s: 900.0, ..RandomDrive::default() });
        scenario.validate().expect("a valid scenario");
        (scenario.accel, scenario.gyro) = (None, None);
        all.extend(simulate(&scenario, seed).manoeuvres);
    }
    for kind in [HardBraking, HarshAcceleration, HarshCornering, PhoneHandling, Swerve] {
        let of = |range: core::ops::Range<f64>| {
            all.iter().filter(|m| m.label.kind == Some(kind) && range.contains(&m.multiple)).count()
        };
        let (below, between, above) = (of(0.0..0.85), of(0.85..1.15), of(1.15..9.0));
        assert!(below >= 5 && above >= 5, "{kind}: {below} below, {above} above");
        assert!(2 * between < below + above, "{kind}: {between} at the threshold");
        let has_side = matches!(kind, HarshCornering | Swerve);
        assert!(all.iter().filter(|m| m.label.kind == Some(kind)).all(|m| m.label.direction.is_some() == has_side));
    }
}

#[test]
fn nobody_drives_on_foot_and_a_step_is_felt() {
    for way in Way::ALL {
        let scenario = on_the_way(way, 120.0, 3);
        scenario.validate().expect("a valid scenario");
        let simulation = simulate(&scenario, 3);
        let fastest = simulation.truth.iter().map(|row| row.speed_mps).fold(0.0, f64::max);
        let expected = match way {
            Way::Walking => 1.0..2.0,
            Way::Running => 2.4..3.8,
            Way::Bus => 8.0..14.5,
            Way::Train => 17.0..45.0,
            Way::Cycling | Way::SlowCar => 3.0..8.0,
            Way::Sitting => -0.1..0.1,
        };
        assert!(expected.contains(&fastest), "{}: {fastest} m/s", way.name());
        let force = simulation.samples.iter().filter_map(|sample| match sample {
            Sample::Accel(a) => Some((a.x * a.x + a.y * a.y + a.z * a.z).sqrt()),
            _ => None,
        });
        let (low, high) = force.fold((f64::MAX, f64::MIN), |(low, high), f| (low.min(f), high.max(f)));
        assert!(high < 45.0 && low >= 0.0, "{}: {low} to {high} m/s²", way.name());
        assert!(
            way.is_driven() || matches!(way, Way::Sitting | Way::Train) || high > 11.0,
            "{}: {high} m/s²",
            way.name()
        );
        let fastest_turn = simulation.samples.iter().filter_map(|sample| match sample {
            Sample::Gyro(w) => Some((w.x * w.x + w.y * w.y + w.z * w.z).sqrt()),
            _ => None,
        });
        assert!(fastest_turn.fold(0.0, f64::max) < 12.0, "{}", way.name());
    }
}
