//! `shallow_fbcsp_net`: the shallow network of Schirrmeister et al. (2017) over windows of the signal,
//! `[batch, channels, samples]` to `[batch, filters · pools]`.
//!
//! Filters along time and over the channels, as the filter bank common spatial patterns have them, the square of what
//! passes them, its mean over stretches of time, and the logarithm of that: the log power of the filtered signal. As
//! Braindecode's `ShallowFBCSPNet` builds it.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, ModelConfig, ShallowFbcspNetConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::{Input, fits_published, signal_shape},
        layer_lines::LayerLines,
        layers::{BatchNorm, Dropout, Mode, TimeAndSpace, TimePool, normalised, pooled_length, safe_log},
        parameters::Initialisation,
    },
};

/// The backbone. Its parts are named as Braindecode's.
#[derive(Module, Debug)]
pub struct ShallowFbcspNet {
    conv_time_spat: TimeAndSpace,
    bnorm: Option<BatchNorm>,
    pool: TimePool,
    drop: Dropout,
}

impl EmbeddingNetwork for ShallowFbcspNet {
    const NAME: Backbone = Backbone::ShallowFbcspNet;
    const SIZE_KEYS: &'static str = "n_filters_time or n_filters_spat of model.extras";
    const LAST_LAYER: Option<&'static str> = Some("final_layer.conv_classifier");
    const INITIALISATION: Initialisation = Initialisation::Xavier;

    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.shallow_fbcsp_net;
        let in_time = [sizes.n_filters_time, sizes.filter_time_length];
        let norm = |channels| BatchNorm::with_momentum(channels, sizes.batch_norm_alpha, device);
        Ok(Self {
            conv_time_spat: TimeAndSpace::new(channels, in_time, sizes.n_filters_spat, !sizes.batch_norm, device),
            bnorm: sizes.batch_norm.then(|| norm(sizes.n_filters_spat)),
            pool: TimePool::new(sizes.pool_mode, sizes.pool_time_length, sizes.pool_time_stride),
            drop: Dropout::new(sizes.drop_prob),
        })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let sizes = &config.extras.shallow_fbcsp_net;
        fits_published(config, shape, sizes.filter_time_length - 1 + sizes.pool_time_length)
    }

    fn embedding_shape(config: &ModelConfig, sample: FeatureShape) -> Result<Vec<usize>, ModelError> {
        let [_, samples] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.shallow_fbcsp_net;
        Ok(vec![sizes.n_filters_spat, pools(sizes, samples), 1])
    }

    fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.shallow_fbcsp_net;
        let in_space = sizes.n_filters_spat as f64 * channels as f64;
        Ok(sizes.n_filters_time as f64 * (in_space + sizes.filter_time_length as f64))
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let filtered = self.conv_time_spat.forward(input.into_signals(Self::NAME)?); // [batch, filters, samples]
        let filtered = normalised(self.bnorm.as_ref(), filtered, mode);
        let power = safe_log(self.pool.forward(filtered.square())); // [batch, filters, pools]
        Ok(self.drop.forward(power, mode).flatten(1, 2))
    }

    fn describe(&self, _: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let mut shape = signal_shape(shape, Self::NAME)?;
        lines.filters_in_time_and_space(self.conv_time_spat.parts(), &mut shape);
        lines.batch_norm(self.bnorm.as_ref(), &shape);
        Ok(())
    }

    fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
        self.bnorm.iter_mut().collect()
    }
}

/// Stretches of time whose power is taken, of a signal of so many samples.
fn pools(sizes: &ShallowFbcspNetConfig, samples: usize) -> usize {
    let filtered = (samples + 1).saturating_sub(sizes.filter_time_length);
    pooled_length(filtered, sizes.pool_time_length, sizes.pool_time_stride)
}
