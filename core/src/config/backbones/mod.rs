//! What run files say of the backbones: their words, the samples that they take, and the keys of their own. Each has a
//! file here for that; its layers are in the file of the same name in [`model::backbones`](crate::model::backbones).

mod band_power;
mod cnn_1d;
mod cnn_light;
mod deep4net;
mod eeg_conformer;
mod eegnet;
mod facts;
mod pool_mode;
mod shallow_fbcsp_net;
mod transformer;

use serde_json::Value;

pub(super) use self::facts::{Facts, Sizes};
pub use self::{
    band_power::BandPowerConfig,
    deep4net::Deep4NetConfig,
    eeg_conformer::EegConformerConfig,
    eegnet::EegNetConfig,
    pool_mode::PoolMode,
    shallow_fbcsp_net::ShallowFbcspNetConfig,
    transformer::{Pooling, TransformerConfig},
};
use super::{
    fields::Fields,
    keys::KeyDoc,
    table::{ConfigTable, Declaration},
};
use crate::named::named_enum;

/// The list of all backbones, given to another macro: the type, the word in run files (and other words for the same), the
/// files that describe it, and its own keys if it has any.
macro_rules! for_each_backbone {
    ($macro:ident) => {
        $macro! {
            /// Convolutions over a spectrogram image, `[batch, channels, height, width]`.
            CnnLight = "cnn_light" in cnn_light,
            /// Convolutions along a multi-channel window, `[batch, channels, samples]`.
            Cnn1d = "cnn_1d" | "cnn_1d_light" in cnn_1d,
            /// Self-attention over the columns of an image or the samples of a window, `[batch, sequence, features]`.
            Transformer = "transformer" in transformer with TransformerConfig,
            /// Filters in time and space and the log power of what passes them, `[batch, channels, samples]`
            /// (Schirrmeister et al. 2017).
            ShallowFbcspNet = "shallow_fbcsp_net" in shallow_fbcsp_net with ShallowFbcspNetConfig,
            /// Few filters in time, few of space for each, and a separable convolution, `[batch, channels, samples]`
            /// (Lawhern et al. 2018).
            EegNet = "eegnet" in eegnet with EegNetConfig,
            /// Filters in time and space and three blocks of convolutions, `[batch, channels, samples]`
            /// (Schirrmeister et al. 2017).
            Deep4Net = "deep4net" in deep4net with Deep4NetConfig,
            /// Filters in time and space, and self-attention over what passes them, `[batch, channels, samples]`
            /// (Song et al. 2023).
            EegConformer = "eeg_conformer" in eeg_conformer with EegConformerConfig,
            /// Log power in five bands and linear heads that are fitted at once, `[batch, channels, samples]`.
            BandPower = "band_power" in band_power with BandPowerConfig,
        }
    };
}

/// Declares the words of the backbones, and [`ModelExtras`].
macro_rules! declare {
    ($(
        $(#[$meta:meta])*
        $name:ident = $word:literal $(| $alias:literal)* in $file:ident $(with $extras:ident)?,
    )+) => {
        named_enum! {
            /// The network shared by all tasks.
            pub enum Backbone {
                $($(#[$meta])* $name = $word $(| $alias)*),+
            }
        }

        impl Backbone {
            /// Whether it is fitted at once, with heads of one layer, rather than learnt by gradients.
            #[must_use]
            pub fn is_fitted(self) -> bool {
                self.facts().is_fitted
            }

            /// What a run file may say of it.
            pub(super) fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$name => &$file::FACTS),+
                }
            }
        }

        /// What `[model.extras]` says: the keys of the backbones' own.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct ModelExtras {
            $($(
                #[doc = concat!("What [`", stringify!($extras), "`] has, for `", $word, "`.")]
                pub $file: $extras,
            )?)+
        }

        impl ModelExtras {
            /// Adds the keys of every backbone to a list.
            fn list(keys: &mut Vec<KeyDoc>) {
                $($(list_of::<$extras>(Backbone::$name, keys);)?)+
            }

            /// What a file says of them with this backbone.
            fn read(fields: &Fields<'_>, backbone: Backbone) -> Self {
                let mut extras = Self::default();
                $($(if is_written(Backbone::$name, backbone) {
                    extras.$file = $extras::read(fields).unwrap_or_default();
                })?)+
                extras
            }

            /// Writes those that a run with this backbone has.
            fn write(&self, file: &mut Value, backbone: Backbone) {
                $($(if is_written(Backbone::$name, backbone) {
                    $extras::write(&self.$file, file);
                })?)+
            }
        }
    };
}

for_each_backbone!(declare);

fn list_of<T: ConfigTable>(owner: Backbone, keys: &mut Vec<KeyDoc>) {
    let mut own = Vec::new();
    T::list(&mut own);
    keys.extend(own.into_iter().map(|key| KeyDoc { backbone: Some(owner.as_str()), ..key }));
}

/// Whether a run with the backbone `of_run` reads and writes the keys of `owner`: those of its own, so that two backbones
/// can have keys of one name. Where it has none, the transformer's are written, as they always were.
fn is_written(owner: Backbone, of_run: Backbone) -> bool {
    owner == of_run || owner == Backbone::Transformer && own_keys(of_run).is_empty()
}

/// The paths of the keys that a backbone has of its own.
pub(super) fn own_keys(backbone: Backbone) -> Vec<&'static str> {
    let mut keys = Vec::new();
    ModelExtras::list(&mut keys);
    keys.iter().filter(|key| key.backbone == Some(backbone.as_str())).map(|key| key.path).collect()
}

/// The keys of the backbone that another key of the file names.
pub(super) struct ExtrasOf(pub &'static str);

impl Declaration<ModelExtras> for ExtrasOf {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        ModelExtras::list(keys);
    }

    fn read(&self, fields: &Fields<'_>, default: ModelExtras) -> ModelExtras {
        fields.choice(self.0).map_or(default, |backbone| ModelExtras::read(fields, backbone))
    }

    fn write(&self, value: &ModelExtras, file: &mut Value) {
        let word = file.pointer(&format!("/{}", self.0.replace('.', "/"))).and_then(Value::as_str);
        if let Some(backbone) = word.and_then(|word| word.parse().ok()) {
            value.write(file, backbone);
        }
    }
}

#[cfg(feature = "engine")]
pub(crate) use for_each_backbone;
