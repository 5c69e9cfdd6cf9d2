//! Refuses scenarios that make no sense, so that the simulation needs no checks of its own.

use jounce::sample::Hint;

use crate::{
    scenario::{Scenario, ScenarioError, Timing},
    script::{Carried, Crash, Curve, Jolt, Measured, Pulse, SpeedChange, Step},
};

/// Longest drive, s.
pub(crate) const LONGEST_S: f64 = 4.0 * 3600.0;
/// Highest speed, km/h.
const FASTEST_KMH: f64 = 300.0;
/// Highest rate, Hz.
const HIGHEST_RATE_HZ: f64 = 400.0;

impl Scenario {
    /// Checks that every value is finite and makes sense.
    pub fn validate(&self) -> Result<(), ScenarioError> {
        self.validate_start()?;
        self.validate_sensors()?;
        for (index, step) in self.step.iter().enumerate() {
            validate_step(step, &format!("step[{index}]"))?;
        }
        self.engine_config().map(drop)
    }

    /// The engine config the scenario wants, or the default one.
    pub(crate) fn engine_config(&self) -> Result<jounce::config::Config, ScenarioError> {
        let table = self.config.clone().unwrap_or_default();
        table.try_into().map_err(ScenarioError::Config)
    }

    fn validate_start(&self) -> Result<(), ScenarioError> {
        let at = "start";
        within(at, "lat_deg", self.start.lat_deg, -80.0, 80.0, "-80 to 80")?;
        within(at, "lon_deg", self.start.lon_deg, -180.0, 180.0, "-180 to 180")?;
        within(at, "alt_m", self.start.alt_m, -500.0, 9000.0, "-500 to 9000")?;
        within(at, "course_deg", self.start.course_deg, -360.0, 360.0, "-360 to 360")?;
        within(at, "speed_kmh", self.start.speed_kmh, 0.0, FASTEST_KMH, "0 to 300")?;
        let v = &self.vehicle;
        for (name, value) in [("pitch_gain", v.pitch_gain), ("roll_gain", v.roll_gain)] {
            within("vehicle", name, value, 0.0, 0.05, "0 to 0.05")?;
        }
        within("vehicle", "body_hz", v.body_hz, 0.1, 10.0, "0.1 to 10")?;
        within("vehicle", "body_damping", v.body_damping, 0.0, 2.0, "0 to 2")?;
        for (name, value) in
            [("road_scale", v.road_scale), ("vibration_scale", v.vibration_scale), ("wander_mps2", v.wander_mps2)]
        {
            within("vehicle", name, value, 0.0, 20.0, "0 to 20")?;
        }
        within("phone", "holder_hz", self.phone.holder_hz, 0.0, 100.0, "0 to 100")?;
        within("phone", "holder_damping", self.phone.holder_damping, 0.01, 2.0, "0.01 to 2")?;
        for arm in self.phone.lever_arm_m {
            within("phone", "lever_arm_m", arm, -10.0, 10.0, "-10 to 10")?;
        }
        finite("phone.mount", &[self.phone.mount.roll_deg, self.phone.mount.pitch_deg, self.phone.mount.yaw_deg])
    }

    fn validate_sensors(&self) -> Result<(), ScenarioError> {
        let accel = self.accel.as_ref().map(|s| ("accel", &s.timing, s.errors()));
        let gyro = self.gyro.as_ref().map(|s| ("gyro", &s.timing, s.errors()));
        for (at, timing, s) in accel.into_iter().chain(gyro) {
            validate_timing(at, timing)?;
            for (name, value) in [
                ("noise", s.noise),
                ("bias", s.bias),
                ("bias_walk", s.bias_walk),
                ("scale_error", s.scale_error),
                ("step", s.step),
                ("range", s.range),
                ("bandwidth_hz", s.bandwidth_hz),
            ] {
                within(at, name, value, 0.0, 1e6, "0 or more")?;
            }
        }
        if let Some(m) = &self.mag {
            validate_timing("mag", &m.timing)?;
            within("mag", "shielding", m.shielding, 0.0, 1.0, "0 to 1")?;
            let fields = m.hard_iron_device_ut.iter().chain(&m.hard_iron_vehicle_ut).copied();
            let values: Vec<f64> =
                fields.chain([m.noise_ut, m.step_ut, m.earth_ut, m.inclination_deg, m.declination_deg]).collect();
            finite("mag", &values)?;
        }
        if let Some(b) = &self.baro {
            within("baro", "rate_hz", b.rate_hz, 0.01, HIGHEST_RATE_HZ, "0.01 to 400")?;
            within("baro", "noise_hpa", b.noise_hpa, 0.0, 100.0, "0 to 100")?;
        }
        self.validate_gnss()
    }

    fn validate_gnss(&self) -> Result<(), ScenarioError> {
        let Some(g) = &self.gnss else { return Ok(()) };
        within("gnss", "rate_hz", g.rate_hz, 0.01, 20.0, "0.01 to 20")?;
        within("gnss", "position_tau_s", g.position_tau_s, 0.1, 1e6, "0.1 or more")?;
        for (name, value) in [("delay_s", g.delay_s), ("smoothing_s", g.smoothing_s), ("arrival_s", g.arrival_s)] {
            within("gnss", name, value, 0.0, 10.0, "0 to 10")?;
        }
        for (name, value) in [
            ("position_sigma_m", g.position_sigma_m),
            ("position_white_m", g.position_white_m),
            ("speed_sigma_mps", g.speed_sigma_mps),
            ("reacquisition_m", g.reacquisition_m),
        ] {
            within("gnss", name, value, 0.0, 1e5, "0 to 100000")?;
        }
        for (name, value) in [("speedless", g.speedless), ("spike", g.spike), ("coarse", g.coarse)] {
            within("gnss", name, value, 0.0, 1.0, "0 to 1")?;
        }
        Ok(())
    }
}

fn validate_timing(at: &str, timing: &Timing) -> Result<(), ScenarioError> {
    within(at, "timing.rate_hz", timing.rate_hz, 0.01, HIGHEST_RATE_HZ, "0.01 to 400")?;
    for (name, value) in
        [("timing.jitter", timing.jitter), ("timing.dropout", timing.dropout), ("timing.duplicate", timing.duplicate)]
    {
        within(at, name, value, 0.0, 1.0, "0 to 1")?;
    }
    within(at, "timing.batch_s", timing.batch_s, 0.0, 600.0, "0 to 600")?;
    within(at, "timing.clock_offset_s", timing.clock_offset_s, -1e6, 1e6, "-1e6 to 1e6")
}

fn validate_step(step: &Step, at: &str) -> Result<(), ScenarioError> {
    let length = |name, value| within(at, name, value, 0.01, LONGEST_S, "0.01 to 14400");
    match step {
        Step::Park { for_s } | Step::Cruise { for_s } | Step::PhoneHandle { for_s, .. } => length("for_s", *for_s),
        Step::Accelerate(change) | Step::Brake(change) => validate_change(change, at),
        Step::Turn(turn) => {
            within(at, "angle_deg", turn.angle_deg, -720.0, 720.0, "-720 to 720")?;
            length("edge_s", turn.edge_s)?;
            match turn.curve {
                Curve::RadiusM(r) => within(at, "curve.radius_m", r, 3.0, 1e5, "3 to 100000"),
                Curve::LateralMps2(a) => within(at, "curve.lateral_mps2", a, 0.05, 15.0, "0.05 to 15"),
            }
        }
        Step::Swerve(swerve) => {
            within(at, "lateral_mps2", swerve.lateral_mps2, -15.0, 15.0, "-15 to 15")?;
            length("over_s", swerve.over_s)
        }
        Step::Roundabout { radius_m, angle_deg } => {
            within(at, "radius_m", *radius_m, 3.0, 1e3, "3 to 1000")?;
            within(at, "angle_deg", *angle_deg, -90.0, 270.0, "-90 to 270")
        }
        Step::Grade { percent, over_m } => {
            within(at, "percent", *percent, -40.0, 40.0, "-40 to 40")?;
            within(at, "over_m", *over_m, 0.1, 1e5, "0.1 to 100000")
        }
        Step::Bank { deg, over_m } => {
            within(at, "deg", *deg, -30.0, 30.0, "-30 to 30")?;
            within(at, "over_m", *over_m, 0.1, 1e5, "0.1 to 100000")
        }
        Step::Obstacle(o) => {
            within(at, "height_m", o.height_m, -0.3, 0.3, "-0.3 to 0.3")?;
            within(at, "length_m", o.length_m, 0.05, 100.0, "0.05 to 100")
        }
        Step::Limit { kmh, .. } => within(at, "kmh", kmh.unwrap_or(50.0), 1.0, FASTEST_KMH, "1 to 300"),
        Step::Hint { name, value } => match Hint::parse(name, value) {
            Some(_) => Ok(()),
            None => Err(ScenarioError::Hint { name: name.clone(), value: value.clone() }),
        },
        Step::Crash(crash) => validate_crash(crash, at),
        Step::CrashMeasured(measured) => validate_measured(measured, at),
        Step::Jolt(jolt) => validate_jolt(jolt, at),
        Step::PhoneCarried(carried) => validate_carried(carried, at),
        Step::PhoneTurn { over_s, .. } => length("over_s", *over_s),
        Step::PhoneDrop { height_m, .. } => within(at, "height_m", *height_m, 0.05, 3.0, "0.05 to 3"),
        Step::Magnet { device_ut, vehicle_ut } => {
            finite(at, device_ut)?;
            finite(at, vehicle_ut)
        }
        Step::Surface { .. } | Step::Tunnel { .. } | Step::Recording { .. } | Step::DoorSlam => Ok(()),
    }
}

fn validate_change(change: &SpeedChange, at: &str) -> Result<(), ScenarioError> {
    within(at, "to_kmh", change.to_kmh, 0.0, FASTEST_KMH, "0 to 300")?;
    within(at, "at_mps2", change.at_mps2, 0.01, 15.0, "0.01 to 15")?;
    within(at, "edge_s", change.edge_s, 0.05, 60.0, "0.05 to 60")
}

fn validate_crash(crash: &Crash, at: &str) -> Result<(), ScenarioError> {
    validate_pulse(&crash.pulse, at)?;
    within(at, "yaw_degps", crash.yaw_degps, -720.0, 720.0, "-720 to 720")?;
    within(at, "roll_deg", crash.roll_deg, -1440.0, 1440.0, "-1440 to 1440")?;
    within(at, "roll_over_s", crash.roll_over_s, 0.2, 20.0, "0.2 to 20")?;
    within(at, "slide_mps2", crash.slide_mps2, 0.2, 12.0, "0.2 to 12")?;
    let Some(secondary) = &crash.secondary else { return Ok(()) };
    within(at, "secondary.after_s", secondary.after_s, 0.0, 30.0, "0 to 30")?;
    validate_pulse(&secondary.pulse, at)
}

fn validate_measured(measured: &Measured, at: &str) -> Result<(), ScenarioError> {
    within(at, "rate_hz", measured.rate_hz, 10.0, 1e5, "10 to 100000")?;
    within(at, "yaw_degps", measured.yaw_degps, -720.0, 720.0, "-720 to 720")?;
    within(at, "slide_mps2", measured.slide_mps2, 0.2, 12.0, "0.2 to 12")?;
    finite(at, &measured.forward_mps2)?;
    finite(at, &measured.left_mps2)
}

fn validate_jolt(jolt: &Jolt, at: &str) -> Result<(), ScenarioError> {
    within(at, "hz", jolt.hz, 1.0, 100.0, "1 to 100")?;
    within(at, "decay_s", jolt.decay_s, 0.001, 1.0, "0.001 to 1")?;
    finite(at, &jolt.peak_mps2)
}

fn validate_carried(carried: &Carried, at: &str) -> Result<(), ScenarioError> {
    within(at, "rate_hz", carried.rate_hz, 1.0, 1e4, "1 to 10000")?;
    carried.force_mps2.iter().chain(&carried.rate_radps).try_for_each(|values| finite(at, values))
}

fn validate_pulse(pulse: &Pulse, at: &str) -> Result<(), ScenarioError> {
    within(at, "pulse.delta_v_kmh", pulse.delta_v_kmh, 0.0, 150.0, "0 to 150")?;
    within(at, "pulse.clock", pulse.clock, 0.0, 13.0, "0 to 13")?;
    within(at, "pulse.duration_s", pulse.duration_s, 0.02, 1.0, "0.02 to 1")
}

fn within(at: &str, name: &str, value: f64, low: f64, high: f64, expected: &'static str) -> Result<(), ScenarioError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ScenarioError::OutOfRange { field: format!("{at}.{name}"), value, expected })
    }
}

fn finite(at: &str, values: &[f64]) -> Result<(), ScenarioError> {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(&value) => Err(ScenarioError::OutOfRange { field: at.to_owned(), value, expected: "a finite number" }),
    }
}
