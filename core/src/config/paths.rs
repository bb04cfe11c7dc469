//! Where settings files are looked for, and where datasets lie. Everything here is about names: nothing is read.

use std::path::{Component, Path, PathBuf};

use super::{Settings, TIMESERIES_SUFFIX};

/// The environment variable that names the settings file.
pub const SETTINGS_VARIABLE: &str = "SIGNAL_DIFFUSION_CONFIG";

/// The settings file of a run file that names none.
pub const DEFAULT_SETTINGS: &str = "config/default.toml";

/// The settings file of this project.
const PROJECT_SETTINGS: &str = "configs/default.toml";

/// What decides where a settings file is looked for.
#[derive(Debug, Clone, Copy)]
pub struct SettingsSearch<'a> {
    /// The working folder.
    pub working_folder: &'a Path,
    /// The run file's folder, if there is a run file.
    pub run_folder: Option<&'a Path>,
    /// The user's home folder, for `~`.
    pub home: Option<&'a Path>,
    /// The value of [`SETTINGS_VARIABLE`].
    pub variable: Option<&'a str>,
}

impl SettingsSearch<'_> {
    /// Where the settings file that a run file names may be, the best place first: against the run file's folder, its
    /// parents, then the working folder. If it is in none of them, [`Self::usual`] says what to use instead.
    #[must_use]
    pub fn named_by_run(&self, settings: Option<&str>) -> Vec<PathBuf> {
        self.everywhere(settings.unwrap_or(DEFAULT_SETTINGS))
    }

    /// Where the settings file is without one: the path given by the user, else the environment variable's, else the
    /// project's own `configs/default.toml`. A path that was asked for is the only one, so that a mistake in it shows.
    #[must_use]
    pub fn usual(&self, explicit: Option<&str>) -> Vec<PathBuf> {
        match explicit.or(self.variable.filter(|path| !path.is_empty())) {
            Some(path) => vec![join(self.working_folder, path, self.home)],
            None => {
                let mut places = self.everywhere(PROJECT_SETTINGS);
                places.extend(self.everywhere(DEFAULT_SETTINGS));
                places
            }
        }
    }

    fn everywhere(&self, path: &str) -> Vec<PathBuf> {
        let folders = self.run_folder.into_iter().flat_map(Path::ancestors).chain([self.working_folder]);
        let mut places = Vec::new();
        for place in folders.map(|folder| join(folder, path, self.home)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

/// Where a dataset lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetPaths {
    /// Raw recordings.
    pub root: PathBuf,
    /// Spectrogram images and their metadata.
    pub output: PathBuf,
    /// Time-series windows and their metadata.
    pub timeseries_output: PathBuf,
}

impl Settings {
    /// The folders of a dataset, for settings read from a file in `settings_folder`. A relative path is one in
    /// `data.root` or `data.output_root`, but one that starts with `./` or `../` is relative to the settings file. A
    /// dataset without an entry lies in folders of its name; `<name>_timeseries` is the same as `<name>`.
    #[must_use]
    pub fn dataset_paths(&self, name: &str, settings_folder: &Path, home: Option<&Path>) -> DatasetPaths {
        let base_name = match self.datasets.contains_key(name) {
            true => name,
            false => name.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(name),
        };
        let entry = self.datasets.get(base_name).cloned().unwrap_or_default();
        let raw_root = join(settings_folder, &self.root, home);
        let output_root = self.output_root.as_ref().map_or(raw_root.clone(), |path| join(settings_folder, path, home));
        let place = |path: Option<&str>, root: &Path| {
            let path = path?;
            let beside_settings = [".", ".."].contains(&path) || path.starts_with("./") || path.starts_with("../");
            Some(join(if beside_settings { settings_folder } else { root }, path, home))
        };
        let root = place(entry.root.as_deref(), &raw_root).unwrap_or_else(|| raw_root.join(base_name));
        let output = place(entry.output.as_deref(), &output_root).unwrap_or_else(|| output_root.join(base_name));
        let timeseries_output = place(entry.timeseries_output.as_deref(), &output_root)
            .unwrap_or_else(|| output.parent().unwrap_or(&output).join("timeseries"));
        DatasetPaths { root, output, timeseries_output }
    }
}

/// A path as seen from a folder: `~` is the home folder, if known; `.` and `..` are taken out of the result.
fn join(folder: &Path, path: &str, home: Option<&Path>) -> PathBuf {
    let in_home = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
    let joined = match (in_home, home) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches(['/', '\\'])),
        _ => folder.join(path),
    };
    normalize(&joined)
}

/// Takes `.` and `..` out of a path by its text alone; the standard library's own is not stable yet.
fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match normal.components().next_back() {
                Some(Component::Normal(_)) => {
                    normal.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => normal.push(".."),
            },
            other => normal.push(other),
        }
    }
    if normal.as_os_str().is_empty() { PathBuf::from(".") } else { normal }
}
