//! An epoch over a preprocessed folder without the model: every file read and decoded once, in batches of 32, in a
//! shuffled order. The folder is made of the demo's recordings and lies in memory, so a disk plays no part.

use std::{hint::black_box, ops::ControlFlow};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pollster::block_on;
use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};
use signal_studio_core::{
    config::DataType,
    datasets::{Demo, DemoOptions, FolderDataset, PreprocessOptions, RawDataset, generate_demo, labels_of, preprocess},
    storage::MemoryStorage,
};

const BATCH: usize = 32;

fn epochs(criterion: &mut Criterion) {
    let raw = MemoryStorage::default();
    block_on(generate_demo(&raw, &DemoOptions { subjects: 10, seconds: 120, seed: 0 })).expect("memory has room");
    let small = Demo.default_options();
    let large = PreprocessOptions::default();
    let windows = PreprocessOptions { data_type: DataType::Timeseries, ..PreprocessOptions::default() };

    let registry = labels_of("demo").expect("the demo has labels");
    let specs: Vec<_> = registry.names().filter_map(|task| registry.get(task)).cloned().collect();
    let mut group = criterion.benchmark_group("dataset epoch");
    group.sample_size(20);
    for (name, options) in
        [("images of 64 x 64", small), ("images of 256 x 256", large), ("windows of 20 x 2048", windows)]
    {
        let folder = MemoryStorage::default();
        block_on(preprocess(&Demo, &raw, &folder, &options, &mut |_| ControlFlow::Continue(())))
            .expect("the demo can be preprocessed");
        let dataset = block_on(FolderDataset::open(&folder, "train", &specs)).expect("just written");
        let mut order: Vec<usize> = (0..dataset.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));

        group.throughput(Throughput::Elements(dataset.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for batch in order.chunks(BATCH) {
                    black_box(block_on(dataset.load(batch)).expect("every file is there"));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, epochs);
criterion_main!(benches);
