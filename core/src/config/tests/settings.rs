//! Settings files.

use crate::{
    config::{DataType, Settings},
    signal::OutputType,
};

#[test]
fn settings_are_read() {
    let text = r#"
[hf_models]
stable_diffusion_model_id = "some/model"

[data]
root = "~/eeg"
output_root = "/mnt/processed"
max_sampling_weight = 5
output_type = "db-iq"
data_type = "timeseries"

[datasets.math]
root = "eeg_math"
min_db = -127.028
max_db = -44.068

[datasets."second site"]
output = "site-2"
"#;
    let (settings, notices) = Settings::parse(text, "settings.toml").unwrap();
    assert_eq!((settings.root.as_str(), settings.output_root.as_deref()), ("~/eeg", Some("/mnt/processed")));
    assert_eq!((settings.output_type, settings.data_type), (OutputType::DbIq, DataType::Timeseries));
    let math = &settings.datasets["math"];
    assert_eq!((math.root.as_deref(), math.min_db, math.max_db), (Some("eeg_math"), Some(-127.028), Some(-44.068)));
    assert_eq!(settings.datasets["second site"].output.as_deref(), Some("site-2"));
    let mut noticed: Vec<_> = notices.iter().map(|notice| notice.key.as_str()).collect();
    noticed.sort_unstable();
    assert_eq!(noticed, ["data.max_sampling_weight", "hf_models.stable_diffusion_model_id"]);
}

#[test]
fn empty_settings_are_the_default() {
    assert_eq!(Settings::parse("", "settings.toml").unwrap(), (Settings::default(), Vec::new()));
}

#[test]
fn mistakes_in_settings_have_places() {
    let text = "[data]\noutput_type = \"db_iq\"\nmax_sampling_weight = 0\n[datasets.math]\nmin_db = -44\nmax_db = -44.0\nrot = \"x\"\n[dataset.seed]\n";
    let error = Settings::parse(text, "settings.toml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "settings.toml:2:15: data.output_type must be one of \"db-only\", \"db-iq\", \"db-polar\", not \"db_iq\" (did \
         you mean `db-iq`?)\n\
         settings.toml:3:23: data.max_sampling_weight must be a number above 0, not 0\n\
         settings.toml:6:10: datasets.math: max_db, -44, must be above min_db, -44\n\
         settings.toml:7:1: unknown key datasets.math.rot (did you mean `root`?)\n\
         settings.toml:8:2: unknown key dataset (did you mean `datasets`?)"
    );
}
