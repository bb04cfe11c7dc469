//! Convolutions of images on GPUs as products of matrices. Burn's own computes each weight's gradient in one thread,
//! unless it may try kernels out first, which takes longer than a whole run of a small network, and in a browser reports
//! errors. Here the neighbourhoods of all pixels become columns (im2col; Chellapilla, Puri & Simard 2006): forward and
//! backward are then products, which every GPU is good at.

use burn::{
    nn::conv::Conv2d,
    tensor::{Device, Tensor},
};

use super::rows::for_rows;

/// Values in a buffer of 128 MiB, which is what WebGPU promises of any device.
const LARGEST_BUFFER: usize = (128 << 20) / size_of::<f32>();

/// Convolves `[batch, channels, height, width]` with a layer of odd kernel that keeps height and width.
pub fn convolve(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    // On the CPU Burn's own is the faster one.
    if input.device() == Device::flex() { layer.forward(input) } else { as_products(layer, input, LARGEST_BUFFER) }
}

/// As many samples at a time as their columns fit into a buffer of so many values; as many rows of a sample, where one
/// alone does not fit; as many pixels of a row, where a row does not.
fn as_products(layer: &Conv2d, input: Tensor<4>, largest_buffer: usize) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let [_, _, kernel_height, kernel_width] = layer.weight.dims();
    let (top, left) = (kernel_height / 2, kernel_width / 2);
    let padded = input.pad([(top, top), (left, left)], 0.0);
    let pixels = (largest_buffer / (channels * kernel_height * kernel_width)).max(1);
    let (samples, rows, columns) = if pixels >= height * width {
        (pixels / (height * width), height, width)
    } else if pixels >= width {
        (1, pixels / width, width)
    } else {
        (1, 1, pixels)
    };
    in_parts(0, 0, batch, samples, padded, |padded| {
        in_parts(2, kernel_height - 1, height, rows, padded, |padded| {
            in_parts(3, kernel_width - 1, width, columns, padded, |padded| as_product(layer, padded))
        })
    })
}

/// Computes `length` values along a dimension, `part` at a time; each part of the input has so many values more, which
/// it shares with the next one.
fn in_parts(
    dimension: usize,
    shared: usize,
    length: usize,
    part: usize,
    input: Tensor<4>,
    compute: impl Fn(Tensor<4>) -> Tensor<4>,
) -> Tensor<4> {
    if part >= length {
        return compute(input);
    }
    let starts = (0..length).step_by(part);
    let parts = starts.map(|start| {
        let part = part.min(length - start);
        compute(input.clone().narrow(dimension, start, part + shared))
    });
    Tensor::cat(parts.collect(), dimension)
}

/// The columns of all pixels at once, from an input with the margins that the kernel needs.
fn as_product(layer: &Conv2d, padded: Tensor<4>) -> Tensor<4> {
    let weight = layer.weight.val();
    let [batch, channels, padded_height, padded_width] = padded.dims();
    let [channels_out, _, kernel_height, kernel_width] = weight.dims();
    let (height, width) = (padded_height - kernel_height + 1, padded_width - kernel_width + 1);
    let taps = kernel_height * kernel_width;
    let offsets = (0..kernel_height).flat_map(|down| (0..kernel_width).map(move |right| (down, right)));
    let shifted = offsets
        .map(|(down, right)| padded.clone().slice([0..batch, 0..channels, down..down + height, right..right + width]))
        .collect();
    let columns = Tensor::stack::<5>(shifted, 2).reshape([batch, channels * taps, height * width]);
    let kernels = weight.reshape([1, channels_out, channels * taps]);
    let shape = [batch, channels_out, height, width];
    let output = kernels.matmul(columns).reshape(shape);
    match &layer.bias {
        Some(bias) => output.add(for_rows(bias.val().reshape([1, channels_out, 1, 1]), shape)),
        None => output,
    }
}

#[cfg(test)]
mod tests {
    use burn::{
        nn::{PaddingConfig2d, conv::Conv2dConfig},
        tensor::{Distribution, TensorData, Tolerance},
    };

    use super::*;

    #[test]
    fn a_product_gives_what_the_layer_gives_and_its_gradients() {
        let device = Device::flex().autodiff();
        for [channels, channels_out, rows, columns] in [[1, 3, 5, 5], [4, 2, 3, 3], [3, 5, 1, 7]] {
            let padding = PaddingConfig2d::Explicit(rows / 2, columns / 2, rows / 2, columns / 2);
            let layer: Conv2d =
                Conv2dConfig::new([channels, channels_out], [rows, columns]).with_padding(padding).init(&device);
            let input = Tensor::<4>::random([2, channels, 9, 12], Distribution::Default, &device).require_grad();
            let weights = Tensor::<4>::random([2, channels_out, 9, 12], Distribution::Default, &device);
            let compute = |convolved: Tensor<4>| {
                let gradients = convolved.clone().mul(weights.clone()).sum().backward();
                let bias = layer.bias.as_ref().unwrap().val().grad(&gradients).unwrap();
                let kernels = layer.weight.val().grad(&gradients).unwrap();
                (convolved.inner(), input.grad(&gradients).unwrap(), kernels, bias)
            };
            let burns = compute(layer.forward(input.clone()));
            let taps = channels * rows * columns;
            // All at once; a sample, some rows, some pixels, a pixel at a time.
            for largest_buffer in [usize::MAX, taps * 9 * 12, taps * 12 * 4, taps * 5, 0] {
                let ours = compute(as_products(&layer, input.clone(), largest_buffer));
                let is_close = |ours: TensorData, burns| ours.assert_approx_eq::<f32>(&burns, Tolerance::default());
                is_close(ours.0.into_data(), burns.0.to_data());
                is_close(ours.1.into_data(), burns.1.to_data());
                is_close(ours.2.into_data(), burns.2.to_data());
                is_close(ours.3.into_data(), burns.3.to_data());
            }
        }
    }
}
