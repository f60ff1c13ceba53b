//! What clustered applications need of their disks.
//!
//! The table is that of VM Operator ("Application Types" of its `VirtualMachine` documentation): Oracle RAC coordinates the
//! writers of a disk itself, and Windows Server Failover Clustering reserves it over a shared bus.
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::controllers::Sharing;
use super::convert::{self, block_of, block_place, blocks, declared_address, disks, sharing, state_address};
use super::placement::{self, Ask};
use tf_framework::{AttributePath, Diagnostics, Value};
use vsphere_client::device::Bus;

/// The sharing mode of a disk that several machines write to.
pub(super) const MULTI_WRITER: &str = "sharingMultiWriter";

/// What one application needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Needs {
    /// The mode of the disk.
    pub mode: &'static str,
    /// Whether several machines write to it.
    pub disk: &'static str,
    /// Whether its controller is shared.
    pub bus: &'static str,
}

/// What the application of that name needs.
pub(super) fn of(name: &str) -> Option<Needs> {
    let mode = "independent_persistent";
    match name {
        "OracleRAC" => Some(Needs { mode, disk: MULTI_WRITER, bus: "noSharing" }),
        "MicrosoftWSFC" => Some(Needs { mode, disk: "sharingNone", bus: "physicalSharing" }),
        _ => None,
    }
}

/// What of a disk does not go with its application.
pub(super) fn check(config: &M, d: &DiskModel, at: &AttributePath) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some((name, needs)) = d.application_type.known().and_then(|name| Some((name, of(name)?))) else {
        return out;
    };
    for (field, value, needed) in [
        (DiskModel::DISK_MODE, &d.disk_mode, needs.mode),
        (DiskModel::DISK_SHARING, &d.disk_sharing, needs.disk),
    ] {
        if value.known().is_some_and(|v| v != needed) {
            let detail = format!(
                "A disk of {name} requires `{} = {needed:?}`, which is the default with `application_type`. Omit it.",
                field.0
            );
            let summary = format!("`{}` does not match `application_type`", field.0);
            out.merge(Diagnostics::error(at.clone().field(field), &summary, detail));
        }
    }
    if d.controller_type.known().is_some_and(|t| t != Bus::Scsi.name()) {
        let detail =
            format!("A disk of {name} requires a SCSI controller: omit `controller_type`, or set \"scsi\".");
        let summary = "`controller_type` does not match `application_type`";
        out.merge(Diagnostics::error(at.clone().field(DiskModel::CONTROLLER_TYPE), summary, detail));
        return out;
    }
    // One without an address gets it on a controller that matches.
    let Ask::Declared(Some(on)) = placement::ask(d) else { return out };
    if let Some(is) = declared_sharing(config, on.controller)
        && sharing(needs.bus) != Some(is)
    {
        out.merge(unfit(name, needs, on.controller, is, at));
    }
    out
}

/// A disk on a controller that is not shared as its application needs.
fn unfit(name: &str, needs: Needs, n: i32, is: Sharing, at: &AttributePath) -> Diagnostics {
    let detail = format!(
        "A disk of {name} requires a SCSI controller with the sharing mode {:?}, and scsi:{n} has {:?}. Place the disk on \
         another controller by `controller_bus_number`, or set the sharing mode in the `controller` block of scsi:{n}.",
        needs.bus,
        is.name()
    );
    let summary = "The controller does not match `application_type`";
    Diagnostics::error(at.clone().field(DiskModel::APPLICATION_TYPE), summary, detail)
}

/// What of the controllers that nothing declares does not go with the applications of the planned disks. A disk that stays
/// where it is is not refused.
pub(super) fn planned(prior: Option<&M>, config: &M, planned: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let past = prior.map_or(&[][..], disks);
    for (i, d) in disks(planned).iter().enumerate() {
        let known = d.application_type.known().and_then(|name| Some((name, of(name)?)));
        let (Some((name, needs)), Some(on)) = (known, declared_address(d)) else { continue };
        let stays = past.iter().any(|p| {
            (&p.label, &p.application_type) == (&d.label, &d.application_type) && state_address(p) == Some(on)
        });
        if stays || on.bus != Bus::Scsi || declared_sharing(config, on.controller).is_some() {
            continue;
        }
        if let Some(is) = shared(prior, config, on.controller)
            && sharing(needs.bus) != Some(is)
        {
            out.merge(unfit(name, needs, on.controller, is, &M::DISK.index(i)));
        }
    }
    out
}

/// Whether a SCSI controller is shared: as it is declared, else as it is; a new one that nothing declares is not.
pub(super) fn shared(prior: Option<&M>, config: &M, number: i32) -> Option<Sharing> {
    if let Some(declared) = declared_sharing(config, number) {
        return Some(declared);
    }
    let open = config.controller.is_unknown()
        || blocks(config).iter().any(|c| block_place(c).is_none())
        || config.scsi_controller_count.is_unknown()
        || config.scsi_bus_sharing.is_unknown()
        || prior.is_some_and(|p| p.hardware_status.known().is_none());
    if open {
        return None;
    }
    let present = prior.map(convert::stated_controllers).unwrap_or_default();
    let there = present.iter().find(|c| (c.ty.bus(), c.number) == (Bus::Scsi, number));
    Some(there.and_then(|c| c.sharing).unwrap_or_default())
}

/// Whether a SCSI controller is declared to be shared; nothing where that is not known, or left as it is.
fn declared_sharing(config: &M, number: i32) -> Option<Sharing> {
    if config.controller.is_unknown() || blocks(config).iter().any(|c| block_place(c).is_none()) {
        return None;
    }
    if let Some((_, block)) = block_of(config, Bus::Scsi, number) {
        return sharing(block.sharing.as_str());
    }
    let counted = match &config.scsi_controller_count {
        Value::Known(n) => *n,
        Value::Null => 1,
        Value::Unknown => return None,
    };
    match &config.scsi_bus_sharing {
        Value::Null if i64::from(number) < counted => Some(Sharing::None),
        Value::Known(mode) if i64::from(number) < counted => sharing(mode),
        _ => None,
    }
}
