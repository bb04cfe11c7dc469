//! Links that hold a run file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_core::share::{MAX_TEXT_BYTES, decode, encode, is_link};

fuzz_target!(|text: &str| {
    let _ = is_link(text);
    if let Ok(config) = decode(text) {
        assert!(config.len() <= MAX_TEXT_BYTES);
        assert_eq!(decode(&encode(&config)).as_ref(), Ok(&config));
    }
});
