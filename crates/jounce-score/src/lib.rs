//! Events held against labels: what was right, what was missed, what was false.
//!
//! A [`Label`] says that something happened, or that nothing did; a [`Found`] is what a detector reported. [`Score::add`]
//! pairs them ([`matching`]) and counts; several traces add up. Nothing here knows the engine: whatever reports events of
//! a kind over a time can be scored, the rules of others included.
//!
//! What counts as false: an event of a *judged* kind that no label explains. A kind is judged where the labels name it,
//! since whoever noted it once would have noted it again; an event of another kind is neither right nor wrong and is
//! counted as not judged. In a stretch labelled as calm every alarm is false ([`Scope`]).
//!
//! ```
//! use jounce::event::EventKind::HardBraking;
//! use jounce_score::{Found, Label, Scope, Score, Trace};
//!
//! let labels = [Label::new(HardBraking, 10.0, 12.0), Label::new(HardBraking, 60.0, 61.0)];
//! let found = [Found::new(HardBraking, 10.3, 11.8), Found::new(HardBraking, 30.0, 31.0)];
//! let mut score = Score::default();
//! score.add(&Trace::new(&labels, &found, 0.5), &Scope::of_labels(&labels));
//! let braking = &score.kinds[&HardBraking];
//! assert_eq!((braking.hits, braking.missed, braking.false_alarms), (1, 1, 1));
//! ```

mod file;
mod found;
mod hours;
mod label;
pub mod matching;
mod reliability;
mod score;
mod share;

pub use file::{Field, LabelError, LabelFile, Row, write_labels};
pub use found::{Found, last_words};
pub use hours::driving_hours;
pub use label::Label;
pub use reliability::{Bucket, Reliability};
pub use score::{Calm, KindScore, Scope, Score, Trace, Verdict, is_alarm};
pub use share::{Share, quantile};
