//! Nothing is derived across a pause in the data.

use jounce::{
    event::{Event, EventKind},
    sample::Sample,
    time::Timestamp,
};
use proptest::prelude::*;

use crate::common::{all_drives, cases};

/// Shorter pauses are bridged (`ingest.gap_s`), s.
const BRIDGED_S: f64 = 1.0;
/// Steps of the motion's grid, and the sample that a cut leaves at its edge, s.
const EDGE_S: f64 = 0.1;

fn is_harsh(event: &Event) -> bool {
    matches!(event.kind(), EventKind::HardBraking | EventKind::HarshAcceleration | EventKind::HarshCornering)
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn no_harsh_event_reaches_across_a_cut(begin in 0.0..1.0_f64, length_s in 0.0..20.0_f64) {
        for drive in all_drives() {
            let (Some(first), Some(last)) = (drive.samples.iter().map(Sample::t).min(), drive.samples.iter().map(Sample::t).max())
            else { continue };
            let from = first.plus_s(begin * last.s_since(first));
            let to = from.plus_s(length_s);
            let kept: Vec<Sample> = drive.samples.iter().filter(|sample| !(from..to).contains(&sample.t())).copied().collect();
            let record = drive.replay_with(&kept);
            let inside = |t: Timestamp| t.s_since(from) > EDGE_S && to.s_since(t) > EDGE_S;
            for event in record.events.iter().filter(|event| is_harsh(event)) {
                let across = event.start <= from && event.end >= to;
                let touches = across || inside(event.start) || inside(event.end);
                prop_assert!(length_s <= BRIDGED_S || !touches, "{}, {from:?}..{to:?}: {event:?}", drive.name);
            }
        }
    }
}
