//! The table of predictions: a row a window, with whose it is, where it lies, what it was labelled and what a model said of
//! it. Every score of a finished run is computed from it. Beside a run it lies as a CSV file, which any program reads.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Level, Prediction, mean::MeanPrediction};
use crate::{
    datasets::{Table, TableError},
    labels::{MetadataRow, Target, TaskSpec},
};

/// What a model said of windows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PredictionTable {
    /// What was asked of each window.
    pub tasks: Vec<TaskSpec>,
    /// The windows.
    pub rows: Vec<PredictedWindow>,
}

/// What a model said of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedWindow {
    /// Path of its file in the folder of samples, or the recording and the window's number where there is no such file.
    pub sample: String,
    /// Path of the recording it was cut from, where that is known.
    pub recording: Option<String>,
    /// Where it begins there, in s.
    pub start_s: Option<f64>,
    /// Whose it is, where that is known.
    pub subject: Option<String>,
    /// The split it was in.
    pub split: String,
    /// The fold of a cross-validation in which it was predicted, from 1.
    pub fold: Option<usize>,
    /// The seed of the run that predicted it.
    pub seed: u64,
    /// By task.
    pub answers: Vec<Answer>,
}

/// What a model said of a window for one task, and what is right.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The label; none where it is missing.
    pub target: Option<Target>,
    /// What was said.
    pub prediction: Prediction,
}

/// What cannot be read as a table of predictions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PredictionTableError {
    /// It is no table, or lacks a column.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A cell does not hold what its column does.
    #[error("{file}, line {line}: `{value}` in the column `{column}` is not {expected}")]
    Cell {
        /// The table.
        file: String,
        /// The line; 1 is the header.
        line: u64,
        /// The column.
        column: String,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
}

/// The columns before those of the tasks.
const COLUMNS: [&str; 7] = ["sample", "recording", "subject", "start_s", "split", "fold", "seed"];

impl PredictionTable {
    /// As CSV: after the columns that say which window it is, a task has `<task>.true`, `<task>.predicted` and, where it
    /// tells classes apart, `<task>.p.<class>`, the probability of each. What is not known is empty; numbers are written so
    /// that they are read back as they are.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = COLUMNS.map(str::to_owned).into_iter().chain(self.tasks.iter().flat_map(columns_of));
        let mut write = |record: Vec<String>| writer.write_record(record).expect("memory has room for a line");
        write(header.collect());
        for row in &self.rows {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let mut record = vec![
                row.sample.clone(),
                text(&row.recording),
                text(&row.subject),
                row.start_s.map(|start| start.to_string()).unwrap_or_default(),
                row.split.clone(),
                row.fold.map(|fold| fold.to_string()).unwrap_or_default(),
                row.seed.to_string(),
            ];
            for (task, answer) in self.tasks.iter().zip(&row.answers) {
                record.extend(cells_of(task, answer));
            }
            write(record);
        }
        writer.into_inner().expect("memory has nothing to flush")
    }

    /// Each row as a JSON object: which window it is, and by task what is right, what was said and the probability of each
    /// class.
    #[must_use]
    pub fn to_json(&self) -> Vec<Value> {
        let of_row = |row: &PredictedWindow| {
            let tasks = self
                .tasks
                .iter()
                .zip(&row.answers)
                .map(|(task, answer)| (task.name.clone(), answer_json(task, answer)));
            json!({
                "sample": row.sample,
                "recording": row.recording,
                "subject": row.subject,
                "start_s": row.start_s,
                "split": row.split,
                "fold": row.fold,
                "seed": row.seed,
                "tasks": tasks.collect::<Map<String, Value>>(),
            })
        };
        self.rows.iter().map(of_row).collect()
    }

    /// Reads what [`Self::to_csv`] wrote; `file` is its name in messages.
    ///
    /// # Errors
    /// [`PredictionTableError`].
    pub fn from_csv(bytes: &[u8], file: &str, tasks: &[TaskSpec]) -> Result<Self, PredictionTableError> {
        let table = Table::parse(bytes, file)?;
        for column in COLUMNS.map(str::to_owned).into_iter().chain(tasks.iter().flat_map(columns_of)) {
            table.require_column(&column)?;
        }
        let rows =
            (0..table.len()).map(|index| Line { row: table.row(index), file, line: table.line(index) }.read(tasks));
        Ok(Self { tasks: tasks.to_vec(), rows: rows.collect::<Result<_, _>>()? })
    }

    /// A row for each recording, or each person, with the mean of what was said of their windows; a label that their windows
    /// do not share is none. Rows in which it is not known whose they are, or of which recording, stay as they are.
    #[must_use]
    pub fn together(&self, level: Level) -> Self {
        let owner = |row: &PredictedWindow| match level {
            Level::Window => None,
            Level::Recording => row.recording.clone(),
            Level::Subject => row.subject.clone(),
        };
        let mut rows: Vec<(PredictedWindow, Vec<MeanPrediction>)> = Vec::new();
        let mut places: BTreeMap<(String, u64), usize> = BTreeMap::new();
        for row in &self.rows {
            let place = owner(row).map_or(rows.len(), |owner| *places.entry((owner, row.seed)).or_insert(rows.len()));
            if place == rows.len() {
                let recording = row.recording.clone().filter(|_| level != Level::Subject);
                let start_s = row.start_s.filter(|_| level == Level::Window);
                let sample = owner(row).unwrap_or_else(|| row.sample.clone());
                let together = PredictedWindow { sample, recording, start_s, ..row.clone() };
                rows.push((together, vec![MeanPrediction::default(); row.answers.len()]));
            }
            let (together, means) = &mut rows[place];
            for ((answer, of_window), mean) in together.answers.iter_mut().zip(&row.answers).zip(means) {
                mean.add(&of_window.prediction);
                answer.target = answer.target.filter(|target| of_window.target == Some(*target));
            }
        }
        let rows = rows.into_iter().map(|(mut row, means)| {
            let means = means.into_iter().map(MeanPrediction::mean);
            row.answers
                .iter_mut()
                .zip(means)
                .for_each(|(answer, mean)| answer.prediction = mean.unwrap_or_else(|| answer.prediction.clone()));
            row
        });
        Self { tasks: self.tasks.clone(), rows: rows.collect() }
    }

    /// The labels and predictions of a task, of the windows that have a label.
    ///
    /// # Panics
    /// When `task` is not below the number of tasks.
    pub fn answers(&self, task: usize) -> impl Iterator<Item = (Target, &Prediction)> {
        self.rows.iter().filter_map(move |row| {
            let answer = &row.answers[task];
            Some((answer.target?, &answer.prediction))
        })
    }
}

/// The names of a task's columns.
fn columns_of(task: &TaskSpec) -> Vec<String> {
    let name = &task.name;
    let mut columns = vec![format!("{name}.true"), format!("{name}.predicted")];
    columns.extend(task.class_names().iter().map(|class| format!("{name}.p.{class}")));
    columns
}

/// What stands in them.
fn cells_of(task: &TaskSpec, answer: &Answer) -> Vec<String> {
    let class = |class: usize| task.class_names().get(class).cloned().unwrap_or_default();
    let truth = match answer.target {
        Some(Target::Class(truth)) => class(truth),
        Some(Target::Value(truth)) => truth.to_string(),
        None => String::new(),
    };
    match &answer.prediction {
        Prediction::Value(value) => vec![truth, value.to_string()],
        Prediction::Classes(probabilities) => {
            let predicted = answer.prediction.class().map(class).unwrap_or_default();
            [truth, predicted].into_iter().chain(probabilities.iter().map(f64::to_string)).collect()
        }
    }
}

fn answer_json(task: &TaskSpec, answer: &Answer) -> Value {
    let class = |class: usize| json!(task.class_names().get(class));
    let truth = match answer.target {
        Some(Target::Class(truth)) => class(truth),
        Some(Target::Value(truth)) => json!(truth),
        None => Value::Null,
    };
    match &answer.prediction {
        Prediction::Value(value) => json!({ "true": truth, "predicted": value }),
        Prediction::Classes(probabilities) => {
            let named =
                task.class_names().iter().cloned().zip(probabilities.iter().map(|&probability| json!(probability)));
            let predicted = answer.prediction.class().map_or(Value::Null, class);
            json!({ "true": truth, "predicted": predicted, "probabilities": named.collect::<Map<String, Value>>() })
        }
    }
}

/// A line that is read.
struct Line<'a> {
    row: MetadataRow<'a>,
    file: &'a str,
    line: u64,
}

impl Line<'_> {
    fn read(&self, tasks: &[TaskSpec]) -> Result<PredictedWindow, PredictionTableError> {
        let text = |column: &str| Some(self.cell(column).to_owned()).filter(|cell| !cell.is_empty());
        Ok(PredictedWindow {
            sample: self.cell("sample").to_owned(),
            recording: text("recording"),
            start_s: self.optional("start_s", "a number of seconds")?,
            subject: text("subject"),
            split: self.cell("split").to_owned(),
            fold: self.optional("fold", "the number of a fold")?,
            seed: self.required("seed", "a seed")?,
            answers: tasks.iter().map(|task| self.answer(task)).collect::<Result<_, _>>()?,
        })
    }

    fn answer(&self, task: &TaskSpec) -> Result<Answer, PredictionTableError> {
        let columns = columns_of(task);
        let (truth, predicted) = (&columns[0], &columns[1]);
        let number = "a number";
        if !task.is_classification() {
            let target = self.optional::<f32>(truth, number)?.map(Target::Value);
            return Ok(Answer { target, prediction: Prediction::Value(self.required(predicted, number)?) });
        }
        let target = match self.cell(truth) {
            "" => None,
            class => {
                let place = task.class_names().iter().position(|name| name == class);
                Some(Target::Class(place.ok_or_else(|| self.fault(truth, "a class of its task"))?))
            }
        };
        let probabilities = columns[2..].iter().map(|column| self.required(column, "a probability"));
        Ok(Answer { target, prediction: Prediction::Classes(probabilities.collect::<Result<_, _>>()?) })
    }

    fn cell(&self, column: &str) -> &str {
        self.row.get(column).unwrap_or_default()
    }

    fn optional<T: std::str::FromStr>(
        &self,
        column: &str,
        expected: &'static str,
    ) -> Result<Option<T>, PredictionTableError> {
        match self.cell(column) {
            "" => Ok(None),
            _ => self.required(column, expected).map(Some),
        }
    }

    fn required<T: std::str::FromStr>(&self, column: &str, expected: &'static str) -> Result<T, PredictionTableError> {
        self.cell(column).parse().map_err(|_| self.fault(column, expected))
    }

    fn fault(&self, column: &str, expected: &'static str) -> PredictionTableError {
        PredictionTableError::Cell {
            file: self.file.to_owned(),
            line: self.line,
            column: column.to_owned(),
            value: self.cell(column).to_owned(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::TaskKind;

    fn tasks() -> Vec<TaskSpec> {
        let classes = ["healthy", "ill, or not well"].map(str::to_owned).to_vec();
        let task = |name: &str, kind| TaskSpec { name: name.to_owned(), kind, description: String::new() };
        vec![
            task("health", TaskKind::Classification { classes }),
            task("age", TaskKind::Regression { unit: Some("years".to_owned()) }),
        ]
    }

    fn table() -> PredictionTable {
        let row = |sample: &str, health, age| PredictedWindow {
            sample: sample.to_owned(),
            recording: Some("a \"b\".edf".to_owned()),
            start_s: Some(2.5),
            subject: Some("sub-01".to_owned()),
            split: "test".to_owned(),
            fold: None,
            seed: 33,
            answers: vec![
                Answer { target: health, prediction: Prediction::Classes(vec![1.0 / 3.0, 2.0 / 3.0]) },
                Answer { target: age, prediction: Prediction::Value(31.200_000_000_000_003) },
            ],
        };
        let known = row("test/1.npy", Some(Target::Class(1)), Some(Target::Value(30.1)));
        let other =
            PredictedWindow { recording: None, start_s: None, subject: None, fold: Some(2), ..row("2", None, None) };
        PredictionTable { tasks: tasks(), rows: vec![known, other] }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_last_digit() {
        let csv = table().to_csv();
        assert_eq!(PredictionTable::from_csv(&csv, "predictions.csv", &tasks()).unwrap(), table());
        let text = String::from_utf8(csv).unwrap();
        let header = "sample,recording,subject,start_s,split,fold,seed,health.true,health.predicted,health.p.healthy,\
                      \"health.p.ill, or not well\",age.true,age.predicted\n";
        assert!(text.starts_with(header), "{text}");
    }

    #[test]
    fn windows_of_a_recording_or_a_person_are_told_together() {
        let mut of_two = table();
        of_two.rows[1] = PredictedWindow { sample: "test/2.npy".to_owned(), ..of_two.rows[0].clone() };
        of_two.rows[1].answers[0].prediction = Prediction::Classes(vec![1.0, 0.0]);
        of_two.rows[1].answers[1].target = Some(Target::Value(40.0));
        let by_recording = of_two.together(Level::Recording);
        let [row] = by_recording.rows.as_slice() else { panic!() };
        assert_eq!(
            (row.sample.as_str(), row.recording.as_deref(), row.start_s),
            ("a \"b\".edf", Some("a \"b\".edf"), None)
        );
        assert_eq!(row.answers[0].prediction, Prediction::Classes(vec![2.0 / 3.0, 1.0 / 3.0]));
        assert_eq!((row.answers[0].target, row.answers[1].target), (Some(Target::Class(1)), None));
        let by_subject = of_two.together(Level::Subject);
        assert_eq!((by_subject.rows[0].sample.as_str(), by_subject.rows[0].recording.as_deref()), ("sub-01", None));
        assert_eq!(of_two.together(Level::Window), of_two);
        assert_eq!(table().together(Level::Subject).rows.len(), 2, "whoever is not known stays alone");
    }

    #[test]
    fn a_damaged_table_is_refused_with_its_place() {
        let text = String::from_utf8(table().to_csv()).unwrap();
        let error = |text: &str| PredictionTable::from_csv(text.as_bytes(), "p.csv", &tasks()).unwrap_err().to_string();
        assert_eq!(
            error(&text.replace("31.200000000000003", "old")),
            "p.csv, line 2: `old` in the column `age.predicted` is not a number"
        );
        let other_class = error(&text.replace(",\"ill, or not well\",\"ill", ",dead,\"ill"));
        assert!(other_class.contains("is not a class of its task") || other_class.contains("dead"), "{other_class}");
        assert!(error(&text.replace("age.true", "years")).contains("age.true"));
    }
}
