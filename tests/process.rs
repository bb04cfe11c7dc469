//! The program `signal-studio` as a process, in a folder of its own for each test.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use signal_studio_tests::program;
use tempfile::TempDir;

/// Options that make preprocessing quick.
pub const SMALL_WINDOWS: [&str; 4] = ["--window-length", "256", "--resolution", "64"];

/// A workspace of its own for one test: settings, run files, data and runs below a temporary folder.
pub struct Studio {
    /// The folder, which is the program's working folder.
    pub folder: TempDir,
}

impl Studio {
    pub fn new() -> Self {
        let studio = Self { folder: TempDir::new().unwrap() };
        studio.write(
            "settings.toml",
            "[data]\nroot = \"raw\"\noutput_root = \"processed\"\n[datasets.demo]\n[datasets.math]\n",
        );
        studio
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.folder.path()).env_remove("SIGNAL_DIFFUSION_CONFIG");
        command.stdin(Stdio::null());
        command
    }

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

pub fn contains(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
