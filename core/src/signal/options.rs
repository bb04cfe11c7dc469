//! The two choices that shape a spectrogram: how its rows are spaced, and what its colour channels hold.

use crate::named::named_enum;

named_enum! {
    /// Spacing of the frequency rows.
    pub enum BinSpacing {
        /// Equal steps from 0 to half the sampling rate.
        Linear = "linear",
        /// Equal ratios from 0.001 to 0.5 cycles per sample, and the mean in the lowest row.
        Log = "log",
    }
}

named_enum! {
    /// What a spectrogram's colour channels hold.
    pub enum OutputType {
        /// Grey: magnitude in dB.
        DbOnly = "db-only",
        /// Red: magnitude in dB; green and blue: real and imaginary part on one scale.
        DbIq = "db-iq",
        /// Red: magnitude in dB; green: linear magnitude; blue: phase.
        DbPolar = "db-polar",
    }
}

impl OutputType {
    /// Colour channels of the image: 1 or 3.
    pub fn channels(self) -> usize {
        match self {
            Self::DbOnly => 1,
            Self::DbIq | Self::DbPolar => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for output in [OutputType::DbOnly, OutputType::DbIq, OutputType::DbPolar] {
            assert_eq!(output.to_string().parse(), Ok(output));
            assert_eq!(serde_json::to_string(&output).unwrap(), format!("\"{output}\""));
        }
        for spacing in [BinSpacing::Linear, BinSpacing::Log] {
            assert_eq!(spacing.to_string().parse(), Ok(spacing));
            assert_eq!(serde_json::to_string(&spacing).unwrap(), format!("\"{spacing}\""));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known() {
        let error = "db".parse::<OutputType>().unwrap_err();
        assert_eq!(error.to_string(), "must be one of db-only, db-iq, db-polar, not `db`");
    }
}
