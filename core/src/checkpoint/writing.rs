//! Writing a checkpoint, tensor by tensor.

use std::{borrow::Cow, collections::HashMap};

use safetensors::{
    Dtype, SafeTensorError,
    tensor::{Metadata as Header, TensorInfo},
};

use super::{
    LENGTH_BYTES, PIECE,
    error::CheckpointError,
    metadata::{CHECKPOINT_SCHEMA, Metadata, SCHEMA_KEY},
    values::{BATCH_COUNTER, Values, Weights},
};
use crate::{
    model::{ModelError, parameters::NamedTensor},
    storage::{FileWriter, Storage, StorageError},
};

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
