//! `signal-studio man`.

use clap::Args;
use clap_mangen::Man;

use crate::{failure::Failure, output};

/// What `man` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio man | man -l -
  signal-studio man train > signal-studio-train.1")]
pub struct Arguments {
    /// The command whose manual is wanted, instead of the program's
    command: Option<String>,
}

/// Prints a manual page.
pub fn run(arguments: &Arguments, mut program: clap::Command) -> Result<(), Failure> {
    program.build();
    let page = match &arguments.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::request(format_args!("there is no command `{name}`; `signal-studio --help` lists them"))
        })?,
    };
    let mut roff = Vec::new();
    // It is written to memory.
    Man::new(page).render(&mut roff).map_err(|error| Failure::run(format_args!("no manual can be made: {error}")))?;
    output::result(String::from_utf8_lossy(&roff).trim_end());
    Ok(())
}
