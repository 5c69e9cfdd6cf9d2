//! Settings from a text, whatever its format: read over the defaults, an unknown name an error.

use core::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};

use super::{Config, room};

/// What there is besides the rooms.
const OTHERS: [&str; 3] = ["profile", "sensitivity", "place"];
const NAMES: [&str; OTHERS.len() + Config::ROOMS.len()] = {
    let mut names = [""; OTHERS.len() + Config::ROOMS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = if index < OTHERS.len() { OTHERS[index] } else { Config::ROOMS[index - OTHERS.len()] };
        index += 1;
    }
    names
};

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Rooms)
    }
}

struct Rooms;

impl<'de> Visitor<'de> for Rooms {
    type Value = Config;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Config, A::Error> {
        let mut config = Config::default();
        let mut seen = Seen::default();
        while let Some(index) = seen.next(&NAMES, &mut map)? {
            match index {
                0 => config.profile = map.next_value()?,
                1 => config.sensitivity = map.next_value()?,
                2 => config.place = map.next_value()?,
                _ => {
                    if let Some(room) = config.rooms().into_iter().nth(index - OTHERS.len()) {
                        map.next_value_seed(room::serial::Values(room))?;
                    }
                }
            }
        }
        Ok(config)
    }
}

/// Names that were given already.
#[derive(Default)]
pub(super) struct Seen(u64);

impl Seen {
    /// Which of the names comes next; one that there is not, or that comes again, is an error.
    pub(super) fn next<'de, A: MapAccess<'de>>(
        &mut self,
        names: &'static [&'static str],
        map: &mut A,
    ) -> Result<Option<usize>, A::Error> {
        let Some(index) = map.next_key_seed(Name(names))? else { return Ok(None) };
        let bit = 1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
        if self.0 & bit != 0 {
            return Err(Error::duplicate_field(names.get(index).copied().unwrap_or_default()));
        }
        self.0 |= bit;
        Ok(Some(index))
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
