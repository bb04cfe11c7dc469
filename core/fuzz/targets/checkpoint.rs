//! Checkpoints, as fine-tuning, resuming and `inspect` read them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pollster::block_on;
use signal_studio_core::{
    checkpoint::{read, read_contents, schema, tasks},
    storage::MemoryStorage,
};

const PATH: &str = "weights.safetensors";

fuzz_target!(|bytes: &[u8]| {
    let storage = MemoryStorage::with_files([(PATH, bytes.to_vec())]);
    let contents = block_on(read_contents(&storage, PATH));
    let Ok((weights, metadata)) = block_on(read(&storage, PATH)) else {
        assert!(contents.is_err(), "its contents can be told, and not read");
        return;
    };
    let contents = contents.expect("what can be read can be told");
    assert_eq!(contents.metadata, metadata);
    assert!(weights.keys().eq(contents.shapes.keys()));
    for (values, shape) in weights.values().zip(contents.shapes.values()) {
        assert_eq!((&values.shape, values.data.len()), (shape, shape.iter().product()));
    }
    let _ = (schema(&metadata), tasks(&metadata));
});
