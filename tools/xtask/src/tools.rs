//! Tools that a few chores want and no toolchain brings: a Kotlin compiler, JNA, a cross compiler, an emulator, the source
//! of the standard library.
//!
//! What the system has is used. `cargo xtask fetch` gets the rest from npm and Debian into `target/tools`, and leaves the
//! system as it is. A chore that misses a tool says so, and goes on without.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::shell::{self, root};

/// What npm calls the Kotlin compiler, and the version that was tried.
const KOTLIN: &str = "kotlin-compiler@2.4.20";
/// JNA for Kotlin; the cross compiler and its C library; the emulator.
const PACKAGES: [&str; 4] = ["libjna-java", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user-static"];
/// Where Debian keeps the source of the standard library for compilers newer than a release's own.
const RUST_SOURCE: &str = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie-backports main\n";
/// Of a toolchain, what it takes to compile.
const SYSROOT: [&str; 3] = ["bin", "lib", "libexec"];

fn folder() -> anyhow::Result<PathBuf> {
    Ok(root()?.join("target/tools"))
}

/// A program of the system, by its name.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The Kotlin compiler, as a command.
pub(crate) fn kotlinc() -> anyhow::Result<Option<Command>> {
    if let Some(program) = on_path("kotlinc") {
        return Ok(Some(Command::new(program)));
    }
    let script = folder()?.join("kotlin/node_modules/kotlin-compiler/bin/kotlinc");
    Ok(script.is_file().then(|| {
        // npm does not make it executable.
        let mut command = Command::new("bash");
        command.arg(script);
        command
    }))
}

/// A file that a Debian package brings, of the system or fetched.
pub(crate) fn debian(file: &str) -> anyhow::Result<Option<PathBuf>> {
    let roots = [PathBuf::from("/"), debian_root()?];
    Ok(roots.map(|root| root.join(file)).into_iter().find(|path| path.exists()))
}

/// Where fetched packages are unpacked.
pub(crate) fn debian_root() -> anyhow::Result<PathBuf> {
    Ok(folder()?.join("debian"))
}

/// The toolchain with the source of its standard library beside it, which other targets are built from.
#[derive(Debug)]
pub(crate) struct Sysroot {
    cargo: PathBuf,
    rustc: PathBuf,
}

impl Sysroot {
    /// `None` when it was not fetched.
    pub(crate) fn find() -> anyhow::Result<Option<Self>> {
        let folder = folder()?.join("sysroot");
        let is_complete = folder.join("lib/rustlib/src/rust/library/Cargo.lock").is_file();
        Ok(is_complete.then(|| Self { cargo: folder.join("bin/cargo"), rustc: folder.join("bin/rustc") }))
    }

    /// A cargo command at the root that may build the standard library, into a folder of its own.
    pub(crate) fn cargo(&self, args: &[&str], target: &Path) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.cargo);
        command.args(args).current_dir(root()?).env("RUSTC", &self.rustc).env("CARGO_TARGET_DIR", target);
        // It is the stable compiler, asked for what only the next one promises.
        command.env("RUSTC_BOOTSTRAP", "1");
        // rustup's would have it take the toolchain that it was copied from for its own.
        command.env_remove("LD_LIBRARY_PATH");
        Ok(command)
    }
}

pub(crate) fn fetch() -> anyhow::Result<()> {
    let folder = folder()?;
    fs::create_dir_all(&folder)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(folder.join("kotlin")).arg(KOTLIN);
    shell::run(&mut npm)?;
    unpack(&Apt::new(&folder.join("apt"), None)?.download(&PACKAGES)?)?;
    source(&folder)
}

/// The source of this compiler's standard library, and the toolchain beside it.
fn source(folder: &Path) -> anyhow::Result<()> {
    let release = rustc(&["-vV"])?;
    let release = release.lines().find_map(|line| line.strip_prefix("release: ")).context("rustc has no release")?;
    let apt = Apt::new(&folder.join("apt-source"), Some(RUST_SOURCE))?;
    unpack(&apt.download(&[&format!("rust-src={release}*")])?)?;
    let (from, to) = (PathBuf::from(rustc(&["--print", "sysroot"])?), folder.join("sysroot"));
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    let source = to.join("lib/rustlib/src/rust");
    fs::create_dir_all(&to)?;
    for part in SYSROOT.iter().map(|part| from.join(part)).filter(|part| part.exists()) {
        copy(&part, &to)?;
    }
    fs::create_dir_all(&source)?;
    copy(&debian_root()?.join(format!("usr/src/rustc-{release}/library")), &source)
}

fn rustc(args: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("rustc").args(args).output().context("rustc cannot be run")?;
    ensure!(output.status.success(), "rustc {args:?} fails");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// By links where they can be made, since it is a gigabyte.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = |how: &str| {
        let mut command = Command::new("cp");
        command.arg(how).args([from, to]);
        command
    };
    shell::run(&mut copy("-al")).or_else(|_| shell::run(&mut copy("-a")))
}

/// apt with folders of its own.
struct Apt {
    archives: PathBuf,
    options: Vec<String>,
}

impl Apt {
    /// `source`: another archive than the system's, with package lists of its own.
    fn new(folder: &Path, source: Option<&str>) -> anyhow::Result<Self> {
        let archives = folder.join("archives");
        fs::create_dir_all(archives.join("partial"))?;
        let mut options = vec!["Debug::NoLocking=1".to_owned(), format!("Dir::Cache::archives={}", archives.display())];
        if let Some(source) = source {
            let list = folder.join("sources.list");
            fs::write(&list, source)?;
            fs::create_dir_all(folder.join("lists/partial"))?;
            options.push(format!("Dir::Etc::sourcelist={}", list.display()));
            options.push("Dir::Etc::sourceparts=-".to_owned());
            options.push(format!("Dir::State::lists={}", folder.join("lists").display()));
        }
        let apt = Self { archives, options };
        if source.is_some() {
            shell::run(apt.command("update").arg("-qq"))?;
        }
        Ok(apt)
    }

    fn command(&self, chore: &str) -> Command {
        let mut command = Command::new("apt-get");
        command.args(self.options.iter().flat_map(|option| ["-o", option])).arg(chore);
        command
    }

    /// Gets packages and what they need, without installing them; gives the files.
    fn download(&self, packages: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
        let mut install = self.command("install");
        install.args(["--download-only", "--no-install-recommends", "--reinstall", "-y", "-qq"]);
        shell::run(install.args(packages))?;
        let entries = fs::read_dir(&self.archives)?.map(|entry| Ok(entry?.path()));
        let mut files = entries.collect::<std::io::Result<Vec<_>>>()?;
        files.retain(|path| path.extension() == Some(OsStr::new("deb")));
        Ok(files)
    }
}

fn unpack(packages: &[PathBuf]) -> anyhow::Result<()> {
    let to = debian_root()?;
    fs::create_dir_all(&to)?;
    packages.iter().try_for_each(|package| shell::run(Command::new("dpkg-deb").arg("-x").args([package, &to])))
}
