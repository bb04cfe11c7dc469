//! Where the command line's program is. Cargo tells only the tests of its own package.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::SystemTime,
};

const ADVICE: &str = "`cargo build` it with the packages and features of these tests, or run `cargo xtask test`";

/// The program `signal-studio`: the one that `SIGNAL_STUDIO_PROGRAM` names, or the one that was built where this test was.
///
/// # Panics
/// When there is none, or when it is older than what it is made of.
pub fn program() -> &'static Path {
    static PROGRAM: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| match env::var_os("SIGNAL_STUDIO_PROGRAM").map(PathBuf::from) {
            Some(told) if told.is_file() => Ok(told),
            Some(told) => Err(format!("SIGNAL_STUDIO_PROGRAM is set, but there is no {}", told.display())),
            None => built_beside(&env::current_exe().expect("a test knows its own path")),
        });
    PROGRAM.as_ref().unwrap_or_else(|reason| panic!("{reason}"))
}

/// The program in the folder above that of a test.
fn built_beside(test: &Path) -> Result<PathBuf, String> {
    let folder = test.ancestors().nth(2).expect("a test lies in a folder of a target folder");
    let program = folder.join("signal-studio").with_extension(env::consts::EXE_EXTENSION);
    match newer_source(&program) {
        Ok(None) => Ok(program),
        Ok(Some(source)) => Err(format!("{} is older than {source}: {ADVICE}", program.display())),
        Err(error) => Err(format!("there is no program to be tested, {}: {error}: {ADVICE}", program.display())),
    }
}

/// The first source that has changed since a program was built of it, or is not there any more. Cargo lists them in a file
/// beside the program, as a rule of Make, and with them what git writes at each commit, which is no source.
fn newer_source(program: &Path) -> io::Result<Option<String>> {
    let built = fs::metadata(program)?.modified()?;
    let rule = fs::read_to_string(program.with_extension("d"))?;
    let (_, sources) = rule.split_once(": ").unwrap_or_default();
    let names = sources.replace("\\ ", "\0");
    let mut names =
        names.split_whitespace().map(|name| name.replace('\0', " ")).filter(|name| !name.contains("/.git/"));
    let modified = |name: &str| fs::metadata(name).and_then(|source| source.modified());
    Ok(names.find(|name| modified(name).map_or(true, |time: SystemTime| time > built)))
}
