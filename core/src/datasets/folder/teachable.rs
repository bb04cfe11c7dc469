//! Whether a split has what its tasks are to be learnt from.

use std::collections::BTreeMap;

use super::{
    FolderDataset,
    cells::{cells_of, in_words},
    metadata::{find_metadata, splits},
};
use crate::{datasets::DatasetError, labels::LabelSpec};

impl FolderDataset<'_> {
    /// Checks that the tasks the split was opened with can be learnt from it: each has a label in some row, and each class
    /// of the run file's `own` labels has a cell somewhere in the folder. A class that has cells in other splits only is no
    /// error here.
    ///
    /// # Errors
    /// [`DatasetError::NoLabel`] and [`DatasetError::ClassWithoutCells`], which show what the column holds.
    pub async fn check_labels(&self, specs: &[LabelSpec], own: &[LabelSpec]) -> Result<(), DatasetError> {
        let table = &self.index.table;
        for (task, spec) in specs.iter().enumerate() {
            let name = &spec.task.name;
            if (0..self.len()).all(|row| self.targets(row)[task].is_none()) {
                return Err(DatasetError::NoLabel { file: table.file().to_owned(), task: name.clone() });
            }
            let classes = if own.contains(spec) { spec.class_values() } else { &[] };
            let Some(&column) = spec.columns().first().filter(|_| !classes.is_empty()) else { continue };
            let mut cells = cells_of(table, column);
            let is_absent = |cells: &BTreeMap<String, usize>, class: &crate::labels::ClassValues| {
                !cells.keys().any(|cell| class.matches(cell))
            };
            if !classes.iter().any(|class| is_absent(&cells, class)) {
                continue;
            }
            // A rare class may be in another split.
            for (split, _) in splits(self.storage).await? {
                if split != self.split() {
                    let (table, _) = find_metadata(self.storage, &split).await?;
                    for (cell, count) in cells_of(&table, column) {
                        *cells.entry(cell).or_default() += count;
                    }
                }
            }
            if let Some(class) = classes.iter().find(|class| is_absent(&cells, class)) {
                return Err(DatasetError::ClassWithoutCells {
                    task: name.clone(),
                    class: class.name.clone(),
                    column: column.to_owned(),
                    cells: in_words(&cells),
                });
            }
        }
        Ok(())
    }
}
