//! Recordings that nobody has prepared, made into samples as a model's were.

use super::*;
use crate::config::{ChannelChoice, DataType, Scaling};

/// Prepares recordings, and makes samples of one of them anew by what is kept of that.
fn check(raw: &MemoryStorage, options: &PreprocessOptions) -> SampleRecipe {
    let output = MemoryStorage::default();
    run_math(raw, &output, options).0.unwrap();
    let recipe = block_on(SampleRecipe::of_prepared(&output)).unwrap();
    let json = serde_json::to_string(&recipe).unwrap();
    let recipe: SampleRecipe = serde_json::from_str(&json).unwrap();
    let alone = MemoryStorage::with_files(vec![("new.edf".to_owned(), edf(8, 0.0))]);
    let made = block_on(recipe.samples_of(&alone, "new.edf")).unwrap();
    let split = block_on(FolderDataset::open(&output, "train", &[])).unwrap();
    let rows: Vec<usize> = (0..split.len()).filter(|&row| split.subject(row) == Some("sub00")).collect();
    let prepared = block_on(split.load(&rows)).unwrap();
    assert!(!made.features.is_empty() && made.features.len() == made.starts_s.len());
    let features: Vec<Features> = prepared.into_iter().map(|sample| sample.features).collect();
    assert!(features == made.features, "{options:?}");
    assert_eq!(recipe.shape(), split.feature_shape());
    assert_eq!(made.starts_s[1] - made.starts_s[0], made.duration_s);
    recipe
}

#[test]
fn samples_are_those_that_were_prepared_bit_for_bit() {
    let raw = math_folder(10);
    let lists =
        SplitOptions { val: Some(vec!["1".to_owned()]), test: Some(vec!["2".to_owned()]), ..SplitOptions::default() };
    let images = PreprocessOptions { split: lists, ..small_options() };
    assert_eq!(check(&raw, &images).options.split, SplitOptions::default(), "who is in a split is nobody's business");
    let windows = PreprocessOptions { data_type: DataType::Timeseries, ..images };
    assert!(check(&raw, &windows).options.statistics.is_some());
    for channels in [ChannelChoice::All, ChannelChoice::Labels(vec!["Cz".to_owned(), "O1".to_owned()])] {
        check(&raw, &PreprocessOptions { channels, scaling: Scaling::Robust, ..windows.clone() });
    }
}

#[test]
fn a_recording_without_the_channels_is_refused_with_the_reason() {
    let output = MemoryStorage::default();
    run_math(&math_folder(10), &output, &small_options()).0.unwrap();
    let recipe = block_on(SampleRecipe::of_prepared(&output)).unwrap();
    let labels: Vec<String> = math_labels().into_iter().skip(1).collect();
    let alone = MemoryStorage::with_files(vec![("new.edf".to_owned(), edf_with(&labels, 250, 8, 0.0))]);
    let error = block_on(recipe.samples_of(&alone, "new.edf")).unwrap_err().to_string();
    assert!(error.contains("new.edf cannot be used") && error.contains("Fp1"), "{error}");
    let other = SampleRecipe { channels: vec!["X".to_owned()], ..recipe };
    let error = block_on(other.samples_of(&alone, "new.edf")).unwrap_err().to_string();
    assert!(error.contains("does not know how to make samples"), "{error}");
    assert_eq!(block_on(SampleRecipe::of_prepared(&MemoryStorage::default())), None);
}
