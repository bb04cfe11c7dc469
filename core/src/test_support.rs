//! What tests share: where the recordings and parity numbers are.

use std::path::PathBuf;

/// A path below the shared folder: `SIGNAL_STUDIO_SHARED`, or `shared` beside the workspace. `None`, with a message,
/// when the default is absent.
///
/// # Panics
/// When the variable is set but the file is not there: a wrong setting must not pass for a skipped test.
pub fn shared(relative: &str) -> Option<PathBuf> {
    let configured = std::env::var_os("SIGNAL_STUDIO_SHARED").map(PathBuf::from);
    let required = configured.is_some();
    let root = configured.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")));
    let path = root.join(relative);
    if path.exists() {
        return Some(path);
    }
    assert!(!required, "SIGNAL_STUDIO_SHARED is set, but there is no {}", path.display());
    eprintln!("skipped: no {} (set SIGNAL_STUDIO_SHARED to run this test)", path.display());
    None
}
