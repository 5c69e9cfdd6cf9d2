//! What is no crash: everything that shakes a phone, one at a time.

use jounce::event::Phase;
use jounce_sim::{
    carried,
    scenario::Mount,
    script::{Jolt, Obstacle, Side, Step, Surface},
    simulate,
};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rayon::prelude::*;

use super::{
    peers::PEERS,
    rig::{Setup, cruise, meanwhile_to, to},
    trial::Trial,
};
use crate::score::{report::Table, stats::quantile};

const RATES_HZ: [f64; 4] = [25.0, 50.0, 100.0, 200.0];

/// Something that is no crash.
pub(super) struct Incident {
    name: &'static str,
    /// The first reason of a revocation must be one of these.
    why: &'static [&'static str],
    happens: fn(&mut Setup, &mut ChaCha8Rng, u64) -> Vec<Step>,
}

const DROVE: &[&str] = &["drove_on", "vertical", "handling"];
const FELL: &[&str] = &["free_fall", "drove_on", "handling"];

pub(super) const INCIDENTS: [Incident; 18] = [
    Incident { name: "pothole, drives on", why: DROVE, happens: |_, rng, _| after(pothole(rng), [cruise(18.0)]) },
    Incident {
        name: "pothole, then an ordinary stop",
        why: &["vertical", "drove_on", "velocity_change"],
        happens: |_, rng, _| after(pothole(rng), [cruise(rng.random_range(0.1..3.0)), to(0.0, 4.0), cruise(18.0)]),
    },
    Incident {
        name: "speed bump",
        why: DROVE,
        happens: |setup, rng, _| {
            setup.speed_kmh = rng.random_range(20.0..45.0);
            let bump = Obstacle { height_m: 0.08, length_m: rng.random_range(0.4..1.0), side: Side::Both };
            vec![Step::Obstacle(bump), cruise(18.0)]
        },
    },
    Incident {
        name: "kerb, then parked",
        why: &["vertical", "drove_on", "velocity_change"],
        happens: |setup, rng, _| {
            setup.speed_kmh = rng.random_range(10.0..25.0);
            after(kerb(rng), [cruise(0.5), to(0.0, 3.0), cruise(18.0)])
        },
    },
    Incident {
        name: "railway crossing",
        why: DROVE,
        happens: |setup, rng, _| {
            setup.speed_kmh = rng.random_range(30.0..70.0);
            let rail = |rng: &mut ChaCha8Rng| {
                let peak = rng.random_range(0.8..2.5) * 9.8;
                Step::Jolt(Jolt { peak_mps2: [-0.3 * peak, 0.1 * peak, peak], hz: 16.0, decay_s: 0.04 })
            };
            vec![rail(rng), cruise(0.12), rail(rng), cruise(0.2), rail(rng), cruise(0.12), rail(rng), cruise(18.0)]
        },
    },
    Incident {
        name: "door slams in a parked car",
        why: &["too_slow_before", "handling"],
        happens: |_, _, _| {
            let slam = || [Step::DoorSlam, cruise(3.0)];
            [vec![to(0.0, 2.5), cruise(10.0)], slam().into(), slam().into(), vec![cruise(15.0)]].concat()
        },
    },
    Incident {
        name: "boot lid",
        why: &["too_slow_before", "vertical", "handling", "velocity_change"],
        happens: |_, rng, _| {
            let peak = rng.random_range(1.0..3.0) * 9.8;
            let jolt = Jolt { peak_mps2: [0.7 * peak, 0.0, -peak], hz: 22.0, decay_s: 0.06 };
            vec![to(0.0, 2.5), cruise(10.0), Step::Jolt(jolt), cruise(18.0)]
        },
    },
    Incident {
        name: "phone thrown on the seat, drives on",
        why: FELL,
        happens: |setup, _, seed| vec![Step::PhoneCarried(carried::thrown_on_seat(&setup.mount, seed)), cruise(18.0)],
    },
    Incident {
        name: "phone thrown on the seat at a stop",
        why: &["free_fall", "handling", "velocity_change"],
        happens: |setup, _, seed| {
            vec![
                to(0.0, 2.5),
                cruise(6.0),
                Step::PhoneCarried(carried::thrown_on_seat(&setup.mount, seed)),
                cruise(18.0),
            ]
        },
    },
    Incident {
        name: "phone falls while braking to a stop",
        why: FELL,
        happens: |setup, rng, seed| {
            let fall = carried::dropped(&setup.mount, rng.random_range(0.3..0.9), rng.random_range(0.006..0.018), seed);
            vec![meanwhile_to(0.0, 4.0), cruise(rng.random_range(0.3..1.5)), Step::PhoneCarried(fall), cruise(20.0)]
        },
    },
    Incident {
        name: "emergency stop, 9.5 m/s²",
        why: DROVE,
        happens: |setup, rng, _| {
            setup.speed_kmh = rng.random_range(40.0..110.0);
            vec![to(0.0, 9.5), cruise(18.0)]
        },
    },
    Incident {
        name: "gravel, with stones",
        why: DROVE,
        happens: |_, rng, _| {
            let gravel = Step::Surface { class: Surface::Gravel };
            let stones = (0..6).flat_map(|_| after(pothole(rng), [cruise(1.5)])).collect();
            [vec![gravel, cruise(6.0)], stones, vec![cruise(12.0)]].concat()
        },
    },
    Incident {
        name: "roller coaster",
        why: &["too_long_pulse", "drove_on", "non_vehicle", "velocity_change", "vertical"],
        happens: |setup, rng, seed| {
            setup.speed_kmh = rng.random_range(60.0..110.0);
            let ride = carried::coaster(&setup.mount, 40.0, 6.0, seed);
            let brake = to(5.0, 7.0);
            vec![Step::PhoneCarried(ride), cruise(rng.random_range(25.0..44.0)), brake, cruise(18.0)]
        },
    },
    Incident {
        name: "skier's fall",
        why: &["non_vehicle", "handling", "walked_on", "drove_on", "too_long_pulse"],
        happens: |setup, _, seed| {
            setup.speed_kmh = 55.0;
            setup.cruise_s = 1.0;
            let fall = carried::ski_fall(&setup.mount, 25.0, seed);
            vec![Step::PhoneCarried(fall), cruise(25.0), meanwhile_to(0.0, 6.0), cruise(20.0)]
        },
    },
    Incident {
        name: "cyclist's fall",
        why: &["non_vehicle", "handling", "walked_on", "drove_on", "too_long_pulse"],
        happens: |setup, _, seed| {
            setup.speed_kmh = 24.0;
            setup.cruise_s = 1.0;
            let fall = carried::cycling_fall(&setup.mount, 25.0, seed);
            vec![Step::PhoneCarried(fall), cruise(25.0), meanwhile_to(0.0, 6.0), cruise(20.0)]
        },
    },
    Incident {
        name: "running after a drive",
        why: &["too_slow_before", "drove_on", "walked_on", "non_vehicle", "handling", "velocity_change", "vertical"],
        happens: |setup, rng, seed| {
            let run =
                carried::on_foot(&setup.mount, 30.0, rng.random_range(2.5..3.0), rng.random_range(1.5..2.6), seed);
            vec![
                to(0.0, 2.5),
                cruise(10.0),
                Step::PhoneCarried(run),
                to(rng.random_range(8.5..13.0), 1.5),
                cruise(26.0),
                to(0.0, 1.5),
                cruise(18.0),
            ]
        },
    },
    Incident {
        name: "jumping after a drive",
        why: &["too_slow_before", "walked_on", "non_vehicle", "handling", "vertical", "free_fall", "velocity_change"],
        happens: |setup, _, seed| {
            vec![to(0.0, 2.5), cruise(10.0), Step::PhoneCarried(carried::jumping(&setup.mount, 8, seed)), cruise(30.0)]
        },
    },
    Incident {
        name: "phone falls from the roof at 50 km/h",
        why: &["free_fall"],
        happens: |setup, _, seed| {
            let fall = carried::off_the_roof(&setup.mount, setup.speed_kmh / 3.6, seed);
            vec![Step::PhoneCarried(fall), cruise(0.9), meanwhile_to(0.0, 6.0), cruise(22.0)]
        },
    },
];

/// A wheel in a hole of 2 to 6 g, up to half of it horizontal.
pub(super) fn pothole(rng: &mut ChaCha8Rng) -> Vec<Step> {
    let peak = rng.random_range(2.0..6.0) * 9.8;
    let (back, aside) = (rng.random_range(0.0..0.5), rng.random_range(-0.4..0.4));
    let jolt = Jolt {
        peak_mps2: [-back * peak, aside * peak, peak],
        hz: rng.random_range(10.0..25.0),
        decay_s: rng.random_range(0.02..0.05),
    };
    let hole = Obstacle { height_m: -0.06, length_m: 0.6, side: Side::Right };
    vec![Step::Obstacle(hole), Step::Jolt(jolt)]
}

/// A wheel against a kerb, 1 to 3 g, from below, from ahead and from the side.
pub(super) fn kerb(rng: &mut ChaCha8Rng) -> Vec<Step> {
    let peak = rng.random_range(1.0..3.0) * 9.8;
    let jolt = Jolt { peak_mps2: [-0.6 * peak, 0.5 * peak, peak], hz: 14.0, decay_s: 0.05 };
    vec![Step::Obstacle(Obstacle { height_m: 0.12, length_m: 0.5, side: Side::Right }), Step::Jolt(jolt)]
}

fn after<const N: usize>(mut steps: Vec<Step>, more: [Step; N]) -> Vec<Step> {
    steps.extend(more);
    steps
}

/// What the engine made of one incident.
struct Verdict {
    suspected: usize,
    confirmed: bool,
    /// Revoked with a reason that fits.
    rightly: usize,
    revoked_after_s: Vec<f64>,
    drops: usize,
    peers: [bool; PEERS.len()],
    hours: f64,
    wrong: Vec<String>,
}

pub(super) fn score(from: u64, each: u64, only: &str) -> anyhow::Result<Table> {
    let columns: Vec<&str> = ["times", "hours", "suspected", "confirmed", "right why", "95 % s", "drops"]
        .into_iter()
        .chain(PEERS.iter().map(|rule| rule.name))
        .collect();
    let mut table = Table::new("What is no crash: how often, and what became of it", &columns);
    let mut wrong = Vec::new();
    for (number, incident) in INCIDENTS.iter().enumerate().filter(|(_, incident)| incident.name.contains(only)) {
        let number = u64::try_from(number)?;
        let verdicts: Vec<Verdict> = (from..from + each)
            .into_par_iter()
            .map(|index| incident.run(number * 1_000_000 + index))
            .collect::<anyhow::Result<_>>()?;
        table.row(incident.name, "", &row(&verdicts));
        wrong.extend(
            verdicts.iter().flat_map(|verdict| &verdict.wrong).map(|codes| format!("{}: {codes}", incident.name)),
        );
    }
    table.note(
        "suspected: crashes suspected in all; 95 % s: time from suspicion to revocation; last: each peer rule fired",
    );
    wrong.sort();
    wrong.dedup();
    for line in wrong {
        table.note(line);
    }
    Ok(table)
}

fn row(verdicts: &[Verdict]) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let sum = |of: &dyn Fn(&Verdict) -> usize| verdicts.iter().map(of).sum::<usize>() as f64;
    let suspected = sum(&|verdict| verdict.suspected);
    let times: Vec<f64> = verdicts.iter().flat_map(|verdict| verdict.revoked_after_s.iter().copied()).collect();
    let mut values = vec![
        sum(&|_| 1),
        verdicts.iter().map(|verdict| verdict.hours).sum(),
        suspected,
        sum(&|verdict| usize::from(verdict.confirmed)),
        if suspected > 0.0 { sum(&|verdict| verdict.rightly) / suspected } else { f64::NAN },
        quantile(&times, 0.95),
        sum(&|verdict| usize::from(verdict.drops > 0)),
    ];
    values.extend((0..PEERS.len()).map(|rule| sum(&|verdict| usize::from(verdict.peers[rule]))));
    values
}

impl Incident {
    fn run(&self, seed: u64) -> anyhow::Result<Verdict> {
        let mut rng = ChaCha8Rng::seed_from_u64(7_000_000 + seed);
        let mut setup = Setup {
            rate_hz: RATES_HZ[usize::try_from(seed)? % RATES_HZ.len()],
            range_g: [4.0, 8.0, 16.0][rng.random_range(0..3)],
            mount: Mount::random(seed),
            speed_kmh: rng.random_range(30.0..90.0),
            ..Setup::random(seed)
        };
        let steps = (self.happens)(&mut setup, &mut rng, seed);
        let trial = Trial::new(&simulate(&setup.scenario(steps), seed).samples)?;
        let revoked: Vec<_> = trial.crashes.iter().filter(|story| story.is(Phase::Revoked)).collect();
        let fits = |codes: &[String]| codes.first().is_some_and(|code| self.why.contains(&code.as_str()));
        let confirmed = trial.crashes.iter().filter(|story| story.is(Phase::Confirmed));
        let wrong = revoked
            .iter()
            .filter(|story| !fits(&story.codes()))
            .map(|story| format!("{seed}, revoked {}", story.codes().join(" ")));
        let wrong = wrong.chain(
            confirmed.map(|story| format!("{seed}, confirmed at {} Hz {}", setup.rate_hz, story.codes().join(" "))),
        );
        Ok(Verdict {
            suspected: trial.suspected(),
            confirmed: trial.confirmed().is_some(),
            rightly: revoked.iter().filter(|story| fits(&story.codes())).count(),
            revoked_after_s: revoked.iter().map(|story| story.decided_s() - story.suspected_s()).collect(),
            drops: trial.drops.len(),
            peers: trial.peers.map(|fired| fired.is_some()),
            hours: trial.hours,
            wrong: wrong.collect(),
        })
    }
}
