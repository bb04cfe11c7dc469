//! What building the studio needs beside cargo: the compiler's wasm32 target, Trunk, and the command of wasm-bindgen in
//! exactly the version of the library. What is missing is installed into a folder of the workspace's own, below `target`,
//! so that nothing else on the machine changes.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::workspace::{cargo, output_of, run, target};

/// The version of Trunk that the studio is built with.
const TRUNK_VERSION: &str = "0.21.14";

/// The compiler's target.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Trunk moves files about and wasm-bindgen is run twice a build: neither is worth the minutes that their own release
/// profiles (link-time optimisation, one codegen unit) take.
const QUICK_PROFILE: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2"),
];

/// A command that is installed where it is missing.
struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    /// What `cargo install` is told.
    options: &'static [&'static str],
    minutes: &'static str,
}

/// The tools, installed.
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs what is missing.
    pub fn install() -> Result<Self> {
        install_target()?;
        let folder = target()?.join("tools");
        let tools = [
            Tool {
                package: "wasm-bindgen-cli",
                program: "wasm-bindgen",
                version: locked_version("wasm-bindgen")?,
                // Not `--locked`: its lock file names a yanked crate. Only the command, without what fetches browsers.
                options: &["--no-default-features", "--bin", "wasm-bindgen"],
                minutes: "3 minutes",
            },
            Tool {
                package: "trunk",
                program: "trunk",
                version: TRUNK_VERSION.to_owned(),
                // Without the check for updates and without TLS it cannot download anything by itself.
                options: &["--locked", "--no-default-features"],
                minutes: "5 minutes",
            },
        ];
        for tool in tools {
            tool.install(&folder)?;
        }
        Ok(Self { folder })
    }

    /// Trunk, which finds the other tools first on its path.
    pub fn trunk(&self) -> Result<Command> {
        let programs = self.folder.join("bin");
        let mut command = Command::new(programs.join("trunk"));
        command.env("PATH", first_on_path(&programs)?);
        // Trunk takes the value for a yes or no and refuses the usual `1`.
        if env::var_os("NO_COLOR").is_some() {
            command.env_remove("NO_COLOR").env("TRUNK_COLOR", "never");
        }
        Ok(command)
    }
}

impl Tool {
    fn install(&self, root: &Path) -> Result<()> {
        let Self { package, program, version, options, minutes } = self;
        let path = root.join("bin").join(program);
        if output_of(path, &["--version"]).is_some_and(|answer| has_version(&answer, version)) {
            return Ok(());
        }
        eprintln!(
            "\n{program} {version} is missing. Installing it into {} takes about {minutes}, once.",
            root.display()
        );
        let start = Instant::now();
        let mut command = Command::new(cargo());
        command.args(["install", package, "--version", version, "--force", "--root"]).arg(root).args(*options);
        // Its build goes to a temporary folder instead of among ours.
        command.env_remove("CARGO_TARGET_DIR").envs(QUICK_PROFILE);
        run(&mut command)?;
        eprintln!("{program} {version} is installed ({:.0} s).", start.elapsed().as_secs_f64());
        Ok(())
    }
}

/// Installs the compiler's target where it is missing: a toolchain that was there before the workspace's may lack it.
pub fn install_target() -> Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let libraries = output_of(rustc, &["--print", "target-libdir", "--target", WASM]);
    if libraries.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    eprintln!("\nThe compiler's target {WASM} is missing. Installing it takes seconds, once.");
    run(Command::new("rustup").args(["target", "add", WASM])).with_context(|| {
        format!("without rustup, the target {WASM} has to be installed the way this machine's Rust was installed")
    })
}

/// The version of a dependency in `Cargo.lock`.
fn locked_version(package: &str) -> Result<String> {
    let line =
        output_of(cargo(), &["pkgid", package]).with_context(|| format!("cargo knows no version of {package}"))?;
    match line.rsplit_once('@') {
        Some((_, version)) => Ok(version.to_owned()),
        None => bail!("cargo tells the version of {package} in a way unknown here: {line}"),
    }
}

/// Whether the answer to `--version` ("trunk 0.21.14") names this one.
fn has_version(answer: &str, version: &str) -> bool {
    answer.split_whitespace().any(|word| word == version)
}

fn first_on_path(folder: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(folder.to_owned()).chain(env::split_paths(&path))).context("PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_whole() {
        assert!(has_version("wasm-bindgen 0.2.130", "0.2.130"));
        assert!(!has_version("wasm-bindgen 0.2.130", "0.2.13"));
        assert!(!has_version("trunk 0.22.0-beta.1", "0.22.0"));
    }

    #[test]
    fn the_lock_file_tells_the_version_of_a_dependency() {
        let version = locked_version("wasm-bindgen").unwrap();
        assert!(version.starts_with("0.2."), "{version}");
        assert!(locked_version("no-such-package").is_err());
    }
}
