//! `data.vsphere_privileges`
use crate::common::regex;
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Lists the privileges that are defined in vCenter.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_privileges", category = "Security")]
pub struct PrivilegesModel {
    /// The instance UUID of vCenter.
    #[tf(computed)]
    pub id: Value<String>,
    /// The privilege group to list, such as `VirtualMachine.Config`, including the groups below it. If omitted, the
    /// privileges of all groups are listed.
    #[tf(optional)]
    pub group: Value<String>,
    /// A regular expression to match against any part of the privilege ID.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The IDs of the privileges, sorted.
    #[tf(computed)]
    pub ids: Value<Vec<String>>,
    /// The privilege groups that contain the privileges, sorted.
    #[tf(computed)]
    pub groups: Value<Vec<String>>,
    /// The privileges, sorted by ID.
    #[tf(computed)]
    pub privileges: Value<Vec<PrivilegeModel>>,
}

/// A privilege.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PrivilegeModel {
    /// The ID of the privilege, such as `VirtualMachine.Config.Memory`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The last part of the privilege ID.
    #[tf(computed)]
    pub name: Value<String>,
    /// The privilege group, such as `VirtualMachine.Config`.
    #[tf(computed)]
    pub group: Value<String>,
    /// Whether the privilege is required on the parent of the object, rather than on the object itself.
    #[tf(computed)]
    pub on_parent: Value<bool>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Privileges;

/// Whether a group is another one, or below it.
fn is_in(group: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_end_matches(".*");
    group.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl DataSource for Privileges {
    type Model = PrivilegesModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: PrivilegesModel) -> Result<PrivilegesModel> {
        let all = cx.client.api.authorization().privileges().await;
        let all = all.doing("list the privileges")?;
        let fits = regex::filter(config.name_regex.as_str());
        let wanted = config.group.known();
        let mut found: Vec<_> = all
            .iter()
            .filter(|p| wanted.is_none_or(|g| is_in(&p.group, g)))
            .filter(|p| fits(&p.id))
            .collect();
        if let Some(g) = wanted
            && !all.iter().any(|p| is_in(&p.group, g))
        {
            let groups: BTreeSet<&str> = all.iter().map(|p| p.group.as_str()).collect();
            let near = did_you_mean(g, groups.iter().copied());
            let groups: Vec<&str> = groups.into_iter().collect();
            let detail = format!("The groups are {}.{near}", groups.join(", "));
            let summary = format!("The vCenter has no group of privileges {g:?}");
            return Err(Diagnostics::error(PrivilegesModel::GROUP, summary, detail));
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        let groups: BTreeSet<String> = found.iter().map(|p| p.group.clone()).collect();
        let models = found.iter().map(|p| PrivilegeModel {
            id: p.id.clone().into(),
            name: p.name.clone().into(),
            group: p.group.clone().into(),
            on_parent: p.on_parent.into(),
        });
        Ok(PrivilegesModel {
            id: cx.client.api.instance_uuid().into(),
            ids: found.iter().map(|p| p.id.clone()).collect::<Vec<_>>().into(),
            groups: groups.into_iter().collect::<Vec<_>>().into(),
            privileges: models.collect::<Vec<_>>().into(),
            ..config
        })
    }
}

#[cfg(test)]
mod tests {
    use super::is_in;

    #[test]
    fn groups_hold_groups() {
        assert!(is_in("VirtualMachine.Config", "VirtualMachine"));
        assert!(is_in("VirtualMachine.Config", "VirtualMachine.Config.*"));
        assert!(!is_in("VirtualMachine.Config", "VirtualMachine.Con"));
    }
}
