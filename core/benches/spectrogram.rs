//! How many windows a second one core renders: 20 channels of 2048 samples to 256 x 256 pixels, with and without PNG
//! encoding.

use std::{f64::consts::PI, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use signal_studio_core::signal::{BinSpacing, OutputType, Spectrogram, SpectrogramConfig};

const CHANNELS: usize = 20;
const SAMPLES: usize = 2048;

/// Rhythms of different frequencies with noise, some 20 µV strong.
fn window() -> Vec<Vec<f64>> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX) - 0.5
    };
    (0..CHANNELS)
        .map(|channel| {
            let frequency = 0.01 + 0.01 * channel as f64;
            (0..SAMPLES).map(|i| 2e-5 * ((2.0 * PI * frequency * i as f64).sin() + noise())).collect()
        })
        .collect()
}

fn benchmark(criterion: &mut Criterion) {
    let window = window();
    let window: Vec<_> = window.iter().map(Vec::as_slice).collect();
    let mut group = criterion.benchmark_group("spectrogram");
    group.throughput(Throughput::Elements(1));
    for (spacing, output) in [
        (BinSpacing::Log, OutputType::DbOnly),
        (BinSpacing::Log, OutputType::DbPolar),
        (BinSpacing::Linear, OutputType::DbOnly),
    ] {
        let config = SpectrogramConfig {
            window_length: SAMPLES,
            channels: CHANNELS,
            resolution: 256,
            hop_step: 4,
            spacing,
            output,
            min_db: Some(-130.0),
            max_db: Some(-44.0),
        };
        let spectrogram = Spectrogram::new(config).expect("20 channels of 12 frames fit 256 columns");
        let render = || spectrogram.render(black_box(&window)).expect("the window has the plan's shape");
        group.bench_function(format!("render {spacing} {output}"), |bencher| bencher.iter(render));
        group.bench_function(format!("render and encode {spacing} {output}"), |bencher| {
            bencher.iter(|| render().encode_png().expect("the image has pixels"));
        });
    }
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
