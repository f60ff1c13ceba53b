//! From the configuration to what vCenter takes. Pure.
use super::M;
use super::model::{
    ControlPlane, Dns, Edge, EdgeServices, Foundation, HaProxy, Images, Interface, IpManagement, IpRange,
    NsxAdvanced, Ntp, PlaneNetwork, Proxy, Services, Storage, WorkloadNetwork, Workloads,
};
use tf_framework::{Secret, Value};
use vsphere_client::supervisor::{self as api, Hidden, ImageStorage, Settings, spec};

/// A text that is set and not empty.
fn text(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

/// Elements, if there are any.
fn list(v: &Value<Vec<String>>) -> Option<Vec<String>> {
    v.non_empty().cloned()
}

fn number(v: &Value<i64>) -> Option<i64> {
    v.known().copied().filter(|n| *n != 0)
}

fn hidden(v: &Value<Secret>) -> Option<Hidden> {
    v.known().filter(|s| !s.expose().is_empty()).map(|s| Hidden(s.expose().to_owned()))
}

/// The password that is sent: a write-only one is in the configuration only.
fn password(stored: &Value<Secret>, write_only: Option<&Value<Secret>>) -> Hidden {
    write_only.and_then(hidden).or_else(|| hidden(stored)).unwrap_or_default()
}

fn ranges(blocks: &Value<Vec<IpRange>>) -> Option<Vec<api::IpRange>> {
    let range = |r: &IpRange| api::IpRange { address: r.address.get(), count: r.count.get() };
    blocks.non_empty().map(|b| b.iter().map(range).collect())
}

fn dns(blocks: &Value<Vec<Dns>>) -> Option<spec::Dns> {
    blocks.first().map(|d| spec::Dns { servers: d.servers.get(), search_domains: d.search_domains.get() })
}

fn ntp(blocks: &Value<Vec<Ntp>>) -> Option<spec::Ntp> {
    blocks.first().map(|n| spec::Ntp { servers: n.servers.get() })
}

fn services(s: &Services) -> spec::Services {
    spec::Services { dns: dns(&s.dns), ntp: ntp(&s.ntp), syslog: None }
}

fn edge_services(s: &EdgeServices) -> spec::Services {
    let syslog = s
        .syslog
        .first()
        .map(|l| spec::Syslog { endpoint: text(&l.endpoint), certificate_authority_pem: text(&l.ca_cert) });
    spec::Services { dns: dns(&s.dns), ntp: ntp(&s.ntp), syslog }
}

fn ip_management(m: &IpManagement) -> spec::IpManagement {
    let assignment = |a: &super::model::IpAssignment| spec::IpAssignment {
        ranges: ranges(&a.range).unwrap_or_default(),
        assignee: text(&a.assignee),
    };
    spec::IpManagement {
        dhcp_enabled: m.dhcp_enabled.get(),
        gateway_address: text(&m.gateway_address),
        ip_assignments: m
            .ip_assignment
            .known()
            .filter(|a| !a.is_empty())
            .map(|a| a.iter().map(assignment).collect()),
    }
}

fn proxy(p: &Proxy) -> api::Proxy {
    api::Proxy {
        proxy_settings_source: p.settings_source.get(),
        http_proxy_config: hidden(&p.http_config),
        https_proxy_config: hidden(&p.https_config),
        no_proxy_config: list(&p.no_proxy_config),
        tls_root_ca_bundle: text(&p.tls_root_ca_bundle),
    }
}

fn plane_network(n: &PlaneNetwork) -> spec::PlaneNetwork {
    let backing = n.backing.first().cloned().unwrap_or_default();
    let network = text(&backing.network);
    spec::PlaneNetwork {
        backing: spec::Backing {
            backing: if network.is_some() { "NETWORK" } else { "NETWORK_SEGMENT" },
            network,
            network_segment: list(&backing.segments).map(|networks| spec::Segment { networks }),
        },
        network: text(&n.network),
        services: n.services.first().map(services),
        ip_management: n.ip_management.first().map(ip_management),
        proxy: n.proxy.first().map(proxy),
        floating_ip: text(&n.floating_ip),
    }
}

fn control_plane(c: &ControlPlane) -> spec::ControlPlane {
    spec::ControlPlane {
        network: c.network.first().map(plane_network).unwrap_or_default(),
        size: text(&c.size),
        storage_policy: text(&c.storage_policy),
        count: number(&c.count),
    }
}

fn workload_network(n: &WorkloadNetwork) -> spec::WorkloadNetwork {
    let (nsx, vpc) = (n.nsx.first(), n.nsx_vpc.first());
    spec::WorkloadNetwork {
        network_type: match (nsx, vpc) {
            (Some(_), _) => "NSXT",
            (_, Some(_)) => "NSX_VPC",
            _ => "VSPHERE",
        },
        network: text(&n.network),
        nsx: nsx.map(|n| spec::NsxNetwork {
            dvs: n.dvs.get(),
            namespace_subnet_prefix: number(&n.namespace_subnet_prefix),
        }),
        vsphere: n.vsphere.first().map(|v| spec::VsphereNetwork { dvpg: v.dvpg.get() }),
        nsx_vpc: vpc.map(|v| spec::VpcNetwork {
            default_private_cidrs: v.default_private_cidr.get().iter().map(|c| c.spec()).collect(),
            nsx_project: text(&v.nsx_project),
            vpc_connectivity_profile: text(&v.vpc_connectivity_profile),
        }),
        services: n.services.first().map(services),
        ip_management: n.ip_management.first().map(ip_management),
    }
}

fn interface(i: &Interface) -> spec::Interface {
    let network = i.network.first();
    let port_group = network.and_then(|n| n.dvpg_network.first()).map(|p| spec::PortGroup {
        name: p.name.get(),
        network: p.network.get(),
        ipam: p.ipam.get(),
        ip_config: p.ip_config.first().map(|c| spec::IpConfig {
            ip_ranges: ranges(&c.ip_range).unwrap_or_default(),
            gateway: c.gateway.get(),
        }),
    });
    spec::Interface {
        personas: i.personas.get(),
        network: spec::InterfaceNetwork {
            network_type: network.map(|n| n.network_type.get()).unwrap_or_default(),
            dvpg_network: port_group,
        },
    }
}

fn foundation(f: &Foundation) -> spec::Foundation {
    spec::Foundation {
        deployment_target: f.deployment_target.first().map(|t| spec::Target {
            zones: list(&t.zones),
            storage_policy: text(&t.storage_policy),
            deployment_size: text(&t.deployment_size),
            availability: text(&t.availability),
        }),
        interfaces: f.interface.non_empty().map(|i| i.iter().map(interface).collect()),
        network_services: f.network_services.first().map(edge_services),
    }
}

fn edge(e: &Edge, config: Option<&Edge>) -> spec::Edge {
    let haproxy = e.haproxy.first().map(|h| spec::HaProxy {
        servers: h
            .server
            .get()
            .iter()
            .map(|s| spec::Server { host: s.host.get(), port: s.port.get() })
            .collect(),
        username: h.username.get(),
        password: haproxy_password(h, config),
        certificate_authority_chain: h.ca_chain.get(),
    });
    let nsx = e.nsx.first().map(|n| spec::NsxEdge {
        edge_cluster: text(&n.edge_cluster),
        default_ingress_tls_certificate: text(&n.default_ingress_tls_certificate),
        routing_mode: text(&n.routing_mode),
        egress_ip_ranges: ranges(&n.egress_ip_range),
        t0_gateway: text(&n.t0_gateway),
        load_balancer_size: text(&n.load_balancer_size),
    });
    let nsx_advanced = e.nsx_advanced.first().map(|a| spec::NsxAdvanced {
        server: spec::Server { host: a.host.get(), port: a.port.get() },
        username: a.username.get(),
        password: nsx_advanced_password(a, config),
        certificate_authority_chain: a.ca_chain.get(),
        cloud_name: text(&a.cloud_name),
    });
    let foundation = e.foundation.first().map(foundation);
    let provider = [
        ("HAPROXY", haproxy.is_some()),
        ("NSX", nsx.is_some()),
        ("NSX_ADVANCED", nsx_advanced.is_some()),
        ("VSPHERE_FOUNDATION", foundation.is_some()),
    ];
    spec::Edge {
        id: text(&e.id),
        load_balancer_address_ranges: ranges(&e.lb_address_range),
        provider: provider.into_iter().find(|(_, is)| *is).map(|(name, _)| name),
        haproxy,
        nsx,
        nsx_advanced,
        foundation,
    }
}

fn haproxy_password(h: &HaProxy, config: Option<&Edge>) -> Hidden {
    password(&h.password, config.and_then(|c| c.haproxy.first()).map(|h| &h.password_wo))
}

fn nsx_advanced_password(a: &NsxAdvanced, config: Option<&Edge>) -> Hidden {
    password(&a.password, config.and_then(|c| c.nsx_advanced.first()).map(|a| &a.password_wo))
}

fn libraries(i: &Images) -> Vec<api::ContentLibrary> {
    let library = |l: &super::model::ContentLibrary| api::ContentLibrary {
        content_library: l.content_library.get(),
        supervisor_services: list(&l.supervisor_services),
        resource_naming_strategy: text(&l.resource_naming_strategy),
    };
    i.content_library.get().iter().map(library).collect()
}

fn images(i: &Images, config: Option<&Images>) -> spec::Images {
    let write_only = config.and_then(|c| c.registry.first()).map(|r| &r.password_wo);
    spec::Images {
        registry: i.registry.first().map(|r| spec::Registry {
            hostname: r.hostname.get(),
            port: r.port.get(),
            username: text(&r.username),
            password: Some(password(&r.password, write_only)).filter(|p| *p != Hidden::default()),
            certificate_chain: text(&r.ca_chain),
        }),
        repository: text(&i.repository),
        kubernetes_content_library: text(&i.kubernetes_content_library),
        content_libraries: Some(libraries(i)),
    }
}

fn file_volumes(s: &Storage) -> Option<api::FileVolumes> {
    s.cloud_native_file_volume.first().map(|v| api::FileVolumes { vsan_clusters: v.vsan_clusters.get() })
}

fn workloads(w: &Workloads, config: Option<&Workloads>) -> spec::Workloads {
    let security = w.kube_api_server_options.first().and_then(|k| k.security.first());
    spec::Workloads {
        network: w.network.first().map(workload_network).unwrap_or_default(),
        edge: w.edge.first().map(|e| edge(e, config.and_then(|c| c.edge.first()))).unwrap_or_default(),
        kube: spec::KubeOptions {
            security: security
                .map(|s| spec::Security { certificate_dns_names: s.certificate_dns_names.get() }),
        },
        images: w.images.first().map(|i| images(i, config.and_then(|c| c.images.first()))),
        storage: w.storage.first().map(|s| spec::Storage {
            cloud_native_file_volume: file_volumes(s),
            ephemeral_storage_policy: text(&s.ephemeral_storage_policy),
            image_storage_policy: text(&s.image_storage_policy),
        }),
    }
}

/// What a Supervisor is enabled with. `config` has the write-only passwords.
pub(super) fn enable(plan: &M, config: Option<&M>) -> spec::EnableSpec {
    let config = config.and_then(|c| c.workloads.first());
    spec::EnableSpec {
        name: plan.name.get(),
        control_plane: plan.control_plane.first().map(control_plane).unwrap_or_default(),
        workloads: plan.workloads.first().map(|w| workloads(w, config)).unwrap_or_default(),
        zones: list(&plan.zones),
    }
}

/// The settings that can be changed later, as far as they are set.
pub(super) fn settings(m: &M) -> Settings {
    let (plane, work) = (m.control_plane.first(), m.workloads.first());
    let network = plane.and_then(|p| p.network.first());
    let plane_services = network.and_then(|n| n.services.first()).map(services).unwrap_or_default();
    let work_network = work.and_then(|w| w.network.first());
    let work_services = work_network.and_then(|n| n.services.first()).map(services).unwrap_or_default();
    let images = work.and_then(|w| w.images.first());
    let storage = work.and_then(|w| w.storage.first());
    let security = work.and_then(|w| w.kube_api_server_options.first()).and_then(|k| k.security.first());
    let (servers, domains) = plane_services.dns.map(|d| (d.servers, d.search_domains)).unzip();
    Settings {
        size_hint: plane.and_then(|p| text(&p.size)),
        count: plane.and_then(|p| number(&p.count)),
        master_dns: servers,
        search_domains: domains,
        master_ntp: plane_services.ntp.map(|n| n.servers),
        worker_dns: work_services.dns.map(|d| d.servers),
        worker_ntp: work_services.ntp.map(|n| n.servers),
        dns_names: security.map(|s| s.certificate_dns_names.get()),
        master_storage_policy: plane.and_then(|p| text(&p.storage_policy)),
        ephemeral_storage_policy: storage.and_then(|s| text(&s.ephemeral_storage_policy)),
        image_storage: storage
            .and_then(|s| text(&s.image_storage_policy))
            .map(|storage_policy| ImageStorage { storage_policy }),
        cns_file_config: storage.and_then(file_volumes),
        default_image_repository: images.and_then(|i| text(&i.repository)),
        kubernetes_library: images.and_then(|i| text(&i.kubernetes_content_library)),
        content_libraries: images.map(libraries),
        proxy: network.and_then(|n| n.proxy.first()).map(proxy),
        floating_ip: network.and_then(|n| text(&n.floating_ip)),
    }
}

/// The change of the load balancer, if there is one. `config` has the write-only passwords.
pub(super) fn load_balancer(prior: &M, plan: &M, config: Option<&M>) -> Option<spec::LoadBalancerChange> {
    let of = |m: &M| m.workloads.first().and_then(|w| w.edge.first()).cloned();
    let (was, is) = (of(prior)?, of(plan)?);
    let config = config.and_then(of);
    let mut change = spec::LoadBalancerChange::default();
    if was.lb_address_range != is.lb_address_range {
        change.address_ranges = Some(ranges(&is.lb_address_range).unwrap_or_default());
    }
    let login = |username: &Value<String>, password: Hidden, chain: &Value<String>| spec::Login {
        username: text(username),
        password: Some(password).filter(|p| *p != Hidden::default()),
        certificate_authority_chain: text(chain),
    };
    if let Some(h) = is.haproxy.first().filter(|h| was.haproxy.first() != Some(h)) {
        change.ha_proxy = Some(login(&h.username, haproxy_password(h, config.as_ref()), &h.ca_chain));
    }
    if let Some(a) = is.nsx_advanced.first().filter(|a| was.nsx_advanced.first() != Some(a)) {
        change.avi = Some(login(&a.username, nsx_advanced_password(a, config.as_ref()), &a.ca_chain));
    }
    if change == spec::LoadBalancerChange::default() {
        return None;
    }
    let provider = if is.haproxy.first().is_some() { "HA_PROXY" } else { "AVI" };
    change.provider = Some(provider.to_owned());
    Some(change)
}
