use jounce::{
    sample::{Activity, BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sensor, Triad},
    time::Timestamp,
};
use proptest::prelude::*;

use super::*;

fn written(samples: &[Sample]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).expect("a vector takes everything");
    for sample in samples {
        writer.push(sample).expect("a vector takes everything");
    }
    writer.finish().expect("a vector takes everything")
}

/// All bits of a sample, NaN's payload among them.
fn bits(sample: &Sample) -> (Sensor, i64, Vec<Option<u64>>) {
    let values = match sample {
        Sample::Accel(s) | Sample::Gyro(s) | Sample::Mag(s) => vec![Some(s.x), Some(s.y), Some(s.z)],
        Sample::Gnss(f) => vec![f.lat_deg, f.lon_deg, f.alt_m, f.speed_mps, f.course_deg, f.hacc_m, f.sacc_mps],
        Sample::Baro(s) => vec![Some(s.pressure_hpa)],
        Sample::Limit(LimitSample { limit: PostedLimit::Limit(mps), .. }) => vec![Some(*mps)],
        Sample::Hint(_) | Sample::Limit(_) | Sample::Consent(_) => vec![],
    };
    (sample.sensor(), sample.t().ns(), values.iter().map(|value| value.map(f64::to_bits)).collect())
}

fn at(ns: i64) -> Timestamp {
    Timestamp::from_ns(ns)
}

/// One of everything that can be written.
fn everything() -> Vec<Sample> {
    let hint = |ns, hint| Sample::Hint(HintSample { t: at(ns), hint });
    let limit = |ns, limit| Sample::Limit(LimitSample { t: at(ns), limit });
    let consent = |ns, sensor, allowed| Sample::Consent(ConsentSample { t: at(ns), sensor, allowed });
    let activities = [
        Activity::Automotive,
        Activity::Cycling,
        Activity::Walking,
        Activity::Running,
        Activity::Still,
        Activity::Unknown,
    ];
    let mut samples = vec![
        Sample::Accel(Triad { t: at(86_400_000_000_000), x: 0.25, y: -0.0, z: 9.8125 }),
        Sample::Accel(Triad { t: at(86_400_010_000_000), x: 0.1, y: f64::from_bits(0x7ff8_0000_0000_1234), z: 9.81 }),
        Sample::Gyro(Triad { t: at(86_400_005_000_000), x: f64::INFINITY, y: 5e-324, z: f64::MIN }),
        Sample::Mag(Triad { t: at(i64::MIN), x: 20.5, y: -3.0, z: -44.0 }),
        Sample::Gnss(GnssFix { t: at(i64::MAX), ..GnssFix::default() }),
        Sample::Gnss(GnssFix {
            t: at(0),
            lat_deg: Some(52.1),
            lon_deg: Some(-13.4),
            alt_m: None,
            speed_mps: Some(-1.0),
            course_deg: None,
            hacc_m: Some(4.0),
            sacc_mps: Some(0.3),
        }),
        Sample::Baro(BaroSample { t: at(-1), pressure_hpa: 1013.25 }),
        Sample::Baro(BaroSample { t: at(1), pressure_hpa: 1013.1 }),
        hint(2, Hint::Screen(false)),
        hint(3, Hint::Screen(true)),
        hint(4, Hint::Car(false)),
        hint(5, Hint::Car(true)),
        limit(6, PostedLimit::Unknown),
        limit(7, PostedLimit::NoLimit),
        limit(8, PostedLimit::Limit(50.0 / 3.6)),
    ];
    samples.extend(activities.map(|activity| hint(9, Hint::Activity(activity))));
    samples.extend(Sensor::ALL.map(|sensor| consent(10, sensor, sensor == Sensor::Gnss)));
    samples
}

/// Written by version 1 once and for all: never to be written anew.
const GOLDEN: &[u8] = include_bytes!("../../tests/golden/v1.jnc");

#[test]
fn version_1_is_read_for_ever() {
    let recording = read(GOLDEN).expect("a recording");
    let (read, expected): (Vec<_>, Vec<_>) =
        (recording.samples.iter().map(bits).collect(), everything().iter().map(bits).collect());
    assert_eq!(read, expected);
    assert_eq!(format!("{:?}", recording.samples), format!("{:?}", everything()));
    assert_eq!((recording.utc_offset_ns, recording.unknown_frames), (Some(1_790_000_000_000_000_000), 1));
    assert!(recording.damaged.is_empty() && !recording.is_truncated);
}

#[test]
fn version_1_is_what_is_written() {
    let mut writer = Writer::new(Vec::new()).expect("a vector");
    writer.utc_offset_ns(1_790_000_000_000_000_000).expect("a vector");
    frames::write(&mut writer.out, 200, b"from a later version").expect("a vector");
    for sample in &everything() {
        writer.push(sample).expect("a vector");
    }
    assert!(writer.finish().expect("a vector") == GOLDEN);
}

#[test]
fn what_is_no_recording_is_refused() {
    assert_eq!(read(b""), Err(RecordingError::Foreign));
    assert_eq!(read(b"t_ns,sensor,v1"), Err(RecordingError::Foreign));
    assert_eq!(read(b"JNCR\x01"), Err(RecordingError::Truncated));
    assert_eq!(read(b"JNCR\x02\x00\x00\x00"), Err(RecordingError::Version { found: 2 }));
    assert_eq!(read(b"JNCR\x01\x00\x00\x00"), Ok(Recording::default()));
}

fn many() -> Vec<Sample> {
    let triad = |k: i64| Triad { t: at(k * 10_000_000), x: 0.1, y: 0.2, z: 9.81 };
    (0..2000).map(|k| if k % 2 == 0 { Sample::Accel(triad(k)) } else { Sample::Gyro(triad(k)) }).collect()
}

#[test]
fn after_damage_the_next_frame_is_read() {
    let (samples, good) = (many(), written(&many()));
    let frame = good.windows(2).skip(9).position(|window| window == [0xC5, 0x9A]).expect("a second frame") + 9;
    for at in [HEADER, HEADER + 1, HEADER + 2, HEADER + 3, HEADER + 5, HEADER + 100, frame - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        let recording = read(&bytes).expect("still a recording");
        assert_eq!(recording.damaged, std::slice::from_ref(&(HEADER..frame)), "byte {at}");
        assert!(!recording.is_truncated && recording.samples.len() > samples.len() / 2);
        assert!(samples.ends_with(&recording.samples));
    }
}

#[test]
fn a_cut_off_tail_is_read_as_far_as_it_goes() {
    let (samples, good) = (many(), written(&many()));
    let mut most = 0;
    for length in HEADER..good.len() {
        let recording = read(&good[..length]).expect("still a recording");
        assert!(samples.starts_with(&recording.samples) && recording.samples.len() >= most);
        assert_eq!(recording.is_truncated, !recording.damaged.is_empty());
        most = recording.samples.len();
    }
    assert!(most > samples.len() / 2);
}

#[test]
fn a_frame_with_a_right_checksum_and_wrong_content_is_damage() {
    let mut writer = Writer::new(Vec::new()).expect("a vector");
    let payloads: [&[u8]; 6] = [&[8, 0], &[0, 0, 1], &[0x13, 0, 0], &[5, 0, 9], &[6, 0, 3], &[0, 0xFF, 0xFF, 0xFF]];
    for payload in payloads {
        frames::write(&mut writer.out, SAMPLES, payload).expect("a vector");
    }
    let too_long = [&[7][..], &[0xFF; 9], &[2, 0, 0]].concat();
    frames::write(&mut writer.out, SAMPLES, &too_long).expect("a vector");
    let recording = read(&writer.out).expect("a recording");
    assert_eq!((recording.damaged.len(), recording.samples.len()), (payloads.len() + 1, 0));
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let double = || any::<u64>().prop_map(f64::from_bits);
    let value = move || prop_oneof![double(), any::<f32>().prop_map(f64::from), Just(-0.0)];
    let triad = move || (any::<i64>(), [value(), value(), value()]);
    let triad = move || triad().prop_map(|(t, [x, y, z])| Triad { t: at(t), x, y, z });
    let fix = (any::<i64>(), proptest::array::uniform7(proptest::option::of(value())));
    prop_oneof![
        triad().prop_map(Sample::Accel),
        triad().prop_map(Sample::Gyro),
        triad().prop_map(Sample::Mag),
        fix.prop_map(|(t, [lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps])| {
            Sample::Gnss(GnssFix { t: at(t), lat_deg, lon_deg, alt_m, speed_mps, course_deg, hacc_m, sacc_mps })
        }),
        (any::<i64>(), value()).prop_map(|(t, pressure_hpa)| Sample::Baro(BaroSample { t: at(t), pressure_hpa })),
        (any::<i64>(), value())
            .prop_map(|(t, mps)| Sample::Limit(LimitSample { t: at(t), limit: PostedLimit::Limit(mps) })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_bit_comes_back(samples in proptest::collection::vec(any_sample(), 0..400)) {
        let recording = read(&written(&samples)).expect("a recording");
        let (back, there): (Vec<_>, Vec<_>) =
            (recording.samples.iter().map(bits).collect(), samples.iter().map(bits).collect());
        prop_assert_eq!(back, there);
        prop_assert!(recording.damaged.is_empty());
    }

    #[test]
    fn any_bytes_may_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000), zeros in 0_usize..3) {
        let header = [&MAGIC[..], &[1, 0, 0, 0]].concat();
        let sync = [&[0xC5, 0x9A, 1, 0, 4, 0, 0, 0][..], &vec![0; zeros]].concat();
        let recording = read(&[header, bytes.clone(), sync, bytes].concat()).expect("a recording");
        prop_assert!(recording.damaged.iter().all(|at| at.start < at.end));
    }
}
