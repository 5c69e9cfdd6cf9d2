//! The whole state of an engine as bytes.
//!
//! | offset | bytes | |
//! |---|---|---|
//! | 0 | 4 | `JNCS` |
//! | 4 | 2 | version of this layout |
//! | 6 | 2 | zero |
//! | 8 | 8 | fingerprint of the engine's state: another engine keeps other things |
//! | 16 | 4 | length of the body |
//! | 20 | | the body, deflated |
//! | | 4 | CRC-32 of everything before |
//!
//! Numbers are little-endian. The checksum finds damage, not forgery: keep snapshots where only the host may write.

use jounce::{
    config::ValidConfig,
    engine::Engine,
    persist::{Layout, Persist},
};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

use crate::{
    checksum::crc32,
    codec::{self, Decoded},
};

#[cfg(test)]
mod tests;

const MAGIC: [u8; 4] = *b"JNCS";
/// Of the layout above.
const LAYOUT: u16 = 1;
/// Counts changes to the engine's state that keep the names, types and order of its fields.
const STATE: &str = "1";
const HEADER: usize = 20;
const CHECKSUM: usize = 4;
/// The quickest: noise does not become much smaller by trying harder.
const EFFORT: u8 = 1;

/// Most bytes a snapshot may have. One of an engine that is fed by a phone stays below 256 KiB.
pub const MOST_BYTES: usize = codec::MOST_BYTES;

/// Why bytes could not be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They are something else.
    #[error("not a snapshot")]
    Foreign,
    /// The end is missing, or there is more than the end.
    #[error("{found} bytes where {expected} were expected")]
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be.
        expected: usize,
    },
    /// More than any engine's state.
    #[error("longer than any snapshot")]
    TooLong,
    /// The checksum is not that of the bytes.
    #[error("the snapshot is damaged")]
    Damaged,
    /// Saved in another layout.
    #[error("snapshot of layout {found}, expected {LAYOUT}")]
    Layout {
        /// The layout.
        found: u16,
    },
    /// Saved by an engine of another version.
    #[error("snapshot of another version of the engine")]
    OtherEngine,
    /// Saved by an engine with other settings.
    #[error("snapshot of an engine with other settings")]
    OtherConfig,
    /// Intact, but no state that an engine could have.
    #[error("the snapshot holds no valid state")]
    Content,
}

/// The whole state of `engine`, which is run over in place, and is the same afterwards.
pub fn save(engine: &mut Engine) -> Vec<u8> {
    frame(&compress_to_vec(&codec::encode(engine), EFFORT))
}

/// The engine that was saved as `bytes`; it must have run on `config`.
pub fn restore(bytes: &[u8], config: &ValidConfig) -> Result<Engine, SnapshotError> {
    let body = unframe(bytes)?;
    let body = decompress_to_vec_with_limit(body, codec::MOST_BYTES).map_err(|_| SnapshotError::Content)?;
    // Read over a fresh one, so that it keeps the room that this one has taken.
    let mut engine = Engine::new(config.clone());
    let decoded = codec::decode(&body, &mut engine);
    match decoded {
        Decoded::Unfit => Err(SnapshotError::Content),
        _ if settings(engine.config()) != settings(config) => Err(SnapshotError::OtherConfig),
        Decoded::NotFinite => Err(SnapshotError::Content),
        Decoded::Whole => Ok(engine),
    }
}

/// To be compared: as bytes, whose making is there anyway.
fn settings(config: &ValidConfig) -> Vec<u8> {
    codec::encode(&mut config.clone())
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + body.len() + CHECKSUM);
    bytes.extend(MAGIC);
    bytes.extend(LAYOUT.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(FINGERPRINT.to_le_bytes());
    bytes.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(body);
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes
}

fn unframe(bytes: &[u8]) -> Result<&[u8], SnapshotError> {
    if bytes.len() > MOST_BYTES {
        return Err(SnapshotError::TooLong);
    }
    let length = |expected| SnapshotError::Length { found: bytes.len(), expected };
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        let is_start = MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())]);
        return Err(if is_start { length(HEADER + CHECKSUM) } else { SnapshotError::Foreign });
    };
    let [m0, m1, m2, m3, v0, v1, z0, z1, f @ .., l0, l1, l2, l3] = *header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(SnapshotError::Foreign);
    }
    let found = u16::from_le_bytes([v0, v1]);
    if found != LAYOUT || [z0, z1] != [0; 2] {
        return Err(SnapshotError::Layout { found });
    }
    let body_length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    let expected = body_length.saturating_add(HEADER + CHECKSUM);
    let (body, checksum) = rest
        .split_last_chunk::<CHECKSUM>()
        .filter(|(body, _)| body.len() == body_length)
        .ok_or_else(|| length(expected))?;
    let (covered, _) = bytes.split_at(HEADER + body.len());
    if crc32(covered) != u32::from_le_bytes(*checksum) {
        return Err(SnapshotError::Damaged);
    }
    if u64::from_le_bytes(f) != FINGERPRINT {
        return Err(SnapshotError::OtherEngine);
    }
    Ok(body)
}

/// Tells engines apart that keep different things: by version, and by the names and types of all that is kept.
const FINGERPRINT: u64 = Layout::of(env!("CARGO_PKG_VERSION")).and(STATE, &<Engine as Persist>::LAYOUT).get();
