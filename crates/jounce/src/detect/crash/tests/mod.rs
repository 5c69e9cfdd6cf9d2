mod many;
mod negative;
mod positive;
mod recorded;
mod rig;
