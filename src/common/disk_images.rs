//! Disk images of a configuration: a file or a URL, its checksum and its format.
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use std::path::PathBuf;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Result, Value};
use vsphere_client::Error;
use vsphere_client::disk_image::{self as client, Checksum, Format, Image};
use vsphere_client::virtual_disk::Provisioning;
use vsphere_client::virtual_machine::Wait;

/// The provisioning type of a disk for which none is declared.
pub(crate) const THIN: &str = "thin";

fn is_url(text: &str) -> bool {
    text.contains("://")
}

/// A check for the path or URL of an image. A URL may hold a password, so it is not shown.
pub(crate) fn source(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let lower = text.to_ascii_lowercase();
    if text.trim().is_empty() {
        return Err("It is empty. Expected the path of a file, or a URL.".to_owned());
    }
    if is_url(&lower) && !lower.starts_with("https://") && !lower.starts_with("http://") {
        return Err(
            "Expected a URL that begins with \"https://\" or \"http://\", or the path of a file.".to_owned()
        );
    }
    Ok(())
}

/// A check for a checksum.
pub(crate) fn checksum(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let expected = "Expected \"sha1\", \"sha256\", \"sha384\" or \"sha512\", a colon and hexadecimal digits.";
    Checksum::parse(text).map(drop).map_err(|wrong| format!("{text:?} {wrong}. {expected}"))
}

/// Upper and lower case are the same.
pub(crate) fn same_checksum(a: &Dynamic, b: &Dynamic) -> bool {
    let text = |v: &Dynamic| v.as_str().map(str::to_ascii_lowercase);
    text(a).is_some() && text(a) == text(b)
}

/// How the space of a disk is allocated, by the name of its provisioning type.
pub(crate) fn provisioning(name: &Value<String>) -> Provisioning {
    match name.as_str() {
        "lazy" => Provisioning::Lazy,
        "eagerZeroedThick" => Provisioning::Eager,
        _ => Provisioning::Thin,
    }
}

/// A disk of so many GiB cannot be smaller than its image, in bytes. `at` is the attribute of the size. Pure.
pub(crate) fn fits(capacity: u64, gib: Option<i64>, at: impl Into<AttributePath>) -> Diagnostics {
    let needed = capacity.div_ceil(1 << 30);
    match gib {
        Some(size) if u64::try_from(size).unwrap_or_default() < needed => {
            let detail =
                format!("The image is for a disk of {capacity} bytes. `size` must be at least {needed}.");
            Diagnostics::error(at, "The disk is smaller than the image", detail)
        }
        _ => Diagnostics::default(),
    }
}

/// Where an image comes from.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// The path of a file, or a URL.
    pub(crate) source: &'a Value<String>,
    /// The checksum, if any.
    pub(crate) checksum: &'a Value<String>,
    /// The format; null or unknown: it is detected.
    pub(crate) format: &'a Value<String>,
    /// Whether the certificate of the server is not verified.
    pub(crate) unverified: bool,
    /// The attribute of the path or URL.
    pub(crate) at: AttributePath,
}

impl Source<'_> {
    fn wanted_format(&self) -> Option<Format> {
        Format::named(self.format.as_str())
    }

    /// The file; nothing for a URL.
    fn local(&self) -> Option<PathBuf> {
        self.source.known().filter(|s| !is_url(s)).map(PathBuf::from)
    }

    /// Checks an image that exists at the time of the plan, and its capacity; of a large image, only the header is read.
    pub(crate) async fn look(&self, fits: impl Fn(u64) -> Diagnostics) -> Diagnostics {
        let Some(path) = self.local() else { return Diagnostics::default() };
        if !path.exists() {
            let detail = format!("There is no file {path:?} now. It must exist when the plan is applied.");
            return Diagnostics::warning(self.at.clone(), "The image does not exist yet", detail);
        }
        match Image::local(&path, self.wanted_format()).await {
            Ok(image) => fits(image.capacity()),
            Err(e) => Diagnostics::error(self.at.clone(), "Unable to read the disk image", in_words(&e)),
        }
    }

    /// Opens the image, and verifies its checksum.
    ///
    /// # Errors
    /// Why it cannot be read, at its attribute.
    pub(crate) async fn open(&self, vsphere: &Vsphere, wait: &Wait<'_>) -> Result<Image> {
        let source = match self.local() {
            Some(path) => client::Source::File(path),
            None => client::Source::Url { url: self.source.as_str().to_owned(), unverified: self.unverified },
        };
        let checksum = self.checksum.known().and_then(|c| Checksum::parse(c).ok());
        let images = vsphere.api.disk_images();
        match images.open(&source, checksum.as_ref(), self.wanted_format(), wait).await {
            Ok(image) => Ok(image),
            Err(e @ (Error::Cancelled | Error::Timeout { .. })) => Err(e).doing("read the disk image"),
            Err(e) => {
                let mut detail = in_words(&e);
                if matches!(e, Error::Tls { .. }) {
                    detail +=
                        "\n`allow_unverified_ssl_cert = true` skips the verification of its certificate.";
                }
                Err(Diagnostics::error(self.at.clone(), "Unable to read the disk image", detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_urls_of_images_are_checked() {
        for (text, ok) in [
            ("images/a.qcow2", true),
            ("https://h.example/a.img", true),
            ("HTTP://h.example/a.img", true),
            ("ftp://u:hunter2@h.example/a.img", false),
            (" ", false),
        ] {
            let checked = source(&text.into());
            assert_eq!(checked.is_ok(), ok, "{text}");
            assert!(!checked.is_err_and(|e| e.contains("hunter2")));
        }
        assert!(checksum(&"sha256:12".into()).is_err_and(|e| e.contains("64 hexadecimal digits of sha256")));
        assert!(same_checksum(&"sha1:AB".into(), &"SHA1:ab".into()));
    }
}
