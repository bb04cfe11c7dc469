//! Names in messages.

/// The first few names.
pub(super) fn named(names: &[String]) -> String {
    /// Names before the rest is only hinted at.
    const NAMED: usize = 8;
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", "))
}

/// What is added where preprocessing began to write a folder and did not end.
pub(super) fn rerun_hint(unfinished: bool) -> &'static str {
    if unfinished { "; a preprocessing run began here but did not end: run it again" } else { "" }
}

/// Splits with their numbers of samples.
pub(super) fn counts(splits: &[(String, usize)]) -> String {
    if splits.is_empty() {
        return "none".to_owned();
    }
    let count = |(split, samples): &(String, usize)| match samples {
        1 => format!("{split} (1 sample)"),
        _ => format!("{split} ({samples} samples)"),
    };
    splits.iter().map(count).collect::<Vec<_>>().join(", ")
}
