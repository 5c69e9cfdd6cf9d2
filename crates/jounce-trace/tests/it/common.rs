//! Small helpers of the tests.

use std::{fs, path::Path};

use jounce::sample::{GnssFix, Sample, Sensor, Triad};
use jounce_trace::{Recording, TraceError};
use tempfile::TempDir;

/// Reads `text` as a single file.
pub(crate) fn parse(text: &str) -> Result<Recording, TraceError> {
    jounce_trace::from_reader("trace.csv", text.as_bytes())
}

/// A folder with these files; names may hold a folder.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    dir
}

pub(crate) fn open(dir: &TempDir) -> Result<Recording, TraceError> {
    jounce_trace::open(dir.path())
}

pub(crate) fn count(recording: &Recording, sensor: Sensor) -> usize {
    recording.samples.iter().filter(|s| s.sensor() == sensor).count()
}

pub(crate) fn triads(recording: &Recording, sensor: Sensor) -> Vec<Triad> {
    let of = |s: &Sample| match s {
        Sample::Accel(t) | Sample::Gyro(t) | Sample::Mag(t) if s.sensor() == sensor => Some(*t),
        _ => None,
    };
    recording.samples.iter().filter_map(of).collect()
}

pub(crate) fn fixes(recording: &Recording) -> Vec<GnssFix> {
    recording.samples.iter().filter_map(|s| if let Sample::Gnss(fix) = s { Some(*fix) } else { None }).collect()
}

pub(crate) fn assert_near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted} ± {tolerance}");
}

pub(crate) fn assert_triad(found: &Triad, wanted: [f64; 3]) {
    for (found, wanted) in [found.x, found.y, found.z].into_iter().zip(wanted) {
        assert_near(found, wanted, 1e-9);
    }
}

/// A path of the recordings that are kept beside the repository, or `None` with a word where they are absent.
pub(crate) fn shared(path: &str) -> Option<std::path::PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
    }
    path.exists().then_some(path)
}

/// A level phone in a vehicle at 10 m/s that turns left and right in turn, seen by sensors of the Android sign.
pub(crate) struct Drive;

impl Drive {
    pub(crate) const SPEED_MPS: f64 = 10.0;
    /// Long enough for three windows with a turn in them.
    pub(crate) const SECONDS: usize = 80;

    /// Yaw rate to the left at second `s`, rad/s: a turn of ten seconds, then ten seconds straight, and so on.
    pub(crate) fn yaw_rate_radps(s: usize) -> f64 {
        match s / 10 % 4 {
            0 => 0.15,
            2 => -0.12,
            _ => 0.0,
        }
    }

    /// Course at the beginning of second `s`, degrees clockwise.
    pub(crate) fn course_deg(s: usize) -> f64 {
        let left: f64 = (0..s).map(Self::yaw_rate_radps).sum();
        (90.0 - left.to_degrees()).rem_euclid(360.0)
    }
}
