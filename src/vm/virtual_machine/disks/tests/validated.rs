use super::super::super::model::{ControllerModel, DiskModel};
use super::*;

fn wrong(m: &M) -> Vec<String> {
    validate(m).0.into_iter().map(|d| format!("{}: {}: {}", d.at, d.summary, d.detail)).collect()
}

fn one(d: DiskModel) -> M {
    config(vec![d])
}

#[test]
fn what_is_right_passes() {
    for m in [
        one(block("a", 14, 1)),
        M { scsi_controller_count: 2.into(), ..one(block("a", 29, 1)) },
        M { scsi_controller_count: Value::Unknown, ..one(block("a", 59, 1)) },
        one(DiskModel { controller_type: "ide".into(), ..block("a", 3, 1) }),
        one(DiskModel {
            controller_bus_number: 3.into(),
            controller_unit_number: 64.into(),
            ..block("a", 0, 1)
        }),
        one(DiskModel {
            attach: true.into(),
            path: "a/b.vmdk".into(),
            size: Value::Null,
            ..block("a", 0, 0)
        }),
        one(DiskModel { unit_number: Value::Unknown, size: Value::Unknown, ..block("a", 0, 1) }),
        one(DiskModel { thin_provisioned: false.into(), eagerly_scrub: true.into(), ..block("a", 0, 1) }),
        M {
            clone: vec![Default::default()].into(),
            ..one(DiskModel { size: Value::Null, ..block("a", 0, 0) })
        },
        one(DiskModel { io_limit: (-1).into(), io_reservation: 7.into(), ..block("a", 0, 1) }),
        M { disk: Value::Unknown, ..config(vec![]) },
    ] {
        assert_eq!(wrong(&m), Vec::<String>::new(), "{:?}", m.disk);
    }
}

#[test]
fn problems_are_reported_at_their_attribute() {
    let d = || block("a", 0, 1);
    let at = |bus: i64, unit: i64| DiskModel {
        controller_bus_number: bus.into(),
        controller_unit_number: unit.into(),
        ..d()
    };
    for (m, place, words) in [
        (config(vec![d(), block("b", 0, 1)]), "disk[1].unit_number", "scsi:0:0 is where the disk \"a\" is"),
        (config(vec![block("b", 7, 1), at(0, 8)]), "disk[1].controller_unit_number", "scsi:0:8 is where"),
        (config(vec![d(), block("a", 1, 1)]), "disk[1].label", "both called \"a\""),
        (one(block("orphaned_disk_1", 0, 1)), "disk[0].label", "are of foreign disks"),
        (one(block("a", 15, 1)), "disk[0].unit_number", "0 to 14. Set `scsi_controller_count = 2`"),
        (one(block("a", 60, 1)), "disk[0].unit_number", "0 to 59"),
        (
            one(DiskModel { controller_type: "sata".into(), ..block("a", 1, 1) }),
            "disk[0].unit_number",
            "there is no sata controller. Set `sata_controller_count = 1`",
        ),
        (
            one(DiskModel { controller_type: "ide".into(), ..block("a", 4, 1) }),
            "disk[0].unit_number",
            "0 to 3",
        ),
        (one(at(0, 7)), "disk[0].controller_unit_number", "is the controller itself"),
        (one(at(4, 0)), "disk[0].controller_bus_number", "numbered 0 to 3"),
        (one(at(0, 65)), "disk[0].controller_unit_number", "0 to 64"),
        (
            M { scsi_type: "lsilogic".into(), ..one(at(0, 16)) },
            "disk[0].controller_unit_number",
            "of the type lsilogic has the units 0 to 15",
        ),
        (
            M { hardware_version: 13.into(), ..one(at(0, 16)) },
            "disk[0].controller_unit_number",
            "with hardware version 13",
        ),
        (
            one(DiskModel { controller_type: "nvme".into(), ..at(0, 64) }),
            "disk[0].controller_unit_number",
            "0 to 63",
        ),
        (
            one(DiskModel { controller_unit_number: Value::Null, ..at(0, 0) }),
            "disk[0].unit_number",
            "counts across all controllers",
        ),
        (
            one(DiskModel { controller_bus_number: Value::Null, ..at(0, 0) }),
            "disk[0].controller_bus_number",
            "set `controller_bus_number` too",
        ),
        (one(DiskModel { size: Value::Null, ..d() }), "disk[0].size", "needs a size"),
        (one(block("a", 0, 0)), "disk[0].size", "needs a size"),
        (
            one(DiskModel { attach: true.into(), size: Value::Null, ..d() }),
            "disk[0].path",
            "names the existing file",
        ),
        (one(DiskModel { attach: true.into(), path: "x".into(), ..d() }), "disk[0].size", "leave `size` out"),
        (
            one(DiskModel {
                attach: true.into(),
                path: "x".into(),
                size: Value::Null,
                keep_on_remove: true.into(),
                ..d()
            }),
            "disk[0].keep_on_remove",
            "never deleted",
        ),
        (
            one(DiskModel { eagerly_scrub: true.into(), ..d() }),
            "disk[0].eagerly_scrub",
            "`thin_provisioned = false`",
        ),
        (
            one(DiskModel { io_share_count: 5.into(), ..d() }),
            "disk[0].io_share_count",
            "The level \"normal\"",
        ),
        (
            one(DiskModel { io_share_level: "custom".into(), ..d() }),
            "disk[0].io_share_count",
            "how many shares",
        ),
        (
            one(DiskModel { io_limit: 50.into(), io_reservation: 51.into(), ..d() }),
            "disk[0].io_reservation",
            "51 operations cannot be kept for a disk that may do 50",
        ),
        (
            M {
                datastore_cluster_id: "group-p5".into(),
                ..one(DiskModel { datastore_id: "datastore-1".into(), ..d() })
            },
            "disk[0].datastore_id",
            "vSphere chooses",
        ),
        (
            M {
                datastore_cluster_id: "group-p5".into(),
                ..one(DiskModel { attach: true.into(), path: "x".into(), size: Value::Null, ..d() })
            },
            "disk[0].attach",
            "leaves the choice to vSphere",
        ),
        (
            one(DiskModel { disk_sharing: "sharingMultiWriter".into(), ..d() }),
            "disk[0].disk_sharing",
            "zeroed in advance",
        ),
    ] {
        let found = wrong(&m);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with(&format!("{place}: ")) && found[0].contains(words), "{found:#?}");
    }
}

#[test]
fn blocks_of_controllers_are_checked() {
    let with = |blocks: Vec<ControllerModel>| M { controller: blocks.into(), ..one(block("a", 0, 1)) };
    let lsi = || ControllerModel { scsi_type: "lsilogic".into(), ..controller("scsi", 1) };
    let shared = |ty: &str, mode: &str| ControllerModel { sharing: mode.into(), ..controller(ty, 0) };
    let at = |bus: i64, unit: i64| DiskModel {
        controller_bus_number: bus.into(),
        controller_unit_number: unit.into(),
        ..block("a", 0, 1)
    };
    for right in [
        with(vec![controller("scsi", 0), lsi(), controller("sata", 0), controller("nvme", 3)]),
        with(vec![shared("scsi", "virtualSharing"), shared("nvme", "physicalSharing")]),
        with(vec![ControllerModel { bus_number: Value::Unknown, ..lsi() }, lsi()]),
        M { scsi_type: Value::Unknown, ..with(vec![controller("scsi", 0)]) },
        M { scsi_type: "mixed".into(), ..with(vec![controller("scsi", 0)]) },
        M { scsi_bus_sharing: "mixed".into(), ..with(vec![controller("scsi", 0)]) },
        M { scsi_controller_count: 2.into(), ..with(vec![controller("sata", 0)]) },
        M { controller: vec![lsi()].into(), ..one(block("a", 29, 1)) },
        M { controller: vec![lsi()].into(), ..one(at(0, 64)) },
        M { controller: Value::Unknown, ..one(block("a", 29, 1)) },
    ] {
        assert_eq!(wrong(&right), Vec::<String>::new(), "{:?}", right.controller);
    }
    for (m, place, words) in [
        (with(vec![lsi(), lsi()]), "controller[1].bus_number", "both for the controller scsi:1"),
        (
            with(vec![ControllerModel { scsi_type: "pvscsi".into(), ..controller("sata", 0) }]),
            "controller[0].scsi_type",
            "Only SCSI controllers have a `scsi_type`",
        ),
        (
            with(vec![shared("sata", "noSharing")]),
            "controller[0].sharing",
            "SATA controllers cannot be shared",
        ),
        (
            with(vec![shared("nvme", "virtualSharing")]),
            "controller[0].sharing",
            "For `virtualSharing`, use a SCSI",
        ),
        (M { scsi_type: "pvscsi".into(), ..with(vec![lsi()]) }, "scsi_type", "Omit `scsi_type`, or declare"),
        (M { scsi_bus_sharing: "noSharing".into(), ..with(vec![lsi()]) }, "scsi_bus_sharing", "Omit"),
        (M { scsi_controller_count: 1.into(), ..with(vec![lsi()]) }, "scsi_controller_count", "Omit"),
        (
            M { sata_controller_count: 1.into(), ..with(vec![controller("sata", 0)]) },
            "sata_controller_count",
            "Omit",
        ),
        (
            M { nvme_controller_count: 1.into(), ..with(vec![controller("nvme", 0)]) },
            "nvme_controller_count",
            "Omit",
        ),
        // The advice does not conflict with the blocks.
        (
            M { controller: vec![lsi()].into(), ..one(block("a", 30, 1)) },
            "disk[0].unit_number",
            "Add a `controller` block with `type = \"scsi\"` and `bus_number = 2`.",
        ),
        (
            M { controller: vec![lsi()].into(), ..one(at(1, 16)) },
            "disk[0].controller_unit_number",
            "of the type lsilogic has the units 0 to 15",
        ),
    ] {
        let found = wrong(&m);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("{place}: ")) && found[0].contains(words), "{found:?}");
    }
}

/// Disks that several machines write to, by the default of their application too, are to be zeroed in advance.
#[test]
fn disks_of_several_machines_are_to_be_zeroed_in_advance() {
    for (application, sharing, zeroed, at) in [
        ("OracleRAC", "", false, Some("disk[0].application_type: ")),
        ("OracleRAC", "sharingMultiWriter", false, Some("disk[0].disk_sharing: ")),
        ("", "sharingMultiWriter", false, Some("disk[0].disk_sharing: ")),
        ("OracleRAC", "", true, None),
        ("", "sharingMultiWriter", true, None),
        ("", "", false, None),
    ] {
        let text = |v: &str| if v.is_empty() { Value::Null } else { v.into() };
        let d = DiskModel {
            application_type: text(application),
            disk_sharing: text(sharing),
            thin_provisioned: false.into(),
            eagerly_scrub: zeroed.into(),
            ..block("a", 0, 1)
        };
        let found = wrong(&one(d));
        assert_eq!(found.len(), usize::from(at.is_some()), "{found:?}");
        assert!(at.is_none_or(|at| found[0].starts_with(at)), "{found:?}");
    }
}

/// Every application with every mode, sharing mode, controller type and sharing mode of the controller: one combination of
/// each is right.
#[test]
fn disks_of_applications_are_checked_cell_by_cell() {
    let modes = ["", "persistent", "nonpersistent", "undoable", "independent_persistent", "append"];
    for (app, disk, bus) in [
        ("OracleRAC", "sharingMultiWriter", "noSharing"),
        ("MicrosoftWSFC", "sharingNone", "physicalSharing"),
    ] {
        for mode in modes {
            for disk_sharing in ["", "sharingNone", "sharingMultiWriter"] {
                for shared in ["", "noSharing", "virtualSharing", "physicalSharing"] {
                    for ty in ["scsi", "nvme"] {
                        let text = |v: &str| if v.is_empty() { Value::Null } else { v.into() };
                        let d = DiskModel {
                            application_type: app.into(),
                            disk_mode: text(mode),
                            disk_sharing: text(disk_sharing),
                            controller_type: ty.into(),
                            thin_provisioned: false.into(),
                            eagerly_scrub: true.into(),
                            ..block("a", 0, 1)
                        };
                        let on = ControllerModel { sharing: text(shared), ..controller("scsi", 0) };
                        let m = M { controller: vec![on, controller("nvme", 0)].into(), ..one(d) };
                        let mut expected = vec![];
                        if !["", "independent_persistent"].contains(&mode) {
                            expected.push("disk[0].disk_mode");
                        }
                        if !["", disk].contains(&disk_sharing) {
                            expected.push("disk[0].disk_sharing");
                        }
                        if ty != "scsi" {
                            expected.push("disk[0].controller_type");
                        } else if !["", bus].contains(&shared) {
                            expected.push("disk[0].application_type");
                        }
                        let found = wrong(&m);
                        let at: Vec<&str> =
                            found.iter().filter_map(|w| Some(w.split_once(": ")?.0)).collect();
                        assert_eq!(at, expected, "{app} {mode} {disk_sharing} {shared} {ty}: {found:?}");
                    }
                }
            }
        }
    }
}
