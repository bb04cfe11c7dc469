//! Filters along time and over the channels of a signal.

use burn::{
    module::{Module, Param},
    nn::conv::{Conv2d, Conv2dConfig},
    tensor::{Device, Tensor},
};

use crate::model::time;

/// Filters along time, and filters over all channels and what each of those gives, without a non-linearity between the two
/// (Schirrmeister et al. 2017), as Braindecode's `CombinedConv` names them.
#[derive(Module, Debug)]
pub struct TimeAndSpace {
    /// `[filters in time, 1, taps, 1]`.
    conv_time: Conv2d,
    /// `[filters in space, filters in time, 1, channels]`.
    conv_spat: Conv2d,
}

impl TimeAndSpace {
    /// Of so many channels; filters in space have biases where nothing after them takes their mean away.
    pub fn new(
        channels: usize,
        [filters_time, taps]: [usize; 2],
        filters_spat: usize,
        has_biases_in_space: bool,
        device: &Device,
    ) -> Self {
        Self {
            conv_time: Conv2dConfig::new([1, filters_time], [taps, 1]).init(device),
            conv_spat: Conv2dConfig::new([filters_time, filters_spat], [1, channels])
                .with_bias(has_biases_in_space)
                .init(device),
        }
    }

    /// `[batch, channels, samples]` to `[batch, filters in space, samples − taps + 1]`.
    pub fn forward(&self, signals: Tensor<3>) -> Tensor<3> {
        filter_in_time_and_space(&self.conv_time, &self.conv_spat, signals)
    }

    /// Those in time, and those in space.
    pub fn parts(&self) -> [&Conv2d; 2] {
        [&self.conv_time, &self.conv_spat]
    }
}

/// Filters along time and then over the channels, `[batch, channels, samples]` to `[batch, filters, samples − taps + 1]`.
/// As both are linear, they are joined to one kernel for each filter first: that of all channels in time.
pub(in crate::model) fn filter_in_time_and_space(time: &Conv2d, space: &Conv2d, signals: Tensor<3>) -> Tensor<3> {
    let [filters_time, _, rows, columns] = time.weight.dims();
    let [filters, _, ..] = space.weight.dims();
    let [_, channels, _] = signals.dims();
    let taps = rows * columns;
    let of_time = time.weight.val().reshape([filters_time, taps]);
    let of_space = space.weight.val().reshape([filters, filters_time, channels]);
    let by_channel = of_space.clone().swap_dims(1, 2).reshape([filters * channels, filters_time]);
    let kernels = by_channel.matmul(of_time).reshape([filters, channels, taps]);
    let filtered = time::convolve(signals, kernels);
    // What a bias in time becomes, summed up over the channels.
    let from_time = time.bias.as_ref().map(|bias| {
        let over_channels = of_space.sum_dim(2).reshape([filters, filters_time]);
        over_channels.matmul(bias.val().reshape([filters_time, 1])).reshape([1, filters, 1])
    });
    let of_filters = space.bias.as_ref().map(|bias| bias.val().reshape([1, filters, 1]));
    from_time.into_iter().chain(of_filters).fold(filtered, Tensor::add)
}

/// Filters over the channels whose Euclidean norm is at most a given one (Srebro & Shraibman 2005): for each signal of
/// each channel's filters in time, filters of its own. The constraint is part of the forward pass, so that weights may grow
/// beyond it.
#[derive(Module, Debug)]
pub struct MaxNormFilters {
    /// `[signals · filters for each, 1, channels, 1]`.
    weight: Param<Tensor<4>>,
    #[module(skip)]
    max_norm: f64,
}

impl MaxNormFilters {
    /// `filters` for each of the `signals` that a channel has.
    pub fn new(signals: usize, filters: usize, channels: usize, max_norm: f64, device: &Device) -> Self {
        Self { weight: Param::from_tensor(Tensor::zeros([signals * filters, 1, channels, 1], device)), max_norm }
    }

    /// `[batch, signals, channels, samples]` to `[batch, signals · filters for each, samples]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<3> {
        let [batch, signals, channels, samples] = input.dims();
        let weight = self.constrained();
        let [filters, _] = weight.dims();
        let weight = weight.reshape([1, signals, filters / signals, channels]);
        weight.matmul(input).reshape([batch, filters, samples])
    }

    /// The filters that are applied, `[filters, channels]`, as PyTorch's `renorm` computes them.
    fn constrained(&self) -> Tensor<2> {
        let [filters, _, channels, _] = self.weight.dims();
        let weight = self.weight.val().reshape([filters, channels]);
        // A filter of nothing has no gradient of its norm.
        let norms = weight.clone().square().sum_dim(1).clamp_min(1e-24).sqrt();
        weight.mul(norms.add_scalar(1e-7).recip().mul_scalar(self.max_norm).clamp_max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_beyond_the_norm_are_scaled_to_it_and_others_are_not() {
        let device = Device::flex().autodiff();
        let weight = Tensor::<4>::from_data([[[[3.0], [4.0]]], [[[0.3], [0.4]]], [[[0.0], [0.0]]]], &device);
        let weight = weight.require_grad();
        let filters = MaxNormFilters { weight: Param::from_tensor(weight), max_norm: 1.0 };
        let constrained = filters.constrained();
        let found: Vec<f32> = constrained.clone().into_data().try_into_vec().unwrap();
        assert!(found.iter().zip([0.6, 0.8, 0.3, 0.4, 0.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        // Of the first filter's first weight: along the filter nothing changes any more, across it 1/5 is left.
        let gradients = constrained.slice([0..3, 0..1]).sum().backward();
        let gradient = filters.weight.val().grad(&gradients).unwrap();
        let found: Vec<f32> = gradient.into_data().try_into_vec().unwrap();
        let expected = [(1.0 - 0.36) / 5.0, -0.48 / 5.0, 1.0, 0.0, 1.0, 0.0];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
    }
}
