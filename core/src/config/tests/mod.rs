//! Tests of reading settings and run files.

mod arbitrary_text;
mod class_weights;
mod effects;
mod every_key;
mod mistakes;
mod model_mistakes;
mod paths;
mod run_files;
mod settings;

use super::{ConfigError, RunConfig};

/// A run file with nothing but what is required.
const MINIMAL: &str = r#"[dataset]
name = "parkinsons"
tasks = ["gender", "health"]

[model]
backbone = "cnn_light"
input_channels = 1
"#;

fn parse(text: &str) -> RunConfig {
    match RunConfig::parse(text, "run.toml") {
        Ok((run, _)) => run,
        Err(error) => panic!("{error}"),
    }
}

fn mistakes(text: &str) -> ConfigError {
    RunConfig::parse(text, "run.toml").expect_err("the file is wrong")
}
