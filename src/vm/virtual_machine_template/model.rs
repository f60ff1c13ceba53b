//! What a template is configured by, and what its state says.
use crate::common::labels::Labels;
use crate::common::moid::{self, MoId, Snapshot};
use crate::common::{disk_images, machine, names};
use crate::vm::virtual_machine::parts::{self, CloneModel, NicModel, OvfDeployModel, VappModel};
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Field, Model, Timeouts, Value};

/// Manages a virtual machine template. The template can be deployed from an OVF package, cloned from a virtual machine,
/// another template or a content library item, or created from a disk image.
///
/// Changes to `name`, `annotation`, `folder`, `tags` and `custom_attributes` are applied to the template directly. For
/// other in-place updates, the template is temporarily converted to a virtual machine. The provider attempts to mark it
/// as a template again, even if the update fails. If the template was converted to a virtual machine outside Terraform,
/// the next apply marks it as a template again. Changing the source in `clone`, `ovf_deploy` or `disk_image` replaces
/// the template.
///
/// A template is not destroyed while linked clones use its disks: the error lists the linked clones.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_template", category = "Virtual Machine")]
pub struct TemplateModel {
    /// The BIOS UUID of the template, for use as `clone.template_uuid` of a `vsphere_virtual_machine`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the template, which must be unique in its folder. Changing this renames the template.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The path of the folder of the template, such as `templates/linux`, relative to the virtual machine folder of the
    /// datacenter. An absolute inventory path, such as `/dc1/vm/templates/linux`, is also accepted. Changing this moves
    /// the template.
    #[tf(optional, same = parts::same_folder)]
    pub folder: Value<String>,
    /// The managed object ID of the resource pool, such as `resgroup-8`. A template does not belong to a resource pool:
    /// this is used only while the template is created or temporarily converted to a virtual machine.
    #[tf(required, form = MoId::<moid::ResourcePool>::any_form)]
    pub resource_pool_id: Value<String>,
    /// The managed object ID of the host, such as `host-12`. Used only while the template is created or temporarily
    /// converted to a virtual machine. If omitted, vSphere selects the host. Changing this has no effect until the
    /// template is next converted.
    #[tf(optional, form = MoId::<moid::Host>::any_form)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the datastore, such as `datastore-14`. With `clone`, defaults to the datastore of the
    /// source. Changing this moves the files of the template.
    #[tf(optional, computed, form = MoId::<moid::Datastore>::any_form, conflicts_with("datastore_cluster_id"))]
    pub datastore_id: Value<String>,
    /// The managed object ID of the datastore cluster in which to place the template, such as `group-p5`. Storage DRS
    /// selects the datastore.
    #[tf(optional, form = MoId::<moid::DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
    /// The total number of virtual CPUs. Defaults to that of the source.
    #[tf(optional, computed, at_least = 1)]
    pub num_cpus: Value<i64>,
    /// The number of cores per socket. `num_cpus` must be a multiple of this number. Defaults to that of the source.
    #[tf(optional, computed, at_least = 1)]
    pub num_cores_per_socket: Value<i64>,
    /// The memory size, in MiB. Must be a multiple of 4. Defaults to that of the source.
    #[tf(optional, computed, at_least = 4, check = parts::memory)]
    pub memory: Value<i64>,
    /// Whether to expose the UUIDs of the disks to the guest, which Kubernetes storage drivers require. Defaults to the
    /// setting of the source.
    #[tf(optional, computed)]
    pub enable_disk_uuid: Value<bool>,
    /// The notes of the template. Defaults to the notes of the source.
    #[tf(optional, computed)]
    pub annotation: Value<String>,
    /// The extra config of the template: key-value pairs, such as `guestinfo.userdata`. A key that is removed from the
    /// configuration is deleted. Keys that the configuration has never declared are not managed.
    #[tf(optional)]
    pub extra_config: Value<BTreeMap<String, String>>,
    /// The name of a snapshot to take before the template is marked as a template, for linked clones. Changing this
    /// renames the snapshot; removing this deletes the snapshot. The snapshot is not taken again when the template
    /// changes.
    #[tf(optional, pattern(r"\S", "a name that is not blank"), same = names::same)]
    pub snapshot_name: Value<String>,
    /// A disk to extend. The blocks apply to the existing disks, sorted by controller and unit number: the first block
    /// applies to the first disk. Disks without a block are not changed.
    #[tf(block)]
    pub disk: Value<Vec<DiskModel>>,
    /// A network interface. The order of the blocks determines the order of the interfaces in the guest. If any block
    /// is declared, the template has exactly the declared interfaces. Otherwise, the network interfaces of the source
    /// are kept.
    #[tf(block, max = 10)]
    pub network_interface: Value<Vec<InterfaceModel>>,
    /// The OVF package from which to deploy the template. Changing the OVF package replaces the template.
    #[tf(block, max = 1)]
    pub ovf_deploy: Value<Vec<OvfDeployModel>>,
    /// The source to clone the template from: a virtual machine, another template or a content library item. Changing
    /// the source replaces the template.
    #[tf(block, max = 1)]
    pub clone: Value<Vec<SourceModel>>,
    /// The disk image from which to create the template: QCOW2, VMDK or raw. The template has a disk with the contents of
    /// the image, and the declared network interfaces. Set `num_cpus` and `memory`: the defaults are 1 and 64 MiB. Requires
    /// `datastore_id` or `datastore_cluster_id`. Changing the image replaces the template.
    #[tf(block, max = 1)]
    pub disk_image: Value<Vec<DiskImageModel>>,
    /// The vApp options of a template that was created from an OVF package. A property that is removed from the
    /// configuration keeps its value.
    #[tf(block, max = 1)]
    pub vapp: Value<Vec<VappModel>>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Whether the template is marked as a template. `false` only if it was converted to a virtual machine outside
    /// Terraform or could not be marked again after a change; the next apply then marks it as a template.
    #[tf(computed)]
    pub template: Value<bool>,
    /// The BIOS UUID of the template.
    #[tf(computed)]
    pub uuid: Value<String>,
    /// The instance UUID, which identifies the template in vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The managed object ID of the template, such as `vm-42`.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The ID of the guest operating system, such as `ubuntu64Guest`.
    #[tf(computed)]
    pub guest_id: Value<String>,
    /// The firmware: `bios` or `efi`.
    #[tf(computed)]
    pub firmware: Value<String>,
    /// The hardware version, such as `19`.
    #[tf(computed)]
    pub hardware_version: Value<i64>,
    /// The managed object ID of the snapshot with the name `snapshot_name`, for use as `clone.snapshot_id` of a
    /// `vsphere_virtual_machine`.
    #[tf(computed)]
    pub snapshot_id: Value<String>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default. With `ovf_deploy` and `disk_image`, the create timeout defaults to 1 hour, or to `api_timeout` if that is longer.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// A disk of the source to extend.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskModel {
    /// The size, in GiB. Disks cannot be shrunk.
    #[tf(required, at_least = 1)]
    pub size: Value<i64>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct InterfaceModel {
    /// The managed object ID of the network, such as `network-7` or `dvportgroup-12`.
    #[tf(required)]
    pub network_id: Value<String>,
    /// The adapter type. Defaults to the type of the corresponding interface of the source, or to `vmxnet3` for an
    /// additional interface. Changing this replaces the interface.
    #[tf(optional, one_of("vmxnet3", "e1000", "e1000e", "vmxnet3vrdma", "pcnet32", "vmxnet2", "vmxnet"))]
    pub adapter_type: Value<String>,
    /// The name of the network in the OVF package to map to this interface. Used only when the template is created.
    #[tf(optional)]
    pub ovf_mapping: Value<String>,
}

/// The source of a template.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SourceModel {
    /// The BIOS UUID, instance UUID, or managed object ID of the virtual machine or template to clone. To create the
    /// template from a content library item, set this to the `id` of a `vsphere_content_library_item` of type `ovf` or
    /// `vm-template`. The template is always a full clone.
    #[tf(required, form = machine::id)]
    pub template_uuid: Value<String>,
    /// The managed object ID of the snapshot to clone, such as `snapshot-12`. If omitted, the current state is cloned.
    #[tf(optional, form = MoId::<Snapshot>::any_form)]
    pub snapshot_id: Value<String>,
    /// The timeout for cloning, in minutes. Defaults to `30`.
    #[tf(optional, at_least = 10)]
    pub timeout: Value<i64>,
    /// A map from the network names of the content library item to managed object IDs of networks.
    #[tf(optional)]
    pub ovf_network_map: Value<BTreeMap<String, String>>,
    /// A map from the storage group names of the content library item to managed object IDs of datastores.
    #[tf(optional)]
    pub ovf_storage_map: Value<BTreeMap<String, String>>,
}

impl SourceModel {
    /// The attributes by which another source differs, or may differ: those that are unknown.
    fn differences(&self, is: &Self) -> Vec<Field> {
        let text = |a: &Value<String>, b: &Value<String>| b.is_unknown() || a.as_str() != b.as_str();
        let map = |a: &Value<BTreeMap<String, String>>, b: &Value<BTreeMap<String, String>>| {
            b.is_unknown() || a.get() != b.get()
        };
        let all = [
            (Self::TEMPLATE_UUID, text(&self.template_uuid, &is.template_uuid)),
            (Self::SNAPSHOT_ID, text(&self.snapshot_id, &is.snapshot_id)),
            (Self::OVF_NETWORK_MAP, map(&self.ovf_network_map, &is.ovf_network_map)),
            (Self::OVF_STORAGE_MAP, map(&self.ovf_storage_map, &is.ovf_storage_map)),
        ];
        all.into_iter().filter(|(_, differs)| *differs).map(|(f, _)| f).collect()
    }
}

/// A disk image.
///
/// The provider converts the image to a stream-optimized VMDK while it uploads it. An image from a URL is first downloaded to
/// the directory for temporary files of the system.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskImageModel {
    /// The path of the image on the system that runs Terraform, or its URL (`https` or `http`).
    #[tf(required, check = disk_images::source)]
    pub source: Value<String>,
    /// The checksum of the image, in the form `algorithm:hexadecimal digits`, such as `sha256:…`. Supported algorithms
    /// are `sha1`, `sha256`, `sha384` and `sha512`.
    #[tf(optional, check = disk_images::checksum, same = disk_images::same_checksum)]
    pub checksum: Value<String>,
    /// The format of the image: `qcow2`, `vmdk` or `raw`. If omitted, the format is detected.
    #[tf(optional, one_of("qcow2", "vmdk", "raw"))]
    pub format: Value<String>,
    /// Whether to skip verification of the certificate of the server in `source`.
    #[tf(optional)]
    pub allow_unverified_ssl_cert: Value<bool>,
    /// The provisioning type of the disk: `thin`, `lazy` or `eagerZeroedThick`.
    #[tf(optional, default = disk_images::THIN, one_of("thin", "eagerZeroedThick", "lazy"))]
    pub r#type: Value<String>,
    /// The ID of the guest operating system, such as `ubuntu64Guest`.
    #[tf(optional, default = "otherGuest64")]
    pub guest_id: Value<String>,
    /// The firmware: `bios` or `efi`. Most cloud images support both.
    #[tf(optional, default = "bios", one_of("bios", "efi"))]
    pub firmware: Value<String>,
    /// The type of the SCSI controller of the disk: `pvscsi`, `lsilogic` or `lsilogic-sas`.
    #[tf(optional, default = "pvscsi", one_of("pvscsi", "lsilogic", "lsilogic-sas"))]
    pub scsi_type: Value<String>,
}

impl DiskImageModel {
    /// Where the image comes from.
    pub(super) fn image(&self) -> disk_images::Source<'_> {
        disk_images::Source {
            source: &self.source,
            checksum: &self.checksum,
            format: &self.format,
            unverified: self.allow_unverified_ssl_cert.get(),
            at: M::DISK_IMAGE.index(0).field(Self::SOURCE),
        }
    }

    /// The attributes by which a template of another image differs, or may differ: those that are unknown. A checksum or a
    /// format that is added or removed describes the image that was imported.
    fn differences(&self, is: &Self) -> Vec<Field> {
        let (mut was, mut is) = (self.clone(), is.clone());
        for image in [&mut was, &mut is] {
            image.set_defaults(&Self::block());
        }
        let text = |a: &Value<String>, b: &Value<String>| b.is_unknown() || a.as_str() != b.as_str();
        let described = |a: &Value<String>, b: &Value<String>| !a.is_null() && !b.is_null() && text(a, b);
        let checksum = described(&was.checksum, &is.checksum)
            && !was.checksum.as_str().eq_ignore_ascii_case(is.checksum.as_str());
        let all = [
            (Self::SOURCE, text(&was.source, &is.source)),
            (Self::CHECKSUM, checksum),
            (Self::FORMAT, described(&was.format, &is.format)),
            (Self::TYPE, text(&was.r#type, &is.r#type)),
            (Self::GUEST_ID, text(&was.guest_id, &is.guest_id)),
            (Self::FIRMWARE, text(&was.firmware, &is.firmware)),
            (Self::SCSI_TYPE, text(&was.scsi_type, &is.scsi_type)),
        ];
        all.into_iter().filter(|(_, differs)| *differs).map(|(f, _)| f).collect()
    }
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

/// The attributes by which the sources of two models differ or, if they are unknown, may differ: a source that is replaced
/// has another ID, and a replacement that is not in the plan is an error of the apply. Nothing where one of them has no
/// source, as after an import. Pure.
pub(super) fn other_source(prior: &M, config: &M) -> Vec<AttributePath> {
    let blocks = |m: &M| {
        [
            (M::OVF_DEPLOY, m.ovf_deploy.is_unknown(), !m.ovf_deploy.get().is_empty()),
            (M::CLONE, m.clone.is_unknown(), !m.clone.get().is_empty()),
            (M::DISK_IMAGE, m.disk_image.is_unknown(), !m.disk_image.get().is_empty()),
        ]
    };
    let (was, is) = (blocks(prior), blocks(config));
    if !was.iter().any(|(.., given)| *given) {
        return vec![];
    }
    // A block of another kind than the source was, or one that may be: beside the source it cannot be one.
    let stays = was.iter().zip(&is).any(|((.., was), (.., is))| *was && *is);
    let other = |((_, _, was), (_, unknown, is)): &(&(_, _, bool), &(_, bool, bool))| {
        (*unknown && !stays) || (*is && !was)
    };
    if let Some((_, (at, ..))) = was.iter().zip(&is).find(other) {
        return vec![(*at).into()];
    }
    let within = |at: Field, found: Vec<Field>| found.into_iter().map(move |f| at.index(0).field(f));
    let mut out = vec![];
    if let (Some(was), Some(is)) = (prior.ovf_deploy.first(), config.ovf_deploy.first()) {
        out.extend(within(M::OVF_DEPLOY, parts::other_package(was, is)));
    }
    if let (Some(was), Some(is)) = (prior.clone.first(), config.clone.first()) {
        out.extend(within(M::CLONE, was.differences(is)));
    }
    if let (Some(was), Some(is)) = (prior.disk_image.first(), config.disk_image.first()) {
        out.extend(within(M::DISK_IMAGE, was.differences(is)));
    }
    out
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

    fn imaged(path: &str, checksum: &str) -> M {
        let checksum = if checksum.is_empty() { Value::Null } else { checksum.into() };
        let image = DiskImageModel { source: path.into(), checksum, ..DiskImageModel::null() };
        M { disk_image: vec![image].into(), ..M::null() }
    }

    fn with_firmware(firmware: &str) -> M {
        let image =
            DiskImageModel { source: "a.qcow2".into(), firmware: firmware.into(), ..DiskImageModel::null() };
        M { disk_image: vec![image].into(), ..M::null() }
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
            (cloned("a", 30), unknown.clone(), Some("clone[0].template_uuid")),
            (M::null(), unknown, None),
            (cloned("a", 30), M { clone: Value::Unknown, ..M::null() }, Some("clone")),
            (M::null(), M { clone: Value::Unknown, ..M::null() }, None),
            (deployed("https://h/1.ova"), deployed("https://h/1.ova"), None),
            (deployed("https://h/1.ova"), deployed("https://h/2.ova"), Some("ovf_deploy[0].remote_ovf_url")),
            (deployed("https://h/1.ova"), cloned("a", 30), Some("clone")),
            (cloned("a", 30), deployed("https://h/1.ova"), Some("ovf_deploy")),
            // After an import the state has no source.
            (M::null(), deployed("https://h/1.ova"), None),
            (M::null(), cloned("a", 30), None),
            (cloned("a", 30), M::null(), None),
            (imaged("a.qcow2", ""), imaged("a.qcow2", ""), None),
            (imaged("a.qcow2", ""), imaged("a.qcow2", "sha256:AB"), None),
            (imaged("a.qcow2", "sha256:ab"), imaged("a.qcow2", "sha256:AB"), None),
            (imaged("a.qcow2", "sha256:ab"), imaged("a.qcow2", "sha256:ac"), Some("disk_image[0].checksum")),
            (imaged("a.qcow2", ""), imaged("b.qcow2", ""), Some("disk_image[0].source")),
            (imaged("a.qcow2", ""), cloned("a", 30), Some("clone")),
            (deployed("https://h/1.ova"), imaged("a.qcow2", ""), Some("disk_image")),
            (cloned("a", 30), M { disk_image: Value::Unknown, ..M::null() }, Some("disk_image")),
            // What is unknown beside the source turns out to be nothing: there is one source.
            (cloned("a", 30), M { disk_image: Value::Unknown, ..cloned("a", 30) }, None),
            (with_firmware("efi"), with_firmware("efi"), None),
            (with_firmware("efi"), imaged("a.qcow2", ""), Some("disk_image[0].firmware")),
            (with_firmware("bios"), imaged("a.qcow2", ""), None),
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
