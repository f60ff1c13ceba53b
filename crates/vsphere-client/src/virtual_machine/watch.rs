//! Watching virtual machines: one [watcher](crate::core::watcher) for all that wait; who waits says what for.

use vim_types::xml::{self, MoRef};

use super::guest::GuestState;
use super::{VirtualMachines, Wait};
use crate::core::property::{PropertyFields as _, PropertySet};
use crate::core::watcher::{Watched, watch_one};
use crate::error::{Error, Result};

impl VirtualMachines<'_> {
    /// Power state, tools and addresses, read in one batch with others.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn guest_now(&self, vm: &MoRef) -> Result<GuestState> {
        self.client.properties().get(vm).await
    }

    /// Watches a virtual machine until what is seen of it satisfies, and returns what that found. All that is
    /// watched at the same time is watched by one poll.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Cancelled`], [`Error::NotFound`] if the virtual machine does not exist, and those of any
    /// call.
    pub async fn watch_until<T>(
        &self,
        vm: &MoRef,
        wait: Wait<'_>,
        mut satisfied: impl FnMut(&GuestState) -> Option<T>,
    ) -> Result<T> {
        let seen = async {
            // Often it is there already, and then nothing has to be watched.
            if let Some(found) = satisfied(&self.guest_now(vm).await?) {
                return Ok(found);
            }
            let mut updates = watch_one::<GuestState>(self.client.core(), vm);
            // The state that other callers have received may be older than the caller's own changes.
            updates.mark_unchanged();
            if let Some(found) = satisfied(&self.guest_now(vm).await?) {
                return Ok(found);
            }
            while updates.changed().await.is_ok() {
                let found = match &*updates.borrow_and_update() {
                    Some(Ok(state)) => satisfied(state),
                    Some(Err(error)) => return Err(error.clone()),
                    None => None,
                };
                if let Some(found) = found {
                    return Ok(found);
                }
            }
            Err(Error::Cancelled)
        };
        wait.limit(&format!("the watch of {vm}"), seen).await
    }
}

impl Watched for GuestState {
    const TYPE: &'static str = <GuestState as PropertySet>::TYPE;
    const PATHS: &'static [&'static str] = <GuestState as PropertySet>::PATHS;

    fn apply(&mut self, path: &str, value: Option<&str>) -> Result<(), xml::Error> {
        // A property that is unset comes without a value; reading nothing leaves the default.
        let mut fresh = GuestState::default();
        let Some(text) = value else {
            self.take_over(path, fresh);
            return Ok(());
        };
        let mut reader = xml::Reader::new(text);
        if reader.next_child()?
            && let Some(property) = fresh.field(path)
        {
            property.read_property(&mut reader)?;
            // Lists are appended to when read, so the value is read into a fresh one and taken over.
            self.take_over(path, fresh);
        }
        Ok(())
    }

    fn not_found(vm: &MoRef) -> Error {
        let place = "the inventory".to_owned();
        Error::NotFound { kind: "VirtualMachine".to_owned(), name: vm.to_string(), place }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::core::watcher::read_updates;
    use vim_types::types::VirtualMachinePowerState;

    const POLLED: &str = r#"<e:Envelope xmlns:e="e" xmlns:xsi="i"><e:Body><WaitForUpdatesExResponse xmlns="urn:vim25"><returnval><version>7</version><filterSet><filter type="PropertyFilter">f</filter>
      <objectSet><kind>enter</kind><obj type="VirtualMachine">vm-1</obj>
        <changeSet><name>runtime.powerState</name><op>assign</op><val xsi:type="VirtualMachinePowerState">poweredOn</val></changeSet>
        <changeSet><name>guest.net</name><op>assign</op><val xsi:type="ArrayOfGuestNicInfo"><GuestNicInfo><macAddress>00:50:56:00:00:01</macAddress><connected>true</connected><deviceConfigId>4000</deviceConfigId></GuestNicInfo></val></changeSet>
        <changeSet><name>guest.ipAddress</name><op>assign</op><val xsi:type="xsd:string">10.0.0.5</val></changeSet></objectSet>
      <objectSet><kind>leave</kind><obj type="VirtualMachine">vm-2</obj></objectSet>
      <missingObjects><obj type="VirtualMachine">vm-3</obj><fault/></missingObjects>
    </filterSet></returnval></WaitForUpdatesExResponse></e:Body></e:Envelope>"#;

    #[test]
    fn changes_are_taken_over_and_taken_back() {
        let updates = read_updates(POLLED).unwrap();
        assert_eq!(updates.version.as_deref(), Some("7"));
        let mut state = GuestState::default();
        let (object, changes) = &updates.objects[0];
        assert_eq!((updates.objects.len(), &object.id), (1, &"vm-1".into()));
        for (path, value) in changes {
            // Twice: a list that is sent again replaces what was there.
            state.apply(path, value.as_deref()).unwrap();
            state.apply(path, value.as_deref()).unwrap();
        }
        assert_eq!(state.power_state, VirtualMachinePowerState::PoweredOn);
        assert_eq!(state.nics.len(), 1);
        assert_eq!(state.ip_address.as_deref(), Some("10.0.0.5"));
        state.apply("guest.ipAddress", None).unwrap();
        assert_eq!(state.ip_address, None);
        state.apply("something.else", Some("<val>1</val>")).unwrap();
        let removed: Vec<&str> = updates.removed.iter().map(|o| &*o.id).collect();
        assert_eq!(removed, ["vm-2", "vm-3"]);
    }
}
