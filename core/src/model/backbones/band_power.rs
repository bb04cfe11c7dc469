//! `band_power`: log power in the classic bands of EEG, `[batch, channels, samples]` to `[batch, channels · bands]`.
//!
//! Nothing of it is learnt by gradients: each feature is put on one scale by its mean and variance over the training split,
//! and the heads, of one layer, are fitted at once ([`baselines::BandPower`] says how powers are computed). Powers come from
//! products of matrices, so that any device computes them.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    baselines::{self, BANDS_HZ},
    config::{Backbone, ModelConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::{Input, fits_published, signal_shape},
        layer_lines::LayerLines,
        layers::Mode,
    },
};

/// Bands of a channel.
const BANDS: usize = BANDS_HZ.len();

/// The backbone.
#[derive(Module, Debug)]
pub struct BandPower {
    running_mean: Param<Tensor<1>>,
    running_var: Param<Tensor<1>>,
    /// None where the sampling rate is not known.
    #[module(skip)]
    spectrum: Option<Spectrum>,
}

impl EmbeddingNetwork for BandPower {
    const NAME: Backbone = Backbone::BandPower;
    const SIZE_KEYS: &'static str = "the channels of its windows";

    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, samples] = signal_shape(sample, Self::NAME)?;
        let spectrum = match config.extras.band_power.sfreq {
            Some(rate_hz) => {
                let power = baselines::BandPower::new(samples, rate_hz);
                Some(Spectrum::new(&power.ok_or(ModelError::NoBands { samples, rate_hz })?))
            }
            None => None,
        };
        let buffer = |tensor: Tensor<1>| Param::from_tensor(tensor.set_require_grad(false));
        Ok(Self {
            running_mean: buffer(Tensor::zeros([channels * BANDS], device)),
            running_var: buffer(Tensor::ones([channels * BANDS], device)),
            spectrum,
        })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        fits_published(config, shape, 2)
    }

    fn embedding_shape(_: &ModelConfig, sample: FeatureShape) -> Result<Vec<usize>, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        Ok(vec![channels * BANDS])
    }

    fn approximate_parameters(_: &ModelConfig, _: FeatureShape) -> Result<f64, ModelError> {
        Ok(0.0)
    }

    fn embed(&self, input: Input, _: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let signals = input.into_signals(Self::NAME)?;
        let powers = self.spectrum.as_ref().ok_or(ModelError::UnknownRate)?.powers(signals); // [batch, channels · bands]
        // Without power there is nothing to say, which the mean over all windows says as well.
        let is_silent = powers.clone().lower_equal_elem(0.0);
        let logs = powers.mask_fill(is_silent.clone(), 1.0).log();
        let centred = logs - self.running_mean.val().unsqueeze();
        Ok((centred / self.running_var.val().sqrt().unsqueeze()).mask_fill(is_silent, 0.0))
    }

    fn describe(&self, _: &ModelConfig, _: FeatureShape, _: &mut LayerLines) -> Result<(), ModelError> {
        Ok(())
    }
}

/// The matrices by which powers come from segments.
#[derive(Debug, Clone)]
struct Spectrum {
    /// Samples of a segment, and from one to the next.
    length: usize,
    hop: usize,
    /// Cosines and, beside them, sines of every bin that a band has, under the window: `[length, 2 · bins]`.
    waves: Vec<f32>,
    /// What the squared magnitude of a bin adds to the density of a band: `[bins, bands]`.
    shares: Vec<f32>,
}

impl Spectrum {
    fn new(power: &baselines::BandPower) -> Self {
        let (length, hop) = (power.window().len(), power.hop());
        let bins: Vec<usize> = power.bands().iter().flatten().cloned().flatten().collect();
        let phase = |sample: usize, bin: usize| {
            let turns = (sample * bin % length) as f64 / length as f64;
            (2.0 * std::f64::consts::PI * turns).sin_cos()
        };
        let waves = power.window().iter().enumerate().flat_map(|(sample, weight)| {
            let cosines = bins.iter().map(move |&bin| (weight * phase(sample, bin).1) as f32);
            cosines.chain(bins.iter().map(move |&bin| (weight * phase(sample, bin).0) as f32))
        });
        let share = |bin: usize, band: usize| match &power.bands()[band] {
            Some(range) if range.contains(&bin) => (power.scale() / range.len() as f64) as f32,
            _ => 0.0,
        };
        let shares = bins.iter().flat_map(|&bin| (0..BANDS).map(move |band| share(bin, band)));
        Self { length, hop, waves: waves.collect(), shares: shares.collect() }
    }

    /// `[batch, channels, samples]` to the mean density in each band, `[batch, channels · bands]`; 0 where there is none.
    fn powers(&self, signals: Tensor<3>) -> Tensor<2> {
        let ([batch, channels, samples], device) = (signals.dims(), signals.device());
        let bins = self.shares.len() / BANDS;
        let segments = (samples - self.length) / self.hop + 1;
        let cut = (0..segments).map(|segment| signals.clone().narrow(2, segment * self.hop, self.length));
        let cut = Tensor::cat(cut.collect(), 2).reshape([batch * channels * segments, self.length]);
        let is_flat =
            cut.clone().max_dim(1).equal(cut.clone().min_dim(1)).expand([batch * channels * segments, self.length]);
        // What is alike everywhere may differ from its mean by rounding, whose logarithm is no feature.
        let centred = (cut.clone() - cut.mean_dim(1)).mask_fill(is_flat, 0.0);
        let waves = Tensor::from_data(TensorData::new(self.waves.clone(), [self.length, 2 * bins]), &device);
        let squares = centred.matmul(waves).square();
        let magnitudes = squares.clone().narrow(1, 0, bins) + squares.narrow(1, bins, bins);
        let mean = magnitudes.reshape([batch * channels, segments, bins]).mean_dim(1).reshape([batch * channels, bins]);
        let shares = Tensor::from_data(TensorData::new(self.shares.clone(), [bins, BANDS]), &device);
        mean.matmul(shares).reshape([batch, channels * BANDS])
    }
}
