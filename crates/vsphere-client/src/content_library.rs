//! Content libraries (REST).

use serde::Deserialize;

use crate::client::Client;
use crate::core::rest::Call;
use crate::error::Result;

/// An item of a content library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LibraryItem {
    /// Its id, which has the form of a UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type: `ovf`, `vm-template`, `iso`, ….
    #[serde(rename = "type")]
    pub ty: String,
    /// The id of the library that holds it.
    pub library_id: String,
}

/// Content libraries; from [`Client::content_libraries`].
pub struct ContentLibraries<'a> {
    client: &'a Client,
}

impl Client {
    /// Content libraries.
    pub fn content_libraries(&self) -> ContentLibraries<'_> {
        ContentLibraries { client: self }
    }
}

impl ContentLibraries<'_> {
    /// The item of that id.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with 404 when there is none
    /// ([`Error::is_not_found`](crate::Error::is_not_found)).
    pub async fn item(&self, id: &str) -> Result<LibraryItem> {
        self.client.core().rest(Call::get("content/library/item").id(id)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_read_whatever_else_it_says() {
        let text = r#"{"id":"1","name":"ubuntu","type":"ovf","library_id":"2","cached":true,"size":7}"#;
        let item: LibraryItem = serde_json::from_str(text).unwrap_or_default();
        assert_eq!((item.name.as_str(), item.ty.as_str()), ("ubuntu", "ovf"));
    }
}
