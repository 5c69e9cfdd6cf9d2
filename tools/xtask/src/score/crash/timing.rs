//! What the last word may not depend on: when a fix comes, whether one comes, how samples are bundled, where the engine
//! was saved and restored.

use jounce::{
    config::Config,
    engine::Engine,
    event::EventKind,
    sample::{Sample, Sensor},
};
use jounce_sim::{
    Scenario,
    script::{Crash, Pulse, Shape, Step},
    simulate,
};
use rayon::prelude::*;

use super::{
    rig::{Setup, cruise, meanwhile_to},
    trial::Trial,
};
use crate::score::{replay::seconds, report::Table};

/// A crash, its samples, and what the engine said of it.
struct Case {
    samples: Vec<Sample>,
    onset_s: f64,
    trial: Trial,
}

impl Case {
    fn new(seed: u64) -> anyhow::Result<Self> {
        let delta_v_kmh = 12.0 + 4.0 * f64::from(u32::try_from(seed)?);
        let pulse = Pulse { delta_v_kmh, clock: 12.0, duration_s: 0.1, shape: Shape::Haversine };
        let steps =
            [meanwhile_to(0.0, 7.0), cruise(0.3), Step::Crash(Crash { cfc60: true, ..Crash::of(pulse) }), cruise(20.0)];
        let scenario: Scenario = Setup { speed_kmh: 60.0, ..Setup::random(seed) }.scenario(steps);
        let simulation = simulate(&scenario, seed);
        let label = simulation.labels.iter().find(|label| label.kind == Some(EventKind::Crash));
        let trial = Trial::new(&simulation.samples)?;
        Ok(Self { onset_s: label.map_or(f64::NAN, |label| label.start_s), trial, samples: simulation.samples })
    }

    /// Whether the same crash is confirmed of `samples`.
    fn agrees(&self, samples: &[Sample]) -> anyhow::Result<bool> {
        Ok(same(&self.trial, &Trial::new(samples)?))
    }

    fn where_fix(&self, edit: impl Fn(f64) -> Option<f64>) -> Vec<Sample> {
        let near = |sample: &Sample| sample.sensor() == Sensor::Gnss;
        let moved = self.samples.iter().filter_map(|sample| match sample {
            Sample::Gnss(fix) if near(sample) => {
                let t_s = edit(seconds(fix.t))?;
                Some(Sample::Gnss(jounce::sample::GnssFix { t: fix.t.plus_s(t_s - seconds(fix.t)), ..*fix }))
            }
            _ => Some(*sample),
        });
        moved.collect()
    }
}

/// The same crash with the same figures.
fn same(one: &Trial, other: &Trial) -> bool {
    let figures = |trial: &Trial| {
        let story = trial.confirmed()?;
        let told = story.figures()?;
        Some((story.start_s().to_bits(), told.delta_v_mps.to_bits(), told.clipped))
    };
    figures(one).is_some() && figures(one) == figures(other)
}

pub(super) fn score(crashes: u64) -> anyhow::Result<Table> {
    let cases: Vec<Case> = (0..crashes).into_par_iter().map(Case::new).collect::<anyhow::Result<_>>()?;
    let mut table = Table::new("The same last word, whatever the timing", &["tried", "same"]);
    let mut row = |what: &str, outcomes: &[bool]| {
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let counts = [outcomes.len() as f64, outcomes.iter().filter(|same| **same).count() as f64];
        table.row(what, "", &counts);
    };
    let each = |vary: &(dyn Fn(&Case) -> anyhow::Result<Vec<bool>> + Sync)| -> anyhow::Result<Vec<bool>> {
        let nested: Vec<Vec<bool>> = cases.par_iter().map(vary).collect::<anyhow::Result<_>>()?;
        Ok(nested.into_iter().flatten().collect())
    };
    row(
        "fixes shifted by −0.9 to 0.9 s",
        &each(&|case| {
            [-0.9, -0.6, -0.3, 0.3, 0.6, 0.9]
                .iter()
                .map(|shift| case.agrees(&case.where_fix(|t_s| Some(t_s + shift))))
                .collect()
        })?,
    );
    row(
        "no fix from the onset on",
        &each(&|case| Ok(vec![case.agrees(&case.where_fix(|t_s| (t_s < case.onset_s).then_some(t_s)))?]))?,
    );
    row(
        "no fix from 10 s before on",
        &each(&|case| Ok(vec![case.agrees(&case.where_fix(|t_s| (t_s < case.onset_s - 10.0).then_some(t_s)))?]))?,
    );
    row(
        "bundles of 0.2 to 3 s",
        &each(&|case| {
            [0.2, 1.0, 3.0].iter().map(|length_s| case.agrees(&bundled(&case.samples, *length_s))).collect()
        })?,
    );
    row(
        "input ends 1 s after the onset",
        &each(&|case| {
            let early = |sample: &&Sample| seconds(sample.t()) < case.onset_s + 1.0;
            let cut: Vec<Sample> = case.samples.iter().filter(early).copied().collect();
            Ok(vec![case.agrees(&cut)?])
        })?,
    );
    row("saved and restored at a sample of the pulse", &each(&|case| restored(case))?);
    row("saved, killed, restored 2 s later, all between lost", &each(&|case| killed(case))?);
    Ok(table)
}

/// Each sensor's samples kept back, and given out together.
fn bundled(samples: &[Sample], length_s: f64) -> Vec<Sample> {
    let mut bundled = samples.to_vec();
    let bundle = |sample: &Sample| (seconds(sample.t()) / length_s).floor();
    bundled.sort_by(|a, b| bundle(a).total_cmp(&bundle(b)).then(a.sensor().cmp(&b.sensor())));
    bundled
}

/// Saved and restored at every sample of the pulse.
fn restored(case: &Case) -> anyhow::Result<Vec<bool>> {
    let inside = |sample: &Sample| (case.onset_s - 0.02..case.onset_s + 0.25).contains(&seconds(sample.t()));
    let places = (0..case.samples.len()).filter(|&index| inside(&case.samples[index]));
    places.map(|place| Ok(same(&case.trial, &resumed(&case.samples, place, 0.0)?))).collect()
}

/// Saved after the pulse, and restored when two seconds of samples are gone.
fn killed(case: &Case) -> anyhow::Result<Vec<bool>> {
    let after = |after_s: f64| case.samples.partition_point(|sample| seconds(sample.t()) < case.onset_s + after_s);
    [0.3, 0.5, 1.0, 2.0].iter().map(|at_s| Ok(same(&case.trial, &resumed(&case.samples, after(*at_s), 2.0)?))).collect()
}

/// What becomes of it when the engine is saved after sample `place`, and restored without the `lost_s` that follow.
fn resumed(samples: &[Sample], place: usize, lost_s: f64) -> anyhow::Result<Trial> {
    let config = Config::default().validate()?;
    let (mut engine, mut trial) = (Engine::new(config.clone()), Trial::default());
    let (before, after) = samples.split_at((place + 1).min(samples.len()));
    for sample in before {
        engine.push(*sample, &mut trial);
    }
    engine = jounce_wire::snapshot::restore(&jounce_wire::snapshot::save(&mut engine), &config)?;
    let from_s = before.last().map_or(f64::NEG_INFINITY, |sample| seconds(sample.t()) + lost_s);
    for sample in after.iter().filter(|sample| lost_s <= 0.0 || seconds(sample.t()) > from_s) {
        engine.push(*sample, &mut trial);
    }
    engine.flush(&mut trial);
    Ok(trial)
}
