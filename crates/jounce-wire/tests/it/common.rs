//! The fixtures, and an engine's answers as bytes.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use jounce::{
    config::{Config, ValidConfig},
    engine::Engine,
    event::{Dismissal, Event, Sink},
    motion::Motion,
    sample::Sample,
};

/// One recorded drive and the settings it is replayed with.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) config: ValidConfig,
    pub(crate) samples: Vec<Sample>,
}

pub(crate) fn fixtures() -> Vec<Fixture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("trace.csv").is_file())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Fixture {
    let toml = fs::read_to_string(path.join("config.toml")).unwrap_or_default();
    let config: Config = toml::from_str(&toml).expect("settings");
    Fixture {
        name: path.file_name().expect("a name").to_string_lossy().into_owned(),
        config: config.validate().expect("valid settings"),
        samples: jounce_trace::open(&path.join("trace.csv")).expect("a trace").samples,
    }
}

/// Everything an engine says, as text; the events alone are the golden lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) events: String,
    pub(crate) others: String,
}

impl Sink for Said {
    fn event(&mut self, event: &Event) {
        self.events += &serde_json::to_string(event).expect("an event is JSON");
        self.events.push('\n');
    }

    fn dismissal(&mut self, dismissal: &Dismissal) {
        self.others += &serde_json::to_string(dismissal).expect("a dismissal is JSON");
        self.others.push('\n');
    }

    fn motion(&mut self, motion: &Motion) {
        writeln!(self.others, "{motion:?}").expect("a string takes everything");
    }
}

pub(crate) fn replay(config: &ValidConfig, samples: &[Sample]) -> Said {
    let (mut engine, mut said) = (Engine::new(config.clone()), Said::default());
    for sample in samples {
        engine.push(*sample, &mut said);
    }
    engine.flush(&mut said);
    said
}
