//! What fits. A model's config flows in; a refusal flows out when the model is far too large for WebAssembly's memory,
//! before anybody tries to make it: running out of memory ends the worker.

use signal_studio_core::{
    config::{Backbone, ModelConfig},
    model::summary::approximate_parameters,
};

use crate::errors::{Failure, Outcome};

/// Learnt values that can be trained in 4 GiB, with their gradients and the optimizer's two moments, and that leave a
/// quarter of it for everything else.
const MOST_PARAMETERS: f64 = 2e8;

/// Refuses a model that cannot be made.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app::protocol::FaultKind::Request) says what to make smaller.
pub fn must_fit(config: &ModelConfig, tasks: usize) -> Outcome<()> {
    let parameters = approximate_parameters(config, tasks)?;
    if parameters <= MOST_PARAMETERS {
        return Ok(());
    }
    let what = match config.backbone {
        Backbone::Transformer => "model.embedding_dim, or hidden_dim, ff_dim or num_layers of model.extras",
        Backbone::CnnLight | Backbone::Cnn1d => "model.embedding_dim or model.layer_repeats",
    };
    Err(Failure::request(format_args!(
        "this model has about {:.0} million learnt values, and a browser has memory to train about {:.0} million: \
         lower {what}",
        parameters / 1e6,
        MOST_PARAMETERS / 1e6
    )))
}
