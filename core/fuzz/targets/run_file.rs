//! Run files and settings: what is wrong with them stands at a place in them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_core::config::{RunConfig, Settings};

fuzz_target!(|text: &str| {
    let settings = Settings::parse(text, "settings.toml").map(|(settings, _)| settings);
    match RunConfig::parse(text, "run.toml") {
        Ok((run, _)) => {
            let _ = run.registry();
            let _ = run.resolve(&settings.unwrap_or_default());
            let _ = run.to_json();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
