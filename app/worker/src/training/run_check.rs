//! Checks what a run file would do: whether its data are there, which model it gives, and what stands in the way. Nothing
//! is made and nothing is opened but tables.

use std::rc::Rc;

use signal_studio_app_shared::protocol::{DataState, LayerOutline, ModelOutline, RunCheck};
use signal_studio_core::{
    config::{RunConfig, Settings},
    datasets::FeatureShape,
    model::{memory::kept_beside, summary::ModelSummary},
};

use crate::{
    datasets::{cache::DatasetCache, samples::Samples},
    shell::{
        errors::{Failure, Outcome},
        home::Home,
    },
    training::{
        limits::{model_must_fit, must_be_possible},
        run_file::RunFile,
    },
};

/// What a run file gives.
///
/// # Errors
/// When the files that are kept cannot be read; what is wrong with the run file is no error but a problem.
pub async fn check_run(home: &Home, settings: &Settings, cache: &DatasetCache, text: String) -> Outcome<RunCheck> {
    let run = match RunFile::parse(home, settings, text).await {
        Ok(run) => run,
        Err(failure) => return Ok(without_data(String::new(), failure)),
    };
    let samples = match Samples::of(home, settings, cache, &run).await {
        Ok(samples) => samples,
        Err(failure) => return Ok(without_data(run.config.dataset.name.to_string(), failure)),
    };
    let mut problems = Vec::new();
    if samples.state == DataState::Missing {
        problems.push(samples.missing().0.message);
    }
    problems.extend(samples.refusal().map(|failure| failure.0.message));
    for split in samples.missing_splits(cache, &run).await? {
        problems.push(format!("the dataset `{}` has no samples in the split `{split}`", samples.dataset));
    }
    let shape = samples.shape(cache, &run).await.unwrap_or_else(|failure| {
        problems.push(failure.0.message);
        None
    });
    let model = shape.and_then(|shape| match model_of(cache, &run, shape) {
        Ok(model) => {
            problems.extend(model_must_fit(&run.config, &model).err().map(|failure| failure.0.message));
            Some(outline(&model, &run.config))
        }
        Err(failure) => {
            problems.push(failure.0.message);
            None
        }
    });
    problems.dedup();
    Ok(RunCheck { dataset: samples.dataset, data: samples.state, model, problems })
}

fn without_data(dataset: String, failure: Failure) -> RunCheck {
    RunCheck { dataset, data: DataState::Missing, model: None, problems: vec![failure.0.message] }
}

/// The model of a run file for samples of this shape. It is made for that, unless the last one was the same.
///
/// # Errors
/// When it cannot be made, or is too large to be.
pub fn model_of(cache: &DatasetCache, run: &RunFile, shape: FeatureShape) -> Outcome<Rc<ModelSummary>> {
    let config = &run.config.model;
    let tasks: Vec<_> = run.data.labels.iter().map(|label| label.task.clone()).collect();
    let findings = cache.findings();
    if let Some(known) = findings.model(config, &tasks, shape) {
        return Ok(known);
    }
    must_be_possible(config, tasks.len(), shape)?;
    let model = Rc::new(ModelSummary::new(config, &tasks, shape)?);
    findings.keep_model(config, tasks, model.clone());
    Ok(model)
}

fn outline(model: &ModelSummary, config: &RunConfig) -> ModelOutline {
    let layers = model.layers.iter().map(|layer| LayerOutline {
        name: layer.name.clone(),
        kind: layer.kind.clone(),
        output: layer.output.clone(),
        parameters: layer.parameters as u64,
        multiply_adds: layer.multiply_adds,
    });
    ModelOutline {
        input: model.input.to_string(),
        parameters: model.parameters() as u64,
        multiply_adds: model.multiply_adds(),
        training_bytes: model.training_bytes(config.dataset.batch_size, kept_beside(&config.training)),
        layers: layers.collect(),
    }
}
