//! Preprocessed folders, good and bad.

use super::*;
use crate::{
    labels::{LabelRegistry, LabelSpec, Target},
    signal::{Image, encode_npy},
};

fn png(width: usize, height: usize, channels: usize, value: u8) -> Vec<u8> {
    Image { width, height, channels, pixels: vec![value; width * height * channels] }.encode_png().unwrap()
}

fn npy(channels: usize, samples: usize) -> Vec<u8> {
    encode_npy(channels, samples, &vec![0.5; channels * samples]).unwrap()
}

/// Three grey images of two subjects, and their table.
fn folder() -> MemoryStorage {
    let table = "file_name,split,gender,health,age\n\
                 train/sub01/spectrogram-0.png,train,F,H,20\n\
                 train/sub01/spectrogram-1.png,train,F,H,20\n\
                 train/sub02/spectrogram-0.png,train,M,PD,30\n";
    MemoryStorage::with_files([
        ("train-metadata.csv", table.as_bytes().to_vec()),
        ("train/sub01/spectrogram-0.png", png(8, 6, 1, 10)),
        ("train/sub01/spectrogram-1.png", png(8, 6, 1, 11)),
        ("train/sub02/spectrogram-0.png", png(8, 6, 1, 12)),
    ])
}

fn specs(tasks: &[&str]) -> Vec<LabelSpec> {
    let registry = LabelRegistry::folder();
    tasks.iter().map(|task| registry.get(task).unwrap().clone()).collect()
}

fn open<'a>(storage: &'a MemoryStorage, split: &str) -> Result<FolderDataset<'a>, DatasetError> {
    block_on(FolderDataset::open(storage, split, &specs(&["age", "health"])))
}

fn refusal(storage: &MemoryStorage, split: &str) -> String {
    open(storage, split).unwrap_err().to_string()
}

fn load_refusal(storage: &MemoryStorage, rows: &[usize]) -> String {
    block_on(open(storage, "train").unwrap().load(rows)).unwrap_err().to_string()
}

#[test]
fn samples_come_in_the_order_asked_for() {
    let storage = folder();
    let dataset = open(&storage, "train").unwrap();
    assert_eq!((dataset.split(), dataset.len()), ("train", 3));
    assert_eq!(dataset.feature_shape(), FeatureShape::Image { channels: 1, height: 6, width: 8 });
    assert_eq!(dataset.subjects().into_iter().collect::<Vec<_>>(), ["sub01", "sub02"]);
    assert_eq!(dataset.targets(2), [Some(Target::Value(30.0)), Some(Target::Class(1))]);
    assert_eq!(dataset.row(2).get("gender"), Some("M"));

    let samples = block_on(dataset.load(&[2, 0, 2])).unwrap();
    let seen: Vec<_> = samples
        .iter()
        .map(|sample| match &sample.features {
            Features::Image(image) => (sample.row, image.pixels[0], sample.targets.clone()),
            Features::Signal { .. } => panic!("not a window"),
        })
        .collect();
    let [healthy, ill] =
        [(20.0, 0), (30.0, 1)].map(|(age, class)| vec![Some(Target::Value(age)), Some(Target::Class(class))]);
    assert_eq!(seen, [(2, 12, ill.clone()), (0, 10, healthy), (2, 12, ill)]);
    assert!(block_on(dataset.load(&[])).unwrap().is_empty());
}

#[test]
fn a_split_may_have_its_table_inside_or_share_one() {
    let inside = MemoryStorage::with_files([
        ("validation/metadata.csv", b"file_name,health,age\na/0.png,PD,1\nvalidation/b/1.png,H,2\n".to_vec()),
        ("validation/a/0.png", png(4, 4, 3, 1)),
        ("validation/b/1.png", png(4, 4, 3, 2)),
    ]);
    let dataset = open(&inside, "validation").unwrap();
    assert_eq!([dataset.path(0), dataset.path(1)], ["validation/a/0.png", "validation/b/1.png"]);
    // Folders of classes look the same.
    assert_eq!([dataset.subject(0), dataset.subject(1)], [None, None]);

    let shared = MemoryStorage::with_files([
        (
            "metadata.csv",
            b"file_name,split,age,health,subject\n./x.npy,train,1,H,s1\ny.npy,test,2,H,s2\nz.npy,train,3,H,s3\n"
                .to_vec(),
        ),
        ("x.npy", npy(2, 5)),
        ("y.npy", npy(2, 6)),
        ("z.npy", npy(2, 5)),
    ]);
    let dataset = open(&shared, "train").unwrap();
    assert_eq!(dataset.feature_shape(), FeatureShape::Signal { channels: 2, samples: 5 });
    assert_eq!((dataset.len(), dataset.targets(1)[0], dataset.subject(1)), (2, Some(Target::Value(3.0)), Some("s3")));
    let samples = block_on(dataset.load(&[1])).unwrap();
    assert_eq!(samples[0].features, Features::Signal { channels: 2, samples: 5, values: vec![0.5; 10] });
}

#[test]
fn a_split_that_is_missing_or_empty_is_told_which_there_are() {
    let storage = folder();
    write(&storage, "test-metadata.csv", "file_name,split\n");
    write(&storage, "validation/metadata.csv", "file_name\nx.png\ny.png\n");
    write(&storage, "metadata.csv", "file_name,split\nq.png,extra\n");
    assert_eq!(
        refusal(&storage, "val"),
        "there is no split `val`; there are: extra (1 sample), test (0 samples), train (3 samples), \
         validation (2 samples)"
    );
    assert!(refusal(&storage, "test").starts_with("the split `test` is empty (test-metadata.csv); there are: extra"));
    assert!(refusal(&storage, "../train").starts_with("there is no split `../train`"));
    assert_eq!(
        refusal(&MemoryStorage::default(), "train"),
        "this is not a preprocessed folder: neither train-metadata.csv, train/metadata.csv nor metadata.csv is there"
    );
}

#[test]
fn samples_in_a_folder_of_their_own_are_no_split_of_what_lies_around() {
    let storage = MemoryStorage::with_files([
        ("out/metadata.csv", b"file_name,split\na.png,train\n".to_vec()),
        ("out/preprocessing.json", b"{}".to_vec()),
        ("extra/metadata.csv", b"file_name\na.png\n".to_vec()),
    ]);
    assert_eq!(block_on(splits(&storage)).unwrap(), [("extra".to_owned(), 1)]);
}

#[test]
fn a_file_that_is_gone_is_named_with_its_line() {
    let storage = folder();
    block_on(storage.remove("train/sub01/spectrogram-1.png")).unwrap();
    let expected = "train-metadata.csv, line 3: there is no such file: train/sub01/spectrogram-1.png";
    assert_eq!(refusal(&storage, "train"), expected);

    let storage = folder();
    let dataset = open(&storage, "train").unwrap();
    block_on(storage.remove("train/sub01/spectrogram-1.png")).unwrap();
    assert_eq!(block_on(dataset.load(&[0, 1])).unwrap_err().to_string(), expected);
}

#[test]
fn a_sample_of_another_shape_is_named_with_both_shapes() {
    let storage = folder();
    write(&storage, "train/sub02/spectrogram-0.png", png(9, 6, 1, 0));
    assert_eq!(
        load_refusal(&storage, &[0, 2]),
        "train-metadata.csv, line 4: a grey image of 9 x 6 pixels, but the split's first sample is a grey image of \
         8 x 6 pixels; preprocess all with the same options: train/sub02/spectrogram-0.png"
    );
    write(&storage, "train/sub02/spectrogram-0.png", png(8, 6, 3, 0));
    let colour = load_refusal(&storage, &[2]);
    assert!(colour.contains("a colour image of 8 x 6 pixels, but"), "{colour}");

    let storage = MemoryStorage::with_files([
        ("train-metadata.csv", b"file_name,age,health\na.npy,1,H\nb.npy,2,H\n".to_vec()),
        ("a.npy", npy(2, 5)),
        ("b.npy", npy(3, 5)),
    ]);
    let shapes = load_refusal(&storage, &[1]);
    assert!(shapes.contains("a window of 3 channels x 5 samples, but") && shapes.contains("line 3"), "{shapes}");
}

#[test]
fn a_window_with_what_is_no_number_is_refused() {
    let window = |value: f32| encode_npy(2, 3, &[0.0, 1.0, 2.0, 3.0, value, 5.0]).unwrap();
    let storage = MemoryStorage::with_files([
        ("train-metadata.csv", b"file_name,age,health\na.npy,1,H\nb.npy,2,H\n".to_vec()),
        ("a.npy", window(4.0)),
        ("b.npy", window(f32::NAN)),
    ]);
    assert_eq!(
        load_refusal(&storage, &[0, 1]),
        "train-metadata.csv, line 3: channel 1, sample 1 is not a finite number: NaN: b.npy"
    );
    write(&storage, "a.npy", window(f32::INFINITY));
    assert!(refusal(&storage, "train").contains("is not a finite number: inf"));
}

#[test]
fn a_file_that_is_no_image_is_named_with_its_line() {
    let storage = folder();
    write(&storage, "train/sub02/spectrogram-0.png", "not an image");
    let later = load_refusal(&storage, &[2]);
    assert!(
        later.starts_with("train-metadata.csv, line 4: ") && later.ends_with(": train/sub02/spectrogram-0.png"),
        "{later}"
    );
    write(&storage, "train/sub01/spectrogram-0.png", "");
    let first = refusal(&storage, "train");
    assert!(first.starts_with("train-metadata.csv, line 2: "), "{first}");
    let storage = MemoryStorage::with_files([
        ("train-metadata.csv", b"file_name,age,health\na.npy,1,H\n".to_vec()),
        ("a.npy", png(2, 2, 1, 0)),
    ]);
    let window = refusal(&storage, "train");
    assert!(window.starts_with("train-metadata.csv, line 2: ") && window.ends_with(": a.npy"), "{window}");
}

#[test]
fn rows_may_not_point_out_of_the_folder() {
    for path in ["../secret.png", "train/../../secret.png", "/etc/passwd", "C:\\secret.png", "\\\\host\\x.png", ""] {
        let storage = folder();
        write(&storage, "train-metadata.csv", format!("file_name,age,health\n{path},1,H\n\"\",1,H\n"));
        let error = open(&storage, "train").unwrap_err();
        assert!(matches!(error, DatasetError::OutsideFolder { .. }), "{path}: {error}");
    }
    let storage = folder();
    write(&storage, "train-metadata.csv", "file_name,age,health\ntrain\\sub01\\spectrogram-0.png,1,H\n");
    assert_eq!(open(&storage, "train").unwrap().path(0), "train/sub01/spectrogram-0.png");
}

#[test]
fn tables_that_are_wrong_are_named() {
    let storage = folder();
    write(&storage, "train-metadata.csv", "image,age,health\nx.png,1,H\n");
    assert_eq!(
        refusal(&storage, "train"),
        "train-metadata.csv has no column `file_name`; its columns are: image, age, health"
    );
    write(&storage, "train-metadata.csv", "file_name,age,health\ntrain/sub01/spectrogram-0.png,1,H\nx.png,-3,H\n");
    let age = refusal(&storage, "train");
    assert!(age.starts_with("train-metadata.csv, line 3: ") && age.contains("`-3`"), "{age}");

    let storage = MemoryStorage::with_files([("metadata.csv", b"file_name,age,health\nx.png,1,H\n".to_vec())]);
    assert_eq!(
        refusal(&storage, "train"),
        "metadata.csv has no column `split`; its columns are: file_name, age, health"
    );
}

/// The folder with a report of preprocessing, and this table of where its samples come from.
fn folder_with_origins(table: &str) -> MemoryStorage {
    let storage = folder();
    write(&storage, PREPROCESSING_FILE, "{}");
    write(&storage, WINDOWS_FILE, format!("file_name,recording,start_s,duration_s\n{table}"));
    storage
}

#[test]
fn samples_tell_which_recording_they_come_from() {
    let storage = folder_with_origins(
        "train/sub02/spectrogram-0.png,\"b, night.edf\",0.30000000000000004,2\n\
         train/sub01/spectrogram-0.png,a/1.edf,0,2.5\n\
         val/sub03/spectrogram-0.png,c.edf,7,2.5\n",
    );
    let train = open(&storage, "train").unwrap();
    assert_eq!(train.origin(0), Some(WindowOrigin { recording: "a/1.edf", start_s: 0.0, duration_s: 2.5 }));
    assert_eq!(train.origin(1), None, "the table has no row of it");
    let of_night = WindowOrigin { recording: "b, night.edf", start_s: 0.1 + 0.2, duration_s: 2.0 };
    assert_eq!(train.origin(2), Some(of_night));

    block_on(storage.remove(WINDOWS_FILE)).unwrap();
    assert_eq!(open(&storage, "train").unwrap().origin(0), None);
    // In a folder that was made elsewhere such a file may be about anything.
    let elsewhere = folder();
    write(&elsewhere, WINDOWS_FILE, "room,windows\nlab,2\n");
    assert_eq!(open(&elsewhere, "train").unwrap().origin(0), None);
    assert_eq!(block_on(splits(&elsewhere)).unwrap(), [("train".to_owned(), 3)]);
}

#[test]
fn where_samples_come_from_is_told_in_full_or_refused() {
    let sound = "train/sub01/spectrogram-0.png,a.edf,0,2.5\n";
    for (row, message) in [
        ("x.png,a.edf,2.5", "line 3: 3 fields where the header names 4 columns"),
        (
            "x.png,a.edf,early,2.5",
            "line 3: column `start_s` must hold seconds from the recording's beginning, not `early`",
        ),
        ("x.png,a.edf,-1,2.5", "line 3: column `start_s` must hold seconds from the recording's beginning, not `-1`"),
        ("x.png,a.edf,0,inf", "line 3: column `duration_s` must hold seconds above 0, not `inf`"),
        ("x.png,a.edf,0,0", "line 3: column `duration_s` must hold seconds above 0, not `0`"),
        ("x.png,,0,2.5", "line 3: column `recording` must hold the path of a recording, not ``"),
        (
            "train/sub01/spectrogram-0.png,b.edf,0,2.5",
            "line 3: column `file_name` must hold a file that no line before it names, not `train/sub01/spectrogram-0.png`",
        ),
    ] {
        let storage = folder_with_origins(&format!("{sound}{row}\n"));
        assert_eq!(refusal(&storage, "train"), format!("windows.csv, {message}"));
    }
    let storage = folder_with_origins("");
    write(&storage, WINDOWS_FILE, "file_name,recording,start\n");
    let message = "windows.csv has no column `start_s`; its columns are: file_name, recording, start";
    assert_eq!(refusal(&storage, "train"), message);
}

/// What is refused of these tables' splits, else what is said of them.
fn apart(files: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let files = files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec()));
    let storage = MemoryStorage::with_files(files);
    block_on(check_subjects_apart(&storage, "train", Some("val"), None)).map_err(|error| error.to_string())
}

#[test]
fn nobody_is_trained_on_and_tested_on() {
    let shared = apart(&[
        ("train-metadata.csv", "file_name,subject\ntrain/1.png,ann\ntrain/2.png,bob\n"),
        ("test-metadata.csv", "file_name,subject\ntest/3.png,bob\n"),
    ]);
    let shared = shared.unwrap_err();
    assert!(shared.starts_with("a subject is of `train` and of `test` as well (bob): "), "{shared}");

    // Preprocessing names files after subjects.
    let own = apart(&[(
        "metadata.csv",
        "file_name,split\ntrain/sub01/spectrogram-0.png,train\nval/sub01/spectrogram-1.png,val\n",
    )]);
    assert!(own.unwrap_err().contains("`train` and of `val` as well (sub01)"));
    let by_name =
        apart(&[("metadata.csv", "file_name,split\ntrain/sub-01/img0001.png,train\nval/sub-01/img0003.png,val\n")]);
    assert!(by_name.unwrap_err().contains("(sub-01)"));
    let of_validation =
        apart(&[("metadata.csv", "file_name,split,subject\n1.png,train,a\n2.png,val,b\n3.png,test,b\n")]);
    assert!(of_validation.unwrap_err().contains("`val` and of `test` as well (b)"));
    assert_eq!(apart(&[]), Ok(Vec::new()));
}

#[test]
fn a_person_is_the_same_however_spelled_and_whatever_the_split_is_called() {
    for (split, first, second) in [
        ("val", "sub-01", "1"),
        ("Test", "sub-01", "SUB-01"),
        ("holdout", "ann", "Ann"),
        ("Held-Out", "ann", "ann"),
        ("Validation", "007", "7"),
    ] {
        let table = format!("file_name,split,participant_id\na.png,train,{first}\nb.png,{split},{second}\n");
        let error = apart(&[("metadata.csv", &table)]).unwrap_err();
        assert!(error.contains(&format!("of `{split}` as well")), "{split}: {error}");
    }
    // Of another way to divide the samples it is told, and a split that holds all of them says nothing.
    let fold = apart(&[("metadata.csv", "file_name,split,subject\na,train,x\nb,val,y\nc,fold2,x\n")]).unwrap();
    assert!(fold.len() == 1 && fold[0].starts_with("the split `fold2` has samples of 1 of the people"), "{fold:?}");
    let all =
        [("train-metadata.csv", "file_name,subject\na,x\n"), ("all-metadata.csv", "file_name,subject\na,x\nb,y\n")];
    assert_eq!(apart(&all), Ok(Vec::new()));
}

#[test]
fn what_is_trained_on_is_not_validated_on() {
    let same = block_on(check_subjects_apart(&folder(), "train", Some("train"), None)).unwrap_err().to_string();
    assert!(
        same.starts_with("the split `train` is trained on and validated on") && same.contains("val_split"),
        "{same}"
    );
    assert!(block_on(check_subjects_apart(&folder(), "train", None, None)).is_ok());
}

#[test]
fn samples_of_nobody_knows_whom_are_told() {
    let of_classes = apart(&[
        ("train-metadata.csv", "file_name\ntrain/healthy/1.png\n"),
        ("val-metadata.csv", "file_name\nval/healthy/2.png\n"),
        ("test-metadata.csv", "file_name,subject\ntest/3.png,ann\n"),
    ]);
    let [note] = &of_classes.unwrap()[..] else { panic!("one note") };
    assert!(note.contains("whose samples those of `train`, `val` are") && note.contains("column `subject`"), "{note}");
}
