//! Replays a native CSV trace to JSON lines in a world that has neither a standard library nor an operating system.
//!
//! The host asks for room ([`room`]), writes settings as JSON and the trace into it, and calls [`replay`].
#![no_std]

extern crate alloc;

use alloc::{string::String, vec, vec::Vec};
use core::{
    alloc::{GlobalAlloc, Layout},
    panic::PanicInfo,
    ptr, slice, str,
    sync::atomic::{AtomicUsize, Ordering},
};

use jounce::{
    config::Config,
    engine::Engine,
    event::Event,
    sample::{
        Activity, BaroSample, ConsentSample, GnssFix, Hint, HintSample, LimitSample, PostedLimit, Sample, Sensor, Triad,
    },
    time::Timestamp,
};

/// Of one page of memory, bytes.
const PAGE: usize = 64 * 1024;
const KMH_PER_MPS: f64 = 3.6;

/// Gives memory, and never takes it back: one replay, and the module is thrown away.
struct Bump(AtomicUsize);

// SAFETY: every piece lies behind the one before it, within memory that has been grown to hold it.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = match self.0.load(Ordering::Relaxed) {
            0 => core::arch::wasm32::memory_size(0) * PAGE,
            end => end,
        };
        let start = start.next_multiple_of(layout.align());
        let end = start + layout.size();
        let missing = end.saturating_sub(core::arch::wasm32::memory_size(0) * PAGE);
        if core::arch::wasm32::memory_grow(0, missing.div_ceil(PAGE)) == usize::MAX {
            return ptr::null_mut();
        }
        self.0.store(end, Ordering::Relaxed);
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Bump = Bump(AtomicUsize::new(0));

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Room for `length` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    vec![0_u8; length].leak().as_mut_ptr()
}

/// The text of `length` bytes at `start`.
///
/// # Safety
/// They must have been written into [`room`].
unsafe fn text(start: *const u8, length: usize) -> &'static str {
    // SAFETY: as the caller vouches.
    str::from_utf8(unsafe { slice::from_raw_parts(start, length) }).expect("UTF-8")
}

/// Replays the trace; gives where the lines are, and behind them, in the upper half, how many bytes they have.
///
/// # Safety
/// Both texts must have been written into [`room`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn replay(config: *const u8, config_length: usize, trace: *const u8, trace_length: usize) -> u64 {
    // SAFETY: as the caller vouches.
    let (config, trace) = unsafe { (text(config, config_length), text(trace, trace_length)) };
    let config: Config = serde_json::from_str(config).expect("settings");
    let mut engine = Engine::new(config.validate().expect("valid settings"));
    let mut events: Vec<Event> = Vec::new();
    for row in trace.lines().skip(1) {
        engine.push(sample(row).expect("a row"), &mut events);
    }
    engine.flush(&mut events);
    let mut lines = String::new();
    for event in &events {
        lines += &serde_json::to_string(event).expect("names and numbers");
        lines.push('\n');
    }
    let lines = lines.leak();
    (lines.len() as u64) << u32::BITS | lines.as_ptr() as u64
}

fn sample(row: &str) -> Option<Sample> {
    let mut fields = row.split(',');
    let t = Timestamp::from_ns(fields.next()?.parse().ok()?);
    let sensor = Sensor::parse(fields.next()?)?;
    let first = fields.clone().next()?;
    let mut values = [None; GnssFix::VALUES];
    for (value, field) in values.iter_mut().zip(fields.clone()) {
        *value = field.parse::<f64>().ok();
    }
    let [x, y, z, ..] = values.map(|value| value.unwrap_or(f64::NAN));
    Some(match sensor {
        Sensor::Accel => Sample::Accel(Triad { t, x, y, z }),
        Sensor::Gyro => Sample::Gyro(Triad { t, x, y, z }),
        Sensor::Mag => Sample::Mag(Triad { t, x, y, z }),
        Sensor::Gnss => Sample::Gnss(GnssFix::from_values(t, values)),
        Sensor::Baro => Sample::Baro(BaroSample { t, pressure_hpa: x }),
        Sensor::Hint => Sample::Hint(HintSample { t, hint: hint(first, fields.nth(1)?)? }),
        Sensor::Limit => Sample::Limit(LimitSample { t, limit: limit(first, x) }),
        Sensor::Consent => {
            Sample::Consent(ConsentSample { t, sensor: Sensor::parse(first)?, allowed: fields.nth(1)? == "1" })
        }
    })
}

fn limit(text: &str, kmh: f64) -> PostedLimit {
    match text {
        "none" => PostedLimit::NoLimit,
        "unknown" => PostedLimit::Unknown,
        _ => PostedLimit::Limit(kmh / KMH_PER_MPS),
    }
}

fn hint(name: &str, value: &str) -> Option<Hint> {
    Some(match name {
        "screen" => Hint::Screen(value == "on"),
        "car" => Hint::Car(value == "on"),
        _ => Hint::Activity(match value {
            "automotive" => Activity::Automotive,
            "cycling" => Activity::Cycling,
            "walking" => Activity::Walking,
            "running" => Activity::Running,
            "still" => Activity::Still,
            _ => Activity::Unknown,
        }),
    })
}
