//! Runs a scenario: one clock, one trajectory, every sensor.

use std::io;

use jounce::{
    sample::{Hint, HintSample, LimitSample, PostedLimit, Sample},
    time::Timestamp,
};

use jounce_score::{Label, write_labels};

use crate::{
    body::{Body, BodyMotion},
    gnss::GnssModel,
    labels::{self, Manoeuvre},
    math::{KMH_PER_MPS, Noise},
    phone::PhonePose,
    scenario::{Accelerometer, Gyroscope, Scenario},
    script::Step,
    sensors::{BaroModel, Delivery, MagModel, TriadModel},
    truth::{self, Collector, MOMENT_NS, TruthRow},
    validate::LONGEST_S,
    vehicle::Driver,
};

/// Step of the simulation with inertial sensors, ns: 2 kHz, so a 50 ms crash pulse has a hundred steps.
const FINE_STEP_NS: i64 = 500_000;
/// Without them nothing is faster than a driver.
const COARSE_STEP_NS: i64 = MOMENT_NS;
/// Distance from the vehicle's reference point to its front axle, m.
const FRONT_AXLE_M: f64 = 1.3;

/// Streams of noise; a triad or magnetometer takes two.
mod stream {
    pub(super) const DRIVER: u64 = 1;
    pub(super) const BODY: u64 = 2;
    pub(super) const HAND: u64 = 3;
    pub(super) const ACCEL: u64 = 10;
    pub(super) const GYRO: u64 = 12;
    pub(super) const MAG: u64 = 14;
    pub(super) const BARO: u64 = 16;
    pub(super) const GNSS: u64 = 18;
}

/// What a recording of the scenario holds, and what was true.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    /// In the order in which a host would get them.
    pub samples: Vec<Sample>,
    /// What should be found, in seconds from the scenario's start.
    pub labels: Vec<Label>,
    /// Every 0.1 s.
    pub truth: Vec<TruthRow>,
    /// Everything that came at least half way to a threshold, and how large it was.
    pub manoeuvres: Vec<Manoeuvre>,
    /// When the scenario began, on the recording's clock.
    pub start: Timestamp,
    /// Engine config that belongs to the recording.
    pub config_toml: Option<String>,
}

impl Simulation {
    /// Writes `labels.csv`: `trace,kind,start_s,end_s,direction`, seconds from the earliest sample, as whoever has but
    /// the recording would count.
    pub fn write_labels(&self, trace_name: &str, w: impl io::Write) -> io::Result<()> {
        let begin_s = self.samples.iter().map(Sample::t).min().map_or(0.0, |first| first.s_since(self.start));
        let shifted =
            |label: &Label| Label { start_s: label.start_s - begin_s, end_s: label.end_s - begin_s, ..*label };
        let labels: Vec<Label> = self.labels.iter().map(shifted).collect();
        write_labels(&labels, trace_name, w)
    }

    /// Writes `truth.csv`.
    pub fn write_truth(&self, w: impl io::Write) -> io::Result<()> {
        truth::write(&self.truth, w)
    }
}

/// Simulates `scenario`. The same scenario and seed give the same bytes on every machine.
///
/// A scenario that does not pass [`Scenario::validate`] gives nothing.
pub fn simulate(scenario: &Scenario, seed: u64) -> Simulation {
    let Ok(config) = scenario.validate().and_then(|()| scenario.engine_config()) else {
        return Simulation::default();
    };
    let mut world = World::new(scenario, seed);
    for step in &scenario.step {
        while !world.is_ready_for(step) {
            world.advance();
        }
        world.begin(step);
    }
    while !world.is_done() {
        world.advance();
    }
    let World { collector, mut deliveries, .. } = world;
    deliveries.sort_by(|a, b| a.arrival_s.total_cmp(&b.arrival_s));
    let delay_s = scenario.gnss.as_ref().map(GnssModel::delay_s);
    let origin = (scenario.start.lat_deg, scenario.start.lon_deg);
    let labels = labels::judge(&collector.track, origin, &config.place);
    Simulation {
        samples: deliveries.into_iter().map(|delivery| delivery.sample).collect(),
        manoeuvres: labels::sizes(&collector.track, &labels),
        labels,
        truth: truth::rows(&collector.track, scenario, delay_s),
        start: Timestamp::from_ns(scenario.start.t_ns),
        config_toml: scenario.config.as_ref().map(ToString::to_string),
    }
}

struct World {
    t_ns: i64,
    dt_s: f64,
    driver: Driver,
    body: Body,
    phone: PhonePose,
    accel: Option<TriadModel>,
    gyro: Option<TriadModel>,
    mag: Option<MagModel>,
    baro: Option<BaroModel>,
    gnss: Option<GnssModel>,
    collector: Collector,
    deliveries: Vec<Delivery>,
    limit: PostedLimit,
    sky: bool,
    recording: bool,
}

impl World {
    fn new(scenario: &Scenario, seed: u64) -> Self {
        let step_ns = if scenario.has_inertial() { FINE_STEP_NS } else { COARSE_STEP_NS };
        #[expect(clippy::cast_precision_loss, reason = "small and exact")]
        let dt_s = step_ns as f64 / 1e9;
        let t_ns = scenario.start.t_ns;
        let clock = (t_ns, dt_s);
        let accel = |spec: &Accelerometer| {
            TriadModel::new(&spec.timing, spec.errors(), Sample::Accel, clock, (seed, stream::ACCEL))
        };
        let gyro =
            |spec: &Gyroscope| TriadModel::new(&spec.timing, spec.errors(), Sample::Gyro, clock, (seed, stream::GYRO));
        let gnss = |spec| GnssModel::new(spec, &scenario.start, Noise::new(seed, stream::GNSS));
        Self {
            t_ns,
            dt_s,
            driver: Driver::new(scenario, Noise::new(seed, stream::DRIVER)),
            body: Body::new(&scenario.vehicle, Noise::new(seed, stream::BODY)),
            phone: PhonePose::new(&scenario.phone, Noise::new(seed, stream::HAND)),
            accel: scenario.accel.as_ref().map(accel),
            gyro: scenario.gyro.as_ref().map(gyro),
            mag: scenario.mag.as_ref().map(|spec| MagModel::new(spec, t_ns, (seed, stream::MAG))),
            baro: scenario.baro.as_ref().map(|spec| BaroModel::new(spec, t_ns, (seed, stream::BARO))),
            gnss: scenario.gnss.as_ref().map(gnss),
            collector: Collector::new(u32::try_from(MOMENT_NS / step_ns).unwrap_or(1)),
            deliveries: Vec::new(),
            limit: PostedLimit::Unknown,
            sky: true,
            recording: true,
        }
    }

    fn out_of_time(&self) -> bool {
        self.driver.now().t_s >= LONGEST_S
    }

    /// Steps about the phone wait for one another; so do changes of speed.
    fn is_ready_for(&self, step: &Step) -> bool {
        let phone_waits = step.moves_phone() && self.phone.is_busy();
        self.out_of_time() || (self.driver.is_ready_for(step) && !phone_waits)
    }

    fn is_done(&self) -> bool {
        self.out_of_time() || (self.driver.is_done() && !self.phone.is_busy())
    }

    fn begin(&mut self, step: &Step) {
        let (t_s, at_m) = (self.driver.now().t_s, self.driver.now().distance_m);
        match step {
            Step::Surface { class } => self.body.set_surface(*class),
            Step::Obstacle(obstacle) => self.body.put_obstacle(*obstacle, at_m + FRONT_AXLE_M),
            Step::DoorSlam => self.body.slam_door(t_s),
            Step::Jolt(jolt) => self.body.jolt(*jolt, t_s),
            Step::Tunnel { on } => self.sky = !on,
            Step::Recording { on } => self.recording = *on,
            Step::Limit { kmh, unknown } => {
                self.limit = match (*kmh, *unknown) {
                    (_, true) => PostedLimit::Unknown,
                    (Some(kmh), _) => PostedLimit::Limit(kmh / KMH_PER_MPS),
                    (None, _) => PostedLimit::NoLimit,
                };
                self.tell(|t, limit| Sample::Limit(LimitSample { t, limit }), self.limit);
            }
            Step::Hint { name, value } => {
                if let Some(hint) = Hint::parse(name, value) {
                    self.tell(|t, hint| Sample::Hint(HintSample { t, hint }), hint);
                }
            }
            Step::Magnet { device_ut, vehicle_ut } => {
                if let Some(mag) = &mut self.mag {
                    mag.disturb(*device_ut, *vehicle_ut);
                }
            }
            _ => {}
        }
        self.phone.begin(step, t_s);
        self.driver.begin(step);
    }

    /// The host says something now.
    fn tell<T>(&mut self, sample: impl Fn(Timestamp, T) -> Sample, what: T) {
        let arrival_s = self.driver.now().t_s;
        let t = Timestamp::from_ns(self.t_ns).plus_s(arrival_s);
        self.deliveries.push(Delivery { arrival_s, sample: sample(t, what) });
    }

    fn advance(&mut self) {
        self.driver.advance(self.dt_s);
        let now = self.driver.now();
        let body: BodyMotion = self.body.advance(now, self.dt_s);
        let phone = self.phone.advance(now.t_s, &body, self.dt_s);
        self.collector.observe(now, &body, &phone, self.limit, self.recording);

        let (t_s, on, out) = (now.t_s, self.recording, &mut self.deliveries);
        if let Some(accel) = &mut self.accel {
            accel.observe(t_s, phone.specific_force_device, on, out);
        }
        if let Some(gyro) = &mut self.gyro {
            gyro.observe(t_s, phone.rate_device, on, out);
        }
        if let Some(mag) = &mut self.mag {
            mag.observe(t_s, &body.earth_from_body, &phone.vehicle_from_device, on, out);
        }
        if let Some(baro) = &mut self.baro {
            baro.observe(t_s, now.position.z, on, out);
        }
        if let Some(gnss) = &mut self.gnss {
            gnss.observe(now, self.dt_s, self.sky, on, out);
        }
    }
}
