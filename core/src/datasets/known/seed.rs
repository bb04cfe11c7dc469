//! SEED-V: emotions that film clips evoke (Liu et al. 2021, "Comparing Recognition Performance and Robustness of Multimodal
//! Deep Learning Models for Multimodal Emotion Recognition"). Only samples of it are read, not yet its recordings.

use crate::{
    datasets::{Dataset, RawDataset, headers::is_recording},
    labels::{LabelRegistry, LabelSpec, common},
    storage::FileEntry,
};

/// The folder of its recordings.
const FOLDER: &str = "EEG_raw";
/// The table of its subjects.
const TABLE: &str = "participants_info.csv";

/// The emotions dataset.
#[derive(Debug, Clone, Copy)]
pub struct Seed;

impl Dataset for Seed {
    fn name(&self) -> &'static str {
        "seed"
    }

    fn title(&self) -> &'static str {
        "Emotion recordings"
    }

    fn labels(&self) -> LabelRegistry {
        let (gender, emotion) = (common::gender(), emotion());
        let names = [
            "disgust_male",
            "disgust_female",
            "fear_male",
            "fear_female",
            "sad_male",
            "sad_female",
            "neutral_male",
            "neutral_female",
            "happy_male",
            "happy_female",
        ];
        let condition = LabelSpec::pair("seed_condition", &emotion, &gender, &names, "emotion and gender in one");
        LabelRegistry::new([gender, common::health(), emotion, condition, common::age()])
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        None
    }

    fn folders(&self) -> &'static [&'static str] {
        &[FOLDER]
    }

    fn unread(&self, files: &[FileEntry]) -> Option<String> {
        let message = "the files are laid out as SEED-V (`seed`) has them, which is not read yet: without its trials, the \
                       emotions that change within a recording cannot be learnt";
        has_recordings(files).then(|| message.to_owned())
    }
}

fn emotion() -> LabelSpec {
    let classes: [(&str, &[&str]); 5] =
        [("disgust", &[]), ("fear", &[]), ("sad", &[]), ("neutral", &[]), ("happy", &[])];
    LabelSpec::numbered("emotion", &["emotion_id", "emotion"], &classes, "the emotion a film clip is meant to evoke")
}

/// Whether there are recordings called `<subject>_<session>_<date>`, in the dataset's folder or with its table.
fn has_recordings(files: &[FileEntry]) -> bool {
    let has_table = files.iter().any(|file| file.path.rsplit('/').next() == Some(TABLE));
    let is_place = |path: &str| has_table || path.split('/').any(|part| part == FOLDER);
    files.iter().any(|file| is_recording(&file.path) && is_place(&file.path) && is_own_name(&file.path))
}

fn is_own_name(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let parts: Vec<&str> = stem.split('_').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}
