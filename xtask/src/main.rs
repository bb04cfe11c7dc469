//! The project's own commands: `cargo xtask studio` builds the studio and opens it, `build` builds it to be published,
//! `install` puts it into the command line's program, `test` checks everything, `structure` says how the files depend on
//! each other. They run from any folder of the workspace and stop at the first step that fails.

mod browser;
mod checks;
mod dist;
mod offline;
mod sizes;
mod structure;
mod studio;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{checks::Extent, dist::Purpose};

const USAGE: &str = "usage: cargo xtask <command>

  studio        builds the studio, serves it to this machine and opens it; --port N (8080), --no-open
  build         the studio for any static host, in dist/; what building needs is installed first
  install       the program signal-studio with the studio inside; what follows is for cargo install: --features cuda
  test          everything: formatting, structure, lints, tests, the studio's size, and the studio in a real browser
  test --quick  only what takes little time: neither the lints of the GPU code nor the studio
  structure     that the files of no crate import each other in a circle, and that none is long without a reason";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(words: &[&str]) -> Result<()> {
    match words {
        ["studio", options @ ..] => studio::run(&studio::Options::parse(options)?),
        ["build"] => dist::build(Purpose::Publishing).map(drop),
        ["install", options @ ..] => dist::install(options),
        ["test"] => checks::test(Extent::Everything),
        ["structure"] => structure::check(),
        ["test", "--quick"] => checks::test(Extent::Quick),
        _ => bail!(USAGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_shows_the_usage() {
        assert_eq!(command(&["tset"]).unwrap_err().to_string(), USAGE);
    }
}
