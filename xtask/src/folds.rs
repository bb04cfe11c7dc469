//! Cross-validation over people: a run file is trained once a fold and seed by the command line's program, each time with
//! other people in its `[dataset.split]`, and what it reached on those it had never seen is told.
//!
//! The people are in the order of their names, and a person's fold is the place in that order modulo the number of folds.
//! Of those that are left, every sixth, from the first on, is validated on.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item, Table};

use crate::workspace::{output_of, run, run_cargo, target};

/// Of the people that are not tested on, one in so many is validated on.
const VALIDATED: usize = 6;

/// What is asked.
#[derive(Debug, PartialEq)]
pub struct Options {
    run_file: PathBuf,
    root: PathBuf,
    folds: usize,
    seeds: Vec<u64>,
}

impl Options {
    /// Reads the command line.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let [run_file, words @ ..] = words else { bail!("which run file?") };
        let mut options = Self { run_file: run_file.into(), root: PathBuf::new(), folds: 5, seeds: vec![33] };
        for pair in words.chunks(2) {
            match pair {
                ["--root", root] => options.root = root.into(),
                ["--folds", folds] => options.folds = folds.parse().context("--folds takes a number")?,
                ["--seeds", seeds] => {
                    let seeds: Result<_, _> = seeds.split(',').map(str::parse).collect();
                    options.seeds = seeds.context("--seeds takes numbers with commas between them")?;
                }
                _ => bail!("not known: {}", pair.join(" ")),
            }
        }
        if options.root.as_os_str().is_empty() || options.folds < 2 || options.seeds.is_empty() {
            bail!("a folder of recordings (--root), two folds and a seed are needed");
        }
        Ok(options)
    }
}

/// Who is in which split in one fold.
#[derive(Debug, PartialEq)]
struct Fold {
    test: Vec<String>,
    val: Vec<String>,
}

fn folds_of(people: &BTreeSet<String>, folds: usize) -> Vec<Fold> {
    let fold = |fold| {
        let (test, rest): (Vec<_>, Vec<_>) =
            people.iter().cloned().enumerate().partition(|(place, _)| place % folds == fold);
        let names = |people: Vec<(usize, String)>| people.into_iter().map(|(_, name)| name);
        Fold { test: names(test).collect(), val: names(rest).step_by(VALIDATED).collect() }
    };
    (0..folds).map(fold).collect()
}

/// The run file with the people of a fold.
fn with_fold(run_file: &str, fold: &Fold) -> Result<String> {
    let mut document: DocumentMut = run_file.parse()?;
    let mut split = Table::new();
    for (name, people) in [("val", &fold.val), ("test", &fold.test)] {
        split.insert(name, Item::Value(people.iter().collect::<Array>().into()));
    }
    let dataset = document.get_mut("dataset").and_then(Item::as_table_mut).context("it has no table [dataset]")?;
    dataset.insert("split", Item::Table(split));
    Ok(document.to_string())
}

/// The balanced accuracy on the test split by task, in percent, that a summary tells of the run, and then of the simple
/// methods beside it.
fn tested(summary: &Value) -> Result<Vec<(String, f64)>> {
    let test = &summary["test"];
    let tasks = test["metrics"]["tasks"].as_array().context("the run was not tested")?;
    let mut scores: Vec<(String, f64)> = tasks.iter().filter_map(score).collect();
    for method in test["baselines"]["methods"].as_array().into_iter().flatten() {
        let name = method["baseline"].as_str().unwrap_or_default();
        let of_method = method["tasks"].as_array().into_iter().flatten().filter_map(score);
        scores.extend(of_method.map(|(task, score)| (format!("{task} by {name}"), score)));
    }
    Ok(scores)
}

fn score(task: &Value) -> Option<(String, f64)> {
    let rows = task["confusion"].as_array()?;
    let recalls: Vec<f64> = rows
        .iter()
        .enumerate()
        .filter_map(|(class, row)| {
            let counts: Vec<f64> = row.as_array()?.iter().filter_map(Value::as_f64).collect();
            let total: f64 = counts.iter().sum();
            (total > 0.0).then(|| counts[class] / total)
        })
        .collect();
    Some((task["task"].as_str()?.to_owned(), 100.0 * recalls.iter().sum::<f64>() / recalls.len() as f64))
}

/// Trains every fold with every seed.
pub fn run_all(options: &Options) -> Result<()> {
    run_cargo(&[
        "build",
        "--release",
        "--package",
        "signal-studio",
        "--bin",
        "signal-studio",
        "--no-default-features",
    ])?;
    let program = target()?.join("release/signal-studio");
    let root = options.root.to_str().context("the folder's name is no text")?;
    let found = output_of(&program, &["inspect", root, "--json"]).context("the folder cannot be read")?;
    let survey: Value = serde_json::from_str(&found)?;
    let recordings = survey["recordings"].as_array().context("there are no recordings")?;
    let people: BTreeSet<String> =
        recordings.iter().filter_map(|recording| Some(recording["subject"].as_str()?.to_owned())).collect();
    let text = fs::read_to_string(&options.run_file).with_context(|| options.run_file.display().to_string())?;
    let folder = target()?.join("folds");
    fs::create_dir_all(&folder)?;
    let mut scores: Vec<(String, f64)> = Vec::new();
    for (number, fold) in folds_of(&people, options.folds).iter().enumerate() {
        for seed in &options.seeds {
            let tested = train(&program, &with_fold(&text, fold)?, &options.root, &folder, *seed)?;
            for (task, score) in &tested {
                println!("fold {}, seed {seed}, test of {}: {task} {score:.1} %", number + 1, fold.test.join(" "));
            }
            scores.extend(tested);
        }
    }
    let tasks: BTreeSet<&String> = scores.iter().map(|(task, _)| task).collect();
    for task in tasks {
        let of_task: Vec<f64> = scores.iter().filter(|(other, _)| other == task).map(|(_, score)| *score).collect();
        println!("{task}: mean balanced accuracy {:.1} %", of_task.iter().sum::<f64>() / of_task.len() as f64);
    }
    Ok(())
}

fn train(program: &Path, run_file: &str, root: &Path, folder: &Path, seed: u64) -> Result<Vec<(String, f64)>> {
    let [path, summary] = ["run.toml", "summary.json"].map(|name| folder.join(name));
    fs::write(&path, run_file)?;
    let mut command = Command::new(program);
    command.arg("train").arg(&path).arg("--root").arg(root).arg("--seed").arg(seed.to_string());
    command.arg("--settings").arg("configs/default.toml").arg("--quiet").args(["--device", "cpu"]);
    command.arg("--output-dir").arg(folder.join("runs")).arg("--metrics-summary-path").arg(&summary);
    run(&mut command)?;
    tested(&serde_json::from_str(&fs::read_to_string(&summary)?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everybody_is_tested_once_and_never_learnt_from_then() {
        let people: BTreeSet<String> = (0..36)
            .filter(|number| ![9, 18, 22, 30, 32, 35].contains(number))
            .map(|number| format!("{number:02}"))
            .collect();
        let folds = folds_of(&people, 5);
        assert_eq!(folds[0].test, ["00", "05", "11", "16", "23", "28"]);
        assert_eq!(folds[0].val, ["01", "08", "17", "26"]);
        assert_eq!(folds[4].val, ["00", "07", "16", "25"]);
        let tested: Vec<&String> = folds.iter().flat_map(|fold| &fold.test).collect();
        assert_eq!((tested.len(), tested.into_iter().collect::<BTreeSet<_>>().len()), (30, 30));
    }

    #[test]
    fn a_fold_takes_the_place_of_the_split_and_leaves_the_rest() {
        let fold = Fold { test: vec!["02".to_owned()], val: vec!["01".to_owned()] };
        let file = "# Mine\n[dataset]\nname = \"math\"\n[dataset.split]\ntest = [\"07\"]\ntrain = [\"03\"]\n[model]\n";
        let text = with_fold(file, &fold).unwrap();
        assert!(text.starts_with("# Mine\n") && text.contains("test = [\"02\"]") && text.contains("[model]"), "{text}");
        assert!(!text.contains("07") && !text.contains("03"), "{text}");
        assert!(with_fold("[model]\n", &fold).is_err());
    }

    #[test]
    fn a_score_is_the_mean_recall() {
        let tasks = json!([{ "task": "health", "confusion": [[9, 1], [2, 2]] }, { "task": "age", "errors": {} }]);
        let beside =
            json!([{ "baseline": "majority", "tasks": [{ "task": "health", "confusion": [[10, 0], [4, 0]] }] }]);
        let test = json!({ "metrics": { "tasks": tasks }, "baselines": { "methods": beside } });
        let scores = tested(&json!({ "test": test })).unwrap();
        assert_eq!(scores, [("health".to_owned(), 70.0), ("health by majority".to_owned(), 50.0)]);
        assert!(tested(&json!({ "test": null })).is_err());
    }

    #[test]
    fn what_is_asked_is_read_whole() {
        let parsed = Options::parse(&["a.toml", "--root", "data", "--seeds", "33,34"]).unwrap();
        assert_eq!((parsed.folds, parsed.seeds), (5, vec![33, 34]));
        for words in [&["a.toml"][..], &["a.toml", "--root"], &["a.toml", "--root", "d", "--folds", "1"], &[]] {
            assert!(Options::parse(words).is_err(), "{words:?}");
        }
    }
}
