//! The attitude room, alone and with the rooms behind it, beside other orientation filters.
//!
//! `cargo bench -p jounce-benches --bench attitude` takes the same ten minutes of town traffic at 100 Hz through each. A
//! tick is one sample of gyroscope, accelerometer and compass; the throughput counts ticks, so that its reciprocal is the
//! cost of a tick.
//!
//! - `attitude`: nine axes, free, as `jounce attitude` runs it; the orientation is read at each tick.
//! - `rooms`: attitude, mount and motion with the grid between them and a fix a second, as the engine runs them.
//! - `vqf_rs`, `uf_ahrs_vqf`: the VQF of the crates `vqf-rs` (f64) and `uf-ahrs` (f32), nine axes, default settings.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jounce::{
    attitude::Attitude,
    config::{AttitudeConfig, Config},
    engine::FusedRooms,
    sample::{Sample, Triad},
};
use jounce_benches::ten_minutes_at_100_hz;
use nalgebra::Vector3;
use uf_ahrs::Ahrs;

const INTERVAL_S: f64 = 0.01;
/// Fixes are known this much earlier than the samples around them, s, as the engine arranges it.
const LOOKAHEAD_S: f64 = 3.0;

/// Gyroscope, accelerometer and the latest field at one moment.
struct Tick {
    gyro: Triad,
    accel: Triad,
    mag: Triad,
}

/// One tick for each accelerometer sample.
fn ticks(samples: &[Sample]) -> Vec<Tick> {
    let (mut gyro, mut mag) = (None, None);
    let mut ticks = Vec::new();
    for sample in samples {
        match sample {
            Sample::Gyro(s) => gyro = Some(*s),
            Sample::Mag(s) => mag = Some(*s),
            Sample::Accel(s) => {
                if let (Some(gyro), Some(mag)) = (gyro, mag) {
                    ticks.push(Tick { gyro: Triad { t: s.t, ..gyro }, accel: *s, mag: Triad { t: s.t, ..mag } });
                }
            }
            _ => {}
        }
    }
    ticks
}

/// What the engine gives its rooms: fixes early, the rest in time order.
fn for_rooms(ticks: &[Tick], samples: &[Sample]) -> Vec<Sample> {
    let inertial =
        ticks.iter().flat_map(|tick| [Sample::Gyro(tick.gyro), Sample::Accel(tick.accel), Sample::Mag(tick.mag)]);
    let fixes = samples.iter().filter(|sample| matches!(sample, Sample::Gnss(_))).copied();
    let mut all: Vec<_> = fixes.chain(inertial).collect();
    all.sort_by_key(|sample| match sample {
        Sample::Gnss(fix) => fix.t.plus_s(-LOOKAHEAD_S),
        other => other.t(),
    });
    all
}

fn vector(s: &Triad) -> Vector3<f64> {
    Vector3::new(s.x, s.y, s.z)
}

#[expect(clippy::cast_possible_truncation, reason = "that crate works with f32")]
fn short(s: &Triad) -> Vector3<f32> {
    vector(s).map(|value| value as f32)
}

fn orientation(c: &mut Criterion) {
    let samples = ten_minutes_at_100_hz();
    let ticks = ticks(&samples);
    let for_rooms = for_rooms(&ticks, &samples);
    let mut group = c.benchmark_group("tick");
    group.throughput(Throughput::Elements(ticks.len() as u64)).sample_size(20);

    group.bench_function("attitude", |b| {
        b.iter(|| {
            let mut filter = Attitude::new(&AttitudeConfig::default());
            for tick in &ticks {
                filter.gyro(tick.gyro.t, vector(&tick.gyro));
                filter.accel(tick.accel.t, vector(&tick.accel));
                filter.mag(tick.mag.t, vector(&tick.mag));
                black_box(filter.earth_from_device());
            }
        });
    });
    group.bench_function("rooms", |b| {
        let config = Config::default().validate().expect("the defaults are valid");
        b.iter(|| {
            let mut rooms = FusedRooms::new(&config);
            for_rooms.iter().map(|sample| rooms.push(sample)).sum::<usize>()
        });
    });
    group.bench_function("vqf_rs", |b| {
        b.iter(|| {
            let mut filter = vqf_rs::VQF::new(INTERVAL_S, None, None, None);
            for tick in &ticks {
                let [gyro, accel, mag] = [&tick.gyro, &tick.accel, &tick.mag].map(|s| [s.x, s.y, s.z]);
                filter.update(gyro, accel, Some(mag));
                black_box(filter.quat_9d());
            }
        });
    });
    group.bench_function("uf_ahrs_vqf", |b| {
        b.iter(|| {
            let mut filter = uf_ahrs::Vqf::new(Duration::from_secs_f64(INTERVAL_S), uf_ahrs::VqfParams::default());
            for tick in &ticks {
                black_box(filter.update(short(&tick.gyro), short(&tick.accel), short(&tick.mag)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, orientation);
criterion_main!(benches);
