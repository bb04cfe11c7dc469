//! Tests of the readers through [`open`](super::open), with files that the tests write themselves.

mod cases;
mod edf;
mod edf_annotations;
mod edf_properties;
mod eeglab;
mod mat_file;
mod ranges;
mod reference;

use std::{cell::Cell, ops::Range};

use async_trait::async_trait;

use super::{RecordingError, RecordingInfo, open, reserve};
use crate::{
    delegate_storage,
    storage::{MemoryStorage, Storage, StorageError},
};

/// The header and the samples of all channels.
fn read_all(storage: &dyn Storage, path: &str) -> Result<(RecordingInfo, Vec<Vec<f64>>), RecordingError> {
    pollster::block_on(async {
        let recording = open(storage, path).await?;
        let channels: Vec<usize> = (0..recording.info().channels.len()).collect();
        Ok((recording.info().clone(), recording.read(&channels).await?))
    })
}

/// The same of one file's bytes.
fn read_bytes(path: &str, bytes: Vec<u8>) -> Result<(RecordingInfo, Vec<Vec<f64>>), RecordingError> {
    read_all(&MemoryStorage::with_files([(path, bytes)]), path)
}

/// The message of the error that a file's bytes give.
fn refusal(path: &str, bytes: &[u8]) -> String {
    match read_bytes(path, bytes.to_vec()) {
        Ok((info, _)) => panic!("{path} was read: {info:?}"),
        Err(error) => error.to_string(),
    }
}

/// A storage that keeps count of what is read from it.
struct Metered {
    inner: MemoryStorage,
    reads: Cell<usize>,
    longest: Cell<u64>,
    total: Cell<u64>,
}

impl Metered {
    fn new(path: &str, bytes: Vec<u8>) -> Self {
        let inner = MemoryStorage::with_files([(path, bytes)]);
        Self { inner, reads: Cell::new(0), longest: Cell::new(0), total: Cell::new(0) }
    }
}

#[async_trait(?Send)]
impl Storage for Metered {
    delegate_storage!(|self| self.inner => list, size, write, remove);

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        let length = range.end - range.start;
        self.reads.set(self.reads.get() + 1);
        self.longest.set(self.longest.get().max(length));
        self.total.set(self.total.get() + length);
        self.inner.read_range(path, range).await
    }
}

#[test]
fn names_of_recordings() {
    for name in ["a.edf", "sub-1/eeg/A.BDF", "b.Set"] {
        assert!(super::is_recording_name(name), "{name}");
    }
    for name in ["a.fdt", "edf", "a.edf.json", "x.edf/readme", "", ".csv"] {
        assert!(!super::is_recording_name(name), "{name}");
    }
}

#[test]
fn other_content_is_recognised_for_what_it_is() {
    let hdf5 = [b"MATLAB 7.3 MAT-file".as_slice(), &[b' '; 493], b"\x89HDF\r\n\x1a\n"].concat();
    for (bytes, part) in [
        (b"".as_slice(), "is empty"),
        (b"subject,age\n1,30\n", "is text"),
        ("Größe: 1 µV\n".as_bytes(), "is text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "none of EDF, BDF and EEGLAB"),
        (b"\x89HDF\r\n\x1a\n\0\0", "MATLAB 7.3"),
        (&hdf5, "pop_saveset with 'version', '6'"),
        (b"Version 3.0\0\x01\x02", "Neuroscan .cnt"),
    ] {
        let message = refusal("folder/night.edf", bytes);
        assert!(message.contains(part) && message.ends_with(": folder/night.edf"), "{message}");
    }
    assert!(refusal("night.edf", b"subject,age\n").starts_with("not a recording: "));
}

#[test]
fn a_recording_that_does_not_fit_the_memory_is_told_to_be_split() {
    assert_eq!(
        reserve(u64::MAX, "night.edf").unwrap_err().to_string(),
        "there is no memory for 18446744073709551615 samples of a channel; split the recording into shorter files: \
         night.edf"
    );
}

#[test]
fn a_file_that_is_not_there_is_said_so() {
    let missing = read_all(&MemoryStorage::default(), "a.edf").unwrap_err();
    assert_eq!(missing, RecordingError::Storage(StorageError::NotFound { path: "a.edf".to_owned() }));
}
