//! What it takes to draw a stretch of a recording: of each channel the lowest and the highest value between one drawn
//! point and the next, so that no spike is lost however much is drawn.

use serde::{Deserialize, Serialize};

use super::{Recording, RecordingError};

/// A stretch of a recording, thinned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds; shorter than asked for at the end of the recording.
    pub length_s: f64,
    /// How long the whole recording is, in seconds.
    pub duration_s: f64,
    /// The channels, in the order of the file.
    pub channels: Vec<Trace>,
    /// Remarks and events in this stretch: onset in seconds, text.
    pub annotations: Vec<(f64, String)>,
}

/// One channel of [`Traces`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The channel's label.
    pub label: String,
    /// The unit of the values: `V` for a voltage, else the file's own.
    pub unit: String,
    /// The channel's rate in Hz.
    pub rate_hz: f64,
    /// See [`extremes`]; empty for a channel whose header does not say what its samples mean.
    pub extremes: Vec<[f32; 2]>,
}

/// Reads a stretch of all channels and thins each to at most `points`.
///
/// # Errors
/// As [`Recording::read_range`], except for channels without a scale.
pub async fn traces(
    recording: &dyn Recording,
    start_s: f64,
    length_s: f64,
    points: usize,
) -> Result<Traces, RecordingError> {
    let info = recording.info();
    let start_s = start_s.max(0.0).min(info.duration_s);
    let length_s = length_s.max(0.0).min(info.duration_s - start_s);
    let end_s = start_s + length_s;

    let mut readable: Vec<usize> = (0..info.channels.len()).collect();
    let samples = loop {
        match recording.read_range(&readable, start_s..end_s).await {
            Err(RecordingError::NoScale { label, .. }) => {
                readable.retain(|&index| info.channels[index].label != label);
            }
            read => break read?,
        }
    };
    let mut channels: Vec<Trace> = info
        .channels
        .iter()
        .map(|channel| {
            let unit = if channel.is_voltage() { "V".to_owned() } else { channel.unit.clone() };
            Trace { label: channel.label.clone(), unit, rate_hz: channel.rate_hz, extremes: Vec::new() }
        })
        .collect();
    for (index, samples) in readable.into_iter().zip(samples) {
        channels[index].extremes = extremes(samples.into_iter().map(|sample| sample as f32), points);
    }
    let annotations = info
        .annotations
        .iter()
        .filter(|note| note.onset_s <= end_s && note.onset_s + note.duration_s >= start_s)
        .map(|note| (note.onset_s, note.text.clone()))
        .collect();
    Ok(Traces { start_s, length_s, duration_s: info.duration_s, channels, annotations })
}

/// The lowest and the highest of the samples between one drawn point and the next, for at most `points` points: samples
/// are spread over them evenly, and fewer samples than points are points of their own. Samples that are no finite numbers
/// do not count; a point without any other is 0.
#[must_use]
pub fn extremes(samples: impl ExactSizeIterator<Item = f32>, points: usize) -> Vec<[f32; 2]> {
    let count = samples.len();
    let points = points.clamp(1, count.max(1));
    let mut extremes = vec![[f32::INFINITY, f32::NEG_INFINITY]; if count == 0 { 0 } else { points }];
    for (index, sample) in samples.enumerate().filter(|(_, sample)| sample.is_finite()) {
        // In 128 bits because a product of two lengths may not fit 64, and 32 on the web.
        let point = (index as u128 * points as u128 / count as u128) as usize;
        let [lowest, highest] = &mut extremes[point];
        *lowest = lowest.min(sample);
        *highest = highest.max(sample);
    }
    for pair in &mut extremes {
        if pair[0] > pair[1] {
            *pair = [0.0; 2];
        }
    }
    extremes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thin(samples: &[f32], points: usize) -> Vec<[f32; 2]> {
        extremes(samples.iter().copied(), points)
    }

    #[test]
    fn no_spike_is_lost() {
        let mut samples = vec![0.0; 10_000];
        samples[3_333] = 7.0;
        samples[3_334] = -9.0;
        let points = thin(&samples, 100);
        assert_eq!(points.len(), 100);
        assert_eq!(points[33], [-9.0, 7.0]);
        assert!(points.iter().enumerate().all(|(at, pair)| at == 33 || *pair == [0.0, 0.0]));
    }

    #[test]
    fn few_samples_are_points_of_their_own() {
        assert_eq!(thin(&[1.0, -2.0, 3.0], 100), [[1.0, 1.0], [-2.0, -2.0], [3.0, 3.0]]);
        assert_eq!(thin(&[1.0, -2.0, 3.0], 2), [[-2.0, 1.0], [3.0, 3.0]]);
        assert_eq!(thin(&[1.0, -2.0], 0), [[-2.0, 1.0]]);
        assert!(thin(&[], 5).is_empty());
    }

    #[test]
    fn what_is_no_number_does_not_count() {
        assert_eq!(thin(&[f32::NAN, 2.0, f32::INFINITY, f32::NAN], 2), [[2.0, 2.0], [0.0, 0.0]]);
    }
}
