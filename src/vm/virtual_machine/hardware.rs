//! All that a machine is made of, brought together: one request for everything that can be changed at once.
use super::assembly::{Assembly, Blame};
use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use super::settings;
use super::{bootstrap, cdrom, disks, evc, extra_config, network, pci, policies, vapp, video_card, vtpm};
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::Result;
use vsphere_client::ApiVersion;
use vsphere_client::device::{Devices, Nic};
use vsphere_client::vim::types::{
    HostFeatureMask, VirtualDeviceConfigSpec, VirtualDeviceConfigSpecOperation, VirtualDeviceKind,
    VirtualMachineConfigSpec, VirtualMachineDefinedProfileSpec,
};
use vsphere_client::virtual_machine::VirtualMachine as Machine;

/// What the attributes refer to, as it was looked up.
pub(super) struct Around {
    networks: network::Connections,
    media: cdrom::Datastores,
    passthrough: pci::HostDevices,
    groups: pci::groups::Components,
    /// The names of datastores, by their ids.
    pub(super) names: BTreeMap<String, String>,
    /// What the EVC mode takes away, where another one is planned.
    pub(super) masks: Option<Vec<HostFeatureMask>>,
    version: ApiVersion,
}

/// Looks up what a plan refers to.
///
/// # Errors
/// What is not there, with the attribute that names it.
pub(super) async fn look_around(vsphere: &Vsphere, prior: Option<&M>, plan: &M) -> Result<Around> {
    let kept = network::known_networks(prior);
    let (networks, media, passthrough, groups, names, policies, masks) = futures_util::join!(
        network::resolve_plan(vsphere, network::networks(plan), &kept),
        cdrom::resolve(vsphere, plan),
        pci::resolve(vsphere, prior, plan),
        pci::groups::resolve(vsphere, prior, plan),
        disks::resolve(vsphere, plan),
        policies::check(vsphere, prior, plan),
        evc::masks(vsphere, prior, plan)
    );
    policies?;
    Ok(Around {
        networks: networks?,
        media: media?,
        passthrough: passthrough?,
        groups: groups?,
        names: names?,
        masks: masks?,
        version: vsphere.api.api_version(),
    })
}

/// What is to be sent, who is to blame, and what it does.
pub(super) struct Request {
    pub(super) spec: VirtualMachineConfigSpec,
    pub(super) blame: Blame,
    pub(super) effects: Effects,
    /// The hardware version to upgrade to first.
    pub(super) upgrade: Option<i64>,
    /// Whether there is anything to send.
    pub(super) is_empty: bool,
}

impl Request {
    /// The part of it that goes along with a clone of `source`: settings, interfaces, and what changes about disks that
    /// stay where they are. What vSphere takes of the rest (new disks and controllers, other devices) is documented
    /// nowhere; it follows once the clone is there, as does the hardware version, which no clone takes.
    pub(super) fn along_with_clone(self, source: &Devices, of_snapshot: bool) -> Self {
        let mut part = self.with_changes(|change| match &change.device {
            // The disks of a snapshot need not be those of today.
            VirtualDeviceKind::VirtualDisk(disk) if !of_snapshot => {
                let stays = |there: &VirtualDeviceKind| {
                    let there = there.base();
                    there.is_some_and(|t| {
                        (t.controller_key, t.unit_number) == (disk.base.controller_key, disk.base.unit_number)
                    })
                };
                change.operation == Some(VirtualDeviceConfigSpecOperation::Edit)
                    && source.by_key(disk.base.key).is_some_and(stays)
            }
            device => Nic::of(device).is_some(),
        });
        part.spec.version = None;
        // Their devices follow.
        part.spec.device_groups = None;
        part
    }

    /// The part of it that goes along with an instant clone: edits of network interfaces, and extra config.
    pub(super) fn along_with_instant_clone(self) -> Self {
        self.with_changes(|change| {
            change.operation == Some(VirtualDeviceConfigSpecOperation::Edit)
                && Nic::of(&change.device).is_some()
        })
    }

    /// The request with some of its changes of devices.
    fn with_changes(mut self, is_kept: impl Fn(&VirtualDeviceConfigSpec) -> bool) -> Self {
        let keep: Vec<bool> = self.spec.device_change.iter().map(is_kept).collect();
        let mut all = keep.iter();
        self.spec.device_change.retain(|_| all.next().copied().unwrap_or_default());
        self.blame.retain(&keep);
        self
    }
}

/// What a machine is made of, or a template that is cloned.
pub(super) struct Base<'a> {
    /// The machine, or the template; nothing for one that is made from nothing.
    pub(super) vm: Option<&'a Machine>,
    pub(super) prior: Option<&'a M>,
    pub(super) origin: disks::Origin,
    /// Whether it is there already; a template is not what is changed.
    pub(super) exists: bool,
    /// Whether it has just come out of a package, whose interfaces stay where none is declared.
    pub(super) is_package: bool,
    pub(super) own: &'a disks::Own,
    /// The configuration, which has what is write-only.
    pub(super) config: Option<&'a M>,
}

/// From what there is to what is planned.
///
/// # Errors
/// What cannot be.
pub(super) fn request(base: &Base<'_>, plan: &M, around: &Around, mut assembly: Assembly) -> Result<Request> {
    let prior = base.prior;
    let is_new = !base.exists;
    let config = base.vm.and_then(|vm| vm.config.as_deref());
    let changes = match config {
        Some(config) => settings::changes(&settings::of_machine(config), prior, plan),
        None => settings::for_new(plan),
    };
    let mut effects = settings::effects(&changes);
    let options = config.map(|c| extra_config::of_machine(&c.extra_config)).unwrap_or_default();
    effects.merge(extra_config::effects(&options, prior, plan));
    let scene = disks::Scene {
        origin: base.origin,
        home: base.vm.filter(|_| !is_new).and_then(Machine::home),
        own: base.own,
        snapshot: base.vm.filter(|_| !is_new).and_then(|vm| Some(vm.snapshots().last()?.1.name.clone())),
        names: &around.names,
    };
    effects.merge(disks::assemble(prior, plan, &scene, &mut assembly));
    effects.diagnostics.merge(disks::needs(plan, around.version));
    if !(base.is_package && plan.network_interface.known().is_none_or(Vec::is_empty)) {
        effects.merge(network::assemble(prior, plan, &around.networks, &mut assembly));
    }
    let is_on = base.vm.is_some_and(|vm| base.exists && cdrom::is_on(vm));
    let bare = matches!(base.origin, disks::Origin::Clone { .. }) && !base.is_package;
    effects.merge(cdrom::assemble(prior, plan, &around.media, (bare, is_on), &mut assembly));
    effects.merge(pci::assemble(prior, plan, &around.passthrough, &mut assembly));
    let (more, device_groups) = pci::groups::assemble(prior, plan, base.vm, &around.groups, &mut assembly);
    effects.merge(more);
    effects.merge(vtpm::assemble(prior, plan, &mut assembly));
    effects.merge(video_card::assemble(plan, &mut assembly));
    if let Some(prior) = prior {
        effects.merge(evc::plan(Some(prior), plan));
    }
    let vapp_config = config.and_then(|c| c.v_app_config.as_deref()?.base());
    let of_cloud_init = bootstrap::properties(&vapp::values(vapp_config), prior, plan, base.config)?;
    let properties = vapp::spec(vapp_config, prior, plan, of_cloud_init)?;
    if properties.is_some() {
        effects.power_off(M::VAPP, "vApp properties change, which the guest gets when it is turned on");
    }
    if effects.diagnostics.has_errors() {
        return Err(effects.diagnostics);
    }
    let mut extra_config = extra_config::options(&options, prior, plan);
    extra_config.extend(bootstrap::options(&options, prior, plan, base.config)?);
    let (device_change, blame) = assembly.finish();
    let mut spec = VirtualMachineConfigSpec {
        device_change,
        extra_config,
        v_app_config: properties.map(|p| Box::new((*p).into())),
        vm_profile: profile(prior, plan),
        device_groups: device_groups.map(Box::new),
        ..Default::default()
    };
    settings::spec(&changes, is_new, around.version, &mut spec);
    let is_empty = spec == VirtualMachineConfigSpec::default();
    let upgrade = changes
        .iter()
        .filter(|_| !is_new)
        .find(|c| c.name == M::HARDWARE_VERSION.0)
        .and_then(|c| if let settings::Setting::Number(n) = c.to { Some(n) } else { None });
    Ok(Request { spec, blame, effects, upgrade, is_empty })
}

fn profile(prior: Option<&M>, plan: &M) -> Vec<vsphere_client::vim::types::VirtualMachineProfileSpecKind> {
    let wanted = plan.storage_policy_id.as_str();
    if wanted.is_empty() || prior.is_some_and(|p| p.storage_policy_id.as_str() == wanted) {
        return vec![];
    }
    let profile = VirtualMachineDefinedProfileSpec { profile_id: wanted.to_owned(), ..Default::default() };
    vec![profile.into()]
}
