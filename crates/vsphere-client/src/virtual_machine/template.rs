//! Templates: virtual machines that are marked as one, and back.

use std::time::Duration;

use vim_types::methods::{MarkAsTemplate, MarkAsVirtualMachine};
use vim_types::xml::MoRef;

use super::{VirtualMachines, Wait};
use crate::core::backoff::Backoff;
use crate::error::{Error, Result};

/// The pauses between looks at the methods that are disabled.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_secs(3);

crate::properties! {
    struct Disabled of "VirtualMachine" {
        methods: Vec<String> = "disabledMethod",
    }
}

/// Those of the methods that are disabled.
fn still<'a>(wanted: &[&'a str], disabled: &[String]) -> Vec<&'a str> {
    wanted.iter().filter(|m| disabled.iter().any(|d| d == *m)).copied().collect()
}

impl VirtualMachines<'_> {
    /// Makes a virtual machine that is off a template. Needs `VirtualMachine.Provisioning.MarkAsTemplate`.
    ///
    /// # Errors
    /// `InvalidPowerState`, and those of any call.
    pub async fn mark_as_template(&self, vm: &MoRef) -> Result<()> {
        let _writing = self.client.core().rearranging();
        self.client.call(&MarkAsTemplate { this: vm.clone() }).await
    }

    /// Makes a template a virtual machine again. Needs `VirtualMachine.Provisioning.MarkAsVM` and
    /// `Resource.AssignVMToPool`.
    ///
    /// # Errors
    /// `InvalidState`, `InvalidDatastore`, and those of any call.
    pub async fn mark_as_virtual_machine(
        &self,
        template: &MoRef,
        pool: &MoRef,
        host: Option<&MoRef>,
    ) -> Result<()> {
        let _writing = self.client.core().rearranging();
        let request =
            MarkAsVirtualMachine { this: template.clone(), pool: pool.clone(), host: host.cloned() };
        self.client.call(&request).await
    }

    /// Waits until vCenter permits methods on a virtual machine: while an import or another operation has not ended, it
    /// lists them in `disabledMethod`. The methods have the names of the API, such as `MarkAsTemplate`.
    ///
    /// # Errors
    /// [`Error::Timeout`], which names the methods that are still disabled, [`Error::Cancelled`], and those of any call.
    pub async fn until_enabled(&self, vm: &MoRef, methods: &[&str], wait: Wait<'_>) -> Result<()> {
        let mut backoff = Backoff::new(FIRST_LOOK, LOOK).until(tokio::time::Instant::now() + wait.timeout);
        loop {
            let read: Disabled = self.client.properties().get(vm).await?;
            let disabled = still(methods, &read.methods);
            if disabled.is_empty() {
                return Ok(());
            }
            tracing::debug!(vm = %vm, ?disabled, "waiting until vCenter permits methods");
            tokio::select! {
                () = wait.cancel.cancelled() => return Err(Error::Cancelled),
                more = backoff.wait() => if !more {
                    let what = format!("the operation that disables {} on {vm}", disabled.join(", "));
                    return Err(Error::Timeout { what, after: wait.timeout });
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wanted_methods_are_waited_for() {
        let disabled = ["PowerOffVM_Task", "MarkAsTemplate"].map(str::to_owned);
        assert_eq!(still(&["MarkAsTemplate", "PowerOnVM_Task"], &disabled), ["MarkAsTemplate"]);
        assert_eq!(still(&["PowerOnVM_Task"], &disabled), [""; 0]);
        assert_eq!(still(&["MarkAsTemplate"], &[]), [""; 0]);
    }
}
