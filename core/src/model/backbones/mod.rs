//! The layers of the backbones. Each is a file with a type that implements [`EmbeddingNetwork`]. The list of them, and
//! what run files say of each, is in `config::backbones`, which needs no engine.

mod band_power;
mod cnn_1d;
mod cnn_light;
mod deep4net;
mod eeg_conformer;
mod eegnet;
mod embedding_network;
mod shallow_fbcsp_net;
mod transformer;

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

pub use self::embedding_network::EmbeddingNetwork;
use super::{
    ModelError,
    input::Input,
    layer_lines::LayerLines,
    layers::{BatchNorm, Mode},
    parameters::Initialisation,
};
use crate::{
    config::{Backbone, HeadKind, ModelConfig, backbones::for_each_backbone},
    datasets::FeatureShape,
};

/// Declares [`BackboneNetwork`].
macro_rules! networks {
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal $(| $alias:literal)* in $file:ident $(with $extras:ident)?,
    )+) => {
        /// One of the backbones.
        #[derive(Module, Debug)]
        #[expect(clippy::large_enum_variant, reason = "a model has one")]
        pub enum BackboneNetwork {
            $($(#[$doc])* $name($file::$name)),+
        }

        impl BackboneNetwork {
            /// Builds the backbone that a config names for samples of this shape, with parameters yet to be set.
            ///
            /// # Errors
            /// As [`EmbeddingNetwork::new`].
            pub fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
                Ok(match config.backbone {
                    $(Backbone::$name => Self::$name($file::$name::new(config, sample, device)?)),+
                })
            }

            /// See [`EmbeddingNetwork::embedding_shape`].
            ///
            /// # Errors
            /// As there.
            pub fn embedding_shape(config: &ModelConfig, sample: FeatureShape) -> Result<Vec<usize>, ModelError> {
                match config.backbone {
                    $(Backbone::$name => $file::$name::embedding_shape(config, sample)),+
                }
            }

            /// See [`EmbeddingNetwork::LAST_LAYER`].
            #[must_use]
            pub fn last_layer(backbone: Backbone) -> Option<&'static str> {
                match backbone {
                    $(Backbone::$name => $file::$name::LAST_LAYER),+
                }
            }

            /// See [`EmbeddingNetwork::INITIALISATION`].
            #[must_use]
            pub fn initialisation(backbone: Backbone) -> Initialisation {
                match backbone {
                    $(Backbone::$name => $file::$name::INITIALISATION),+
                }
            }

            /// See [`EmbeddingNetwork::fits`].
            ///
            /// # Errors
            /// As there.
            pub fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
                match config.backbone {
                    $(Backbone::$name => $file::$name::fits(config, shape)),+
                }
            }

            /// See [`EmbeddingNetwork::approximate_parameters`].
            ///
            /// # Errors
            /// As there.
            pub fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError> {
                match config.backbone {
                    $(Backbone::$name => $file::$name::approximate_parameters(config, sample)),+
                }
            }

            /// See [`EmbeddingNetwork::SIZE_KEYS`].
            #[must_use]
            pub fn size_keys(backbone: Backbone) -> &'static str {
                match backbone {
                    $(Backbone::$name => $file::$name::SIZE_KEYS),+
                }
            }

            /// See [`EmbeddingNetwork::embed`].
            ///
            /// # Errors
            /// As there.
            pub fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
                match self {
                    $(Self::$name(network) => network.embed(input, mode)),+
                }
            }

            /// See [`EmbeddingNetwork::describe`].
            ///
            /// # Errors
            /// As there.
            pub fn describe(
                &self,
                config: &ModelConfig,
                shape: FeatureShape,
                lines: &mut LayerLines,
            ) -> Result<(), ModelError> {
                match self {
                    $(Self::$name(network) => network.describe(config, shape, lines)),+
                }
            }

            /// See [`EmbeddingNetwork::batch_norms`].
            pub fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
                match self {
                    $(Self::$name(network) => network.batch_norms()),+
                }
            }
        }
    };
}

impl BackboneNetwork {
    /// The heads of a model: those that its config names, or those that its backbone was published with.
    #[must_use]
    pub fn head_kind(config: &ModelConfig) -> HeadKind {
        if config.backbone.is_fitted() {
            return HeadKind::Linear;
        }
        let published = if Self::last_layer(config.backbone).is_some() { HeadKind::Linear } else { HeadKind::Mlp };
        config.head.unwrap_or(published)
    }
}

for_each_backbone!(networks);
