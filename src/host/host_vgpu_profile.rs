//! `data.vsphere_host_vgpu_profile`
use crate::common::moid::{Host, MoId};
use crate::common::regex;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::vim::types::HostSharedGpuCapabilities;

/// Lists the vGPU profiles that a host supports.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_vgpu_profile", category = "Host and Cluster Management")]
pub struct HostVgpuProfileModel {
    /// The managed object ID of the host.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, form = MoId::<Host>::form)]
    pub host_id: Value<String>,
    /// A regular expression to match against any part of the profile name.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The matching vGPU profiles, in the order in which the host reports them. Empty if the host has no shared GPU.
    #[tf(computed)]
    pub vgpu_profiles: Value<Vec<ProfileModel>>,
}

/// A vGPU profile.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ProfileModel {
    /// The name of the vGPU profile, such as `grid_v100-4q`.
    #[tf(computed)]
    pub vgpu: Value<String>,
    /// Whether disk-only snapshots of a powered-on virtual machine are supported.
    #[tf(computed)]
    pub disk_snapshot_supported: Value<bool>,
    /// Whether snapshots that include memory are supported.
    #[tf(computed)]
    pub memory_snapshot_supported: Value<bool>,
    /// Whether migration of a powered-on virtual machine is supported.
    #[tf(computed)]
    pub migrate_supported: Value<bool>,
    /// Whether suspending and resuming a virtual machine is supported.
    #[tf(computed)]
    pub suspend_supported: Value<bool>,
}

type M = HostVgpuProfileModel;

/// The data source.
#[derive(Debug, Default)]
pub struct HostVgpuProfile;

vsphere_client::properties! {
    struct Graphics of "HostSystem" {
        profiles: Vec<HostSharedGpuCapabilities> = "config.sharedGpuCapabilities",
    }
}

/// The profiles that fit. Pure.
fn fitting(all: &[HostSharedGpuCapabilities], name: &str) -> Vec<ProfileModel> {
    let name = regex::filter(name);
    let fits = |p: &&HostSharedGpuCapabilities| name(&p.vgpu);
    let model = |p: &HostSharedGpuCapabilities| ProfileModel {
        vgpu: p.vgpu.clone().into(),
        disk_snapshot_supported: p.disk_snapshot_supported.into(),
        memory_snapshot_supported: p.memory_snapshot_supported.into(),
        migrate_supported: p.migrate_supported.into(),
        suspend_supported: p.suspend_supported.into(),
    };
    all.iter().filter(fits).map(model).collect()
}

impl DataSource for HostVgpuProfile {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, id) = (cx.client, config.host_id.as_str());
        let host = MoId::<Host>::object(id);
        let Graphics { profiles } = match vsphere.api.properties().get(&host).await {
            Err(e) if e.is_not_found() => return Err(MoId::<Host>::not_found(id, M::HOST_ID)),
            read => read.doing(format!("read the profiles of graphics cards of {host}"))?,
        };
        Ok(M {
            id: id.into(),
            vgpu_profiles: fitting(&profiles, config.name_regex.as_str()).into(),
            ..config
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_chosen_by_name() {
        let profile = |vgpu: &str| HostSharedGpuCapabilities {
            vgpu: vgpu.to_owned(),
            migrate_supported: true,
            ..Default::default()
        };
        let all = [profile("grid_v100-4q"), profile("grid_v100-8q"), profile("nvidia_a40-4c")];
        let of = |name: &str| fitting(&all, name).iter().map(|p| p.vgpu.get()).collect::<Vec<_>>();
        assert_eq!(of("").len(), 3);
        assert_eq!(of("-4"), ["grid_v100-4q", "nvidia_a40-4c"]);
        assert_eq!(of("^x"), [""; 0]);
    }
}
