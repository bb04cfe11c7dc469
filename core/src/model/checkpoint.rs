//! Checkpoint files: tensors and text metadata in the safetensors format, written and read tensor by tensor, so that no
//! more than one of them is in memory beside what is kept there anyway. The names are PyTorch's, so that
//! `safetensors.torch.load_file` and `load_state_dict` take what is written here, and the other way round.
//!
//! The header is the `safetensors` crate's; its own writer takes paths on a disk only, its reader whole files.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use safetensors::{
    Dtype, SafeTensorError,
    tensor::{Metadata as Header, TensorInfo},
};

use super::{
    ModelError,
    parameters::{BATCH_COUNTER, NamedTensor, Values, Weights},
};
use crate::storage::{FileWriter, Storage, StorageError};

/// Text that travels with the weights.
pub type Metadata = BTreeMap<String, String>;

/// Metadata key of the resolved run config, as JSON.
pub const CONFIG_KEY: &str = "config";
/// Metadata key of the tasks with their classes, as JSON.
pub const TASKS_KEY: &str = "tasks";

/// Metadata key of the layout of a file: the names of its tensors, and what its metadata say.
pub const SCHEMA_KEY: &str = "checkpoint_schema";
/// The layout that is written. Files that name none are of older versions, or of other programs, and are read all the
/// same.
pub const CHECKPOINT_SCHEMA: u32 = 1;

/// Bytes that are converted and handed on at a time, whole values of every type.
const PIECE: usize = 1 << 20;
/// Bytes of the number that a file begins with: how long its header is.
const LENGTH_BYTES: usize = size_of::<u64>();
/// A longer header is not read: other readers do not, either.
const LONGEST_HEADER: u64 = 100_000_000;

/// A checkpoint that cannot be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CheckpointError {
    /// The bytes are not safetensors, or are cut short.
    #[error("not a readable safetensors file: {reason}")]
    Malformed {
        /// What the format's reader says.
        reason: String,
    },
    /// A later version of this program wrote the file.
    #[error(
        "a newer version of this program wrote it, as layout {schema} of checkpoints, and this one knows layout \
         {CHECKPOINT_SCHEMA}: update the program"
    )]
    Newer {
        /// Its layout.
        schema: u32,
    },
    /// A tensor holds something else than floating-point numbers.
    #[error("tensor `{name}` has the type {found}; only F16, BF16, F32 and F64 can be weights")]
    NotFloat {
        /// The tensor's name.
        name: String,
        /// Its type.
        found: String,
    },
    /// The file cannot be written or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A tensor cannot be read from its device.
    #[error(transparent)]
    Device(#[from] ModelError),
}

impl From<SafeTensorError> for CheckpointError {
    fn from(error: SafeTensorError) -> Self {
        Self::Malformed { reason: error.to_string() }
    }
}

/// Values that are to be written: where they are until their turn comes.
#[derive(Debug)]
pub enum Source<'a> {
    /// On a device.
    Device(Box<NamedTensor>),
    /// In memory.
    Memory(&'a Values),
}

impl<'a> Source<'a> {
    fn shape(&self) -> &[usize] {
        match self {
            Self::Device(tensor) => &tensor.shape,
            Self::Memory(values) => &values.shape,
        }
    }

    async fn read(self) -> Result<Cow<'a, [f32]>, ModelError> {
        match self {
            Self::Device(tensor) => Ok(Cow::Owned(tensor.read().await?.1.data)),
            Self::Memory(values) => Ok(Cow::Borrowed(&values.data)),
        }
    }
}

/// Tensors that are to be written, by their names in the file.
pub type Sources<'a> = Vec<(String, Source<'a>)>;

/// All of these weights, to be written.
pub fn sources_of(weights: &Weights) -> Sources<'_> {
    weights.iter().map(|(name, values)| (name.clone(), Source::Memory(values))).collect()
}

/// What a file holds in the place of a tensor.
enum Content<'a> {
    Values(Source<'a>),
    Counter(u64),
}

/// Writes a file; `batches` is the number of training batches seen, which PyTorch's batch normalisation counts. Values
/// are read when it is their turn, and not kept.
///
/// # Errors
/// [`CheckpointError::Storage`] and [`CheckpointError::Device`]; [`CheckpointError::Malformed`] for what is too large for
/// the format's offsets, before anything is written.
pub async fn write(
    storage: &dyn Storage,
    path: &str,
    tensors: Sources<'_>,
    metadata: &Metadata,
    batches: u64,
) -> Result<(), CheckpointError> {
    let counters: Vec<String> = tensors
        .iter()
        .filter_map(|(name, _)| Some(format!("{}{BATCH_COUNTER}", name.strip_suffix("running_mean")?)))
        .collect();
    let counters = counters.into_iter().map(|name| (name, Content::Counter(batches)));
    let values = tensors.into_iter().map(|(name, source)| (name, Content::Values(source)));
    let mut contents: Vec<_> = counters.chain(values).collect();
    // The format's order: the widest type first, so that every tensor is aligned, then by name.
    contents.sort_by(|(name, content), (other_name, other)| {
        other.dtype().cmp(&content.dtype()).then_with(|| name.cmp(other_name))
    });
    let header = header_of(&contents, metadata)?;

    let mut file = storage.begin(path).await?;
    file.add(&header).await?;
    for (_, content) in contents {
        match content {
            Content::Counter(batches) => file.add(&batches.to_le_bytes()).await?,
            Content::Values(source) => add_values(&mut *file, &source.read().await?).await?,
        }
    }
    Ok(file.finish().await?)
}

impl Content<'_> {
    fn dtype(&self) -> Dtype {
        match self {
            Self::Values(_) => Dtype::F32,
            Self::Counter(_) => Dtype::I64,
        }
    }

    fn shape(&self) -> &[usize] {
        match self {
            Self::Values(source) => source.shape(),
            Self::Counter(_) => &[],
        }
    }
}

/// The header with the number of its bytes before it.
fn header_of(contents: &[(String, Content<'_>)], metadata: &Metadata) -> Result<Vec<u8>, CheckpointError> {
    let mut end = 0_usize;
    let mut infos = Vec::with_capacity(contents.len());
    for (name, content) in contents {
        let (dtype, shape) = (content.dtype(), content.shape().to_vec());
        let value_bytes = dtype.bitsize() / 8;
        let bytes = shape.iter().try_fold(value_bytes, |bytes, side| bytes.checked_mul(*side));
        let start = end;
        end = bytes.and_then(|bytes| end.checked_add(bytes)).ok_or(SafeTensorError::ValidationOverflow)?;
        infos.push((name.clone(), TensorInfo { dtype, shape, data_offsets: (start, end) }));
    }
    // What PyTorch's own tools write, and some insist on.
    let mut texts: HashMap<String, String> = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    texts.insert(SCHEMA_KEY.to_owned(), CHECKPOINT_SCHEMA.to_string());
    texts.extend(metadata.iter().map(|(key, value)| (key.clone(), value.clone())));
    let header = Header::new(Some(texts), infos)?;
    let mut bytes = vec![0; LENGTH_BYTES];
    serde_json::to_writer(&mut bytes, &header).map_err(SafeTensorError::JsonError)?;
    bytes.resize(bytes.len().next_multiple_of(LENGTH_BYTES), b' ');
    let length = (bytes.len() - LENGTH_BYTES) as u64;
    bytes[..LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

async fn add_values(file: &mut dyn FileWriter, values: &[f32]) -> Result<(), StorageError> {
    let mut bytes = vec![0; PIECE.min(size_of_val(values))];
    for piece in values.chunks(PIECE / size_of::<f32>()) {
        let bytes = &mut bytes[..size_of_val(piece)];
        bytes.as_chunks_mut().0.iter_mut().zip(piece).for_each(|(bytes, value)| *bytes = value.to_le_bytes());
        file.add(bytes).await?;
    }
    Ok(())
}

/// Reads a file. PyTorch's batch counters are left out: nothing here depends on them.
///
/// # Errors
/// [`CheckpointError`] when the file is not safetensors, or a tensor does not hold floating-point numbers.
pub async fn read(storage: &dyn Storage, path: &str) -> Result<(Weights, Metadata), CheckpointError> {
    let (header, mut at) = read_header(storage, path).await?;
    let mut weights = Weights::new();
    for name in header.offset_keys() {
        let Some(info) = header.info(&name) else { continue };
        let start = at;
        at += (info.data_offsets.1 - info.data_offsets.0) as u64;
        if name.ends_with(BATCH_COUNTER) {
            continue;
        }
        let mut data = Vec::with_capacity(info.shape.iter().product());
        for from in (start..at).step_by(PIECE) {
            let bytes = storage.read_range(path, from..at.min(from + PIECE as u64)).await?;
            if !add_floats(&mut data, info.dtype, &bytes) {
                return Err(CheckpointError::NotFloat { name, found: format!("{:?}", info.dtype) });
            }
        }
        weights.insert(name, Values { shape: info.shape.clone(), data });
    }
    Ok((weights, texts_of(&header)))
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

/// The layout that a checkpoint says it has.
pub fn schema(metadata: &Metadata) -> Option<u32> {
    metadata.get(SCHEMA_KEY)?.parse().ok()
}

/// The tasks a checkpoint was trained for, if its metadata says.
pub fn tasks(metadata: &Metadata) -> Option<Vec<crate::labels::TaskSpec>> {
    serde_json::from_str(metadata.get(TASKS_KEY)?).ok()
}

/// Adds what the bytes of whole values say; false for values that are no floating-point numbers.
fn add_floats(floats: &mut Vec<f32>, dtype: Dtype, bytes: &[u8]) -> bool {
    fn each<const N: usize>(floats: &mut Vec<f32>, bytes: &[u8], value: impl Fn([u8; N]) -> f32) {
        floats.extend(bytes.as_chunks().0.iter().map(|chunk| value(*chunk)));
    }
    match dtype {
        Dtype::F32 => each(floats, bytes, f32::from_le_bytes),
        Dtype::F64 => each(floats, bytes, |chunk| f64::from_le_bytes(chunk) as f32),
        Dtype::F16 => each(floats, bytes, |chunk| burn::tensor::f16::from_le_bytes(chunk).to_f32()),
        Dtype::BF16 => each(floats, bytes, |chunk| burn::tensor::bf16::from_le_bytes(chunk).to_f32()),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests;
