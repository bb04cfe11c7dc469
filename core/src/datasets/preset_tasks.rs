//! What the labels of recordings or of samples can teach. Both are rows of a subject and its labels, so that the two say
//! the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{subject_columns, subject_match::is_key_column};
use crate::labels::{
    ClassValues, LabelFault, LabelRegistry, LabelSpec, MetadataRow, Target,
    vocabulary::{is_missing, may_be_missing, missing_code, number, without_zero_decimals},
};

/// A column with more different cells holds no classes.
const MAX_CLASSES: usize = 10;
/// A column of numbers with more different ones is predicted as a number.
const MAX_NUMBERED_CLASSES: usize = 5;
/// A class or its subjects that are fewer teach nothing.
const MIN_OF_CLASS: usize = 2;
/// More tasks of one's own are left for the reader to add.
const MAX_OWN_TASKS: usize = 4;

/// A subject and what is said of it. Recordings or samples that agree in both may share a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LabelledRow {
    pub subject: String,
    /// Cells by column.
    pub labels: BTreeMap<String, String>,
}

/// What the labels can teach.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    /// The dataset's own: name, and whether it is a regression.
    pub known: Vec<(String, bool)>,
    /// Those of `[labels.…]` tables.
    pub own: Vec<OwnTask>,
    /// Columns that could be learnt as well, and are left for the reader to add.
    pub more: Vec<String>,
    /// Columns of which some subjects have no value: the column, and how many of how many.
    pub gaps: Vec<(String, usize, usize)>,
    /// Columns that are not learnt, and why.
    pub refused: Vec<(String, String)>,
}

/// A task with a `[labels.…]` table.
#[derive(Debug)]
pub(super) struct OwnTask {
    pub name: String,
    pub column: String,
    /// None for a regression.
    pub classes: Vec<String>,
}

/// How a label parts the rows: the class or value of each, numbered from 0; none where it has none.
type Parts = Vec<Option<usize>>;

impl Tasks {
    /// What rows with these columns can teach: the tasks of the registry, and, if asked for, the other columns.
    pub fn of(rows: BTreeSet<LabelledRow>, columns: &[String], registry: &LabelRegistry, with_columns: bool) -> Self {
        let rows: &[LabelledRow] = &Vec::from_iter(rows);
        let mut tasks = Self::default();
        // Classes that part the rows in the same way teach the same.
        let mut seen: Vec<(Parts, String)> = Vec::new();
        for spec in registry.names().filter_map(|task| registry.get(task)) {
            let (name, is_regression) = (&spec.task.name, !spec.task.is_classification());
            let Some(parts) = known_parts(spec, rows) else { continue };
            let told = spec.columns().into_iter().flat_map(|column| told_cells(rows, column));
            if let Some(code) = spec.doubtful_number(told) {
                tasks.refused.push((name.clone(), stands_apart(code)));
                continue;
            }
            if is_regression || !seen.iter().any(|(earlier, _)| *earlier == parts) {
                tasks.note_gaps(name, &parts, rows);
                tasks.known.push((name.clone(), is_regression));
            }
            if !is_regression {
                seen.push((parts, name.clone()));
            }
        }
        if !with_columns {
            return tasks;
        }
        for column in columns {
            let is_refused = tasks.refused.iter().any(|(refused, _)| refused.eq_ignore_ascii_case(column));
            if tasks.has(column) || is_refused || is_key_column(column) {
                continue;
            }
            match own_parts(column, rows) {
                Err(reason) => tasks.refused.push((column.clone(), reason)),
                Ok((classes, parts)) if classes.is_empty() => tasks.add_own(column, classes, registry, &parts, rows),
                Ok((classes, parts)) => match seen.iter().find(|(earlier, _)| *earlier == parts) {
                    Some((_, same)) => tasks.refused.push((column.clone(), format!("says the same as {same:?}"))),
                    None => {
                        tasks.add_own(column, classes, registry, &parts, rows);
                        seen.push((parts, column.clone()));
                    }
                },
            }
        }
        tasks
    }

    /// Whether a column is one of the tasks already, or what one of them was made from.
    fn has(&self, column: &str) -> bool {
        let known = |task: &str| column.eq_ignore_ascii_case(task) || subject_columns::means(task, column);
        self.known.iter().any(|(task, _)| known(task))
    }

    fn add_own(
        &mut self,
        column: &str,
        classes: Vec<String>,
        registry: &LabelRegistry,
        parts: &Parts,
        rows: &[LabelledRow],
    ) {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
        let name: String = column.trim().chars().map(plain).collect();
        let name = name.trim_matches('_');
        let taken = self.own.iter().any(|task| task.name == name) || self.known.iter().any(|(task, _)| task == name);
        // A dataset's own task of the name would be replaced by another meaning.
        let is_other =
            registry.get(name).is_some_and(|spec| !spec.columns().iter().any(|own| own.eq_ignore_ascii_case(column)));
        if name.is_empty() || taken || is_other || self.own.len() == MAX_OWN_TASKS {
            self.more.push(column.to_owned());
        } else {
            self.note_gaps(column, parts, rows);
            self.own.push(OwnTask { name: name.to_owned(), column: column.to_owned(), classes });
        }
    }

    fn note_gaps(&mut self, column: &str, parts: &Parts, rows: &[LabelledRow]) {
        let subjects = |keep: fn(&Option<usize>) -> bool| {
            let kept = parts.iter().zip(rows).filter(|(part, _)| keep(part));
            kept.map(|(_, row)| row.subject.as_str()).collect::<BTreeSet<_>>().len()
        };
        let missing = subjects(Option::is_none);
        if missing > 0 {
            self.gaps.push((column.to_owned(), missing, subjects(|_| true)));
        }
    }

    /// The names of all, and whether each is a regression.
    pub fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        let known = self.known.iter().map(|(name, is_regression)| (name.as_str(), *is_regression));
        known.chain(self.own.iter().map(|task| (task.name.as_str(), task.classes.is_empty())))
    }
}

/// How a dataset's own label parts the rows, if it can be learnt.
fn known_parts(spec: &LabelSpec, rows: &[LabelledRow]) -> Option<Parts> {
    let name = &spec.task.name;
    // Two labels in one are learnt as two, from the columns of both.
    let columns = spec.columns();
    if columns.len() > 1 && !columns.contains(&name.as_str()) {
        return None;
    }
    let mut targets = Vec::with_capacity(rows.len());
    for row in rows {
        let (headers, cells): (Vec<String>, Vec<String>) = row.labels.clone().into_iter().unzip();
        targets.push(match spec.encode(&MetadataRow::new(&headers, &cells, "", 0)) {
            Ok(Target::Class(class)) => Some(class.to_string()),
            Ok(Target::Value(value)) => Some(value.to_string()),
            Err(error) if matches!(*error.fault, LabelFault::MissingValue { .. }) => None,
            Err(_) => return None,
        });
    }
    let parts = parts(targets);
    let subjects: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
    let is_enough = if spec.task.is_classification() { are_classes(&parts, &subjects) } else { vary(&parts) };
    is_enough.then_some(parts)
}

/// The classes in a column, none for numbers to predict, and how they part the rows; else why they teach nothing.
fn own_parts(column: &str, rows: &[LabelledRow]) -> Result<(Vec<String>, Parts), String> {
    let cell = |row: &'_ LabelledRow| row.labels.get(column).map(|cell| cell.trim().to_owned());
    let cells: Vec<Option<String>> = rows.iter().map(|row| cell(row).filter(|cell| !is_missing(cell))).collect();
    let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
    let subjects: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
    let (classes, found) = column_classes(&cells, &subjects)?;
    let words = cells.into_iter().zip(found).map(|(cell, class)| match class {
        Some(class) => Some(class.to_string()),
        None => cell.map(str::to_owned),
    });
    Ok((classes, parts(words.collect())))
}

/// The classes in a column's cells, and the class of each that has one; without classes where the cells are numbers to
/// predict. Else why they teach nothing. `subjects` says whose each cell is.
pub(super) fn column_classes(
    cells: &[Option<&str>],
    subjects: &[&str],
) -> Result<(Vec<String>, Vec<Option<usize>>), String> {
    let told = || cells.iter().flatten().copied();
    let is_own_name =
        |(cell, subject): (&Option<&str>, &&str)| cell.is_none_or(|cell| cell.eq_ignore_ascii_case(subject));
    let classes = distinct(told());
    match classes.as_slice() {
        [] => return Err("has no value".to_owned()),
        [only] => return Err(format!("says {only:?} of all")),
        _ if cells.iter().zip(subjects).all(is_own_name) => return Err("names the subjects".to_owned()),
        _ => {}
    }
    let is_number = |cell: &str| number(cell).is_some_and(f32::is_finite);
    if let Some(code) = missing_code(told()).filter(|_| told().all(is_number)) {
        return Err(stands_apart(code));
    }
    if classes.len() > MAX_NUMBERED_CLASSES && told().all(is_number) {
        return Ok((Vec::new(), vec![None; cells.len()]));
    }
    let doubtful = told().find(|cell| may_be_missing(cell));
    if let Some(cell) = doubtful.filter(|_| told().all(|cell| may_be_missing(cell) || is_number(cell))) {
        return Err(format!("holds numbers and {cell:?}; if it means no value, empty the cell"));
    }
    if classes.len() > MAX_CLASSES {
        return Err(format!("has more than {MAX_CLASSES} different values that are no numbers"));
    }
    if let Some((one, other)) = alike(&classes) {
        return Err(format!("says {one:?} and {other:?}, which may mean the same; write it in one way"));
    }
    let class_of = |cell: &str| classes.iter().position(|class| means(class, cell));
    let found: Vec<Option<usize>> = cells.iter().map(|cell| cell.and_then(class_of)).collect();
    if !are_classes(&found, subjects) {
        return Err(format!("has fewer than two classes of {MIN_OF_CLASS} subjects each"));
    }
    Ok((classes, found))
}

/// Why a column is not learnt in which a number may be a code of missing values.
fn stands_apart(code: &str) -> String {
    format!("says {code:?}, which stands apart from its other numbers; if it means no value, empty the cell")
}

/// The cells of a column that say anything.
fn told_cells<'r>(rows: &'r [LabelledRow], column: &str) -> impl Iterator<Item = &'r str> {
    let cell = |row: &'r LabelledRow| row.labels.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
    let cells: Vec<&str> = rows.iter().filter_map(cell).map(|(_, cell)| cell.trim()).collect();
    cells.into_iter().filter(|cell| !is_missing(cell))
}

fn means(class: &str, cell: &str) -> bool {
    ClassValues { name: class.to_owned(), values: Vec::new() }.matches(cell)
}

/// Two classes that may be one, such as `01` and `1`, `TRUE` and `1`.
fn alike(classes: &[String]) -> Option<(&str, &str)> {
    let meaning = |class: &str| match class.to_lowercase().as_str() {
        "y" | "yes" | "true" => "1".to_owned(),
        "n" | "no" | "false" => "0".to_owned(),
        "m" => "male".to_owned(),
        "f" => "female".to_owned(),
        other => other.parse::<u64>().map_or_else(|_| other.to_owned(), |number| number.to_string()),
    };
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    classes.iter().find_map(|class| Some((known.insert(meaning(class), class)?, class.as_str())))
}

/// Cells that mean different classes; one more than there may be where there are more.
fn distinct<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    for cell in cells.collect::<BTreeSet<_>>() {
        if classes.len() <= MAX_CLASSES && !classes.iter().any(|class| means(class, cell)) {
            classes.push(without_zero_decimals(cell).to_owned());
        }
    }
    classes
}

/// Numbers for the values, from 0 in the order in which they come up.
fn parts(values: Vec<Option<String>>) -> Parts {
    let mut numbers = BTreeMap::new();
    let mut number = |value| {
        let next = numbers.len();
        *numbers.entry(value).or_insert(next)
    };
    values.into_iter().map(|value| value.map(&mut number)).collect()
}

/// Whether at least two classes have at least two subjects each.
fn are_classes(parts: &Parts, subjects: &[&str]) -> bool {
    let mut of_class: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (part, subject) in parts.iter().zip(subjects) {
        if let Some(part) = part {
            of_class.entry(*part).or_default().insert(subject);
        }
    }
    of_class.values().filter(|subjects| subjects.len() >= MIN_OF_CLASS).count() >= 2
}

/// Whether there is more than one value.
fn vary(parts: &Parts) -> bool {
    parts.iter().flatten().any(|part| *part > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(cells: &str) -> Result<Vec<String>, String> {
        let cells: Vec<Option<&str>> = cells.split(' ').map(Some).collect();
        let subjects: Vec<String> = (0..cells.len()).map(|subject| format!("s{subject}")).collect();
        column_classes(&cells, &subjects.iter().map(String::as_str).collect::<Vec<_>>()).map(|(classes, _)| classes)
    }

    #[test]
    fn what_may_be_one_class_is_not_taken_for_two() {
        for (cells, told) in [
            ("01 1 2 01 2", "\"01\" and \"1\""),
            ("TRUE 0 FALSE TRUE 0", "\"0\" and \"FALSE\""),
            ("m male f f m", "\"m\" and \"male\""),
        ] {
            let reason = classes(cells).unwrap_err();
            assert!(reason.contains(told), "{cells}: {reason}");
        }
        assert_eq!(classes("yes No YES no").unwrap().len(), 2);
        assert_eq!(classes("01 02 01 02").unwrap(), ["01", "02"]);
    }

    #[test]
    fn a_code_of_missing_values_is_no_number_to_learn() {
        for cells in ["20 31 45 52 63 77 -999", "20 31 20 31 999", "20 31 45 52 63 77 -", "1 2 1 2 unknown"] {
            let reason = classes(cells).unwrap_err();
            assert!(reason.contains("if it means no value, empty the cell"), "{cells}: {reason}");
        }
        assert_eq!(classes("20 31 45 52 63 77 99").unwrap(), [""; 0]);
        assert_eq!(classes("low high low high unknown").unwrap().len(), 3);
    }
}
