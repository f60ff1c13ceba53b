//! What a plan looks up about what it creates or changes: whether the objects that are named exist, belong together and
//! take what is planned. Nothing is left behind by what is found here, as nothing has been made yet.
//!
//! What does not change is not looked at: it must not fail a plan, or a destruction, which begins with
//! one. What is not known yet is not looked at either. The reads of all virtual machines of a plan go together.
use super::VirtualMachine;
use super::assembly::Assembly;
use super::customize;
use super::disks;
use super::model::{DiskModel, VirtualMachineModel as M};
use super::place::{self, Asked, Ground};
use super::{abilities, cdrom, clone, encryption, evc, network, pci, policies, uuids};
use crate::common::moid::{Host, MoId};
use crate::common::once::Once;
use crate::fault::capital;
use crate::plan_registry::PlanRegistry;
use crate::plan_registry::Planned;
use crate::run_notes::RunNotes;
use crate::run_notes::{self, Course};
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics, Model, PlanCx, Result, Severity, Value};
use vsphere_client::{MoRef, unescape};

/// What is in a folder.
#[derive(Default)]
struct Children(Once<MoRef, Arc<Vec<vsphere_client::Found>>>);

/// The virtual machine of a state.
pub(super) fn object(state: &M) -> MoRef {
    MoRef::new("VirtualMachine", state.moid.as_str())
}

/// Looks up what a plan refers to.
///
/// # Errors
/// What is wrong, or certain to be refused, at the attribute that says it.
pub(super) async fn check(cx: &mut PlanCx<'_, VirtualMachine>, planned: &M) -> Result<()> {
    let Some(vsphere) = cx.client else { return Ok(()) };
    if let Some(prior) = cx.prior {
        let name = planned.name.known().cloned().unwrap_or_default();
        vsphere.run::<RunNotes>().machine(&object(prior), Course::Named(name));
    }
    // A replacement is planned once more, as a creation.
    if cx.is_replacement() || (cx.prior.is_some() && !cx.changed) {
        return Ok(());
    }
    let look = Look { vsphere, prior: cx.prior, config: cx.config, planned };
    // Boxed: what awaits all of it is a large value.
    let found = Box::pin(look.all()).await;
    cx.finish(found)
}

/// As [`check`], of a virtual machine that another resource is going to make.
pub(super) async fn of_new(vsphere: &Vsphere, config: &M, planned: &M) -> Diagnostics {
    // Boxed: what awaits all of it is a large value.
    Box::pin(Look { vsphere, prior: None, config, planned }.all()).await
}

/// One look.
struct Look<'a> {
    vsphere: &'a Vsphere,
    prior: Option<&'a M>,
    config: &'a M,
    planned: &'a M,
}

/// Ids with the attributes that name them.
type Named = Vec<(AttributePath, String)>;

impl<'a> Look<'a> {
    /// The value of an attribute, if the plan changes it.
    fn changed(&self, of: impl Fn(&'a M) -> &'a Value<String>) -> Option<&'a str> {
        let is = of(self.planned).non_empty()?;
        let was = self.prior.map(|p| of(p).as_str());
        (was != Some(is)).then_some(is.as_str())
    }

    fn is_new(&self) -> bool {
        self.prior.is_none()
    }

    /// The datastores that the plan changes: that of the virtual machine, and those of disks.
    fn datastores(&self) -> Named {
        let of_disks = |m: &'a M| m.disk.known().map_or(&[][..], Vec::as_slice);
        let known = |id: &str| {
            self.prior.is_some_and(|p| {
                p.datastore_id.as_str() == id || of_disks(p).iter().any(|d| d.datastore_id.as_str() == id)
            })
        };
        let own = self.changed(|m| &m.datastore_id).map(|id| (M::DATASTORE_ID.into(), id.to_owned()));
        // A disk that says nothing has the datastore of the virtual machine.
        let declared = self.config.disk.known().map_or(&[][..], Vec::as_slice);
        let disks = declared.iter().enumerate().filter_map(|(i, d)| {
            let id = d.datastore_id.non_empty()?;
            Some((M::DISK.index(i).field(DiskModel::DATASTORE_ID), id.clone()))
        });
        own.into_iter().chain(disks).filter(|(_, id)| !known(id)).collect()
    }

    /// The networks that the plan changes.
    fn networks(&self) -> Named {
        let before = self.prior.map(network::networks).unwrap_or_default();
        let mut all = network::networks(self.planned);
        all.retain(|(_, id)| !before.iter().any(|(_, known)| known == id));
        if self.is_new() && all.is_empty() && !self.planned.network_interface.is_unknown() {
            let id = self.planned.default_network_id.non_empty();
            all.extend(id.map(|id| (M::DEFAULT_NETWORK_ID.into(), id.clone())));
        }
        all
    }

    async fn all(&self) -> Diagnostics {
        let mut out = Diagnostics::default();
        let (place, networks, labels, media, policies, masks, devices, uuids, keys) = futures_util::join!(
            Box::pin(self.place()),
            self.existing_networks(),
            self.planned.labels.check(self.vsphere, "VirtualMachine", self.prior.map(|p| &p.labels)),
            self.media(),
            policies::check(self.vsphere, self.prior, self.planned),
            evc::masks(self.vsphere, self.prior, self.planned),
            self.devices(),
            self.uuids(),
            encryption::check(self.vsphere, self.prior, self.planned),
        );
        for more in [
            place,
            networks,
            labels,
            media,
            policies.err().unwrap_or_default(),
            masks.err().unwrap_or_default(),
            devices,
            uuids,
            keys,
        ] {
            out.merge(more);
        }
        out
    }

    async fn existing_networks(&self) -> Diagnostics {
        let networks = self.networks();
        if networks.is_empty() {
            return Diagnostics::default();
        }
        network::resolve(self.vsphere, &networks).await.err().unwrap_or_default()
    }

    async fn media(&self) -> Diagnostics {
        if self.prior.is_some_and(|p| p.cdrom == self.planned.cdrom) {
            return Diagnostics::default();
        }
        cdrom::resolve(self.vsphere, self.planned).await.err().unwrap_or_default()
    }

    async fn devices(&self) -> Diagnostics {
        if self.planned.host_system_id.is_unknown() && !self.config.host_system_id.is_null() {
            return Diagnostics::default();
        }
        let (devices, groups) = futures_util::join!(
            pci::resolve(self.vsphere, self.prior, self.planned),
            pci::groups::resolve(self.vsphere, self.prior, self.planned),
        );
        let mut out = devices.err().unwrap_or_default();
        out.merge(groups.err().unwrap_or_default());
        out
    }

    async fn uuids(&self) -> Diagnostics {
        if self.is_new() { uuids::check(self.vsphere, self.planned).await } else { Diagnostics::default() }
    }

    /// Pool, host, datastores and networks; then what depends on them.
    async fn place(&self) -> Diagnostics {
        let planned = self.planned;
        let Some(pool) = planned.resource_pool_id.non_empty() else {
            return Box::pin(self.source(None)).await;
        };
        let host = self.config.host_system_id.non_empty();
        let host = host.map(|id| MoId::<Host>::object(id.as_str()));
        let asked = Asked {
            place: self.changed(|m| &m.resource_pool_id).is_some()
                || (host.is_some() && self.changed(|m| &m.host_system_id).is_some()),
            pod: self.changed(|m| &m.datastore_cluster_id).map(str::to_owned),
            datastores: self.datastores(),
            networks: self.networks(),
        };
        let guest = self.changed(|m| &m.guest_id).is_some() || self.version().is_some();
        let name =
            self.is_new() || self.changed(|m| &m.name).is_some() || self.changed(|m| &m.folder).is_some();
        let anything =
            asked.place || asked.pod.is_some() || !asked.datastores.is_empty() || !asked.networks.is_empty();
        if !anything && !guest && !name {
            return Diagnostics::default();
        }
        let ground = match place::ground(self.vsphere, pool, host.as_ref()).await {
            Ok(ground) => ground,
            // One that was there before and cannot be read now is not what is planned.
            Err(found) if asked.place => return found,
            Err(_) => return Diagnostics::default(),
        };
        let mut out = Diagnostics::default();
        let (place, name, source) = futures_util::join!(
            place::check(self.vsphere, &ground, &asked),
            Box::pin(self.name(pool)),
            Box::pin(self.source(Some(&ground))),
        );
        out.merge(place);
        out.merge(name);
        out.merge(source);
        out
    }

    /// The hardware version that the plan changes.
    fn version(&self) -> Option<u32> {
        let is = *self.planned.hardware_version.known().filter(|n| **n > 0)?;
        let was = self.prior.and_then(|p| p.hardware_version.known().copied());
        u32::try_from(is).ok().filter(|_| was != Some(is))
    }

    /// What is cloned, and the guest.
    async fn source(&self, ground: Option<&Ground>) -> Diagnostics {
        let mut out = Diagnostics::default();
        let block = self.config.clone.first().filter(|_| self.is_new());
        let source = match block {
            Some(block) if block.template_uuid.known().is_some() && !unknown(block) => {
                match clone::origin(self.vsphere, block).await {
                    Ok(clone::Origin::Machine(source)) => Some(source),
                    Ok(clone::Origin::Item(item)) => {
                        out.merge(clone::check_item(block, &item));
                        None
                    }
                    Err(found) => return found,
                }
            }
            _ => None,
        };
        if let Some(source) = &source {
            out.merge(self.cloned(source).await);
        }
        if self.is_new() && block.is_none() && !self.config.clone.is_unknown() {
            // What a package has for a guest is seen when it is deployed.
            let guest = self.config.guest_id.known().map_or("", String::as_str);
            out.merge(customize::check(self.vsphere, self.config, guest));
        }
        let Some(ground) = ground else { return out };
        let unclear = (self.is_new() && source.is_none() && block.is_some())
            || self.config.clone.is_unknown()
            || self.config.hardware_version.is_unknown();
        if unclear {
            return out;
        }
        // What the template has is what the hosts have taken before.
        let of_source = source.as_ref().map(|s| (s.guest_id(), s.vm.hardware_version().map(|v| v.0)));
        let guest = self.changed(|m| &m.guest_id).filter(|id| of_source.is_none_or(|(has, _)| has != *id));
        let has = of_source.and_then(|(_, version)| version);
        let version = self.version().filter(|wanted| has.is_none_or(|has| *wanted > has));
        let present =
            self.planned.hardware_version.known().and_then(|n| u32::try_from(*n).ok()).filter(|n| *n > 0);
        let hardware = version.or(has).or(present);
        if guest.is_some() || version.is_some() {
            out.merge(abilities::check(self.vsphere, ground, guest, version, hardware).await);
        }
        out
    }

    /// Whether a source is fit for what is to be cloned from it.
    async fn cloned(&self, source: &clone::Source) -> Diagnostics {
        let (config, planned) = (self.config, self.planned);
        let mut out = clone::check(self.vsphere, planned, source);
        if clone::instant::is_declared(config) {
            out.merge(clone::instant::check(config, planned, source));
        } else if source.vm.power_state.as_str() == "poweredOn"
            && !source.vm.is_template()
            && source.snapshot.is_none()
        {
            let detail = "What is cloned is what its disks hold at that moment, as after a power failure. Power it off, or name \
                          a snapshot with `snapshot_id`.";
            let summary = format!("{} is powered on", capital(&source.title()));
            out.merge(Diagnostics::warning(clone::at(), summary, detail));
        }
        if let Some(blocks) = config.disk.known()
            && !blocks.iter().any(unknown)
        {
            let own = disks::Own::default();
            let names = BTreeMap::new();
            let origin = disks::Origin::Clone { linked: source.linked };
            let scene = disks::Scene { origin, home: None, own: &own, snapshot: None, names: &names };
            if let Some(version) = source.vm.hardware_version() {
                let mut devices = Assembly::of(source.vm.devices(), version);
                let found = disks::assemble(None, planned, &scene, &mut devices).diagnostics;
                out.0.extend(found.0.into_iter().filter(|d| d.severity == Severity::Error));
            }
        }
        if !config.network_interface.is_unknown() {
            let nics = network::declared(config).unwrap_or_else(|| source.vm.devices().nics().len());
            let guest = match planned.guest_id.known().map(String::as_str) {
                None | Some("") => source.guest_id(),
                Some(set) => set,
            };
            out.merge(customize::preflight(self.vsphere, planned, nics, guest).await);
        }
        out
    }

    /// The folder, and whether the name is free in it.
    async fn name(&self, pool: &str) -> Diagnostics {
        let Some(path) = folder_path(self.config, self.planned) else { return Diagnostics::default() };
        let is_changed = self.changed(|m| &m.folder).is_some();
        let folder = match place::folder(self.vsphere, pool, path).await {
            Ok(folder) => folder,
            Err(_) if !(is_changed || self.is_new()) || self.vsphere.run::<RunNotes>().makes_folder(path) => {
                return Diagnostics::default();
            }
            // Another resource of this run may make it.
            Err(mut found) => {
                for d in &mut found.0 {
                    d.severity = Severity::Warning;
                    d.detail.push_str(" If this configuration makes the folder, refer to it with `vsphere_folder.<name>.path`, so that it is made first.");
                }
                return found;
            }
        };
        let Some(name) = self.planned.name.non_empty() else {
            return Diagnostics::default();
        };
        if !(self.is_new() || is_changed || self.changed(|m| &m.name).is_some()) {
            return Diagnostics::default();
        }
        // What a vApp holds is in no folder.
        if &*place::pool(pool).ty == "VirtualApp" {
            return Diagnostics::default();
        }
        let key = format!("virtual machine {} {}", folder.id, unescape(name));
        if self.is_new() && !self.vsphere.run::<PlanRegistry>().claim(&key, Planned::Created, "") {
            let detail = "The name of a virtual machine must be unique in its folder. Give each one a name of its own, for example with \
                          `count.index` or `each.key`, or another `folder`.";
            return Diagnostics::error(
                M::NAME,
                format!("Two virtual machines of this plan are named {name:?}"),
                detail,
            );
        }
        self.taken(&folder, name).await
    }

    /// What is said of a name that another object of the folder has.
    async fn taken(&self, folder: &MoRef, name: &str) -> Diagnostics {
        let none = Diagnostics::default();
        let find = self.vsphere.api.find();
        let look = async {
            Ok::<_, vsphere_client::Error>(Arc::new(self.vsphere.api.folders().children(folder).await?))
        };
        let Ok(children) = self.vsphere.run::<Children>().0.get(folder.clone(), look).await else {
            return none;
        };
        let own = self.prior.map(object);
        let Some(holder) =
            children.iter().find(|c| c.name == unescape(name) && Some(&c.object) != own.as_ref())
        else {
            return none;
        };
        let (course, certain) = match &*holder.object.ty {
            "VirtualMachine" => {
                self.vsphere.run::<RunNotes>().course_of(&holder.object, run_notes::STATE_TIMEOUT).await
            }
            _ => (None, true),
        };
        // The list may be of the time before another change of this run.
        match find.child(folder, name).await {
            Ok(Some(now)) if now == holder.object => {}
            _ => return none,
        }
        let path = find.path_of(&holder.object).await.unwrap_or_else(|_| name.to_owned());
        let (holder, path, is_new) = (&holder.object, path.as_str(), self.is_new());
        taken(&Taken { name, holder, path, course: course.as_ref(), certain, is_new })
    }
}

/// Whether anything in a block is not known yet.
fn unknown<T: Model>(block: &T) -> bool {
    block.write().has_unknown()
}

/// The path of the folder, where it is known: without one it is the datacenter's.
fn folder_path<'a>(config: &M, planned: &'a M) -> Option<&'a str> {
    (!config.folder.is_unknown() && !planned.folder.is_unknown()).then(|| planned.folder.as_str())
}

/// A name that is taken.
struct Taken<'a> {
    name: &'a str,
    holder: &'a MoRef,
    path: &'a str,
    /// What this run does with the holder, if it is in the state.
    course: Option<&'a Course>,
    /// Whether it would be known by now.
    certain: bool,
    is_new: bool,
}

/// What is said of a name that is taken: an error where nothing in this run can make it free. Pure.
fn taken(t: &Taken<'_>) -> Diagnostics {
    let is = format!("{} ({})", t.path, t.holder.id);
    let order = "Terraform does not know which of the two changes has to come first. Whichever does waits for the other, if \
                 that is under way at the same time. If the apply fails because of the name, apply once more; or apply the \
                 change of that virtual machine first, with `-target`.";
    let detail = match t.course {
        Some(Course::Destroyed) => {
            format!("The virtual machine {is} has it, and this plan destroys that. {order}")
        }
        Some(Course::Named(other)) if other != t.name && !other.is_empty() => {
            format!("The virtual machine {is} has it, and this plan renames that to {other:?}. {order}")
        }
        // What is replaced makes place for itself.
        Some(_) if t.is_new => return Diagnostics::default(),
        Some(_) => format!("The virtual machine {is}, which is in the state, has it. {order}"),
        None => {
            let import = if &*t.holder.ty == "VirtualMachine" {
                format!(", or import the virtual machine: terraform import <address> {:?}", t.path)
            } else {
                String::new()
            };
            format!("{is} has it, and a name must be unique in its folder. Choose another name{import}.")
        }
    };
    let summary = format!("The name {:?} is taken", t.name);
    if t.course.is_none() && t.certain && t.is_new {
        Diagnostics::error(M::NAME, summary, detail)
    } else {
        Diagnostics::warning(M::NAME, summary, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_is_an_error_only_where_nothing_can_free_it() {
        let holder = MoRef::new("VirtualMachine", "vm-7");
        let (named, destroyed, read) = (Course::Named("c".into()), Course::Destroyed, Course::Read);
        let same = Course::Named("b".into());
        for (course, certain, is_new, error, part) in [
            (None, true, true, true, "terraform import <address> \"/DC0/vm/b\""),
            (None, true, false, false, "terraform import"),
            (None, false, true, false, "terraform import"),
            (Some(&named), true, false, false, "renames that to \"c\""),
            (Some(&named), true, true, false, "renames that to \"c\""),
            (Some(&destroyed), true, true, false, "destroys that"),
            (Some(&read), true, false, false, "in the state"),
            (Some(&read), true, true, false, ""),
            (Some(&same), true, true, false, ""),
        ] {
            let found =
                taken(&Taken { name: "b", holder: &holder, path: "/DC0/vm/b", course, certain, is_new });
            if part.is_empty() {
                assert!(found.is_empty(), "{found}");
                continue;
            }
            assert_eq!(found.has_errors(), error, "{found}");
            assert!(found.to_string().contains(part) && found.to_string().contains("(vm-7)"), "{found}");
        }
    }
}
