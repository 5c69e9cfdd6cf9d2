//! A host is killed at any moment of a drive and started again: what was kept is whole, little is lost, and the trip and
//! the crash are told.
//!
//! The host is this very program, started for one test with a task. It pushes 100 ms of samples at a time, hands over the
//! events, and keeps a snapshot every two seconds of the drive, whenever an event was told, and after every batch while a crash
//! is undecided. `JOUNCE_KILLS` asks for as many kills as are wanted; `cargo xtask kill` for 200.
#![cfg(unix)]

use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use jounce::sample::Sample;
use jounce_ffi::{Session, keep, line, settings};

/// What the host is told: where the snapshot is kept, and the sample to go on with.
const TASK: &str = "JOUNCE_HOST_TASK";
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/front-crash/trace.csv");
/// Between two snapshots, ns of the drive.
const KEEP_EVERY_NS: i64 = 2_000_000_000;
/// Of one batch, ns of the drive.
const BATCH_NS: i64 = 100_000_000;
/// Kills of one ordinary test run.
const KILLS: u64 = 8;

fn drive() -> Vec<Sample> {
    jounce_trace::open(Path::new(FIXTURE)).expect("a trace").samples
}

/// Which batch a sample is of.
fn batch_of(sample: &Sample) -> i64 {
    sample.t().ns() / BATCH_NS
}

/// Batches as a host's sensors deliver them.
fn batches(samples: &[Sample]) -> impl Iterator<Item = &[Sample]> {
    samples.chunk_by(|a, b| batch_of(a) == batch_of(b))
}

/// How long these samples took, ns of the drive: by the inertial ones, since a fix comes later than it was measured.
fn duration_ns(samples: &[Sample]) -> i64 {
    let inertial = samples.iter().filter(|sample| matches!(sample, Sample::Accel(_) | Sample::Gyro(_)));
    let (first, last) = inertial
        .map(|sample| sample.t().ns())
        .fold((i64::MAX, i64::MIN), |(first, last), t_ns| (first.min(t_ns), last.max(t_ns)));
    last.saturating_sub(first).max(0)
}

/// One line for whoever started the host, at once.
fn say(what: &str) {
    let mut out = io::stdout().lock();
    out.write_all(format!("@{what}\n").as_bytes()).and_then(|()| out.flush()).expect("somebody listens");
}

/// The host; without a task there is nothing to do.
#[test]
fn the_host() {
    let Ok(task) = env::var(TASK) else { return };
    let (path, begin) = task.split_once('\n').expect("a path and a number");
    let (path, begin) = (Path::new(path), begin.parse::<usize>().expect("a number"));
    let mut session = Session::new(settings("").expect("the defaults"));
    let kept = keep::load(path).expect("it can be read");
    if let Some(bytes) = &kept {
        session.restore(bytes).expect("what is kept is whole");
    }
    say(if kept.is_some() { "restored" } else { "fresh" });
    let samples = drive();
    let mut pushed = begin;
    let mut kept_batch = i64::MIN;
    let mut is_crash_open = false;
    for batch in batches(&samples[begin..]) {
        session.push(batch.iter().copied());
        pushed += batch.len();
        let news = tell(&mut session);
        for event in &news {
            is_crash_open = event.contains("\"suspected\"") || is_crash_open && !event.contains("\"crash\"");
        }
        say(&format!("pushed {pushed}"));
        let now = batch_of(&batch[0]);
        if is_crash_open || !news.is_empty() || now >= kept_batch.saturating_add(KEEP_EVERY_NS / BATCH_NS) {
            keep::save(path, &session.snapshot()).expect("somewhere to write");
            kept_batch = now;
            say(&format!("kept {pushed}"));
        }
    }
    session.flush();
    tell(&mut session);
    say("over");
}

/// Hands over the events that wait; gives them as well.
fn tell(session: &mut Session) -> Vec<String> {
    let events: Vec<String> = std::iter::from_fn(|| session.next_event()).map(|event| line(&event)).collect();
    for event in &events {
        say(event);
    }
    events
}

/// What one life of the host has left behind.
#[derive(Debug, Default)]
struct Life {
    events: Vec<String>,
    pushed: usize,
    kept: usize,
    restored: bool,
    over: bool,
}

/// Lets the host live until it has pushed `until` samples, or to its end.
fn live(path: &Path, begin: usize, until: usize) -> Life {
    let mut host = Command::new(env::current_exe().expect("this program"));
    host.args(["--exact", "the_host", "--nocapture"]).env(TASK, format!("{}\n{begin}", path.display()));
    let mut host = host.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut life = Life { pushed: begin, ..Life::default() };
    let mut is_killed = false;
    for said in BufReader::new(host.stdout.take().expect("it is piped")).lines() {
        // What was said before the end still counts: the host had done it.
        let said = said.expect("text");
        let Some((_, said)) = said.split_once('@') else { continue };
        match said.split_once(' ') {
            Some(("pushed", number)) => life.pushed = number.parse().expect("a number"),
            Some(("kept", number)) => life.kept = number.parse().expect("a number"),
            _ if said.starts_with('{') => life.events.push(said.to_owned()),
            _ if said == "restored" => life.restored = true,
            _ => life.over |= said == "over",
        }
        if !is_killed && life.pushed >= until {
            host.kill().expect("it can be killed");
            is_killed = true;
        }
    }
    host.wait().expect("it has ended");
    life
}

/// Numbers without end, the same ones every time (`SplitMix64`).
fn numbers(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Which kinds of events, in which phase, somebody has heard of.
fn heard(lives: &[&Life], kind: &str, phase: &str) -> bool {
    let (kind, phase) = (format!("\"kind\":\"{kind}\""), format!("\"phase\":\"{phase}\""));
    lives.iter().flat_map(|life| &life.events).any(|event| event.contains(&kind) && event.contains(&phase))
}

#[test]
fn after_a_kill_at_any_moment_the_drive_is_told_to_its_end() {
    let samples = drive();
    let suspected = first_crash(&samples);
    let kills = env::var("JOUNCE_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let mut number = numbers(1);
    let (mut in_the_impact, mut resumed) = (0, 0);
    for kill in 0..kills {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let until = usize::try_from(number() % samples.len() as u64).expect("it is below");
        let first = live(&path, 0, until);
        let second = live(&path, first.pushed, usize::MAX);
        let context = format!("kill {kill} at sample {until}: {first:?}\n{second:?}");
        assert!(second.over, "{context}");
        // A snapshot that was put in place just before the kill, and not told of, is a later one still.
        assert!(second.restored || first.kept == 0, "{context}");
        resumed += u64::from(second.restored);
        let lost_ns = duration_ns(&samples[first.kept..first.pushed]);
        assert!(lost_ns <= KEEP_EVERY_NS + BATCH_NS, "{lost_ns} ns: {context}");

        let lives = [&first, &second];
        assert!(heard(&lives, "trip_start", "final") && heard(&lives, "trip_end", "final"), "{context}");
        // What was pushed and not kept is gone with the process, be it the impact itself.
        if (first.kept..first.pushed).contains(&suspected) {
            in_the_impact += 1;
        } else {
            assert!(heard(&lives, "crash", "suspected") && heard(&lives, "crash", "confirmed"), "{context}");
        }
    }
    println!("{kills} kills, {resumed} resumed from a snapshot, {in_the_impact} in the impact itself");
    assert!(resumed > kills / 2, "{resumed} of {kills}");
    assert!(in_the_impact <= kills / 10, "{in_the_impact} of {kills}");
}

/// Which sample makes an undisturbed session suspect the crash.
fn first_crash(samples: &[Sample]) -> usize {
    let mut session = Session::new(settings("").expect("the defaults"));
    let is_suspected = |sample: &Sample| {
        session.push([*sample]);
        std::iter::from_fn(|| session.next_event()).any(|event| line(&event).contains("\"suspected\""))
    };
    samples.iter().position(is_suspected).expect("a crash")
}
