//! EDF, EDF+ and BDF.

use super::{Metered, read_all, read_bytes, refusal};
use crate::recording::{
    Annotation, CHUNK_BYTES, ChannelKind, EdfChannel, EdfHeader, Format, HEAD_BYTES, RecordingError, StartTime, open,
    open_without_annotations, write_edf,
};

/// Where fields of the header are.
const HEADER_BYTES: usize = 184;
pub(super) const RESERVED: usize = 192;
pub(super) const RECORDS: usize = 236;
pub(super) const DURATION: usize = 244;
const SIGNALS: usize = 252;

pub(super) fn header() -> EdfHeader {
    EdfHeader {
        patient: "X X X X".to_owned(),
        recording: "Startdate 02-MAY-2021 X X X".to_owned(),
        start: StartTime::new(2021, [5, 2], [23, 4, 59]).unwrap(),
    }
}

pub(super) fn channel<'a>(label: &'a str, rate_hz: u32, samples: &'a [f64]) -> EdfChannel<'a> {
    EdfChannel { label, rate_hz, physical_min_uv: -200.0, physical_max_uv: 200.0, samples }
}

pub(super) fn note(onset_s: f64, duration_s: f64, text: &str) -> Annotation {
    Annotation { onset_s, duration_s, text: text.to_owned() }
}

/// A ramp through most of the range of [`channel`], in volts.
pub(super) fn ramp(samples: usize) -> Vec<f64> {
    (0..samples).map(|index| (index as f64 / samples as f64 - 0.5) * 3e-4).collect()
}

/// Two channels of 8 and 4 Hz, three seconds, two annotations.
pub(super) fn example() -> Vec<u8> {
    let (fast, slow) = (ramp(24), ramp(12));
    write_edf(
        &header(),
        &[channel("Fp1", 8, &fast), channel("Fp2", 4, &slow)],
        &[note(0.5, 0.0, "eyes closed"), note(2.25, 0.5, "Lidschläge")],
    )
    .unwrap()
}

pub(super) fn put(bytes: &mut [u8], at: usize, text: &str, width: usize) {
    bytes[at..at + width].copy_from_slice(format!("{text:<width$}").as_bytes());
}

/// Where a signal's field is, among `signals`; `before` are the widths of the fields before it.
pub(super) fn field(signals: usize, before: usize, width: usize, signal: usize) -> usize {
    256 + signals * before + signal * width
}

pub(super) fn assert_close(actual: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len());
    for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        assert!((actual - expected).abs() <= tolerance, "sample {index}: {actual} for {expected}");
    }
}

#[test]
fn what_was_written_is_read() {
    let (info, samples) = read_bytes("a.edf", example()).unwrap();
    assert_eq!(info.format, Format::EDF_PLUS);
    assert_eq!(info.warnings, Vec::<String>::new());
    assert_eq!(info.duration_s, 3.0);
    assert_eq!(info.start.unwrap().to_string(), "2021-05-02T23:04:59");
    let channels: Vec<_> =
        info.channels.iter().map(|c| (c.label.as_str(), c.unit.as_str(), c.rate_hz, c.samples)).collect();
    assert_eq!(channels, [("Fp1", "uV", 8.0, 24), ("Fp2", "uV", 4.0, 12)]);
    assert_eq!(info.annotations, [note(0.5, 0.0, "eyes closed"), note(2.25, 0.5, "Lidschläge")]);
    let half_a_level = 200e-6 / 65535.0 * 1.001;
    assert_close(&samples[0], &ramp(24), half_a_level);
    assert_close(&samples[1], &ramp(12), half_a_level);
}

#[test]
fn channels_come_in_the_order_asked_for() {
    let storage = crate::storage::MemoryStorage::with_files([("a.edf", example())]);
    pollster::block_on(async {
        let recording = open(&storage, "a.edf").await.unwrap();
        let samples = recording.read(&[1, 0, 1]).await.unwrap();
        assert_eq!(samples.iter().map(Vec::len).collect::<Vec<_>>(), [12, 24, 12]);
        assert_eq!(samples[0], samples[2]);
        let missing = recording.read(&[2]).await.unwrap_err();
        assert_eq!(missing, RecordingError::NoSuchChannel { index: 2, channels: 2, path: "a.edf".to_owned() });
        assert!(recording.read(&[]).await.unwrap().is_empty());
    });
}

#[test]
fn without_annotations_the_file_is_plain_edf() {
    let samples = ramp(10);
    let bytes = write_edf(&header(), &[channel("Cz", 5, &samples)], &[]).unwrap();
    assert_eq!(bytes.len(), 512 + 2 * 10);
    assert_eq!(read_bytes("a.edf", bytes).unwrap().0.format, Format::EDF);
}

#[test]
fn a_file_is_streamed_in_chunks() {
    let samples = ramp(500 * 600);
    let channels: Vec<_> = (0..8).map(|_| channel("Cz", 500, &samples)).collect();
    let storage = Metered::new("a.edf", write_edf(&header(), &channels, &[note(1.0, 0.0, "a")]).unwrap());
    let (_, read) = read_all(&storage, "a.edf").unwrap();
    assert_close(&read[7], &samples, 4e-9);
    assert!(storage.longest.get() <= CHUNK_BYTES, "{} bytes at once", storage.longest.get());
}

#[test]
fn a_header_takes_one_read_and_annotations_are_read_when_they_are_asked_for() {
    let samples = ramp(500 * 600);
    let channels: Vec<_> = (0..8).map(|_| channel("Cz", 500, &samples)).collect();
    let remark = note(1.0, 0.0, "a");
    let storage = Metered::new("a.edf", write_edf(&header(), &channels, std::slice::from_ref(&remark)).unwrap());
    pollster::block_on(async {
        let without = open_without_annotations(&storage, "a.edf").await.unwrap();
        assert_eq!((storage.reads.get(), storage.total.get()), (1, HEAD_BYTES));
        assert!(without.info().annotations.is_empty());
        assert_eq!(without.read(&[7]).await.unwrap()[0].len(), samples.len());

        let with = open(&storage, "a.edf").await.unwrap();
        assert_eq!(with.info().annotations, [remark]);
        assert_eq!(with.info().channels, without.info().channels);
    });
}

#[test]
fn a_header_that_is_longer_takes_a_second_read() {
    let samples = ramp(4);
    let labels: Vec<String> = (0..80).map(|index| format!("C{index}")).collect();
    let channels: Vec<_> = labels.iter().map(|label| channel(label, 4, &samples)).collect();
    let storage = Metered::new("a.edf", write_edf(&header(), &channels, &[]).unwrap());
    let recording = pollster::block_on(open(&storage, "a.edf")).unwrap();
    assert_eq!((storage.reads.get(), storage.total.get()), (2, 81 * 256));
    assert_eq!(recording.info().labels(), labels);
}

#[test]
fn of_long_records_only_the_channels_asked_for_are_fetched() {
    let samples = ramp(60_000 * 4);
    let channels: Vec<_> = (0..20).map(|_| channel("Cz", 60_000, &samples)).collect();
    let bytes = write_edf(&header(), &channels, &[]).unwrap();
    let size = bytes.len() as u64;
    let storage = Metered::new("a.edf", bytes);
    pollster::block_on(async {
        let read = open(&storage, "a.edf").await.unwrap().read(&[13]).await.unwrap();
        assert_close(&read[0], &samples, 4e-9);
    });
    assert!(storage.total.get() < size / 15, "{} of {size} bytes", storage.total.get());
}

#[test]
fn a_record_longer_than_a_chunk_is_read_in_parts() {
    let samples = ramp(700_000);
    let storage = Metered::new("a.edf", write_edf(&header(), &[channel("Cz", 700_000, &samples)], &[]).unwrap());
    let (_, read) = read_all(&storage, "a.edf").unwrap();
    assert_close(&read[0], &samples, 4e-9);
    assert!(storage.longest.get() <= CHUNK_BYTES);
}

#[test]
fn a_file_cut_short_gives_its_whole_records_and_says_what_is_missing() {
    let mut bytes = example();
    bytes.truncate(bytes.len() - 3);
    let (info, samples) = read_bytes("a.edf", bytes).unwrap();
    assert_eq!((samples[0].len(), samples[1].len(), info.duration_s), (16, 8, 2.0));
    assert!(info.warnings[0].contains("1 of 3 data records are missing, which is 1 s of 3 s"), "{:?}", info.warnings);
    assert_eq!(info.annotations.len(), 1);
}

#[test]
fn the_number_of_records_may_be_unknown_or_wrong() {
    for (text, part) in [
        ("-1", "does not give the number of data records; the file holds 3"),
        ("n/a", "The number of data records is \"n/a\""),
        ("2", "announces 2 data records, but the file holds 3"),
    ] {
        let mut bytes = example();
        put(&mut bytes, RECORDS, text, 8);
        let (info, samples) = read_bytes("a.edf", bytes).unwrap();
        assert_eq!(samples[0].len(), 24);
        assert!(info.warnings.iter().any(|warning| warning.contains(part)), "{:?}", info.warnings);
    }
}

#[test]
fn broken_headers_name_the_field_and_what_was_found() {
    let broken = |at: usize, text: &str, width: usize| {
        let mut bytes = example();
        put(&mut bytes, at, text, width);
        refusal("sub-01/rest.edf", &bytes)
    };
    // Three signals: two channels and the annotations.
    for (message, part) in [
        (broken(SIGNALS, "9999", 4), "makes the header 2560000 bytes long"),
        (broken(SIGNALS, "two", 4), "the number of signals is not a number: \"two\""),
        (broken(SIGNALS, "0", 4), "no signals"),
        (broken(HEADER_BYTES, "512", 8), "but it says: \"512\""),
        (broken(DURATION, "-1", 8), "the duration of a data record is not possible: -1 s"),
        (broken(DURATION, "1e-300", 8), "not possible"),
        (broken(DURATION, "x", 8), "the duration of a data record is not a number: \"x\""),
        (broken(field(3, 104, 8, 1), "abc", 8), "the physical minimum of signal 2 (Fp2) is not a number: \"abc\""),
        (broken(field(3, 128, 8, 0), "nan", 8), "the digital maximum of signal 1 (Fp1) is not a number: \"nan\""),
    ] {
        assert!(message.contains(part), "{message}");
        assert!(message.starts_with("damaged EDF"), "{message}");
        assert!(message.ends_with(": sub-01/rest.edf"), "{message}");
    }
    let samples = broken(field(3, 216, 8, 0), "1e3", 8);
    assert!(samples.contains("the number of samples in a data record of signal 1 (Fp1)"), "{samples}");
    let samples = broken(field(3, 216, 8, 0), "99999999", 8);
    assert!(samples.contains("not one data record is complete"), "{samples}");
    let mut bytes = example();
    put(&mut bytes, field(3, 104, 8, 0), "-9e307", 8);
    put(&mut bytes, field(3, 112, 8, 0), "9.9e307", 8);
    let range = refusal("a.edf", &bytes);
    assert!(range.contains("the physical minimum of signal 1 (Fp1) and maximum are too large"), "{range}");
}

#[test]
fn truncated_headers_are_refused() {
    let bytes = example();
    let message = refusal("a.edf", &bytes[..100]);
    assert!(message.contains("ends after 100 bytes"), "{message}");
    let message = refusal("a.edf", &bytes[..700]);
    assert!(message.contains("header of 3 signals takes 1024 bytes, but the file ends after 700"), "{message}");
    let message = refusal("a.edf", &bytes[..1030]);
    assert!(message.contains("not one data record is complete"), "{message}");
    let mut many = bytes;
    put(&mut many, SIGNALS, "9999", 4);
    put(&mut many, HEADER_BYTES, "2560000", 8);
    assert!(refusal("a.edf", &many).contains("takes 2560000 bytes, but the file ends"));
}

#[test]
fn a_channel_without_a_scale_is_an_error_only_when_it_is_read() {
    let mut bytes = example();
    put(&mut bytes, field(3, 128, 8, 1), "-32768", 8);
    let storage = crate::storage::MemoryStorage::with_files([("a.edf", bytes)]);
    pollster::block_on(async {
        let recording = open(&storage, "a.edf").await.unwrap();
        assert!(recording.info().warnings[0].contains("equals the maximum, so they cannot be read: Fp2."));
        assert_eq!(recording.read(&[0]).await.unwrap()[0].len(), 24);
        let error = recording.read(&[0, 1]).await.unwrap_err().to_string();
        assert!(error.contains("channel Fp2") && error.contains("both -32768"), "{error}");
    });
}

#[test]
fn a_channel_whose_physical_limits_are_equal_has_no_scale_either() {
    let mut bytes = example();
    put(&mut bytes, field(3, 104, 8, 1), "200", 8);
    let storage = crate::storage::MemoryStorage::with_files([("a.edf", bytes)]);
    let recording = pollster::block_on(open(&storage, "a.edf")).unwrap();
    assert!(recording.info().warnings[0].contains("physical minimum of these channels equals the maximum"));
    let error = pollster::block_on(recording.read(&[1])).unwrap_err().to_string();
    assert!(error.contains("its physical minimum and maximum are both 200"), "{error}");
}

#[test]
fn records_without_a_duration_are_no_samples() {
    let mut bytes = example();
    put(&mut bytes, DURATION, "0", 8);
    let message = refusal("a.edf", &bytes);
    assert!(
        message.contains("the duration of a data record is 0 s, which leaves its samples without a rate"),
        "{message}"
    );
}

#[test]
fn units_are_volts_or_named_in_a_warning() {
    let reference = read_bytes("a.edf", example()).unwrap().1;
    for (unit, factor) in [("uV", 1.0), ("mV", 1e3), ("nV", 1e-3), ("V", 1e6), ("", 1e6), ("mmHg", 1e6)] {
        let mut bytes = example();
        put(&mut bytes, field(3, 96, 8, 0), unit, 8);
        let (info, samples) = read_bytes("a.edf", bytes).unwrap();
        let expected: Vec<f64> = reference[0].iter().map(|volts| volts * factor).collect();
        assert_close(&samples[0], &expected, 1e-12 * factor);
        assert_eq!(info.warnings.len(), usize::from(["", "mmHg"].contains(&unit)), "{unit}: {:?}", info.warnings);
        assert_eq!(info.channels[0].unit, unit);
    }
    let mut bytes = example();
    // Latin-1.
    bytes[field(3, 96, 8, 0)..][..3].copy_from_slice(b"\xb5V ");
    let (info, samples) = read_bytes("a.edf", bytes).unwrap();
    assert_eq!((info.channels[0].unit.as_str(), info.warnings.len()), ("µV", 0));
    assert_eq!(samples, reference);
}

#[test]
fn recorders_that_write_commas_and_nuls_are_understood() {
    let mut bytes = example();
    bytes[field(3, 104, 8, 0)..][..8].copy_from_slice(b"-200,0\0x");
    assert_eq!(read_bytes("a.edf", bytes).unwrap(), read_bytes("a.edf", example()).unwrap());
}

#[test]
fn channels_without_samples_are_left_out() {
    let (fast, slow) = (ramp(24), ramp(12));
    let mut bytes = write_edf(&header(), &[channel("Fp1", 8, &fast), channel("Fp2", 4, &slow)], &[]).unwrap();
    put(&mut bytes, field(2, 216, 8, 1), "0", 8);
    let (info, _) = read_bytes("a.edf", bytes).unwrap();
    assert_eq!(info.channels.len(), 1);
    assert!(info.warnings.iter().any(|warning| warning.contains("without samples were left out: Fp2.")));
}

/// A BDF file of one record: channels of 4 samples.
pub(super) fn bdf(labels: &[&str], samples: &[[i32; 4]]) -> Vec<u8> {
    let volts = [0.0; 4];
    let channels: Vec<_> = labels.iter().map(|label| channel(label, 4, &volts)).collect();
    let mut bytes = write_edf(&header(), &channels, &[]).unwrap();
    bytes.truncate(256 * (labels.len() + 1));
    bytes[..8].copy_from_slice(b"\xffBIOSEMI");
    for signal in 0..labels.len() {
        for (before, text) in [(104, "-8388608"), (112, "8388607"), (120, "-8388608"), (128, "8388607")] {
            put(&mut bytes, field(labels.len(), before, 8, signal), text, 8);
        }
    }
    bytes.extend(samples.iter().flatten().flat_map(|sample| sample.to_le_bytes().into_iter().take(3)));
    bytes
}

#[test]
fn bdf_has_24_bits_and_a_status_channel() {
    let bytes = bdf(&["Cz", "Status"], &[[0, 32, -32, -8_388_608], [5, 0xff_0005 - (1 << 24), 0x1_0003, 0]]);
    let (info, samples) = read_bytes("a.bdf", bytes).unwrap();
    assert_eq!(info.format, Format::BDF);
    assert_eq!(info.channels[1].kind, ChannelKind::Trigger);
    assert_close(&samples[0], &[0.0, 32e-6, -32e-6, -8.388608], 1e-15);
    assert_eq!(samples[1], [5.0, 5.0, 3.0, 0.0]);
}

#[test]
fn what_does_not_fit_is_not_written() {
    let samples = ramp(8);
    let long = "a label of 17 cha";
    let refused = |channels: &[EdfChannel<'_>], annotations: &[Annotation]| {
        write_edf(&header(), channels, annotations).unwrap_err().to_string()
    };
    let good = channel("Cz", 4, &samples);
    let loud = [0.0, 1.0, 0.0, 0.0];
    for (message, part) in [
        (refused(&[], &[]), "no channels"),
        (refused(&[channel(long, 4, &samples)], &[]), "the label does not fit 16 ASCII characters"),
        (refused(&[channel("µ", 4, &samples)], &[]), "ASCII"),
        (refused(&[channel("Cz", 3, &samples)], &[]), "8 samples at 3 Hz are not whole seconds"),
        (refused(&[good, channel("Pz", 8, &samples)], &[]), "channel Pz lasts 1 s, the first one 2 s"),
        (refused(&[channel("Cz", 4, &loud)], &[]), "sample 1 of channel Cz is 1 V"),
        (refused(&[channel("Cz", 1, &[f64::NAN])], &[]), "is NaN V"),
        (refused(&[EdfChannel { physical_max_uv: -200.0, ..good }], &[]), "not a range"),
        (refused(&[EdfChannel { physical_max_uv: 200.000_000_1, ..good }], &[]), "the physical maximum does not fit"),
        (refused(&[good], &[note(2.0, 0.0, "late")]), "does not start within"),
        (refused(&[good], &[note(0.0, 0.0, "")]), "is empty or holds a separator"),
    ] {
        assert!(message.contains(part), "{message}");
    }
}
