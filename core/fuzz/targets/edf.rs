//! EDF, EDF+ and BDF, annotations included.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| signal_studio_fuzz::read_recording([("a.edf", bytes.to_vec())]));
