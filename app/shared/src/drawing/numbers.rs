//! Numbers as people read them, in ticks and beside a pointer. A minus is a minus sign, not a hyphen.

/// Evenly spaced numbers, alike: with as many decimals as their `step` needs, in thousands or millions when they are
/// large, with a common power of ten when they are small.
pub fn evenly(values: &[f64], step: f64) -> Vec<String> {
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let unit = if largest < 1e-3 {
        let exponent = (largest * (1.0 + 1e-9)).log10().floor().max(f64::from(f64::MIN_10_EXP)) as i32;
        Unit { factor: 10f64.powi(exponent), suffix: format!("e{exponent}") }
    } else {
        Unit::thousands(largest)
    };
    let unit = if unit.factor > 1.0 && decimals(step / unit.factor) > 2 { Unit::one() } else { unit };
    let decimals = decimals(step / unit.factor);
    values
        .iter()
        .map(|value| {
            // Zero needs no power of ten and no thousands, only the decimals of its neighbours.
            if *value == 0.0 && unit.factor != 1.0 {
                "0".to_owned()
            } else {
                fixed(value / unit.factor, decimals) + &unit.suffix
            }
        })
        .collect()
}

/// A round number by itself, as short as it can be written: `1e-4`, `0.02`, `500`, `20k`.
pub fn compact(value: f64) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    if value != 0.0 && (value.abs() < 0.000_999 || value.abs() >= 1e9) {
        return scientific(value, 2);
    }
    let unit = Unit::thousands(value.abs() * (1.0 + 1e-9));
    trimmed(&fixed(value / unit.factor, 3)).to_owned() + &unit.suffix
}

/// A measured number with four digits that count; whole numbers whole.
pub fn precise(value: f64) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if value.fract() == 0.0 && size < 1e12 {
        fixed(value, 0)
    } else if !(1e-3..1e9).contains(&size) {
        scientific(value, 3)
    } else {
        fixed(value, (3 - size.log10().floor() as i32).max(0) as usize)
    }
}

/// What numbers are counted in.
struct Unit {
    factor: f64,
    suffix: String,
}

impl Unit {
    fn one() -> Self {
        Self { factor: 1.0, suffix: String::new() }
    }

    /// Ones below ten thousand, then thousands, millions, billions.
    fn thousands(largest: f64) -> Self {
        let (factor, suffix) = match largest {
            _ if largest < 1e4 => return Self::one(),
            _ if largest < 1e6 => (1e3, "k"),
            _ if largest < 1e9 => (1e6, "M"),
            _ => (1e9, "G"),
        };
        Self { factor, suffix: suffix.to_owned() }
    }
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "∞" } else { "−∞" })
    } else {
        None
    }
}

/// How many decimals tell multiples of a round step apart.
fn decimals(step: f64) -> usize {
    (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, 12.0) as usize
}

/// With so many decimals, a minus sign, and commas between thousands.
fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let mut text = String::from(if value < 0.0 && !is_zero { "−" } else { "" });
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// As `1.23e-4`, with at most so many decimals.
fn scientific(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}").replace("e-", "e~").replace('-', "−").replace('~', "-");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trimmed(mantissa)),
        None => text,
    }
}

/// Without zeros that end the decimals.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike() {
        assert_eq!(evenly(&[0.0, 0.25, 0.5], 0.05), ["0.00", "0.25", "0.50"]);
        assert_eq!(evenly(&[-200.0, 0.0, 200.0], 200.0), ["−200", "0", "200"]);
        assert_eq!(evenly(&[0.0, 12_500.0], 500.0), ["0", "12.5k"]);
        assert_eq!(evenly(&[12_340.0, 12_342.0], 2.0), ["12,340", "12,342"]);
        assert_eq!(evenly(&[2e6, 4e6], 2e6), ["2M", "4M"]);
        assert_eq!(evenly(&[0.0, 5e-5, 1e-4], 5e-5), ["0", "0.5e-4", "1.0e-4"]);
        assert_eq!(evenly(&[0.0], 1.0), ["0"]);
    }

    #[test]
    fn short() {
        let cases = [
            (1e-4, "1e-4"),
            (0.001, "0.001"),
            (0.3, "0.3"),
            (20.0, "20"),
            (5000.0, "5,000"),
            (2e4, "20k"),
            (1e12, "1e12"),
        ];
        for (value, text) in cases {
            assert_eq!(compact(value), text);
        }
    }

    #[test]
    fn four_digits_that_count() {
        let cases = [
            (0.0, "0"),
            (0.612_349, "0.6123"),
            (12.345_6, "12.35"),
            (1_234.56, "1,235"),
            (100_000.0, "100,000"),
            (-3.5, "−3.500"),
            (0.000_123_45, "1.234e-4"),
            (-0.000_2, "−2e-4"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "−∞"),
        ];
        for (value, text) in cases {
            assert_eq!(precise(value), text);
        }
    }

    #[test]
    fn nothing_is_minus_zero() {
        assert_eq!(fixed(-0.0001, 2), "0.00");
    }
}
