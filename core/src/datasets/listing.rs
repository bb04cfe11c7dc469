//! Names in messages.

/// The first few names.
pub(super) fn named(names: &[String]) -> String {
    /// Names before the rest is only hinted at.
    const NAMED: usize = 8;
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", "))
}
