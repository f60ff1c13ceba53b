//! Paths on datastores: `[datastore] folder/file.vmdk`.

use std::fmt;
use std::str::FromStr;

/// A path on a datastore.
///
/// ```
/// use vsphere_client::device::DatastorePath;
/// let path: DatastorePath = "[LocalDS_0] web/web_1.vmdk".parse().unwrap();
/// assert_eq!((path.datastore.as_str(), path.folder(), path.file()), ("LocalDS_0", "web", "web_1.vmdk"));
/// assert_eq!(path.to_string(), "[LocalDS_0] web/web_1.vmdk");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatastorePath {
    /// The name of the datastore.
    pub datastore: String,
    /// The path on it, without a leading slash; empty for the datastore itself.
    pub path: String,
}

impl DatastorePath {
    /// A path on a datastore.
    pub fn new(datastore: impl Into<String>, path: impl Into<String>) -> Self {
        let path: String = path.into();
        DatastorePath { datastore: datastore.into(), path: path.trim_start_matches('/').to_owned() }
    }

    /// The folder that holds the file; empty at the top of the datastore.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, file)| file)
    }
}

impl fmt::Display for DatastorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.datastore)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, " {}", self.path) }
    }
}

/// A text that is not a datastore path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotADatastorePath(String);

impl fmt::Display for NotADatastorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not [datastore] path", self.0)
    }
}

impl std::error::Error for NotADatastorePath {}

impl FromStr for DatastorePath {
    type Err = NotADatastorePath;

    fn from_str(text: &str) -> Result<Self, NotADatastorePath> {
        let bad = || NotADatastorePath(text.to_owned());
        let rest = text.trim_start().strip_prefix('[').ok_or_else(bad)?;
        // Names of datastores hold no closing bracket; names of files may.
        let (datastore, path) = rest.split_once(']').ok_or_else(bad)?;
        if datastore.is_empty() {
            return Err(bad());
        }
        Ok(DatastorePath::new(datastore, path.trim_start()))
    }
}
