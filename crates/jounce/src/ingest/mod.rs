//! From pushed samples to clean ones: units, plausibility, gaps.

pub(crate) mod gnss;
