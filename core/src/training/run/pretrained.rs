//! Weights of another run as the beginning of this one: the backbone must be this model's, and of the heads those are
//! taken that mean what this run's mean.

use crate::{
    labels::TaskSpec,
    model::{MultiTaskClassifier, backbones::BackboneNetwork, parameters::Weights},
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
        let prefix = model.head_prefix(&task.name);
        let reason = match only_task(known.as_ref(), &model).filter(|then| then.name != task.name) {
            Some(then) => Some(format!("the weights' is that of the task `{}`", then.name)),
            None => head_difference(&weights, known.as_ref(), task, scale, &fresh, &prefix),
        };
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
    let own: Vec<String> = now.tasks.iter().map(|task| model.head_prefix(&task.name)).collect();
    for (head, prefix) in heads_of(&weights, now) {
        if !own.contains(&prefix) {
            weights.retain(|name, _| !name.starts_with(&prefix));
            notes.push(format!("the weights' {head} is left out, which this run does not have"));
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
    prefix: &str,
) -> Option<String> {
    let shapes = |weights: &Weights| -> Vec<(String, Vec<usize>)> {
        let head = weights.iter().filter(|(name, _)| name.starts_with(prefix));
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

/// The task that weights have their only head for, if that is named after none: as the published models' is.
fn only_task<'a>(known: Option<&'a Identity>, model: &MultiTaskClassifier) -> Option<&'a TaskSpec> {
    match known?.tasks.as_slice() {
        [task] if model.published_head().is_some() => Some(task),
        _ => None,
    }
}

/// The heads that weights have, in words, and what their parameters' names begin with.
fn heads_of(weights: &Weights, now: &Identity) -> Vec<(String, String)> {
    let names = weights.keys().filter_map(|name| name.strip_prefix("heads."));
    let tasks = names.filter_map(|name| Some(name.split_once(".net.")?.0));
    let mut heads: Vec<_> =
        tasks.map(|task| (format!("head of the task `{task}`"), format!("heads.{task}."))).collect();
    heads.dedup();
    let published = serde_json::from_value(now.model["backbone"].clone()).ok().and_then(BackboneNetwork::last_layer);
    if let Some(prefix) = published.map(|name| format!("{name}."))
        && weights.keys().any(|name| name.starts_with(&prefix))
    {
        heads.push(("head of a single task".to_owned(), prefix));
    }
    heads
}
