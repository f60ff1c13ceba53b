//! Where a package is, and its files one after another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use bytes::Bytes;
use reqwest::Url;
use vim_types::types::{HttpNfcLeaseSourceFile, KeyValue, OvfFileItem};

use super::archive::{Archive, Input, is_archive};
use super::descriptor::Descriptor;
use crate::client::Client;
use crate::core::config::{Config, Tls};
use crate::core::http::{Peer, host_of};
use crate::core::upload::Chunks;
use crate::error::{Error, Result};

/// How long a descriptor may be.
const LONGEST: u64 = 64 << 20;

/// Where a package comes from: an OVF descriptor with its files beside it, or an OVA, which holds them all. Which of the
/// two it is, is seen by what is in it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A server.
    Url {
        /// Where: `https` or `http`, with user and password if the server asks for them.
        url: String,
        /// Whether the certificate of the server is not checked.
        unverified: bool,
    },
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) => f.debug_tuple("File").field(path).finish(),
            Source::Url { url, unverified } => {
                let url = Url::parse(url).map_or_else(|_| "?".to_owned(), |u| shown(&u));
                f.debug_struct("Url").field("url", &url).field("unverified", unverified).finish()
            }
        }
    }
}

/// A package whose descriptor is read.
pub struct Package {
    place: Place,
    archive: bool,
    descriptor: Descriptor,
    /// What is trusted, and what this client calls itself, where a file of the package is on a server of its own.
    abroad: Option<(Tls, String)>,
    /// Whether the certificate of its server is not checked.
    unverified: bool,
}

enum Place {
    File(PathBuf),
    Url(Peer, Url),
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Package").field("place", &self.place.name()).finish_non_exhaustive()
    }
}

/// A URL without what may be secret: user, password, query.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

impl Place {
    fn name(&self) -> String {
        match self {
            Place::File(path) => path.display().to_string(),
            Place::Url(_, url) => shown(url),
        }
    }

    async fn open(&self) -> Result<(Input, Option<u64>)> {
        match self {
            Place::File(path) => Input::file(path).await.map(|(input, size)| (input, Some(size))),
            Place::Url(peer, url) => get(peer, url.clone()).await,
        }
    }

    /// A file beside it.
    async fn beside(&self, href: &str) -> Result<(Input, Option<u64>)> {
        match self {
            Place::File(path) => {
                let folder = path.parent().unwrap_or(Path::new("."));
                // The name is a URL, and some writers take it for a name.
                let plain = folder.join(href);
                let is_there = tokio::fs::try_exists(&plain).await.unwrap_or_default();
                let path = if is_there { plain } else { folder.join(decoded(href)) };
                Input::file(&path).await.map(|(input, size)| (input, Some(size)))
            }
            Place::Url(peer, url) => {
                let beside = url.join(href).map_err(|e| Error::Package(format!("the file {href:?}: {e}")))?;
                get(peer, beside).await
            }
        }
    }
}

/// The server of a URL, which is that of `what`.
pub(crate) fn origin(url: &str, unverified: bool, what: &str, config: &Config) -> Result<(Peer, Url)> {
    let bad = |why: &str| Error::Package(format!("the URL of {what} is wrong: {why}"));
    let url = Url::parse(url).map_err(|e| bad(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(&format!("{:?} is neither http nor https", url.scheme())));
    }
    let ca_file = match &config.tls {
        Tls::SystemRoots { ca_file } => ca_file.clone(),
        _ => None,
    };
    let trust = if unverified { Tls::Insecure } else { Tls::SystemRoots { ca_file } };
    Ok((Peer::new(&host_of(&url), &trust, &config.user_agent)?, url))
}

/// The answer of a server with a file, and its length, where it says so.
pub(crate) async fn get(peer: &Peer, url: Url) -> Result<(Input, Option<u64>)> {
    let name = shown(&url);
    let response = peer.client.get(url).send().await.map_err(|e| refused(peer, e, &name))?;
    let status = response.status();
    if !status.is_success() {
        return Err(Error::Package(format!("{name} answers HTTP {}", status.as_u16())));
    }
    let size = response.content_length();
    Ok((Input::answer(peer.clone(), response, name), size))
}

/// A redirect that is not followed says so.
fn refused(peer: &Peer, error: reqwest::Error, name: &str) -> Error {
    if !error.is_redirect() {
        return peer.error(error);
    }
    let mut source: &dyn std::error::Error = &error;
    while let Some(next) = source.source() {
        source = next;
    }
    Error::Package(format!("{name}: {source}"))
}

/// The URL of a file that a package has on a server, which the specification allows.
fn abroad(href: &str) -> Option<Url> {
    Url::parse(href).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Refuses names that lead out of the package.
fn inside(href: &str) -> Result<()> {
    let name = decoded(href);
    let out = name.is_empty()
        || name.starts_with('/')
        || name.contains(['\\', ':', '\0'])
        || name.split('/').any(|part| part == "..");
    if out {
        return Err(Error::Package(format!("the package names a file outside of it: {href:?}")));
    }
    Ok(())
}

/// A URL without user and password, and the header that has them.
fn without_login(mut url: Url) -> (Url, Vec<KeyValue>) {
    let password = url.password().unwrap_or_default();
    if url.username().is_empty() && password.is_empty() {
        return (url, vec![]);
    }
    let login = format!("{}:{}", decoded(url.username()), decoded(password));
    let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(login));
    // It has a host, so these do not fail.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    (url, vec![KeyValue { key: "Authorization".to_owned(), value }])
}

/// Resolves `%20` and the like.
fn decoded(href: &str) -> String {
    let mut out = Vec::with_capacity(href.len());
    let mut rest = href.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|h| std::str::from_utf8(h).ok()).filter(|_| *first == b'%');
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &after[2..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| href.to_owned())
}

fn is_called(href: &str, name: &str) -> bool {
    let href = href.trim_start_matches("./");
    href == name || decoded(href) == name
}

impl Package {
    /// Opens a package and reads its descriptor.
    ///
    /// # Errors
    /// [`Error::Package`] where there is none, and [`Error::Transport`] and [`Error::Tls`] of its server.
    pub(super) async fn open(source: &Source, config: &Config) -> Result<Package> {
        let place = match source {
            Source::File(path) => Place::File(path.clone()),
            Source::Url { url, unverified } => {
                let (peer, url) = origin(url, *unverified, "the package", config)?;
                Place::Url(peer, url)
            }
        };
        let ca_file = match &config.tls {
            Tls::SystemRoots { ca_file } => ca_file.clone(),
            _ => None,
        };
        let abroad = (Tls::SystemRoots { ca_file }, config.user_agent.clone());
        let unverified = matches!(source, Source::Url { unverified: true, .. });
        Ok(Package { abroad: Some(abroad), unverified, ..Self::at(place).await? })
    }

    /// Opens a package in a file, which needs no server.
    ///
    /// # Errors
    /// [`Error::Package`] where there is none.
    pub async fn local(path: PathBuf) -> Result<Package> {
        Self::at(Place::File(path)).await
    }

    async fn at(place: Place) -> Result<Package> {
        let (mut input, _) = place.open().await?;
        let first = input.up_to(512).await?;
        let archive = is_archive(&first);
        input.unread(&first);
        let text = if archive {
            Self::descriptor_in(Archive::new(input), &place).await?
        } else {
            let text = input.up_to(LONGEST + 1).await?;
            if text.len() as u64 > LONGEST {
                return Err(Error::Package(format!("{} is neither an OVF nor an OVA", place.name())));
            }
            text.into()
        };
        let descriptor = Descriptor::parse(text).map_err(|e| match e {
            Error::Package(why) => Error::Package(format!("{}: {why}", place.name())),
            other => other,
        })?;
        for file in descriptor.files.iter().filter(|f| abroad(&f.href).is_none()) {
            inside(&file.href)?;
        }
        Ok(Package { place, archive, descriptor, abroad: None, unverified: false })
    }

    async fn descriptor_in(mut archive: Archive, place: &Place) -> Result<Vec<u8>> {
        while let Some(entry) = archive.next().await? {
            if !entry.name.to_ascii_lowercase().ends_with(".ovf") {
                continue;
            }
            if entry.size > LONGEST {
                return Err(Error::Package(format!("the descriptor in {} is too large", place.name())));
            }
            let mut text = Vec::new();
            while let Some(chunk) = archive.chunk().await? {
                text.extend_from_slice(&chunk);
            }
            return Ok(text);
        }
        Err(Error::Package(format!("there is no OVF descriptor in the archive {}", place.name())))
    }

    /// What the package says of itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The name of the descriptor, as a file by itself.
    pub(crate) fn descriptor_name(&self) -> String {
        let path = match &self.place {
            Place::File(path) => path.to_string_lossy().into_owned(),
            Place::Url(_, url) => decoded(url.path()),
        };
        let name = path.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or_default();
        let stem = match name.rsplit_once('.') {
            Some((stem, end)) if ["ovf", "ova"].iter().any(|e| end.eq_ignore_ascii_case(e)) => stem,
            _ => name,
        };
        format!("{}.ovf", if stem.is_empty() { "package" } else { stem })
    }

    /// All files of the package beside its descriptor, each once, in the order in which they are come upon.
    ///
    /// # Errors
    /// [`Error::Package`] where one of them is on a server of its own.
    pub(crate) fn all_files(&self) -> Result<Files<'_>> {
        let mut names: Vec<&str> = vec![];
        for file in &self.descriptor.files {
            if let Some(url) = abroad(&file.href) {
                let text = format!("the package names a file on another server: {}", shown(&url));
                return Err(Error::Package(text));
            }
            if !names.contains(&file.href.as_str()) {
                names.push(&file.href);
            }
        }
        let item = |name: &&str| OvfFileItem { path: (*name).to_owned(), ..Default::default() };
        Ok(self.files(names.iter().map(item).collect()))
    }

    /// Where hosts find the files that a server wants, with the thumbprints of the certificates there: a host has no
    /// authorities to verify one, so that is done here. User and password of a URL become a header.
    ///
    /// # Errors
    /// [`Error::Package`] of a package that is not on a server, and as
    /// [`Client::certificate_thumbprint`](crate::Client::certificate_thumbprint).
    pub(super) async fn remote_files(
        &self,
        client: &Client,
        wanted: &[OvfFileItem],
    ) -> Result<Vec<HttpNfcLeaseSourceFile>> {
        let Place::Url(_, own) = &self.place else {
            return Err(Error::Package("hosts can only pull a package that is at a URL".to_owned()));
        };
        let (mut thumbprints, mut out) = (BTreeMap::new(), vec![]);
        for item in wanted {
            let elsewhere = abroad(&item.path);
            let verify = elsewhere.is_some() || !self.unverified;
            let (url, member_name) = self.remote(own, elsewhere, &item.path)?;
            let (url, http_headers) = without_login(url);
            let ssl_thumbprint = if url.scheme() == "https" {
                let host = url.host_str().unwrap_or_default().to_owned();
                let port = url.port_or_known_default().unwrap_or(443);
                let server = (host.clone(), port, verify);
                if !thumbprints.contains_key(&server) {
                    let thumbprint = client.certificate_thumbprint(&host, port, verify).await?;
                    thumbprints.insert(server.clone(), thumbprint);
                }
                thumbprints.get(&server).cloned()
            } else {
                None
            };
            out.push(HttpNfcLeaseSourceFile {
                target_device_id: item.device_id.clone(),
                url: url.into(),
                member_name,
                create: item.create,
                ssl_thumbprint,
                http_headers,
                size: item.size,
                ..Default::default()
            });
        }
        Ok(out)
    }

    /// The URL of a file, and its name in the archive that the URL is of.
    fn remote(&self, own: &Url, elsewhere: Option<Url>, path: &str) -> Result<(Url, Option<String>)> {
        if let Some(url) = elsewhere {
            return Ok((url, None));
        }
        inside(path)?;
        if self.archive {
            return Ok((own.clone(), Some(decoded(path))));
        }
        let beside = own.join(path).map_err(|e| Error::Package(format!("the file {path:?}: {e}")))?;
        Ok((beside, None))
    }

    /// The files that a server wants, in the order in which they are come upon.
    pub(super) fn files(&self, wanted: Vec<OvfFileItem>) -> Files<'_> {
        Files { package: self, wanted, current: None, found: false }
    }
}

/// The files of a package, one after another.
pub(crate) struct Files<'p> {
    package: &'p Package,
    wanted: Vec<OvfFileItem>,
    current: Option<Current>,
    /// Whether this passage through the archive has found something.
    found: bool,
}

enum Current {
    Single(Input),
    Archive(Archive),
}

impl Chunks for Files<'_> {
    fn next_chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send {
        self.chunk()
    }
}

impl Files<'_> {
    /// The next file, and its size where it is known.
    pub(crate) async fn next(&mut self) -> Result<Option<(OvfFileItem, Option<u64>)>> {
        if self.wanted.is_empty() {
            return Ok(None);
        }
        if let Some((at, url)) = self.wanted.iter().enumerate().find_map(|(n, w)| Some((n, abroad(&w.path)?)))
        {
            let (trust, agent) = self.package.abroad.as_ref().ok_or_else(|| {
                Error::Package(format!("the package names a file on a server: {}", shown(&url)))
            })?;
            let peer = Peer::new(&host_of(&url), trust, agent)?;
            let (input, size) = get(&peer, url).await?;
            self.current = Some(Current::Single(input));
            return Ok(Some((self.wanted.remove(at), size)));
        }
        if !self.package.archive {
            let item = self.wanted.remove(0);
            inside(&item.path)?;
            let (input, size) = self.package.place.beside(&item.path).await?;
            self.current = Some(Current::Single(input));
            return Ok(Some((item, size)));
        }
        loop {
            let archive = match &mut self.current {
                Some(Current::Archive(archive)) => archive,
                // Two disks may be made of one file: the second time it is passed, it is for the other.
                _ => {
                    let (input, _) = self.package.place.open().await?;
                    self.found = false;
                    self.current = Some(Current::Archive(Archive::new(input)));
                    continue;
                }
            };
            match archive.next().await? {
                Some(entry) => {
                    let at = self.wanted.iter().position(|w| is_called(&w.path, &entry.name));
                    if let Some(at) = at {
                        self.found = true;
                        return Ok(Some((self.wanted.remove(at), Some(entry.size))));
                    }
                }
                None if self.found => self.current = None,
                None => {
                    let names: Vec<_> = self.wanted.iter().map(|w| w.path.as_str()).collect();
                    let archive = self.package.place.name();
                    return Err(Error::Package(format!("{} is not in {archive}", names.join(", "))));
                }
            }
        }
    }

    /// What comes next of the file; nothing at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        match &mut self.current {
            Some(Current::Single(input)) => input.chunk().await,
            Some(Current::Archive(archive)) => archive.chunk().await,
            None => Ok(None),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    const OVF: &str =
        r#"<Envelope xmlns:ovf="x"><References><File ovf:href="a%20b.vmdk"/></References></Envelope>"#;

    fn config() -> Config {
        Config::new("vcenter.example.com", "u", "p".to_owned().into())
    }

    fn item(path: &str) -> OvfFileItem {
        OvfFileItem { path: path.to_owned(), ..Default::default() }
    }

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, data) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(data.len() as u64);
            builder.append_data(&mut header, name, data.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    async fn read(package: &Package, wanted: &[&str]) -> Result<Vec<(String, String)>> {
        let mut files = package.files(wanted.iter().map(|w| item(w)).collect());
        let mut out = Vec::new();
        while let Some((item, _)) = files.next().await? {
            let mut text = Vec::new();
            while let Some(chunk) = files.chunk().await? {
                text.extend_from_slice(&chunk);
            }
            out.push((item.path, String::from_utf8(text).unwrap()));
        }
        Ok(out)
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[tokio::test]
    async fn files_are_beside_the_descriptor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.ovf");
        std::fs::write(&path, OVF).unwrap();
        std::fs::write(folder.path().join("a b.vmdk"), "disk").unwrap();
        let package = Package::open(&Source::File(path), &config()).await.unwrap();
        assert_eq!(read(&package, &["a%20b.vmdk"]).await.unwrap(), pairs(&[("a%20b.vmdk", "disk")]));
        assert!(matches!(read(&package, &["c"]).await, Err(Error::Package(t)) if t.contains("cannot read")));
    }

    #[tokio::test]
    async fn an_archive_is_known_by_its_content_and_read_in_its_own_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no-extension");
        // The specification puts the descriptor first; some tools do not.
        for order in [[0, 1, 2], [1, 2, 0]] {
            let files = [("p.ovf", OVF), ("two", "2"), ("a b.vmdk", "disk")];
            std::fs::write(&path, archive(&order.map(|at| files[at]))).unwrap();
            let package = Package::open(&Source::File(path.clone()), &config()).await.unwrap();
            assert_eq!(package.descriptor().text, OVF);
            let wanted = ["a%20b.vmdk", "two", "two"];
            let expected = [("two", "2"), ("a%20b.vmdk", "disk"), ("two", "2")];
            assert_eq!(read(&package, &wanted).await.unwrap(), pairs(&expected));
            let missing = read(&package, &["two", "three"]).await;
            assert!(matches!(missing, Err(Error::Package(t)) if t.starts_with("three is not in")));
        }
        std::fs::write(&path, archive(&[("a", "b")])).unwrap();
        let none = Package::open(&Source::File(path), &config()).await;
        assert!(matches!(none, Err(Error::Package(t)) if t.starts_with("there is no OVF descriptor")));
    }

    #[tokio::test]
    async fn a_file_of_a_package_may_be_on_a_server() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/d.vmdk", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndisk").await;
        });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.ovf");
        std::fs::write(
            &path,
            format!("<Envelope><References><File href=\"{url}\"/></References></Envelope>"),
        )
        .unwrap();
        let package = Package::open(&Source::File(path), &config()).await.unwrap();
        assert_eq!(read(&package, &[&url]).await.unwrap(), pairs(&[(&url, "disk")]));
    }

    #[test]
    fn hosts_pull_files_from_where_they_are() {
        let of = |archive| Package {
            place: Place::File("x".into()),
            archive,
            descriptor: Descriptor::parse(OVF.as_bytes().to_vec()).unwrap(),
            abroad: None,
            unverified: false,
        };
        let own = Url::parse("https://me:p%40ss@h.example/p/x.ova").unwrap();
        let remote = |archive, path: &str| of(archive).remote(&own, abroad(path), path);
        let text = |(url, member): (Url, Option<String>)| (without_login(url).0.to_string(), member);
        let archived = text(remote(true, "a%20b.vmdk").unwrap());
        assert_eq!(archived, ("https://h.example/p/x.ova".to_owned(), Some("a b.vmdk".to_owned())));
        let beside = text(remote(false, "a%20b.vmdk").unwrap());
        assert_eq!(beside, ("https://h.example/p/a%20b.vmdk".to_owned(), None));
        let elsewhere = text(remote(true, "http://other.example/d").unwrap());
        assert_eq!(elsewhere, ("http://other.example/d".to_owned(), None));
        assert!(remote(true, "../d").is_err());
        let (_, headers) = without_login(own.clone());
        assert_eq!(headers[0].value, "Basic bWU6cEBzcw==");
        assert!(without_login(Url::parse("https://h/").unwrap()).1.is_empty());
    }

    #[tokio::test]
    async fn a_descriptor_has_the_name_of_its_package() {
        let folder = tempfile::tempdir().unwrap();
        for (name, expected) in
            [("web.ova", "web.ovf"), ("Web.1.OVF", "Web.1.ovf"), ("no-extension", "no-extension.ovf")]
        {
            let path = folder.path().join(name);
            std::fs::write(&path, archive(&[("p.ovf", OVF), ("a b.vmdk", "disk")])).unwrap();
            let package = Package::open(&Source::File(path), &config()).await.unwrap();
            assert_eq!(package.descriptor_name(), expected);
            let mut files = package.all_files().unwrap();
            let (first, size) = files.next().await.unwrap().unwrap();
            assert_eq!((first.path.as_str(), size), ("a%20b.vmdk", Some(4)));
            assert!(files.next().await.unwrap().is_none());
        }
    }

    #[test]
    fn names_stay_inside() {
        for bad in ["", "/etc/passwd", "../x", "a/../../x", "%2e%2e/x", "http://h/x", "C:x", "a\\b"] {
            assert!(inside(bad).is_err(), "{bad}");
        }
        for good in ["x", "a/b.vmdk", "a..b", "100%.vmdk", "a%20b"] {
            assert!(inside(good).is_ok(), "{good}");
        }
        assert_eq!(decoded("a%20b%zz%"), "a b%zz%");
    }

    #[test]
    fn secrets_of_a_url_are_not_shown() {
        let url = "https://me:hunter2@h.example:8443/a.ova?token=hunter2";
        let source = Source::Url { url: url.to_owned(), unverified: false };
        assert_eq!(shown(&Url::parse(url).unwrap()), "https://h.example:8443/a.ova");
        assert!(!format!("{source:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn a_url_that_is_none_says_so() {
        for bad in ["x", "ftp://h/x", "file:///x"] {
            let source = Source::Url { url: bad.to_owned(), unverified: false };
            assert!(matches!(Package::open(&source, &config()).await, Err(Error::Package(_))), "{bad}");
        }
    }
}
