//! Every fixture replays to the bytes beside it. A difference is a change of behaviour: look at it, then bless it.

mod common;

use std::{fs, path::Path};

use common::{fixtures, jounce};

/// Replays a fixture; gives its events and its motion.
fn replay(fixture: &Path) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let motion = folder.path().join("motion.csv");
    let events = common::replay(&fixture.join("trace.csv"), fixture, ["--motion", motion.to_str().expect("UTF-8")]);
    (events, fs::read_to_string(motion).expect("the motion"))
}

/// Where `actual` leaves the golden file, for people.
fn difference(golden: &Path, actual: &str) -> Option<String> {
    let expected = fs::read_to_string(golden).unwrap_or_default();
    if expected == actual {
        return None;
    }
    let (mut old, mut new) = (expected.lines(), actual.lines());
    let mut line = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => line += 1,
            (old, new) => {
                let (old, new) = (old.unwrap_or("(the end)"), new.unwrap_or("(the end)"));
                return Some(format!("{}:{line}:\n  golden: {old}\n     now: {new}", golden.display()));
            }
        }
    }
}

#[test]
fn every_fixture_replays_to_its_golden_bytes() {
    let fixtures = fixtures();
    assert!(!fixtures.is_empty(), "no fixture was found");
    let differences: Vec<String> = fixtures
        .iter()
        .flat_map(|fixture| {
            let (events, motion) = replay(fixture);
            [difference(&fixture.join("events.jsonl"), &events), difference(&fixture.join("motion.csv"), &motion)]
        })
        .flatten()
        .collect();
    assert!(
        differences.is_empty(),
        "{}\nIf this change is meant: cargo xtask bless, and say why in the commit.",
        differences.join("\n")
    );
}

#[test]
fn the_readme_shows_what_its_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let args = readme
        .lines()
        .find_map(|line| line.strip_prefix("cargo run --release -- "))
        .expect("a command that begins with cargo run");
    let output = jounce().current_dir(&root).args(args.split_whitespace()).output().expect("the command runs");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        readme.contains(printed.trim()),
        "README.md shows something else: cargo xtask bless pastes this\n{printed}"
    );
}
