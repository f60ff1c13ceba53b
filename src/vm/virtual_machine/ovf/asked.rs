//! What a configuration asks of an OVF package, whichever type asks, and what a server makes of it.
use super::super::model::{NicModel, VappModel};
use super::checks::{self, About, Problem, Wanted};
use super::{M, O};
use crate::common::entity;
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tf_framework::{AttributePath, Diagnostic, Diagnostics, Field, Result, Value};
use vsphere_client::ovf::{Package, Plan, Refused, Source};
use vsphere_client::vim::types::{
    KeyValue, OvfCreateImportSpecParams, OvfManagerCommonParams, OvfNetworkMapping,
};
use vsphere_client::{Error, FaultKind, MoRef};

/// What is asked of a package. Arguments beside the package (`name`, `host_system_id`, `datastore_id`) are at the top of
/// every type that has them.
pub(in crate::vm) struct Asked<'a> {
    /// The package, and how it is deployed.
    pub(in crate::vm) from: &'a O,
    /// The path of the block that the arguments of the package are in.
    pub(in crate::vm) base: AttributePath,
    /// The name of the virtual machine.
    pub(in crate::vm) name: &'a str,
    /// The ID of the resource pool or vApp.
    pub(in crate::vm) pool: &'a str,
    /// The ID of the host; may be empty.
    pub(in crate::vm) host: &'a str,
    /// Networks of the package that network interfaces name, and the IDs of the networks that take their place.
    pub(super) interfaces: Vec<(String, About, String)>,
    /// Values of vApp properties. They may be secret.
    pub(super) properties: BTreeMap<String, String>,
}

/// Whether an argument is set, or may be.
pub(super) fn given(v: &Value<String>) -> bool {
    v.is_unknown() || !v.as_str().is_empty()
}

fn network_type(id: &str) -> Option<&'static str> {
    entity::type_of(id)
        .filter(|ty| matches!(*ty, "Network" | "DistributedVirtualPortgroup" | "OpaqueNetwork"))
}

pub(super) fn blame(kind: &FaultKind) -> Option<AttributePath> {
    match kind {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME.into()),
        FaultKind::InvalidArgument { property: Some(p) } if p.to_ascii_lowercase().contains("host") => {
            Some(M::HOST_SYSTEM_ID.into())
        }
        _ => None,
    }
}

impl<'a> Asked<'a> {
    /// What a data source asks, which has neither network interfaces nor vApp properties.
    pub(in crate::vm) fn at_root(from: &'a O, name: &'a str, pool: &'a str, host: &'a str) -> Self {
        let base = AttributePath::root();
        Self { from, base, name, pool, host, interfaces: vec![], properties: BTreeMap::new() }
    }

    pub(super) fn pool(&self) -> MoRef {
        MoRef::new(entity::type_of(self.pool).unwrap_or("ResourcePool"), self.pool)
    }

    pub(super) fn host(&self) -> Option<MoRef> {
        Some(self.host).filter(|id| !id.is_empty()).map(|id| MoRef::new("HostSystem", id))
    }

    fn at(&self, field: Field) -> AttributePath {
        self.base.clone().field(field)
    }

    /// The argument that has the path or URL of the package.
    pub(super) fn source_path(&self) -> AttributePath {
        let local = self.from.remote_ovf_url.as_str().is_empty();
        self.at(if local { O::LOCAL_OVF_PATH } else { O::REMOTE_OVF_URL })
    }

    fn source(&self) -> Source {
        match self.from.remote_ovf_url.as_str() {
            "" => Source::File(PathBuf::from(self.from.local_ovf_path.as_str())),
            url => Source::Url { url: url.to_owned(), unverified: self.from.allow_unverified_ssl_cert.get() },
        }
    }

    fn path_of(&self, about: &About) -> AttributePath {
        match about {
            About::Network(name) => self.at(O::OVF_NETWORK_MAP).key(name),
            About::Networks => self.at(O::OVF_NETWORK_MAP),
            About::Interface(n) => M::NETWORK_INTERFACE.index(*n).field(NicModel::OVF_MAPPING),
            About::Option => self.at(O::DEPLOYMENT_OPTION),
            About::Provisioning => self.at(O::DISK_PROVISIONING),
            About::Policy => self.at(O::IP_ALLOCATION_POLICY),
            About::Protocol => self.at(O::IP_PROTOCOL),
            About::Property(id) => M::VAPP.index(0).field(VappModel::PROPERTIES).key(id),
            About::Properties => M::VAPP.index(0).field(VappModel::PROPERTIES),
            About::Name => M::NAME.into(),
            About::Host => M::HOST_SYSTEM_ID.into(),
            About::Datastore => M::DATASTORE_ID.into(),
            About::Package => self.source_path(),
        }
    }

    fn errors(&self, problems: Vec<Problem>) -> Diagnostics {
        let mut out = Diagnostics::default();
        for p in problems {
            out.merge(Diagnostics::error(self.path_of(&p.about), p.summary, p.detail));
        }
        out
    }

    /// The package cannot be read.
    pub(super) fn unreadable(&self, e: &Error) -> Diagnostics {
        let mut detail = in_words(e);
        if matches!(e, Error::Tls { .. }) {
            detail += "\n`allow_unverified_ssl_cert = true` takes the package from there without a check of the certificate.";
        }
        Diagnostics::error(self.source_path(), "Unable to read the OVF package", detail)
    }

    /// The networks of the package, each with the argument that names it and the ID that takes its place.
    fn networks(&self) -> Vec<(String, About, String)> {
        let map = self.from.ovf_network_map.known().into_iter().flatten();
        let map = map.map(|(name, id)| (name.clone(), About::Network(name.clone()), id.clone()));
        map.chain(self.interfaces.iter().cloned()).collect()
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            networks: self.networks().into_iter().map(|(name, about, _)| (name, about)).collect(),
            option: self.from.deployment_option.as_str().to_owned(),
            properties: self.properties.clone(),
            hidden: self.from.enable_hidden_properties.get(),
        }
    }

    /// Checks where the package is. Pure.
    pub(in crate::vm) fn validate_source(&self) -> Diagnostics {
        let mut out = Diagnostics::default();
        let (local, remote) = (&self.from.local_ovf_path, &self.from.remote_ovf_url);
        if !given(local) && !given(remote) {
            let detail = "Set `local_ovf_path` to the path of an `.ovf` or `.ova` file, or `remote_ovf_url` to its URL.";
            out.merge(Diagnostics::error(self.base.clone(), "A package is needed", detail));
        }
        if !local.as_str().is_empty() && !remote.as_str().is_empty() {
            let detail =
                "`local_ovf_path` and `remote_ovf_url` both say where the package is. Set one of them.";
            out.merge(Diagnostics::error(self.at(O::REMOTE_OVF_URL), "There are two packages", detail));
        }
        if self.from.pull_from_url.get() && !given(remote) {
            let detail = "Hosts can only download an OVF package from a URL. Set `remote_ovf_url`, or remove `pull_from_url`.";
            out.merge(Diagnostics::error(
                self.at(O::PULL_FROM_URL),
                "Invalid value for `pull_from_url`",
                detail,
            ));
        }
        let url = remote.as_str().to_ascii_lowercase();
        if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
            // Not shown: a URL may hold a password.
            let detail = "Expected a URL that begins with `https://` or `http://`. The path of a file goes into \
                          `local_ovf_path`.";
            out.merge(Diagnostics::error(self.at(O::REMOTE_OVF_URL), "Invalid URL of a package", detail));
        }
        out
    }

    /// Checks the networks that the networks of the package are mapped to. Pure.
    pub(in crate::vm) fn validate_networks(&self) -> Diagnostics {
        let mut out = Diagnostics::default();
        for (name, id) in self.from.ovf_network_map.known().into_iter().flatten() {
            let ty = entity::type_of(id);
            // Ids of another form are those of mocked tests, or of a server that is not a vCenter.
            if network_type(id).is_none() && (ty.is_some() || id.contains(['/', ' '])) {
                let what = ty.map_or_else(|| "a name or a path".to_owned(), |ty| format!("the ID of a {ty}"));
                let detail = format!(
                    "{id:?} is {what}. Expected the managed object ID of a network, such as \"network-7\" or \
                     \"dvportgroup-12\": the `id` of the data source `vsphere_network`."
                );
                let at = self.at(O::OVF_NETWORK_MAP).key(name);
                out.merge(Diagnostics::error(at, "Invalid network", detail));
            }
        }
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (name, about, id) in self.networks() {
            match seen.get(&name) {
                Some(other) if *other != id && !id.is_empty() && !other.is_empty() => {
                    let summary = format!("The package's network {name:?} is mapped to two networks");
                    let detail = format!("Here to {id}, elsewhere to {other}. Map it once.");
                    out.merge(Diagnostics::error(self.path_of(&about), summary, detail));
                }
                _ => drop(seen.insert(name, id)),
            }
        }
        out
    }

    /// What does not fit the package.
    pub(super) fn misfits(&self, package: &Package) -> Diagnostics {
        self.errors(checks::misfits(&self.wanted(), package.descriptor()))
    }

    /// The package, which fits.
    ///
    /// # Errors
    /// It cannot be read, or does not fit.
    pub(in crate::vm) async fn open(&self, vsphere: &Vsphere) -> Result<Package> {
        let opened = vsphere.api.ovf().open(&self.source()).await;
        let package = opened.map_err(|e| self.unreadable(&e))?;
        self.misfits(&package).into_result(package)
    }

    /// What the server makes of the package on a datastore.
    ///
    /// # Errors
    /// What it finds wrong with the package or the arguments, and that the call fails.
    pub(in crate::vm) async fn prepare(
        &self,
        vsphere: &Vsphere,
        package: &Package,
        datastore: &MoRef,
    ) -> Result<Plan> {
        let set = |v: &Value<String>| Some(v.as_str().to_owned()).filter(|t| !t.is_empty());
        let mappings = checks::mappings(&self.wanted(), package.descriptor());
        let mut networks: BTreeMap<String, MoRef> = BTreeMap::new();
        for (name, _, id) in self.networks() {
            networks.insert(name, MoRef::new(network_type(&id).unwrap_or("Network"), id));
        }
        let params = OvfCreateImportSpecParams {
            base: OvfManagerCommonParams {
                deployment_option: self.from.deployment_option.as_str().to_owned(),
                ..Default::default()
            },
            entity_name: self.name.to_owned(),
            host_system: self.host(),
            network_mapping: networks
                .into_iter()
                .map(|(name, network)| OvfNetworkMapping { name, network })
                .collect(),
            ip_allocation_policy: set(&self.from.ip_allocation_policy),
            ip_protocol: set(&self.from.ip_protocol),
            property_mapping: mappings.into_iter().map(|(key, value)| KeyValue { key, value }).collect(),
            disk_provisioning: set(&self.from.disk_provisioning),
            ..Default::default()
        };
        match vsphere.api.ovf().plan(package, &self.pool(), datastore, params).await {
            Ok(ready) => Ok(ready),
            Err(Refused::Package { errors, warnings }) => {
                let mut out = self.errors(errors.iter().map(checks::remark).collect());
                for p in warnings.iter().map(checks::remark) {
                    out.merge(Diagnostics::warning(self.path_of(&p.about), p.summary, p.detail));
                }
                Err(out)
            }
            Err(Refused::Call(e @ Error::Package(_))) => {
                Err(Diagnostics::error(self.source_path(), "The package cannot be deployed", in_words(&e)))
            }
            Err(Refused::Call(e)) => {
                let doing = format!("have vSphere read the package of the virtual machine {:?}", self.name);
                Err::<Plan, _>(e).doing_to(doing, blame)
            }
        }
    }

    /// What the server remarks on the package.
    pub(in crate::vm) fn warnings(&self, ready: &Plan) -> Vec<Diagnostic> {
        let mut out = Diagnostics::default();
        for p in ready.warnings.iter().map(checks::remark) {
            out.merge(Diagnostics::warning(self.path_of(&p.about), p.summary, p.detail));
        }
        out.0
    }
}
