//! The arguments as they are typed. What they mean together is resolved by each command.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use jounce::{
    config::{Profile, Sensitivity},
    event::EventKind,
};

use crate::replay::about::Explain;

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 the input could not be read (stderr says where and what was expected), 2 wrong usage.
A closed output pipe is no error.";

/// Driving events from recorded phone sensors: hard braking, harsh acceleration and cornering, swerves, speeding,
/// crashes, phone handling, trips and places, each with the reasons why it was reported.
#[derive(Debug, Parser)]
#[command(name = "jounce", version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the driving events in recorded traces.
    Replay(ReplayArgs),
    /// Hold the events of recorded traces against labels: precision, recall, false alarms per hour.
    Score(ScoreArgs),
    /// Show what a trace holds: format, sensors, rates, gaps, units, clocks.
    Inspect(InspectArgs),
    /// Convert a trace of any known format to native CSV, or to a binary recording.
    Convert(ConvertArgs),
    /// Simulate a drive, with the truth beside it.
    Simulate(SimulateArgs),
    /// Compute the orientation of a device from its inertial samples.
    Attitude(AttitudeArgs),
}

/// What the engine runs on.
#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    /// Settings that differ from the defaults, as TOML (or JSON when the name ends in .json).
    #[arg(long, value_name = "F")]
    pub(crate) config: Option<PathBuf>,
    /// What is driven; overrides the settings.
    #[arg(long, value_enum)]
    pub(crate) profile: Option<ProfileArg>,
    /// How readily harsh events fire; overrides the settings.
    #[arg(long, value_enum)]
    pub(crate) sensitivity: Option<SensitivityArg>,
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  jounce replay drive.csv                          a table for people
  jounce replay drive.csv --explain                … with what was dismissed, and why
  jounce replay drive.csv --explain=0:12:30        why there, or why not
  jounce replay a.csv b.csv --format jsonl -o events.jsonl --jobs 4
  jounce replay export/ --profile van --motion motion.csv
  zcat drive.csv.gz | jounce replay - --format csv
  jounce replay --print-config > jounce.toml       every setting, documented, to start from";

/// Find the driving events in recorded traces.
///
/// Each trace is replayed through the engine that runs on a phone, from first to last sample; the same trace and
/// settings always give the same bytes. Damaged rows are skipped, counted and reported on stderr.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub(crate) struct ReplayArgs {
    /// Traces: files, folders (a folder is one recording), or `-` for standard input.
    #[arg(value_name = "TRACE", required_unless_present = "print_config")]
    pub(crate) traces: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// How the events are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: EventFormat,
    /// Write the events to this file instead of standard output; it appears complete, or not at all.
    #[arg(short, long, value_name = "F")]
    pub(crate) output: Option<PathBuf>,
    /// Write the vehicle's motion, 10 times a second, to this CSV file (one trace only).
    #[arg(long, value_name = "F")]
    pub(crate) motion: Option<PathBuf>,
    /// Write the raw samples about each crash to this folder, a native CSV file a crash, named after trace and event.
    #[arg(long, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,
    /// Also tell which candidates were dismissed and why, and how good the input was. With a TIME, in seconds or as in the
    /// TIME column: what there was within 5 s of it, and how far that was from an event.
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "everything")]
    pub(crate) explain: Option<Explain>,
    /// How many traces are replayed at once; the output does not depend on it.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) jobs: NonZeroUsize,
    /// Fail on a damaged row instead of skipping it.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print every setting with its documentation and the value in force, and stop.
    #[arg(long, conflicts_with_all = ["traces", "format", "output", "motion", "evidence", "explain", "jobs", "strict"])]
    pub(crate) print_config: bool,
}

const SCORE_HELP: &str = "\
The label file is CSV with the header trace,kind,start_s,end_s[,direction].
  trace      name of the trace's file or folder, or the end of its path
  kind       a kind of event, or `none`: a calm stretch in which nothing may fire
  start_s    seconds since the trace's earliest sample, as in the TIME column of jounce replay; in the driver behaviour
             data set since the first collection, as that set's own labels count
  direction  left or right, for harsh_cornering and swerve; may be empty

An event matches a label of its kind when they are within 2 s of each other, one to one. What was revoked is no event.
A kind is judged on every labelled trace as soon as one label names it: an event without a label is then false. Events
of other kinds are neither right nor wrong, and are counted as not judged; in a calm stretch every kind is judged but
trips and places, which are so only where labels name them. Traces that no label names are left out, and that is told:
label a drive on which nothing happened as `none`.

Examples:
  jounce simulate city-drive -o out && jounce score out/trace.csv --labels out/labels.csv
  jounce score drives/*.csv --labels labels.csv --explain        … with what was missed, and why
  jounce score trip/ --labels labels.csv --sensitivity high --kinds harsh_cornering,swerve --format json";

/// Hold the events of recorded traces against labels.
///
/// Precision, recall and F1 of each kind with 95 % intervals, onset errors, directions, false alarms per hour of driving,
/// events in calm stretches, and whether the confidence of events can be relied on.
#[derive(Debug, Args)]
#[command(after_help = SCORE_HELP)]
pub(crate) struct ScoreArgs {
    /// Traces: files, folders (a folder is one recording), or `-` for standard input.
    #[arg(value_name = "TRACE", required = true)]
    pub(crate) traces: Vec<PathBuf>,
    /// What should be found, as CSV.
    #[arg(long, value_name = "F")]
    pub(crate) labels: PathBuf,
    /// Judge these kinds only, whether a label names them or not, separated by commas [default: those that labels name].
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    pub(crate) kinds: Vec<EventKind>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// How the score is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ScoreFormat,
    /// Write the score to this file instead of standard output; it appears complete, or not at all.
    #[arg(short, long, value_name = "F")]
    pub(crate) output: Option<PathBuf>,
    /// Also list what was missed and what was false, and why (JSON always has the list).
    #[arg(long)]
    pub(crate) explain: bool,
    /// How many traces are replayed at once; the output does not depend on it.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) jobs: NonZeroUsize,
    /// Fail on a damaged row instead of skipping it.
    #[arg(long)]
    pub(crate) strict: bool,
}

fn kind(name: &str) -> Result<EventKind, String> {
    let names = || EventKind::ALL.map(EventKind::name).join(", ");
    EventKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| format!("expected one of {}", names()))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScoreFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// Show what a trace holds.
///
/// Sensors, rates, gaps, units, clipping, clock offsets, and which format was recognised and why.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A file, a folder (one recording), or `-` for standard input.
    #[arg(value_name = "TRACE")]
    pub(crate) trace: PathBuf,
    /// How the summary is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SummaryFormat,
}

/// Convert a trace of any known format to native CSV, or to a binary recording.
///
/// Native CSV has a row a sample: `t_ns,sensor,v1,…,v7`, in SI units, on one clock. A binary recording holds the same to
/// the bit, and the offset of UTC, with checksums; every command reads it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jounce convert export/ -o drive.csv\n  jounce convert drive.csv -o drive.jnc")]
pub(crate) struct ConvertArgs {
    /// A file, a folder (one recording), or `-` for standard input.
    #[arg(value_name = "TRACE")]
    pub(crate) trace: PathBuf,
    /// The file to write, .csv or .jnc (binary), or `-` for CSV on standard output; a file appears complete, or not at all.
    #[arg(short, long, value_name = "F")]
    pub(crate) output: PathBuf,
    /// Fail on a damaged row instead of skipping it.
    #[arg(long)]
    pub(crate) strict: bool,
}

const SIMULATE_EXAMPLES: &str = "\
Examples:
  jounce simulate city-drive -o out && jounce replay out/trace.csv
  jounce simulate city-drive -o out && jounce score out/trace.csv --labels out/labels.csv";

/// Simulate a drive, with the truth beside it.
///
/// Writes trace.csv (what the phone records), labels.csv (what a person would have noted, as `jounce score`
/// reads it), truth.csv (the vehicle's
/// real motion), scenario.toml and, when the scenario has settings of its own, config.toml.
#[derive(Debug, Args)]
#[command(after_help = SIMULATE_EXAMPLES)]
pub(crate) struct SimulateArgs {
    /// The name of a built-in scenario, or a scenario in a .toml file.
    #[arg(value_name = "SCENARIO", required_unless_present = "list")]
    pub(crate) scenario: Option<String>,
    /// The folder to write to; it is created when it does not exist.
    #[arg(short, long, value_name = "DIR", required_unless_present = "list")]
    pub(crate) output: Option<PathBuf>,
    /// Seed of the noise: the same seed gives the same bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// List the built-in scenarios and stop.
    #[arg(long, conflicts_with_all = ["scenario", "output", "seed"])]
    pub(crate) list: bool,
}

/// Compute the orientation of a device from its inertial samples.
///
/// Reads CSV rows `t_s,gx,gy,gz,ax,ay,az[,mx,my,mz]` (s, rad/s, m/s², µT; device frame), with or without a header that
/// names the columns. Writes a row `qw,qx,qy,qz` (earth from device, earth = east, north, up) for every row read.
/// An empty or NaN cell is unknown.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jounce attitude imu.csv --six-axis > orientation.csv")]
pub(crate) struct AttitudeArgs {
    /// The file to read, or `-` for standard input.
    #[arg(value_name = "F", default_value = "-")]
    pub(crate) input: PathBuf,
    /// Ignore the magnetometer: up is known, north is wherever the device began.
    #[arg(long)]
    pub(crate) six_axis: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventFormat {
    /// For people: an event a paragraph, with its reasons in words.
    #[default]
    Table,
    /// For programs: an event a line, as JSON.
    Jsonl,
    /// For spreadsheets: an event a row.
    Csv,
    /// For maps: an event a point.
    Geojson,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileArg {
    /// Passenger car.
    Car,
    /// Van: harsh thresholds × 0.95.
    Van,
    /// Lorry or bus: harsh thresholds × 0.75.
    Heavy,
    /// Motorcycle: cornering is judged by speed × yaw rate.
    Motorcycle,
}

impl From<ProfileArg> for Profile {
    fn from(arg: ProfileArg) -> Self {
        match arg {
            ProfileArg::Car => Self::Car,
            ProfileArg::Van => Self::Van,
            ProfileArg::Heavy => Self::Heavy,
            ProfileArg::Motorcycle => Self::Motorcycle,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SensitivityArg {
    /// The thresholds as they stand.
    Normal,
    /// Lower thresholds and shorter holds: the `high_…` settings.
    High,
}

impl From<SensitivityArg> for Sensitivity {
    fn from(arg: SensitivityArg) -> Self {
        match arg {
            SensitivityArg::Normal => Self::Normal,
            SensitivityArg::High => Self::High,
        }
    }
}
