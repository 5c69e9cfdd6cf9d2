//! What is right, missed, false, and none of that.

use jounce::event::{
    EventKind::{Crash, HardBraking, HarshCornering, PhoneMoved, Swerve, TripStart},
    Side,
};

use super::*;

fn score(labels: &[Label], found: &[Found]) -> (Score, Vec<Verdict>) {
    let mut score = Score::default();
    let verdicts = score.add(&Trace::new(labels, found, 2.0), &Scope::of_labels(labels));
    (score, verdicts)
}

#[test]
fn a_kind_that_no_label_names_is_neither_right_nor_wrong() {
    let labels = [Label::new(HardBraking, 10.0, 12.0)];
    let found = [Found::new(HardBraking, 10.0, 12.0), Found::new(Crash, 10.0, 12.0)];
    let (score, verdicts) = score(&labels, &found);
    assert_eq!(verdicts, [Verdict::Hit { label: 0, event: 0 }, Verdict::NotJudged { event: 1 }]);
    let crash = &score.kinds[&Crash];
    assert_eq!((crash.not_judged, crash.false_alarms, crash.precision().value()), (1, 0, None));
}

#[test]
fn a_kind_that_is_asked_for_is_false_without_a_label_and_the_others_are_not_judged() {
    let found = [Found::new(HardBraking, 10.0, 12.0), Found::new(Crash, 10.0, 12.0)];
    let mut score = Score::default();
    let calm = [Label::calm(0.0, 100.0)];
    let verdicts = score.add(&Trace::new(&calm, &found, 1.0), &Scope::only([Crash, Swerve]));
    assert_eq!(verdicts, [Verdict::NotJudged { event: 0 }, Verdict::False { event: 1, in_calm: true }]);
    assert!(score.kinds.contains_key(&Swerve));
}

#[test]
fn in_a_calm_stretch_every_alarm_is_false_but_a_trip_may_begin() {
    let labels = [Label::calm(20.0, 40.0), Label::new(HardBraking, 42.0, 43.0)];
    let found = [
        Found::new(PhoneMoved, 25.0, 26.0),
        Found::new(TripStart, 22.0, 30.0),
        Found::new(Swerve, 41.0, 42.0),
        // Reaches into the stretch, but is what the label says.
        Found::new(HardBraking, 39.0, 43.0),
    ];
    let (score, verdicts) = score(&labels, &found);
    assert_eq!(
        verdicts,
        [
            Verdict::Hit { label: 1, event: 3 },
            Verdict::False { event: 0, in_calm: true },
            Verdict::NotJudged { event: 1 },
            Verdict::NotJudged { event: 2 },
        ]
    );
    assert_eq!((score.calm.stretches, score.calm.fired), (1, 1));
    assert!((score.calm.hours * 3600.0 - 20.0).abs() < 1e-9);
    let (judged, _) = self::score(&[Label::new(TripStart, 0.0, 1.0), labels[0]], &found);
    // The trip as well, and the braking that nothing explains now.
    assert_eq!(judged.calm.fired, 3);
}

#[test]
fn directions_and_onsets_are_those_of_the_pairs() {
    let labels = [
        Label::new(HarshCornering, 10.0, 14.0).toward(Side::Left),
        Label::new(HarshCornering, 30.0, 34.0).toward(Side::Right),
        Label::new(HarshCornering, 50.0, 54.0),
    ];
    let turn = |start_s: f64, direction| Found { direction, ..Found::new(HarshCornering, start_s, start_s + 3.0) };
    let found = [turn(10.5, Some(Side::Left)), turn(29.0, None), turn(50.0, Some(Side::Left))];
    let (score, _) = score(&labels, &found);
    let turns = &score.kinds[&HarshCornering];
    assert_eq!(turns.direction, Share::new(1, 2));
    assert_eq!(turns.onsets_s, [0.5, -1.0, 0.0]);
    assert_eq!(turns.onset_errors_s(), [0.5, 1.0, 0.0]);
}

#[test]
fn what_is_optional_is_neither_right_nor_wrong_and_takes_no_event_from_what_is_required() {
    let required = [Label::new(HardBraking, 10.0, 12.0)];
    let optional = [Label::new(HardBraking, 13.0, 14.0), Label::new(HardBraking, 90.0, 91.0)];
    let mut score = Score::default();
    let scope = Scope::of_labels(&required);
    let one = [Found::new(HardBraking, 13.0, 14.0)];
    score.add(&Trace::new(&required, &one, 1.0).with_optional(&optional), &scope);
    let two = [Found::new(HardBraking, 10.0, 11.0), Found::new(HardBraking, 13.0, 14.0)];
    score.add(&Trace::new(&required, &two, 1.0).with_optional(&optional), &scope);
    let braking = &score.kinds[&HardBraking];
    assert_eq!((braking.hits, braking.missed, braking.false_alarms, braking.optional), (2, 0, 0, 1));
    assert!(score.reliability.brier().is_none());
}

#[test]
fn figures_are_as_defined_and_traces_add_up() {
    let labels: Vec<Label> =
        (0..4).map(|i| Label::new(HardBraking, f64::from(i) * 10.0, f64::from(i) * 10.0)).collect();
    let found: Vec<Found> = [0.0, 10.0, 20.0, 35.0, 45.0]
        .map(|at_s| Found { confidence: Some(0.75), ..Found::new(HardBraking, at_s, at_s + 0.5) })
        .to_vec();
    let (first, _) = score(&labels, &found);
    let braking = &first.kinds[&HardBraking];
    assert_eq!((braking.precision(), braking.recall()), (Share::new(3, 5), Share::new(3, 4)));
    let (precision, recall) = (3.0 / 5.0, 3.0 / 4.0);
    assert!((braking.f1().expect("some") - 2.0 * precision * recall / (precision + recall)).abs() < 1e-12);
    let mut all = first.clone();
    all.merge(&first);
    assert!((all.hours - 4.0).abs() < 1e-12);
    let twice = &all.kinds[&HardBraking];
    assert_eq!((twice.hits, twice.missed, twice.false_alarms, twice.onsets_s.len()), (6, 2, 4, 6));
    assert_eq!(twice.f1(), braking.f1());
    let bucket = all.reliability.buckets().find(|bucket| bucket.was.of > 0).expect("one");
    assert_eq!((bucket.was, bucket.from), (Share::new(6, 10), 0.7));
}
