//! Reading a recorded trace.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jounce_benches::ten_minutes;

fn native_csv(c: &mut Criterion) {
    let samples = ten_minutes();
    let mut text = Vec::new();
    jounce_trace::write_native(samples.iter().copied(), &mut text).expect("a vector takes everything");

    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Elements(samples.len() as u64)).sample_size(20);
    group.bench_function("native_csv", |b| {
        b.iter(|| jounce_trace::from_reader("drive.csv", text.as_slice()).expect("a trace"));
    });
    group.finish();
}

criterion_group!(benches, native_csv);
criterion_main!(benches);
