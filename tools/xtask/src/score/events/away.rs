//! Hours without a car: nothing of this is a drive. And hours of a car that is as slow as a bicycle: that is one.

use std::{collections::BTreeMap, fs::File, io::BufWriter, path::Path};

use jounce::{config::Sensitivity, event::EventKind};
use jounce_score::Share;
use jounce_sim::{
    on_the_way::{Way, on_the_way},
    simulate,
};
use rayon::prelude::*;

use super::{
    engine,
    markdown::{Page, figure},
};
use crate::score::hours;

/// How long one goes, s.
const GOES_S: f64 = 1200.0;

/// What was found, and in how many hours.
#[derive(Clone, Debug, Default)]
pub(super) struct Away {
    pub(super) hours: f64,
    found: BTreeMap<EventKind, u32>,
    has_bus: bool,
    /// Drives by slow cars whose trips stand.
    pub(super) slow_cars: Share,
}

/// `drives`: how many ordinary ones say that they were driven as a bus is.
pub(super) fn score(
    page: &mut Page,
    from: u64,
    hours: f64,
    keep: Option<&Path>,
    drives: Share,
) -> anyhow::Result<Away> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of ways")]
    let count = (hours * 3600.0 / GOES_S).ceil().max(1.0) as u64;
    let mut rows = Vec::new();
    let mut all = Away::default();
    let each = |way: Way| -> anyhow::Result<Vec<Away>> {
        (from..from + count).into_par_iter().map(|seed| go(way, seed, keep)).collect()
    };
    for way in Way::ALL.into_iter().filter(|way| !way.is_driven()) {
        let ways = each(way)?;
        let sum = ways.iter().fold(Away::default(), Away::add);
        rows.push(row(way.name(), &sum));
        all = all.add(&sum);
    }
    rows.push(row("all", &all));
    page.heading("Walking, cycling, sitting");
    page.paragraph("Trips that were not revoked, and everything else that fired; none of it should.");
    page.table(&["way", "hours", "trips", "trips per 100 h", "other events"], &rows);
    let buses = share(&each(Way::Bus)?, |ride| ride.has_bus);
    page.paragraph(&format!(
        "A ride by bus is a trip, which may say of itself that it was driven as a bus is: {} of {} rides do, and {} of {} \
         drives above.",
        buses.right, buses.of, drives.right, drives.of,
    ));
    all.slow_cars = share(&each(Way::SlowCar)?, |drive| drive.trips() > 0);
    page.paragraph(&format!(
        "The other way round, of cars that are never faster than 28 km/h, each for 20 minutes or more on anything from new \
         asphalt to gravel, the trips of {} in {} stand.",
        all.slow_cars.right, all.slow_cars.of,
    ));
    Ok(all)
}

fn share(all: &[Away], is_so: impl Fn(&Away) -> bool) -> Share {
    all.iter().fold(Share::default(), |sum, one| Share::new(sum.right + u32::from(is_so(one)), sum.of + 1))
}

fn go(way: Way, seed: u64, keep: Option<&Path>) -> anyhow::Result<Away> {
    let scenario = on_the_way(way, GOES_S, seed);
    let samples = simulate(&scenario, seed).samples;
    if let Some(folder) = keep {
        let file = File::create(folder.join(format!("{}.csv", scenario.name)))?;
        jounce_trace::write_native(samples.iter().copied(), BufWriter::new(file))?;
    }
    let events = engine::events(&samples, Sensitivity::Normal)?;
    let mut away = Away { hours: hours(&samples), has_bus: engine::has_bus(&events), ..Away::default() };
    for event in events {
        away.count(event.kind());
    }
    Ok(away)
}

impl Away {
    pub(super) fn count(&mut self, kind: EventKind) {
        *self.found.entry(kind).or_default() += 1;
    }

    /// Trips that were not revoked.
    pub(super) fn trips(&self) -> u32 {
        self.found.get(&EventKind::TripStart).copied().unwrap_or_default()
    }

    fn add(mut self, other: &Self) -> Self {
        self.hours += other.hours;
        for (kind, count) in &other.found {
            *self.found.entry(*kind).or_default() += count;
        }
        self
    }
}

fn row(name: &str, away: &Away) -> Vec<String> {
    let trips = away.trips();
    let is_other = |kind: &EventKind| !matches!(kind, EventKind::TripStart | EventKind::TripEnd);
    let others = away.found.iter().filter(|(kind, _)| is_other(kind));
    let others: Vec<String> = others.map(|(kind, count)| format!("{count} {kind}")).collect();
    vec![
        name.to_owned(),
        figure(Some(away.hours), 1),
        trips.to_string(),
        figure(Some(100.0 * f64::from(trips) / away.hours), 1),
        if others.is_empty() { "–".to_owned() } else { others.join(", ") },
    ]
}
