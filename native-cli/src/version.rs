//! Which program this is.

use std::sync::LazyLock;

/// The version, the commit where it is known, and what the program can compute on.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let commit = match option_env!("SIGNAL_STUDIO_COMMIT") {
        Some(commit) => format!("commit {commit}; "),
        None => String::new(),
    };
    let features = [(true, "cpu"), (cfg!(feature = "wgpu"), "wgpu"), (cfg!(feature = "cuda"), "cuda")];
    let features: Vec<_> = features.into_iter().filter(|(is_built, _)| *is_built).map(|(_, name)| name).collect();
    format!("{} ({commit}devices: {})", env!("CARGO_PKG_VERSION"), features.join(", "))
});
