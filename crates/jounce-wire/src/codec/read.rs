//! Bytes to values.

use std::fmt::Display;

use bincode::Decode;
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
        VariantAccess, Visitor, value::U32Deserializer,
    },
};

use super::{CONFIG, MOST_BYTES, Unfit};

/// What is still to be read.
///
/// After a failure every number is zero, nothing is left, and all of it is refused at the end: so a struct of numbers is read
/// without a branch for each of them, which was a good part of the code.
#[derive(Debug)]
pub(super) struct Reader<'de> {
    rest: &'de [u8],
    is_finite: bool,
    has_failed: bool,
}

impl<'de> Reader<'de> {
    /// `None`: more than any value of ours has.
    pub(super) fn new(bytes: &'de [u8]) -> Option<Self> {
        (bytes.len() <= MOST_BYTES).then_some(Self { rest: bytes, is_finite: true, has_failed: false })
    }

    /// Nothing failed, and nothing is left.
    pub(super) fn is_complete(&self) -> bool {
        self.rest.is_empty() && !self.has_failed
    }

    pub(super) fn is_finite(&self) -> bool {
        self.is_finite
    }

    #[cold]
    fn fail(&mut self) {
        self.rest = &[];
        self.has_failed = true;
    }

    #[inline(never)]
    fn take<T: Decode<()> + Default>(&mut self) -> T {
        if let Ok((value, used)) = bincode::decode_from_slice(self.rest, CONFIG)
            && let Some(rest) = self.rest.get(used..)
        {
            self.rest = rest;
            return value;
        }
        self.fail();
        T::default()
    }

    /// How many elements follow: no more than there are bytes, since none of ours takes no byte.
    #[inline(never)]
    fn take_len(&mut self) -> usize {
        match usize::try_from(self.take::<u64>()) {
            Ok(len) if len <= self.rest.len() => len,
            _ => {
                self.fail();
                0
            }
        }
    }

    #[inline(never)]
    fn take_bytes(&mut self) -> &'de [u8] {
        let len = self.take_len();
        let (bytes, rest) = self.rest.split_at_checked(len).unwrap_or_default();
        self.rest = rest;
        bytes
    }

    #[inline(never)]
    fn take_float(&mut self) -> f64 {
        let value: f64 = self.take();
        self.is_finite &= value.is_finite();
        value
    }

    /// Which of an enum's variants. A failure ends here, so that nothing is read that the bytes do not hold.
    #[inline(never)]
    fn take_variant(&mut self) -> Result<u32, Unfit> {
        let index = self.take();
        if self.has_failed { Err(Unfit) } else { Ok(index) }
    }
}

/// Whatever it was: the words, and the code that makes them, are left out.
impl Error for Unfit {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// `deserialize_x` for what bincode knows.
macro_rules! as_it_is {
    ($($method:ident: $visit:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> { visitor.$visit(self.take()) })*
    };
}

/// `deserialize_x` for what does not say in its bytes what it is.
macro_rules! never {
    ($($method:ident,)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unfit> { Err(Unfit) })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unfit;

    as_it_is! {
        deserialize_bool: visit_bool,
        deserialize_i8: visit_i8,
        deserialize_i16: visit_i16,
        deserialize_i32: visit_i32,
        deserialize_i64: visit_i64,
        deserialize_u8: visit_u8,
        deserialize_u16: visit_u16,
        deserialize_u32: visit_u32,
        deserialize_u64: visit_u64,
        deserialize_char: visit_char,
    }

    never! { deserialize_any, deserialize_identifier, deserialize_ignored_any, }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let value: f32 = self.take();
        self.is_finite &= value.is_finite();
        visitor.visit_f32(value)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_f64(self.take_float())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_borrowed_str(str::from_utf8(self.take_bytes()).map_err(|_| Unfit)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_borrowed_bytes(self.take_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.take::<u8>() {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self),
            _ => Err(Unfit),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let left = self.take_len();
        visitor.visit_seq(Counted { reader: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Tuple { reader: self, left: len })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Fixed(self))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let left = self.take_len();
        visitor.visit_map(Counted { reader: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Fixed(self))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_enum(self)
    }
}

/// The parts of a struct: what serde derives asks for as many as it has.
struct Fixed<'a, 'de>(&'a mut Reader<'de>);

impl<'de> SeqAccess<'de> for Fixed<'_, 'de> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        seed.deserialize(&mut *self.0).map(Some)
    }
}

/// The parts of a tuple: some ask for them until there are no more.
struct Tuple<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Tuple<'_, 'de> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

/// As many elements as the bytes say, and none after a failure.
struct Counted<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl Counted<'_, '_> {
    fn has_next(&mut self) -> bool {
        let has_next = self.left > 0 && !self.reader.has_failed;
        self.left = self.left.saturating_sub(1);
        has_next
    }
}

impl<'de> SeqAccess<'de> for Counted<'_, 'de> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        if self.has_next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Counted<'_, 'de> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Unfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unfit> {
        let index: U32Deserializer<Unfit> = self.take_variant()?.into_deserializer();
        Ok((seed.deserialize(index)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Unfit;

    fn unit_variant(self) -> Result<(), Unfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Fixed(self))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_seq(Fixed(self))
    }
}
