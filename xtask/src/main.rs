//! The project's own commands. `cargo xtask test` checks everything: formatting, lints, tests, and that the core builds
//! for the browser. It runs from any folder of the workspace and stops at the first step that fails.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask test [--quick]

  test          formatting, lints, tests, and the core for wasm32
  test --quick  the same without the lints of the GPU code, whose dependencies take long to check";

/// The packages. GPU features stay off in tests: they would be built for nothing where there is no GPU.
const PACKAGES: [&str; 4] = ["signal-studio-core", "signal-studio-server", "signal-studio", "xtask"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(words: &[&str]) -> Result<()> {
    match words {
        ["test"] => test(true),
        ["test", "--quick"] => test(false),
        _ => bail!(USAGE),
    }
}

fn test(with_gpu_code: bool) -> Result<()> {
    let packages: Vec<&str> = PACKAGES.iter().flat_map(|package| ["--package", package]).collect();
    let cpu_only = [&packages[..], &["--no-default-features"]].concat();
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&[&["clippy", "--all-targets"], &cpu_only[..], &["--", "--deny", "warnings"]].concat())?;
    if with_gpu_code {
        cargo(&["clippy", "--package", "signal-studio", "--", "--deny", "warnings"])?;
    }
    cargo(&["check", "--package", "signal-studio-core", "--target", "wasm32-unknown-unknown"])?;
    cargo(&[&["test", "--lib", "--bins", "--tests"], &cpu_only[..]].concat())
}

/// Runs cargo in the workspace's root, with its output going where ours goes.
fn cargo(arguments: &[&str]) -> Result<()> {
    let line = format!("cargo {}", arguments.join(" "));
    eprintln!("\n> {line}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(arguments).current_dir(root).status().context(line.clone())?;
    if !status.success() {
        bail!("failed: {line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_shows_the_usage() {
        assert_eq!(command(&["tset"]).unwrap_err().to_string(), USAGE);
    }
}
