//! What a run has granted, entity by entity.
use std::collections::HashSet;
use tokio::sync::OwnedMutexGuard;
use vsphere_client::KeyedLock;
use vsphere_client::{MoRef, Permission, Principal};

/// What this run has granted on each entity.
///
/// Resources are applied side by side. Two that each revoke one of two administrators would both see the other one
/// still there; and a grant that moves from one resource to another would be revoked by the old one after the new one
/// has made it.
#[derive(Debug, Default)]
pub(crate) struct Grants(KeyedLock<String, Granted>);

/// What this run has granted on one entity. Who holds it is the only one to write there.
#[derive(Debug, Default)]
pub(crate) struct Granted(HashSet<(Principal, bool)>);

impl Grants {
    /// Waits for the turn to write permissions on an entity.
    pub(crate) async fn turn(&self, entity: &MoRef) -> OwnedMutexGuard<Granted> {
        self.0.lock(entity.id.to_string()).await
    }
}

impl Granted {
    /// Notes a grant of this run.
    pub(crate) fn note(&mut self, p: &Permission) {
        self.0.insert((Principal::new(&p.principal), p.is_group));
    }

    /// Whether it was granted in this run: another resource has it now, and giving it up is not revoking it.
    pub(crate) fn has(&self, p: &Permission) -> bool {
        self.0.contains(&(Principal::new(&p.principal), p.is_group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(principal: &str, role_id: i32) -> Permission {
        Permission { entity: None, principal: principal.into(), is_group: false, role_id, propagate: true }
    }

    #[tokio::test]
    async fn one_at_a_time_writes_on_an_entity_and_sees_what_was_granted() {
        let (grants, here) = (Grants::default(), MoRef::new("Folder", "group-d1"));
        let mut turn = grants.turn(&here).await;
        turn.note(&p("X\\a", 7));
        let other = MoRef::new("Datacenter", "group-d1");
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), grants.turn(&other)).await;
        assert!(waits.is_err());
        assert!(!grants.turn(&MoRef::new("Folder", "group-v3")).await.has(&p("a@x", 7)));
        drop(turn);
        let turn = grants.turn(&here).await;
        assert!(turn.has(&p("a@x", 1)) && !turn.has(&p("b@x", 7)));
    }
}
