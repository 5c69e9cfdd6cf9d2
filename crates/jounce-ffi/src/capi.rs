//! The C ABI.
//!
//! Every function returns a [`JounceStatus`]; results go through pointers. A session is a number, not a pointer: one that
//! was freed, or never opened, is [`JounceStatus::InvalidSession`]. Any function may be called from any thread; calls for
//! one session take turns. Nothing is called back.
//!
//! A pointer may be null only where that is said. Lengths are in bytes for text and bytes, in elements for structures.
#![expect(unsafe_code, reason = "pointers of another language")]

mod types;

use std::{
    cell::RefCell,
    ffi::{CStr, CString, c_char},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice, str,
};

use jounce::{sample::Sample, time::Timestamp};

pub use types::{JOUNCE_SENSORS, JounceEvent, JounceNeeds, JounceStatus};

pub use crate::abi::{JOUNCE_ABI_VERSION, JOUNCE_VALUES, JounceSample, JounceSensor};

use crate::{
    abi::{consent, stride},
    registry::{Registry, lock},
    session::{Failure, Session, line, settings},
};

static SESSIONS: Registry = Registry::new();

thread_local! {
    static LAST_ERROR: RefCell<CString> = RefCell::default();
}

/// The one way in: no panic gets out, and a failure leaves its text for [`jounce_last_error`].
fn entry(act: impl FnOnce() -> Result<(), Failure>) -> JounceStatus {
    let result = catch_unwind(AssertUnwindSafe(act)).unwrap_or(Err(Failure::Internal));
    let Err(failure) = result else { return JounceStatus::Ok };
    // No text of ours holds a zero byte; if one did, the text would be lost and the number not.
    let text = CString::new(failure.to_string()).unwrap_or_default();
    // A thread that is ending has nobody left to ask.
    let _ = LAST_ERROR.try_with(|last| last.replace(text));
    JounceStatus::from(&failure)
}

/// The same for a session that must be sound.
fn with(session: u64, act: impl FnOnce(&mut Session) -> Result<(), Failure>) -> JounceStatus {
    entry(|| lock(&*SESSIONS.get(session)?).guarded(act))
}

/// The elements behind a pointer; none when there are to be none.
///
/// # Safety
/// `data` must point to `count` elements that nobody changes meanwhile, or be null.
unsafe fn elements<'a, T>(data: *const T, count: usize) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Failure::Argument("null with a length that is not zero"));
    }
    if count > isize::MAX as usize / size_of::<T>().max(1) || !data.is_aligned() {
        return Err(Failure::Argument("no such memory"));
    }
    // SAFETY: not null, aligned, no longer than memory can be; the caller vouches for the rest.
    Ok(unsafe { slice::from_raw_parts(data, count) })
}

/// Writes one value.
///
/// # Safety
/// `to` must be writable for a `T`, or null.
unsafe fn put<T>(to: *mut T, value: T) -> Result<(), Failure> {
    if to.is_null() {
        return Err(Failure::Argument("null where a result is to go"));
    }
    // SAFETY: not null; the caller vouches for the rest.
    unsafe { to.write_unaligned(value) };
    Ok(())
}

/// Writes bytes and their length; only the length when they do not fit.
///
/// # Safety
/// `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable, or null.
unsafe fn put_bytes(bytes: &[u8], buffer: *mut u8, capacity: usize, length: *mut usize) -> Result<(), Failure> {
    // SAFETY: as the caller vouches.
    unsafe { put(length, bytes.len()) }?;
    if bytes.is_empty() {
        return Ok(());
    }
    if bytes.len() > capacity {
        return Err(Failure::Buffer { needed: bytes.len() });
    }
    if buffer.is_null() {
        return Err(Failure::Argument("null where a result is to go"));
    }
    // SAFETY: not null, and there is room; what is copied is ours, so that the two cannot overlap.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) };
    Ok(())
}

/// Version of the library, as text. Never null.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };
    VERSION.as_ptr()
}

/// Version of the structures that the library was built with: compare it with `JOUNCE_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_abi_version() -> u16 {
    JOUNCE_ABI_VERSION
}

/// What went wrong in this thread last, for a log. Never null; good until the next call that fails in this thread. It
/// holds no coordinates.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_last_error() -> *const c_char {
    LAST_ERROR.try_with(|last| last.borrow().as_ptr()).unwrap_or(c"".as_ptr())
}

/// Opens a session. `config` is UTF-8 text of `length` bytes: JSON when it begins with a brace, else TOML, which a small
/// build of the library refuses; with length 0 the defaults hold.
///
/// # Safety
/// `config` must point to `length` bytes, or be null when that is zero; `session` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_open(config: *const c_char, length: usize, session: *mut u64) -> JounceStatus {
    entry(|| {
        // SAFETY: as the caller vouches.
        unsafe { put(session, 0) }?;
        // SAFETY: as the caller vouches.
        let text = unsafe { elements(config.cast::<u8>(), length) }?;
        let text = str::from_utf8(text).map_err(|_| Failure::Argument("settings that are not UTF-8"))?;
        let number = SESSIONS.insert(Session::new(settings(text)?))?;
        // SAFETY: as the caller vouches.
        unsafe { put(session, number) }
    })
}

/// Frees a session. 0 is none, and fine.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_free(session: u64) -> JounceStatus {
    entry(|| if session == 0 { Ok(()) } else { SESSIONS.remove(session) })
}

/// Pushes samples in the order in which they arrived. Samples that the engine refuses are counted in `refused`, which may
/// be null; a sample that is not understood stops nothing before it, and everything after it.
///
/// # Safety
/// `samples` must point to `count` structures, each `size` bytes behind the one before, or be null when that is zero;
/// `refused` must be writable, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_push_batch(
    session: u64,
    samples: *const JounceSample,
    count: usize,
    refused: *mut usize,
) -> JounceStatus {
    with(session, |session| {
        let mut sum = 0;
        let mut result = Ok(());
        if count > 0 {
            // SAFETY: as the caller vouches; every structure of every version begins like this one.
            let stride = unsafe { stride_of(samples) }?;
            for index in 0..count {
                // SAFETY: the caller vouches for `count` structures that far apart; the first one was no larger.
                let sample = unsafe { samples.byte_add(index * stride).read_unaligned() };
                match Sample::try_from(&sample) {
                    Ok(sample) => sum += session.push([sample]),
                    Err(failure) => {
                        result = Err(failure);
                        break;
                    }
                }
            }
        }
        if !refused.is_null() {
            // SAFETY: as the caller vouches.
            unsafe { put(refused, sum) }?;
        }
        result
    })
}

/// How far apart the caller's structures are.
///
/// # Safety
/// `first` must point to a structure, or be null.
unsafe fn stride_of(first: *const JounceSample) -> Result<usize, Failure> {
    if first.is_null() {
        return Err(Failure::Argument("null with a length that is not zero"));
    }
    // SAFETY: not null; the two fields at the start are there in every version.
    let [size, version] = unsafe { first.cast::<[u16; 2]>().read_unaligned() };
    stride(size, version)
}

/// Ends the stream: decides everything that is open. More may be pushed afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_flush(session: u64) -> JounceStatus {
    with(session, |session| {
        session.flush();
        Ok(())
    })
}

/// Pulls events as lines of JSON, as many whole ones as fit; `length` gets their bytes, 0 when none waits. There is no
/// zero byte behind them. `BufferTooSmall`: not even one fits; `length` gets the bytes needed, and nothing is pulled.
///
/// # Safety
/// `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_next_json(
    session: u64,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> JounceStatus {
    with(session, |session| {
        let mut text = String::new();
        let mut pulled = 0;
        while let Some(event) = session.peek_at(pulled) {
            let line = line(event);
            if !text.is_empty() && text.len() + line.len() + 1 > capacity {
                break;
            }
            text += &line;
            text.push('\n');
            pulled += 1;
        }
        // SAFETY: as the caller vouches.
        unsafe { put_bytes(text.as_bytes(), buffer.cast(), capacity, length) }?;
        session.drop_events(pulled);
        Ok(())
    })
}

/// Pulls events as structures, at most `capacity`; `count` gets how many, 0 when none waits. With `capacity` 0, which pulls
/// nothing, it gets how many wait. `event_size` is `sizeof(JounceEvent)`.
///
/// # Safety
/// `events` must be writable for `capacity` structures of `event_size` bytes, or null when that is zero; `count` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_next_events(
    session: u64,
    events: *mut JounceEvent,
    event_size: usize,
    capacity: usize,
    count: *mut usize,
) -> JounceStatus {
    with(session, |session| {
        // SAFETY: as the caller vouches.
        unsafe { put(count, 0) }?;
        if event_size < size_of::<JounceEvent>() {
            return Err(Failure::Version);
        }
        if capacity == 0 {
            // SAFETY: as the caller vouches.
            return unsafe { put(count, session.waiting()) };
        }
        let mut pulled = 0;
        while pulled < capacity {
            let Some(event) = session.peek_at(pulled) else { break };
            // SAFETY: the first is refused when null; all are below `capacity`, as the caller vouches.
            unsafe { put(events.wrapping_byte_add(pulled * event_size), JounceEvent::from(event)) }?;
            pulled += 1;
        }
        session.drop_events(pulled);
        // SAFETY: as the caller vouches.
        unsafe { put(count, pulled) }
    })
}

/// Tells which sensors are wanted now. Ask after each batch. `needs_size` is `sizeof(JounceNeeds)`.
///
/// # Safety
/// `needs` must be writable for `needs_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_needs(session: u64, needs: *mut JounceNeeds, needs_size: usize) -> JounceStatus {
    with(session, |session| {
        if needs_size < size_of::<JounceNeeds>() {
            return Err(Failure::Version);
        }
        // SAFETY: there is room; as the caller vouches.
        unsafe { put(needs, session.needs().into()) }
    })
}

/// Writes the record of the input as JSON: what came, what was refused and why, rates, gaps.
///
/// # Safety
/// `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_health_json(
    session: u64,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> JounceStatus {
    // SAFETY: as the caller vouches.
    with(session, |session| unsafe { put_bytes(session.health_json().as_bytes(), buffer.cast(), capacity, length) })
}

/// Writes the whole state. Ask with `capacity` 0 for the length, or offer 256 KiB, which is enough for any phone. Events
/// that wait are not in it: pull them first.
///
/// # Safety
/// `buffer` must be writable for `capacity` bytes, or null when that is zero; `length` must be writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_snapshot(
    session: u64,
    buffer: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> JounceStatus {
    // SAFETY: as the caller vouches.
    with(session, |session| unsafe { put_bytes(&session.snapshot(), buffer, capacity, length) })
}

/// Goes on where a snapshot was taken; the session must have been opened with the same settings. It is faulted no longer.
/// When the snapshot is refused, nothing changes.
///
/// # Safety
/// `bytes` must point to `length` bytes, or be null when that is zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jounce_restore(session: u64, bytes: *const u8, length: usize) -> JounceStatus {
    // SAFETY: as the caller vouches.
    entry(|| lock(&*SESSIONS.get(session)?).restore(unsafe { elements(bytes, length) }?))
}

/// Says from `t_ns` on whether a sensor may be used; the same as pushing a sample of consent.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_set_consent(session: u64, t_ns: i64, sensor: u16, allowed: bool) -> JounceStatus {
    with(session, |session| {
        let said = consent(Timestamp::from_ns(t_ns), sensor, allowed)?;
        session.push([Sample::Consent(said)]);
        Ok(())
    })
}

/// Forgets everything pushed and every event that waits. Settings and consent stay; the session is faulted no longer.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_reset(session: u64) -> JounceStatus {
    entry(|| {
        lock(&*SESSIONS.get(session)?).reset();
        Ok(())
    })
}

#[cfg(test)]
mod tests;
