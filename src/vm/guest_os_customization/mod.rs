//! `vsphere_guest_os_customization`
pub mod data_source;
use crate::common::adopt::create_or_adopt_named;
use crate::fault::{Doing, or_absent, or_import};
use crate::run_notes::{NamedKind, RunNotes};
use crate::vm::customization::{self, CustomizationModel, Family};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::FaultKind;
use vsphere_client::vim::types::{CustomizationSpecInfo, CustomizationSpecItem};

/// Manages a customization specification in vCenter. A specification contains the settings that are applied to a
/// guest operating system when it first boots. To use it for a clone, set `customization_spec` in the `clone` block of
/// `vsphere_virtual_machine`.
///
/// vCenter encrypts passwords and does not return them. Changes of a password outside Terraform are therefore not
/// detected.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_guest_os_customization", category = "Virtual Machine")]
pub struct GuestOsCustomizationModel {
    /// The name of the customization specification.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the customization specification. Changing this renames the customization specification.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The type of guest that the customization specification applies to: `Linux` or `Windows`.
    #[tf(required, one_of("Linux", "Windows"))]
    pub r#type: Value<String>,
    /// The description of the customization specification.
    #[tf(optional)]
    pub description: Value<String>,
    /// The version identifier of the customization specification, which changes with every update.
    #[tf(computed, volatile)]
    pub change_version: Value<String>,
    /// The time of the last update of the customization specification.
    #[tf(computed, volatile)]
    pub last_update_time: Value<String>,
    /// The guest customization settings.
    #[tf(block, min = 1, max = 1)]
    pub spec: Value<Vec<CustomizationModel>>,
}

type M = GuestOsCustomizationModel;

/// The resource.
#[derive(Debug, Default)]
pub struct GuestOsCustomization;

/// The path of the block.
fn at() -> AttributePath {
    AttributePath::from(M::SPEC).index(0)
}

impl M {
    fn spec(&self) -> Option<&CustomizationModel> {
        self.spec.first()
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the customization specification {:?}", self.name.as_str())
    }

    /// `version` is the one that it is written over; nothing for a new one. `config` has the write-only values.
    fn item(&self, version: Option<String>, config: Option<&M>) -> CustomizationSpecItem {
        CustomizationSpecItem {
            info: CustomizationSpecInfo {
                name: self.name.get(),
                description: self.description.get(),
                r#type: self.r#type.get(),
                change_version: version.filter(|v| !v.is_empty()),
                last_update_time: None,
            },
            spec: self.spec().map(|s| customization::spec(s, config.and_then(M::spec))).unwrap_or_default(),
        }
    }

    /// With what the server says.
    fn observed(self, item: &CustomizationSpecItem) -> Self {
        let empty = CustomizationModel::default();
        let spec = customization::observed(&item.spec, self.spec().unwrap_or(&empty));
        let info = &item.info;
        Self {
            id: info.name.clone().into(),
            name: info.name.clone().into(),
            r#type: info.r#type.clone().into(),
            description: info.description.clone().into(),
            change_version: info.change_version.clone().into(),
            last_update_time: info.last_update_time.clone().into(),
            spec: vec![spec].into(),
        }
    }
}

/// Whether the type goes with what the blocks are for.
fn family(config: &M) -> Diagnostics {
    let (Some(ty), Some(family)) =
        (config.r#type.known(), config.spec().and_then(CustomizationModel::family))
    else {
        return Diagnostics::default();
    };
    let (right, blocks) = match family {
        Family::Linux => ("Linux", "`linux_options`"),
        Family::Windows => ("Windows", "`windows_options` or `windows_sysprep_text`"),
    };
    if ty == right {
        return Diagnostics::default();
    }
    let detail =
        format!("It has {blocks}, which are for {right}: set `type = {right:?}`, or change the block.");
    Diagnostics::error(M::TYPE, format!("The specification is not for {ty}"), detail)
}

impl Resource for GuestOsCustomization {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name, with capital and small letters as the vSphere Client shows it";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = config.spec().map(|s| customization::validate(s, &at())).unwrap_or_default();
        out.merge(family(config));
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        planned.set(M::ID, planned.name.clone());
        if let (Some(vsphere), Some(name)) = (cx.client, planned.name.known()) {
            vsphere.run::<RunNotes>().makes(NamedKind::Customization, name);
        }
        match (cx.client, planned.spec()) {
            (Some(vsphere), Some(spec)) if cx.changed => {
                cx.warnings.merge(customization::ignored(spec, &at()));
                customization::needs(spec, vsphere.api.api_version(), &at()).into_result(())
            }
            _ => Ok(()),
        }
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let specs = vsphere.api.customization_specs();
        let look = || async {
            match specs.get(plan.name.as_str()).await {
                Err(e) if e.is_not_found() => Ok(None),
                read => read.map(|_| Some(())),
            }
        };
        let make = async { specs.create(plan.item(None, cx.config())).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        or_import(made.doing_to(format!("make {}", plan.title()), blame), plan.name.as_str())?;
        Ok(M { id: plan.name.clone(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        match vsphere.api.customization_specs().get(state.name.as_str()).await {
            Err(e) if e.is_not_found() => Ok(None),
            read => {
                let item = read.doing(format!("read {}", state.title()))?;
                Ok(Some(state.observed(&item)))
            }
        }
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let specs = cx.client().api.customization_specs();
        let mut version = prior.change_version.known().cloned();
        if prior.name != plan.name {
            let done = specs.rename(prior.name.as_str(), plan.name.as_str()).await;
            done.doing_to(format!("rename {}", prior.title()), blame)?;
            cx.checkpoint(&M { id: plan.name.clone(), name: plan.name.clone(), ..prior.clone() });
            // A new name is a new version.
            let read = specs.get(plan.name.as_str()).await;
            version = read.doing(format!("read {}", plan.title()))?.info.change_version;
        }
        let written =
            |m: &M| m.spec().and_then(|s| s.cloudinit_options.first()).map(|c| c.userdata_wo_version);
        if prior.item(None, None).spec != plan.item(None, None).spec
            || written(&prior) != written(&plan)
            || prior.r#type != plan.r#type
            || prior.description != plan.description
        {
            let done = specs.overwrite(plan.item(version, cx.config())).await;
            done.doing_to(format!("change {}", plan.title()), blame)?;
        }
        Ok(M { id: plan.name.clone(), ..plan })
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let done = or_absent(vsphere.api.customization_specs().delete(state.name.as_str()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        match vsphere.api.customization_specs().get(id).await {
            Err(e) if e.is_not_found() => {
                let summary = format!("The customization specification {id:?} does not exist");
                Err(Diagnostics::error(AttributePath::root(), summary, ""))
            }
            read => {
                read.doing(format!("read the customization specification {id:?}"))?;
                Ok(M { id: id.into(), name: id.into(), ..M::default() })
            }
        }
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::AlreadyExists { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::customization::{InterfaceModel, LinuxOptionsModel};

    fn linux() -> M {
        let options = LinuxOptionsModel {
            domain: "example.com".into(),
            host_name: "web".into(),
            hw_clock_utc: true.into(),
            ..Default::default()
        };
        let spec = CustomizationModel {
            linux_options: vec![options].into(),
            network_interface: vec![InterfaceModel::default()].into(),
            ..Default::default()
        };
        M { name: "web".into(), r#type: "Linux".into(), spec: vec![spec].into(), ..M::default() }
    }

    #[test]
    fn the_type_goes_with_the_blocks() {
        assert!(family(&linux()).is_empty());
        let wrong = family(&M { r#type: "Windows".into(), ..linux() });
        assert_eq!(wrong.0[0].at.to_string(), "type");
        assert!(family(&M { r#type: Value::Unknown, ..linux() }).is_empty());
    }

    #[test]
    fn what_was_asked_for_is_seen_again() {
        let asked = linux();
        let mut item = asked.item(Some("1".into()), None);
        assert_eq!(item.info.change_version.as_deref(), Some("1"));
        item.info.last_update_time = Some("2026-01-01T00:00:00Z".into());
        let seen = asked.clone().observed(&item);
        assert_eq!(seen.item(None, None).spec, asked.item(None, None).spec);
        assert_eq!((seen.id.as_str(), seen.change_version.as_str()), ("web", "1"));
        // After an import there is nothing but what the server says.
        let seen = M::default().observed(&item);
        assert_eq!(seen.item(None, None).spec, asked.item(None, None).spec);
    }
}
