//! Builds the studio: Trunk makes `dist/` of `index.html`, the page and the worker; its files are then optimised where
//! wasm-opt is at hand, compressed for hosts that serve precompressed files, and measured.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result};

use crate::{
    offline, sizes,
    tools::Tools,
    workspace::{cargo, output_of, root, run},
};

/// Where the studio is built.
const DIST: &str = "dist";

/// What a build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be used or tested on this machine.
    Local,
    /// To be read over a network: minutes of wasm-opt are worth it.
    Publishing,
}

/// Builds the studio in its release form; gives its folder.
pub fn build(purpose: Purpose) -> Result<PathBuf> {
    let tools = Tools::install()?;
    let start = Instant::now();
    run(tools.trunk()?.args(["build", "--release", "--skip-version-check"]))?;
    let dist = root().join(DIST);
    if purpose == Purpose::Publishing {
        optimise(&dist)?;
    }
    offline::name_files(&dist)?;
    let sizes = sizes::compress(&dist)?;
    eprintln!("\nThe studio is built in {} ({:.0} s).", dist.display(), start.elapsed().as_secs_f64());
    sizes.print();
    sizes.check()?;
    Ok(dist)
}

/// Builds the studio and installs the command line's program, which holds it.
pub fn install(options: &[&str]) -> Result<()> {
    let dist = build(Purpose::Publishing)?;
    let mut command = Command::new(cargo());
    command.args(["install", "--path", "native-cli", "--features", "page"]).args(options);
    run(command.env("SIGNAL_STUDIO_DIST", dist))
}

/// Older versions of wasm-opt do not know all that today's compiler writes.
const WASM_OPT_SINCE: u32 = 117;

/// What the compiler uses by default, and SIMD: wasm-opt cannot read it from files that wasm-bindgen has been through.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// The page is made small, the worker fast.
const WASM_OPT_LEVELS: [(&str, &str); 2] = [("studio_bg.wasm", "-Oz"), ("studio-worker_bg.wasm", "-O3")];

/// Runs wasm-opt where it is on the path and recent enough; it takes a fifth off the download.
fn optimise(dist: &Path) -> Result<()> {
    match output_of("wasm-opt", &["--version"]).as_deref().map(|answer| (answer, wasm_opt_version(answer))) {
        None => {
            eprintln!("\nwasm-opt is not on the path: the studio works, but its files are a fifth larger than need be.")
        }
        Some((_, Some(version))) if version >= WASM_OPT_SINCE => {
            for (name, level) in WASM_OPT_LEVELS {
                let path = dist.join(name);
                let optimised = path.with_extension("optimised");
                run(Command::new("wasm-opt").arg(level).args(WASM_FEATURES).arg(&path).arg("-o").arg(&optimised))?;
                fs::rename(&optimised, &path).with_context(|| path.display().to_string())?;
            }
        }
        Some((answer, _)) => eprintln!("\nwasm-opt is not used: {answer} is on the path, {WASM_OPT_SINCE} is needed."),
    }
    Ok(())
}

/// The number in "wasm-opt version 123 (version_123)".
fn wasm_opt_version(answer: &str) -> Option<u32> {
    answer.split_whitespace().find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_opt_tells_its_version_with_and_without_a_tag() {
        assert_eq!(wasm_opt_version("wasm-opt version 108"), Some(108));
        assert_eq!(wasm_opt_version("wasm-opt version 123 (version_123)"), Some(123));
        assert_eq!(wasm_opt_version("wasm-opt"), None);
    }
}
