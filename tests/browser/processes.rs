//! The processes of a test: the command line, its server, and the browser's driver. Those that go on are ended with their
//! owner.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use signal_studio_tests::program;

/// The command line.
pub fn command_line(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_remove("SIGNAL_DIFFUSION_CONFIG").stdin(Stdio::null());
    command
}

/// The built studio.
fn dist() -> PathBuf {
    let folder = env::var_os("SIGNAL_STUDIO_DIST").map_or_else(|| PathBuf::from("../dist"), PathBuf::from);
    let is_built = folder.join("index.html").is_file();
    assert!(is_built, "{} has no index.html: run `cargo xtask build`, or `cargo xtask test`", folder.display());
    folder
}

/// A process that ends with its owner.
pub struct Process(Child);

impl Process {
    /// Starts a process; gives what is found in a line of its output as well.
    pub fn start<T>(command: &mut Command, found: impl Fn(&str) -> Option<T>) -> (Self, T) {
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut seen = String::new();
        let found = loop {
            let start = seen.len();
            let read = output.read_line(&mut seen).unwrap();
            assert!(read > 0, "{} ended early: {seen}", command.get_program().display());
            if let Some(found) = found(&seen[start..]) {
                break found;
            }
        };
        // What it says later is read, so that it does not wait for a reader, and dropped.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        (Self(child), found)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The command line's server with the built studio, on a free port; gives its address as well.
pub fn serve() -> (Process, String) {
    let dist = dist();
    let mut command = command_line(&["serve", dist.to_str().unwrap(), "--port", "0"]);
    Process::start(&mut command, |line| {
        let start = line.find("http://")?;
        Some(line[start..].trim().to_owned())
    })
}

/// Chromium's driver; gives its address as well.
pub fn chromedriver() -> (Process, String) {
    Process::start(Command::new("chromedriver").args(["--port=0", "--log-level=SEVERE"]), |line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        Some(format!("http://127.0.0.1:{}", port.trim().trim_end_matches('.')))
    })
}
