//! Whether a split has what its tasks are to be learnt from.

use std::collections::BTreeMap;

use super::{
    FolderDataset,
    cells::{cells_of, in_words},
    metadata::{find_metadata, splits},
};
use crate::{
    datasets::{DatasetError, Table},
    labels::{ClassValues, LabelSpec, vocabulary::without_zero_decimals},
};

/// Rows by what the cell of a column says.
type Cells = BTreeMap<String, usize>;

impl FolderDataset<'_> {
    /// Checks that the tasks the split was opened with can be learnt from it: each has a label in some row, each class of
    /// the run file's `own` labels has a cell somewhere in the folder, and no number of a regression seems to stand for a
    /// missing value, in any split. A class that has cells in other splits only is no error here.
    ///
    /// # Errors
    /// [`DatasetError::NoLabel`], [`DatasetError::ClassWithoutCells`] and [`DatasetError::CodeAmongNumbers`], which show
    /// what the column holds.
    pub async fn check_labels(&self, specs: &[LabelSpec], own: &[LabelSpec]) -> Result<(), DatasetError> {
        let table = &self.index.table;
        let mut others = None;
        for (task, spec) in specs.iter().enumerate() {
            let name = &spec.task.name;
            if (0..self.len()).all(|row| self.targets(row)[task].is_none()) {
                return Err(DatasetError::NoLabel { file: table.file().to_owned(), task: name.clone() });
            }
            let Some(column) = spec.columns().first().map(|column| (*column).to_owned()) else { continue };
            let classes = if own.contains(spec) { spec.class_values() } else { &[] };
            let cells = cells_of(table, &column);
            // A rare class, or a missing value, may be in another split.
            let is_settled = match spec.task.is_classification() {
                true => absent(classes, &cells).is_none(),
                false => spec.missing().is_some(),
            };
            if is_settled {
                continue;
            }
            let others = match &mut others {
                Some(others) => others,
                None => others.insert(self.other_tables().await?),
            };
            let mut all = cells;
            for (cell, count) in others.iter().flat_map(|table| cells_of(table, &column)) {
                *all.entry(cell).or_default() += count;
            }
            if let Some(class) = absent(classes, &all) {
                let (task, class, cells) = (name.clone(), class.name.clone(), in_words(&all));
                return Err(DatasetError::ClassWithoutCells { task, class, column, cells });
            }
            if let Some(code) = spec.doubtful_number(all.keys().map(String::as_str)) {
                let says = |table: &&Table| cells_of(table, &column).keys().any(|cell| is_number(cell, code));
                let file = std::iter::once(table).chain(others.iter()).find(says).unwrap_or(table).file().to_owned();
                return Err(DatasetError::CodeAmongNumbers { file, task: name.clone(), column, code: code.to_owned() });
            }
        }
        Ok(())
    }

    /// The tables of all other splits.
    async fn other_tables(&self) -> Result<Vec<Table>, DatasetError> {
        let mut tables = Vec::new();
        for (split, _) in splits(self.storage).await? {
            if split != self.split() {
                tables.push(find_metadata(self.storage, &split).await?.0);
            }
        }
        Ok(tables)
    }
}

/// The first of these classes that no cell means.
fn absent<'c>(classes: &'c [ClassValues], cells: &Cells) -> Option<&'c ClassValues> {
    classes.iter().find(|class| !cells.keys().any(|cell| class.matches(cell)))
}

/// Whether a cell is this number, which may have lost its zero decimals.
fn is_number(cell: &str, number: &str) -> bool {
    without_zero_decimals(cell) == number
}
