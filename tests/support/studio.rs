//! The program `signal-studio` as a process, in a folder of its own for each test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{math_recording, program, samples, write};

/// Options that make preprocessing quick.
pub const SMALL_WINDOWS: [&str; 4] = ["--window-length", "256", "--resolution", "64"];

/// A workspace of its own for one test: settings, run files, data and runs below a temporary folder.
pub struct Studio {
    /// The folder, which is the program's working folder.
    pub folder: TempDir,
}

impl Studio {
    /// A folder with settings for the demo and the math dataset.
    #[expect(clippy::new_without_default, reason = "a folder is made")]
    pub fn new() -> Self {
        let studio = Self { folder: TempDir::new().unwrap() };
        studio.write(
            "settings.toml",
            "[data]\nroot = \"raw\"\noutput_root = \"processed\"\n[datasets.demo]\n[datasets.math]\n",
        );
        studio
    }

    /// A path below the folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        write(&self.path(relative), content);
    }

    /// The text of a file.
    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    /// Changes a JSON file.
    pub fn edit(&self, relative: &str, change: impl FnOnce(&mut Value)) {
        let mut value = json(&self.path(relative));
        change(&mut value);
        self.write(relative, value.to_string());
    }

    /// A preprocessed folder `data`.
    pub fn preprocessed(&self) -> &Self {
        samples(&self.path("data"), [("train", 12), ("val", 4)]);
        self
    }

    /// A run file over the folder `data`, with these lines in its `[training]` table.
    pub fn config(&self, name: &str, training: &str) -> &Self {
        let text = format!(
            "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"./data\"\ntasks = [\"gender\", \"health\", \"age\"]\n\
             batch_size = 4\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 16\ndepth = 2\n\
             layer_repeats = 1\n[training]\ndevice = \"cpu\"\n{training}\n"
        );
        self.write(name, text);
        self
    }

    /// Recordings in the math dataset's layout, at rest, of so many subjects: `F` and `M` in turn, from 20 years on.
    pub fn math(&self, subjects: usize) -> &Self {
        let mut table = String::from("Subject,Age,Gender\n");
        for subject in 0..subjects {
            self.write(&format!("raw/math/Subject{subject:02}_1.edf"), math_recording(subject, 20));
            table += &format!("Subject{subject:02},{},{}\n", 20 + subject, ["F", "M"][subject % 2]);
        }
        self.write("raw/math/subject-info.csv", table);
        self
    }

    /// The program with these arguments, in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.folder.path()).env_remove("SIGNAL_DIFFUSION_CONFIG");
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs what must succeed; gives stdout.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs what must fail with this exit code; gives stderr.
    pub fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
        message
    }

    /// The only run folder below `output`.
    pub fn only_run(&self, output: &str) -> PathBuf {
        let mut runs: Vec<_> = fs::read_dir(self.path(output)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }
}

/// What a JSON file holds.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Checks that a message has these parts.
pub fn contains(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
