//! No window crosses an interruption, and none holds what is no number.

use std::collections::BTreeMap;

use super::{shared::load, *};
use crate::test_support::shared;

/// The windows of each recording of a shared folder, and what was warned of.
pub(super) fn windows_of(folder: &str) -> Option<(BTreeMap<String, usize>, Vec<String>)> {
    let raw = load(&shared(folder)?);
    let output = MemoryStorage::default();
    let (mut windows, mut events) = (BTreeMap::new(), Vec::new());
    let options = Recordings.default_options();
    block_on(preprocess(&Recordings, &raw, &output, &options, &mut |event| {
        if let PreprocessEvent::Recording { path, windows: count, .. } = &event {
            windows.insert(path.clone(), *count);
        }
        events.push(event);
        ControlFlow::Continue(())
    }))
    .unwrap();
    Some((windows, warnings(&events).into_iter().map(str::to_owned).collect()))
}

#[test]
fn windows_keep_within_the_pieces_of_a_discontinuous_edf_file() {
    let Some((windows, _)) = windows_of("cases/interruptions-edf") else { return };
    assert_eq!(windows["sub-01_eeg.edf"], 9);
}

#[test]
fn windows_keep_within_the_pieces_of_an_eeglab_dataset_and_leave_out_what_is_no_number() {
    let Some((windows, warnings)) = windows_of("cases/interruptions-eeglab") else { return };
    assert_eq!(windows["sub-01_task-rest_eeg.set"], 13);
    assert_eq!(windows["sub-02_task-rest_eeg.set"], 10);
    assert_eq!(windows["sub-06_task-rest_eeg.set"], 10);
    let told = "3 windows were left out, whose samples are no numbers: Cz from 20 s to 21 s.";
    assert!(warnings.iter().any(|warning| warning.contains(told)), "{warnings:?}");
}
