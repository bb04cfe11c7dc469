//! What tests share: where the recordings and parity numbers are.

use std::path::{PathBuf, absolute};

/// A path below the shared folder: `SIGNAL_STUDIO_SHARED`, or `shared` beside the workspace. `None`, with a message,
/// when the default is absent.
///
/// # Panics
/// When the variable is set but the file is not there: a wrong setting must not pass for a skipped test.
pub fn shared(relative: &str) -> Option<PathBuf> {
    let configured = std::env::var_os("SIGNAL_STUDIO_SHARED").map(PathBuf::from);
    let required = configured.is_some();
    // Cargo runs tests in the folder of their package. Where that was when they were compiled may not be true any more: a
    // target folder can outlive the clone that filled it.
    let root = configured.unwrap_or_else(|| PathBuf::from("../../shared"));
    let path = absolute(root.join(relative)).unwrap();
    if path.exists() {
        return Some(path);
    }
    assert!(!required, "SIGNAL_STUDIO_SHARED is set, but there is no {}", path.display());
    eprintln!("skipped: no {} (set SIGNAL_STUDIO_SHARED to run this test)", path.display());
    None
}
