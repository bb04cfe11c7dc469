//! `deep4net`: the deep network of Schirrmeister et al. (2017) over windows of the signal, `[batch, channels, samples]` to
//! `[batch, filters · samples]`.
//!
//! Filters along time and over the channels, and three convolutions of ever more filters, each followed by batch
//! normalisation, ELU and pooling. As Braindecode's `Deep4Net` builds it.

use burn::{
    module::Module,
    nn::conv::{Conv2d, Conv2dConfig},
    tensor::{Device, Tensor},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, Deep4NetConfig, ModelConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::{Input, fits_published, signal_shape},
        layer_lines::{LayerLines, product},
        layers::{BatchNorm, Dropout, Mode, TimeAndSpace, TimePool, elu, normalised, pooled_length},
        parameters::Initialisation,
        time,
    },
};

/// The backbone. Its parts are named as Braindecode's.
#[derive(Module, Debug)]
pub struct Deep4Net {
    conv_time_spat: TimeAndSpace,
    bnorm: Option<BatchNorm>,
    /// `[filters, filters before, taps, 1]`, as the others.
    conv_2: Conv2d,
    bnorm_2: Option<BatchNorm>,
    conv_3: Conv2d,
    bnorm_3: Option<BatchNorm>,
    conv_4: Conv2d,
    bnorm_4: Option<BatchNorm>,
    first_pool: TimePool,
    later_pool: TimePool,
    drop: Dropout,
}

impl EmbeddingNetwork for Deep4Net {
    const NAME: Backbone = Backbone::Deep4Net;
    const SIZE_KEYS: &'static str = "n_filters_2, n_filters_3 or n_filters_4 of model.extras";
    const LAST_LAYER: Option<&'static str> = Some("final_layer.conv_classifier");
    const INITIALISATION: Initialisation = Initialisation::Xavier;

    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.deep4net;
        let norm =
            |channels| sizes.batch_norm.then(|| BatchNorm::with_momentum(channels, sizes.batch_norm_alpha, device));
        let pool = |mode| TimePool::new(mode, sizes.pool_time_length, sizes.pool_time_stride);
        let conv = |[from, to]: [usize; 2], taps| {
            Conv2dConfig::new([from, to], [taps, 1]).with_bias(!sizes.batch_norm).init(device)
        };
        let in_time = [sizes.n_filters_time, sizes.filter_time_length];
        let [second, third, fourth] = later_blocks(sizes);
        Ok(Self {
            conv_time_spat: TimeAndSpace::new(channels, in_time, sizes.n_filters_spat, !sizes.batch_norm, device),
            bnorm: norm(sizes.n_filters_spat),
            conv_2: conv([sizes.n_filters_spat, second.0], second.1),
            bnorm_2: norm(second.0),
            conv_3: conv([second.0, third.0], third.1),
            bnorm_3: norm(third.0),
            conv_4: conv([third.0, fourth.0], fourth.1),
            bnorm_4: norm(fourth.0),
            first_pool: pool(sizes.first_pool_mode),
            later_pool: pool(sizes.later_pool_mode),
            drop: Dropout::new(sizes.drop_prob),
        })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let sizes = &config.extras.deep4net;
        let taps = later_blocks(sizes).map(|(_, taps)| taps);
        // From the last block to the first: what pooling takes for so many samples, and what a filter takes for those.
        let needed = taps.into_iter().rev().chain([sizes.filter_time_length]).fold(1_usize, |samples, taps| {
            (samples - 1).saturating_mul(sizes.pool_time_stride).saturating_add(sizes.pool_time_length + taps - 1)
        });
        fits_published(config, shape, needed)
    }

    fn embedding_shape(config: &ModelConfig, sample: FeatureShape) -> Result<Vec<usize>, ModelError> {
        let [_, samples] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.deep4net;
        let pooled = |samples: usize, taps| {
            let filtered = (samples + 1).saturating_sub(taps);
            pooled_length(filtered, sizes.pool_time_length, sizes.pool_time_stride)
        };
        let first = pooled(samples, sizes.filter_time_length);
        let last = later_blocks(sizes).into_iter().fold(first, |samples, (_, taps)| pooled(samples, taps));
        Ok(vec![sizes.n_filters_4, last, 1])
    }

    fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.deep4net;
        let mut before = sizes.n_filters_spat as f64;
        let mut parameters = sizes.n_filters_time as f64 * (before * channels as f64 + sizes.filter_time_length as f64);
        for (filters, taps) in later_blocks(sizes) {
            parameters += before * filters as f64 * taps as f64;
            before = filters as f64;
        }
        Ok(parameters)
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let filtered = self.conv_time_spat.forward(input.into_signals(Self::NAME)?); // [batch, filters, samples]
        let mut features = self.first_pool.forward(elu(normalised(self.bnorm.as_ref(), filtered, mode)));
        for (conv, norm) in self.later_blocks() {
            let [filters, before, taps, _] = conv.weight.dims();
            let kernels = conv.weight.val().reshape([filters, before, taps]);
            let filtered = time::convolve(self.drop.forward(features, mode), kernels);
            let filtered = match &conv.bias {
                Some(bias) => filtered.add(bias.val().reshape([1, filters, 1])),
                None => filtered,
            };
            features = self.later_pool.forward(elu(normalised(norm, filtered, mode)));
        }
        Ok(features.flatten(1, 2))
    }

    fn describe(&self, config: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let sizes = &config.extras.deep4net;
        let pooled = |samples| pooled_length(samples, sizes.pool_time_length, sizes.pool_time_stride);
        let mut shape = signal_shape(shape, Self::NAME)?;
        lines.filters_in_time_and_space(self.conv_time_spat.parts(), &mut shape);
        lines.batch_norm(self.bnorm.as_ref(), &shape);
        for (conv, norm) in self.later_blocks() {
            let [filters, before, taps, _] = conv.weight.dims();
            shape = [filters, (pooled(shape[1]) + 1).saturating_sub(taps)];
            lines.push(format!("convolution {taps}"), shape.to_vec(), product(&[before, taps]) * product(&shape));
            lines.batch_norm(norm, &shape);
        }
        Ok(())
    }

    fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
        let norms = [&mut self.bnorm, &mut self.bnorm_2, &mut self.bnorm_3, &mut self.bnorm_4];
        norms.into_iter().flatten().collect()
    }
}

impl Deep4Net {
    fn later_blocks(&self) -> [(&Conv2d, Option<&BatchNorm>); 3] {
        [
            (&self.conv_2, self.bnorm_2.as_ref()),
            (&self.conv_3, self.bnorm_3.as_ref()),
            (&self.conv_4, self.bnorm_4.as_ref()),
        ]
    }
}

/// Filters and taps of the blocks after the first.
fn later_blocks(sizes: &Deep4NetConfig) -> [(usize, usize); 3] {
    [
        (sizes.n_filters_2, sizes.filter_length_2),
        (sizes.n_filters_3, sizes.filter_length_3),
        (sizes.n_filters_4, sizes.filter_length_4),
    ]
}
