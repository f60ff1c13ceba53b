//! The blocks of `vsphere_supervisor_v2`.
use crate::supervisor::common::not_blank;
use crate::supervisor::supervisor::{CidrModel, ipv4};
use std::net::IpAddr;
use tf_framework::{Dynamic, Model, Secret, Value, same};

/// The control plane virtual machines.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ControlPlane {
    /// The number of control plane virtual machines: `1` or `3`. Defaults to 3. Requires vSphere 9.0 or later.
    #[tf(optional, check = one_or_three)]
    pub count: Value<i64>,
    /// The size of the control plane virtual machines: `TINY`, `SMALL`, `MEDIUM` or `LARGE`. Defaults to `SMALL`.
    #[tf(optional, one_of("TINY", "SMALL", "MEDIUM", "LARGE"))]
    pub size: Value<String>,
    /// The ID of the storage policy for the control plane virtual machines.
    #[tf(optional)]
    pub storage_policy: Value<String>,
    /// The management network of the control plane virtual machines.
    #[tf(block, min = 1, max = 1)]
    pub network: Value<Vec<PlaneNetwork>>,
}

/// The management network of the control plane virtual machines.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PlaneNetwork {
    /// The identifier of the network in the Supervisor. Changing this forces a new resource.
    #[tf(optional)]
    pub network: Value<String>,
    /// The floating IP address of the control plane, used if the management network uses DHCP.
    #[tf(optional)]
    pub floating_ip: Value<String>,
    /// The vSphere networks of the management network. Changing this forces a new resource.
    #[tf(block, min = 1, max = 1)]
    pub backing: Value<Vec<Backing>>,
    /// The network services of the management network.
    #[tf(block, max = 1)]
    pub services: Value<Vec<Services>>,
    /// The address management of the management network. Changing this forces a new resource.
    #[tf(block, max = 1)]
    pub ip_management: Value<Vec<IpManagement>>,
    /// The proxy of the Supervisor.
    #[tf(block, max = 1)]
    pub proxy: Value<Vec<Proxy>>,
}

/// The vSphere networks of the management network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Backing {
    /// The managed object ID of the network, such as `network-47`. Exactly one of `network` and `segments` must be set.
    #[tf(optional, check = not_blank)]
    pub network: Value<String>,
    /// The managed object IDs of the networks in a network segment.
    #[tf(optional, each(check = not_blank))]
    pub segments: Value<Vec<String>>,
}

/// The services of a network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Services {
    /// The DNS settings.
    #[tf(block, max = 1)]
    pub dns: Value<Vec<Dns>>,
    /// The NTP settings.
    #[tf(block, max = 1)]
    pub ntp: Value<Vec<Ntp>>,
}

/// The DNS settings of a network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Dns {
    /// The DNS servers, in order of preference.
    #[tf(required, each(check = ipv4))]
    pub servers: Value<Vec<String>>,
    /// The DNS search domains. Changing the search domains of a workload network or load balancer forces a new
    /// resource.
    #[tf(required, each(check = not_blank))]
    pub search_domains: Value<Vec<String>>,
}

/// The NTP settings of a network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Ntp {
    /// The NTP servers, in order of preference.
    #[tf(required, each(check = not_blank))]
    pub servers: Value<Vec<String>>,
}

/// The address management of a network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct IpManagement {
    /// Whether addresses are assigned by DHCP.
    #[tf(optional)]
    pub dhcp_enabled: Value<bool>,
    /// The address of the gateway with the prefix length of the network, such as `192.168.1.1/24`.
    #[tf(optional, check = gateway)]
    pub gateway_address: Value<String>,
    /// The static addresses, by purpose.
    #[tf(block)]
    pub ip_assignment: Value<Vec<IpAssignment>>,
}

/// Static addresses for a purpose.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct IpAssignment {
    /// The purpose of the addresses: `POD`, `NODE` or `SERVICE`.
    #[tf(optional, one_of("POD", "NODE", "SERVICE"))]
    pub assignee: Value<String>,
    /// The address ranges.
    #[tf(block)]
    pub range: Value<Vec<IpRange>>,
}

/// An address range.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct IpRange {
    /// The first address of the range.
    #[tf(required, check = ipv4)]
    pub address: Value<String>,
    /// The number of addresses in the range.
    #[tf(required, at_least = 1)]
    pub count: Value<i64>,
}

/// The proxy of a Supervisor.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Proxy {
    /// The source of the proxy settings: `VC_INHERITED`, `CLUSTER_CONFIGURED` or `NONE`. The other arguments are used
    /// only with `CLUSTER_CONFIGURED`.
    #[tf(required, one_of("VC_INHERITED", "CLUSTER_CONFIGURED", "NONE"))]
    pub settings_source: Value<String>,
    /// The URL of the HTTP proxy, which may contain a user name and password.
    #[tf(optional, sensitive)]
    pub http_config: Value<Secret>,
    /// The URL of the HTTPS proxy, which may contain a user name and password.
    #[tf(optional, sensitive)]
    pub https_config: Value<Secret>,
    /// The certificates of the certificate authorities of the proxy, in PEM format.
    #[tf(optional, check = not_blank)]
    pub tls_root_ca_bundle: Value<String>,
    /// The addresses to access without the proxy.
    #[tf(optional, each(check = not_blank))]
    pub no_proxy_config: Value<Vec<String>>,
}

/// The settings for workloads.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Workloads {
    /// The primary workload network.
    #[tf(block, min = 1, max = 1)]
    pub network: Value<Vec<WorkloadNetwork>>,
    /// The load balancer.
    #[tf(block, min = 1, max = 1)]
    pub edge: Value<Vec<Edge>>,
    /// The Kubernetes API server.
    #[tf(block, min = 1, max = 1)]
    pub kube_api_server_options: Value<Vec<KubeOptions>>,
    /// The images of containers and virtual machines.
    #[tf(block, max = 1)]
    pub images: Value<Vec<Images>>,
    /// The storage for workloads.
    #[tf(block, max = 1)]
    pub storage: Value<Vec<Storage>>,
}

/// The primary workload network.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct WorkloadNetwork {
    /// The identifier of the network in the Supervisor, such as `primary`. Changing this forces a new resource.
    #[tf(optional, check = not_blank)]
    pub network: Value<String>,
    /// A network on a distributed port group. Exactly one of `vsphere`, `nsx` and `nsx_vpc` must be set. Changing this
    /// forces a new resource.
    #[tf(block, max = 1)]
    pub vsphere: Value<Vec<VsphereNetwork>>,
    /// A network of NSX. Changing this forces a new resource.
    #[tf(block, max = 1)]
    pub nsx: Value<Vec<NsxNetwork>>,
    /// A network in NSX VPCs. Changing this forces a new resource.
    #[tf(block, max = 1)]
    pub nsx_vpc: Value<Vec<VpcNetwork>>,
    /// The network services of the workload network.
    #[tf(block, max = 1)]
    pub services: Value<Vec<Services>>,
    /// The address management of the workload network. Changing this forces a new resource.
    #[tf(block, max = 1)]
    pub ip_management: Value<Vec<IpManagement>>,
}

/// A workload network on a distributed port group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsphereNetwork {
    /// The managed object ID of the distributed port group, such as `dvportgroup-66`.
    #[tf(required, check = not_blank)]
    pub dvpg: Value<String>,
}

/// A workload network of NSX.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NsxNetwork {
    /// The UUID of the distributed switch.
    #[tf(required, check = not_blank)]
    pub dvs: Value<String>,
    /// The prefix length of the subnet for the segments of a namespace.
    #[tf(optional)]
    pub namespace_subnet_prefix: Value<i64>,
}

/// A workload network in NSX VPCs.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VpcNetwork {
    /// The NSX project for the VPCs of the Supervisor.
    #[tf(optional, check = not_blank)]
    pub nsx_project: Value<String>,
    /// The identifier of the VPC connectivity profile.
    #[tf(optional, check = not_blank)]
    pub vpc_connectivity_profile: Value<String>,
    /// The CIDR blocks for private subnets.
    #[tf(block, min = 1)]
    pub default_private_cidr: Value<Vec<CidrModel>>,
}

/// The load balancer of a Supervisor.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Edge {
    /// The identifier of the load balancer. Changing this forces a new resource.
    #[tf(optional, check = not_blank)]
    pub id: Value<String>,
    /// The address ranges for Kubernetes services. Changed in place for `haproxy` and `nsx_advanced`.
    #[tf(block)]
    pub lb_address_range: Value<Vec<IpRange>>,
    /// The vSphere Foundation Load Balancer. At most one of `foundation`, `haproxy`, `nsx` and `nsx_advanced` can be
    /// set. Requires vSphere 9.0 or later. Changing this forces a new resource.
    #[tf(block, max = 1)]
    pub foundation: Value<Vec<Foundation>>,
    /// HAProxy. Changing `server` forces a new resource.
    #[tf(block, max = 1)]
    pub haproxy: Value<Vec<HaProxy>>,
    /// The NSX load balancer. Changing this forces a new resource.
    #[tf(block, max = 1)]
    pub nsx: Value<Vec<NsxEdge>>,
    /// NSX Advanced Load Balancer. Changing `host`, `port` or `cloud_name` forces a new resource.
    #[tf(block, max = 1)]
    pub nsx_advanced: Value<Vec<NsxAdvanced>>,
}

/// The vSphere Foundation Load Balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Foundation {
    /// The placement of the load balancer.
    #[tf(block, max = 1)]
    pub deployment_target: Value<Vec<Target>>,
    /// The network interfaces of the load balancer.
    #[tf(block)]
    pub interface: Value<Vec<Interface>>,
    /// The network services of the load balancer.
    #[tf(block, max = 1)]
    pub network_services: Value<Vec<EdgeServices>>,
}

/// The placement of a load balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Target {
    /// The availability of the load balancer: `ACTIVE_PASSIVE` or `SINGLE_NODE`.
    #[tf(optional, one_of("ACTIVE_PASSIVE", "SINGLE_NODE"))]
    pub availability: Value<String>,
    /// The names of the vSphere Zones to which to deploy the load balancer.
    #[tf(optional, each(check = not_blank))]
    pub zones: Value<Vec<String>>,
    /// The size of the load balancer: `SMALL`, `MEDIUM`, `LARGE` or `X_LARGE`.
    #[tf(optional, one_of("SMALL", "MEDIUM", "LARGE", "X_LARGE"))]
    pub deployment_size: Value<String>,
    /// The ID of the storage policy for the load balancer.
    #[tf(optional, check = not_blank)]
    pub storage_policy: Value<String>,
}

/// A network interface of a load balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Interface {
    /// The types of traffic: `MANAGEMENT`, `WORKLOAD` or `FRONTEND`.
    #[tf(required, each(one_of("MANAGEMENT", "WORKLOAD", "FRONTEND")))]
    pub personas: Value<Vec<String>>,
    /// The network of the interface.
    #[tf(block, min = 1, max = 1)]
    pub network: Value<Vec<InterfaceNetwork>>,
}

/// The network of a network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct InterfaceNetwork {
    /// The type of the network: `SUPERVISOR_MANAGEMENT`, `PRIMARY_WORKLOAD` or `DVPG`.
    #[tf(required, one_of("SUPERVISOR_MANAGEMENT", "PRIMARY_WORKLOAD", "DVPG"))]
    pub network_type: Value<String>,
    /// The distributed port group, for the type `DVPG`.
    #[tf(block, max = 1)]
    pub dvpg_network: Value<Vec<PortGroup>>,
}

/// The distributed port group of a network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PortGroup {
    /// The name of the network in the Supervisor.
    #[tf(required, check = not_blank)]
    pub name: Value<String>,
    /// The managed object ID of the distributed port group.
    #[tf(required, check = not_blank)]
    pub network: Value<String>,
    /// How addresses are assigned: `STATIC` or `DHCP`.
    #[tf(required, check = not_blank, expected("STATIC", "DHCP"))]
    pub ipam: Value<String>,
    /// The static addresses.
    #[tf(block, max = 1)]
    pub ip_config: Value<Vec<IpConfig>>,
}

/// The static addresses of a network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct IpConfig {
    /// The address ranges.
    #[tf(block, min = 1)]
    pub ip_range: Value<Vec<IpRange>>,
    /// The address of the gateway with the prefix length of the network, such as `192.168.1.1/24`.
    #[tf(required, check = gateway)]
    pub gateway: Value<String>,
}

/// The network services of a load balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EdgeServices {
    /// The DNS settings.
    #[tf(block, max = 1)]
    pub dns: Value<Vec<Dns>>,
    /// The NTP settings.
    #[tf(block, max = 1)]
    pub ntp: Value<Vec<Ntp>>,
    /// The forwarding of logs.
    #[tf(block, max = 1)]
    pub syslog: Value<Vec<Syslog>>,
}

/// The forwarding of logs.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Syslog {
    /// The syslog server, such as `tcp://syslog.example.com:514`.
    #[tf(optional, check = not_blank)]
    pub endpoint: Value<String>,
    /// The certificate of the certificate authority of the syslog server, in PEM format.
    #[tf(optional, check = not_blank)]
    pub ca_cert: Value<String>,
}

/// HAProxy as the load balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct HaProxy {
    /// The servers of the data plane API.
    #[tf(block, min = 1)]
    pub server: Value<Vec<Server>>,
    /// The user name for the data plane API.
    #[tf(required)]
    pub username: Value<String>,
    /// The password for the data plane API. The password is stored in the state; to avoid this, use `password_wo`.
    /// Exactly one of `password` and `password_wo` must be set.
    #[tf(optional, sensitive, exactly_one_of("password", "password_wo"))]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: the current `password_wo`
    /// is then set.
    #[tf(optional)]
    pub password_wo_version: Value<String>,
    /// The certificate authority chain of the data plane API, in PEM format.
    #[tf(required)]
    pub ca_chain: Value<String>,
}

/// A server of the data plane API.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Server {
    /// The IP address of the server.
    #[tf(required, check = ipv4)]
    pub host: Value<String>,
    /// The port of the server.
    #[tf(required, range(1, 65535))]
    pub port: Value<i64>,
}

/// The NSX load balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NsxEdge {
    /// The ID of the NSX edge cluster.
    #[tf(optional, check = not_blank)]
    pub edge_cluster: Value<String>,
    /// The size of the load balancer: `SMALL`, `MEDIUM` or `LARGE`.
    #[tf(optional, one_of("SMALL", "MEDIUM", "LARGE"))]
    pub load_balancer_size: Value<String>,
    /// The ID of the tier-0 gateway.
    #[tf(optional, check = not_blank)]
    pub t0_gateway: Value<String>,
    /// The routing mode: `ROUTED` or `NAT`.
    #[tf(optional, one_of("ROUTED", "NAT"))]
    pub routing_mode: Value<String>,
    /// The default TLS certificate of ingresses, in PEM format.
    #[tf(optional, check = not_blank)]
    pub default_ingress_tls_certificate: Value<String>,
    /// The address ranges for SNAT.
    #[tf(block)]
    pub egress_ip_range: Value<Vec<IpRange>>,
}

/// NSX Advanced Load Balancer.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NsxAdvanced {
    /// The IP address of the Avi Controller.
    #[tf(required, check = ipv4)]
    pub host: Value<String>,
    /// The port of the Avi Controller.
    #[tf(required, range(1, 65535))]
    pub port: Value<i64>,
    /// The user name for the Avi Controller.
    #[tf(required, check = not_blank)]
    pub username: Value<String>,
    /// The password for the Avi Controller. The password is stored in the state; to avoid this, use `password_wo`.
    /// Exactly one of `password` and `password_wo` must be set.
    #[tf(optional, sensitive, exactly_one_of("password", "password_wo"))]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: the current `password_wo`
    /// is then set.
    #[tf(optional)]
    pub password_wo_version: Value<String>,
    /// The certificate authority chain of the Avi Controller, in PEM format.
    #[tf(required, check = not_blank)]
    pub ca_chain: Value<String>,
    /// The name of the cloud in the Avi Controller. Defaults to `Default-Cloud`.
    #[tf(optional, check = not_blank)]
    pub cloud_name: Value<String>,
}

/// The Kubernetes API server.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct KubeOptions {
    /// The security settings of the Kubernetes API server.
    #[tf(block, max = 1)]
    pub security: Value<Vec<Security>>,
}

/// The security settings of the Kubernetes API server.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Security {
    /// The DNS names in the certificate, in any order.
    #[tf(required, same = same::unordered, each(check = not_blank))]
    pub certificate_dns_names: Value<Vec<String>>,
}

/// The images of containers and virtual machines.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Images {
    /// The container registry. Changing this forces a new resource.
    #[tf(block, min = 1, max = 1)]
    pub registry: Value<Vec<Registry>>,
    /// The default container image repository.
    #[tf(required, check = not_blank)]
    pub repository: Value<String>,
    /// The ID of the content library with the Kubernetes releases.
    #[tf(required, check = not_blank)]
    pub kubernetes_content_library: Value<String>,
    /// The other content libraries of the Supervisor.
    #[tf(block, min = 1)]
    pub content_library: Value<Vec<ContentLibrary>>,
}

/// A content library of a Supervisor.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ContentLibrary {
    /// The ID of the content library.
    #[tf(required, check = not_blank)]
    pub content_library: Value<String>,
    /// The IDs of the Supervisor Services that use the content library.
    #[tf(optional, each(check = not_blank))]
    pub supervisor_services: Value<Vec<String>>,
    /// How the Kubernetes names of images are generated: `FROM_ITEM_ID` or `PREFER_ITEM_SOURCE_ID`.
    #[tf(optional, check = not_blank, expected("FROM_ITEM_ID", "PREFER_ITEM_SOURCE_ID"))]
    pub resource_naming_strategy: Value<String>,
}

/// A container registry.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Registry {
    /// The host name or IP address of the container registry.
    #[tf(required, check = not_blank)]
    pub hostname: Value<String>,
    /// The port of the container registry.
    #[tf(required, range(1, 65535))]
    pub port: Value<i64>,
    /// The user name for the container registry.
    #[tf(required, check = not_blank)]
    pub username: Value<String>,
    /// The password for the container registry. The password is stored in the state; to avoid this, use `password_wo`.
    /// Exactly one of `password` and `password_wo` must be set.
    #[tf(optional, sensitive, exactly_one_of("password", "password_wo"))]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Changing this forces a new resource, which uses the current
    /// `password_wo`.
    #[tf(optional)]
    pub password_wo_version: Value<String>,
    /// The certificate authority chain of the container registry, in PEM format.
    #[tf(required, check = not_blank)]
    pub ca_chain: Value<String>,
}

/// The storage for workloads.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Storage {
    /// The ID of the storage policy for the ephemeral disks of pods. Defaults to that of the control plane.
    #[tf(optional, check = not_blank)]
    pub ephemeral_storage_policy: Value<String>,
    /// The ID of the storage policy for container images. Defaults to that of the control plane.
    #[tf(optional, check = not_blank)]
    pub image_storage_policy: Value<String>,
    /// The vSAN file volumes.
    #[tf(block, max = 1)]
    pub cloud_native_file_volume: Value<Vec<FileVolumes>>,
}

/// The vSAN file volumes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct FileVolumes {
    /// The managed object IDs of the vSAN clusters.
    #[tf(required, each(check = not_blank))]
    pub vsan_clusters: Value<Vec<String>>,
}

fn one_or_three(v: &Dynamic) -> Result<(), String> {
    match v {
        // Zero is unset.
        Dynamic::Int(n) if ![0, 1, 3].contains(n) => {
            Err(format!("A Supervisor has 1 or 3 control plane virtual machines, got: {n}."))
        }
        _ => Ok(()),
    }
}

fn gateway(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let prefix = text.split_once('/').and_then(|(address, prefix)| {
        let longest = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
        prefix.parse::<u8>().ok().filter(|p| *p <= longest)
    });
    match prefix {
        Some(_) => Ok(()),
        None => Err(format!(
            "{text:?} is not an address with a prefix length. Expected a value such as \"192.168.1.1/24\"."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_have_a_prefix_length() {
        for (text, fits) in [
            ("192.168.1.1/24", true),
            ("fd00::1/64", true),
            ("192.168.1.1", false),
            ("192.168.1.1/33", false),
            ("gateway/24", false),
            ("", false),
        ] {
            assert_eq!(gateway(&text.into()).is_ok(), fits, "{text}");
        }
    }
}
