//! Whether prepared data are what would be made now.

use super::*;

#[test]
fn recordings_that_are_new_are_told_if_they_would_be_used() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    run_math(&raw, &output, &small_options()).0.unwrap();
    let look = || block_on(outdated(&output, Some((&Math, &small_options())), Some(&raw))).unwrap().unwrap();
    let more = math_folder(5);
    write(&raw, "raw_eeg/Subject04_1.edf", "no recording");
    write(&raw, "raw_eeg/Subject03_1.edf", block_on(more.read("raw_eeg/Subject03_1.edf")).unwrap());
    write(&raw, "raw_eeg/Subject03_2.edf", block_on(more.read("raw_eeg/Subject03_2.edf")).unwrap());
    assert!(look().is_empty(), "nobody knows whose it is: {}", look());
    let table = text(&more, "subject-info.csv");
    write(&raw, "subject-info.csv", &table);
    assert_eq!(look().sentences(), ["subject-info.csv has changed since", "raw_eeg/Subject03_1.edf is new"]);
}

#[test]
fn prepared_data_tell_how_they_differ_from_what_would_be_made_now() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    run_math(&raw, &output, &small_options()).0.unwrap();
    let look =
        |options: &PreprocessOptions| block_on(outdated(&output, Some((&Math, options)), Some(&raw))).unwrap().unwrap();
    assert!(look(&small_options()).is_empty());
    let other = PreprocessOptions { resolution: 128, ..small_options() };
    assert_eq!(look(&other).sentences(), ["`resolution` was 64 and is 128 now"]);
    write(&raw, "raw_eeg/Subject01_1.edf", edf(9, 0.0));
    assert_eq!(look(&small_options()).to_string(), "raw_eeg/Subject01_1.edf has changed since");

    let of_other = block_on(outdated(&output, Some((&Demo, &small_options())), None)).unwrap().unwrap().to_string();
    assert!(
        of_other.contains("preprocess math, and this is") && of_other.ends_with("of preprocess demo"),
        "{of_other}"
    );

    let mut report: serde_json::Value = serde_json::from_str(&text(&output, PREPROCESSING_FILE)).unwrap();
    assert_eq!(report["schema"], 1);
    report["complete"] = false.into();
    write(&output, PREPROCESSING_FILE, report.to_string());
    let unfinished = block_on(outdated(&output, None, None)).unwrap().unwrap().to_string();
    assert_eq!(unfinished, "preprocessing began here and did not reach its end");
    report["complete"] = true.into();
    report["schema"] = 2.into();
    write(&output, PREPROCESSING_FILE, report.to_string());
    let newer = block_on(outdated(&output, None, None)).unwrap().unwrap().to_string();
    assert_eq!(newer, "preprocessing.json is none that this version can read");
    report["schema"] = 1.into();
    report["fingerprint"]["version"] = 1.into();
    write(&output, PREPROCESSING_FILE, report.to_string());
    let older = block_on(outdated(&output, None, None)).unwrap().unwrap().to_string();
    assert!(older.starts_with("it was made by version 1 of preprocess math"), "{older}");
    report.as_object_mut().unwrap().remove("fingerprint");
    write(&output, PREPROCESSING_FILE, report.to_string());
    assert!(!block_on(outdated(&output, None, None)).unwrap().unwrap().is_empty());
    write(&output, PREPROCESSING_FILE, "{");
    let unknown = block_on(outdated(&output, None, None)).unwrap().unwrap().to_string();
    assert_eq!(unknown, "preprocessing.json is none that this version can read");
    assert!(block_on(outdated(&MemoryStorage::default(), None, None)).unwrap().is_none());
}

#[test]
fn options_that_were_asked_for_stand_but_not_against_a_run() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    let chosen = ["resolution", "output_type", "math_trials"].map(str::to_owned);
    let asked_for = PreprocessOptions {
        output_type: OutputType::DbIq,
        math_trials: true,
        chosen: chosen.into(),
        ..small_options()
    };
    run_math(&raw, &output, &asked_for).0.unwrap();
    let made = block_on(provenance(&output)).unwrap();
    assert_eq!((made.dataset.as_str(), &made.options["resolution"]), ("math", &64.into()));
    assert_eq!(made.chosen, asked_for.chosen);
    let look = |options: &PreprocessOptions| {
        block_on(outdated(&output, Some((&Math, options)), None)).unwrap().unwrap().sentences().to_vec()
    };
    let wanted = PreprocessOptions { output_type: OutputType::DbIq, resolution: 128, ..small_options() };
    assert!(look(&wanted).is_empty());
    let other = PreprocessOptions { overlap: 0.5, ..wanted };
    assert_eq!(look(&other), ["`overlap` was 0.0 and is 0.5 now"]);
    let of_other_colours = PreprocessOptions { output_type: OutputType::DbOnly, ..small_options() };
    assert_eq!(look(&of_other_colours), ["`output_type` was \"db-iq\" and is \"db-only\" now"]);
}

#[test]
fn options_of_images_make_no_difference_to_time_series() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    let series = PreprocessOptions { data_type: DataType::Timeseries, ..small_options() };
    run_math(&raw, &output, &series).0.unwrap();
    let other = PreprocessOptions { resolution: 32, output_type: OutputType::DbIq, min_db: Some(-1.0), ..series };
    assert!(block_on(outdated(&output, Some((&Math, &other)), None)).unwrap().unwrap().is_empty());
}
