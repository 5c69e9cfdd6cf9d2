//! A C program replays every fixture to the bytes that the engine itself gives.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use jounce::{
    engine::{Engine, Evidence},
    event::Event,
};
use jounce_ffi::{line, settings};
use tempfile::TempDir;

const MANIFEST: &str = env!("CARGO_MANIFEST_DIR");

/// Compiles the program with `flags`; `None` when there is no C compiler.
fn compile(folder: &TempDir, flags: &[&str]) -> Option<PathBuf> {
    let library = env::current_exe().expect("this program").with_file_name("libjounce_ffi.a");
    assert!(library.is_file(), "{}: cargo builds it with the tests", library.display());
    let program = folder.path().join("replay");
    let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"]).args(flags);
    compiler.arg("-I").arg(Path::new(MANIFEST).join("include")).arg(Path::new(MANIFEST).join("tests/c/replay.c"));
    compiler.arg(library).args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&program);
    match compiler.output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(program)
        }
        Err(error) => {
            println!("skipped: no C compiler ({error})");
            None
        }
    }
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(MANIFEST).join("../../fixtures");
    let entries = fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.join("trace.csv").is_file()).collect()
}

/// What the engine says, without any border in between.
fn expected(fixture: &Path) -> String {
    let config = fs::read_to_string(fixture.join("config.toml")).unwrap_or_default();
    let mut engine = Engine::new(settings(&config).expect("settings"));
    let mut events: Vec<Event> = Vec::new();
    for sample in jounce_trace::open(&fixture.join("trace.csv")).expect("a trace").samples {
        engine.push(sample, &mut events);
    }
    engine.flush(&mut events);
    events.iter().map(|event| line(event) + "\n").collect()
}

fn replay(mut command: Command, mode: &str, fixture: &Path) -> String {
    command.arg(mode).arg(fixture.join("trace.csv"));
    if fixture.join("config.toml").is_file() {
        command.arg(fixture.join("config.toml"));
    }
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}: {}", fixture.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What C code is checked for while it runs.
const MEMORY: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover"];
const THREADS: [&str; 1] = ["-fsanitize=thread"];

#[test]
fn every_fixture_is_replayed_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(program) = compile(&folder, &MEMORY) else { return };
    for fixture in fixtures() {
        let (said, expected) = (replay(Command::new(&program), "pulled", &fixture), expected(&fixture));
        assert!(!expected.is_empty() && said == expected, "{}", fixture.display());
    }
}

#[test]
fn a_worker_says_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    for flags in [&MEMORY[..], &THREADS[..]] {
        let Some(program) = compile(&folder, flags) else { return };
        for name in ["front-crash", "places"] {
            let fixture = Path::new(MANIFEST).join("../../fixtures").join(name);
            assert_eq!(replay(Command::new(&program), "worker", &fixture), expected(&fixture), "{name}, {flags:?}");
        }
    }
}

#[test]
fn the_evidence_is_the_engines() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(program) = compile(&folder, &MEMORY) else { return };
    let fixture = Path::new(MANIFEST).join("../../fixtures/front-crash");
    let mut engine = Engine::new(settings("").expect("the defaults"));
    let mut events: Vec<Event> = Vec::new();
    for sample in jounce_trace::open(&fixture.join("trace.csv")).expect("a trace").samples {
        engine.push(sample, &mut events);
    }
    engine.flush(&mut events);
    let describe = |evidence: Evidence| {
        let samples = evidence.samples();
        let (first, last) = samples.first().zip(samples.last()).expect("some");
        format!("{} {} {} {}\n", evidence.id.ordinal, samples.len(), first.t().ns(), last.t().ns())
    };
    let expected: String = std::iter::from_fn(|| engine.take_evidence()).map(describe).collect();
    assert!(!expected.is_empty());
    assert_eq!(replay(Command::new(&program), "evidence", &fixture), expected);
}

#[test]
fn nothing_leaks() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: no valgrind");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let Some(program) = compile(&folder, &["-O1"]) else { return };
    let fixture = Path::new(MANIFEST).join("../../fixtures/places");
    for mode in ["pulled", "worker"] {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]);
        valgrind.arg("--errors-for-leak-kinds=definite,indirect").arg(&program);
        assert_eq!(replay(valgrind, mode, &fixture), expected(&fixture), "{mode}");
    }
}
