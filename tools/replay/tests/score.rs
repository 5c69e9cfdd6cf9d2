//! `jounce score` as its users meet it.

use std::{fs, path::Path};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Two seconds of a phone at rest: nothing is ever found in it.
const REST: &str = "t_ns,sensor,v1,v2,v3\n\
                    7000000000,accel,0,0,9.81\n\
                    8000000000,accel,0,0,9.81\n\
                    9000000000,accel,0,0,9.81\n";
const HEADER: &str = "trace,kind,start_s,end_s,direction\n";

struct Scene {
    folder: TempDir,
}

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { folder: tempfile::tempdir().expect("a folder") };
        scene.with("rest.csv", REST)
    }

    fn with(self, name: &str, content: &str) -> Self {
        fs::write(self.folder.path().join(name), content).expect("a file");
        self
    }

    fn run(&self, args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_jounce"))
            .current_dir(self.folder.path())
            .args(args)
            .output()
            .expect("the command runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The score as JSON.
    fn score(&self, args: &[&str]) -> Value {
        let run = self.run(&[&["score"], args, &["--labels", "labels.csv", "--format", "json"]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).expect("JSON")
    }
}

/// A fixture's trace, and its labels without the header.
fn fixture(name: &str) -> (String, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    let labels = fs::read_to_string(folder.join("labels.csv")).expect("labels");
    let (_, rows) = labels.split_once('\n').expect("a header");
    (folder.join("trace.csv").display().to_string(), rows.to_owned())
}

fn kind<'a>(score: &'a Value, name: &str) -> &'a Value {
    let kinds = score["kinds"].as_array().expect("kinds");
    kinds.iter().find(|kind| kind["kind"] == name).unwrap_or_else(|| panic!("{name} in {score:#}"))
}

#[test]
fn what_was_simulated_is_scored_by_the_labels_beside_it() {
    let (trace, rows) = fixture("city-drive");
    let scene = Scene::new().with("labels.csv", &format!("{HEADER}{rows}"));
    let score = scene.score(&[&trace]);
    assert_eq!(score["all"]["f1"], 1.0, "{score:#}");
    assert_eq!((&score["calm"]["events"], &score["calm"]["stretches"]), (&0.into(), &3.into()));
    let turns = kind(&score, "harsh_cornering");
    assert_eq!((&turns["direction_right"], &turns["direction_wrong"]), (&2.into(), &0.into()));
    assert!(kind(&score, "hard_braking")["onset_error_s"][0].as_f64().expect("a number") < 0.5);
    assert!((score["hours"].as_f64().expect("a number") * 3600.0 - 182.0).abs() < 1.0, "{score:#}");
}

#[test]
fn what_is_wrong_is_counted_and_listed() {
    let (trace, rows) = fixture("city-drive");
    let braking = rows.lines().find(|row| row.contains("hard_braking")).expect("a braking");
    let start_s: f64 = braking.split(',').nth(2).and_then(|s| s.parse().ok()).expect("a number");
    // The braking is said to be calm, both turns to go the other way, and something else to have happened.
    let turned = rows.replace(",left", ",LEFT").replace(",right", ",left").replace(",LEFT", ",right");
    let rows = turned.replace(braking, &format!("trace.csv,none,{start_s},{}", start_s + 1.0));
    let scene = Scene::new().with("labels.csv", &format!("{HEADER}{rows}trace.csv,crash,60,61,\n"));
    let score = scene.score(&[&trace]);
    assert_eq!(score["calm"]["events"], 1);
    assert_eq!(kind(&score, "hard_braking")["false"], 1);
    assert_eq!(kind(&score, "harsh_cornering")["direction_wrong"], 2);
    assert_eq!(kind(&score, "crash")["missed"], 1);
    let listed = &score["traces"][0];
    assert_eq!((&listed["missed"][0]["kind"], &listed["missed"][0]["start_s"]), (&"crash".into(), &60.0.into()));
    assert_eq!((&listed["false"][0]["id"], &listed["false"][0]["in_calm"]), (&"hard_braking-1".into(), &true.into()));

    let only = scene.score(&[&trace, "--kinds", "crash,swerve"]);
    assert_eq!(
        only["kinds"].as_array().map(|kinds| kinds.iter().filter(|kind| kind["not_judged"] == 0).count()),
        Some(2)
    );
    assert_eq!((&only["all"]["labels"], &only["all"]["false"]), (&1.into(), &0.into()));
    assert_eq!(kind(&only, "harsh_cornering")["not_judged"], 2);
}

#[test]
fn a_table_says_what_was_left_out_and_why_something_was_missed() {
    let scene = Scene::new()
        .with("other.csv", REST)
        .with("labels.csv", "trace,kind,start_s,end_s\nrest.csv,none,0,1\nrest.csv,crash,1,1.5\n");
    let args = ["score", "rest.csv", "other.csv", "--labels", "labels.csv", "--explain"];
    let run = scene.run(&args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(run.stdout);
    let jobs = scene.run(&[&args[..], &["--jobs", "3", "-o", "score.txt"]].concat());
    assert_eq!(jobs.stdout, "");
    assert_eq!(fs::read_to_string(scene.folder.path().join("score.txt")).expect("written"), run.stdout);
}

#[test]
fn seconds_count_from_the_earliest_sample_and_labels_elsewhere_are_told() {
    let scene = Scene::new().with("labels.csv", "trace,kind,start_s,end_s\nrest.csv,crash,7.5,8\nrest.csv,none,0,99\n");
    let run = scene.run(&["score", "rest.csv", "--labels", "labels.csv"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.stderr.contains("labels.csv: line 2: crash at 7.5 s is outside of rest.csv, which is 2.0 s long"),
        "{}",
        run.stderr
    );
    // The calm stretch is as long as the recording.
    assert!(run.stdout.contains("1 calm stretch, 2 s in all"), "{}", run.stdout);
}

#[test]
fn labels_that_cannot_be_used_end_with_1_and_say_where() {
    for (rows, words) in [
        ("rest.csv,brake,1,2,\n", "labels.csv: line 2, column 2 (kind): expected one of trip_start, "),
        ("rest.csv,crash,1,x,\n", "labels.csv: line 2, column 4 (end_s): expected a number of seconds"),
        ("rest.csv,crash,2,1,\n", "labels.csv: line 2, column 4 (end_s): expected an end not before the start"),
        (
            "nest.csv,crash,1,2,\n",
            "labels.csv: line 2, column 1 (trace): expected the name of a trace given, or the end of its path: rest.csv, found \"nest.csv\"",
        ),
        ("", "labels.csv: line 2: expected at least one label"),
    ] {
        let scene = Scene::new().with("labels.csv", &format!("{HEADER}{rows}"));
        let run = scene.run(&["score", "rest.csv", "--labels", "labels.csv", "-o", "score.txt"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{rows}");
        assert!(run.stderr.starts_with(&format!("jounce: {words}")), "{}", run.stderr);
        assert!(!scene.folder.path().join("score.txt").exists());
    }
    let scene = Scene::new().with("labels.csv", &format!("{HEADER}rest.csv,none,0,1,\n"));
    assert_eq!(scene.run(&["score", "rest.csv", "--labels", "absent.csv"]).code, Some(1));
    assert_eq!(scene.run(&["score", "rest.csv"]).code, Some(2));
    assert_eq!(scene.run(&["score", "rest.csv", "--labels", "labels.csv", "--kinds", "dance"]).code, Some(2));
    let twice = scene.run(&["score", "rest.csv", "./rest.csv", "--labels", "labels.csv"]);
    assert_eq!(twice.code, Some(1));
    assert!(twice.stderr.contains("expected more of the path"), "{}", twice.stderr);
}
