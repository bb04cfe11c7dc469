//! What a recording's header says.

use std::{fmt, ops::Range};

/// The format of a recording, by its name. Each reader's file names its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format(pub(super) &'static str);

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
        self.kind == ChannelKind::Signal && volts_in(&self.unit).is_some()
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
    /// Remarks and events, by onset; none after [`open_without_annotations`](super::open_without_annotations).
    pub annotations: Vec<Annotation>,
    /// What was odd about the file and how it was read nevertheless, in full sentences.
    pub warnings: Vec<String>,
}

/// The text of an annotation that marks an interruption, as EEGLAB has it.
pub(super) const BOUNDARY: &str = "boundary";
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

/// The volts in a unit; `None` for what is no voltage.
pub(super) fn volts_in(unit: &str) -> Option<f64> {
    match unit {
        // The last two are the micro sign and the Greek letter; the one before is Shift-JIS read as Latin-1.
        "uV" | "uv" | "UV" | "\u{83}\u{ca}V" | "\u{b5}V" | "\u{3bc}V" => Some(1e-6),
        "nV" | "nv" => Some(1e-9),
        "mV" | "mv" => Some(1e-3),
        "V" | "v" => Some(1.0),
        _ => None,
    }
}
