//! `cargo xtask structure`: no file of a crate imports, by way of others, itself, and no file is long without a reason.

mod circles;
mod lengths;
mod modules;
mod paths;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::{cargo, output_of, root};

/// Checks the files of all crates. All that is wrong is printed before the command fails.
pub fn check() -> Result<()> {
    let mut problems = Vec::new();
    for target in targets()? {
        let crate_modules = modules::Modules::read(&target.root)?;
        let imports = crate_modules.imports();
        let describe = |circle: &Vec<circles::Step<'_>>| {
            format!("{}: files import each other in a circle:\n{}", target.name, in_words(circle))
        };
        problems.extend(circles::circles(&imports).iter().map(describe));
    }
    problems.extend(lengths::problems(root())?);
    for problem in &problems {
        eprintln!("\n{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("the structure of the files has 1 problem"),
        count => bail!("the structure of the files has {count} problems"),
    }
}

/// What cargo builds of a package: a library, a program, a test, a benchmark.
struct Target {
    name: String,
    /// The file that its modules start from.
    root: PathBuf,
}

fn targets() -> Result<Vec<Target>> {
    let answer = output_of(cargo(), &["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .context("cargo does not tell the workspace's packages")?;
    let answer: Value = serde_json::from_str(&answer).context("cargo's answer")?;
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut targets = Vec::new();
    for package in list(&answer, "packages") {
        for target in list(&package, "targets") {
            let kinds = list(&target, "kind");
            if kinds.iter().any(|kind| kind == "custom-build") {
                continue;
            }
            let path = target["src_path"].as_str().context("a target without a path")?;
            let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
            targets.push(Target { name: format!("{}, {}", name(&package), name(&target)), root: path.into() });
        }
    }
    Ok(targets)
}

/// A circle with the line of each import, as an editor opens it.
fn in_words(circle: &[circles::Step<'_>]) -> String {
    let lines = circle.iter().map(|step| {
        let (from, to) = (shown(step.from), shown(step.to));
        format!("  {from}:{} imports `{}` of {to}", step.import.line, step.import.path)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}
