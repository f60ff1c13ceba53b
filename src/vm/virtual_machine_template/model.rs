//! What a template is configured by, and what its state says.
use crate::common::labels::Labels;
use crate::common::moid::{self, MoId, Snapshot};
use crate::common::{machine, names};
use crate::vm::virtual_machine::parts::{self, CloneModel, NicModel, OvfDeployModel};
use crate::vm::virtual_machine::vapp::VappModel;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Model, Timeouts, Value};

/// Manages a template: made from an OVF package, from a virtual machine or another template, or from an item of a content
/// library, and marked as a template once vCenter permits it.
///
/// The name, the annotation, the folder, tags and custom attributes of a template are changed in place. For any other change
/// it is converted to a virtual machine, changed, and marked as a template again, also if the change fails. A template that
/// was converted outside Terraform is marked again. Another source replaces the template.
///
/// A template whose disks are used by linked clones is not destroyed: the error lists them.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_template", category = "Virtual Machine")]
pub struct TemplateModel {
    /// The BIOS UUID of the template, for `clone.template_uuid` of `vsphere_virtual_machine`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name, which must be unique in its folder.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The path of the folder below the datacenter's folder of virtual machines, such as `templates/linux`; the inventory
    /// path, `/dc1/vm/templates/linux`, means the same. Changing it moves the template.
    #[tf(optional, same = parts::same_folder)]
    pub folder: Value<String>,
    /// The managed object ID of the resource pool that the virtual machine is in until it is marked as a template, and while
    /// it is changed, such as `resgroup-8`. A template is in no resource pool.
    #[tf(required, form = MoId::<moid::ResourcePool>::any_form)]
    pub resource_pool_id: Value<String>,
    /// The managed object ID of the host for the virtual machine until it is marked as a template, and while it is changed.
    /// If it is not set, vCenter chooses one. Changing it has no effect on an existing template until it is converted.
    #[tf(optional, form = MoId::<moid::Host>::any_form)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the datastore, such as `datastore-14`. A clone without it is on the datastore of its source.
    /// Changing it moves the files of the template.
    #[tf(optional, computed, form = MoId::<moid::Datastore>::any_form, conflicts_with("datastore_cluster_id"))]
    pub datastore_id: Value<String>,
    /// The managed object ID of the datastore cluster, such as `group-p5`: Storage DRS chooses the datastore.
    #[tf(optional, form = MoId::<moid::DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
    /// The number of virtual processors. If it is not set, that of the source.
    #[tf(optional, computed, at_least = 1)]
    pub num_cpus: Value<i64>,
    /// The number of cores per socket. `num_cpus` must be a multiple of it. If it is not set, that of the source.
    #[tf(optional, computed, at_least = 1)]
    pub num_cores_per_socket: Value<i64>,
    /// The size of the memory, in MiB; a multiple of 4. If it is not set, that of the source.
    #[tf(optional, computed, at_least = 4, check = parts::memory)]
    pub memory: Value<i64>,
    /// Whether the guest sees the UUIDs of disks, which the storage drivers of Kubernetes require. If it is not set, as in the
    /// source.
    #[tf(optional, computed)]
    pub enable_disk_uuid: Value<bool>,
    /// The description. If it is not set, that of the source.
    #[tf(optional, computed)]
    pub annotation: Value<String>,
    /// Extra config, such as `guestinfo.userdata`. A key that is removed from the configuration is deleted. Keys that exist
    /// only in vSphere are left unchanged.
    #[tf(optional)]
    pub extra_config: Value<BTreeMap<String, String>>,
    /// The name of a snapshot that is taken before the template is marked, for linked clones. Changing it renames the
    /// snapshot, and removing it removes the snapshot. The snapshot is not taken again when the template changes.
    #[tf(optional, pattern(r"\S", "a name that is not blank"), same = names::same)]
    pub snapshot_name: Value<String>,
    /// The disks that are extended, in the order of their addresses: the first block is for the first disk. Disks without a
    /// block are left unchanged.
    #[tf(block)]
    pub disk: Value<Vec<DiskModel>>,
    /// The network interfaces, in order. If there is any block, the template has exactly these; otherwise those of the
    /// source are left unchanged.
    #[tf(block, max = 10)]
    pub network_interface: Value<Vec<InterfaceModel>>,
    /// The OVF package that the template is made from. Changing it forces a new resource.
    #[tf(block, max = 1)]
    pub ovf_deploy: Value<Vec<OvfDeployModel>>,
    /// The virtual machine, template or content library item that the template is made from. Changing it forces a new
    /// resource.
    #[tf(block, max = 1)]
    pub clone: Value<Vec<SourceModel>>,
    /// The vApp properties of a template that was made from an OVF package. A property that is removed from the
    /// configuration keeps its value.
    #[tf(block, max = 1)]
    pub vapp: Value<Vec<VappModel>>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Whether it is marked as a template: false only if it was converted to a virtual machine outside Terraform, or if it
    /// could not be marked again. The next apply marks it.
    #[tf(computed)]
    pub template: Value<bool>,
    /// The BIOS UUID.
    #[tf(computed)]
    pub uuid: Value<String>,
    /// The instance UUID, which is unique in a vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The managed object ID, such as `vm-42`.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The type of the guest operating system, such as `ubuntu64Guest`.
    #[tf(computed)]
    pub guest_id: Value<String>,
    /// The firmware: `bios` or `efi`.
    #[tf(computed)]
    pub firmware: Value<String>,
    /// The hardware version, such as 19.
    #[tf(computed)]
    pub hardware_version: Value<i64>,
    /// The managed object ID of the snapshot that has the name `snapshot_name`, for `clone.snapshot_id`.
    #[tf(computed)]
    pub snapshot_id: Value<String>,
    /// How long operations may take. The default is the `api_timeout` of the provider, 5 minutes by default; for the upload of
    /// an OVF package, at least an hour.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// A disk of the source that is extended.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskModel {
    /// The size, in GiB. A disk is never shrunk.
    #[tf(required, at_least = 1)]
    pub size: Value<i64>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct InterfaceModel {
    /// The managed object ID of the network, such as `network-7` or `dvportgroup-12`.
    #[tf(required)]
    pub network_id: Value<String>,
    /// The type of the interface, such as `vmxnet3` or `e1000e`. If it is not set, that of the interface in the source, or
    /// `vmxnet3` for a new one. Changing it replaces the interface.
    #[tf(optional, one_of("vmxnet3", "e1000", "e1000e", "vmxnet3vrdma", "pcnet32", "vmxnet2", "vmxnet"))]
    pub adapter_type: Value<String>,
    /// The name of the network in the OVF package that this interface replaces. Used only to create the template.
    #[tf(optional)]
    pub ovf_mapping: Value<String>,
}

/// What a template is cloned from.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SourceModel {
    /// The BIOS UUID, instance UUID or managed object ID of a virtual machine or template, or the ID of an item of a content
    /// library, of the type `ovf` or `vm-template`. The template is a full copy.
    #[tf(required, form = machine::id)]
    pub template_uuid: Value<String>,
    /// The managed object ID of the snapshot to clone, such as `snapshot-12`. If it is not set, the present state is cloned.
    #[tf(optional, form = MoId::<Snapshot>::any_form)]
    pub snapshot_id: Value<String>,
    /// How long cloning may take, in minutes. 30 if it is not set.
    #[tf(optional, at_least = 10)]
    pub timeout: Value<i64>,
    /// The managed object IDs of networks, by the names that the item of a content library has for them.
    #[tf(optional)]
    pub ovf_network_map: Value<BTreeMap<String, String>>,
    /// The managed object IDs of datastores, by the names of storage groups of the item of a content library.
    #[tf(optional)]
    pub ovf_storage_map: Value<BTreeMap<String, String>>,
}

type M = TemplateModel;

impl M {
    /// As the model of a virtual machine, in which nothing else is set.
    pub(super) fn machine(&self) -> parts::M {
        let interface = |i: &InterfaceModel| NicModel {
            network_id: i.network_id.clone(),
            adapter_type: i.adapter_type.clone(),
            ovf_mapping: i.ovf_mapping.clone(),
            ..NicModel::null()
        };
        let source = |s: &SourceModel| CloneModel {
            template_uuid: s.template_uuid.clone(),
            snapshot_id: s.snapshot_id.clone(),
            timeout: s.timeout,
            ovf_network_map: s.ovf_network_map.clone(),
            ovf_storage_map: s.ovf_storage_map.clone(),
            ..CloneModel::null()
        };
        parts::M {
            id: self.id.clone(),
            moid: self.moid.clone(),
            uuid: self.uuid.clone(),
            instance_uuid: self.instance_uuid.clone(),
            name: self.name.clone(),
            folder: self.folder.clone(),
            resource_pool_id: self.resource_pool_id.clone(),
            host_system_id: self.host_system_id.clone(),
            datastore_id: self.datastore_id.clone(),
            datastore_cluster_id: self.datastore_cluster_id.clone(),
            num_cpus: self.num_cpus,
            num_cores_per_socket: self.num_cores_per_socket,
            memory: self.memory,
            enable_disk_uuid: self.enable_disk_uuid,
            annotation: self.annotation.clone(),
            extra_config: self.extra_config.clone(),
            network_interface: each(&self.network_interface, interface),
            ovf_deploy: self.ovf_deploy.clone(),
            clone: each(&self.clone, source),
            vapp: self.vapp.clone(),
            labels: self.labels.clone(),
            ..parts::nothing()
        }
    }

    /// The sizes of disks.
    pub(super) fn sizes(&self) -> Vec<Value<i64>> {
        self.disk.known().into_iter().flatten().map(|d| d.size).collect()
    }

    /// A sentence part.
    pub(super) fn title(&self) -> String {
        match (self.name.as_str(), self.folder.as_str().trim_end_matches('/')) {
            ("", _) => format!("the template {}", self.moid.as_str()),
            (name, "") => format!("the template {name:?}"),
            (name, folder) => format!("the template {:?}", format!("{folder}/{name}")),
        }
    }
}

fn each<A, B>(blocks: &Value<Vec<A>>, of: impl Fn(&A) -> B) -> Value<Vec<B>> {
    match blocks {
        Value::Known(blocks) => Value::Known(blocks.iter().map(of).collect()),
        Value::Null => Value::Null,
        Value::Unknown => Value::Unknown,
    }
}

/// The attributes by which the sources of two models differ; nothing where one of them has no source, as after an import,
/// and nothing that is unknown. Pure.
pub(super) fn other_source(prior: &M, config: &M) -> Vec<AttributePath> {
    if config.ovf_deploy.is_unknown() || config.clone.is_unknown() {
        return vec![];
    }
    let package = |m: &M| m.ovf_deploy.known().and_then(|o| o.first()).cloned();
    let source = |m: &M| m.clone.known().and_then(|c| c.first()).cloned();
    match (package(prior), package(config), source(prior), source(config)) {
        (Some(was), Some(is), ..) => {
            let at = M::OVF_DEPLOY.index(0);
            parts::other_package(&was, &is).into_iter().map(|f| at.clone().field(f)).collect()
        }
        (.., Some(was), Some(is)) => {
            let at = M::CLONE.index(0);
            let text = |a: &Value<String>, b: &Value<String>| !b.is_unknown() && a.as_str() != b.as_str();
            let map = |a: &Value<BTreeMap<String, String>>, b: &Value<BTreeMap<String, String>>| {
                !b.is_unknown() && a.get() != b.get()
            };
            let all = [
                (SourceModel::TEMPLATE_UUID, text(&was.template_uuid, &is.template_uuid)),
                (SourceModel::SNAPSHOT_ID, text(&was.snapshot_id, &is.snapshot_id)),
                (SourceModel::OVF_NETWORK_MAP, map(&was.ovf_network_map, &is.ovf_network_map)),
                (SourceModel::OVF_STORAGE_MAP, map(&was.ovf_storage_map, &is.ovf_storage_map)),
            ];
            all.into_iter().filter(|(_, differs)| *differs).map(|(f, _)| at.clone().field(f)).collect()
        }
        (Some(_), None, _, Some(_)) => vec![M::CLONE.into()],
        (None, Some(_), Some(_), None) => vec![M::OVF_DEPLOY.into()],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloned(uuid: &str, minutes: i64) -> M {
        let source =
            SourceModel { template_uuid: uuid.into(), timeout: minutes.into(), ..SourceModel::null() };
        M { clone: vec![source].into(), ..M::null() }
    }

    fn deployed(url: &str) -> M {
        let package = OvfDeployModel { remote_ovf_url: url.into(), ..OvfDeployModel::null() };
        M { ovf_deploy: vec![package].into(), ..M::null() }
    }

    #[test]
    fn another_source_replaces_the_template() {
        let unknown = M {
            clone: vec![SourceModel { template_uuid: Value::Unknown, ..SourceModel::null() }].into(),
            ..M::null()
        };
        for (prior, config, expected) in [
            (cloned("a", 30), cloned("a", 60), None),
            (cloned("a", 30), cloned("b", 30), Some("clone[0].template_uuid")),
            (cloned("a", 30), unknown, None),
            (deployed("https://h/1.ova"), deployed("https://h/1.ova"), None),
            (deployed("https://h/1.ova"), deployed("https://h/2.ova"), Some("ovf_deploy[0].remote_ovf_url")),
            (deployed("https://h/1.ova"), cloned("a", 30), Some("clone")),
            (cloned("a", 30), deployed("https://h/1.ova"), Some("ovf_deploy")),
            // After an import the state has no source.
            (M::null(), deployed("https://h/1.ova"), None),
            (M::null(), cloned("a", 30), None),
            (cloned("a", 30), M::null(), None),
        ] {
            let found: Vec<String> = other_source(&prior, &config).iter().map(ToString::to_string).collect();
            assert_eq!(found.first().map(String::as_str), expected, "{config:?}");
        }
    }

    #[test]
    fn title_has_the_path() {
        let model = |name: &str, folder: &str| M {
            name: name.into(),
            folder: folder.into(),
            moid: "vm-7".into(),
            ..M::null()
        };
        assert_eq!(model("ubuntu", "").title(), "the template \"ubuntu\"");
        assert_eq!(model("ubuntu", "linux/").title(), "the template \"linux/ubuntu\"");
        assert_eq!(model("", "").title(), "the template vm-7");
    }
}
