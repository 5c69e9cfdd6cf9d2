//! Prints what a scenario holds: `cargo run -p jounce-sim --example summary [NAME [SEED]]`.
#![expect(clippy::cast_precision_loss, reason = "recordings are short")]

use std::{env, io};

use jounce::sample::{Sample, Triad};
use jounce_sim::{Simulation, scenario, scenario_names, simulate};

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let name = args.next();
    let seed = args.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for (built_in, about) in scenario_names().filter(|(n, _)| name.as_deref().is_none_or(|name| name == *n)) {
        let Some(scenario) = scenario(built_in) else { continue };
        let simulation = simulate(&scenario, seed);
        println!("{built_in}: {about}");
        summarise(&simulation);
        if name.is_some() {
            simulation.write_labels(built_in, io::stdout())?;
        }
    }
    Ok(())
}

fn summarise(simulation: &Simulation) {
    let of = |pick: fn(&Sample) -> Option<Triad>| simulation.samples.iter().filter_map(pick).collect::<Vec<_>>();
    let accel = of(|s| if let Sample::Accel(t) = s { Some(*t) } else { None });
    let gyro = of(|s| if let Sample::Gyro(t) = s { Some(*t) } else { None });
    let duration_s = simulation.truth.last().map_or(0.0, |row| row.t_ns as f64 / 1e9);
    let fastest = simulation.truth.iter().map(|row| row.speed_mps).fold(0.0, f64::max);
    println!("  {} samples, {duration_s:.0} s, up to {:.0} km/h", simulation.samples.len(), fastest * 3.6);
    for (what, triads) in [("accel", accel), ("gyro", gyro)].iter().filter(|(_, t)| !t.is_empty()) {
        let peak = triads.iter().map(|t| (t.x * t.x + t.y * t.y + t.z * t.z).sqrt()).fold(0.0, f64::max);
        let (still, moving) = (roughness(simulation, triads, 0.0..0.1), roughness(simulation, triads, 8.0..25.0));
        println!(
            "  {what}: peak {peak:.2}; shaking still {still:.4}, at 8 to 25 m/s {moving:.4} (rms per axis, above 1 Hz)"
        );
    }
    for label in &simulation.labels {
        let kind = label.kind.map_or("none", |kind| kind.name());
        println!(
            "  {:7.2} {:7.2} {kind} {}",
            label.start_s,
            label.end_s,
            label.direction.map_or("", |side| side.name())
        );
    }
}

/// Root mean square about the mean of each second, over seconds in which the vehicle's speed is in `speeds`.
fn roughness(simulation: &Simulation, triads: &[Triad], speeds: std::ops::Range<f64>) -> f64 {
    let second = |t: &Triad| t.t.ns().div_euclid(1_000_000_000);
    let mut sorted = triads.to_vec();
    sorted.sort_by_key(|t| t.t);
    let (mut sum, mut count) = (0.0, 0.0);
    for group in sorted.chunk_by(|a, b| second(a) == second(b)) {
        let at = usize::try_from(second(&group[0]) * 10).unwrap_or(0);
        if !simulation.truth.get(at).is_some_and(|row| speeds.contains(&row.speed_mps)) {
            continue;
        }
        let n = group.len() as f64;
        let axes: [fn(&Triad) -> f64; 3] = [|t| t.x, |t| t.y, |t| t.z];
        for axis in axes {
            let mean = group.iter().map(axis).sum::<f64>() / n;
            sum += group.iter().map(|t| (axis(t) - mean).powi(2)).sum::<f64>();
            count += n;
        }
    }
    if count > 0.0 { (sum / count).sqrt() } else { 0.0 }
}
