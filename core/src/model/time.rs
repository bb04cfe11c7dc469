//! Convolutions along time as products of matrices. Stretches of the signal that overlap are rows of one matrix, and the
//! taps of all filters, moved on by a sample from one output to the next, are the other (a Toeplitz matrix by blocks): one
//! product then gives a block of outputs for every stretch. That is more multiplications than the convolution has, but
//! products are what devices are best at, and far less is copied than when every output has the samples of its own as a
//! column.

use burn::tensor::Tensor;

/// Convolves `[batch, channels, samples]` with kernels `[filters, channels, taps]` that lie within the signal:
/// `[batch, filters, samples − taps + 1]`. Taps are not reversed, as in every network.
pub(super) fn convolve(signals: Tensor<3>, kernels: Tensor<3>) -> Tensor<3> {
    let length = signals.dims()[2] - kernels.dims()[2] + 1;
    let outputs = convolve_whole_blocks(signals, kernels);
    // A copy where there is something to leave out.
    if outputs.dims()[2] == length { outputs } else { outputs.narrow(2, 0, length) }
}

/// The same, with what may follow the last output until a block of them is whole: as if the signal went on with zeros.
pub(super) fn convolve_whole_blocks(signals: Tensor<3>, kernels: Tensor<3>) -> Tensor<3> {
    let [batch, channels, samples] = signals.dims();
    let [filters, _, taps] = kernels.dims();
    let length = samples - taps + 1;
    let block = block_of(length, taps);
    let blocks = length.div_ceil(block);
    let span = block + taps - 1;

    let stretches = stretches(signals, block, blocks, span).reshape([batch * blocks, channels * span]);
    let outputs = stretches.matmul(toeplitz(kernels, block).transpose()); // [batch · blocks, filters · block]
    let outputs = outputs.reshape([batch, blocks, filters, block]).swap_dims(1, 2);
    outputs.reshape([batch, filters, blocks * block])
}

/// How many outputs a stretch gives: about half as many as there are taps, which is half as many multiplications more than
/// a convolution has, and three times the samples; where there is such a number, one that divides the outputs.
fn block_of(length: usize, taps: usize) -> usize {
    let usual = taps.div_ceil(2);
    let divisors = (taps.div_ceil(4)..=taps).filter(|block| length.is_multiple_of(*block));
    divisors.min_by_key(|block| block.abs_diff(usual)).unwrap_or(usual)
}

/// Adds zeros at both ends of time.
pub(super) fn pad(signals: Tensor<3>, samples: usize) -> Tensor<3> {
    signals.pad([(samples, samples)], 0.0)
}

/// Stretches of `span` samples that begin `block` samples after each other, `[batch, blocks, channels, span]`. The signal
/// goes on with zeros where it is too short.
fn stretches(signals: Tensor<3>, block: usize, blocks: usize, span: usize) -> Tensor<4> {
    let [batch, channels, samples] = signals.dims();
    let parts = span.div_ceil(block);
    let whole = (blocks + parts - 1) * block;
    // What is left over at the end belongs to no stretch.
    let kept = samples.min(whole);
    let signals = signals.narrow(2, 0, kept);
    let signals = if kept < whole { signals.pad([(0, whole - kept)], 0.0) } else { signals };
    let by_block = signals.reshape([batch, channels, blocks + parts - 1, block]);
    let parts = (0..parts).map(|part| {
        let samples = block.min(span - part * block);
        by_block.clone().narrow(2, part, blocks).narrow(3, 0, samples)
    });
    Tensor::cat(parts.collect(), 3).swap_dims(1, 2)
}

/// The matrix that gives `block` outputs of every filter from a stretch, `[filters · block, channels · span]`: its element
/// for output o and sample s is tap s − o.
fn toeplitz(kernels: Tensor<3>, block: usize) -> Tensor<2> {
    let [filters, channels, taps] = kernels.dims();
    let moved_on = (0..block).map(|output| kernels.clone().pad([(output, block - 1 - output)], 0.0)).collect();
    Tensor::stack::<4>(moved_on, 1).reshape([filters * block, channels * (block + taps - 1)])
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution, Tolerance, module::conv1d, ops::ConvOptions};

    use super::*;

    #[test]
    fn products_give_what_a_convolution_gives_and_its_gradients() {
        let device = Device::flex().autodiff();
        for [channels, filters, taps, samples] in
            [[1, 1, 1, 1], [2, 3, 1, 5], [3, 2, 4, 4], [2, 4, 5, 23], [1, 3, 8, 40], [4, 2, 7, 9], [2, 2, 6, 21]]
        {
            let random = |shape: [usize; 3]| Tensor::<3>::random(shape, Distribution::Default, &device);
            let signals = random([2, channels, samples]).require_grad();
            let kernels = random([filters, channels, taps]).require_grad();
            let weights = random([2, filters, samples - taps + 1]);
            let compute = |convolved: Tensor<3>| {
                let gradients = convolved.clone().mul(weights.clone()).sum().backward();
                [convolved.inner(), signals.grad(&gradients).unwrap(), kernels.grad(&gradients).unwrap()]
            };
            let options = ConvOptions::new([1], [0], [1], 1);
            let burns = compute(conv1d(signals.clone(), kernels.clone(), None, options));
            let ours = compute(convolve(signals.clone(), kernels.clone()));
            for (ours, burns) in ours.into_iter().zip(burns) {
                ours.into_data().assert_approx_eq::<f32>(&burns.into_data(), Tolerance::default());
            }
        }
    }
}
