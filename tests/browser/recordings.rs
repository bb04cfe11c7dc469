//! Data for the tests, made here: recordings as a laboratory has them, and samples.

use std::{
    fs,
    path::{Path, PathBuf},
};

use signal_studio_tests::edf;

/// Subjects of the recordings.
pub const SUBJECTS: usize = 10;

/// Length of a recording in seconds: a few windows.
const SECONDS: u32 = 60;

const RATE_HZ: u32 = 250;

/// The 10-20 positions and the ears.
const LABELS: [&str; 21] = [
    "Fp1", "Fp2", "F3", "F4", "F7", "F8", "T3", "T4", "C3", "C4", "T5", "T6", "P3", "P4", "O1", "O2", "Fz", "Cz", "Pz",
    "A1", "A2",
];

/// Makes a folder of EDF files with a table of subjects: patients have a strong rhythm at 10 Hz, controls a weak one. One
/// file is cut off in the middle of its header. Gives all files.
pub fn recordings(folder: &Path) -> Vec<PathBuf> {
    fs::create_dir_all(folder).unwrap();
    let mut table = "participant_id\tage\tsex\tdiagnosis\n".to_owned();
    let mut files = Vec::new();
    for subject in 0..SUBJECTS {
        let id = format!("sub-{:02}", subject + 1);
        let is_patient = subject % 2 == 0;
        let (sex, diagnosis) = (["M", "F"][subject / 2 % 2], if is_patient { "PD" } else { "control" });
        table += &format!("{id}\t{}\t{sex}\t{diagnosis}\n", 40 + 3 * subject);
        files.push(write(folder, &format!("{id}_eeg.edf"), &recording(if is_patient { 4e-5 } else { 5e-6 }, subject)));
    }
    files.push(write(folder, "sub-11_eeg.edf", &recording(1e-5, 0)[..100]));
    files.push(write(folder, "participants.tsv", table.as_bytes()));
    files
}

/// One recording: a rhythm at 10 Hz of this amplitude in volts over noise that differs by subject and channel.
fn recording(amplitude: f64, subject: usize) -> Vec<u8> {
    let channels = LABELS.iter().enumerate().map(|(channel, label)| (*label, signal(amplitude, subject, channel)));
    edf(RATE_HZ, &channels.collect::<Vec<_>>())
}

fn signal(amplitude: f64, subject: usize, channel: usize) -> Vec<f64> {
    // A linear congruential generator: noise that is the same in every run.
    let mut state = (subject * LABELS.len() + channel) as u32 + 1;
    let noise = std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(f64::from(state >> 8) / f64::from(1 << 24) - 0.5)
    });
    let times = (0..SECONDS * RATE_HZ).map(|sample| f64::from(sample) / f64::from(RATE_HZ));
    let phase = channel as f64;
    times.zip(noise).map(|(t, noise)| amplitude * (62.83 * t + phase).sin() + 1e-5 * noise).collect()
}

/// Makes a preprocessed folder of 24 subjects to train on and 8 to validate on.
pub fn samples(folder: &Path) {
    signal_studio_tests::samples(folder, [("train", 24), ("val", 8)]);
}

fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}
