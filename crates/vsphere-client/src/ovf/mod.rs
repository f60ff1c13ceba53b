//! OVF packages: what a server makes of one, and the import.

mod archive;
mod descriptor;
mod lease;
mod package;
mod pull;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{CreateImportSpec, ImportVApp};
use vim_types::types::{
    HttpNfcLeaseInfo, ImportSpecKind, OvfCreateImportSpecParams, OvfCreateImportSpecResult, OvfFileItem,
    VirtualMachineConfigSpec, VirtualMachineImportSpec,
};
use vim_types::xml::MoRef;

pub(crate) use archive::Input;
pub use descriptor::{DeploymentOption, Descriptor, File, Property};
pub(crate) use lease::{Lease, Upload};
pub use package::{Package, Source};
pub(crate) use package::{get, origin, shown};

use crate::client::Client;
use crate::core::backoff::Backoff;
use crate::core::upload::Meter;
use crate::error::{Error, Fault, Result};
use crate::virtual_machine::Wait;
use lease::{CLEAN_UP, total};

/// The timeout for destroying them explicitly.
const DESTROY: Duration = Duration::from_secs(60);

/// OVF packages; from [`Client::ovf`].
pub struct Ovf<'a> {
    client: &'a Client,
}

impl Client {
    /// OVF packages.
    pub fn ovf(&self) -> Ovf<'_> {
        Ovf { client: self }
    }
}

/// Where an imported virtual machine goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The folder; nothing where the pool is a vApp, which holds the machine itself.
    pub folder: Option<MoRef>,
    /// The resource pool or vApp.
    pub pool: MoRef,
    /// The host; nothing: the server picks one of the pool's.
    pub host: Option<MoRef>,
}

/// What a server makes of a package.
#[derive(Clone, Debug)]
pub struct Plan {
    spec: VirtualMachineImportSpec,
    files: Vec<OvfFileItem>,
    /// What the server has to remark.
    pub warnings: Vec<Fault>,
}

impl Plan {
    /// The virtual machine that is going to be made; it may be changed before.
    pub fn machine(&mut self) -> &mut VirtualMachineConfigSpec {
        &mut self.spec.config_spec
    }
}

/// Why there is no plan.
#[derive(Debug)]
pub enum Refused {
    /// What is wrong with the package or the parameters, and what the server remarks besides.
    Package {
        /// Each of them keeps the package from being imported.
        errors: Vec<Fault>,
        /// These alone would not.
        warnings: Vec<Fault>,
    },
    /// The call failed.
    Call(Error),
}

/// An import that failed.
#[derive(Debug)]
pub struct Interrupted {
    /// Why.
    pub error: Error,
    /// The virtual machine, where it is left behind all the same.
    pub left: Option<MoRef>,
}

impl From<Error> for Interrupted {
    fn from(error: Error) -> Self {
        Interrupted { error, left: None }
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)?;
        self.left.as_ref().map_or(Ok(()), |left| write!(f, "; {left} is left behind"))
    }
}

impl Ovf<'_> {
    /// Opens a package and reads its descriptor.
    ///
    /// # Errors
    /// [`Error::Package`] where there is none, and [`Error::Transport`] and [`Error::Tls`] of its server.
    pub async fn open(&self, source: &Source) -> Result<Package> {
        Package::open(source, &self.client.core().config).await
    }

    /// Asks the server what it makes of a package. Nothing is changed. Needs `VApp.Import` on the pool and
    /// `Datastore.AllocateSpace` on the datastore.
    ///
    /// # Errors
    /// What the server finds wrong with the package, packages of more than one machine or with packed files, and those of
    /// any call.
    pub async fn plan(
        &self,
        package: &Package,
        pool: &MoRef,
        datastore: &MoRef,
        params: OvfCreateImportSpecParams,
    ) -> std::result::Result<Plan, Refused> {
        self.plan_text(package.descriptor().text.clone(), pool, datastore, params).await
    }

    /// The same for the text of a descriptor.
    pub(crate) async fn plan_text(
        &self,
        descriptor: String,
        pool: &MoRef,
        datastore: &MoRef,
        params: OvfCreateImportSpecParams,
    ) -> std::result::Result<Plan, Refused> {
        let manager = self.client.manager(&self.client.service_content().ovf_manager, "OvfManager");
        let this = manager.map_err(Refused::Call)?;
        let request = CreateImportSpec {
            this,
            ovf_descriptor: descriptor,
            resource_pool: pool.clone(),
            datastore: datastore.clone(),
            cisp: OvfCreateImportSpecParams {
                entity_name: crate::find::wire_name(&params.entity_name),
                ..params
            },
        };
        let result = self.client.call(&request).await.map_err(Refused::Call)?;
        planned(result)
    }

    /// Imports a package: the server makes the virtual machine, takes its files, and leaves it off. Needs `VApp.Import`
    /// on the pool and the folder.
    ///
    /// When it fails, or is cancelled, the machine is removed again. Should this process end in between, the server
    /// removes it after five minutes.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `InsufficientResourcesFault`, `VmConfigFault`s, `FileFault`s,
    /// [`Error::Package`], [`Error::Upload`], [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn import(
        &self,
        package: &Package,
        plan: Plan,
        target: &Target,
        wait: Wait<'_>,
    ) -> Result<MoRef, Interrupted> {
        let upload = PackageUpload { package, meter: Arc::new(Meter::of(total(&plan.files))) };
        self.import_with(plan, upload, target, wait).await
    }

    /// The same, but the hosts read the files from the server of the package: nothing passes through this process. Needs
    /// vSphere 6.7, and `VApp.PullFromUrls` besides.
    ///
    /// # Errors
    /// As [`import`](Ovf::import); [`Error::Package`] where the hosts do not support it, the package is not at a URL, or
    /// its server refuses a file.
    pub async fn import_by_pull(
        &self,
        package: &Package,
        plan: Plan,
        target: &Target,
        wait: Wait<'_>,
    ) -> Result<MoRef, Interrupted> {
        let upload = pull::Pull::new(package, wait.timeout);
        self.import_with(plan, upload, target, wait).await
    }

    /// The same, with files that are made for it.
    pub(crate) async fn import_with(
        &self,
        plan: Plan,
        mut upload: impl Upload,
        target: &Target,
        wait: Wait<'_>,
    ) -> Result<MoRef, Interrupted> {
        let _writing = self.client.core().inventory.writing();
        let request = ImportVApp {
            this: target.pool.clone(),
            spec: ImportSpecKind::VirtualMachineImportSpec(Box::new(plan.spec)),
            folder: target.folder.clone(),
            host: target.host.clone(),
        };
        let object = self.client.call(&request).await?;
        let lease = Lease { client: self.client, object };
        let mut made = None;
        let work = async {
            let info = lease.ready().await?;
            made = Some(info.entity.clone());
            let meter = upload.meter();
            tokio::select! {
                sent = upload.send(&lease, &plan.files, &info) => sent?,
                lost = lease.keep_alive(&meter, wait.progress) => return Err(lost),
            }
            lease.complete().await?;
            (wait.progress)(100);
            Ok(info.entity)
        };
        match wait.limit("the import of the package", work).await {
            Ok(entity) => Ok(entity),
            Err(error) => {
                upload.stop(&lease).await;
                Err(self.undo(&lease, made, error).await)
            }
        }
    }

    /// Aborts the lease, and sees to it that nothing is left.
    async fn undo(&self, lease: &Lease<'_>, made: Option<MoRef>, error: Error) -> Interrupted {
        if let Err(refused) = lease.abort(&error).await {
            tracing::debug!(error = %refused, "the lease of an import was not aborted");
        }
        let Some(made) = made else { return error.into() };
        let until = tokio::time::Instant::now() + CLEAN_UP;
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(1)).until(until);
        loop {
            match self.client.entities().get(&made).await {
                Err(e) if e.is_not_found() => return error.into(),
                _ if backoff.wait().await => {}
                _ => break,
            }
        }
        // The lease could no longer be aborted. Nothing else removes the object that it has created.
        match self.client.entities().destroy(&made, DESTROY, &CancellationToken::new()).await {
            Ok(()) => error.into(),
            Err(e) if e.is_not_found() => error.into(),
            Err(_) => Interrupted { error, left: Some(made) },
        }
    }
}

struct PackageUpload<'p> {
    package: &'p Package,
    meter: Arc<Meter>,
}

impl Upload for PackageUpload<'_> {
    fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    async fn send(
        &mut self,
        lease: &Lease<'_>,
        wanted: &[OvfFileItem],
        info: &HttpNfcLeaseInfo,
    ) -> Result<()> {
        let mut files = self.package.files(wanted.to_vec());
        while let Some((item, size)) = files.next().await? {
            lease.send(&mut files, &item, size, info, &self.meter).await?;
        }
        Ok(())
    }
}

fn planned(result: OvfCreateImportSpecResult) -> std::result::Result<Plan, Refused> {
    let faults = |of: Vec<_>| of.into_iter().map(Fault::from).collect::<Vec<_>>();
    let (errors, warnings) = (faults(result.error), faults(result.warning));
    if !errors.is_empty() {
        return Err(Refused::Package { errors, warnings });
    }
    let refused = |why: String| Refused::Call(Error::Package(why));
    let spec = match result.import_spec.map(|s| *s) {
        Some(ImportSpecKind::VirtualMachineImportSpec(spec)) => *spec,
        Some(_) => {
            return Err(refused("the package holds a vApp of several machines, not one machine".to_owned()));
        }
        None => {
            return Err(refused("the server makes nothing of the package, and does not say why".to_owned()));
        }
    };
    for file in &result.file_item {
        let packed = file.compression_method.as_deref().is_some_and(|m| !matches!(m, "" | "identity"));
        if packed || file.chunk_size.is_some_and(|s| s > 0) {
            return Err(refused(format!(
                "the file {} of the package is compressed or in pieces; a stream-optimized VMDK is small as it is",
                file.path
            )));
        }
    }
    Ok(Plan { spec, files: result.file_item, warnings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::xml::{Dyn, LocalizedFault};

    fn result() -> OvfCreateImportSpecResult {
        OvfCreateImportSpecResult {
            import_spec: Some(Box::new(ImportSpecKind::VirtualMachineImportSpec(Box::default()))),
            ..Default::default()
        }
    }

    #[test]
    fn what_keeps_a_package_from_being_imported() {
        let fault = |name: &str| LocalizedFault { name: name.into(), ..Default::default() };
        let file = |method: Option<&str>, chunk_size| OvfFileItem {
            compression_method: method.map(str::to_owned),
            chunk_size,
            ..Default::default()
        };
        let warned = OvfCreateImportSpecResult { warning: vec![fault("OvfNoHostNic")], ..result() };
        assert_eq!(planned(warned.clone()).map(|p| p.warnings.len()).ok(), Some(1));
        let failed = OvfCreateImportSpecResult { error: vec![fault("OvfInvalidPackage")], ..warned };
        assert!(matches!(planned(failed), Err(Refused::Package { errors, warnings })
            if errors[0].name == "OvfInvalidPackage" && warnings.len() == 1));
        let vapp = ImportSpecKind::Unknown(Box::<Dyn>::default());
        for (bad, said) in [
            (OvfCreateImportSpecResult { import_spec: None, ..result() }, "makes nothing"),
            (OvfCreateImportSpecResult { import_spec: Some(Box::new(vapp)), ..result() }, "vApp"),
            (
                OvfCreateImportSpecResult { file_item: vec![file(Some("gzip"), None)], ..result() },
                "compressed",
            ),
            (OvfCreateImportSpecResult { file_item: vec![file(None, Some(1))], ..result() }, "pieces"),
        ] {
            assert!(matches!(planned(bad), Err(Refused::Call(Error::Package(text))) if text.contains(said)));
        }
        let plain =
            OvfCreateImportSpecResult { file_item: vec![file(Some("identity"), Some(0))], ..result() };
        assert!(planned(plain).is_ok());
    }
}
