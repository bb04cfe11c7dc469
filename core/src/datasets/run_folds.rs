//! The folds of a run: its dataset's people, with the classes of what it learns, are dealt out.

use super::{
    DatasetError, DatasetPlan, PreprocessOptions, RawDataset,
    classes::classes_of_tasks,
    folds::{Fold, folds_of},
};
use crate::{config::CrossValidationConfig, labels::LabelSpec, storage::Storage};

/// The folds of a run that learns `labels` from recordings: of everybody with a label of at least one of them, balanced by
/// the classes of those that have classes. Numbers to predict balance nothing. Nothing but tables is read, so that recordings
/// which turn out to be of no use count as well.
///
/// # Errors
/// As [`DatasetPlan::of`], and [`DatasetError::Folds`].
pub async fn folds_of_run(
    dataset: &dyn RawDataset,
    raw: &dyn Storage,
    options: &PreprocessOptions,
    labels: &[LabelSpec],
    wanted: &CrossValidationConfig,
) -> Result<Vec<Fold>, DatasetError> {
    let plan = DatasetPlan::of(dataset, raw, options).await?;
    Ok(folds_of(&classes_of_tasks(&plan, labels), wanted.folds, wanted.inner)?)
}
