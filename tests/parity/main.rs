//! The models, their losses and gradients against numbers that PyTorch computed.

mod field_models;
mod reference;

use std::path::Path;

use burn::tensor::Tensor;
use pollster::block_on;
use signal_studio_core::{
    model::{
        checkpoint,
        parameters::{Weights, read_floats},
    },
    storage::MemoryStorage,
};

fn read(folder: &Path, file: &str) -> Weights {
    read_bytes(std::fs::read(folder.join(file)).unwrap())
}

fn read_bytes(bytes: Vec<u8>) -> Weights {
    block_on(checkpoint::read(&MemoryStorage::with_files([("weights", bytes)]), "weights")).unwrap().0
}

/// Largest difference relative to the largest value expected.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0.0_f32, |scale, value| scale.max(value.abs()));
    let error = found.iter().zip(expected).fold(0.0_f32, |error, (a, b)| error.max((a - b).abs()));
    assert!(error.is_finite());
    if error == 0.0 { 0.0 } else { error / scale }
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    block_on(read_floats(tensor)).unwrap()
}
