//! What can go wrong between a folder of recordings and a sample.

mod request;

use super::{
    FeatureShape, FoldsError, ListedSplitsError, TableError,
    listing::{counts, named, rerun_hint},
};
use crate::{
    labels::LabelError,
    recording::RecordingError,
    signal::{ImageError, SignalError},
    storage::StorageError,
};

/// Why a dataset cannot be preprocessed or read. Paths are relative to the storage they were looked for in.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A file or folder could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A table is not one, or lacks a column.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A row's label is missing or impossible.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Preprocessing options that contradict each other.
    #[error("these preprocessing options cannot work: {0}")]
    Options(#[source] SignalError),
    /// A window could not be turned into a sample.
    #[error("a window could not be processed: {0}")]
    Window(#[from] SignalError),
    /// An image could not be encoded.
    #[error("an image could not be encoded: {0}")]
    Image(#[from] ImageError),
    /// Arithmetic recordings were asked of a dataset that has none.
    #[error("{dataset} has no recordings of arithmetic; math trials can only be asked of math")]
    NoMathTrials {
        /// The dataset.
        dataset: &'static str,
    },
    /// Recordings without a channel that all of them have.
    #[error(
        "the {recordings} recordings have no position of the 10-10 system in common; name channels that they have under \
         `preprocessing.channels`"
    )]
    NoCommonChannel {
        /// How many there are.
        recordings: usize,
    },
    /// Every channel is bad in some recording.
    #[error(
        "every channel is bad in one of the recordings, so that none is left for all of them; set \
         `preprocessing.bad_channels` to \"interpolate\" or \"keep\", or leave out the worst: {worst}"
    )]
    NoGoodChannel {
        /// The recording with most bad channels, and how many it has.
        worst: String,
    },
    /// Splits that cannot be as they are listed.
    #[error(transparent)]
    ListedSplits(#[from] ListedSplitsError),
    /// People who cannot be dealt out to folds.
    #[error(transparent)]
    Folds(#[from] FoldsError),
    /// Statistics given for time series are not about 20 channels.
    #[error("the normalization statistics are of {found} channels; these recordings have {expected}")]
    Statistics {
        /// Channels of a sample.
        expected: usize,
        /// Channels of the statistics.
        found: usize,
    },
    /// The raw folder holds nothing that looks like this dataset.
    #[error("no recordings of {dataset} here: expected {layout}")]
    NoRecordings {
        /// The dataset.
        dataset: &'static str,
        /// How its files are named.
        layout: &'static str,
    },
    /// The table of the subjects is not there.
    #[error("{dataset} has recordings, but not the table of its subjects; expected {}", .expected.join(" or "))]
    MissingTable {
        /// The dataset.
        dataset: &'static str,
        /// Where the table was looked for.
        expected: &'static [&'static str],
    },
    /// There are tables, but not about these recordings.
    #[error(
        "no recording belongs to a subject of {}: a subject is `{id}` (column `{column}`), a recording {recording}; name files \
         or folders after the subjects, as in sub-01_eeg.edf", .tables.join(" or ")
    )]
    NoSubjectMatches {
        /// The tables that were looked at.
        tables: Vec<String>,
        /// A subject of the first of them.
        id: String,
        /// The column that names it.
        column: String,
        /// The first recording.
        recording: String,
    },
    /// No column of a table says which subject a row is about.
    #[error(
        "{table} has no column that names the subjects, and numbers of its rows name nobody; call the column that does \
         `participant_id`"
    )]
    NoIdColumn {
        /// The table.
        table: String,
    },
    /// Two rows of the table are about the same subject, and say different things.
    #[error(
        "{table}, line {line}: {subject} has another row in line {first}{}",
        if *.has_sessions {
            ", of the same session, which says something else; keep one of them"
        } else {
            ", which says something else; keep one of them, or tell the sessions apart in a column `session_id`"
        }
    )]
    RowsDisagree {
        /// The table of the subjects.
        table: String,
        /// The second row's line.
        line: u64,
        /// The first row's line.
        first: u64,
        /// The subject.
        subject: String,
        /// Whether the table tells sessions apart.
        has_sessions: bool,
    },
    /// A recording's subject is not in the table.
    #[error("{table} has no row for {subject}; add one, or remove the recording {recording}")]
    MissingSubject {
        /// The table of the subjects.
        table: String,
        /// The subject as the recording names it.
        subject: String,
        /// The recording that was found.
        recording: String,
    },
    /// Two rows of the table are about the same subject.
    #[error("{table}, line {line}: {subject} already has a row in line {first}; keep one of them")]
    DuplicateSubject {
        /// The table of the subjects.
        table: String,
        /// The second row's line.
        line: u64,
        /// The first row's line.
        first: u64,
        /// The subject.
        subject: String,
    },
    /// Every recording had to be skipped.
    #[error("none of {recordings} recordings could be used; the first, {path}: {reason}")]
    NothingUsable {
        /// Recordings tried.
        recordings: usize,
        /// The first of them.
        path: String,
        /// Why it was skipped.
        reason: String,
    },
    /// A single recording cannot be used.
    #[error("{path} cannot be used: {reason}")]
    Unusable {
        /// The recording.
        path: String,
        /// Why preprocessing would leave it out.
        reason: String,
    },
    /// A recording has fewer windows.
    #[error("{path} has {windows} windows, so that there is none with the number {window}, counted from 0")]
    NoSuchWindow {
        /// The recording.
        path: String,
        /// The window asked for.
        window: usize,
        /// How many there are.
        windows: usize,
    },
    /// The output folder belongs to another dataset.
    #[error("the output folder holds the preprocessed data of {found}, not of {dataset}; choose another folder")]
    OutputOfOther {
        /// The dataset to be written.
        dataset: String,
        /// The dataset that is there.
        found: String,
    },
    /// The output folder holds files that preprocessing did not write.
    #[error(
        "the output folder holds files and no preprocessing.json, so that they are not known to be of an earlier run here \
         ({found}); choose an empty folder, or remove them"
    )]
    OutputNotOwn {
        /// One of the files.
        found: String,
    },
    /// The output folder belongs to other recordings.
    #[error(
        "the output folder holds samples that were made of other recordings, none of which is among these ({found} files; \
         the first is {first}); choose another folder, or say that they are to be replaced"
    )]
    OutputOfOtherRecordings {
        /// Files that its samples were made of.
        found: usize,
        /// The first of them.
        first: String,
    },
    /// The sink of the events asked to stop.
    #[error("cancelled before the end; run it again to finish")]
    Cancelled,
    /// There is no metadata at all.
    #[error("this is not a preprocessed folder: neither {split}-metadata.csv, {split}/metadata.csv nor metadata.csv is there{}", rerun_hint(*.unfinished))]
    NoMetadata {
        /// The split asked for.
        split: String,
        /// Whether a preprocessing run began here and did not end.
        unfinished: bool,
    },
    /// There is metadata, but not of this split.
    #[error("there is no split `{split}`; there are: {}", counts(.splits))]
    NoSuchSplit {
        /// The split asked for.
        split: String,
        /// The splits there are, with their numbers of samples.
        splits: Vec<(String, usize)>,
    },
    /// The split has no samples.
    #[error("the split `{split}` is empty ({file}); there are: {}; name another split, or preprocess more subjects", counts(.splits))]
    EmptySplit {
        /// The split asked for.
        split: String,
        /// The table that lists its samples.
        file: String,
        /// The splits there are, with their numbers of samples.
        splits: Vec<(String, usize)>,
    },
    /// The split that is trained on is to be validated on.
    #[error(
        "the split `{split}` is trained on and validated on: scores on samples that a model has learnt say nothing about \
         others; name another split in dataset.val_split, or set training.eval_strategy = \"none\""
    )]
    SameSplit {
        /// The split.
        split: String,
    },
    /// A task of one dataset was asked of samples that are not known to be of it.
    #[error(
        "`{task}` is a task of {dataset}, and {}; a table [labels.{task}] says how its column is to be read",
        match .found {
            Some(found) => format!("these samples were made of {found}"),
            None => "this folder has no preprocessing.json that says that it was made of it".to_owned(),
        }
    )]
    TaskOfOther {
        /// The task.
        task: String,
        /// The dataset that has it.
        dataset: &'static str,
        /// The dataset that the samples were made of, if that is known.
        found: Option<String>,
    },
    /// People whose samples are in two splits.
    #[error(
        "{} of `{first}` and of `{second}` as well ({}): a model that is tested on people it has seen tells nothing about \
         strangers; give each subject one split",
        if .subjects.len() == 1 { "a subject is".to_owned() } else { format!("{} subjects are", .subjects.len()) },
        named(.subjects)
    )]
    SharedSubjects {
        /// The one split.
        first: String,
        /// The other.
        second: String,
        /// Who is in both.
        subjects: Vec<String>,
    },
    /// A split has no label of a task at all.
    #[error(
        "{file}: no row has a label of the task {task}; leave it out of dataset.tasks, or fill in its column and preprocess \
         again"
    )]
    NoLabel {
        /// The split's table.
        file: String,
        /// The task.
        task: String,
    },
    /// A class of the run file has no samples in any split.
    #[error(
        "labels.{task}: no cell of the column `{column}` means the class `{class}`; the column holds {cells}; name these in \
         labels.{task}.classes"
    )]
    ClassWithoutCells {
        /// The task.
        task: String,
        /// The class.
        class: String,
        /// The column that it is read from.
        column: String,
        /// What the column holds, in words.
        cells: String,
    },
    /// A number that is to be learnt may stand for a missing value.
    #[error(
        "{file}: the column `{column}` says `{code}`, which stands apart from its other numbers and may mean that there is \
         no value; empty such cells, or say in a table [labels.{task}] which cells mean none, as in missing = [\"{code}\"] \
         (missing = [] if {code} is a value)"
    )]
    CodeAmongNumbers {
        /// A table that says it.
        file: String,
        /// The task.
        task: String,
        /// The column that it is read from.
        column: String,
        /// The number.
        code: String,
    },
    /// No column says what a task asks for, but one is called as if it did.
    #[error(
        "{file}: the cells of the column `{column}` are not known to mean {task}: it holds {cells}; say what they mean in a \
         table [labels.{task}] of the run file"
    )]
    NothingMeans {
        /// The split's table.
        file: String,
        /// The task.
        task: String,
        /// The column.
        column: String,
        /// What it holds, in words.
        cells: String,
    },
    /// A metadata row points outside the dataset's folder.
    #[error("{file}, line {line}: file_name must be a path within the dataset's folder: {path}")]
    OutsideFolder {
        /// The metadata table.
        file: String,
        /// The row's line.
        line: u64,
        /// What the row says.
        path: String,
    },
    /// A metadata row's image or window is gone.
    #[error("{file}, line {line}: there is no such file: {path}")]
    MissingFile {
        /// The metadata table.
        file: String,
        /// The row's line.
        line: u64,
        /// Where it should be.
        path: String,
    },
    /// A metadata row's image or window cannot be decoded.
    #[error("{file}, line {line}: {reason}: {path}")]
    Undecodable {
        /// The metadata table.
        file: String,
        /// The row's line.
        line: u64,
        /// What the decoder says.
        reason: String,
        /// The image or window.
        path: String,
    },
    /// Not all samples have one shape.
    #[error(
        "{file}, line {line}: {found}, but the split's first sample is {expected}; preprocess all with the same options: {path}"
    )]
    OtherShape {
        /// The metadata table.
        file: String,
        /// The row's line.
        line: u64,
        /// The shape of this one.
        found: FeatureShape,
        /// The shape of the first.
        expected: FeatureShape,
        /// The image or window.
        path: String,
    },
    /// Options of the demo that make no recordings.
    #[error("the demo needs {needed}, not {found}")]
    Demo {
        /// What is needed.
        needed: &'static str,
        /// What was asked for.
        found: usize,
    },
    /// A recording could not be made.
    #[error("the demo's recordings could not be made: {0}")]
    Recording(#[from] RecordingError),
}
