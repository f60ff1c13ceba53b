//! From the configuration to what vCenter takes. Pure.
use super::M;
use super::model::{
    ControlPlane, Dns, Edge, EdgeServices, Foundation, HaProxy, Images, Interface, IpManagement, IpRange,
    NsxAdvanced, Ntp, PlaneNetwork, Proxy, Services, Storage, WorkloadNetwork, Workloads,
};
use tf_framework::{Secret, Value};
use vsphere_client::supervisor::{self as api, Hidden, ImageStorage, Settings, spec};

/// The first block.
pub(super) fn first<T>(blocks: &Value<Vec<T>>) -> Option<&T> {
    blocks.known()?.first()
}

/// A text that is set and not empty.
fn text(v: &Value<String>) -> Option<String> {
    v.known().filter(|t| !t.is_empty()).cloned()
}

/// Elements, if there are any.
fn list(v: &Value<Vec<String>>) -> Option<Vec<String>> {
    v.known().filter(|l| !l.is_empty()).cloned()
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
    blocks.known().filter(|b| !b.is_empty()).map(|b| b.iter().map(range).collect())
}

fn dns(blocks: &Value<Vec<Dns>>) -> Option<spec::Dns> {
    first(blocks).map(|d| spec::Dns { servers: d.servers.get(), search_domains: d.search_domains.get() })
}

fn ntp(blocks: &Value<Vec<Ntp>>) -> Option<spec::Ntp> {
    first(blocks).map(|n| spec::Ntp { servers: n.servers.get() })
}

fn services(s: &Services) -> spec::Services {
    spec::Services { dns: dns(&s.dns), ntp: ntp(&s.ntp), syslog: None }
}

fn edge_services(s: &EdgeServices) -> spec::Services {
    let syslog = first(&s.syslog)
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
    let backing = first(&n.backing).cloned().unwrap_or_default();
    let network = text(&backing.network);
    spec::PlaneNetwork {
        backing: spec::Backing {
            backing: if network.is_some() { "NETWORK" } else { "NETWORK_SEGMENT" },
            network,
            network_segment: list(&backing.segments).map(|networks| spec::Segment { networks }),
        },
        network: text(&n.network),
        services: first(&n.services).map(services),
        ip_management: first(&n.ip_management).map(ip_management),
        proxy: first(&n.proxy).map(proxy),
        floating_ip: text(&n.floating_ip),
    }
}

fn control_plane(c: &ControlPlane) -> spec::ControlPlane {
    spec::ControlPlane {
        network: first(&c.network).map(plane_network).unwrap_or_default(),
        size: text(&c.size),
        storage_policy: text(&c.storage_policy),
        count: number(&c.count),
    }
}

fn workload_network(n: &WorkloadNetwork) -> spec::WorkloadNetwork {
    let (nsx, vpc) = (first(&n.nsx), first(&n.nsx_vpc));
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
        vsphere: first(&n.vsphere).map(|v| spec::VsphereNetwork { dvpg: v.dvpg.get() }),
        nsx_vpc: vpc.map(|v| spec::VpcNetwork {
            default_private_cidrs: v.default_private_cidr.get().iter().map(|c| c.spec()).collect(),
            nsx_project: text(&v.nsx_project),
            vpc_connectivity_profile: text(&v.vpc_connectivity_profile),
        }),
        services: first(&n.services).map(services),
        ip_management: first(&n.ip_management).map(ip_management),
    }
}

fn interface(i: &Interface) -> spec::Interface {
    let network = first(&i.network);
    let port_group = network.and_then(|n| first(&n.dvpg_network)).map(|p| spec::PortGroup {
        name: p.name.get(),
        network: p.network.get(),
        ipam: p.ipam.get(),
        ip_config: first(&p.ip_config).map(|c| spec::IpConfig {
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
        deployment_target: first(&f.deployment_target).map(|t| spec::Target {
            zones: list(&t.zones),
            storage_policy: text(&t.storage_policy),
            deployment_size: text(&t.deployment_size),
            availability: text(&t.availability),
        }),
        interfaces: f.interface.known().filter(|i| !i.is_empty()).map(|i| i.iter().map(interface).collect()),
        network_services: first(&f.network_services).map(edge_services),
    }
}

fn edge(e: &Edge, config: Option<&Edge>) -> spec::Edge {
    let haproxy = first(&e.haproxy).map(|h| spec::HaProxy {
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
    let nsx = first(&e.nsx).map(|n| spec::NsxEdge {
        edge_cluster: text(&n.edge_cluster),
        default_ingress_tls_certificate: text(&n.default_ingress_tls_certificate),
        routing_mode: text(&n.routing_mode),
        egress_ip_ranges: ranges(&n.egress_ip_range),
        t0_gateway: text(&n.t0_gateway),
        load_balancer_size: text(&n.load_balancer_size),
    });
    let nsx_advanced = first(&e.nsx_advanced).map(|a| spec::NsxAdvanced {
        server: spec::Server { host: a.host.get(), port: a.port.get() },
        username: a.username.get(),
        password: nsx_advanced_password(a, config),
        certificate_authority_chain: a.ca_chain.get(),
        cloud_name: text(&a.cloud_name),
    });
    let foundation = first(&e.foundation).map(foundation);
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
    password(&h.password, config.and_then(|c| first(&c.haproxy)).map(|h| &h.password_wo))
}

fn nsx_advanced_password(a: &NsxAdvanced, config: Option<&Edge>) -> Hidden {
    password(&a.password, config.and_then(|c| first(&c.nsx_advanced)).map(|a| &a.password_wo))
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
    let write_only = config.and_then(|c| first(&c.registry)).map(|r| &r.password_wo);
    spec::Images {
        registry: first(&i.registry).map(|r| spec::Registry {
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
    first(&s.cloud_native_file_volume).map(|v| api::FileVolumes { vsan_clusters: v.vsan_clusters.get() })
}

fn workloads(w: &Workloads, config: Option<&Workloads>) -> spec::Workloads {
    let security = first(&w.kube_api_server_options).and_then(|k| first(&k.security));
    spec::Workloads {
        network: first(&w.network).map(workload_network).unwrap_or_default(),
        edge: first(&w.edge).map(|e| edge(e, config.and_then(|c| first(&c.edge)))).unwrap_or_default(),
        kube: spec::KubeOptions {
            security: security
                .map(|s| spec::Security { certificate_dns_names: s.certificate_dns_names.get() }),
        },
        images: first(&w.images).map(|i| images(i, config.and_then(|c| first(&c.images)))),
        storage: first(&w.storage).map(|s| spec::Storage {
            cloud_native_file_volume: file_volumes(s),
            ephemeral_storage_policy: text(&s.ephemeral_storage_policy),
            image_storage_policy: text(&s.image_storage_policy),
        }),
    }
}

/// What a Supervisor is enabled with. `config` has the write-only passwords.
pub(super) fn enable(plan: &M, config: Option<&M>) -> spec::EnableSpec {
    let config = config.and_then(|c| first(&c.workloads));
    spec::EnableSpec {
        name: plan.name.get(),
        control_plane: first(&plan.control_plane).map(control_plane).unwrap_or_default(),
        workloads: first(&plan.workloads).map(|w| workloads(w, config)).unwrap_or_default(),
        zones: list(&plan.zones),
    }
}

/// The settings that can be changed later, as far as they are set.
pub(super) fn settings(m: &M) -> Settings {
    let (plane, work) = (first(&m.control_plane), first(&m.workloads));
    let network = plane.and_then(|p| first(&p.network));
    let plane_services = network.and_then(|n| first(&n.services)).map(services).unwrap_or_default();
    let work_network = work.and_then(|w| first(&w.network));
    let work_services = work_network.and_then(|n| first(&n.services)).map(services).unwrap_or_default();
    let images = work.and_then(|w| first(&w.images));
    let storage = work.and_then(|w| first(&w.storage));
    let security = work.and_then(|w| first(&w.kube_api_server_options)).and_then(|k| first(&k.security));
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
        proxy: network.and_then(|n| first(&n.proxy)).map(proxy),
        floating_ip: network.and_then(|n| text(&n.floating_ip)),
    }
}

/// The change of the load balancer, if there is one. `config` has the write-only passwords.
pub(super) fn load_balancer(prior: &M, plan: &M, config: Option<&M>) -> Option<spec::LoadBalancerChange> {
    let of = |m: &M| first(&m.workloads).and_then(|w| first(&w.edge)).cloned();
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
    if let Some(h) = first(&is.haproxy).filter(|h| first(&was.haproxy) != Some(h)) {
        change.ha_proxy = Some(login(&h.username, haproxy_password(h, config.as_ref()), &h.ca_chain));
    }
    if let Some(a) = first(&is.nsx_advanced).filter(|a| first(&was.nsx_advanced) != Some(a)) {
        change.avi = Some(login(&a.username, nsx_advanced_password(a, config.as_ref()), &a.ca_chain));
    }
    if change == spec::LoadBalancerChange::default() {
        return None;
    }
    let provider = if first(&is.haproxy).is_some() { "HA_PROXY" } else { "AVI" };
    change.provider = Some(provider.to_owned());
    Some(change)
}
