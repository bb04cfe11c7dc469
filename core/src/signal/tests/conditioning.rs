//! Four channels of a recording through MNE-Python, stage by stage.

use std::{fs, path::Path};

use crate::{
    recording,
    signal::{Band, Conditioner, Filters, Fir, RobustScale},
    storage::MemoryStorage,
    test_support::shared,
};

const RATE_HZ: f64 = 500.0;

/// The values of a `.npy` file of two dimensions or one, in its own precision.
fn values(folder: &Path, name: &str) -> Vec<f64> {
    let bytes = fs::read(folder.join(name)).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let (header, data) = (String::from_utf8_lossy(&bytes[..start]).into_owned(), &bytes[start..]);
    if header.contains("<f8") {
        data.as_chunks().0.iter().map(|value| f64::from_le_bytes(*value)).collect()
    } else {
        assert!(header.contains("<f4"), "{header}");
        data.as_chunks().0.iter().map(|value| f64::from(f32::from_le_bytes(*value))).collect()
    }
}

/// Four channels, `[4][samples]`.
fn channels(folder: &Path, name: &str) -> Vec<Vec<f64>> {
    let values = values(folder, name);
    values.chunks(values.len() / 4).map(<[f64]>::to_vec).collect()
}

/// Channels by one transform and, which must give as much, in blocks that two thousand samples of each are kept of.
fn applied(filters: &Filters, rate_hz: f64, channels: &[Vec<f64>]) -> [Vec<Vec<f64>>; 2] {
    let conditioner = || Conditioner::new(filters, RATE_HZ, rate_hz).unwrap();
    let overlap = 2 * conditioner().reach();
    // What two blocks would hold is not cut.
    assert!(channels[0].len() + overlap > 2 * (overlap + 2500));
    [conditioner(), conditioner().with_blocks_of(overlap + 2000)]
        .map(|conditioner| channels.iter().map(|samples| conditioner.apply(samples, 0).unwrap()).collect())
}

/// Compares two signals, `edge` samples at either end left out, by their root mean square difference as a fraction of the
/// expected one.
fn assert_close(found: &[Vec<f64>], expected: &[Vec<f64>], edge: usize, limit: f64) {
    for (channel, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.len(), expected.len());
        let middle = edge..expected.len() - edge;
        let power = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
        let mut difference = found[middle.clone()].iter().zip(&expected[middle.clone()]).map(|(a, b)| a - b);
        let relative = (power(&mut difference) / power(&mut expected[middle].iter().copied())).sqrt();
        assert!(relative < limit, "channel {channel}: {relative:.1e}");
    }
}

#[test]
fn filters_have_the_references_coefficients() {
    let Some(folder) = shared("parity/conditioning") else { return };
    for (name, low_hz, high_hz) in [("bandpass-fir.npy", 0.1, 75.0), ("bandpass-8-30-fir.npy", 8.0, 30.0)] {
        let expected = values(&folder, name);
        let fir = Fir::band_pass(Band { low_hz, high_hz }, RATE_HZ).unwrap();
        assert_eq!(fir.coefficients().len(), expected.len());
        for (found, expected) in fir.coefficients().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{name}: {found} instead of {expected}");
        }
    }
}

#[test]
fn every_stage_is_the_references() {
    let Some(folder) = shared("parity/conditioning") else { return };
    let raw = channels(&folder, "0-raw.npy");
    let edge = (2.0 * RATE_HZ) as usize;
    let filtered = |notch_hz: &[f64], band: Option<[f64; 2]>, rate_hz: f64| {
        let band = band.map(|[low_hz, high_hz]| Band { low_hz, high_hz });
        applied(&Filters { notch_hz: notch_hz.to_vec(), band }, rate_hz, &raw)
    };
    let (mains, wide) = ([50.0, 60.0], Some([0.1, 75.0]));
    for (found, expected) in [
        (filtered(&mains, None, RATE_HZ), "1-notch-50-60.npy"),
        (filtered(&mains, wide, RATE_HZ), "2-bandpass-0.1-75.npy"),
        (filtered(&[], Some([8.0, 30.0]), RATE_HZ), "bandpass-8-30.npy"),
    ] {
        found.iter().for_each(|found| assert_close(found, &channels(&folder, expected), edge, 1e-3));
    }
    for resampled in filtered(&mains, wide, 120.0) {
        assert_close(&resampled, &channels(&folder, "3-resample-120.npy"), 240, 1e-3);
        let scaled: Vec<Vec<f64>> = resampled
            .iter()
            .map(|samples| {
                let scale = RobustScale::of(samples.clone()).unwrap();
                samples.iter().map(|&sample| scale.apply(sample, 20.0)).collect()
            })
            .collect();
        assert_close(&scaled, &channels(&folder, "4-robust-clamp-20.npy"), 240, 1e-3);
    }
}

#[test]
fn the_recording_is_read_as_the_reference_reads_it() {
    let (Some(folder), Some(path)) = (shared("parity/conditioning"), shared("data/eegmat/Subject00_2.edf")) else {
        return;
    };
    let storage = MemoryStorage::with_files([("Subject00_2.edf", fs::read(path).unwrap())]);
    let recording = pollster::block_on(recording::open(&storage, "Subject00_2.edf")).unwrap();
    let labels = recording.info().labels();
    let indices: Vec<_> = ["EEG Fp1", "EEG Fp2", "EEG F3", "EEG F4"]
        .map(|label| labels.iter().position(|other| *other == label).unwrap())
        .to_vec();
    let read = pollster::block_on(recording.read(&indices)).unwrap();
    assert_close(&read, &channels(&folder, "0-raw.npy"), 0, 1e-6);
}
