//! `vsphere_virtual_machine`
mod abilities;
mod assembly;
mod blame;
mod bootstrap;
mod cdrom;
mod class;
mod clone;
mod conditions;
mod create;
mod customize;
pub mod data_source;
mod destroy;
mod disks;
mod effects;
mod encryption;
mod evc;
mod extra_config;
mod guest;
mod guest_networks;
mod hardware;
mod identity;
mod left;
mod matching;
mod model;
mod name;
mod network;
mod observe;
pub(super) mod ovf;
pub(super) mod parts;
mod pci;
pub(super) mod place;
mod planned;
mod policies;
mod power;
pub(super) mod power_state;
mod preflight;
mod resize;
mod settings;
mod status;
pub(super) mod transition;
mod update;
mod upgrade;
mod uuids;
pub(super) mod vapp;
mod video_card;
mod vtpm;

use crate::common::labels::Labels;
use crate::fault::Doing;
use crate::run_notes::{Course, PowerOwner, RunNotes};
use crate::turnover::Turnover;
use crate::vsphere::Vsphere;
use model::VirtualMachineModel;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use tf_framework::{Cx, DestroyCx, Diagnostics, Plan, PlanCx, Resource, Result};

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualMachine;

type M = VirtualMachineModel;

/// The folders of other machines, where a machine that is imported has disks outside of its own.
async fn homes_of_others(vsphere: &Vsphere, found: &identity::Found) -> Result<BTreeSet<String>> {
    if !disks::sits_elsewhere(&found.vm) {
        return Ok(BTreeSet::new());
    }
    let read = place::neighbors(vsphere, &found.vm.datastores).await;
    let doing = format!("look for the virtual machines beside {}", identity::name_of(&found.vm));
    let all = read.doing(doing)?;
    let others = all.iter().filter(|(object, _)| *object != found.object);
    Ok(disks::homes(others.filter_map(|(_, n)| n.home.as_ref())))
}

/// Notes whether the configuration sets the power state, which a group may do instead, and what stops power-on.
fn note_power(vsphere: &Vsphere, state: &M, config: Option<&M>) {
    let (notes, object) = (vsphere.run::<RunNotes>(), preflight::object(state));
    let wanted = power_state::wanted(config).map(transition::Power::as_str);
    notes.power(&object, PowerOwner::Machine, wanted);
    notes.stop_power_on(&object, config.and_then(power_state::stops));
}

impl Resource for VirtualMachine {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/vm/team/web-1, by the managed object ID, such as vm-42, by the instance \
                                  UUID or by the BIOS UUID";

    fn validate(&self, config: &M) -> Diagnostics {
        planned::validate(config)
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if cx.prior.is_none() {
            let found = ovf::look(cx.config).await;
            if found.has_errors() {
                return Err(found);
            }
            cx.warnings.merge(found);
        }
        Labels::plan(cx, "VirtualMachine", planned).await?;
        // Its families plan together, each on what the others have made of it.
        let mut wanted = M::clone(planned);
        class::plan(cx, &mut wanted).await?;
        planned::finish(cx, &mut wanted)?;
        preflight::check(cx, &wanted).await?;
        planned.become_model(wanted);
        if let (Some(vsphere), Some(prior)) = (cx.client, cx.prior) {
            note_power(vsphere, prior, Some(cx.config));
        }
        Ok(())
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        if let Some(vsphere) = cx.client {
            vsphere.run::<RunNotes>().machine(&preflight::object(state), Course::Destroyed);
        }
        destroy::allowed(state, &disks::Held::read(cx.private(disks::HELD)))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let made = create::create(cx, plan).await?;
        note_power(cx.client(), &made, cx.config());
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let kept = cx.private(identity::PLACE);
        cx.client().run::<RunNotes>().machine(&preflight::object(&state), Course::Read);
        let (found, tags) = futures_util::join!(
            identity::find(cx.client(), &state, kept.as_ref()),
            observe::Early::of(cx.client(), &state)
        );
        let Some(found) = found? else { return Ok(None) };
        cx.set_private(identity::PLACE, identity::place(&found.vm));
        cx.set_private(disks::HELD, disks::Held::of(&found.vm).write());
        create::note_made(cx, &found, &state);
        cx.set_private(power::TURN_ON, power::noticed(&found.vm, cx.private(power::TURN_ON).as_ref()));
        if let Some(config) = found.vm.config.as_deref() {
            cx.set_private(settings::HOT_MEMORY, settings::hot_memory(config));
            extra_config::settle(cx, config, &state);
        }
        // The beginning of a state has no name yet.
        let imported = state.name.is_null();
        if imported {
            let homes = Box::pin(homes_of_others(cx.client(), &found)).await?;
            cx.set_private(disks::OWN, disks::Own::found(&found.vm, &homes).write());
            cx.set_private(disks::SETTLED, disks::settle_mark(&found.vm).unwrap_or_default());
        } else {
            create::note_left(cx, &found, &state, true);
        }
        let seen = observe::state(cx, &found, imported, state, tags).await?;
        if imported {
            // An import goes on without it: the plan then says more than it need.
            let cluster = place::cluster_of(cx.client(), &found.vm).await.ok().flatten();
            cx.set_private(place::CLUSTER, cluster.map_or(Json::Null, |c| c.id.to_string().into()));
            let options = found.vm.config.as_deref().map_or(&[][..], |c| &c.extra_config);
            cx.set_private(extra_config::SEEN, extra_config::seen(options));
            cx.set_private(video_card::FOUND, video_card::found(&found.vm.devices()));
        }
        observe::tell_foreign(cx, &found, &seen);
        Ok(Some(seen))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let renamed = !vsphere_client::same_name(prior.name.as_str(), plan.name.as_str());
        let _leaving = renamed.then(|| cx.client().run::<Turnover>().leaves(&preflight::object(&prior)));
        update::update(cx, prior, plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let object = preflight::object(&state);
        cx.client().run::<RunNotes>().machine(&object, Course::Destroyed);
        let _leaving = cx.client().run::<Turnover>().leaves(&object);
        destroy::destroy(cx, state).await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let object = identity::imported(cx.client(), id).await?;
        let id = object.id.to_string();
        Ok(M { id: id.clone().into(), moid: id.into(), imported: true.into(), ..M::default() })
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json> {
        Ok(upgrade::upgrade(version, state))
    }
}
