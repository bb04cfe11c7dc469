//! The reference's own recordings, blocks and images.

mod conditioning;

use std::{fs, path::Path};

use serde::Deserialize;

use super::*;
use crate::{recording, storage::MemoryStorage, test_support::shared};

const CASES: [&str; 5] = ["linear-db-only", "log-db-only", "log-db-iq", "log-db-polar", "log-db-only-250hz-unbounded"];

/// What a case was made from.
#[derive(Deserialize)]
struct Case {
    recording: String,
    channels: Vec<String>,
    original_rate_hz: usize,
    rate_hz: usize,
    start: usize,
    nsamps: usize,
    resolution: usize,
    hop_length: usize,
    bin_spacing: BinSpacing,
    output_type: OutputType,
    min_db: Option<f64>,
    max_db: Option<f64>,
    image: String,
    block: String,
}

impl Case {
    fn load(folder: &Path, name: &str) -> Self {
        serde_json::from_slice(&fs::read(folder.join(name).with_extension("json")).unwrap()).unwrap()
    }

    fn spectrogram(&self) -> Spectrogram {
        Spectrogram::new(SpectrogramConfig {
            window_length: self.nsamps,
            channels: self.channels.len(),
            resolution: self.resolution,
            hop_step: 4,
            spacing: self.bin_spacing,
            output: self.output_type,
            min_db: self.min_db,
            max_db: self.max_db,
        })
        .unwrap()
    }

    /// The reference's window in volts, in full precision.
    fn window(&self, folder: &Path) -> Vec<Vec<f64>> {
        let bytes = fs::read(folder.join(&self.block)).unwrap();
        let data = &bytes[bytes.len() - 8 * self.channels.len() * self.nsamps..];
        let values: Vec<_> = data.as_chunks().0.iter().map(|value| f64::from_le_bytes(*value)).collect();
        values.chunks_exact(self.nsamps).map(<[f64]>::to_vec).collect()
    }
}

fn slices(window: &[Vec<f64>]) -> Vec<&[f64]> {
    window.iter().map(Vec::as_slice).collect()
}

#[test]
fn decimated_recordings_are_the_references_windows() {
    let Some(folder) = shared("parity/spectrograms") else { return };
    let Some(recordings) = shared("data/eegmat") else { return };
    for name in CASES {
        let case = Case::load(&folder, name);
        let storage = MemoryStorage::with_files([("a.edf", fs::read(recordings.join(&case.recording)).unwrap())]);
        let recording = pollster::block_on(recording::open(&storage, "a.edf")).unwrap();
        let labels: Vec<_> = recording.info().channels.iter().map(|channel| channel.label.as_str()).collect();
        let channels: Vec<_> =
            case.channels.iter().map(|name| labels.iter().position(|label| label == name).unwrap()).collect();
        let samples = pollster::block_on(recording.read(&channels)).unwrap();
        for (channel, expected) in samples.iter().zip(case.window(&folder)) {
            let decimated = decimate(channel, case.original_rate_hz / case.rate_hz).unwrap();
            let window = &decimated[case.start..][..case.nsamps];
            let difference = window.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(difference < 1e-9, "{name}: {difference} V");
        }
    }
}

#[test]
fn images_are_the_references() {
    let Some(folder) = shared("parity/spectrograms") else { return };
    for name in CASES {
        let case = Case::load(&folder, name);
        let spectrogram = case.spectrogram();
        assert_eq!(spectrogram.hop(), case.hop_length, "{name}");
        let image = spectrogram.render(&slices(&case.window(&folder))).unwrap();
        let expected = Image::decode_png(&fs::read(folder.join(&case.image)).unwrap()).unwrap();
        assert_eq!((image.width, image.height, image.channels), (expected.width, expected.height, expected.channels));
        let differences = || image.pixels.iter().zip(&expected.pixels).map(|(a, b)| a.abs_diff(*b));
        let differing = image
            .pixels
            .chunks_exact(image.channels)
            .zip(expected.pixels.chunks_exact(image.channels))
            .filter(|(a, b)| a != b)
            .count();
        let share = differing as f64 / (image.width * image.height) as f64;
        assert!(differences().max() <= Some(1), "{name}: a pixel differs by {:?}", differences().max());
        assert!(share <= 1e-3, "{name}: {:.3} % of the pixels differ", 100.0 * share);
    }
}

#[test]
fn blocks_are_read_as_npy() {
    let Some(folder) = shared("parity/spectrograms") else { return };
    let case = Case::load(&folder, CASES[0]);
    let (channels, samples, values) = decode_npy(&fs::read(folder.join(&case.block)).unwrap()).unwrap();
    assert_eq!((channels, samples), (case.channels.len(), case.nsamps));
    let expected = case.window(&folder);
    assert!(values.iter().zip(expected.iter().flatten()).all(|(a, b)| *a == *b as f32));
}
