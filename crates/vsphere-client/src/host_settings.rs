//! `OptionManager`, `HostDateTimeSystem` and the DNS of `HostNetworkSystem`: the settings of a host.

use vim_types::methods::{UpdateDnsConfig, UpdateOptions};
use vim_types::types::{HostDnsConfig, OptionValue};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;
use crate::host::{self, manager};

crate::properties! {
    /// The settings of a host, as vCenter has them. Those of a host that vCenter has never reached are empty.
    pub struct HostSettings of "HostSystem" {
        /// The name, escaped as vSphere does: the address by which the host was added.
        pub name: String = "name",
        /// The advanced settings.
        pub options: Vec<OptionValue> = "config.option",
        /// The DNS client.
        pub dns: Option<HostDnsConfig> = "config.network.dnsConfig",
        /// The NTP servers.
        pub ntp_servers: Vec<String> = "config.dateTimeInfo.ntpConfig.server",
        advanced: Option<MoRef> = "configManager.advancedOption",
        network: Option<MoRef> = "configManager.networkSystem",
        date_time: Option<MoRef> = "configManager.dateTimeSystem",
    }
}

/// The settings of hosts; from [`Client::host_settings`].
pub struct HostsSettings<'a> {
    client: &'a Client,
}

impl Client {
    /// Advanced settings, DNS and NTP of hosts.
    pub fn host_settings(&self) -> HostsSettings<'_> {
        HostsSettings { client: self }
    }
}

impl HostsSettings<'_> {
    /// The settings of a host.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, host: &MoRef) -> Result<HostSettings> {
        self.client.properties().get(host).await
    }

    /// Sets advanced settings of a host. Needs `Host.Config.AdvancedConfig`.
    ///
    /// # Errors
    /// [`Error::Unreported`](crate::Error::Unreported), `InvalidName` for a setting that does not exist,
    /// `InvalidArgument` for a value of another type or out of its range, and those of any call.
    pub async fn set_options(
        &self,
        on: &MoRef,
        host: &HostSettings,
        options: Vec<OptionValue>,
    ) -> Result<()> {
        let this = manager(on, host.advanced.as_ref(), "advanced settings")?;
        self.client.call(&UpdateOptions { this, changed_value: options }).await
    }

    /// Sets the DNS client of a host as a whole. Needs `Host.Config.Network`.
    ///
    /// # Errors
    /// [`Error::Unreported`](crate::Error::Unreported), `InvalidArgument`, `HostConfigFault`, and those of any call.
    pub async fn set_dns(&self, on: &MoRef, host: &HostSettings, config: HostDnsConfig) -> Result<()> {
        let this = manager(on, host.network.as_ref(), "network configuration")?;
        self.client.call(&UpdateDnsConfig { this, config }).await
    }

    /// Sets the NTP servers of a host. Needs `Host.Config.DateTime`.
    ///
    /// # Errors
    /// [`Error::Unreported`](crate::Error::Unreported), `HostConfigFault`, and those of any call.
    pub async fn set_ntp_servers(&self, on: &MoRef, host: &HostSettings, servers: Vec<String>) -> Result<()> {
        host::set_ntp_servers(self.client, on, host.date_time.as_ref(), servers).await
    }
}
