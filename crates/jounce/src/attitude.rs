//! STUB.
#![allow(missing_docs, clippy::all, clippy::pedantic)]
use nalgebra::{UnitQuaternion, Vector3};
use crate::{config::AttitudeConfig, time::Timestamp};
#[derive(Debug)]
pub struct Attitude { q: UnitQuaternion<f64>, last: Option<Timestamp> }
impl Attitude {
    pub fn new(_: &AttitudeConfig) -> Self { Self { q: UnitQuaternion::identity(), last: None } }
    pub fn gyro(&mut self, t: Timestamp, w: Vector3<f64>) { if let Some(l) = self.last { self.q = self.q * UnitQuaternion::from_scaled_axis(w * t.s_since(l)); } self.last = Some(t); }
    pub fn accel(&mut self, _: Timestamp, _: Vector3<f64>) {}
    pub fn mag(&mut self, _: Timestamp, _: Vector3<f64>) {}
    pub fn earth_from_device(&self) -> UnitQuaternion<f64> { self.q }
    pub fn level_from_device(&self) -> UnitQuaternion<f64> { self.q }
}
