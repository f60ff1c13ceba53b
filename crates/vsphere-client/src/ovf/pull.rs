//! Imports whose files the hosts read by themselves: the pull mode of a lease.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::CancelTask;
use vim_types::types::{HttpNfcLeaseInfo, HttpNfcLeaseSourceFile, OvfFileItem};
use vim_types::xml::MoRef;

use super::lease::{CLEAN_UP, Lease, Upload, device};
use super::package::{Package, shown};
use crate::core::upload::Meter;
use crate::error::{Error, FaultKind, Result};

/// The files of a package, on their way to the hosts.
pub(super) struct Pull<'p> {
    package: &'p Package,
    meter: Arc<Meter>,
    timeout: Duration,
    /// The task, until it has ended.
    task: Option<MoRef>,
}

impl<'p> Pull<'p> {
    pub(super) fn new(package: &'p Package, timeout: Duration) -> Self {
        // The task reports per cent.
        Pull { package, meter: Arc::new(Meter::of(100)), timeout, task: None }
    }
}

impl Upload for Pull<'_> {
    fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    async fn send(
        &mut self,
        lease: &Lease<'_>,
        wanted: &[OvfFileItem],
        info: &HttpNfcLeaseInfo,
    ) -> Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        if !lease.can_pull().await? {
            let text =
                "the hosts cannot pull the files of the package from a server; that requires vSphere 6.7";
            return Err(Error::Package(text.to_owned()));
        }
        for item in wanted {
            device(info, item)?;
        }
        let files = self.package.remote_files(lease.client, wanted).await?;
        let names = named(&files);
        let task = lease.pull(files).await.map_err(|e| blamed(e, &names))?;
        self.task = Some(task.clone());
        // An interrupt ends the import as a whole, and this with it: see `stop`.
        let (never, meter) = (CancellationToken::new(), &self.meter);
        let report = |percent: i32| meter.reach(u64::try_from(percent).unwrap_or_default());
        let done = lease.client.tasks().wait_with(&task, self.timeout, &never, report).await;
        if !matches!(done, Err(Error::Timeout { .. })) {
            self.task = None;
        }
        done.map(drop).map_err(|e| blamed(e, &names))
    }

    async fn stop(&self, lease: &Lease<'_>) {
        let Some(task) = &self.task else { return };
        let cancel = CancelTask { this: task.clone() };
        match tokio::time::timeout(CLEAN_UP, lease.client.call(&cancel)).await {
            Ok(Ok(())) => {}
            // The end of the lease ends it as well.
            Ok(Err(error)) => tracing::debug!(%error, "the transfer of an import was not cancelled"),
            Err(_) => tracing::debug!("the transfer of an import was not cancelled in time"),
        }
    }
}

/// What is pulled, for messages.
fn named(files: &[HttpNfcLeaseSourceFile]) -> String {
    let name = |file: &HttpNfcLeaseSourceFile| {
        let url = reqwest::Url::parse(&file.url).map_or_else(|_| "?".to_owned(), |u| shown(&u));
        match &file.member_name {
            Some(member) => format!("{member} in {url}"),
            None => url,
        }
    };
    files.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// What a host says of the server of the files, about the files: the fault does not say which. Other errors stay.
fn blamed(error: Error, names: &str) -> Error {
    let Some(fault) = error.fault() else { return error };
    let why = match &fault.kind {
        FaultKind::SslVerify { thumbprint } => {
            let other = thumbprint.as_ref().map(|t| format!(": its thumbprint is {t}")).unwrap_or_default();
            format!("the certificate of the server is not the one that was verified before{other}")
        }
        FaultKind::Other if fault.name == "HttpFault" => {
            let text = |field: &str| fault.detail.text_of(field).unwrap_or_default().trim().to_owned();
            format!("the server answers HTTP {} {}", text("statusCode"), text("statusMessage"))
                .trim()
                .to_owned()
        }
        _ => return error,
    };
    Error::Package(format!("the hosts cannot pull {names}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;
    use vim_types::xml::Dyn;

    #[test]
    fn a_refused_file_is_named_without_secrets() {
        let file = |url: &str, member: Option<&str>| HttpNfcLeaseSourceFile {
            url: url.to_owned(),
            member_name: member.map(str::to_owned),
            ..Default::default()
        };
        let names = named(&[
            file("https://h.example/a.ova?token=hunter2", Some("d.vmdk")),
            file("https://h.example/b.vmdk", None),
        ]);
        assert_eq!(names, "d.vmdk in https://h.example/a.ova, https://h.example/b.vmdk");
        let fault = |name: &str, fields: &[(&str, &str)]| {
            let child = |(name, text): &(&str, &str)| Dyn {
                name: (*name).into(),
                text: (*text).to_owned(),
                ..Default::default()
            };
            let detail = Dyn { children: fields.iter().map(child).collect(), ..Default::default() };
            let fault = Box::new(Fault::new(name, "", detail));
            blamed(Error::Fault { method: "HttpNfcLeasePullFromUrls_Task", fault }, &names)
        };
        let http = fault("HttpFault", &[("statusCode", "404"), ("statusMessage", "Not Found")]);
        assert!(
            matches!(&http, Error::Package(text)
            if text.contains(&names) && text.ends_with("answers HTTP 404 Not Found")),
            "{http:?}"
        );
        let tls = fault("SSLVerifyFault", &[("thumbprint", "AA:BB")]);
        assert!(matches!(&tls, Error::Package(text) if text.ends_with("thumbprint is AA:BB")), "{tls:?}");
        assert!(matches!(fault("FileFault", &[]), Error::Fault { .. }));
        assert!(matches!(blamed(Error::Cancelled, &names), Error::Cancelled));
    }
}
