//! How a guest is set up when it is booted for the first time: the blocks that `vsphere_virtual_machine` (in
//! `clone.customize`) and `vsphere_guest_os_customization` (in `spec`) share.
mod check;
mod honored;
mod plain;
#[cfg(test)]
mod tests;
mod vim;

use tf_framework::{Model, Secret, Value};

pub(crate) use check::{needs, validate, validate_nics};
pub(crate) use honored::ignored;
pub(crate) use plain::Family;
pub(crate) use vim::{observed, spec};

/// The guest customization settings. Flatten this model into a block.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CustomizationModel {
    /// The IP addresses of the DNS servers for a Linux guest. For a Windows guest, set `dns_server_list` in
    /// `network_interface`.
    #[tf(optional, each(check = check::address))]
    pub dns_server_list: Value<Vec<String>>,
    /// The DNS search domains, for Linux and Windows guests.
    #[tf(optional, each(check = check::domain))]
    pub dns_suffix_list: Value<Vec<String>>,
    /// The IPv4 default gateway. It is assigned to the first network interface whose network contains the gateway, and that
    /// does not set its own `ipv4_gateway`.
    #[tf(optional, check = check::ipv4)]
    pub ipv4_gateway: Value<String>,
    /// The IPv6 default gateway. It is assigned to the first network interface whose network contains the gateway, and that
    /// does not set its own `ipv6_gateway`. A link-local gateway is assigned to the first network interface with an IPv6
    /// address.
    #[tf(optional, check = check::ipv6)]
    pub ipv6_gateway: Value<String>,
    /// The cloud-init data for a Linux guest, as an alternative to `linux_options`. The guest requires cloud-init 21.1 or
    /// later. `network_interface` blocks can be omitted, because the metadata contains the network configuration. Requires
    /// vSphere 7.0 U3 or later.
    #[tf(block, max = 1)]
    pub cloudinit_options: Value<Vec<CloudinitOptionsModel>>,
    /// The customization settings for a Linux guest.
    #[tf(block, max = 1)]
    pub linux_options: Value<Vec<LinuxOptionsModel>>,
    /// The settings of a network interface in the guest. The blocks apply to the network interfaces of the virtual
    /// machine in order, and their number must match.
    #[tf(block)]
    pub network_interface: Value<Vec<InterfaceModel>>,
    /// The customization settings for a Windows guest.
    #[tf(block, max = 1)]
    pub windows_options: Value<Vec<WindowsOptionsModel>>,
    /// The contents of a Sysprep answer file (`sysprep.xml`) for a Windows guest, as an alternative to
    /// `windows_options`.
    #[tf(optional, sensitive)]
    pub windows_sysprep_text: Value<Secret>,
}

/// The cloud-init data for a Linux guest.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CloudinitOptionsModel {
    /// The metadata, as JSON or YAML, such as the result of the function `cloud_init_metadata`. At most 524288 bytes.
    #[tf(required, check = check::cloudinit_data)]
    pub metadata: Value<String>,
    /// The user data, such as a `#cloud-config` document. At most 524288 bytes. An import does not read it.
    #[tf(optional, sensitive, check = check::cloudinit_data)]
    pub userdata: Value<Secret>,
    /// A write-only alternative to `userdata`, which is stored in neither the plan nor the state. Requires
    /// `userdata_wo_version`, and Terraform 1.11 or later.
    #[tf(optional, write_only, sensitive, check = check::cloudinit_data)]
    pub userdata_wo: Value<Secret>,
    /// The version of `userdata_wo`. Changing this writes `userdata_wo` again to a customization specification. It has no
    /// effect on an existing virtual machine.
    #[tf(optional)]
    pub userdata_wo_version: Value<i64>,
}

/// The customization settings for a Linux guest.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct LinuxOptionsModel {
    /// The DNS domain of the guest, such as `example.com`.
    #[tf(required, check = check::domain)]
    pub domain: Value<String>,
    /// The host name of the guest, without the domain.
    #[tf(required)]
    pub host_name: Value<String>,
    /// Whether the hardware clock is in UTC. If `false`, it is in local time.
    #[tf(optional, default = true)]
    pub hw_clock_utc: Value<bool>,
    /// A customization script that runs before and after the customization, with the argument `precustomization` or
    /// `postcustomization`. Custom scripts must be enabled in VMware Tools (`enable-custom-scripts`). Requires vSphere
    /// 7.0 or later.
    #[tf(optional, sensitive)]
    pub script_text: Value<Secret>,
    /// The time zone, such as `Europe/Berlin` or `UTC`. Defaults to the time zone of the template.
    #[tf(optional, check = check::linux_time_zone)]
    pub time_zone: Value<String>,
}

/// The settings of a network interface in the guest. Without an address, the network interface uses DHCP. The MTU, routes and
/// the name of the network interface are settings of cloud-init: see the function `cloud_init_metadata`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct InterfaceModel {
    /// Whether the network interface gets an IPv6 address by DHCPv6.
    #[tf(optional)]
    pub dhcp6: Value<bool>,
    /// The DNS domain of the network interface, for a Windows guest.
    #[tf(optional, check = check::domain)]
    pub dns_domain: Value<String>,
    /// The IP addresses of the DNS servers, for a Windows guest.
    #[tf(optional, each(check = check::address))]
    pub dns_server_list: Value<Vec<String>>,
    /// The IPv4 address. If omitted, the network interface uses DHCP.
    #[tf(optional, check = check::ipv4)]
    pub ipv4_address: Value<String>,
    /// The IPv4 default gateway of the network interface, or `None` for no IPv4 default gateway. Requires `ipv4_address`.
    /// If omitted, the `ipv4_gateway` of the customization applies if it is in the network.
    #[tf(optional, check = check::gateway4)]
    pub ipv4_gateway: Value<String>,
    /// The prefix length of the IPv4 network, such as `24` for 255.255.255.0.
    #[tf(optional, range(0, 32))]
    pub ipv4_netmask: Value<i64>,
    /// The IPv6 address. If this, `ipv6_addresses` and `dhcp6` are omitted, IPv6 is not configured.
    #[tf(optional, check = check::ipv6)]
    pub ipv6_address: Value<String>,
    /// IPv6 addresses in addition to `ipv6_address`, each with the prefix length of its network, such as `fd00::6/64`.
    #[tf(optional, each(check = check::ipv6_with_length))]
    pub ipv6_addresses: Value<Vec<String>>,
    /// The IPv6 default gateway of the network interface, or `None` for no IPv6 default gateway. Requires an IPv6 address or
    /// `dhcp6`. If omitted, the `ipv6_gateway` of the customization applies if it is in the network.
    #[tf(optional, check = check::gateway6)]
    pub ipv6_gateway: Value<String>,
    /// The prefix length of the IPv6 network, such as `64`.
    #[tf(optional, range(0, 128))]
    pub ipv6_netmask: Value<i64>,
}

/// The customization settings for a Windows guest.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct WindowsOptionsModel {
    /// The password of the local administrator.
    #[tf(optional, sensitive)]
    pub admin_password: Value<Secret>,
    /// Whether to log on as the administrator automatically.
    #[tf(optional)]
    pub auto_logon: Value<bool>,
    /// The number of automatic logons. Used only if `auto_logon` is `true`.
    #[tf(optional, default = 1, at_least = 0)]
    pub auto_logon_count: Value<i64>,
    /// The computer name, with at most 15 characters. It must not consist of digits only.
    #[tf(required, check = check::computer_name, advice = check::computer_name_length)]
    pub computer_name: Value<String>,
    /// The password of `domain_admin_user`.
    #[tf(optional, sensitive)]
    pub domain_admin_password: Value<Secret>,
    /// The user that joins the computer to the domain.
    #[tf(optional)]
    pub domain_admin_user: Value<String>,
    /// The organizational unit in the domain for the computer account, such as `OU=web,DC=example,DC=com`. Requires
    /// vSphere 8.0 U2 or later.
    #[tf(optional)]
    pub domain_ou: Value<String>,
    /// The full name of the user to register Windows to.
    #[tf(optional, default = "Administrator")]
    pub full_name: Value<String>,
    /// The Active Directory domain to join. Conflicts with `workgroup`.
    #[tf(optional)]
    pub join_domain: Value<String>,
    /// The name of the organization to register Windows to.
    #[tf(optional, default = "Managed by Terraform")]
    pub organization_name: Value<String>,
    /// The Windows product key. If omitted, the product key is not changed.
    #[tf(optional, sensitive)]
    pub product_key: Value<Secret>,
    /// The commands to run when a user first logs on.
    #[tf(optional)]
    pub run_once_command_list: Value<Vec<String>>,
    /// The Windows time zone index, such as `85` for GMT or `110` for Berlin and Rome.
    #[tf(optional, default = 85, at_least = 0)]
    pub time_zone: Value<i64>,
    /// The workgroup to join. Conflicts with `join_domain`.
    #[tf(optional)]
    pub workgroup: Value<String>,
}
