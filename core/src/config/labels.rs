//! What the `[labels.<task>]` tables say: tasks of one's own, read from columns of the metadata table.

use serde_json::{Value, json};

use super::{
    declarations::NamedTables,
    document::{Located, Raw, entry},
    fields::Fields,
    keys::{KeyDoc, KeyKind},
    table::{ConfigTable, KeyValue, config_table},
};
use crate::labels::{ClassValues, LabelSpec, TaskKind};

config_table! {
    /// One of the tables.
    struct LabelTable in "labels.*" {
        /// Column of the metadata table, if not the task's name.
        column: Option<String> = None, KeyKind::Text;
        /// The classes to tell apart.
        classes: Option<Vec<ClassValues>> = None, KeyKind::Classes;
        /// Predict the number itself instead of classes.
        regression: bool = false, KeyKind::Switch;
        /// Cells that mean no value, such as -999; [] where every number is one.
        missing: Option<Vec<String>> = None, KeyKind::Texts;
        /// The number's unit, for reports.
        unit: Option<String> = None, KeyKind::Text;
        /// One line for people.
        description: Option<String> = None, KeyKind::Text;
    }
}

const TABLES: NamedTables = NamedTables("labels.*");

/// Adds the keys of the tables to a list.
pub(super) fn list(keys: &mut Vec<KeyDoc>) {
    LabelTable::list(keys);
}

/// Reads the tables, noting what is wrong with each.
pub(super) fn read(fields: &mut Fields<'_>) -> Vec<LabelSpec> {
    let tables = fields.tables_in("labels");
    tables.iter().filter_map(|(name, path)| read_label(fields, name, path)).collect()
}

fn read_label(fields: &mut Fields<'_>, name: &str, path: &str) -> Option<LabelSpec> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        // The name becomes part of parameter names, which have dots between their parts.
        let message = format!("a task's name may have letters, digits, _ and - only, unlike {path}");
        fields.problem(path, message, None);
        return None;
    }
    let key = |name: &str| format!("{path}.{name}");
    let table = LabelTable::read(&fields.within(path, TABLES.0))?;
    let column = table.column.unwrap_or_else(|| name.to_owned());
    let description = table.description.unwrap_or_else(|| format!("column {column}"));
    let missing = table.missing;
    let with_missing = |label: LabelSpec| match missing {
        Some(cells) => label.with_missing(cells),
        None => label,
    };
    let has_classes = fields.given(&key("classes"));
    if table.regression {
        if has_classes {
            let message = format!("{path} is a regression, so that it cannot have classes");
            fields.problem(&key("classes"), message, None);
            return None;
        }
        return Some(with_missing(LabelSpec::number(name, &column, None, table.unit, &description)));
    }
    if !has_classes {
        if fields.sound(&[&key("regression")]) {
            let message = format!("{path} needs classes = […], or regression = true");
            fields.missing(&key("classes"), &message);
        }
        return None;
    }
    if table.unit.is_some() {
        fields.problem(&key("unit"), format!("{path} has classes, which have no unit"), None);
    }
    note_faults(fields, &key("classes"));
    Some(with_missing(LabelSpec::classes(name, &column, table.classes?, &description)))
}

impl KeyValue for Vec<ClassValues> {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        read_classes(fields.list(path)?).ok()
    }

    fn to_json(&self) -> Value {
        json!(self)
    }
}

/// Notes what is wrong with a list of classes.
fn note_faults(fields: &mut Fields<'_>, path: &str) {
    let faults = fields.list(path).and_then(|listed| read_classes(listed).err());
    for fault in faults.into_iter().flatten() {
        fields.problem_at(fault.span, path, format!("{path}: {}", fault.value), None);
    }
}

/// The classes of a list, or all that is wrong with it.
fn read_classes(listed: &[Located<Raw>]) -> Result<Vec<ClassValues>, Vec<Located<String>>> {
    let mut classes: Vec<ClassValues> = Vec::with_capacity(listed.len());
    let mut faults = Vec::new();
    for item in listed {
        let mut fault = |value: String| faults.push(Located { value, span: item.span.clone() });
        let class = match read_class(&item.value) {
            Ok(class) => class,
            Err(reason) => {
                fault(reason.to_owned());
                continue;
            }
        };
        let taken = class.words().find(|word| classes.iter().any(|earlier| earlier.matches(word)));
        match taken.map(str::to_owned) {
            Some(word) => fault(format!("`{word}` stands for two classes")),
            None => classes.push(class),
        }
    }
    if faults.is_empty() { Ok(classes) } else { Err(faults) }
}

fn read_class(value: &Raw) -> Result<ClassValues, &'static str> {
    const SHAPE: &str = "a class is a text, or { name = \"…\", values = [\"…\", …] }";
    if let Some(name) = cell_text(value) {
        return Ok(ClassValues { name, values: Vec::new() });
    }
    let Raw::Table(table) = value else { return Err(SHAPE) };
    if table.iter().any(|(key, _)| key.value != "name" && key.value != "values") {
        return Err(SHAPE);
    }
    let name = entry(table, "name").and_then(cell_text).ok_or(SHAPE)?;
    let values = match entry(table, "values") {
        None => Vec::new(),
        Some(Raw::List(list)) => {
            let texts = list.iter().map(|Located { value, .. }| cell_text(value));
            texts.collect::<Option<_>>().ok_or("values are texts or whole numbers")?
        }
        Some(_) => return Err(SHAPE),
    };
    Ok(ClassValues { name, values })
}

/// What a cell of a metadata table would hold.
fn cell_text(value: &Raw) -> Option<String> {
    match value {
        Raw::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Raw::Whole(number) => Some(number.to_string()),
        Raw::Switch(switch) => Some(switch.to_string()),
        _ => None,
    }
}

/// The tables that [`read`] reads as this.
pub(super) fn to_json(labels: &[LabelSpec]) -> Value {
    Value::Object(labels.iter().map(|label| (label.task.name.clone(), written(label))).collect())
}

fn written(label: &LabelSpec) -> Value {
    let mut table = LabelTable {
        column: label.columns().first().copied().map(str::to_owned),
        description: Some(label.task.description.clone()),
        missing: label.missing().map(<[String]>::to_vec),
        ..LabelTable::default()
    };
    // What the one kind of task does not have is not written for it.
    let of_others: &[&str] = match &label.task.kind {
        TaskKind::Regression { unit } => {
            (table.regression, table.unit) = (true, unit.clone());
            &["classes"]
        }
        TaskKind::Classification { .. } => {
            table.classes = Some(label.class_values().to_vec());
            &["regression", "unit"]
        }
    };
    let mut table = TABLES.written(&table);
    if let Some(keys) = table.as_object_mut() {
        keys.retain(|key, _| !of_others.contains(&key.as_str()));
    }
    table
}
