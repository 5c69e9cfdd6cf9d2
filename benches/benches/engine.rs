//! The engine: one push of each sensor, and a whole drive.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jounce::{
    config::{Config, ValidConfig},
    engine::Engine,
    event::Event,
    sample::{BaroSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Triad},
    time::Timestamp,
};
use jounce_benches::ten_minutes;

/// Samples a push bench pushes at a time.
const BURST: i64 = 1_000;
/// 100 Hz.
const INTERVAL_NS: i64 = 10_000_000;

fn config() -> ValidConfig {
    Config::default().validate().expect("the defaults are valid")
}

/// One sample of each sensor, to be given other times.
fn one_of_each() -> [Sample; 7] {
    let t = Timestamp::default();
    let (lat_deg, lon_deg) = (Some(48.0), Some(11.0));
    [
        Sample::Accel(Triad { t, x: 0.1, y: 0.2, z: 9.8 }),
        Sample::Gyro(Triad { t, x: 0.01, y: 0.02, z: 0.03 }),
        Sample::Mag(Triad { t, x: 20.0, y: 5.0, z: -40.0 }),
        Sample::Gnss(GnssFix { t, lat_deg, lon_deg, speed_mps: Some(0.0), hacc_m: Some(5.0), ..GnssFix::default() }),
        Sample::Baro(BaroSample { t, pressure_hpa: 1013.0 }),
        Sample::Hint(HintSample { t, hint: Hint::Screen(false) }),
        Sample::Limit(LimitSample { t, limit: PostedLimit::Limit(13.9) }),
    ]
}

fn push(c: &mut Criterion) {
    let mut group = c.benchmark_group("push");
    group.throughput(Throughput::Elements(BURST.unsigned_abs()));
    for sample in one_of_each() {
        group.bench_function(sample.sensor().name(), |b| {
            let mut engine = Engine::new(config());
            let mut events: Vec<Event> = Vec::new();
            let mut now_ns = 0;
            b.iter(|| {
                for _ in 0..BURST {
                    now_ns += INTERVAL_NS;
                    black_box(engine.push(sample.at(Timestamp::from_ns(now_ns)), &mut events));
                }
                events.clear();
            });
        });
    }
    group.finish();
}

fn whole_drive(c: &mut Criterion) {
    let samples = ten_minutes();
    let mut group = c.benchmark_group("drive");
    group.throughput(Throughput::Elements(samples.len() as u64)).sample_size(10);
    group.bench_function("ten_minutes", |b| {
        b.iter_batched(
            || Engine::new(config()),
            |mut engine| {
                let mut events: Vec<Event> = Vec::new();
                for sample in &samples {
                    engine.push(*sample, &mut events);
                }
                engine.flush(&mut events);
                events
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, push, whole_drive);
criterion_main!(benches);
