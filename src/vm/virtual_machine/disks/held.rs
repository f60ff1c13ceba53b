//! Disks that a snapshot holds: vSphere neither detaches nor grows them. What a read has seen of it is kept beside the state,
//! so that a plan can say so without a request.
use super::super::model::DiskModel;
use super::convert::uuid;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use vsphere_client::virtual_machine::VirtualMachine;

/// The member of the private data for [`Held`].
pub(in super::super) const HELD: &str = "held_disks";

/// The snapshots of a machine, and the disks that they hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Held {
    /// The names of the snapshots, parents first.
    pub(in super::super) snapshots: Vec<String>,
    disks: BTreeSet<String>,
}

impl Held {
    /// Those of a machine.
    pub(in super::super) fn of(vm: &VirtualMachine) -> Self {
        let snapshots: Vec<String> = vm.snapshots().into_iter().map(|(_, tree)| tree.name.clone()).collect();
        if snapshots.is_empty() {
            return Self::default();
        }
        let devices = vm.devices();
        let held = devices.disks().into_iter().filter(|(_, d)| d.is_held());
        Self { snapshots, disks: held.filter_map(|(_, d)| d.uuid()).collect() }
    }

    /// From the private data.
    pub(in super::super) fn read(kept: Option<&Json>) -> Self {
        let texts = |key: &str| {
            let all = kept.and_then(|k| k.get(key)).and_then(Json::as_array);
            all.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        Self { snapshots: texts("snapshots"), disks: texts("disks").into_iter().collect() }
    }

    /// For the private data.
    pub(in super::super) fn write(&self) -> Json {
        if self.snapshots.is_empty() {
            Json::Null
        } else {
            json!({ "snapshots": self.snapshots, "disks": self.disks })
        }
    }

    /// Whether a snapshot holds a disk of the state.
    pub(super) fn holds(&self, d: &DiskModel) -> bool {
        uuid(d).is_some_and(|u| self.disks.contains(&u))
    }

    /// Whether a snapshot holds a disk that is not among those with these UUIDs.
    pub(in super::super) fn holds_others(&self, uuids: &BTreeSet<String>) -> bool {
        self.disks.iter().any(|u| !uuids.contains(u))
    }

    /// The snapshots in words: `the snapshot "a"`, `the snapshots "a", "b"`.
    pub(in super::super) fn words(&self) -> String {
        in_words(&self.snapshots)
    }
}

/// Snapshots in words.
pub(super) fn in_words(names: &[String]) -> String {
    let all: Vec<String> = names.iter().map(|n| format!("{n:?}")).collect();
    format!("the snapshot{} {}", if all.len() == 1 { "" } else { "s" }, all.join(", "))
}

/// Why a disk cannot be detached.
pub(super) fn detail(about: &str, snapshots: &str) -> String {
    format!(
        "{about} would be detached, and the virtual machine has {snapshots}: vSphere does not detach a disk that a snapshot \
         holds. Remove the snapshots first."
    )
}

/// The summary of that error.
pub(super) const CANNOT_DETACH: &str = "A disk that a snapshot holds cannot be detached";
