//! The built-in scenarios: what they hold, how large they are, and that nobody changes them unawares.
#![expect(clippy::cast_precision_loss, reason = "recordings are short")]

use std::collections::BTreeMap;

use jounce::{
    event::{EventKind, Side},
    sample::{Sample, Sensor},
};
use jounce_sim::{
    Handling, RandomDrive, Scenario, ScenarioError, Simulation, random_drive, scenario, scenario::Mount,
    scenario_names, simulate,
};

fn run(name: &str) -> Simulation {
    simulate(&scenario(name).unwrap_or_else(|| panic!("{name} does not parse")), 1)
}

fn counts(simulation: &Simulation) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for kind in simulation.labels.iter().filter_map(|label| label.kind) {
        *counts.entry(kind.name()).or_default() += 1;
    }
    counts
}

fn of(simulation: &Simulation, sensor: Sensor) -> usize {
    simulation.samples.iter().filter(|sample| sample.sensor() == sensor).count()
}

/// FNV-1a over the bits of every sample.
fn checksum(samples: &[Sample]) -> u64 {
    format!("{samples:?}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn every_scenario_has_the_events_it_was_made_for() {
    let expected: &[(&str, &[(&str, usize)])] = &[
        ("city-drive", &[("hard_braking", 1), ("harsh_acceleration", 1), ("harsh_cornering", 2), ("speeding", 1)]),
        ("calm-drive", &[]),
        ("odd-mount", &[("hard_braking", 1), ("harsh_acceleration", 1), ("harsh_cornering", 1), ("swerve", 1)]),
        ("late-alignment", &[("hard_braking", 1)]),
        ("front-crash", &[("crash", 1)]),
        ("rear-crash-stopped", &[("crash", 1)]),
        ("side-crash-rollover", &[("crash", 1), ("rollover", 1)]),
        ("phone-drop-moving", &[("phone_drop", 1), ("phone_moved", 1)]),
        ("phone-turned", &[("hard_braking", 2), ("phone_handling", 1), ("phone_moved", 2)]),
        ("tunnel", &[("hard_braking", 1)]),
        ("hill", &[]),
        ("crest", &[]),
        ("banked-curve", &[]),
        ("roundabout", &[]),
        ("long-braking", &[]),
        ("bump-pothole", &[]),
        ("places", &[("place_arrive", 2), ("place_leave", 2)]),
        ("long-trip-gap", &[("trip_start", 1), ("trip_end", 1)]),
        ("no-gnss", &[("hard_braking", 1), ("harsh_cornering", 1)]),
        ("magnet-holder", &[("hard_braking", 1), ("harsh_cornering", 1)]),
        ("batched", &[("hard_braking", 1), ("harsh_acceleration", 1), ("harsh_cornering", 1)]),
    ];
    assert_eq!(expected.len(), scenario_names().count());
    for (name, own) in expected {
        // Each is one trip, besides what it has of its own.
        let mut wanted = BTreeMap::from([("trip_start", 1), ("trip_end", 1)]);
        for (kind, count) in *own {
            *wanted.entry(kind).or_default() += count;
        }
        assert_eq!(counts(&run(name)), wanted, "{name}");
    }
}

#[test]
fn corners_are_labelled_on_their_side() {
    let simulation = run("city-drive");
    let corners = simulation.labels.iter().filter(|l| l.kind == Some(EventKind::HarshCornering));
    assert_eq!(corners.map(|l| l.direction).collect::<Vec<_>>(), [Some(Side::Right), Some(Side::Left)]);
}

#[test]
fn recordings_are_small_and_finite() {
    for (name, about) in scenario_names() {
        assert!(!about.is_empty());
        let simulation = run(name);
        // A row of native CSV takes about 40 bytes.
        assert!(simulation.samples.len() < 19_000, "{name}: {}", simulation.samples.len());
        assert!(simulation.truth.iter().all(|row| row.speed_mps.is_finite() && row.accel_up_mps2.is_finite()));
        for sample in &simulation.samples {
            let finite = match sample {
                Sample::Accel(t) | Sample::Gyro(t) | Sample::Mag(t) => [t.x, t.y, t.z].iter().all(|v| v.is_finite()),
                Sample::Gnss(fix) => fix.lat_deg.is_some_and(f64::is_finite) && fix.lon_deg.is_some_and(f64::is_finite),
                _ => true,
            };
            assert!(finite, "{name}: {sample:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_every_machine() {
    let drive = scenario("city-drive").expect("built in");
    let first = simulate(&drive, 7);
    assert_eq!(checksum(&first.samples), checksum(&simulate(&drive, 7).samples));
    assert_ne!(checksum(&first.samples), checksum(&simulate(&drive, 8).samples));
    // Changes when the simulation changes; then the fixtures made by it change too.
    assert_eq!(checksum(&first.samples), GOLDEN, "{:#x}", checksum(&first.samples));
}
const GOLDEN: u64 = 0x51b0_2e4a_411e_8fe4;

#[test]
fn scenarios_survive_being_written() {
    for (name, _) in scenario_names() {
        let original = scenario(name).expect("built in");
        let again = Scenario::from_toml(&original.to_toml().expect("writes")).expect("reads");
        assert_eq!(original, again, "{name}");
    }
    let random = random_drive(4, &RandomDrive::default());
    assert_eq!(random, Scenario::from_toml(&random.to_toml().expect("writes")).expect("reads"));
}

#[test]
fn nonsense_is_refused_by_name() {
    let refused = |text: &str| Scenario::from_toml(text).expect_err("refused").to_string();
    assert!(refused("[gnss]\nrate_hz = 0").contains("gnss.rate_hz = 0"));
    assert!(refused("[[step]]\ndo = \"cruise\"\nfor_s = nan").contains("step[0].for_s"));
    assert!(refused("[[step]]\ndo = \"fly\"").contains("fly"));
    assert!(refused("[[step]]\ndo = \"cruise\"\nfor_s = 1\nfast = true").contains("fast"));
    assert!(refused("[config.braking]\nthreshold = 3").contains("threshold"));
    assert!(matches!(
        Scenario::from_toml("[[step]]\ndo = \"hint\"\nname = \"mood\"\nvalue = \"good\""),
        Err(ScenarioError::Hint { .. })
    ));
    let mut broken = scenario("hill").expect("built in");
    broken.start.lat_deg = f64::NAN;
    assert!(simulate(&broken, 1).samples.is_empty());
}

#[test]
fn vibration_is_as_strong_as_in_a_car() {
    let simulation = run("city-drive");
    let moving = |t_ns: i64| {
        let row = usize::try_from(t_ns / 100_000_000).ok().and_then(|row| simulation.truth.get(row));
        row.is_some_and(|row| {
            row.speed_mps > 8.0 && row.accel_left_mps2.abs() < 0.6 && row.accel_forward_mps2.abs() < 0.6
        })
    };
    let picked = simulation.samples.iter().filter_map(|s| if let Sample::Accel(t) = s { Some(t) } else { None });
    let norms: Vec<f64> =
        picked.filter(|t| moving(t.t.ns())).map(|t| (t.x * t.x + t.y * t.y + t.z * t.z).sqrt()).collect();
    let n = norms.len() as f64;
    let mean = norms.iter().sum::<f64>() / n;
    let rms = (norms.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((0.2..0.5).contains(&rms), "vertical vibration at speed: {rms}");
    assert!((9.5..10.1).contains(&mean), "{mean}");
}

#[test]
fn faults_are_there() {
    let batched = run("batched");
    let stamps: Vec<i64> = batched.samples.iter().map(|s| s.t().ns()).collect();
    assert!(stamps.windows(2).any(|w| w[1] < w[0] - 1_000_000_000), "bursts come late");
    let accels: Vec<&Sample> = batched.samples.iter().filter(|s| s.sensor() == Sensor::Accel).collect();
    assert!(accels.windows(2).any(|w| w[0] == w[1]), "duplicates");
    let tunnel = run("tunnel");
    let fixes: Vec<i64> = tunnel.samples.iter().filter(|s| s.sensor() == Sensor::Gnss).map(|s| s.t().ns()).collect();
    let longest = fixes.windows(2).map(|w| w[1] - w[0]).max().unwrap_or_default() as f64 / 1e9;
    assert!((55.0..70.0).contains(&longest), "{longest}");
    assert!(tunnel.samples.iter().any(|s| matches!(s, Sample::Gnss(fix) if fix.speed_mps == Some(-1.0))));
    assert_eq!(of(&run("no-gnss"), Sensor::Gnss), 0);
    assert_eq!(of(&run("places"), Sensor::Accel), 0);
    assert!(run("places").config_toml.is_some_and(|toml| toml.contains("yard")));
    let strongest = |name: &str| {
        let fields = run(name).samples.into_iter().filter_map(|s| if let Sample::Mag(t) = s { Some(t) } else { None });
        fields.map(|t| (t.x * t.x + t.y * t.y + t.z * t.z).sqrt()).fold(0.0, f64::max)
    };
    assert!(strongest("magnet-holder") > 300.0 && strongest("calm-drive") < 120.0);
}

#[test]
fn labels_and_truth_are_written_as_csv() {
    let simulation = run("city-drive");
    let mut labels = Vec::new();
    simulation.write_labels("a,b", &mut labels).expect("writes");
    let labels = String::from_utf8(labels).expect("text");
    assert!(labels.starts_with("trace,kind,start_s,end_s,direction\n\"a,b\",trip_start,"), "{labels}");
    assert!(labels.contains(",harsh_cornering,") && labels.contains(",right\n") && labels.contains(",none,"));
    let mut truth = Vec::new();
    simulation.write_truth(&mut truth).expect("writes");
    let truth = String::from_utf8(truth).expect("text");
    assert!(truth.starts_with("t_ns,speed_mps,accel_forward_mps2"));
    assert!(truth.lines().count() > 1500 && !truth.contains("NaN"));
}

#[test]
fn random_drives_are_ordinary() {
    let options = RandomDrive { duration_s: 300.0, ..RandomDrive::default() };
    for seed in 0..4 {
        let drive = random_drive(seed, &options);
        let simulation = simulate(&drive, seed);
        let wanted = BTreeMap::from([("trip_start", 1), ("trip_end", 1)]);
        assert_eq!(counts(&simulation), wanted, "seed {seed}");
        let end_s = simulation.truth.last().map_or(0.0, |row| row.t_ns as f64 / 1e9);
        assert!((250.0..400.0).contains(&end_s), "{end_s}");
    }
    assert_ne!(random_drive(1, &options), random_drive(2, &options));
}

#[test]
fn handling_a_phone_leaves_the_drive_as_it_is() {
    let options = RandomDrive { duration_s: 150.0, ..RandomDrive::default() };
    let driven = |options: &RandomDrive| {
        let simulation = simulate(&random_drive(3, options), 3);
        let speeds: Vec<f64> = simulation.truth.iter().map(|row| row.speed_mps).collect();
        (counts(&simulation).get("phone_moved").copied(), speeds)
    };
    let (none, alone) = driven(&options);
    assert_eq!(none, None);
    for handling in Handling::ALL {
        let (moves, speeds) = driven(&RandomDrive { handling: Some(handling), ..options.clone() });
        assert!(moves.is_some_and(|moves| (1..=3).contains(&moves)), "{handling:?}: {moves:?}");
        // A phone still in the hand at the end makes the recording longer.
        assert!(speeds.starts_with(&alone), "{handling:?}");
    }
}

#[test]
fn a_mount_is_found_from_how_a_phone_sits() {
    for (_, mount) in scenario_names().filter_map(|(name, _)| Some((name, scenario(name)?.phone.mount))) {
        let sits = mount.vehicle_from_device();
        assert!(Mount::sitting(&sits).vehicle_from_device().angle_to(&sits) < 1e-6, "{mount:?}");
    }
}
