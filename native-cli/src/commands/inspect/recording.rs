//! A recording: its channels, its annotations, and what was odd about it.

use std::{fmt::Write, path::Path};

use serde_json::json;
use signal_studio_core::recording::{ChannelKind, RecordingInfo, open};

use super::report::Report;
use crate::{failure::Failure, paths, progress::count, storage::DiskStorage};

pub fn report(path: &Path) -> Result<Report, Failure> {
    let absolute = paths::absolute(path)?;
    let name = absolute.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let (Some(folder), Some(name)) = (absolute.parent(), name) else {
        return Err(Failure::request(format_args!("not the path of a recording: {}", path.display())));
    };
    let storage = DiskStorage::new(folder);
    let recording =
        pollster::block_on(open(&storage, &name)).map_err(|error| Failure::from(error).within("the folder", folder))?;
    Ok(Report { json: json(recording.info()), text: text(recording.info()) })
}

fn is_trigger(kind: ChannelKind) -> bool {
    kind == ChannelKind::Trigger
}

fn json(info: &RecordingInfo) -> serde_json::Value {
    let channels: Vec<_> = info
        .channels
        .iter()
        .map(|channel| {
            json!({
                "label": channel.label,
                "unit": channel.unit,
                "rate_hz": channel.rate_hz,
                "samples": channel.samples,
                "is_trigger": is_trigger(channel.kind),
            })
        })
        .collect();
    let annotations: Vec<_> = info
        .annotations
        .iter()
        .map(|note| json!({ "onset_s": note.onset_s, "duration_s": note.duration_s, "text": note.text }))
        .collect();
    json!({
        "kind": "recording",
        "format": info.format.to_string(),
        "start": info.start.map(|start| start.to_string()),
        "duration_s": info.duration_s,
        "channels": channels,
        "annotations": annotations,
        "warnings": info.warnings,
    })
}

fn text(info: &RecordingInfo) -> String {
    let mut text = format!("{}, {}, {:.3} s", info.format, count(info.channels.len(), "channel"), info.duration_s);
    if let Some(start) = info.start {
        let _ = write!(text, ", begun {start}");
    }
    let width = info.channels.iter().map(|channel| channel.label.chars().count()).max().unwrap_or_default();
    for (index, channel) in info.channels.iter().enumerate() {
        let unit = if channel.unit.is_empty() { "-" } else { &channel.unit };
        let trigger = if is_trigger(channel.kind) { "  trigger" } else { "" };
        let _ = write!(
            text,
            "\n  {index:>3}  {:width$}  {unit:<4}  {:>8} Hz  {:>10} samples{trigger}",
            channel.label, channel.rate_hz, channel.samples
        );
    }
    let _ = write!(text, "\n{}", count(info.annotations.len(), "annotation"));
    for annotation in &info.annotations {
        let _ =
            write!(text, "\n  {:>10.3} s  {:>7.3} s  {}", annotation.onset_s, annotation.duration_s, annotation.text);
    }
    for warning in &info.warnings {
        let _ = write!(text, "\nwarning: {warning}");
    }
    text
}
