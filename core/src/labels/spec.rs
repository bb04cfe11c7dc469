//! How a task's target is read from a metadata row.

use serde::{Deserialize, Serialize};

use super::{
    LabelError, MetadataRow, Target, TaskKind, TaskSpec,
    vocabulary::{missing_code, without_zero_decimals},
};

/// A task together with the way its target is read from a metadata row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelSpec {
    /// What is predicted.
    pub task: TaskSpec,
    encoding: Encoding,
    /// Cells that mean no value, beside those that always do; none where that is not said.
    #[serde(default)]
    missing: Option<Vec<String>>,
}

/// A class and the cells that mean it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassValues {
    /// The class's name.
    pub name: String,
    /// Cells that mean it beside its name. Letter case does not matter, and `1.0` is the same as `1`.
    pub values: Vec<String>,
}

impl ClassValues {
    /// The name and the values.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.values.iter().map(String::as_str))
    }

    /// Whether a cell means this class.
    pub(crate) fn matches(&self, cell: &str) -> bool {
        self.words().any(|word| same_text(word, cell))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    Class(ClassEncoding),
    /// A number, at least `min`.
    Number {
        column: String,
        min: Option<f64>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClassEncoding {
    /// The same class for every row.
    Always(usize),
    /// The class that the cell of the first of these columns that is present means.
    Lookup { columns: Vec<String>, classes: Vec<ClassValues> },
    /// Two classes in one: `first · second_classes + second`. A table without the columns of both may hold the class
    /// itself, by name or number, in a column of the task's name.
    Pair { first: Box<ClassEncoding>, second: Box<ClassEncoding>, second_classes: usize },
}

impl LabelSpec {
    /// A label that is `class` for every row.
    pub(crate) fn always(name: &str, classes: &[&str], class: usize, description: &str) -> Self {
        Self::classification(name, classes, ClassEncoding::Always(class), description)
    }

    /// A label whose cell in the first column that is present names a class. Each class is also matched by the words
    /// beside it and by its number.
    pub(crate) fn numbered(name: &str, columns: &[&str], classes: &[(&str, &[&str])], description: &str) -> Self {
        let class = |(index, (name, values)): (usize, &(&str, &[&str]))| ClassValues {
            name: (*name).to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).chain([index.to_string()]).collect(),
        };
        Self::lookup(name, owned(columns), classes.iter().enumerate().map(class).collect(), description)
    }

    /// A label whose cell in the column names a class, or is one of the words beside it.
    pub(crate) fn worded(name: &str, column: &str, classes: &[(&str, &[&str])], description: &str) -> Self {
        let class = |(name, words): &(&str, &[&str])| ClassValues { name: (*name).to_owned(), values: owned(words) };
        Self::classes(name, column, classes.iter().map(class).collect(), description)
    }

    /// Two classifications in one, of the classes `names`, with the first one's class counting more.
    pub(crate) fn pair(name: &str, first: &Self, second: &Self, names: &[&str], description: &str) -> Self {
        let second_classes = second.task.outputs();
        let part = |label: &Self| match &label.encoding {
            Encoding::Class(encoding) => Some(Box::new(encoding.clone())),
            Encoding::Number { .. } => None,
        };
        let (first, second) = part(first).zip(part(second)).expect("only classifications are paired");
        let encoding = ClassEncoding::Pair { first, second, second_classes };
        Self::classification(name, names, encoding, description)
    }

    /// A label that chooses between classes by the cell in `column`.
    #[must_use]
    pub fn classes(name: &str, column: &str, classes: Vec<ClassValues>, description: &str) -> Self {
        Self::lookup(name, vec![column.to_owned()], classes, description)
    }

    fn lookup(name: &str, columns: Vec<String>, classes: Vec<ClassValues>, description: &str) -> Self {
        let names: Vec<_> = classes.iter().map(|class| class.name.clone()).collect();
        let encoding = ClassEncoding::Lookup { columns, classes };
        Self::classification(name, &names, encoding, description)
    }

    fn classification(name: &str, classes: &[impl ToString], encoding: ClassEncoding, description: &str) -> Self {
        let kind = TaskKind::Classification { classes: classes.iter().map(ToString::to_string).collect() };
        let task = TaskSpec { name: name.to_owned(), kind, description: description.to_owned() };
        Self { task, encoding: Encoding::Class(encoding), missing: None }
    }

    /// A label that is the number in `column`, in `unit`; a number below `min` is an error.
    #[must_use]
    pub fn number(name: &str, column: &str, min: Option<f64>, unit: Option<String>, description: &str) -> Self {
        let kind = TaskKind::Regression { unit };
        let task = TaskSpec { name: name.to_owned(), kind, description: description.to_owned() };
        Self { task, encoding: Encoding::Number { column: column.to_owned(), min }, missing: None }
    }

    /// The same label, of which these cells mean that there is no value; all others say what they say.
    #[must_use]
    pub fn with_missing(mut self, cells: Vec<String>) -> Self {
        self.missing = Some(cells);
        self
    }

    /// The cells that mean no value beside those that always do; none where that is not said.
    #[must_use]
    pub fn missing(&self) -> Option<&[String]> {
        self.missing.as_deref()
    }

    /// A number among these cells of the column that may stand for a missing value, as -999 does, where it is learnt and
    /// nobody has said which cells do.
    pub(crate) fn doubtful_number<'a>(&self, cells: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        match (&self.encoding, &self.missing) {
            (Encoding::Number { .. }, None) => missing_code(cells),
            _ => None,
        }
    }

    /// The target that a row gives.
    ///
    /// # Errors
    /// When the table lacks the column, or the cell has no value, or means no class, or is no number in range.
    pub fn encode(&self, row: &MetadataRow<'_>) -> Result<Target, LabelError> {
        let missing = self.missing.iter().flatten();
        let column = self.columns().first().copied().filter(|_| self.missing.is_some()).unwrap_or_default();
        if let Some(cell) = row.get(column)
            && missing.into_iter().any(|word| same_text(word, cell))
        {
            return Err(row.unreadable(&self.task.name, column, "a value".to_owned(), ""));
        }
        match &self.encoding {
            Encoding::Class(encoding) => encoding.class(&self.task, row).map(Target::Class),
            Encoding::Number { column, min } => read_number(&self.task, row, column, *min).map(Target::Value),
        }
    }

    /// The name of a class; `None` for a regression or a class that does not exist.
    #[must_use]
    pub fn decode(&self, class: usize) -> Option<&str> {
        self.task.class_names().get(class).map(String::as_str)
    }

    /// The columns that the target is read from: the first that is present counts, but a pair needs both of its own.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match &self.encoding {
            Encoding::Class(encoding) => encoding.columns(),
            Encoding::Number { column, .. } => vec![column],
        }
    }

    /// The cells that mean each class, where the classes are looked up.
    pub(crate) fn class_values(&self) -> &[ClassValues] {
        match &self.encoding {
            Encoding::Class(ClassEncoding::Lookup { classes, .. }) => classes,
            _ => &[],
        }
    }
}

impl ClassEncoding {
    fn class(&self, task: &TaskSpec, row: &MetadataRow<'_>) -> Result<usize, LabelError> {
        let no_column = || row.missing_column(&task.name, self.columns().into_iter().map(str::to_owned).collect());
        match self {
            Self::Always(class) => Ok(*class),
            Self::Lookup { columns, classes } => {
                let column = columns.iter().find_map(|column| Some((column, row.get(column)?)));
                let (column, cell) = column.ok_or_else(no_column)?;
                classes
                    .iter()
                    .position(|class| class.matches(cell))
                    .ok_or_else(|| row.unreadable(&task.name, column, known(classes), cell))
            }
            Self::Pair { first, second, second_classes } => match row.get(&task.name) {
                Some(cell) if !self.present(row) => class_itself(task, row, cell),
                _ => Ok(first.class(task, row)? * second_classes + second.class(task, row)?),
            },
        }
    }

    /// Whether the row has the columns.
    fn present(&self, row: &MetadataRow<'_>) -> bool {
        match self {
            Self::Always(_) => true,
            Self::Lookup { columns, .. } => columns.iter().any(|column| row.get(column).is_some()),
            Self::Pair { first, second, .. } => first.present(row) && second.present(row),
        }
    }

    /// The columns looked at, except a pair's own.
    fn columns(&self) -> Vec<&str> {
        match self {
            Self::Always(_) => Vec::new(),
            Self::Lookup { columns, .. } => columns.iter().map(String::as_str).collect(),
            Self::Pair { first, second, .. } => [first.columns(), second.columns()].concat(),
        }
    }
}

/// The class that a cell with a class's name or number means.
fn class_itself(task: &TaskSpec, row: &MetadataRow<'_>, cell: &str) -> Result<usize, LabelError> {
    let names = task.class_names();
    let means = |(index, name): (usize, &String)| same_text(name, cell) || same_text(&index.to_string(), cell);
    names.iter().enumerate().position(means).ok_or_else(|| {
        let expected = format!("one of {} or 0 to {}", names.join(", "), names.len().saturating_sub(1));
        row.unreadable(&task.name, &task.name, expected, cell)
    })
}

fn read_number(task: &TaskSpec, row: &MetadataRow<'_>, column: &str, min: Option<f64>) -> Result<f32, LabelError> {
    let cell = row.get(column).ok_or_else(|| row.missing_column(&task.name, vec![column.to_owned()]))?;
    let in_range = |number: &f32| number.is_finite() && min.is_none_or(|min| f64::from(*number) >= min);
    super::vocabulary::number(cell).filter(in_range).ok_or_else(|| {
        let expected = min.map_or_else(|| "a number".to_owned(), |min| format!("a number of at least {min}"));
        row.unreadable(&task.name, column, expected, cell)
    })
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Whether a cell says the same as a value: letter case does not matter, nor do zeros behind the point or comma of a
/// whole number, which tables written from floating-point columns have.
fn same_text(value: &str, cell: &str) -> bool {
    plain(value) == plain(cell)
}

fn plain(text: &str) -> String {
    without_zero_decimals(text.trim()).to_lowercase()
}

/// The classes and what else they are written as, for messages.
fn known(classes: &[ClassValues]) -> String {
    let class = |class: &ClassValues| match class.values.as_slice() {
        [] => class.name.clone(),
        values => format!("{} ({})", class.name, values.join(", ")),
    };
    format!("one of {}", classes.iter().map(class).collect::<Vec<_>>().join(", "))
}
