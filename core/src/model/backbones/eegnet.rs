//! `eegnet`: the compact network of Lawhern et al. (2018) over windows of the signal, `[batch, channels, samples]` to
//! `[batch, filters · pools]`.
//!
//! Filters along time, the same for all channels; filters over the channels for each of them, of bounded norm; a separable
//! convolution. As Braindecode's `EEGNet` builds it (version 4 of the paper).

use burn::{
    module::Module,
    nn::conv::{Conv2d, Conv2dConfig},
    tensor::{Device, Tensor},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, EegNetConfig, ModelConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::{Input, fits_published, signal_shape},
        layer_lines::{LayerLines, product},
        layers::{BatchNorm, Dropout, MaxNormFilters, Mode, TimePool, elu, pooled_length},
        parameters::Initialisation,
        time,
    },
};

/// The backbone. Its parts are named as Braindecode's.
#[derive(Module, Debug)]
pub struct EegNet {
    /// `[F1, 1, 1, taps]`.
    conv_temporal: Conv2d,
    bnorm_temporal: BatchNorm,
    conv_spatial: MaxNormFilters,
    bnorm_1: BatchNorm,
    pool_1: TimePool,
    /// `[F1 · D, 1, 1, taps]`.
    conv_separable_depth: Conv2d,
    /// `[F2, F1 · D, 1, 1]`.
    conv_separable_point: Conv2d,
    bnorm_2: BatchNorm,
    pool_2: TimePool,
    drop: Dropout,
}

impl EmbeddingNetwork for EegNet {
    const NAME: Backbone = Backbone::EegNet;
    const SIZE_KEYS: &'static str = "F1, D or F2 of model.extras";
    const LAST_LAYER: Option<&'static str> = Some("final_layer.conv_classifier");
    const INITIALISATION: Initialisation = Initialisation::TorchWithoutBiases;

    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.eegnet;
        let conv = |[from, to]: [usize; 2], taps| Conv2dConfig::new([from, to], [1, taps]).with_bias(false);
        let norm = |channels| BatchNorm::with(channels, sizes.batch_norm_momentum, sizes.batch_norm_eps, device);
        let pool = |length| TimePool::new(sizes.pool_mode, length, length);
        let (filters, depth, points) = (sizes.f1, sizes.d, points(sizes));
        let spatial = filters * depth;
        Ok(Self {
            conv_temporal: conv([1, filters], sizes.kernel_length).init(device),
            bnorm_temporal: norm(filters),
            conv_spatial: MaxNormFilters::new(filters, depth, channels, sizes.conv_spatial_max_norm, device),
            bnorm_1: norm(spatial),
            pool_1: pool(sizes.pool1_kernel_size),
            conv_separable_depth: conv([spatial, spatial], sizes.depthwise_kernel_length)
                .with_groups(spatial)
                .init(device),
            conv_separable_point: conv([spatial, points], 1).init(device),
            bnorm_2: norm(points),
            pool_2: pool(sizes.pool2_kernel_size),
            drop: Dropout::new(sizes.drop_prob),
        })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let needed = (1..).find(|&samples| Lengths::of(&config.extras.eegnet, samples).embedding > 0);
        fits_published(config, shape, needed.unwrap_or(usize::MAX))
    }

    fn embedding_shape(config: &ModelConfig, sample: FeatureShape) -> Result<Vec<usize>, ModelError> {
        let [_, samples] = signal_shape(sample, Self::NAME)?;
        Ok(vec![points(&config.extras.eegnet), 1, Lengths::of(&config.extras.eegnet, samples).embedding])
    }

    fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.eegnet;
        let spatial = sizes.f1 as f64 * sizes.d as f64;
        let of_spatial = channels as f64 + sizes.depthwise_kernel_length as f64 + points(sizes) as f64;
        Ok(sizes.f1 as f64 * sizes.kernel_length as f64 + spatial * of_spatial)
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let signals = input.into_signals(Self::NAME)?;
        let [batch, channels, samples] = signals.dims();
        let [filters, _, _, taps] = self.conv_temporal.weight.dims();
        let kernels = self.conv_temporal.weight.val().reshape([filters, 1, taps]);
        let signals = time::pad(signals.reshape([batch * channels, 1, samples]), taps / 2);
        let length = signals.dims()[2] - taps + 1;
        // What is too much is left out together with the change of order, in one copy.
        let filtered = time::convolve_whole_blocks(signals, kernels);
        let [_, _, whole] = filtered.dims();
        let by_channel = filtered.reshape([batch, channels, filters, whole]);
        let by_filter = by_channel.swap_dims(1, 2).narrow(3, 0, length);
        let by_filter = self.bnorm_temporal.forward(by_filter.reshape([batch, filters, channels * length]), mode);

        let spatial = self.conv_spatial.forward(by_filter.reshape([batch, filters, channels, length]));
        let pooled = self.pool_1.forward(elu(self.bnorm_1.forward(spatial, mode)));
        let dropped = self.drop.forward(pooled, mode); // [batch, F1 · D, samples]

        let separable = time::convolve(time::pad(dropped, self.depth_taps() / 2), self.separable());
        let pooled = self.pool_2.forward(elu(self.bnorm_2.forward(separable, mode)));
        Ok(self.drop.forward(pooled, mode).flatten(1, 2)) // [batch, F2, pools] before
    }

    fn describe(&self, config: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let [channels, samples] = signal_shape(shape, Self::NAME)?;
        let lengths = Lengths::of(&config.extras.eegnet, samples);
        let [filters, _, _, taps] = self.conv_temporal.weight.dims();
        let [points, spatial, ..] = self.conv_separable_point.weight.dims();
        let depth_taps = self.depth_taps();

        let filtered = vec![filters, channels, lengths.filtered];
        let work = product(&[taps]) * product(&filtered);
        lines.push(format!("filters in time {taps}"), filtered.clone(), work);
        lines.push("batch normalisation", filtered, 0);
        let in_space = vec![spatial, lengths.filtered];
        let work = product(&[channels]) * product(&in_space);
        lines.push(format!("filters in space {channels}"), in_space.clone(), work);
        lines.push("batch normalisation", in_space, 0);
        // The kernels that the two are joined to, and nothing of a sample's.
        lines.push(format!("convolution {depth_taps}"), vec![points, spatial, depth_taps], 0);
        let separable = vec![points, lengths.separable];
        lines.push("convolution 1", separable.clone(), product(&[spatial, depth_taps]) * product(&separable));
        lines.push("batch normalisation", separable, 0);
        Ok(())
    }

    fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
        vec![&mut self.bnorm_temporal, &mut self.bnorm_1, &mut self.bnorm_2]
    }
}

impl EegNet {
    fn depth_taps(&self) -> usize {
        self.conv_separable_depth.weight.dims()[3]
    }

    /// The separable convolution as one, `[F2, F1 · D, taps]`: nothing lies between its two parts.
    fn separable(&self) -> Tensor<3> {
        let [spatial, _, _, taps] = self.conv_separable_depth.weight.dims();
        let [points, ..] = self.conv_separable_point.weight.dims();
        let depth = self.conv_separable_depth.weight.val().reshape([1, spatial, taps]);
        self.conv_separable_point.weight.val().reshape([points, spatial, 1]).mul(depth)
    }
}

/// Filters of the separable convolution.
fn points(sizes: &EegNetConfig) -> usize {
    sizes.f2.unwrap_or(sizes.f1 * sizes.d)
}

/// The samples that are left after each step.
struct Lengths {
    filtered: usize,
    separable: usize,
    embedding: usize,
}

impl Lengths {
    fn of(sizes: &EegNetConfig, samples: usize) -> Self {
        // An even filter that is centred gives one sample more.
        let filtered = |samples: usize, taps: usize| (samples + 1 + taps / 2 * 2).saturating_sub(taps);
        let pooled = |samples, length| pooled_length(samples, length, length);
        let first = filtered(samples, sizes.kernel_length);
        let pools = pooled(first, sizes.pool1_kernel_size);
        let separable = if pools == 0 { 0 } else { filtered(pools, sizes.depthwise_kernel_length) };
        Self { filtered: first, separable, embedding: pooled(separable, sizes.pool2_kernel_size) }
    }
}
