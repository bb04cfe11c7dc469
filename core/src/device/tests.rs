//! Tests of choosing a device.

use super::*;

fn gpu(choice: DeviceChoice, class: DeviceClass) -> FoundDevice {
    FoundDevice { choice, description: format!("a {class}"), class, handle: Handle::Flex }
}

fn wgpu(index: usize, class: DeviceClass) -> FoundDevice {
    gpu(DeviceChoice::Wgpu(Some(index)), class)
}

fn chosen(choice: DeviceChoice, mut found: Vec<FoundDevice>) -> Result<(DeviceChoice, bool), DeviceError> {
    found.push(FoundDevice::cpu());
    choose(choice, found).map(|selection| (selection.chosen.choice, selection.is_fallback))
}

#[test]
fn auto_takes_the_first_real_gpu() {
    let found = vec![wgpu(0, DeviceClass::DiscreteGpu), wgpu(1, DeviceClass::SoftwareGpu)];
    assert_eq!(chosen(DeviceChoice::Auto, found), Ok((DeviceChoice::Wgpu(Some(0)), false)));
}

#[test]
fn auto_never_takes_a_software_adapter() {
    let found = vec![wgpu(0, DeviceClass::SoftwareGpu), FoundDevice::cpu()];
    let selection = choose(DeviceChoice::Auto, found).unwrap();
    assert_eq!(selection.chosen.choice, DeviceChoice::Cpu);
    assert!(selection.is_fallback);
    assert!(selection.why.contains("`wgpu:0` takes it"), "{}", selection.why);
}

#[test]
fn auto_without_any_gpu_is_the_cpu() {
    assert_eq!(chosen(DeviceChoice::Auto, vec![]), Ok((DeviceChoice::Cpu, true)));
    assert_eq!(chosen(DeviceChoice::Cpu, vec![]), Ok((DeviceChoice::Cpu, false)));
}

#[test]
fn a_software_adapter_is_had_by_its_number_only() {
    let found = vec![wgpu(0, DeviceClass::SoftwareGpu)];
    let by_number = DeviceChoice::Wgpu(Some(0));
    assert_eq!(chosen(by_number, found.clone()), Ok((by_number, false)));
    let error = chosen(DeviceChoice::Wgpu(None), found).unwrap_err();
    assert!(matches!(error, DeviceError::OnlySoftware { software, .. } if software == by_number), "{error}");
}

#[test]
fn a_gpu_without_a_number_is_the_first_of_its_kind() {
    let found = vec![
        gpu(DeviceChoice::Cuda(Some(0)), DeviceClass::DiscreteGpu),
        wgpu(0, DeviceClass::DiscreteGpu),
        wgpu(1, DeviceClass::IntegratedGpu),
    ];
    assert_eq!(chosen(DeviceChoice::Wgpu(None), found.clone()), Ok((DeviceChoice::Wgpu(Some(0)), false)));
    assert_eq!(chosen(DeviceChoice::Wgpu(Some(1)), found.clone()), Ok((DeviceChoice::Wgpu(Some(1)), false)));
    assert_eq!(chosen(DeviceChoice::Cuda(None), found), Ok((DeviceChoice::Cuda(Some(0)), false)));
}

#[test]
fn a_missing_device_is_an_error_that_says_what_there_is() {
    let error = chosen(DeviceChoice::Cuda(Some(3)), vec![wgpu(0, DeviceClass::DiscreteGpu)]).unwrap_err();
    let text = error.to_string();
    if GPU_INTERFACES.contains(&"cuda") {
        assert!(text.contains("`wgpu:0` (a discrete GPU), `cpu`"), "{text}");
    } else {
        assert_eq!(error, DeviceError::NotBuilt { choice: DeviceChoice::Cuda(Some(3)), interface: "cuda" });
        assert!(text.contains("cargo feature `cuda`"), "{text}");
    }
}

#[test]
fn a_run_file_may_name_a_device_of_another_build() {
    let interfaces = [("cuda", DeviceChoice::Cuda(None)), ("wgpu", DeviceChoice::Wgpu(Some(1)))];
    for (interface, choice) in interfaces.into_iter().filter(|(name, _)| !GPU_INTERFACES.contains(name)) {
        let (_, selection) = pollster::block_on(open_for_run_file(choice)).unwrap();
        assert!(selection.is_fallback);
        assert!(selection.why.contains(&format!("`{choice}`")) && selection.why.contains(interface), "{selection:?}");
        let asked = pollster::block_on(open(choice)).unwrap_err();
        assert_eq!(asked, DeviceError::NotBuilt { choice, interface });
    }
}

#[test]
fn the_cpu_opens_and_is_all_that_is_looked_for_when_it_is_asked_for() {
    let (_, selection) = pollster::block_on(open(DeviceChoice::Cpu)).unwrap();
    assert_eq!(selection.found, [FoundDevice::cpu()]);
    assert_eq!(serde_json::to_value(&selection).unwrap()["chosen"]["choice"], "cpu");
}
