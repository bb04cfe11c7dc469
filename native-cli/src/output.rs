//! What the program says. Results go to stdout, messages to stderr. A reader that has closed the pipe has seen enough:
//! that is no error, and least of all a reason to end a training run.

use std::{
    env,
    io::{self, IsTerminal, Write},
    sync::OnceLock,
};

use clap::ColorChoice;
use serde::Serialize;

/// Whether messages are coloured.
static IS_COLORED: OnceLock<bool> = OnceLock::new();

/// Says when messages are coloured; `auto` is on a terminal, unless `NO_COLOR` is set.
pub fn set_color(choice: ColorChoice) {
    let is_colored = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    // It is said once, at the start.
    let _ = IS_COLORED.set(is_colored);
}

/// The text with its first word, `error:` or `note:`, in colour where that is wanted.
fn colored(text: &str) -> String {
    let color = |word: &str| match word {
        "error" => Some("1;31"),
        "note" => Some("1;33"),
        _ => None,
    };
    match text.split_once(": ").and_then(|(word, rest)| Some((word, color(word)?, rest))) {
        Some((word, color, rest)) if IS_COLORED.get() == Some(&true) => format!("\x1b[{color}m{word}:\x1b[0m {rest}"),
        _ => text.to_owned(),
    }
}

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
    let _ = writeln!(io::stderr().lock(), "{}", colored(text));
}

/// Writes something worth knowing to stderr.
pub fn note(text: &str) {
    message(&format!("note: {text}"));
}
