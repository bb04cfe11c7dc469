//! The two choices that shape a spectrogram: how its rows are spaced, and what its colour channels hold.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::SignalError;

/// Spacing of the frequency rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BinSpacing {
    /// Equal steps from 0 to half the sampling rate.
    Linear,
    /// Equal ratios from 0.001 to 0.5 cycles per sample, and the mean in the lowest row.
    Log,
}

impl BinSpacing {
    /// The name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
        }
    }
}

impl fmt::Display for BinSpacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for BinSpacing {
    type Err = SignalError;

    fn from_str(name: &str) -> Result<Self, SignalError> {
        [Self::Linear, Self::Log].into_iter().find(|spacing| spacing.name() == name).ok_or_else(|| {
            SignalError::UnknownName { what: "bin spacing", expected: "linear or log", name: name.to_owned() }
        })
    }
}

/// What a spectrogram's colour channels hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputType {
    /// Grey: magnitude in dB.
    DbOnly,
    /// Red: magnitude in dB; green and blue: real and imaginary part on one scale.
    DbIq,
    /// Red: magnitude in dB; green: linear magnitude; blue: phase.
    DbPolar,
}

impl OutputType {
    /// The name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::DbOnly => "db-only",
            Self::DbIq => "db-iq",
            Self::DbPolar => "db-polar",
        }
    }

    /// Colour channels of the image: 1 or 3.
    pub fn channels(self) -> usize {
        match self {
            Self::DbOnly => 1,
            Self::DbIq | Self::DbPolar => 3,
        }
    }
}

impl fmt::Display for OutputType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for OutputType {
    type Err = SignalError;

    fn from_str(name: &str) -> Result<Self, SignalError> {
        [Self::DbOnly, Self::DbIq, Self::DbPolar].into_iter().find(|output| output.name() == name).ok_or_else(|| {
            SignalError::UnknownName {
                what: "output type",
                expected: "db-only, db-iq or db-polar",
                name: name.to_owned(),
            }
        })
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
        assert_eq!(error.to_string(), "unknown output type, use db-only, db-iq or db-polar: db");
    }
}
