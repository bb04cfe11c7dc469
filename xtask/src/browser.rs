//! What the tests in a browser need: Chromium, its WebDriver, and the accessibility checker axe-core. They are installed
//! where that is possible; where it is not, the tests are skipped with a message, and on a build server (`CI` is set) that
//! is an error.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::workspace::{output_of, run, target};

/// The names of the browser, of which one is enough.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Its WebDriver.
const DRIVER: &str = "chromedriver";

/// The checker's package and version in the npm registry, and where it has its script.
const AXE: (&str, &str) = ("axe-core@4.14.1", "node_modules/axe-core/axe.min.js");

/// Whether the tests in a browser can run.
pub enum Readiness {
    /// They can.
    Ready {
        /// The script of axe-core, where it could be had.
        axe: Option<PathBuf>,
    },
    /// They cannot, for this reason.
    Missing(String),
}

/// Installs what is missing and can be installed.
pub fn prepare() -> Result<Readiness> {
    if let Some(missing) = missing_programs() {
        install_with_apt(&missing);
    }
    if let Some(missing) = missing_programs() {
        let advice = format!("{missing} is missing. Debian and Ubuntu have the packages chromium and chromium-driver.");
        if is_build_server() {
            bail!("the studio cannot be tried in a browser: {advice}");
        }
        return Ok(Readiness::Missing(advice));
    }
    Ok(Readiness::Ready { axe: axe()? })
}

fn is_build_server() -> bool {
    env::var_os("CI").is_some()
}

/// What of browser and driver is missing, in words; nothing when both are there.
fn missing_programs() -> Option<String> {
    let browser = BROWSERS.iter().any(|name| output_of(name, &["--version"]).is_some());
    let driver = output_of(DRIVER, &["--version"]).is_some();
    match (browser, driver) {
        (true, true) => None,
        (true, false) => Some(DRIVER.to_owned()),
        (false, true) => Some("Chromium".to_owned()),
        (false, false) => Some(format!("Chromium and {DRIVER}")),
    }
}

/// Installs Debian's packages, as root only: nobody is asked for a password here. Whether it worked is seen afterwards.
fn install_with_apt(missing: &str) {
    let is_root = output_of("id", &["-u"]).as_deref() == Some("0");
    if !is_root || output_of("apt-get", &["--version"]).is_none() {
        return;
    }
    eprintln!("\n{missing} is missing. Installing Debian's packages takes about a minute, once.");
    let apt =
        |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    let installed = apt(&["update"])
        .and_then(|()| apt(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]));
    if let Err(error) = installed {
        eprintln!("{error:#}");
    }
}

/// The script of axe-core, taken from the npm registry unless it is there.
fn axe() -> Result<Option<PathBuf>> {
    let (package, script) = AXE;
    let folder = target()?.join("tools").join(package);
    let script = folder.join(script);
    if script.is_file() || fetch(package, &folder) {
        return Ok(Some(script));
    }
    let advice = "axe-core could not be had: that needs npm and its registry";
    if is_build_server() {
        bail!("accessibility cannot be checked: {advice}");
    }
    eprintln!("\nSKIPPED: accessibility is not checked: {advice}.");
    Ok(None)
}

fn fetch(package: &str, folder: &Path) -> bool {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
    run(command.arg(folder).arg(package)).inspect_err(|error| eprintln!("{error:#}")).is_ok()
}
