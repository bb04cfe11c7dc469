//! Archives that are dropped onto the page, by the same calls of the same crate. What unpacks there needs a browser.

#![no_main]

use std::io::{Cursor, Read};

use libfuzzer_sys::fuzz_target;
use zip::ZipArchive;

/// No archive is unpacked further than its entries say.
const MOST: u64 = 1 << 24;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut zip) = ZipArchive::new(Cursor::new(bytes)) else { return };
    for index in 0..zip.len() {
        let Ok(entry) = zip.by_index_data(index) else { return };
        let (size, _) = (entry.size(), entry.enclosed_name());
        let Ok(entry) = zip.by_index(index) else { return };
        let _ = entry.take(size.min(MOST)).read_to_end(&mut Vec::new());
    }
});
