//! The readers, from outside.
#![expect(clippy::cast_precision_loss, reason = "small counts become times")]

mod any_bytes;
mod common;
mod driver_behaviour;
mod inspect;
mod native;
mod phyphox;
mod real;
mod sensor_log;
mod sensor_logger;
