//! Pulses of every size, length, shape and side, through every phone: recall, and how good the figures are.

use jounce_sim::{
    Simulation, carried,
    scenario::Mount,
    script::{Crash, Pulse, Shape, Step},
    simulate,
};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rayon::prelude::*;

use super::{
    figures::{Check, Counted},
    peers::PEERS,
    rig::{Setup, cruise, meanwhile_to},
    trial::Trial,
};
use crate::score::{report::Table, stats::spread};

const DELTA_V_KMH: [f64; 6] = [5.0, 8.0, 15.0, 25.0, 40.0, 70.0];
const DURATIONS_S: (f64, f64) = (0.06, 0.18);
const RATES_HZ: [f64; 5] = [10.0, 25.0, 50.0, 100.0, 200.0];
const RANGES_G: [f64; 4] = [2.0, 4.0, 8.0, 16.0];
const SHAPES: [Shape; 4] = [Shape::Haversine, Shape::HalfSine, Shape::Barrier, Shape::Offset];
/// Bins of the true peak, g.
const PEAKS_G: [f64; 6] = [0.0, 1.5, 2.0, 3.0, 5.0, 1e3];

/// A confirmation after this is late, s.
const LATE_S: f64 = 10.0;

/// How a crash comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// At speed, perhaps braking.
    Driving,
    /// Struck while standing within a trip.
    Standing,
    /// At speed, without satellites for its whole length.
    Blind,
    /// At speed, and the phone is torn from its holder.
    Torn,
}

/// One crash of the grid and what was made of it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    seed: u64,
    delta_v_kmh: f64,
    peak_g: f64,
    rate_hz: f64,
    range_g: f64,
    before: Before,
    check: Check,
}

impl Case {
    /// A crash that anybody would ask for.
    fn is_missed(&self) -> bool {
        self.delta_v_kmh >= 8.0 && !self.check.confirmed
    }

    fn is_late(&self) -> bool {
        self.check.confirmed && self.check.confirmed_after_s > LATE_S
    }

    fn told(&self) -> String {
        let Self { delta_v_kmh, rate_hz, range_g, before, check, seed, .. } = self;
        let what = match (check.confirmed, check.suspected) {
            (true, _) => "confirmed",
            (false, true) => "revoked",
            (false, false) => "not suspected",
        };
        let why = check.codes.join(" ");
        let probability = check.probability;
        format!(
            "{seed}, {what} ({probability:.2}): {delta_v_kmh:.0} km/h, {before:?}, {rate_hz} Hz, ±{range_g} g: {why}"
        )
    }
}

/// Simulates and judges `count` crashes from that seed on.
pub(super) fn crashes(from: u64, count: u64) -> anyhow::Result<Vec<Case>> {
    (from..from + count).into_par_iter().map(crash).collect()
}

fn crash(index: u64) -> anyhow::Result<Case> {
    let mut rng = ChaCha8Rng::seed_from_u64(9_000_000 + index);
    let pick = |rng: &mut ChaCha8Rng, values: &[f64]| values[rng.random_range(0..values.len())];
    // Sizes, sides and rates in turn, so that every bin is as full as any other.
    let turn = usize::try_from(index)?;
    let (low, high) = {
        let bin = turn % (DELTA_V_KMH.len() - 1);
        (DELTA_V_KMH[bin], DELTA_V_KMH[bin + 1])
    };
    let delta_v_kmh = rng.random_range(low..high);
    let pulse = Pulse {
        delta_v_kmh,
        clock: f64::from(u32::try_from(turn % 12)?) + 1.0,
        duration_s: rng.random_range(DURATIONS_S.0..DURATIONS_S.1),
        shape: SHAPES[rng.random_range(0..SHAPES.len())],
    };
    let rate_hz = RATES_HZ[(turn / 5) % RATES_HZ.len()];
    let before = match rng.random_range(0..10) {
        0 => Before::Standing,
        1 => Before::Blind,
        2 => Before::Torn,
        _ => Before::Driving,
    };
    let setup = Setup {
        rate_hz,
        range_g: pick(&mut rng, &RANGES_G),
        mount: Mount::random(index),
        // No car is slowed by more than it had, unless it is thrown back.
        speed_kmh: if before == Before::Standing { 0.0 } else { delta_v_kmh.max(20.0) + rng.random_range(0.0..50.0) },
        gnss: before != Before::Blind,
        ..Setup::random(index)
    };
    let crash = Crash {
        yaw_degps: rng.random_range(-90.0..90.0),
        slide_mps2: rng.random_range(3.0..7.0),
        cfc60: true,
        ..Crash::of(pulse)
    };
    let mut steps = Vec::new();
    if before == Before::Driving && rng.random_bool(0.5) {
        steps.extend([meanwhile_to(0.0, 7.0), cruise(rng.random_range(0.05..0.6))]);
    }
    if before == Before::Standing {
        steps.push(cruise(20.0));
    }
    if before == Before::Torn {
        // After half of the pulse, with the speed that the car has lost by then.
        let (sin, cos) = (pulse.clock / 12.0 * std::f64::consts::TAU).sin_cos();
        let lost_mps = 0.5 * delta_v_kmh / 3.6;
        let leaves_mps = [lost_mps * cos, -lost_mps * sin];
        let after_s = 0.03 + 0.5 * pulse.duration_s;
        steps.push(Step::PhoneCarried(carried::torn_off(&setup.mount, after_s, leaves_mps, index)));
    }
    steps.extend([Step::Crash(crash), cruise(20.0)]);
    let mut scenario = setup.scenario(steps);
    if before == Before::Blind {
        // Nothing but a hint says that this is a car.
        scenario.step.insert(0, Step::Hint { name: "car".to_owned(), value: "on".to_owned() });
    }
    let simulation = simulate(&scenario, index);
    let trial = Trial::new(&simulation.samples)?;
    let onset_s = onset_s(&simulation);
    Ok(Case {
        seed: index,
        delta_v_kmh,
        peak_g: peak_g(&pulse),
        rate_hz,
        range_g: setup.range_g,
        before,
        check: Check::new(&trial, onset_s, delta_v_kmh / 3.6, pulse.clock),
    })
}

/// When the blow begins: the crash's label, or for the smallest the moment before the twenty seconds at the end.
fn onset_s(simulation: &Simulation) -> f64 {
    /// Faster changes of velocity than this are no braking, m/s².
    const BLOW_MPS2: f64 = 11.0;
    let rows = &simulation.truth;
    let hit = rows.iter().find(|row| row.accel_forward_mps2.hypot(row.accel_left_mps2) > BLOW_MPS2);
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    let row_s = hit.map_or(f64::NAN, |row| row.t_ns as f64 / 1e9);
    let label = simulation.labels.iter().find(|label| label.kind == Some(jounce::event::EventKind::Crash));
    // The row's end is up to 0.1 s after the onset.
    label.map_or(row_s - 0.1, |label| label.start_s)
}

fn peak_g(pulse: &Pulse) -> f64 {
    let factor = match pulse.shape {
        Shape::HalfSine => std::f64::consts::FRAC_PI_2,
        Shape::Haversine | Shape::Barrier | Shape::Offset => 2.0,
    };
    factor * pulse.delta_v_kmh / 3.6 / pulse.duration_s / jounce_sim::GRAVITY_MPS2
}

pub(super) fn tables(cases: &[Case]) -> Vec<Table> {
    let columns: Vec<&str> =
        ["crashes", "recall", "suspected"].into_iter().chain(PEERS.iter().map(|rule| rule.name)).collect();
    let mut by_size = Table::new(format!("Grid of {} crashes: share that is confirmed", cases.len()), &columns);
    let row = |table: &mut Table, what: String, keep: &dyn Fn(&Case) -> bool| {
        let kept = Counted::of(cases.iter().filter(|case| keep(case)).map(|case| &case.check));
        table.row(what, "", &kept.shares());
    };
    let quick = |case: &Case| case.rate_hz >= 50.0;
    // A phone that is torn off feels half of the blow, and then a fall.
    let bins = DELTA_V_KMH.windows(2).map(|bin| (format!("Δv {}–{} km/h", bin[0], bin[1]), bin[0]..bin[1]));
    for (what, bin) in bins.chain([("Δv ≥ 15 km/h".to_owned(), 15.0..f64::INFINITY)]) {
        for (how, torn) in [("", false), (", torn off", true)] {
            row(&mut by_size, format!("{what}, ≥ 50 Hz{how}"), &|case| {
                bin.contains(&case.delta_v_kmh) && quick(case) && (case.before == Before::Torn) == torn
            });
        }
    }
    for window in PEAKS_G.windows(2) {
        let inside = move |case: &Case| (window[0]..window[1]).contains(&case.peak_g);
        row(&mut by_size, format!("peak {}–{} g, ≥ 50 Hz", window[0], window[1]), &|case| {
            inside(case) && quick(case)
        });
    }
    let large = |case: &Case| case.delta_v_kmh >= 15.0;
    for rate_hz in RATES_HZ {
        row(&mut by_size, format!("{rate_hz} Hz, Δv ≥ 15 km/h"), &|case| {
            (case.rate_hz - rate_hz).abs() < 1.0 && large(case)
        });
    }
    for range_g in RANGES_G {
        let inside = move |case: &Case| (case.range_g - range_g).abs() < 1.0 && large(case) && quick(case);
        row(&mut by_size, format!("±{range_g} g, Δv ≥ 15 km/h, ≥ 50 Hz"), &inside);
    }
    for (what, before) in
        [("driving", Before::Driving), ("standing in a trip", Before::Standing), ("no satellites", Before::Blind)]
    {
        let inside = move |case: &Case| case.before == before && large(case) && quick(case);
        row(&mut by_size, format!("{what}, Δv ≥ 15 km/h, ≥ 50 Hz"), &inside);
    }
    for case in cases.iter().filter(|case| case.is_missed() && quick(case)) {
        by_size.note(case.told());
    }
    let late = |slow: bool| cases.iter().filter(|case| case.is_late() && quick(case) != slow).count();
    let (late, late_slow) = (late(false), late(true));
    by_size.note(format!("{late} at 50 Hz and more, and {late_slow} at less, were confirmed later than {LATE_S} s"));
    let several = cases.iter().filter(|case| case.check.reported > 1).count();
    by_size.note(format!("{several} were reported as more than one crash"));
    vec![by_size, figures(cases)]
}

fn figures(cases: &[Case]) -> Table {
    let mut table = Table::new("… of the confirmed, ≥ 50 Hz", &["median", "95 %", "worst"]);
    let found = || cases.iter().filter(|case| case.rate_hz >= 50.0 && case.check.confirmed);
    let of = |pick: &dyn Fn(&Case) -> f64, keep: &dyn Fn(&Case) -> bool| {
        spread(&found().filter(|case| keep(case)).map(pick).collect::<Vec<_>>())
    };
    table.row("suspected after the onset", "s", &of(&|case| case.check.suspected_after_s, &|_| true));
    table.row("confirmed after the onset", "s", &of(&|case| case.check.confirmed_after_s, &|_| true));
    let error = |case: &Case| 100.0 * (case.check.delta_v_ratio - 1.0).abs();
    let whole = |case: &Case| !case.check.clipped && case.before != Before::Torn;
    table.row("Δv not clipped: error", "%", &of(&error, &whole));
    table.row("… Δv ≥ 15 km/h", "%", &of(&error, &|case| whole(case) && case.delta_v_kmh >= 15.0));
    let known = |case: &Case| case.check.hours_off.is_finite() && case.before != Before::Torn;
    let off = |case: &Case| case.check.hours_off;
    table.row("direction: off by", "h", &of(&off, &|case| known(case) && !case.check.clipped));
    let large = |case: &Case| known(case) && !case.check.clipped && case.delta_v_kmh >= 15.0;
    table.row("… Δv ≥ 15 km/h", "h", &of(&off, &large));
    table.row("… clipped", "h", &of(&off, &|case| known(case) && case.check.clipped));
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let without = found().filter(|case| !case.check.hours_off.is_finite()).count() as f64;
    table.row("without a direction", "", &[without, f64::NAN, f64::NAN]);
    table
}
