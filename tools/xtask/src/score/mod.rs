//! Published accuracy, by command.

pub(crate) mod attitude;
pub(crate) mod crash;
pub(crate) mod events;
pub(crate) mod motion;
mod replay;
mod report;
mod stats;

use std::{env, path::PathBuf};

use jounce::sample::Sample;

use crate::shell;

/// Measured at full speed: a development build starts its release twin with the same arguments.
pub(crate) fn in_release(score: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    if !cfg!(debug_assertions) {
        return score();
    }
    let mut release = shell::cargo(&["run", "--quiet", "--release", "--package", "xtask", "--"])?;
    shell::run(release.args(env::args_os().skip(1)).current_dir(env::current_dir()?))
}

/// A folder of recordings beside the repository; they are never part of it.
fn shared(folder: &str) -> anyhow::Result<Option<PathBuf>> {
    let path = shell::root()?.join("../shared").join(folder);
    if path.is_dir() {
        return Ok(Some(path));
    }
    println!("skipped: ../shared/{folder} is not present\n");
    Ok(None)
}

/// Threads to work with: as many as asked for, or as the machine has.
fn pool(jobs: Option<usize>) -> anyhow::Result<rayon::ThreadPool> {
    Ok(rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build()?)
}

/// From the first sample to the last, standing with it, h.
fn hours(samples: &[Sample]) -> f64 {
    let times = || samples.iter().map(Sample::t);
    times().max().zip(times().min()).map_or(0.0, |(last, first)| last.s_since(first) / 3600.0)
}
