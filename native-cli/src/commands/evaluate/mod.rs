//! `signal-studio evaluate`: what a trained model says of a split, and how good that is.

mod arguments;
mod source;
mod text;

use std::fs;

use serde_json::json;
use signal_studio_core::evaluation::Assessment;

use self::source::{Answered, answered};
pub use self::{arguments::Arguments, text::report};
use crate::{exit::Exit, failure::Failure, interrupt, output};

/// Evaluates.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    interrupt::install("stopping after this batch")?;
    let Some(Answered { table, model, splits, notes }) = answered(arguments)? else { return Ok(Exit::Interrupted) };
    if let Some(path) = &arguments.predictions {
        fs::write(path, table.to_csv())
            .map_err(|error| Failure::run(format_args!("cannot write the predictions: {error}: {}", path.display())))?;
    }
    let seed = table.rows.first().map_or(0, |row| row.seed);
    let assessment = Assessment::of(&table, seed);
    if arguments.json {
        output::json(&json!({ "model": model, "splits": splits, "notes": notes, "assessment": assessment }));
    } else {
        notes.iter().for_each(|note| output::note(note));
        output::result(&text::report(&model, &splits, &assessment));
    }
    Ok(Exit::Done)
}
