//! What should be found.

use jounce::event::{EventKind, Side};

/// One thing that should be found, or a stretch in which nothing may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// What; none: a calm stretch in which nothing may fire.
    pub kind: Option<EventKind>,
    /// Since the trace's zero, s.
    pub start_s: f64,
    /// Since the trace's zero, s.
    pub end_s: f64,
    /// To which side, for cornering and swerves.
    pub direction: Option<Side>,
}

impl Label {
    /// The name of a calm stretch in a label file.
    pub const CALM: &'static str = "none";

    /// Something that happened.
    pub const fn new(kind: EventKind, start_s: f64, end_s: f64) -> Self {
        Self { kind: Some(kind), start_s, end_s, direction: None }
    }

    /// A stretch in which nothing may fire.
    pub const fn calm(start_s: f64, end_s: f64) -> Self {
        Self { kind: None, start_s, end_s, direction: None }
    }

    /// The same, to one side.
    #[must_use]
    pub const fn toward(self, side: Side) -> Self {
        Self { direction: Some(side), ..self }
    }

    /// Its name in a label file.
    pub fn name(&self) -> &'static str {
        self.kind.map_or(Self::CALM, EventKind::name)
    }
}

/// Whether events of this kind go to one side.
pub(crate) const fn has_side(kind: EventKind) -> bool {
    matches!(kind, EventKind::HarshCornering | EventKind::Swerve)
}
