//! A room's values by number, so that checking, reading and writing them is there once and not once for each room: as code
//! derived for each it was a tenth of the library that an app ships.

use super::{
    ConfigError,
    range::{Check, Range},
};
use crate::persist::{Persist, Tape};

/// One value, whatever it is.
pub(super) enum Slot<'a> {
    Number(&'a mut f64),
    MaybeNumber(&'a mut Option<f64>),
    Count(&'a mut u32),
    MaybeCount(&'a mut Option<u32>),
    Size(&'a mut usize),
    Flag(&'a mut bool),
    Two(&'a mut [f64; 2]),
    Four(&'a mut [f64; 4]),
}

/// The same for each kind of value.
macro_rules! with {
    ($slot:expr, $value:ident => $what:expr) => {
        match $slot {
            Slot::Number($value) => $what,
            Slot::MaybeNumber($value) => $what,
            Slot::Count($value) => $what,
            Slot::MaybeCount($value) => $what,
            Slot::Size($value) => $what,
            Slot::Flag($value) => $what,
            Slot::Two($value) => $what,
            Slot::Four($value) => $what,
        }
    };
}

macro_rules! slots {
    ($($kind:ident: $ty:ty,)*) => {
        $(impl<'a> From<&'a mut $ty> for Slot<'a> {
            fn from(value: &'a mut $ty) -> Self {
                Self::$kind(value)
            }
        })*
    };
}

slots! {
    Number: f64,
    MaybeNumber: Option<f64>,
    Count: u32,
    MaybeCount: Option<u32>,
    Size: usize,
    Flag: bool,
    Two: [f64; 2],
    Four: [f64; 4],
}

/// Values with names and ranges.
pub(super) trait Room {
    /// Of every value, in order.
    fn names(&self) -> &'static [&'static str];

    /// Of every value, in order.
    fn ranges(&self) -> &'static [Range];

    /// The value of this number.
    fn slot(&mut self, index: usize) -> Option<Slot<'_>>;
}

/// Checks every value; errors name it `name.field`.
pub(super) fn check(room: &mut dyn Room, name: &str) -> Result<(), ConfigError> {
    for (index, (field, range)) in room.names().iter().zip(room.ranges()).enumerate() {
        if let Some(slot) = room.slot(index) {
            with!(slot, value => value.check(name, field, *range))?;
        }
    }
    Ok(())
}

/// Runs every value over the tape.
pub(super) fn run(room: &mut dyn Room, tape: &mut Tape<'_>) {
    for index in 0..room.names().len() {
        if let Some(slot) = room.slot(index) {
            with!(slot, value => value.run(tape));
        }
    }
}

/// As a derive would have it, with what is not given left as it is and an unknown name an error.
#[cfg(feature = "serde")]
pub(super) mod serial {
    use core::fmt;

    use serde::{
        Deserializer, Serializer,
        de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
        ser::SerializeStruct,
    };

    use super::{Room, Slot};

    /// Reads values over those that the room has.
    pub(in super::super) fn read<'de, D: Deserializer<'de>>(
        room: &mut dyn Room,
        name: &'static str,
        deserializer: D,
    ) -> Result<(), D::Error> {
        let names = room.names();
        deserializer.deserialize_struct(name, names, Values { room, name })
    }

    /// Writes every value.
    pub(in super::super) fn write<S: Serializer>(
        room: &mut dyn Room,
        name: &'static str,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let names = room.names();
        let mut values = serializer.serialize_struct(name, names.len())?;
        for (index, field) in names.iter().enumerate() {
            if let Some(slot) = room.slot(index) {
                with!(slot, value => values.serialize_field(field, value))?;
            }
        }
        values.end()
    }

    struct Values<'a> {
        room: &'a mut dyn Room,
        name: &'static str,
    }

    impl<'de> Visitor<'de> for Values<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "struct {}", self.name)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            let names = self.room.names();
            let mut seen = 0_u64;
            while let Some(index) = map.next_key_seed(Name(names))? {
                let bit = 1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
                if seen & bit != 0 {
                    return Err(Error::duplicate_field(names.get(index).copied().unwrap_or_default()));
                }
                seen |= bit;
                if let Some(slot) = self.room.slot(index) {
                    with!(slot, value => *value = map.next_value()?);
                }
            }
            Ok(())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
            for index in 0..self.room.names().len() {
                if let Some(slot) = self.room.slot(index) {
                    with!(slot, value => match seq.next_element()? {
                        Some(given) => *value = given,
                        None => return Ok(()),
                    });
                }
            }
            Ok(())
        }
    }

    /// A name to its number.
    struct Name(&'static [&'static str]);

    impl<'de> DeserializeSeed<'de> for Name {
        type Value = usize;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
            deserializer.deserialize_identifier(self)
        }
    }

    impl Visitor<'_> for Name {
        type Value = usize;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("field identifier")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
            self.0.iter().position(|known| *known == name).ok_or_else(|| E::unknown_field(name, self.0))
        }
    }
}
