//! `jounce simulate`.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::Context;
use jounce_sim::{Scenario, scenario, scenario_names, simulate};

use crate::{cli::SimulateArgs, failure::Usage, output::Output};

/// What the trace is called, within the folder and in its labels.
const TRACE: &str = "trace.csv";

pub(crate) fn run(args: &SimulateArgs) -> anyhow::Result<()> {
    if args.list {
        return list();
    }
    let (Some(name), Some(folder)) = (&args.scenario, &args.output) else {
        return Err(Usage("a scenario and -o DIR are needed".to_owned()).into());
    };
    let scenario = find(name)?;
    let simulation = simulate(&scenario, args.seed);

    fs::create_dir_all(folder).with_context(|| format!("{}: cannot be created", folder.display()))?;
    let write = |name: &str, content: &dyn Fn(&mut Output) -> io::Result<()>| {
        let mut out = Output::open(Some(&folder.join(name)))?;
        content(&mut out)?;
        out.finish()
    };
    write(TRACE, &|out| jounce_trace::write_native(simulation.samples.iter().copied(), out))?;
    write("labels.csv", &|out| simulation.write_labels(TRACE, out))?;
    write("truth.csv", &|out| simulation.write_truth(out))?;
    let text = scenario.to_toml()?;
    write("scenario.toml", &|out| out.write_all(text.as_bytes()))?;
    if let Some(config) = &simulation.config_toml {
        write("config.toml", &|out| out.write_all(config.as_bytes()))?;
    }
    Ok(())
}

fn list() -> anyhow::Result<()> {
    let mut out = Output::open(None)?;
    let width = scenario_names().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, meaning) in scenario_names() {
        writeln!(out, "{name:width$}  {meaning}")?;
    }
    out.finish()
}

/// A built-in scenario by its name, or one from a `.toml` file.
fn find(name: &str) -> anyhow::Result<Scenario> {
    let path = Path::new(name);
    if path.extension() == Some(OsStr::new("toml")) {
        let text = fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
        return Scenario::from_toml(&text).with_context(|| name.to_owned());
    }
    scenario(name).ok_or_else(|| {
        Usage(format!("no scenario is called {name:?}: expected one of jounce simulate --list, or a .toml file")).into()
    })
}
