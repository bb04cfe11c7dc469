//! PNG images, as far as models take them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signal_studio_core::signal::Image;

fuzz_target!(|bytes: &[u8]| {
    let Ok(image) = Image::decode_png(bytes) else { return };
    let mut input = vec![0.0; image.pixels.len()];
    image.write_normalized(&mut input).expect("what was read contradicts nothing");
    assert!(input.iter().all(|value| (-1.0..=1.0).contains(value)));
});
