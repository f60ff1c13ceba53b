//! `data.vsphere_folder`
use crate::common::lookup;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Finds a folder by its inventory path.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_folder", category = "Inventory")]
pub struct FolderModel {
    /// The managed object ID of the folder, such as `group-v3`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The inventory path of the folder, such as `/dc1/vm/team/web`, or `/` for the root folder. A slash in a name must
    /// be written as `%2f`.
    #[tf(required)]
    pub path: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Folder;

impl DataSource for Folder {
    type Model = FolderModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let path = config.path.as_str();
        match lookup::at_path(cx.client, path).await? {
            Some(found) if &*found.ty == "Folder" => {
                Ok(FolderModel { id: found.id.to_string().into(), ..config })
            }
            Some(found) => {
                let detail = format!(
                    "At this path there is {found}. Expected the absolute path of a folder, such as /dc1/vm/team."
                );
                Err(Diagnostics::error(FolderModel::PATH, format!("{path:?} is not a folder"), detail))
            }
            None => {
                let missing = lookup::missing_part(cx.client, path).await;
                let detail = format!(
                    "{missing}Expected an absolute path: the datacenter, its folder vm, host, datastore or network, and \
                     what is below, such as /dc1/vm/team."
                );
                Err(Diagnostics::error(FolderModel::PATH, format!("There is no folder {path:?}"), detail))
            }
        }
    }
}
