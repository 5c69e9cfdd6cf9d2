//! Puts what was found into events and reasons.

use alloc::vec::Vec;

use super::{
    STANDARD_GRAVITY_MPS2,
    case::Case,
    kmh,
    pulse::Pulse,
    speeds::{Before, Gate},
    trigger::{changes_velocity, peak_needed_g},
    verdict::{Evidence, Verdict},
};
use crate::{
    config::CrashConfig,
    event::{Detail, Event, EventKind, Phase, Quality, Reason, Severity},
};

/// An event of this pulse, as far as the pulse itself tells.
pub(super) fn of_pulse(pulse: &Pulse, before: &Before, config: &CrashConfig) -> Event {
    let mut event = Event::new(EventKind::Crash, pulse.onset, pulse.end);
    event.peak = pulse.peak_at;
    event.peak_mps2 = Some(pulse.peak_mps2);
    event.severity = Some(severity(pulse.delta_v_mps(), config));
    event.position = before.position;
    event.speed_before_mps = before.speed_mps;
    event.speed_sigma_mps = before.sigma_mps;
    event.detail = Detail::Crash {
        delta_v_mps: pulse.delta_v_mps(),
        peak_g: pulse.peak_g(),
        duration_s: pulse.end.s_since(pulse.onset),
        direction_clock: direction_clock(pulse, before),
        clipped: pulse.clipped_g.is_some(),
        secondary_impacts: 0,
    };
    event.quality = Quality {
        accel_hz: Some(pulse.rate_hz),
        mount_sigma_rad: before.mount.map(|(_, sigma_rad)| sigma_rad),
        speed_sigma_mps: before.sigma_mps,
        estimated: before.estimated,
        degraded_rate: config.degrades(pulse.rate_hz),
        ..Quality::default()
    };
    event
}

/// The first word on a crash.
pub(super) fn suspected(pulse: &Pulse, before: &Before, gate: Gate, config: &CrashConfig) -> Event {
    let mut event = of_pulse(pulse, before, config);
    let evidence = Evidence { pulse, gate, before, outlook: None, waited_s: 0.0 };
    event.phase = Phase::Suspected;
    event.confidence = evidence.probability(config);
    of_impact(&evidence, config, &mut event.reasons);
    event
}

/// The last word on a crash: confirmed or revoked.
pub(super) fn decided(case: &Case, evidence: &Evidence<'_>, verdict: &Verdict, config: &CrashConfig) -> Event {
    let mut event = of_pulse(evidence.pulse, evidence.before, config);
    event.phase = if verdict.crash { Phase::Confirmed } else { Phase::Revoked };
    event.confidence = verdict.probability;
    event.end = case.end;
    event.speed_after_mps = evidence.outlook.and_then(|outlook| outlook.speed_mps);
    if let Detail::Crash { secondary_impacts, .. } = &mut event.detail {
        *secondary_impacts = case.secondary_impacts;
    }
    event.reasons = reasons(evidence, verdict, config);
    event
}

/// Why it was decided so: what settled it first.
pub(super) fn reasons(evidence: &Evidence<'_>, verdict: &Verdict, config: &CrashConfig) -> Vec<Reason> {
    let mut reasons = if verdict.crash { Vec::new() } else { against(evidence, config) };
    let mut others = Vec::new();
    of_impact(evidence, config, &mut others);
    of_aftermath(evidence, config, &mut others);
    for reason in others {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if !verdict.settled {
        reasons.push(Reason::Undecided);
    }
    reasons
}

/// What speaks against a crash, the strongest first.
pub(super) fn against(evidence: &Evidence<'_>, config: &CrashConfig) -> Vec<Reason> {
    let pulse = evidence.pulse;
    let mut reasons = Vec::new();
    if let Gate::Shut(reason) = evidence.gate {
        reasons.push(reason);
    }
    reasons.extend(evidence.drove_on_mps(config).map(|speed_mps| Reason::DroveOn { speed_mps }));
    reasons.extend(evidence.walked().then_some(Reason::WalkedOn));
    reasons.extend(evidence.non_vehicle().then_some(Reason::NonVehicle));
    if pulse.fell(config) {
        reasons.push(Reason::FreeFall { duration_s: pulse.free_fall_s });
    }
    if pulse.run_s > config.longest_pulse_s {
        reasons.push(too_long(pulse, config));
    }
    if evidence.is_bump(config) {
        reasons.push(Reason::Vertical { share: pulse.vertical_share });
    }
    if evidence.in_hand() {
        reasons.push(Reason::Handling);
    }
    if pulse.is_brief() {
        reasons.push(Reason::Brief { duration_s: pulse.push_s });
    }
    if !changes_velocity(pulse, config) {
        reasons.push(velocity_change(pulse, config));
    }
    reasons
}

pub(super) fn too_long(pulse: &Pulse, config: &CrashConfig) -> Reason {
    Reason::TooLongPulse { duration_s: pulse.run_s, longest_s: config.longest_pulse_s }
}

fn of_impact(evidence: &Evidence<'_>, config: &CrashConfig, reasons: &mut Vec<Reason>) {
    let pulse = evidence.pulse;
    if pulse.fell(config) {
        reasons.push(Reason::FreeFall { duration_s: pulse.free_fall_s });
    }
    if changes_velocity(pulse, config) {
        reasons.push(velocity_change(pulse, config));
    }
    let needed_g = peak_needed_g(pulse, config);
    if pulse.peak_g() >= needed_g {
        reasons.push(Reason::Peak { peak_g: pulse.peak_g(), needed_g, duration_s: pulse.run_s });
    }
    if let Some(range_g) = pulse.clipped_g {
        reasons.push(Reason::Clipped { range_g });
    }
    if config.degrades(pulse.rate_hz) {
        reasons.push(Reason::DegradedRate { rate_hz: pulse.rate_hz });
    }
    if evidence.in_hand() {
        reasons.push(Reason::Handling);
    }
    reasons.push(match (evidence.gate, evidence.before.highest_mps) {
        (Gate::Shut(reason), _) => reason,
        (Gate::Moving, Some(speed_mps)) => Reason::SpeedBefore { speed_mps, needed_mps: kmh(config.min_speed_kmh) },
        (Gate::Stopped, _) => Reason::StruckWhileStopped,
        (Gate::Blind | Gate::Moving, _) => Reason::SpeedUnknown,
    });
}

fn of_aftermath(evidence: &Evidence<'_>, config: &CrashConfig, reasons: &mut Vec<Reason>) {
    let Some(outlook) = evidence.outlook else { return };
    if let (Some(before_mps), Some(after_mps), Some(_)) = (evidence.moving_mps(config), outlook.speed_mps, outlook.fall)
    {
        reasons.push(Reason::SpeedFell { before_mps, after_mps });
    }
    reasons.extend(evidence.drove_on_mps(config).map(|speed_mps| Reason::DroveOn { speed_mps }));
    reasons.extend(evidence.walked().then_some(Reason::WalkedOn));
    reasons.extend(evidence.still_s(config).map(|held_s| Reason::Stillness { held_s }));
    reasons.extend(evidence.turned_rad().map(|angle_rad| Reason::Rotation { angle_rad, within_s: outlook.elapsed_s }));
    if outlook.speed_mps.is_none() {
        reasons.push(Reason::GnssAbsent);
    }
}

/// The change of velocity beside the one needed.
pub(super) fn velocity_change(pulse: &Pulse, config: &CrashConfig) -> Reason {
    Reason::VelocityChange {
        delta_v_mps: pulse.delta_v_window_mps,
        needed_mps: kmh(config.delta_v_kmh),
        within_s: config.delta_v_window_s,
    }
}

/// A phone that fell and hit something.
pub(super) fn phone_drop(pulse: &Pulse, config: &CrashConfig) -> Event {
    let fell_from = pulse.onset.plus_s(-pulse.free_fall_s);
    let mut event = Event::new(EventKind::PhoneDrop, fell_from, pulse.end);
    event.peak = pulse.peak_at;
    event.peak_mps2 = Some(pulse.peak_mps2);
    event.reasons.push(Reason::FreeFall { duration_s: pulse.free_fall_s });
    event.reasons.push(Reason::Peak { peak_g: pulse.peak_g(), needed_g: config.peak_g, duration_s: pulse.run_s });
    event.quality.accel_hz = Some(pulse.rate_hz);
    event.quality.degraded_rate = config.degrades(pulse.rate_hz);
    event
}

fn severity(delta_v_mps: f64, config: &CrashConfig) -> Severity {
    let [moderate, severe] = config.bands_kmh.map(kmh);
    if delta_v_mps >= severe {
        Severity::Severe
    } else if delta_v_mps >= moderate {
        Severity::Moderate
    } else {
        Severity::Minor
    }
}

/// An hour on the clock face, rad.
const HOUR_RAD: f64 = core::f64::consts::PI / 6.0;

/// Where the blow came from: against the change of velocity.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded hours lie in -6..=6")]
fn direction_clock(pulse: &Pulse, before: &Before) -> Option<u8> {
    let (vehicle_from_device, _) = before.mount?;
    let blow_vehicle = -(vehicle_from_device * pulse.delta_v);
    // Too little to have a direction: a tenth of g for a tenth of a second.
    if libm::hypot(blow_vehicle.x, blow_vehicle.y) < 0.01 * STANDARD_GRAVITY_MPS2 {
        return None;
    }
    // Left is a quarter turn forward in the vehicle frame, and nine o'clock.
    let hours = libm::round(-libm::atan2(blow_vehicle.y, blow_vehicle.x) / HOUR_RAD);
    let hour = if hours < 0.5 { hours + 12.0 } else { hours };
    Some(hour.clamp(1.0, 12.0) as u8)
}
