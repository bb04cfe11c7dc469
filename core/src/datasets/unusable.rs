//! What can be wrong with a single recording of a folder.

use super::channel_labels::ChannelError;
use crate::{recording::RecordingError, signal::SignalError};

/// Why a single recording is left out; the others go on.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The file cannot be read as a recording.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The channels of the montage cannot be found.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A channel of the montage is no voltage.
    #[error(
        "the unit of channel {label} is {}, which is no voltage, so that its samples mean nothing as EEG; correct the header \
         (V, mV, uV or nV)", unit_in_words(.unit)
    )]
    NoVoltage {
        /// The channel.
        label: String,
        /// Its unit as the file gives it.
        unit: String,
    },
    /// The channels that are needed have different rates.
    #[error(
        "channel {first} has {first_hz} Hz but channel {other} {other_hz} Hz; the channels of a window must share one rate"
    )]
    MixedRates {
        /// A channel.
        first: String,
        /// Its rate in Hz.
        first_hz: f64,
        /// A channel of another rate.
        other: String,
        /// Its rate in Hz.
        other_hz: f64,
    },
    /// The rate is no multiple of the one wanted.
    #[error(
        "its rate of {rate_hz} Hz is not a whole multiple of the {target_hz} Hz asked for; choose a rate that divides it"
    )]
    Rate {
        /// The recording's rate in Hz.
        rate_hz: f64,
        /// The rate wanted in Hz.
        target_hz: f64,
    },
    /// Memory does not hold it.
    #[error("it is {hours:.0} hours long, which is more than memory holds at once; split it into shorter files")]
    TooLong {
        /// Its length in hours.
        hours: f64,
    },
    /// There is not even one window in it.
    #[error(
        "it is shorter than one window: {}{samples} samples at {rate_hz} Hz, a window has {window}",
        if *.is_interrupted { "its longest uninterrupted stretch has " } else { "" }
    )]
    TooShort {
        /// Samples after decimation, of the longest stretch without an interruption.
        samples: usize,
        /// Whether there are several stretches.
        is_interrupted: bool,
        /// Rate after decimation in Hz.
        rate_hz: f64,
        /// Samples of a window.
        window: usize,
    },
    /// A channel has no usable sample.
    #[error(
        "channel {label} holds no number at all (NaN or infinity throughout); repair it, or leave the recording out"
    )]
    BrokenChannel {
        /// The channel.
        label: String,
    },
    /// Every window has samples that are no numbers.
    #[error(
        "each of its {windows} windows has samples that are no numbers: {broken}; repair it, or leave the recording out"
    )]
    BrokenWindows {
        /// How many windows there are.
        windows: usize,
        /// Channels and seconds, in words.
        broken: String,
    },
    /// A bad channel is at no known position.
    #[error(
        "its channel {channel} cannot be interpolated, as `preprocessing.bad_channels` asks for: it is at no known position of \
         the 10-10 system; choose \"keep\" or \"drop\", other channels, or leave the recording out"
    )]
    NotInterpolated {
        /// The channel and its fault.
        channel: String,
    },
    /// Bad channels without enough good ones around them.
    #[error(
        "bad channels cannot be interpolated, as `preprocessing.bad_channels` asks for, from {good} good ones of {on_scalp} on \
         the scalp: it takes 8, and three quarters of all; bad are {bad}"
    )]
    TooFewGood {
        /// The bad channels.
        bad: String,
        /// Good ones at known positions.
        good: usize,
        /// All at known positions.
        on_scalp: usize,
    },
    /// A bad channel is part of the reference.
    #[error("its channel {channel} is one that the others are measured against, and cannot be left out")]
    BadReference {
        /// The channel and its fault.
        channel: String,
    },
    /// The samples cannot be processed.
    #[error(transparent)]
    Signal(#[from] SignalError),
}

fn unit_in_words(unit: &str) -> String {
    if unit.is_empty() { "not given".to_owned() } else { format!("`{unit}`") }
}
