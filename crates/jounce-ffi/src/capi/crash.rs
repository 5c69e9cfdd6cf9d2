//! A crash that is only tried out, and what the sensors said about a real one.

use super::{JounceSample, JounceStatus, put, with};
use crate::{
    abi::samples_about,
    session::{Failure, Session},
};

/// Begins a crash that did not happen, to try what follows one: it is suspected at once, and confirmed some seconds of samples
/// later or by a flush, with the reason `rehearsal` and an ordinal from 2147483648 on. One that is under way is revoked first.
/// `InvalidArgument`: no sample was pushed yet, so there is no time to rehearse at.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_rehearse_crash(session: u64) -> JounceStatus {
    with(session, Session::rehearse_crash)
}

/// Revokes the rehearsal under way, as somebody who is well cancels the call; without one nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_cancel_rehearsal(session: u64) -> JounceStatus {
    with(session, |session| {
        session.cancel_rehearsal();
        Ok(())
    })
}

/// Takes the raw samples of the inertial sensors about a crash, by time, 5 s before it to 5 s after unless the settings say
/// otherwise. `ordinal` gets which crash they are about; `count` how many there are, 0 when no crash's are complete yet.
/// `BufferTooSmall`: they stay, and `count` says how many there are. `sample_size` is `sizeof(JounceSample)`.
///
/// # Safety
/// `samples` must be writable for `capacity` structures of `sample_size` bytes, or be null when that is zero; `ordinal` and
/// `count` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_take_evidence(
    session: u64,
    ordinal: *mut u32,
    samples: *mut JounceSample,
    sample_size: usize,
    capacity: usize,
    count: *mut usize,
) -> JounceStatus {
    with(session, |session| {
        let about = session.evidence().map(|evidence| (evidence.id.ordinal, samples_about(evidence)));
        let (number, kept) = about.as_ref().map_or((0, &[][..]), |(number, kept)| (*number, kept));
        // SAFETY: as the caller vouches.
        unsafe { put(count, kept.len()) }?;
        // SAFETY: as the caller vouches.
        unsafe { put(ordinal, number) }?;
        if sample_size < size_of::<JounceSample>() {
            return Err(Failure::Version);
        }
        if kept.len() > capacity {
            return Err(Failure::Buffer { needed: kept.len() });
        }
        for (index, sample) in kept.iter().enumerate() {
            // SAFETY: the first is refused when null; all are below `capacity`, as the caller vouches.
            unsafe { put(samples.wrapping_byte_add(index * sample_size), *sample) }?;
        }
        session.take_evidence();
        Ok(())
    })
}
