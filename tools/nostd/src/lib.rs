//! Drives the engine from a program that has no standard library.
#![no_std]

extern crate alloc;

use alloc::vec::Vec;
use core::{
    alloc::{GlobalAlloc, Layout},
    panic::PanicInfo,
    ptr,
};

use jounce::{
    config::Config,
    engine::Engine,
    sample::{Sample, Triad},
    time::Timestamp,
};

/// An allocator that has nothing to give: the proof is that this links, not that it runs.
struct Nothing;

// SAFETY: null is an allowed answer, and nothing is ever given that could be returned.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Nothing = Nothing;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Pushes one sample and ends the stream, so that all of the engine is linked. Gives the number of events.
#[unsafe(no_mangle)]
pub extern "C" fn jounce_nostd_proof(t_ns: i64, x: f64, y: f64, z: f64) -> usize {
    let Ok(config) = Config::default().validate() else { return 0 };
    let mut engine = Engine::new(config);
    let mut events = Vec::new();
    engine.push(Sample::Accel(Triad { t: Timestamp::from_ns(t_ns), x, y, z }), &mut events);
    engine.flush(&mut events);
    events.len()
}
