//! `cargo xtask structure`: no file of a crate imports, by way of others, itself, and no file is long without a reason.

mod circles;
mod lengths;
mod modules;
mod paths;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::{cargo, output_of, root};

/// Folders whose files still import each other in circles. A folder without any has no place here.
const CIRCLES_LEFT: [&str; 0] = [];

/// Checks the files of all crates. All that is wrong is printed before the command fails.
pub fn check() -> Result<()> {
    let mut problems = Vec::new();
    let mut needed = BTreeSet::new();
    for target in targets()? {
        let crate_modules = modules::Modules::read(&target.root)?;
        let imports = crate_modules.imports();
        for circle in circles::circles(&imports) {
            match folder_around(&circle, &CIRCLES_LEFT) {
                Some(folder) => drop(needed.insert(folder)),
                None => problems.push(format!(
                    "{}: files import each other in a circle:\n{}",
                    target.name,
                    in_words(&circle)
                )),
            }
        }
    }
    let needless = CIRCLES_LEFT.iter().filter(|folder| !needed.contains(*folder));
    problems.extend(
        needless.map(|folder| format!("{folder} has no circles any more: take it from the list of those left")),
    );
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

/// The one of these folders that all files of a circle lie in.
fn folder_around<'a>(circle: &[circles::Step<'_>], folders: &[&'a str]) -> Option<&'a str> {
    let is_around = |folder: &&&str| circle.iter().all(|step| step.from.starts_with(root().join(folder)));
    folders.iter().find(is_around).copied()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_left_only_where_all_of_it_lies_in_one_folder() {
        let import = circles::Import { line: 1, path: "crate::a".to_owned() };
        let (one, other) = (root().join("core/src/datasets/a.rs"), root().join("core/src/model/b.rs"));
        let step = |from, to| circles::Step { from, import: &import, to };
        let left = ["core/src/signal", "core/src/datasets"];
        let within = [step(one.as_path(), one.as_path())];
        assert_eq!(folder_around(&within, &left), Some("core/src/datasets"));
        let across = [step(one.as_path(), other.as_path()), step(other.as_path(), one.as_path())];
        assert_eq!(folder_around(&across, &left), None);
    }
}
