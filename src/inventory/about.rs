//! `data.vsphere_about`
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Returns the version, the API and the identity of vCenter. Useful in `check` blocks and preconditions.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_about", category = "Administration")]
pub struct AboutModel {
    /// The instance UUID of the vCenter.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the product, for example `VMware vCenter Server`.
    #[tf(computed)]
    pub name: Value<String>,
    /// The name with version and build.
    #[tf(computed)]
    pub full_name: Value<String>,
    /// The version, for example `8.0.2`.
    #[tf(computed)]
    pub version: Value<String>,
    /// The build number.
    #[tf(computed)]
    pub build: Value<String>,
    /// The version of the SOAP API, for example `8.0.2.0`.
    #[tf(computed)]
    pub api_version: Value<String>,
    /// The instance UUID: no two vCenters have the same.
    #[tf(computed)]
    pub instance_uuid: Value<String>,
    /// The operating system and its architecture, for example `linux-x64`.
    #[tf(computed)]
    pub os_type: Value<String>,
    /// The id of the product line: `vpx` for a vCenter.
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
