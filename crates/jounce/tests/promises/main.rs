//! What the engine promises, whatever is driven and however the samples come: held by simulated drives.

mod common;
mod configured;
mod consent;
mod determinism;
mod gaps;
mod invariance;
mod lifecycle;
mod order;
mod privacy;
mod robustness;
