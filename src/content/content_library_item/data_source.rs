//! `data.vsphere_content_library_item`
use crate::content::libraries::{item_named, library_id, library_of};
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds an item of a content library by its name.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_content_library_item", category = "Content Library")]
pub struct ContentLibraryItemData {
    /// The ID of the item, a UUID.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the item. If no name matches exactly, the comparison ignores case.
    #[tf(required)]
    pub name: Value<String>,
    /// The ID of the content library.
    #[tf(required, form = library_id)]
    pub library_id: Value<String>,
    /// The type of the item: `ovf`, `vm-template`, `iso` or another type. It is not used to find the item. The state
    /// contains the actual type, and a different type in the configuration results in a warning.
    #[tf(required)]
    pub r#type: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ContentLibraryItem;

type M = ContentLibraryItemData;

impl DataSource for ContentLibraryItem {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let library = library_of(cx.client, config.library_id.as_str(), M::LIBRARY_ID).await?;
        let item = item_named(cx.client, &library, config.name.as_str(), M::NAME).await?;
        if item.ty != config.r#type.as_str() {
            let detail =
                format!("The type of the item {:?} is {:?}. Set `type = {:?}`.", item.name, item.ty, item.ty);
            cx.warn(M::TYPE, "The item has another type", detail);
        }
        Ok(M { id: item.id.clone().into(), r#type: item.ty.clone().into(), ..config })
    }
}
