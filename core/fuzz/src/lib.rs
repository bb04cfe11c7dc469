//! What several fuzz targets do with a file.

use pollster::block_on;
use signal_studio_core::{
    recording::{open, open_without_annotations, traces},
    storage::MemoryStorage,
};

/// Opens the first of these files as a recording, with the others beside it, and reads all there is in it.
pub fn read_recording<const N: usize>(files: [(&str, Vec<u8>); N]) {
    let path = files[0].0.to_owned();
    let storage = MemoryStorage::with_files(files);
    block_on(async {
        let _ = open_without_annotations(&storage, &path).await;
        let Ok(recording) = open(&storage, &path).await else { return };
        let info = recording.info();
        let _ = info.interruptions();
        let channels: Vec<usize> = (0..info.channels.len()).collect();
        if let Ok(samples) = recording.read(&channels).await {
            for (channel, samples) in info.channels.iter().zip(samples) {
                assert_eq!(channel.samples, samples.len() as u64, "{} announces other samples", channel.label);
            }
        }
        let _ = recording.read_range(&channels, info.duration_s / 3.0..info.duration_s / 2.0).await;
        let _ = traces(&*recording, info.duration_s / 4.0, 10.0, 50).await;
    });
}
