//! An engine that was saved and restored says what one says that was never interrupted.

use std::{env, fs, process::Command};

use jounce::engine::Engine;
use jounce_wire::snapshot;

use crate::common::{Said, fixtures, replay};

/// Samples between two interruptions: a prime, so that every sensor is interrupted.
const EVERY: usize = 97;

/// Saved and restored every 97th sample, so that each restored engine is itself saved again.
#[test]
fn interrupted_again_and_again_it_says_the_same() {
    for fixture in fixtures() {
        let expected = replay(&fixture.config, &fixture.samples);
        assert!(!expected.events.is_empty(), "{}", fixture.name);
        let (mut engine, mut said) = (Engine::new(fixture.config.clone()), Said::default());
        for (index, sample) in fixture.samples.iter().enumerate() {
            engine.push(*sample, &mut said);
            if index % EVERY == 0 {
                let bytes = snapshot::save(&mut engine);
                engine = snapshot::restore(&bytes, &fixture.config).expect("it was just saved");
                assert!(bytes == snapshot::save(&mut engine), "{}: sample {index}", fixture.name);
            }
        }
        engine.flush(&mut said);
        assert!(said == expected, "{}: it says something else", fixture.name);
    }
}

/// What the test below tells its other process: fixture, samples already taken, snapshot, where to write what is said.
const TASK: &str = "JOUNCE_RESUME_TASK";

/// The other process of the test below; without a task there is nothing to do.
#[test]
fn the_other_process() {
    let Ok(task) = env::var(TASK) else { return };
    let [name, taken, snapshot, out] = task.split('\n').collect::<Vec<_>>()[..] else { panic!("{task}") };
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == name).expect("a fixture");
    let bytes = fs::read(snapshot).expect("a snapshot");
    let mut engine = snapshot::restore(&bytes, &fixture.config).expect("it was just saved");
    let mut said = Said::default();
    for sample in &fixture.samples[taken.parse().expect("a number")..] {
        engine.push(*sample, &mut said);
    }
    engine.flush(&mut said);
    fs::write(out, said.events + &said.others).expect("somewhere to write");
}

#[test]
fn in_another_process_it_says_the_same() {
    for fixture in fixtures().iter().filter(|fixture| fixture.samples.len() > 1000).step_by(3) {
        let taken = fixture.samples.len() * 2 / 3;
        let (mut engine, mut before, mut after) =
            (Engine::new(fixture.config.clone()), Said::default(), Said::default());
        for sample in &fixture.samples[..taken] {
            engine.push(*sample, &mut before);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (bytes, out) = (folder.path().join("snapshot"), folder.path().join("said"));
        fs::write(&bytes, snapshot::save(&mut engine)).expect("somewhere to write");

        for sample in &fixture.samples[taken..] {
            engine.push(*sample, &mut after);
        }
        engine.flush(&mut after);

        let task = format!("{}\n{taken}\n{}\n{}", fixture.name, bytes.display(), out.display());
        let mut other = Command::new(env::current_exe().expect("this program"));
        let status =
            other.args(["--exact", "resume::the_other_process"]).env(TASK, task).output().expect("it runs").status;
        assert!(status.success());
        let said = fs::read_to_string(&out).expect("what the other process said");
        assert!(said == after.events + &after.others, "{}: it says something else", fixture.name);
    }
}
