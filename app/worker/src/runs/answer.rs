//! How good the model of a run is: the tables of what it said, which lie in the run's folder, are read and scored. Scoring
//! takes up to seconds, and is done once for each table and a task at a time, so that a run under way goes on in between.

use std::cell::RefCell;

use signal_studio_app_shared::protocol::{Answer, Level, SplitAnswer};
use signal_studio_core::{
    config::RunConfig,
    evaluation::{Assessment, PersonAssessment, PredictedWindow, PredictionTable, TaskAssessment},
    labels::{Target, TaskSpec},
    training::{
        BaselineResults,
        run_baselines::RunBaselines,
        run_folder::{self as layout, RunFolder},
    },
};

use crate::{
    opfs::Opfs,
    runs::records::{read_if_there, read_json},
    shell::{errors::Outcome, event_loop::yield_now, home::Home, post::log},
};

/// The tables of a run that judge its model, the test first, and whether it is that.
const TABLES: [(&str, bool); 2] = [(layout::TEST_PREDICTIONS, true), (layout::VALIDATION_PREDICTIONS, false)];

/// The tables scored last. Of the same bytes nothing else would come.
#[derive(Default)]
pub struct AnswerCache {
    scored: RefCell<Vec<Scored>>,
}

/// A table's bytes, its split, and what came of them.
#[derive(Clone)]
struct Scored {
    bytes: Vec<u8>,
    tasks: Vec<TaskSpec>,
    split: String,
    assessment: Assessment,
}

/// How good the model of a run is, as far as its folder tells.
///
/// # Errors
/// When there can be no such run, or its files cannot be read.
pub async fn answer(home: &Home, cache: &AnswerCache, run: &str) -> Outcome<Answer> {
    let folder = home.run(run)?;
    let Some(tasks) = tasks(&folder).await? else { return Ok(Answer { splits: Vec::new() }) };
    let baselines = RunFolder::new(&folder).read_baselines().await?.unwrap_or_default();
    let before = cache.scored.take();
    let mut splits = Vec::new();
    for (path, is_test) in TABLES {
        let Some(bytes) = read_if_there(&folder, path).await? else { continue };
        let known = before.iter().find(|scored| scored.bytes == bytes && scored.tasks == tasks).cloned();
        let scored = match known {
            Some(scored) => Some(scored),
            None => score(bytes, &tasks, folder.below(path).path()).await,
        };
        let Some(scored) = scored else { continue };
        let Scored { split, assessment, .. } = scored.clone();
        cache.scored.borrow_mut().push(scored);
        splits.push(SplitAnswer { split, is_test, assessment, baselines: of_split(&baselines, is_test) });
    }
    Ok(Answer { splits })
}

/// What the run's model was trained for; none where its folder does not say.
async fn tasks(folder: &Opfs) -> Outcome<Option<Vec<TaskSpec>>> {
    let Some(object) = read_json::<serde_json::Map<_, _>>(folder, layout::CONFIG_JSON).await? else { return Ok(None) };
    let Ok(config) = RunConfig::from_json(&object, layout::CONFIG_JSON) else { return Ok(None) };
    let registry = config.registry();
    Ok(config.dataset.tasks.iter().map(|task| Some(registry.get(task)?.task.clone())).collect())
}

fn of_split(baselines: &RunBaselines, is_test: bool) -> Option<BaselineResults> {
    if is_test { baselines.test.clone() } else { baselines.val.clone() }
}

/// Scores a table. One that is empty or damaged counts as missing, and in the latter case the user is told.
async fn score(bytes: Vec<u8>, tasks: &[TaskSpec], path: &str) -> Option<Scored> {
    let read = PredictionTable::from_csv(&bytes, path, tasks);
    let table = read.inspect_err(|error| log(Level::Warning, format!("{error}; the table is left out."))).ok()?;
    let PredictedWindow { split, seed, .. } = table.rows.first()?;
    let (split, seed) = (split.clone(), *seed);
    let mut assessment = Assessment::without_tasks(&table);
    for task in 0..tasks.len() {
        yield_now().await;
        assessment.tasks.push(TaskAssessment::of(&table, task, seed));
    }
    // The page reads it as JSON, which has no other numbers.
    assessment.tasks.iter_mut().for_each(|task| task.people.retain(is_finite));
    Some(Scored { bytes, tasks: tasks.to_vec(), split, assessment })
}

fn is_finite(person: &PersonAssessment) -> bool {
    let is_truth_finite = match person.target {
        Target::Value(truth) => truth.is_finite(),
        Target::Class(_) => true,
    };
    is_truth_finite && person.said.is_finite()
}
