//! Where models compute, and what the page shows of it. A GPU can be opened once in a worker's life, so what is open
//! is kept.

use std::cell::RefCell;

use js_sys::{Function, Promise, Reflect};
use signal_studio_app_shared::protocol::{DeviceInfo, Devices};
use signal_studio_core::{
    config::DeviceChoice,
    device::{self, Device, DeviceClass, Selection},
};

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::shell::{errors::Outcome, scope::scope};

/// Devices that are open.
#[derive(Default)]
pub struct OpenDevices {
    open: RefCell<Vec<(DeviceChoice, Device)>>,
}

impl OpenDevices {
    /// Opens a device, or gives it again.
    ///
    /// # Errors
    /// [`FaultKind::Device`](signal_studio_app_shared::protocol::FaultKind::Device) when it cannot be had.
    pub async fn open(&self, choice: DeviceChoice) -> Outcome<(Device, Selection)> {
        let selection = select(choice).await?;
        let chosen = selection.chosen.choice;
        let known = self.open.borrow().iter().find(|(open, _)| *open == chosen).cloned();
        if let Some((_, device)) = known {
            return Ok((device, selection));
        }
        let (device, opened) = device::open(choice).await?;
        // A GPU that cannot be opened makes way for the CPU, and core says why.
        let selection = if opened.chosen.choice == chosen { selection } else { opened };
        self.open.borrow_mut().push((selection.chosen.choice, device.clone()));
        Ok((device, selection))
    }
}

/// All devices, and the one that would be used.
///
/// # Errors
/// None: the CPU is always there.
pub async fn find() -> Outcome<Devices> {
    Ok(to_protocol(&select(DeviceChoice::Auto).await?))
}

/// Chooses a device, each by a name that its owner knows.
async fn select(choice: DeviceChoice) -> Outcome<Selection> {
    let mut found = device::find(choice).await;
    for device in found.iter_mut().filter(|device| device.class != DeviceClass::Cpu) {
        if let Some(name) = adapter_name().await {
            device.description = format!("{name} through WebGPU");
        }
    }
    Ok(device::choose(choice, found)?)
}

/// What the browser says of its one adapter: vendor and architecture. It gives GPUs no names.
async fn adapter_name() -> Option<String> {
    let get = |value: &JsValue, key: &str| Reflect::get(value, &key.into()).ok().filter(|found| !found.is_undefined());
    let gpu = get(&scope().navigator(), "gpu")?;
    let request: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
    let adapter: Promise = request.call0(&gpu).ok()?.dyn_into().ok()?;
    let info = get(&JsFuture::from(adapter).await.ok().filter(JsValue::is_object)?, "info")?;
    let words = ["vendor", "architecture"].into_iter().filter_map(|key| get(&info, key)?.as_string());
    let name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// What is found and chosen, as the page gets it.
pub fn to_protocol(selection: &Selection) -> Devices {
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
