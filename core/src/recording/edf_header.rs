//! What the header of an EDF or BDF file says about its records and signals.
//!
//! Layout: Kemp et al., "A simple format for exchange of digitized polygraphic recordings" (1992); EDF+ (2003); BDF as
//! BioSemi describes it. Own code: the EDF crates read from files, hold them whole, or panic on a broken header.

use super::{ChannelKind, Format, POSSIBLE, StartTime, info::volts_in, text::decode};

impl Format {
    /// European Data Format, 16 bits a sample.
    pub const EDF: Self = Self("EDF");
    /// EDF+, continuous or discontinuous, with annotations.
    pub const EDF_PLUS: Self = Self("EDF+");
    /// BioSemi Data Format (and BDF+), 24 bits a sample.
    pub const BDF: Self = Self("BDF");
}

/// The bytes of the header's fixed part, and of each signal's part.
pub(super) const PART_BYTES: u64 = 256;
/// The label of the signal that holds annotations in EDF+.
pub(super) const EDF_ANNOTATIONS: &str = "EDF Annotations";
/// The same in BDF+.
const BDF_ANNOTATIONS: &str = "BDF Annotations";

/// The fields of a signal in the order of the file: every signal's label comes first, then every transducer, ….
pub(super) const COLUMNS: [Column; 10] = [
    Column { name: "label", width: 16 },
    Column { name: "transducer", width: 80 },
    Column { name: "physical dimension", width: 8 },
    Column { name: "physical minimum", width: 8 },
    Column { name: "physical maximum", width: 8 },
    Column { name: "digital minimum", width: 8 },
    Column { name: "digital maximum", width: 8 },
    Column { name: "prefiltering", width: 80 },
    Column { name: "number of samples in a data record", width: 8 },
    Column { name: "reserved", width: 32 },
];

/// A field of a signal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub name: &'static str,
    /// Bytes.
    pub width: usize,
}

const LABEL: usize = 0;
const UNIT: usize = 2;
const PHYSICAL_MIN: usize = 3;
const PHYSICAL_MAX: usize = 4;
const DIGITAL_MIN: usize = 5;
const DIGITAL_MAX: usize = 6;
const SAMPLES: usize = 8;

/// Whether a file starts as EDF or BDF.
pub(super) fn is_edf(head: &[u8]) -> bool {
    is_bdf(head) || head.get(..8).is_some_and(|version| version == b"0       " || version == b"0\0\0\0\0\0\0\0")
}

fn is_bdf(head: &[u8]) -> bool {
    head.starts_with(b"\xffBIOSEMI")
}

/// The fixed part of the header.
#[derive(Debug)]
pub(super) struct FixedPart {
    pub format: Format,
    /// Whether records may have gaps between them (EDF+D, BDF+D).
    pub discontinuous: bool,
    /// Bytes a sample: 2 or 3.
    pub sample_bytes: u64,
    pub start: Option<StartTime>,
    /// Bytes of the whole header.
    pub header_bytes: u64,
    /// The number of records, where the header gives it.
    pub records: Option<u64>,
    /// The duration of a record in seconds; 0 in files of annotations only, and in damaged ones.
    pub record_s: f64,
    pub signals: usize,
    /// What was wrong and read nevertheless.
    pub warnings: Vec<String>,
}

/// How a signal's stored numbers become values: `(digital * gain + offset) * factor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub gain: f64,
    pub offset: f64,
    /// Volts in the signal's unit.
    pub factor: f64,
    /// Whether the digital minimum is above the maximum, which the format forbids.
    pub is_swapped: bool,
}

/// Why the header gives a signal no scale: limits that are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NoScale {
    /// [`DIGITAL`] or [`PHYSICAL`].
    pub limits: &'static str,
    /// Both of them.
    pub level: f64,
}

pub(super) const DIGITAL: &str = "digital";
pub(super) const PHYSICAL: &str = "physical";

/// What a signal is for, with what it takes to decode it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    /// A channel.
    Channel { kind: ChannelKind, scale: Result<Scale, NoScale> },
    /// Annotations.
    Annotations,
}

/// One signal of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signal {
    pub label: String,
    pub unit: String,
    pub samples_per_record: u64,
    /// Bytes from the start of a record to the signal's samples.
    pub offset: u64,
    pub role: Role,
}

/// Reads the fixed part. `Err` says what is wrong.
pub(super) fn parse_fixed(bytes: &[u8; PART_BYTES as usize]) -> Result<FixedPart, String> {
    let mut warnings = Vec::new();
    let reserved = text(&bytes[192..236]);
    let bdf = is_bdf(bytes);
    let start = parse_start(&text(&bytes[168..176]), &text(&bytes[176..184]));
    if start.is_none() {
        warnings.push("The start date and time cannot be read, so the recording has none.".to_owned());
    }
    let signals_text = text(&bytes[252..256]);
    let signals: usize = signals_text.parse().map_err(|_| not_a("the number of signals", "a number", &signals_text))?;
    if signals == 0 {
        return Err("the header announces no signals".to_owned());
    }
    let header_bytes = PART_BYTES * (signals as u64 + 1);
    let announced = text(&bytes[184..192]);
    if announced.parse() != Ok(header_bytes) {
        return Err(format!(
            "the number of signals ({signals}) makes the header {header_bytes} bytes long, but it says: \"{announced}\""
        ));
    }
    let records_text = text(&bytes[236..244]);
    let records = match records_text.parse::<i64>() {
        Ok(-1) => None,
        Ok(records) if records >= 0 => Some(records.unsigned_abs()),
        _ => {
            warnings.push(format!(
                "The number of data records is \"{records_text}\", so it was computed from the size of the file."
            ));
            None
        }
    };
    let duration_text = text(&bytes[244..252]);
    let record_s =
        number(&duration_text).ok_or_else(|| not_a("the duration of a data record", "a number", &duration_text))?;
    if record_s != 0.0 && !POSSIBLE.contains(&record_s) {
        return Err(format!("the duration of a data record is not possible: {record_s} s"));
    }
    Ok(FixedPart {
        format: match (bdf, reserved.starts_with("EDF+")) {
            (true, _) => Format::BDF,
            (false, true) => Format::EDF_PLUS,
            (false, false) => Format::EDF,
        },
        discontinuous: reserved.starts_with("EDF+D") || reserved.starts_with("BDF+D"),
        sample_bytes: if bdf { 3 } else { 2 },
        start,
        header_bytes,
        records,
        record_s,
        signals,
        warnings,
    })
}

/// Reads the signals' part of the header, `signals` times [`PART_BYTES`]. `Err` says what is wrong.
pub(super) fn parse_signals(fixed: &FixedPart, bytes: &[u8]) -> Result<Vec<Signal>, String> {
    let mut offset = 0;
    (0..fixed.signals)
        .map(|index| {
            let fields = SignalFields { bytes, index, signals: fixed.signals };
            let signal = parse_signal(fixed, &fields, offset)?;
            // At most 9999 signals of at most 8 digits: this cannot overflow.
            offset += signal.samples_per_record * fixed.sample_bytes;
            Ok(signal)
        })
        .collect()
}

/// The fields of one signal.
struct SignalFields<'a> {
    bytes: &'a [u8],
    index: usize,
    signals: usize,
}

impl SignalFields<'_> {
    fn text(&self, column: usize) -> String {
        let before: usize = COLUMNS[..column].iter().map(|column| column.width).sum();
        let width = COLUMNS[column].width;
        let start = before * self.signals + self.index * width;
        text(&self.bytes[start..start + width])
    }

    fn name(&self, column: usize) -> String {
        format!("the {} of signal {} ({})", COLUMNS[column].name, self.index + 1, self.text(LABEL))
    }

    fn number(&self, column: usize) -> Result<f64, String> {
        let text = self.text(column);
        number(&text).ok_or_else(|| not_a(&self.name(column), "a number", &text))
    }
}

fn parse_signal(fixed: &FixedPart, fields: &SignalFields<'_>, offset: u64) -> Result<Signal, String> {
    let label = fields.text(LABEL);
    let unit = fields.text(UNIT);
    let samples_text = fields.text(SAMPLES);
    // A field of 8 characters: at most 99 999 999.
    let samples_per_record: u32 =
        samples_text.parse().map_err(|_| not_a(&fields.name(SAMPLES), "a whole number", &samples_text))?;
    let role = if [EDF_ANNOTATIONS, BDF_ANNOTATIONS].iter().any(|name| label.eq_ignore_ascii_case(name)) {
        Role::Annotations
    } else {
        let trigger = label.eq_ignore_ascii_case("status") || label.eq_ignore_ascii_case("trigger");
        let kind = if trigger { ChannelKind::Trigger } else { ChannelKind::Signal };
        Role::Channel { kind, scale: parse_scale(fixed, fields, kind, &unit)? }
    };
    Ok(Signal { label, unit, samples_per_record: samples_per_record.into(), offset, role })
}

fn parse_scale(
    fixed: &FixedPart,
    fields: &SignalFields<'_>,
    kind: ChannelKind,
    unit: &str,
) -> Result<Result<Scale, NoScale>, String> {
    if kind == ChannelKind::Trigger && fixed.format == Format::BDF {
        // BioSemi's status bits are the stored number itself, whatever range the header gives them.
        return Ok(Ok(Scale { gain: 1.0, offset: 0.0, factor: 1.0, is_swapped: false }));
    }
    let physical = (fields.number(PHYSICAL_MIN)?, fields.number(PHYSICAL_MAX)?);
    let digital = (fields.number(DIGITAL_MIN)?, fields.number(DIGITAL_MAX)?);
    for (limits, (min, max)) in [(DIGITAL, digital), (PHYSICAL, physical)] {
        if min == max {
            return Ok(Err(NoScale { limits, level: min }));
        }
    }
    let gain = (physical.1 - physical.0) / (digital.1 - digital.0);
    let offset = physical.0 - digital.0 * gain;
    if !(gain.is_finite() && offset.is_finite()) {
        return Err(format!(
            "{} and maximum are too large to compute with: {} and {}",
            fields.name(PHYSICAL_MIN),
            physical.0,
            physical.1
        ));
    }
    let factor = if kind == ChannelKind::Trigger { 1.0 } else { volts_in(unit).unwrap_or(1.0) };
    Ok(Ok(Scale { gain, offset, factor, is_swapped: digital.0 > digital.1 }))
}

/// A field's text: up to the first NUL, without the spaces around it.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    decode(&bytes[..end]).trim().to_owned()
}

/// A decimal number; some recorders write a comma.
fn number(text: &str) -> Option<f64> {
    text.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite())
}

fn not_a(field: &str, expected: &str, found: &str) -> String {
    format!("{field} is not {expected}: \"{found}\"")
}

/// `dd.mm.yy` and `hh.mm.ss`; years from 85 on are of the 20th century.
fn parse_start(date: &str, time: &str) -> Option<StartTime> {
    let parts = |text: &str| -> Option<[u8; 3]> {
        let parts: Vec<u8> =
            text.split(['.', ':', '-', '/']).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let [day, month, year] = parts(date)?;
    if year > 99 {
        return None;
    }
    let century = if year < 85 { 2000 } else { 1900 };
    StartTime::new(century + u16::from(year), [month, day], parts(time)?)
}
