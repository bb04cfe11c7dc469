//! With the feature `page`, lists the files of the built page, which the program then holds.

use std::{
    env,
    error::Error,
    fs::{self, File},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SIGNAL_STUDIO_DIST");
    if env::var_os("CARGO_FEATURE_PAGE").is_none() {
        return Ok(());
    }
    let built = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../dist");
    let dist = env::var_os("SIGNAL_STUDIO_DIST").map_or(built, PathBuf::from);
    println!("cargo::rerun-if-changed={}", dist.display());
    if !dist.join("index.html").is_file() {
        let advice = "`cargo xtask build` makes it, and `cargo xtask install` does both";
        println!("cargo::error=the feature `page` needs the built page, which is not in {}: {advice}", dist.display());
        return Ok(());
    }
    let mut list = String::from("&[");
    describe(&dist.canonicalize()?, "", &mut list)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("page.rs"), list + "]")?;
    Ok(())
}

/// Adds the files below a folder, compressed where they have a compressed twin: every browser takes gzip, and the way to
/// it is short.
fn describe(folder: &Path, prefix: &str, list: &mut String) -> Result<(), Box<dyn Error>> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), format!("{prefix}{}", entry.file_name().display()));
        let is_twin = |ending: &str| name.strip_suffix(ending).is_some_and(|_| path.with_extension("").is_file());
        if path.is_dir() {
            describe(&path, &format!("{name}/"), list)?;
        } else if !is_twin(".gz") && !is_twin(".br") {
            let modified = File::open(&path)?.metadata()?.modified()?.duration_since(UNIX_EPOCH)?;
            let twin = folder.join(format!("{}.gz", entry.file_name().display()));
            let (content, is_gzip) = if twin.is_file() { (twin, true) } else { (path, false) };
            *list += &format!(
                "PageFile {{ name: {name:?}, content: include_bytes!({content:?}), is_gzip: {is_gzip}, \
                 modified: std::time::Duration::new({}, {}) }},\n",
                modified.as_secs(),
                modified.subsec_nanos(),
            );
        }
    }
    Ok(())
}
