//! Physically consistent drives, phones and crashes with ground truth.
