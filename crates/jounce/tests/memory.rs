//! How much memory the engine takes, and when. Counted by an allocator of this test's own.

use allocation_counter::measure;
use jounce::{
    config::Config,
    engine::Engine,
    event::{Dismissal, Event, Sink},
    sample::{Activity, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Triad},
    time::Timestamp,
};
use jounce_sim::{scenario, simulate};

/// All that a fresh engine takes, bytes. Most of it is room for `align.capacity` samples.
const MOST_BYTES: i64 = 4 << 20;
/// A recording's habits are known by then, s.
const WARM_UP_S: f64 = 60.0;

fn engine() -> Engine {
    Engine::new(Config::default().validate().expect("the defaults are valid"))
}

/// Keeps nothing, so that only the engine's own memory counts, but how much there was to say.
#[derive(Debug, Default)]
struct Count(usize);

impl Sink for Count {
    fn event(&mut self, _: &Event) {
        self.0 += 1;
    }

    fn dismissal(&mut self, _: &Dismissal) {
        self.0 += 1;
    }
}

/// What is held on the heap after `run`, with what it made.
fn held<T>(run: impl FnOnce() -> T) -> (T, i64) {
    let mut made = None;
    let counts = measure(|| made = Some(run()));
    (made.expect("it ran"), counts.bytes_current)
}

#[test]
fn a_fresh_engine_takes_what_it_says() {
    let (engine, bytes) = held(engine);
    let own = size_of_val(&engine);
    println!("{} KiB on the heap, {} KiB in itself", bytes / 1024, own / 1024);
    assert!((1..MOST_BYTES).contains(&bytes), "{bytes} bytes");
    assert!(own < 128 * 1024, "{own} bytes");
}

#[test]
fn a_warm_engine_allocates_for_nothing_but_what_it_says() {
    for name in ["calm-drive", "bump-pothole", "places", "no-gnss", "tunnel", "batched", "magnet-holder"] {
        let samples = simulate(&scenario(name).expect("it is built in"), 1).samples;
        let (mut engine, mut sink, mut warm) = (engine(), Count::default(), 0);
        for sample in &samples {
            let said = sink.0;
            let counts = measure(|| {
                engine.push(*sample, &mut sink);
            });
            if sample.t().s_since(Timestamp::default()) > WARM_UP_S && sink.0 == said {
                assert_eq!(counts.count_total, 0, "{name}: {sample:?}");
                warm += 1;
            }
        }
        assert!(warm > 300, "{name}: {warm}");
    }
}

/// What the engine holds after `count` samples that no clock and no sensor would give.
fn held_after(count: i64, sample: impl Fn(Timestamp) -> Sample, interval_ns: i64) -> i64 {
    let (_engine, bytes) = held(|| {
        let mut engine = engine();
        for k in 0..count {
            engine.push(sample(Timestamp::from_ns(k * interval_ns)), &mut Count::default());
        }
        engine
    });
    bytes
}

#[test]
fn no_flood_makes_it_hold_more() {
    let triad = |t| Triad { t, x: 0.0, y: 0.0, z: 9.81 };
    let fix = |t| GnssFix { t, lat_deg: Some(52.0), lon_deg: Some(13.5), speed_mps: Some(9.0), ..GnssFix::default() };
    let floods: [(&str, &dyn Fn(Timestamp) -> Sample); 5] = [
        ("accel", &|t| Sample::Accel(triad(t))),
        ("gyro", &|t| Sample::Gyro(triad(t))),
        ("gnss", &|t| Sample::Gnss(fix(t))),
        ("hint", &|t| Sample::Hint(HintSample { t, hint: Hint::Activity(Activity::Walking) })),
        ("limit", &|t| Sample::Limit(LimitSample { t, limit: PostedLimit::NoLimit })),
    ];
    for (name, flood) in floods {
        for interval_ns in [0, 1, 50_000] {
            let bytes = held_after(200_000, flood, interval_ns);
            println!("{name} every {interval_ns} ns: {} KiB", bytes / 1024);
            assert!(bytes <= MOST_BYTES, "{name} every {interval_ns} ns: {bytes} bytes");
        }
    }
}
