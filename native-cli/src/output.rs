//! What the program says. Results go to stdout, messages to stderr. A reader that has closed the pipe has seen enough:
//! that is no error, and least of all a reason to end a training run.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a result, one or more lines, to stdout.
pub fn result(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes a value as one line of JSON to stdout.
pub fn json_line(value: &impl Serialize) {
    let mut line = serde_json::to_vec(value).expect("events have string keys and no foreign types");
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(&line).and_then(|()| stdout.flush());
}

/// Writes a value as indented JSON to stdout.
pub fn json(value: &impl Serialize) {
    result(&serde_json::to_string_pretty(value).expect("reports have string keys and no foreign types"));
}

/// Writes a line to stderr.
pub fn message(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes something worth knowing to stderr.
pub fn note(text: &str) {
    message(&format!("note: {text}"));
}
