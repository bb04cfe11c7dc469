//! Files that are written and read again, and broken ones.

use std::collections::HashMap;

use pollster::block_on;
use proptest::prelude::*;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{
    values::{Values, Weights},
    *,
};
use crate::storage::{MemoryStorage, Storage, StorageError};

const PATH: &str = "weights.safetensors";

fn weights() -> Weights {
    Weights::from([
        ("backbone.blocks.0.0.running_mean".to_owned(), Values { shape: vec![2], data: vec![0.5, -1.5] }),
        ("heads.age.net.2.weight".to_owned(), Values { shape: vec![1, 3], data: vec![1.0, 2.0, 3.0] }),
    ])
}

fn written(weights: &Weights, metadata: &Metadata, batches: u64) -> Vec<u8> {
    let storage = MemoryStorage::default();
    block_on(write(&storage, PATH, sources_of(weights), metadata, batches)).expect("memory has room");
    block_on(storage.read(PATH)).expect("it was just written")
}

fn read_bytes(bytes: Vec<u8>) -> Result<(Weights, Metadata), CheckpointError> {
    block_on(read(&MemoryStorage::with_files([(PATH, bytes)]), PATH))
}

#[test]
fn weights_and_metadata_come_back() {
    let metadata = Metadata::from([("epoch".to_owned(), "3".to_owned())]);
    let bytes = written(&weights(), &metadata, 12);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let counter = file.tensor("backbone.blocks.0.0.num_batches_tracked").unwrap();
    assert_eq!((counter.dtype(), counter.data()), (Dtype::I64, &12_i64.to_le_bytes()[..]));
    let (back, info) = read_bytes(bytes).unwrap();
    assert_eq!(back, weights());
    assert_eq!(info["epoch"], "3");
    let storage = MemoryStorage::with_files([(PATH, written(&weights(), &metadata, 12))]);
    assert_eq!(block_on(read_metadata(&storage, PATH)).unwrap(), info);
    let shapes = weights().into_iter().map(|(name, values)| (name, values.shape)).collect();
    assert_eq!(block_on(read_contents(&storage, PATH)).unwrap(), Contents { shapes, metadata: info });
}

#[test]
fn a_file_is_laid_out_as_the_format_s_own_library_does() {
    // Larger than what is written at a time, and no multiple of it.
    let long: Vec<f32> = (0..PIECE / size_of::<f32>() + 7).map(|value| value as f32).collect();
    let mut weights = weights();
    weights.insert("a".to_owned(), Values { shape: vec![long.len()], data: long });
    let bytes: Vec<(&String, &Values, Vec<u8>)> = weights
        .iter()
        .map(|(name, values)| (name, values, values.data.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let counter = 12_i64.to_le_bytes();
    let views = bytes.iter().map(|(name, values, bytes)| {
        ((*name).clone(), TensorView::new(Dtype::F32, values.shape.clone(), bytes).unwrap())
    });
    let counters = [(
        "backbone.blocks.0.0.num_batches_tracked".to_owned(),
        TensorView::new(Dtype::I64, vec![], &counter).unwrap(),
    )];
    let found = written(&weights, &Metadata::new(), 12);
    let texts = SafeTensors::read_metadata(&found).unwrap().1.metadata().clone();
    assert_eq!(texts.as_ref().unwrap()["format"], "pt");
    let expected = safetensors::serialize(views.chain(counters), texts).unwrap();
    // The header has its texts in any order; all else is the same.
    assert_eq!(found.len(), expected.len());
    let parts = |bytes: &[u8]| {
        let (length, header) = SafeTensors::read_metadata(bytes).unwrap();
        let tensors = header.offset_keys().into_iter().map(|name| {
            let info = header.info(&name).unwrap();
            (name, info.dtype, info.shape.clone(), info.data_offsets)
        });
        (tensors.collect::<Vec<_>>(), bytes[LENGTH_BYTES + length..].to_vec())
    };
    assert!(parts(&found) == parts(&expected));
}

#[test]
fn a_file_without_a_layout_is_read_and_one_of_a_later_version_is_refused() {
    let view = TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap();
    let file = |texts| safetensors::serialize([("w", view.clone())], texts).unwrap();
    assert_eq!(read_bytes(file(None)).unwrap().0["w"].data, [0.0]);
    let newer = (CHECKPOINT_SCHEMA + 1).to_string();
    let error = read_bytes(file(Some(HashMap::from([(SCHEMA_KEY.to_owned(), newer)])))).unwrap_err();
    assert_eq!(error, CheckpointError::Newer { schema: CHECKPOINT_SCHEMA + 1 });
}

#[test]
fn integers_are_no_weights() {
    let bytes = 7_i64.to_le_bytes();
    let view = TensorView::new(Dtype::I64, vec![1], &bytes).unwrap();
    let file = safetensors::serialize([("count", view)], None).unwrap();
    let expected = CheckpointError::NotFloat { name: "count".to_owned(), found: "I64".to_owned() };
    assert_eq!(read_bytes(file.clone()), Err(expected.clone()));
    assert_eq!(block_on(read_contents(&MemoryStorage::with_files([(PATH, file)]), PATH)), Err(expected));
}

#[test]
fn a_file_that_is_not_there_is_said_to_be_missing() {
    let missing = CheckpointError::Storage(StorageError::NotFound { path: PATH.to_owned() });
    assert_eq!(block_on(read(&MemoryStorage::default(), PATH)), Err(missing));
}

proptest! {
    #[test]
    fn any_bytes_are_an_error_or_weights(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _ = read_bytes(bytes);
    }

    #[test]
    fn a_file_cut_short_is_an_error(keep in 0.0..1.0_f64) {
        let bytes = written(&weights(), &Metadata::new(), 0);
        prop_assert!(read_bytes(bytes[..(bytes.len() as f64 * keep) as usize].to_vec()).is_err());
    }
}
