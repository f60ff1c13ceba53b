//! `data.vsphere_host_pci_device`
use crate::common::lookup;
use crate::common::moid::{Host, MoId};
use crate::common::regex;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Dynamic, Model, Result, Value};
use vsphere_client::vim::types::HostPciDevice as Device;

/// Finds a PCI device on a host, such as a GPU for passthrough. If several devices match, the first is returned.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_pci_device", category = "Host and Cluster Management")]
pub struct HostPciDeviceModel {
    /// The PCI ID of the device on the host, such as `0000:3b:00.0`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, form = MoId::<Host>::form)]
    pub host_id: Value<String>,
    /// The PCI class ID, in hexadecimal, such as `300` for a VGA controller or `302` for a 3D controller. The prefix
    /// `0x` is optional.
    #[tf(optional, check = hexadecimal)]
    pub class_id: Value<String>,
    /// The PCI vendor ID, in hexadecimal, such as `10de`. The prefix `0x` is optional.
    #[tf(optional, check = hexadecimal)]
    pub vendor_id: Value<String>,
    /// A regular expression to match against any part of the device name.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The name of the device.
    #[tf(computed)]
    pub name: Value<String>,
}

type M = HostPciDeviceModel;

/// The data source.
#[derive(Debug, Default)]
pub struct HostPciDevice;

vsphere_client::properties! {
    struct Hardware of "HostSystem" {
        devices: Vec<Device> = "hardware.pciDevice",
    }
}

/// A number of PCI, with or without 0x.
fn number(text: &str) -> Option<u16> {
    let digits = text.trim().to_ascii_lowercase();
    u16::from_str_radix(digits.strip_prefix("0x").unwrap_or(&digits), 16).ok()
}

fn hexadecimal(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.is_empty() || number(text).is_some() {
        return Ok(());
    }
    Err(format!("{text:?} is not a number of four hexadecimal digits, such as \"10de\"."))
}

/// The devices that fit. Pure.
fn fitting<'a>(all: &'a [Device], config: &M) -> Vec<&'a Device> {
    let set = |v: &Value<String>| v.non_empty().and_then(|t| number(t));
    let (class, vendor) = (set(&config.class_id), set(&config.vendor_id));
    let name = regex::filter(config.name_regex.as_str());
    // The wire has these numbers signed.
    let same = |wanted: Option<u16>, is: i16| wanted.is_none_or(|w| w == is.cast_unsigned());
    let fits = |d: &&Device| same(class, d.class_id) && same(vendor, d.vendor_id) && name(&d.device_name);
    all.iter().filter(fits).collect()
}

impl DataSource for HostPciDevice {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, id) = (cx.client, config.host_id.as_str());
        let host = MoId::<Host>::object(id);
        let Hardware { devices } = match vsphere.api.properties().get(&host).await {
            Err(e) if e.is_not_found() => return Err(MoId::<Host>::not_found(id, M::HOST_ID)),
            read => read.doing(format!("read the PCI devices of {host}"))?,
        };
        let Some(found) = fitting(&devices, &config).into_iter().next() else {
            let lines = devices.iter().map(|d| {
                let (class, vendor) = (d.class_id.cast_unsigned(), d.vendor_id.cast_unsigned());
                format!("{} {} (class_id {class:x}, vendor_id {vendor:x})", d.id, d.device_name)
            });
            let detail = if devices.is_empty() {
                "The host does not report any PCI devices.".to_owned()
            } else {
                format!("The host has these:\n{}", lookup::listed(lines))
            };
            let at = if config.name_regex.as_str().is_empty() { M::HOST_ID } else { M::NAME_REGEX };
            return Err(Diagnostics::error(at, "No PCI device of the host fits", detail));
        };
        Ok(M { id: found.id.clone().into(), name: found.device_name.clone().into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_chosen_by_numbers_and_name() {
        let device = |id: &str, class: u16, vendor: u16, name: &str| Device {
            id: id.to_owned(),
            class_id: class.cast_signed(),
            vendor_id: vendor.cast_signed(),
            device_name: name.to_owned(),
            ..Default::default()
        };
        let all = [
            device("a", 0x300, 0x102b, "Matrox G200"),
            device("b", 0x302, 0x10de, "GV100GL [Tesla V100]"),
            device("c", 0x302, 0x8086, "Flex 170"),
        ];
        let of = |class: &str, vendor: &str, name: &str| {
            let m = M {
                class_id: class.into(),
                vendor_id: vendor.into(),
                name_regex: name.into(),
                ..M::default()
            };
            fitting(&all, &m).into_iter().map(|d| d.id.clone()).collect::<String>()
        };
        assert_eq!(of("", "", ""), "abc");
        assert_eq!(of("302", "", ""), "bc");
        assert_eq!(of("0x0302", "10DE", ""), "b");
        assert_eq!(of("", "8086", ""), "c");
        assert_eq!(of("", "", "^GV100"), "b");
        assert_eq!(of("300", "10de", ""), "");
    }

    #[test]
    fn texts_that_mean_nothing_are_refused() {
        assert!(hexadecimal(&"10de".into()).is_ok() && hexadecimal(&"nvidia".into()).is_err());
    }
}
