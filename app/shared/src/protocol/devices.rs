//! Where models compute.

use serde::{Deserialize, Serialize};

/// The devices of this machine, and which of them is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// The one that computes, or would.
    pub chosen: String,
    /// Why this one, as the end of a sentence.
    pub why: String,
    /// All of them, the one that `auto` takes before others that could stand in for it.
    pub found: Vec<DeviceInfo>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// How a run file asks for it: `cpu`, `wgpu:0`.
    pub choice: String,
    /// Its name.
    pub description: String,
    /// What it is: "CPU", "discrete GPU", "software adapter".
    pub class: String,
}
