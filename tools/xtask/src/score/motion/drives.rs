//! Random drives: every phone, every mount, every delay.

use std::path::Path;

use anyhow::Context;
use jounce_sim::{RandomDrive, random_drive};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

use super::{
    honesty::{self, Consistency},
    moves::imagined,
    simulated::Drive,
};
use crate::score::{
    replay::{MountError, Replay},
    report::Table,
    stats::{rmse, spread},
};

const DURATION_S: f64 = 180.0;
/// Driving after which the mount is looked at, s.
pub(super) const EARLY_S: f64 = 60.0;
/// Without satellites it is looked at after so many turns …
const TURNS: usize = 3;
/// … and as many seconds, for the last of them to be weighed.
const AFTER_TURN_S: f64 = 5.0;
/// The receiver smooths over this as well, s; the engine looks for a delay of at most 2 s in all.
const SMOOTHING_S: f64 = 0.3;
const LONGEST_DELAY_S: f64 = 2.0;
/// Noise and bias as a multiple of a usual phone's.
const NOISE_LEVELS: (f64, f64) = (0.5, 2.0);
const RATES_HZ: (f64, f64) = (50.0, 100.0);
/// Every other driver is a lively one, m/s²: well beyond the thresholds of 3.1 and 3.6.
const LIVELY_MPS2: f64 = 6.0;

/// One drive's figures. Angles in degrees, infinite while the mount is not known well enough.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    seed: u64,
    lively: bool,
    rate_hz: f64,
    noise_level: f64,
    gnss_delay_s: f64,
    hours: f64,
    aligned_after_s: f64,
    early_angle_deg: f64,
    early_yaw_deg: f64,
    early_yaw_sigmas: f64,
    end_angle_deg: f64,
    end_yaw_deg: f64,
    end_yaw_sigmas: f64,
    /// From alignment on.
    forward_rmse_mps2: f64,
    left_rmse_mps2: f64,
    speed_rmse_mps: f64,
    speed_square: f64,
    speed_within_1_sigma: f64,
    speed_within_2_sigma: f64,
    /// … and with what came before alignment.
    whole_forward_rmse_mps2: f64,
    whole_speed_rmse_mps: f64,
    whole_speed_square: f64,
    whole_speed_within_1_sigma: f64,
    whole_speed_within_2_sigma: f64,
    gnss_delay_error_s: f64,
    phone_moved: usize,
    harsh: usize,
    missed: usize,
    clear: usize,
    clear_missed: usize,
    extra: usize,
    blind_aligned_after_s: f64,
    /// NaN where the drive has fewer turns.
    blind_turns_yaw_deg: f64,
    blind_end_yaw_deg: f64,
    blind_end_angle_deg: f64,
    blind_end_yaw_sigmas: f64,
    blind_phone_moved: usize,
    blind_missed: usize,
    blind_clear_missed: usize,
    blind_extra: usize,
}

/// Simulates and measures the drives with seeds from 1.
pub(super) fn drive(count: u64) -> anyhow::Result<Vec<Figures>> {
    (1..=count).into_par_iter().map(measure).collect()
}

/// A phone, a receiver and a driver at random.
pub(super) fn options(seed: u64) -> RandomDrive {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let hardest = if is_lively(seed) { LIVELY_MPS2 } else { RandomDrive::default().hardest_mps2 };
    RandomDrive {
        duration_s: DURATION_S,
        noise_level: rng.random_range(NOISE_LEVELS.0..NOISE_LEVELS.1),
        gnss_delay_s: Some(rng.random_range(0.0..LONGEST_DELAY_S - SMOOTHING_S)),
        rate_hz: rng.random_range(RATES_HZ.0..RATES_HZ.1),
        hardest_mps2: hardest,
        largest_lateral_mps2: hardest,
        ..RandomDrive::default()
    }
}

pub(super) fn is_lively(seed: u64) -> bool {
    seed.is_multiple_of(2)
}

fn measure(seed: u64) -> anyhow::Result<Figures> {
    let options = options(seed);
    let drive = Drive::new(&random_drive(seed, &options), seed);
    let truth = &drive.truth;
    let (sighted, blind) = (drive.replay()?, drive.replay_without_gnss()?);

    let from_s = truth.drives_from_s();
    let aligned_after_s = |replay: &Replay| replay.aligned_s(0.0).map_or(f64::INFINITY, |aligned| aligned - from_s);
    let early = truth.mount_error(&sighted, from_s + EARLY_S);
    let end = truth.mount_error(&sighted, f64::INFINITY);
    let turned_s = truth.turned_s(TURNS);
    let after_turns = turned_s.map(|turned_s| yaw_deg(truth.mount_error(&blind, turned_s + AFTER_TURN_S)));
    let blind_end = truth.mount_error(&blind, f64::INFINITY);
    let delay_s = sighted.rows.last().and_then(|row| row.motion.gnss_delay_s);
    let gnss_delay_s = truth.gnss_delay_s.unwrap_or(f64::NAN);
    let speed = truth.speed_consistency(sighted.aligned());
    let whole_speed = truth.speed_consistency(sighted.all());
    let (harsh, blind_harsh) = (truth.harsh(&sighted), truth.harsh(&blind));
    Ok(Figures {
        seed,
        lively: is_lively(seed),
        rate_hz: options.rate_hz,
        noise_level: options.noise_level,
        gnss_delay_s,
        hours: truth.duration_s() / 3600.0,
        aligned_after_s: aligned_after_s(&sighted),
        early_angle_deg: angle_deg(early),
        early_yaw_deg: yaw_deg(early),
        early_yaw_sigmas: yaw_sigmas(early),
        end_angle_deg: angle_deg(end),
        end_yaw_deg: yaw_deg(end),
        end_yaw_sigmas: yaw_sigmas(end),
        forward_rmse_mps2: rmse(&truth.forward(sighted.aligned())),
        left_rmse_mps2: rmse(&truth.left(sighted.aligned())),
        speed_rmse_mps: truth.speed_rmse(sighted.aligned()),
        speed_square: speed.square,
        speed_within_1_sigma: speed.within_1,
        speed_within_2_sigma: speed.within_2,
        whole_forward_rmse_mps2: rmse(&truth.forward(sighted.all())),
        whole_speed_rmse_mps: truth.speed_rmse(sighted.all()),
        whole_speed_square: whole_speed.square,
        whole_speed_within_1_sigma: whole_speed.within_1,
        whole_speed_within_2_sigma: whole_speed.within_2,
        gnss_delay_error_s: delay_s.map_or(f64::INFINITY, |delay_s| (delay_s - gnss_delay_s).abs()),
        phone_moved: imagined(&drive, &sighted),
        harsh: harsh.due,
        missed: harsh.missed,
        clear: harsh.clear,
        clear_missed: harsh.clear_missed,
        extra: harsh.extra,
        blind_aligned_after_s: aligned_after_s(&blind),
        blind_turns_yaw_deg: after_turns.unwrap_or(f64::NAN),
        blind_end_yaw_deg: yaw_deg(blind_end),
        blind_end_angle_deg: angle_deg(blind_end),
        blind_end_yaw_sigmas: yaw_sigmas(blind_end),
        blind_phone_moved: imagined(&drive, &blind),
        blind_missed: blind_harsh.missed,
        blind_clear_missed: blind_harsh.clear_missed,
        blind_extra: blind_harsh.extra,
    })
}

fn angle_deg(error: Option<MountError>) -> f64 {
    error.map_or(f64::INFINITY, |error| error.angle.to_degrees())
}

pub(super) fn yaw_deg(error: Option<MountError>) -> f64 {
    error.map_or(f64::INFINITY, |error| error.yaw.abs().to_degrees())
}

/// NaN while the mount is not known.
fn yaw_sigmas(error: Option<MountError>) -> f64 {
    error.map_or(f64::NAN, |error| error.yaw / error.yaw_sigma)
}

pub(super) fn write_each(drives: &[Figures], path: &Path) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_path(path).with_context(|| format!("{}: cannot be written", path.display()))?;
    drives.iter().try_for_each(|figures| csv.serialize(figures))?;
    Ok(csv.flush()?)
}

pub(super) fn tables(drives: &[Figures]) -> Vec<Table> {
    if drives.is_empty() {
        return Vec::new();
    }
    vec![errors(drives), consistency(drives), counts(drives)]
}

fn errors(drives: &[Figures]) -> Table {
    let of = |figure: fn(&Figures) -> f64| {
        spread(&drives.iter().map(figure).filter(|value| !value.is_nan()).collect::<Vec<_>>())
    };
    let title = format!("{} random drives of {DURATION_S} s: a phone in any position", drives.len());
    let mut table = Table::new(title, &["median", "95 %", "worst"]);
    table.row("from driving off to alignment", "s", &of(|d| d.aligned_after_s));
    table.row("mount after 60 s of driving: yaw error", "°", &of(|d| d.early_yaw_deg));
    table.row("… whole error", "°", &of(|d| d.early_angle_deg));
    table.row("mount at the end: yaw error", "°", &of(|d| d.end_yaw_deg));
    table.row("… whole error", "°", &of(|d| d.end_angle_deg));
    table.row("once aligned: forward acceleration, 0.5 s means: RMSE", "m/s²", &of(|d| d.forward_rmse_mps2));
    table.row("… lateral acceleration", "m/s²", &of(|d| d.left_rmse_mps2));
    table.row("… speed", "m/s", &of(|d| d.speed_rmse_mps));
    table.row("from the start: forward acceleration: RMSE", "m/s²", &of(|d| d.whole_forward_rmse_mps2));
    table.row("… speed", "m/s", &of(|d| d.whole_speed_rmse_mps));
    table.row("GNSS delay at the end: error", "s", &of(|d| d.gnss_delay_error_s));
    table.row("no GNSS: from driving off to alignment", "s", &of(|d| d.blind_aligned_after_s));
    table.row("no GNSS: mount yaw error after three turns", "°", &of(|d| d.blind_turns_yaw_deg));
    table.row("no GNSS: mount at the end: yaw error", "°", &of(|d| d.blind_end_yaw_deg));
    table.row("… whole error", "°", &of(|d| d.blind_end_angle_deg));
    table
}

fn consistency(drives: &[Figures]) -> Table {
    let of = |figure: fn(&Figures) -> Consistency| drives.iter().map(figure).collect::<Vec<_>>();
    let mut table = honesty::table("The same drives: are the errors as large as their sigmas say?");
    honesty::row(&mut table, "mount yaw after 60 s of driving", &of(|d| Consistency::of([d.early_yaw_sigmas])));
    honesty::row(&mut table, "… at the end", &of(|d| Consistency::of([d.end_yaw_sigmas])));
    honesty::row(&mut table, "… without GNSS", &of(|d| Consistency::of([d.blind_end_yaw_sigmas])));
    let speed = |d: &Figures| Consistency {
        square: d.speed_square,
        within_1: d.speed_within_1_sigma,
        within_2: d.speed_within_2_sigma,
    };
    honesty::row(&mut table, "speed once aligned", &of(speed));
    let speed = |d: &Figures| Consistency {
        square: d.whole_speed_square,
        within_1: d.whole_speed_within_1_sigma,
        within_2: d.whole_speed_within_2_sigma,
    };
    honesty::row(&mut table, "… from the start", &of(speed));
    table
}

fn counts(drives: &[Figures]) -> Table {
    let mut table = Table::new("The same drives: events", &["GNSS", "no GNSS"]);
    let hours: f64 = drives.iter().map(|d| d.hours).sum();
    let all = |count: fn(&Figures) -> usize| total(drives, None, count) / hours;
    let calm = |count: fn(&Figures) -> usize| {
        let hours = drives.iter().filter(|d| !d.lively).map(|d| d.hours).sum::<f64>();
        total(drives, Some(false), count) / hours
    };
    let lively = |count: fn(&Figures) -> usize| total(drives, Some(true), count);
    table.row("phone_moved, though nobody touched it", "1/h", &[all(|d| d.phone_moved), all(|d| d.blind_phone_moved)]);
    table.row("calm drivers: harsh events, none is due", "1/h", &[calm(|d| d.extra), calm(|d| d.blind_extra)]);
    table.row("lively drivers: harsh events due", "", &[lively(|d| d.harsh); 2]);
    table.row("… missed", "", &[lively(|d| d.missed), lively(|d| d.blind_missed)]);
    table.row("… clearly due", "", &[lively(|d| d.clear); 2]);
    table.row("… of these missed", "", &[lively(|d| d.clear_missed), lively(|d| d.blind_clear_missed)]);
    table.row("… extra", "", &[lively(|d| d.extra), lively(|d| d.blind_extra)]);
    table.note("Clearly due: beyond 1.1 times the threshold for 0.2 s longer than it must be held.");
    table
}

/// Sum over the drives of lively or calm drivers, or of all.
#[expect(clippy::cast_precision_loss, reason = "a count of events")]
fn total(drives: &[Figures], lively: Option<bool>, count: impl Fn(&Figures) -> usize) -> f64 {
    drives.iter().filter(|d| lively.is_none_or(|lively| d.lively == lively)).map(count).sum::<usize>() as f64
}
