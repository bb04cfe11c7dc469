//! MATLAB 5 and the EEGLAB datasets in it. The last bytes, as many as the last of them says, lie in a file beside it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let beside = bytes.last().map_or(0, |&count| usize::from(count).min(bytes.len()));
    let (set, fdt) = bytes.split_at(bytes.len() - beside);
    signal_studio_fuzz::read_recording([("a.set", set.to_vec()), ("a.fdt", fdt.to_vec())]);
    signal_studio_fuzz::read_recording([("a.set", bytes.to_vec())]);
});
