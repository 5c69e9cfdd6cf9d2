//! How large a snapshot becomes.

use jounce::{
    config::Config,
    engine::Engine,
    event::Event,
    sample::{GnssFix, Sample, Triad},
    time::Timestamp,
};
use jounce_wire::snapshot;

/// What a snapshot may take, bytes.
const MOST_BYTES: usize = 256 * 1024;
const RATE_HZ: i64 = 400;
const NS_PER_S: i64 = 1_000_000_000;
/// Gyroscope samples that come in one batch: 4.5 s of them.
const BATCH: usize = 1800;

/// Noise that no compression makes smaller, −0.5 to 0.5, in single precision as phones deliver it.
struct Noise(u64);

impl Noise {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "noise")]
    fn around(&mut self, mean: f64, width: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        f64::from((mean + unit * width) as f32)
    }

    fn triad(&mut self, t: Timestamp, mean: [f64; 3], width: f64) -> Triad {
        let [x, y, z] = mean.map(|mean| self.around(mean, width));
        Triad { t, x, y, z }
    }
}

/// Three inertial sensors at 400 Hz and a receiver at 10 Hz for two and a half minutes; the gyroscope comes in batches
/// 4.5 s late, so that everything waits for it; the ride is rough, so that every window is full.
#[test]
fn the_fullest_engine_stays_within_its_room() {
    let mut engine = Engine::new(Config::default().validate().expect("valid"));
    let mut events: Vec<Event> = Vec::new();
    let (mut noise, mut batch, mut most) = (Noise(1), Vec::new(), 0);
    for k in 0..RATE_HZ * 150 {
        let t = Timestamp::from_ns(7_654_321_012_345_678 + k * NS_PER_S / RATE_HZ);
        let s = t.s_since(Timestamp::from_ns(7_654_321_012_345_678));
        engine.push(Sample::Accel(noise.triad(t, [0.0, 0.0, 9.81], 8.0)), &mut events);
        engine.push(Sample::Mag(noise.triad(t, [20.0, 0.0, -40.0], 5.0)), &mut events);
        batch.push(Sample::Gyro(noise.triad(t.plus_ns(123_457), [0.0; 3], 1.0)));
        if k % (RATE_HZ / 10) == 0 {
            let fix = GnssFix {
                t,
                lat_deg: Some(52.0 + s * 1e-4),
                lon_deg: Some(13.5),
                alt_m: Some(noise.around(40.0, 5.0)),
                speed_mps: Some(11.1 + 2.0 * libm::sin(s / 5.0) + noise.around(0.0, 0.1)),
                course_deg: Some(noise.around(10.0, 2.0)),
                hacc_m: Some(noise.around(4.0, 1.0)),
                sacc_mps: Some(noise.around(0.3, 0.1)),
            };
            engine.push(Sample::Gnss(fix), &mut events);
        }
        if batch.len() == BATCH {
            most = most.max(snapshot::save(&mut engine).len());
            for sample in batch.drain(..) {
                engine.push(sample, &mut events);
            }
        } else if k % 4001 == 0 {
            most = most.max(snapshot::save(&mut engine).len());
        }
    }
    println!("{most} bytes of {MOST_BYTES}");
    assert!((MOST_BYTES / 4..=MOST_BYTES).contains(&most), "{most} bytes");
}
