//! How a guest is set up when it is booted for the first time: the blocks that `vsphere_virtual_machine` (in
//! `clone.customize`) and `vsphere_guest_os_customization` (in `spec`) share.
mod check;
mod plain;
#[cfg(test)]
mod tests;
mod vim;

use tf_framework::{Model, Secret, Value};

pub(crate) use check::{needs, validate, validate_nics};
pub(crate) use plain::Family;
pub(crate) use vim::{observed, spec};

/// How a guest is set up. Flatten it into a block.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CustomizationModel {
    /// The addresses of name servers, for Linux; Windows takes them for each interface.
    #[tf(optional, each(check = check::address))]
    pub dns_server_list: Value<Vec<String>>,
    /// The domains in which names without a domain are looked up.
    #[tf(optional, each(check = check::domain))]
    pub dns_suffix_list: Value<Vec<String>>,
    /// The default gateway for IPv4. It goes to the first interface whose network it is in.
    #[tf(optional, check = check::ipv4)]
    pub ipv4_gateway: Value<String>,
    /// The default gateway for IPv6. It goes to the first interface whose network it is in; a link-local one goes to the
    /// first interface with an IPv6 address.
    #[tf(optional, check = check::ipv6)]
    pub ipv6_gateway: Value<String>,
    /// How a Linux guest is set up.
    #[tf(block, max = 1)]
    pub linux_options: Value<Vec<LinuxOptionsModel>>,
    /// A network interface, in the order of the interfaces of the virtual machine: there must be as many.
    #[tf(block)]
    pub network_interface: Value<Vec<InterfaceModel>>,
    /// How a Windows guest is set up.
    #[tf(block, max = 1)]
    pub windows_options: Value<Vec<WindowsOptionsModel>>,
    /// The answer file of Windows (`sysprep.xml`), instead of `windows_options`.
    #[tf(optional, sensitive)]
    pub windows_sysprep_text: Value<Secret>,
}

/// How a Linux guest is set up.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct LinuxOptionsModel {
    /// The domain, such as `example.com`.
    #[tf(required, check = check::domain)]
    pub domain: Value<String>,
    /// The name of the host, without its domain.
    #[tf(required)]
    pub host_name: Value<String>,
    /// Whether the hardware clock is set to UTC, not to the local time.
    #[tf(optional, default = true)]
    pub hw_clock_utc: Value<bool>,
    /// A script that is run before and after the guest is set up, with `precustomization` or `postcustomization` as its
    /// argument. The guest tools have to allow it (`enable-custom-scripts`). Needs vSphere 7.0.
    #[tf(optional, sensitive)]
    pub script_text: Value<Secret>,
    /// The time zone, such as `Europe/Berlin` or `UTC`. Left out, it is the template's.
    #[tf(optional, check = check::linux_time_zone)]
    pub time_zone: Value<String>,
}

/// A network interface of the guest. Without an address it is set up by DHCP.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct InterfaceModel {
    /// The domain of the interface, for Windows.
    #[tf(optional, check = check::domain)]
    pub dns_domain: Value<String>,
    /// The addresses of name servers, for Windows.
    #[tf(optional, each(check = check::address))]
    pub dns_server_list: Value<Vec<String>>,
    /// The IPv4 address. Left out, the interface gets one by DHCP.
    #[tf(optional, check = check::ipv4)]
    pub ipv4_address: Value<String>,
    /// The length of the network's prefix, such as 24 for 255.255.255.0.
    #[tf(optional, range(0, 32))]
    pub ipv4_netmask: Value<i64>,
    /// The IPv6 address. Left out, none is set up.
    #[tf(optional, check = check::ipv6)]
    pub ipv6_address: Value<String>,
    /// The length of the network's prefix, such as 64.
    #[tf(optional, range(0, 128))]
    pub ipv6_netmask: Value<i64>,
}

/// How a Windows guest is set up.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct WindowsOptionsModel {
    /// The password of the local administrator.
    #[tf(optional, sensitive)]
    pub admin_password: Value<Secret>,
    /// Whether the administrator is logged on by itself.
    #[tf(optional)]
    pub auto_logon: Value<bool>,
    /// How many times that happens.
    #[tf(optional, default = 1, at_least = 0)]
    pub auto_logon_count: Value<i64>,
    /// The name of the computer: at most 15 characters, and not digits alone.
    #[tf(required, check = check::computer_name, advice = check::computer_name_length)]
    pub computer_name: Value<String>,
    /// The password of `domain_admin_user`.
    #[tf(optional, sensitive)]
    pub domain_admin_password: Value<Secret>,
    /// Who makes the computer join the domain.
    #[tf(optional)]
    pub domain_admin_user: Value<String>,
    /// The organizational unit in the domain, such as `OU=web,DC=example,DC=com`. Needs vSphere 8.0 U2.
    #[tf(optional)]
    pub domain_ou: Value<String>,
    /// The name of the user.
    #[tf(optional, default = "Administrator")]
    pub full_name: Value<String>,
    /// The Active Directory domain to join. Not together with `workgroup`.
    #[tf(optional)]
    pub join_domain: Value<String>,
    /// The name of the organization.
    #[tf(optional, default = "Managed by Terraform")]
    pub organization_name: Value<String>,
    /// The product key. Left out, it is the template's.
    #[tf(optional, sensitive)]
    pub product_key: Value<Secret>,
    /// Commands to run when the first user logs on.
    #[tf(optional)]
    pub run_once_command_list: Value<Vec<String>>,
    /// The time zone, as the index that Windows has for it: 85 is GMT, 110 is that of Berlin and Rome.
    #[tf(optional, default = 85, at_least = 0)]
    pub time_zone: Value<i64>,
    /// The workgroup to join. Not together with `join_domain`.
    #[tf(optional)]
    pub workgroup: Value<String>,
}
