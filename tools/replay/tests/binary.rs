//! A binary recording is as good as what it was made from.

mod common;

use std::{fs, path::Path};

use common::{fixtures, jounce};

fn convert(from: &Path, to: &Path) {
    jounce().arg("convert").arg(from).arg("-o").arg(to).assert().success();
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
        let replay = |trace: &Path| common::replay(trace, &fixture, ["--explain"]);
        assert!(fs::read(&original).expect("a trace") == fs::read(&csv).expect("a trace"), "{name}");
        assert!(replay(&original) == replay(&binary), "{name}");
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
