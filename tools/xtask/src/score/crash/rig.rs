//! A phone in a car that drives, up to the moment at which something happens.

use jounce_sim::{
    GRAVITY_MPS2, Scenario,
    scenario::{Accelerometer, Gnss, Gyroscope, Mount, Phone, Vehicle},
    script::{Curve, SpeedChange, Step, Turn},
};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// A phone, its sensors, and how fast the car goes when it happens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) rate_hz: f64,
    pub(super) range_g: f64,
    pub(super) mount: Mount,
    /// Resonance of the holder, Hz; 0: rigid.
    pub(super) holder_hz: f64,
    pub(super) gnss: bool,
    pub(super) speed_kmh: f64,
    /// Steady driving before, s, beside a bend and what the car takes to get there.
    pub(super) cruise_s: f64,
}

impl Setup {
    /// Any phone, any way round, in one of the usual holders.
    pub(super) fn random(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sprung = rng.random_bool(0.5);
        Self {
            rate_hz: 100.0,
            range_g: 8.0,
            mount: Mount::random(seed),
            holder_hz: if sprung { rng.random_range(12.0..40.0) } else { 0.0 },
            gnss: true,
            speed_kmh: 50.0,
            cruise_s: 12.0,
        }
    }

    /// The drive, then `steps`.
    pub(super) fn scenario(&self, steps: impl IntoIterator<Item = Step>) -> Scenario {
        let accel = Accelerometer { range: self.range_g * GRAVITY_MPS2, ..Accelerometer::at(self.rate_hz) };
        let mut step = self.drive();
        step.extend(steps);
        Scenario {
            vehicle: Vehicle::default(),
            phone: Phone {
                mount: self.mount,
                holder_hz: self.holder_hz,
                holder_damping: if self.holder_hz > 0.0 { 0.2 } else { Phone::default().holder_damping },
                ..Phone::default()
            },
            accel: Some(accel),
            gyro: Some(Gyroscope::at(self.rate_hz)),
            gnss: self.gnss.then(Gnss::default),
            step,
            ..Scenario::default()
        }
    }

    /// Off, a bend, and up to speed.
    fn drive(&self) -> Vec<Step> {
        const TURN_KMH: f64 = 25.0;
        let turn = Turn { angle_deg: 60.0, curve: Curve::LateralMps2(2.0), edge_s: 0.8 };
        vec![
            cruise(3.0),
            to(TURN_KMH, 2.0),
            Step::Turn(turn),
            to(self.speed_kmh.max(TURN_KMH + 5.0), 2.2),
            cruise(self.cruise_s),
            to(self.speed_kmh, 2.0),
            cruise(1.5),
        ]
    }
}

pub(super) fn cruise(for_s: f64) -> Step {
    Step::Cruise { for_s }
}

/// To that speed.
pub(super) fn to(to_kmh: f64, at_mps2: f64) -> Step {
    Step::Brake(SpeedChange { to_kmh, at_mps2, edge_s: 0.4, meanwhile: false })
}

/// To that speed while the next steps happen.
pub(super) fn meanwhile_to(to_kmh: f64, at_mps2: f64) -> Step {
    Step::Brake(SpeedChange { to_kmh, at_mps2, edge_s: 0.2, meanwhile: true })
}
