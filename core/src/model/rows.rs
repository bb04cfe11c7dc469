//! Sums that a GPU's threads share. Values that a whole image has in common are repeated for each of its rows, so that
//! on the way back their gradients are summed row by row first, and not all in one thread.

use burn::tensor::Tensor;

/// Repeats values for every row of an image of this shape, as `[batch, channels, height, 1]`.
pub(super) fn for_rows(values: Tensor<4>, [batch, channels, height, _]: [usize; 4]) -> Tensor<4> {
    values.expand([batch, channels, height, 1])
}

/// The mean over channels, height and width, `[batch, channels, height, width]` to `[batch, 1, 1, 1]`.
pub(super) fn mean_of_samples(input: Tensor<4>) -> Tensor<4> {
    let [_, channels, height, width] = input.dims();
    input.sum_dim(3).sum_dim(2).sum_dim(1).div_scalar((channels * height * width) as f64)
}
