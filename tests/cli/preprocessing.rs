//! Recordings on their way to samples.

use std::fs;

use serde_json::Value;
use signal_studio_tests::{SMALL_WINDOWS, Studio, contains, math_recording, shared};

/// The table of the math dataset's subjects.
const SUBJECTS: &str = "raw/math/subject-info.csv";

const PREPROCESS_MATH: [&str; 4] = ["preprocess", "math", "--settings", "settings.toml"];

#[test]
fn ages_below_zero_stop_before_anything_is_written_and_unknown_subjects_are_left_out() {
    let studio = Studio::new();
    studio.math(2);
    let subjects = studio.read(SUBJECTS);
    studio.write(SUBJECTS, subjects.replace("21,M", "-3,M"));
    contains(&studio.fail(1, &PREPROCESS_MATH), &["subject-info.csv", "line 3", "-3"]);
    assert!(!studio.path("processed/math").exists());
    studio.write(SUBJECTS, subjects.replace("Subject01", "Subject07"));
    let output = studio.run(&[&PREPROCESS_MATH[..], &SMALL_WINDOWS[..]].concat());
    contains(&String::from_utf8(output.stderr).unwrap(), &["subject-info.csv has no row for Subject01"]);
    contains(&String::from_utf8(output.stdout).unwrap(), &["1 left out"]);
}

#[test]
fn any_folder_of_recordings_is_inspected_preprocessed_and_given_a_run_file() {
    let studio = Studio::new();
    let mut table = String::from("id,sex,age,stimulation\n");
    for subject in 0..12 {
        let (sex, stimulation) = if subject % 2 == 0 { ("female", "sham") } else { ("male", "10 Hz") };
        studio.write(&format!("raw/recordings/ward/p{subject}/rest.edf"), math_recording(0, 20));
        table += &format!("p{subject},{sex},{},{stimulation}\n", 20 + subject / 2);
    }
    studio.write("raw/recordings/people.csv", &table);
    studio.write("raw/recordings/ward/p5/rest.edf", "lost");

    let text = studio.succeed(&["inspect", "raw/recordings"]);
    contains(&text, &["11 recordings of 11 subjects of the dataset `recordings`", "EDF; 20 channels; 500 Hz"]);
    contains(&text, &["labels: gender, age, id, sex, stimulation", "ward/p5/rest.edf", "people.csv"]);
    let found: Value = serde_json::from_str(&studio.succeed(&["inspect", "raw/recordings", "--json"])).unwrap();
    assert_eq!(found["kind"], "recordings");
    assert_eq!(found["recordings"][0]["labels"]["stimulation"], "sham");

    let preset = studio.succeed(&["inspect", "raw/recordings", "--preset", "--settings", "settings.toml"]);
    contains(&preset, &["name = \"recordings\"", "\"gender\", \"age\""]);
    studio.write("preset.toml", &preset);
    contains(
        &studio.succeed(&["inspect", "preset.toml", "--settings", "settings.toml"]),
        &["shallow_fbcsp_net", "not there yet"],
    );
    // As it is proposed, it makes its samples, trains and is tested.
    let train = ["train", "preset.toml", "--settings", "settings.toml", "--device", "cpu", "--max-steps", "1"];
    contains(&studio.succeed(&train), &["training.max_steps is reached", "on the split `test`: gender"]);

    let preprocess = ["preprocess", "recordings", "--settings", "settings.toml"];
    contains(
        &studio.succeed(&[&preprocess[..], &SMALL_WINDOWS[..]].concat()),
        &["11 recordings of recordings, 1 left out"],
    );
    let metadata = fs::read_to_string(studio.path("processed/recordings/metadata.csv")).unwrap();
    contains(&metadata, &["file_name,split,gender,age,id,sex,stimulation", ",10 Hz"]);
    let of_images = studio.succeed(&["inspect", "processed/recordings", "--preset"]);
    contains(&of_images, &["name = \"processed/recordings\"", "tasks = [\"gender\""]);
}

#[test]
fn a_run_file_says_how_its_samples_are_made_and_flags_say_otherwise() {
    let studio = Studio::new();
    studio.math(3);
    let run = "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"math\"\ntasks = [\"gender\"]\n\
               [model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n[preprocessing]\nwindow_s = 2.0\noverlap = 0.0\n\
               bad_channels = \"drop\"\n[preprocessing.spectrogram]\nresolution = 64\n";
    studio.write("run.toml", run);
    let report = |folder: &str| -> Value {
        let text = fs::read_to_string(studio.path(&format!("{folder}/preprocessing.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    studio.succeed(&["preprocess", "--run", "run.toml", "--output", "processed/mine"]);
    let made = report("processed/mine");
    assert_eq!((&made["options"]["resolution"], &made["options"]["bad_channels"]), (&64.into(), &"drop".into()));
    studio.succeed(&["preprocess", "--run", "run.toml", "--output", "processed/other", "--resolution", "96"]);
    assert_eq!(report("processed/other")["options"]["resolution"], 96);
    // Without a folder of its own it is where the run looks for them.
    studio.succeed(&["preprocess", "--run", "run.toml"]);
    contains(&studio.succeed(&["inspect", "run.toml"]), &["processed/math-"]);
    contains(&studio.fail(2, &["preprocess", "math", "--run", "run.toml"]), &["cannot be used with"]);
    studio.write("run.toml", run.replace("\"math\"", "\"processed/mine\""));
    contains(&studio.fail(2, &["preprocess", "--run", "run.toml"]), &["is no dataset of recordings"]);
}

#[test]
fn broken_recordings_are_left_out_and_named() {
    let studio = Studio::new();
    studio.math(2);
    let whole = math_recording(0, 20);
    let bad = [
        ("truncated", whole[..200].to_vec(), "Subject02"),
        ("text", b"These are no samples at all, but a letter to the reader.\n".repeat(20), "Subject03"),
        ("overflowing", [&whole[..252], b"9999", &whole[256..]].concat(), "Subject04"),
    ];
    let mut table = studio.read(SUBJECTS);
    for (_, bytes, subject) in &bad {
        studio.write(&format!("raw/math/{subject}_1.edf"), bytes);
        table += &format!("{subject},30,F\n");
    }
    studio.write(SUBJECTS, table);
    let output = studio.run(&[&PREPROCESS_MATH[..], &SMALL_WINDOWS[..]].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    for (_, _, subject) in &bad {
        contains(&message, &[&format!("{subject}_1.edf")]);
    }
    contains(&String::from_utf8(output.stdout).unwrap(), &["3 left out"]);
    for (kind, _, subject) in &bad {
        let code = if *kind == "text" { 2 } else { 1 };
        let message = studio.fail(code, &["inspect", &format!("raw/math/{subject}_1.edf")]);
        assert!(message.contains(subject), "{kind}: {message}");
    }
    contains(&studio.succeed(&["inspect", "raw/math/Subject00_1.edf"]), &["EDF", "500", "20"]);
}

#[test]
fn one_subject_cannot_be_split_and_that_is_said() {
    let studio = Studio::new();
    studio.math(1);
    let output = studio.run(&[&PREPROCESS_MATH[..], &SMALL_WINDOWS[..]].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    contains(&message, &["val", "subject"]);
    let config = "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"math\"\ntasks = [\"gender\"]\n[model]\n\
                  backbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 2\n[training]\ndevice = \"cpu\"\n";
    studio.write("math.toml", config);
    contains(&studio.fail(2, &["train", "math.toml"]), &["`val`", "train"]);
}

#[test]
fn samples_of_another_study_are_replaced_only_when_that_is_said() {
    let studio = Studio::new();
    for (study, from) in [("one", 0), ("two", 3)] {
        let mut table = "participant_id\tgroup\n".to_owned();
        for subject in from..from + 3 {
            studio.write(&format!("{study}/sub-0{subject}_eeg.edf"), math_recording(subject, 20));
            table += &format!("sub-0{subject}\t{}\n", ["a", "b"][subject % 2]);
        }
        studio.write(&format!("{study}/participants.tsv"), table);
    }
    let of = |study: &'static str, output: &'static str| {
        [&["preprocess", "recordings", "--root", study, "--output", output][..], &SMALL_WINDOWS[..]].concat()
    };
    studio.succeed(&of("one", "images"));
    let table = studio.read("images/metadata.csv");
    contains(&studio.fail(2, &of("two", "images")), &["made of other recordings", "--output", "--replace"]);
    assert_eq!(studio.read("images/metadata.csv"), table);
    studio.succeed(&[&of("two", "images")[..], &["--replace"]].concat());
    assert_ne!(studio.read("images/metadata.csv"), table);
    contains(&studio.fail(2, &of("one", "one/images")), &["lies within the recordings"]);
    contains(&studio.succeed(&["inspect", "images"]), &["group: a "]);
}

#[test]
fn published_recordings_are_preprocessed_as_they_lie() {
    let Some(root) = shared("data/parkinsons-shaped") else { return };
    let studio = Studio::new();
    let arguments = ["preprocess", "parkinsons", "--root", root.to_str().unwrap(), "--output", "images", "--json"];
    studio.succeed(&arguments);
    let table = fs::read_to_string(studio.path("images/metadata.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 16 * 3, "sixteen subjects, three windows each");
    contains(&studio.succeed(&["inspect", "images"]), &["39", "parkinsons"]);
}

#[test]
fn the_examples_of_preprocessing_work() {
    let studio = Studio::new();
    let help = studio.succeed(&["preprocess", "--help"]);
    let mut tried = 0;
    for example in help.lines().filter_map(|line| line.trim().strip_prefix("signal-studio ")) {
        let words: Vec<&str> = example.split_whitespace().filter(|word| !word.starts_with('~')).collect();
        let recordings = match words[1] {
            "parkinsons" => "data/parkinsons-shaped",
            "math" => "data/eegmat",
            _ => continue,
        };
        let Some(root) = shared(recordings) else { return };
        let mut arguments: Vec<&str> = words.into_iter().filter(|word| *word != "--root").collect();
        arguments.extend(["--root", root.to_str().unwrap(), "--output", recordings]);
        studio.succeed(&arguments);
        tried += 1;
    }
    assert_eq!(tried, 2);
}
