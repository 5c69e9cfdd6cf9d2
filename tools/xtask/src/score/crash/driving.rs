//! Hours of ordinary driving with everything that shakes a phone on the way.

use jounce::event::Phase;
use jounce_sim::{
    RandomDrive, carried, random_drive,
    scenario::{Mount, Phone},
    script::{Obstacle, Side, Step},
    simulate,
};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rayon::prelude::*;

use super::{incidents::pothole, peers::PEERS, trial::Trial};
use crate::score::{report::Table, stats::quantile};

const DRIVE_S: f64 = 900.0;
/// How often an hour, in steady driving: a bad pothole, a speed bump, the phone used, the phone thrown or fallen.
const POTHOLES: f64 = 2.0;
const BUMPS: f64 = 6.0;
const HANDLED: f64 = 2.0;
const THROWN: f64 = 0.2;
const FALLEN: f64 = 0.1;

/// What hours of driving gave.
#[derive(Clone, Debug, Default)]
struct Tally {
    hours: f64,
    suspected: u32,
    confirmed: u32,
    revoked_after_s: Vec<f64>,
    drops: u32,
    peers: [u32; PEERS.len()],
    codes: Vec<String>,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.hours += other.hours;
        self.suspected += other.suspected;
        self.confirmed += other.confirmed;
        self.drops += other.drops;
        self.revoked_after_s.extend(other.revoked_after_s);
        self.codes.extend(other.codes);
        for (sum, more) in self.peers.iter_mut().zip(other.peers) {
            *sum += more;
        }
        self
    }
}

pub(super) fn score(from: u64, hours: f64) -> anyhow::Result<Table> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of drives")]
    let drives = (hours * 3600.0 / DRIVE_S).ceil().max(1.0) as u64;
    let tallies: Vec<Tally> = (from..from + drives).into_par_iter().map(drive).collect::<anyhow::Result<_>>()?;
    let mut all = tallies.into_iter().fold(Tally::default(), Tally::add);
    let mut table =
        Table::new(format!("{:.1} hours of driving with all that shakes a phone", all.hours), &["in all", "per 100 h"]);
    let mut row =
        |what: &str, count: u32| table.row(what, "", &[f64::from(count), f64::from(count) * 100.0 / all.hours]);
    row("crashes confirmed", all.confirmed);
    row("crashes suspected, then revoked", all.suspected - all.confirmed);
    row("phone_drop", all.drops);
    for (rule, count) in PEERS.iter().zip(all.peers) {
        row(&format!("drives in which {} fires", rule.name), count);
    }
    table.row("from suspicion to revocation, 95 %", "s", &[quantile(&all.revoked_after_s, 0.95)]);
    table.note(format!(
        "an hour has {POTHOLES} potholes of 2–6 g, {BUMPS} speed bumps, a door at every other stop; {HANDLED} times the phone is used, {THROWN} times thrown, {FALLEN} times it falls"
    ));
    all.codes.sort();
    for same in all.codes.chunk_by(|a, b| a == b) {
        table.note(format!("{} × {}", same.len(), same[0]));
    }
    Ok(table)
}

fn drive(seed: u64) -> anyhow::Result<Tally> {
    let mut rng = ChaCha8Rng::seed_from_u64(5_000_000 + seed);
    let options = RandomDrive {
        duration_s: DRIVE_S,
        mount: Some(Mount::random(seed)),
        rate_hz: [50.0, 100.0][usize::try_from(seed % 2)?],
        hardest_mps2: 4.0,
        largest_lateral_mps2: 3.5,
        ..RandomDrive::default()
    };
    let mut scenario = random_drive(seed, &options);
    let holder_hz = if rng.random_bool(0.5) { rng.random_range(12.0..40.0) } else { 0.0 };
    scenario.phone = Phone { holder_hz, ..scenario.phone };
    let mut mount = scenario.phone.mount;
    let steps = std::mem::take(&mut scenario.step);
    scenario.step = steps.into_iter().flat_map(|step| shaken(step, &mut mount, &mut rng)).collect();
    let trial = Trial::new(&simulate(&scenario, seed).samples)?;
    let revoked = trial.crashes.iter().filter(|story| story.is(Phase::Revoked));
    let word = |story: &super::trial::Story| {
        let phase = story.decided.as_ref().map_or("open", |event| event.phase.name());
        format!("{phase}: {}", story.codes().join(" "))
    };
    Ok(Tally {
        hours: trial.hours,
        suspected: u32::try_from(trial.suspected())?,
        confirmed: u32::try_from(trial.crashes.iter().filter(|story| story.is(Phase::Confirmed)).count())?,
        revoked_after_s: revoked.map(|story| story.decided_s() - story.suspected_s()).collect(),
        drops: u32::try_from(trial.drops.len())?,
        peers: trial.peers.map(|fired| u32::from(fired.is_some())),
        codes: trial.crashes.iter().map(word).collect(),
    })
}

/// A step of steady driving, and what may happen in it.
fn shaken(step: Step, mount: &mut Mount, rng: &mut ChaCha8Rng) -> Vec<Step> {
    let Step::Cruise { for_s } = step else { return vec![step] };
    let happens = |rng: &mut ChaCha8Rng, per_hour: f64| rng.random_bool((per_hour * for_s / 3600.0 * 2.0).min(1.0));
    let mut steps = vec![Step::Cruise { for_s: 0.5 * for_s }];
    if happens(rng, POTHOLES) {
        steps.extend(pothole(rng));
    } else if happens(rng, BUMPS) {
        let length_m = rng.random_range(0.4..4.0);
        steps.push(Step::Obstacle(Obstacle { height_m: 0.07, length_m, side: Side::Both }));
    } else if happens(rng, HANDLED) {
        steps.push(Step::PhoneHandle { for_s: 8.0, at_ear: false, to: *mount });
    } else if happens(rng, THROWN) {
        let thrown = carried::thrown_on_seat(mount, rng.random());
        *mount = thrown.to;
        steps.push(Step::PhoneCarried(thrown));
    } else if happens(rng, FALLEN) {
        let fallen = carried::dropped(mount, rng.random_range(0.3..0.9), 0.012, rng.random());
        *mount = fallen.to;
        steps.push(Step::PhoneCarried(fallen));
    } else if rng.random_bool(0.25) {
        steps.push(Step::DoorSlam);
    }
    steps.push(Step::Cruise { for_s: 0.5 * for_s });
    steps
}
