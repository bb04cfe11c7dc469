//! The time-stamped annotation lists (TALs) in the annotation signals of EDF+.
//!
//! Layout: Kemp and Olivan, "European data format 'plus' (EDF+)" (2003), section 2.2.2.

use super::text::decode;

/// Ends the onset and each text.
const TEXT_END: u8 = 0x14;
/// Stands between onset and duration.
const DURATION: u8 = 0x15;

/// One time-stamped annotation list: texts that share an onset and a duration.
#[derive(Debug, PartialEq)]
pub(super) struct Tal {
    /// Seconds from the start of the recording.
    pub onset_s: f64,
    /// Seconds; 0 where none is given.
    pub duration_s: f64,
    /// Whether the first text is empty, which in the first list of a record gives the time of the record.
    pub keeps_time: bool,
    /// The texts that are not empty.
    pub texts: Vec<String>,
}

/// The lists in one record of one annotation signal; `Err` with its text for a list that is not one.
pub(super) fn parse(bytes: &[u8]) -> impl Iterator<Item = Result<Tal, String>> {
    bytes
        .split(|&byte| byte == 0)
        .filter(|list| !list.is_empty())
        .map(|list| parse_list(list).ok_or_else(|| decode(list)))
}

fn parse_list(list: &[u8]) -> Option<Tal> {
    let mut parts = list.split(|&byte| byte == TEXT_END);
    let mut times = parts.next()?.splitn(2, |&byte| byte == DURATION);
    let onset = times.next()?;
    if !matches!(onset.first(), Some(b'+' | b'-')) {
        return None;
    }
    let onset_s = seconds(onset)?;
    // An empty duration is written by some recorders for "none".
    let duration_s = times.next().filter(|text| !text.is_empty()).map_or(Some(0.0), seconds)?;
    let mut parts = parts.peekable();
    let keeps_time = parts.peek()?.is_empty();
    let texts = parts.filter(|text| !text.is_empty()).map(decode).collect();
    (duration_s >= 0.0).then_some(Tal { onset_s, duration_s, keeps_time, texts })
}

fn seconds(text: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(text).ok()?.trim().parse().ok()?;
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_follow_each_other() {
        let bytes = b"+180\x14\x14\0+180.5\x150.25\x14lights off\x14close door\x14\0-0.5\x14early\x14\0\0\0";
        let lists: Vec<Tal> = parse(bytes).collect::<Result<_, _>>().unwrap();
        assert_eq!(lists[0], Tal { onset_s: 180.0, duration_s: 0.0, keeps_time: true, texts: Vec::new() });
        assert_eq!(lists[1].texts, ["lights off", "close door"]);
        assert_eq!((lists[1].onset_s, lists[1].duration_s), (180.5, 0.25));
        assert_eq!(lists[2].onset_s, -0.5);
    }

    #[test]
    fn texts_are_utf8_or_latin1() {
        let texts = |bytes: &[u8]| parse(bytes).next().unwrap().unwrap().texts;
        assert_eq!(texts("+2\x150.5\x14仰卧\x14\0".as_bytes()), ["仰卧"]);
        assert_eq!(texts(b"+2\x14Schl\xe4frig\x14\0"), ["Schläfrig"]);
    }

    #[test]
    fn what_is_no_list_is_reported() {
        for bytes in
            [&b"5\x14no sign\x14\0"[..], b"+x\x14text\x14\0", b"+1\x15-3\x14text\x14\0", b"+1\0", b"+inf\x14a\x14\0"]
        {
            assert!(parse(bytes).next().unwrap().is_err(), "{bytes:?}");
        }
    }
}
