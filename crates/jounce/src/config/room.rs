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
        de::{DeserializeSeed, MapAccess, Visitor},
        ser::SerializeStruct,
    };

    use super::{super::serial::Seen, Room, Slot};

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

    /// Reads values over those that the room has.
    pub(in super::super) struct Values<'a>(pub(in super::super) &'a mut dyn Room);

    impl<'de> DeserializeSeed<'de> for Values<'_> {
        type Value = ();

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_map(self)
        }
    }

    impl<'de> Visitor<'de> for Values<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("settings of a room")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            let names = self.0.names();
            let mut seen = Seen::default();
            while let Some(index) = seen.next(names, &mut map)? {
                if let Some(slot) = self.0.slot(index) {
                    with!(slot, value => *value = map.next_value()?);
                }
            }
            Ok(())
        }
    }
}
