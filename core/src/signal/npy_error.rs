//! What can be wrong with a `.npy` file.

/// Why a `.npy` file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NpyError {
    /// The file does not begin as a `.npy` file does.
    #[error("this is not a .npy file: it does not begin with \\x93NUMPY")]
    Magic,
    /// A format version that is not known.
    #[error(".npy version {major}.{minor} is not known: versions 1.0 to 3.0 are")]
    Version {
        /// First part.
        major: u8,
        /// Second part.
        minor: u8,
    },
    /// The header ends early, or is not the dictionary it should be.
    #[error("the .npy header is damaged: {reason}")]
    Header {
        /// What is wrong.
        reason: &'static str,
    },
    /// Elements that are not floats of 4 or 8 bytes.
    #[error("the .npy file must hold float32 or float64 (<f4, <f8, >f4, >f8), not {descr}")]
    ElementType {
        /// The file's own name for its type.
        descr: String,
    },
    /// Not two-dimensional.
    #[error("the .npy file must have the shape (channels, samples), not {shape:?}")]
    Shape {
        /// The file's shape.
        shape: Vec<usize>,
    },
    /// More or less data than the shape says.
    #[error("the .npy file should hold {expected} bytes of data for {channels} x {samples} values, it holds {found}")]
    Size {
        /// Channels.
        channels: usize,
        /// Samples.
        samples: usize,
        /// Bytes that the shape asks for.
        expected: u128,
        /// Bytes there are.
        found: usize,
    },
}
