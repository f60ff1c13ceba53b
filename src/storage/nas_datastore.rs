//! `vsphere_nas_datastore`
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::lookup::{self, listed};
use crate::common::moid::{Datastore, Host, MoId};
use crate::common::{folders, names};
use crate::fault::{Doing, named};
use crate::storage::mounted::{self, Location, Summary};
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::datastore::Mounted;
use vsphere_client::vim::types::HostNasVolumeSpec;
use vsphere_client::{FaultKind, MoRef, readable, same_name};

/// Manages an NFS datastore and the hosts that mount it.
///
/// The provider mounts and unmounts the datastore on one host at a time. When the last host unmounts the datastore,
/// vCenter removes the datastore from the inventory. The files on the NFS server are never deleted. Destroying a
/// datastore that contains virtual machines fails.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_nas_datastore", category = "Storage")]
pub struct NasDatastoreModel {
    /// The managed object ID of the datastore, such as `datastore-12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the datastore. Changing this renames the datastore.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object IDs of the hosts on which to mount the datastore. All hosts must be in the same datacenter.
    /// Changing this mounts or unmounts the datastore.
    #[tf(required, count(1, usize::MAX), each(form = MoId::<Host>::form))]
    pub host_system_ids: Value<BTreeSet<String>>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub location: Location,
    /// The NFS version: `NFS` for NFS 3, or `NFS41` for NFS 4.1.
    #[tf(optional, force_new, default = NFS3, one_of("NFS", "NFS41"))]
    pub r#type: Value<String>,
    /// The host names or IP addresses of the NFS server: exactly one if `type` is `NFS`, one or more if `type` is
    /// `NFS41`.
    #[tf(required, force_new, count(1, usize::MAX))]
    pub remote_hosts: Value<Vec<String>>,
    /// The path of the export on the NFS server.
    #[tf(required, force_new)]
    pub remote_path: Value<String>,
    /// The access mode of the datastore: `readWrite` or `readOnly`.
    #[tf(optional, force_new, default = "readWrite", one_of("readOnly", "readWrite"))]
    pub access_mode: Value<String>,
    /// The security type for NFS 4.1: `AUTH_SYS`, `SEC_KRB5` (Kerberos) or `SEC_KRB5I` (Kerberos with data integrity).
    /// Defaults to `AUTH_SYS`. Kerberos requires NFS Kerberos credentials on each host.
    #[tf(optional, force_new, one_of("AUTH_SYS", "SEC_KRB5", "SEC_KRB5I"))]
    pub security_type: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub summary: Summary,
    /// Whether the NFS volume is a protocol endpoint for Virtual Volumes (vVols).
    #[tf(computed)]
    pub protocol_endpoint: Value<bool>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = NasDatastoreModel;

const NFS3: &str = "NFS";
const AUTH_SYS: &str = "AUTH_SYS";

/// The resource.
#[derive(Debug, Default)]
pub struct NasDatastore;

fn host(id: &str) -> MoRef {
    MoId::<Host>::object(id)
}

/// Whether two security types are the same: `AUTH_SYS` is what is used without one.
fn same_security(a: &str, b: &str) -> bool {
    let plain = |t: &str| matches!(t, "" | AUTH_SYS);
    a == b || (plain(a) && plain(b))
}

/// The access mode that all hosts have.
fn access_mode(read: &Mounted) -> Option<String> {
    let modes: BTreeSet<&str> = read.hosts.iter().map(|h| h.mount_info.access_mode.as_str()).collect();
    modes.first().filter(|_| modes.len() == 1).map(|mode| (*mode).to_owned())
}

impl M {
    fn object(&self) -> MoRef {
        MoId::<Datastore>::object(self.id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the datastore {:?}", self.name.as_str())
    }

    fn spec(&self) -> HostNasVolumeSpec {
        let remote = self.remote_hosts.get();
        let security = self.security_type.non_empty();
        HostNasVolumeSpec {
            remote_host: remote.first().cloned().unwrap_or_default(),
            remote_path: self.remote_path.get(),
            local_path: self.name.get(),
            access_mode: self.access_mode.get(),
            r#type: Some(self.r#type.get()),
            remote_host_names: remote,
            security_type: security.cloned(),
            ..HostNasVolumeSpec::default()
        }
    }

    /// The first one of the hosts.
    fn host(&self) -> MoRef {
        host(self.host_system_ids.get().first().map(String::as_str).unwrap_or_default())
    }

    /// With what the server returns.
    fn observed(self, read: &Mounted) -> Self {
        let or = |v: Value<String>, seen: Option<String>| if v.is_null() { seen.into() } else { v };
        let summary = &read.summary;
        let mut out = Self {
            name: readable(&read.name).into_owned().into(),
            host_system_ids: read.hosts.iter().map(|h| h.key.id.to_string()).collect::<BTreeSet<_>>().into(),
            // What a mount has is what it was made with: only an import takes it from there.
            access_mode: or(self.access_mode, access_mode(read)),
            r#type: or(self.r#type, Some(summary.r#type.clone())),
            summary: Summary::from(summary),
            ..self
        };
        if let Some(nas) = read.nas() {
            let remote = match nas.remote_host_names.as_slice() {
                [] => vec![nas.remote_host.clone()],
                all => all.to_vec(),
            };
            let security = nas.security_type.clone().unwrap_or_default();
            if !same_security(out.security_type.as_str(), &security) {
                out.security_type = Value::from(security);
            }
            out.remote_hosts = remote.into();
            out.remote_path = nas.remote_path.clone().into();
            out.protocol_endpoint = nas.protocol_endpoint.unwrap_or_default().into();
        }
        out
    }
}

/// Mounts the datastore on one host.
async fn mount(cx: &Cx<'_, NasDatastore>, plan: &M, at: &MoRef, known: Option<&MoRef>) -> Result<MoRef> {
    let vsphere = cx.client();
    let (datastores, title) = (vsphere.api.datastores(), plan.title());
    let look = || async {
        match known {
            Some(known) => {
                let mounted = datastores.get(known).await?.hosts.iter().any(|h| h.key == *at);
                Ok(mounted.then(|| known.clone()))
            }
            None => mounted::made(vsphere, at, plan.name.as_str()).await,
        }
    };
    let make = async { datastores.mount_nas(at, plan.spec()).await };
    let made = create_or_adopt_named(cx, &title, look, make).await;
    let made = made.doing_to(format!("mount {title} on {at}"), blame)?;
    let Some(known) = known.filter(|known| **known != made) else { return Ok(made) };
    // The same export under another datastore: it is not the one of this resource.
    let undone = datastores.unmount(at, &made).await;
    let host = named(vsphere, at).await;
    let detail = format!(
        "vCenter returned the datastore {made} instead of {known}: the host is in another datacenter, or mounts the export by \
         another name of the server. {}",
        match undone {
            Ok(()) => "The datastore was unmounted from the host again.".to_owned(),
            Err(e) => format!("It could not be unmounted from the host again: {e}."),
        }
    );
    Err(Diagnostics::error(M::HOST_SYSTEM_IDS, format!("Unable to mount {title} on {host}"), detail))
}

/// Mounts the datastore on hosts, one after the other: one that fails does not stop the others. `made` is called with the
/// datastore once it exists.
async fn mount_all(
    cx: &Cx<'_, NasDatastore>,
    plan: &M,
    hosts: &BTreeSet<String>,
    mut known: Option<MoRef>,
    mut made: impl FnMut(&MoRef),
) -> Diagnostics {
    let mut out = Diagnostics::default();
    for id in hosts {
        if cx.cancel().is_cancelled() {
            let detail = "Terraform was interrupted. Apply again to continue.";
            out.merge(Diagnostics::error(
                M::HOST_SYSTEM_IDS,
                format!("{} was not mounted on every host", plan.title()),
                detail,
            ));
            break;
        }
        match mount(cx, plan, &host(id), known.as_ref()).await {
            Ok(found) => {
                if known.is_none() {
                    made(&found);
                }
                known = Some(found);
            }
            Err(failed) => out.merge(failed),
        }
    }
    out
}

/// Unmounts the datastore from hosts: one that fails does not stop the others.
async fn unmount_all(cx: &Cx<'_, NasDatastore>, state: &M, hosts: Vec<MoRef>) -> Diagnostics {
    let mut out = Diagnostics::default();
    for host in hosts {
        let done = match cx.client().api.datastores().unmount(&host, &state.object()).await {
            Err(e) if e.is_not_found() => continue,
            done => done,
        };
        let doing = format!("unmount {} from {host}", state.title());
        if let Err(failed) = done.doing_to(doing, |_| Some(M::HOST_SYSTEM_IDS)) {
            out.merge(failed);
        }
    }
    out
}

/// Checks the hosts that a plan adds: they exist, and are in the datacenter of the others.
async fn check_hosts(vsphere: &Vsphere, prior: Option<&M>, planned: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let before = prior.map(|p| p.host_system_ids.get()).unwrap_or_default();
    let Some(now) = planned.host_system_ids.known() else { return out };
    let new: Vec<MoRef> = now.difference(&before).map(|id| host(id)).collect();
    let checks = new.iter().map(|h| lookup::exists(vsphere, h, M::HOST_SYSTEM_IDS));
    for found in join_all(checks).await {
        out.merge(found.err().unwrap_or_default());
    }
    if out.has_errors() || new.is_empty() {
        return out;
    }
    let all: Vec<MoRef> =
        new.into_iter().chain(now.intersection(&before).take(1).map(|id| host(id))).collect();
    let places = join_all(all.iter().map(|h| async { vsphere.api.find().datacenter_of(h).await })).await;
    let places: BTreeSet<MoRef> = places.into_iter().filter_map(|p| p.ok().flatten()).collect();
    if places.len() > 1 {
        let paths = join_all(places.iter().map(|p| named(vsphere, p))).await;
        let detail = format!(
            "A datastore belongs to one datacenter, and the hosts are in {}:\n{}\nUse one resource per datacenter.",
            paths.len(),
            listed(paths.into_iter())
        );
        out.merge(Diagnostics::error(M::HOST_SYSTEM_IDS, "Hosts of several datacenters", detail));
    }
    out
}

impl Resource for NasDatastore {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str =
        "the inventory path, such as /dc1/datastore/nfs1, or by the managed object ID, such as datastore-12";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let nfs3 = config.r#type.is_null() || config.r#type.known().is_some_and(|t| t == NFS3);
        if nfs3 && config.remote_hosts.known().is_some_and(|all| all.len() > 1) {
            let detail = "NFS 3 uses the first server only. Set `type` to \"NFS41\", or remove the others.";
            out.merge(Diagnostics::warning(M::REMOTE_HOSTS, "Several servers with NFS 3", detail));
        }
        if nfs3 && config.security_type.known().is_some_and(|t| !same_security(t, AUTH_SYS)) {
            let detail = "Kerberos requires NFS 4.1. Set `type` to \"NFS41\".";
            out.merge(Diagnostics::warning(M::SECURITY_TYPE, "Kerberos with NFS 3", detail));
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "Datastore", planned).await?;
        if let Some(prior) = cx.prior
            && !planned.security_type.is_unknown()
            && same_security(prior.security_type.as_str(), planned.security_type.as_str())
        {
            planned.copy_from(prior, &[M::SECURITY_TYPE]);
            cx.replace.retain(|at| *at != M::SECURITY_TYPE.into());
        }
        let Some(vsphere) = cx.client.filter(|_| cx.changed || cx.prior.is_none()) else { return Ok(()) };
        let prior = cx.prior.filter(|_| !cx.is_replacement());
        let mut found = check_hosts(vsphere, prior, planned).await;
        found.merge(planned.location.check(vsphere, prior.map(|p| &p.location)).await);
        if !cx.is_replacement() {
            found.merge(planned.labels.check(vsphere, "Datastore", cx.prior.map(|p| &p.labels)).await);
        }
        cx.finish(found)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, "Datastore").await?;
        let datacenter = mounted::datacenter(vsphere, &plan.host(), M::HOST_SYSTEM_IDS).await?;
        let place = plan.location.place(vsphere, &datacenter).await?;
        let hosts = plan.host_system_ids.get();
        let mut id = None;
        let failed = mount_all(cx, &plan, &hosts, None, |made| {
            id = Some(made.id.to_string());
            cx.checkpoint(&M { id: id.clone().into(), ..plan.clone() });
        })
        .await;
        let plan = M { id: id.into(), ..plan };
        if plan.id.is_null() {
            return Err(failed);
        }
        let object = plan.object();
        if let Some((to, at)) = place {
            folders::move_into(cx, &object, &to, plan.title(), at).await?;
        }
        plan.labels.apply(vsphere, &object, None).await?;
        let read = vsphere.api.datastores().get(&object).await.doing(format!("read {}", plan.title()))?;
        let others = read.hosts.iter().filter(|h| !hosts.contains(&*h.key.id)).map(|h| h.key.to_string());
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            let detail = format!(
                "vCenter returned the existing datastore of the export, which these hosts mount, too:\n{}\nThe next plan \
                 unmounts it from them. Add them to `host_system_ids` to keep them.",
                listed(others.into_iter())
            );
            cx.warn(M::HOST_SYSTEM_IDS, "Datastore already exists", detail);
        }
        failed.into_result(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let found = mounted::read(vsphere, &object, &state.title(), &state.labels).await?;
        let Some((read, location, labels)) = found else { return Ok(None) };
        let state = M { id: object.id.to_string().into(), location, labels, ..state };
        Ok(Some(state.observed(&read)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        if !same_name(prior.name.as_str(), plan.name.as_str()) {
            folders::rename(cx, &object, plan.name.as_str(), prior.title(), M::NAME).await?;
        }
        let first = (&plan.host(), M::HOST_SYSTEM_IDS);
        plan.location.follow(cx, &prior.location, &object, &plan.title(), first).await?;
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        let (before, now) = (prior.host_system_ids.get(), plan.host_system_ids.get());
        let added = now.difference(&before).cloned().collect();
        // New hosts first: a datastore that no host mounts is removed from vCenter.
        let mut failed = mount_all(cx, &plan, &added, Some(object), |_| {}).await;
        if !failed.has_errors() {
            let removed: Vec<MoRef> = before.difference(&now).map(|id| host(id)).collect();
            failed.merge(unmount_all(cx, &plan, removed).await);
        }
        failed.into_result(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        // Host after host, the first ones would lose it before one with a virtual machine refuses.
        let rule = "vSphere does not unmount a datastore that virtual machines use.";
        let names = (state.name.as_str(), &*state.title());
        let Some(read) = mounted::to_delete(vsphere, &object, names, rule).await? else { return Ok(()) };
        let hosts = read.hosts.into_iter().map(|h| h.key).collect();
        unmount_all(cx, &state, hosts).await.into_result(())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let object = lookup::imported(vsphere, id, "Datastore").await?;
        let read = vsphere.api.datastores().get(&object).await.doing(format!("read {object}"))?;
        if read.nas().is_none() {
            let detail =
                format!("It is a datastore of the type {}. Expected NFS or NFS41.", read.summary.r#type);
            let summary = format!("The datastore {id:?} is not on an NFS server");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        if access_mode(&read).is_none() && !read.hosts.is_empty() {
            let hosts = read.hosts.iter().map(|h| format!("{}: {}", h.key, h.mount_info.access_mode));
            let detail = format!(
                "`access_mode` applies to all hosts, and they differ:\n{}\nMount the datastore in the same way on all of them.",
                listed(hosts)
            );
            let summary = format!("The datastore {id:?} has several access modes");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        Ok(M { id: object.id.to_string().into(), ..M::default() })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::InvalidArgument { .. } | FaultKind::AlreadyExists { .. } => Some(M::REMOTE_PATH),
        FaultKind::NoPermission { .. } => None,
        _ => Some(M::HOST_SYSTEM_IDS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::{
        DatastoreHostMount, DatastoreInfo, HostMountInfo, HostNasVolume, NasDatastoreInfo,
    };

    fn mounted(modes: &[&str], security: Option<&str>) -> Mounted {
        let nas = HostNasVolume {
            remote_host: "nfs1".into(),
            remote_path: "/export".into(),
            security_type: security.map(str::to_owned),
            ..HostNasVolume::default()
        };
        let hosts = modes.iter().enumerate().map(|(i, mode)| DatastoreHostMount {
            key: host(&format!("host-{i}")),
            mount_info: HostMountInfo { access_mode: (*mode).to_owned(), ..HostMountInfo::default() },
        });
        Mounted {
            name: "nfs%2f1".into(),
            hosts: hosts.collect(),
            info: NasDatastoreInfo { base: DatastoreInfo::default(), nas: Some(Box::new(nas)) }.into(),
            ..Mounted::default()
        }
    }

    #[test]
    fn auth_sys_is_the_same_as_no_security_type() {
        for (state, seen, expected) in [
            (Value::Null, None, ""),
            (Value::Null, Some("AUTH_SYS"), ""),
            ("".into(), Some("AUTH_SYS"), ""),
            ("AUTH_SYS".into(), None, "AUTH_SYS"),
            (Value::Null, Some("SEC_KRB5"), "SEC_KRB5"),
            ("SEC_KRB5".into(), Some("AUTH_SYS"), "AUTH_SYS"),
        ] {
            let model = M { security_type: state.clone(), ..M::default() };
            let seen = model.observed(&mounted(&["readWrite"], seen));
            assert_eq!(seen.security_type.as_str(), expected, "{state:?}");
        }
    }

    #[test]
    fn the_access_mode_is_read_by_an_import_only() {
        let of = |state: Value<String>, modes: &[&str]| {
            M { access_mode: state, ..M::default() }.observed(&mounted(modes, None)).access_mode
        };
        assert_eq!(of(Value::Null, &["readOnly", "readOnly"]), "readOnly".into());
        assert_eq!(of("readWrite".into(), &["readOnly"]), "readWrite".into());
        assert_eq!(of(Value::Null, &["readOnly", "readWrite"]), Value::Null);
    }

    #[test]
    fn the_server_is_read_from_either_field() {
        let seen = M::default().observed(&mounted(&[], None));
        assert_eq!(seen.remote_hosts, vec!["nfs1".to_owned()].into());
        assert_eq!(seen.name, "nfs/1".into());
    }

    #[test]
    fn what_nfs_3_ignores_is_a_warning() {
        let config = M {
            remote_hosts: vec!["a".to_owned(), "b".to_owned()].into(),
            security_type: "SEC_KRB5".into(),
            ..M::default()
        };
        let found = NasDatastore.validate(&config);
        assert!(found.0.len() == 2 && !found.has_errors(), "{found}");
        assert!(NasDatastore.validate(&M { r#type: "NFS41".into(), ..config }).0.is_empty());
    }
}
