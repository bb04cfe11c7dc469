//! Run and settings files: found, read and checked; a run file also from a share link. What they contain that has no
//! effect is told once.

use std::{
    cell::Cell,
    env, fs, io,
    path::{Path, PathBuf},
};

use signal_studio_core::{
    config::{
        DEFAULT_SETTINGS, DatasetName, DatasetPaths, Notice, RunConfig, SETTINGS_VARIABLE, Settings, SettingsSearch,
    },
    share,
    training::run_folder as layout,
};

use crate::{failure::Failure, output, paths};

/// The text of a config, before anything in it is looked at.
#[derive(Debug)]
pub struct ConfigText {
    /// What messages call it.
    pub name: String,
    /// The text.
    pub text: String,
    /// The folder of its file, absolute; for standard input the working folder. A link has none.
    pub folder: Option<PathBuf>,
}

impl ConfigText {
    /// Reads a config from a file, or from a share link or `-`, standard input, given in place of one.
    pub fn read(place: &Path) -> Result<Self, Failure> {
        if is_standard_input(place) {
            let text = io::read_to_string(io::stdin()).map_err(|error| {
                Failure::request(format_args!("cannot read the config from standard input: {error}"))
            })?;
            return Ok(Self { name: "standard input".to_owned(), text, folder: Some(paths::working_folder()?) });
        }
        match place.to_str().filter(|text| share::is_link(text)) {
            Some(link) => Ok(Self { name: "the link".to_owned(), text: share::decode(link)?, folder: None }),
            None => {
                let text = read_text(place, "config")?;
                Ok(Self { name: place.display().to_string(), text, folder: Some(folder_of(place)?) })
            }
        }
    }
}

/// A run file.
#[derive(Debug)]
pub struct RunFile {
    /// What it says.
    pub config: RunConfig,
    /// Its text.
    pub text: String,
    /// Its folder, absolute; a link has none.
    pub folder: Option<PathBuf>,
}

impl RunFile {
    /// Reads a run file, or a share link given in place of one.
    pub fn read(place: &Path) -> Result<Self, Failure> {
        Self::parse(ConfigText::read(place)?)
    }

    /// What the run in a folder was told: its resolved config, which has what the command line said, and its text.
    pub fn of_run(folder: &Path) -> Result<Self, Failure> {
        if !folder.is_dir() {
            return Err(Failure::request(format_args!("there is no run folder {}", folder.display())));
        }
        let path = folder.join(layout::CONFIG_JSON);
        let text = read_text(&path, "resolved config")?;
        let object = serde_json::from_str(&text)
            .map_err(|error| Failure::request(format_args!("not a resolved config: {error}: {}", path.display())))?;
        let config = RunConfig::from_json(&object, &path.display().to_string())?;
        let text = read_text(&folder.join(layout::CONFIG_TOML), "config")?;
        Ok(Self { config, text, folder: Some(paths::absolute(folder)?) })
    }

    /// Checks what was read.
    pub fn parse(source: ConfigText) -> Result<Self, Failure> {
        let (config, notices) = RunConfig::parse(&source.text, &source.name)?;
        show_notices(&source.name, &notices);
        Ok(Self { config, text: source.text, folder: source.folder })
    }
}

/// The settings in use.
#[derive(Debug)]
pub struct SettingsFile {
    /// What they say.
    pub settings: Settings,
    /// The folder that their paths start at, absolute.
    pub folder: PathBuf,
    /// The file; none where there is none and everything is at its default.
    pub path: Option<PathBuf>,
    /// Where a file was looked for in vain.
    looked_in: Vec<PathBuf>,
    /// Whether the user knows that there is no file.
    has_noted: Cell<bool>,
}

impl SettingsFile {
    /// The settings for a run: those the user names, else those the run file names, else the usual ones. A relative
    /// path means nothing in a run file that has no folder.
    pub fn for_run(explicit: Option<&str>, run: &RunConfig, run_folder: Option<&Path>) -> Result<Self, Failure> {
        let search = Search::new(run_folder)?;
        if explicit.is_some() {
            return search.usual(explicit);
        }
        let named = run.settings.config.as_deref().filter(|named| run_folder.is_some() || !paths::is_relative(named));
        let places = search.places().named_by_run(named);
        if let Some(place) = places.iter().find(|place| place.is_file()) {
            return Self::read(place);
        }
        let usual = search.usual(None)?;
        if let Some(named) = named.filter(|named| *named != DEFAULT_SETTINGS) {
            let instead = match &usual.path {
                Some(path) => path.display().to_string(),
                None => "the defaults".to_owned(),
            };
            output::note(&format!(
                "the run file names the settings file {named}, which is not there; using {instead}\n{}",
                looked_in(&places)
            ));
        }
        Ok(usual)
    }

    /// The settings for a command without a run file: those the user names, else the usual ones.
    pub fn usual(explicit: Option<&str>) -> Result<Self, Failure> {
        Search::new(None)?.usual(explicit)
    }

    /// Where a dataset lies. Without a settings file that is in the working folder, which is said.
    pub fn dataset_paths(&self, name: &str) -> DatasetPaths {
        if self.path.is_none() && !self.has_noted.replace(true) {
            let problem = "there is no settings file, so datasets are looked for in the working folder";
            output::note(&format!("{problem}\n{}", looked_in(&self.looked_in)));
        }
        self.settings.dataset_paths(name, &self.folder, paths::home().as_deref())
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let text = read_text(path, "settings file")?;
        let file = path.display().to_string();
        let (settings, notices) = Settings::parse(&text, &file)?;
        show_notices(&file, &notices);
        let folder = folder_of(path)?;
        Ok(Self { settings, folder, path: Some(path.to_owned()), looked_in: Vec::new(), has_noted: Cell::default() })
    }
}

/// What decides about the places of a settings file.
struct Search {
    working_folder: PathBuf,
    run_folder: Option<PathBuf>,
    home: Option<PathBuf>,
    variable: Option<String>,
}

impl Search {
    fn new(run_folder: Option<&Path>) -> Result<Self, Failure> {
        let variable = match env::var(SETTINGS_VARIABLE) {
            Ok(path) => Some(path),
            Err(env::VarError::NotPresent) => None,
            Err(env::VarError::NotUnicode(_)) => {
                return Err(Failure::request(format_args!("{SETTINGS_VARIABLE} is not UTF-8 text")));
            }
        };
        let (working_folder, home) = (paths::working_folder()?, paths::home());
        Ok(Self { working_folder, run_folder: run_folder.map(Path::to_owned), home, variable })
    }

    fn places(&self) -> SettingsSearch<'_> {
        SettingsSearch {
            working_folder: &self.working_folder,
            run_folder: self.run_folder.as_deref(),
            home: self.home.as_deref(),
            variable: self.variable.as_deref(),
        }
    }

    fn usual(&self, explicit: Option<&str>) -> Result<SettingsFile, Failure> {
        let places = self.places().usual(explicit);
        if let Some(place) = places.iter().find(|place| place.is_file()) {
            return SettingsFile::read(place);
        }
        if explicit.is_some() {
            return Err(Failure::request(format_args!("there is no settings file\n{}", looked_in(&places))));
        }
        if self.variable.as_ref().is_some_and(|path| !path.is_empty()) {
            let problem = format!("{SETTINGS_VARIABLE} names a settings file that is not there");
            return Err(Failure::request(format_args!("{problem}\n{}", looked_in(&places))));
        }
        let (settings, folder) = (Settings::default(), self.working_folder.clone());
        Ok(SettingsFile { settings, folder, path: None, looked_in: places, has_noted: Cell::default() })
    }
}

/// The run with `dataset.name` as a folder where it is one. A name that the settings or this program know means that
/// dataset, whatever lies in the working folder.
pub fn resolve_dataset_name(run: &mut RunConfig, settings: &Settings) -> Result<(), Failure> {
    let is_unknown = run.resolve(settings).is_err();
    let name = std::mem::replace(&mut run.dataset.name, DatasetName::Path(String::new()));
    run.dataset.name = match name.or_existing_folder(|name| is_unknown && Path::new(name).is_dir()) {
        DatasetName::Path(path) => DatasetName::Path(paths::from_working_folder(&path)?.display().to_string()),
        named => named,
    };
    Ok(())
}

/// Whether a path stands for standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a text file that the user named.
pub fn read_text(path: &Path, what: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::request(format_args!("there is no {what} {}", path.display())),
        io::ErrorKind::InvalidData => Failure::request(format_args!("{} is not UTF-8 text", path.display())),
        _ => Failure::request(format_args!("cannot read the {what}: {error}: {}", path.display())),
    })
}

fn show_notices(file: &str, notices: &[Notice]) {
    for notice in notices {
        output::note(&format!("{file}:{notice}"));
    }
}

fn looked_in(places: &[PathBuf]) -> String {
    let lines: Vec<_> = places.iter().map(|place| format!("  looked for {}", place.display())).collect();
    lines.join("\n")
}

fn folder_of(path: &Path) -> Result<PathBuf, Failure> {
    let path = paths::absolute(path)?;
    Ok(path.parent().map_or_else(PathBuf::new, Path::to_owned))
}
