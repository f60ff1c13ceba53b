//! Power: on, off, reset, suspended; and the polite way.

use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};

use vim_types::methods::{
    PowerOffVMTask, PowerOnVMTask, RebootGuest, ResetVMTask, ShutdownGuest, StandbyGuest, SuspendVMTask,
};
use vim_types::types::VirtualMachinePowerState;
use vim_types::xml::MoRef;

use super::{VirtualMachines, Wait};
use crate::core::busy::RetryBudget;
use crate::error::{Error, FaultKind, Result};

/// How a virtual machine was turned off.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// It was off before.
    WasOff,
    /// The guest shut down.
    Guest,
    /// It was powered off, for this reason.
    Forced(String),
}

/// Time to end, after a cancellation, what must not be left halfway.
pub struct Grace {
    token: CancellationToken,
    _ends_with_it: DropGuard,
}

impl Grace {
    /// Begins to count when `cancel` is cancelled.
    pub fn after(cancel: &CancellationToken, grace: Duration) -> Self {
        let token = CancellationToken::new();
        let (cancel, own) = (cancel.clone(), token.clone());
        tokio::spawn(async move {
            let over = async {
                cancel.cancelled().await;
                tokio::time::sleep(grace).await;
            };
            tokio::select! {
                () = own.cancelled() => {}
                () = over => own.cancel(),
            }
        });
        Grace { _ends_with_it: token.clone().drop_guard(), token }
    }

    /// Cancelled when the time is over.
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}

impl VirtualMachines<'_> {
    /// Powers a virtual machine on, and waits for it; does nothing if it is already on. Needs
    /// `VirtualMachine.Interact.PowerOn`.
    ///
    /// `InvalidState` is tried again within the timeout: vCenter says that a task has ended before the machine that
    /// it has made or changed can be turned on. Before each further attempt the power state is looked at.
    ///
    /// # Errors
    /// [`Error::Question`], `InsufficientResourcesFault`, `VmConfigFault`s, `FileFault`s, and those of any call and task.
    pub async fn power_on(&self, vm: &MoRef, host: Option<&MoRef>, wait: Wait<'_>) -> Result<()> {
        let on = VirtualMachinePowerState::PoweredOn;
        let request = PowerOnVMTask { this: vm.clone(), host: host.cloned() };
        let mut budget = RetryBudget::new(wait.timeout);
        loop {
            let done = self.attended(vm, &request, wait.within(budget.left())).await.map(drop);
            let Err(error) = unless_already(done, &on) else { return Ok(()) };
            let invalid = error.fault().is_some_and(|fault| &*fault.name == "InvalidState");
            budget.after_if(invalid, error, wait.cancel).await?;
            if self.guest_now(vm).await?.power_state == on {
                return Ok(());
            }
        }
    }

    /// Powers a virtual machine off without shutting down the guest, and waits for it; does nothing if it is already
    /// off. Needs `VirtualMachine.Interact.PowerOff`.
    ///
    /// # Errors
    /// Those of any call and task.
    pub async fn power_off(&self, vm: &MoRef, wait: Wait<'_>) -> Result<()> {
        let result = self.run(&PowerOffVMTask { this: vm.clone() }, wait).await.map(drop);
        unless_already(result, &VirtualMachinePowerState::PoweredOff)
    }

    /// Resets a virtual machine that is on. Needs `VirtualMachine.Interact.Reset`.
    ///
    /// # Errors
    /// `InvalidPowerState`, and those of any call and task.
    pub async fn reset(&self, vm: &MoRef, wait: Wait<'_>) -> Result<()> {
        self.run(&ResetVMTask { this: vm.clone() }, wait).await.map(drop)
    }

    /// Suspends a virtual machine that is on. Needs `VirtualMachine.Interact.Suspend`.
    ///
    /// # Errors
    /// `InvalidPowerState`, and those of any call and task.
    pub async fn suspend(&self, vm: &MoRef, wait: Wait<'_>) -> Result<()> {
        let result = self.run(&SuspendVMTask { this: vm.clone() }, wait).await.map(drop);
        unless_already(result, &VirtualMachinePowerState::Suspended)
    }

    /// Asks the guest to reboot, and does not wait. Needs guest tools and `VirtualMachine.Interact.Reset`.
    ///
    /// # Errors
    /// `ToolsUnavailable`, `InvalidPowerState`, and those of any call.
    pub async fn reboot_guest(&self, vm: &MoRef) -> Result<()> {
        self.client.call(&RebootGuest { this: vm.clone() }).await
    }

    /// Asks the guest to sleep, and does not wait. Needs guest tools and `VirtualMachine.Interact.Suspend`.
    ///
    /// # Errors
    /// `ToolsUnavailable`, `InvalidPowerState`, and those of any call.
    pub async fn standby_guest(&self, vm: &MoRef) -> Result<()> {
        self.client.call(&StandbyGuest { this: vm.clone() }).await
    }

    /// Turns a virtual machine off: asks the guest to shut down, waits for it for `grace`, and then, with
    /// `force`, powers it off; without guest tools at once. Zero grace does not ask the guest. Needs
    /// `VirtualMachine.Interact.PowerOff`.
    ///
    /// # Errors
    /// `ToolsUnavailable` and [`Error::Timeout`] where force is not allowed, and those of any call and task.
    pub async fn shut_down(
        &self,
        vm: &MoRef,
        grace: Duration,
        force: bool,
        wait: Wait<'_>,
    ) -> Result<Shutdown> {
        let off = VirtualMachinePowerState::PoweredOff;
        let seen = self.guest_now(vm).await?;
        if seen.power_state == off {
            return Ok(Shutdown::WasOff);
        }
        let refused = if grace.is_zero() {
            "the guest was not asked".to_owned()
        } else if seen.power_state == VirtualMachinePowerState::Suspended {
            if !force {
                let what = "the shutdown of the guest, which is suspended".to_owned();
                return Err(Error::Timeout { what, after: Duration::ZERO });
            }
            "it was suspended".to_owned()
        } else {
            match self.client.call(&ShutdownGuest { this: vm.clone() }).await {
                Ok(()) => {
                    let wait = wait.within(grace);
                    match self.watch_until(vm, wait, |state| (state.power_state == off).then_some(())).await {
                        Ok(()) => return Ok(Shutdown::Guest),
                        Err(Error::Timeout { .. }) if force => {
                            format!("the guest did not shut down within {} s", grace.as_secs())
                        }
                        Err(Error::Timeout { after, .. }) => {
                            return Err(Error::Timeout {
                                what: "the shutdown of the guest".to_owned(),
                                after,
                            });
                        }
                        Err(error) => return Err(error),
                    }
                }
                // It went off in the moment before.
                Err(error) if already(&error, &off) => return Ok(Shutdown::Guest),
                Err(error) if force && error.fault().is_some() => {
                    error.fault().map_or_else(String::new, |fault| {
                        format!("the guest could not be asked ({})", fault.name)
                    })
                }
                Err(error) => return Err(error),
            }
        };
        self.power_off(vm, wait).await?;
        Ok(Shutdown::Forced(refused))
    }
}

/// Whether an error says that the power state is already what was asked for.
fn already(error: &Error, wanted: &VirtualMachinePowerState) -> bool {
    let Some(fault) = error.fault() else { return false };
    fault.kind == FaultKind::InvalidPowerState
        && fault.detail.text_of("existingState") == Some(wanted.as_str())
}

fn unless_already(result: Result<()>, wanted: &VirtualMachinePowerState) -> Result<()> {
    match result {
        Err(error) if already(&error, wanted) => Ok(()),
        other => other,
    }
}
