//! Tables of subjects and of samples.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_core::datasets::Table;

fuzz_target!(|bytes: &[u8]| {
    for file in ["participants.tsv", "subjects.csv"] {
        let Ok(table) = Table::parse(bytes, file) else { continue };
        for row in 0..table.len() {
            let _ = table.line(row);
            for column in 0..table.headers().len() {
                let _ = table.value(row, column);
            }
        }
    }
});
