//! What the `[labels.<task>]` tables say: tasks of one's own, read from columns of the metadata table.

use serde_json::{Value, json};

use super::{
    document::{Located, Raw, Table},
    fields::Fields,
};
use crate::labels::{ClassValues, LabelSpec, TaskKind};

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
    let regression = fields.switch(&key("regression")).unwrap_or(false);
    let column = fields.text(&key("column")).unwrap_or_else(|| name.to_owned());
    let unit = fields.text(&key("unit"));
    let description = fields.text(&key("description")).unwrap_or_else(|| format!("column {column}"));
    let has_classes = fields.given(&key("classes"));
    if regression {
        if has_classes {
            let message = format!("{path} is a regression, so that it cannot have classes");
            fields.problem(&key("classes"), message, None);
            return None;
        }
        return Some(LabelSpec::number(name, &column, None, unit, &description));
    }
    if !has_classes {
        if fields.sound(&[&key("regression")]) {
            let message = format!("{path} needs classes = […], or regression = true");
            fields.missing(&key("classes"), &message);
        }
        return None;
    }
    if unit.is_some() {
        fields.problem(&key("unit"), format!("{path} has classes, which have no unit"), None);
    }
    let classes = read_classes(fields, &key("classes"))?;
    Some(LabelSpec::classes(name, &column, classes, &description))
}

fn read_classes(fields: &mut Fields<'_>, path: &str) -> Option<Vec<ClassValues>> {
    let listed = fields.list(path)?.to_vec();
    let mut classes: Vec<ClassValues> = Vec::with_capacity(listed.len());
    for item in &listed {
        let class = match read_class(&item.value) {
            Ok(class) => class,
            Err(reason) => {
                fields.problem_at(item.span.clone(), path, format!("{path}: {reason}"), None);
                continue;
            }
        };
        let taken = class.words().find(|word| classes.iter().any(|earlier| earlier.matches(word)));
        if let Some(word) = taken {
            let message = format!("{path}: `{word}` stands for two classes");
            fields.problem_at(item.span.clone(), path, message, None);
        } else {
            classes.push(class);
        }
    }
    (classes.len() == listed.len()).then_some(classes)
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

fn entry<'a>(table: &'a Table, name: &str) -> Option<&'a Raw> {
    table.iter().find(|(key, _)| key.value == name).map(|(_, value)| &value.value)
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
    let table = |label: &LabelSpec| {
        let column = label.columns().first().copied().map(str::to_owned);
        let mut table = json!({ "column": column, "description": label.task.description });
        match &label.task.kind {
            TaskKind::Regression { unit } => {
                table["regression"] = json!(true);
                table["unit"] = json!(unit);
            }
            TaskKind::Classification { .. } => table["classes"] = json!(label.class_values()),
        }
        (label.task.name.clone(), table)
    };
    Value::Object(labels.iter().map(table).collect())
}
