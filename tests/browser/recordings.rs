//! Data for the tests, made here: recordings as a laboratory has them, and samples as preprocessing leaves them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use signal_studio_core::{
    recording::{EdfChannel, EdfHeader, StartTime, write_edf},
    signal::Image,
};

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
    let signals: Vec<Vec<f64>> = (0..LABELS.len()).map(|channel| signal(amplitude, subject, channel)).collect();
    let channels: Vec<EdfChannel<'_>> = LABELS
        .iter()
        .zip(&signals)
        .map(|(label, samples)| EdfChannel {
            label,
            rate_hz: RATE_HZ,
            physical_min_uv: -200.0,
            physical_max_uv: 200.0,
            samples,
        })
        .collect();
    let start = StartTime::new(2024, [5, 17], [9, 30, 0]).unwrap();
    let header = EdfHeader { patient: "X".into(), recording: "X".into(), start };
    write_edf(&header, &channels, &[]).unwrap()
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

/// Makes a preprocessed folder: small grey images, brighter in the upper half for patients.
pub fn samples(folder: &Path) {
    const SIDE: usize = 16;
    for (split, subjects) in [("train", 24), ("val", 8)] {
        let mut table = "file_name,split,gender,health,age\n".to_owned();
        for subject in 0..subjects {
            let path = format!("{split}/{subject}.png");
            let is_patient = subject / 2 % 2 == 0;
            let level = |row: usize| if is_patient && row < SIDE / 2 { 200_u8 } else { 90 };
            let pixels =
                (0..SIDE * SIDE).map(|pixel| level(pixel / SIDE).wrapping_add((pixel * 7 % 37) as u8)).collect();
            let image = Image { width: SIDE, height: SIDE, channels: 1, pixels };
            write(folder, &path, &image.encode_png().unwrap());
            let (gender, health) = (["M", "F"][subject % 2], if is_patient { "PD" } else { "H" });
            table += &format!("{path},{split},{gender},{health},{}\n", 30 + subject);
        }
        write(folder, &format!("{split}-metadata.csv"), table.as_bytes());
    }
}

fn write(folder: &Path, relative: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(relative);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}
