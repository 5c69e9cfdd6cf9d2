//! Drives to push, and a record of everything that comes out.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, LazyLock, Mutex},
};

use jounce::{
    config::{Config, ValidConfig},
    engine::Engine,
    event::{Dismissal, Event, EventKind, Phase, Sink},
    motion::Motion,
    sample::{Sample, Sensor},
};
use jounce_sim::{Scenario, scenario, scenario_names, simulate};
use proptest::test_runner::{Config as ProptestConfig, RngSeed};

/// Every test sees the same drives.
const SEED: u64 = 1;

/// As many cases of a property, the same in every run. `PROPTEST_CASES` asks for as many others, at random.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => default,
        None => ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), ..default },
    }
}

/// A recording and the config that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Drive {
    pub(crate) name: String,
    /// In the order in which a host would get them.
    pub(crate) samples: Vec<Sample>,
    pub(crate) config: ValidConfig,
}

impl Drive {
    /// Simulates `scenario`.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let simulation = simulate(scenario, SEED);
        let config =
            simulation.config_toml.map_or_else(Config::default, |toml| toml::from_str(&toml).expect("a config"));
        let config = config.validate().expect("the scenario's config is valid");
        Self { name: scenario.name.clone(), samples: simulation.samples, config }
    }

    /// Whether this sensor takes part.
    pub(crate) fn has(&self, sensor: Sensor) -> bool {
        self.samples.iter().any(|sample| sample.sensor() == sensor)
    }

    /// All that comes out of it.
    pub(crate) fn replay(&self) -> Record {
        self.replay_with(&self.samples)
    }

    /// All that comes out of other samples under the same config.
    pub(crate) fn replay_with(&self, samples: &[Sample]) -> Record {
        let mut engine = Engine::new(self.config.clone());
        let mut record = Record::default();
        for sample in samples {
            engine.push(*sample, &mut record);
        }
        engine.flush(&mut record);
        record
    }
}

/// A built-in scenario, to be changed.
pub(crate) fn built_in(name: &str) -> Scenario {
    scenario(name).unwrap_or_else(|| panic!("{name} is not built in"))
}

/// A built-in drive, simulated once for all tests.
pub(crate) fn drive(name: &'static str) -> Arc<Drive> {
    static MADE: LazyLock<Mutex<BTreeMap<&'static str, Arc<Drive>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("the simulator does not panic");
    Arc::clone(made.entry(name).or_insert_with(|| Arc::new(Drive::of(&built_in(name)))))
}

/// Every built-in drive.
pub(crate) fn all_drives() -> impl Iterator<Item = Arc<Drive>> {
    scenario_names().map(|(name, _)| drive(name))
}

/// All that came out of an engine, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) events: Vec<Event>,
    pub(crate) dismissals: Vec<Dismissal>,
    pub(crate) motions: Vec<Motion>,
}

impl Record {
    /// What may not depend on when each sample arrived: all but the moment of deciding, the early word on a crash, and,
    /// where the ordered samples told otherwise, its withdrawal, which is a dismissal where there was no early word.
    pub(crate) fn lasting(mut self) -> Self {
        self.events.retain(|event| {
            let withdrawn = event.phase == Phase::Revoked && event.confidence <= 0.0;
            event.kind() != EventKind::Crash || !(event.phase == Phase::Suspected || withdrawn)
        });
        self.dismissals.retain(|dismissal| dismissal.kind != EventKind::Crash);
        self.undated()
    }

    /// All but the moment of deciding.
    pub(crate) fn undated(mut self) -> Self {
        for event in &mut self.events {
            event.decided = event.end;
        }
        self
    }
}

impl Sink for Record {
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn dismissal(&mut self, dismissal: &Dismissal) {
        self.dismissals.push(dismissal.clone());
    }

    fn motion(&mut self, motion: &Motion) {
        self.motions.push(*motion);
    }
}

/// Fails with the first difference. The text of a float tells all its bits.
#[track_caller]
pub(crate) fn assert_same(what: &str, actual: &Record, expected: &Record) {
    assert_same_lines(&format!("{what}: event"), &actual.events, &expected.events);
    assert_same_lines(&format!("{what}: dismissal"), &actual.dismissals, &expected.dismissals);
    assert_same_lines(&format!("{what}: motion"), &actual.motions, &expected.motions);
}

#[track_caller]
fn assert_same_lines<T: Debug>(what: &str, actual: &[T], expected: &[T]) {
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        let (a, e) = (format!("{a:?}"), format!("{e:?}"));
        assert!(a == e, "{what} {i}:\n  {a}\ninstead of\n  {e}");
    }
    let more =
        actual.get(expected.len()..).unwrap_or_default().iter().chain(expected.get(actual.len()..).unwrap_or_default());
    assert_eq!(actual.len(), expected.len(), "{what}: {:?}", more.collect::<Vec<_>>());
}
