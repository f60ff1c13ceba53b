//! Moves of hosts into and out of clusters, with the maintenance mode that vSphere asks for.
use crate::common::moid::{Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tf_framework::{Diagnostics, Field, Result};
use tokio_util::sync::CancellationToken;
use vsphere_client::datacenter::Area;
use vsphere_client::host::HostPlace;
use vsphere_client::{MoRef, unescape};

/// The host of an ID.
fn host(id: &str) -> MoRef {
    MoId::<Host>::object(id)
}

/// The hosts that a resource of this run keeps in maintenance mode: a move does not take them out of it.
#[derive(Debug, Default)]
pub struct Kept(Mutex<BTreeSet<String>>);

impl Kept {
    /// Notes whether a host is kept in maintenance mode.
    pub fn note(&self, id: &str, kept: bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept {
            all.insert(id.to_owned());
        } else {
            all.remove(id);
        }
    }

    fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

/// Hosts of one cluster on the move.
pub struct Mover<'a> {
    /// The connection.
    pub vsphere: &'a Vsphere,
    /// The cluster.
    pub cluster: &'a MoRef,
    /// The cluster in a sentence.
    pub title: String,
    /// How long one move may take.
    pub timeout: Duration,
    /// How long a host may take to enter maintenance mode.
    pub evacuation: Duration,
    /// Cancelled when Terraform was interrupted.
    pub cancel: &'a CancellationToken,
    /// The attribute that names the hosts or the cluster.
    pub at: Field,
}

impl Mover<'_> {
    async fn place(&self, id: &str) -> Result<HostPlace> {
        let read = self.vsphere.api.properties().get::<HostPlace>(&host(id)).await;
        match read {
            Err(e) if e.is_not_found() => {
                let detail = "The vCenter has no host with this managed object ID, or the user may not see it. Use \
                              `data.vsphere_host.<name>.id`.";
                let summary = format!("The host {id:?} does not exist");
                Err(Diagnostics::error(self.at, summary, detail))
            }
            other => other.doing(format!("read the host {id}")),
        }
    }

    /// Moves hosts into the cluster. Those of other clusters enter maintenance mode first; afterwards all
    /// leave it, except for those that are kept in it.
    ///
    /// # Errors
    /// Which step failed for which host.
    pub async fn bring(&self, ids: &[String]) -> Result<()> {
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
        let moved = moved.doing_to(doing, |_| Some(self.at));
        // A host that could not be moved is not left in maintenance mode either.
        for (id, place) in leave {
            if moved.is_ok() && self.vsphere.run::<Kept>().has(id) {
                continue;
            }
            let left = self.exit(id, place).await;
            if moved.is_ok() {
                left?;
            }
        }
        moved
    }

    /// Moves hosts out of the cluster, one by one, into the datacenter's root folder of hosts.
    ///
    /// # Errors
    /// Which step failed for which host.
    pub async fn release(&self, ids: &[String]) -> Result<()> {
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
                moved.doing_to(doing(), |_| Some(self.at))
            };
            let moved = moved.await;
            if moved.is_ok() && self.vsphere.run::<Kept>().has(id) {
                continue;
            }
            let left = self.exit(id, &place).await;
            moved.and(left)?;
        }
        Ok(())
    }

    async fn enter(&self, id: &str, place: &HostPlace) -> Result<()> {
        let hosts = self.vsphere.api.hosts();
        let entered = hosts.enter_maintenance_mode(&host(id), true, self.evacuation, self.cancel).await;
        let doing = format!("bring {} into maintenance mode", title(place));
        entered.doing_to(doing, |_| Some(self.at))
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
