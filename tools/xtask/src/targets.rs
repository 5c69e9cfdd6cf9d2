//! Other processors: the events of every fixture are the same bytes on each that can be run here, and the library compiles
//! for those that cannot.
//!
//! The standard library is built from source, by the very compiler that builds the rest (`cargo xtask fetch`). What is
//! missing is said, and left out.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::{
    shell::{self, root},
    tools::{self, Sysroot},
};

const ARM: &str = "aarch64-unknown-linux-gnu";
const WASM: &str = "wasm32-unknown-unknown";
/// Phones. Linking wants the NDK, or Xcode; a static library does not.
const PHONES: [&str; 2] = ["aarch64-linux-android", "aarch64-apple-ios"];
/// A processor of a tracker, without an operating system.
const BARE: &str = "thumbv7em-none-eabihf";
/// What is compiled and never run is not optimised, to save time.
const UNOPTIMISED: [&str; 6] = [
    "--config",
    "profile.dev.opt-level=0",
    "--config",
    "profile.dev.package.\"*\".opt-level=0",
    "--config",
    "profile.dev.debug=false",
];

/// Where the parts are built, and by what.
struct Build {
    sysroot: Sysroot,
    folder: PathBuf,
}

impl Build {
    fn cargo(&self, args: &[&str]) -> anyhow::Result<Command> {
        self.sysroot.cargo(args, &self.folder)
    }
}

pub(crate) fn run() -> anyhow::Result<()> {
    let Some(sysroot) = Sysroot::find()? else {
        println!("skipped: no source of the standard library (cargo xtask fetch gets it)");
        return Ok(());
    };
    let build = Build { sysroot, folder: root()?.join("target/targets") };
    let bare = ["build", "-p", "jounce", "--no-default-features", "--target", BARE, "-Zbuild-std=core,alloc"];
    shell::run(build.cargo(&bare)?.args(UNOPTIMISED))?;
    println!("{BARE}: the engine compiles");
    wasm(&build)?;
    for target in PHONES {
        phone(&build, target)?;
    }
    arm(&build)
}

fn phone(build: &Build, target: &str) -> anyhow::Result<()> {
    let library = ["rustc", "-p", "jounce-ffi", "--features", "uniffi", "--target", target, "--lib"];
    let mut build_it = build.cargo(&library)?;
    shell::run(build_it.args(["--crate-type", "staticlib", "-Zbuild-std=std"]).args(UNOPTIMISED))?;
    let library = build.folder.join(target).join("debug/libjounce_ffi.a");
    let kib = fs::metadata(&library).with_context(|| format!("{}: it was not built", library.display()))?.len() / 1024;
    println!("{target}: the static library compiles, {kib} KiB before linking; it is not linked or run here");
    Ok(())
}

/// The command itself, in an emulator.
fn arm(build: &Build) -> anyhow::Result<()> {
    let compiler = tools::debian("usr/bin/aarch64-linux-gnu-gcc")?;
    let emulator = tools::debian("usr/bin/qemu-aarch64-static")?;
    let libraries = tools::debian("usr/aarch64-linux-gnu")?;
    let Some(((compiler, emulator), libraries)) = compiler.zip(emulator).zip(libraries) else {
        println!("skipped: {ARM}: no cross compiler or no emulator (cargo xtask fetch gets them)");
        return Ok(());
    };
    let fetched = tools::debian_root()?;
    let mut command =
        build.cargo(&["build", "--release", "-p", "jounce-replay", "--target", ARM, "-Zbuild-std=std"])?;
    command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", &compiler);
    if compiler.starts_with(&fetched) {
        // A compiler that was not installed looks for everything where it was unpacked.
        let flags = format!("-Clink-arg=--sysroot={}", fetched.display());
        command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS", flags);
        command.env("LD_LIBRARY_PATH", fetched.join("usr/lib/x86_64-linux-gnu"));
    }
    shell::run(&mut command)?;
    let jounce = build.folder.join(ARM).join("release/jounce");
    same(ARM, |fixture| {
        let replay = shell::replay(&jounce, fixture);
        let mut command = Command::new(&emulator);
        command.arg("-L").arg(&libraries).arg(replay.get_program()).args(replay.get_args());
        Ok(command)
    })
}

/// The engine without a standard library, in node.
fn wasm(build: &Build) -> anyhow::Result<()> {
    let Some(node) = tools::on_path("node") else {
        println!("skipped: {WASM}: no node");
        return Ok(());
    };
    let folder = root()?.join("tools/wasm");
    fs::copy(root()?.join("Cargo.lock"), folder.join("Cargo.lock")).context("Cargo.lock cannot be copied")?;
    let mut command = build.cargo(&["build", "--release", "--target", WASM, "-Zbuild-std=core,alloc"])?;
    shell::run(command.current_dir(&folder))?;
    let module = build.folder.join(WASM).join("release/jounce_wasm.wasm");
    same(WASM, |fixture| {
        let mut command = Command::new(&node);
        command.arg(folder.join("replay.mjs")).arg(&module).arg(fixture.join("trace.csv"));
        if let Some(config) = shell::settings(fixture) {
            command.arg(as_json(&config, &build.folder)?);
        }
        Ok(command)
    })
}

/// The settings as JSON, for who cannot read TOML.
fn as_json(config: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let table: toml::Table = fs::read_to_string(config)?.parse()?;
    let json = folder.join("config.json");
    fs::write(&json, serde_json::to_vec(&table)?)?;
    Ok(json)
}

/// Every fixture's events are to be the golden ones.
fn same(target: &str, replay: impl Fn(&Path) -> anyhow::Result<Command>) -> anyhow::Result<()> {
    let fixtures = shell::fixtures(&root()?.join("fixtures"))?;
    for fixture in &fixtures {
        let output = replay(fixture)?.output().with_context(|| format!("{target}: it cannot be run"))?;
        let name = fixture.display();
        ensure!(output.status.success(), "{target}: {name}: {}", String::from_utf8_lossy(&output.stderr));
        let golden = fs::read(fixture.join("events.jsonl"))?;
        ensure!(output.stdout == golden, "{target}: {name}: it says something else");
    }
    println!("{target}: {} fixtures: the golden bytes", fixtures.len());
    Ok(())
}
