//! What a run reported, as the page keeps it: whole, in pieces, and with its end made whole.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_app_shared::runs::journal::{EvaluatedSamples, Reader, Repair, Writer, repair};

/// The bytes up to this one are a piece, those behind it another.
const PIECE: usize = 100;

fuzz_target!(|bytes: &[u8]| {
    let mut whole = Reader::default();
    let taken = whole.take(bytes);
    assert_eq!(whole.offset(), taken as u64);

    let (first, _) = bytes.split_at(PIECE.min(bytes.len()));
    let mut pieces = Reader::default();
    let read = pieces.take(first);
    pieces.take(&bytes[read..]);
    assert_eq!((pieces.offset(), pieces.unreadable()), (whole.offset(), whole.unreadable()));
    assert_eq!(format!("{:?}", pieces.events()), format!("{:?}", whole.events()));

    match repair(&bytes[taken..]) {
        Repair::Nothing => assert_eq!(taken, bytes.len()),
        Repair::EndLine => {
            let unreadable = whole.unreadable();
            whole.take(&[&bytes[taken..], b"\n"].concat());
            assert_eq!(whole.unreadable(), unreadable, "the last line was said to be whole");
        }
        Repair::CutOff(count) => assert_eq!(count, bytes.len() - taken),
    }
    let mut writer = Writer::default();
    let events = whole.events();
    let again: String = events.iter().map(|(elapsed_s, event)| writer.lines(*elapsed_s, event)).collect();
    let mut reader = Reader::default();
    reader.take(again.as_bytes());
    assert!(reader.events().len() <= events.len());
    let _ = EvaluatedSamples::read(bytes);
});
