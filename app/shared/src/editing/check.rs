//! Reads a run file: the run that it describes, or everything that is wrong with it, in core's words.

use std::{ops::Range, sync::LazyLock};

use signal_studio_core::config::{ConfigError, ConfigProblem, DatasetName, Notice, RunConfig, Settings};

use super::{edit::Edit, fix::fix, outline::Outline, syntax::Syntax};

/// A run file after reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// What is wrong or worth saying, in the order of the file.
    pub problems: Vec<Problem>,
    /// The run, if nothing is wrong.
    pub config: Option<RunConfig>,
}

/// Something that is wrong with a run file, or worth saying about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The bytes it is about; empty where something is missing.
    pub span: Range<usize>,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
    /// Whether it keeps the run from starting.
    pub severity: Severity,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// The edit that writes what was probably meant.
    pub fix: Option<Edit>,
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run can start; something has no effect, or another one than it may seem.
    Notice,
    /// The run cannot start.
    Error,
}

/// The settings file that comes with the program.
const BUILTIN_SETTINGS: &str = "default.toml";

/// The settings that count in a browser, where a run file's `settings.config` is always the file that comes with the
/// program.
#[must_use]
pub fn builtin_settings() -> &'static Settings {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
        let text = include_str!("../../../../configs/default.toml");
        let (settings, _) =
            Settings::parse(text, BUILTIN_SETTINGS).expect("the file is part of the program and tested");
        settings
    });
    &SETTINGS
}

/// Reads a run file and says everything that is wrong with it. `kept` are the names of datasets that there are beside
/// those that core and the settings know.
#[must_use]
pub fn check(text: &str, kept: &[String]) -> Checked {
    let Read { config, notices, wrong } = read(text, kept);
    let outline = LazyLock::new(|| Outline::of(text, &Syntax::of(text)));
    let errors = wrong.into_iter().map(|problem| {
        let fix = problem.suggestion.as_deref().and_then(|meant| {
            let cures =
                |edit: &Edit| read(&edit.applied(text), kept).wrong.iter().all(|left| left.message != problem.message);
            fix(text, &outline, &problem, meant, cures)
        });
        let ConfigProblem { line, column, span, message, suggestion, .. } = problem;
        Problem { span, line, column, message, severity: Severity::Error, suggestion, fix }
    });
    let notices = notices.into_iter().map(|notice| {
        let Notice { line, column, span, key, message } = notice;
        let message = format!("{key}: {message}");
        Problem { span, line, column, message, severity: Severity::Notice, suggestion: None, fix: None }
    });
    let other_settings = config.as_ref().and_then(|config| other_settings(config, text, &outline));
    let mut problems: Vec<_> = errors.chain(notices).chain(other_settings).collect();
    problems.sort_by_key(|problem| problem.span.start);
    Checked { problems, config }
}

/// The notice that settings other than the built-in ones, which a run file names, do not count in a browser.
fn other_settings(config: &RunConfig, text: &str, outline: &Outline) -> Option<Problem> {
    let named = config.settings.config.as_ref()?;
    let file_name = named.rsplit(['/', '\\']).next()?;
    if file_name == BUILTIN_SETTINGS {
        return None;
    }
    let span = outline.span_of(&["settings", "config"])?;
    let (line, column) = line_and_column(text, span.start);
    let message = "settings.config: has no effect in a browser, where the built-in settings count".to_owned();
    Some(Problem { span, line, column, message, severity: Severity::Notice, suggestion: None, fix: None })
}

/// Line and column in characters of a byte, counted from 1.
fn line_and_column(text: &str, place: usize) -> (usize, usize) {
    let before = &text[..place];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A run file as core reads it.
struct Read {
    config: Option<RunConfig>,
    notices: Vec<Notice>,
    wrong: Vec<ConfigProblem>,
}

fn read(text: &str, kept: &[String]) -> Read {
    match RunConfig::parse(text, "config.toml") {
        Err(error) => Read { config: None, notices: Vec::new(), wrong: error.problems },
        Ok((config, notices)) => match resolved(config, kept) {
            Ok(config) => Read { config: Some(config), notices, wrong: Vec::new() },
            Err(error) => Read { config: None, notices, wrong: error.problems },
        },
    }
}

/// The run if it suits its dataset. As in the worker, a plain name that nobody knows may be that of a folder which is
/// kept.
fn resolved(mut config: RunConfig, kept: &[String]) -> Result<RunConfig, ConfigError> {
    let settings = builtin_settings();
    if let DatasetName::Named(name) = &config.dataset.name
        && config.resolve(settings).is_err()
    {
        let folder = format!("./{name}");
        if kept.contains(&folder) {
            config.dataset.name = DatasetName::Path(folder);
        }
    }
    config.resolve(settings)?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../../../configs/classification/demo.toml");

    #[test]
    fn the_shipped_configs_are_right() {
        for text in [
            GOOD,
            include_str!("../../../../configs/classification/baseline.toml"),
            include_str!("../../../../configs/classification/baseline-timeseries.toml"),
            include_str!("../../../../configs/classification/math.toml"),
        ] {
            let checked = check(text, &[]);
            assert_eq!(checked.problems, []);
            assert!(checked.config.is_some());
        }
    }

    #[test]
    fn problems_are_those_of_core_with_their_bytes() {
        let text = GOOD.replace("\"cnn_light\"", "\"cnn_lite\"");
        let checked = check(&text, &[]);
        let [problem] = checked.problems.as_slice() else { panic!("{:?}", checked.problems) };
        assert_eq!(&text[problem.span.clone()], "\"cnn_lite\"");
        assert!(problem.message.starts_with("model.backbone must be one of"), "{}", problem.message);
        assert_eq!((problem.severity, checked.config), (Severity::Error, None));
    }

    #[test]
    fn what_only_the_settings_tell_is_checked_as_well() {
        let text = GOOD.replace("\"cnn_light\"", "\"cnn_1d\"");
        assert!(check(&text, &[]).problems.iter().any(|problem| problem.message.contains("does not take spectrogram")));
    }

    #[test]
    fn a_dataset_that_is_kept_may_go_by_its_plain_name() {
        let text =
            "[dataset]\nname = \"ward\"\ntasks = [\"age\"]\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n";
        let kept = ["./ward".to_owned()];
        assert!(check(text, &[]).problems.iter().any(|problem| problem.message.contains("there is no dataset ward")));
        let checked = check(text, &kept);
        assert_eq!(checked.problems, []);
        assert_eq!(checked.config.map(|config| config.dataset.name.to_string()).as_deref(), Some("./ward"));
        // A task that its folder does not have is found all the same.
        let problems = check(&text.replace("age", "agee"), &kept).problems;
        assert!(problems.iter().any(|problem| problem.message.contains("no task agee")), "{problems:?}");
    }

    #[test]
    fn notices_have_a_place_and_do_not_keep_the_run_from_starting() {
        let text = GOOD.replace("[training]\n", "[training]\nuse_amp = true\n");
        let checked = check(&text, &[]);
        let [notice] = checked.problems.as_slice() else { panic!("{:?}", checked.problems) };
        assert_eq!((&text[notice.span.clone()], notice.severity), ("use_amp", Severity::Notice));
        assert!(checked.config.is_some());
    }

    #[test]
    fn settings_that_do_not_count_here_are_told() {
        let text = GOOD.replace("../default.toml", "my/lab.toml");
        let [notice] = &check(&text, &[]).problems[..] else { panic!("one notice") };
        assert_eq!(&text[notice.span.clone()], "config = \"my/lab.toml\"");
        assert_eq!((notice.line, notice.column, notice.severity), (4, 1, Severity::Notice));
    }

    #[test]
    fn a_fix_writes_what_was_meant() {
        let fixed = |wrong: &str, right: &str| {
            let text = GOOD.replace(right, wrong);
            assert_ne!(text, GOOD, "{right}");
            let problems = check(&text, &[]).problems;
            let edit =
                problems.iter().find_map(|problem| problem.fix.clone()).unwrap_or_else(|| panic!("{problems:?}"));
            assert_eq!(edit.applied(&text), GOOD, "{problems:?}");
        };
        fixed("backbone = \"cnn_lite\"", "backbone = \"cnn_light\"");
        fixed("bakbone = ", "backbone = ");
        fixed("[optimiser]", "[optimizer]");
        fixed("input_channels = 3", "input_channels = 1");
        fixed("input_channels = 1.0", "input_channels = 1");
        fixed("\"gendr\"", "\"gender\"");
    }

    #[test]
    fn a_fix_in_a_text_with_commas_changes_one_part() {
        let text = "[dataset]\nname = \"math\"\ntasks = \"gender, agee, health\"\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n";
        let problems = check(text, &[]).problems;
        let edit = problems[0].fix.clone().unwrap();
        assert_eq!(edit.applied(text), text.replace("agee", "age"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_checked(text in "[a\\[\\]{}=.,\"'#\\\\ \nµ1-]{0,60}") {
            let _problems = check(&text, &[]);
        }
    }
}
