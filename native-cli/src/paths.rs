//! Paths as users write them.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// The user's home folder, for `~`.
pub fn home() -> Option<PathBuf> {
    env::home_dir()
}

/// The working folder.
pub fn working_folder() -> Result<PathBuf, Failure> {
    env::current_dir().map_err(|error| Failure::run(format_args!("the working folder cannot be found: {error}")))
}

/// A path that a config gives, absolute: `~` is the home folder, a relative one starts at the working folder.
pub fn from_working_folder(path: &str) -> Result<PathBuf, Failure> {
    let in_home = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
    match (in_home, home()) {
        (Some(rest), Some(home)) => Ok(home.join(rest.trim_start_matches(['/', '\\']))),
        _ => absolute(Path::new(path)),
    }
}

/// A path made absolute, without touching the disk.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::request(format_args!("not a path: {error}: {}", path.display())))
}
