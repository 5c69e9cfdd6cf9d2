//! The last minute before the mount was known, kept so that it can be judged once it is.

use alloc::collections::VecDeque;

use super::lane::FIXES_A_STEP;
use crate::{
    grid::{STEP_S, Step},
    motion::filter::{Input, SpeedFix},
    persist::Persist,
    time::Timestamp,
};

/// Delay of the fixes behind their stamps, with its standard deviation, s.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delay {
    pub(super) s: f64,
    pub(super) sigma_s: f64,
}

impl Delay {
    /// A fix as the filter wants it for a step that ends at `t`.
    fn speed_fix(&self, t: Timestamp, stamp: Timestamp, speed_mps: f64, sigma_mps: f64) -> SpeedFix {
        SpeedFix { speed_mps, sigma_mps, ahead_s: t.s_since(stamp.plus_s(-self.s)), timing_sigma_s: self.sigma_s }
    }
}

/// One step as it was, before any projection onto the vehicle.
#[derive(Clone, Copy, Debug, Persist)]
pub(super) struct Kept {
    pub(super) step: Step,
    pub(super) input: Input,
    /// Stamp, speed and standard deviation of the fixes that fell into it.
    pub(super) fixes: [Option<(Timestamp, f64, f64)>; FIXES_A_STEP],
}

impl Kept {
    /// What the last fix in it says, m/s.
    pub(super) fn speed_mps(&self) -> Option<f64> {
        self.fixes.iter().flatten().last().map(|(_, speed_mps, _)| *speed_mps)
    }

    /// The fixes as the filter wants them for a step that ends at `t`.
    pub(super) fn speed_fixes<'a>(
        &self,
        delay: Delay,
        t: Timestamp,
        room: &'a mut [SpeedFix; FIXES_A_STEP],
    ) -> &'a [SpeedFix] {
        let mut count = 0;
        for (slot, (stamp, speed_mps, sigma_mps)) in room.iter_mut().zip(self.fixes.iter().flatten()) {
            *slot = delay.speed_fix(t, *stamp, *speed_mps, *sigma_mps);
            count += 1;
        }
        &room[..count]
    }
}

/// Keeps steps until the mount is known; then it is off, until something is kept again.
#[derive(Debug, Persist)]
pub(super) struct Retrospect {
    kept: VecDeque<Kept>,
    capacity: usize,
    off: bool,
}

impl Retrospect {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "validated range")]
    pub(super) fn new(span_s: f64) -> Self {
        let capacity = (libm::round(span_s / STEP_S) as usize).max(1);
        Self { kept: VecDeque::with_capacity(capacity), capacity, off: false }
    }

    /// Keeps one step; returns the one that it pushes out.
    pub(super) fn keep(&mut self, kept: &Kept) -> Option<Kept> {
        self.off = false;
        let out = if self.kept.len() == self.capacity { self.kept.pop_front() } else { None };
        self.kept.push_back(*kept);
        out
    }

    pub(super) fn pop(&mut self) -> Option<Kept> {
        self.kept.pop_front()
    }

    /// End of the newest step kept.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.kept.back().map(|kept| kept.step.t)
    }

    /// Everything has been judged.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.off = true;
    }

    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    /// Every step, oldest first, with the fixes that are true within it now that the delay is known better.
    pub(super) fn replay(&self, delay: Delay, mut each: impl FnMut(&Kept, &[SpeedFix])) {
        let mut fixes = self.kept.iter().flat_map(|kept| kept.fixes.iter().flatten()).peekable();
        for kept in &self.kept {
            let mut room = [SpeedFix::default(); FIXES_A_STEP];
            let mut count = 0;
            while let Some((stamp, speed_mps, sigma_mps)) = fixes.peek() {
                let fix = delay.speed_fix(kept.step.t, *stamp, *speed_mps, *sigma_mps);
                if fix.ahead_s < 0.0 || count == FIXES_A_STEP {
                    break;
                }
                room[count] = fix;
                count += 1;
                fixes.next();
            }
            each(kept, &room[..count]);
        }
    }
}
