//! The values of tensors, by PyTorch's names.

use std::collections::BTreeMap;

/// Values of a tensor in PyTorch's layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// As PyTorch has it.
    pub shape: Vec<usize>,
    /// Row-major.
    pub data: Vec<f32>,
}

/// Weights by PyTorch's names.
pub type Weights = BTreeMap<String, Values>;

/// PyTorch's count of batches seen, an integer buffer that only PyTorch reads.
pub(crate) const BATCH_COUNTER: &str = "num_batches_tracked";
