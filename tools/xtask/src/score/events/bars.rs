//! What must hold on simulated drives, so that a build can depend on it.

use jounce::event::EventKind::{HardBraking, PhoneHandling};
use jounce_score::Share;

use super::{
    away::Away,
    drive::{MUST, MUST_NOT},
    driving::{HARSH, Measured},
    tally::{SIZED, SIZES},
};

/// Share found of what must be found …
const RECALL: f64 = 0.98;
/// … and, with fixes alone, of braking from this multiple of its threshold on.
const FIXES_RECALL: f64 = 0.85;
pub(super) const FIXES_MULTIPLE: f64 = 1.3;
/// False events an hour.
const FALSE_HARSH: f64 = 0.1;
const FALSE_HANDLING: f64 = 0.05;
/// Trips that were none, in an hour.
const FALSE_TRIPS: f64 = 0.01;

/// What does not hold, in words.
pub(super) fn broken(driven: Option<&Measured>, away: Option<&Away>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    if let Some(Measured { all, fixes, .. }) = driven {
        for kind in SIZED {
            let found = all.found_from(kind, MUST);
            must(
                found.of == 0 || found.value() >= Some(RECALL),
                format!("{kind}: {} of {} found", found.right, found.of),
            );
            let small = all.sizes.get(&kind).into_iter().flat_map(|sizes| SIZES.iter().zip(sizes).rev());
            let fired: u32 = small.filter(|(from, _)| **from < MUST_NOT).map(|(_, size)| size.right).sum();
            must(fired == 0, format!("{kind}: {fired} below {MUST_NOT} times the threshold"));
        }
        let harsh = all.false_per_hour(&HARSH).unwrap_or_default();
        must(harsh <= FALSE_HARSH, format!("{harsh:.2} false harsh events an hour"));
        let handling = all.false_per_hour(&[PhoneHandling]).unwrap_or_default();
        must(handling <= FALSE_HANDLING, format!("{handling:.2} false handling an hour"));
        let braking = fixes.found_from(HardBraking, FIXES_MULTIPLE);
        let is_found = braking.of == 0 || braking.value() >= Some(FIXES_RECALL);
        must(is_found, format!("fixes only: {} of {} brakings found", braking.right, braking.of));
    }
    if let Some(away) = away {
        let trips = away.trips();
        must(
            f64::from(trips) <= FALSE_TRIPS * away.hours,
            format!("{trips} trips in {:.0} h without a car", away.hours),
        );
        let Share { right, of } = away.slow_cars;
        must(right == of, format!("slow cars: {right} of {of} trips stand"));
    }
    broken
}

#[cfg(test)]
mod tests {
    use jounce::time::Timestamp;
    use jounce_score::{Found, Label};
    use jounce_sim::Manoeuvre;

    use super::{
        super::{drive::Drive, tally::Tally},
        *,
    };

    #[test]
    fn what_is_missed_what_is_false_and_what_is_too_small_breaks_a_bar() {
        let of = |at_s: f64, multiple| Manoeuvre { label: Label::new(HardBraking, at_s, at_s + 2.0), multiple };
        let drive = Drive::for_test(Timestamp::default(), vec![of(10.0, 1.2), of(30.0, 0.8)]);
        let mut measured = Measured::default();
        measured.all = Tally::of(&drive, &[Found::new(HardBraking, 10.0, 12.0)]);
        assert_eq!(broken(Some(&measured), None), [""; 0]);
        measured.all = Tally::of(&drive, &[Found::new(HardBraking, 30.0, 32.0)]);
        let broken = broken(Some(&measured), None);
        assert_eq!(broken[..2], ["hard_braking: 0 of 1 found", "hard_braking: 1 below 0.85 times the threshold"]);
        assert!(broken[2].ends_with("false harsh events an hour"), "{broken:?}");
    }

    #[test]
    fn one_trip_in_ten_hours_without_a_car_is_too_many() {
        let mut away = Away::default();
        away.hours = 10.0;
        assert_eq!(broken(None, Some(&away)), [""; 0]);
        away.count(jounce::event::EventKind::TripStart);
        assert_eq!(broken(None, Some(&away)), ["1 trips in 10 h without a car"]);
        away.slow_cars = Share::new(2, 3);
        assert_eq!(broken(None, Some(&away))[1..], ["slow cars: 2 of 3 trips stand"]);
    }
}
