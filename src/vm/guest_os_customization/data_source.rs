//! `data.vsphere_guest_os_customization`
use crate::fault::Doing;
use crate::vm::customization::{self, CustomizationModel, LinuxOptionsModel, WindowsOptionsModel};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Secret, Value};

/// Finds a customization specification in vCenter. A specification contains the settings that are applied to a guest
/// operating system when it first boots.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_guest_os_customization", category = "Virtual Machine")]
pub struct GuestOsCustomizationModel {
    /// The name of the customization specification.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the customization specification.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The type of guest that the customization specification applies to: `Linux` or `Windows`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The description of the customization specification.
    #[tf(computed)]
    pub description: Value<String>,
    /// The version identifier of the customization specification, which changes with every update.
    #[tf(computed)]
    pub change_version: Value<String>,
    /// The time of the last update of the customization specification.
    #[tf(computed)]
    pub last_update_time: Value<String>,
    /// The guest customization settings. Passwords are not returned, because vCenter encrypts them.
    #[tf(computed)]
    pub spec: Value<Vec<SpecModel>>,
}

/// The guest customization settings.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SpecModel {
    /// The IP addresses of the DNS servers for a Linux guest.
    #[tf(computed)]
    pub dns_server_list: Value<Vec<String>>,
    /// The DNS search domains.
    #[tf(computed)]
    pub dns_suffix_list: Value<Vec<String>>,
    /// The customization settings for a Linux guest.
    #[tf(computed)]
    pub linux_options: Value<Vec<LinuxOptionsModel>>,
    /// The settings of the network interfaces in the guest, in the order of the network interfaces of the virtual
    /// machine.
    #[tf(computed)]
    pub network_interface: Value<Vec<InterfaceModel>>,
    /// The customization settings for a Windows guest.
    #[tf(computed)]
    pub windows_options: Value<Vec<WindowsOptionsModel>>,
    /// The contents of the Sysprep answer file (`sysprep.xml`) for a Windows guest.
    #[tf(computed)]
    pub windows_sysprep_text: Value<Secret>,
}

/// The settings of a network interface in the guest. Without an address, the network interface uses DHCP.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct InterfaceModel {
    /// The DNS domain of the network interface, for a Windows guest.
    #[tf(computed)]
    pub dns_domain: Value<String>,
    /// The IP addresses of the DNS servers, for a Windows guest.
    #[tf(computed)]
    pub dns_server_list: Value<Vec<String>>,
    /// The IPv4 address. If omitted, the network interface uses DHCP.
    #[tf(computed)]
    pub ipv4_address: Value<String>,
    /// The prefix length of the IPv4 network, such as `24` for 255.255.255.0.
    #[tf(computed)]
    pub ipv4_netmask: Value<i64>,
    /// The IPv6 address. If omitted, IPv6 is not configured.
    #[tf(computed)]
    pub ipv6_address: Value<String>,
    /// The prefix length of the IPv6 network, such as `64`.
    #[tf(computed)]
    pub ipv6_netmask: Value<i64>,
}

impl From<customization::InterfaceModel> for InterfaceModel {
    fn from(m: customization::InterfaceModel) -> Self {
        Self {
            dns_domain: m.dns_domain,
            dns_server_list: m.dns_server_list,
            ipv4_address: m.ipv4_address,
            ipv4_netmask: m.ipv4_netmask,
            ipv6_address: m.ipv6_address,
            ipv6_netmask: m.ipv6_netmask,
        }
    }
}

impl From<CustomizationModel> for SpecModel {
    fn from(m: CustomizationModel) -> Self {
        Self {
            dns_server_list: m.dns_server_list,
            dns_suffix_list: m.dns_suffix_list,
            linux_options: m.linux_options,
            network_interface: m.network_interface.map(|all| all.into_iter().map(Into::into).collect()),
            windows_options: m.windows_options,
            windows_sysprep_text: m.windows_sysprep_text,
        }
    }
}

type M = GuestOsCustomizationModel;

/// The data source.
#[derive(Debug, Default)]
pub struct GuestOsCustomization;

impl DataSource for GuestOsCustomization {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, name) = (cx.client, config.name.as_str());
        let item = match vsphere.api.customization_specs().get(name).await {
            Err(e) if e.is_not_found() => {
                let detail = "Small and capital letters matter. The user needs the privilege \
                              `VirtualMachine.Provisioning.ReadCustSpecs`.";
                let summary = format!("There is no customization specification {name:?}");
                return Err(Diagnostics::error(M::NAME, summary, detail));
            }
            read => {
                let doing = format!("read the customization specification {name:?}");
                read.doing(doing)?
            }
        };
        let spec = customization::observed(&item.spec, &CustomizationModel::default());
        Ok(M {
            id: item.info.name.into(),
            r#type: item.info.r#type.into(),
            description: item.info.description.into(),
            change_version: item.info.change_version.into(),
            last_update_time: item.info.last_update_time.into(),
            spec: vec![SpecModel::from(spec)].into(),
            ..config
        })
    }
}
