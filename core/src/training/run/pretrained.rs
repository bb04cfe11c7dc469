//! Weights of another run as the beginning of this one: the backbone must be this model's, and of the heads those are
//! taken that mean what this run's mean.

use crate::{
    labels::TaskSpec,
    model::{MultiTaskClassifier, parameters::Weights},
    training::{
        TrainError,
        batch::TargetScale,
        identity::{Identity, class_difference, compare_models},
    },
};

/// A model that begins with given weights.
pub(super) struct Fitted {
    pub(super) model: MultiTaskClassifier,
    /// What the user should know of it, one sentence each.
    pub(super) notes: Vec<String>,
}

/// Gives a new `model` the weights; `known` is what their checkpoint says of them.
///
/// # Errors
/// [`ModelError::OtherModel`](crate::model::ModelError::OtherModel) when the weights of the backbone are another one's.
pub(super) async fn fit(
    mut weights: Weights,
    known: Option<Identity>,
    now: &Identity,
    model: MultiTaskClassifier,
) -> Result<Fitted, TrainError> {
    let mut notes = Vec::new();
    let fresh = model.weights().await?;
    for (task, &scale) in now.tasks.iter().zip(&now.scales) {
        let prefix = head_prefix(&task.name);
        let reason = head_difference(&weights, known.as_ref(), task, scale, &fresh);
        if let Some(reason) = reason {
            notes.push(format!("the head of the task `{}` begins anew: {reason}", task.name));
            weights.retain(|name, _| !name.starts_with(&prefix));
            let head = fresh.iter().filter(|(name, _)| name.starts_with(&prefix));
            weights.extend(head.map(|(name, values)| (name.clone(), values.clone())));
        } else if known.is_none() && task.is_classification() {
            let classes = task.class_names().join(", ");
            notes.push(format!(
                "the weights do not say which classes the head of the task `{}` tells: they are taken to be {classes}, in \
                 this order",
                task.name
            ));
        }
    }
    for task in tasks_of(&weights) {
        if now.tasks.iter().all(|own| own.name != task) {
            weights.retain(|name, _| !name.starts_with(&head_prefix(&task)));
            notes.push(format!("the weights' head of the task `{task}` is left out, which this run does not have"));
        }
    }
    let model = model.with_weights(weights)?;
    if let Some(known) = &known {
        let mut differences = Vec::new();
        compare_models("model", &known.model, &now.model, &mut differences);
        notes.extend(differences.into_iter().map(|difference| format!("where the weights were learnt, {difference}")));
    }
    Ok(Fitted { model, notes })
}

/// Why a task's head cannot be taken; none when it can.
fn head_difference(
    weights: &Weights,
    known: Option<&Identity>,
    task: &TaskSpec,
    scale: TargetScale,
    fresh: &Weights,
) -> Option<String> {
    let prefix = head_prefix(&task.name);
    let shapes = |weights: &Weights| -> Vec<(String, Vec<usize>)> {
        let head = weights.iter().filter(|(name, _)| name.starts_with(&prefix));
        head.map(|(name, values)| (name.clone(), values.shape.clone())).collect()
    };
    let (found, own) = (shapes(weights), shapes(fresh));
    if found.is_empty() {
        return Some("the weights have none".to_owned());
    }
    if let Some(known) = known
        && let Some(index) = known.tasks.iter().position(|then| then.name == task.name)
    {
        if let Some(difference) = class_difference(&known.tasks[index], task) {
            return Some(difference);
        }
        let is_scaled = |scale: TargetScale| scale != TargetScale::default();
        if is_scaled(known.scales[index]) != is_scaled(scale) {
            let (then, now) = (is_scaled(known.scales[index]), is_scaled(scale));
            let words = |is_scaled| if is_scaled { "standardised" } else { "not standardised" };
            return Some(format!("its targets were {} and are {} now", words(then), words(now)));
        }
    }
    // With a wider or narrower backbone all heads differ, and the backbone's own weights tell why.
    let outputs = |shapes: &[(String, Vec<usize>)]| shapes.last().and_then(|(_, shape)| shape.first().copied());
    (outputs(&found) != outputs(&own)).then(|| {
        let words = |outputs: Option<usize>| outputs.map_or("no".to_owned(), |outputs| outputs.to_string());
        format!("it had {} outputs and has {} now", words(outputs(&found)), words(outputs(&own)))
    })
}

fn head_prefix(task: &str) -> String {
    format!("heads.{task}.")
}

/// The tasks that weights have a head for.
fn tasks_of(weights: &Weights) -> Vec<String> {
    let names = weights.keys().filter_map(|name| name.strip_prefix("heads."));
    let mut tasks: Vec<String> = names.filter_map(|name| Some(name.split_once(".net.")?.0.to_owned())).collect();
    tasks.dedup();
    tasks
}
