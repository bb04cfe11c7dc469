//! Annotations of EDF+ and BDF+, and the interruptions that they tell of.

use super::{
    Metered,
    edf::{DURATION, RECORDS, RESERVED, bdf, channel, header, note, put, ramp},
    read_bytes, refusal,
};
use crate::recording::{open, open_without_annotations, write_edf};

/// A file of one signal of annotations, `records` of `bytes` each, all filled with `list`.
fn annotations_only(list: &[u8], bytes: usize, records: usize) -> Vec<u8> {
    let samples = vec![0.0; records * bytes / 2];
    let mut file = write_edf(&header(), &[channel("EDF Annotations", (bytes / 2) as u32, &samples)], &[]).unwrap();
    put(&mut file, RESERVED, "EDF+C", 5);
    for record in file[512..].chunks_exact_mut(bytes) {
        record.fill(0);
        record[..list.len()].copy_from_slice(list);
    }
    file
}

#[test]
fn a_file_of_annotations_only_is_told_as_such() {
    for duration in ["0", "1"] {
        let mut bytes = annotations_only(b"+0\x14\x14\0+1\x1530\x14Sleep stage W\x14\0", 64, 2);
        put(&mut bytes, DURATION, duration, 8);
        assert!(refusal("hypnogram.edf", &bytes).starts_with("the file holds annotations only, and no channel"));
    }
}

/// A channel of two samples a record, and annotations of `bytes` a record, each filled by repeating `list`.
fn annotated(list: &[u8], bytes: usize, records: usize) -> Vec<u8> {
    let (samples, places) = (vec![0.0; 2 * records], vec![0.0; records * bytes / 2]);
    let channels = [channel("Cz", 2, &samples), channel("EDF Annotations", (bytes / 2) as u32, &places)];
    let mut file = write_edf(&header(), &channels, &[]).unwrap();
    put(&mut file, RESERVED, "EDF+C", 5);
    for record in file[768..].chunks_exact_mut(bytes + 4) {
        for place in record[4..].chunks_exact_mut(list.len()) {
            place.copy_from_slice(list);
        }
    }
    file
}

#[test]
fn annotations_are_bounded() {
    // More than a million of one letter.
    let storage = Metered::new("a.edf", annotated(b"+1\x14a\x14\0\0\0", 1 << 20, 16));
    let error = pollster::block_on(open(&storage, "a.edf")).err().unwrap().to_string();
    assert!(error.contains("more than 1048576 annotations"), "{error}");
    assert!(storage.total.get() < 10 << 20, "{} bytes", storage.total.get());
    // Records of them that are larger than anything that is read at once.
    let message = refusal("a.edf", &annotated(b"+1\x14a\x14\0\0\0", 5 << 20, 1));
    assert!(message.contains("take 5242880 bytes, and at most 4194304 are read"), "{message}");
}

/// A recording of three seconds that starts 0.5 s into its first second, and whose third record comes 7 s late.
fn interrupted() -> Vec<u8> {
    with_times("EDF+D", ["+0.5", "+1.5", "+9.5"])
}

/// A recording of three seconds whose header says `kind`, and whose records tell these times.
fn with_times(kind: &str, times: [&str; 3]) -> Vec<u8> {
    let samples = ramp(24);
    let room = note(0.0, 0.0, "a text that makes room for what follows");
    let mut bytes = write_edf(&header(), &[channel("Cz", 8, &samples)], &[room]).unwrap();
    put(&mut bytes, RESERVED, kind, 5);
    let record_bytes = (bytes.len() - 768) / 3;
    let texts = ["+1\x14a\x14\0", "+1.75\x14b\x14\0+5\x14in the gap\x14\0", "+10\x14c\x14\0"];
    for (record, (time, texts)) in times.iter().zip(texts).enumerate() {
        let lists = format!("{time}\x14\x14\0{texts}");
        let list = &mut bytes[768 + record * record_bytes..][16..record_bytes];
        list.fill(0);
        list[..lists.len()].copy_from_slice(lists.as_bytes());
    }
    bytes
}

#[test]
fn interruptions_are_warned_of_without_annotations_too() {
    let storage = crate::storage::MemoryStorage::with_files([("a.edf", interrupted())]);
    let recording = pollster::block_on(open_without_annotations(&storage, "a.edf")).unwrap();
    let info = recording.info();
    assert!(info.annotations.is_empty());
    assert!(info.warnings[0].contains("interruptions (1, 7.000 s in all)"), "{:?}", info.warnings);
}

#[test]
fn an_interrupted_recording_is_joined_and_its_annotations_follow_the_samples() {
    let (info, read) = read_bytes("a.edf", interrupted()).unwrap();
    assert_eq!(read[0].len(), 24);
    assert_eq!(
        info.annotations,
        [
            note(0.5, 0.0, "a"),
            note(1.25, 0.0, "b"),
            note(2.0, 0.0, "in the gap"),
            note(2.0, 0.0, "boundary"),
            note(2.5, 0.0, "c")
        ]
    );
    assert!(info.warnings[0].contains("interruptions (1, 7.000 s in all)"), "{:?}", info.warnings);
}

#[test]
fn times_that_jump_are_interruptions_whatever_the_header_says() {
    let joined = read_bytes("a.edf", interrupted()).unwrap().0.annotations;
    for kind in ["EDF+C", "     "] {
        let (info, read) = read_bytes("a.edf", with_times(kind, ["+0.5", "+1.5", "+9.5"])).unwrap();
        assert_eq!((read[0].len(), &info.annotations), (24, &joined), "{kind}");
        let told = "Though its header says that it is continuous, the recording has interruptions (1, 7.000 s in all)";
        assert!(info.warnings[0].starts_with(told), "{:?}", info.warnings);
        // The clock was set back.
        let info = read_bytes("a.edf", with_times(kind, ["+0", "+1", "+0.5"])).unwrap().0;
        assert!(info.annotations.contains(&note(2.0, 0.0, "boundary")), "{:?}", info.annotations);
        for times in [["+0", "+1", "+2"], ["+0.5", "+1.49", "+2.51"], ["+0", "x", "+2"]] {
            let info = read_bytes("a.edf", with_times(kind, times)).unwrap().0;
            assert!(info.annotations.iter().all(|annotation| annotation.text != "boundary"), "{times:?}");
            assert!(!info.warnings.iter().any(|warning| warning.contains("interruptions (")), "{:?}", info.warnings);
        }
        let info = read_bytes("a.edf", with_times(kind, ["+0", "x", "+9"])).unwrap().0;
        let places = info.annotations.iter().filter(|annotation| annotation.text == "boundary");
        assert_eq!(places.map(|place| place.onset_s).collect::<Vec<_>>(), [1.0, 2.0]);
        let info = read_bytes("a.edf", with_times(kind, ["+0", "+0", "+0"])).unwrap().0;
        assert!(info.annotations.iter().all(|annotation| annotation.text != "boundary"));
        assert!(info.warnings.iter().any(|warning| warning.contains("all tell the same time")), "{:?}", info.warnings);
    }
}

#[test]
fn times_that_jump_are_interruptions_in_bdf_too() {
    let zeros = [[0; 4]; 2];
    let list = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(12, 0);
        let levels: Vec<i32> = bytes.chunks(3).map(|part| i32::from_le_bytes([part[0], part[1], part[2], 0])).collect();
        <[i32; 4]>::try_from(levels).unwrap()
    };
    let samples = [zeros[0], list("+0\x14\x14"), zeros[1], list("+100\x14\x14")];
    let mut bytes = bdf(&["Cz", "BDF Annotations"], &samples);
    put(&mut bytes, RESERVED, "BDF+C", 5);
    put(&mut bytes, RECORDS, "2", 8);
    let (info, read) = read_bytes("a.bdf", bytes).unwrap();
    assert_eq!((read[0].len(), info.annotations), (8, vec![note(1.0, 0.0, "boundary")]));
}

#[test]
fn bdf_has_annotations_too() {
    let list = b"+0\x14\x14\0+1\x14a\x14\0\0";
    let levels: Vec<i32> = list.chunks(3).map(|bytes| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0])).collect();
    let (info, _) =
        read_bytes("a.bdf", bdf(&["Cz", "BDF Annotations"], &[[0; 4], levels.try_into().unwrap()])).unwrap();
    assert_eq!((info.channels.len(), info.annotations), (1, vec![note(1.0, 0.0, "a")]));
}
