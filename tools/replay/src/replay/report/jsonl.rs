//! An event a line, as JSON.

use std::io::Write;

use jounce::health::HealthJson;
use serde::Serialize;

use super::Scope;
use crate::replay::{about::About, run::Replayed};

#[derive(Debug)]
pub(super) struct Jsonl {
    scope: Scope,
}

/// What there was about the moment that was asked for.
#[derive(Debug, Serialize)]
struct AboutLine<'a> {
    #[serde(flatten)]
    about: &'a About,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
}

/// The last line of an explained trace.
#[derive(Debug, Serialize)]
struct HealthLine<'a> {
    health: HealthJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
}

impl Jsonl {
    pub(super) fn new(scope: Scope) -> Self {
        Self { scope }
    }

    /// Events first, then dismissals, then the health, so that the events' lines are the same with `--explain`.
    pub(super) fn trace(&self, out: &mut impl Write, replayed: &Replayed) -> anyhow::Result<()> {
        self.scope.events(replayed).try_for_each(|event| line(out, &event))?;
        self.scope.dismissals(replayed).try_for_each(|dismissal| line(out, &dismissal))?;
        if let Some(about) = &replayed.about {
            line(out, &AboutLine { about, trace: self.scope.trace_of(replayed) })?;
        }
        if self.scope.explain {
            line(out, &HealthLine { health: (&replayed.health).into(), trace: self.scope.trace_of(replayed) })?;
        }
        Ok(())
    }
}

fn line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}
