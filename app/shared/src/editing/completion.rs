//! What could be written where the caret is. Tables, keys and words come from core's list of keys, datasets and tasks
//! from its registry; what the file has already is left out. Documentation is looked up for one entry at a time.

use std::{collections::BTreeSet, ops::Range};

use signal_studio_core::{
    config::{Backbone, KeyKind, Settings, TIMESERIES_SUFFIX},
    datasets::dataset_names,
    labels::LabelRegistry,
};

use super::{
    caret_context::{CaretContext, caret_context},
    check::builtin_settings,
    help::{Help, default_of, registry},
    outline::Outline,
    schema::{self, quoted, quoted_key},
};

/// What could be written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that a suggestion replaces.
    pub replace: Range<usize>,
    /// What was typed of it so far.
    pub typed: String,
    /// What fits, best first; at least one.
    pub suggestions: Vec<Suggestion>,
    /// Which of the suggestions is there already, if one is.
    pub chosen: Option<usize>,
    /// Whether a value is wanted, for which suggestions are worth showing before anything is typed.
    pub is_value: bool,
}

/// Something that could be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// As it is listed.
    pub label: String,
    /// A few words beside it: the values of a key, or what a value is.
    pub detail: String,
    /// What is written when it is taken.
    pub insert: String,
    /// Whether there is more to suggest right behind it.
    pub leads_on: bool,
    /// What it is.
    subject: Subject,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Table(String),
    Key(Vec<String>, Option<Backbone>),
    Dataset(String),
    Task(Box<Help>),
}

impl Suggestion {
    /// What it is.
    #[must_use]
    pub fn help(&self) -> Help {
        match &self.subject {
            Subject::Table(path) => {
                let parts: Vec<_> = path.split('.').map(str::to_owned).collect();
                schema::table(&parts).map(|table| Help::of_table(table, path)).unwrap_or_default()
            }
            Subject::Key(path, backbone) => {
                schema::key(path, *backbone).map(|doc| Help::of_key(doc, &path.join("."))).unwrap_or_default()
            }
            Subject::Dataset(name) => Help::of_dataset(name),
            Subject::Task(help) => (**help).clone(),
        }
    }
}

/// What could be written at a place; `None` if nothing is known to fit. `kept` are the names of datasets that there are
/// beside those that core and the settings know.
#[must_use]
pub fn complete(text: &str, outline: &Outline, caret: usize, kept: &[String]) -> Option<Completion> {
    let context = caret_context(text, outline, caret)?;
    let (replace, is_value, all) = match context {
        CaretContext::Header { replace } => {
            let written = text.get(replace.clone()).unwrap_or_default().trim().to_owned();
            (replace, false, tables(outline, &written, false))
        }
        CaretContext::Key { table, replace, assigned, begins_line } => {
            let written = text.get(replace.clone()).unwrap_or_default();
            let mut all = keys(outline, &table, written, assigned);
            if begins_line && !assigned {
                all.extend(tables(outline, "", true));
            }
            (replace, false, all)
        }
        CaretContext::Value { path, replace, in_list } => {
            let written = text.get(replace.clone()).unwrap_or_default().trim_matches(['"', '\'']).to_owned();
            let mut all = values(outline, &path, in_list, &written);
            if path == ["dataset", "name"] {
                let kept = kept.iter().filter(|name| !all.iter().any(|known| known.label == quoted(name)));
                all = kept.map(|name| dataset(name)).chain(all.iter().cloned()).collect();
            }
            (replace, true, all)
        }
    };
    let typed = text.get(replace.start..caret)?.trim_start().trim_matches(['"', '\'']).to_lowercase();
    let chosen = text.get(replace.clone()).and_then(|there| all.iter().position(|entry| entry.insert == there));
    if chosen.is_some() {
        // What is there is complete: nothing is being looked for, and anything could take its place.
        return Some(Completion { replace, typed, suggestions: all, chosen, is_value });
    }
    let mut scored: Vec<_> = all.into_iter().filter_map(|entry| Some((score(&entry.label, &typed)?, entry))).collect();
    scored.sort_by_key(|(score, _)| *score);
    let suggestions: Vec<_> = scored.into_iter().map(|(_, suggestion)| suggestion).collect();
    (!suggestions.is_empty()).then_some(Completion { replace, typed, suggestions, chosen, is_value })
}

/// How well a name fits what was typed, the lowest best; `None` if it does not.
fn score(label: &str, typed: &str) -> Option<u8> {
    let name = label.trim_matches(['"', '[', ']']).to_lowercase();
    if name == typed {
        Some(0)
    } else if name.starts_with(typed) {
        Some(1)
    } else if name.split(['_', '.', '-']).any(|part| part.starts_with(typed)) {
        Some(2)
    } else if typed.len() > 1 && name.contains(typed) {
        Some(3)
    } else {
        None
    }
}

/// The tables that the file does not have yet, except the one being written. `whole` writes brackets as well.
fn tables(outline: &Outline, written: &str, whole: bool) -> Vec<Suggestion> {
    let has = |path: &str| path != written && outline.headers.iter().any(|header| header.path.join(".") == path);
    // Of tables with any name, only those are known by name that belong to a task.
    let known = schema::tables().iter().map(|table| table.path).filter(|path| !path.contains('*') && !has(path));
    let suggestion = |path: &str| Suggestion {
        label: if whole { format!("[{path}]") } else { path.to_owned() },
        detail: "table".to_owned(),
        insert: if whole { format!("[{path}]\n") } else { path.to_owned() },
        leads_on: whole,
        subject: Subject::Table(path.to_owned()),
    };
    known.map(suggestion).collect()
}

/// The keys of a table that the file does not have yet, except the one being written.
fn keys(outline: &Outline, table: &[String], written: &str, assigned: bool) -> Vec<Suggestion> {
    let has = |name: &str| {
        let named = |path: &[String]| path.split_last().is_some_and(|(last, around)| last == name && around == table);
        name != written && outline.entries.iter().any(|entry| named(&entry.path))
    };
    let backbone = schema::backbone(outline);
    let suggestion = |name: &str, detail: String| Suggestion {
        label: name.to_owned(),
        detail,
        insert: if assigned { quoted_key(name) } else { format!("{} = ", quoted_key(name)) },
        leads_on: !assigned,
        subject: Subject::Key(table.iter().cloned().chain([name.to_owned()]).collect(), backbone),
    };
    // Of what backbone a key is going to be may not be said yet.
    let mut names = BTreeSet::new();
    let listed = schema::keys_of(table, backbone).filter(|(name, _)| !has(name) && names.insert(*name));
    let mut all: Vec<_> = listed.map(|(name, doc)| suggestion(name, doc.kind.describe())).collect();
    if table == ["training", "task_weights"] {
        let tasks = outline.tasks().into_iter().filter(|task| !has(task));
        all.extend(tasks.map(|task| suggestion(task, "a number of at least 0".to_owned())));
    }
    all
}

/// The values that are known to fit a key.
fn values(outline: &Outline, path: &[String], in_list: bool, written: &str) -> Vec<Suggestion> {
    let parts: Vec<_> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["dataset", "name"] => return datasets(builtin_settings()),
        ["dataset", "tasks"] => return tasks(outline, in_list, written),
        _ => {}
    }
    let backbone = schema::backbone(outline);
    let Some(doc) = schema::key(path, backbone) else { return Vec::new() };
    let default = default_of(doc);
    let plain = |value: String| Suggestion {
        detail: if default.as_ref() == Some(&value) { "default".to_owned() } else { String::new() },
        insert: value.clone(),
        label: value,
        leads_on: false,
        subject: Subject::Key(path.to_vec(), backbone),
    };
    match doc.kind {
        KeyKind::Switch => ["true", "false"].map(|word| plain(word.to_owned())).into(),
        KeyKind::Choice(words) | KeyKind::WordOrTable { words, .. } | KeyKind::CountOrWord { words, .. } => {
            words.iter().map(|word| plain(quoted(word))).collect()
        }
        KeyKind::Choices(words) => {
            let insert = |word: &&str| if in_list { quoted(word) } else { format!("[{}]", quoted(word)) };
            words.iter().map(|word| plain(insert(word))).collect()
        }
        KeyKind::Device => ["auto", "cpu", "wgpu", "cuda"].map(|word| plain(quoted(word))).into(),
        // A number is complete at every digit: one that goes on as the default does is not meant to become it.
        kind if holds_numbers(kind) && !written.is_empty() => Vec::new(),
        _ => default.clone().into_iter().filter(|_| !in_list).map(plain).collect(),
    }
}

fn holds_numbers(kind: KeyKind) -> bool {
    matches!(
        kind,
        KeyKind::Count { .. }
            | KeyKind::Limit
            | KeyKind::Seed
            | KeyKind::Number(_)
            | KeyKind::Pair(_)
            | KeyKind::Numbers(_)
            | KeyKind::Seeds
            | KeyKind::Fractions
    )
}

/// The datasets that core or the settings know, as images and as time series.
fn datasets(settings: &Settings) -> Vec<Suggestion> {
    let known = dataset_names();
    let mut names: Vec<&str> = known.clone();
    names.extend(settings.datasets.keys().map(String::as_str).filter(|name| !known.contains(name)));
    let timeseries: Vec<_> = names.iter().map(|name| format!("{name}{TIMESERIES_SUFFIX}")).collect();
    let all = names.into_iter().map(str::to_owned).chain(timeseries);
    all.map(|name| dataset(&name)).collect()
}

fn dataset(name: &str) -> Suggestion {
    Suggestion {
        label: quoted(name),
        detail: if name.ends_with(TIMESERIES_SUFFIX) { "dataset, as time series" } else { "dataset" }.to_owned(),
        insert: quoted(name),
        leads_on: false,
        subject: Subject::Dataset(name.to_owned()),
    }
}

/// The tasks of the file's dataset and its own, without those it names already.
fn tasks(outline: &Outline, in_list: bool, written: &str) -> Vec<Suggestion> {
    let named = outline.tasks();
    let registry: LabelRegistry = registry(outline);
    let known = registry
        .names()
        .filter_map(|name| registry.get(name))
        .map(|spec| (spec.task.name.clone(), Help::of_task(spec)));
    let own = outline.headers.iter().filter_map(|header| match header.path.as_slice() {
        [labels, name] if labels == "labels" => Some(name),
        _ => None,
    });
    let own = own.filter(|name| registry.get(name).is_none());
    let own = own.map(|name| (name.clone(), Help::of_own_task(name)));
    let free = known.chain(own).filter(|(name, _)| name == written || !named.contains(&name.as_str()));
    free.map(|(name, help)| Suggestion {
        label: quoted(&name),
        detail: "task".to_owned(),
        insert: if in_list { quoted(&name) } else { format!("[{}]", quoted(&name)) },
        leads_on: false,
        subject: Subject::Task(Box::new(help)),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editing::Syntax;

    /// What is suggested at `|` in a text.
    fn at(marked: &str) -> Option<Completion> {
        let caret = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        complete(&text, &Outline::of(&text, &Syntax::of(&text)), caret, &["./sleep".to_owned(), "math".to_owned()])
    }

    fn labels(marked: &str) -> Vec<String> {
        let suggestions = at(marked).map(|completion| completion.suggestions).unwrap_or_default();
        suggestions.into_iter().map(|suggestion| suggestion.label).collect()
    }

    #[test]
    fn keys_of_the_table_that_are_missing() {
        let labels = labels("[optimizer]\nname = \"sgd\"\n|");
        assert_eq!(labels[..3], ["learning_rate", "weight_decay", "betas"]);
        assert!(!labels.contains(&"name".to_owned()));
        assert!(labels.contains(&"[training]".to_owned()));
    }

    #[test]
    fn what_begins_as_typed_comes_first() {
        assert_eq!(labels("[training]\neval|")[..2], ["eval_strategy", "eval_steps"]);
        assert_eq!(labels("[training]\nsmoothing|"), ["label_smoothing"]);
        assert_eq!(at("[training]\nzzz|"), None);
    }

    #[test]
    fn keys_without_effect_are_not_suggested() {
        assert_eq!(at("[training]\nwandb|"), None);
    }

    #[test]
    fn keys_of_another_backbone_are_not_suggested() {
        let extras = |backbone: &str| labels(&format!("[model]\nbackbone = \"{backbone}\"\n[model.extras]\nhidden|"));
        assert_eq!(extras("Transformer"), ["hidden_dim"]);
        assert!(extras("cnn_light").is_empty());
        assert_eq!(labels("[model.extras]\nn_filters_time|"), ["n_filters_time"]);
    }

    #[test]
    fn taking_a_key_leads_on_to_its_values() {
        let completion = at("[model]\nback|").unwrap();
        let backbone = &completion.suggestions[0];
        assert_eq!((backbone.insert.as_str(), backbone.leads_on), ("backbone = ", true));
        assert_eq!(at("[model]\nback|bone = 1").unwrap().suggestions[0].insert, "backbone");
        assert!(labels("[model]\nbackbone = |").contains(&"\"cnn_light\"".to_owned()));
    }

    #[test]
    fn words_of_switches_choices_and_devices() {
        assert_eq!(labels("[training]\nearly_stopping = |"), ["true", "false"]);
        assert_eq!(labels("[scheduler]\nname = \"cos|\"")[0], "\"cosine\"");
        let whole = at("[scheduler]\nname = \"cosine|\"").unwrap();
        assert!(whole.suggestions.len() > 1 && whole.suggestions[whole.chosen.unwrap()].label == "\"cosine\"");
        assert_eq!(labels("[training]\ndevice = |"), ["\"auto\"", "\"cpu\"", "\"wgpu\"", "\"cuda\""]);
        let default = at("[training]\nepochs = |").unwrap();
        assert_eq!(default.suggestions[0].detail, "default");
    }

    #[test]
    fn a_number_is_only_suggested_where_none_is_begun() {
        for key in ["epochs", "early_stopping_patience", "label_smoothing"] {
            let default = labels(&format!("[training]\n{key} = |")).remove(0);
            for typed in 1..=default.len() {
                let text = format!("[training]\n{key} = {}|", &default[..typed]);
                assert_eq!(at(&text), None, "{text}");
            }
        }
        assert_eq!(at("[optimizer]\nlearning_rate = |1"), None);
        assert_eq!(labels("[dataset]\ntrain_split = \"tr|\""), ["\"train\""]);
    }

    #[test]
    fn tasks_are_those_of_the_files_dataset() {
        let text = "[dataset]\nname = \"math\"\ntasks = [\"gender\", \"|\"]\n[labels.mood]\nregression = true";
        assert_eq!(labels(text), ["\"math_activity\"", "\"math_condition\"", "\"health\"", "\"age\"", "\"mood\""]);
        assert_eq!(at("[dataset]\nname = \"math\"\ntasks = |").unwrap().suggestions[0].insert, "[\"gender\"]");
        assert_eq!(labels("[dataset]\ntasks = [\"age\"]\n[training.task_weights]\n|")[0], "age");
    }

    #[test]
    fn datasets_by_name() {
        let labels = labels("[dataset]\nname = \"par|\"");
        assert_eq!(labels, ["\"parkinsons\"", "\"parkinsons_timeseries\""]);
    }

    #[test]
    fn datasets_that_are_kept_come_first_and_once() {
        let labels = labels("[dataset]\nname = |");
        assert_eq!(labels[0], "\"./sleep\"");
        assert_eq!(labels.iter().filter(|label| *label == "\"math\"").count(), 1);
    }

    #[test]
    fn tables_that_are_missing() {
        let labels = labels("[model]\n[mod|]");
        assert_eq!(labels, ["model.extras"]);
        assert!(labels.iter().all(|label| !label.contains('*')));
    }

    #[test]
    fn every_suggestion_is_explained() {
        for marked in ["|", "[model]\n|", "[training]\n|", "[dataset]\nname = |", "[dataset]\nname=\"seed\"\ntasks = |"]
        {
            for suggestion in at(marked).unwrap().suggestions {
                let help = suggestion.help();
                assert!(
                    !help.title.is_empty() && (!help.doc.is_empty() || !help.facts.is_empty()),
                    "{}",
                    suggestion.label
                );
            }
        }
    }

    #[test]
    fn what_is_taken_is_never_an_unknown_key() {
        for table in schema::tables().iter().filter(|table| !table.path.contains('*')) {
            let text = format!("[{}]\n|", table.path);
            for suggestion in at(&text).unwrap().suggestions.iter().filter(|entry| !entry.label.starts_with('[')) {
                let file = format!("[{}]\n{}1", table.path, suggestion.insert);
                let problems = crate::editing::check(&file, &[]).problems;
                assert!(!problems.iter().any(|problem| problem.message.contains("unknown key")), "{file}");
            }
        }
    }
}
