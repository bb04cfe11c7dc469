//! Pooling along time.

use burn::{
    module::Module,
    nn::pool::{AvgPool1d, AvgPool1dConfig, MaxPool1d, MaxPool1dConfig},
    tensor::Tensor,
};

use crate::config::PoolMode;

/// Makes one sample of each stretch of a signal.
#[derive(Module, Debug)]
pub enum TimePool {
    /// Its mean.
    Mean(AvgPool1d),
    /// Its largest sample.
    Max(MaxPool1d),
}

impl TimePool {
    /// Of `length` samples, `stride` samples from one stretch to the next.
    pub fn new(mode: PoolMode, length: usize, stride: usize) -> Self {
        match mode {
            PoolMode::Mean => Self::Mean(AvgPool1dConfig::new(length).with_stride(stride).init()),
            PoolMode::Max => Self::Max(MaxPool1dConfig::new(length).with_stride(stride).init()),
        }
    }

    /// `[batch, channels, samples]` to `[batch, channels, stretches]`, of those that lie within the signal.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Mean(AvgPool1d { kernel_size, stride, .. }) if kernel_size.is_multiple_of(*stride) => {
                mean_by_blocks(input, *kernel_size, *stride)
            }
            Self::Mean(pool) => pool.forward(input),
            Self::Max(pool) => pool.forward(input),
        }
    }
}

/// The means of stretches that begin at every block of `stride` samples and are whole blocks long. Each sample is added up
/// once, where Burn's pooling does it for every stretch that it is in.
fn mean_by_blocks(input: Tensor<3>, length: usize, stride: usize) -> Tensor<3> {
    let [batch, channels, samples] = input.dims();
    let (stretches, blocks_in_one) = (pooled_length(samples, length, stride), length / stride);
    let blocks = stretches + blocks_in_one - 1;
    let by_block = input.narrow(2, 0, blocks * stride).reshape([batch, channels, blocks, stride]);
    let sums = by_block.sum_dim(3).reshape([batch, channels, blocks]);
    let first = sums.clone().narrow(2, 0, stretches);
    let rest = (1..blocks_in_one).map(|block| sums.clone().narrow(2, block, stretches));
    rest.fold(first, Tensor::add).div_scalar(length as f64)
}

/// The stretches of a signal of so many samples, 0 if it is too short.
pub(in crate::model) fn pooled_length(samples: usize, length: usize, stride: usize) -> usize {
    samples.checked_sub(length).map_or(0, |rest| rest / stride + 1)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution, Tolerance};

    use super::*;

    #[test]
    fn means_by_blocks_are_those_of_pooling_with_their_gradients() {
        let device = Device::flex().autodiff();
        for [samples, length, stride] in [[1, 1, 1], [9, 3, 3], [10, 3, 3], [23, 8, 2], [40, 15, 5], [15, 15, 5]] {
            let input = Tensor::<3>::random([2, 3, samples], Distribution::Default, &device).require_grad();
            let weights = [2, 3, pooled_length(samples, length, stride)];
            let weights = Tensor::<3>::random(weights, Distribution::Default, &device);
            let compute = |pooled: Tensor<3>| {
                let gradients = pooled.clone().mul(weights.clone()).sum().backward();
                [pooled.inner(), input.grad(&gradients).unwrap()]
            };
            let pool = AvgPool1dConfig::new(length).with_stride(stride).init();
            let burns = compute(pool.forward(input.clone()));
            let ours = compute(TimePool::new(PoolMode::Mean, length, stride).forward(input.clone()));
            for (ours, burns) in ours.into_iter().zip(burns) {
                ours.into_data().assert_approx_eq::<f32>(&burns.into_data(), Tolerance::default());
            }
        }
    }
}
