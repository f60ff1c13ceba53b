use crate::server::Private;
use serde_json::{Map, Value as Json};

/// The member of the private data that is ours; everything else belongs to the provider that wrote it.
const OURS: &str = "vsphere_rs";

/// What the provider keeps beside a state. The bytes of another provider are kept as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrivateData {
    bytes: Private,
    ours: Map<String, Json>,
    dirty: bool,
}

impl PrivateData {
    /// From the bytes that Terraform kept.
    pub(crate) fn new(bytes: Private) -> Self {
        let ours = match serde_json::from_slice::<Json>(&bytes) {
            Ok(Json::Object(mut m)) => match m.remove(OURS) {
                Some(Json::Object(o)) => o,
                _ => Map::new(),
            },
            _ => Map::new(),
        };
        Self { bytes, ours, dirty: false }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        self.ours.get(key)
    }

    /// Keeps a value under a key; null removes it.
    pub(crate) fn set(&mut self, key: &str, value: Json) {
        if value.is_null() {
            self.dirty |= self.ours.remove(key).is_some();
        } else if self.ours.get(key) != Some(&value) {
            self.ours.insert(key.to_owned(), value);
            self.dirty = true;
        }
    }

    /// The bytes for Terraform to keep: untouched unless something was set.
    pub(crate) fn into_bytes(self) -> Private {
        if !self.dirty {
            return self.bytes;
        }
        let mut all = match serde_json::from_slice::<Json>(&self.bytes) {
            Ok(Json::Object(m)) => m,
            _ => Map::new(),
        };
        all.insert(OURS.to_owned(), Json::Object(self.ours));
        Json::Object(all).to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bytes_of_another_provider_stay_as_they_are() {
        for bytes in ["null", "", "not json", r#"{"schema_version":"1"}"#] {
            let p = PrivateData::new(bytes.into());
            assert_eq!(p.into_bytes(), bytes.as_bytes());
        }
    }

    #[test]
    fn foreign_members_are_kept() {
        let mut p = PrivateData::new(br#"{"schema_version":"1"}"#.to_vec());
        p.set("k", json!([1]));
        let p = PrivateData::new(p.into_bytes());
        assert_eq!(p.get("k"), Some(&json!([1])));
        assert!(String::from_utf8(p.into_bytes()).unwrap().contains("schema_version"));
    }
}
