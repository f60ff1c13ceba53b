//! All that a machine is made of, brought together: one request for everything that can be changed at once.
use super::assembly::{Assembly, Blame};
use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use super::settings::{self, Settings};
use super::{cdrom, disks, extra_config, network, pci, vapp, video_card, vtpm};
use crate::vsphere::Vsphere;
use tf_framework::Result;
use vsphere_client::ApiVersion;
use vsphere_client::vim::types::{
    VirtualMachineConfigInfo, VirtualMachineConfigSpec, VirtualMachineDefinedProfileSpec,
};

/// What the attributes refer to, as it was looked up.
pub(super) struct Around {
    networks: network::Networks,
    media: cdrom::Datastores,
    passthrough: pci::Found,
    version: ApiVersion,
}

/// Looks up what a plan refers to.
///
/// # Errors
/// What is not there, with the attribute that names it.
pub(super) async fn look_around(vsphere: &Vsphere, plan: &M) -> Result<Around> {
    let (networks, media, passthrough) = futures_util::join!(
        network::resolve(vsphere, plan),
        cdrom::resolve(vsphere, plan),
        pci::resolve(vsphere, plan)
    );
    Ok(Around {
        networks: networks?,
        media: media?,
        passthrough: passthrough?,
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

/// What a machine is made of, or a template that is cloned.
pub(super) struct Base<'a> {
    pub(super) config: Option<&'a VirtualMachineConfigInfo>,
    pub(super) prior: Option<&'a M>,
    pub(super) is_new: bool,
}

/// From what there is to what is planned.
///
/// # Errors
/// What cannot be.
pub(super) fn request(base: &Base<'_>, plan: &M, around: &Around, mut assembly: Assembly) -> Result<Request> {
    let prior = base.prior;
    let changes = match base.config {
        Some(config) => settings::changes(&settings::of_machine(config), prior, plan),
        None => settings::for_new(plan),
    };
    let mut effects = settings::effects(&changes);
    let options = base.config.map(|c| extra_config::of_machine(&c.extra_config)).unwrap_or_default();
    effects.merge(extra_config::effects(&options, prior, plan));
    effects.merge(disks::assemble(prior, plan, &mut assembly));
    effects.merge(network::assemble(prior, plan, &around.networks, &mut assembly));
    effects.merge(cdrom::assemble(prior, plan, &around.media, &mut assembly));
    effects.merge(pci::assemble(prior, plan, &around.passthrough, &mut assembly));
    effects.merge(vtpm::assemble(prior, plan, &mut assembly));
    effects.merge(video_card::assemble(prior, plan, &mut assembly));
    let vapp_config = base.config.and_then(|c| c.v_app_config.as_deref());
    let properties = vapp::spec(vapp_config, prior, plan)?;
    if properties.is_some() {
        effects.power_off(M::VAPP, "vApp properties change, which the guest gets when it is turned on");
    }
    if effects.diagnostics.has_errors() {
        return Err(effects.diagnostics);
    }
    let (device_change, blame) = assembly.finish();
    let mut spec = VirtualMachineConfigSpec {
        device_change,
        extra_config: extra_config::options(&options, prior, plan),
        v_app_config: properties,
        vm_profile: profile(prior, plan),
        ..Default::default()
    };
    settings::spec(&changes, base.is_new, around.version, &mut spec);
    let is_empty = spec == VirtualMachineConfigSpec::default();
    let upgrade = changes
        .iter()
        .filter(|_| !base.is_new)
        .find(|c| c.name == M::HARDWARE_VERSION.0)
        .and_then(|c| if let settings::Setting::Number(n) = c.to { Some(n) } else { None });
    Ok(Request { spec, blame, effects, upgrade, is_empty })
}

fn profile(
    prior: Option<&M>,
    plan: &M,
) -> Vec<vsphere_client::vim::types::VirtualMachineProfileSpecKind> {
    let wanted = plan.storage_policy_id.as_str();
    if wanted.is_empty() || prior.is_some_and(|p| p.storage_policy_id.as_str() == wanted) {
        return vec![];
    }
    let profile =
        VirtualMachineDefinedProfileSpec { profile_id: wanted.to_owned(), ..Default::default() };
    vec![profile.into()]
}
