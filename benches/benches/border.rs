//! What a border costs: a drive in batches of 100 samples, by the engine alone, through the C ABI, and through the facade of
//! the other languages as far as Rust goes.
#![expect(unsafe_code, reason = "calls the C ABI as C does")]

use std::{hint::black_box, ptr};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jounce::{config::Config, engine::Engine, event::Event, sample::Sample};
use jounce_benches::ten_minutes;
use jounce_ffi::{
    JounceEngine,
    capi::{
        JOUNCE_ABI_VERSION, JOUNCE_VALUES, JounceSample, JounceStatus, jounce_free, jounce_open, jounce_push_batch,
    },
};

/// Samples that cross at once: half a second of two sensors at 100 Hz.
const BATCH: usize = 100;

/// A sample as it crosses; of the drive's, fixes and those with axes.
fn plain(sample: &Sample) -> Option<JounceSample> {
    let mut values = [f64::NAN; JOUNCE_VALUES];
    match sample {
        Sample::Accel(axes) | Sample::Gyro(axes) | Sample::Mag(axes) => {
            values[..3].copy_from_slice(&[axes.x, axes.y, axes.z]);
        }
        Sample::Gnss(fix) => values = fix.values().map(|value| value.unwrap_or(f64::NAN)),
        _ => return None,
    }
    let size = u16::try_from(size_of::<JounceSample>()).ok()?;
    let sensor = u16::try_from(sample.sensor().index()).ok()?;
    Some(JounceSample { size, version: JOUNCE_ABI_VERSION, sensor, code: 0, t_ns: sample.t().ns(), values })
}

fn packed(sample: &JounceSample) -> Vec<u8> {
    let head = [sample.size, sample.version, sample.sensor, sample.code].map(u16::to_le_bytes).concat();
    [head, sample.t_ns.to_le_bytes().to_vec(), sample.values.map(f64::to_le_bytes).concat()].concat()
}

fn border(c: &mut Criterion) {
    let plain: Vec<JounceSample> = ten_minutes().iter().filter_map(plain).collect();
    let samples: Vec<Sample> = plain.iter().map(|plain| Sample::try_from(plain).expect("a sample")).collect();
    let packed: Vec<Vec<u8>> = plain.chunks(BATCH).map(|batch| batch.iter().flat_map(packed).collect()).collect();
    let mut group = c.benchmark_group("batches_of_100");
    group.throughput(Throughput::Elements(samples.len() as u64)).sample_size(20);
    group.bench_function("engine_alone", |b| {
        let config = || Config::default().validate().expect("the defaults are valid");
        b.iter_batched_ref(
            || Engine::new(config()),
            |engine| {
                let mut events: Vec<Event> = Vec::new();
                for sample in &samples {
                    engine.push(*sample, &mut events);
                }
                black_box(events)
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("c_abi", |b| {
        b.iter_batched_ref(
            opened,
            |session| {
                for batch in plain.chunks(BATCH) {
                    // SAFETY: a slice with its own length.
                    let status = unsafe { jounce_push_batch(session.0, batch.as_ptr(), batch.len(), ptr::null_mut()) };
                    assert_eq!(status, JounceStatus::Ok);
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("facade", |b| {
        b.iter_batched_ref(
            || JounceEngine::new("", None).expect("the defaults"),
            |engine| {
                for batch in &packed {
                    black_box(engine.push_batch(batch).expect("it is sound"));
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A session that is freed with its number.
struct Opened(u64);

fn opened() -> Opened {
    let mut number = 0;
    // SAFETY: no text, and a number of ours.
    let status = unsafe { jounce_open(ptr::null(), 0, &raw mut number) };
    assert_eq!(status, JounceStatus::Ok);
    Opened(number)
}

impl Drop for Opened {
    fn drop(&mut self) {
        assert_eq!(jounce_free(self.0), JounceStatus::Ok);
    }
}

criterion_group!(benches, border);
criterion_main!(benches);
