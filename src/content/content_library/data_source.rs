//! `data.vsphere_content_library`
use crate::content::libraries::libraries_named;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a content library by its name.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_content_library", category = "Content Library")]
pub struct ContentLibraryData {
    /// The ID of the content library, a UUID, for use as a `library_id`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the content library, which is case-sensitive. If several content libraries match, the first is
    /// returned, with a warning.
    #[tf(required)]
    pub name: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ContentLibrary;

type M = ContentLibraryData;

impl DataSource for ContentLibrary {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let mut found = libraries_named(cx.client, config.name.as_str(), M::NAME).await?;
        if found.len() > 1 {
            let ids: Vec<&str> = found.iter().map(|l| l.id.as_str()).collect();
            let detail = format!(
                "The first one is taken. Their IDs are {}. Rename one of them, or set `library_id` to an ID.",
                ids.join(", ")
            );
            let summary =
                format!("{} content libraries have the name {:?}", found.len(), config.name.as_str());
            cx.warn(M::NAME, summary, detail);
        }
        let id = found.remove(0).id.clone();
        Ok(M { id: id.into(), ..config })
    }
}
