//! What clustered applications need of their disks.
//!
//! The table is that of VM Operator ("Application Types" of its `VirtualMachine` documentation): Oracle RAC coordinates the
//! writers of a disk itself, and Windows Server Failover Clustering reserves it over a shared bus.
use super::super::model::VirtualMachineModel as M;
use super::controllers::Sharing;
use super::convert::{block_of, block_place, blocks, declared_address, sharing};
use super::model::DiskModel;
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
    let Some(on) = declared_address(d) else { return out };
    let Some(is) = shared(config, on.controller) else { return out };
    if sharing(needs.bus) != Some(is) {
        let n = on.controller;
        let detail = format!(
            "A disk of {name} requires a SCSI controller with the sharing mode {:?}, and scsi:{n} is declared otherwise. Place \
             the disk on another controller by `controller_bus_number` and `controller_unit_number`, or set the sharing mode \
             in the `controller` block of scsi:{n}.",
            needs.bus
        );
        let summary = "The controller does not match `application_type`";
        out.merge(Diagnostics::error(at.clone().field(DiskModel::APPLICATION_TYPE), summary, detail));
    }
    out
}

/// Whether a SCSI controller is declared to be shared; nothing where that is not known, or left as it is.
fn shared(config: &M, number: i32) -> Option<Sharing> {
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
