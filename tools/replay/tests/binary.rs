//! A binary recording is as good as what it was made from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command;

fn jounce() -> Command {
    Command::new(env!("CARGO_BIN_EXE_jounce"))
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let entries = fs::read_dir(folder).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.join("trace.csv").is_file());
    paths.collect()
}

fn convert(from: &Path, to: &Path) {
    jounce().arg("convert").arg(from).arg("-o").arg(to).assert().success();
}

fn replay(trace: &Path, fixture: &Path) -> Vec<u8> {
    let mut command = jounce();
    command.arg("replay").arg(trace).args(["--format", "jsonl", "--explain"]);
    let config = fixture.join("config.toml");
    if config.is_file() {
        command.arg("--config").arg(config);
    }
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn there_and_back_every_fixture_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (binary, csv) = (folder.path().join("trace.jnc"), folder.path().join("trace.csv"));
    for fixture in fixtures() {
        let original = fixture.join("trace.csv");
        convert(&original, &binary);
        convert(&binary, &csv);
        let name = fixture.display();
        assert!(fs::read(&original).expect("a trace") == fs::read(&csv).expect("a trace"), "{name}");
        assert!(replay(&original, &fixture) == replay(&binary, &fixture), "{name}");
    }
}

#[test]
fn damage_is_counted_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = folder.path().join("trace.jnc");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/places/trace.csv");
    convert(&original, &binary);
    let mut bytes = fs::read(&binary).expect("a recording");
    bytes[100] ^= 1;
    bytes.truncate(bytes.len() - 1);
    fs::write(&binary, bytes).expect("somewhere to write");

    let output = jounce().arg("inspect").arg(&binary).output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    for line in
        ["format    binary (the bytes `JNCR` at the start)", "damaged   2 rows skipped", "is cut off within the frame"]
    {
        assert!(said.contains(line), "{line}\n{said}");
    }
    jounce().arg("replay").arg(&binary).assert().success();
    jounce().arg("replay").arg(&binary).arg("--strict").assert().code(1);
    // Standard input and a folder are recognised by the same bytes.
    jounce().args(["inspect", "-"]).write_stdin(fs::read(&binary).expect("bytes")).assert().success();
    jounce().arg("inspect").arg(folder.path()).assert().success();
}
