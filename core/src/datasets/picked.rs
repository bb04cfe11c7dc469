//! The channels of a recording that windows are made of: found among its labels, and checked.

use super::{
    DatasetPlan, Picks, PreprocessOptions, SampleChannels, channel_labels::is_scalp_position, positions::position_of,
    resampling::whole_factor, unusable::Unusable,
};
use crate::{config::Reference, recording::RecordingInfo, signal::Direction};

/// Bytes that a recording's channels may take at the target rate; a compressed file can announce any length.
const MAX_BYTES: u64 = if cfg!(target_pointer_width = "32") { 1 << 31 } else { 1 << 34 };

/// The channels of a recording that windows are made of.
pub(super) struct Picked {
    /// Indices into the recording's channels: those of a sample in order, then those that only the reference needs. A
    /// reference of a montage that is not in the files is zeros.
    pub indices: Vec<usize>,
    /// How many of them are a sample's.
    pub own: usize,
    /// Where the electrodes of those are that a sample has on the scalp; `None` for others.
    pub positions: Vec<Option<Direction>>,
    /// Which of them the others are measured against, in the mean; none where that stays as recorded.
    pub reference: Vec<usize>,
    /// Their rate in Hz.
    pub recorded_hz: f64,
    /// Samples of each channel at the target rate; of the shortest.
    pub samples: usize,
    /// What was odd about the channels, in full sentences.
    pub warnings: Vec<String>,
}

impl Picked {
    /// Finds the channels of a plan, which must be voltages of one rate; where they are decimated, of a whole multiple of
    /// the plan's.
    pub fn new(info: &RecordingInfo, plan: &DatasetPlan, options: &PreprocessOptions) -> Result<Self, Unusable> {
        let labels = info.labels();
        let Picks { mut indices, warnings } = plan.channels.pick(&labels)?;
        let own = indices.len();
        let reference = match &options.reference {
            Reference::Recorded => Vec::new(),
            Reference::Average => plan.channels.averaged(),
            Reference::Channels(names) => {
                let named = SampleChannels::Named(names.clone()).pick(&labels)?.indices.into_iter();
                let place = |index| {
                    indices.iter().position(|&known| known == index).unwrap_or_else(|| {
                        indices.push(index);
                        indices.len() - 1
                    })
                };
                named.map(place).collect()
            }
        };
        let first = &info.channels[indices[0]];
        for &index in &indices {
            let other = &info.channels[index];
            if !other.is_voltage() {
                return Err(Unusable::NoVoltage { label: other.label.clone(), unit: other.unit.clone() });
            }
            if other.rate_hz != first.rate_hz {
                return Err(Unusable::MixedRates {
                    first: first.label.clone(),
                    first_hz: first.rate_hz,
                    other: other.label.clone(),
                    other_hz: other.rate_hz,
                });
            }
        }
        let recorded_hz = first.rate_hz;
        let recorded = indices.iter().map(|&index| info.channels[index].samples).min().unwrap_or_default();
        let samples = match options.filters {
            None => recorded.div_ceil(whole_factor(recorded_hz, plan.rate_hz)? as u64),
            // A cast keeps within the type's range.
            Some(_) => (recorded as f64 * plan.rate_hz / recorded_hz).ceil() as u64,
        };
        if samples.saturating_mul((plan.channels.count() * size_of::<f64>()) as u64) > MAX_BYTES {
            return Err(Unusable::TooLong { hours: recorded as f64 / recorded_hz / 3600.0 });
        }
        let names = plan.channels.names();
        let positions = indices.iter().enumerate().map(|(place, &index)| {
            // A channel that is taken for a reference is compared with no other.
            names.get(place).filter(|name| is_scalp_position(name)).and_then(|_| position_of(labels[index]))
        });
        let positions = positions.collect();
        // At most MAX_BYTES, so it fits.
        Ok(Self { indices, own, positions, reference, recorded_hz, samples: samples as usize, warnings })
    }
}
