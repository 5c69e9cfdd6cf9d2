//! Values to bytes.

use std::fmt;

use bincode::{Encode, enc::write::Writer as Sink, error::EncodeError};
use serde::{
    Serialize, Serializer,
    ser::{
        Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

use super::{CONFIG, Encoded, Names, Unfit};

/// What has been written so far. A failure is remembered and told at the end, so that there is no branch for each number.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Bytes,
    names: Names,
    has_failed: bool,
}

#[derive(Debug, Default)]
struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl Writer {
    /// `None`: something could not be written.
    pub(super) fn into_encoded(self) -> Option<Encoded> {
        (!self.has_failed).then(|| Encoded { bytes: self.bytes.0, names: self.names.get() })
    }

    #[inline(never)]
    fn put(&mut self, value: impl Encode) {
        self.has_failed |= bincode::encode_into_writer(value, &mut self.bytes, CONFIG).is_err();
    }

    /// Only what knows its length can be written.
    fn put_len(&mut self, len: Option<usize>) {
        self.has_failed |= len.is_none();
        self.put(len.unwrap_or_default() as u64);
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.names.add(name);
    }
}

impl Error for Unfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// `serialize_x(value)` for what bincode knows.
macro_rules! as_it_is {
    ($($method:ident: $ty:ty,)*) => {
        $(fn $method(self, value: $ty) -> Result<(), Unfit> {
            self.put(value);
            Ok(())
        })*
    };
}

impl Serializer for &mut Writer {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    as_it_is! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.put(0_u8);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        self.put(1_u8);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Unfit> {
        self.put(index);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Unfit> {
        self.name(name);
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        self.put(index);
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Unfit> {
        self.put_len(len);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Unfit> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Self, Unfit> {
        self.name(name);
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Unfit> {
        self.put(index);
        Ok(self)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self, Unfit> {
        self.put_len(len);
        Ok(self)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self, Unfit> {
        self.name(name);
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Unfit> {
        self.put(index);
        Ok(self)
    }
}

/// Values in a row, without names.
macro_rules! unnamed {
    ($($of:ident::$method:ident,)*) => {
        $(impl $of for &mut Writer {
            type Ok = ();
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Unfit> {
                Ok(())
            }
        })*
    };
}

/// Values with names.
macro_rules! named {
    ($($of:ident,)*) => {
        $(impl $of for &mut Writer {
            type Ok = ();
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
                self.name(name);
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Unfit> {
                Ok(())
            }
        })*
    };
}

unnamed! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

named! { SerializeStruct, SerializeStructVariant, }

impl SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Unfit> {
        Ok(())
    }
}
