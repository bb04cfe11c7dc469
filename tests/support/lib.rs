//! What the tests of whole programs share: the program, a folder to run it in, and data made for it.

mod program;
mod recordings;
mod samples;
mod studio;
#[path = "../../core/src/test_support.rs"]
mod test_support;

pub use program::program;
pub use recordings::{MATH_LABELS, edf, math_recording};
pub use samples::{grey_image, samples};
pub use studio::{SMALL_WINDOWS, Studio, contains, json};
pub use test_support::shared;

use std::{fs, path::Path};

/// Writes a file and the folders that it lies in.
pub fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).unwrap();
    fs::write(path, content).unwrap();
}
