//! `data.vsphere_virtual_machine_template`
use super::filter::{self, Filter};
use crate::common::lookup;
use crate::common::tagging;
use crate::fault::Doing;
use crate::vm::virtual_machine::data_source::{DiskModel, SnapshotModel, hardware, snapshots};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Finds a virtual machine template and returns its configuration.
///
/// A template must match all arguments that are set. If several templates match, an error lists them, unless
/// `most_recent` is `true`. Virtual machines that are not templates are ignored.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_template", category = "Virtual Machine")]
pub struct TemplateModel {
    /// The BIOS UUID of the template, for use as `clone.template_uuid` of a `vsphere_virtual_machine`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or absolute inventory path of the template, such as `ubuntu-24.04` or `/dc1/vm/templates/ubuntu-24.04`.
    /// If omitted, the name is returned.
    #[tf(optional, computed, check = lookup::name)]
    pub name: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub filter: Filter,
    /// Whether to return the most recently created template if several templates match. If `false` or omitted, several
    /// matches are an error.
    #[tf(optional)]
    pub most_recent: Value<bool>,
    /// The managed object ID of the template, such as `vm-42`.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The instance UUID, which is unique in vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The inventory path of the template.
    #[tf(computed)]
    pub path: Value<String>,
    /// The time at which the template was created, such as `2026-01-31T08:00:00Z`. Empty if vCenter does not report it.
    #[tf(computed)]
    pub created: Value<String>,
    /// The notes of the template.
    #[tf(computed)]
    pub annotation: Value<String>,
    /// The ID of the guest operating system, such as `ubuntu64Guest`.
    #[tf(computed)]
    pub guest_id: Value<String>,
    /// The firmware: `bios` or `efi`.
    #[tf(computed)]
    pub firmware: Value<String>,
    /// The hardware version, such as `19`.
    #[tf(computed)]
    pub hardware_version: Value<i64>,
    /// The total number of virtual CPUs.
    #[tf(computed)]
    pub num_cpus: Value<i64>,
    /// The memory size, in MiB.
    #[tf(computed)]
    pub memory: Value<i64>,
    /// Whether the UUIDs of the disks are exposed to the guest.
    #[tf(computed)]
    pub enable_disk_uuid: Value<bool>,
    /// The type of the first SCSI controller: `pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`. `unknown` if there
    /// are no SCSI controllers.
    #[tf(computed)]
    pub scsi_type: Value<String>,
    /// The disks, sorted by controller bus number and unit number.
    #[tf(computed)]
    pub disks: Value<Vec<DiskModel>>,
    /// The adapter types of the network interfaces, in order.
    #[tf(computed)]
    pub network_interface_types: Value<Vec<String>>,
    /// Whether the template has a snapshot.
    #[tf(computed)]
    pub has_snapshot: Value<bool>,
    /// The snapshots. Each snapshot is listed before its child snapshots.
    #[tf(computed)]
    pub snapshots: Value<Vec<SnapshotModel>>,
    /// The IDs of the tags that are attached to the template.
    #[tf(computed)]
    pub attached_tags: Value<Vec<String>>,
}

type M = TemplateModel;

/// The data source.
#[derive(Debug, Default)]
pub struct VirtualMachineTemplate;

impl DataSource for VirtualMachineTemplate {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = config.filter.validate();
        let unset = |v: &Value<String>| !v.is_unknown() && v.as_str().is_empty();
        let no_tags = !config.filter.tags.is_unknown() && config.filter.tags.get().is_empty();
        let no_values =
            !config.filter.custom_attributes.is_unknown() && config.filter.custom_attributes.get().is_empty();
        if unset(&config.name)
            && unset(&config.filter.name_regex)
            && unset(&config.filter.folder)
            && no_tags
            && no_values
        {
            let detail = "Set `name` (a name or an inventory path), `name_regex`, `folder`, `tags` or `custom_attributes`.";
            out.merge(Diagnostics::error(M::NAME, "Missing name of the template", detail));
        }
        out
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let name = config.name.non_empty().map(String::as_str);
        let mut found = config.filter.find(vsphere, name).await?;
        if found.len() > 1 && !config.most_recent.get() {
            let detail = format!(
                "{} templates match:\n{}\nNarrow the search, give the inventory path with `name`, or set `most_recent = true`.",
                found.len(),
                lookup::listed(found.iter().map(filter::Template::line_with_age))
            );
            return Err(Diagnostics::error(AttributePath::root(), "Several templates match", detail));
        }
        let one = if found.len() == 1 { found.pop() } else { filter::newest(found) };
        let Some(found) = one else { return Err(missing(vsphere, &config, name).await) };
        let vm = vsphere.api.virtual_machines().get(&found.object).await;
        let vm = vm.doing(format!("read the template {:?}", found.path))?;
        let tags = tagging::attached(vsphere, &found.object).await?.unwrap_or_default();
        let hardware = hardware(&vm.devices());
        let seen = vm.config.as_deref();
        let number = |n: Option<i32>| Value::from(n.map(i64::from));
        Ok(M {
            id: found.bios_uuid.into(),
            name: if name.is_some() { config.name.clone() } else { found.name.into() },
            moid: found.object.id.to_string().into(),
            instance_uuid: vm.instance_uuid().map(str::to_owned).into(),
            path: found.path.into(),
            created: found.created.into(),
            annotation: seen.and_then(|c| c.annotation.clone()).unwrap_or_default().into(),
            guest_id: found.guest_id.into(),
            firmware: seen.and_then(|c| c.firmware.clone()).unwrap_or_default().into(),
            hardware_version: vm.hardware_version().map(|v| i64::from(v.0)).into(),
            num_cpus: number(seen.map(|c| c.hardware.num_cpu)),
            memory: number(seen.map(|c| c.hardware.memory_mb)),
            enable_disk_uuid: seen.and_then(|c| c.flags.disk_uuid_enabled).unwrap_or_default().into(),
            scsi_type: hardware.scsi_type.into(),
            disks: hardware.disks.into(),
            network_interface_types: hardware.network_interface_types.into(),
            has_snapshot: found.has_snapshot.into(),
            snapshots: snapshots(&vm).into(),
            attached_tags: tags.into_iter().collect::<Vec<_>>().into(),
            ..config
        })
    }
}

/// No template fits: what does, but for one condition.
async fn missing(vsphere: &Vsphere, config: &M, name: Option<&str>) -> Diagnostics {
    let what = name.map_or_else(String::new, |n| format!(" {n:?}"));
    let at = match name {
        Some(_) => AttributePath::from(M::NAME),
        None if !config.filter.name_regex.as_str().is_empty() => Filter::NAME_REGEX.into(),
        None => AttributePath::root(),
    };
    let all = Filter { datacenter_id: config.filter.datacenter_id.clone(), ..Filter::null() };
    let all = all.find(vsphere, None).await.unwrap_or_default();
    let conditions = config.filter.conditions();
    let detail = if all.is_empty() {
        "There is no template at all, or the user lacks `System.View` on it. A virtual machine must be marked as a template."
            .to_owned()
    } else {
        format!(
            "No template{what}{conditions} exists, or the user lacks `System.View` on it. A virtual machine must be marked as a \
             template. Templates:\n{}",
            lookup::listed(all.iter().map(filter::Template::line))
        )
    };
    Diagnostics::error(at, "Template not found", detail)
}
