//! Where to compute. [`open`] looks up this machine's devices, chooses one of them by a [`DeviceChoice`] and opens it;
//! the [`Selection`] beside Burn's handle says which one it is, why, and what else there was.
//!
//! Only a real GPU is chosen by itself. A software adapter, which computes what a GPU would on the processor, is 10 to
//! 50 times slower than the CPU backend and has to be asked for by its number.

#[cfg(test)]
mod tests;

use std::fmt;

pub use burn::tensor::Device;
#[cfg(feature = "wgpu")]
use burn::tensor::{
    DeviceKind,
    wgpu::{WgpuBackend, wgpu},
};
use serde::{Serialize, Serializer};

use crate::config::DeviceChoice;

/// The kinds of GPU devices that this build has, by their names in a config.
pub const GPU_INTERFACES: &[&str] = &[
    #[cfg(feature = "cuda")]
    "cuda",
    #[cfg(feature = "wgpu")]
    "wgpu",
];

/// What kind of hardware a device is, the fastest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceClass {
    /// A GPU with memory of its own.
    DiscreteGpu,
    /// A GPU that shares the processor's memory.
    IntegratedGpu,
    /// A part of a GPU that a virtual machine was given.
    VirtualGpu,
    /// A GPU of which no more is known: browsers do not tell.
    OtherGpu,
    /// A GPU that is played by the processor.
    SoftwareGpu,
    /// The processor, through the CPU backend.
    Cpu,
}

impl DeviceClass {
    /// Whether this is hardware made for it.
    #[must_use]
    pub fn is_gpu(self) -> bool {
        self < Self::SoftwareGpu
    }
}

impl fmt::Display for DeviceClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::DiscreteGpu => "discrete GPU",
            Self::IntegratedGpu => "integrated GPU",
            Self::VirtualGpu => "virtual GPU",
            Self::OtherGpu => "GPU",
            Self::SoftwareGpu => "software adapter",
            Self::Cpu => "CPU",
        })
    }
}

/// A device of this machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundDevice {
    /// How a config or `--device` asks for it.
    #[serde(serialize_with = "as_text")]
    pub choice: DeviceChoice,
    /// Its name and how it is reached.
    pub description: String,
    /// What it is.
    pub class: DeviceClass,
    #[serde(skip)]
    handle: Handle,
}

impl FoundDevice {
    fn cpu() -> Self {
        Self {
            choice: DeviceChoice::Cpu,
            description: match rayon::current_num_threads() {
                1 => "one thread".to_owned(),
                threads => format!("{threads} threads"),
            },
            class: DeviceClass::Cpu,
            handle: Handle::Flex,
        }
    }
}

/// How Burn opens a device.
#[derive(Debug, Clone, PartialEq)]
enum Handle {
    Flex,
    #[cfg(feature = "wgpu")]
    Wgpu {
        kind: DeviceKind,
        api: WgpuBackend,
    },
    #[cfg(feature = "cuda")]
    Cuda(usize),
}

/// Which device was chosen, why, and what else there was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Selection {
    /// The device to compute on.
    pub chosen: FoundDevice,
    /// Why this one, as the end of a sentence.
    pub why: String,
    /// Whether another device would have been taken, had there been one.
    pub is_fallback: bool,
    /// Everything that was looked at, in the order in which `auto` would take it.
    pub found: Vec<FoundDevice>,
}

/// A device that was asked for by name and cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The program is built without this kind of device.
    #[error(
        "device `{choice}` was asked for, but this program is built without {interface}: build it with the cargo \
         feature `{interface}`, or choose `auto` or `cpu`"
    )]
    NotBuilt {
        /// What was asked for.
        choice: DeviceChoice,
        /// The missing feature.
        interface: &'static str,
    },
    /// There is no such device.
    #[error("device `{choice}` was asked for, but there is none; choose `auto`, or one of: {}", .found.join(", "))]
    Missing {
        /// What was asked for.
        choice: DeviceChoice,
        /// What there is.
        found: Vec<String>,
    },
    /// The only GPU is none.
    #[error(
        "device `{choice}` was asked for, but the only adapter, {description}, is no GPU but software, slower than \
         `cpu`; `{software}` takes it all the same"
    )]
    OnlySoftware {
        /// What was asked for.
        choice: DeviceChoice,
        /// The adapter's name.
        description: String,
        /// How to ask for it.
        software: DeviceChoice,
    },
    /// The device is there but does not work.
    #[error("device `{choice}` ({description}) cannot be opened; choose another, or `cpu`: {reason}")]
    CannotOpen {
        /// What was asked for.
        choice: DeviceChoice,
        /// The device's name.
        description: String,
        /// What its driver says.
        reason: String,
    },
}

/// Looks up, chooses and opens a device. Burn takes a GPU once a process: whoever needs it again keeps the handle.
///
/// With [`DeviceChoice::Auto`], a GPU that cannot be opened counts as missing.
///
/// # Errors
/// [`DeviceError`] when a device is asked for by name and cannot be had.
pub async fn open(choice: DeviceChoice) -> Result<(Device, Selection), DeviceError> {
    let selection = choose(choice, find(choice).await)?;
    match open_found(&selection.chosen).await {
        Ok(device) => Ok((device, selection)),
        Err(DeviceError::CannotOpen { description, reason, .. }) if choice == DeviceChoice::Auto => {
            let why = format!("{description} cannot be opened: {reason}");
            Ok((Device::flex(), Selection { chosen: FoundDevice::cpu(), why, is_fallback: true, ..selection }))
        }
        Err(error) => Err(error),
    }
}

/// What the choice of a run file means here: the file may have been written for a program with other devices. A kind of
/// device that this program is built without makes way for [`DeviceChoice::Auto`], and the reason is given.
pub fn in_this_build(choice: DeviceChoice) -> (DeviceChoice, Option<String>) {
    let interface = match choice {
        DeviceChoice::Cuda(_) => "cuda",
        DeviceChoice::Wgpu(_) => "wgpu",
        DeviceChoice::Auto | DeviceChoice::Cpu => return (choice, None),
    };
    if GPU_INTERFACES.contains(&interface) {
        return (choice, None);
    }
    let why = format!(
        "the run file asks for `{choice}`, but this program is built without {interface} (cargo feature `{interface}`)"
    );
    (DeviceChoice::Auto, Some(why))
}

/// As [`open`], for the choice of a run file, [`in_this_build`].
///
/// # Errors
/// As [`open`], but for [`DeviceError::NotBuilt`].
pub async fn open_for_run_file(choice: DeviceChoice) -> Result<(Device, Selection), DeviceError> {
    let (choice, reason) = in_this_build(choice);
    let (device, selection) = open(choice).await?;
    let selection = match reason {
        Some(why) => Selection { why, is_fallback: true, ..selection },
        None => selection,
    };
    Ok((device, selection))
}

/// The devices of this machine that a choice may mean, in the order in which `auto` would take them: CUDA's, wgpu's from
/// the fastest kind to the slowest, the CPU. Nothing is opened.
#[cfg_attr(
    not(any(feature = "wgpu", feature = "cuda")),
    expect(unused_variables, reason = "without a GPU interface there is nothing to look for")
)]
pub async fn find(choice: DeviceChoice) -> Vec<FoundDevice> {
    let gpus: Vec<FoundDevice> = Vec::new();
    #[cfg(feature = "cuda")]
    let gpus = match choice {
        DeviceChoice::Auto | DeviceChoice::Cuda(_) => find_cuda(),
        DeviceChoice::Cpu | DeviceChoice::Wgpu(_) => gpus,
    };
    #[cfg(feature = "wgpu")]
    let gpus = match choice {
        DeviceChoice::Auto | DeviceChoice::Wgpu(_) => [gpus, find_wgpu().await].concat(),
        DeviceChoice::Cpu | DeviceChoice::Cuda(_) => gpus,
    };
    [gpus, vec![FoundDevice::cpu()]].concat()
}

/// Chooses among the devices that [`find`] gave.
///
/// # Errors
/// [`DeviceError`] when a device is asked for by name and is not among them.
pub fn choose(choice: DeviceChoice, found: Vec<FoundDevice>) -> Result<Selection, DeviceError> {
    let (chosen, why) = match choice {
        DeviceChoice::Auto => match found.iter().find(|device| device.class.is_gpu()) {
            Some(gpu) => (gpu, "the best GPU found".to_owned()),
            None => return Ok(fall_back(found)),
        },
        DeviceChoice::Cpu => (pick(&found, choice)?, "asked for".to_owned()),
        DeviceChoice::Cuda(index) => (
            pick_gpu(&found, choice, "cuda", |device| match device {
                DeviceChoice::Cuda(number) => index.is_none() || number == index,
                _ => false,
            })?,
            "asked for".to_owned(),
        ),
        DeviceChoice::Wgpu(index) => (
            pick_gpu(&found, choice, "wgpu", |device| match device {
                DeviceChoice::Wgpu(number) => index.is_none() || number == index,
                _ => false,
            })?,
            "asked for".to_owned(),
        ),
    };
    let chosen = chosen.clone();
    Ok(Selection { chosen, why, is_fallback: false, found })
}

fn fall_back(found: Vec<FoundDevice>) -> Selection {
    let why = match found.iter().find(|device| device.class == DeviceClass::SoftwareGpu) {
        Some(software) => format!(
            "no GPU was found, only {}, a software adapter slower than the CPU itself (`{}` takes it all the same)",
            software.description, software.choice
        ),
        None if GPU_INTERFACES.is_empty() => {
            "this program is built without GPU devices (cargo features wgpu and cuda)".to_owned()
        }
        None => format!("no GPU was found through {}", GPU_INTERFACES.join(" or ")),
    };
    Selection { chosen: FoundDevice::cpu(), why, is_fallback: true, found }
}

fn pick(found: &[FoundDevice], choice: DeviceChoice) -> Result<&FoundDevice, DeviceError> {
    found.iter().find(|device| device.choice == choice).ok_or_else(|| missing(choice, found))
}

fn pick_gpu<'a>(
    found: &'a [FoundDevice],
    choice: DeviceChoice,
    interface: &'static str,
    is_meant: impl Fn(DeviceChoice) -> bool,
) -> Result<&'a FoundDevice, DeviceError> {
    match found.iter().find(|device| is_meant(device.choice)) {
        // Asked for by its number, software is what the user wants.
        Some(device) if device.class.is_gpu() || device.choice == choice => Ok(device),
        Some(software) => Err(DeviceError::OnlySoftware {
            choice,
            description: software.description.clone(),
            software: software.choice,
        }),
        None if !GPU_INTERFACES.contains(&interface) => Err(DeviceError::NotBuilt { choice, interface }),
        None => Err(missing(choice, found)),
    }
}

fn missing(choice: DeviceChoice, found: &[FoundDevice]) -> DeviceError {
    let found = found.iter().map(|device| format!("`{}` ({})", device.choice, device.description)).collect();
    DeviceError::Missing { choice, found }
}

async fn open_found(found: &FoundDevice) -> Result<Device, DeviceError> {
    match &found.handle {
        Handle::Flex => Ok(Device::flex()),
        #[cfg(feature = "wgpu")]
        Handle::Wgpu { kind, api } => {
            let options = Device::wgpu_options().device_kind(kind.clone()).graphics_api(*api);
            options.init_async().await.map_err(|error| DeviceError::CannotOpen {
                choice: found.choice,
                description: found.description.clone(),
                reason: error.to_string(),
            })
        }
        #[cfg(feature = "cuda")]
        Handle::Cuda(index) => Ok(Device::cuda(*index)),
    }
}

#[cfg(feature = "cuda")]
fn find_cuda() -> Vec<FoundDevice> {
    // Their names are only known once they are opened, which takes memory on each of them.
    let devices = Device::enumerate(burn::tensor::DeviceType::Cuda);
    let found = (0..devices.len()).map(|index| FoundDevice {
        choice: DeviceChoice::Cuda(Some(index)),
        description: format!("NVIDIA GPU {index} through CUDA"),
        class: DeviceClass::DiscreteGpu,
        handle: Handle::Cuda(index),
    });
    found.collect()
}

/// Asks wgpu itself, since Burn's list of devices does not say what they are. Of OpenGL nothing is expected: its compute
/// shaders lack what the kernels need.
#[cfg(feature = "wgpu")]
async fn find_wgpu() -> Vec<FoundDevice> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapters = instance.enumerate_adapters(wgpu::Backends::PRIMARY).await;
    let mut seen = Vec::new();
    let mut found: Vec<(DeviceClass, String, Handle)> = Vec::new();
    for adapter in adapters.iter().map(wgpu::Adapter::get_info) {
        let Some((api, api_name)) = graphics_api(adapter.backend) else { continue };
        // Burn counts the adapters of each kind by themselves, on each graphics API.
        let number = seen.iter().filter(|other| **other == (adapter.backend, adapter.device_type)).count();
        seen.push((adapter.backend, adapter.device_type));
        let (class, kind) = match adapter.device_type {
            wgpu::DeviceType::DiscreteGpu => (DeviceClass::DiscreteGpu, DeviceKind::DiscreteGpu(number)),
            wgpu::DeviceType::IntegratedGpu => (DeviceClass::IntegratedGpu, DeviceKind::IntegratedGpu(number)),
            wgpu::DeviceType::VirtualGpu => (DeviceClass::VirtualGpu, DeviceKind::VirtualGpu(number)),
            wgpu::DeviceType::Other => (DeviceClass::OtherGpu, DeviceKind::DefaultDevice),
            wgpu::DeviceType::Cpu => (DeviceClass::SoftwareGpu, DeviceKind::Cpu),
        };
        // A browser shows one adapter and gives no way to ask for it but by default.
        let kind = if api == WgpuBackend::WebGpu { DeviceKind::DefaultDevice } else { kind };
        let handle = Handle::Wgpu { kind, api };
        let name = if adapter.name.is_empty() { "an adapter without a name" } else { adapter.name.as_str() };
        if !found.iter().any(|(_, _, other)| *other == handle) {
            found.push((class, format!("{name} through {api_name}"), handle));
        }
    }
    found.sort_by_key(|(class, ..)| *class);
    let numbered = found.into_iter().enumerate();
    numbered
        .map(|(index, (class, description, handle))| FoundDevice {
            choice: DeviceChoice::Wgpu(Some(index)),
            description,
            class,
            handle,
        })
        .collect()
}

#[cfg(feature = "wgpu")]
fn graphics_api(backend: wgpu::Backend) -> Option<(WgpuBackend, &'static str)> {
    match backend {
        wgpu::Backend::Vulkan => Some((WgpuBackend::Vulkan, "Vulkan")),
        wgpu::Backend::Metal => Some((WgpuBackend::Metal, "Metal")),
        wgpu::Backend::Dx12 => Some((WgpuBackend::Dx12, "Direct3D 12")),
        wgpu::Backend::BrowserWebGpu => Some((WgpuBackend::WebGpu, "WebGPU")),
        wgpu::Backend::Gl | wgpu::Backend::Noop => None,
    }
}

fn as_text<S: Serializer>(choice: &DeviceChoice, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(choice)
}
