//! The engine for other languages.
//!
//! A host opens a session, pushes batches of samples, and pulls events; nothing is called back, and no thread is
//! started. `capi` is the C ABI, with its header in `include/jounce.h`; `runtime` puts a session behind a thread of its
//! own, for hosts that want to be called; `keep` keeps a snapshot in a file that is whole at every moment. A panic never
//! crosses a border: it makes the session *faulted* until it is reset.

#[cfg(panic = "abort")]
compile_error!("a panic must be contained in the session it happened in: build with panic = \"unwind\"");

#[cfg(any(feature = "capi", feature = "uniffi"))]
mod abi;
#[cfg(feature = "capi")]
pub mod capi;
#[cfg(feature = "uniffi")]
mod facade;
pub mod keep;
mod registry;
#[cfg(feature = "runtime")]
pub mod runtime;
mod session;

#[cfg(feature = "uniffi")]
pub use facade::{
    Event, EventListener, Evidence, JounceEngine, JounceError, JounceRecorder, JounceWorker, ListenerError, Needs,
    Stage, WorkerCounts, version,
};
pub use session::{Failure, Session, line, settings};

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("jounce");
