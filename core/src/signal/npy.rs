//! NumPy's `.npy` files of two-dimensional floats: time-series windows, `[channels, samples]`.
//!
//! Own code, because the header is ten bytes and one line, and `npyz` trusts it: a hostile header makes it overflow,
//! recurse without limit or reserve gigabytes. The format is described in NEP 1 and `numpy.lib.format`.

use super::{NpyError, SignalError};

const MAGIC: &[u8] = b"\x93NUMPY";
/// The data begins at a multiple of this many bytes.
const ALIGNMENT: usize = 64;

/// Writes `values`, `[channels, samples]`, as a `.npy` file of little-endian float32 in C order.
///
/// # Errors
/// [`NpyError::Size`] when there are not `channels * samples` values.
pub fn encode_npy(channels: usize, samples: usize, values: &[f32]) -> Result<Vec<u8>, SignalError> {
    let found = size_of_val(values);
    check_size(channels, samples, size_of::<f32>(), found)?;
    let dictionary = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({channels}, {samples}), }}");
    let preamble = MAGIC.len() + 4;
    // The dictionary is padded with spaces and ends in a line break.
    let start = (preamble + dictionary.len() + 1).next_multiple_of(ALIGNMENT);
    let padding = start - preamble - dictionary.len() - 1;
    let header = format!("{dictionary}{:padding$}\n", "");
    let header_length = u16::try_from(header.len()).expect("two numbers of at most 20 digits keep it below 192 bytes");

    let mut bytes = Vec::with_capacity(start + found);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[1, 0]);
    bytes.extend_from_slice(&header_length.to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    Ok(bytes)
}

/// Reads a two-dimensional `.npy` file of float32 or float64 in either byte and axis order: channels, samples and the
/// values, `[channels, samples]`.
///
/// # Errors
/// [`SignalError::Npy`], saying what is wrong with the file.
pub fn decode_npy(bytes: &[u8]) -> Result<(usize, usize, Vec<f32>), SignalError> {
    let (header, data) = split_header(bytes)?;
    let Header { descr, fortran_order, shape } = parse_header(header)?;
    let &[channels, samples] = shape.as_slice() else { return Err(NpyError::Shape { shape }.into()) };
    let values = match descr {
        "<f4" => values(channels, samples, data, f32::from_le_bytes)?,
        ">f4" => values(channels, samples, data, f32::from_be_bytes)?,
        "<f8" => values(channels, samples, data, |value| f64::from_le_bytes(value) as f32)?,
        ">f8" => values(channels, samples, data, |value| f64::from_be_bytes(value) as f32)?,
        _ => return Err(NpyError::ElementType { descr: descr.to_owned() }.into()),
    };
    // A shape such as (18446744073709551615, 0) has no values to put in order.
    if fortran_order && !values.is_empty() {
        let rows = (0..channels).flat_map(|channel| values.iter().skip(channel).step_by(channels));
        return Ok((channels, samples, rows.copied().collect()));
    }
    Ok((channels, samples, values))
}

fn check_size(channels: usize, samples: usize, size: usize, found: usize) -> Result<(), NpyError> {
    let expected = (channels as u128).saturating_mul(samples as u128).saturating_mul(size as u128);
    if expected == found as u128 { Ok(()) } else { Err(NpyError::Size { channels, samples, expected, found }) }
}

/// The elements in the file's order.
fn values<const SIZE: usize>(
    channels: usize,
    samples: usize,
    data: &[u8],
    read: impl Fn([u8; SIZE]) -> f32,
) -> Result<Vec<f32>, NpyError> {
    check_size(channels, samples, SIZE, data.len())?;
    let (elements, _) = data.as_chunks::<SIZE>();
    Ok(elements.iter().map(|element| read(*element)).collect())
}

/// The header's text and the data behind it.
fn split_header(bytes: &[u8]) -> Result<(&str, &[u8]), NpyError> {
    const CUT: NpyError = NpyError::Header { reason: "the file ends within it" };
    let rest = bytes.strip_prefix(MAGIC).ok_or(NpyError::Magic)?;
    let (&[major, minor], rest) = rest.split_first_chunk().ok_or(CUT)?;
    let (length, rest) = match (major, minor) {
        (1, 0) => rest.split_first_chunk().map(|(length, rest)| (u32::from(u16::from_le_bytes(*length)), rest)),
        (2 | 3, 0) => rest.split_first_chunk().map(|(length, rest)| (u32::from_le_bytes(*length), rest)),
        _ => return Err(NpyError::Version { major, minor }),
    }
    .ok_or(CUT)?;
    let (header, data) = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)).ok_or(CUT)?;
    let header = str::from_utf8(header).map_err(|_| NpyError::Header { reason: "it is not text" })?;
    Ok((header, data))
}

struct Header<'a> {
    descr: &'a str,
    fortran_order: bool,
    shape: Vec<usize>,
}

/// Reads the Python dictionary of the three keys that NumPy writes.
fn parse_header(text: &str) -> Result<Header<'_>, NpyError> {
    let damaged = |reason| NpyError::Header { reason };
    let mut rest = text
        .trim()
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .ok_or(damaged("it is not a dictionary in braces"))?
        .trim_start();
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    while !rest.is_empty() {
        let (key, after) = quoted(rest).ok_or(damaged("a key in quotes is missing"))?;
        let value = after.trim_start().strip_prefix(':').ok_or(damaged("a colon is missing after a key"))?.trim_start();
        let after = match key {
            "descr" => match quoted(value) {
                Some((name, after)) => {
                    descr = Some(name);
                    after
                }
                // Structured types are lists: nothing that a window of floats is stored as.
                None => return Err(NpyError::ElementType { descr: value.chars().take(60).collect() }),
            },
            "fortran_order" => {
                let (flag, after) = if let Some(after) = value.strip_prefix("True") {
                    (true, after)
                } else {
                    (false, value.strip_prefix("False").ok_or(damaged("fortran_order is neither True nor False"))?)
                };
                fortran_order = Some(flag);
                after
            }
            "shape" => {
                let tuple = value.strip_prefix('(').and_then(|value| value.split_once(')'));
                let (numbers, after) = tuple.ok_or(damaged("the shape is not in parentheses"))?;
                shape = Some(dimensions(numbers).ok_or(damaged("the shape is not a list of whole numbers"))?);
                after
            }
            _ => return Err(damaged("it has a key other than descr, fortran_order and shape")),
        };
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return Err(damaged("a comma is missing between two keys")),
        };
    }
    Ok(Header {
        descr: descr.ok_or(damaged("descr is missing"))?,
        fortran_order: fortran_order.ok_or(damaged("fortran_order is missing"))?,
        shape: shape.ok_or(damaged("shape is missing"))?,
    })
}

/// The string in quotes that `text` begins with, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// The numbers of a tuple, without its parentheses; a comma may follow the last.
fn dimensions(tuple: &str) -> Option<Vec<usize>> {
    let tuple = tuple.trim();
    if tuple.is_empty() {
        return Some(Vec::new());
    }
    tuple.strip_suffix(',').unwrap_or(tuple).split(',').map(|number| number.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file with the header given, version 1.0.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [MAGIC, &[1, 0], &length, header.as_bytes(), data].concat()
    }

    fn error(bytes: &[u8]) -> NpyError {
        match decode_npy(bytes) {
            Err(SignalError::Npy(error)) => error,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn written_as_numpy_does() {
        let bytes = encode_npy(1, 2, &[1.0, -2.0]).unwrap();
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
        assert_eq!(bytes.len(), 128 + 8);
        assert_eq!(bytes[..10], [0x93, b'N', b'U', b'M', b'P', b'Y', 1, 0, 118, 0]);
        assert_eq!(&bytes[10..10 + header.len()], header.as_bytes());
        assert_eq!(bytes[127], b'\n');
        assert_eq!(bytes[128..], [0, 0, 128, 63, 0, 0, 0, 192]);
        assert!(matches!(encode_npy(2, 2, &[1.0]), Err(SignalError::Npy(NpyError::Size { .. }))));
    }

    #[test]
    fn byte_and_axis_orders() {
        let expected = Ok((2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0_f64];
        let columns = [1.0, 4.0, 2.0, 5.0, 3.0, 6.0_f64];
        let header =
            |descr, fortran| format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': (2, 3), }}\n");
        let bytes =
            |values: [f64; 6], write: fn(f64) -> Vec<u8>| values.into_iter().flat_map(write).collect::<Vec<_>>();
        let data = bytes(rows, |value| value.to_le_bytes().to_vec());
        assert_eq!(decode_npy(&file(&header("<f8", "False"), &data)), expected);
        let data = bytes(columns, |value| value.to_be_bytes().to_vec());
        assert_eq!(decode_npy(&file(&header(">f8", "True"), &data)), expected);
        let data = bytes(columns, |value| (value as f32).to_le_bytes().to_vec());
        assert_eq!(decode_npy(&file(&header("<f4", "True"), &data)), expected);
        let data = bytes(rows, |value| (value as f32).to_be_bytes().to_vec());
        assert_eq!(decode_npy(&file(&header(">f4", "False"), &data)), expected);
    }

    #[test]
    fn longer_headers_of_later_versions() {
        let mut bytes = encode_npy(1, 1, &[3.5]).unwrap();
        bytes[6] = 2;
        bytes.splice(10..10, [0, 0]);
        assert_eq!(decode_npy(&bytes), Ok((1, 1, vec![3.5])));
    }

    #[test]
    fn malformed_files_are_named() {
        let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }";
        assert_eq!(error(b"PK"), NpyError::Magic);
        assert_eq!(error(b"\x93NUMPY\x04\x00"), NpyError::Version { major: 4, minor: 0 });
        assert!(matches!(error(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{"), NpyError::Header { .. }));
        assert!(matches!(error(&file(&good.replace("False", "No"), &[])), NpyError::Header { .. }));
        assert!(matches!(error(&file(&good.replace("'descr'", "'dtype'"), &[])), NpyError::Header { .. }));
        assert!(matches!(error(&file(&"{".repeat(60_000), &[])), NpyError::Header { .. }));
        let descr = "<i2".to_owned();
        assert_eq!(error(&file(&good.replace("<f4", "<i2"), &[0; 4])), NpyError::ElementType { descr });
        assert_eq!(error(&file(&good.replace("(1, 1)", "(1,)"), &[0; 4])), NpyError::Shape { shape: vec![1] });
        assert!(matches!(error(&file(good, &[0; 3])), NpyError::Size { expected: 4, found: 3, .. }));
        let huge = good.replace("(1, 1)", "(18446744073709551615, 18446744073709551615)");
        assert!(matches!(error(&file(&huge, &[0; 4])), NpyError::Size { .. } | NpyError::Header { .. }));
    }

    #[test]
    fn empty_arrays_are_read() {
        let header = format!("{{'descr': '<f4', 'fortran_order': True, 'shape': ({}, 0)}}", usize::MAX);
        assert_eq!(decode_npy(&file(&header, &[])), Ok((usize::MAX, 0, Vec::new())));
    }

    proptest! {
        #[test]
        fn round_trip(channels in 0_usize..5, samples in 0_usize..50, seed in any::<f32>()) {
            let values: Vec<_> = (0..channels * samples).map(|i| seed * i as f32).collect();
            let (rows, columns, read) = decode_npy(&encode_npy(channels, samples, &values).unwrap()).unwrap();
            prop_assert_eq!((rows, columns), (channels, samples));
            prop_assert!(read.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
        }

        #[test]
        fn arbitrary_headers_never_panic(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("{"), Just("}"), Just("'descr'"), Just("'shape'"), Just("'fortran_order'"), Just(": "), Just(", "),
                    Just("("), Just(")"), Just("True"), Just("False"), Just("'<f4'"), Just("2"), Just("'"), Just("é"),
                ],
                0..24,
            ),
            data in any::<[u8; 8]>(),
        ) {
            let _ = decode_npy(&file(&parts.concat(), &data));
        }

        #[test]
        fn damaged_files_never_panic(at in 0_usize..140, value in any::<u8>(), cut in 0_usize..140) {
            let mut bytes = encode_npy(1, 2, &[1.0, 2.0]).unwrap();
            let length = bytes.len();
            bytes[at % length] = value;
            bytes.truncate(length - cut % length);
            let _ = decode_npy(&bytes);
        }
    }
}
