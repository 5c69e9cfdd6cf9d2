//! Snapshots and recordings over whole fixtures.

mod common;
mod resume;
mod size;
