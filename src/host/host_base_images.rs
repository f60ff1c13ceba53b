//! `data.vsphere_host_base_images`
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Lists the ESXi versions of the base images in the vSphere Lifecycle Manager depots.
///
/// Requires vSphere 7.0 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_base_images", category = "Lifecycle")]
pub struct HostBaseImagesModel {
    /// The first ESXi version in `version`, or an empty string if there are no base images.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The ESXi versions, such as `8.0.3-0.0.24022510`, in the order in which vCenter returns them.
    #[tf(computed)]
    pub version: Value<Vec<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct HostBaseImages;

type M = HostBaseImagesModel;

impl DataSource for HostBaseImages {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, _config: M) -> Result<M> {
        let versions = cx.client.api.lifecycle().base_images().await.doing("list the base images of ESXi")?;
        Ok(M { id: versions.first().cloned().unwrap_or_default().into(), version: versions.into() })
    }
}
