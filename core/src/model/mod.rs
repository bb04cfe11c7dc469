//! Models. A [`ModelConfig`](crate::config::ModelConfig) and the tasks give a [`MultiTaskClassifier`], which maps images
//! or signals to logits by task. Parameters carry PyTorch's names and layouts when they leave or enter
//! ([`parameters`], [`checkpoint`]); [`summary`] counts layers, parameters and multiply-adds.

pub mod backbones;
pub mod checkpoint;
mod classifier;
mod convolution;
mod error;
mod input;
mod layer_lines;
pub mod layers;
pub mod memory;
pub mod parameters;
mod rows;
pub mod summary;
mod weights;

pub use classifier::{Head, MultiTaskClassifier, Network, check_shape};
pub use error::ModelError;
pub use input::Input;
pub use layers::Mode;
