//! Compute policies (REST, from vSphere 7.0 Update 3 on): what DRS does with the virtual machines that have a tag.
//!
//! A policy is made of a capability, of which each vCenter has its own. It cannot be changed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::rest::{Call, null_is_empty};
use crate::error::Result;
use crate::snapshot::{Epoch, Snapshot};

const SERVICE: &str = "vcenter/compute/policies";
const CAPABILITIES: &str = "vcenter/compute/policies/capabilities";

/// What is known of compute policies.
#[derive(Default)]
struct State {
    all: Snapshot<Vec<Summary>>,
    capabilities: Snapshot<Vec<Capability>>,
    writes: Epoch,
}

/// A capability of the vCenter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Capability {
    /// The ID, such as `com.vmware.vcenter.compute.policies.capabilities.vm_host_affinity`.
    pub capability: String,
    /// What a policy of it does.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub description: String,
}

/// What the list of compute policies has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Summary {
    /// The ID.
    #[serde(rename = "policy")]
    pub id: String,
    /// The name, unique.
    pub name: String,
}

/// A compute policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputePolicy {
    /// The name, unique.
    pub name: String,
    /// The description.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub description: String,
    /// The ID of the capability.
    pub capability: String,
    /// The ID of the tag of virtual machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm_tag: Option<String>,
    /// The ID of the tag of hosts, in capabilities that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_tag: Option<String>,
}

#[derive(Deserialize)]
struct Compliance {
    status: String,
}

/// Compute policies; from [`Client::compute_policies`].
pub struct ComputePolicies<'a> {
    client: &'a Client,
}

impl Client {
    /// Compute policies.
    pub fn compute_policies(&self) -> ComputePolicies<'_> {
        ComputePolicies { client: self }
    }
}

impl ComputePolicies<'_> {
    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    /// The capabilities of the vCenter; shared between readers as [`roles`](crate::Authorization::roles) are.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with the status 404 where the vCenter does not have compute policies, and those of
    /// any call.
    pub async fn capabilities(&self) -> Result<Arc<Vec<Capability>>> {
        let state = self.state();
        let fetch = async || self.client.core().rest(Call::get(CAPABILITIES)).await;
        // They do not change.
        state.capabilities.get(&Epoch::default(), fetch).await
    }

    /// All compute policies; shared between readers.
    ///
    /// # Errors
    /// As [`capabilities`](ComputePolicies::capabilities).
    pub async fn list(&self) -> Result<Arc<Vec<Summary>>> {
        let state = self.state();
        state.all.get(&state.writes, async || self.client.core().rest(Call::get(SERVICE)).await).await
    }

    /// A compute policy.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `NOT_FOUND`, and those of any call.
    pub async fn get(&self, id: &str) -> Result<ComputePolicy> {
        self.client.core().rest(Call::get(SERVICE).id(id)).await
    }

    /// Returns whether a virtual machine complies with a compute policy: `COMPLIANT`, `NOT_COMPLIANT`, `NOT_APPLICABLE` or
    /// `UNKNOWN` (`com.vmware.vcenter.compute.policies.ObjectCompliance`). No call returns all policies of a virtual machine.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `NOT_FOUND`, and those of any call.
    pub async fn compliance(&self, vm: &MoRef, id: &str) -> Result<String> {
        let service = format!("vcenter/vm/{}/compute/policies", vm.id);
        let found: Compliance = self.client.core().rest(Call::get(&service).id(id)).await?;
        Ok(found.status)
    }

    /// Creates a compute policy, and returns its ID. Needs `ComputePolicy.Manage`.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `ALREADY_EXISTS`, `INVALID_ARGUMENT`, `UNABLE_TO_ALLOCATE_RESOURCE` (100
    /// policies), and those of any call.
    pub async fn create(&self, policy: &ComputePolicy) -> Result<String> {
        let body = serde_json::to_value(policy).unwrap_or_default();
        let state = self.state();
        let _writing = state.writes.writing();
        self.client.core().rest(Call::post(SERVICE).spec("spec", body)).await
    }

    /// Deletes a compute policy. Needs `ComputePolicy.Manage`.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `NOT_FOUND`, and those of any call.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let state = self.state();
        let _writing = state.writes.writing();
        self.client.core().rest(Call::delete(SERVICE, id)).await
    }
}
