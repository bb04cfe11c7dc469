//! Parameters by name. Burn's modules hold linear weights as `[in, out]` and call a norm's weights gamma and beta;
//! PyTorch holds `[out, in]` and calls them weight and bias. Here both meet: what leaves carries PyTorch's names and
//! layouts, what enters is checked against the model and turned back, and initialisation draws what PyTorch would.

use std::collections::BTreeMap;

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId},
    tensor::{Device, Int, Tensor, TensorData},
};
use rand::RngExt;

use super::ModelError;
use crate::random::{Purpose, stream};

/// Values of a tensor in PyTorch's layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// As PyTorch has it.
    pub shape: Vec<usize>,
    /// Row-major.
    pub data: Vec<f32>,
}

/// Weights by PyTorch's names.
pub type Weights = BTreeMap<String, Values>;

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

/// Reads counts, in row-major order.
///
/// # Errors
/// As [`read_floats`].
pub async fn read_counts<const D: usize>(tensor: Tensor<D, Int>) -> Result<Vec<u64>, ModelError> {
    let data = tensor.into_data_async().await;
    let data = data.map_err(|error| ModelError::of_device(error.reason(), error.is_device_poisoned()))?;
    let counts = data.convert::<i64>().try_into_vec::<i64>();
    let counts = counts.map_err(|error| ModelError::Device(format!("{error:?}")))?;
    Ok(counts.into_iter().map(i64::unsigned_abs).collect())
}

/// The name of a statistic that batch normalisation keeps beside its parameters; it is not learnt.
pub fn is_buffer(name: &str) -> bool {
    name.ends_with(".running_mean") || name.ends_with(".running_var")
}

/// PyTorch's count of batches seen, an integer buffer that only PyTorch reads.
pub(super) const BATCH_COUNTER: &str = "num_batches_tracked";

/// Where a visitor or mapper is in a module, and what that is called.
struct ParameterPath<'a> {
    tasks: &'a [String],
    fields: Vec<String>,
    containers: Vec<String>,
}

impl<'a> ParameterPath<'a> {
    fn new(tasks: &'a [String]) -> Self {
        Self { tasks, fields: Vec::new(), containers: Vec::new() }
    }

    fn enter(&mut self, field: &str, container: &str) {
        self.fields.push(field.to_owned());
        self.containers.push(container.to_owned());
    }

    fn exit(&mut self) {
        self.fields.pop();
        self.containers.pop();
    }

    /// The type of the layer that the parameter belongs to.
    fn layer(&self) -> &str {
        self.containers.last().and_then(|last| last.strip_prefix("Struct:")).unwrap_or_default()
    }

    /// Linear weights are transposed between the two.
    fn is_transposed(&self) -> bool {
        self.layer() == "Linear" && self.fields.last().is_some_and(|field| field == "weight")
    }

    fn name(&self) -> String {
        // A variant of an enum is no part of the name; a head goes by its task.
        let mut segments: Vec<&str> = self
            .fields
            .iter()
            .zip(&self.containers)
            .filter(|(_, container)| !container.starts_with("Enum:"))
            .map(|(field, _)| field.as_str())
            .collect();
        if let ["heads", index, layer, ..] = segments.as_mut_slice() {
            if let Some(task) = index.parse().ok().and_then(|index: usize| self.tasks.get(index)) {
                *index = task;
            }
            // A head is an `nn.Sequential` in the reference, with its activation between the two.
            *layer = match *layer {
                "hidden" => "net.0",
                "output" => "net.2",
                other => other,
            };
        }
        if let Some(last) = segments.last_mut() {
            *last = match *last {
                "gamma" | "alpha" => "weight",
                "beta" => "bias",
                other => other,
            };
        }
        segments.join(".")
    }
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

/// Every parameter and buffer of a network with heads for these tasks, in the order of the layers, still on the device.
pub(super) fn named_tensors(network: &impl Module, tasks: &[String]) -> Vec<NamedTensor> {
    let mut collector = Collector { path: ParameterPath::new(tasks), tensors: Vec::new() };
    network.visit(&mut collector);
    collector.tensors
}

/// A network with the parameters for which `values` gives others.
pub(super) fn map_parameters<N: Module>(
    network: N,
    tasks: &[String],
    values: impl FnMut(&Slot<'_>) -> Option<Vec<f32>>,
) -> N {
    network.map(&mut Replacer { path: ParameterPath::new(tasks), values })
}

/// Draws the parameters as PyTorch's layers initialise theirs: uniform within ±1/√fan_in for the weights and biases
/// of convolutions and linear layers (Kaiming with a = √5), Xavier uniform for attention's input projection, zero
/// for attention's biases. Norms and PReLU keep the constants they were built with.
pub(super) fn initialised<N: Module>(network: N, tasks: &[String], seed: u64) -> N {
    let mut generator = stream(seed, Purpose::Initialisation, 0);
    // A bias needs the fan-in of the weight, which comes just before it.
    let mut fan_in = 1;
    map_parameters(network, tasks, |slot| {
        let elements = slot.shape.iter().product();
        let bound = match (slot.layer, slot.shape) {
            ("SelfAttention", [outputs, inputs]) => (6.0 / (outputs + inputs) as f64).sqrt(),
            ("SelfAttention", _) => 0.0,
            ("Linear", [_]) if slot.name.ends_with("out_proj.bias") => 0.0,
            ("Linear" | "Conv1d" | "Conv2d", shape) => {
                if let [_, rest @ ..] = shape
                    && !rest.is_empty()
                {
                    fan_in = rest.iter().product();
                }
                1.0 / (fan_in as f64).sqrt()
            }
            _ => return None,
        };
        Some((0..elements).map(|_| (bound * generator.random_range(-1.0..1.0)) as f32).collect())
    })
}
