//! `IpPoolManager`: the IP pools of datacenters, which vApps get addresses from.

use vim_types::methods::{CreateIpPool, DestroyIpPool, QueryIpPools, UpdateIpPool};
use vim_types::types::IpPool;
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;

/// IP pools; from [`Client::ip_pools`].
pub struct IpPools<'a> {
    client: &'a Client,
}

impl Client {
    /// IP pools.
    pub fn ip_pools(&self) -> IpPools<'_> {
        IpPools { client: self }
    }
}

impl IpPools<'_> {
    /// All IP pools of a datacenter. Needs `System.Read`.
    ///
    /// # Errors
    /// `ManagedObjectNotFound` for the datacenter, and those of any call.
    pub async fn list(&self, datacenter: &MoRef) -> Result<Vec<IpPool>> {
        let this = self.manager()?;
        self.client.call(&QueryIpPools { this, dc: datacenter.clone() }).await
    }

    /// Creates an IP pool, and returns its ID, which is unique in the datacenter. Needs `Datacenter.IpPoolConfig`.
    ///
    /// # Errors
    /// `InvalidArgument`, and those of any call.
    pub async fn create(&self, datacenter: &MoRef, pool: IpPool) -> Result<i32> {
        let this = self.manager()?;
        self.client.call(&CreateIpPool { this, dc: datacenter.clone(), pool: wire(pool) }).await
    }

    /// Changes the IP pool that has the ID of `pool`. What is not set stays. Needs `Datacenter.IpPoolConfig`.
    ///
    /// # Errors
    /// `InvalidArgument`, and those of any call.
    pub async fn update(&self, datacenter: &MoRef, pool: IpPool) -> Result<()> {
        let this = self.manager()?;
        self.client.call(&UpdateIpPool { this, dc: datacenter.clone(), pool: wire(pool) }).await
    }

    /// Deletes an IP pool. Without `force`, one with allocated addresses is not deleted. Needs `Datacenter.IpPoolConfig`.
    ///
    /// # Errors
    /// `InvalidState` for a pool that is in use, and those of any call.
    pub async fn destroy(&self, datacenter: &MoRef, id: i32, force: bool) -> Result<()> {
        let this = self.manager()?;
        self.client.call(&DestroyIpPool { this, dc: datacenter.clone(), id, force }).await
    }

    fn manager(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().ip_pool_manager, "IpPoolManager")
    }
}

/// With the name as servers take it.
fn wire(mut pool: IpPool) -> IpPool {
    pool.name = pool.name.map(|name| crate::find::wire_name(&name));
    pool
}
