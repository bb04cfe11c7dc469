//! Paths as users write them.

use std::{
    env,
    path::{Component, Path, PathBuf},
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
    match (in_home(path), home()) {
        (Some(rest), Some(home)) => Ok(home.join(rest.trim_start_matches(['/', '\\']))),
        _ => absolute(Path::new(path)),
    }
}

/// Whether a path that a config gives depends on the folder it is seen from.
pub fn is_relative(path: &str) -> bool {
    in_home(path).is_none() && Path::new(path).is_relative()
}

/// What follows `~`.
fn in_home(path: &str) -> Option<&str> {
    path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']))
}

/// A path made absolute, without touching the disk.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::request(format_args!("not a path: {error}: {}", path.display())))
}

/// Where a path leads, as far as it is there: absolute, without links.
pub fn resolved(path: &Path) -> Result<PathBuf, Failure> {
    let path = absolute(path)?;
    let mut real = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(real.pop()),
            part => real.push(part),
        }
        real = real.canonicalize().unwrap_or(real);
    }
    Ok(real)
}

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/\\.:-_~".contains(letter);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_mean_the_same_everywhere_are_told_from_others() {
        let anywhere = working_folder().unwrap().join("a.toml");
        for path in ["~", "~/a.toml", anywhere.to_str().unwrap()] {
            assert!(!is_relative(path), "{path}");
        }
        for path in ["a.toml", "./a.toml", "../a.toml", "~a.toml"] {
            assert!(is_relative(path), "{path}");
        }
    }

    #[test]
    fn a_path_with_spaces_is_quoted_for_the_shell() {
        assert_eq!(quoted(Path::new("runs/a-1")), "runs/a-1");
        assert_eq!(quoted(Path::new("my runs/a's")), r"'my runs/a'\''s'");
    }
}
