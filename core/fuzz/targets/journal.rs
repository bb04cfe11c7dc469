//! What a run told, as the page keeps it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_app_shared::runs::journal::{line, read};

fuzz_target!(|text: &str| {
    let events = read(text, 5);
    let again: String = events.iter().map(|(elapsed_s, event)| line(*elapsed_s, event)).collect();
    assert!(read(&again, 5).len() <= events.len());
});
