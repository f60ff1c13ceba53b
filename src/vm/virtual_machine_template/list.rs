//! `data.vsphere_virtual_machine_templates`
use super::filter::Filter;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Lists virtual machine templates.
///
/// A template must match all arguments that are set. If no arguments are set, all templates are listed. If no template
/// matches, `templates` is an empty list.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_templates", category = "Virtual Machine")]
pub struct TemplatesModel {
    /// The `datacenter_id`, `folder` and `name_regex` arguments, joined by colons.
    #[tf(computed)]
    pub id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub filter: Filter,
    /// The matching templates, sorted by inventory path.
    #[tf(computed)]
    pub templates: Value<Vec<ListedModel>>,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ListedModel {
    /// The BIOS UUID of the template, for use as `clone.template_uuid` of a `vsphere_virtual_machine`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the template, such as `vm-42`.
    #[tf(computed)]
    pub moid: Value<String>,
    /// The name of the template.
    #[tf(computed)]
    pub name: Value<String>,
    /// The inventory path of the template.
    #[tf(computed)]
    pub path: Value<String>,
    /// The ID of the guest operating system, such as `ubuntu64Guest`.
    #[tf(computed)]
    pub guest_id: Value<String>,
    /// The time at which the template was created, such as `2026-01-31T08:00:00Z`. Empty if vCenter does not report it.
    #[tf(computed)]
    pub created: Value<String>,
    /// Whether the template has a snapshot.
    #[tf(computed)]
    pub has_snapshot: Value<bool>,
}

type M = TemplatesModel;

/// The data source.
#[derive(Debug, Default)]
pub struct VirtualMachineTemplates;

impl DataSource for VirtualMachineTemplates {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        config.filter.validate()
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let found = config.filter.find(cx.client, None).await?;
        let filter = &config.filter;
        let id = [&filter.datacenter_id, &filter.folder, &filter.name_regex].map(Value::as_str).join(":");
        let listed = found.into_iter().map(|t| ListedModel {
            id: t.bios_uuid.into(),
            moid: t.object.id.to_string().into(),
            name: t.name.into(),
            path: t.path.into(),
            guest_id: t.guest_id.into(),
            created: t.created.into(),
            has_snapshot: t.has_snapshot.into(),
        });
        Ok(M { id: id.into(), templates: listed.collect::<Vec<_>>().into(), ..config })
    }
}
