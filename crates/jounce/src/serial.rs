//! How state is serialised where a derive alone does not serve.
//!
//! Two forms share one set of derives. The *readable* form (JSON) is a contract: an event's reasons carry a `code`, its
//! detail lies flat among its fields. The *compact* form keeps everything to the bit, and is read back into an engine.

use core::{fmt, marker::PhantomData};

use nalgebra::Vector3;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeTuple,
};

use crate::time::Timestamp;

pub(crate) mod flat;

/// What has a time of its own.
pub(crate) trait Timed: Copy {
    fn t(&self) -> Timestamp;

    #[must_use]
    fn at(self, t: Timestamp) -> Self;
}

/// Three axes at one moment: in half the room when they came from single precision, as most sensors' values do.
#[derive(Clone, Copy, Serialize, Deserialize)]
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

    pub(crate) fn vector(self) -> (Timestamp, Vector3<f64>) {
        let (t, axes) = self.get();
        (t, axes.into())
    }
}

/// Collections of timed things, each by its time since the one before: that takes half the room.
pub(crate) mod by_time {
    use alloc::vec::Vec;

    use super::{Deserialize, Deserializer, Serialize, Serializer, Timed, Timestamp};

    pub(crate) fn serialize<'a, S: Serializer, C, T: Timed + Serialize + 'a>(
        items: &'a C,
        serializer: S,
    ) -> Result<S::Ok, S::Error>
    where
        &'a C: IntoIterator<Item = &'a T>,
    {
        let mut before = 0_i64;
        let relative: Vec<T> = items
            .into_iter()
            .map(|item| {
                let t = item.t().ns();
                item.at(Timestamp::from_ns(t.wrapping_sub(core::mem::replace(&mut before, t))))
            })
            .collect();
        relative.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, C: FromIterator<T>, T: Timed + Deserialize<'de>>(
        deserializer: D,
    ) -> Result<C, D::Error> {
        let mut before = 0_i64;
        let items = Vec::<T>::deserialize(deserializer)?.into_iter().map(|item| {
            before = before.wrapping_add(item.t().ns());
            item.at(Timestamp::from_ns(before))
        });
        Ok(items.collect())
    }
}

/// Arrays longer than those serde knows of.
pub(crate) mod array {
    use super::{Array, Deserialize, Deserializer, PhantomData, Serialize, SerializeTuple, Serializer};

    pub(crate) fn serialize<S: Serializer, T: Serialize, const N: usize>(
        array: &[T; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(N)?;
        array.iter().try_for_each(|item| tuple.serialize_element(item))?;
        tuple.end()
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default + Copy, const N: usize>(
        deserializer: D,
    ) -> Result<[T; N], D::Error> {
        deserializer.deserialize_tuple(N, Array(PhantomData))
    }
}

struct Array<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default + Copy, const N: usize> Visitor<'de> for Array<T, N> {
    type Value = [T; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut array = [T::default(); N];
        for (index, item) in array.iter_mut().enumerate() {
            *item = seq.next_element()?.ok_or_else(|| Error::invalid_length(index, &self))?;
        }
        Ok(array)
    }
}

/// Serialises a type that has derived both traits with `#[serde(remote = "Self")]` in two forms: readable with the
/// enum's variant as `code` or left out, compact as derived.
macro_rules! flat_when_readable {
    ($name:ty, $tag:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    <$name>::serialize(self, $crate::serial::flat::Flat { serializer, tag: $tag })
                } else {
                    <$name>::serialize(self, serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::serial::compact_only(&deserializer)?;
                <$name>::deserialize(deserializer)
            }
        }
    };
}
pub(crate) use flat_when_readable;

/// The readable form is for readers of events; an engine's state is only read from the compact one.
pub(crate) fn compact_only<'de, D: Deserializer<'de>>(deserializer: &D) -> Result<(), D::Error> {
    if deserializer.is_human_readable() { Err(Error::custom("expected a compact format")) } else { Ok(()) }
}
