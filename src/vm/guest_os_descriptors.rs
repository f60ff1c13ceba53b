//! `data.vsphere_guest_os_descriptors`
use crate::common::moid::{Cluster, Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::device::HardwareVersion;
use vsphere_client::vim::types::GuestOsDescriptor;
use vsphere_client::virtual_machine::ConfigOptionQuery;

/// Lists the guest operating systems that a cluster or host supports for new virtual machines, with the limits and
/// recommendations of vSphere for each of them.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_guest_os_descriptors", category = "Virtual Machine")]
pub struct GuestOsDescriptorsModel {
    /// The managed object ID of the cluster or host.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`. Only guest operating systems that all hosts in the
    /// cluster support are returned. Exactly one of `compute_cluster_id` and `host_system_id` must be set.
    #[tf(optional, exactly_one_of("compute_cluster_id", "host_system_id"), form = MoId::<Cluster>::form)]
    pub compute_cluster_id: Value<String>,
    /// The managed object ID of the host, such as `host-10`. Exactly one of `compute_cluster_id` and `host_system_id`
    /// must be set.
    #[tf(optional, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// The hardware version, such as `19`. Defaults to the hardware version of new virtual machines.
    #[tf(optional, computed, at_least = 3)]
    pub hardware_version: Value<i64>,
    /// The guest operating system family to return: `linuxGuest`, `windowsGuest`, `solarisGuest`, `darwinGuestFamily`,
    /// `netwareGuest` or `otherGuestFamily`. If omitted, all families are returned.
    #[tf(optional)]
    pub family: Value<String>,
    /// The guest operating systems, in the order in which vSphere lists them. Memory and disk sizes are in MiB.
    #[tf(computed)]
    pub guests: Value<Vec<GuestModel>>,
}

/// A guest operating system.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct GuestModel {
    /// The ID of the guest operating system, for use as the `guest_id` of a virtual machine.
    #[tf(computed)]
    pub id: Value<String>,
    /// The full name of the guest operating system, such as `Ubuntu Linux (64-bit)`.
    #[tf(computed)]
    pub full_name: Value<String>,
    /// The guest operating system family.
    #[tf(computed)]
    pub family: Value<String>,
    /// The support level of the guest operating system: `experimental`, `legacy`, `terminated`, `supported`,
    /// `unsupported`, `deprecated` or `techPreview`.
    #[tf(computed)]
    pub support_level: Value<String>,
    /// The maximum number of virtual CPUs.
    #[tf(computed)]
    pub max_cpus: Value<i64>,
    /// The minimum memory size, in MiB.
    #[tf(computed)]
    pub min_memory: Value<i64>,
    /// The maximum memory size, in MiB.
    #[tf(computed)]
    pub max_memory: Value<i64>,
    /// The recommended memory size, in MiB.
    #[tf(computed)]
    pub recommended_memory: Value<i64>,
    /// The recommended size of the first disk, in MiB.
    #[tf(computed)]
    pub recommended_disk_size: Value<i64>,
    /// The supported firmware types, for use as the `firmware` of a virtual machine.
    #[tf(computed)]
    pub firmware: Value<Vec<String>>,
    /// The recommended firmware type.
    #[tf(computed)]
    pub recommended_firmware: Value<String>,
    /// Whether UEFI secure boot is supported.
    #[tf(computed)]
    pub secure_boot: Value<bool>,
    /// Whether a virtual TPM 2.0 device is supported.
    #[tf(computed)]
    pub vtpm: Value<bool>,
    /// Whether memory can be added while the virtual machine is powered on.
    #[tf(computed)]
    pub memory_hot_add: Value<bool>,
    /// Whether virtual CPUs can be added while the virtual machine is powered on.
    #[tf(computed)]
    pub cpu_hot_add: Value<bool>,
    /// The supported network adapter types, such as `VirtualVmxnet3`.
    #[tf(computed)]
    pub network_adapter_types: Value<Vec<String>>,
    /// The recommended network adapter type.
    #[tf(computed)]
    pub recommended_network_adapter_type: Value<String>,
    /// The supported disk controller types, such as `ParaVirtualSCSIController`.
    #[tf(computed)]
    pub disk_controller_types: Value<Vec<String>>,
    /// The recommended disk controller type.
    #[tf(computed)]
    pub recommended_disk_controller_type: Value<String>,
}

type M = GuestOsDescriptorsModel;

/// The data source.
#[derive(Debug, Default)]
pub struct GuestOsDescriptors;

vsphere_client::properties! {
    struct InCompute of "HostSystem" {
        compute: Option<MoRef> = "parent",
    }
}

/// The guests of a family, or all. Pure.
fn fitting(all: &[GuestOsDescriptor], family: &str) -> Vec<GuestModel> {
    let fits = |g: &&GuestOsDescriptor| family.is_empty() || g.family == family;
    all.iter().filter(fits).map(listed).collect()
}

fn listed(g: &GuestOsDescriptor) -> GuestModel {
    let number = |n: i32| i64::from(n).into();
    GuestModel {
        id: g.id.clone().into(),
        full_name: g.full_name.clone().into(),
        family: g.family.clone().into(),
        support_level: g.support_level.clone().into(),
        max_cpus: number(g.supported_max_cpus),
        min_memory: number(g.supported_min_mem_mb),
        max_memory: number(g.supported_max_mem_mb),
        recommended_memory: number(g.recommended_mem_mb),
        recommended_disk_size: number(g.recommended_disk_size_mb),
        firmware: g.supported_firmware.clone().into(),
        recommended_firmware: g.recommended_firmware.clone().into(),
        secure_boot: g.supports_secure_boot.unwrap_or_default().into(),
        vtpm: g.supports_tpm20.unwrap_or_default().into(),
        memory_hot_add: g.supports_memory_hot_add.into(),
        cpu_hot_add: g.supports_cpu_hot_add.into(),
        network_adapter_types: g.supported_ethernet_card.clone().into(),
        recommended_network_adapter_type: g.recommended_ethernet_card.clone().into(),
        disk_controller_types: g.supported_disk_controller_list.clone().into(),
        recommended_disk_controller_type: g.recommended_disk_controller.clone().into(),
    }
}

impl DataSource for GuestOsDescriptors {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (api, machines) = (&cx.client.api, cx.client.api.virtual_machines());
        let host = config.host_system_id.non_empty();
        let (object, compute) = match host {
            Some(id) => {
                let object = MoId::<Host>::object(id);
                let read = match api.properties().get::<InCompute>(&object).await {
                    Err(e) if e.is_not_found() => return Err(MoId::<Host>::not_found(id, M::HOST_SYSTEM_ID)),
                    read => read.doing(format!("read {object}"))?,
                };
                (object, read.compute)
            }
            None => {
                let object = MoId::<Cluster>::object(config.compute_cluster_id.as_str());
                (object.clone(), Some(object))
            }
        };
        let doing = format!("list the guest operating systems of {object}");
        let browser = match &compute {
            Some(compute) => match machines.environment_of(compute).await {
                Err(e) if e.is_not_found() => {
                    return Err(MoId::<Cluster>::not_found(compute.id.as_ref(), M::COMPUTE_CLUSTER_ID));
                }
                read => read.doing(&doing)?,
            },
            None => None,
        };
        let version =
            config.hardware_version.known().and_then(|n| u32::try_from(*n).ok()).map(HardwareVersion);
        let query =
            ConfigOptionQuery { version, host: host.is_some().then(|| object.clone()), guest_ids: vec![] };
        let option = match &browser {
            Some(browser) => machines
                .config_option(browser, &query)
                .await
                .doing_to(&doing, |_| version.is_some().then_some(M::HARDWARE_VERSION))?,
            None => None,
        };
        let Some(option) = option else {
            let detail = "vCenter returned no configuration options. Expected a hardware version that the hosts support, and at \
                          least one connected host.";
            return Err(Diagnostics::error(M::HARDWARE_VERSION, format!("Unable to {doing}"), detail));
        };
        let hardware = option.version.parse::<HardwareVersion>().ok().map(|v| i64::from(v.0));
        Ok(M {
            id: object.id.to_string().into(),
            hardware_version: hardware.map_or(config.hardware_version, Into::into),
            guests: fitting(&option.guest_os_descriptor, config.family.as_str()).into(),
            ..config
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_chosen_by_family() {
        let guest = |id: &str, family: &str| GuestOsDescriptor {
            id: id.to_owned(),
            family: family.to_owned(),
            supports_secure_boot: Some(true),
            ..Default::default()
        };
        let all = [guest("ubuntu64Guest", "linuxGuest"), guest("windows9Guest", "windowsGuest")];
        let of = |family: &str| fitting(&all, family).iter().map(|g| g.id.get()).collect::<Vec<_>>();
        assert_eq!(of(""), ["ubuntu64Guest", "windows9Guest"]);
        assert_eq!(of("windowsGuest"), ["windows9Guest"]);
        assert_eq!(of("x"), [""; 0]);
        let first = listed(&all[0]);
        assert_eq!((first.secure_boot.get(), first.vtpm.get()), (true, false));
    }
}
