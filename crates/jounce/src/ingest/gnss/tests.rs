use std::vec::Vec;

use proptest::prelude::*;

use super::*;

const LAT_M: f64 = 111_200.0;

/// A fix every second on a straight way north; `speed` is reported, `way` covered, both m/s.
struct Drive {
    gate: FixGate,
    t_s: f64,
    north_m: f64,
}

impl Drive {
    fn new() -> Self {
        Self { gate: FixGate::new(&IngestConfig::default()), t_s: 0.0, north_m: 0.0 }
    }

    fn raw(&self, speed: Option<f64>) -> GnssFix {
        GnssFix {
            t: Timestamp::default().plus_s(self.t_s),
            lat_deg: Some(48.0 + self.north_m / LAT_M),
            lon_deg: Some(11.0),
            speed_mps: speed,
            hacc_m: Some(4.0),
            sacc_mps: Some(0.3),
            course_deg: Some(0.0),
            ..GnssFix::default()
        }
    }

    fn second(&mut self, way: f64, speed: f64) -> Result<Admitted, Refusal> {
        self.t_s += 1.0;
        self.north_m += way;
        let raw = self.raw(Some(speed));
        self.gate.admit(raw)
    }

    fn cruise(&mut self, seconds: usize, way: f64, speed: f64) -> Vec<Admitted> {
        (0..seconds).map(|_| self.second(way, speed).expect("it is plausible")).collect()
    }
}

#[test]
fn unknowns_are_not_zeros() {
    let t = Timestamp::from_ns(1);
    let place = GnssFix { t, lat_deg: Some(48.0), lon_deg: Some(11.0), ..GnssFix::default() };
    let ios = GnssFix {
        speed_mps: Some(-1.0),
        course_deg: Some(-1.0),
        sacc_mps: Some(-1.0),
        hacc_m: Some(-1.0),
        alt_m: Some(f64::NAN),
        ..place
    };
    let android = GnssFix { speed_mps: Some(0.0), sacc_mps: Some(0.0), hacc_m: Some(0.0), ..place };
    let wild = GnssFix { speed_mps: Some(f64::INFINITY), course_deg: Some(361.0), ..place };
    for raw in [ios, android, wild] {
        let fix = FixGate::new(&IngestConfig::default()).admit(raw).expect("the place is good").fix;
        assert!(fix.position.is_some());
        assert_eq!((fix.speed_mps, fix.sacc_mps, fix.hacc_m), (None, None, None));
        assert_eq!((fix.course_rad, fix.alt_m), (None, None));
    }
    let standing = GnssFix { speed_mps: Some(0.0), sacc_mps: Some(0.2), course_deg: Some(77.0), ..place };
    let fix = FixGate::new(&IngestConfig::default()).admit(standing).expect("it is good").fix;
    assert_eq!((fix.speed_mps, fix.course_rad), (Some(0.0), None));
}

#[test]
fn a_fix_that_says_nothing_is_refused() {
    let mut gate = FixGate::new(&IngestConfig::default());
    let raw = |lat, lon| GnssFix { t: Timestamp::from_ns(1), lat_deg: lat, lon_deg: lon, ..GnssFix::default() };
    for (lat, lon) in
        [(None, Some(11.0)), (Some(0.0), Some(0.0)), (Some(91.0), Some(11.0)), (Some(48.0), Some(f64::NAN))]
    {
        assert_eq!(gate.admit(raw(lat, lon)), Err(Refusal::Empty));
    }
    assert!(gate.admit(raw(Some(0.0), Some(11.0))).is_ok());
    assert_eq!(gate.admit(raw(Some(0.0), Some(11.0))), Err(Refusal::Duplicate));
    assert_eq!(gate.admit(GnssFix { t: Timestamp::from_ns(0), ..raw(Some(0.0), Some(11.0)) }), Err(Refusal::Late));
}

#[test]
fn one_wild_speed_is_refused_and_its_place_kept() {
    for spike in [64.0, 25.0, 0.0] {
        let mut drive = Drive::new();
        assert!(drive.cruise(20, 12.5, 12.5).iter().all(|it| !it.speed_refused));
        // Downward the brakes allow 12 m/s in a second, so only a fall from a higher speed can be told.
        let level = if spike == 0.0 { 40.0 } else { 12.5 };
        if spike == 0.0 {
            drive = Drive::new();
            drive.cruise(20, level, level);
        }
        let wild = drive.second(level, spike).expect("the place is good");
        assert!(wild.speed_refused, "{spike}");
        assert!(wild.fix.position.is_some() && wild.fix.speed_mps.is_none() && wild.fix.course_rad.is_none());
        assert!(drive.cruise(20, level, level).iter().all(|it| !it.speed_refused));
        assert_eq!(drive.gate.speed_unit(), None);
    }
}

#[test]
fn hard_driving_is_believed() {
    let mut drive = Drive::new();
    let mut speed: f64 = 0.0;
    for acceleration in [[5.0; 8], [0.0; 8], [-9.5; 8]].concat() {
        let before = speed;
        speed = (speed + acceleration).max(0.0);
        let admitted = drive.second(0.5 * (before + speed), speed).expect("it is plausible");
        assert!(!admitted.speed_refused, "{before} to {speed}");
    }
}

#[test]
fn an_impossible_place_is_refused_until_others_agree() {
    let mut drive = Drive::new();
    drive.cruise(10, 15.0, 15.0);
    drive.north_m += 4_800e3 / 1e3;
    assert_eq!(drive.second(15.0, 15.0), Err(Refusal::Implausible));
    drive.north_m -= 4_800e3 / 1e3;
    assert!(drive.second(15.0, 15.0).is_ok(), "one lying fix harms nobody");
    drive.north_m += 3_000e3;
    let outcomes: Vec<_> = (0..5).map(|_| drive.second(15.0, 15.0)).collect();
    assert!(outcomes[..2].iter().all(|it| *it == Err(Refusal::Implausible)));
    assert!(outcomes[2..].iter().all(|it| it.is_ok_and(|it| !it.speed_refused)));
    let last = outcomes[4].expect("accepted").fix.displacement.expect("three fixes there");
    assert!((last.speed_mps - 15.0).abs() < 0.1, "{last:?}");
}

#[test]
fn no_speed_comes_from_fixes_too_close_together() {
    let mut drive = Drive::new();
    let raw = drive.raw(None);
    drive.gate.admit(raw).expect("first");
    drive.t_s += 0.001;
    drive.north_m += 10.0;
    let raw = drive.raw(None);
    let admitted = drive.gate.admit(raw).expect("second");
    assert_eq!(admitted.fix.displacement, None);
}

#[test]
fn displacement_is_the_way_per_time_in_the_middle() {
    let mut drive = Drive::new();
    let last = drive.cruise(10, 20.0, 20.0)[9].fix;
    let covered = last.displacement.expect("ten fixes");
    assert!((covered.speed_mps - 20.0).abs() < 0.02, "{covered:?}");
    assert!((last.t.s_since(covered.t) - 1.0).abs() < 1e-6);
    // Three fixes that may each move by 0.3 × 4 m.
    assert!((covered.sigma_mps - 1.2 / libm::sqrt(2.0)).abs() < 1e-6, "{covered:?}");
    // One position 15 m astray: the sigma says so.
    drive.north_m += 15.0;
    let astray = drive.second(20.0, 20.0).expect("within reach").fix.displacement.expect("still");
    assert!((astray.speed_mps - 20.0).abs() < 3.0 * astray.sigma_mps, "{astray:?}");
}

#[test]
fn a_steady_wrong_unit_is_told_and_forgotten() {
    for factor in [1.943_844, 3.6, 2.236_936, 1.0 / 3.6] {
        let mut drive = Drive::new();
        let admitted = drive.cruise(30, 12.5, factor * 12.5);
        let Some(Diagnostic::SpeedUnit { ratio }) = drive.gate.speed_unit() else { panic!("{factor} goes unseen") };
        assert!((ratio / factor - 1.0).abs() < 0.01, "{ratio} for {factor}");
        assert!(admitted[10..].iter().all(|it| it.speed_refused && it.fix.speed_mps.is_none()), "{factor}");
        assert!(admitted[10..].iter().all(|it| it.fix.displacement.is_some_and(|d| (d.speed_mps - 12.5).abs() < 0.1)));
        drive.cruise(15, 12.5, 12.5);
        assert_eq!(drive.gate.speed_unit(), None);
        assert!(!drive.second(12.5, 12.5).expect("plausible").speed_refused);
    }
}

#[test]
fn right_units_are_left_alone() {
    let mut drive = Drive::new();
    for i in 0..200 {
        let speed = 12.0 + 8.0 * libm::sin(f64::from(i) * 0.2);
        let admitted = drive.second(speed, speed + 0.3 * libm::sin(f64::from(i) * 1.7)).expect("plausible");
        assert!(!admitted.speed_refused);
        assert_eq!(drive.gate.speed_unit(), None);
    }
    // Walking pace: the positions' noise is as large as the way.
    let mut slow = Drive::new();
    slow.cruise(60, 2.0, 1.0);
    assert_eq!(slow.gate.speed_unit(), None);
}

fn anything() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        1 => Just(None),
        1 => any::<f64>().prop_map(Some),
        1 => prop_oneof![Just(0.0), Just(-1.0), Just(f64::NAN), Just(f64::MIN_POSITIVE), Just(180.0)].prop_map(Some),
        3 => (-90.0_f64..90.0).prop_map(Some),
    ]
}

fn fixes() -> impl Strategy<Value = Vec<(GnssFix, i64)>> {
    let fix = (anything(), anything(), anything(), anything(), anything(), anything(), anything()).prop_map(
        |(lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps)| GnssFix {
            t: Timestamp::MIN,
            lat_deg,
            lon_deg,
            alt_m,
            speed_mps,
            course_deg,
            hacc_m,
            sacc_mps,
        },
    );
    let step = prop_oneof![0_i64..3, 0_i64..3_000_000_000, Just(i64::MAX)];
    prop::collection::vec((fix, step), 0..60)
}

proptest! {
    #[test]
    fn whatever_comes_only_numbers_leave(fixes in fixes()) {
        let mut gate = FixGate::new(&IngestConfig::default());
        let mut t = Timestamp::MIN;
        for (fix, step) in fixes {
            t = t.plus_ns(step);
            let Ok(Admitted { fix, .. }) = gate.admit(GnssFix { t, ..fix }) else { continue };
            prop_assert!(fix.position.is_some() || fix.speed_mps.is_some() || fix.displacement.is_none());
            let position = fix.position.map(|p| [p.lat_deg, p.lon_deg]);
            let displacement = fix.displacement.map(|d| [d.speed_mps, d.sigma_mps]);
            let values = [fix.alt_m, fix.hacc_m, fix.speed_mps, fix.sacc_mps, fix.course_rad];
            let all = values.into_iter().flatten().chain(position.into_iter().flatten()).chain(displacement.into_iter().flatten());
            prop_assert!(all.into_iter().all(f64::is_finite));
            prop_assert!(fix.speed_mps.is_none_or(|v| (0.0..=150.0).contains(&v)));
            prop_assert!(fix.displacement.is_none_or(|d| d.speed_mps >= 0.0 && d.sigma_mps > 0.0));
        }
    }

    /// However wrong the past was, half a minute of good fixes is believed again.
    #[test]
    fn nothing_is_latched(fixes in fixes()) {
        let mut gate = FixGate::new(&IngestConfig::default());
        let mut t = Timestamp::from_ns(0);
        for (fix, step) in fixes {
            t = t.plus_ns(step.min(3_000_000_000));
            let _ = gate.admit(GnssFix { t, ..fix });
        }
        let start = t;
        let mut drive = Drive::new();
        drive.gate = gate;
        let mut last = None;
        for _ in 0..40 {
            drive.t_s += 1.0;
            drive.north_m += 12.0;
            let raw = drive.raw(Some(12.0));
            last = Some(drive.gate.admit(GnssFix { t: start.plus_s(drive.t_s), ..raw }));
        }
        prop_assert!(last.is_some_and(|it| it.is_ok_and(|it| !it.speed_refused && it.fix.speed_mps == Some(12.0))), "{last:?}");
    }
}
