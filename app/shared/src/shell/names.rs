//! What things kept in the browser are called: folders of its private file system for the names that run files have for
//! datasets, for the titles of what is dropped and for the kinds of samples; and the names in run files for those
//! folders.

use signal_studio_core::{
    config::{DataType, TIMESERIES_SUFFIX},
    signal::OutputType,
};

/// Folder of the datasets.
pub const DATASETS: &str = "datasets";
/// Folder of the runs: each is exactly the run folder of the command line.
pub const RUNS: &str = "runs";
/// Folder of what only the studio knows of runs.
pub const NOTES: &str = "notes";
/// Folder of files that are being written; what is in it when the worker starts is left over.
pub const INCOMING: &str = "incoming";

/// In a dataset's folder, the files as they were dropped.
pub const RAW: &str = "raw";
/// In a dataset's folder, the samples that came along instead of recordings.
pub const OWN_SAMPLES: &str = "prepared/own";
/// In a dataset's folder, what is known of it. It is written last: a folder without it is no dataset yet.
pub const ABOUT: &str = "about.json";

/// The longest folder name that is made from a title, in characters.
const LONGEST: usize = 60;

/// The folder of the dataset that a run file calls by this name; none when no folder can be called so. `./folder` is
/// one's own dataset, a plain name one that core knows, and `<name>_timeseries` is another view of `<name>`.
#[must_use]
pub fn dataset_folder(name: &str) -> Option<&str> {
    let folder = match name.strip_prefix("./") {
        Some(own) => own.trim_end_matches('/'),
        None => name.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(name),
    };
    is_entry(folder).then_some(folder)
}

/// What run files call the dataset in this folder; `is_known` says whether core knows it by its plain name.
#[must_use]
pub fn dataset_name(folder: &str, is_known: bool) -> String {
    if is_known { folder.to_owned() } else { format!("./{folder}") }
}

/// A folder for a dataset with this title, such as the name of a dropped folder or archive: letters and digits in lower
/// case, with hyphens between words. A name in `taken`, which core has for its own datasets, becomes `my-<name>`.
#[must_use]
pub fn folder_for(title: &str, taken: &[&str]) -> String {
    let stem = match title.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 4 => stem,
        _ => title,
    };
    let words = stem.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
    let folder: String = joined.chars().take(LONGEST).collect();
    let folder = folder.trim_end_matches('-');
    match folder {
        "" => "my-data".to_owned(),
        name if taken.contains(&name) => format!("my-{name}"),
        name => name.to_owned(),
    }
}

/// In a dataset's folder, the samples of this kind. Recordings of arithmetic make other samples of the same kind, and so
/// does every way of preprocessing that is not the usual one: its `variant` sets it apart.
#[must_use]
pub fn samples_folder(
    data_type: DataType,
    output_type: OutputType,
    math_trials: bool,
    variant: Option<&str>,
) -> String {
    let trials = if math_trials { "-trials" } else { "" };
    let variant = variant.map(|variant| format!("-{variant}")).unwrap_or_default();
    match data_type {
        DataType::Spectrogram => format!("prepared/spectrogram-{output_type}{trials}{variant}"),
        DataType::Timeseries => format!("prepared/timeseries{trials}{variant}"),
    }
}

/// Whether this can be the name of one file or folder.
#[must_use]
pub fn is_entry(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\']) && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_file_names_a_folder_and_back() {
        for (name, folder, is_known) in [("math", "math", true), ("./sleep-study", "sleep-study", false)] {
            assert_eq!(dataset_folder(name), Some(folder));
            assert_eq!(dataset_name(folder, is_known), name);
        }
        assert_eq!(dataset_folder("math_timeseries"), Some("math"));
        assert_eq!(dataset_folder("./sleep-study/"), Some("sleep-study"));
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        for name in ["", "./", "..", "./..", "../x", "/etc", "~/data", "./a/b", r"a\b", "a\nb"] {
            assert_eq!(dataset_folder(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_title_becomes_a_folder() {
        assert_eq!(folder_for("Sleep Study (2024).zip", &[]), "sleep-study-2024");
        assert_eq!(folder_for("sub-01.edf", &[]), "sub-01");
        assert_eq!(folder_for("Schlaf – Übersicht", &[]), "schlaf-übersicht");
        assert_eq!(folder_for("math", &["math", "demo"]), "my-math");
        assert_eq!(folder_for("…", &[]), "my-data");
        assert_eq!(folder_for(&"long ".repeat(40), &[]).chars().count(), 59);
        assert!(is_entry(&folder_for("../../etc/passwd", &[])));
    }

    #[test]
    fn samples_of_each_kind_have_a_folder_of_their_own() {
        let images = |output| samples_folder(DataType::Spectrogram, output, false, None);
        assert_eq!(images(OutputType::DbOnly), "prepared/spectrogram-db-only");
        assert_ne!(images(OutputType::DbOnly), images(OutputType::DbIq));
        assert_eq!(samples_folder(DataType::Timeseries, OutputType::DbOnly, false, None), "prepared/timeseries");
        assert_eq!(samples_folder(DataType::Timeseries, OutputType::DbOnly, true, None), "prepared/timeseries-trials");
        let variant = samples_folder(DataType::Timeseries, OutputType::DbOnly, false, Some("0a1b2c3d"));
        assert_eq!(variant, "prepared/timeseries-0a1b2c3d");
    }
}
