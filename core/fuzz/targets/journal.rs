//! What a run reported, as the page keeps it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_app_shared::runs::journal::{Reader, Writer};
use signal_studio_core::training::TrainEvent;

fuzz_target!(|text: &[u8]| {
    let events = read(text);
    let mut writer = Writer::default();
    let again: String = events.iter().map(|(elapsed_s, event)| writer.lines(*elapsed_s, event)).collect();
    assert!(read(again.as_bytes()).len() <= events.len());
});

fn read(text: &[u8]) -> Vec<(f64, TrainEvent)> {
    let mut reader = Reader::default();
    reader.take(text);
    reader.events()
}
