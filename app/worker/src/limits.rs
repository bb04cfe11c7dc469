//! What fits. What WebAssembly's memory is far too small for is refused before anybody tries to make it: running out of
//! memory ends the worker.

use signal_studio_core::{
    config::{Backbone, ModelConfig, RunConfig},
    model::summary::{ModelSummary, approximate_parameters},
};

use crate::{
    errors::{Failure, Outcome},
    sample_cache::ROOM,
};

/// Bytes for training on the CPU: WebAssembly's 4 GiB without the samples that are remembered, and without half a GiB
/// for everything else.
const MOST_BYTES: u64 = (4_u64 << 30) - ROOM as u64 - (512_u64 << 20);

/// Learnt values that can be trained in 4 GiB, with their gradients and the optimizer's two moments, and that leave a
/// quarter of it for everything else.
const MOST_PARAMETERS: f64 = 2e8;

/// Refuses a model that cannot be made.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) says what to make smaller.
pub fn must_fit(config: &ModelConfig, tasks: usize) -> Outcome<()> {
    let parameters = approximate_parameters(config, tasks)?;
    if parameters <= MOST_PARAMETERS {
        return Ok(());
    }
    Err(Failure::request(format_args!(
        "this model has about {:.0} million learnt values, and a browser has memory to train about {:.0} million: \
         lower {}",
        parameters / 1e6,
        MOST_PARAMETERS / 1e6,
        sizes_of(config)
    )))
}

/// Refuses batches that the CPU has no memory for, which is WebAssembly's own.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) says what to make smaller.
pub fn batch_must_fit(config: &RunConfig, model: &ModelSummary) -> Outcome<()> {
    let batch_size = config.dataset.batch_size;
    let bytes = model.training_bytes(batch_size);
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    Err(Failure::request(format_args!(
        "training this model with batches of {batch_size} takes about {:.1} GB of memory, and on the CPU a browser has \
         {:.1} GB for it: lower dataset.batch_size, or {}",
        gigabytes(bytes),
        gigabytes(MOST_BYTES),
        sizes_of(&config.model)
    )))
}

/// The keys that decide how large a model is.
fn sizes_of(config: &ModelConfig) -> &'static str {
    match config.backbone {
        Backbone::Transformer => "model.embedding_dim, or hidden_dim, ff_dim or num_layers of model.extras",
        Backbone::CnnLight | Backbone::Cnn1d => "model.embedding_dim or model.layer_repeats",
    }
}
