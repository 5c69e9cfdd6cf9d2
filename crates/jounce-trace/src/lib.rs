//! Recorded traces: every format in, one stream of samples out.
