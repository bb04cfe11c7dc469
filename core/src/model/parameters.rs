//! Parameters by name. Burn's modules hold linear weights as `[in, out]` and call a norm's weights gamma and beta;
//! PyTorch holds `[out, in]` and calls them weight and bias. Here both meet: what leaves carries PyTorch's names and
//! layouts, what enters is checked against the model and turned back, and initialisation draws what PyTorch would.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId},
    tensor::{Device, Tensor, TensorData},
};
use rand::RngExt;

pub use super::naming::FIRST_WORDS;
use super::{
    ModelError,
    naming::{Naming, ParameterPath},
};
pub use crate::checkpoint::values::{Values, Weights};
use crate::random::{Purpose, stream};

/// A parameter or buffer of a model that still lies on its device.
#[derive(Debug, Clone)]
pub struct NamedTensor {
    /// PyTorch's name.
    pub name: String,
    /// Burn's identity of it, by which gradients are found.
    pub id: ParamId,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// Its values in Burn's layout, flattened: what the model itself holds, and no copy of it.
    stored: Tensor<1>,
    /// Whether Burn's layout is the transpose.
    is_transposed: bool,
}

impl NamedTensor {
    /// A tensor of no particular layout that belongs to this one, such as a moment of its gradient: `[elements]`.
    pub fn beside(&self, name: String, flat: Tensor<1>) -> Self {
        Self { name, id: self.id, shape: flat.dims().to_vec(), stored: flat, is_transposed: false }
    }

    /// This one moved towards another of the same parameter: 1 − `share` of the one and `share` of the other.
    pub fn moved_towards(&self, other: &Self, share: f64) -> Self {
        let stored = self.stored.clone() * (1.0 - share) + other.stored.clone() * share;
        Self { stored, ..self.clone() }
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.stored.device()
    }

    /// Values that belong to this parameter, such as its gradient, from Burn's flattened layout to PyTorch's.
    pub fn in_torch_layout(&self, burn_flat: Tensor<1>) -> Tensor<1> {
        match *self.shape {
            [rows, columns] if self.is_transposed => {
                burn_flat.reshape([columns, rows]).transpose().reshape([rows * columns])
            }
            _ => burn_flat,
        }
    }

    /// Reads the values from the device.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
    pub async fn read(self) -> Result<(String, Values), ModelError> {
        let data = read_floats(self.in_torch_layout(self.stored.clone())).await?;
        Ok((self.name, Values { shape: self.shape, data }))
    }
}

/// Reads a tensor's values, in row-major order.
///
/// # Errors
/// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
pub async fn read_floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ModelError> {
    let data = tensor.into_data_async().await;
    let data = data.map_err(|error| ModelError::of_device(error.reason(), error.is_device_poisoned()))?;
    data.convert::<f32>().try_into_vec::<f32>().map_err(|error| ModelError::Device(format!("{error:?}")))
}

/// The name of a statistic that batch normalisation keeps beside its parameters; it is not learnt.
pub fn is_buffer(name: &str) -> bool {
    name.ends_with(".running_mean") || name.ends_with(".running_var")
}

/// The transpose of a row-major matrix, row-major.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| (0..rows).map(move |row| values[row * columns + column])).collect()
}

struct Collector<'a> {
    path: ParameterPath<'a>,
    tensors: Vec<NamedTensor>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let is_transposed = self.path.is_transposed();
        let tensor = param.val();
        let mut shape = tensor.dims().to_vec();
        if is_transposed {
            shape.reverse();
        }
        let stored = tensor.reshape([shape.iter().product::<usize>()]);
        self.tensors.push(NamedTensor { name: self.path.name(), id: param.id, shape, stored, is_transposed });
    }
}

/// A parameter that waits for values.
pub(super) struct Slot<'a> {
    /// PyTorch's name.
    pub(super) name: String,
    /// PyTorch's shape.
    shape: &'a [usize],
    /// The type of the layer it belongs to.
    layer: &'a str,
}

/// Replaces every parameter by what `values` gives for it; `None` keeps it.
struct Replacer<'a, F> {
    path: ParameterPath<'a>,
    values: F,
}

impl<F: FnMut(&Slot<'_>) -> Option<Vec<f32>>> ModuleMapper for Replacer<'_, F> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let transposed = self.path.is_transposed();
        let mut shape = param.val().dims();
        if transposed {
            shape.reverse();
        }
        let slot = Slot { name: self.path.name(), shape: &shape, layer: self.path.layer() };
        let Some(values) = (self.values)(&slot) else { return param };
        param.map(|old| {
            let device = old.device();
            // Transposed here and not on the device: products of a strided matrix round differently, and a resumed run
            // would no longer be the run that was never stopped.
            let values = if transposed { transpose(&values, shape[0], shape[1]) } else { values };
            Tensor::<D>::from_data(TensorData::new(values, old.shape()), &device)
                .set_require_grad(old.is_require_grad())
        })
    }
}

/// Every parameter and buffer of a network of such names, in the order of the layers, still on the device.
pub(super) fn named_tensors(network: &impl Module, naming: &Naming) -> Vec<NamedTensor> {
    let mut collector = Collector { path: ParameterPath::new(naming), tensors: Vec::new() };
    network.visit(&mut collector);
    collector.tensors
}

/// A network with the parameters for which `values` gives others.
pub(super) fn map_parameters<N: Module>(
    network: N,
    naming: &Naming,
    values: impl FnMut(&Slot<'_>) -> Option<Vec<f32>>,
) -> N {
    network.map(&mut Replacer { path: ParameterPath::new(naming), values })
}

/// How a backbone was published to draw the parameters of its convolutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initialisation {
    /// As PyTorch's layers do: uniform within ±1/√fan_in (Kaiming with a = √5).
    Torch,
    /// The same, with biases of zero.
    TorchWithoutBiases,
    /// Xavier uniform (Glorot & Bengio 2010), with biases of zero.
    Xavier,
}

/// Draws the parameters as PyTorch's layers initialise theirs: uniform within ±1/√fan_in for the weights and biases
/// of linear layers (Kaiming with a = √5) and, unless the backbone was published otherwise, of convolutions; Xavier
/// uniform for attention's input projection and for filters of bounded norm; zero for attention's biases. Norms and
/// PReLU keep the constants they were built with.
pub(super) fn initialised<N: Module>(network: N, naming: &Naming, seed: u64, convolutions: Initialisation) -> N {
    let mut generator = stream(seed, Purpose::Initialisation, 0);
    // A bias needs the fan-in of the weight, which comes just before it.
    let mut fan_in = 1;
    map_parameters(network, naming, |slot| {
        let elements = slot.shape.iter().product();
        let is_bias = slot.shape.len() == 1;
        let bound = match (slot.layer, convolutions) {
            ("SelfAttention", _) if is_bias => 0.0,
            ("SelfAttention" | "MaxNormFilters", _) => xavier_bound(slot.shape),
            ("Linear", _) if slot.name.ends_with("out_proj.bias") => 0.0,
            ("Conv1d" | "Conv2d", Initialisation::TorchWithoutBiases | Initialisation::Xavier) if is_bias => 0.0,
            ("Conv1d" | "Conv2d", Initialisation::Xavier) => xavier_bound(slot.shape),
            ("Linear" | "Conv1d" | "Conv2d", _) => {
                if !is_bias {
                    fan_in = slot.shape[1..].iter().product();
                }
                1.0 / (fan_in as f64).sqrt()
            }
            _ => return None,
        };
        Some((0..elements).map(|_| (bound * generator.random_range(-1.0..1.0)) as f32).collect())
    })
}

/// The bound of Xavier's uniform distribution for weights `[outputs, inputs, taps…]`.
fn xavier_bound(shape: &[usize]) -> f64 {
    let taps: usize = shape.iter().skip(2).product();
    let ends: usize = shape.iter().take(2).sum();
    (6.0 / (ends * taps) as f64).sqrt()
}
