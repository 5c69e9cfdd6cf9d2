//! For people: a line of figures for each event, and below it what it rests on, in words.

use std::io::{self, Write};

use jiff::{Timestamp as Utc, tz::TimeZone};
use jounce::{
    event::{Detail, Dismissal, Event, Phase, Severity, Side},
    time::Timestamp,
};

use super::{Scope, clock, in_words};
use crate::replay::{
    about::{About, Extreme},
    health,
    run::Replayed,
};

const KMH_PER_MPS: f64 = 3.6;
/// Readable on the terminals that are in use.
const WIDTH: usize = 120;
const INDENT: &str = "             ";
const INDENT_WITH_UTC: &str = "                       ";

#[derive(Debug)]
pub(super) struct Table {
    scope: Scope,
    is_first: bool,
}

impl Table {
    pub(super) fn new(scope: Scope) -> Self {
        Self { scope, is_first: true }
    }

    pub(super) fn trace(&mut self, out: &mut impl Write, replayed: &Replayed) -> anyhow::Result<()> {
        if !self.is_first {
            writeln!(out)?;
        }
        self.is_first = false;
        let page = Page { replayed };
        page.heading(out)?;
        page.events(out)?;
        if self.scope.explain {
            page.dismissals(out)?;
            replayed.about.as_ref().map_or(Ok(()), |about| page.about(out, about))?;
            page.health(out)?;
        }
        Ok(())
    }
}

/// One trace's part of the output.
struct Page<'a> {
    replayed: &'a Replayed,
}

impl Page<'_> {
    fn heading(&self, out: &mut impl Write) -> io::Result<()> {
        let Replayed { name, format, samples, start, end, .. } = self.replayed;
        let length = clock(*end, *start);
        let date = self.utc(*start).map(|utc| utc.strftime(", from %Y-%m-%d %H:%M:%S UTC").to_string());
        writeln!(out, "{name} ({format}): {length} long, {samples} samples{}", date.unwrap_or_default())
    }

    fn events(&self, out: &mut impl Write) -> io::Result<()> {
        let events = &self.replayed.events;
        if events.is_empty() {
            return writeln!(out, "\n  No events.");
        }
        let utc = if self.has_utc() { "UTC       " } else { "" };
        writeln!(
            out,
            "\n{:>11}  {utc}{:23} {:9} {:>7}  {:>11}  {:>9}  {:>10}",
            "TIME", "EVENT", "SEVERITY", "LASTS s", "SPEED km/h", "PEAK m/s²", "CONFIDENCE"
        )?;
        events.iter().try_for_each(|event| self.event(out, event))
    }

    fn event(&self, out: &mut impl Write, event: &Event) -> io::Result<()> {
        let figures = format!(
            "{:23} {:9} {:>7}  {:>11}  {:>9}  {:>10.2}",
            title(event),
            event.severity.map_or("", Severity::name),
            lasting(event.start, event.end),
            speeds(event),
            event.peak_mps2.map_or_else(String::new, |peak| format!("{peak:.1}")),
            event.confidence
        );
        self.line(out, event.start, &figures)?;
        let reasons = in_words(&event.reasons);
        let words: Vec<String> =
            detail(event).into_iter().chain(Some(reasons).filter(|text| !text.is_empty())).collect();
        self.words(out, &words.join("; "))
    }

    fn dismissals(&self, out: &mut impl Write) -> io::Result<()> {
        let dismissals = &self.replayed.dismissals;
        match dismissals.len() {
            0 => return writeln!(out, "\n  No candidate was dismissed."),
            1 => writeln!(out, "\n  1 candidate was dismissed:")?,
            count => writeln!(out, "\n  {count} candidates were dismissed:")?,
        }
        dismissals.iter().try_for_each(|dismissal| self.dismissal(out, dismissal))
    }

    fn dismissal(&self, out: &mut impl Write, dismissal: &Dismissal) -> io::Result<()> {
        let peak = dismissal.peak_mps2.map_or_else(String::new, |peak| format!("{peak:.1}"));
        let figures = format!(
            "{:23} {:9} {:>7}  {:11}  {peak:>9}",
            dismissal.kind.name(),
            "",
            lasting(dismissal.start, dismissal.end),
            ""
        );
        self.line(out, dismissal.start, figures.trim_end())?;
        self.words(out, &in_words(&dismissal.reasons))
    }

    fn about(&self, out: &mut impl Write, about: &About) -> io::Result<()> {
        let time = |t| clock(t, self.replayed.start);
        writeln!(out, "\n  About {}, from {} to {}:", time(about.moment), time(about.from), time(about.to))?;
        if about.moments == 0 {
            return writeln!(out, "  the recording has nothing there");
        }
        let sigma = about.speed_sigma_mps.map_or_else(String::new, |sigma| format!(" ± {:.1}", sigma * KMH_PER_MPS));
        let speed = about
            .speed_mps
            .map_or_else(|| "not known".to_owned(), |[low, high]| format!("{} to {}{sigma} km/h", kmh(low), kmh(high)));
        let estimated = lasts(", without a fix for", about.estimated_s);
        writeln!(out, "  speed               {speed}{estimated}")?;
        let mount = about.mount_sigma_rad.map_or_else(
            || "how it sits is not known".to_owned(),
            |sigma| format!("how it sits is known to {:.0}°", sigma.to_degrees()),
        );
        let unaligned = lasts("; nothing is felt along the vehicle's axes for", about.unaligned_s);
        let moved = lasts("; moved for", about.phone_moving_s);
        writeln!(out, "  phone               {mount}{unaligned}{moved}")?;
        writeln!(out, "  heading             changed by {:.0}°", about.heading_rad.to_degrees())?;
        about
            .harsh
            .iter()
            .try_for_each(|extreme| writeln!(out, "  {:18}  {}", extreme.kind.name(), self.extreme(extreme)))
    }

    /// How far it went, and what it would have needed.
    fn extreme(&self, extreme: &Extreme) -> String {
        let Extreme { peak_mps2, peak, held_s, needs, .. } = extreme;
        let most = peak_mps2.zip(*peak).map_or_else(
            || "nothing".to_owned(),
            |(mps2, t)| format!("at most {mps2:.1} m/s² at {}", clock(t, self.replayed.start)),
        );
        let held = lasts(", beyond the threshold for", *held_s);
        let from =
            if needs.min_speed_mps > 0.0 { format!(", from {} km/h", kmh(needs.min_speed_mps)) } else { String::new() };
        format!("{most}{held}; needs {:.1} m/s² for {:.1} s{from}", needs.threshold_mps2, needs.needed_s)
    }

    fn health(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n  Quality of the input:")?;
        let diagnostics = self.replayed.health.diagnostics().map(|d| health::describe(d, self.replayed.start));
        health::table(&self.replayed.health)
            .into_iter()
            .chain(diagnostics)
            .try_for_each(|line| writeln!(out, "  {line}"))
    }

    fn line(&self, out: &mut impl Write, t: Timestamp, figures: &str) -> io::Result<()> {
        let utc = self.utc(t).map_or_else(String::new, |utc| utc.strftime("%H:%M:%S  ").to_string());
        writeln!(out, "{:>11}  {utc}{figures}", clock(t, self.replayed.start))
    }

    /// Words below a line of figures, wrapped and indented to stand under the event's name.
    fn words(&self, out: &mut impl Write, text: &str) -> io::Result<()> {
        let indent = if self.has_utc() { INDENT_WITH_UTC } else { INDENT };
        let options = textwrap::Options::new(WIDTH)
            .initial_indent(indent)
            .subsequent_indent(indent)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::wrap(text, options).iter().filter(|_| !text.is_empty()).try_for_each(|line| writeln!(out, "{line}"))
    }

    fn has_utc(&self) -> bool {
        self.utc(self.replayed.start).is_some()
    }

    fn utc(&self, t: Timestamp) -> Option<jiff::Zoned> {
        let ns = i128::from(t.ns()) + i128::from(self.replayed.utc_offset_ns?);
        Utc::from_nanosecond(ns).ok().map(|utc| utc.to_zoned(TimeZone::UTC))
    }
}

/// The kind, its direction, and its phase unless it is final.
fn title(event: &Event) -> String {
    let direction = event.direction.map(Side::name);
    let phase = Some(event.phase).filter(|phase| *phase != Phase::Final).map(Phase::name);
    [Some(event.kind().name()), direction, phase].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn lasting(start: Timestamp, end: Timestamp) -> String {
    let s = end.s_since(start);
    if s > 0.0 { format!("{s:.1}") } else { String::new() }
}

/// Nothing of what took no time.
fn lasts(what: &str, s: f64) -> String {
    if s > 0.0 { format!("{what} {s:.1} s") } else { String::new() }
}

fn kmh(mps: f64) -> String {
    format!("{:.0}", mps * KMH_PER_MPS)
}

fn speeds(event: &Event) -> String {
    match (event.speed_before_mps.map(kmh), event.speed_after_mps.map(kmh)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(before), None) => format!("{before} → ?"),
        (None, Some(after)) => format!("? → {after}"),
        (None, None) => String::new(),
    }
}

/// What only this kind of event has, in words.
fn detail(event: &Event) -> Option<String> {
    Some(match &event.detail {
        Detail::None => return None,
        Detail::Trip { distance_m, duration_s, max_speed_mps, score, .. } => {
            let way = format!("drove {:.1} km in {:.0} min", distance_m / 1e3, duration_s / 60.0);
            format!("{way}, at most {} km/h; score {score:.0}", kmh(*max_speed_mps))
        }
        Detail::Speeding { limit_mps, limit_source, mean_speed_mps, max_speed_mps, distance_m } => format!(
            "limit {} km/h ({}), driven {} km/h, at most {} km/h, over {distance_m:.0} m",
            kmh(*limit_mps),
            limit_source.name(),
            kmh(*mean_speed_mps),
            kmh(*max_speed_mps)
        ),
        Detail::Crash { delta_v_mps, peak_g, duration_s, direction_clock, clipped, secondary_impacts } => {
            let at_least = if *clipped { "at least " } else { "" };
            let figures = format!("{at_least}Δv {} km/h, peak {peak_g:.1} g, {duration_s:.2} s", kmh(*delta_v_mps));
            let direction = direction_clock.map(|hour| format!("from {hour} o'clock"));
            let more = (*secondary_impacts > 0).then(|| format!("more impacts: {secondary_impacts}"));
            [Some(figures), direction, more].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        Detail::Place { place } => place.clone(),
        Detail::PhoneMoved { angle_rad } => format!("turned by {:.0}°", angle_rad.to_degrees()),
    })
}
