//! Reading a checkpoint: its header, then its tensors one by one.

use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::{
    Dtype, SafeTensorError,
    tensor::{Metadata as Header, TensorInfo},
};

use super::{
    LENGTH_BYTES, PIECE,
    error::CheckpointError,
    metadata::{CHECKPOINT_SCHEMA, Metadata, schema},
    values::{BATCH_COUNTER, Values, Weights},
};
use crate::storage::Storage;

/// A longer header is not read: other readers do not, either.
const LONGEST_HEADER: u64 = 100_000_000;

/// What a file holds, without the values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The shape of every tensor.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// What is said beside them.
    pub metadata: Metadata,
}

/// Reads a file. PyTorch's batch counters are left out: nothing here depends on them.
///
/// # Errors
/// [`CheckpointError`] when the file is not safetensors, or a tensor does not hold floating-point numbers.
pub async fn read(storage: &dyn Storage, path: &str) -> Result<(Weights, Metadata), CheckpointError> {
    let (header, start) = read_header(storage, path).await?;
    let mut weights = Weights::new();
    for (name, info) in weights_of(&header)? {
        let (from, to) = (start + info.data_offsets.0 as u64, start + info.data_offsets.1 as u64);
        let mut data = Vec::with_capacity(info.shape.iter().product());
        for from in (from..to).step_by(PIECE) {
            let bytes = storage.read_range(path, from..to.min(from + PIECE as u64)).await?;
            add_floats(&mut data, info.dtype, &bytes);
        }
        weights.insert(name, Values { shape: info.shape.clone(), data });
    }
    Ok((weights, texts_of(&header)))
}

/// Reads what [`read`] would give, without the values.
///
/// # Errors
/// As [`read`].
pub async fn read_contents(storage: &dyn Storage, path: &str) -> Result<Contents, CheckpointError> {
    let (header, _) = read_header(storage, path).await?;
    let shapes = weights_of(&header)?.into_iter().map(|(name, info)| (name, info.shape.clone())).collect();
    Ok(Contents { shapes, metadata: texts_of(&header) })
}

/// Reads what a file says beside its tensors, which are not read.
///
/// # Errors
/// As [`read`].
pub async fn read_metadata(storage: &dyn Storage, path: &str) -> Result<Metadata, CheckpointError> {
    Ok(texts_of(&read_header(storage, path).await?.0))
}

fn texts_of(header: &Header) -> Metadata {
    header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The header, and where the tensors begin.
async fn read_header(storage: &dyn Storage, path: &str) -> Result<(Header, u64), CheckpointError> {
    let size = storage.size(path).await?;
    let start = LENGTH_BYTES as u64;
    if size < start {
        return Err(SafeTensorError::HeaderTooSmall.into());
    }
    let number = storage.read_range(path, 0..start).await?;
    let number = number.try_into().map_err(|_| SafeTensorError::HeaderTooSmall)?;
    let length = u64::from_le_bytes(number);
    if length > LONGEST_HEADER {
        return Err(SafeTensorError::HeaderTooLarge.into());
    }
    let end = start + length;
    if end > size {
        return Err(SafeTensorError::InvalidHeaderLength.into());
    }
    let json = storage.read_range(path, start..end).await?;
    let header: Header = serde_json::from_slice(&json).map_err(SafeTensorError::InvalidHeaderDeserialization)?;
    if header.data_len() as u64 != size - end {
        return Err(SafeTensorError::MetadataIncompleteBuffer.into());
    }
    match schema(&texts_of(&header)) {
        Some(schema) if schema > CHECKPOINT_SCHEMA => Err(CheckpointError::Newer { schema }),
        _ => Ok((header, end)),
    }
}

/// The tensors that are weights, in the file's order.
fn weights_of(header: &Header) -> Result<Vec<(String, &TensorInfo)>, CheckpointError> {
    let mut weights = Vec::new();
    for name in header.offset_keys() {
        let Some(info) = header.info(&name).filter(|_| !name.ends_with(BATCH_COUNTER)) else { continue };
        if !matches!(info.dtype, Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64) {
            return Err(CheckpointError::NotFloat { name, found: format!("{:?}", info.dtype) });
        }
        weights.push((name, info));
    }
    Ok(weights)
}

/// Adds what the bytes of whole values say, if these are floating-point numbers.
fn add_floats(floats: &mut Vec<f32>, dtype: Dtype, bytes: &[u8]) {
    fn each<const N: usize>(floats: &mut Vec<f32>, bytes: &[u8], value: impl Fn([u8; N]) -> f32) {
        floats.extend(bytes.as_chunks().0.iter().map(|chunk| value(*chunk)));
    }
    match dtype {
        Dtype::F32 => each(floats, bytes, f32::from_le_bytes),
        Dtype::F64 => each(floats, bytes, |chunk| f64::from_le_bytes(chunk) as f32),
        Dtype::F16 => each(floats, bytes, |chunk| f16::from_le_bytes(chunk).to_f32()),
        Dtype::BF16 => each(floats, bytes, |chunk| bf16::from_le_bytes(chunk).to_f32()),
        _ => {}
    }
}
