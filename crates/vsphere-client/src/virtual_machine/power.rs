//! Power: on, off, reset, suspended; and the polite way.

use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};

use vim_types::methods::{
    PowerOffVMTask, PowerOnVMTask, RebootGuest, ResetVMTask, ShutdownGuest, StandbyGuest, SuspendVMTask,
};
use vim_types::types::VirtualMachinePowerState;
use vim_types::xml::{MoRef, Request};

use super::guest::GuestState;
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

/// How a virtual machine was suspended or restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The guest did it.
    Guest,
    /// The host did it, for this reason.
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

    /// As [`power_on`](Self::power_on), and tries again `every` so often, within the timeout, while no host has the
    /// resources. `refused` receives each refusal.
    ///
    /// # Errors
    /// The last refusal, and those of [`power_on`](Self::power_on).
    pub async fn power_on_when_it_fits(
        &self,
        vm: &MoRef,
        host: Option<&MoRef>,
        every: Duration,
        wait: Wait<'_>,
        mut refused: impl FnMut(&Error),
    ) -> Result<()> {
        let mut budget = RetryBudget::every(every, wait.timeout);
        loop {
            match self.power_on(vm, host, wait.within(budget.left())).await {
                Err(error) if error.fault().is_some_and(|f| lacks_room(&f.name)) => {
                    refused(&error);
                    budget.after_if(true, error, wait.cancel).await?;
                }
                done => return done,
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
            NOT_ASKED.to_owned()
        } else if seen.power_state == VirtualMachinePowerState::Suspended {
            if !force {
                let what = "the shutdown of the guest, which is suspended".to_owned();
                return Err(Error::Timeout { what, after: Duration::ZERO });
            }
            "it was suspended".to_owned()
        } else {
            let request = ShutdownGuest { this: vm.clone() };
            let is_off = |state: &GuestState| state.power_state == off;
            let asked = Asked { what: "shut down", noun: "the shutdown", goal: Some(&off) };
            match self.ask_guest(vm, &request, asked, is_off, (grace, force), wait).await? {
                None => return Ok(Shutdown::Guest),
                Some(why) => why,
            }
        };
        self.power_off(vm, wait).await?;
        Ok(Shutdown::Forced(refused))
    }

    /// Suspends a virtual machine that is on: asks the guest to prepare for it, waits for it for `grace`, and then, with
    /// `force`, suspends it; without guest tools at once. Zero grace does not ask the guest. Needs
    /// `VirtualMachine.Interact.Suspend`.
    ///
    /// # Errors
    /// `ToolsUnavailable` and [`Error::Timeout`] where force is not allowed, and those of any call and task.
    pub async fn suspend_guest(
        &self,
        vm: &MoRef,
        grace: Duration,
        force: bool,
        wait: Wait<'_>,
    ) -> Result<Outcome> {
        let suspended = VirtualMachinePowerState::Suspended;
        let refused = if grace.is_zero() {
            NOT_ASKED.to_owned()
        } else {
            let request = StandbyGuest { this: vm.clone() };
            let is_suspended = |state: &GuestState| state.power_state == suspended;
            let asked = Asked { what: "go to standby", noun: "the standby", goal: Some(&suspended) };
            match self.ask_guest(vm, &request, asked, is_suspended, (grace, force), wait).await? {
                None => return Ok(Outcome::Guest),
                Some(why) => why,
            }
        };
        self.suspend(vm, wait).await?;
        Ok(Outcome::Forced(refused))
    }

    /// Restarts a virtual machine that is on: asks the guest to restart, waits for `grace` until its tools have stopped,
    /// and then, with `force`, resets it; without guest tools at once. Zero grace does not ask the guest. Needs
    /// `VirtualMachine.Interact.Reset`.
    ///
    /// # Errors
    /// `ToolsUnavailable` and [`Error::Timeout`] where force is not allowed, `InvalidPowerState`, and those of any call
    /// and task.
    pub async fn restart(&self, vm: &MoRef, grace: Duration, force: bool, wait: Wait<'_>) -> Result<Outcome> {
        let refused = if grace.is_zero() {
            NOT_ASKED.to_owned()
        } else {
            let request = RebootGuest { this: vm.clone() };
            let stopped = |state: &GuestState| state.tools_running.as_deref() != Some("guestToolsRunning");
            let asked = Asked { what: "restart", noun: "the restart", goal: None };
            match self.ask_guest(vm, &request, asked, stopped, (grace, force), wait).await? {
                None => return Ok(Outcome::Guest),
                Some(why) => why,
            }
        };
        self.reset(vm, wait).await?;
        Ok(Outcome::Forced(refused))
    }

    /// Asks the guest for something and waits until it is `done`. Returns why it was not, where force is allowed.
    async fn ask_guest<R: Request<Response = ()> + Sync>(
        &self,
        vm: &MoRef,
        request: &R,
        asked: Asked<'_>,
        done: impl Fn(&GuestState) -> bool,
        (grace, force): (Duration, bool),
        wait: Wait<'_>,
    ) -> Result<Option<String>> {
        let Asked { what, noun, goal } = asked;
        match self.client.call(request).await {
            Ok(()) => {
                let wait = wait.within(grace);
                match self.watch_until(vm, wait, |state| done(state).then_some(())).await {
                    Ok(()) => Ok(None),
                    Err(Error::Timeout { .. }) if force => {
                        Ok(Some(format!("the guest did not {what} within {} s", grace.as_secs())))
                    }
                    Err(Error::Timeout { after, .. }) => {
                        Err(Error::Timeout { what: format!("{noun} of the guest"), after })
                    }
                    Err(error) => Err(error),
                }
            }
            // It happened in the moment before.
            Err(error) if goal.is_some_and(|goal| already(&error, goal)) => Ok(None),
            Err(error) if force && error.fault().is_some() => {
                Ok(error.fault().map(|fault| format!("the guest could not be asked ({})", fault.name)))
            }
            Err(error) => Err(error),
        }
    }
}

/// What is said of a guest that is not to be asked.
const NOT_ASKED: &str = "the guest was not asked";

/// What a guest is asked for, and the power state that follows.
struct Asked<'a> {
    what: &'a str,
    noun: &'a str,
    goal: Option<&'a VirtualMachinePowerState>,
}

/// Whether a fault says that no host has the resources now.
pub fn lacks_room(fault: &str) -> bool {
    const OTHERS: [&str; 2] = ["NoCompatibleHost", "NoCompatibleHostWithAccessToDevice"];
    let insufficient = fault.strip_prefix("Insufficient");
    let of_host = |rest: &str| {
        ["ResourcesFault", "CapacityFault"].iter().any(|end| rest.ends_with(end))
            || rest.starts_with("Standby")
            || rest == "PerCpuCapacity"
    };
    insufficient.is_some_and(of_host) || OTHERS.contains(&fault)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_on_is_retried_only_for_lack_of_resources() {
        for (fault, expected) in [
            ("InsufficientResourcesFault", true),
            ("InsufficientCpuResourcesFault", true),
            ("InsufficientMemoryResourcesFault", true),
            ("InsufficientFailoverResourcesFault", true),
            ("InsufficientGraphicsResourcesFault", true),
            ("InsufficientHostCpuCapacityFault", true),
            ("InsufficientHostMemoryCapacityFault", true),
            ("InsufficientPerCpuCapacity", true),
            ("InsufficientStandbyMemoryResource", true),
            ("NoCompatibleHost", true),
            ("InsufficientStorageSpace", false),
            ("InsufficientDisks", false),
            ("InvalidPowerState", false),
            ("FileNotFound", false),
        ] {
            assert_eq!(lacks_room(fault), expected, "{fault}");
        }
    }
}
