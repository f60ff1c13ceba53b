//! Which attribute or block a fault is about.
use super::abilities;
use super::assembly::Blame;
use super::customize;
use super::model::{ControllerModel, DiskModel, NicModel, VirtualMachineModel as M, VtpmModel};
use super::power::ON;
use super::{place, vtpm};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Field, Result, Step};
use vsphere_client::{Error, FaultKind};

/// Faults that are about one attribute, by their names.
const NAMED: &[(&str, Field)] = &[
    ("DuplicateName", M::NAME),
    ("InvalidName", M::NAME),
    ("GuestOsNotSupported", M::GUEST_ID),
    ("UnsupportedGuest", M::GUEST_ID),
    ("InvalidDatastorePath", M::DATASTORE_PATH),
    ("FileAlreadyExists", M::DATASTORE_PATH),
    ("NoDiskSpace", M::DATASTORE_ID),
    ("CpuHotPlugNotSupported", M::NUM_CPUS),
    ("TooManyCpus", M::NUM_CPUS),
    ("NumVirtualCpusNotSupported", M::NUM_CPUS),
    ("NumVirtualCoresPerSocketNotSupported", M::NUM_CORES_PER_SOCKET),
    ("MemoryHotPlugNotSupported", M::MEMORY),
    ("MemorySizeNotSupported", M::MEMORY),
    ("MemorySizeNotRecommended", M::MEMORY),
    ("InsufficientCpuResourcesFault", M::CPU_RESERVATION),
    ("InsufficientMemoryResourcesFault", M::MEMORY_RESERVATION),
    ("VirtualHardwareVersionNotSupported", M::HARDWARE_VERSION),
    ("AlreadyUpgraded", M::HARDWARE_VERSION),
    ("InvalidFolder", M::FOLDER),
];

/// Properties of requests, and the attributes that they come from.
const PROPERTIES: &[(&str, Field)] = &[
    ("guestId", M::GUEST_ID),
    ("alternateGuestName", M::ALTERNATE_GUEST_NAME),
    ("numCPUs", M::NUM_CPUS),
    ("numCoresPerSocket", M::NUM_CORES_PER_SOCKET),
    ("virtualNuma", M::NUM_CORES_PER_NUMA_NODE),
    ("memoryMB", M::MEMORY),
    ("cpuAllocation.reservation", M::CPU_RESERVATION),
    ("cpuAllocation.limit", M::CPU_LIMIT),
    ("cpuAllocation", M::CPU_SHARE_LEVEL),
    ("memoryAllocation.reservation", M::MEMORY_RESERVATION),
    ("memoryAllocation.limit", M::MEMORY_LIMIT),
    ("memoryAllocation", M::MEMORY_SHARE_LEVEL),
    ("version", M::HARDWARE_VERSION),
    ("firmware", M::FIRMWARE),
    ("bootOptions", M::EFI_SECURE_BOOT_ENABLED),
    ("swapPlacement", M::SWAP_PLACEMENT_POLICY),
    ("latencySensitivity", M::LATENCY_SENSITIVITY),
    ("extraConfig", M::EXTRA_CONFIG),
    ("vAppConfig", M::VAPP),
    ("name", M::NAME),
    ("profile", M::STORAGE_POLICY_ID),
    ("vmProfile", M::STORAGE_POLICY_ID),
    ("files", M::DATASTORE_PATH),
    ("port.switchUuid", M::NETWORK_INTERFACE),
    ("port.portgroupKey", M::NETWORK_INTERFACE),
];

/// The attribute that an error is about.
fn attribute(e: &Error) -> Option<Field> {
    let fault = e.fault()?;
    if let Some((_, field)) = NAMED.iter().find(|(name, _)| *name == &*fault.name) {
        return Some(*field);
    }
    let property = match &fault.kind {
        FaultKind::InvalidArgument { property } => property.as_deref()?,
        _ => fault.detail.text_of("property")?,
    };
    // `configSpec.guestId`, `spec.location.pool`: the last part identifies it.
    PROPERTIES
        .iter()
        .find(|(name, _)| {
            property == *name || property.split_once(*name).is_some_and(|(before, _)| before.ends_with('.'))
        })
        .map(|(_, field)| *field)
}

/// The attached disk whose file is not there.
fn missing_file(e: &Error, plan: &M) -> Option<AttributePath> {
    let fault = e.fault().filter(|f| &*f.name == "FileNotFound")?;
    let file = fault.detail.text_of("file")?;
    let names =
        |d: &DiskModel| d.attach.get() && !d.path.as_str().is_empty() && file.ends_with(d.path.as_str());
    let i = plan.disk.known()?.iter().position(names)?;
    Some(M::DISK.index(i).field(DiskModel::PATH))
}

/// What is said of a hardware version that no host has: a server says no more than that it does not support something.
async fn version(vsphere: &Vsphere, e: &Error, plan: &M) -> Option<String> {
    e.fault().filter(|f| &*f.name == "NotSupported")?;
    abilities::unknown_version(vsphere, plan).await
}

/// How many network interfaces are declared.
fn nics(plan: &M) -> usize {
    plan.network_interface.known().map_or(0, Vec::len)
}

/// The place of a block as the place of its first attribute: of a block alone no line is shown.
fn shown(at: &AttributePath) -> AttributePath {
    match at.0.as_slice() {
        [Step::Name(name), Step::Index(_)] if *name == M::DISK.0 => at.clone().field(DiskModel::LABEL),
        [Step::Name(name), Step::Index(_)] if *name == M::CONTROLLER.0 => {
            at.clone().field(ControllerModel::TYPE)
        }
        [Step::Name(name), Step::Index(_)] if *name == M::NETWORK_INTERFACE.0 => {
            at.clone().field(NicModel::NETWORK_ID)
        }
        _ => at.clone(),
    }
}

/// Puts a failed call into words: the block and its words, where a change of a device is to blame; the attribute
/// otherwise.
///
/// # Errors
/// The failure.
pub(super) async fn explain<T: Send>(
    result: vsphere_client::Result<T>,
    vsphere: &Vsphere,
    doing: String,
    blame: &Blame,
    plan: &M,
) -> Result<T> {
    let error = match result {
        Ok(done) => return Ok(done),
        Err(e) => e,
    };
    let (at, doing, hint) = match (blame.of_error(&error), attribute(&error)) {
        (Some((at, words)), _) => (shown(at), format!("{doing}: vSphere refuses {words}"), None),
        (None, _) if let Some(at) = missing_file(&error, plan) => {
            let hint = "`path` begins below the datastore, such as \"data/data.vmdk\"; `datastore_id` of the disk says \
                        which datastore it is, or else that of the machine.";
            (at, doing, Some(hint.to_owned()))
        }
        // Without a path of its own the datastore is to blame, and whether that is reached is looked at.
        (None, Some(M::DATASTORE_PATH)) if plan.datastore_path.as_str().is_empty() => {
            return place::explain(vsphere, error, &doing, plan, &[]).await;
        }
        (None, _) if error.fault().is_some_and(|f| &*f.name == "UncustomizableGuest") => {
            (customize::place(plan), doing, Some(customize::NOT_THIS_GUEST.to_owned()))
        }
        // It does not say which device. Those that have an address of their own are blamed by their number.
        (None, _) if error.fault().is_some_and(|f| &*f.name == "TooManyDevices") && nics(plan) > 0 => {
            let hint = "A virtual machine takes at most 10 network interfaces. Undeclared ones, which this \
                        resource does not manage, count too.";
            (shown(&M::NETWORK_INTERFACE.index(nics(plan) - 1)), doing, Some(hint.to_owned()))
        }
        // Not every server reports the limit; without it, the plan cannot check it.
        (None, Some(M::MEMORY)) if plan.memory_hot_add_enabled.get() && plan.power_state.as_str() == ON => {
            let hint = "While a virtual machine is on, memory is added up to a limit that depends on its guest and on what it \
                        was turned on with: a Linux guest with 3 GiB or less stays below. Turn it off and apply again.";
            (M::MEMORY.into(), doing, Some(hint.to_owned()))
        }
        // It does not say which network interface.
        (None, Some(M::NETWORK_INTERFACE)) => {
            let hint = "The host of a virtual machine must be a member of the distributed switches of its networks. Add the host to \
                        the switch, or select another host or network.";
            (shown(&M::NETWORK_INTERFACE.index(0)), doing, Some(hint.to_owned()))
        }
        (None, Some(field)) => (field.into(), doing, abilities::hint(vsphere, plan, field).await),
        (None, None) => match version(vsphere, &error, plan).await {
            Some(hint) => (M::HARDWARE_VERSION.into(), doing, Some(hint)),
            // Without a key provider the fault does not say what it is about.
            None if plan.vtpm.known().is_some_and(|v| !v.is_empty()) && vtpm::may_be_about(&error) => {
                (M::VTPM.index(0).field(VtpmModel::VERSION), doing, None)
            }
            None => return place::explain(vsphere, error, &doing, plan, &[]).await,
        },
    };
    let of_module = matches!(at.0.first(), Some(Step::Name(name)) if *name == M::VTPM.0);
    let hint = hint.or_else(|| of_module.then(|| vtpm::NO_PROVIDER.to_owned()));
    let mut failed = Err(error).doing_to(doing, |_| Some(at));
    if let (Err(said), Some(hint)) = (&mut failed, hint.filter(|h| !h.is_empty())) {
        for d in &mut said.0 {
            d.detail = format!("{}\n{hint}", d.detail);
        }
    }
    failed
}
