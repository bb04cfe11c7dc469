//! A config file as a tree of values that know where they stand, whether it was written as TOML or as JSON.

use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

use super::problem::{ConfigProblem, Location};

/// A value and the bytes of the file where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Located<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// A value of a config file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Switch(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    /// A date or time, which no key takes.
    Time,
    List(Vec<Located<Raw>>),
    Table(Table),
}

/// The keys of a table and their values, in the order of the file.
pub(super) type Table = Vec<(Located<String>, Located<Raw>)>;

/// The value of a key of a table.
pub(super) fn entry<'a>(table: &'a Table, name: &str) -> Option<&'a Raw> {
    table.iter().find(|(key, _)| key.value == name).map(|(_, value)| &value.value)
}

impl Raw {
    /// What kind of value this is, for messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Switch(value) => value.to_string(),
            Self::Whole(value) => value.to_string(),
            Self::Number(value) => format!("{value:?}"),
            Self::Text(value) => format!("{value:?}"),
            Self::Time => "a date or time".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

/// Reads TOML.
pub(super) fn from_toml(text: &str) -> Result<Table, ConfigProblem> {
    let document = toml_edit::Document::parse(text).map_err(|error| {
        let location = Location::of(text, error.span().unwrap_or(0..0));
        let message = error.message().trim().replace('\n', ", ");
        ConfigProblem::new(location, "", format!("this is not TOML: {message}"), None)
    })?;
    Ok(table_from_toml(document.as_table()))
}

fn table_from_toml(table: &dyn TableLike) -> Table {
    let entry = |(name, item): (&str, &Item)| {
        let key_span = table.key(name).and_then(|key| key.span()).or_else(|| item.span()).unwrap_or(0..0);
        let value = match item {
            Item::None => return None,
            Item::Value(value) => raw_from_toml(value),
            Item::Table(table) => Raw::Table(table_from_toml(table)),
            Item::ArrayOfTables(tables) => Raw::List(
                tables
                    .iter()
                    .map(|table| Located {
                        value: Raw::Table(table_from_toml(table)),
                        span: table.span().unwrap_or(key_span.clone()),
                    })
                    .collect(),
            ),
        };
        let span = match item {
            Item::Value(_) => item.span().unwrap_or(key_span.clone()),
            _ => key_span.clone(),
        };
        Some((Located { value: name.to_owned(), span: key_span }, Located { value, span }))
    };
    table.iter().filter_map(entry).collect()
}

fn raw_from_toml(value: &Value) -> Raw {
    match value {
        Value::String(text) => Raw::Text(text.value().clone()),
        Value::Integer(number) => Raw::Whole(*number.value()),
        Value::Float(number) => Raw::Number(*number.value()),
        Value::Boolean(switch) => Raw::Switch(*switch.value()),
        Value::Datetime(_) => Raw::Time,
        Value::Array(list) => {
            let located = |value: &Value| Located { value: raw_from_toml(value), span: value.span().unwrap_or(0..0) };
            Raw::List(list.iter().map(located).collect())
        }
        Value::InlineTable(table) => Raw::Table(table_from_toml(table)),
    }
}

/// Reads a JSON object of the same layout; `null` is the same as no key at all. JSON values have no place in a file.
pub(super) fn from_json(object: &serde_json::Map<String, serde_json::Value>) -> Table {
    let entry = |(key, value): (&String, &serde_json::Value)| {
        let value = raw_from_json(value)?;
        Some((Located { value: key.clone(), span: 0..0 }, Located { value, span: 0..0 }))
    };
    object.iter().filter_map(entry).collect()
}

fn raw_from_json(value: &serde_json::Value) -> Option<Raw> {
    Some(match value {
        serde_json::Value::Null => return None,
        serde_json::Value::Bool(switch) => Raw::Switch(*switch),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Raw::Whole(whole),
            None => Raw::Number(number.as_f64()?),
        },
        serde_json::Value::String(text) => Raw::Text(text.clone()),
        serde_json::Value::Array(list) => {
            Raw::List(list.iter().filter_map(raw_from_json).map(|value| Located { value, span: 0..0 }).collect())
        }
        serde_json::Value::Object(object) => Raw::Table(from_json(object)),
    })
}
