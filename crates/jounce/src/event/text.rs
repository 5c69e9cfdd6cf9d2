//! Reasons in words, for people: km/h and degrees, rounded. Programs read the serialised figures.

use core::fmt;

use super::Reason;

const KMH_PER_MPS: f64 = 3.6;

/// Rounded to a whole number that is never written as "-0".
fn whole(value: f64) -> f64 {
    libm::round(value) + 0.0
}

/// A speed in km/h.
struct Kmh(f64);

impl fmt::Display for Kmh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} km/h", whole(self.0 * KMH_PER_MPS))
    }
}

/// An angle in degrees.
struct Degrees(f64);

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}°", whole(self.0.to_degrees()))
    }
}

impl fmt::Display for Reason {
    #[expect(clippy::too_many_lines, reason = "one sentence a reason")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::AccelBeyond { peak_mps2, threshold_mps2, held_s, needed_s } => {
                write!(
                    f,
                    "peak {peak_mps2:.1} m/s², beyond {threshold_mps2:.1} m/s² for {held_s:.1} s (needs {needed_s:.1} s)"
                )
            }
            Self::GnssAgrees { gnss_delta_mps, inertial_delta_mps } => {
                write!(f, "GNSS agrees: speed changed by {} of {}", Kmh(gnss_delta_mps), Kmh(inertial_delta_mps))
            }
            Self::GnssDisagrees { gnss_delta_mps, inertial_delta_mps } => {
                write!(
                    f,
                    "GNSS disagrees: speed changed by only {} of {}",
                    Kmh(gnss_delta_mps),
                    Kmh(inertial_delta_mps)
                )
            }
            Self::TooBrief { held_s, needed_s } => write!(f, "lasted {held_s:.1} s (needs {needed_s:.1} s)"),
            Self::GnssAbsent => f.write_str("no fix to compare with"),
            Self::GnssOnly => f.write_str("from GNSS speed alone, no inertial sensor"),
            Self::SpeedEstimated { sigma_mps } => write!(f, "speed estimated without GNSS, ± {}", Kmh(sigma_mps)),
            Self::SpeedUnknown => f.write_str("speed not known"),
            Self::TooSlow { speed_mps, needed_mps } => {
                write!(f, "too slow: {} (needs {})", Kmh(speed_mps), Kmh(needed_mps))
            }
            Self::MountUncertain { sigma_rad: Some(sigma) } => {
                write!(f, "phone's orientation in the vehicle known only to ± {}", Degrees(sigma))
            }
            Self::MountUncertain { sigma_rad: None } => f.write_str("phone's orientation in the vehicle not known yet"),
            Self::Retrospective { delay_s } => {
                write!(f, "judged {delay_s:.0} s later, once the phone's orientation was known")
            }
            Self::PhoneMoving { rotation_rad } => write!(f, "phone moved in the vehicle, by {}", Degrees(rotation_rad)),
            Self::YawRateAgrees { lateral_mps2, expected_mps2 } => {
                write!(f, "speed × yaw rate agrees: {expected_mps2:.1} of {lateral_mps2:.1} m/s²")
            }
            Self::YawRateDisagrees { lateral_mps2, expected_mps2 } => {
                write!(f, "speed × yaw rate disagrees: {expected_mps2:.1} of {lateral_mps2:.1} m/s²")
            }
            Self::HeadingChange { change_rad, needed_rad } => {
                write!(f, "heading changed by {} (limit {})", Degrees(change_rad), Degrees(needed_rad))
            }
            Self::DataGap { gap_s } => write!(f, "no data for {gap_s:.1} s"),
            Self::EndOfInput => f.write_str("the recording ended"),
            Self::SpeedBeyond { threshold_mps, held_s, needed_s } => {
                write!(f, "faster than {} for {held_s:.1} s (needs {needed_s:.1} s)", Kmh(threshold_mps))
            }
            Self::PositionsDisagree { reported_mps, displacement_mps } => {
                write!(f, "positions disagree: {} of {} reported", Kmh(displacement_mps), Kmh(reported_mps))
            }
            Self::LimitJustChanged { since_s } => write!(f, "the limit changed {since_s:.1} s before"),
            Self::Moving { speed_mps, held_s } => write!(f, "{} or more for {held_s:.0} s", Kmh(speed_mps)),
            Self::Stopped { held_s } => write!(f, "stood for {held_s:.0} s"),
            Self::HostHint => f.write_str("sped up by a hint of the host"),
            Self::NotADrive { mode } => write!(f, "not a drive after all: {}", mode.name()),
            Self::DrivenAs { mode } => write!(f, "driven as a {} is: perhaps by a passenger", mode.name()),
            Self::ErrorCircle { distance_m, hacc_m } => {
                let side = if distance_m < 0.0 { "inside" } else { "outside" };
                write!(f, "{:.0} m {side} the border, accurate to {hacc_m:.0} m", distance_m.abs())
            }
            Self::CrossedBetweenFixes => f.write_str("crossed between two fixes"),
            Self::Rotation { angle_rad, within_s } => {
                write!(f, "turned by {} within {within_s:.1} s, as no vehicle on its wheels does", Degrees(angle_rad))
            }
            Self::VelocityChange { delta_v_mps, needed_mps, within_s } => {
                let within_ms = within_s * 1e3;
                write!(f, "Δv {} in {within_ms:.0} ms (needs {})", Kmh(delta_v_mps), Kmh(needed_mps))
            }
            Self::Peak { peak_g, needed_g, duration_s } => {
                let duration_ms = duration_s * 1e3;
                write!(f, "peak {peak_g:.1} g for {duration_ms:.0} ms (needs {needed_g:.1} g)")
            }
            Self::Clipped { range_g } => write!(f, "sensor ends at {range_g:.0} g: figures are lower bounds"),
            Self::DegradedRate { rate_hz } => write!(f, "only {rate_hz:.0} Hz: figures are lower bounds"),
            Self::SpeedBefore { speed_mps, needed_mps } => {
                write!(f, "{} before (needs {})", Kmh(speed_mps), Kmh(needed_mps))
            }
            Self::StruckWhileStopped => f.write_str("struck while standing within a trip"),
            Self::TooSlowBefore { speed_mps, needed_mps } => {
                write!(f, "too slow before: {} (needs {}), and no trip under way", Kmh(speed_mps), Kmh(needed_mps))
            }
            Self::SpeedFell { before_mps, after_mps } => {
                write!(f, "speed fell from {} to {}", Kmh(before_mps), Kmh(after_mps))
            }
            Self::Stillness { held_s } => write!(f, "still for {held_s:.1} s afterwards"),
            Self::DroveOn { speed_mps } => write!(f, "drove on at {}", Kmh(speed_mps)),
            Self::WalkedOn => f.write_str("somebody walked on with the phone"),
            Self::FreeFall { duration_s } => {
                let duration_ms = duration_s * 1e3;
                write!(f, "free fall of {duration_ms:.0} ms before")
            }
            Self::TooLongPulse { duration_s, longest_s } => {
                write!(f, "pulse of {duration_s:.2} s is longer than an impact ({longest_s:.2} s)")
            }
            Self::Vertical { share } => {
                let percent = share * 100.0;
                write!(f, "{percent:.0} % vertical, as a bump is")
            }
            Self::Brief { duration_s } => {
                write!(f, "only {:.0} ms long: the phone itself hit something", duration_s * 1000.0)
            }
            Self::Rehearsal => f.write_str("a rehearsal that the host asked for: nothing happened"),
            Self::Handling => f.write_str("phone in somebody's hand"),
            Self::NonVehicle => f.write_str("not in a vehicle"),
            Self::Undecided => f.write_str("neither speed nor stillness settled it in time"),
            Self::OppositePeaks { first_mps2, second_mps2, needed_mps2, apart_s } => {
                write!(
                    f,
                    "{first_mps2:.1} m/s² to the left, then {second_mps2:.1} m/s² after {apart_s:.1} s (needs ±{needed_mps2:.1} m/s²)"
                )
            }
            Self::CriticalJerk { jerk_mps3, critical_mps3 } => {
                write!(f, "sudden: {jerk_mps3:.0} m/s³ (critical from {critical_mps3:.0} m/s³)")
            }
            Self::HeadingKept { change_rad, most_rad } => {
                write!(f, "heading changed by {} in all (at most {})", Degrees(change_rad), Degrees(most_rad))
            }
            Self::Handled { held_s, needed_s } => write!(f, "turned about for {held_s:.1} s (needs {needed_s:.1} s)"),
            Self::Screen { on } => write!(f, "screen {}", if on { "on" } else { "off" }),
            Self::PartOf { kind } => write!(f, "part of a {} event", kind.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn figures_are_given_as_people_say_them() {
        let reason = Reason::AccelBeyond { peak_mps2: -5.21, threshold_mps2: -3.6, held_s: 1.9, needed_s: 0.6 };
        assert_eq!(reason.to_string(), "peak -5.2 m/s², beyond -3.6 m/s² for 1.9 s (needs 0.6 s)");
        let reason = Reason::TooSlow { speed_mps: 2.0, needed_mps: 5.0 };
        assert_eq!(reason.to_string(), "too slow: 7 km/h (needs 18 km/h)");
        let reason = Reason::GnssDisagrees { gnss_delta_mps: -0.1, inertial_delta_mps: -8.0 };
        assert_eq!(reason.to_string(), "GNSS disagrees: speed changed by only 0 km/h of -29 km/h");
        let reason = Reason::ErrorCircle { distance_m: -12.4, hacc_m: 5.0 };
        assert_eq!(reason.to_string(), "12 m inside the border, accurate to 5 m");
        let reason = Reason::MountUncertain { sigma_rad: Some(core::f64::consts::FRAC_PI_6) };
        assert_eq!(reason.to_string(), "phone's orientation in the vehicle known only to ± 30°");
    }
}
