//! Recordings made for the tests.

use signal_studio_core::recording::{EdfChannel, EdfHeader, StartTime, write_edf};

/// The channels of the math dataset.
pub const MATH_LABELS: [&str; 20] = [
    "EEG Fp1",
    "EEG Fp2",
    "EEG F3",
    "EEG F4",
    "EEG F7",
    "EEG F8",
    "EEG T3",
    "EEG T4",
    "EEG C3",
    "EEG C4",
    "EEG T5",
    "EEG T6",
    "EEG P3",
    "EEG P4",
    "EEG O1",
    "EEG O2",
    "EEG Fz",
    "EEG Cz",
    "EEG Pz",
    "EEG A2-A1",
];

/// An EDF file of channels of one rate, in volts, within ±200 µV.
pub fn edf(rate_hz: u32, channels: &[(&str, Vec<f64>)]) -> Vec<u8> {
    let channels: Vec<EdfChannel<'_>> = channels
        .iter()
        .map(|(label, samples)| EdfChannel { label, rate_hz, physical_min_uv: -200.0, physical_max_uv: 200.0, samples })
        .collect();
    let start = StartTime::new(2024, [5, 17], [9, 30, 0]).unwrap();
    let header = EdfHeader { patient: "X".into(), recording: "X".into(), start };
    write_edf(&header, &channels, &[]).unwrap()
}

/// The math dataset's channels at 500 Hz: a rhythm of 20 µV that differs by subject.
pub fn math_recording(subject: usize, seconds: u32) -> Vec<u8> {
    let radians = 0.1 + subject as f64 / 100.0;
    let samples: Vec<f64> = (0..500 * seconds).map(|sample| 2e-5 * (f64::from(sample) * radians).sin()).collect();
    edf(500, &MATH_LABELS.map(|label| (label, samples.clone())))
}
