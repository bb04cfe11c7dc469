//! What fits. What WebAssembly's memory is far too small for is refused before anybody tries to make it: running out of
//! memory ends the worker.

use signal_studio_core::{
    config::{ModelConfig, RunConfig},
    datasets::FeatureShape,
    model::{
        backbones::BackboneNetwork,
        memory::{ROOM_OF_32_BITS, kept_beside, parameter_bytes},
        summary::{ModelSummary, approximate_parameters},
    },
};

use crate::{
    shell::errors::{Failure, Outcome},
    training::sample_cache,
};

// Beside a model and its batches: the samples that are kept, and half a GiB for everything else.
const _: () = assert!(ROOM_OF_32_BITS + sample_cache::ROOM as u64 + (512 << 20) <= 1 << 32);

/// Refuses a model for samples of this shape that cannot even be made, before it is.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) says what to make smaller.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rough count; too large a one saturates")]
pub fn must_be_possible(config: &ModelConfig, tasks: usize, shape: FeatureShape) -> Outcome<()> {
    let parameters = approximate_parameters(config, tasks, shape)? as u64;
    must_have_room(parameters, parameter_bytes(parameters, 0, 0), config)
}

/// Refuses a model that cannot be trained, written and gone on with. On a GPU, too: what is gone on with is read here
/// first.
///
/// # Errors
/// As [`must_be_possible`].
pub fn model_must_fit(config: &RunConfig, model: &ModelSummary) -> Outcome<()> {
    let bytes = model.parameter_bytes(kept_beside(&config.training));
    must_have_room(model.parameters() as u64, bytes, &config.model)
}

fn must_have_room(parameters: u64, bytes: u64, config: &ModelConfig) -> Outcome<()> {
    if bytes <= ROOM_OF_32_BITS {
        return Ok(());
    }
    Err(Failure::request(format_args!(
        "this model has about {:.0} million learnt values, and to train and keep them takes {:.1} GB of memory, of which a \
         browser has {:.1} GB: lower {}",
        parameters as f64 / 1e6,
        gigabytes(bytes),
        gigabytes(ROOM_OF_32_BITS),
        BackboneNetwork::size_keys(config.backbone)
    )))
}

/// Refuses batches that the CPU has no memory for, which is WebAssembly's own.
///
/// # Errors
/// As [`must_be_possible`].
pub fn batch_must_fit(config: &RunConfig, model: &ModelSummary) -> Outcome<()> {
    let batch_size = config.dataset.batch_size;
    let bytes = model.training_bytes(batch_size, kept_beside(&config.training));
    if bytes <= ROOM_OF_32_BITS {
        return Ok(());
    }
    Err(Failure::request(format_args!(
        "training this model with batches of {batch_size} takes about {:.1} GB of memory, and on the CPU a browser has \
         {:.1} GB for it: lower dataset.batch_size, or {}",
        gigabytes(bytes),
        gigabytes(ROOM_OF_32_BITS),
        BackboneNetwork::size_keys(config.model.backbone)
    )))
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}
