//! Typed reasons, for events and against candidates.

use super::{EventKind, TransportMode};
use crate::persist::Persist;

/// Why an event fired, or what speaks for or against it. Serialised with its `code` and its figures.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "code", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Reason {
    /// The acceleration stayed beyond the threshold long enough (or not: see `needed_s`).
    AccelBeyond {
        /// Peak, m/s², with its sign.
        peak_mps2: f64,
        /// Threshold, m/s², with its sign.
        threshold_mps2: f64,
        /// How long it held, s.
        held_s: f64,
        /// How long it must hold, s.
        needed_s: f64,
    },
    /// The GNSS speed changed as the inertial sensors say.
    GnssAgrees {
        /// Change of GNSS speed, m/s.
        gnss_delta_mps: f64,
        /// Change of speed by the inertial sensors, m/s.
        inertial_delta_mps: f64,
    },
    /// The GNSS speed changed by less than half of what the inertial sensors say.
    GnssDisagrees {
        /// Change of GNSS speed, m/s.
        gnss_delta_mps: f64,
        /// Change of speed by the inertial sensors, m/s.
        inertial_delta_mps: f64,
    },
    /// No fix covers the event, so nothing could be compared.
    GnssAbsent,
    /// No inertial sensor took part: the acceleration is the change of GNSS speed.
    GnssOnly,
    /// The speed is carried on from before, by the inertial sensors alone.
    SpeedEstimated {
        /// Standard deviation, m/s.
        sigma_mps: f64,
    },
    /// The speed is not known.
    SpeedUnknown,
    /// Slower than the detector asks for.
    TooSlow {
        /// Speed, m/s.
        speed_mps: f64,
        /// Speed needed, m/s.
        needed_mps: f64,
    },
    /// How the phone sits in the vehicle was not known well enough.
    MountUncertain {
        /// Standard deviation of the mount's yaw, rad; none when not known at all.
        sigma_rad: Option<f64>,
    },
    /// Judged from the window kept until the mount was known.
    Retrospective {
        /// How much later, s.
        delay_s: f64,
    },
    /// The phone was moved within the vehicle.
    PhoneMoving {
        /// Rotation that no vehicle makes, rad.
        rotation_rad: f64,
    },
    /// The lateral acceleration is what speed and yaw rate give.
    YawRateAgrees {
        /// Lateral acceleration, m/s².
        lateral_mps2: f64,
        /// Speed times yaw rate, m/s².
        expected_mps2: f64,
    },
    /// The lateral acceleration is not what speed and yaw rate give.
    YawRateDisagrees {
        /// Lateral acceleration, m/s².
        lateral_mps2: f64,
        /// Speed times yaw rate, m/s².
        expected_mps2: f64,
    },
    /// The heading changed by this much.
    HeadingChange {
        /// Change, rad, positive to the left.
        change_rad: f64,
        /// Change needed, rad.
        needed_rad: f64,
    },
    /// It was pushed to one side, then to the other.
    OppositePeaks {
        /// First peak, m/s², positive to the left.
        first_mps2: f64,
        /// Second peak, m/s².
        second_mps2: f64,
        /// Needed on either side, m/s².
        needed_mps2: f64,
        /// From the middle of one peak to that of the other, s.
        apart_s: f64,
    },
    /// It came as suddenly as in an emergency.
    CriticalJerk {
        /// Jerk, m/s³, with the sign of the acceleration.
        jerk_mps3: f64,
        /// From this on it is critical, m/s³, with that sign.
        critical_mps3: f64,
    },
    /// The heading afterwards is that of before.
    HeadingKept {
        /// Change, rad, positive to the left.
        change_rad: f64,
        /// Most that is allowed, rad.
        most_rad: f64,
    },
    /// The phone was turned as no vehicle turns it.
    Handled {
        /// For how long in all, s.
        held_s: f64,
        /// How long it must be, s.
        needed_s: f64,
    },
    /// The host says whether the screen was on meanwhile.
    Screen {
        /// It was.
        on: bool,
    },
    /// The time is covered by a gap in the data.
    DataGap {
        /// Length, s.
        gap_s: f64,
    },
    /// The input ended.
    EndOfInput,
    /// Faster than the limit for long enough (or not: see `needed_s`).
    SpeedBeyond {
        /// Limit with its tolerance, m/s.
        threshold_mps: f64,
        /// How long it held, s.
        held_s: f64,
        /// How long it must hold, s.
        needed_s: f64,
    },
    /// The speed from the positions, or its change, contradicts what was reported.
    PositionsDisagree {
        /// Speed reported, m/s.
        reported_mps: f64,
        /// Speed from the positions, m/s.
        displacement_mps: f64,
    },
    /// The limit changed a moment ago, and the driver has a moment to slow down.
    LimitJustChanged {
        /// Seconds since the change.
        since_s: f64,
    },
    /// Driving began: the speed held for long enough.
    Moving {
        /// Speed, m/s.
        speed_mps: f64,
        /// For how long, s.
        held_s: f64,
    },
    /// The vehicle has stood for long enough.
    Stopped {
        /// For how long, s.
        held_s: f64,
    },
    /// The host's hint sped this up.
    HostHint,
    /// Not a drive after all.
    NotADrive {
        /// What it was instead.
        mode: TransportMode,
    },
    /// A drive, but one as this is driven: somebody may have been a passenger.
    DrivenAs {
        /// What is driven so.
        mode: TransportMode,
    },
    /// The position is inside, or outside, with its whole error circle.
    ErrorCircle {
        /// Signed distance to the border, m, negative inside.
        distance_m: f64,
        /// Horizontal accuracy, m.
        hacc_m: f64,
    },
    /// The border was crossed on the straight line between two fixes.
    CrossedBetweenFixes,
    /// It did not last long enough.
    TooBrief {
        /// How long it lasted, s.
        held_s: f64,
        /// How long it must last, s.
        needed_s: f64,
    },
    /// A rotation that no vehicle makes.
    Rotation {
        /// Angle, rad.
        angle_rad: f64,
        /// Within, s.
        within_s: f64,
    },
    /// The horizontal velocity changed at once.
    VelocityChange {
        /// Change, m/s.
        delta_v_mps: f64,
        /// Change needed, m/s.
        needed_mps: f64,
        /// Within, s.
        within_s: f64,
    },
    /// The acceleration peaked.
    Peak {
        /// Peak, g.
        peak_g: f64,
        /// Peak needed, g.
        needed_g: f64,
        /// Length of the pulse, s.
        duration_s: f64,
    },
    /// The sensor's range ended before the peak, so the figures are lower bounds.
    Clipped {
        /// Range, g.
        range_g: f64,
    },
    /// Sampled too slowly for the figures to be exact.
    DegradedRate {
        /// Achieved rate, Hz.
        rate_hz: f64,
    },
    /// The vehicle was moving before the impact.
    SpeedBefore {
        /// Highest speed in the seconds before, m/s.
        speed_mps: f64,
        /// Speed needed, m/s.
        needed_mps: f64,
    },
    /// The vehicle was standing, within a trip.
    StruckWhileStopped,
    /// Too slow before the impact, and no trip under way.
    TooSlowBefore {
        /// Highest speed in the seconds before, m/s.
        speed_mps: f64,
        /// Speed needed, m/s.
        needed_mps: f64,
    },
    /// The speed fell.
    SpeedFell {
        /// Speed before, m/s.
        before_mps: f64,
        /// Speed after, m/s.
        after_mps: f64,
    },
    /// The phone lay still afterwards.
    Stillness {
        /// For how long, s.
        held_s: f64,
    },
    /// The drive simply went on.
    DroveOn {
        /// Speed afterwards, m/s.
        speed_mps: f64,
    },
    /// Somebody walked on with the phone.
    WalkedOn,
    /// The phone was falling before.
    FreeFall {
        /// For how long, s.
        duration_s: f64,
    },
    /// Longer than an impact is.
    TooLongPulse {
        /// Length, s.
        duration_s: f64,
        /// Longest allowed, s.
        longest_s: f64,
    },
    /// Mostly vertical, as a bump or a pothole is.
    Vertical {
        /// Vertical share of the peak, 0–1.
        share: f64,
    },
    /// The phone was in somebody's hand.
    Handling,
    /// Not in a vehicle.
    NonVehicle,
    /// Neither speed nor stillness could settle it in time.
    Undecided,
    /// Part of another event, named by its kind.
    PartOf {
        /// Kind of that event.
        kind: EventKind,
    },
    /// Briefer than a vehicle's structure yields: the phone itself hit something.
    Brief {
        /// For how long it was pushed, s.
        duration_s: f64,
    },
    /// The host asked for it, to try what follows: nothing happened.
    Rehearsal,
}
