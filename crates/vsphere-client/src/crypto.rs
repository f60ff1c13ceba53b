//! `CryptoManagerKmip`: key providers, which virtual machines are encrypted with.
//!
//! All of them are listed by the SOAP API. A native key provider is created and deleted by the REST API only.

use std::sync::Arc;

use serde_json::json;
use vim_types::methods::{
    ListKmipServers, MarkDefault, RegisterKmipServer, RemoveKmipServer, SetDefaultKmsCluster,
    UnregisterKmsCluster, UpdateKmipServer,
};
use vim_types::types::{
    CryptoKeyId, KeyProviderId, KmipClusterInfo, KmipServerInfo, KmipServerSpec, VirtualDeviceKind,
};
use vim_types::xml::{MoRef, Request, Secret};

use crate::client::Client;
use crate::core::rest::Call;
use crate::device::Disk;
use crate::error::Result;
use crate::find::Kind;
use crate::snapshot::{Epoch, Snapshot};

const PROVIDERS: &str = "vcenter/crypto-manager/kms/providers";

/// Who manages the keys of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderType {
    /// vCenter and the hosts.
    Native,
    /// Key servers that vCenter connects to.
    Standard,
    /// Another one, such as a vSphere Trust Authority.
    Other(String),
}

/// A key provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProvider {
    /// The name, which is its ID.
    pub id: String,
    /// Who manages its keys.
    pub ty: ProviderType,
    /// The key servers of a standard key provider.
    pub servers: Vec<KeyServer>,
    /// Whether it is the default of the vCenter.
    pub is_default: bool,
    /// Whether it is the default of a cluster or a folder of hosts.
    pub is_default_of_entity: bool,
    /// Whether a native key provider has been backed up.
    pub has_backup: bool,
    /// Whether a native key provider is restricted to hosts with a TPM.
    pub tpm_required: bool,
    /// The ID of the key of a native key provider.
    pub key_id: Option<String>,
}

/// A key server, which speaks the Key Management Interoperability Protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyServer {
    /// The name, which is unique in its provider.
    pub name: String,
    /// The host name or IP address.
    pub address: String,
    /// The port.
    pub port: i32,
    /// The host name or IP address of the proxy.
    pub proxy_address: Option<String>,
    /// The port of the proxy.
    pub proxy_port: Option<i32>,
    /// The user that vCenter logs in as.
    pub user: Option<String>,
}

/// A text that is set.
fn set(text: Option<String>) -> Option<String> {
    text.filter(|t| !t.is_empty())
}

impl KeyServer {
    fn seen(info: KmipServerInfo) -> Self {
        Self {
            name: info.name,
            address: info.address,
            port: info.port,
            proxy_address: set(info.proxy_address),
            proxy_port: info.proxy_port.filter(|p| *p > 0),
            user: set(info.user_name),
        }
    }

    /// As it is sent. What is not sent stays; an empty text and a negative port delete.
    fn spec(&self, provider: &str, password: Option<Secret>) -> KmipServerSpec {
        KmipServerSpec {
            cluster_id: KeyProviderId { id: provider.to_owned() },
            info: KmipServerInfo {
                name: self.name.clone(),
                address: self.address.clone(),
                port: self.port,
                proxy_address: Some(self.proxy_address.clone().unwrap_or_default()),
                proxy_port: Some(self.proxy_port.unwrap_or(-1)),
                user_name: Some(self.user.clone().unwrap_or_default()),
                ..KmipServerInfo::default()
            },
            password,
            ..KmipServerSpec::default()
        }
    }
}

impl KeyProvider {
    fn seen(info: KmipClusterInfo) -> Self {
        let ty = match info.management_type.as_deref() {
            Some("nativeProvider") => ProviderType::Native,
            // Before vSphere 7.0 there were no others.
            None | Some("" | "vCenter") => ProviderType::Standard,
            Some(other) => ProviderType::Other(other.to_owned()),
        };
        Self {
            id: info.cluster_id.id,
            ty,
            servers: info.servers.into_iter().map(KeyServer::seen).collect(),
            is_default: info.use_as_default,
            is_default_of_entity: !info.use_as_entity_default.is_empty(),
            has_backup: info.has_backup.unwrap_or_default(),
            tpm_required: info.tpm_required.unwrap_or_default(),
            key_id: set(info.key_id),
        }
    }
}

crate::properties! {
    /// What a virtual machine is encrypted with.
    struct Encrypted of "VirtualMachine" {
        name: String = "name",
        key: Option<CryptoKeyId> = "config.keyId",
    }
}

crate::properties! {
    /// The devices of a virtual machine, whose disks have keys of their own.
    struct Devices of "VirtualMachine" {
        devices: Vec<VirtualDeviceKind> = "config.hardware.device",
    }
}

#[derive(Default)]
struct State {
    providers: Snapshot<Vec<KeyProvider>>,
    writes: Epoch,
}

fn is_of(key: &CryptoKeyId, provider: &str) -> bool {
    key.provider_id.as_ref().is_some_and(|p| p.id == provider)
}

/// Key providers; from [`Client::key_providers`].
pub struct KeyProviders<'a> {
    client: &'a Client,
}

impl Client {
    /// Key providers.
    pub fn key_providers(&self) -> KeyProviders<'_> {
        KeyProviders { client: self }
    }
}

impl KeyProviders<'_> {
    /// All key providers; shared between readers as [`roles`](crate::Authorization::roles) are. Needs
    /// `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn list(&self) -> Result<Arc<Vec<KeyProvider>>> {
        let state = self.state();
        state.providers.get(&state.writes, || self.read()).await
    }

    /// The key provider of that name as it is now, for those who change it. Needs `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn get_now(&self, id: &str) -> Result<Option<KeyProvider>> {
        Ok(self.read().await?.into_iter().find(|p| p.id == id))
    }

    async fn read(&self) -> Result<Vec<KeyProvider>> {
        let this = self.manager()?;
        let all = self.client.call(&ListKmipServers { this, limit: None }).await?;
        Ok(all.into_iter().map(KeyProvider::seen).collect())
    }

    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    /// A call that changes key providers.
    async fn write<R: Request + Sync>(&self, request: &R) -> Result<R::Response> {
        let state = self.state();
        let _writing = state.writes.writing();
        self.client.call(request).await
    }

    async fn write_native(&self, call: Call<'_>) -> Result<()> {
        let state = self.state();
        let _writing = state.writes.writing();
        self.client.core().rest(call).await
    }

    /// Creates a native key provider. Needs `Cryptographer.ManageKeyServers`, and vSphere 7.0 Update 2.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `ALREADY_EXISTS`, and those of any call.
    pub async fn create_native(&self, id: &str, tpm_required: bool) -> Result<()> {
        // The key and its ID are generated.
        let body = json!({
            "provider": id,
            "constraints": { "tpm_required": tpm_required },
            "native_spec": {},
        });
        self.write_native(Call::post(PROVIDERS).parameters(body)).await
    }

    /// Deletes a native key provider, and its keys. Needs `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `NOT_FOUND`, and those of any call.
    pub async fn delete_native(&self, id: &str) -> Result<()> {
        self.write_native(Call::delete(PROVIDERS, id)).await
    }

    /// Adds a key server. The first one creates its standard key provider. Needs `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn add_server(
        &self,
        provider: &str,
        server: &KeyServer,
        password: Option<Secret>,
    ) -> Result<()> {
        let this = self.manager()?;
        self.write(&RegisterKmipServer { this, server: server.spec(provider, password) }).await
    }

    /// Changes the key server of that name. Without a password, it keeps its own. Needs
    /// `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn change_server(
        &self,
        provider: &str,
        server: &KeyServer,
        password: Option<Secret>,
    ) -> Result<()> {
        let this = self.manager()?;
        self.write(&UpdateKmipServer { this, server: server.spec(provider, password) }).await
    }

    /// Removes a key server, in use or not. Needs `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn remove_server(&self, provider: &str, server: &str) -> Result<()> {
        let (this, cluster_id) = (self.manager()?, KeyProviderId { id: provider.to_owned() });
        self.write(&RemoveKmipServer { this, cluster_id, server_name: server.to_owned() }).await
    }

    /// Deletes a key provider that is not a native one. Needs `Cryptographer.ManageKeyServers`, and vSphere 7.0.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn unregister(&self, provider: &str) -> Result<()> {
        let (this, cluster_id) = (self.manager()?, KeyProviderId { id: provider.to_owned() });
        self.write(&UnregisterKmsCluster { this, cluster_id }).await
    }

    /// Makes a key provider the default of the vCenter. Needs `Cryptographer.ManageKeyServers`.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn make_default(&self, provider: &str) -> Result<()> {
        let (this, cluster_id) = (self.manager()?, KeyProviderId { id: provider.to_owned() });
        self.write(&MarkDefault { this, cluster_id }).await
    }

    /// Leaves the vCenter without a default key provider. Needs `Cryptographer.ManageKeyServers`, and vSphere 7.0.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn unset_default(&self) -> Result<()> {
        let this = self.manager()?;
        self.write(&SetDefaultKmsCluster { this, entity: None, cluster_id: None }).await
    }

    /// The names of the virtual machines that are encrypted with a key of a provider, or that have a disk that is, among
    /// those that the user may read. vSphere encrypts no disk of a virtual machine that is not encrypted.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn users(&self, provider: &str) -> Result<Vec<String>> {
        let all = self.client.find().all(Kind::VirtualMachine, None).await?;
        let objects: Vec<MoRef> = all.into_iter().map(|f| f.object).collect();
        let mut all = self.client.properties().get_existing::<Encrypted>(&objects).await?;
        all.retain(|(_, e)| e.key.is_some());
        let has_key = |e: &Encrypted| e.key.as_ref().is_some_and(|key| is_of(key, provider));
        // Devices are large: only those of the virtual machines that the answer depends on are read.
        let others: Vec<MoRef> = all.iter().filter(|(_, e)| !has_key(e)).map(|(o, _)| o.clone()).collect();
        let mut with_disk = self.client.properties().get_existing::<Devices>(&others).await?;
        let keys = |d: &Devices| {
            d.devices
                .iter()
                .any(|d| Disk::of(d).and_then(|d| d.crypto_key()).is_some_and(|k| is_of(k, provider)))
        };
        with_disk.retain(|(_, d)| keys(d));
        let uses = |object: &MoRef, e: &Encrypted| has_key(e) || with_disk.iter().any(|(o, _)| o == object);
        Ok(all
            .into_iter()
            .filter(|(object, e)| uses(object, e))
            .map(|(_, e)| crate::find::unescape(&e.name).into_owned())
            .collect())
    }

    fn manager(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().crypto_manager, "CryptoManagerKmip")
    }
}
