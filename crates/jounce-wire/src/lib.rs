//! Framed, versioned, checksummed bytes: snapshots of the engine, and binary recordings.
//!
//! ```
//! use jounce::{config::Config, engine::Engine};
//! use jounce_wire::snapshot;
//!
//! let config = Config::default().validate()?;
//! let mut engine = Engine::new(config.clone());
//! let bytes = snapshot::save(&mut engine);
//! let restored = snapshot::restore(&bytes, &config)?;
//! assert_eq!(restored.health(), engine.health());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`snapshot`] is the whole state of one engine, for the same version of the engine and the same settings. A
//! [`recording`] is what went into it, to be read by every later version.
//!
//! Nothing here panics on any bytes, and nothing is allocated that the bytes do not account for.

mod checksum;
mod codec;
pub mod recording;
pub mod snapshot;
