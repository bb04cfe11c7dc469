//! What is kept of a MATLAB 5 file: texts and numbers as values, and of arrays of samples the place to stream them from.

use super::{RecordingError, source::Source};
use crate::storage::Storage;

/// What to keep of a variable or a field.
pub(super) enum Select {
    /// A text or a number.
    Value,
    /// A text, or the place of an array of numbers.
    Array,
    /// These fields of a structure.
    Fields(Selection),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Array(Array),
    /// The elements of a structure array, with the fields selected.
    Structures(Vec<Fields>),
    /// An empty array.
    Empty,
    /// Something that was not asked for in this place.
    Other,
}

/// The selected fields of a structure that were there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fields(pub Vec<(&'static str, Value)>);

impl Fields {
    /// A field's value.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storing {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Storing {
    pub(super) fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            12 => Self::I64,
            13 => Self::U64,
            _ => return None,
        })
    }

    /// Bytes a number.
    pub(super) fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The number stored in the first [`width`](Self::width) bytes.
    pub(super) fn number(self, bytes: &[u8], order: Order) -> f64 {
        /// The bytes in little-endian order.
        fn first<const N: usize>(bytes: &[u8], order: Order) -> [u8; N] {
            let mut array = [0; N];
            array.copy_from_slice(&bytes[..N]);
            if order == Order::Big {
                array.reverse();
            }
            array
        }
        match self {
            Self::I8 => i8::from_le_bytes(first(bytes, order)).into(),
            Self::U8 => bytes[0].into(),
            Self::I16 => i16::from_le_bytes(first(bytes, order)).into(),
            Self::U16 => u16::from_le_bytes(first(bytes, order)).into(),
            Self::I32 => i32::from_le_bytes(first(bytes, order)).into(),
            Self::U32 => u32::from_le_bytes(first(bytes, order)).into(),
            Self::I64 => i64::from_le_bytes(first(bytes, order)) as f64,
            Self::U64 => u64::from_le_bytes(first(bytes, order)) as f64,
            Self::F32 => f32::from_le_bytes(first(bytes, order)).into(),
            Self::F64 => f64::from_le_bytes(first(bytes, order)),
        }
    }
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// An array of numbers that was left in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    /// Whether an imaginary part follows the numbers.
    pub is_complex: bool,
    /// The dimensions; the first one varies fastest.
    pub dimensions: Vec<u64>,
    pub storing: Storing,
    pub order: Order,
    pub element: Element,
    /// Bytes of the (decompressed) element before the numbers.
    pub position: u64,
}

impl Array {
    /// A source of the array's numbers.
    pub(super) async fn source<'a>(
        &self,
        storage: &'a dyn Storage,
        path: &'a str,
    ) -> Result<Source<'a>, RecordingError> {
        let mut source = self.element.source(storage, path);
        source.skip(self.position).await?;
        Ok(source)
    }
}

/// Where a top-level element's content is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    pub start: u64,
    pub end: u64,
    pub compressed: bool,
}

impl Element {
    pub(super) fn source<'a>(self, storage: &'a dyn Storage, path: &'a str) -> Source<'a> {
        if self.compressed {
            Source::zlib(storage, path, self.start, self.end)
        } else {
            Source::plain(storage, path, self.start, self.end)
        }
    }
}

/// Names, and what to keep of them.
pub(super) type Selection = &'static [(&'static str, Select)];
