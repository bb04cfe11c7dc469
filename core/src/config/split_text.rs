//! The text of a run file with other people in its `[dataset.split]`: the run file of a fold. All else stays as it was written,
//! comments and order included.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// Why a run file cannot be given other splits.
#[derive(Debug, thiserror::Error)]
pub enum SplitTextError {
    /// It is no TOML.
    #[error("this is not TOML: {0}")]
    NotToml(#[from] toml_edit::TomlError),
    /// It does not say what is learnt from.
    #[error("it has no table [dataset]")]
    NoDataset,
}

/// The run file `text` with these people in the splits that are validated and tested on; all others are trained on. Whatever
/// else its `[dataset.split]` said is gone.
///
/// # Errors
/// [`SplitTextError`]; never for the text of a run file that has been read.
pub fn with_split(text: &str, val: &[String], test: &[String]) -> Result<String, SplitTextError> {
    let mut document: DocumentMut = text.parse()?;
    let dataset = document.get_mut("dataset").ok_or(SplitTextError::NoDataset)?;
    let is_inline = dataset.is_inline_table();
    let dataset = dataset.as_table_like_mut().ok_or(SplitTextError::NoDataset)?;
    if !dataset.get("split").is_some_and(Item::is_table_like) {
        let split = if is_inline { Item::Value(InlineTable::new().into()) } else { Item::Table(Table::new()) };
        dataset.insert("split", split);
    }
    // In its place, the table keeps the comment above it.
    if let Some(split) = dataset.get_mut("split").and_then(Item::as_table_like_mut) {
        fill(split, val, test);
    }
    Ok(document.to_string())
}

fn fill(split: &mut dyn TableLike, val: &[String], test: &[String]) {
    split.clear();
    for (name, people) in [("val", val), ("test", test)] {
        split.insert(name, Item::Value(Value::from(people.iter().collect::<Array>())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{RunConfig, SplitConfig};

    const MODEL: &str = "[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n";

    fn filled(text: &str) -> String {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        with_split(text, &of(&["sub-1"]), &of(&["sub-2", "sub-3"])).unwrap()
    }

    #[test]
    fn the_people_of_a_fold_take_the_place_of_the_split_however_it_is_written() {
        let expected = SplitConfig {
            val: Some(vec!["sub-1".to_owned()]),
            test: Some(vec!["sub-2".to_owned(), "sub-3".to_owned()]),
            ..SplitConfig::default()
        };
        let dataset = "name = \"demo\"\ntasks = [\"health\"]\n";
        for split in [
            "",
            "batch_size = 8 # few\n",
            "[dataset.split]\n",
            "[dataset.split]\nseed = 3\nfractions = [0.5, 0.25, 0.25]\n",
            "[dataset.split]\ntrain = [\"sub-9\"] # me\ntest = [\n  \"sub-8\",\n]\n",
            "split = { test = [\"sub-9\"] }\n",
            "split.test = [\"sub-9\"]\n",
            "[dataset.extras]\nn_eeg_channels = 19\n",
        ] {
            let text = filled(&format!("[dataset]\n{dataset}{split}{MODEL}"));
            let (run, _) = RunConfig::parse(&text, "fold-1.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(run.dataset.split, expected, "{text}");
            assert!(!text.contains("sub-9") && text.ends_with(MODEL), "{text}");
            assert_eq!(filled(&text), text);
        }
        let inline = "dataset = { name = \"demo\", tasks = [\"health\"] }\n";
        let dotted = "dataset.name = \"demo\"\ndataset.tasks = [\"health\"]\ndataset.split.test = [\"sub-9\"]\n";
        for start in [inline, dotted] {
            let text = filled(&format!("{start}{MODEL}"));
            let (run, _) = RunConfig::parse(&text, "fold-1.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(run.dataset.split, expected, "{text}");
        }
    }

    #[test]
    fn comments_stay() {
        let text = filled(
            "# Mine\n[dataset]\nname = \"math\" # rest\n\n# Who\n[dataset.split]\ntest = [\"07\"]\n\n# How\n[model]\n",
        );
        let expected = "# Mine\n[dataset]\nname = \"math\" # rest\n\n# Who\n[dataset.split]\nval = [\"sub-1\"]\n\
                        test = [\"sub-2\", \"sub-3\"]\n\n# How\n[model]\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_no_run_file_is_refused() {
        assert!(matches!(with_split("[model]\n", &[], &[]), Err(SplitTextError::NoDataset)));
        assert!(matches!(with_split("dataset = 3\n", &[], &[]), Err(SplitTextError::NoDataset)));
        assert!(matches!(with_split("[dataset\n", &[], &[]), Err(SplitTextError::NotToml(_))));
    }
}
