//! The devices that models can compute on.

use leptos::prelude::*;
use signal_studio_app_shared::protocol::{Reply, Request};

use crate::shell::studio::Studio;

impl Studio {
    /// Asks which devices there are.
    pub async fn find_devices(self) {
        match self.link.ask(Request::FindDevices).await {
            Ok(Reply::Devices(devices)) => {
                self.devices_fault.set(None);
                self.devices.set(Some(devices));
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) => {
                self.toasts.fault(&fault);
                self.devices_fault.set(Some(fault));
            }
        }
    }
}
