//! One trajectory, and every sensor follows from it.
#![expect(clippy::cast_precision_loss, reason = "recordings are short")]

use jounce::sample::{GnssFix, Sample, Triad};
use jounce_sim::{
    GRAVITY_MPS2, Scenario, Simulation, TruthRow,
    scenario::{Accelerometer, Gnss, Gyroscope, Mount, Phone, Pose, Start, Vehicle},
    script::{Carried, Crash, Curve, Jolt, Measured, Pulse, Shape, SpeedChange, Step, Turn},
    simulate,
};
use nalgebra::Vector3;

const RATE_HZ: f64 = 200.0;

fn perfect(step: Vec<Step>) -> Scenario {
    Scenario {
        vehicle: Vehicle::rigid(),
        phone: Phone { lever_arm_m: [0.0; 3], ..Phone::default() },
        accel: Some(Accelerometer::ideal(RATE_HZ)),
        gyro: Some(Gyroscope::ideal(RATE_HZ)),
        step,
        ..Scenario::default()
    }
}

fn moving(kmh: f64, step: Vec<Step>) -> Scenario {
    Scenario { start: Start { speed_kmh: kmh, ..Start::default() }, ..perfect(step) }
}

fn change(to_kmh: f64, at_mps2: f64) -> SpeedChange {
    SpeedChange { to_kmh, at_mps2, edge_s: 0.4, meanwhile: false }
}

fn cruise(for_s: f64) -> Step {
    Step::Cruise { for_s }
}

fn vectors(simulation: &Simulation, pick: fn(&Sample) -> Option<&Triad>) -> Vec<Vector3<f64>> {
    simulation.samples.iter().filter_map(pick).map(|t| Vector3::new(t.x, t.y, t.z)).collect()
}

fn accel(simulation: &Simulation) -> Vec<Vector3<f64>> {
    vectors(simulation, |s| if let Sample::Accel(t) = s { Some(t) } else { None })
}

fn gyro(simulation: &Simulation) -> Vec<Vector3<f64>> {
    vectors(simulation, |s| if let Sample::Gyro(t) = s { Some(t) } else { None })
}

fn fixes(simulation: &Simulation) -> Vec<GnssFix> {
    simulation.samples.iter().filter_map(|s| if let Sample::Gnss(fix) = s { Some(*fix) } else { None }).collect()
}

fn integral(values: &[Vector3<f64>]) -> Vector3<f64> {
    values.iter().sum::<Vector3<f64>>() / RATE_HZ
}

fn truth_at(simulation: &Simulation, t_s: f64) -> &TruthRow {
    simulation.truth.iter().min_by_key(|row| (row.t_ns - jounce::time::ns_from_s(t_s)).abs()).expect("truth")
}

/// Mounts all around.
fn mounts() -> Vec<Mount> {
    let poses = [Pose::Flat, Pose::Portrait, Pose::Landscape, Pose::UpsideDown];
    let tilted = poses.map(|pose| Mount { pose, roll_deg: 17.0, pitch_deg: -41.0, yaw_deg: 133.0 });
    poses.map(|pose| Mount { pose, ..Mount::default() }).into_iter().chain(tilted).collect()
}

#[test]
fn at_rest_specific_force_is_gravity_upward_for_any_mount() {
    for mount in mounts() {
        let mut scenario = perfect(vec![cruise(1.0)]);
        scenario.phone.mount = mount;
        let up = mount.vehicle_from_device().inverse() * Vector3::z() * GRAVITY_MPS2;
        for reading in accel(&simulate(&scenario, 1)) {
            assert!((reading - up).norm() < 1e-9, "{mount:?}: {reading}");
        }
    }
}

#[test]
fn base_poses_are_what_they_say() {
    let up = |pose| Mount { pose, ..Mount::default() }.vehicle_from_device().inverse() * Vector3::z();
    assert!((up(Pose::Flat) - Vector3::z()).norm() < 1e-12, "face up: z");
    assert!((up(Pose::Portrait) - Vector3::y()).norm() < 1e-12, "upright: the top edge is up");
    assert!((up(Pose::Landscape) + Vector3::x()).norm() < 1e-12, "on its right edge: x points down");
    assert!((up(Pose::UpsideDown) + Vector3::y()).norm() < 1e-12);
    for pose in [Pose::Portrait, Pose::Landscape, Pose::UpsideDown] {
        let screen = Mount { pose, ..Mount::default() }.vehicle_from_device() * Vector3::z();
        assert!((screen + Vector3::x()).norm() < 1e-12, "the screen looks to the rear");
    }
}

#[test]
fn forward_acceleration_integrates_to_the_change_of_speed() {
    let scenario = perfect(vec![cruise(1.0), Step::Accelerate(change(72.0, 3.0)), cruise(1.0)]);
    // Flat: the top edge, y, points forward.
    let gained = integral(&accel(&simulate(&scenario, 1))).y;
    assert!((gained - 20.0).abs() < 0.02, "{gained}");
    let peak = accel(&simulate(&scenario, 1)).iter().map(|a| a.y).fold(0.0, f64::max);
    assert!((peak - 3.0).abs() < 0.01, "{peak}");
}

#[test]
fn a_turn_shows_as_yaw_rate_and_centripetal_acceleration() {
    let turn = Turn { angle_deg: 90.0, curve: Curve::LateralMps2(3.0), edge_s: 0.8 };
    let scenario = moving(54.0, vec![cruise(1.0), Step::Turn(turn), cruise(1.0)]);
    let simulation = simulate(&scenario, 1);
    let turned = integral(&gyro(&simulation)).z.to_degrees();
    assert!((turned - 90.0).abs() < 0.1, "{turned}");
    // Left is −x of a flat phone.
    for (force, rate) in accel(&simulation).iter().zip(gyro(&simulation)) {
        assert!((-force.x - 15.0 * rate.z).abs() < 0.02, "{force} {rate}");
    }
}

#[test]
fn a_phone_off_the_centre_feels_the_turning() {
    let turn = Turn { angle_deg: 180.0, curve: Curve::RadiusM(15.0), edge_s: 0.8 };
    let steps = vec![cruise(1.0), Step::Turn(turn), cruise(1.0)];
    let centre = simulate(&moving(36.0, steps.clone()), 1);
    let mut scenario = moving(36.0, steps);
    scenario.phone.lever_arm_m = [2.0, 0.0, 0.0];
    let ahead = simulate(&scenario, 1);
    let rate = 10.0 / 15.0;
    let difference = accel(&ahead).iter().zip(accel(&centre)).map(|(a, c)| c.y - a.y).fold(0.0, f64::max);
    assert!((difference - rate * rate * 2.0).abs() < 0.02, "ω² r backward: {difference}");
}

#[test]
fn a_slope_tilts_gravity_but_is_no_acceleration() {
    let grade = Step::Grade { percent: 12.0, over_m: 30.0 };
    let scenario = moving(36.0, vec![grade, cruise(10.0), Step::Brake(change(0.0, 2.0)), cruise(3.0)]);
    let simulation = simulate(&scenario, 1);
    let last = *accel(&simulation).last().expect("samples");
    let angle = 0.12_f64.atan();
    assert!((last.y - GRAVITY_MPS2 * angle.sin()).abs() < 1e-6, "uphill pushes forward: {last}");
    assert!((last.z - GRAVITY_MPS2 * angle.cos()).abs() < 1e-6);
    let row = simulation.truth.last().expect("truth");
    assert!(row.accel_forward_mps2.abs() < 1e-9 && (row.grade_rad - angle).abs() < 1e-9);
    assert!((integral(&gyro(&simulation)).x - angle).abs() < 1e-3, "nose up is positive about the right");
}

#[test]
fn braking_dives_and_bends_roll_outward() {
    let vehicle = Vehicle { wander_mps2: 0.0, road_scale: 0.0, vibration_scale: 0.0, ..Vehicle::default() };
    let brake = SpeedChange { edge_s: 0.8, ..change(0.0, 4.0) };
    let mut scenario = moving(72.0, vec![cruise(1.0), Step::Brake(brake)]);
    scenario.vehicle = vehicle.clone();
    let felt = accel(&simulate(&scenario, 1));
    let hardest = felt.iter().map(|a| -a.y).fold(0.0, f64::max);
    assert!(hardest > 4.05, "the dive adds gravity to the braking: {hardest}");

    let turn = Turn { angle_deg: 180.0, curve: Curve::LateralMps2(4.0), edge_s: 1.0 };
    let mut scenario = moving(54.0, vec![cruise(1.0), Step::Turn(turn)]);
    scenario.vehicle = vehicle;
    let felt = accel(&simulate(&scenario, 1));
    let settled = felt[felt.len() / 2].x;
    // Rolling outward lifts the left side, so gravity's share adds to what the bend gives.
    let expected = -(4.0 + GRAVITY_MPS2 * 0.0071 * 4.0);
    assert!((settled - expected).abs() < 0.05, "{settled}, not {expected}");
}

#[test]
fn a_turned_phone_reads_the_turned_values() {
    // Every vibration on; only the sensors are perfect.
    let drive = |mount| {
        let turn = Turn { angle_deg: -70.0, curve: Curve::RadiusM(25.0), edge_s: 0.8 };
        let mut scenario = moving(36.0, vec![cruise(2.0), Step::Turn(turn), Step::Brake(change(0.0, 5.0))]);
        scenario.vehicle = Vehicle::default();
        scenario.phone = Phone { mount, ..Phone::default() };
        simulate(&scenario, 3)
    };
    let flat = Mount::default();
    let reference = drive(flat);
    for mount in mounts() {
        let turned = drive(mount);
        let device_from_flat = mount.vehicle_from_device().inverse() * flat.vehicle_from_device();
        for (a, b) in accel(&turned).iter().zip(accel(&reference)).chain(gyro(&turned).iter().zip(gyro(&reference))) {
            assert!((a - device_from_flat * b).norm() < 1e-9);
        }
    }
}

#[test]
fn fixes_follow_the_position_and_are_as_late_as_they_say() {
    let gnss = Gnss {
        delay_s: 1.2,
        smoothing_s: 0.0,
        position_sigma_m: 0.0,
        position_white_m: 0.0,
        speed_sigma_mps: 0.0,
        ..Gnss::default()
    };
    let turn = Turn { angle_deg: 120.0, curve: Curve::RadiusM(60.0), edge_s: 1.0 };
    let steps = vec![cruise(2.0), Step::Accelerate(change(54.0, 2.0)), Step::Turn(turn), Step::Brake(change(0.0, 2.5))];
    let scenario = Scenario { gnss: Some(Gnss { rate_hz: 5.0, ..gnss }), ..perfect(steps) };
    let simulation = simulate(&scenario, 1);
    for fix in fixes(&simulation).iter().filter(|fix| fix.t.ns() > 2_000_000_000) {
        let truth = truth_at(&simulation, fix.t.ns() as f64 / 1e9 - 1.2);
        assert!((fix.speed_mps.expect("speed") - truth.speed_mps).abs() < 0.011);
        assert!((fix.lat_deg.expect("lat") - truth.lat_deg).abs() < 2e-7);
        assert!((fix.lon_deg.expect("lon") - truth.lon_deg).abs() < 2e-7);
    }
    for pair in fixes(&simulation).windows(2).filter(|pair| pair[0].t.ns() > 2_000_000_000) {
        let (a, b) = (pair[0], pair[1]);
        let north = (b.lat_deg.expect("lat") - a.lat_deg.expect("lat")) * 111_195.0;
        let east = (b.lon_deg.expect("lon") - a.lon_deg.expect("lon")) * 111_195.0 * 52.0_f64.to_radians().cos();
        let speed = 0.5 * (a.speed_mps.expect("speed") + b.speed_mps.expect("speed"));
        assert!((north.hypot(east) / 0.2 - speed).abs() < 0.15, "{} {speed}", north.hypot(east) / 0.2);
        if speed > 5.0 && (b.course_deg.expect("course") - a.course_deg.expect("course")).abs() < 90.0 {
            let course = east.atan2(north).to_degrees().rem_euclid(360.0);
            assert!((course - b.course_deg.expect("course")).abs() < 4.0, "{course} {:?}", b.course_deg);
        }
    }
}

#[test]
fn true_acceleration_integrates_to_true_speed_on_every_drive() {
    for (name, _) in jounce_sim::scenario_names() {
        let truth = simulate(&jounce_sim::scenario(name).expect("built in"), 2).truth;
        let mut speed = truth[0].speed_mps;
        for pair in truth.windows(2) {
            // A row holds the mean over the tenth of a second around it.
            speed += 0.05 * (pair[0].accel_forward_mps2 + pair[1].accel_forward_mps2);
            // Sliding sideways after a crash, speed is not along the heading.
            if name.contains("crash") && pair[1].t_ns > 20_000_000_000 {
                break;
            }
            assert!((speed - pair[1].speed_mps).abs() < 0.15, "{name}: {speed} {:?}", pair[1]);
        }
    }
}

#[test]
fn a_crash_takes_its_delta_v_in_its_direction() {
    let pulse = Pulse { delta_v_kmh: 36.0, clock: 12.0, duration_s: 0.1, shape: Shape::default() };
    let crash = Crash { cfc60: true, ..Crash::of(pulse) };
    let simulation = simulate(&moving(72.0, vec![cruise(5.0), Step::Crash(crash), cruise(5.0)]), 1);
    let before = truth_at(&simulation, 5.0).speed_mps;
    let after = truth_at(&simulation, 5.2).speed_mps;
    assert!((before - 20.0).abs() < 1e-6 && (after - 10.0).abs() < 0.5, "{before} {after}");
    assert!(simulation.truth.last().expect("truth").speed_mps < 1e-9, "it comes to rest");
    let peak = accel(&simulation).iter().map(|a| -a.y).fold(0.0, f64::max);
    assert!((180.0..300.0).contains(&peak), "a haversine of 100 ms peaks at 200 m/s², with ringing: {peak}");
    let lost = -integral(&accel(&simulation)).y;
    assert!((lost - 20.0).abs() < 0.3, "all speed went through the phone: {lost}");
}

#[test]
fn a_measured_crash_takes_what_was_measured() {
    let measured = Measured {
        rate_hz: 1000.0,
        forward_mps2: vec![-100.0; 100],
        left_mps2: vec![30.0; 100],
        yaw_degps: 0.0,
        slide_mps2: 4.0,
    };
    let simulation = simulate(&moving(72.0, vec![cruise(5.0), Step::CrashMeasured(measured), cruise(5.0)]), 1);
    let after = truth_at(&simulation, 5.2).speed_mps;
    assert!((after - 10.0_f64.hypot(3.0)).abs() < 0.5, "{after}");
    assert!(simulation.truth.last().expect("truth").speed_mps < 1e-9, "it comes to rest");
}

#[test]
fn a_jolt_swings_and_leaves_no_velocity() {
    let jolt = Jolt { peak_mps2: [0.0, 0.0, 30.0], hz: 15.0, decay_s: 0.05 };
    let simulation = simulate(&moving(36.0, vec![cruise(2.0), Step::Jolt(jolt), cruise(2.0)]), 1);
    let up: Vec<f64> = accel(&simulation).iter().map(|a| a.z - GRAVITY_MPS2).collect();
    assert!((15.0..30.0).contains(&up.iter().copied().fold(0.0, f64::max)));
    assert!(up.iter().sum::<f64>().abs() / RATE_HZ < 0.35, "less than a wheel's own bounce");
    assert!((truth_at(&simulation, 4.0).speed_mps - 10.0).abs() < 1e-6);
}

#[test]
fn a_phone_that_is_carried_feels_what_it_is_told_and_the_vehicle() {
    let carried = Carried {
        rate_hz: 100.0,
        force_mps2: vec![[0.0, 3.0, GRAVITY_MPS2]; 200],
        rate_radps: vec![[0.0, 0.0, 0.5]; 200],
        flies_from_s: None,
        to: Mount { yaw_deg: 57.3, ..Mount::default() },
    };
    let simulation = simulate(&moving(36.0, vec![cruise(2.0), Step::PhoneCarried(carried), cruise(4.0)]), 1);
    let samples = accel(&simulation);
    let middle = samples[600]; // 3 s
    assert!((middle - Vector3::new(0.0, 3.0, GRAVITY_MPS2)).norm() < 0.05, "{middle}");
    assert!((samples.last().expect("samples") - Vector3::z() * GRAVITY_MPS2).norm() < 0.01);
}

#[test]
fn a_dropped_phone_is_weightless_for_as_long_as_it_falls() {
    let drop = Step::PhoneDrop { height_m: 0.6, to: Mount { roll_deg: 180.0, ..Mount::default() } };
    let simulation = simulate(&moving(50.0, vec![cruise(2.0), drop, cruise(3.0)]), 1);
    let weightless = accel(&simulation).iter().filter(|a| a.norm() < 0.3 * GRAVITY_MPS2).count() as f64 / RATE_HZ;
    let fall = (2.0 * 0.6 / GRAVITY_MPS2).sqrt();
    assert!((weightless - fall).abs() < 0.04, "{weightless} {fall}");
    let last = *accel(&simulation).last().expect("samples");
    assert!((last + Vector3::z() * GRAVITY_MPS2).norm() < 0.01, "face down: {last}");
}

#[test]
fn a_bend_by_no_angle_and_a_bend_at_a_standstill_take_no_time() {
    let turn = Turn { angle_deg: 0.0, curve: Curve::RadiusM(20.0), edge_s: 0.8 };
    let roundabout = Step::Roundabout { radius_m: 20.0, angle_deg: -80.0 };
    let rolling = simulate(&moving(36.0, vec![Step::Turn(turn), roundabout.clone()]), 1);
    assert!(rolling.truth.len() < 100, "{}", rolling.truth.len());
    let standing = simulate(&perfect(vec![Step::Turn(Turn { angle_deg: 90.0, ..turn }), roundabout, cruise(1.0)]), 1);
    assert_eq!(standing.truth.len(), 10);
}
