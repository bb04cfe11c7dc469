//! Where settings are looked for, and where datasets lie.

use std::path::{Path, PathBuf};

use crate::config::{DatasetPaths, Settings, SettingsSearch};

fn search() -> SettingsSearch<'static> {
    SettingsSearch {
        working_folder: Path::new("/study"),
        run_folder: Some(Path::new("/lab/configs/classification")),
        home: Some(Path::new("/home/ada")),
        variable: None,
    }
}

fn paths(list: &[&str]) -> Vec<PathBuf> {
    list.iter().map(PathBuf::from).collect()
}

#[test]
fn a_run_files_settings_are_looked_for_upwards_and_then_in_the_working_folder() {
    assert_eq!(
        search().named_by_run(Some("config/my.toml")),
        paths(&[
            "/lab/configs/classification/config/my.toml",
            "/lab/configs/config/my.toml",
            "/lab/config/my.toml",
            "/config/my.toml",
            "/study/config/my.toml",
        ])
    );
    assert_eq!(search().named_by_run(Some("../default.toml"))[0], Path::new("/lab/configs/default.toml"));
    assert_eq!(search().named_by_run(Some("~/my.toml")), paths(&["/home/ada/my.toml"]));
    assert_eq!(search().named_by_run(Some("/etc/my.toml")), paths(&["/etc/my.toml"]));
    assert_eq!(search().named_by_run(None)[2], Path::new("/lab/config/default.toml"));
}

#[test]
fn a_path_asked_for_comes_before_the_variable_and_that_before_the_project() {
    let with_variable = SettingsSearch { variable: Some("~/v.toml"), ..search() };
    assert_eq!(with_variable.usual(Some("mine.toml")), paths(&["/study/mine.toml"]));
    assert_eq!(with_variable.usual(None), paths(&["/home/ada/v.toml"]));
    let empty = SettingsSearch { variable: Some(""), ..search() };
    assert_eq!(empty.usual(None), search().usual(None));
    assert!(search().usual(None).contains(&PathBuf::from("/lab/configs/default.toml")));
    assert!(search().usual(None).contains(&PathBuf::from("/study/configs/default.toml")));
}

#[test]
fn dataset_folders_default_to_the_datasets_name() {
    let (settings, _) = Settings::parse("[data]\nroot = \"raw\"\noutput_root = \"~/made\"\n", "settings.toml").unwrap();
    let expected = DatasetPaths {
        root: PathBuf::from("/lab/raw/math"),
        output: PathBuf::from("/home/ada/made/math"),
        timeseries_output: PathBuf::from("/home/ada/made/timeseries"),
    };
    let home = Some(Path::new("/home/ada"));
    assert_eq!(settings.dataset_paths("math", Path::new("/lab"), home), expected);
    assert_eq!(settings.dataset_paths("math_timeseries", Path::new("/lab"), home), expected);
    let default = Settings::default().dataset_paths("seed", Path::new("/lab/configs"), None);
    assert_eq!((default.root, default.output.as_path()), ("/lab/configs/seed".into(), Path::new("/lab/configs/seed")));
}

#[test]
fn dataset_folders_are_in_the_roots_unless_they_start_with_a_dot() {
    let text = r#"
[data]
root = "/raw"
output_root = "/made"
[datasets.math]
root = "eeg_math"
output = "../here/math"
timeseries_output = "/else/math"
[datasets.seed]
output = "seed/stfts"
"#;
    let (settings, _) = Settings::parse(text, "settings.toml").unwrap();
    let math = settings.dataset_paths("math", Path::new("/lab/configs"), None);
    assert_eq!(math.root, Path::new("/raw/eeg_math"));
    assert_eq!(math.output, Path::new("/lab/here/math"));
    assert_eq!(math.timeseries_output, Path::new("/else/math"));
    let seed = settings.dataset_paths("seed_timeseries", Path::new("/lab/configs"), None);
    assert_eq!(seed.output, Path::new("/made/seed/stfts"));
    assert_eq!(seed.timeseries_output, Path::new("/made/seed/timeseries"));
}
