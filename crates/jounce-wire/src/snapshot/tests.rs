use jounce::{
    config::{Config, Profile},
    event::Event,
    sample::{BaroSample, ConsentSample, GnssFix, Sample, Sensor, Triad},
    time::Timestamp,
};

use super::*;

fn config() -> ValidConfig {
    Config::default().validate().expect("the defaults are valid")
}

/// Seconds of a phone at rest, 50 Hz.
fn rest(engine: &mut Engine, seconds: std::ops::Range<i64>) {
    let mut events: Vec<Event> = Vec::new();
    for k in seconds.start * 50..seconds.end * 50 {
        let t = Timestamp::from_ns(k * 20_000_000);
        engine.push(Sample::Accel(Triad { t, x: 0.1, y: -0.0, z: 9.8 }), &mut events);
        engine.push(Sample::Gyro(Triad { t, x: 0.001, y: 0.0, z: 0.0 }), &mut events);
    }
}

fn saved() -> Vec<u8> {
    let mut engine = Engine::new(config());
    rest(&mut engine, 0..20);
    save(&mut engine)
}

/// The bytes with a checksum that is theirs.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - CHECKSUM;
    bytes.truncate(end);
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes
}

/// Numbers without end, the same ones every time (`SplitMix64`).
fn numbers(mut state: u64) -> impl FnMut() -> usize {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).expect("64 bit")
    }
}

#[test]
fn whatever_is_wrong_is_named() {
    let good = saved();
    let refusal = |bytes: &[u8]| restore(bytes, &config()).expect_err("it is refused");
    assert_eq!(refusal(b"a text"), SnapshotError::Foreign);
    assert_eq!(refusal(b"JN"), SnapshotError::Length { found: 2, expected: HEADER + CHECKSUM });
    let found = good.len();
    assert_eq!(refusal(&good[..found - 1]), SnapshotError::Length { found: found - 1, expected: found });
    assert_eq!(refusal(&[&good[..], b"x"].concat()), SnapshotError::Length { found: found + 1, expected: found });
    assert_eq!(refusal(&[&good[..], &vec![0; MOST_BYTES]].concat()), SnapshotError::TooLong);
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(refusal(&with(4, 7)), SnapshotError::Layout { found: 7 });
    assert_eq!(refusal(&with(8, !good[8])), SnapshotError::Damaged);
    assert_eq!(refusal(&sealed(with(8, !good[8]))), SnapshotError::OtherEngine);
    assert_eq!(refusal(&frame(&compress_to_vec(&[1, 2, 3], EFFORT))), SnapshotError::Content);
    assert_eq!(refusal(&frame(b"not deflated")), SnapshotError::Content);

    let van = Config { profile: Profile::Van, ..Config::default() }.validate().expect("valid");
    assert_eq!(restore(&good, &van).expect_err("refused"), SnapshotError::OtherConfig);
}

#[test]
fn no_damage_is_restored() {
    let good = saved();
    let mut number = numbers(1);
    for _ in 0..10_000 {
        let mut bytes = good.clone();
        match number() % 4 {
            0 => bytes.truncate(number() % good.len()),
            1 => bytes[number() % good.len()] ^= 1 << (number() % 8),
            2 => {
                let (from, to) = (number() % good.len(), number() % good.len());
                bytes[from.min(to)..=from.max(to)].reverse();
            }
            _ => {
                for _ in 0..=number() % 16 {
                    bytes[number() % good.len()] = number().to_le_bytes()[0];
                }
            }
        }
        if bytes != good {
            assert!(restore(&bytes, &config()).is_err());
        }
    }
}

/// Forged snapshots, with checksums that are right: refused, or an engine that goes on without a panic.
#[test]
fn no_forgery_panics() {
    let good = saved();
    let body = decompress_to_vec_with_limit(unframe(&good).expect("good"), MOST_BYTES).expect("good");
    let mut number = numbers(2);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..1000 {
        let mut forged = body.clone();
        for _ in 0..=number() % 3 {
            forged[number() % body.len()] = number().to_le_bytes()[0];
        }
        match restore(&frame(&compress_to_vec(&forged, EFFORT)), &config()) {
            Ok(mut engine) => {
                taken += 1;
                rest(&mut engine, 20..22);
                engine.flush(&mut Vec::<Event>::new());
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 50 && taken > 50, "{refused} refused, {taken} taken");
}

/// A latitude and a reading that nothing else is likely to hold.
const SECRET: f64 = 51.234_567_890_123_4;

#[test]
fn nothing_refused_is_kept() {
    let t = |k: i64| Timestamp::from_ns(k * 20_000_000);
    let triad = |k| Triad { t: t(k), x: SECRET, y: SECRET, z: SECRET };
    let fix = |k| GnssFix { t: t(k), lat_deg: Some(SECRET), lon_deg: Some(SECRET), ..GnssFix::default() };
    let cases: [(Sensor, &dyn Fn(i64) -> Sample); 5] = [
        (Sensor::Accel, &|k| Sample::Accel(triad(k))),
        (Sensor::Gyro, &|k| Sample::Gyro(triad(k))),
        (Sensor::Mag, &|k| Sample::Mag(triad(k))),
        (Sensor::Gnss, &|k| Sample::Gnss(fix(k))),
        (Sensor::Baro, &|k| Sample::Baro(BaroSample { t: t(k), pressure_hpa: SECRET })),
    ];
    for (sensor, sample) in cases {
        let mut engine = Engine::new(config());
        let mut events: Vec<Event> = Vec::new();
        let mut say = |engine: &mut Engine, allowed| {
            let said = ConsentSample { t: t(0), sensor, allowed };
            engine.push(Sample::Consent(said), &mut events);
        };
        let holds_it = |engine: &mut Engine| {
            let body = codec::encode(engine);
            body.windows(8).any(|window| window == SECRET.to_le_bytes())
        };
        let push = |engine: &mut Engine| {
            for k in 0..100 {
                engine.push(sample(k), &mut Vec::<Event>::new());
            }
        };
        say(&mut engine, false);
        push(&mut engine);
        assert!(!holds_it(&mut engine), "{}: refused", sensor.name());
        say(&mut engine, true);
        push(&mut engine);
        assert!(holds_it(&mut engine), "{}: allowed", sensor.name());
        say(&mut engine, false);
        assert!(!holds_it(&mut engine), "{}: withdrawn", sensor.name());
        say(&mut engine, true);
        push(&mut engine);
        engine.forget();
        assert!(!holds_it(&mut engine), "{}: forgotten", sensor.name());
    }
}

#[test]
fn no_number_that_is_none_is_restored() {
    let good = saved();
    let mut body = decompress_to_vec_with_limit(unframe(&good).expect("good"), MOST_BYTES).expect("good");
    let gravity = 9.8_f64.to_le_bytes();
    let at = body.windows(8).position(|window| window == gravity).expect("a reading");
    body[at..at + 8].copy_from_slice(&f64::NAN.to_le_bytes());
    let forged = frame(&compress_to_vec(&body, EFFORT));
    assert_eq!(restore(&forged, &config()).expect_err("refused"), SnapshotError::Content);
}
