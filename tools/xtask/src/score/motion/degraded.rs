//! Random drives with less than a phone has, or with a compass that lies.

use jounce::sample::{Sample, Sensor, Triad};
use jounce_sim::{RandomDrive, random_drive};
use rayon::prelude::*;

use super::{
    drives::{EARLY_S, options, yaw_deg},
    honesty::{self, Consistency},
    simulated::Drive,
};
use crate::score::{
    replay::{Row, seconds},
    report::Table,
    stats::{mean, quantile, rmse},
};

/// Field of a badly calibrated compass, device frame, µT: about as strong as Earth's.
const HARD_IRON_UT: [f64; 3] = [35.0, -25.0, 40.0];
/// Field of a holder's magnet, device frame, µT …
const MAGNET_UT: [f64; 3] = [40.0, -130.0, -310.0];
/// … which comes and goes every so often, s.
const MAGNET_S: f64 = 15.0;

/// What is missing, or lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Accelerometer, gyroscope and fixes: what every other mode is held against.
    SixAxes,
    /// Fixes only.
    GnssOnly,
    /// No fixes.
    InertialOnly,
    /// Inertial sensors at so many Hz.
    Slow(u8),
    /// Accelerometer and fixes.
    NoGyroscope,
    /// With a compass, as it is in a car.
    Compass,
    /// … that nobody has calibrated.
    HardIron,
    /// … and a magnetic holder that is loaded and unloaded.
    Magnet,
}

impl Mode {
    const ALL: [(Self, &'static str); 9] = [
        (Self::SixAxes, "six axes, 50 to 100 Hz"),
        (Self::GnssOnly, "GNSS only"),
        (Self::InertialOnly, "inertial only"),
        (Self::Slow(25), "25 Hz"),
        (Self::Slow(10), "10 Hz"),
        (Self::NoGyroscope, "no gyroscope"),
        (Self::Compass, "compass of a car"),
        (Self::HardIron, "compass with hard iron"),
        (Self::Magnet, "compass in a magnetic holder"),
    ];

    /// The sample that the engine gets instead.
    fn change(self, sample: Sample) -> Option<Sample> {
        let sensor = sample.sensor();
        match (self, sample) {
            (Self::HardIron, Sample::Mag(field)) => Some(Sample::Mag(plus(field, HARD_IRON_UT))),
            (Self::Magnet, Sample::Mag(field)) => {
                let is_there = (seconds(field.t) / MAGNET_S).rem_euclid(2.0) >= 1.0;
                Some(Sample::Mag(if is_there { plus(field, MAGNET_UT) } else { field }))
            }
            (Self::Compass, _) => Some(sample),
            (_, Sample::Mag(_)) => None,
            (Self::GnssOnly, _) => (sensor == Sensor::Gnss).then_some(sample),
            (Self::InertialOnly, _) => (sensor != Sensor::Gnss).then_some(sample),
            (Self::NoGyroscope, _) => (sensor != Sensor::Gyro).then_some(sample),
            _ => Some(sample),
        }
    }
}

/// Figures of one drive in one mode, from a minute after it began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) speed_rmse_mps: f64,
    /// How the errors of the speed fit its sigma.
    pub(super) speed: Consistency,
    /// Means over 0.5 s.
    pub(super) forward_rmse_mps2: f64,
    /// At the end; infinite while the mount is not known.
    pub(super) mount_yaw_deg: f64,
    /// Share of the time with a speed, and with a forward acceleration.
    pub(super) speed_known: f64,
    pub(super) forward_known: f64,
}

/// The same drives in every mode.
pub(super) fn score(drives: u64) -> anyhow::Result<Vec<Table>> {
    if drives == 0 {
        return Ok(Vec::new());
    }
    let all = (1..=drives).into_par_iter().map(of_every_mode).collect::<anyhow::Result<Vec<_>>>()?;
    let title = format!("{drives} of the random drives with less, or with a compass: from a minute after driving off");
    let columns = ["speed m/s", "95 %", "forward m/s²", "95 %", "yaw °", "95 %", "known %", "forward %"];
    let mut table = Table::new(title, &columns);
    let mut honest = honesty::table("The same drives: is the error of the speed as large as its sigma says?");
    for (index, (mode, name)) in Mode::ALL.into_iter().enumerate() {
        let figures: Vec<Figures> = all.iter().map(|modes| modes[index]).collect();
        table.row(name, "", &row(mode, &figures));
        honesty::row(&mut honest, name, &figures.iter().map(|f| f.speed).collect::<Vec<_>>());
    }
    table.note("Speed and forward acceleration (0.5 s means): RMSE of a drive, median and 95 % over the drives; mount yaw at the end.");
    table.note("Known: share of the time with a speed, and with a forward acceleration.");
    Ok(vec![table, honest])
}

/// One value a column.
fn row(mode: Mode, drives: &[Figures]) -> [f64; 8] {
    let of =
        |figure: fn(&Figures) -> f64| drives.iter().map(figure).filter(|value| !value.is_nan()).collect::<Vec<_>>();
    let both = |figure: fn(&Figures) -> f64| [0.5, 0.95].map(|share| quantile(&of(figure), share));
    let [speed, speed_95] = both(|f| f.speed_rmse_mps);
    let [forward, forward_95] = both(|f| f.forward_rmse_mps2);
    // Fixes alone need no mount.
    let [yaw, yaw_95] = if mode == Mode::GnssOnly { [f64::NAN; 2] } else { both(|f| f.mount_yaw_deg) };
    let known = [mean(of(|f| f.speed_known)), mean(of(|f| f.forward_known))].map(|share| 100.0 * share);
    [speed, speed_95, forward, forward_95, yaw, yaw_95, known[0], known[1]]
}

fn of_every_mode(seed: u64) -> anyhow::Result<Vec<Figures>> {
    let full = simulate(seed, None);
    let measured = |(mode, _): (Mode, _)| match mode {
        Mode::Slow(rate_hz) => measure(&simulate(seed, Some(rate_hz)), mode),
        _ => measure(&full, mode),
    };
    Mode::ALL.into_iter().map(measured).collect()
}

/// The drive as a phone with every sensor records it, the inertial ones at a rate of its own or at this one, Hz.
pub(super) fn simulate(seed: u64, rate_hz: Option<u8>) -> Drive {
    let options = RandomDrive { mag: true, ..options(seed) };
    let rate_hz = rate_hz.map_or(options.rate_hz, f64::from);
    Drive::new(&random_drive(seed, &RandomDrive { rate_hz, ..options }), seed)
}

pub(super) fn measure(drive: &Drive, mode: Mode) -> anyhow::Result<Figures> {
    let replay = drive.replay_as(|sample| mode.change(sample))?;
    let truth = &drive.truth;
    let rows = replay.from(truth.drives_from_s() + EARLY_S);
    let share = |of: fn(&Row) -> Option<f64>| mean(rows.all().map(|row| if of(row).is_some() { 1.0 } else { 0.0 }));
    Ok(Figures {
        speed_rmse_mps: truth.speed_rmse(rows),
        speed: truth.speed_consistency(rows),
        forward_rmse_mps2: rmse(&truth.forward(rows)),
        mount_yaw_deg: yaw_deg(truth.mount_error(&replay, f64::INFINITY)),
        speed_known: share(|row| row.motion.speed_mps),
        forward_known: share(|row| row.motion.accel_forward_mps2),
    })
}

fn plus(field: Triad, [x, y, z]: [f64; 3]) -> Triad {
    Triad { x: field.x + x, y: field.y + y, z: field.z + z, ..field }
}
