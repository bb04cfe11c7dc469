//! What the `[augmentation]` table says: how the windows of the training split are changed at random, in names and
//! defaults of Braindecode's `braindecode.augmentation`. Rommel et al. 2022 compare which of them help.
//!
//! Each has its probability, 0 by default, and they are applied in the order of their tables here.

use serde_json::{Value, json};

use super::{
    declarations::Table,
    keys::{Bounds, KeyKind},
    problem::Fault,
    table::{ConfigTable, config_table},
};

config_table! {
    /// The samples of a window in reverse order.
    #[derive(Copy)]
    pub struct TimeReverseConfig in "augmentation.time_reverse" {
        /// Share of the windows whose time is reversed.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
    }
}

config_table! {
    /// The samples of a window with the other sign.
    #[derive(Copy)]
    pub struct SignFlipConfig in "augmentation.sign_flip" {
        /// Share of the windows whose sign is flipped.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
    }
}

config_table! {
    /// A window moved in time (Mohsenvand et al. 2020), which Braindecode does not have.
    #[derive(Copy)]
    pub struct TimeShiftConfig in "augmentation.time_shift" {
        /// Share of the windows that are moved in time.
        ///
        /// What leaves a window at one end comes in at the other.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Most samples by which a window is moved, either way.
        max_shift_samples: usize = 50, KeyKind::COUNT;
    }
}

config_table! {
    /// All frequencies of a window moved by the same amount.
    #[derive(Copy)]
    pub struct FrequencyShiftConfig in "augmentation.frequency_shift" {
        /// Share of the windows whose frequencies are moved.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Most that frequencies are moved by, either way, in Hz.
        max_delta_freq: f64 = 2.0, KeyKind::Number(Bounds::Positive);
    }
}

config_table! {
    /// A band of frequencies taken out of a window.
    #[derive(Copy)]
    pub struct BandstopFilterConfig in "augmentation.bandstop_filter" {
        /// Share of the windows that a band of frequencies is taken out of.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Width of the band, in Hz.
        bandwidth: f64 = 1.0, KeyKind::Number(Bounds::Positive);
        /// Highest frequency that is taken out, in Hz; half the sampling rate by default.
        max_freq: Option<f64> = None, KeyKind::Number(Bounds::Positive);
    }
}

config_table! {
    /// White noise added to a window.
    #[derive(Copy)]
    pub struct GaussianNoiseConfig in "augmentation.gaussian_noise" {
        /// Share of the windows that noise is added to.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Standard deviation of the noise, in the samples' scale.
        std: f64 = 0.1, KeyKind::Number(Bounds::Positive);
    }
}

config_table! {
    /// Channels of a window set to zero (Saeed et al. 2020).
    #[derive(Copy)]
    pub struct ChannelsDropoutConfig in "augmentation.channels_dropout" {
        /// Share of the windows that channels are left out of.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Share of such a window's channels that are set to zero.
        p_drop: f64 = 0.2, KeyKind::Number(Bounds::UnitOpen);
    }
}

config_table! {
    /// A stretch of all channels of a window faded to zero.
    #[derive(Copy)]
    pub struct SmoothTimeMaskConfig in "augmentation.smooth_time_mask" {
        /// Share of the windows that a stretch is masked of.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Length of the stretch in samples.
        mask_len_samples: usize = 100, KeyKind::COUNT;
    }
}

config_table! {
    /// Windows of a batch mixed with each other, and their losses, too (Zhang et al. 2018).
    #[derive(Copy)]
    pub struct MixupConfig in "augmentation.mixup" {
        /// Share of the batches whose windows are mixed.
        probability: f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Both parameters of the Beta distribution of how much of a window stays.
        ///
        /// The larger share counts as the window's own, so that its labels are those that scores compare with.
        alpha: f64 = 0.2, KeyKind::Number(Bounds::Positive);
        /// Whether each window has a share of its own, and not each batch.
        beta_per_sample: bool = false, KeyKind::Switch;
    }
}

config_table! {
    /// How windows of the training split are changed at random. Validation sees them as they are.
    #[derive(Copy)]
    pub struct AugmentationConfig in "augmentation" {
        /// Sampling rate of the windows in Hz, where their folder does not say it.
        sfreq: Option<f64> = None, KeyKind::Number(Bounds::Positive);
        /// Time reversed.
        time_reverse: TimeReverseConfig = TimeReverseConfig::default() => Table;
        /// The other sign.
        sign_flip: SignFlipConfig = SignFlipConfig::default() => Table;
        /// Moved in time.
        time_shift: TimeShiftConfig = TimeShiftConfig::default() => Table;
        /// Moved in frequency.
        frequency_shift: FrequencyShiftConfig = FrequencyShiftConfig::default() => Table;
        /// Without a band of frequencies.
        bandstop_filter: BandstopFilterConfig = BandstopFilterConfig::default() => Table;
        /// With noise.
        gaussian_noise: GaussianNoiseConfig = GaussianNoiseConfig::default() => Table;
        /// Without some channels.
        channels_dropout: ChannelsDropoutConfig = ChannelsDropoutConfig::default() => Table;
        /// Without a stretch of time.
        smooth_time_mask: SmoothTimeMaskConfig = SmoothTimeMaskConfig::default() => Table;
        /// Mixed.
        mixup: MixupConfig = MixupConfig::default() => Table;
    }
}

/// A way to change windows: the key that switches it on, what it says, and whether the sampling rate matters to it.
pub(super) struct Switch {
    pub key: &'static str,
    pub probability: f64,
    pub needs_rate: bool,
}

impl AugmentationConfig {
    /// All ways to change windows.
    pub(super) fn switches(&self) -> [Switch; 9] {
        [
            ("augmentation.time_reverse.probability", self.time_reverse.probability, false),
            ("augmentation.sign_flip.probability", self.sign_flip.probability, false),
            ("augmentation.time_shift.probability", self.time_shift.probability, false),
            ("augmentation.frequency_shift.probability", self.frequency_shift.probability, true),
            ("augmentation.bandstop_filter.probability", self.bandstop_filter.probability, true),
            ("augmentation.gaussian_noise.probability", self.gaussian_noise.probability, false),
            ("augmentation.channels_dropout.probability", self.channels_dropout.probability, false),
            ("augmentation.smooth_time_mask.probability", self.smooth_time_mask.probability, false),
            ("augmentation.mixup.probability", self.mixup.probability, false),
        ]
        .map(|(key, probability, needs_rate)| Switch { key, probability, needs_rate })
    }

    /// The key that switches the first of those on that are on; none when windows stay as they are.
    #[must_use]
    pub fn first_on(&self) -> Option<&'static str> {
        self.switches().into_iter().find(|switch| switch.probability > 0.0).map(|switch| switch.key)
    }

    /// The same of those to which the sampling rate matters.
    #[must_use]
    pub fn first_on_with_rate(&self) -> Option<&'static str> {
        let mut switches = self.switches().into_iter();
        switches.find(|switch| switch.needs_rate && switch.probability > 0.0).map(|switch| switch.key)
    }

    /// What it does to windows: the tables of what is on. `None` when it leaves them as they are.
    #[must_use]
    pub fn effective(&self) -> Option<Value> {
        self.first_on()?;
        let mut file = json!({});
        self.write(&mut file);
        let mut written = file["augmentation"].take();
        for Switch { key, probability, .. } in self.switches() {
            if probability <= 0.0
                && let (Some(tables), Some(name)) = (written.as_object_mut(), key.split('.').nth(1))
            {
                tables.remove(name);
            }
        }
        Some(written)
    }
}

/// What is wrong with changing samples that are images.
pub(super) fn fault_on_images(key: &'static str) -> Fault {
    let message = format!(
        "{key} is above 0, but these samples are spectrogram images: augmentation changes the signal, and takes windows of \
         it (data.data_type = \"timeseries\")"
    );
    Fault { key, message, suggestion: None }
}
