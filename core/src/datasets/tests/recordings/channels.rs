//! Which channels are taken, at which rate, and what is said of them.

use super::*;
use crate::datasets::{resampling::Resamplers, windows::Signals};

#[test]
fn the_missing_reference_is_zeros_in_every_recording() {
    let raw = study();
    let mut labels = nineteen();
    labels.push("EEG A1-REF".to_owned());
    write(&raw, "clinic/P0/rest.edf", edf_with(&labels, 256, 8, 0.0));
    let mixed = plan(&raw).unwrap();
    assert_eq!(mixed.channels, SampleChannels::Montage(&Recordings::WITHOUT_REFERENCE));
    assert!(mixed.warnings[0].starts_with("1 of 10 recordings have a channel of a reference"), "{:?}", mixed.warnings);
    for subject in 1..10 {
        write(&raw, &format!("clinic/P{subject}/rest.edf"), edf_with(&labels, 256, 8, 0.0));
    }
    assert_eq!(plan(&raw).unwrap().channels, SampleChannels::Montage(&Recordings::MONTAGE));

    let options = PreprocessOptions { data_type: crate::config::DataType::Timeseries, ..small_options() };
    let preview = block_on(window_preview(&Recordings, &study(), "clinic/P3/rest.edf", &options, 0)).unwrap();
    let WindowContent::Signals { channels, .. } = preview.content else { panic!("not time series") };
    assert_eq!(channels[19].0, "none");
    assert!(channels[19].1.iter().all(|&value| value == 0.0));
    assert!(channels[..19].iter().all(|(_, values)| values.iter().any(|&value| value.abs() > 0.5)));
}

#[test]
fn a_reference_that_is_not_needed_is_not_missed() {
    let message = |labels: &[String]| {
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        Recordings::MONTAGE.pick(&labels).unwrap_err().to_string()
    };
    let mut labels = nineteen();
    assert!(message(&labels).starts_with("there is no channel reference:"), "{}", message(&labels));
    labels.retain(|label| !label.contains("O1"));
    assert!(message(&labels).starts_with("there is no channel O1:"), "{}", message(&labels));
    let mixed: Vec<String> =
        nineteen().iter().map(|label| label.replace("O2-REF", "O2-LE").replace("REF", "A1")).collect();
    assert!(message(&mixed).starts_with("channel EEG Fp1-A1 was measured against A1, but"), "{}", message(&mixed));
}

#[test]
fn different_references_and_channels_that_never_change_are_told() {
    let against =
        |reference: &str| -> Vec<String> { nineteen().iter().map(|label| label.replace("REF", reference)).collect() };
    let files = [("p0.edf", against("A1")), ("p1.edf", against("Cz")), ("p2.edf", against("A1"))];
    let mut raw = folder(&[], "participants.tsv", "participant_id\tage\np0\t20\np1\t30\np2\t40\n");
    for (path, labels) in &files {
        write(&raw, path, edf_with(labels, 256, 8, 0.0));
    }
    let told = plan(&raw).unwrap().warnings;
    let references = "the labels of the recordings name different references (A1 in 2, as p0.edf; CZ in 1, as p1.edf)";
    assert!(told.iter().any(|warning| warning.starts_with(references)), "{told:?}");

    raw = folder(&[], "participants.tsv", "participant_id\tage\np0\t20\n");
    let flat = vec![1e-5; 2048];
    let wave: Vec<f64> = (0..2048).map(|sample| 1e-5 * f64::from(sample as u16).sin()).collect();
    let labels = nineteen();
    let channels: Vec<EdfChannel<'_>> = labels
        .iter()
        .map(|label| {
            let samples = if label.contains("Cz") { &flat[..] } else { &wave[..] };
            EdfChannel { label, rate_hz: 256, physical_min_uv: -500.0, physical_max_uv: 500.0, samples }
        })
        .collect();
    let start = StartTime { year: 2020, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let header = EdfHeader { patient: "X X X X".to_owned(), recording: "Startdate X X X X".to_owned(), start };
    write(&raw, "p0.edf", write_edf(&header, &channels, &[]).unwrap());
    let mut events = Vec::new();
    block_on(preprocess(&Recordings, &raw, &MemoryStorage::default(), &small_options(), &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    }))
    .unwrap();
    let constant = "p0.edf: Bad channels, kept as they are: EEG Cz-REF (flat).";
    assert!(warnings(&events).contains(&constant), "{:?}", warnings(&events));
}

#[test]
fn the_rate_is_the_nearest_that_divides_the_usual_one() {
    let at = |rates: &[u32], wanted_hz: f64| {
        let files = rates.iter().enumerate();
        let files = files.map(|(subject, &rate)| (format!("p{subject}.edf"), edf_with(&nineteen(), rate, 3, 0.0)));
        let rows: String = (0..rates.len()).map(|subject| format!("p{subject}\t40\n")).collect();
        let table = ("participants.tsv".to_owned(), format!("participant_id\tage\n{rows}").into_bytes());
        let storage = MemoryStorage::with_files(files.chain([table]));
        let options = PreprocessOptions { rate_hz: wanted_hz, ..small_options() };
        let plan = block_on(Recordings.plan(&storage, &options)).unwrap();
        (plan.rate_hz, plan.warnings.iter().filter(|warning| warning.contains("decimated")).count())
    };
    assert_eq!(at(&[500], 125.0), (125.0, 0));
    assert_eq!(at(&[250], 125.0), (125.0, 0));
    assert_eq!(at(&[512], 125.0), (128.0, 1));
    assert_eq!(at(&[256], 125.0), (128.0, 1));
    assert_eq!(at(&[200], 125.0), (100.0, 1));
    assert_eq!(at(&[100], 125.0), (100.0, 1));
    assert_eq!(at(&[256, 500, 256], 125.0), (128.0, 1));
    assert_eq!(at(&[500], 100.0), (100.0, 0));
}

#[test]
fn positions_are_found_in_the_files_of_every_recorder() {
    let Some(folder) = crate::test_support::shared("cases/labels-of-recorders") else { return };
    let storage = super::shared::load(&folder);
    let options = PreprocessOptions { rate_hz: 250.0, ..Recordings.default_options() };
    let plan = block_on(Recordings.plan(&storage, &options)).unwrap();
    assert_eq!((plan.recordings.len(), plan.left_out.len()), (5, 0), "{:?}", plan.left_out);
    for PlannedRecording { path, .. } in &plan.recordings {
        let signals = block_on(Signals::read(&storage, path, &plan, &options, &mut Resamplers::default())).unwrap();
        for (position, samples) in signals.channels()[..19].iter().enumerate() {
            let expected = (position + 1) as f64 * 1e-5;
            let off = (samples[0] - expected).abs();
            assert!(off < 2e-7, "{path}: position {position} starts at {} V, not {expected} V", samples[0]);
        }
    }
}

#[test]
fn the_rate_is_that_of_the_eeg_whatever_else_was_recorded() {
    let Some((survey, plan)) = case("slow-channels-short") else { return };
    assert_eq!(survey.recordings[0].rate_hz, 250.0);
    assert_eq!(plan.unwrap().rate_hz, 125.0);
    let Some((windows, _)) = super::interruptions::windows_of("cases/slow-channels-short") else { return };
    assert_eq!(windows["sub-01_eeg.edf"], 13);
}

#[test]
fn a_channel_that_is_no_voltage_is_no_eeg() {
    let raw = study();
    let mut bytes = edf_with(&nineteen(), 256, 8, 0.0);
    // The unit of the third signal, in the header of 19.
    bytes[256 + 19 * 96 + 2 * 8..][..8].copy_from_slice(b"mmHg    ");
    write(&raw, "clinic/P3/rest.edf", &bytes);
    let survey = super::surveys::look(&raw);
    let problem = survey.problems.iter().find(|problem| {
        problem.path == "clinic/P3/rest.edf" && problem.message.starts_with("the unit of channel EEG F7-REF is `mmHg`")
    });
    assert!(problem.is_some(), "{:?}", survey.problems);
}
