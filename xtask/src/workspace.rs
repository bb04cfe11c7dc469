//! The workspace's folders, and other programs run in its root.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use anyhow::{Context, Result, bail};

/// The workspace's root.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // Cargo says where this package is now; a target folder can outlive the clone that filled it.
        let given = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        here.parent().unwrap_or(&here).to_owned()
    });
    &ROOT
}

/// The folder that cargo builds into: the one in which this program lies.
pub fn target() -> Result<PathBuf> {
    target_of(&std::env::current_exe().context("this program's own path")?)
}

fn target_of(program: &Path) -> Result<PathBuf> {
    let folder = program.ancestors().nth(2).context("this program lies outside a target folder")?;
    Ok(folder.to_owned())
}

/// The cargo that runs this program.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs cargo with these arguments.
pub fn run_cargo(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(cargo());
    run(command.args(arguments))
}

/// Runs a command in the workspace's root, saying which; its output goes where ours goes.
pub fn run(command: &mut Command) -> Result<()> {
    let line = in_words(command);
    eprintln!("\n> {line}");
    let status = command.current_dir(root()).status().with_context(|| line.clone())?;
    if !status.success() {
        bail!("failed: {line}");
    }
    Ok(())
}

/// What a command prints on stdout; nothing when it cannot be run or fails.
pub fn output_of(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn in_words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named() {
        let error = run_cargo(&["no-such-subcommand"]).unwrap_err();
        assert_eq!(error.to_string(), "failed: cargo no-such-subcommand");
        assert!(output_of(cargo(), &["no-such-subcommand"]).is_none());
    }

    #[test]
    fn the_folders_are_the_workspaces() {
        assert!(root().join("Cargo.lock").is_file());
        assert_eq!(target_of(Path::new("target/debug/xtask")).unwrap(), Path::new("target"));
        assert!(target_of(Path::new("xtask")).is_err());
    }
}
