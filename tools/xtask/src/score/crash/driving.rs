//! Hours of driving with everything that shakes a phone on the way.

use std::sync::atomic::{AtomicUsize, Ordering};

use jounce::event::Phase;
use jounce_sim::{
    RandomDrive, carried, random_drive,
    scenario::{Mount, Phone},
    script::{Obstacle, Side, SpeedChange, Step},
    simulate,
};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rayon::prelude::*;

use super::{
    incidents::{kerb, pothole},
    peers::PEERS,
    trial::{Story, Trial},
};
use crate::score::{report::Table, stats::quantile};

const DRIVE_S: f64 = 900.0;
/// Where the wheels touch a kerb, km/h.
const KERB_KMH: f64 = 15.0;

/// Something that shakes the phone on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Pothole,
    Bump,
    Kerb,
    Door,
    Used,
    Thrown,
    Fallen,
}

/// Each, its name, and how often an hour it happens: in ordinary driving, and in driving full of incidents.
///
/// Americans say that they drop their phones four times a week (`OnePoll` for `PhoneLoops`, 2019): 0.036 in a waking
/// hour. No survey asks who throws: taken as often. Drivers have the phone in hand for 3.5 minutes an hour (Zendrive,
/// 2017), here six times. Holes that give a phone 2 g and more are rarer than two an hour: one driver in ten needs
/// a repair a year (AAA, 2022).
const MISHAPS: [(Mishap, &str, [f64; 2]); 7] = [
    (Mishap::Pothole, "potholes of 2–6 g", [2.0, 6.0]),
    (Mishap::Bump, "speed bumps", [6.0, 6.0]),
    (Mishap::Kerb, "kerbs", [0.5, 2.0]),
    (Mishap::Door, "doors at a stop", [4.0, 20.0]),
    (Mishap::Used, "uses of the phone", [6.0, 6.0]),
    (Mishap::Thrown, "throws", [0.04, 1.0]),
    (Mishap::Fallen, "falls", [0.04, 1.0]),
];

impl Mishap {
    /// Whether it may happen in a step, which begins as fast as this.
    fn fits(self, step: &Step, kmh: f64) -> bool {
        let (cruises, stands) = (matches!(step, Step::Cruise { .. }), kmh <= 0.0);
        match self {
            Self::Pothole | Self::Bump => cruises && !stands,
            Self::Door => cruises && stands,
            Self::Used | Self::Thrown | Self::Fallen => cruises,
            Self::Kerb => kmh > KERB_KMH && speed_change(step).is_some_and(|change| change.to_kmh <= 0.0),
        }
    }

    /// What happens, to a phone that may lie otherwise afterwards.
    fn steps(self, mount: &mut Mount, rng: &mut ChaCha8Rng) -> Vec<Step> {
        let carried = match self {
            Self::Pothole => return pothole(rng),
            Self::Bump => {
                let length_m = rng.random_range(0.4..4.0);
                return vec![Step::Obstacle(Obstacle { height_m: 0.07, length_m, side: Side::Both })];
            }
            Self::Kerb => return kerb(rng),
            Self::Door => return vec![Step::DoorSlam],
            Self::Used => {
                return vec![Step::PhoneHandle { for_s: rng.random_range(5.0..60.0), at_ear: false, to: *mount }];
            }
            Self::Thrown => carried::thrown_on_seat(mount, rng.random()),
            Self::Fallen => {
                carried::dropped(mount, rng.random_range(0.3..0.9), rng.random_range(0.006..0.018), rng.random())
            }
        };
        *mount = carried.to;
        vec![Step::PhoneCarried(carried)]
    }
}

/// What hours of driving gave.
#[derive(Clone, Debug, Default)]
struct Tally {
    hours: f64,
    suspected: u32,
    confirmed: u32,
    revoked_after_s: Vec<f64>,
    drops: u32,
    peers: [u32; PEERS.len()],
    mishaps: [u32; MISHAPS.len()],
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
        let counts = self.peers.iter_mut().chain(&mut self.mishaps);
        for (sum, more) in counts.zip(other.peers.into_iter().chain(other.mishaps)) {
            *sum += more;
        }
        self
    }
}

/// How often mishaps happen: which of the two rates of [`MISHAPS`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Mix {
    Ordinary,
    Incidents,
}

pub(super) fn score(from: u64, hours: f64, mix: Mix) -> anyhow::Result<Table> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of drives")]
    let drives = (hours * 3600.0 / DRIVE_S).ceil().max(1.0) as u64;
    let (done, told_every) = (AtomicUsize::new(0), usize::try_from(drives / 20)?.max(1));
    let driven = |seed| {
        let tally = drive(seed, mix)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        for codes in &tally.codes {
            eprintln!("{mix:?} drive {seed}: {codes}");
        }
        if done % told_every == 0 {
            eprintln!("{mix:?}: {done} of {drives} drives");
        }
        Ok(tally)
    };
    let tallies: Vec<Tally> = (from..from + drives).into_par_iter().map(driven).collect::<anyhow::Result<_>>()?;
    let all = tallies.into_iter().fold(Tally::default(), Tally::add);
    let what = match mix {
        Mix::Ordinary => "ordinary driving",
        Mix::Incidents => "driving full of incidents",
    };
    Ok(table(format!("{:.1} hours of {what}", all.hours), all))
}

fn table(title: String, mut all: Tally) -> Table {
    let mut table = Table::new(title, &["in all", "per 100 h"]);
    let mut row =
        |what: &str, count: u32| table.row(what, "", &[f64::from(count), f64::from(count) * 100.0 / all.hours]);
    row("crashes confirmed", all.confirmed);
    row("crashes suspected, then revoked", all.suspected - all.confirmed);
    row("phone_drop", all.drops);
    for (rule, count) in PEERS.iter().zip(all.peers) {
        row(&format!("drives in which {} fires", rule.name), count);
    }
    for ((_, name, _), count) in MISHAPS.iter().zip(all.mishaps) {
        row(&format!("in it: {name}"), count);
    }
    table.row("from suspicion to revocation, 95 %", "s", &[quantile(&all.revoked_after_s, 0.95)]);
    all.codes.sort();
    for same in all.codes.chunk_by(|a, b| a == b) {
        table.note(format!("{} × {}", same.len(), same[0]));
    }
    table
}

fn drive(seed: u64, mix: Mix) -> anyhow::Result<Tally> {
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
    let mishaps;
    (scenario.step, mishaps) = shaken(&scenario.step, scenario.phone.mount, mix, &mut rng);
    let trial = Trial::new(&simulate(&scenario, seed).samples)?;
    let count = |phase| trial.crashes.iter().filter(|story| story.is(phase)).count();
    let revoked = trial.crashes.iter().filter(|story| story.is(Phase::Revoked));
    let word = |story: &Story| {
        let phase = story.decided.as_ref().map_or("open", |event| event.phase.name());
        format!("{phase}: {}", story.codes().join(" "))
    };
    Ok(Tally {
        hours: trial.hours,
        suspected: u32::try_from(trial.suspected())?,
        confirmed: u32::try_from(count(Phase::Confirmed))?,
        revoked_after_s: revoked.map(|story| story.decided_s() - story.suspected_s()).collect(),
        drops: u32::try_from(trial.drops.len())?,
        peers: trial.peers.map(|fired| u32::from(fired.is_some())),
        mishaps,
        codes: trial.crashes.iter().map(word).collect(),
    })
}

/// The same drive with all that may happen in it, and how often each did.
fn shaken(steps: &[Step], mut mount: Mount, mix: Mix, rng: &mut ChaCha8Rng) -> (Vec<Step>, [u32; MISHAPS.len()]) {
    let mut kmh = 0.0;
    let begun: Vec<(&Step, f64)> = steps
        .iter()
        .map(|step| {
            let before = kmh;
            kmh = speed_change(step).map_or(kmh, |change| change.to_kmh);
            (step, before)
        })
        .collect();
    let mut counts = [0; MISHAPS.len()];
    let mut shaken = Vec::new();
    // As often as meant, whatever the number of steps in which it can happen, and the longer the likelier.
    let chances = MISHAPS.map(|(mishap, _, per_hour)| {
        let places_s = begun.iter().filter(|(step, kmh)| mishap.fits(step, *kmh)).map(|(step, _)| length_s(step));
        per_hour[mix as usize] * DRIVE_S / 3600.0 / places_s.sum::<f64>().max(1.0)
    });
    for (step, kmh) in begun {
        let happens = (0..MISHAPS.len()).find(|&index| {
            let chance = if MISHAPS[index].0.fits(step, kmh) { chances[index] * length_s(step) } else { 0.0 };
            rng.random_bool(chance.min(1.0))
        });
        let Some(index) = happens else {
            shaken.push(step.clone());
            continue;
        };
        counts[index] += 1;
        let half = Step::Cruise { for_s: 0.5 * length_s(step) };
        let (before, after) = match speed_change(step) {
            Some(change) => (Step::Brake(SpeedChange { to_kmh: KERB_KMH, ..*change }), step.clone()),
            None => (half.clone(), half),
        };
        shaken.push(before);
        shaken.extend(MISHAPS[index].0.steps(&mut mount, rng));
        shaken.push(after);
    }
    (shaken, counts)
}

/// How long a mishap may happen in this step, s: a change of speed counts as one.
fn length_s(step: &Step) -> f64 {
    if let Step::Cruise { for_s } = step { *for_s } else { 1.0 }
}

fn speed_change(step: &Step) -> Option<&SpeedChange> {
    if let Step::Brake(change) | Step::Accelerate(change) = step { Some(change) } else { None }
}
