//! Questions about the text of a run file, and run files that show a dataset: its windows, or its samples of one kind.

use signal_studio_core::{
    config::{DataType, RunConfig, TIMESERIES_SUFFIX},
    signal::OutputType,
};
use toml_edit::{DocumentMut, Item, Table, value};

/// Whether the text is a run file without a mistake.
pub fn is_valid(text: &str) -> bool {
    RunConfig::parse(text, "config.toml").is_ok()
}

/// Whether the text is a run file on the dataset of that name.
pub fn names_dataset(text: &str, name: &str) -> bool {
    RunConfig::parse(text, "config.toml").is_ok_and(|(run, _)| {
        let named = run.dataset.name.as_str();
        let named = named.strip_prefix("./").unwrap_or(named);
        named.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(named) == name || named == name
    })
}

/// The dataset's preset; where there is none, a run file that names the dataset and is good for pictures of its windows,
/// which take no labels.
pub fn for_pictures(dataset: &str, preset: &Result<String, String>) -> String {
    preset.clone().unwrap_or_else(|_| {
        let mut document = DocumentMut::new();
        document["dataset"]["name"] = value(dataset);
        document["dataset"]["tasks"] = value("gender");
        document["model"]["backbone"] = value("cnn_light");
        document["model"]["input_channels"] = value(1);
        document.to_string()
    })
}

/// The run file with samples of this kind, and a model that takes them.
pub fn for_samples(text: &str, data_type: DataType, output_type: OutputType) -> String {
    // A text that is no TOML stays as it is: whoever gets it says what is wrong with it.
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text.to_owned() };
    let data = document.entry("data").or_insert_with(|| Item::Table(Table::new()));
    if let Some(data) = data.as_table_like_mut() {
        data.insert("data_type", value(data_type.as_str()));
        data.insert("output_type", value(output_type.as_str()));
    }
    // A model that does not take such images would be a mistake of its own.
    if data_type == DataType::Spectrogram
        && let Some(model) = document.get_mut("model").and_then(Item::as_table_like_mut)
    {
        model.insert("input_channels", value(output_type.channels() as i64));
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../../configs/classification/demo.toml");

    #[test]
    fn a_dataset_is_named_with_and_without_what_its_samples_are() {
        assert!(names_dataset(DEMO, "demo"));
        assert!(!names_dataset(DEMO, "math"));
        assert!(names_dataset(&DEMO.replace("\"demo\"", "\"./ward-7\""), "ward-7"));
        assert!(!names_dataset("[dataset", "demo"));
    }

    #[test]
    fn windows_are_shown_of_a_dataset_that_teaches_nothing() {
        let nothing = Err("it has no label".to_owned());
        for name in ["./my-lab", "recordings"] {
            let text = for_pictures(name, &nothing);
            assert!(is_valid(&text) && names_dataset(&text, name.trim_start_matches("./")), "{text}");
        }
        assert_eq!(for_pictures("demo", &Ok(DEMO.to_owned())), DEMO);
    }

    #[test]
    fn the_kind_of_samples_is_written_beside_what_is_there() {
        let text = for_samples(DEMO, DataType::Spectrogram, OutputType::DbIq);
        let (run, _) = RunConfig::parse(&text, "config.toml").unwrap();
        assert_eq!((run.data.data_type, run.data.output_type), (Some(DataType::Spectrogram), Some(OutputType::DbIq)));
        assert!(text.contains("# Ages are learnt"));
        assert_eq!(for_samples("[data", DataType::Spectrogram, OutputType::DbIq), "[data");
    }
}
