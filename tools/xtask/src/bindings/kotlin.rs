//! Kotlin on the JVM: the generated bindings and the adapter's plain part are compiled, tested, and replay every fixture.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use super::{Built, said};
use crate::{
    shell::{self, root},
    tools,
};

/// Where JNA's jar looks for its own library, of this machine's kind.
const JNA_LIBRARY: &str = "com/sun/jna/linux-x86-64/libjnidispatch.so";

/// What Kotlin needs of this machine.
struct Jvm {
    jna: PathBuf,
    jna_native: PathBuf,
}

impl Jvm {
    /// With the compiler; `Err` names what is missing.
    fn find() -> anyhow::Result<Result<(Command, Self), &'static str>> {
        if tools::on_path("java").is_none() {
            return Ok(Err("a JDK"));
        }
        let Some(kotlinc) = tools::kotlinc()? else { return Ok(Err("a Kotlin compiler")) };
        let jna = tools::debian("usr/share/java/jna.jar")?;
        let native = tools::debian("usr/lib/x86_64-linux-gnu/jni/libjnidispatch.system.so")?;
        Ok(jna.zip(native).map(|(jna, jna_native)| (kotlinc, Self { jna, jna_native })).ok_or("JNA"))
    }

    /// Puts JNA's library where its jar finds it without being installed; gives that folder.
    fn unpacked(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        let library = folder.join(JNA_LIBRARY);
        fs::create_dir_all(library.parent().context("a library is in a folder")?)?;
        fs::copy(&self.jna_native, &library).context("JNA's library cannot be copied")?;
        Ok(folder.to_owned())
    }
}

/// `java` that finds the library and JNA.
fn java(built: &Built, classes: &str, main: &str) -> anyhow::Result<Command> {
    let library = built.library.parent().context("a library is in a folder")?;
    let mut java = Command::new("java");
    java.arg(format!("-Djna.library.path={}", library.display())).arg("-cp").arg(classes).arg(main);
    Ok(java)
}

pub(super) fn run(built: &Built) -> anyhow::Result<()> {
    let (mut compile, jvm) = match Jvm::find()? {
        Ok(found) => found,
        Err(missing) => {
            println!("skipped: Kotlin was generated and not compiled: {missing} is missing (cargo xtask fetch)");
            return Ok(());
        }
    };
    let source = root()?.join("crates/jounce-ffi");
    let jar = built.out.join("kotlin/replay.jar");
    let mut sources = kotlin_files(&built.out.join("kotlin"))?;
    sources.extend(kotlin_files(&source.join("platforms/kotlin/core/src/main"))?);
    sources.extend(kotlin_files(&source.join("tests/kotlin"))?);
    compile.arg("-nowarn").arg("-cp").arg(&jvm.jna).args(&sources).args(["-include-runtime", "-d"]).arg(&jar);
    shell::run(&mut compile)?;
    let native = jvm.unpacked(&built.out.join("jna"))?;
    let classes = [&jar, &jvm.jna, &native].map(|path| path.display().to_string()).join(":");
    let java = |main: &str| java(built, &classes, main);
    shell::run(java("dev.jounce.AdapterKt")?.args([&built.timed, &built.crash]))?;
    for fixture in &built.fixtures {
        for mode in super::MODES {
            let mut replay = java("dev.jounce.ReplayKt")?;
            replay.arg(mode).arg(fixture.join("trace.csv")).args(shell::settings(fixture));
            let name = fixture.display();
            ensure!(said(replay)? == built.expected(fixture)?, "{name}: Kotlin says something else, {mode}");
        }
    }
    println!("{} fixtures: Kotlin says the same bytes: {}", built.fixtures.len(), super::MODES.join(", "));
    shell::run(java("dev.jounce.ReplayKt")?.arg("time").arg(&built.timed))
}

/// The Kotlin sources in a folder and below it, in order.
fn kotlin_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(kotlin_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "kt") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
