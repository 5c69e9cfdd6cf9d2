//! What happens on a drive: a list of steps, one after another, as data.
//!
//! Steps which only set something (a limit, a tunnel, a slope, what the phone does) take no time: the ones after them
//! happen meanwhile.

use serde::{Deserialize, Serialize};

use crate::scenario::Mount;

/// One step of a drive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Stands with the engine off.
    Park {
        /// How long, s.
        for_s: f64,
    },
    /// Goes on as it is (also stands, with the engine on).
    Cruise {
        /// How long, s.
        for_s: f64,
    },
    /// Speeds up.
    Accelerate(SpeedChange),
    /// Slows down.
    Brake(SpeedChange),
    /// Bends.
    Turn(Turn),
    /// To one side and straight again: a lane change, or a swerve when harsh.
    Swerve(Swerve),
    /// Into a roundabout, around, and out (right-hand traffic).
    Roundabout {
        /// Radius of the circle, m.
        radius_m: f64,
        /// Change of heading in all, degrees, positive to the left: 90, 0 (straight on), −90 or 180.
        angle_deg: f64,
    },
    /// From here on the road climbs (or falls) by this much.
    Grade {
        /// Slope, %.
        percent: f64,
        /// Eases in over this distance, m.
        #[serde(default = "defaults::grade_over_m")]
        over_m: f64,
    },
    /// From here on the road is banked.
    Bank {
        /// Angle, degrees; positive raises the left side.
        deg: f64,
        /// Eases in over this distance, m.
        #[serde(default = "defaults::bank_over_m")]
        over_m: f64,
    },
    /// From here on the road has this surface.
    Surface {
        /// Which.
        class: Surface,
    },
    /// Something on the road, right ahead: a speed bump, a kerb, or (negative height) a pothole.
    Obstacle(Obstacle),
    /// A tunnel begins or ends: no satellites.
    Tunnel {
        /// Begins or ends.
        on: bool,
    },
    /// The posted limit from here on; without `kmh`: there is none, or nobody knows.
    Limit {
        /// Limit, km/h.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kmh: Option<f64>,
        /// Nobody knows the limit.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        unknown: bool,
    },
    /// The host tells the engine something, as in a `hint` row.
    Hint {
        /// What about.
        name: String,
        /// What.
        value: String,
    },
    /// The recording pauses or goes on.
    Recording {
        /// Goes on.
        on: bool,
    },
    /// The vehicle is hit, and slides to rest.
    Crash(Crash),
    /// The vehicle is hit as it was measured elsewhere, and slides to rest.
    CrashMeasured(Measured),
    /// Somebody slams a door.
    DoorSlam,
    /// The body is struck and swings, but keeps its velocity: a wheel in a hole, a kerb, a boot lid.
    Jolt(Jolt),
    /// The phone is turned in its holder.
    PhoneTurn {
        /// How it sits afterwards.
        to: Mount,
        /// Takes this long, s.
        over_s: f64,
    },
    /// The phone is taken into the hand, used, and put back.
    PhoneHandle {
        /// How long it is in the hand, s.
        for_s: f64,
        /// It is held at the ear instead of before the face.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        at_ear: bool,
        /// How it sits afterwards.
        to: Mount,
    },
    /// The phone falls out of its holder.
    PhoneDrop {
        /// How deep, m.
        height_m: f64,
        /// How it lies afterwards.
        to: Mount,
    },
    /// The phone leaves its holder and moves as was recorded or worked out elsewhere: falls, is thrown, is carried.
    PhoneCarried(Carried),
    /// A magnet (of a holder), or a current, from here on; both zero: away again.
    Magnet {
        /// Field that turns with the phone, µT.
        #[serde(default)]
        device_ut: [f64; 3],
        /// Field that turns with the vehicle, µT.
        #[serde(default)]
        vehicle_ut: [f64; 3],
    },
}

impl Step {
    /// It moves the phone within the vehicle.
    pub(crate) const fn moves_phone(&self) -> bool {
        matches!(
            self,
            Self::PhoneTurn { .. } | Self::PhoneHandle { .. } | Self::PhoneDrop { .. } | Self::PhoneCarried(_)
        )
    }
}

/// A change of speed with smooth edges.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedChange {
    /// Speed at the end, km/h.
    pub to_kmh: f64,
    /// Plateau of the acceleration, m/s², without sign. Not reached when the change is too small for it.
    pub at_mps2: f64,
    /// Rise and fall of the acceleration each take this long, s.
    #[serde(default = "defaults::edge_s")]
    pub edge_s: f64,
    /// The next steps happen meanwhile.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub meanwhile: bool,
}

/// A bend whose curvature rises and falls smoothly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Change of heading, degrees, positive to the left.
    pub angle_deg: f64,
    /// How tight: `curve = { radius_m = … }` or `curve = { lateral_mps2 = … }`.
    pub curve: Curve,
    /// Rise and fall of the curvature each take this long at the speed at which the bend begins, s.
    #[serde(default = "defaults::turn_edge_s")]
    pub edge_s: f64,
}

/// How tight a bend is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// Smallest radius, m.
    RadiusM(f64),
    /// Largest lateral acceleration at the speed at which the bend begins, m/s².
    LateralMps2(f64),
}

/// A full sine of lateral acceleration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swerve {
    /// Amplitude of the lateral acceleration, m/s²; positive goes left first.
    pub lateral_mps2: f64,
    /// Takes this long at the speed at which it begins, s.
    pub over_s: f64,
}

/// Roughness of a road after ISO 8608.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// Class A, new asphalt.
    Smooth,
    /// Between A and B, ordinary asphalt.
    #[default]
    Asphalt,
    /// Class B to C, worn asphalt.
    Worn,
    /// Class C to D, gravel.
    Gravel,
}

impl Surface {
    /// Displacement spectral density at 0.1 cycles/m, m³. ISO 8608 has the geometric means A 16e-6, B 64e-6,
    /// C 256e-6, D 1024e-6; public asphalt is mostly A to B.
    pub(crate) const fn roughness_m3(self) -> f64 {
        match self {
            Self::Smooth => 8e-6,
            Self::Asphalt => 24e-6,
            Self::Worn => 100e-6,
            Self::Gravel => 400e-6,
        }
    }
}

/// Something on the road.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obstacle {
    /// Height, m; negative for a hole.
    pub height_m: f64,
    /// Length from foot to foot, m.
    pub length_m: f64,
    /// Which wheels go over it.
    #[serde(default)]
    pub side: Side,
}

/// Wheels of one side, or of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// All.
    #[default]
    Both,
    /// Left.
    Left,
    /// Right.
    Right,
}

/// A crash: one pulse, or two, and what follows until the vehicle rests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// The impact.
    pub pulse: Pulse,
    /// Yaw rate left when the pulse is over, °/s, positive to the left; friction stops it.
    #[serde(default)]
    pub yaw_degps: f64,
    /// The vehicle rolls over by this angle in the end, degrees, positive raises the left side.
    #[serde(default)]
    pub roll_deg: f64,
    /// … in this time, s.
    #[serde(default = "defaults::roll_over_s")]
    pub roll_over_s: f64,
    /// Friction after the impact, m/s² (locked wheels on dry asphalt about 7, a free-rolling wreck 2 to 4).
    #[serde(default = "defaults::slide_mps2")]
    pub slide_mps2: f64,
    /// Filter the pulse as SAE J211 channel class 60 does (vehicle structure).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub cfc60: bool,
    /// A second impact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary: Option<Secondary>,
}

impl Crash {
    /// One pulse and a slide to rest, without turning.
    pub fn of(pulse: Pulse) -> Self {
        Self {
            pulse,
            yaw_degps: 0.0,
            roll_deg: 0.0,
            roll_over_s: defaults::roll_over_s(),
            slide_mps2: defaults::slide_mps2(),
            cfc60: false,
            secondary: None,
        }
    }
}

/// A second impact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secondary {
    /// This long after the start of the first, s.
    pub after_s: f64,
    /// The impact.
    pub pulse: Pulse,
}

/// One impact: a pulse of acceleration with structural ringing on it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pulse {
    /// Change of velocity in all, rebound included, km/h.
    pub delta_v_kmh: f64,
    /// Where the force comes from, on the clock: 12 the front, 3 the right, 6 the rear, 9 the left.
    pub clock: f64,
    /// Length, s.
    pub duration_s: f64,
    /// Its shape over time.
    #[serde(default, skip_serializing_if = "Shape::is_default")]
    pub shape: Shape,
}

/// Shape of a pulse over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// The usual model of a car against a car.
    #[default]
    Haversine,
    /// Steeper at both ends: stiff, low structures.
    HalfSine,
    /// Full width against a rigid barrier: two humps, the second by the engine.
    Barrier,
    /// An offset deformable barrier: soft at first, then hard.
    Offset,
}

impl Shape {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An impact as it was measured: the vehicle's acceleration from its onset on, gravity not included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Rate of the values, Hz.
    pub rate_hz: f64,
    /// Forward, m/s².
    pub forward_mps2: Vec<f64>,
    /// To the left, m/s².
    pub left_mps2: Vec<f64>,
    /// Yaw rate left in the end, °/s, positive to the left.
    #[serde(default)]
    pub yaw_degps: f64,
    /// Friction after the impact, m/s².
    #[serde(default = "defaults::slide_mps2")]
    pub slide_mps2: f64,
}

/// A blow after which the body swings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jolt {
    /// Acceleration at the first peak of an undamped swing: forward, left, up, m/s².
    pub peak_mps2: [f64; 3],
    /// Frequency of the swing, Hz.
    pub hz: f64,
    /// It falls to a third in this time, s.
    pub decay_s: f64,
}

/// What a phone feels that is out of its holder, in its own frame, as if the vehicle kept its velocity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Rate of the values, Hz.
    pub rate_hz: f64,
    /// Specific force, device frame, m/s².
    pub force_mps2: Vec<[f64; 3]>,
    /// Angular rate, device frame, rad/s; empty: it turns evenly from how it lies before to how it lies afterwards.
    #[serde(default)]
    pub rate_radps: Vec<[f64; 3]>,
    /// From then on it flies, s: what happens to the vehicle is not felt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flies_from_s: Option<f64>,
    /// How it lies afterwards.
    pub to: Mount,
}

mod defaults {
    /// A practised driver's brake: 5 m/s² within 0.4 s is about 12 m/s³.
    pub(super) const fn edge_s() -> f64 {
        0.4
    }
    pub(super) const fn turn_edge_s() -> f64 {
        0.8
    }
    pub(super) const fn grade_over_m() -> f64 {
        60.0
    }
    pub(super) const fn bank_over_m() -> f64 {
        20.0
    }
    pub(super) const fn roll_over_s() -> f64 {
        2.0
    }
    pub(super) const fn slide_mps2() -> f64 {
        4.0
    }
}
