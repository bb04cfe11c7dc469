//! Models. A [`ModelConfig`](crate::config::ModelConfig) and the tasks give a [`MultiTaskClassifier`], which maps images
//! or signals to logits by task. Parameters carry PyTorch's names and layouts when they leave or enter
//! ([`parameters`], [`checkpoint`]); [`summary`] counts layers, parameters and multiply-adds.

pub mod checkpoint;
mod classifier;
pub mod cnn_1d;
pub mod cnn_light;
mod convolution;
mod error;
pub mod layers;
pub mod parameters;
pub mod summary;
pub mod transformer;

pub use classifier::{Backbone, Head, HeadLayer, Input, MultiTaskClassifier, Network, check_shape};
pub use error::ModelError;
pub use layers::Mode;
