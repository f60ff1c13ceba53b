//! Enhanced vMotion compatibility of one machine: which features of processors its guest sees.

use vim_types::methods::ApplyEvcModeVMTask;
use vim_types::types::{EVCMode, HostFeatureMask};
use vim_types::xml::MoRef;

use super::{VirtualMachines, Wait};
use crate::error::Result;

crate::properties! {
    struct Capabilities of "ServiceInstance" {
        modes: Vec<EVCMode> = "capability.supportedEVCMode",
    }
}

/// A set of features that processors of one generation, and all later ones, have.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EvcMode {
    /// What it is called by: `intel-cascadelake`.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// The maker of the processors: `intel`, `amd`.
    pub vendor: String,
    /// What it takes away from a host.
    pub masks: Vec<HostFeatureMask>,
}

impl VirtualMachines<'_> {
    /// The modes that the server knows.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn evc_modes(&self) -> Result<Vec<EvcMode>> {
        let service = MoRef::new("ServiceInstance", "ServiceInstance");
        let found = self.client.properties().get::<Capabilities>(&service).await?;
        let mode = |m: EVCMode| EvcMode {
            key: m.base.key,
            label: m.base.base.label,
            vendor: m.vendor,
            masks: m.feature_mask,
        };
        Ok(found.modes.into_iter().map(mode).collect())
    }

    /// Shows the guest of a machine that is off no more than these features, or with an empty list all that the host
    /// has. Needs hardware version 14 and `VirtualMachine.Config.Settings`.
    ///
    /// # Errors
    /// `InvalidState` while it is on, and those of any call and task.
    pub async fn apply_evc_mode(&self, vm: &MoRef, masks: &[HostFeatureMask], wait: Wait<'_>) -> Result<()> {
        let request =
            ApplyEvcModeVMTask { this: vm.clone(), mask: masks.to_vec(), complete_masks: Some(true) };
        self.run(&request, wait).await.map(drop)
    }
}
