//! Checkpoint files: [`Weights`] and text metadata as safetensors bytes, and back. The names are PyTorch's, so that
//! `safetensors.torch.load_file` and `load_state_dict` take what is written here, and the other way round.

use std::collections::{BTreeMap, HashMap};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::parameters::{BATCH_COUNTER, Values, Weights};

/// Text that travels with the weights.
pub type Metadata = BTreeMap<String, String>;

/// Metadata key of the resolved run config, as JSON.
pub const CONFIG_KEY: &str = "config";
/// Metadata key of the tasks with their classes, as JSON.
pub const TASKS_KEY: &str = "tasks";

/// A checkpoint that cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The bytes are not safetensors, or are cut short.
    #[error("not a readable safetensors file: {reason}")]
    Malformed {
        /// What the format's reader says.
        reason: String,
    },
    /// A tensor holds something else than floating-point numbers.
    #[error("tensor `{name}` has the type {found}; only F16, BF16, F32 and F64 can be weights")]
    NotFloat {
        /// The tensor's name.
        name: String,
        /// Its type.
        found: String,
    },
}

/// Encodes weights; `batches` is the number of training batches seen, which PyTorch's batch normalisation counts.
///
/// # Errors
/// [`CheckpointError::Malformed`] when a shape does not fit its values.
pub fn encode(weights: &Weights, metadata: &Metadata, batches: u64) -> Result<Vec<u8>, CheckpointError> {
    let malformed = |error: safetensors::SafeTensorError| CheckpointError::Malformed { reason: error.to_string() };
    let counter = (batches as i64).to_le_bytes();
    let bytes: Vec<(&String, &Values, Vec<u8>)> = weights
        .iter()
        .map(|(name, values)| (name, values, values.data.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let mut views = Vec::with_capacity(bytes.len());
    for (name, values, bytes) in &bytes {
        let view = TensorView::new(Dtype::F32, values.shape.clone(), bytes).map_err(malformed)?;
        views.push(((*name).clone(), view));
        if let Some(layer) = name.strip_suffix("running_mean") {
            let view = TensorView::new(Dtype::I64, vec![], &counter).map_err(malformed)?;
            views.push((format!("{layer}{BATCH_COUNTER}"), view));
        }
    }
    // What PyTorch's own tools write, and some insist on.
    let mut info: HashMap<String, String> = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    info.extend(metadata.iter().map(|(key, value)| (key.clone(), value.clone())));
    safetensors::serialize(views, Some(info)).map_err(malformed)
}

/// Decodes a file. PyTorch's batch counters are left out: nothing here depends on them.
///
/// # Errors
/// [`CheckpointError`] when the bytes are not safetensors, or a tensor does not hold floating-point numbers.
pub fn decode(bytes: &[u8]) -> Result<(Weights, Metadata), CheckpointError> {
    let malformed = |error: safetensors::SafeTensorError| CheckpointError::Malformed { reason: error.to_string() };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
    let metadata = header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    let file = SafeTensors::deserialize(bytes).map_err(malformed)?;
    let mut weights = Weights::new();
    for (name, view) in file.iter() {
        if name.ends_with(BATCH_COUNTER) {
            continue;
        }
        let data = floats(view.dtype(), view.data())
            .ok_or_else(|| CheckpointError::NotFloat { name: name.to_owned(), found: format!("{:?}", view.dtype()) })?;
        weights.insert(name.to_owned(), Values { shape: view.shape().to_vec(), data });
    }
    Ok((weights, metadata))
}

/// The tasks a checkpoint was trained for, if its metadata says.
pub fn tasks(metadata: &Metadata) -> Option<Vec<crate::labels::TaskSpec>> {
    serde_json::from_str(metadata.get(TASKS_KEY)?).ok()
}

fn floats(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks().0.iter().map(|chunk| value(*chunk)).collect()
    }
    Some(match dtype {
        Dtype::F32 => each(bytes, f32::from_le_bytes),
        Dtype::F64 => each(bytes, |chunk| f64::from_le_bytes(chunk) as f32),
        Dtype::F16 => each(bytes, |chunk| burn::tensor::f16::from_le_bytes(chunk).to_f32()),
        Dtype::BF16 => each(bytes, |chunk| burn::tensor::bf16::from_le_bytes(chunk).to_f32()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weights() -> Weights {
        Weights::from([
            ("backbone.blocks.0.0.running_mean".to_owned(), Values { shape: vec![2], data: vec![0.5, -1.5] }),
            ("heads.age.net.2.weight".to_owned(), Values { shape: vec![1, 3], data: vec![1.0, 2.0, 3.0] }),
        ])
    }

    #[test]
    fn weights_and_metadata_come_back() {
        let metadata = Metadata::from([("epoch".to_owned(), "3".to_owned())]);
        let bytes = encode(&weights(), &metadata, 12).unwrap();
        let (back, info) = decode(&bytes).unwrap();
        assert_eq!(back, weights());
        assert_eq!(info["epoch"], "3");
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let counter = file.tensor("backbone.blocks.0.0.num_batches_tracked").unwrap();
        assert_eq!((counter.dtype(), counter.data()), (Dtype::I64, &12_i64.to_le_bytes()[..]));
    }

    #[test]
    fn integers_are_no_weights() {
        let bytes = 7_i64.to_le_bytes();
        let view = TensorView::new(Dtype::I64, vec![1], &bytes).unwrap();
        let file = safetensors::serialize([("count", view)], None).unwrap();
        let expected = CheckpointError::NotFloat { name: "count".to_owned(), found: "I64".to_owned() };
        assert_eq!(decode(&file), Err(expected));
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_error_or_weights(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_file_cut_short_is_an_error(keep in 0.0..1.0_f64) {
            let bytes = encode(&weights(), &Metadata::new(), 0).unwrap();
            prop_assert!(decode(&bytes[..(bytes.len() as f64 * keep) as usize]).is_err());
        }
    }
}
