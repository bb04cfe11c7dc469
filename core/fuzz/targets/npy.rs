//! NumPy files of windows.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_core::signal::{decode_npy, encode_npy};

fuzz_target!(|bytes: &[u8]| {
    let Ok((channels, samples, values)) = decode_npy(bytes) else { return };
    assert_eq!(channels as u128 * samples as u128, values.len() as u128);
    let again = encode_npy(channels, samples, &values).and_then(|bytes| decode_npy(&bytes));
    let (.., again) = again.expect("what was read can be written");
    assert!(again.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
});
