//! Weights from a file: safetensors, or what PyTorch's `torch.save` writes.

use std::{ffi::OsStr, fmt::Display, fs::File, io::Read, path::Path};

use burn::{
    store::pytorch_reader::{DType, PytorchReader, Tensor},
    tensor::{bf16, f16},
};
use signal_studio_core::model::{
    checkpoint::{self, CheckpointError, Contents, Metadata},
    parameters::{FIRST_WORDS, Values, Weights},
};

use crate::{failure::Failure, storage::DiskStorage};

/// PyTorch's count of batches seen, an integer that nothing here depends on.
const BATCH_COUNTER: &str = "num_batches_tracked";

/// Reads a checkpoint, whichever of the two formats its content is.
pub fn read(path: &Path) -> Result<(Weights, Metadata), Failure> {
    if is_safetensors(path)? {
        return safetensors(path, |storage, name| pollster::block_on(checkpoint::read(storage, name)));
    }
    let reader = PytorchReader::new(path).map_err(|error| unreadable(path, &error))?;
    let mut weights = Weights::new();
    for (name, tensor) in weights_of(&reader).map_err(|reason| unreadable(path, &reason))? {
        let bytes = tensor.read().map_err(|error| unreadable(path, &error))?;
        let data = floats(tensor.dtype(), &bytes);
        weights.insert(name.to_owned(), Values { shape: tensor.shape().to_vec(), data });
    }
    Ok((weights, Metadata::new()))
}

/// Reads what [`read`] would give, without the values.
pub fn read_contents(path: &Path) -> Result<Contents, Failure> {
    if is_safetensors(path)? {
        return safetensors(path, |storage, name| pollster::block_on(checkpoint::read_contents(storage, name)));
    }
    let reader = PytorchReader::new(path).map_err(|error| unreadable(path, &error))?;
    let weights = weights_of(&reader).map_err(|reason| unreadable(path, &reason))?;
    let shapes = weights.into_iter().map(|(name, tensor)| (name.to_owned(), tensor.shape().to_vec())).collect();
    Ok(Contents { shapes, metadata: Metadata::new() })
}

/// Safetensors start with the length of a JSON header; PyTorch's containers have no brace there.
fn is_safetensors(path: &Path) -> Result<bool, Failure> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(9).read_to_end(&mut head));
    read.map_err(|error| unreadable(path, &error))?;
    Ok(head.get(8) == Some(&b'{'))
}

fn safetensors<T>(path: &Path, read: impl Fn(&DiskStorage, &str) -> Result<T, CheckpointError>) -> Result<T, Failure> {
    let name = path.file_name().and_then(OsStr::to_str).ok_or_else(|| unreadable(path, &"its name is no text"))?;
    read(&DiskStorage::new(path.parent().unwrap_or(path)), name).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, reason: &dyn Display) -> Failure {
    Failure::request(format_args!("not a readable checkpoint: {reason}: {}", path.display()))
}

/// The model's weights among a file's tensors. They may lie in a dictionary, beside an optimizer's state or others.
fn weights_of(reader: &PytorchReader) -> Result<Vec<(&str, &Tensor)>, String> {
    let tensors = || reader.tensors().values();
    let prefix = tensors().filter_map(|tensor| model_prefix(&tensor.name)).min_by_key(|prefix| prefix.len());
    let prefix = prefix.ok_or("it holds no parameter of a model that is known here, such as backbone… or heads…")?;
    let mut weights = Vec::new();
    for tensor in tensors() {
        let Some(name) = tensor.name.strip_prefix(prefix) else { continue };
        if model_prefix(name) != Some("") || name.ends_with(BATCH_COUNTER) {
            continue;
        }
        if !matches!(tensor.dtype(), DType::F32 | DType::F64 | DType::F16 | DType::BF16) {
            let found = tensor.dtype();
            return Err(format!("tensor `{name}` holds {found:?}, where floating-point numbers belong"));
        }
        weights.push((name, tensor));
    }
    Ok(weights)
}

/// What stands before a parameter's name, such as `model_state.`; `None` if it is no parameter of these models.
fn model_prefix(name: &str) -> Option<&str> {
    let starts = std::iter::once(0).chain(name.match_indices('.').map(|(dot, _)| dot + 1));
    let begins = |start: &usize| FIRST_WORDS.contains(&name[*start..].split('.').next().unwrap_or_default());
    starts.into_iter().find(begins).map(|start| &name[..start])
}

/// Floating-point numbers; none of any other type.
fn floats(dtype: DType, bytes: &[u8]) -> Vec<f32> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks().0.iter().map(|chunk| value(*chunk)).collect()
    }
    match dtype {
        DType::F32 => each(bytes, f32::from_ne_bytes),
        DType::F64 => each(bytes, |chunk| f64::from_ne_bytes(chunk) as f32),
        DType::F16 => each(bytes, |chunk| f16::from_ne_bytes(chunk).to_f32()),
        DType::BF16 => each(bytes, |chunk| bf16::from_ne_bytes(chunk).to_f32()),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_known_by_its_name() {
        assert_eq!(model_prefix("backbone.input_conv.0.weight"), Some(""));
        assert_eq!(model_prefix("model_state.module.heads.age.net.0.bias"), Some("model_state.module."));
        assert_eq!(model_prefix("final_layer.conv_classifier.weight"), Some(""));
        assert_eq!(model_prefix("module.conv_time_spat.conv_time.weight"), Some("module."));
        assert_eq!(model_prefix("optimizer.state.0.exp_avg"), None);
    }

    #[test]
    fn a_file_that_is_no_checkpoint_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["", "hello, this is text", "12345678{ not json"] {
            let path = folder.path().join("weights.pt");
            std::fs::write(&path, content).unwrap();
            let failure = read(&path).unwrap_err().to_string();
            assert!(failure.contains("not a readable checkpoint"), "{failure}");
            assert!(failure.contains("weights.pt"), "{failure}");
        }
    }
}
