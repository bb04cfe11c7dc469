//! Writes channels of samples in volts as plain EDF, or as EDF+C when there are annotations. Data records last one
//! second, so every channel needs a whole rate in Hz and whole seconds of samples.
//!
//! The layout is that of Kemp et al., "A simple format for exchange of digitized polygraphic recordings" (1992), and of
//! its extension EDF+ (Kemp and Olivan, 2003). Own code: no library on crates.io writes EDF without a file system.

use std::fmt::Write as _;

use super::{
    Annotation, RecordingError, StartTime,
    edf_header::{COLUMNS, EDF_ANNOTATIONS, PART_BYTES},
};

/// The range of a 16-bit sample as EDF stores it.
const DIGITAL: (f64, f64) = (-32768.0, 32767.0);
/// Volts in the microvolt that the physical range is given in.
const MICROVOLT: f64 = 1e-6;

/// What an EDF file says about the recording as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdfHeader {
    /// Local patient identification, at most 80 ASCII characters. EDF+ wants "code sex birthdate name", `X` for
    /// what is not known.
    pub patient: String,
    /// Local recording identification, at most 80 ASCII characters. EDF+ wants it to start with `Startdate`.
    pub recording: String,
    /// When the first sample was taken.
    pub start: StartTime,
}

/// One signal of an EDF file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdfChannel<'a> {
    /// The channel's label, at most 16 ASCII characters.
    pub label: &'a str,
    /// Samples per second.
    pub rate_hz: u32,
    /// The value in µV of the lowest of the 65536 levels; at most 8 characters as decimal text.
    pub physical_min_uv: f64,
    /// The value in µV of the highest level; at most 8 characters as decimal text.
    pub physical_max_uv: f64,
    /// Samples in volts, `[rate_hz * seconds]`, each within the physical range.
    pub samples: &'a [f64],
}

/// The bytes of an EDF file (EDF+C when `annotations` is not empty) with records of one second.
///
/// Samples are rounded to the nearest of the 65536 levels between a channel's physical minimum and maximum.
///
/// # Errors
/// [`RecordingError::Write`] when something does not fit the format: texts too long or not ASCII, channels of unequal
/// length or with a part of a second, a sample that is not finite or outside the physical range, an annotation
/// before the start or after the end.
pub fn write_edf(
    header: &EdfHeader,
    channels: &[EdfChannel<'_>],
    annotations: &[Annotation],
) -> Result<Vec<u8>, RecordingError> {
    let seconds = common_length(channels)?;
    let quantizers = channels.iter().map(Quantizer::new).collect::<Result<Vec<_>, _>>()?;
    let lists = if annotations.is_empty() { Vec::new() } else { annotation_lists(annotations, seconds)? };
    let list_samples = lists.iter().map(|list| list.len().div_ceil(2)).max();

    let mut bytes = header_bytes(header, channels, seconds, list_samples)?;
    let samples_per_record: usize = channels.iter().map(|channel| channel.rate_hz as usize).sum();
    bytes.reserve(2 * seconds * (samples_per_record + list_samples.unwrap_or(0)));
    for second in 0..seconds {
        for (channel, quantizer) in channels.iter().zip(&quantizers) {
            let rate = channel.rate_hz as usize;
            for (offset, &volts) in channel.samples[second * rate..(second + 1) * rate].iter().enumerate() {
                let level = quantizer.level(volts).ok_or_else(|| {
                    refused(format!(
                        "sample {} of channel {} is {volts} V, outside {} to {} µV; widen the physical range",
                        second * rate + offset,
                        channel.label,
                        channel.physical_min_uv,
                        channel.physical_max_uv
                    ))
                })?;
                bytes.extend_from_slice(&level.to_le_bytes());
            }
        }
        if let Some((samples, list)) = list_samples.zip(lists.get(second)) {
            let end = bytes.len() + 2 * samples;
            bytes.extend_from_slice(list);
            bytes.resize(end, 0);
        }
    }
    Ok(bytes)
}

/// The length of all channels in seconds.
fn common_length(channels: &[EdfChannel<'_>]) -> Result<usize, RecordingError> {
    let mut length = None;
    for channel in channels {
        let (rate, samples) = (channel.rate_hz as usize, channel.samples.len());
        if rate == 0 || samples == 0 || !samples.is_multiple_of(rate) {
            return Err(refused(format!(
                "{samples} samples at {rate} Hz are not whole seconds; cut channel {} to whole seconds",
                channel.label
            )));
        }
        let seconds = samples / rate;
        let first = *length.get_or_insert(seconds);
        if seconds != first {
            return Err(refused(format!(
                "channel {} lasts {seconds} s, the first one {first} s; EDF needs channels of one length",
                channel.label
            )));
        }
    }
    length.ok_or_else(|| refused("there are no channels".to_owned()))
}

/// Volts to the 16-bit level nearest to them.
struct Quantizer {
    /// Physical minimum and maximum in volts.
    range: (f64, f64),
    /// Volts between neighbouring levels.
    step: f64,
}

impl Quantizer {
    fn new(channel: &EdfChannel<'_>) -> Result<Self, RecordingError> {
        let (min, max) = (channel.physical_min_uv, channel.physical_max_uv);
        if !(min.is_finite() && max.is_finite() && min < max) {
            return Err(refused(format!(
                "the physical range {min} to {max} µV is not a range; give channel {} a minimum below its maximum",
                channel.label
            )));
        }
        let range = (min * MICROVOLT, max * MICROVOLT);
        Ok(Self { range, step: (range.1 - range.0) / (DIGITAL.1 - DIGITAL.0) })
    }

    /// `None` outside the physical range (by more than half a level) and for what is not a number.
    fn level(&self, volts: f64) -> Option<i16> {
        let level = (DIGITAL.0 + (volts - self.range.0) / self.step).round();
        (DIGITAL.0..=DIGITAL.1).contains(&level).then_some(level as i16)
    }
}

/// The time-stamped annotation lists (TALs) of each one-second record.
fn annotation_lists(annotations: &[Annotation], seconds: usize) -> Result<Vec<Vec<u8>>, RecordingError> {
    let mut lists: Vec<Vec<u8>> = (0..seconds).map(|second| format!("+{second}\x14\x14\0").into_bytes()).collect();
    for annotation in annotations {
        let Annotation { onset_s, duration_s, text } = annotation;
        if !(*onset_s >= 0.0 && *onset_s < seconds as f64 && *duration_s >= 0.0 && duration_s.is_finite()) {
            return Err(refused(format!(
                "an annotation at {onset_s} s lasting {duration_s} s does not start within the {seconds} s recorded: \
                 {text}"
            )));
        }
        if text.is_empty() || text.contains(['\x14', '\x15', '\0']) {
            return Err(refused(format!(
                "the text of the annotation at {onset_s} s is empty or holds a separator of EDF+ (0x00, 0x14, 0x15)"
            )));
        }
        let list = &mut lists[*onset_s as usize];
        list.extend_from_slice(format!("+{onset_s}").as_bytes());
        if *duration_s > 0.0 {
            list.extend_from_slice(format!("\x15{duration_s}").as_bytes());
        }
        list.extend_from_slice(format!("\x14{text}\x14\0").as_bytes());
    }
    Ok(lists)
}

/// The main header and one header a signal. `list_samples` are the samples a record of the annotation signal.
fn header_bytes(
    header: &EdfHeader,
    channels: &[EdfChannel<'_>],
    seconds: usize,
    list_samples: Option<usize>,
) -> Result<Vec<u8>, RecordingError> {
    let signals = channels.len() + usize::from(list_samples.is_some());
    let start = header.start;
    if !(1985..=2084).contains(&start.year) {
        return Err(refused(format!("EDF holds the years 1985 to 2084, not {}", start.year)));
    }
    let mut text = String::new();
    let mut field = |name: &str, value: &str, width: usize| put(&mut text, name, value, width);
    field("version", "0", 8)?;
    field("patient identification", &header.patient, 80)?;
    field("recording identification", &header.recording, 80)?;
    field("start date", &format!("{:02}.{:02}.{:02}", start.day, start.month, start.year % 100), 8)?;
    field("start time", &format!("{:02}.{:02}.{:02}", start.hour, start.minute, start.second), 8)?;
    field("number of header bytes", &(PART_BYTES * (signals as u64 + 1)).to_string(), 8)?;
    field("reserved", if list_samples.is_some() { "EDF+C" } else { "" }, 44)?;
    field("number of data records", &seconds.to_string(), 8)?;
    field("duration of a data record", "1", 8)?;
    field("number of signals", &signals.to_string(), 4)?;

    let annotations = list_samples.map(|samples| {
        [EDF_ANNOTATIONS, "", "", "-1", "1", "-32768", "32767", "", &samples.to_string(), ""].map(str::to_owned)
    });
    let rows: Vec<[String; 10]> = channels
        .iter()
        .map(|channel| {
            [
                channel.label.to_owned(),
                String::new(),
                "uV".to_owned(),
                channel.physical_min_uv.to_string(),
                channel.physical_max_uv.to_string(),
                DIGITAL.0.to_string(),
                DIGITAL.1.to_string(),
                String::new(),
                channel.rate_hz.to_string(),
                String::new(),
            ]
        })
        .chain(annotations)
        .collect();
    for (index, column) in COLUMNS.iter().enumerate() {
        for row in &rows {
            field(column.name, &row[index], column.width)?;
        }
    }
    Ok(text.into_bytes())
}

/// Appends one field, padded with spaces to its width.
fn put(text: &mut String, name: &str, value: &str, width: usize) -> Result<(), RecordingError> {
    if value.len() > width || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(refused(format!("the {name} does not fit {width} ASCII characters: {value}")));
    }
    write!(text, "{value:<width$}").map_err(|error| refused(error.to_string()))
}

fn refused(reason: String) -> RecordingError {
    RecordingError::Write { reason }
}
