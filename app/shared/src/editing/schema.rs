//! Core's list of the keys of a run file, looked up by path.

use std::sync::LazyLock;

use signal_studio_core::config::{Backbone, KeyDoc, RunConfig};

use super::outline::Outline;

/// Stands for any name in a key's path.
const ANY: &str = "*";

/// A table that a run file may have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// Its path; `*` stands for any name.
    pub path: &'static str,
    /// The names of its keys.
    pub keys: Vec<&'static str>,
}

/// Every table, in the order of the list of keys.
pub(super) fn tables() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
        let mut tables: Vec<Table> = Vec::new();
        for (path, key) in RunConfig::keys().iter().filter_map(|doc| doc.path.rsplit_once('.')) {
            match tables.iter_mut().find(|table| table.path == path) {
                // Backbones may have keys of one name.
                Some(table) if table.keys.contains(&key) => {}
                Some(table) => table.keys.push(key),
                None => tables.push(Table { path, keys: vec![key] }),
            }
        }
        for table in &mut tables {
            table.keys.retain(|key| *key != ANY);
        }
        tables
    });
    &TABLES
}

/// The table with this path.
pub(super) fn table(path: &[String]) -> Option<&'static Table> {
    tables().iter().filter(|table| matches(table.path, path)).min_by_key(|table| table.path.matches(ANY).count())
}

/// The backbone that a file names.
pub(super) fn backbone(outline: &Outline) -> Option<Backbone> {
    outline.text_of(&["model", "backbone"])?.trim().to_lowercase().parse().ok()
}

/// The key with this path in a file with this backbone. A name that is written out counts before one that stands for any,
/// and the backbone's own before another's.
pub(super) fn key(path: &[String], backbone: Option<Backbone>) -> Option<&'static KeyDoc> {
    let preference = |doc: &&KeyDoc| (doc.path.matches(ANY).count(), is_of_another(doc, backbone));
    RunConfig::keys().iter().filter(|doc| matches(doc.path, path)).min_by_key(preference)
}

/// The keys directly in a table that have an effect on this backbone, with their names.
pub(super) fn keys_of(
    table: &[String],
    backbone: Option<Backbone>,
) -> impl Iterator<Item = (&'static str, &'static KeyDoc)> {
    let has_effect = move |doc: &&KeyDoc| doc.notice.is_none() && (backbone.is_none() || !is_of_another(doc, backbone));
    RunConfig::keys().iter().filter(has_effect).filter_map(|doc| {
        let (path, name) = doc.path.rsplit_once('.')?;
        (name != ANY && matches(path, table)).then_some((name, doc))
    })
}

fn is_of_another(doc: &KeyDoc, backbone: Option<Backbone>) -> bool {
    doc.backbone.is_some_and(|of| Some(of) != backbone.map(Backbone::as_str))
}

/// Whether a path of the list is that of a file.
fn matches(pattern: &str, path: &[String]) -> bool {
    let parts = pattern.split('.');
    parts.clone().count() == path.len() && parts.zip(path).all(|(part, name)| part == ANY || part == name)
}

/// A name as it is written in a key: in quotes where it has to be.
pub(super) fn quoted_key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(dotted: &str) -> Vec<String> {
        dotted.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn keys_are_found_by_name_before_any_name() {
        let key = |dotted: &str| key(&path(dotted), None).map(|doc| doc.path);
        assert_eq!(key("model.extras.hidden_dim"), Some("model.extras.hidden_dim"));
        assert_eq!(key("model.extras.whatever"), Some("model.extras.*"));
        assert_eq!(key("labels.mood.unit"), Some("labels.*.unit"));
        assert_eq!(key("model.nothing"), None);
    }

    #[test]
    fn tables_are_those_of_the_keys() {
        let paths: Vec<_> = tables().iter().map(|table| table.path).collect();
        assert!(["model", "model.extras", "training.task_weights", "labels.*"].iter().all(|path| paths.contains(path)));
        let has_pooling = |backbone| keys_of(&path("model.extras"), backbone).any(|(name, _)| name == "pooling");
        assert!(has_pooling(None) && has_pooling(Some(Backbone::Transformer)));
        assert!(!has_pooling(Some(Backbone::CnnLight)));
    }

    #[test]
    fn texts_are_read_back_as_they_were() {
        for text in ["", "a b", "say \"µ\"\\", "line\nbreak\u{1}"] {
            let document = format!("a = {}", quoted(text));
            let value = signal_studio_core::config::Settings::parse(&document, "a").unwrap_err();
            assert!(!value.problems[0].message.contains("this is not TOML"), "{document}");
        }
    }
}
