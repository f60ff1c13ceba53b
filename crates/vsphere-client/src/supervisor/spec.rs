//! What a Supervisor is enabled with from vSphere 8.0 on.

use serde::Serialize;

use super::cluster::{Cidr, ContentLibrary, FileVolumes, Hidden, IpRange, Proxy};

/// Objects of the API: members before the semicolon are required, the others are left out where there are none.
macro_rules! specs {
    ($($(#[$doc:meta])* $name:ident {
        $($required:ident: $required_type:ty $(as $required_name:literal)?),* ;
        $($optional:ident: $optional_type:ty $(as $optional_name:literal)?),*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
        #[allow(missing_docs, reason = "named as in the API")]
        pub struct $name {
            $($(#[serde(rename = $required_name)])? pub $required: $required_type,)*
            $(#[serde(skip_serializing_if = "Option::is_none" $(, rename = $optional_name)?)]
            pub $optional: Option<$optional_type>,)*
        }
    )*};
}

specs! {
    /// A Supervisor.
    EnableSpec { name: String, control_plane: ControlPlane, workloads: Workloads; zones: Vec<String> }
    /// Its virtual machines.
    ControlPlane { network: PlaneNetwork; size: String, storage_policy: String, count: i64 }
    /// Their network.
    PlaneNetwork {
        backing: Backing;
        network: String, services: Services, ip_management: IpManagement, proxy: Proxy,
        floating_ip: String as "floating_IP_address"
    }
    /// The networks in vSphere that are behind a network.
    Backing { backing: &'static str; network: String, network_segment: Segment }
    /// Several of them.
    Segment { networks: Vec<String>; }
    /// The services of a network.
    Services { ; dns: Dns, ntp: Ntp, syslog: Syslog }
    /// DNS.
    Dns { servers: Vec<String>, search_domains: Vec<String>; }
    /// NTP.
    Ntp { servers: Vec<String>; }
    /// Logs that are sent.
    Syslog { ; endpoint: String, certificate_authority_pem: String }
    /// The addresses of a network.
    IpManagement { dhcp_enabled: bool; gateway_address: String, ip_assignments: Vec<IpAssignment> }
    /// Addresses for a purpose.
    IpAssignment { ranges: Vec<IpRange>; assignee: String }
    /// What workloads have.
    Workloads {
        network: WorkloadNetwork, edge: Edge, kube: KubeOptions as "kube_API_server_options";
        images: Images, storage: Storage
    }
    /// Their network.
    WorkloadNetwork {
        network_type: &'static str;
        network: String, nsx: NsxNetwork, vsphere: VsphereNetwork, nsx_vpc: VpcNetwork, services: Services,
        ip_management: IpManagement
    }
    /// A network of NSX.
    NsxNetwork { dvs: String; namespace_subnet_prefix: i64 }
    /// A distributed port group.
    VsphereNetwork { dvpg: String; }
    /// VPCs of NSX.
    VpcNetwork { default_private_cidrs: Vec<Cidr>; nsx_project: String, vpc_connectivity_profile: String }
    /// The load balancer.
    Edge {
        ;
        id: String, load_balancer_address_ranges: Vec<IpRange>, provider: &'static str, haproxy: HaProxy, nsx: NsxEdge,
        nsx_advanced: NsxAdvanced, foundation: Foundation
    }
    /// HAProxy.
    HaProxy { servers: Vec<Server>, username: String, password: Hidden, certificate_authority_chain: String; }
    /// Where a load balancer is managed.
    Server { host: String, port: i64; }
    /// NSX Advanced Load Balancer.
    NsxAdvanced {
        server: Server, username: String, password: Hidden, certificate_authority_chain: String;
        cloud_name: String
    }
    /// The load balancer of NSX.
    NsxEdge {
        ;
        edge_cluster: String as "edge_cluster_ID",
        default_ingress_tls_certificate: String as "default_ingress_TLS_certificate",
        routing_mode: String, egress_ip_ranges: Vec<IpRange> as "egress_IP_ranges", t0_gateway: String,
        load_balancer_size: String
    }
    /// The load balancer of vSphere Foundation.
    Foundation { ; deployment_target: Target, interfaces: Vec<Interface>, network_services: Services }
    /// Where it is deployed.
    Target { ; zones: Vec<String>, storage_policy: String, deployment_size: String, availability: String }
    /// One of its network interfaces.
    Interface { personas: Vec<String>, network: InterfaceNetwork; }
    /// The network of an interface.
    InterfaceNetwork { network_type: String; dvpg_network: PortGroup }
    /// A distributed port group for an interface.
    PortGroup { name: String, network: String, ipam: String; ip_config: IpConfig }
    /// The addresses of an interface.
    IpConfig { ip_ranges: Vec<IpRange>, gateway: String; }
    /// The API server of Kubernetes.
    KubeOptions { ; security: Security }
    /// Its certificate.
    Security { certificate_dns_names: Vec<String>; }
    /// Images of containers and virtual machines.
    Images { ; registry: Registry, repository: String, kubernetes_content_library: String, content_libraries: Vec<ContentLibrary> }
    /// The registry of containers.
    Registry { hostname: String, port: i64; username: String, password: Hidden, certificate_chain: String }
    /// Storage policies.
    Storage { ; cloud_native_file_volume: FileVolumes, ephemeral_storage_policy: String, image_storage_policy: String }
    /// A change of a load balancer.
    LoadBalancerChange {
        ;
        provider: String, address_ranges: Vec<IpRange>, ha_proxy: Login as "ha_proxy_config_update_spec",
        avi: Login as "avi_config_update_spec"
    }
    /// How a load balancer is managed.
    Login { ; username: String, password: Hidden, certificate_authority_chain: String }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_of_the_api() {
        let edge =
            NsxEdge { egress_ip_ranges: Some(vec![]), edge_cluster: Some("e".into()), ..NsxEdge::default() };
        assert_eq!(json!(edge), json!({"edge_cluster_ID": "e", "egress_IP_ranges": []}));
        let work =
            Workloads { kube: KubeOptions { security: Some(Security::default()) }, ..Workloads::default() };
        assert_eq!(
            json!(work)["kube_API_server_options"],
            json!({"security": {"certificate_dns_names": []}})
        );
        assert!(json!(EnableSpec::default()).get("zones").is_none());
    }
}
