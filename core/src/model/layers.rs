//! The layers that the convolutional backbones are stacked from, as PyTorch defines them. A stack is a `Vec` of
//! [`Layer2d`] or [`Layer1d`] in the order of the reference's `nn.Sequential`, so that a layer's position is the
//! number in its parameters' names.

use burn::{
    module::{Module, Param, RunningState},
    nn::{
        PRelu, PReluConfig, PaddingConfig1d, PaddingConfig2d,
        conv::{Conv1d, Conv1dConfig, Conv2d, Conv2dConfig},
        pool::{AvgPool1d, AvgPool1dConfig, AvgPool2d, AvgPool2dConfig},
    },
    tensor::{Device, Tensor, TensorData, activation, module::batch_norm, module::batch_norm_train},
};
use rand::{Rng, rngs::ChaCha8Rng};

mod filters;
mod time_pool;

pub(super) use self::{
    filters::{MaxNormFilters, TimeAndSpace, filter_in_time_and_space},
    time_pool::{TimePool, pooled_length},
};
use super::{
    convolution::convolve,
    rows::{for_rows, mean_of_samples},
};
use crate::config;

/// Slope of the leaky ReLU below zero.
pub const LEAKY_RELU_SLOPE: f64 = 0.01;

/// Whether a forward pass belongs to training.
pub enum Mode<'a> {
    /// Dropout off, batch normalisation with the running statistics.
    Evaluation,
    /// Dropout on, drawn from this generator; batch normalisation with the batch's statistics.
    Training(&'a mut ChaCha8Rng),
}

impl Mode<'_> {
    /// Whether this is a training pass.
    pub fn is_training(&self) -> bool {
        matches!(self, Self::Training(_))
    }
}

/// An activation function between two layers.
#[derive(Module, Debug)]
pub enum Activation {
    /// A function without parameters.
    Fixed(FixedActivation),
    /// PReLU (He et al. 2015), with its one learnt slope.
    Prelu(PRelu),
}

/// An activation function without parameters.
#[derive(Module, Debug)]
pub struct FixedActivation {
    #[module(skip)]
    function: Function,
}

#[derive(Debug, Clone, Copy)]
enum Function {
    Relu,
    LeakyRelu,
    Sigmoid,
    Tanh,
    Gelu,
}

impl Activation {
    /// The activation a config names.
    pub fn new(name: config::Activation, device: &Device) -> Self {
        let function = match name {
            config::Activation::Prelu => return Self::Prelu(PReluConfig::new().init(device)),
            config::Activation::Relu => Function::Relu,
            config::Activation::LeakyRelu => Function::LeakyRelu,
            config::Activation::Sigmoid => Function::Sigmoid,
            config::Activation::Tanh => Function::Tanh,
            config::Activation::Gelu => Function::Gelu,
        };
        Self::Fixed(FixedActivation { function })
    }

    /// Elementwise, `[...]` to `[...]`.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Prelu(prelu) => prelu.forward(input),
            Self::Fixed(FixedActivation { function }) => match function {
                Function::Relu => activation::relu(input),
                Function::LeakyRelu => activation::leaky_relu(input, LEAKY_RELU_SLOPE),
                Function::Sigmoid => activation::sigmoid(input),
                Function::Tanh => activation::tanh(input),
                Function::Gelu => activation::gelu(input),
            },
        }
    }
}

/// The exponential linear unit (Clevert et al. 2016): x above 0, e^x − 1 below. Burn's own has no gradient for inputs whose
/// exponential is too large for a float.
pub(super) fn elu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    activation::relu(input.clone()).add(input.clamp_max(0.0).exp().sub_scalar(1.0))
}

/// The logarithm of what is at least a millionth, and of a millionth otherwise (Schirrmeister et al. 2017).
pub(super) fn safe_log<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    input.clamp_min(1e-6).log()
}

/// Dropout (Srivastava et al. 2014) whose masks come from the host's generator: the same on every device.
#[derive(Module, Debug)]
pub struct Dropout {
    probability: f64,
}

impl Dropout {
    /// Leaves out each activation with this probability, in `[0, 1)`, and scales the others up.
    pub fn new(probability: f64) -> Self {
        Self { probability }
    }

    /// `[...]` to `[...]`.
    pub fn forward<const D: usize>(&self, input: Tensor<D>, mode: &mut Mode<'_>) -> Tensor<D> {
        let Mode::Training(generator) = mode else { return input };
        if self.probability == 0.0 {
            return input;
        }
        let shape = input.shape();
        let mask = dropout_mask(shape.num_elements(), self.probability, generator);
        let mask = Tensor::<D>::from_data(TensorData::new(mask, shape), &input.device());
        input.mul(mask)
    }
}

/// Zeros with the given probability, otherwise 1 / (1 − probability). Sixteen random bits an element: the probability
/// is met to within 1 / 65536.
fn dropout_mask(elements: usize, probability: f64, generator: &mut ChaCha8Rng) -> Vec<f32> {
    const LANES: usize = 4;
    let threshold = (probability * 65536.0).round() as u64;
    let scale = (1.0 / (1.0 - probability)) as f32;
    let mut mask = Vec::with_capacity(elements.next_multiple_of(LANES));
    while mask.len() < elements {
        let bits = generator.next_u64();
        mask.extend((0..LANES).map(|lane| {
            let draw = (bits >> (16 * lane)) & 0xffff;
            if draw < threshold { 0.0 } else { scale }
        }));
    }
    mask.truncate(elements);
    mask
}

/// Batch normalisation (Ioffe & Szegedy 2015) that keeps the running variance unbiased, as PyTorch does and Burn's
/// own layer does not: a checkpoint then evaluates alike in both.
#[derive(Module, Debug)]
pub struct BatchNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    running_mean: RunningState<Tensor<1>>,
    running_var: RunningState<Tensor<1>>,
    #[module(skip)]
    momentum: f64,
    #[module(skip)]
    epsilon: f64,
}

impl BatchNorm {
    const EPSILON: f64 = 1e-5;
    const MOMENTUM: f64 = 0.1;

    /// For `[batch, channels, ...]`, with PyTorch's momentum and epsilon.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self::with(channels, Self::MOMENTUM, Self::EPSILON, device)
    }

    /// For `[batch, channels, ...]`, with PyTorch's epsilon and a momentum, which is how much a batch counts in the running
    /// statistics.
    pub fn with_momentum(channels: usize, momentum: f64, device: &Device) -> Self {
        Self::with(channels, momentum, Self::EPSILON, device)
    }

    /// The same with a momentum, which is how much a batch counts in the running statistics, and an epsilon, which is
    /// added to variances.
    pub fn with(channels: usize, momentum: f64, epsilon: f64, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], device)),
            beta: Param::from_tensor(Tensor::zeros([channels], device)),
            running_mean: RunningState::new(Tensor::zeros([channels], device)),
            running_var: RunningState::new(Tensor::ones([channels], device)),
            momentum,
            epsilon,
        }
    }

    /// `[batch, channels, length]` to the same.
    pub fn forward(&self, input: Tensor<3>, mode: &Mode<'_>) -> Tensor<3> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        if !mode.is_training() {
            let (mean, variance) = (self.running_mean.value(), self.running_var.value());
            return batch_norm(input, gamma, beta, mean, variance, self.epsilon);
        }
        let [batch, _, length] = input.dims();
        let count = (batch * length) as f64;
        let unbiased = if count > 1.0 { count / (count - 1.0) } else { 1.0 };
        let normalised = batch_norm_train(input, gamma, beta, self.epsilon);
        self.track(&self.running_mean, normalised.mean);
        self.track(&self.running_var, normalised.variance.mul_scalar(unbiased));
        normalised.output
    }

    /// Makes the next training batch count `1/n` in the running statistics: called with 1, 2, 3, … they become the mean over
    /// those batches.
    pub(crate) fn average_batches(&mut self, n: usize) {
        self.momentum = 1.0 / n as f64;
    }

    fn track(&self, running: &RunningState<Tensor<1>>, batch: Tensor<1>) {
        let old = running.value_sync().mul_scalar(1.0 - self.momentum);
        running.update(old.add(batch.detach().mul_scalar(self.momentum)).detach());
    }
}

/// Batch normalisation where there is one, `[batch, channels, length]` to the same.
pub(super) fn normalised(norm: Option<&BatchNorm>, input: Tensor<3>, mode: &Mode<'_>) -> Tensor<3> {
    match norm {
        Some(norm) => norm.forward(input, mode),
        None => input,
    }
}

/// Group normalisation (Wu & He 2018) with a single group: of each sample over all its channels, height and width.
///
/// Burn's own sums up a sample in one go. On a GPU that is the work of one thread a sample, which took two thirds of a
/// training step; here rows are summed first, forward and backward.
#[derive(Module, Debug)]
pub struct SampleNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
}

impl SampleNorm {
    const EPSILON: f64 = 1e-5;

    /// For `[batch, channels, height, width]`.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], device)),
            beta: Param::from_tensor(Tensor::zeros([channels], device)),
        }
    }

    /// `[batch, channels, height, width]` to the same.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let shape = input.dims();
        let centred = input.clone().sub(for_rows(mean_of_samples(input), shape));
        let deviation = mean_of_samples(centred.clone().square()).add_scalar(Self::EPSILON).sqrt();
        let normalised = centred.div(for_rows(deviation, shape));
        let of_channels = |values: &Param<Tensor<1>>| for_rows(values.val().reshape([1, shape[1], 1, 1]), shape);
        normalised.mul(of_channels(&self.gamma)).add(of_channels(&self.beta))
    }
}

/// A layer of a stack over images, `[batch, channels, height, width]`.
#[derive(Module, Debug)]
pub enum Layer2d {
    /// Convolution.
    Conv(Conv2d),
    /// Normalisation of each sample over all its channels.
    Norm(SampleNorm),
    /// Activation function.
    Activation(Activation),
    /// Dropout.
    Dropout(Dropout),
    /// Average pooling by two.
    Pool(AvgPool2d),
}

impl Layer2d {
    /// A square convolution that keeps height and width.
    pub fn conv(channels_in: usize, channels_out: usize, kernel: usize, device: &Device) -> Self {
        let pad = kernel / 2;
        let config = Conv2dConfig::new([channels_in, channels_out], [kernel, kernel])
            .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad));
        Self::Conv(config.init(device))
    }

    /// Normalisation of each sample.
    pub fn norm(channels: usize, device: &Device) -> Self {
        Self::Norm(SampleNorm::new(channels, device))
    }

    /// Halves height and width.
    pub fn pool() -> Self {
        Self::Pool(AvgPool2dConfig::new([2, 2]).with_strides([2, 2]).init())
    }

    /// `[batch, channels, height, width]` to the layer's own channels, height and width.
    pub fn forward(&self, input: Tensor<4>, mode: &mut Mode<'_>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => convolve(conv, input),
            Self::Norm(norm) => norm.forward(input),
            Self::Activation(activation) => activation.forward(input),
            Self::Dropout(dropout) => dropout.forward(input, mode),
            Self::Pool(pool) => pool.forward(input),
        }
    }
}

/// A layer of a stack over signals, `[batch, channels, length]`.
#[derive(Module, Debug)]
pub enum Layer1d {
    /// Convolution.
    Conv(Conv1d),
    /// Normalisation of each channel over the batch.
    Norm(BatchNorm),
    /// Activation function.
    Activation(Activation),
    /// Dropout.
    Dropout(Dropout),
    /// Average pooling by two.
    Pool(AvgPool1d),
}

impl Layer1d {
    /// A convolution of odd kernel that keeps the length.
    pub fn conv(channels_in: usize, channels_out: usize, kernel: usize, device: &Device) -> Self {
        let config = Conv1dConfig::new(channels_in, channels_out, kernel)
            .with_padding(PaddingConfig1d::Explicit(kernel / 2, kernel / 2));
        Self::Conv(config.init(device))
    }

    /// Halves the length.
    pub fn pool() -> Self {
        Self::Pool(AvgPool1dConfig::new(2).with_stride(2).init())
    }

    /// `[batch, channels, length]` to the layer's own channels and length.
    pub fn forward(&self, input: Tensor<3>, mode: &mut Mode<'_>) -> Tensor<3> {
        match self {
            Self::Conv(conv) => conv.forward(input),
            Self::Norm(norm) => norm.forward(input, mode),
            Self::Activation(activation) => activation.forward(input),
            Self::Dropout(dropout) => dropout.forward(input, mode),
            Self::Pool(pool) => pool.forward(input),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn dropout_keeps_the_mean_and_repeats() {
        let mask = |index| dropout_mask(100_003, 0.3, &mut stream(1, Purpose::Dropout, index));
        let first = mask(0);
        assert_eq!(first.len(), 100_003);
        assert_eq!(first, mask(0));
        assert_ne!(first, mask(1));
        let mean = first.iter().sum::<f32>() / first.len() as f32;
        assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
    }

    #[test]
    fn elu_has_gradients_however_large_its_input_is() {
        let device = Device::flex().autodiff();
        let input = Tensor::<1>::from_data([-1e6, -1.0, 0.5, 200.0], &device).require_grad();
        let output = elu(input.clone());
        let gradients = input.grad(&output.clone().sum().backward()).unwrap();
        let below = (-1.0_f32).exp();
        let is_close = |found: Tensor<1>, expected: [f32; 4]| {
            let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        };
        is_close(output.inner(), [-1.0, below - 1.0, 0.5, 200.0]);
        is_close(gradients, [0.0, below, 1.0, 1.0]);
    }

    #[test]
    fn running_variance_is_unbiased() {
        let device = Device::flex();
        let norm = BatchNorm::new(1, &device.clone().autodiff());
        let input = Tensor::<3>::from_data([[[1.0, 3.0]], [[2.0, 6.0]]], &device.autodiff());
        let mut generator = stream(0, Purpose::Dropout, 0);
        norm.forward(input, &Mode::Training(&mut generator));
        let variance: f32 = norm.running_var.value_sync().into_scalar();
        // Sample variance of 1, 3, 2, 6 is 14/3.
        assert!((variance - (0.9 + 0.1 * 14.0 / 3.0)).abs() < 1e-6, "{variance}");
    }
}
