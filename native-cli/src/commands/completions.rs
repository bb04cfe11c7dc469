//! `signal-studio completions`.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::output;

/// What `completions` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio completions bash > ~/.local/share/bash-completion/completions/signal-studio
  signal-studio completions zsh > ~/.zfunc/_signal-studio
  signal-studio completions fish > ~/.config/fish/completions/signal-studio.fish")]
pub struct Arguments {
    /// The shell that is to complete the commands and options
    shell: Shell,
}

/// Prints the script that a shell completes this program's command line by.
pub fn run(arguments: &Arguments, mut program: clap::Command) {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    generate(arguments.shell, &mut program, name, &mut script);
    output::result(String::from_utf8_lossy(&script).trim_end());
}
