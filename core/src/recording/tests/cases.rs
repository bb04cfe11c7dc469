//! Files after public bug reports, where they are at hand.

use super::*;
use crate::test_support::shared;

fn case(path: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared(&format!("cases/{path}"))?).unwrap())
}

#[test]
fn complex_samples_are_refused() {
    let Some(bytes) = case("set-complex/complex.set") else { return };
    let message = refusal("complex.set", &bytes);
    assert!(message.contains("complex numbers") && message.contains("real(EEG.data)"), "{message}");
}

#[test]
fn matlab_4_is_told_and_what_to_save_instead() {
    let Some(bytes) = case("set-matlab4/v4.set") else { return };
    let message = refusal("v4.set", &bytes);
    assert!(message.contains("MATLAB 4") && message.contains("'version', '6'"), "{message}");
}

#[test]
fn swapped_digital_limits_are_told_and_scale_as_they_say() {
    let Some(bytes) = case("digital-limits-swapped/digital-swapped.edf") else { return };
    let (info, samples) = read_bytes("swapped.edf", bytes).unwrap();
    let [warning] = info.warnings.as_slice() else { panic!("{:?}", info.warnings) };
    assert!(warning.contains("EEG Fp2") && !warning.contains("Fp1") && !warning.contains("F3"), "{warning}");
    assert!(samples.iter().flatten().all(|sample| sample.is_finite()));
}

#[test]
fn a_set_of_zeros_is_damaged_and_soon_known_to_be() {
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(124, b' ');
    bytes.extend_from_slice(b"\0\x01IM");
    bytes.resize(1 << 20, 0);
    let storage = Metered::new("zeros.set", bytes);
    let error = read_all(&storage, "zeros.set").unwrap_err().to_string();
    assert!(error.contains("at byte 128"), "{error}");
    assert!(storage.reads.get() < 5, "{} reads", storage.reads.get());
}
