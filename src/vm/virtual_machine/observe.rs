//! From a virtual machine to its state.
use super::VirtualMachine;
use super::identity::{self, Found};
use super::model::{VirtualMachineModel as M, title};
use super::{
    bootstrap, cdrom, conditions, disks, encryption, evc, extra_config, guest_networks, network, pci, place,
    policies, settings, status, vapp, video_card, vtpm,
};
use crate::common::labels::{Carried, Labels};
use crate::common::machine::Seen;
use crate::common::moid::{Datastore, MoId};
use crate::fault::{Doing, capital};
use crate::vsphere::Vsphere;
use tf_framework::{Cx, Result, Value};
use vsphere_client::virtual_machine::{AddressFilter, VirtualMachine as Machine};
use vsphere_client::{MoRef, custom_fields};

pub(super) fn power(vm: &Machine) -> &'static str {
    match vm.power_state.as_str() {
        "poweredOn" => super::power::ON,
        "suspended" => super::power::SUSPENDED,
        _ => "off",
    }
}

/// The addresses that count: the one that guest tools hold for the first, and all.
fn addresses(vm: &Machine, ignored: &[String]) -> (Option<String>, Vec<String>) {
    let filter = AddressFilter::new(ignored).unwrap_or_default();
    let counts = |text: &&String| text.parse().is_ok_and(|a| !filter.ignores(&a));
    let mut all: Vec<String> = vec![];
    for nic in &vm.guest_nics {
        for address in nic.ip_address.iter().filter(counts) {
            if !all.contains(address) {
                all.push(address.clone());
            }
        }
    }
    let first = vm.ip_address.as_ref().filter(counts).cloned().or_else(|| all.first().cloned());
    (first, all)
}

/// The datastore that holds the configuration.
pub(super) async fn home(vsphere: &Vsphere, vm: &Machine) -> Result<Option<MoRef>> {
    let Some(home) = vm.home() else { return Ok(None) };
    if let [only] = vm.datastores.as_slice() {
        return Ok(Some(only.clone()));
    }
    for (id, name) in place::datastore_names(vsphere, vm.datastores.iter().map(|d| d.id.to_string())).await {
        let missing = |_: &_| Some(M::DATASTORE_ID);
        if name.doing_to(format!("read {}", MoId::<Datastore>::object(&id)), missing)? == home.datastore {
            return Ok(Some(MoId::<Datastore>::object(id)));
        }
    }
    Ok(None)
}

/// The tags of an object that is looked for, asked for at the same time: mostly it is where it was.
pub(super) struct Early(Option<(MoRef, Result<Carried>)>);

impl Early {
    /// Those of the machine that a state is about.
    pub(super) async fn of(vsphere: &Vsphere, state: &M) -> Self {
        let Some(id) = state.moid.non_empty() else { return Self::none() };
        let object = MoRef::new("VirtualMachine", id.as_str());
        let tags = Labels::read_tags(vsphere, &object).await;
        Self(Some((object, tags)))
    }

    /// Nothing was asked.
    pub(super) fn none() -> Self {
        Self(None)
    }

    async fn get(self, vsphere: &Vsphere, object: &MoRef) -> Result<Carried> {
        match self.0 {
            Some((asked, tags)) if asked == *object => tags,
            _ => Labels::read_tags(vsphere, object).await,
        }
    }
}

/// What the state says of a machine that was found. `imported`: the state is only begun, and takes everything.
pub(super) async fn state(
    cx: &Cx<'_, VirtualMachine>,
    found: &Found,
    imported: bool,
    state: M,
    tags: Early,
) -> Result<M> {
    let (vsphere, vm, object) = (cx.client(), &*found.vm, &found.object);
    let name = identity::name_of(vm);
    let Some(config) = vm.config.as_deref() else {
        let detail = format!(
            "Its files cannot be read (the virtual machine is {}): only its folder and power state are known. The other values \
             in the state are kept.",
            vm.connection_state.as_str()
        );
        cx.warn(M::MOID, format!("The configuration of {name:?} is not known"), detail);
        return Ok(M { moid: object.id.to_string().into(), power_state: power(vm).into(), ..state });
    };
    let folder = match &vm.parent {
        Some(parent) => {
            let path = vsphere.api.find().path_in_datacenter(parent).await;
            path.doing(format!("read the folder of {name:?}"))?.into()
        }
        // What is in a vApp is in no folder.
        None => state.folder.clone(),
    };
    let datastore = home(vsphere, vm).await?;
    let (first, addresses) = addresses(vm, &state.ignored_guest_ips.get());
    let values = custom_fields::texts(&vm.custom_values);
    let labels = Labels::of(&tags.get(vsphere, object).await?, &values, &state.labels);
    let own = disks::Own::read(cx.private(disks::OWN).as_ref());
    let networks = network::resolve(vsphere, &network::unclear(vm)).await?;
    let mut devices = M {
        network_interface: network::observed(vm, &state, imported, &networks).into(),
        cdrom: cdrom::observed(vm, &state, imported).into(),
        pci_device_id: pci::observed_ids(vm, &state, imported).into(),
        vgpu_profiles: pci::observed_profiles(vm, &state, imported).into(),
        device_groups: pci::groups::observed(vm, &state, imported).into(),
        vtpm: vtpm::observed(vm, &state, imported).into(),
        encryption: encryption::observed(vm, &state),
        video_card: video_card::observed(vm, &state).into(),
        vapp: vapp::observed(config.v_app_config.as_deref().and_then(|v| v.base()), imported, &state),
        extra_config: extra_config::observed(
            &config.extra_config,
            &state,
            cx.private(extra_config::DROPPED).as_ref(),
        ),
        ..state.clone()
    };
    devices.guest_networks = guest_networks::observed(vm, &devices);
    bootstrap::observed(config, &mut devices);
    disks::observed(vm, &state, &own, imported, &mut devices);
    if let Some(uuid) = vm.bios_uuid() {
        vsphere.run::<Seen>().note(uuid, object);
    }
    let ((), evc_mode) = futures_util::join!(
        policies::observe(cx, found, imported, &mut devices),
        evc::observed(vsphere, vm, imported, &state)
    );
    devices.evc_mode = evc_mode;
    let uuid: Value<String> = vm.bios_uuid().map(str::to_owned).into();
    let seen = M {
        id: uuid.clone(),
        bios_uuid: uuid.clone(),
        uuid,
        instance_uuid: vm.instance_uuid().map(str::to_owned).into(),
        moid: object.id.to_string().into(),
        name: name.into(),
        folder,
        resource_pool_id: match &vm.resource_pool {
            Some(pool) => pool.id.to_string().into(),
            // A template is in no pool.
            None => state.resource_pool_id.clone(),
        },
        host_system_id: vm.host.as_ref().map(|h| h.id.to_string()).into(),
        datastore_id: datastore.map(|d| d.id.to_string()).into(),
        guest_full_name: Some(config.guest_full_name.clone()).filter(|n| !n.is_empty()).into(),
        hardware_status: status::hardware(vm),
        encryption_status: encryption::status(vm),
        storage_usage: status::storage(vm),
        vmx_path: vm.home().map(|h| h.path).into(),
        change_version: config.change_version.clone().into(),
        default_ip_address: first.into(),
        guest_ip_addresses: addresses.into(),
        power_state: power(vm).into(),
        vmware_tools_status: vm.tools_running.clone().into(),
        vapp_transport: vapp::transport(config.v_app_config.as_deref().and_then(|v| v.base())).into(),
        reboot_required: false.into(),
        labels,
        ..devices
    };
    let mut seen = settings::observed(config, imported, seen);
    seen.conditions = conditions::observed(vsphere, vm, &seen, &own).await.into();
    Ok(if imported { seen.with_defaults() } else { seen })
}

/// Reports foreign disks once.
pub(super) fn tell_foreign(cx: &Cx<'_, VirtualMachine>, found: &Found, state: &M) {
    let own = disks::Own::read(cx.private(disks::OWN).as_ref());
    let foreign = disks::foreign(&found.vm, state, &own);
    let (new, reported) = disks::news(&foreign, cx.private(disks::REPORTED).as_ref());
    cx.set_private(disks::REPORTED, reported);
    if new.is_empty() {
        return;
    }
    let list: Vec<String> = new.iter().map(|f| format!("- {}", f.words)).collect();
    let detail = format!(
        "This resource did not attach them:\n{}\nThey are kept, whatever happens to the virtual machine. When it is \
         destroyed, they are detached first. After the next apply, this warning is not repeated.",
        list.join("\n")
    );
    let summary = format!("{} has disks that are not its own", capital(&title(state)));
    cx.warn(M::DISK, summary, detail);
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::GuestNicInfo;

    #[test]
    fn ignored_addresses_are_not_listed() {
        let nic = |of: &[&str]| GuestNicInfo {
            ip_address: of.iter().map(|a| (*a).to_owned()).collect(),
            ..Default::default()
        };
        let vm = Machine {
            ip_address: Some("172.17.0.1".to_owned()),
            guest_nics: vec![nic(&["172.17.0.1", "fe80::1"]), nic(&["10.0.0.5", "fd00::5", "10.0.0.5"])],
            ..Default::default()
        };
        let ignored = ["172.17.0.0/16".to_owned()];
        assert_eq!(
            addresses(&vm, &ignored),
            (Some("10.0.0.5".to_owned()), vec!["10.0.0.5".to_owned(), "fd00::5".to_owned()])
        );
        assert_eq!(addresses(&vm, &[]).0, Some("172.17.0.1".to_owned()));
    }
}
