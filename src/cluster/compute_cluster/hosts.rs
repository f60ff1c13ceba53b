//! The hosts of a cluster: which ones move in and out, and the moves.
use super::ComputeClusterModel as M;
use crate::common::moid::{Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;
use tf_framework::{Diagnostics, Result};
use tokio_util::sync::CancellationToken;
use vsphere_client::compute::HostPlace;
use vsphere_client::datacenter::Area;
use vsphere_client::{MoRef, unescape};

/// The hosts that move into a cluster, and those that leave it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moves {
    pub(super) into: Vec<String>,
    pub(super) out: Vec<String>,
}

/// What a plan changes, as far as it is still to be done: hosts that are neither in the state nor in the plan stay where
/// they are. Pure.
pub(super) fn moves(prior: &BTreeSet<String>, plan: &BTreeSet<String>, now: &BTreeSet<String>) -> Moves {
    Moves {
        into: plan.difference(prior).filter(|h| !now.contains(*h)).cloned().collect(),
        out: prior.difference(plan).filter(|h| now.contains(*h)).cloned().collect(),
    }
}

fn host(id: &str) -> MoRef {
    MoId::<Host>::object(id)
}

/// Hosts of one cluster on the move.
pub(super) struct Mover<'a> {
    pub(super) vsphere: &'a Vsphere,
    pub(super) cluster: &'a MoRef,
    /// The cluster in a sentence.
    pub(super) title: String,
    /// How long one move may take.
    pub(super) timeout: Duration,
    /// How long a host may take to enter maintenance mode.
    pub(super) evacuation: Duration,
    pub(super) cancel: &'a CancellationToken,
}

impl Mover<'_> {
    async fn place(&self, id: &str) -> Result<HostPlace> {
        let read = self.vsphere.api.properties().get::<HostPlace>(&host(id)).await;
        match read {
            Err(e) if e.is_not_found() => {
                let detail = "The vCenter has no host with this managed object ID, or the user may not see it. Use \
                              `data.vsphere_host.<name>.id`.";
                let summary = format!("The host {id:?} does not exist");
                Err(Diagnostics::error(M::HOST_SYSTEM_IDS, summary, detail))
            }
            other => other.doing(format!("read the host {id}")),
        }
    }

    /// Moves hosts into the cluster. Those of other clusters enter maintenance mode first; afterwards all leave it.
    pub(super) async fn bring(&self, ids: &[String]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let places = join_all(ids.iter().map(|id| self.place(id))).await;
        let places = places.into_iter().collect::<Result<Vec<_>>>()?;
        let mut leave: Vec<(&String, &HostPlace)> = vec![];
        for (id, place) in ids.iter().zip(&places) {
            let of_cluster = place.parent.as_ref().is_some_and(|p| &*p.ty == "ClusterComputeResource");
            if of_cluster && !place.in_maintenance_mode {
                self.enter(id, place).await?;
                leave.push((id, place));
            } else if place.in_maintenance_mode {
                leave.push((id, place));
            }
        }
        let clusters = self.vsphere.api.clusters();
        let hosts = ids.iter().map(|id| host(id)).collect();
        let moved = clusters.move_hosts_into(self.cluster, hosts, self.timeout, self.cancel).await;
        let names: Vec<String> = places.iter().map(title).collect();
        let doing = format!("move {} into {}", names.join(", "), self.title);
        let moved = moved.doing_to(doing, |_| Some(M::HOST_SYSTEM_IDS));
        // A host that could not be moved is not left in maintenance mode either.
        for (id, place) in leave {
            let left = self.exit(id, place).await;
            if moved.is_ok() {
                left?;
            }
        }
        moved
    }

    /// Moves hosts out of the cluster, one by one, into the datacenter's root folder of hosts.
    pub(super) async fn release(&self, ids: &[String]) -> Result<()> {
        for id in ids {
            let place = self.place(id).await?;
            if !place.in_maintenance_mode {
                self.enter(id, &place).await?;
            }
            let find = self.vsphere.api.find();
            let doing = || format!("move {} out of {}", title(&place), self.title);
            let moved = async {
                let datacenter = find.datacenter_of(self.cluster).await.doing(doing())?;
                let folder = find.folder(datacenter.as_ref().map(|d| (d, Area::Host)), "").await;
                let folder = folder.doing(doing())?;
                let folders = self.vsphere.api.folders();
                let moved = folders.move_into(&folder, &[host(id)], self.timeout, self.cancel).await;
                moved.doing_to(doing(), |_| Some(M::HOST_SYSTEM_IDS))
            };
            let moved = moved.await;
            let left = self.exit(id, &place).await;
            moved.and(left)?;
        }
        Ok(())
    }

    async fn enter(&self, id: &str, place: &HostPlace) -> Result<()> {
        let hosts = self.vsphere.api.hosts();
        let entered = hosts.enter_maintenance_mode(&host(id), true, self.evacuation, self.cancel).await;
        let doing = format!("bring {} into maintenance mode", title(place));
        entered.doing_to(doing, |_| Some(M::HOST_SYSTEM_IDS))
    }

    async fn exit(&self, id: &str, place: &HostPlace) -> Result<()> {
        let hosts = self.vsphere.api.hosts();
        let left = hosts.exit_maintenance_mode(&host(id), self.evacuation, self.cancel).await;
        left.doing(format!("take {} out of maintenance mode", title(place)))
    }
}

fn title(place: &HostPlace) -> String {
    format!("the host {:?}", unescape(&place.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hosts_that_the_plan_does_not_name_stay() {
        for (prior, plan, now, into, out) in [
            (&["a"][..], &["a", "b"][..], &["a"][..], &["b"][..], &[][..]),
            (&["a", "b"], &["a"], &["a", "b", "c"], &[], &["b"]),
            // Already done outside Terraform.
            (&["a"], &["b"], &["b"], &[], &[]),
            (&[], &[], &["c"], &[], &[]),
        ] {
            let found = moves(&set(prior), &set(plan), &set(now));
            let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(found, Moves { into: names(into), out: names(out) });
        }
    }
}
