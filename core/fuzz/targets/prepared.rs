//! A preprocessed folder: the bytes are its table of samples, its report and the table of where samples come from, parted
//! by zeros.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pollster::block_on;
use signal_studio_core::{
    datasets::{FolderDataset, WINDOWS_FILE, describe_split, labels_of, outdated},
    signal::encode_npy,
    storage::MemoryStorage,
};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |&byte| byte == 0);
    let window = encode_npy(2, 4, &[0.5; 8]).expect("8 values");
    let mut files = vec![
        ("metadata.csv", parts.next().unwrap_or_default().to_vec()),
        ("preprocessing.json", parts.next().unwrap_or_default().to_vec()),
        ("train/a/0.npy", window.clone()),
        ("val/b/0.npy", window),
    ];
    files.extend(parts.next().map(|origins| (WINDOWS_FILE, origins.to_vec())));
    let storage = MemoryStorage::with_files(files);
    let registry = labels_of("math").expect("a known dataset");
    let tasks: Vec<_> = registry.names().filter_map(|task| registry.get(task).cloned()).collect();
    block_on(async {
        for split in ["train", "val"] {
            let _ = describe_split(&storage, split).await;
            if let Ok(dataset) = FolderDataset::open(&storage, split, &tasks).await {
                let _ = (0..dataset.len()).filter_map(|row| dataset.origin(row)).count();
                let _ = dataset.load(&(0..dataset.len().min(4)).collect::<Vec<_>>()).await;
            }
        }
        let _ = outdated(&storage, None, None).await;
    });
});
