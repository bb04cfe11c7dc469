//! What a run file would do. Its text flows in; whether its data are there, the model it gives and what stands in the way
//! flow out. Nothing is made and nothing is opened but tables.

use signal_studio_app::protocol::{DataState, LayerOutline, ModelOutline, Outlook};
use signal_studio_core::{datasets::FeatureShape, model::summary::ModelSummary};

use crate::{
    errors::{Failure, Outcome},
    limits::must_fit,
    run_file::RunFile,
    samples::Samples,
    studio::Studio,
};

/// What a run file gives.
///
/// # Errors
/// When the files that are kept cannot be read; what is wrong with the run file is no error but a problem.
pub async fn outlook(studio: &Studio, text: String) -> Outcome<Outlook> {
    let run = match RunFile::parse(studio, text).await {
        Ok(run) => run,
        Err(failure) => return Ok(without_data(String::new(), failure)),
    };
    let samples = match Samples::of(studio, &run).await {
        Ok(samples) => samples,
        Err(failure) => return Ok(without_data(run.config.dataset.name.to_string(), failure)),
    };
    let mut problems = Vec::new();
    if samples.state == DataState::Missing {
        problems.push(samples.missing().0.message);
    }
    for split in samples.missing_splits(&run).await? {
        problems.push(format!("the dataset `{}` has no samples in the split `{split}`", samples.dataset));
    }
    let shape = samples.shape(studio, &run).await.unwrap_or_else(|failure| {
        problems.push(failure.0.message);
        None
    });
    let model = shape.and_then(|shape| match outline(&run, shape) {
        Ok(outline) => Some(outline),
        Err(failure) => {
            problems.push(failure.0.message);
            None
        }
    });
    problems.dedup();
    Ok(Outlook { dataset: samples.dataset, data: samples.state, model, problems })
}

fn without_data(dataset: String, failure: Failure) -> Outlook {
    Outlook { dataset, data: DataState::Missing, model: None, problems: vec![failure.0.message] }
}

fn outline(run: &RunFile, shape: FeatureShape) -> Outcome<ModelOutline> {
    must_fit(&run.config.model, run.config.dataset.tasks.len())?;
    let tasks: Vec<_> = run.data.labels.iter().map(|label| label.task.clone()).collect();
    let summary = ModelSummary::new(&run.config.model, &tasks, shape)?;
    Ok(ModelOutline {
        input: summary.input.to_string(),
        parameters: summary.parameters() as u64,
        multiply_adds: summary.multiply_adds(),
        training_bytes: summary.training_bytes(run.config.dataset.batch_size),
        layers: summary
            .layers
            .into_iter()
            .map(|layer| LayerOutline {
                name: layer.name,
                kind: layer.kind,
                output: layer.output,
                parameters: layer.parameters as u64,
                multiply_adds: layer.multiply_adds,
            })
            .collect(),
    })
}
