//! Writes what fuzzing starts from: small files of every kind, in `corpus/<target>`.

// The writer of MATLAB files that the reader's tests have, which names the order of bytes by its place there.
#[path = "../../src/recording/tests/mat_file.rs"]
mod mat_file;
mod recording {
    pub mod matlab_values {
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub enum Order {
            Little,
            Big,
        }
    }
}

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    fs,
    io::Cursor,
    io::Write,
};

use mat_file::MatFile;
use recording::matlab_values::Order;
use safetensors::{Dtype, tensor::TensorView};
use signal_studio_app_shared::{
    runs::journal::{EvaluatedSamples, Writer},
    shell::kept::Versioned,
};
use signal_studio_core::{
    checkpoint::{SCHEMA_KEY, TASKS_KEY},
    recording::{Annotation, EdfChannel, EdfHeader, StartTime, write_edf},
    share,
    signal::{Image, encode_npy},
    training::{
        Summary, TrainEvent,
        events::{Evaluation, Position, Start, Step},
        history::EpochRecord,
    },
};

const RUN: &str = include_str!("../../../configs/classification/demo.toml");
const SETTINGS: &str = include_str!("../../../configs/default.toml");
const TABLE: &str = "participant_id\tage\tsex\tscore\nsub-01\t89+\tF\t1,5\nsub-02\tn/a\tM\t\"2\"\n";
const METADATA: &str = "file_name,split,gender,health,age\ntrain/a/0.npy,train,F,H,20\nval/b/0.npy,val,M,H,30\n";

const WINDOWS: &str =
    "file_name,recording,start_s,duration_s\ntrain/a/0.npy,a.edf,0,2.048\nval/b/0.npy,b.edf,2.048,2.048\n";

const EVALUATION: &str = r#"{"epoch": 1, "batch": 2, "step": 2, "metrics": {"samples": 2, "loss": 0.5, "grad_norm": 0.0,
    "tasks": []}, "score": 0.5, "is_best": true, "regressions": [{"task": "age", "points": [[1.0, 2.0]]}],
    "worst_samples": [{"path": "a", "subject": null, "loss": 1.0, "verdicts": []}]}"#;

fn main() -> Result<(), Box<dyn Error>> {
    for (name, bytes) in edf()? {
        write("edf", name, &bytes)?;
    }
    for (number, bytes) in eeglab().iter().enumerate() {
        write("eeglab", &number.to_string(), bytes)?;
    }
    write("npy", "window", &encode_npy(2, 3, &[0.5; 6])?)?;
    for channels in [1, 3] {
        let image = Image { width: 8, height: 8, channels, pixels: vec![90; 64 * channels] };
        write("png", &channels.to_string(), &image.encode_png()?)?;
    }
    for (name, bytes) in checkpoints()? {
        write("checkpoint", name, &bytes)?;
    }
    write("share_link", "demo", share::link(share::DEFAULT_BASE_URL, RUN)?.as_bytes())?;
    write("run_file", "demo", RUN.as_bytes())?;
    write("run_file", "settings", SETTINGS.as_bytes())?;
    write("table", "participants", TABLE.as_bytes())?;
    write("prepared", "metadata", METADATA.as_bytes())?;
    write("prepared", "both", format!("{METADATA}\0{{\"schema\": 1, \"options\": {{}}}}").as_bytes())?;
    write("prepared", "all", format!("{METADATA}\0{{}}\0{WINDOWS}").as_bytes())?;
    for (name, bytes) in journals() {
        write("journal", name, &bytes)?;
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a/b.edf", zip::write::SimpleFileOptions::default())?;
    zip.write_all(TABLE.as_bytes())?;
    write("archive", "one", &zip.finish()?.into_inner())
}

fn write(target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(&folder)?;
    Ok(fs::write(format!("{folder}/{name}"), bytes)?)
}

/// Two channels of three seconds with two annotations: continuous, discontinuous, and as BDF.
fn edf() -> Result<[(&'static str, Vec<u8>); 3], Box<dyn Error>> {
    let start = StartTime::new(2021, [5, 2], [23, 4, 59]).ok_or("a date")?;
    let header = EdfHeader { patient: "X X X X".to_owned(), recording: "Startdate X X X X".to_owned(), start };
    let samples = [0.0; 12];
    let channel =
        |label| EdfChannel { label, rate_hz: 4, physical_min_uv: -200.0, physical_max_uv: 200.0, samples: &samples };
    let note = |onset_s, text: &str| Annotation { onset_s, duration_s: 0.5, text: text.to_owned() };
    let continuous =
        write_edf(&header, &[channel("Fp1"), channel("Status")], &[note(0.5, "a"), note(2.0, "boundary")])?;
    let mut discontinuous = continuous.clone();
    discontinuous[192..197].copy_from_slice(b"EDF+D");
    let mut bdf = continuous.clone();
    bdf[..8].copy_from_slice(b"\xffBIOSEMI");
    Ok([("continuous", continuous), ("discontinuous", discontinuous), ("bdf", bdf)])
}

/// A run from its start to its end, the same run gone on with, and what an evaluation says of single samples.
fn journals() -> [(&'static str, Vec<u8>); 3] {
    let start = |resumed_at| {
        TrainEvent::Started(Start {
            train_samples: 8,
            val_samples: Some(2),
            batches_per_epoch: 4,
            batches_per_update: 1,
            epochs: 2,
            total_steps: 8,
            parameters: 10,
            seed: 1,
            resumed_at,
            splits: Vec::new(),
        })
    };
    let position = Position { epoch: 1, batch: 2, step: 2 };
    let step = Step { position, loss: 0.5, losses: BTreeMap::new(), grad_norm: 1.0, lr: 0.1 };
    let evaluated: Evaluation = serde_json::from_str(EVALUATION).expect("an evaluation");
    let told = [
        start(0),
        TrainEvent::Step(step),
        TrainEvent::Evaluated(evaluated.clone()),
        TrainEvent::Checkpoint { position, path: "checkpoints/last.safetensors".to_owned() },
        TrainEvent::Epoch(EpochRecord { epoch: 1, ..EpochRecord::default() }),
    ];
    let end = [TrainEvent::Warning { message: "a".to_owned() }, TrainEvent::Done(Summary::default())];
    let mut writer = Writer::default();
    let mut lines = |events: &[TrainEvent]| events.iter().map(|event| writer.lines(1.5, event)).collect::<String>();
    let begun = lines(&told);
    let resumed = begun.clone() + &lines(&[start(2)]) + &lines(&told[1..]) + &lines(&end);
    let samples = EvaluatedSamples::of(&evaluated).to_json();
    [("begun", begun.into_bytes()), ("resumed", resumed.into_bytes()), ("samples", samples)]
}

/// Weights of every type with a counter among them, with what this program says beside them and without.
fn checkpoints() -> Result<[(&'static str, Vec<u8>); 2], Box<dyn Error>> {
    let zeros = [0; 16];
    let types = [(Dtype::F64, 16), (Dtype::F32, 8), (Dtype::F16, 4), (Dtype::BF16, 4)];
    let mut views = Vec::new();
    for (dtype, bytes) in types {
        views.push((format!("backbone.{dtype:?}.weight"), TensorView::new(dtype, vec![1, 2], &zeros[..bytes])?));
    }
    views.push(("backbone.0.num_batches_tracked".to_owned(), TensorView::new(Dtype::I64, vec![], &zeros[..8])?));
    let tasks = r#"[{"name": "a", "classes": ["b", "c"]}]"#;
    let metadata = [(SCHEMA_KEY, "1"), (TASKS_KEY, tasks)].map(|(key, text)| (key.to_owned(), text.to_owned()));
    let ours = safetensors::serialize(views.clone(), Some(HashMap::from(metadata)))?;
    Ok([("ours", ours), ("plain", safetensors::serialize(views, None)?)])
}

/// A dataset as variables, as a structure, compressed, and in both orders of bytes; its samples inside or beside it.
fn eeglab() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for mat in [MatFile(Order::Little), MatFile(Order::Big)] {
        let fields = |named: bool, beside: bool| {
            let name = |name| if named { name } else { "" };
            let samples: Vec<f32> = (0..10).map(|sample| sample as f32).collect();
            let labels = ["Fz", "Cz"].map(|label| vec![mat.text("", label), mat.empty("")]);
            let event = vec![mat.number("", 2.0), mat.text("", "boundary")];
            let data =
                if beside { mat.text(name("data"), "a.fdt") } else { mat.singles(name("data"), &[2, 5], &samples) };
            vec![
                mat.number(name("nbchan"), 2.0),
                mat.integers(name("pnts"), &[1, 1], &[5]),
                mat.number(name("srate"), 5.0),
                data,
                mat.structure(name("chanlocs"), &["labels", "theta"], &labels),
                mat.structure(name("event"), &["latency", "type"], &[event]),
            ]
        };
        let names = ["nbchan", "pnts", "srate", "data", "chanlocs", "event"];
        let structure = mat.structure("EEG", &names, &[fields(false, false)]);
        files.push(mat.file(&fields(true, false)));
        files.push(mat.file(&[mat.compressed(&structure)]));
        files.push(mat.file(&[structure]));
        let samples = [0_u8; 39];
        files.push([&mat.file(&fields(true, true))[..], &samples, &[40]].concat());
    }
    files
}
