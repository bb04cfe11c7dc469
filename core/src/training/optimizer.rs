//! Parameter updates as PyTorch's AdamW, Adam and SGD compute them, and clipping of the gradient's norm.
//!
//! Own code rather than Burn's optimizers: their state can only be read from the device synchronously, which a browser
//! cannot do, and goes by random identities instead of names, so a run could not be resumed from it.

use std::collections::HashMap;

use burn::{
    module::{Module, ModuleMapper, Param, ParamId},
    optim::GradientsParams,
    tensor::{Tensor, TensorData},
};

use crate::{
    config::{OptimizerConfig, OptimizerName},
    model::{
        MultiTaskClassifier,
        parameters::{NamedTensor, Values, Weights, is_buffer},
    },
};

/// Added to Adam's denominator.
const EPSILON: f64 = 1e-8;
/// Share of the old velocity that SGD keeps.
const MOMENTUM: f64 = 0.9;
/// Added to a norm before dividing by it, as `torch.nn.utils.clip_grad_norm_` does.
const CLIP_EPSILON: f64 = 1e-6;

/// Name of the first moment (SGD: the velocity) of a parameter in a saved state, before the parameter's own name.
const FIRST_MOMENT: &str = "exp_avg";
/// Name of the second moment.
const SECOND_MOMENT: &str = "exp_avg_sq";

/// What an optimizer remembers of a parameter, flattened in the layout of Burn's parameter.
#[derive(Debug, Clone)]
struct Moments {
    first: Tensor<1>,
    second: Option<Tensor<1>>,
}

/// An optimizer with its state.
#[derive(Debug, Clone)]
pub struct Optimizer {
    config: OptimizerConfig,
    updates: u64,
    moments: HashMap<ParamId, Moments>,
}

/// The gradients of one step, by parameter.
pub struct Gradients {
    by_parameter: HashMap<ParamId, Tensor<1>>,
    /// L2 norm over all of them before clipping, `[1]`.
    pub norm: Tensor<1>,
}

impl Gradients {
    /// Computes the gradients of a loss, `[1]`, and scales them down to the norm `clip` if it is exceeded. Nothing is
    /// read from the device. `None` when the loss depends on no parameter.
    pub fn new(loss: &Tensor<1>, model: &MultiTaskClassifier, clip: Option<f64>) -> Option<Self> {
        let mut sum = GradientSum::default();
        sum.add(loss, model);
        sum.clipped(clip)
    }

    /// The gradient of the parameter with this name, flattened in PyTorch's layout.
    pub fn named(&self, model: &MultiTaskClassifier, name: &str) -> Option<Tensor<1>> {
        let parameter = model.named_tensors().into_iter().find(|parameter| parameter.name == name)?;
        let gradient = self.by_parameter.get(&parameter.id)?.clone();
        Some(parameter.in_torch_layout(gradient))
    }
}

/// The gradients of several losses, added up.
#[derive(Default)]
pub struct GradientSum {
    by_parameter: HashMap<ParamId, Tensor<1>>,
    /// Norms are taken in this order, so that they repeat.
    order: Vec<ParamId>,
}

impl GradientSum {
    /// Adds the gradients of a loss, `[1]`. Nothing is read from the device.
    pub fn add(&mut self, loss: &Tensor<1>, model: &MultiTaskClassifier) {
        let mut gradients = GradientsParams::from_grads(loss.backward(), model.network());
        model.network().visit(&mut GradientCollector { gradients: &mut gradients, sum: self });
    }

    /// The sum, scaled down to the norm `clip` if it is exceeded. `None` when the losses depend on no parameter.
    pub fn clipped(self, clip: Option<f64>) -> Option<Gradients> {
        let Self { mut by_parameter, order } = self;
        let squares =
            order.iter().filter_map(|id| by_parameter.get(id)).map(|gradient| gradient.clone().square().sum());
        let norm = squares.reduce(Tensor::add)?.sqrt();
        if let Some(clip) = clip {
            let scale = (norm.clone() + CLIP_EPSILON).recip().mul_scalar(clip).clamp_max(1.0);
            for gradient in by_parameter.values_mut() {
                *gradient = gradient.clone().mul(scale.clone());
            }
        }
        Some(Gradients { by_parameter, norm })
    }
}

struct GradientCollector<'a> {
    gradients: &'a mut GradientsParams,
    sum: &'a mut GradientSum,
}

impl burn::module::ModuleVisitor for GradientCollector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let elements = gradient.shape().num_elements();
            let gradient = gradient.reshape([elements]);
            let sum = match self.sum.by_parameter.remove(&param.id) {
                Some(earlier) => earlier + gradient,
                None => {
                    self.sum.order.push(param.id);
                    gradient
                }
            };
            self.sum.by_parameter.insert(param.id, sum);
        }
    }
}

impl Optimizer {
    /// An optimizer that has not seen a gradient.
    pub fn new(config: &OptimizerConfig) -> Self {
        Self { config: config.clone(), updates: 0, moments: HashMap::new() }
    }

    /// The model after one update with this learning rate, and this momentum instead of the optimizer's own: of Adam and
    /// AdamW, the decay rate of the first moment.
    pub fn step(
        &mut self,
        model: MultiTaskClassifier,
        gradients: Gradients,
        learning_rate: f64,
        momentum: Option<f64>,
    ) -> MultiTaskClassifier {
        self.updates += 1;
        let mut update = Update { optimizer: self, gradients: gradients.by_parameter, learning_rate, momentum };
        model.map_network(|network| network.map(&mut update))
    }

    /// The new value of a parameter, `[elements]`.
    fn update(
        &mut self,
        id: ParamId,
        value: Tensor<1>,
        gradient: Tensor<1>,
        learning_rate: f64,
        momentum: Option<f64>,
    ) -> Tensor<1> {
        let OptimizerConfig { name, weight_decay, betas: [beta1, beta2], .. } = self.config;
        let beta1 = momentum.unwrap_or(beta1);
        let decays = weight_decay != 0.0;
        let (value, gradient) = match name {
            OptimizerName::AdamW if decays => (value * (1.0 - learning_rate * weight_decay), gradient),
            OptimizerName::Adam | OptimizerName::Sgd if decays => {
                let gradient = gradient + value.clone() * weight_decay;
                (value, gradient)
            }
            _ => (value, gradient),
        };
        let old = self.moments.remove(&id);
        let (moments, delta) = if name == OptimizerName::Sgd {
            let velocity = match old {
                Some(old) => old.first * momentum.unwrap_or(MOMENTUM) + gradient,
                None => gradient,
            };
            (Moments { first: velocity.clone(), second: None }, velocity)
        } else {
            let squared = gradient.clone().square() * (1.0 - beta2);
            let scaled = gradient * (1.0 - beta1);
            let (first, second) = match old {
                Some(Moments { first, second: Some(second) }) => (first * beta1 + scaled, second * beta2 + squared),
                _ => (scaled, squared),
            };
            let updates = self.updates as f64;
            let correction1 = 1.0 - beta1.powf(updates);
            let correction2 = 1.0 - beta2.powf(updates);
            let denominator = (second.clone() * (1.0 / correction2)).sqrt() + EPSILON;
            let delta = (first.clone() * (1.0 / correction1)) / denominator;
            (Moments { first, second: Some(second) }, delta)
        };
        self.moments.insert(id, moments);
        value - delta * learning_rate
    }

    /// The state by the parameters' names, in their flattened Burn layout, for [`Self::with_state`]. Nothing is read from
    /// the device yet.
    pub fn state(&self, model: &MultiTaskClassifier) -> Vec<NamedTensor> {
        let mut state = Vec::new();
        for parameter in model.named_tensors() {
            let Some(Moments { first, second }) = self.moments.get(&parameter.id) else { continue };
            let parts = [(FIRST_MOMENT, Some(first)), (SECOND_MOMENT, second.as_ref())];
            state.extend(parts.into_iter().filter_map(|(kind, moment)| {
                Some(parameter.beside(format!("{kind}.{}", parameter.name), moment?.clone()))
            }));
        }
        state
    }

    /// The optimizer as [`Self::state`] saw it after this many updates. `None` when the state is another model's.
    pub fn with_state(mut self, model: &MultiTaskClassifier, mut state: Weights, updates: u64) -> Option<Self> {
        self.updates = updates;
        for parameter in model.named_tensors().iter().filter(|tensor| !is_buffer(&tensor.name)) {
            let device = parameter.device().inner();
            let elements: usize = parameter.shape.iter().product();
            let mut moment = |kind: &str| -> Option<Option<Tensor<1>>> {
                match state.remove(&format!("{kind}.{}", parameter.name)) {
                    None => Some(None),
                    Some(Values { data, .. }) if data.len() == elements => {
                        Some(Some(Tensor::from_data(TensorData::new(data, [elements]), &device)))
                    }
                    Some(_) => None,
                }
            };
            let (first, second) = (moment(FIRST_MOMENT)?, moment(SECOND_MOMENT)?);
            if let Some(first) = first {
                self.moments.insert(parameter.id, Moments { first, second });
            }
        }
        state.is_empty().then_some(self)
    }
}

struct Update<'a> {
    optimizer: &'a mut Optimizer,
    gradients: HashMap<ParamId, Tensor<1>>,
    learning_rate: f64,
    momentum: Option<f64>,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove(&param.id) else { return param };
        let id = param.id;
        param.map(|value| {
            let shape = value.shape();
            let flat = value.inner().reshape([shape.num_elements()]);
            let updated = self.optimizer.update(id, flat, gradient, self.learning_rate, self.momentum);
            Tensor::from_inner(updated.reshape(shape)).require_grad()
        })
    }
}
