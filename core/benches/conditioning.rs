//! From a recording of three minutes at 500 Hz, 20 channels, to its windows of 5 s at 120 Hz: read, notch and band-pass
//! filtered, resampled, robustly scaled. And the two steps that take longest: one channel's filters, and their design.

use std::{f64::consts::PI, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use pollster::block_on;
use signal_studio_core::{
    config::{DataType, Scaling},
    datasets::{DatasetPlan, PreprocessOptions, RawDataset, Recordings, window_preview_of},
    recording::{EdfChannel, EdfHeader, StartTime, write_edf},
    signal::{Band, Conditioner, Filters},
    storage::MemoryStorage,
};

const RATE_HZ: u32 = 500;
const SECONDS: usize = 180;
const LABELS: &str = "Fp1 Fp2 F7 F3 Fz F4 F8 T3 C3 Cz C4 T4 T5 P3 Pz P4 T6 O1 O2 A1";

/// A rhythm of its own for each channel, and noise, some 20 µV strong.
fn channel(number: usize) -> Vec<f64> {
    let mut state = number as u32 + 1;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX) - 0.5
    };
    let step = 2.0 * PI * (4.0 + number as f64) / f64::from(RATE_HZ);
    (0..SECONDS * RATE_HZ as usize).map(|sample| 2e-5 * ((step * sample as f64).sin() + noise())).collect()
}

fn study() -> MemoryStorage {
    let samples: Vec<_> = (0..LABELS.split(' ').count()).map(channel).collect();
    let channels: Vec<_> = LABELS
        .split(' ')
        .zip(&samples)
        .map(|(label, samples)| EdfChannel {
            label,
            rate_hz: RATE_HZ,
            physical_min_uv: -500.0,
            physical_max_uv: 500.0,
            samples,
        })
        .collect();
    let start = StartTime { year: 2020, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let header = EdfHeader { patient: "X X X X".to_owned(), recording: "Startdate X X X X".to_owned(), start };
    let recording = write_edf(&header, &channels, &[]).expect("all is within the format");
    let table = b"participant_id\tsex\nsub-01\tF\n".to_vec();
    MemoryStorage::with_files([("sub-01_eeg.edf", recording), ("participants.tsv", table)])
}

fn benchmark(criterion: &mut Criterion) {
    let filters = Filters { notch_hz: vec![50.0, 60.0], band: Some(Band { low_hz: 0.1, high_hz: 75.0 }) };
    let design = || Conditioner::new(black_box(&filters), f64::from(RATE_HZ), 120.0).expect("the rates have a ratio");
    let mut group = criterion.benchmark_group("conditioning");
    group.bench_function("design", |bencher| bencher.iter(design));
    let (conditioner, samples) = (design(), channel(0));
    let one = || conditioner.apply(black_box(&samples), 0).expect("all samples are numbers");
    group.bench_function("a channel of 3 minutes", |bencher| bencher.iter(one));

    let raw = study();
    let options = PreprocessOptions {
        data_type: DataType::Timeseries,
        filters: Some(filters.clone()),
        scaling: Scaling::Robust,
        rate_hz: 120.0,
        window_length: 600,
        overlap: 0.0,
        ..Recordings.default_options()
    };
    let plan = block_on(DatasetPlan::for_previews(&Recordings, &raw, &options)).expect("the study has a table");
    group.sample_size(20);
    group.bench_function("a recording of 20 channels", |bencher| {
        bencher.iter(|| {
            block_on(window_preview_of(&Recordings, &plan, &raw, "sub-01_eeg.edf", &options, 7))
                .expect("it has 36 windows")
        });
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
