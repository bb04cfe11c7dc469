//! What the runs of a cross-validation say together: what was said of all people by models that had never seen them is put into
//! one table, scored as a whole, and told with the scores of each run.

use std::fs;

use serde_json::{Value, json};
use signal_studio_core::{
    evaluation::{Assessment, PredictedWindow, PredictionTable},
    storage::Storage,
    training::{
        Summary,
        cross_validation::{FoldRun, PREDICTIONS},
        fold_scores::FoldTable,
        run_folder as layout,
    },
};

use super::{
    super::{evaluate, train::report},
    folder::Folder,
    table,
};
use crate::{failure::Failure, output, storage::DiskStorage};

/// Puts together what is there, and tells it.
pub fn tell(folder: &Folder, as_json: bool) -> Result<(), Failure> {
    let (mut done, mut missing) = (Vec::new(), Vec::new());
    for run in folder.record.runs() {
        match folder.ended(run)? {
            Some(summary) => done.push((run, summary)),
            None => missing.push(run),
        }
    }
    if done.is_empty() {
        return Err(Failure::request(format_args!(
            "no run of the cross-validation has ended: {}",
            folder.path.display()
        )));
    }
    let predictions = predictions(folder, &done)?;
    let written = pollster::block_on(DiskStorage::durable(&folder.path).write(PREDICTIONS, &predictions.to_csv()));
    written.map_err(|error| Failure::from(error).within("the folder", &folder.path))?;
    let tests = done.iter().map(|(run, summary)| match summary.test.as_deref() {
        Some(test) => Ok((*run, test)),
        None => Err(not_tested(folder, *run)),
    });
    let scores = FoldTable::of(&tests.collect::<Result<Vec<_>, _>>()?);
    let seed = folder.record.seeds.first().copied().unwrap_or_default();
    let assessment = Assessment::of(&predictions, seed);
    if as_json {
        output::json(&json!({
            "folder": folder.path,
            "folds": folder.record.folds,
            "seeds": folder.record.seeds,
            "missing": missing,
            "scores": scores,
            "assessment": assessment,
            "predictions": folder.path.join(PREDICTIONS),
        }));
        return Ok(());
    }
    let mut lines = vec![table::text(&scores)];
    if !missing.is_empty() {
        let runs: Vec<String> = missing.iter().map(FoldRun::to_string).collect();
        let of = done.len() + missing.len();
        lines.push(format!("\nof {} of {of} runs; not done: {}", done.len(), runs.join("; ")));
    }
    let splits = ["test".to_owned()];
    lines.push(format!(
        "\n{}",
        evaluate::report("the models of all folds, each on its own people", &splits, &assessment)
    ));
    lines.push(format!("\npredictions {}", folder.path.join(PREDICTIONS).display()));
    output::result(&lines.join("\n"));
    Ok(())
}

/// Tells how single runs have ended, of those that have.
pub fn tell_runs(folder: &Folder, runs: &[FoldRun], as_json: bool) -> Result<(), Failure> {
    let mut found: Vec<(FoldRun, Summary)> = Vec::new();
    for &run in runs {
        found.extend(folder.ended(run)?.map(|summary| (run, summary)));
    }
    if as_json {
        let run = |(run, summary): &(FoldRun, Summary)| {
            let folder = folder.of_run(*run);
            json!({ "fold": run.fold, "seed": run.seed, "run_dir": folder, "summary": summary })
        };
        output::json(&json!({ "runs": found.iter().map(run).collect::<Vec<Value>>() }));
        return Ok(());
    }
    for (run, summary) in found {
        output::result(&format!("{run}\n{}", report(&summary, None, &folder.of_run(run))));
    }
    Ok(())
}

/// What every run that is done has said of the people it was tested on.
fn predictions(folder: &Folder, done: &[(FoldRun, Summary)]) -> Result<PredictionTable, Failure> {
    let tasks = folder.tasks()?;
    let mut all = PredictionTable { tasks: tasks.clone(), rows: Vec::new() };
    for (run, _) in done {
        let path = folder.of_run(*run).join(layout::TEST_PREDICTIONS);
        let bytes = fs::read(&path).map_err(|error| {
            Failure::run(format_args!("what {run} has said of its test cannot be read: {error}: {}", path.display()))
        })?;
        let table = PredictionTable::from_csv(&bytes, &path.display().to_string(), &tasks)
            .map_err(|error| Failure::run(format_args!("damaged: {error}")))?;
        all.rows.extend(table.rows.into_iter().map(|row| PredictedWindow { fold: Some(run.fold), ..row }));
    }
    Ok(all)
}

fn not_tested(folder: &Folder, run: FoldRun) -> Failure {
    Failure::run(format_args!("{run} has ended without a test: {}", folder.of_run(run).display()))
}
