//! What is true of every EDF file, whatever it holds.

use proptest::prelude::*;

use super::{
    edf::{assert_close, channel, example, header},
    read_bytes,
};
use crate::recording::{Annotation, write_edf};

/// A rate, channels and annotations that fit a file.
#[derive(Debug)]
struct Contents {
    rate_hz: u32,
    channels: Vec<Vec<f64>>,
    annotations: Vec<Annotation>,
}

fn contents() -> impl Strategy<Value = Contents> {
    (1..5_usize, 1..40_u32, 1..5_usize).prop_flat_map(|(seconds, rate_hz, channels)| {
        let samples = proptest::collection::vec(-199.9e-6..199.9e-6, seconds * rate_hz as usize);
        let annotation = (0.0..seconds as f64, prop_oneof![Just(0.0), 0.0..100.0], "[^\u{0}\u{14}\u{15}]{1,12}")
            .prop_map(|(onset_s, duration_s, text)| Annotation { onset_s, duration_s, text });
        let annotations = proptest::collection::vec(annotation, 0..6);
        (proptest::collection::vec(samples, channels), annotations).prop_map(move |(channels, annotations)| Contents {
            rate_hz,
            channels,
            annotations,
        })
    })
}

proptest! {
    #[test]
    fn round_trip(Contents { rate_hz, channels: samples, mut annotations } in contents()) {
        let labels: Vec<String> = (0..samples.len()).map(|index| format!("C{index}")).collect();
        let channels: Vec<_> =
            samples.iter().zip(&labels).map(|(samples, label)| channel(label, rate_hz, samples)).collect();
        let (info, read) = read_bytes("a.edf", write_edf(&header(), &channels, &annotations).unwrap()).unwrap();
        annotations.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
        prop_assert_eq!(info.annotations, annotations);
        prop_assert!(info.warnings.is_empty());
        for (read, samples) in read.iter().zip(&samples) {
            assert_close(read, samples, 200e-6 / 65535.0 * 1.001);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_read(
        magic in prop::sample::select(vec![&b""[..], b"0       ", b"\xffBIOSEMI"]),
        rest in proptest::collection::vec(any::<u8>(), 0..1500),
    ) {
        let _ = read_bytes("a.edf", [magic, &rest].concat());
    }

    /// Whatever a header says, no more is announced than is in the file, and what is announced is read.
    #[test]
    fn mutated_headers_are_refused_or_read(
        changes in proptest::collection::vec((0..1100_usize, prop_oneof!["[0-9 .+-]".prop_map(|text| text.as_bytes()[0]), any::<u8>()]), 1..6),
        cut in prop_oneof![Just(usize::MAX), 0..1200_usize],
    ) {
        let mut bytes = example();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(cut);
        let size = bytes.len() as u64;
        if let Ok((info, samples)) = read_bytes("a.edf", bytes) {
            let announced: u64 = info.channels.iter().map(|channel| channel.samples).sum();
            prop_assert!(2 * announced <= size);
            for (channel, samples) in info.channels.iter().zip(&samples) {
                prop_assert_eq!(channel.samples, samples.len() as u64);
                prop_assert!(samples.iter().all(|sample| sample.is_finite()));
                prop_assert!(channel.rate_hz > 0.0 && channel.rate_hz.is_finite());
            }
        }
    }
}
