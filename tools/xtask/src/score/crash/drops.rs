//! Phones that were really dropped and thrown: at home, in a parked car, in one that drives, in one that stops.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use jounce::event::Phase;
use jounce_sim::{
    GRAVITY_MPS2, Scenario,
    scenario::{Accelerometer, Gnss, Gyroscope, Mount, Phone},
    script::{Carried, Step},
    simulate,
};
use nalgebra::{UnitQuaternion, Vector3};
use rayon::prelude::*;

use super::{
    peers::PEERS,
    rig::{Setup, cruise, meanwhile_to, to},
    trial::Trial,
};
use crate::score::report::Table;

const RATE_HZ: f64 = 199.0;
/// At both ends of a recording the phone lies still for this many samples.
const REST: usize = 60;

#[derive(Clone, Copy, Debug)]
enum Place {
    Home,
    Parked,
    Driving,
    Stopping,
}

const PLACES: [(Place, &str); 4] = [
    (Place::Home, "at home"),
    (Place::Parked, "in a parked car"),
    (Place::Driving, "in a car that drives"),
    (Place::Stopping, "in a car that stops"),
];

struct Recording {
    name: String,
    falls: bool,
    force: Vec<Vector3<f64>>,
}

pub(super) fn score(folder: &Path) -> anyhow::Result<Table> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    folders.sort();
    let recordings: Vec<Recording> = folders.iter().map(|path| read(path)).collect::<anyhow::Result<_>>()?;
    let columns: Vec<&str> = ["recordings", "confirmed", "suspected", "falls", "falls named"]
        .into_iter()
        .chain(PEERS.iter().map(|rule| rule.name))
        .collect();
    let mut table = Table::new("Phones that were really dropped or thrown (17–24 g), in any mount", &columns);
    for (place, name) in PLACES {
        let trials: Vec<(bool, Trial)> = recordings
            .par_iter()
            .enumerate()
            .map(|(seed, recording)| Ok((recording.falls, trial(recording, place, seed)?)))
            .collect::<anyhow::Result<_>>()?;
        let count = |keep: &dyn Fn(&(bool, Trial)) -> bool| {
            f64::from(u32::try_from(trials.iter().filter(|trial| keep(trial)).count()).unwrap_or(u32::MAX))
        };
        let mut values = vec![
            count(&|_| true),
            count(&|(_, trial)| trial.confirmed().is_some()),
            count(&|(_, trial)| trial.crashes.iter().any(|story| !story.is(Phase::Final))),
            count(&|(falls, _)| *falls),
            count(&|(falls, trial)| *falls && !trial.drops.is_empty()),
        ];
        values.extend((0..PEERS.len()).map(|rule| count(&|(_, trial)| trial.peers[rule].is_some())));
        table.row(name, "", &values);
        for (recording, (_, trial)) in recordings.iter().zip(&trials) {
            if let Some(story) = trial.confirmed() {
                table.note(format!("confirmed {name}, {}: {}", recording.name, story.codes().join(" ")));
            }
        }
    }
    Ok(table)
}

fn trial(recording: &Recording, place: Place, seed: usize) -> anyhow::Result<Trial> {
    let seed = u64::try_from(seed)?;
    let turn = Mount::random(seed).vehicle_from_device();
    let mean = |part: &[Vector3<f64>]| part.iter().sum::<Vector3<f64>>().normalize();
    let (head, tail) = (recording.force.get(..REST).context("too short")?, recording.force.iter().rev().take(REST));
    let tail: Vec<Vector3<f64>> = tail.copied().collect();
    let lies = |up_device: Vector3<f64>, heading: &UnitQuaternion<f64>| {
        let level = UnitQuaternion::rotation_between(&up_device, &Vector3::z()).unwrap_or_default();
        let (.., yaw) = heading.euler_angles();
        UnitQuaternion::from_axis_angle(&Vector3::z_axis(), yaw) * level
    };
    let (before, after) = (lies(mean(head), &turn), lies(mean(&tail), &turn.inverse()));
    let carried = Step::PhoneCarried(Carried {
        rate_hz: RATE_HZ,
        force_mps2: recording.force.iter().map(|force| (*force).into()).collect(),
        rate_radps: Vec::new(),
        flies_from_s: None,
        to: Mount::of(&after),
    });
    let setup =
        Setup { rate_hz: RATE_HZ, range_g: 1e3, mount: Mount::of(&before), holder_hz: 0.0, ..Setup::random(seed) };
    let scenario = match place {
        Place::Home => home(setup.mount, carried),
        Place::Parked => setup.scenario([to(0.0, 2.5), cruise(15.0), carried, cruise(20.0)]),
        Place::Driving => setup.scenario([carried, cruise(20.0)]),
        Place::Stopping => setup.scenario([meanwhile_to(0.0, 4.0), cruise(1.0), carried, cruise(20.0)]),
    };
    Ok(Trial::new(&simulate(&scenario, seed).samples)?)
}

fn home(mount: Mount, carried: Step) -> Scenario {
    Scenario {
        phone: Phone { mount, ..Phone::default() },
        accel: Some(Accelerometer { range: 1e3 * GRAVITY_MPS2, ..Accelerometer::at(RATE_HZ) }),
        gyro: Some(Gyroscope::at(RATE_HZ)),
        gnss: Some(Gnss::default()),
        step: vec![Step::Park { for_s: 12.0 }, carried, Step::Park { for_s: 20.0 }],
        ..Scenario::default()
    }
}

fn read(folder: &Path) -> anyhow::Result<Recording> {
    let name = folder.file_name().context("a name")?.to_string_lossy().into_owned();
    let mut reader = csv::Reader::from_path(folder.join("Raw Data.csv"))?;
    let row = |row: Result<csv::StringRecord, csv::Error>| -> anyhow::Result<Vector3<f64>> {
        let row = row?;
        let value =
            |index: usize| -> anyhow::Result<f64> { Ok(row.get(index).context("four columns")?.trim().parse()?) };
        Ok(Vector3::new(value(1)?, value(2)?, value(3)?))
    };
    let force = reader.records().map(row).collect::<anyhow::Result<_>>()?;
    Ok(Recording { falls: name.starts_with("fall"), name, force })
}
