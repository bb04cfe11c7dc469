//! What there is to preprocess of a folder of recordings: which files to read, whose they are, and the labels of every
//! part, all checked before anything is written.

use std::ops::Range;

use super::{DatasetError, FileProblem, Montage, PreprocessOptions, SampleChannels};

/// What there is to preprocess.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetPlan {
    /// The recordings, in the order in which they are read.
    pub recordings: Vec<PlannedRecording>,
    /// Recordings that were found and will not be read, and why.
    pub left_out: Vec<FileProblem>,
    /// Subject and path of the recordings that were found and whose subjects the table does not list.
    pub unlisted: Vec<(String, String)>,
    /// The label columns of the metadata, after `file_name` and `split`.
    pub label_columns: Vec<String>,
    /// The channels of a sample.
    pub channels: SampleChannels,
    /// The rate of the samples in Hz.
    pub rate_hz: f64,
    /// The table of the subjects.
    pub table: String,
    /// Subjects of the table of whom there is no recording.
    pub without_recording: Vec<String>,
    /// What the user should know, in full sentences.
    pub warnings: Vec<String>,
}

impl DatasetPlan {
    /// A plan without recordings yet.
    pub(super) fn new(montage: &'static Montage, label_columns: &[&str], options: &PreprocessOptions) -> Self {
        Self {
            label_columns: label_columns.iter().map(|&column| column.to_owned()).collect(),
            ..Self::of_none(SampleChannels::Montage(montage), options)
        }
    }

    /// A plan of no recording, by which any that has the channels can be read.
    pub(super) fn of_none(channels: SampleChannels, options: &PreprocessOptions) -> Self {
        Self {
            recordings: Vec::new(),
            left_out: Vec::new(),
            unlisted: Vec::new(),
            label_columns: Vec::new(),
            channels,
            rate_hz: options.rate_hz,
            table: String::new(),
            without_recording: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// So many samples in seconds.
    pub(super) fn seconds(&self, samples: usize) -> f64 {
        samples as f64 / self.rate_hz
    }

    /// The error for each of the recordings that are [`unlisted`](Self::unlisted).
    pub(super) fn missing_subjects(&self) -> impl Iterator<Item = DatasetError> {
        self.unlisted.iter().map(|(subject, recording)| DatasetError::MissingSubject {
            table: self.table.clone(),
            subject: subject.clone(),
            recording: recording.clone(),
        })
    }

    /// Everything that was found and is not planned: the path, and why.
    pub(super) fn not_planned(&self) -> impl Iterator<Item = FileProblem> {
        let unlisted = self.unlisted.iter().zip(self.missing_subjects());
        let unlisted =
            unlisted.map(|((_, path), error)| FileProblem { path: path.clone(), message: error.to_string() });
        self.left_out.iter().cloned().chain(unlisted)
    }
}

/// A recording and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRecording {
    /// Its path in the raw folder.
    pub path: String,
    /// The subject, by whom splits are made; also the name of the folder that its windows are written to.
    pub subject: String,
    /// The parts that windows are cut from.
    pub segments: Vec<Segment>,
}

/// A part of a recording with labels of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// From when to when, in seconds; `None` is all of it.
    pub seconds: Option<Range<f64>>,
    /// What its windows' file names say before the number, such as `s1-t3-`. Windows are numbered from 0 for each tag
    /// of a subject.
    pub tag: String,
    /// Its labels, one for each of [`DatasetPlan::label_columns`].
    pub labels: Vec<String>,
}

impl PlannedRecording {
    /// A recording that is one segment from start to end.
    pub(super) fn whole(path: String, subject: String, labels: Vec<String>) -> Self {
        Self { path, subject, segments: vec![Segment { seconds: None, tag: String::new(), labels }] }
    }
}
