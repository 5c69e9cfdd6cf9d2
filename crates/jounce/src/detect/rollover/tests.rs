use std::vec::Vec;

use super::*;
use crate::{detect::testing::decided, motion::Motion, testing::at};

/// A drive of 20 s at a speed, then a roll, then 15 s of lying there.
struct Scene {
    speed: f64,
    after: f64,
    angle_rad: f64,
    over_s: f64,
    /// Comes back upright after this long, s.
    back_s: f64,
    /// Begins so long after the roll, s, and what is felt for how long, g and s.
    blow: (f64, f64, f64),
    /// How much the phone swings once it has come to lie, rad.
    swing_rad: f64,
}

const ROLLS_AT_S: f64 = 20.0;

impl Default for Scene {
    fn default() -> Self {
        Self {
            speed: 14.0,
            after: 0.0,
            angle_rad: 1.6,
            over_s: 1.5,
            back_s: 99.0,
            blow: (1.4, 4.0, 0.08),
            swing_rad: 0.01,
        }
    }
}

impl Scene {
    fn run(&self) -> (Vec<Event>, Vec<Dismissal>) {
        let (mut detector, mut out) = (Rollover::new(&RolloverConfig::default()), Outbox::default());
        for i in 0..3500 {
            let t_s = f64::from(i) * 0.01;
            let since_s = t_s - ROLLS_AT_S;
            let turned = (since_s / self.over_s).clamp(0.0, 1.0) * self.angle_rad;
            let swing = if since_s > 5.0 { self.swing_rad * libm::sin(3.0 * t_s) } else { 0.0 };
            let angle = if since_s > self.back_s { 0.0 } else { turned + swing };
            let up = Vector3::new(libm::sin(angle), 0.0, libm::cos(angle));
            let (begins_s, blow_g, for_s) = self.blow;
            let is_struck = (begins_s..begins_s + for_s).contains(&since_s);
            let force = up * STANDARD_GRAVITY * if is_struck { blow_g } else { 1.0 };
            detector.ordered(at(t_s), &force, up);
            if i % 10 == 0 {
                // The fused motion comes some seconds later.
                let t = at(t_s - 6.0);
                let mps = if t_s - 6.0 < ROLLS_AT_S { self.speed } else { self.after };
                let m = Motion { speed_mps: (mps >= 0.0).then_some(mps), ..Motion::unknown(t) };
                detector.observe(&Observation::Motion(&m), &mut out);
            }
        }
        detector.observe(&Observation::End(at(35.0)), &mut out);
        decided(&mut out)
    }

    #[track_caller]
    fn against(&self) -> Reason {
        let (events, dismissals) = self.run();
        assert!(events.is_empty() && dismissals.len() == 1, "{events:?} {dismissals:?}");
        dismissals[0].reasons[0]
    }
}

#[test]
fn on_its_side_or_its_roof() {
    for angle_rad in [1.2, 1.6, 3.1] {
        let (events, dismissals) = Scene { angle_rad, ..Scene::default() }.run();
        assert!(events.len() == 1 && dismissals.is_empty(), "{angle_rad}: {events:?} {dismissals:?}");
        let event = &events[0];
        assert!((event.start.s_since(at(ROLLS_AT_S))).abs() < 0.7, "{event:?}");
        assert!(event.end.s_since(at(ROLLS_AT_S)) > 5.0);
        assert_eq!((event.speed_before_mps, event.speed_after_mps), (Some(14.0), Some(0.0)));
    }
}

#[test]
fn right_round_and_onto_its_wheels_again_is_one_too() {
    let (events, _) = Scene { angle_rad: 2.0, back_s: 3.5, ..Scene::default() }.run();
    assert_eq!(events.len(), 1);
}

#[test]
fn a_short_or_a_small_lean_is_nothing() {
    for scene in [Scene { angle_rad: 0.9, ..Scene::default() }, Scene { back_s: 1.7, ..Scene::default() }] {
        let (events, dismissals) = scene.run();
        assert!(events.is_empty() && dismissals.is_empty(), "{events:?} {dismissals:?}");
    }
}

#[test]
fn a_phone_that_is_taken_out_of_its_holder_is_none() {
    let driving_on = Scene { after: 14.0, ..Scene::default() };
    assert!(matches!(driving_on.against(), Reason::DroveOn { .. }));
    let gently = Scene { blow: (0.5, 1.3, 0.2), ..Scene::default() };
    assert!(matches!(gently.against(), Reason::Brief { .. }), "at a red light, and put down");
    let knocked = Scene { blow: (1.4, 9.0, 0.02), ..Scene::default() };
    assert!(matches!(knocked.against(), Reason::Brief { .. }));
    let held = Scene { swing_rad: 0.3, ..Scene::default() };
    assert!(matches!(held.against(), Reason::Handling));
    let fallen = Scene { blow: (0.5, 0.0, 0.3), ..Scene::default() };
    assert!(matches!(fallen.against(), Reason::FreeFall { .. }));
}

#[test]
fn nobody_rolls_over_at_home() {
    assert!(matches!(Scene { speed: 0.0, ..Scene::default() }.against(), Reason::TooSlowBefore { .. }));
    assert!(matches!(Scene { speed: -1.0, after: -1.0, ..Scene::default() }.against(), Reason::SpeedUnknown));
}
