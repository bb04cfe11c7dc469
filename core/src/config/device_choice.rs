//! The words for devices: `training.device` of a run file, `--device` of the command line.

use std::{fmt, str::FromStr};

/// Where to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A real GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU through wgpu: the one of this number, or the best. `mps`, PyTorch's name for Apple's GPUs, means this too.
    Wgpu(Option<usize>),
    /// An NVIDIA GPU through CUDA: the one of this number, or the first.
    Cuda(Option<usize>),
}

/// A device that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be auto, cpu, wgpu, wgpu:<number>, cuda or cuda:<number>, not `{given}`")]
pub struct UnknownDevice {
    /// What was written instead.
    pub given: String,
}

impl FromStr for DeviceChoice {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownDevice { given: text.to_owned() };
        let (kind, index) = match text.split_once(':') {
            Some((kind, index)) => (kind, Some(index.parse().map_err(|_| unknown())?)),
            None => (text, None),
        };
        match (kind, index) {
            ("auto", None) => Ok(Self::Auto),
            ("cpu", None) => Ok(Self::Cpu),
            ("mps", None) => Ok(Self::Wgpu(None)),
            ("wgpu", index) => Ok(Self::Wgpu(index)),
            ("cuda", index) => Ok(Self::Cuda(index)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu => formatter.write_str("cpu"),
            Self::Wgpu(None) => formatter.write_str("wgpu"),
            Self::Wgpu(Some(index)) => write!(formatter, "wgpu:{index}"),
            Self::Cuda(None) => formatter.write_str("cuda"),
            Self::Cuda(Some(index)) => write!(formatter, "cuda:{index}"),
        }
    }
}
