//! Looks up the subjects of recordings in a table, with the labels that preprocessing writes. How a cell is read is the
//! business of the dataset's label registry; what that cannot read is said.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dataset, DatasetError, DatasetPlan, Table};
use crate::{
    labels::{LabelError, LabelFault, LabelRegistry, LabelSpec, MetadataRow, Target},
    storage::Storage,
};

/// What the column `health` says of a patient.
pub(super) const PARKINSONS: &str = "PD";

/// A recording that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a, T> {
    /// Its subject, as files name it.
    pub id: &'a str,
    /// Its path.
    pub path: &'a str,
    /// What else its name says.
    pub of: T,
}

/// A table with one row a subject.
pub(super) struct SubjectTable {
    table: Table,
    /// The column of the subjects.
    id: usize,
    rows: BTreeMap<String, usize>,
    registry: LabelRegistry,
}

impl SubjectTable {
    /// Reads the first of `paths` that there is, as the labels of `dataset` say. Subjects are looked up by the column `id`,
    /// whatever their letter case.
    pub async fn read(
        raw: &dyn Storage,
        dataset: &dyn Dataset,
        paths: &'static [&'static str],
        id: &str,
    ) -> Result<Self, DatasetError> {
        for path in paths {
            if raw.exists(path).await? {
                return Self::new(Table::read(raw, path).await?, dataset.labels(), id);
            }
        }
        Err(DatasetError::MissingTable { dataset: dataset.name(), expected: paths })
    }

    fn new(table: Table, registry: LabelRegistry, id: &str) -> Result<Self, DatasetError> {
        let id = table.require_column(id)?;
        let mut rows = BTreeMap::new();
        for row in 0..table.len() {
            let subject = table.value(row, id);
            if let Some(first) = rows.insert(subject.to_ascii_lowercase(), row) {
                return Err(DatasetError::DuplicateSubject {
                    table: table.file().to_owned(),
                    line: table.line(row),
                    first: table.line(first),
                    subject: subject.to_owned(),
                });
            }
        }
        Ok(Self { table, id, rows, registry })
    }

    /// The recordings whose subjects the table lists. The plan learns of the others, and of the subjects without a
    /// recording.
    ///
    /// # Errors
    /// [`DatasetError::MissingSubject`] for the first recording when no subject at all is listed.
    pub fn listed<'f, T>(
        &self,
        found: impl IntoIterator<Item = Found<'f, T>>,
        plan: &mut DatasetPlan,
    ) -> Result<Vec<(Subject<'_>, Found<'f, T>)>, DatasetError> {
        plan.table = self.table.file().to_owned();
        let mut listed = Vec::new();
        for recording in found {
            match self.rows.get(&recording.id.to_ascii_lowercase()) {
                Some(&row) => listed.push((Subject { of: self, row }, recording)),
                None => plan.unlisted.push((recording.id.to_owned(), recording.path.to_owned())),
            }
        }
        if let Some(missing) = plan.missing_subjects().next().filter(|_| listed.is_empty()) {
            return Err(missing);
        }
        let recorded: BTreeSet<usize> = listed.iter().map(|(subject, _)| subject.row).collect();
        let rows = (0..self.table.len()).filter(|row| !recorded.contains(row));
        plan.without_recording = rows.map(|row| self.table.value(row, self.id).to_owned()).collect();
        Ok(listed)
    }

    /// The class that the registry's `task` gives to `cells`, pairs of a column and its text.
    pub fn class(&self, task: &str, row: usize, cells: &[(&str, &str)]) -> Result<usize, DatasetError> {
        let headers: Vec<_> = cells.iter().map(|(header, _)| (*header).to_owned()).collect();
        let values: Vec<_> = cells.iter().map(|(_, value)| (*value).to_owned()).collect();
        let row = MetadataRow::new(&headers, &values, self.table.file(), self.table.line(row));
        match self.spec(task).encode(&row)? {
            Target::Class(class) => Ok(class),
            Target::Value(_) => Ok(0),
        }
    }

    fn spec(&self, task: &str) -> &LabelSpec {
        self.registry.get(task).expect("datasets ask for tasks of their own registry")
    }
}

/// One row of a [`SubjectTable`].
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    of: &'a SubjectTable,
    row: usize,
}

impl Subject<'_> {
    /// Completed years, as text; nothing, with a warning, where the table has none.
    pub fn age(&self, warnings: &mut Vec<String>) -> Result<String, DatasetError> {
        self.age_after(0, warnings)
    }

    /// Completed years when so many have passed since the table's, as text; nothing, with a warning, where it has none.
    pub fn age_after(&self, passed: u16, warnings: &mut Vec<String>) -> Result<String, DatasetError> {
        match self.of.spec("age").encode(&self.of.table.row(self.row)) {
            Ok(Target::Value(years)) => Ok((years + f32::from(passed)).floor().to_string()),
            Ok(Target::Class(class)) => Ok(class.to_string()),
            Err(error) if matches!(*error.fault, LabelFault::MissingValue { .. }) => {
                warnings.push(left_out(&error));
                Ok(String::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// `F` or `M`, from the given column; nothing where it says neither.
    pub fn gender(&self, column: &str, warnings: &mut Vec<String>) -> Result<&'static str, DatasetError> {
        self.either("gender", column, ["M", "F"], warnings)
    }

    /// `H` or `PD`, from the given column; nothing where it says neither.
    pub fn health(&self, column: &str, warnings: &mut Vec<String>) -> Result<&'static str, DatasetError> {
        self.either("health", column, ["H", PARKINSONS], warnings)
    }

    /// The name of the class that the column called as a task means; nothing, with a warning, if it means none.
    pub fn class_name(&self, task: &str, warnings: &mut Vec<String>) -> Result<String, DatasetError> {
        let class = self.class_of(task, task, warnings)?;
        Ok(class.and_then(|class| self.of.spec(task).decode(class)).unwrap_or_default().to_owned())
    }

    /// The class of a task whose columns are `cells`; nothing where one of them is empty.
    pub fn class(&self, task: &str, cells: &[(&str, &str)]) -> Result<String, DatasetError> {
        if cells.iter().any(|(_, cell)| cell.is_empty()) {
            return Ok(String::new());
        }
        Ok(self.of.class(task, self.row, cells)?.to_string())
    }

    /// The code of a task's class; nothing, with a warning, where the cell means neither.
    fn either(
        &self,
        task: &str,
        column: &str,
        codes: [&'static str; 2],
        warnings: &mut Vec<String>,
    ) -> Result<&'static str, DatasetError> {
        Ok(self.class_of(task, column, warnings)?.map_or("", |class| codes[class.min(1)]))
    }

    /// The class of a task that a column means; none, with a warning, where it means none.
    fn class_of(&self, task: &str, column: &str, warnings: &mut Vec<String>) -> Result<Option<usize>, DatasetError> {
        let table = &self.of.table;
        let cell = table.value(self.row, table.require_column(column)?);
        match self.of.class(task, self.row, &[(task, cell)]) {
            Ok(class) => Ok(Some(class)),
            Err(DatasetError::Label(error)) => {
                warnings.push(left_out(&error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn left_out(error: &LabelError) -> String {
    format!("{error}; the recordings are left out of `{}`", error.task)
}
