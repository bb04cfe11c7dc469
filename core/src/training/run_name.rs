//! What a run's folder is called: the same for every front end, which says the time and how many of that name there
//! are.

use crate::config::{DatasetName, RunConfig};

/// `<run_name, or dataset-backbone-tasks>-<time>`; from the second run of that name on, `number` is added. The time is
/// the front end's, as `20250309-140506`. A name never leads out of the folder that it is made in.
#[must_use]
pub fn run_name(config: &RunConfig, time: &str, number: usize) -> String {
    let name = format!("{}-{time}", stem(config));
    if number <= 1 { name } else { format!("{name}-{number}") }
}

/// The same for the folder of a cross-validation, `…-cross-validation-<time>`.
#[must_use]
pub fn cross_validation_name(config: &RunConfig, time: &str, number: usize) -> String {
    run_name(config, &format!("cross-validation-{time}"), number)
}

fn stem(config: &RunConfig) -> String {
    let name = match &config.training.run_name {
        Some(name) => name.clone(),
        None => {
            let dataset = match &config.dataset.name {
                DatasetName::Named(name) => name.as_str(),
                DatasetName::Path(path) => path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("folder"),
            };
            let parts = [dataset, config.model.backbone.as_str()].into_iter();
            parts.chain(config.dataset.tasks.iter().map(String::as_str)).collect::<Vec<_>>().join("-")
        }
    };
    name.replace(|letter: char| "/\\:~".contains(letter) || letter.is_control(), "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Backbone, DatasetConfig, ModelConfig};

    fn config(dataset: &str) -> RunConfig {
        let tasks = vec!["gender".to_owned(), "age".to_owned()];
        let dataset = DatasetConfig::new(DatasetName::from_text(dataset), tasks);
        RunConfig::new(dataset, ModelConfig::new(Backbone::CnnLight))
    }

    #[test]
    fn a_name_says_what_is_learnt_and_when() {
        assert_eq!(run_name(&config("math"), "20250309-140506", 1), "math-cnn_light-gender-age-20250309-140506");
        assert_eq!(run_name(&config("math"), "20250309-140506", 2), "math-cnn_light-gender-age-20250309-140506-2");
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        assert_eq!(run_name(&config("~/data/my set/"), "t", 1), "my set-cnn_light-gender-age-t");
        let mut config = config("math");
        config.training.run_name = Some("../../etc/x".to_owned());
        assert_eq!(run_name(&config, "t", 1), ".._.._etc_x-t");
    }
}
