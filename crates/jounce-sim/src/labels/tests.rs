use jounce::{
    config::PlaceConfig,
    event::{EventKind, Side},
    sample::PostedLimit,
};
use nalgebra::{UnitQuaternion, Vector3};

use super::{Label, judge, sizes};
use crate::{phone::PhoneState, truth::Moment};

/// A track of `s` seconds; `shape` fills each moment in.
fn track(s: f64, shape: impl Fn(f64, &mut Moment)) -> Vec<Moment> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "short")]
    let count = (s * 100.0) as u32;
    (0..count)
        .map(|i| {
            let t_s = f64::from(i) * 0.01;
            let mut moment = Moment {
                t_s,
                speed_mps: 15.0,
                accel: Vector3::zeros(),
                yaw_rate_radps: 0.0,
                heading_rad: 0.0,
                grade_rad: 0.0,
                roll_rad: 0.0,
                position: (15.0 * t_s, 0.0),
                limit: PostedLimit::Unknown,
                phone: PhoneState::Settled,
                vehicle_from_device: UnitQuaternion::identity(),
                phone_force_mps2: 9.81,
                recording: true,
            };
            shape(t_s, &mut moment);
            moment
        })
        .collect()
}

fn during(t_s: f64, from: f64, to: f64) -> bool {
    (from..to).contains(&t_s)
}

fn found(track: &[Moment], kind: EventKind) -> Vec<Label> {
    judge(track, (52.0, 13.5), &[]).into_iter().filter(|label| label.kind == Some(kind)).collect()
}

fn braking(accel: f64, from: f64, to: f64) -> Vec<Moment> {
    track(40.0, |t, m| m.accel.x = if during(t, from, to) { accel } else { 0.0 })
}

#[test]
fn braking_needs_its_threshold_its_hold_and_its_speed() {
    let labels = found(&braking(-3.7, 20.0, 20.8), EventKind::HardBraking);
    assert_eq!(labels.len(), 1);
    assert!((labels[0].start_s - 20.0).abs() < 0.02 && (labels[0].end_s - 20.8).abs() < 0.02, "{labels:?}");
    assert!(found(&braking(-3.5, 20.0, 20.8), EventKind::HardBraking).is_empty());
    assert!(found(&braking(-3.7, 20.0, 20.5), EventKind::HardBraking).is_empty());
    let slow = track(40.0, |t, m| {
        m.speed_mps = 4.9;
        m.accel.x = if during(t, 20.0, 20.8) { -3.7 } else { 0.0 };
    });
    assert!(found(&slow, EventKind::HardBraking).is_empty());
}

#[test]
fn an_episode_reaches_to_83_percent_and_close_ones_merge() {
    let shoulders = track(40.0, |t, m| {
        m.accel.x = match t {
            t if during(t, 20.0, 21.0) => -3.8,
            t if during(t, 19.5, 22.0) => -3.1,
            t if during(t, 23.0, 24.0) => -3.8,
            _ => 0.0,
        };
    });
    let labels = found(&shoulders, EventKind::HardBraking);
    assert_eq!(labels.len(), 1, "{labels:?}");
    assert!((labels[0].start_s - 19.5).abs() < 0.02 && (labels[0].end_s - 24.0).abs() < 0.02, "{labels:?}");
    let apart = track(40.0, |t, m| {
        m.accel.x = if during(t, 20.0, 21.0) || during(t, 24.1, 25.0) { -3.8 } else { 0.0 };
    });
    assert_eq!(found(&apart, EventKind::HardBraking).len(), 2);
}

#[test]
fn accelerating_counts_from_a_standstill() {
    let labels = found(
        &track(40.0, |t, m| {
            m.speed_mps = 0.0;
            m.accel.x = if during(t, 20.0, 21.0) { 3.2 } else { 0.0 };
        }),
        EventKind::HarshAcceleration,
    );
    assert_eq!(labels.len(), 1);
}

fn bend(side: f64, heading_deg: f64) -> Vec<Moment> {
    track(40.0, |t, m| {
        m.accel.y = if during(t, 20.0, 22.0) { 4.0 * side } else { 0.0 };
        m.heading_rad = side * heading_deg.to_radians() * ((t - 20.0) / 2.0).clamp(0.0, 1.0);
    })
}

#[test]
fn cornering_has_a_side_and_needs_a_change_of_heading() {
    let left = found(&bend(1.0, 40.0), EventKind::HarshCornering);
    assert_eq!(left.iter().map(|l| l.direction).collect::<Vec<_>>(), [Some(Side::Left)]);
    let right = found(&bend(-1.0, 40.0), EventKind::HarshCornering);
    assert_eq!(right.iter().map(|l| l.direction).collect::<Vec<_>>(), [Some(Side::Right)]);
    assert!(found(&bend(1.0, 25.0), EventKind::HarshCornering).is_empty());
}

fn doublet(net_heading_deg: f64) -> Vec<Moment> {
    track(40.0, |t, m| {
        m.accel.y = match t {
            t if during(t, 20.0, 21.0) => -2.5,
            t if during(t, 21.0, 22.0) => 2.5,
            _ => 0.0,
        };
        m.heading_rad = if t > 21.0 { net_heading_deg.to_radians() } else { 0.0 };
    })
}

#[test]
fn a_swerve_goes_one_way_then_the_other_and_does_not_turn() {
    let labels = found(&doublet(5.0), EventKind::Swerve);
    assert_eq!(labels.iter().map(|l| l.direction).collect::<Vec<_>>(), [Some(Side::Right)]);
    assert!(found(&doublet(15.0), EventKind::Swerve).is_empty());
}

fn fast(kmh: f64, for_s: f64) -> Vec<Moment> {
    track(80.0, |t, m| {
        m.limit = PostedLimit::Limit(50.0 / 3.6);
        m.speed_mps = if during(t, 20.0, 20.0 + for_s) { kmh / 3.6 } else { 48.0 / 3.6 };
    })
}

#[test]
fn speeding_needs_the_tolerance_the_hold_and_a_known_limit() {
    assert_eq!(found(&fast(59.0, 12.0), EventKind::Speeding).len(), 1);
    assert!(found(&fast(57.0, 12.0), EventKind::Speeding).is_empty());
    assert!(found(&fast(59.0, 9.0), EventKind::Speeding).is_empty());
    let mut unknown = fast(59.0, 12.0);
    for m in &mut unknown {
        m.limit = PostedLimit::Unknown;
    }
    assert!(found(&unknown, EventKind::Speeding).is_empty());
    for m in &mut unknown {
        m.speed_mps = 130.0 / 3.6;
    }
    assert_eq!(found(&unknown, EventKind::Speeding).len(), 1, "the absolute limit");
}

fn hit(peak: f64, for_s: f64, speed_mps: f64) -> Vec<Moment> {
    track(40.0, |t, m| {
        m.speed_mps = if t < 20.0 { speed_mps } else { 0.0 };
        m.accel.x = if during(t, 20.0, 20.0 + for_s) { -peak } else { 0.0 };
    })
}

#[test]
fn a_crash_is_short_hard_and_on_the_road() {
    let labels = found(&hit(60.0, 0.1, 15.0), EventKind::Crash);
    assert_eq!(labels.len(), 1);
    assert!((labels[0].start_s - 20.0).abs() < 0.02, "{labels:?}");
    assert!(found(&hit(60.0, 0.1, 15.0), EventKind::HardBraking).is_empty(), "the pulse is no braking");
    assert!(found(&hit(60.0, 0.1, 1.0), EventKind::Crash).is_empty(), "too slow, and no trip");
    assert!(found(&hit(10.0, 0.1, 15.0), EventKind::Crash).is_empty());
    let mut waiting = hit(60.0, 0.1, 0.0);
    waiting.iter_mut().filter(|m| m.t_s < 12.0).for_each(|m| m.speed_mps = 10.0);
    assert_eq!(found(&waiting, EventKind::Crash).len(), 1, "stopped within a trip");
}

#[test]
fn a_rollover_stays_over() {
    let over = |deg: f64, for_s: f64| {
        track(40.0, |t, m| m.roll_rad = if during(t, 20.0, 20.0 + for_s) { deg.to_radians() } else { 0.0 })
    };
    assert_eq!(found(&over(90.0, 2.0), EventKind::Rollover).len(), 1);
    assert!(found(&over(90.0, 0.8), EventKind::Rollover).is_empty());
    assert!(found(&over(50.0, 2.0), EventKind::Rollover).is_empty());
}

#[test]
fn a_dropped_phone_falls_then_lands() {
    let drop = |fall_s: f64, landing: f64| {
        track(40.0, |t, m| {
            m.phone_force_mps2 = match t {
                t if during(t, 20.0, 20.0 + fall_s) => 1.0,
                t if during(t, 20.0 + fall_s, 20.03 + fall_s) => landing,
                _ => 9.81,
            };
        })
    };
    assert_eq!(found(&drop(0.3, 150.0), EventKind::PhoneDrop).len(), 1);
    assert!(found(&drop(0.1, 150.0), EventKind::PhoneDrop).is_empty());
    assert!(found(&drop(0.3, 12.0), EventKind::PhoneDrop).is_empty());
}

#[test]
fn trips_start_after_ten_seconds_and_end_after_five_minutes_or_a_gap() {
    let drive = track(500.0, |t, m| m.speed_mps = if during(t, 20.0, 100.0) { 10.0 } else { 0.0 });
    let (starts, ends) = (found(&drive, EventKind::TripStart), found(&drive, EventKind::TripEnd));
    assert!(starts.len() == 1 && (starts[0].start_s - 20.0).abs() < 0.03, "{starts:?}");
    assert!(ends.len() == 1 && (ends[0].start_s - 100.0).abs() < 0.03, "{ends:?}");
    assert!((ends[0].end_s - 400.0).abs() < 0.05, "{ends:?}");
    let short = track(500.0, |t, m| m.speed_mps = if during(t, 20.0, 29.0) { 10.0 } else { 0.0 });
    assert!(found(&short, EventKind::TripStart).is_empty());
    let gap = track(900.0, |t, m| m.recording = !during(t, 100.0, 750.0));
    assert_eq!(found(&gap, EventKind::TripStart).len(), 2);
    assert_eq!(found(&gap, EventKind::TripEnd).len(), 2);
}

#[test]
fn places_are_reached_and_left_by_the_true_position() {
    let metres_per_degree = 111_195.0;
    let east = |m: f64| 13.5 + m / (metres_per_degree * libm::cos(52.0_f64.to_radians()));
    let circle = PlaceConfig {
        name: "yard".to_owned(),
        lat: Some(52.0),
        lon: Some(east(300.0)),
        radius_m: Some(60.0),
        ..PlaceConfig::default()
    };
    let corners = [[51.999, east(240.0)], [52.001, east(240.0)], [52.001, east(360.0)], [51.999, east(360.0)]];
    let polygon = PlaceConfig { polygon: Some(corners.to_vec()), ..PlaceConfig::default() };
    for place in [circle, polygon] {
        let labels = judge(&track(40.0, |_, _| {}), (52.0, 13.5), &[place]);
        let of = |kind| labels.iter().find(move |l| l.kind == Some(kind)).expect("one label");
        assert!((of(EventKind::PlaceArrive).start_s - 15.0).abs() < 0.1);
        assert!((of(EventKind::PlaceLeave).start_s - 23.0).abs() < 0.1);
    }
}

#[test]
fn calm_stretches_keep_away_from_everything() {
    let labels = judge(&braking(-4.0, 30.0, 31.0), (52.0, 13.5), &[]);
    for calm in labels.iter().filter(|l| l.kind.is_none()) {
        assert!(calm.end_s - calm.start_s >= 9.9);
        assert!(calm.end_s <= 25.01 || calm.start_s >= 35.9, "{calm:?}");
    }
    let busy = track(60.0, |_, m| m.accel.y = 3.0);
    assert!(judge(&busy, (52.0, 13.5), &[]).iter().all(|l| l.kind.is_some()), "nearly harsh is not calm");
}

/// The only manoeuvre of a kind.
fn size(track: &[Moment], kind: EventKind) -> f64 {
    let all: Vec<f64> =
        sizes(track, &[]).into_iter().filter(|m| m.label.kind == Some(kind)).map(|m| m.multiple).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0]
}

#[test]
fn a_manoeuvre_is_as_large_as_the_threshold_it_would_still_reach() {
    for (accel, lasts_s, multiple) in [(-7.2, 2.0, 2.0), (-2.7, 2.0, 0.75), (-3.6, 0.62, 1.0)] {
        let size = size(&braking(accel, 10.0, 10.0 + lasts_s), EventKind::HardBraking);
        assert!((size - multiple).abs() < 0.01, "{accel}: {size}");
    }
    // Too short at its height: only what holds for long enough counts.
    let peaked = track(40.0, |t, m| {
        m.accel.x = if during(t, 10.2, 10.5) {
            -8.0
        } else if during(t, 10.0, 11.0) {
            -2.16
        } else {
            0.0
        };
    });
    assert!((size(&peaked, EventKind::HardBraking) - 0.6).abs() < 0.01);
    assert!(sizes(&braking(-1.7, 10.0, 12.0), &[]).is_empty());
}

#[test]
fn what_is_at_the_edge_of_another_condition_decides_nothing() {
    let slow = |speed_mps: f64| {
        let mut track = braking(-6.0, 10.0, 12.0);
        for m in &mut track {
            m.speed_mps = speed_mps;
        }
        track
    };
    assert!((size(&slow(5.2), EventKind::HardBraking) - 1.0).abs() < 1e-9);
    assert!((size(&slow(4.2), EventKind::HardBraking) - 1.0).abs() < 1e-9);
    assert!(sizes(&slow(3.9), &[]).is_empty());
    // A crash is no braking.
    let crash = Label::new(EventKind::Crash, 9.0, 9.1);
    assert!(sizes(&slow(20.0), &[crash]).is_empty());
}

#[test]
fn a_hand_is_as_large_as_it_is_long() {
    let held = |lasts_s: f64| {
        track(60.0, |t, m| {
            if during(t, 20.0, 20.0 + lasts_s) {
                m.phone = PhoneState::InHand;
            }
        })
    };
    assert!((size(&held(9.0), EventKind::PhoneHandling) - 3.0).abs() < 0.02);
    assert!((size(&held(2.2), EventKind::PhoneHandling) - 0.73).abs() < 0.02);
    let mut slowing = held(9.0);
    slowing.iter_mut().filter(|m| m.t_s > 22.0).for_each(|m| m.speed_mps = 5.0);
    assert!((size(&slowing, EventKind::PhoneHandling) - 1.0).abs() < 1e-9);
}
