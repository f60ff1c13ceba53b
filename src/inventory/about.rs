//! `data.vsphere_about`
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Returns the product name, version and instance UUID of vCenter. Useful in `check` blocks and preconditions.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_about", category = "Administration")]
pub struct AboutModel {
    /// The instance UUID of vCenter.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the product, such as `VMware vCenter Server`.
    #[tf(computed)]
    pub name: Value<String>,
    /// The full name of the product, including its version and build number.
    #[tf(computed)]
    pub full_name: Value<String>,
    /// The version of the product, such as `8.0.2`.
    #[tf(computed)]
    pub version: Value<String>,
    /// The build number of the product.
    #[tf(computed)]
    pub build: Value<String>,
    /// The version of the vSphere Web Services API (SOAP), such as `8.0.2.0`.
    #[tf(computed)]
    pub api_version: Value<String>,
    /// The instance UUID of vCenter, which is unique to each vCenter.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The operating system and architecture of vCenter, such as `linux-x64`.
    #[tf(computed)]
    pub os_type: Value<String>,
    /// The ID of the product line, which is `vpx` for vCenter.
    #[tf(computed)]
    pub product_line: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct About;

impl DataSource for About {
    type Model = AboutModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, _config: AboutModel) -> Result<AboutModel> {
        let about = cx.client.api.about();
        Ok(AboutModel {
            id: about.instance_uuid.clone().into(),
            name: about.name.clone().into(),
            full_name: about.full_name.clone().into(),
            version: about.version.clone().into(),
            build: about.build.clone().into(),
            api_version: about.api_version.clone().into(),
            instance_uuid: about.instance_uuid.clone().into(),
            os_type: about.os_type.clone().into(),
            product_line: about.product_line_id.clone().into(),
        })
    }
}
