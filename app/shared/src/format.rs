//! Numbers, durations and sizes as people read them, with their units. What the page shows in many places is written
//! here, so that the same thing looks the same everywhere.

use signal_studio_core::{config::Monitor, training::score::Score};

/// Between the groups of a number, and between a number and its unit: narrow, and no line breaks there.
const THIN: char = '\u{202f}';

/// Bytes in the decimal units that file managers show: "812 B", "3.4 MB".
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    // From there on it would be written as 1000.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    format!("{value:.digits$}{THIN}{}", UNITS[unit])
}

/// A count with its thousands apart: "1 234 567".
#[must_use]
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// A large count in short: "48.2 k", "3.1 M".
#[must_use]
pub fn short_count(count: u64) -> String {
    const UNITS: [&str; 5] = ["", "k", "M", "G", "T"];
    if count < 10_000 {
        return self::count(count);
    }
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value >= 99.95 { 0 } else { 1 };
    format!("{value:.digits$}{THIN}{}", UNITS[unit])
}

/// A count and its noun: "1 epoch", "12 epochs".
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", self::count(count), if count == 1 { one } else { many })
}

/// A duration as a stopwatch shows it: "0:07", "12:30", "1:02:05". What is not finite is a dash.
#[must_use]
pub fn clock(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    let whole = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A duration in words, as exact as one needs it: "8 s", "3 min", "2 h 10 min".
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    let seconds = seconds.max(0.0);
    if seconds < 1.0 {
        return format!("{}{THIN}ms", (seconds * 1000.0).round());
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds}{THIN}s"),
        (0, minutes, 0) => format!("{minutes}{THIN}min"),
        (0, minutes, seconds) if minutes < 10 => format!("{minutes}{THIN}min {seconds}{THIN}s"),
        (0, minutes, _) => format!("{minutes}{THIN}min"),
        (hours, 0, _) => format!("{hours}{THIN}h"),
        (hours, minutes, _) => format!("{hours}{THIN}h {minutes}{THIN}min"),
    }
}

/// A share as a percentage: "96.7 %".
#[must_use]
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1}{THIN}%", share * 100.0) } else { "–".to_owned() }
}

/// A measured value with three significant digits: "0.0123", "4.56", "1230", "1.2e-6".
#[must_use]
pub fn value(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-4.0..6.0).contains(&magnitude) {
        return format!("{value:.1e}");
    }
    format!("{value:.*}", (2.0 - magnitude).clamp(0.0, 6.0) as usize)
}

/// A validation score, in short: a number, and a loss, which is negated in a score, is called one.
#[must_use]
pub fn score(score: Score) -> String {
    if score.measure.of == Monitor::Loss { format!("loss {}", value(-score.value)) } else { value(score.value) }
}

/// How many of something happen in a second: "54 /s", "0.4 /s".
#[must_use]
pub fn rate(per_second: f64) -> String {
    if !per_second.is_finite() {
        return "–".to_owned();
    }
    let digits = if per_second >= 9.95 { 0 } else { 1 };
    format!("{per_second:.digits$}{THIN}/s")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it reads, with plain spaces.
    fn plain(text: String) -> String {
        text.replace(THIN, " ")
    }

    #[test]
    fn bytes_move_to_the_next_unit_before_they_have_four_digits() {
        let written = [0, 999, 1000, 3_449_000, 99_960_000, 999_400_000, 999_950_000].map(|size| plain(bytes(size)));
        assert_eq!(written, ["0 B", "999 B", "1.0 kB", "3.4 MB", "100 MB", "999 MB", "1.0 GB"]);
    }

    #[test]
    fn counts_are_grouped_from_the_right() {
        assert_eq!([7, 999, 1000, 1_234_567].map(|number| plain(count(number))), ["7", "999", "1 000", "1 234 567"]);
        assert_eq!(
            [9_999, 10_000, 48_230, 3_149_999].map(|number| plain(short_count(number))),
            ["9 999", "10.0 k", "48.2 k", "3.1 M"]
        );
        assert_eq!(plain(counted(1, "epoch", "epochs")), "1 epoch");
        assert_eq!(plain(counted(0, "epoch", "epochs")), "0 epochs");
    }

    #[test]
    fn durations_read_as_a_clock_and_as_words() {
        assert_eq!([0.0, 7.9, 750.0, 3725.0].map(clock), ["0:00", "0:07", "12:30", "1:02:05"]);
        assert_eq!(
            [0.25, 8.2, 60.0, 185.0, 1530.0, 7200.0, 7800.0].map(|seconds| plain(duration(seconds))),
            ["250 ms", "8 s", "1 min", "3 min 5 s", "25 min", "2 h", "2 h 10 min"]
        );
        assert_eq!(clock(f64::NAN), "–");
        assert_eq!(duration(f64::INFINITY), "–");
    }

    #[test]
    fn values_keep_three_digits() {
        assert_eq!(
            [0.0, 0.012_34, 4.557, 1234.5, 1.2e-6, -0.5].map(value),
            ["0", "0.0123", "4.56", "1234", "1.2e-6", "-0.500"]
        );
        assert_eq!([0.962, -1.5497].map(|value| score(Score::of_older_version(value))), ["0.962", "loss 1.55"]);
        assert_eq!(plain(percent(0.9667)), "96.7 %");
        assert_eq!([54.2, 0.42].map(|speed| plain(rate(speed))), ["54 /s", "0.4 /s"]);
    }
}
