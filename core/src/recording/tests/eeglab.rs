//! EEGLAB datasets.

use proptest::prelude::*;

use super::{Metered, mat_file::MatFile, read_all, read_bytes, refusal};
use crate::{
    recording::{
        Annotation, CHUNK_BYTES, Format, RecordingError, RecordingInfo, matlab_values::Order, open,
        open_without_annotations,
    },
    storage::MemoryStorage,
};

const LITTLE: MatFile = MatFile(Order::Little);
const CHANNELS: usize = 3;
const SAMPLES: usize = 50;
const FIELDS: [&str; 8] = ["setname", "nbchan", "trials", "pnts", "srate", "data", "chanlocs", "event"];

/// Samples in µV, the channels of one instant next to each other.
fn samples() -> Vec<f32> {
    (0..CHANNELS * SAMPLES).map(|index| (index % CHANNELS) as f32 * 100.0 + (index / CHANNELS) as f32 * 0.25).collect()
}

fn expected() -> Vec<Vec<f64>> {
    let samples = samples();
    (0..CHANNELS)
        .map(|channel| samples.chunks(CHANNELS).map(|frame| f64::from(frame[channel]) * 1e-6).collect())
        .collect()
}

/// One of [`FIELDS`], as an array called `name`.
fn field(mat: MatFile, field: &str, name: &str) -> Vec<u8> {
    match field {
        "setname" => mat.text(name, "rest"),
        "nbchan" => mat.number(name, CHANNELS as f64),
        "trials" => mat.number(name, 1.0),
        "pnts" => mat.integers(name, &[1, 1], &[SAMPLES as i16]),
        "srate" => mat.number(name, 50.0),
        "data" => mat.singles(name, &[CHANNELS as u32, SAMPLES as u32], &samples()),
        "chanlocs" => {
            let labels = ["Fz", "Cz", "Pz"].map(|label| vec![mat.empty(""), mat.text("", label)]);
            mat.structure(name, &["theta", "labels"], &labels)
        }
        "event" => mat.structure(
            name,
            &["latency", "type", "duration"],
            &[
                vec![mat.number("", 26.0), mat.text("", "stimulus"), mat.number("", 5.0)],
                vec![mat.number("", 1.0), mat.number("", 12.0), mat.empty("")],
                vec![mat.number("", f64::NAN), mat.text("", "lost"), mat.empty("")],
            ],
        ),
        other => panic!("no field {other}"),
    }
}

/// A dataset whose fields are variables, some of them replaced.
fn dataset_with(replaced: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let variables: Vec<Vec<u8>> = FIELDS
        .iter()
        .map(|name| match replaced.iter().find(|(other, _)| other == name) {
            Some((_, variable)) => variable.clone(),
            None => field(LITTLE, name, name),
        })
        .collect();
    LITTLE.file(&variables)
}

/// The variable `EEG` with the fields.
fn structure(mat: MatFile) -> Vec<u8> {
    mat.structure("EEG", &FIELDS, &[FIELDS.iter().map(|name| field(mat, name, "")).collect()])
}

fn assert_dataset((info, samples): &(RecordingInfo, Vec<Vec<f64>>)) {
    assert_eq!(info.format, Format::EEGLAB);
    let labels: Vec<_> = info.channels.iter().map(|channel| channel.label.as_str()).collect();
    assert_eq!(labels, ["Fz", "Cz", "Pz"]);
    assert_eq!((info.channels[0].rate_hz, info.duration_s), (50.0, 1.0));
    assert_eq!(
        info.annotations,
        [
            Annotation { onset_s: 0.0, duration_s: 0.0, text: "12".to_owned() },
            Annotation { onset_s: 0.5, duration_s: 0.1, text: "stimulus".to_owned() },
        ]
    );
    assert_eq!(info.warnings, ["Events without a type or a latency were left out: 1."]);
    assert_eq!(*samples, expected());
}

#[test]
fn a_dataset_is_one_structure_or_many_variables_of_either_byte_order_compressed_or_not() {
    for mat in [LITTLE, MatFile(Order::Big)] {
        let variables: Vec<Vec<u8>> = FIELDS.iter().map(|name| field(mat, name, name)).collect();
        let compressed: Vec<Vec<u8>> = variables.iter().map(|variable| mat.compressed(variable)).collect();
        for file in [
            mat.file(&variables),
            mat.file(&compressed),
            mat.file(&[structure(mat)]),
            mat.file(&[mat.text("other", "variable"), mat.compressed(&structure(mat))]),
        ] {
            assert_dataset(&read_bytes("rest.set", file).unwrap());
        }
    }
}

#[test]
fn numbers_may_be_stored_in_few_bytes() {
    let values: Vec<i16> = (0..CHANNELS * SAMPLES).map(|index| index as i16 - 70).collect();
    let data = LITTLE.integers("data", &[CHANNELS as u32, SAMPLES as u32], &values);
    let (_, samples) = read_bytes("rest.set", dataset_with(&[("data", data)])).unwrap();
    assert_eq!(samples[1][2], f64::from(values[7]) * 1e-6);
}

#[test]
fn samples_are_found_beside_the_dataset() {
    let fdt: Vec<u8> = samples().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let set = dataset_with(&[("data", LITTLE.text("data", "C:\\data\\rest.fdt"))]);
    let files = [("eeg/rest.set", set.clone()), ("eeg/rest.fdt", fdt.clone())];
    let storage = MemoryStorage::with_files(files);
    assert_dataset(&read_all(&storage, "eeg/rest.set").unwrap());
    assert_eq!(pollster::block_on(open(&storage, "eeg/rest.set")).unwrap().sample_file(), Some("eeg/rest.fdt"));

    // Renamed on disk, the stem of the dataset counts.
    let files = [("eeg/renamed.set", set.clone()), ("eeg/renamed.fdt", fdt.clone())];
    let (info, read) = read_all(&MemoryStorage::with_files(files), "eeg/renamed.set").unwrap();
    assert_eq!(read, expected());
    assert!(info.warnings[0].contains("rest.fdt, which is not there; renamed.fdt was read instead"));

    let error = read_all(&MemoryStorage::with_files([("renamed.set", set.clone())]), "renamed.set").unwrap_err();
    let tried = vec!["rest.fdt".to_owned(), "renamed.fdt".to_owned()];
    assert_eq!(error, RecordingError::MissingData { tried, path: "renamed.set".to_owned() });

    // The name may also be in another field.
    let other = dataset_with(&[("data", LITTLE.empty("data")), ("setname", LITTLE.text("datfile", "rest.fdt"))]);
    let files = [("rest.set", other), ("rest.fdt", fdt.clone())];
    assert_dataset(&read_all(&MemoryStorage::with_files(files), "rest.set").unwrap());

    let mut short = fdt;
    short.truncate(4 * CHANNELS * 40 + 5);
    let files = [("rest.set", set), ("rest.fdt", short)];
    let error = read_all(&MemoryStorage::with_files(files), "rest.set").unwrap_err().to_string();
    assert!(error.contains("take 600 bytes, but rest.fdt has 485: it is cut short, or another dataset's"), "{error}");
}

#[test]
fn channels_without_labels_are_numbered() {
    let (info, _) = read_bytes("rest.set", dataset_with(&[("chanlocs", LITTLE.empty("chanlocs"))])).unwrap();
    assert_eq!(info.channels[2].label, "EEG 002");
    let fewer = LITTLE.structure("chanlocs", &["labels"], &[vec![LITTLE.text("", "Fz")]]);
    let (info, _) = read_bytes("rest.set", dataset_with(&[("chanlocs", fewer)])).unwrap();
    assert_eq!(info.channels[0].label, "EEG 000");
    assert_eq!(
        info.warnings[0],
        "The channels are numbered, since the dataset has 3 of them but 1 in its list (chanlocs)."
    );
}

#[test]
fn a_large_dataset_is_streamed() {
    let frames = 40_000;
    let values: Vec<f32> = (0..20 * frames).map(|index| ((index * 7919) % 10_007) as f32).collect();
    let data = LITTLE.singles("data", &[20, frames as u32], &values);
    for data in [LITTLE.compressed(&data), data] {
        let replaced =
            [("data", data), ("nbchan", LITTLE.number("nbchan", 20.0)), ("pnts", LITTLE.number("pnts", frames as f64))];
        let storage = Metered::new("rest.set", dataset_with(&replaced));
        let read = pollster::block_on(async { open(&storage, "rest.set").await.unwrap().read(&[19]).await.unwrap() });
        assert!(read[0].iter().zip(values.chunks(20)).all(|(read, frame)| *read == f64::from(frame[19]) * 1e-6));
        assert_eq!(read[0].len(), frames);
        assert!(storage.longest.get() <= CHUNK_BYTES, "{} bytes at once", storage.longest.get());
    }
}

#[test]
fn compressed_samples_are_left_alone_until_they_are_read() {
    let frames = 40_000_usize;
    let values: Vec<f32> = (0..20 * frames).map(|index| ((index * 7919) % 10_007) as f32).collect();
    let data = LITTLE.compressed(&LITTLE.singles("data", &[20, frames as u32], &values));
    let replaced =
        [("data", data), ("nbchan", LITTLE.number("nbchan", 20.0)), ("pnts", LITTLE.number("pnts", frames as f64))];
    let file = dataset_with(&replaced);
    let size = file.len() as u64;
    let storage = Metered::new("rest.set", file);
    let recording = pollster::block_on(open(&storage, "rest.set")).unwrap();
    assert!(storage.total.get() < size / 4, "{} of {size} bytes", storage.total.get());
    assert_eq!(recording.info().channels[0].samples, frames as u64);
}

#[test]
fn annotations_can_be_left_out() {
    let storage = MemoryStorage::with_files([("rest.set", dataset_with(&[]))]);
    let recording = pollster::block_on(open_without_annotations(&storage, "rest.set")).unwrap();
    let info = recording.info();
    assert_eq!((info.channels.len(), info.annotations.len(), info.warnings.len()), (CHANNELS, 0, 0));
}

#[test]
fn what_is_not_one_continuous_dataset_is_refused() {
    let epochs = LITTLE.singles("data", &[CHANNELS as u32, 10, 5], &samples());
    let two = [FIELDS.iter().map(|name| field(LITTLE, name, "")).collect::<Vec<_>>()];
    let two = [&two[..], &two[..]].concat();
    for (bytes, part) in [
        (dataset_with(&[("trials", LITTLE.number("trials", 20.0))]), "holds 20 epochs"),
        (dataset_with(&[("data", epochs)]), "holds epochs"),
        (LITTLE.file(&[LITTLE.structure("ALLEEG", &FIELDS, &two)]), "several datasets"),
        (LITTLE.file(&[LITTLE.structure("EEG", &FIELDS, &two)]), "several datasets"),
        (LITTLE.file(&[LITTLE.number("x", 1.0)]), "a MATLAB file without an EEGLAB dataset"),
        (LITTLE.file(&[]), "a MATLAB file without an EEGLAB dataset"),
        (dataset_with(&[("srate", LITTLE.number("srate", 0.0))]), "the sampling rate (srate)"),
        (
            dataset_with(&[("nbchan", LITTLE.number("nbchan", 4.0))]),
            "it announces 4 channels (nbchan) of 50 samples (pnts), but the array of samples (data) is 3 × 50:",
        ),
        (
            dataset_with(&[
                ("nbchan", LITTLE.number("nbchan", SAMPLES as f64)),
                ("pnts", LITTLE.number("pnts", CHANNELS as f64)),
            ]),
            "is 3 × 50, so that it is transposed",
        ),
        (dataset_with(&[("nbchan", LITTLE.empty("nbchan"))]), "the number of channels (nbchan)"),
        (dataset_with(&[("data", LITTLE.number("data", 4.0))]), "the array of samples (data) is 1 × 1"),
        (dataset_with(&[("data", LITTLE.structure("data", &[], &[]))]), "neither an array nor the name of a file"),
        (dataset_with(&[("data", LITTLE.text("data", "rest.dat"))]), "very old EEGLAB"),
        (dataset_with(&[("data", LITTLE.empty("data"))]), "neither an array nor the name of a file"),
    ] {
        let message = refusal("sub-1/rest.set", &bytes);
        assert!(message.contains(part), "{message}");
        assert!(message.ends_with(": sub-1/rest.set"), "{message}");
    }
}

#[test]
fn a_file_cut_short_is_refused() {
    let file = dataset_with(&[]);
    let compressed = LITTLE.file(&[LITTLE.compressed(&structure(LITTLE))]);
    for bytes in [&file[..file.len() - 100], &file[..700], &compressed[..compressed.len() - 20]] {
        let message = refusal("rest.set", bytes);
        assert!(message.contains("cut short"), "{message}");
    }
    // Cut within the compressed stream, with the size put right.
    let mut inner = compressed[..compressed.len() - 100].to_vec();
    let length = inner.len() as u32 - 136;
    inner[132..136].copy_from_slice(&length.to_le_bytes());
    assert!(refusal("rest.set", &inner).contains("cut short"));
    let mut garbled = compressed;
    garbled[140..200].fill(0x55);
    assert!(refusal("rest.set", &garbled).starts_with("damaged EEGLAB file"), "{}", refusal("rest.set", &garbled));
}

#[test]
fn sizes_that_cannot_be_are_refused_before_they_are_allocated() {
    let huge = [
        LITTLE.singles("data", &[u32::MAX, u32::MAX, u32::MAX], &[1.0]),
        LITTLE.singles("data", &[3, 1 << 30], &[1.0]),
    ];
    for data in huge {
        assert!(refusal("rest.set", &dataset_with(&[("data", data)])).starts_with("damaged"));
    }
    // A compressed variable that claims 4 GiB.
    let mut variable = LITTLE.singles("data", &[3, 50], &samples());
    variable[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let message = refusal("rest.set", &dataset_with(&[("data", LITTLE.compressed(&variable))]));
    assert!(message.contains("compressed bytes cannot hold"), "{message}");
    // A structure array whose elements are not there.
    let mut events = LITTLE.structure("event", &["type"], &[vec![LITTLE.number("", 1.0)]]);
    let at = events.windows(8).position(|window| window == [1, 0, 0, 0, 1, 0, 0, 0]).unwrap();
    events[at..at + 4].copy_from_slice(&1_000_000_u32.to_le_bytes());
    let message = refusal("rest.set", &dataset_with(&[("event", events)]));
    assert!(message.contains("a structure array claims 1000000 elements"), "{message}");
}

proptest! {
    #[test]
    fn arbitrary_variables_are_refused_or_passed_over(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_bytes("a.set", [LITTLE.file(&[]), bytes].concat());
    }

    /// Damage of the file itself, and of what is in its compressed variable.
    #[test]
    fn mutated_files_are_refused_or_read(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), 0..20_u8]), 1..8),
        place in 0..4,
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mutate = |mut bytes: Vec<u8>| {
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        };
        let header = LITTLE.file(&[]);
        let bytes = match place {
            0 => mutate(dataset_with(&[])),
            1 => [header, mutate(structure(LITTLE))].concat(),
            2 => [header, LITTLE.compressed(&mutate(structure(LITTLE)))].concat(),
            _ => [header, mutate(LITTLE.compressed(&structure(LITTLE)))].concat(),
        };
        let limit = bytes.len() as u64 * 1032;
        if let Ok((info, samples)) = read_bytes("a.set", bytes) {
            let total: u64 = info.channels.iter().map(|channel| channel.samples).sum();
            prop_assert!(total <= limit);
            prop_assert_eq!(total, samples.iter().map(|samples| samples.len() as u64).sum::<u64>());
        }
    }
}
