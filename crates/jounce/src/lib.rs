//! Samples in, driving events with reasons out: a streaming engine for phones.
//!
//! ```
//! use jounce::{config::Config, engine::Engine, sample::{Sample, Triad}, time::Timestamp};
//!
//! let mut engine = Engine::new(Config::default().validate()?);
//! let mut events = Vec::new();
//! let rest = Triad { t: Timestamp::from_ns(0), x: 0.0, y: 0.0, z: 9.81 };
//! engine.push(Sample::Accel(rest), &mut events);
//! engine.flush(&mut events);
//! assert!(events.is_empty());
//! # Ok::<(), jounce::config::ConfigError>(())
//! ```
//!
//! A sample walks once through the rooms, top to bottom:
//! ingest → align → attitude → mount → [`motion`] → detect → [`event`].
//! Only [`engine`] knows them all.
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod align;
pub mod attitude;
pub mod config;
mod correlation;
mod detect;
pub mod engine;
pub mod event;
mod geo;
mod grid;
pub mod health;
mod ingest;
pub mod motion;
mod mount;
pub mod persist;
pub mod sample;
#[cfg(test)]
mod testing;
pub mod time;
mod track;
