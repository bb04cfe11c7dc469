//! Models. A [`ModelConfig`](crate::config::ModelConfig) and the tasks give a [`MultiTaskClassifier`], which maps images
//! or signals to logits by task. Parameters carry PyTorch's names and layouts when they leave or enter
//! ([`parameters`], [`checkpoint`]); [`summary`] counts layers, parameters and multiply-adds.

mod attention;
pub mod backbones;
mod classifier;
mod convolution;
mod error;
mod head;
mod input;
mod layer_lines;
pub mod layers;
pub mod memory;
mod naming;
pub mod parameters;
mod rows;
pub mod summary;
mod time;
mod weights;

pub use crate::checkpoint;
pub use classifier::{MultiTaskClassifier, Network, check_shape};
pub use error::ModelError;
pub use head::Head;
pub use input::Input;
pub use layers::Mode;
