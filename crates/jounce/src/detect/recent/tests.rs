use std::vec::Vec;

use super::*;
use crate::{detect::testing::DriveLine, testing::at};

/// Speeds up from 0 by 1 m/s², so that the speed tells the time.
fn recent(seconds: f64) -> Recent {
    let mut recent = Recent::new();
    for m in DriveLine::new(0.0).accelerate(1.0, seconds).motions() {
        recent.push(m);
    }
    recent
}

#[test]
fn a_moment_is_the_one_at_or_just_before_else_the_oldest() {
    let recent = recent(10.0);
    let t = |t_s: f64| recent.at(at(t_s)).unwrap().t;
    assert_eq!(t(3.0), at(3.0));
    assert_eq!(t(3.06), at(3.0));
    assert_eq!(t(-5.0), at(0.0));
    assert_eq!(t(99.0), at(9.9));
    assert_eq!(Recent::new().at(at(0.0)), None);
}

#[test]
fn half_a_minute_is_kept() {
    let mut recent = recent(100.0);
    assert_eq!(recent.at(at(0.0)).unwrap().t, at(70.0));
    assert_eq!(recent.between(at(0.0), at(200.0)).count(), CAPACITY);
    recent.clear();
    assert_eq!(recent.at(at(99.0)), None);
}

#[test]
fn stretches_include_both_ends() {
    let recent = recent(10.0);
    let times: Vec<_> = recent.between(at(2.0), at(2.2)).map(|moment| moment.t).collect();
    assert_eq!(times, [at(2.0), at(2.1), at(2.2)]);
    let speed = recent.mean(at(2.0), at(2.2), |moment| moment.speed_mps).unwrap();
    assert!((speed - 2.2).abs() < 1e-9, "{speed}");
    let gained = recent.integral(at(2.0), at(3.95), |moment| moment.forward_mps2);
    assert!((gained - 2.0).abs() < 1e-9, "{gained}");
}

#[test]
fn the_unknown_counts_for_nothing() {
    let recent = recent(10.0);
    assert_eq!(recent.mean(at(20.0), at(30.0), |moment| moment.speed_mps), None);
    assert_eq!(recent.mean(at(0.0), at(9.0), |_| None), None);
    assert!(recent.integral(at(0.0), at(9.0), |_| None).abs() < 1e-12);
    let half = recent.integral(at(0.0), at(9.95), |moment| moment.forward_mps2.filter(|_| moment.t < at(4.95)));
    assert!((half - 5.0).abs() < 1e-9, "{half}");
}

#[test]
fn the_smoother_is_centred_and_takes_out_vibration() {
    let smooth = |values: &[Option<f64>]| -> Vec<(Timestamp, Option<f64>)> {
        let mut smoother = Smoother::default();
        let drive = DriveLine::new(20.0).steady(5.0);
        drive.motions().iter().zip(values).map(|(m, &value)| smoother.step(m, value)).collect()
    };
    let ramp: Vec<_> = (0..20).map(|i| Some(f64::from(i))).collect();
    for (i, (t, mean)) in (0_u32..).zip(smooth(&ramp)).skip(2) {
        assert_eq!(t, at(f64::from(i - 1) * 0.1));
        assert!((mean.unwrap() - f64::from(i - 1)).abs() < 1e-9);
    }
    let shaking: Vec<_> = (0..20).map(|i| Some(if i % 2 == 0 { 5.0 } else { -5.0 })).collect();
    assert!(smooth(&shaking).iter().skip(2).all(|(_, mean)| mean.unwrap().abs() <= 5.0 / 3.0 + 1e-9));
    // What is not known stays unknown, and its neighbours are not dragged along.
    let mut hole: Vec<_> = (0..20).map(|_| Some(4.0)).collect();
    hole[10] = None;
    let known: Vec<_> = smooth(&hole).iter().skip(2).map(|(_, mean)| *mean).collect();
    assert_eq!(known.iter().filter(|mean| mean.is_none()).count(), 1);
    assert!(known[9].is_none() && known.iter().flatten().all(|mean| (mean - 4.0).abs() < 1e-9));
}

#[test]
fn the_steepest_rise_is_that_over_three_steps() {
    let mut recent = Recent::new();
    let drive = DriveLine::new(20.0).steady(2.0).accelerate(-6.0, 2.0);
    drive.motions().iter().for_each(|m| recent.push(m));
    let steepest = |sign: f64| recent.steepest(at(0.0), at(4.0), |m| m.forward_mps2.map(|a| a * sign));
    assert!((steepest(-1.0) - 20.0).abs() < 1e-9);
    assert!(steepest(1.0).abs() < 1e-9);
}
