//! Whether a trip was a drive at all.

/// Nobody needs a hint to know a motor vehicle above this, m/s: cyclists keep below (29 km/h).
const CYCLIST_MPS: f64 = 8.0;
/// The hints must have said so for this share of the time under way.
const FOOT_SHARE: f64 = 0.5;

/// What was seen of a trip while it was under way. More signs — gait, vibration, rails — belong here.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Evidence {
    fastest_mps: f64,
    samples: u32,
    on_foot: u32,
}

impl Evidence {
    /// Another moment under way, on the 10 Hz grid.
    pub(super) fn add(&mut self, speed_mps: f64, hint_says_foot: bool) {
        self.fastest_mps = self.fastest_mps.max(speed_mps);
        self.samples = self.samples.saturating_add(1);
        self.on_foot = self.on_foot.saturating_add(u32::from(hint_says_foot));
    }

    /// No only when it is clear: slow throughout, and walking, running or cycling by the host's word.
    pub(super) fn is_drive(self) -> bool {
        self.fastest_mps > CYCLIST_MPS || f64::from(self.on_foot) <= FOOT_SHARE * f64::from(self.samples)
    }
}
