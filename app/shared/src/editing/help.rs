//! What a key, a table, a task or a dataset is: core's own words, in the parts in which they are shown.

use std::ops::Range;

use signal_studio_core::{
    config::{DatasetName, KeyDoc, KeyKind, RunConfig, TIMESERIES_SUFFIX},
    datasets::labels_of,
    labels::{LabelRegistry, LabelSpec, TaskKind},
};

use super::{outline::Outline, schema};

/// What something in a run file is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Help {
    /// Its name.
    pub title: String,
    /// One line on what it means; may be empty.
    pub doc: String,
    /// What else is known of it.
    pub facts: Vec<Fact>,
}

/// Something that is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What is known.
    pub name: &'static str,
    /// That which is known.
    pub value: String,
}

impl Help {
    fn fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.push(Fact { name, value: value.into() });
        self
    }

    /// What a key is; `path` is how the file writes it.
    pub(super) fn of_key(doc: &KeyDoc, path: &str) -> Self {
        let mut help = Self { title: path.to_owned(), doc: sentence(&doc.help()), facts: Vec::new() };
        if doc.kind != KeyKind::Anything {
            help = help.fact("Value", doc.kind.describe());
        }
        if doc.required {
            help = help.fact("Required", "every run file has it");
        } else if let Some(default) = default_of(doc) {
            help = help.fact("Default", default);
        }
        match doc.notice {
            Some(notice) => help.fact("Note", notice),
            None => help,
        }
    }

    /// What a table is: the keys it may have.
    pub(super) fn of_table(table: &schema::Table, path: &str) -> Self {
        let help = Self { title: format!("[{path}]"), ..Self::default() };
        if !table.keys.is_empty() {
            return help.fact("Keys", table.keys.join(", "));
        }
        // A table of any names says what each of them is.
        let any = format!("{}.*", table.path);
        match RunConfig::keys().iter().find(|doc| doc.path == any) {
            Some(doc) => Self { doc: sentence(&doc.help()), ..help }.fact("Values", doc.kind.describe()),
            None => help,
        }
    }

    /// What a task is.
    pub(super) fn of_task(spec: &LabelSpec) -> Self {
        let help = Self { title: spec.task.name.clone(), doc: sentence(&spec.task.description), facts: Vec::new() };
        match &spec.task.kind {
            TaskKind::Classification { classes } => help.fact("Classes", classes.join(", ")),
            TaskKind::Regression { unit: Some(unit) } => help.fact("Predicts", format!("a number, in {unit}")),
            TaskKind::Regression { unit: None } => help.fact("Predicts", "a number"),
        }
    }

    /// What a task is that the file itself describes.
    pub(super) fn of_own_task(name: &str) -> Self {
        Self { title: name.to_owned(), doc: format!("Described in [labels.{name}]"), facts: Vec::new() }
    }

    /// What a dataset is, by its name: what can be learnt from it.
    pub(super) fn of_dataset(name: &str) -> Self {
        let registry = labels_of(name).unwrap_or_else(LabelRegistry::folder);
        let help = Self { title: name.to_owned(), ..Self::default() };
        let help = help.fact("Tasks", registry.names().collect::<Vec<_>>().join(", "));
        if name.ends_with(TIMESERIES_SUFFIX) { help.fact("Samples", "time-series windows") } else { help }
    }
}

/// What stands at a place, and its bytes: a key, the header of a table, a task or a dataset's name.
#[must_use]
pub fn help_at(outline: &Outline, place: usize) -> Option<(Range<usize>, Help)> {
    let holds = |span: &Range<usize>| span.start <= place && place < span.end.max(span.start + 1);
    if let Some(header) = outline.headers.iter().find(|header| holds(&header.name)) {
        let table = schema::table(&header.path)?;
        return Some((header.name.clone(), Help::of_table(table, &header.path.join("."))));
    }
    let entry = outline.entries.iter().rev().find(|entry| holds(&entry.span))?;
    if let Some(last) = entry.parts.iter().position(holds) {
        let path = entry.path.get(..=entry.table + last)?;
        let whole = entry.parts.first()?.start..entry.parts.get(last)?.end;
        let written = path.join(".");
        let help = match (schema::key(path, schema::backbone(outline)), schema::table(path)) {
            (Some(doc), _) => Help::of_key(doc, &written),
            (None, Some(table)) => Help::of_table(table, &written),
            (None, None) => return None,
        };
        return Some((whole, help));
    }
    let scalar = entry.scalars.iter().find(|scalar| holds(&scalar.span))?;
    let text = scalar.text.as_deref()?.trim();
    let parts: Vec<_> = entry.path.iter().map(String::as_str).collect();
    let help = match parts.as_slice() {
        ["dataset", "name"] if labels_of(text).is_some() => Help::of_dataset(text),
        ["dataset", "tasks"] => Help::of_task(registry(outline).get(text)?),
        _ => return None,
    };
    Some((scalar.span.clone(), help))
}

/// The tasks of the dataset that the file names, as far as it can be told from text that may still be incomplete.
pub(super) fn registry(outline: &Outline) -> LabelRegistry {
    let named = outline.text_of(&["dataset", "name"]).map(|name| DatasetName::from_text(name.trim()));
    let known = match &named {
        Some(DatasetName::Named(name)) => labels_of(name),
        _ => None,
    };
    known.unwrap_or_else(LabelRegistry::folder)
}

/// A key's default as TOML; `None` if there is none.
pub(super) fn default_of(doc: &KeyDoc) -> Option<String> {
    // Texts, numbers, switches and lists of them are written alike in JSON and TOML.
    let value = doc.default_value()?;
    let empty = value.as_object().is_some_and(serde_json::Map::is_empty);
    (!empty).then(|| value.to_string())
}

/// Words with a capital letter at the start.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editing::Syntax;

    fn help(marked: &str) -> Option<(String, Help)> {
        let place = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let (span, help) = help_at(&Outline::of(&text, &Syntax::of(&text)), place)?;
        Some((text[span].to_owned(), help))
    }

    #[test]
    fn a_key_tells_its_values_and_its_default() {
        let (span, help) = help("[optimizer]\nna|me = \"sgd\"").unwrap();
        assert_eq!((span.as_str(), help.title.as_str()), ("name", "optimizer.name"));
        assert_eq!(help.doc, "The update rule");
        let facts: Vec<_> = help.facts.iter().map(|fact| (fact.name, fact.value.as_str())).collect();
        assert!(facts[0].0 == "Value" && facts[0].1.contains("\"adamw\""), "{facts:?}");
        assert_eq!(facts[1], ("Default", "\"adamw\""));
    }

    #[test]
    fn tables_tasks_and_datasets_are_explained() {
        assert_eq!(help("[mod|el]").unwrap().1.title, "[model]");
        let file = |at: &str| {
            "[dataset]\nname = \"math\"\ntasks = [\"gender\", \"math_activity\"]".replace(at, &format!("|{at}"))
        };
        assert_eq!(help(&file("math_activity")).unwrap().1.doc, "Rest, or mental arithmetic");
        assert!(help(&file("math\"")).unwrap().1.facts[0].value.contains("math_condition"));
        assert_eq!(help("[dataset]\nunheard|of = 1"), None);
    }

    #[test]
    fn a_key_of_one_backbone_says_of_which() {
        assert_eq!(
            help("[model.extras]\npool|ing = \"cls\"").unwrap().1.doc,
            "Transformer: mean of the sequence, or first token"
        );
    }

    #[test]
    fn a_key_without_effect_says_so() {
        let (_, help) = help("[training]\nuse_|amp = true").unwrap();
        assert_eq!(help.facts.last().unwrap().name, "Note");
    }
}
