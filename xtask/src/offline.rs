//! Tells the service worker which files belong together: their names and SHA-256, and a name for all of them, which changes
//! with any of them and with the service worker itself.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::sizes;

/// The service worker, in the folder of the studio that was built.
const SCRIPT: &str = "offline.js";

/// What of it is written here.
const PLACE: &str = "const BUILD = null;";

/// Digits of the name for all files.
const VERSION_DIGITS: usize = 16;

/// Names the built files in the service worker.
pub fn name_files(dist: &Path) -> Result<()> {
    let script = dist.join(SCRIPT);
    let text = fs::read_to_string(&script).with_context(|| script.display().to_string())?;
    ensure!(text.contains(PLACE), "{} has no line `{PLACE}`", script.display());
    let mut paths = Vec::new();
    sizes::list(dist, &mut paths)?;
    let mut files = BTreeMap::new();
    for path in paths.iter().filter(|path| **path != script) {
        let content = fs::read(path).with_context(|| path.display().to_string())?;
        let parts = path.strip_prefix(dist)?.components().map(|part| part.as_os_str().to_string_lossy());
        files.insert(parts.collect::<Vec<_>>().join("/"), hex(&content));
    }
    // Another service worker is another version, too: the two must not share what they keep.
    let version = &hex(format!("{files:?}{text}").as_bytes())[..VERSION_DIGITS];
    let build = json!({ "version": version, "files": files });
    let text = text.replacen(PLACE, &format!("const BUILD = {build};"), 1);
    fs::write(&script, text).with_context(|| script.display().to_string())
}

/// The SHA-256 of bytes.
fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        // A string takes everything.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::workspace::root;

    /// What the service worker is told of a build with these files.
    fn build(files: &[(&str, &str)]) -> Value {
        build_with(&fs::read_to_string(root().join("app/assets").join(SCRIPT)).unwrap(), files)
    }

    fn build_with(script: &str, files: &[(&str, &str)]) -> Value {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join(SCRIPT), script).unwrap();
        for (path, content) in files {
            let path = dist.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        name_files(dist.path()).unwrap();
        let text = fs::read_to_string(dist.path().join(SCRIPT)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("const BUILD = ")).unwrap();
        serde_json::from_str(line.trim_end_matches(';')).unwrap()
    }

    #[test]
    fn the_service_worker_knows_every_file_but_itself_and_compressed_twins() {
        let build = build(&[("index.html", "abc"), ("snippets/a/b.js", ""), ("index.html.gz", "zip")]);
        let files = build["files"].as_object().unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["index.html", "snippets/a/b.js"]);
        assert_eq!(files["index.html"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn any_other_content_is_another_version() {
        let one = build(&[("index.html", "a"), ("page.js", "b")]);
        assert_eq!(one["version"], build(&[("index.html", "a"), ("page.js", "b")])["version"]);
        assert_ne!(one["version"], build(&[("index.html", "a"), ("page.js", "c")])["version"]);
        let script = fs::read_to_string(root().join("app/assets").join(SCRIPT)).unwrap();
        let other = build_with(&format!("{script}// Another."), &[("index.html", "a"), ("page.js", "b")]);
        assert_ne!(one["version"], other["version"]);
        assert_eq!(one["version"].as_str().unwrap().len(), VERSION_DIGITS);
    }
}
