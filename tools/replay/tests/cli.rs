//! The command as its users meet it: arguments, exit codes, messages, files.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command as Process, Stdio},
};

use assert_cmd::Command;
use tempfile::TempDir;

/// Two seconds of a phone at rest, with one fix.
const REST: &str = "t_ns,sensor,v1,v2,v3,v4,v5,v6,v7\n\
                    1000000000,accel,0,0,9.81\n\
                    1000000000,gnss,48.1,11.5,500,0,,5,0.5\n\
                    2000000000,accel,0,0,9.81\n\
                    3000000000,accel,0,0,9.81\n";

struct Scene {
    folder: TempDir,
}

/// What a run ended with.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Scene {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn with(self, name: &str, content: &str) -> Self {
        fs::write(self.path(name), content).expect("a file");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `jounce` in the scene's folder; arguments are separated by blanks.
    fn run(&self, args: &str) -> Run {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &str, stdin: &str) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_jounce"))
            .args(args.split_whitespace())
            .current_dir(self.folder.path())
            .env("COLUMNS", "120")
            .write_stdin(stdin)
            .output()
            .expect("the command runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Names in the folder, hidden ones as well.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Run {
    #[track_caller]
    fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    #[track_caller]
    fn expect_stderr(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in: {}", self.stderr);
        }
        self
    }
}

fn rest() -> Scene {
    Scene::new().with("rest.csv", REST)
}

#[test]
fn every_command_explains_itself() {
    for command in ["", "replay", "score", "inspect", "convert", "simulate", "attitude"] {
        let run = Scene::new().run(&format!("{command} --help")).expect_code(0);
        let name = if command.is_empty() { "help".to_owned() } else { format!("help_{command}") };
        insta::assert_snapshot!(name, run.stdout);
    }
}

#[test]
fn the_version_is_told() {
    let run = Scene::new().run("--version").expect_code(0);
    assert_eq!(run.stdout, format!("jounce {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_quiet_trace_has_no_events() {
    let scene = rest();
    assert_eq!(
        scene.run("replay rest.csv").expect_code(0).stdout,
        "rest.csv (native): 0:00:02.0 long, 4 samples\n\n  No events.\n"
    );
    assert_eq!(scene.run("replay rest.csv --format jsonl").expect_code(0).stdout, "");
    assert!(scene.run("replay rest.csv --format csv").expect_code(0).stdout.starts_with("id,kind,phase,"));
    assert!(scene.run("replay rest.csv --format geojson").expect_code(0).stdout.starts_with("{\"type\""));
}

#[test]
fn standard_input_is_a_trace() {
    let run = Scene::new().run_with("replay -", REST).expect_code(0);
    assert!(run.stdout.starts_with("stdin (native): 0:00:02.0 long, 4 samples"), "{}", run.stdout);
}

#[test]
fn wrong_usage_ends_with_2() {
    let scene = rest();
    for args in [
        "",
        "replay",
        "replay rest.csv --format xml",
        "replay rest.csv --profile tank",
        "replay rest.csv --jobs 0",
        "replay rest.csv rest.csv --motion m.csv",
        "replay rest.csv -o same.csv --motion same.csv",
        "replay - -",
        "replay rest.csv --print-config",
        "convert rest.csv",
        "convert rest.csv -o rest.jtr",
        "simulate city-drive",
        "simulate no-such-drive -o out",
        "dance",
    ] {
        let run = scene.run(args).expect_code(2);
        assert!(!run.stderr.is_empty(), "{args}: silent");
        assert_eq!(run.stdout, "", "{args}");
    }
    assert_eq!(scene.names(), ["rest.csv"]);
}

#[test]
fn input_that_cannot_be_read_ends_with_1_and_says_where() {
    for (name, content) in [
        ("empty.csv", ""),
        ("blank.csv", "\n\n\n"),
        ("words.csv", "the quick brown fox\njumps over\n"),
        ("unknown.bin", "\u{0}\u{1}\u{2}\u{3}"),
    ] {
        let run = Scene::new().with(name, content).run(&format!("replay {name}")).expect_code(1);
        run.expect_stderr(&["jounce: ", name]);
    }
    Scene::new().run("replay missing.csv").expect_code(1).expect_stderr(&["missing.csv"]);
    Scene::new().run_with("replay -", "").expect_code(1).expect_stderr(&["stdin"]);
}

#[test]
fn a_trace_with_too_little_data_says_so() {
    let header = "t_ns,sensor,v1,v2,v3,v4,v5,v6,v7\n";
    for rows in ["", "1000000000,accel,0,0,9.81\n"] {
        let run = Scene::new().with("short.csv", &format!("{header}{rows}")).run("replay short.csv").expect_code(0);
        run.expect_stderr(&["short.csv: too little data"]);
    }
}

#[test]
fn a_damaged_row_is_skipped_and_reported_or_an_error() {
    let cut = format!("{REST}4000000000,acc\n5000000000,accel,0,zero,9.81\n");
    let scene = Scene::new().with("cut.csv", &cut);
    let run = scene
        .run("replay cut.csv")
        .expect_code(0)
        .expect_stderr(&["cut.csv: 2 damaged rows skipped", "cut.csv: line 6, column 2"]);
    assert!(run.stdout.contains("4 samples"), "{}", run.stdout);
    for args in ["replay cut.csv --strict -o out.txt", "convert cut.csv --strict -o out.csv"] {
        scene.run(args).expect_code(1).expect_stderr(&["cut.csv", "damaged"]);
    }
    assert_eq!(scene.names(), ["cut.csv"]);
    rest().run("replay rest.csv --strict").expect_code(0);
}

#[test]
fn settings_are_checked_with_file_line_and_name() {
    let scene = rest()
        .with("key.toml", "[speeding]\nhold_s = 5\nlimit = 50\n")
        .with("range.toml", "[trip]\n\nend_after_s = -5\n")
        .with("both.toml", "[speeding]\nfixed_limit_kmh = 50\nfixed_limit_mph = 30\n")
        .with("broken.toml", "[speeding\n")
        .with("place.toml", "[[place]]\nname = \"yard\"\nlat = 1.0\n")
        .with("key.json", "{\"speeding\": {\"limit\": 50}}");
    for (name, words) in [
        ("key.toml", vec!["key.toml: line 3, column 1", "`limit`"]),
        ("range.toml", vec!["range.toml: line 3, column 15", "trip.end_after_s = -5", "more than 0"]),
        ("both.toml", vec!["both.toml: line 3", "fixed_limit_kmh", "fixed_limit_mph"]),
        ("broken.toml", vec!["broken.toml: line 1"]),
        ("place.toml", vec!["place.toml", "\"yard\"", "radius_m"]),
        ("key.json", vec!["key.json", "`limit`", "line 1"]),
        ("missing.toml", vec!["missing.toml"]),
    ] {
        scene.run(&format!("replay rest.csv --config {name}")).expect_code(1).expect_stderr(&words);
    }
}

#[test]
fn settings_are_printed_as_they_are_in_force() {
    let scene = rest().with("c.toml", "[speeding]\nfixed_limit_kmh = 30\n").with("c.json", "{\"profile\": \"heavy\"}");
    let run = scene.run("replay --print-config --config c.toml --profile van --sensitivity high").expect_code(0);
    for line in ["profile = \"van\"", "sensitivity = \"high\"", "fixed_limit_kmh = 30.0", "hold_s = 10.0"] {
        assert!(run.stdout.lines().any(|l| l == line), "{line} is not in:\n{}", run.stdout);
    }
    // What is printed is what is read.
    let again = scene.with("printed.toml", &run.stdout);
    assert_eq!(again.run("replay --print-config --config printed.toml").expect_code(0).stdout, run.stdout);
    let json = again.run("replay --print-config --config c.json").expect_code(0);
    assert!(json.stdout.contains("profile = \"heavy\""));
}

#[test]
fn files_appear_complete_or_not_at_all() {
    let scene = rest().with("broken.csv", "no trace");
    scene.run("replay rest.csv -o out.jsonl --format jsonl --motion motion.csv").expect_code(0);
    assert_eq!(scene.names(), ["broken.csv", "motion.csv", "out.jsonl", "rest.csv"]);
    let motion = fs::read_to_string(scene.path("motion.csv")).expect("motion");
    assert!(motion.starts_with("t_ns,utc_ns,speed_mps,"), "{motion}");

    // An older file stays as it is when the run fails.
    let scene = Scene::new().with("broken.csv", "no trace").with("out.csv", "old").with("rest.csv", REST);
    scene
        .run("replay rest.csv broken.csv --format csv -o out.csv")
        .expect_code(1)
        .expect_stderr(&["broken.csv", "1 of 2"]);
    scene.run("replay broken.csv --motion motion.csv").expect_code(1);
    scene.run("replay rest.csv -o no/such/folder.csv").expect_code(1).expect_stderr(&["no/such/folder.csv"]);
    scene.run("replay rest.csv -o .").expect_code(1).expect_stderr(&["cannot be written"]);
    assert_eq!(scene.names(), ["broken.csv", "out.csv", "rest.csv"]);
    assert_eq!(fs::read_to_string(scene.path("out.csv")).expect("old"), "old");
}

#[cfg(unix)]
#[test]
fn an_output_has_the_rights_of_an_ordinary_file() {
    use std::os::unix::fs::PermissionsExt;
    let scene = rest();
    scene.run("replay rest.csv -o out.txt").expect_code(0);
    let mode = |name: &str| fs::metadata(scene.path(name)).expect("a file").permissions().mode();
    assert_eq!(mode("out.txt"), mode("rest.csv"));
    scene.run("replay rest.csv -o /dev/null").expect_code(0);
}

#[test]
fn one_broken_trace_does_not_keep_the_others_from_being_told() {
    let scene = rest().with("broken.csv", "no trace").with("again.csv", REST);
    let run = scene.run("replay rest.csv broken.csv again.csv --jobs 3").expect_code(1);
    let heads: Vec<&str> = run.stdout.lines().filter(|line| line.contains("long,")).collect();
    assert_eq!(
        heads,
        ["rest.csv (native): 0:00:02.0 long, 4 samples", "again.csv (native): 0:00:02.0 long, 4 samples"]
    );
    run.expect_stderr(&["broken.csv", "1 of 3 traces could not be read"]);
}

#[test]
fn why_there_is_no_event_about_a_time() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/city-drive/trace.csv");
    let scene = Scene::new().with("city.csv", &fs::read_to_string(fixture).expect("the fixture"));
    // A bend that was not taken harshly.
    let run = scene.run("replay city.csv --explain=0:00:28").expect_code(0);
    insta::assert_snapshot!(run.stdout);
    let lines = scene.run("replay city.csv --explain=0:00:28 --format jsonl").expect_code(0).stdout;
    let about = lines.lines().next().expect("a line");
    assert!(about.starts_with(r#"{"about_ns":28000000000,"#) && !lines.contains("hard_braking-1"), "{about}");
    // Beyond the end there is nothing, and that is said.
    let after = scene.run("replay city.csv --explain=1:00:00").expect_code(0).stdout;
    assert!(after.contains("the recording has nothing there"), "{after}");
    let wrong = scene.run("replay city.csv --explain=soon").expect_code(2).stderr;
    assert!(wrong.contains("expected a time as in the TIME column"), "{wrong}");
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let scene = rest().with("a.csv", REST).with("b.csv", &REST.replace("3000000000", "9000000000"));
    let one = scene.run("replay a.csv b.csv rest.csv a.csv --explain").expect_code(0);
    let many = scene.run("replay a.csv b.csv rest.csv a.csv --explain --jobs 4").expect_code(0);
    assert_eq!((one.stdout, one.stderr), (many.stdout, many.stderr));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let scene = Scene::new();
    let rows = (0..50_000).map(|i| format!("{},0,0,0,0,0,9.81\n", f64::from(i) / 100.0));
    let scene = scene.with("imu.csv", &rows.collect::<String>());
    let mut child = Process::new(env!("CARGO_BIN_EXE_jounce"))
        .args([Path::new("attitude"), &scene.path("imu.csv")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    // One byte is read, then the pipe is closed.
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut [0]).expect("a byte");
    drop(stdout);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_converted_trace_replays_the_same() {
    let scene = rest();
    scene.run("convert rest.csv -o copy.csv").expect_code(0);
    scene.run("convert copy.csv -o again.csv").expect_code(0);
    let read = |name: &str| fs::read_to_string(scene.path(name)).expect("a trace");
    assert_eq!(read("copy.csv"), read("again.csv"));
    assert_eq!(scene.run("convert copy.csv -o -").expect_code(0).stdout, read("copy.csv"));
}

#[test]
fn a_trace_is_inspected() {
    let scene = rest();
    assert!(scene.run("inspect rest.csv").expect_code(0).stdout.contains("accel"));
    let json = scene.run("inspect rest.csv --format json").expect_code(0).stdout;
    assert!(json.starts_with('{') && json.ends_with("}\n"), "{json}");
    scene.run("inspect missing.csv").expect_code(1).expect_stderr(&["missing.csv"]);
}

#[test]
fn a_drive_is_simulated_again_from_its_own_scenario() {
    let scene = Scene::new();
    let list = scene.run("simulate --list").expect_code(0).stdout;
    let first = list.split_whitespace().next().expect("a scenario").to_owned();
    scene.run(&format!("simulate {first} -o a --seed 7")).expect_code(0);
    scene.run("simulate a/scenario.toml -o b --seed 7").expect_code(0);
    for name in ["trace.csv", "labels.csv", "truth.csv", "scenario.toml"] {
        let read = |folder: &str| fs::read(scene.path(folder).join(name)).expect("a file");
        assert!(!read("a").is_empty() && read("a") == read("b"), "{name}");
    }
    scene.run("simulate missing.toml -o c").expect_code(1).expect_stderr(&["missing.toml"]);
}

#[test]
fn attitude_gives_a_row_for_every_row() {
    let rows = "0.00,0,0,0.1,0,0,9.81\n0.01,0,0,0.1,0,0,9.81\n0.02,,,,0,0,9.81\n0.03,0,0,x,0,0,9.81\n";
    let run = Scene::new().run_with("attitude --six-axis", rows).expect_code(0);
    assert_eq!(run.stdout.lines().count(), 4);
    assert!(run.stdout.lines().all(|line| line.split(',').count() == 4), "{}", run.stdout);
    let run = run.expect_stderr(&["repeated for 1 damaged row", "stdin: line 4, column 4: expected a number"]);

    // A header may put the columns in another order.
    let swapped = "ax,ay,az,gx,gy,gz,t_s\n0,0,9.81,0,0,0.1,0.00\n0,0,9.81,0,0,0.1,0.01\n";
    let named = Scene::new().run_with("attitude", swapped).expect_code(0);
    let first_two: Vec<&str> = run.stdout.lines().take(2).collect();
    assert_eq!(named.stdout.lines().collect::<Vec<_>>(), first_two);
}

#[test]
fn attitude_says_what_it_expects() {
    Scene::new().run_with("attitude", "").expect_code(1).expect_stderr(&["stdin: line 1, column 1", "t_s,gx"]);
    Scene::new().run_with("attitude", "1,2,3\n").expect_code(1).expect_stderr(&["stdin: line 1", "gz"]);
    Scene::new().run_with("attitude", "t_s,gx,gy\n").expect_code(1).expect_stderr(&["gz"]);
    Scene::new().run("attitude missing.csv").expect_code(1).expect_stderr(&["missing.csv"]);
}
