//! A file has one job and fits into a head: from 400 lines on it needs a reason.

use std::{fs, path::Path};

use anyhow::{Context, Result};

/// A file may have this many lines.
const MOST_LINES: usize = 400;

/// Files that may be longer, and why.
const REASONS: &[(&str, &str)] = &[];

/// Folders that hold no source.
const NOT_SOURCE: [&str; 5] = ["target", "dist", "runs", "data", "node_modules"];

/// What is written by hand.
const SOURCE: [&str; 4] = ["rs", "js", "css", "html"];

/// The files below a folder that are too long, and the reasons that are not needed any more.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    measure(root, root, &mut files)?;
    Ok(too_long_and_needless(&files, REASONS))
}

fn too_long_and_needless(files: &[(String, usize)], reasons: &[(&str, &str)]) -> Vec<String> {
    let is_long = |lines: usize| lines > MOST_LINES;
    let has_reason = |file: &str| reasons.iter().any(|(name, _)| *name == file);
    let too_long = files.iter().filter(|(file, lines)| is_long(*lines) && !has_reason(file));
    let too_long = too_long.map(|(file, lines)| format!("{file} has {lines} lines; {MOST_LINES} are enough"));
    let needless =
        reasons.iter().filter(|(name, _)| !files.iter().any(|(file, lines)| file == name && is_long(*lines)));
    too_long.chain(needless.map(|(name, _)| format!("{name} needs no reason for its length any more"))).collect()
}

fn measure(root: &Path, folder: &Path, files: &mut Vec<(String, usize)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            let is_source = !name.starts_with('.') && !NOT_SOURCE.contains(&name.as_str());
            // Folders below the root's own may be called anything.
            if is_source || folder != root {
                measure(root, &path, files)?;
            }
        } else if kind.is_file() && path.extension().is_some_and(|end| SOURCE.iter().any(|source| end == *source)) {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push((relative.display().to_string().replace('\\', "/"), text.lines().count()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_needs_a_reason_and_a_reason_a_long_file() {
        let files = [("a.rs", 400), ("b.rs", 401), ("c.rs", 500), ("d.rs", 3)].map(|(name, n)| (name.to_owned(), n));
        let problems =
            too_long_and_needless(&files, &[("c.rs", "a table"), ("d.rs", "it was long"), ("e.rs", "it is gone")]);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(problems[0], "b.rs has 401 lines; 400 are enough");
        assert!(problems[1].starts_with("d.rs needs no reason") && problems[2].starts_with("e.rs"), "{problems:?}");
    }

    #[test]
    fn built_and_hidden_folders_are_not_measured() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x\n".repeat(MOST_LINES + 1);
        for name in ["target/a.rs", ".git/b.rs", "core/src/data/c.rs", "notes.txt"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &long).unwrap();
        }
        let mut files = Vec::new();
        measure(folder.path(), folder.path(), &mut files).unwrap();
        assert_eq!(files, [("core/src/data/c.rs".to_owned(), MOST_LINES + 1)]);
    }
}
