//! Changes training samples at random, as a run's `[augmentation]` says. All that is random comes from one stream a batch,
//! so that a run repeats, whatever the device and however often it is interrupted.

use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha8Rng};
use rayon::prelude::*;

use super::{FeatureShape, Features, PreprocessOptions, Sample, provenance};
use crate::{
    config::{AugmentationConfig, DataType, Scaling},
    random::{Purpose, stream},
    signal::{
        SignalError,
        augmentation::{
            BandStop, FrequencyShift, Mixup, add_gaussian_noise, drop_channels, flip_sign, mask_time_smoothly,
            reverse_time, shift_time,
        },
    },
    storage::Storage,
};

/// Why samples cannot be changed as a run asks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AugmentationError {
    /// The samples are no windows of a signal.
    #[error(
        "{key} is above 0, but augmentation changes the signal, and a sample is {found}: set it to 0, or train on windows"
    )]
    NoSignal {
        /// The key that switches a change on.
        key: &'static str,
        /// What the samples are.
        found: FeatureShape,
    },
    /// Nothing says how many samples a second has.
    #[error(
        "{key} is above 0, but the folder of the samples does not say their sampling rate: state it in Hz as \
         augmentation.sfreq"
    )]
    UnknownRate {
        /// The key that switches a change on.
        key: &'static str,
    },
    /// The run file and the samples' folder say different things.
    #[error("augmentation.sfreq is {stated}, but these samples have {found} Hz: correct it, or leave it out")]
    OtherRate {
        /// What the run file says, in Hz.
        stated: f64,
        /// What the samples were made with, in Hz.
        found: f64,
    },
    /// A stretch as long as a window, or longer.
    #[error("{key} is {length}, but a window has {samples} samples: it must be shorter")]
    TooLong {
        /// The key, with its table.
        key: &'static str,
        /// What it says, in samples.
        length: usize,
        /// Samples of a window.
        samples: usize,
    },
    /// A change does not fit the windows' rate, or a window holds what is no number.
    #[error("augmentation.bandstop_filter: {0}")]
    BandStop(#[from] SignalError),
}

/// What a prepared folder says of its windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreparedWindows {
    /// Their sampling rate in Hz.
    pub rate_hz: f64,
    /// Their scale.
    pub scaling: Scaling,
}

impl PreparedWindows {
    /// Of the windows in a folder; `None` where it does not say.
    pub async fn of(output: &dyn Storage) -> Option<Self> {
        let options = provenance(output).await?.options.into_iter().collect();
        let options: PreprocessOptions = serde_json::from_value(serde_json::Value::Object(options)).ok()?;
        let PreprocessOptions { data_type, rate_hz, scaling, .. } = options;
        (data_type == DataType::Timeseries).then_some(Self { rate_hz, scaling })
    }
}

/// Changes the windows of one shape.
#[derive(Debug)]
pub struct Augmenter {
    config: AugmentationConfig,
    samples: usize,
    /// Where frequencies are moved.
    frequency_shift: Option<FrequencyShift>,
    /// Where bands are taken out.
    band_stop: Option<BandStop>,
    is_in_volts: bool,
}

impl Augmenter {
    /// For samples of this shape, of which their folder says what is `known`. `None` when they stay as they are.
    ///
    /// # Errors
    /// [`AugmentationError`].
    pub fn new(
        config: &AugmentationConfig,
        shape: FeatureShape,
        known: Option<PreparedWindows>,
    ) -> Result<Option<Self>, AugmentationError> {
        let Some(key) = config.first_on() else { return Ok(None) };
        let FeatureShape::Signal { samples, .. } = shape else {
            return Err(AugmentationError::NoSignal { key, found: shape });
        };
        let found_hz = known.map(|known| known.rate_hz);
        if let (Some(stated), Some(found)) = (config.sfreq, found_hz)
            && (stated / found - 1.0).abs() > 1e-6
        {
            return Err(AugmentationError::OtherRate { stated, found });
        }
        let stretches = [
            (
                "augmentation.smooth_time_mask.mask_len_samples",
                config.smooth_time_mask.mask_len_samples,
                config.smooth_time_mask.probability,
            ),
            (
                "augmentation.time_shift.max_shift_samples",
                config.time_shift.max_shift_samples,
                config.time_shift.probability,
            ),
        ];
        if let Some((key, length, _)) =
            stretches.into_iter().find(|(_, length, probability)| *probability > 0.0 && *length >= samples)
        {
            return Err(AugmentationError::TooLong { key, length, samples });
        }
        let (mut frequency_shift, mut band_stop) = (None, None);
        if let Some(key) = config.first_on_with_rate() {
            let rate_hz = found_hz.or(config.sfreq).ok_or(AugmentationError::UnknownRate { key })?;
            let (shift, stop) = (config.frequency_shift, config.bandstop_filter);
            frequency_shift =
                (shift.probability > 0.0).then(|| FrequencyShift::new(samples, rate_hz, shift.max_delta_freq));
            if stop.probability > 0.0 {
                band_stop = Some(BandStop::new(rate_hz, stop.bandwidth, stop.max_freq)?);
            }
        }
        let is_in_volts = known.is_some_and(|known| known.scaling == Scaling::None);
        Ok(Some(Self { config: *config, samples, frequency_shift, band_stop, is_in_volts }))
    }

    /// What the user should know of it, in a full sentence.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let noise = self.config.gaussian_noise;
        (noise.probability > 0.0 && self.is_in_volts).then(|| {
            format!(
                "these windows are in volts, and so is the noise that they get: augmentation.gaussian_noise.std = {}",
                noise.std
            )
        })
    }

    /// Changes the samples of the batch of this number, which counts all batches of a run; spread over threads. Returns how
    /// they are mixed with each other, if they are.
    ///
    /// # Errors
    /// [`AugmentationError::BandStop`] for a window with what is no number.
    pub fn apply(&self, batch: &mut [Sample], seed: u64, number: u64) -> Result<Option<Mixup>, AugmentationError> {
        let mut random = stream(seed, Purpose::Augmentation, number);
        // One generator a window, so that they do not wait for each other.
        let seeds: Vec<u64> = batch.iter().map(|_| random.next_u64()).collect();
        let mut windows: Vec<&mut [f32]> = batch.iter_mut().filter_map(window_of).collect();
        windows
            .par_iter_mut()
            .zip(seeds)
            .try_for_each(|(window, seed)| self.change(window, &mut ChaCha8Rng::seed_from_u64(seed)))?;
        let mixup = self.config.mixup;
        if !is_drawn(mixup.probability, &mut random) {
            return Ok(None);
        }
        let drawn = Mixup::draw(windows.len(), mixup.alpha, mixup.beta_per_sample, &mut random);
        drawn.apply(&mut windows);
        Ok(Some(drawn))
    }

    fn change(&self, window: &mut [f32], random: &mut impl Rng) -> Result<(), AugmentationError> {
        let (config, samples) = (&self.config, self.samples);
        if is_drawn(config.time_reverse.probability, random) {
            reverse_time(window, samples);
        }
        if is_drawn(config.sign_flip.probability, random) {
            flip_sign(window);
        }
        if is_drawn(config.time_shift.probability, random) {
            shift_time(window, samples, config.time_shift.max_shift_samples, random);
        }
        if let Some(shift) = &self.frequency_shift
            && is_drawn(config.frequency_shift.probability, random)
        {
            shift.apply(window, random);
        }
        if let Some(stop) = &self.band_stop
            && is_drawn(config.bandstop_filter.probability, random)
        {
            stop.apply(window, samples, random)?;
        }
        if is_drawn(config.gaussian_noise.probability, random) {
            add_gaussian_noise(window, config.gaussian_noise.std, random);
        }
        if is_drawn(config.channels_dropout.probability, random) {
            drop_channels(window, samples, config.channels_dropout.p_drop, random);
        }
        if is_drawn(config.smooth_time_mask.probability, random) {
            mask_time_smoothly(window, samples, config.smooth_time_mask.mask_len_samples, random);
        }
        Ok(())
    }
}

/// Whether something of this probability comes about. What never does draws nothing.
fn is_drawn(probability: f64, random: &mut impl Rng) -> bool {
    probability > 0.0 && random.random::<f64>() < probability
}

fn window_of(sample: &mut Sample) -> Option<&mut [f32]> {
    match &mut sample.features {
        Features::Signal { values, .. } => Some(values),
        Features::Image(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RunConfig;

    /// Windows at this rate, robustly scaled.
    fn at(rate_hz: f64) -> Option<PreparedWindows> {
        Some(PreparedWindows { rate_hz, scaling: Scaling::Robust })
    }

    const SHAPE: FeatureShape = FeatureShape::Signal { channels: 2, samples: 120 };

    fn config(lines: &str) -> AugmentationConfig {
        let text = format!(
            "[dataset]\nname = \"math_timeseries\"\ntasks = [\"health\"]\n[model]\nbackbone = \"cnn_1d\"\n\
             input_channels = 2\n[augmentation]\n{lines}\n"
        );
        RunConfig::parse(&text, "run.toml").unwrap().0.augmentation
    }

    fn augmenter(lines: &str) -> Augmenter {
        Augmenter::new(&config(lines), SHAPE, at(120.0)).unwrap().unwrap()
    }

    fn batch(windows: usize) -> Vec<Sample> {
        let window = |row: usize| {
            let values = (0..240).map(|at| ((row + 1) * at) as f32 / 100.0).map(f32::sin).collect();
            Sample { row, features: Features::Signal { channels: 2, samples: 120, values }, targets: Vec::new() }
        };
        (0..windows).map(window).collect()
    }

    const ALL: &str = "time_reverse.probability = 0.5\nsign_flip.probability = 0.5\ntime_shift.probability = 0.5\n\
        frequency_shift.probability = 0.5\nbandstop_filter.probability = 0.5\ngaussian_noise.probability = 0.5\n\
        channels_dropout.probability = 0.5\nsmooth_time_mask.probability = 0.5\nmixup.probability = 0.5";

    #[test]
    fn nothing_is_changed_unless_it_is_asked_for() {
        for lines in ["", "sfreq = 100", "gaussian_noise.std = 3", "gaussian_noise.probability = 0"] {
            assert!(Augmenter::new(&config(lines), SHAPE, None).unwrap().is_none(), "{lines}");
        }
        let mut samples = batch(8);
        augmenter("sign_flip.probability = 0.000001").apply(&mut samples, 0, 0).unwrap();
        assert_eq!(samples, batch(8));
    }

    #[test]
    fn a_batch_repeats_and_another_differs() {
        let augmenter = augmenter(ALL);
        let changed = |seed, number| {
            let mut samples = batch(16);
            let mixup = augmenter.apply(&mut samples, seed, number).unwrap();
            (samples, mixup)
        };
        assert_eq!(changed(1, 7), changed(1, 7));
        assert_ne!(changed(1, 7).0, changed(1, 8).0);
        assert_ne!(changed(1, 7).0, changed(2, 7).0);
        let mixed = (0..60).filter(|&number| changed(1, number).1.is_some()).count();
        assert!((15..45).contains(&mixed), "{mixed}");
    }

    #[test]
    fn a_change_happens_to_as_many_windows_as_asked() {
        let mut samples = batch(2000);
        augmenter("sign_flip.probability = 0.3").apply(&mut samples, 0, 0).unwrap();
        let flipped = samples.iter().zip(batch(2000)).filter(|(now, then)| *now != then).count();
        assert!((530..670).contains(&flipped), "{flipped}");
    }

    #[test]
    fn every_change_is_reached_by_its_table() {
        for line in ALL.lines().filter(|line| !line.starts_with("mixup")) {
            let mut samples = batch(12);
            augmenter(&line.replace("0.5", "1")).apply(&mut samples, 0, 0).unwrap();
            assert!(samples != batch(12), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_its_reason() {
        let refused = |lines: &str, shape, rate| Augmenter::new(&config(lines), shape, rate).unwrap_err().to_string();
        let image = FeatureShape::Image { channels: 1, height: 8, width: 8 };
        for (lines, shape, rate, told) in [
            ("sign_flip.probability = 1", image, None, "a sample is a grey image of 8 x 8 pixels"),
            ("frequency_shift.probability = 1", SHAPE, None, "state it in Hz as augmentation.sfreq"),
            (
                "sfreq = 100\nsign_flip.probability = 1",
                SHAPE,
                at(120.0),
                "augmentation.sfreq is 100, but these samples have 120 Hz",
            ),
            (
                "time_shift = { probability = 1, max_shift_samples = 120 }",
                SHAPE,
                None,
                "max_shift_samples is 120, but a window has 120",
            ),
            ("smooth_time_mask = { probability = 1, mask_len_samples = 200 }", SHAPE, None, "mask_len_samples is 200"),
            (
                "bandstop_filter = { probability = 1, max_freq = 70 }",
                SHAPE,
                at(120.0),
                "anywhere up to 70 Hz at 120 Hz",
            ),
        ] {
            let message = refused(lines, shape, rate);
            assert!(message.contains(told), "{message}");
        }
        let stated = config("sfreq = 120\nfrequency_shift.probability = 1");
        assert!(Augmenter::new(&stated, SHAPE, None).unwrap().is_some());
    }

    #[test]
    fn noise_in_volts_is_told() {
        let warning = |scaling| {
            let known = PreparedWindows { rate_hz: 120.0, scaling };
            let augmenter = Augmenter::new(&config("gaussian_noise.probability = 1"), SHAPE, Some(known));
            augmenter.unwrap().unwrap().warning()
        };
        assert!(warning(Scaling::None).unwrap().contains("gaussian_noise.std = 0.1"));
        assert_eq!(warning(Scaling::Standard), None);
    }
}
