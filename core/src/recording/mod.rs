//! Recordings of EEG, as samples in volts and annotations. [`open`] recognises the format by the content and reads the
//! header; [`Recording::read`] then streams the channels asked for, and [`traces()`] thins a stretch of them to what can be
//! drawn.
//!
//! Read are EDF, EDF+C, EDF+D, BDF, BDF+ and EEGLAB datasets (`.set` of MATLAB 5, with or without `.fdt`).

mod edf;
mod edf_annotations;
mod edf_header;
mod edf_records;
mod edf_writer;
mod eeglab;
mod error;
mod formats;
mod matlab;
mod matlab_values;
mod pieces;
mod reader;
mod source;
mod tal;
#[cfg(test)]
mod tests;
mod text;
mod traces;

use std::{
    fmt,
    ops::{Range, RangeInclusive},
};

use async_trait::async_trait;

use crate::storage::Storage;

pub use edf_writer::{EdfChannel, EdfHeader, write_edf};
pub use error::RecordingError;
pub use formats::{format_names, is_recording_name, recording_extensions, unread_extension};
pub use traces::{Trace, Traces, extremes, traces};

/// Bytes fetched at once while streaming a file.
const CHUNK_BYTES: u64 = 1 << 20;
/// The low bits of a trigger channel that hold its code; BioSemi amplifiers put their own state in the higher ones.
const TRIGGER_MASK: i64 = (1 << 16) - 1;

/// Rates in Hz and durations of data records in seconds beyond this are an error of the header; within it, nothing that is
/// computed from them overflows.
const POSSIBLE: RangeInclusive<f64> = 1e-6..=1e9;

/// The format of a recording, by its name. Each reader's file names its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format(&'static str);

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// What a channel's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// A measured signal.
    Signal,
    /// Codes of a stimulus computer: the channels called `Status` or `Trigger` of EDF and BDF.
    Trigger,
}

/// One channel of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelInfo {
    /// The label, unique in its recording: of channels with one label, each gets its number appended (`-0`, `-1`, …).
    pub label: String,
    /// The unit as the file gives it; empty where it gives none.
    pub unit: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// The number of samples in the file.
    pub samples: u64,
    /// What the samples are.
    pub kind: ChannelKind,
}

impl ChannelInfo {
    /// Whether its samples are read in volts.
    #[must_use]
    pub fn is_voltage(&self) -> bool {
        self.kind == ChannelKind::Signal && edf_header::volts_in(&self.unit).is_some()
    }

    /// The indices of the samples in a stretch, which starts and ends at the samples nearest to the seconds given.
    #[must_use]
    pub fn samples_in(&self, seconds: &Range<f64>) -> Range<u64> {
        // A cast keeps within the type's range, and what is no number becomes 0.
        let sample = |second: f64| ((second * self.rate_hz).round() as u64).min(self.samples);
        let start = sample(seconds.start);
        start..sample(seconds.end).max(start)
    }
}

/// A remark or event in a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// Seconds from the first sample, counted in samples: where a recording was interrupted, the gap does not count.
    pub onset_s: f64,
    /// Seconds; 0 for a point in time.
    pub duration_s: f64,
    /// The remark. `boundary` marks the place of an interruption, as EEGLAB has it.
    pub text: String,
}

/// A date and a time of day on the recorder's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTime {
    /// The year, four digits.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59.
    pub second: u8,
}

impl StartTime {
    /// `None` unless each part is in its range; the length of the months is not checked.
    #[must_use]
    pub fn new(year: u16, [month, day]: [u8; 2], [hour, minute, second]: [u8; 3]) -> Option<Self> {
        let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
        valid.then_some(Self { year, month, day, hour, minute, second })
    }
}

impl fmt::Display for StartTime {
    /// As ISO 8601 writes it: `2015-11-19T19:33:09`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// What a recording's header says.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingInfo {
    /// The format found.
    pub format: Format,
    /// The channels, in the order of the file; annotation signals are not among them.
    pub channels: Vec<ChannelInfo>,
    /// The length of the samples in the file, in seconds.
    pub duration_s: f64,
    /// When the recording started, where the file says so.
    pub start: Option<StartTime>,
    /// Remarks and events, by onset; none after [`open_without_annotations`].
    pub annotations: Vec<Annotation>,
    /// What was odd about the file and how it was read nevertheless, in full sentences.
    pub warnings: Vec<String>,
}

/// The text of an annotation that marks an interruption, as EEGLAB has it.
const BOUNDARY: &str = "boundary";
/// Annotations, in small letters, that mark a place where samples that follow each other were not recorded one after the
/// other: EEGLAB's and EDF+D's `boundary`, and those that MNE-Python writes where it joins recordings.
const INTERRUPTIONS: [&str; 3] = [BOUNDARY, "bad boundary", "edge boundary"];
/// The annotation that marks a stretch which the recorder skipped and filled, as MNE-Python writes it.
const SKIPPED: &str = "bad_acq_skip";

impl RecordingInfo {
    /// The stretches in seconds, by onset, that part what was recorded before from what was recorded after, as the
    /// [`annotations`](Self::annotations) mark them. Most are places between two samples and have no length.
    #[must_use]
    pub fn interruptions(&self) -> Vec<Range<f64>> {
        let stretch = |annotation: &Annotation| {
            let text = annotation.text.trim().to_lowercase();
            let onset = annotation.onset_s;
            if text == SKIPPED {
                Some(onset..onset + annotation.duration_s)
            } else {
                // The duration of a boundary is that of what is missing, which is not among the samples.
                INTERRUPTIONS.contains(&text.as_str()).then_some(onset..onset)
            }
        };
        self.annotations.iter().filter_map(stretch).collect()
    }

    /// The channels' labels.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        self.channels.iter().map(|channel| channel.label.as_str()).collect()
    }
}

/// An open recording.
#[async_trait(?Send)]
pub trait Recording {
    /// What the header says.
    fn info(&self) -> &RecordingInfo;

    /// The samples of the channels asked for (indices into [`RecordingInfo::channels`]), `[channel][sample]`, each
    /// channel at its own rate. The file is streamed: beside the result, about one MiB is held.
    ///
    /// # Errors
    /// See [`read_range`](Self::read_range).
    async fn read(&self, channels: &[usize]) -> Result<Vec<Vec<f64>>, RecordingError> {
        self.read_range(channels, 0.0..f64::INFINITY).await
    }

    /// The same of a stretch from and to so many seconds, as far as it was recorded: the samples that
    /// [`ChannelInfo::samples_in`] gives. No more of the file is read than it takes, except where samples are
    /// compressed: there everything before the stretch is decompressed, and not kept.
    ///
    /// Samples are in volts. Of a [`ChannelKind::Trigger`] they are the codes; of a channel whose unit is no voltage
    /// they are in that unit, and a warning in [`RecordingInfo::warnings`] names it.
    ///
    /// # Errors
    /// [`RecordingError::NoSuchChannel`] for an index out of range, [`RecordingError::NoScale`] for a channel whose
    /// header does not say what its samples mean, [`RecordingError::TooLarge`] when the samples do not fit the
    /// memory, [`RecordingError::Damaged`] for samples that cannot be decompressed, and the storage's own errors.
    async fn read_range(&self, channels: &[usize], seconds: Range<f64>) -> Result<Vec<Vec<f64>>, RecordingError>;
}

/// Opens a recording: recognises its format by the content, whatever its name, and reads its header and annotations.
///
/// # Errors
/// [`RecordingError::NotARecording`] when the content is something else, [`RecordingError::Unsupported`] for a format
/// that is known but not read, [`RecordingError::Damaged`] when the header contradicts itself or the file,
/// [`RecordingError::AnnotationsOnly`] for a file without channels,
/// [`RecordingError::MissingData`] when an EEGLAB dataset's samples are not beside it, and the storage's own errors.
pub async fn open<'a>(storage: &'a dyn Storage, path: &str) -> Result<Box<dyn Recording + 'a>, RecordingError> {
    open_to(storage, path, Extent::Annotations).await
}

/// The same without annotations and the warnings about them. Those of EDF and BDF lie among the samples, so that reading
/// them takes reading most of the file; here only discontinuous files are read through, for the interruptions that
/// [`RecordingInfo::warnings`] tells of.
///
/// # Errors
/// As [`open`].
pub async fn open_without_annotations<'a>(
    storage: &'a dyn Storage,
    path: &str,
) -> Result<Box<dyn Recording + 'a>, RecordingError> {
    open_to(storage, path, Extent::Header).await
}

/// How far a recording is read when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The header alone.
    Header,
    /// The header and the annotations.
    Annotations,
}

async fn open_to<'a>(
    storage: &'a dyn Storage,
    path: &str,
    extent: Extent,
) -> Result<Box<dyn Recording + 'a>, RecordingError> {
    let size = storage.size(path).await?;
    let head = storage.read_range(path, 0..size.min(HEAD_BYTES)).await?;
    formats::reader_of(&head, path)?.open(storage, path, size, head, extent).await
}

/// As much of a file as it takes to recognise it, and all of the header of an EDF file with up to 63 signals: every read
/// is several calls in a browser.
const HEAD_BYTES: u64 = 1 << 14;
/// An empty vector with room for `samples`, which a file may announce in any number.
fn reserve(samples: u64, path: &str) -> Result<Vec<f64>, RecordingError> {
    let too_large = || RecordingError::TooLarge { samples, path: path.to_owned() };
    let mut vector = Vec::new();
    vector.try_reserve_exact(usize::try_from(samples).map_err(|_| too_large())?).map_err(|_| too_large())?;
    Ok(vector)
}
