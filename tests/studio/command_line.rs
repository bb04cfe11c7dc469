//! The same run on the command line.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{browser::command_line, files::list, losses::step_losses};

/// A run of the same run file on the command line's CPU.
pub struct CommandLineRun {
    /// Its folder.
    pub folder: PathBuf,
    events: Vec<Value>,
}

impl CommandLineRun {
    /// Trains to the end.
    pub fn train(folder: &Path, name: &str, config: &str) -> Self {
        let config_path = folder.join(format!("{name}.toml"));
        fs::write(&config_path, config).unwrap();
        let settings = folder.join("settings.toml");
        fs::write(&settings, include_str!("../../configs/default.toml").replace("../data", "data")).unwrap();
        let mut command = command_line(&["train", "--json", "--device", "cpu", "--output-dir", "runs"]);
        let output = command.arg("--settings").arg(&settings).arg(&config_path).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let events: Vec<Value> =
            String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let run = events.iter().find_map(|event| event["run_dir"].as_str()).unwrap();
        Self { folder: folder.join(run), events }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.folder.file_name().unwrap().to_str().unwrap()
    }

    /// The paths of its files.
    pub fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        list(&self.folder, &self.folder, &mut files);
        files
    }

    /// What one of its files holds.
    pub fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&fs::read(self.folder.join(path)).unwrap()).unwrap()
    }

    /// The losses that it told, step by step.
    pub fn losses(&self) -> Vec<Value> {
        step_losses(self.events.iter().cloned())
    }
}
