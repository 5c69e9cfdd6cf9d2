//! What numbers are, and what is made of nothing else.

use alloc::string::String;

use nalgebra::{Complex, SMatrix, UnitQuaternion};

use super::{Layout, Persist, Tape};
use crate::time::Timestamp;

/// As one of the medium's kinds of values.
macro_rules! values {
    ($($ty:ty: $method:ident,)*) => {
        $(impl Persist for $ty {
            const LAYOUT: Layout = Layout::of(stringify!($ty));

            fn blank() -> Self {
                Self::default()
            }

            #[inline(never)]
            fn run(&mut self, tape: &mut Tape<'_>) {
                tape.0.$method(self);
            }
        })*
    };
}

values! { u8: byte, u64: unsigned, i64: signed, f32: single, f64: double, String: text, }

/// As a number of another type that has room for it.
macro_rules! narrow {
    ($($ty:ty: $wide:ty,)*) => {
        $(impl Persist for $ty {
            const LAYOUT: Layout = Layout::of(stringify!($ty));

            fn blank() -> Self {
                Self::default()
            }

            #[inline(never)]
            fn run(&mut self, tape: &mut Tape<'_>) {
                #[expect(clippy::allow_attributes, reason = "`usize` has no conversion that cannot fail")]
                #[allow(clippy::cast_lossless, reason = "it has room for it")]
                let mut wide = *self as $wide;
                wide.run(tape);
                match <$ty>::try_from(wide) {
                    Ok(value) => *self = value,
                    Err(_) => tape.fail(),
                }
            }
        })*
    };
}

narrow! { u32: u64, usize: u64, i32: i64, }

impl Persist for bool {
    const LAYOUT: Layout = Layout::of("bool");

    fn blank() -> Self {
        false
    }

    #[inline(never)]
    fn run(&mut self, tape: &mut Tape<'_>) {
        let mut byte = u8::from(*self);
        byte.run(tape);
        match byte {
            0 | 1 => *self = byte == 1,
            _ => tape.fail(),
        }
    }
}

impl<const R: usize, const C: usize> Persist for SMatrix<f64, R, C> {
    const LAYOUT: Layout = <[f64; R]>::LAYOUT.and("of", &<[f64; C]>::LAYOUT);

    fn blank() -> Self {
        Self::zeros()
    }

    fn run(&mut self, tape: &mut Tape<'_>) {
        tape.doubles(self.as_mut_slice());
    }
}

impl Persist for UnitQuaternion<f64> {
    const LAYOUT: Layout = Layout::of("UnitQuaternion");

    fn blank() -> Self {
        Self::identity()
    }

    /// As it is: to make its length 1 again would change it.
    fn run(&mut self, tape: &mut Tape<'_>) {
        tape.doubles(self.as_mut_unchecked().coords.as_mut_slice());
    }
}

impl Persist for Complex<f64> {
    const LAYOUT: Layout = Layout::of("Complex");

    fn blank() -> Self {
        Self::default()
    }

    fn run(&mut self, tape: &mut Tape<'_>) {
        self.re.run(tape);
        self.im.run(tape);
    }
}

/// Three axes at one moment: in half the room when they came from single precision, as most sensors' values do.
#[derive(Clone, Copy, Persist)]
pub(crate) enum Axes {
    Single(Timestamp, [f32; 3]),
    Double(Timestamp, [f64; 3]),
}

impl Axes {
    pub(crate) fn new(t: Timestamp, axes: [f64; 3]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "whether anything is lost is what is asked")]
        let single = axes.map(|v| v as f32);
        // NaN is left to the wider form: a cast may change its payload.
        let is_exact = axes.iter().zip(single).all(|(v, s)| v.to_bits() == f64::from(s).to_bits() && !v.is_nan());
        if is_exact { Self::Single(t, single) } else { Self::Double(t, axes) }
    }

    pub(crate) fn get(self) -> (Timestamp, [f64; 3]) {
        match self {
            Self::Single(t, axes) => (t, axes.map(f64::from)),
            Self::Double(t, axes) => (t, axes),
        }
    }

    /// Runs axes over the tape.
    pub(crate) fn run_as(t: &mut Timestamp, axes: [&mut f64; 3], tape: &mut Tape<'_>) {
        let [x, y, z] = axes;
        let mut compact = Self::new(*t, [*x, *y, *z]);
        compact.run(tape);
        (*t, [*x, *y, *z]) = compact.get();
    }
}
