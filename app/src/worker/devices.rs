//! Devices: a choice flows in; an open device, and what the page is told about it and the others, flow out. A GPU can be
//! opened once in a worker's life, so what is open is kept.

use std::cell::RefCell;

use signal_studio_app::protocol::{DeviceInfo, Devices};
use signal_studio_core::{
    config::DeviceChoice,
    device::{self, Device, Selection},
};

use crate::errors::Outcome;

/// Devices that are open.
#[derive(Default)]
pub struct OpenDevices {
    open: RefCell<Vec<(DeviceChoice, Device)>>,
}

impl OpenDevices {
    /// Opens a device, or gives it again.
    ///
    /// # Errors
    /// [`FaultKind::Device`](signal_studio_app::protocol::FaultKind::Device) when it cannot be had.
    pub async fn open(&self, choice: DeviceChoice) -> Outcome<(Device, Selection)> {
        let selection = device::choose(choice, device::find(choice).await)?;
        let known = self.open.borrow().iter().find(|(open, _)| *open == selection.chosen.choice).cloned();
        if let Some((_, device)) = known {
            return Ok((device, selection));
        }
        let (device, selection) = device::open(choice).await?;
        self.open.borrow_mut().push((selection.chosen.choice, device.clone()));
        Ok((device, selection))
    }
}

/// All devices, and the one that would be used.
///
/// # Errors
/// None: the CPU is always there.
pub async fn find() -> Outcome<Devices> {
    Ok(told(&device::choose(DeviceChoice::Auto, device::find(DeviceChoice::Auto).await)?))
}

/// What the page is told.
pub fn told(selection: &Selection) -> Devices {
    let found = selection.found.iter().map(|device| DeviceInfo {
        choice: device.choice.to_string(),
        description: device.description.clone(),
        class: device.class.to_string(),
    });
    Devices { chosen: selection.chosen.choice.to_string(), why: selection.why.clone(), found: found.collect() }
}

/// A device in words: "CPU, one thread".
pub fn in_words(selection: &Selection) -> String {
    format!("{}, {}", selection.chosen.class, selection.chosen.description)
}
