//! Reads EEGLAB datasets: a MATLAB 5 `.set`, with its samples inside or in a `.fdt` beside it.
//!
//! EEGLAB keeps samples in µV, `[channels, samples]` with the channels of one instant next to each other, and events
//! with latencies in samples that count from 1.

use std::ops::Range;

use async_trait::async_trait;

use super::{
    Annotation, BOUNDARY, CHUNK_BYTES, ChannelInfo, ChannelKind, Extent, Format, POSSIBLE, Recording, RecordingError,
    RecordingInfo,
    matlab::{is_matlab5, read_variables},
    matlab_values::{Array, Fields, Order, Select, Storing, Value},
    reader::Reader,
    reserve,
    source::Source,
    text::make_unique,
};
use crate::storage::Storage;

/// Volts in EEGLAB's unit.
const MICROVOLT: f64 = 1e-6;
/// The type of a boundary event, in datasets whose event types are numbers.
const BOUNDARY_CODE: &str = "-99";
/// More channels than any amplifier has; bounds what a broken file can ask for.
const MAX_CHANNELS: u64 = 1 << 16;

/// The fields of a dataset that matter here.
const FIELDS: &[(&str, Select)] = &[
    ("nbchan", Select::Value),
    ("trials", Select::Value),
    ("pnts", Select::Value),
    ("srate", Select::Value),
    ("data", Select::Array),
    ("datfile", Select::Value),
    ("chanlocs", Select::Fields(&[("labels", Select::Value)])),
    ("event", Select::Fields(&[("type", Select::Value), ("latency", Select::Value), ("duration", Select::Value)])),
];

/// The variable that holds a dataset, unless its fields are variables (as EEGLAB saves them since 2021), and the one
/// that holds several.
const DATASETS: &[(&str, Select)] = &[("EEG", Select::Fields(FIELDS)), ("ALLEEG", Select::Fields(&[]))];

impl Format {
    /// An EEGLAB dataset.
    pub const EEGLAB: Self = Self("EEGLAB");
}

/// The reader of EEGLAB datasets.
pub(super) struct Eeglab;

#[async_trait(?Send)]
impl Reader for Eeglab {
    fn kinds(&self) -> &'static [(&'static str, &'static str)] {
        &[("EEGLAB", "set")]
    }

    fn recognises(&self, head: &[u8]) -> bool {
        is_matlab5(head)
    }

    async fn open<'a>(
        &self,
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: Vec<u8>,
        extent: Extent,
    ) -> Result<Box<dyn Recording + 'a>, RecordingError> {
        Ok(Box::new(EeglabRecording::open(storage, path, size, &head, extent).await?))
    }
}

/// An open EEGLAB dataset.
struct EeglabRecording<'a> {
    storage: &'a dyn Storage,
    path: String,
    samples: SampleArray,
    info: RecordingInfo,
}

/// The array of samples, `[channels, count]`.
struct SampleArray {
    location: SampleLocation,
    channels: u64,
    count: u64,
}

/// Where the samples are.
enum SampleLocation {
    /// In the dataset's own file.
    Inside(Array),
    /// In this file, as little-endian 32-bit floats.
    Beside(String),
}

impl<'a> EeglabRecording<'a> {
    /// Opens a file of `size` bytes that starts with `head`.
    async fn open(
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: &[u8],
        extent: Extent,
    ) -> Result<Self, RecordingError> {
        let variables = read_variables(storage, path, size, head, &[DATASETS, FIELDS]).await?;
        let dataset = Dataset::find(&variables, path)?;
        let mut warnings = Vec::new();
        let rate_hz = dataset
            .number("srate")
            .filter(|rate| POSSIBLE.contains(rate))
            .ok_or_else(|| dataset.damaged("the sampling rate (srate) is missing or not possible"))?;
        if let Some(epochs) = dataset.number("trials").filter(|epochs| *epochs > 1.0) {
            return Err(dataset.unsupported(&format!(
                "the dataset holds {epochs} epochs, and only continuous recordings are read; save the data from before \
                 the epochs were cut"
            )));
        }
        let samples = dataset.samples(storage, &mut warnings).await?;
        let mut labels = dataset.labels(samples.channels, &mut warnings);
        warnings.extend(make_unique(&mut labels));
        let annotations = match extent {
            Extent::Header => Vec::new(),
            Extent::Annotations => dataset.annotations(rate_hz, &mut warnings),
        };
        let info = RecordingInfo {
            format: Format::EEGLAB,
            channels: labels
                .into_iter()
                .map(|label| ChannelInfo {
                    label,
                    unit: "uV".to_owned(),
                    rate_hz,
                    samples: samples.count,
                    kind: ChannelKind::Signal,
                })
                .collect(),
            duration_s: samples.count as f64 / rate_hz,
            start: None,
            annotations,
            warnings,
        };
        Ok(Self { storage, path: path.to_owned(), samples, info })
    }
}

/// The fields of a dataset and the file they come from.
struct Dataset<'a> {
    fields: &'a Fields,
    path: &'a str,
}

impl<'a> Dataset<'a> {
    /// The dataset among the variables of a file.
    fn find(variables: &'a Fields, path: &'a str) -> Result<Self, RecordingError> {
        let several = "the file holds several datasets (ALLEEG); save each of them in a file of its own";
        let dataset = |fields| Self { fields, path };
        match variables.get("EEG") {
            Some(Value::Structures(structures)) => match structures.as_slice() {
                [fields] => Ok(dataset(fields)),
                _ => Err(dataset(variables).unsupported(several)),
            },
            _ if variables.get("data").is_some() => Ok(dataset(variables)),
            _ if variables.get("ALLEEG").is_some() => Err(dataset(variables).unsupported(several)),
            _ => Err(RecordingError::NotARecording {
                reason: "the content is a MATLAB file without an EEGLAB dataset".to_owned(),
                path: path.to_owned(),
            }),
        }
    }

    fn damaged(&self, reason: &str) -> RecordingError {
        RecordingError::Damaged { format: Format::EEGLAB, reason: reason.to_owned(), path: self.path.to_owned() }
    }

    fn unsupported(&self, reason: &str) -> RecordingError {
        RecordingError::Unsupported { reason: reason.to_owned(), path: self.path.to_owned() }
    }

    fn number(&self, name: &str) -> Option<f64> {
        match self.fields.get(name) {
            Some(Value::Number(number)) if number.is_finite() => Some(*number),
            _ => None,
        }
    }

    /// A field that counts something.
    fn count(&self, name: &str) -> Option<u64> {
        self.number(name).filter(|number| *number >= 0.0 && number.fract() == 0.0).map(|number| number as u64)
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.fields.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    async fn samples(&self, storage: &dyn Storage, warnings: &mut Vec<String>) -> Result<SampleArray, RecordingError> {
        let samples = match (self.fields.get("data"), self.text("data").or(self.text("datfile"))) {
            (Some(Value::Array(array)), _) => self.samples_inside(array)?,
            (Some(Value::Text(_) | Value::Empty) | None, Some(name)) => {
                self.samples_beside(storage, name, warnings).await?
            }
            _ => return Err(self.damaged("the samples (data) are neither an array nor the name of a file")),
        };
        if samples.channels == 0 || samples.channels > MAX_CHANNELS {
            return Err(self.damaged(&format!("{} channels are not possible", samples.channels)));
        }
        Ok(samples)
    }

    /// The channels, and the samples of each, that the dataset should have.
    fn announced(&self) -> Result<(u64, u64), RecordingError> {
        self.count("nbchan")
            .zip(self.count("pnts"))
            .ok_or_else(|| self.damaged("the number of channels (nbchan) or of samples (pnts) is missing"))
    }

    fn samples_inside(&self, array: &Array) -> Result<SampleArray, RecordingError> {
        if array.is_complex {
            return Err(self.unsupported(
                "the samples (data) are complex numbers, of which a recording has none; save the dataset with real ones, \
                 such as real(EEG.data)",
            ));
        }
        let &[channels, count, ref epochs @ ..] = array.dimensions.as_slice() else {
            return Err(self.damaged("the array of samples (data) has not two dimensions"));
        };
        if epochs.iter().any(|&epochs| epochs != 1) {
            return Err(self.unsupported("the dataset holds epochs, and only continuous recordings are read"));
        }
        let announced = self.announced()?;
        if announced != (channels, count) {
            let transposed = if announced == (count, channels) { ", so that it is transposed" } else { "" };
            return Err(self.damaged(&format!(
                "it announces {} channels (nbchan) of {} samples (pnts), but the array of samples (data) is {channels} × \
                 {count}{transposed}",
                announced.0, announced.1
            )));
        }
        Ok(SampleArray { location: SampleLocation::Inside(array.clone()), channels, count })
    }

    async fn samples_beside(
        &self,
        storage: &dyn Storage,
        name: &str,
        warnings: &mut Vec<String>,
    ) -> Result<SampleArray, RecordingError> {
        // The name may carry a folder of the machine it was saved on.
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).trim();
        if name.to_ascii_lowercase().ends_with(".dat") {
            return Err(self.unsupported(
                "the samples are in a .dat file, the format of very old EEGLAB versions; save the dataset again with a \
                 newer EEGLAB",
            ));
        }
        let (folder, own_name) = self.path.rsplit_once('/').map_or(("", self.path), |(folder, name)| (folder, name));
        let own_stem = own_name.rsplit_once('.').map_or(own_name, |(stem, _)| stem);
        let join = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let mut names = vec![name.to_owned(), format!("{own_stem}.fdt")];
        names.dedup();
        let mut found = None;
        for candidate in &names {
            if candidate != own_name && storage.exists(&join(candidate)).await? {
                found = Some(candidate);
                break;
            }
        }
        let Some(found) = found else {
            return Err(RecordingError::MissingData { tried: names, path: self.path.to_owned() });
        };
        if found != name {
            warnings.push(format!("The samples should be in {name}, which is not there; {found} was read instead."));
        }
        let file = join(found);
        let (channels, count) = self.announced()?;
        let expected = channels.saturating_mul(count).saturating_mul(Storing::F32.width() as u64);
        let size = storage.size(&file).await?;
        if size != expected || count == 0 {
            return Err(self.damaged(&format!(
                "{channels} channels (nbchan) of {count} samples (pnts) take {expected} bytes, but {found} has {size}: it is \
                 cut short, or another dataset's"
            )));
        }
        Ok(SampleArray { location: SampleLocation::Beside(file), channels, count })
    }

    /// The channels' labels; `EEG 000`, … where the dataset has none, as MNE-Python calls them.
    fn labels(&self, channels: u64, warnings: &mut Vec<String>) -> Vec<String> {
        let located = match self.fields.get("chanlocs") {
            Some(Value::Structures(structures)) => structures.as_slice(),
            _ => &[],
        };
        let usable = located.len() as u64 == channels;
        if !usable && !located.is_empty() {
            warnings.push(format!(
                "The channels are numbered, since the dataset has {channels} of them but {} in its list (chanlocs).",
                located.len()
            ));
        }
        (0..channels as usize)
            .map(|index| match located.get(index).filter(|_| usable).and_then(|location| location.get("labels")) {
                Some(Value::Text(label)) if !label.trim().is_empty() => label.trim().to_owned(),
                Some(Value::Number(label)) => label.to_string(),
                _ => format!("EEG {index:03}"),
            })
            .collect()
    }

    /// The dataset's events, by onset.
    fn annotations(&self, rate_hz: f64, warnings: &mut Vec<String>) -> Vec<Annotation> {
        let events = match self.fields.get("event") {
            Some(Value::Structures(events)) => events.as_slice(),
            _ => &[],
        };
        let mut annotations: Vec<Annotation> = events.iter().filter_map(|event| annotation(event, rate_hz)).collect();
        let left_out = events.len() - annotations.len();
        if left_out > 0 {
            warnings.push(format!("Events without a type or a latency were left out: {left_out}."));
        }
        annotations.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
        annotations
    }
}

fn annotation(event: &Fields, rate_hz: f64) -> Option<Annotation> {
    let text = match event.get("type")? {
        Value::Text(text) => text.clone(),
        Value::Number(code) => code.to_string(),
        _ => return None,
    };
    let text = if text.trim() == BOUNDARY_CODE { BOUNDARY.to_owned() } else { text };
    let Some(Value::Number(latency)) = event.get("latency") else { return None };
    let duration_s = match event.get("duration") {
        Some(Value::Number(duration)) if *duration > 0.0 => duration / rate_hz,
        _ => 0.0,
    };
    let onset_s = (latency - 1.0) / rate_hz;
    (onset_s.is_finite() && duration_s.is_finite()).then_some(Annotation { onset_s, duration_s, text })
}

#[async_trait(?Send)]
impl Recording for EeglabRecording<'_> {
    fn info(&self) -> &RecordingInfo {
        &self.info
    }

    fn sample_file(&self) -> Option<&str> {
        match &self.samples.location {
            SampleLocation::Beside(file) => Some(file),
            SampleLocation::Inside(_) => None,
        }
    }

    async fn read_range(&self, channels: &[usize], seconds: Range<f64>) -> Result<Vec<Vec<f64>>, RecordingError> {
        let SampleArray { location, channels: all, .. } = &self.samples;
        // At most MAX_CHANNELS.
        let all = *all as usize;
        // All channels have one rate and length, and there is at least one.
        let frames = self.info.channels[0].samples_in(&seconds);
        let mut left = frames.end - frames.start;
        let mut samples = Vec::with_capacity(channels.len());
        for &index in channels {
            if index >= all {
                return Err(RecordingError::NoSuchChannel { index, channels: all, path: self.path.clone() });
            }
            samples.push(reserve(left, &self.path)?);
        }
        let (mut source, storing, order) = match location {
            SampleLocation::Inside(array) => {
                (array.source(self.storage, &self.path).await?, array.storing, array.order)
            }
            SampleLocation::Beside(file) => {
                let bytes = frames.end * (all * Storing::F32.width()) as u64;
                (Source::plain(self.storage, file, 0, bytes), Storing::F32, Order::Little)
            }
        };
        let width = storing.width();
        let frame_bytes = all * width;
        source.skip(frames.start * frame_bytes as u64).await?;
        let frames_per_chunk = (CHUNK_BYTES / frame_bytes as u64).max(1);
        while left > 0 {
            let frames = left.min(frames_per_chunk);
            let bytes = source.bytes(frames as usize * frame_bytes).await?;
            for (&channel, samples) in channels.iter().zip(&mut samples) {
                samples.extend(
                    bytes
                        .chunks_exact(frame_bytes)
                        .map(|frame| storing.number(&frame[channel * width..], order) * MICROVOLT),
                );
            }
            left -= frames;
        }
        Ok(samples)
    }
}
