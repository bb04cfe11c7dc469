//! `cargo xtask test`: the fast checks first, the studio in a browser last.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{
    browser::{self, Readiness},
    dist::{self, Purpose},
    structure,
    tools::{WASM, install_target},
    workspace::{cargo, run, run_cargo},
};

/// The packages whose tests run natively. GPU features stay off in tests: they would be built for nothing where there is
/// no GPU.
const PACKAGES: [&str; 6] = [
    "signal-studio-core",
    "signal-studio",
    "signal-studio-app-shared",
    "signal-studio-server",
    "signal-studio-tests",
    "xtask",
];

/// How much is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What is soon done.
    Quick,
    /// All there is.
    Everything,
}

/// Checks the project.
pub fn test(extent: Extent) -> Result<()> {
    let packages: Vec<&str> = PACKAGES.iter().flat_map(|package| ["--package", package]).collect();
    let cpu_only = [&packages[..], &["--no-default-features"]].concat();
    run_cargo(&["fmt", "--all", "--check"])?;
    structure::check()?;
    lint(extent, &packages)?;
    // The program that the tests run. It is built together with them: by itself it would ask for other features of what
    // both need, and build the engine again.
    run_cargo(&[&["build", "--bin", "signal-studio", "--tests"], &cpu_only[..]].concat())?;
    run_cargo(&[&["test", "--tests"], &cpu_only[..]].concat())?;
    if extent == Extent::Everything {
        test_studio(&cpu_only)?;
    }
    Ok(())
}

/// Checks the engine natively once, with the GPU code where everything is checked, and once for the browser, without the GPU
/// code, of which no line of ours is the browser's alone.
fn lint(extent: Extent, packages: &[&str]) -> Result<()> {
    let clippy = |arguments: &[&str]| run_cargo(&[&["clippy"], arguments, &["--", "--deny", "warnings"]].concat());
    let all_targets = [packages, &["--all-targets", "--test", "studio"]].concat();
    install_target()?;
    match extent {
        Extent::Quick => {
            clippy(&[&all_targets[..], &["--no-default-features"]].concat())?;
            run_cargo(&["check", "--package", "signal-studio-core", "--target", WASM])
        }
        Extent::Everything => {
            clippy(&all_targets)?;
            let programs = ["--package", "signal-studio-page", "--package", "signal-studio-worker"];
            clippy(&[&programs[..], &["--no-default-features", "--target", WASM]].concat())
        }
    }
}

/// Builds the studio, which also checks its size, and drives it in a browser.
fn test_studio(packages: &[&str]) -> Result<()> {
    let readiness = browser::prepare()?;
    let dist = dist::build(Purpose::Local)?;
    // The server again, with the page inside.
    let with_page = ["--lib", "--features", "signal-studio-server/page", "page_inside"];
    run_cargo(&[&["test"], packages, &with_page].concat())?;
    match readiness {
        Readiness::Ready { axe } => drive_studio(packages, &dist, axe.as_deref()),
        Readiness::Missing(what) => {
            eprintln!("\nSKIPPED: the studio was built, but not tried in a browser: {what}");
            Ok(())
        }
    }
}

fn drive_studio(packages: &[&str], dist: &Path, axe: Option<&Path>) -> Result<()> {
    let mut command = Command::new(cargo());
    // With the packages of the other tests: others would ask for other features of what both need, and build it again.
    command.arg("test").args(packages).args(["--test", "studio"]);
    // What the tests measure is worth reading when they pass, too.
    command.args(["--", "--show-output"]).env("SIGNAL_STUDIO_DIST", dist);
    match axe {
        Some(script) => command.env("SIGNAL_STUDIO_AXE", script),
        None => command.env_remove("SIGNAL_STUDIO_AXE"),
    };
    run(&mut command)
}
