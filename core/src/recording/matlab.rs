//! Reads the variables and fields asked for from a MATLAB 5 file, as a stream.
//!
//! Layout: The MathWorks, "MAT-File Format" (version 5). Own code: the crates that read it hold every array in memory
//! and know no structures.
//!
//! What a file says is not trusted: a selection, not the file, bounds the depth; the number of values is limited, every
//! size is checked against what surrounds it, and nothing is allocated for what has not been read.

use std::{future::Future, ops::Range, pin::Pin};

use super::{
    Format, RecordingError,
    matlab_values::{Array, Element, Fields, Order, Select, Selection, Storing, Value},
    source::Source,
    text::decode,
};
use crate::storage::Storage;

/// Bytes of the file's header.
const HEADER_BYTES: u64 = 128;
/// The bytes of the header that tell the order of all others.
const ORDER_MARK: Range<usize> = HEADER_BYTES as usize - 2..HEADER_BYTES as usize;
/// Bytes of an element's type and size.
const TAG_BYTES: u64 = 8;
/// Values kept of one file; more than any recording's events take.
const MAX_VALUES: usize = 1 << 20;
/// Bytes of the longest text kept, and of the longest list of dimensions or field names.
const MAX_TEXT_BYTES: u64 = 1 << 16;
/// Data elements looked at in one file, kept or not; bounds the time that a file of empty ones can take.
const MAX_ELEMENTS: usize = 1 << 23;
/// The bit of an array's flags that says that its numbers are complex.
const COMPLEX: u32 = 1 << 11;
/// How many bytes a byte compressed by deflate can stand for at most.
const MAX_INFLATION: u64 = 1032;

const MI_MATRIX: u32 = 14;
const MI_COMPRESSED: u32 = 15;

/// Whether a file starts as MATLAB 5.
pub(super) fn is_matlab5(head: &[u8]) -> bool {
    matches!(head.get(124..128), Some([0, 1, b'I', b'M'] | [1, 0, b'M', b'I']))
}

/// Whether a file starts as MATLAB 4, which has no signature: a type of four digits (`MOPT`), two dimensions, whether there
/// is an imaginary part, and a name.
pub(super) fn is_matlab4(head: &[u8]) -> bool {
    let Some((words, rest)) = head.split_at_checked(20) else { return false };
    let words = words.as_chunks::<4>().0;
    [u32::from_le_bytes, u32::from_be_bytes].into_iter().zip([0, 1]).any(|(word, machine)| {
        let kind = word(words[0]);
        let (imaginary, name_bytes) = (word(words[3]), word(words[4]));
        let is_kind = kind / 1000 == machine && kind / 100 % 10 == 0 && kind / 10 % 10 <= 5 && kind % 10 <= 2;
        let name = rest.get(..name_bytes.min(64) as usize).and_then(|name| name.split_last());
        let is_name = name.is_some_and(|(end, name)| {
            *end == 0
                && name.first().is_some_and(u8::is_ascii_alphabetic)
                && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        });
        is_kind && imaginary <= 1 && is_name
    })
}

/// Reads the variables selected from a file of `size` bytes that starts with `head`, which holds MATLAB 5's header.
///
/// # Errors
/// [`RecordingError::Damaged`] when the file is cut short or its sizes contradict each other.
pub(super) async fn read_variables(
    storage: &dyn Storage,
    path: &str,
    size: u64,
    head: &[u8],
    selections: &[Selection],
) -> Result<Fields, RecordingError> {
    let mut variables = Fields::default();
    let is_big = head.get(ORDER_MARK).is_some_and(|mark| mark == b"MI");
    let order = if is_big { Order::Big } else { Order::Little };
    let mut reader = Reader { storage, path, order, values: 0, elements: 0 };
    let mut start = HEADER_BYTES;
    // What is left after the last element may be padding.
    while size.saturating_sub(start) >= TAG_BYTES {
        let mut source = Source::plain(storage, path, start, start + TAG_BYTES);
        let tag = reader.tag(&mut source).await?;
        let content = start + source.position();
        let end = content + tag.bytes;
        if end > size {
            return Err(reader.damaged(format!(
                "the variable at byte {start} ends at byte {end}, but the file at {size}; it is cut short"
            )));
        }
        if tag.code == 0 {
            return Err(reader.damaged(format!("at byte {start}, where a variable should start, there is none")));
        }
        let element = Element { start: content, end, compressed: tag.code == MI_COMPRESSED };
        if let Some((name, value)) = reader.variable(element, tag, selections).await? {
            variables.0.push((name, value));
        }
        start = end + tag.padding;
    }
    Ok(variables)
}

/// The type and size of what follows.
#[derive(Debug, Clone, Copy)]
struct Tag {
    code: u32,
    /// Bytes of content.
    bytes: u64,
    /// Bytes that fill it up to a multiple of 8.
    padding: u64,
}

/// The parts of an array that come before its content.
struct ArrayHeader {
    class: u8,
    is_complex: bool,
    dimensions: Vec<u64>,
    name: String,
}

impl ArrayHeader {
    /// `None` if it overflows.
    fn count(&self) -> Option<u64> {
        self.dimensions.iter().try_fold(1_u64, |product, &dimension| product.checked_mul(dimension))
    }
}

struct Reader<'a> {
    storage: &'a dyn Storage,
    path: &'a str,
    order: Order,
    /// Values kept so far.
    values: usize,
    /// Data elements looked at so far.
    elements: usize,
}

impl Reader<'_> {
    fn damaged(&self, reason: String) -> RecordingError {
        RecordingError::Damaged { format: Format::EEGLAB, reason, path: self.path.to_owned() }
    }

    /// Counts one more value.
    fn keep(&mut self) -> Result<(), RecordingError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.damaged(format!("it holds more than {MAX_VALUES} events and labels")));
        }
        Ok(())
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        match self.order {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        }
    }

    async fn tag(&mut self, source: &mut Source<'_>) -> Result<Tag, RecordingError> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(self.damaged(format!("it has more than {MAX_ELEMENTS} data elements")));
        }
        let first = self.u32(source.array().await?);
        let (code, bytes) = (first & 0xffff, first >> 16);
        if bytes > 0 {
            // A small element: type, size and up to 4 bytes of content in one tag.
            if bytes > 4 {
                return Err(self.damaged(format!("a small data element claims {bytes} bytes, it can have 4")));
            }
            return Ok(Tag { code, bytes: bytes.into(), padding: u64::from(4 - bytes) });
        }
        let bytes = u64::from(self.u32(source.array().await?));
        let padding = if code == MI_COMPRESSED { 0 } else { bytes.next_multiple_of(8) - bytes };
        Ok(Tag { code, bytes, padding })
    }

    /// A top-level variable, if it is selected.
    async fn variable(
        &mut self,
        element: Element,
        tag: Tag,
        selections: &[Selection],
    ) -> Result<Option<(&'static str, Value)>, RecordingError> {
        let mut source = element.source(self.storage, self.path);
        let tag = if element.compressed { self.tag(&mut source).await? } else { tag };
        if tag.code != MI_MATRIX {
            return Ok(None);
        }
        let end = source.position() + tag.bytes;
        if element.compressed && end > (element.end - element.start).saturating_mul(MAX_INFLATION) {
            return Err(self.damaged(format!(
                "a compressed variable claims {end} bytes, which {} compressed bytes cannot hold",
                element.end - element.start
            )));
        }
        let header = self.array_header(&mut source, end).await?;
        let selected = selections.iter().copied().flatten().find(|(name, _)| *name == header.name);
        let Some((name, select)) = selected else { return Ok(None) };
        let value = self.content(element, &mut source, header, end, select).await?;
        Ok(Some((name, value)))
    }

    /// The header of an array that ends at `end`.
    async fn array_header(&mut self, source: &mut Source<'_>, end: u64) -> Result<ArrayHeader, RecordingError> {
        let flags = self.short(source, end, "the flags of an array").await?;
        let class = self.u32(*flags.first_chunk().ok_or_else(|| self.damaged("an array has no flags".to_owned()))?);
        let dimensions = self.short(source, end, "the dimensions of an array").await?;
        let dimensions = dimensions.as_chunks::<4>().0.iter().map(|&bytes| u64::from(self.u32(bytes))).collect();
        let name = self.short(source, end, "the name of an array").await?;
        let is_complex = class & COMPLEX != 0;
        let name = String::from_utf8_lossy(&name).into_owned();
        Ok(ArrayHeader { class: (class & 0xff) as u8, is_complex, dimensions, name })
    }

    /// The content of a short element within an array that ends at `end`.
    async fn short(&mut self, source: &mut Source<'_>, end: u64, what: &str) -> Result<Vec<u8>, RecordingError> {
        let tag = self.tag(source).await?;
        if tag.bytes > MAX_TEXT_BYTES || source.position() + tag.bytes > end {
            return Err(self.damaged(format!("{what} claims {} bytes, which are not there", tag.bytes)));
        }
        // At most MAX_TEXT_BYTES.
        let bytes = source.bytes(tag.bytes as usize).await?.to_vec();
        self.pad(source, tag, end).await?;
        Ok(bytes)
    }

    /// Passes over the padding of an element, which the last one of an array may lack.
    async fn pad(&self, source: &mut Source<'_>, tag: Tag, end: u64) -> Result<(), RecordingError> {
        source.skip(tag.padding.min(end.saturating_sub(source.position()))).await
    }

    /// The content of an array after its header; the array ends at `end`, but is read only as far as it takes. Boxed,
    /// since structures hold structures; `select` bounds how deep.
    fn content<'s>(
        &'s mut self,
        element: Element,
        source: &'s mut Source<'_>,
        header: ArrayHeader,
        end: u64,
        select: &'static Select,
    ) -> Pin<Box<dyn Future<Output = Result<Value, RecordingError>> + 's>> {
        Box::pin(async move {
            self.keep()?;
            let count = header
                .count()
                .ok_or_else(|| self.damaged(format!("an array has impossible dimensions: {:?}", header.dimensions)))?;
            Ok(match (header.class, select) {
                (2, Select::Fields(fields)) => self.structures(element, source, count, end, fields).await?,
                (4 | 6..=15, _) if count == 0 => Value::Empty,
                (4, Select::Value | Select::Array) => self.text(source, &header, end).await?,
                (6..=15, Select::Value | Select::Array) => {
                    self.numbers(element, source, header, count, end, select).await?
                }
                _ => Value::Other,
            })
        })
    }

    async fn structures(
        &mut self,
        element: Element,
        source: &mut Source<'_>,
        count: u64,
        end: u64,
        selection: Selection,
    ) -> Result<Value, RecordingError> {
        let length = self.short(source, end, "the length of field names").await?;
        let length =
            self.u32(*length.first_chunk().ok_or_else(|| self.damaged("field names have no length".to_owned()))?);
        let names = self.short(source, end, "the field names of a structure").await?;
        // Not more than MAX_TEXT_BYTES matter, and zero would make no names.
        let selected: Vec<Option<&(&str, Select)>> = names
            .chunks_exact((length as usize).clamp(1, MAX_TEXT_BYTES as usize))
            .map(|name| {
                let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
                selection.iter().find(|(field, _)| field.as_bytes() == name)
            })
            .collect();
        if selected.is_empty() {
            return Ok(Value::Structures(Vec::new()));
        }
        // Each field takes at least its tag.
        if count
            .checked_mul(8 * selected.len() as u64)
            .is_none_or(|bytes| bytes > end.saturating_sub(source.position()))
        {
            return Err(self.damaged(format!("a structure array claims {count} elements, which are not there")));
        }
        let mut structures = Vec::new();
        for _ in 0..count {
            let mut fields = Fields::default();
            for select in &selected {
                let tag = self.tag(source).await?;
                let field_end = source.position() + tag.bytes;
                if tag.code != MI_MATRIX || field_end > end {
                    return Err(self.damaged("a field of a structure is not an array that ends within it".to_owned()));
                }
                match select {
                    Some((name, select)) if tag.bytes > 0 => {
                        let header = self.array_header(source, field_end).await?;
                        fields.0.push((name, self.content(element, source, header, field_end, select).await?));
                        source.skip(field_end.saturating_sub(source.position())).await?;
                    }
                    _ => source.skip(tag.bytes).await?,
                }
                self.pad(source, tag, end).await?;
            }
            self.keep()?;
            structures.push(fields);
        }
        Ok(Value::Structures(structures))
    }

    /// A text of one row; characters are stored as UTF-8, or as numbers of 1 or 2 bytes.
    async fn text(&mut self, source: &mut Source<'_>, header: &ArrayHeader, end: u64) -> Result<Value, RecordingError> {
        let tag = self.tag(source).await?;
        if source.position() + tag.bytes > end {
            return Err(self.damaged(format!("a text claims {} bytes, which are not there", tag.bytes)));
        }
        let row = header.dimensions.first() == Some(&1);
        if !row || tag.bytes > MAX_TEXT_BYTES {
            return Ok(Value::Other);
        }
        let order = self.order;
        // At most MAX_TEXT_BYTES.
        let bytes = source.bytes(tag.bytes as usize).await?;
        let units = || {
            bytes.as_chunks::<2>().0.iter().map(move |&unit| match order {
                Order::Little => u16::from_le_bytes(unit),
                Order::Big => u16::from_be_bytes(unit),
            })
        };
        Ok(match tag.code {
            1 | 2 | 16 => Value::Text(decode(bytes)),
            4 | 17 => Value::Text(char::decode_utf16(units()).map(|unit| unit.unwrap_or('\u{fffd}')).collect()),
            _ => Value::Other,
        })
    }

    /// A number, or the place of an array of them.
    async fn numbers(
        &mut self,
        element: Element,
        source: &mut Source<'_>,
        header: ArrayHeader,
        count: u64,
        end: u64,
        select: &Select,
    ) -> Result<Value, RecordingError> {
        let tag = self.tag(source).await?;
        let storing = Storing::from_code(tag.code)
            .ok_or_else(|| self.damaged(format!("numbers are stored in an unknown way ({})", tag.code)))?;
        let fits = source.position() + tag.bytes <= end && count.checked_mul(storing.width() as u64) == Some(tag.bytes);
        if !fits {
            return Err(self.damaged(format!(
                "an array of dimensions {:?} claims {} bytes, which does not fit",
                header.dimensions, tag.bytes
            )));
        }
        Ok(match select {
            Select::Array => Value::Array(Array {
                is_complex: header.is_complex,
                dimensions: header.dimensions,
                storing,
                order: self.order,
                element,
                position: source.position(),
            }),
            _ if count == 1 && !header.is_complex => {
                Value::Number(storing.number(source.bytes(storing.width()).await?, self.order))
            }
            _ => Value::Other,
        })
    }
}
